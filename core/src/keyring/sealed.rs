//! The keyring file: what is in plaintext, and how the rest is bound to it.
//!
//! Everything in plaintext is in the context of what is sealed, so that changing it makes the file unreadable and
//! nothing else. Limits come first: the length of the file, then its form and version, then the parameters; only then
//! is anything derived (docs/spec/keyring.md#file).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::{Keyring, PassphraseError, contents, new_unlock_key};
use crate::cobblestone;
use crate::context::{Context, Label};
use crate::error::{DecryptError, SealError};
use crate::json::{self, Object};
use crate::kdf::{KDF_NAME, Kdf, KdfError, KdfParams, UnlockKey, UnlockKeyId};
use crate::secret::SecretText;

/// The longest keyring file that is read: 2 MiB.
///
/// Room for 1,024 keys and 32 credentials of the greatest length, in base64.
pub const MAX_KEYRING_LEN: usize = 2 * 1024 * 1024;
const FORMAT: &str = "zkvault.keyring";
const VERSION: u64 = 2;

/// A keyring file that was read but not unlocked.
///
/// What a storage or a thief sees: parameters, salt, and the length of the rest.
///
/// ```
/// use zkvault_core::SecretText;
/// use zkvault_core::kdf::KdfParams;
/// use zkvault_core::keyring::{Keyring, SaveKeyringError, SealedKeyring, UnlockKey, UnlockKeyringError};
///
/// let passphrase = SecretText::from(String::from("clamp juror onyx radiator"));
/// let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 1_700_000_000)?;
/// let sealed = SealedKeyring::parse(&keyring.to_bytes()?)?;
/// assert_eq!(sealed.params().memory_kib(), 19_456);
///
/// // An agent that kept the unlock key opens it without the passphrase.
/// assert_eq!(sealed.unlock_key_id(), keyring.unlock_key_id());
/// let kept = UnlockKey::from_slice(keyring.unlock_key().expose_secret())?;
/// let mut again = sealed.open(kept)?;
/// assert_eq!(again.serial(), 1);
/// // These parameters are below today's default: saving needs the passphrase once more.
/// assert_eq!(again.to_bytes(), Err(SaveKeyringError::ReadOnly));
///
/// let wrong = SecretText::from(String::from("clamp juror onyx radiators"));
/// assert_eq!(sealed.unlock_to_read(&wrong).err(), Some(UnlockKeyringError::Decrypt));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedKeyring {
    pub(super) kdf: Kdf,
    pub(super) message: Vec<u8>,
}

impl SealedKeyring {
    /// Reads a keyring file: the JSON object that [`Keyring::to_bytes`] writes, of at most
    /// [`MAX_KEYRING_LEN`] bytes. Derives nothing and opens nothing.
    ///
    /// # Errors
    /// * [`ReadKeyringError::TooLong`] above 2 MiB.
    /// * [`ReadKeyringError::PreRelease`] and [`ReadKeyringError::UnsupportedVersion`] by its version.
    /// * [`ReadKeyringError::Malformed`] for other members, another KDF, another salt's length, and base64 that is
    ///   not canonical.
    /// * [`ReadKeyringError::Kdf`] with [`KdfError::OutOfLimits`] for parameters that nobody should compute.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadKeyringError> {
        if bytes.len() > MAX_KEYRING_LEN {
            return Err(ReadKeyringError::TooLong { bytes: bytes.len() });
        }
        check_version(bytes)?;
        let Object(file): Object<File<'_>> =
            json::read(bytes).ok_or(ReadKeyringError::Malformed("its members are not as specified"))?;
        let kdf = file.kdf.0.parse()?;
        let message = STANDARD.decode(file.sealed);
        let message = message.map_err(|_| ReadKeyringError::Malformed("the sealed part is not canonical base64"))?;
        Ok(Self { kdf, message })
    }

    /// What the passphrase costs to try, by the file's own word: it is checked when the keyring is unlocked.
    #[must_use]
    pub fn params(&self) -> KdfParams {
        self.kdf.params
    }

    /// Whether a passphrase that opens the one opens the other, where neither was changed: it is stretched with the
    /// same salt and parameters.
    ///
    /// To try a passphrase once on many copies: each attempt costs Argon2id.
    #[must_use]
    pub fn has_same_passphrase(&self, other: &Self) -> bool {
        self.kdf == other.kdf
    }

    /// Bytes of the sealed part.
    #[must_use]
    pub fn sealed_len(&self) -> usize {
        self.message.len()
    }

    /// Opens the keyring. Takes the time and memory of [`Self::params`]; and, where these are below [today's
    /// default](KdfParams::default), also those of the default: the key under which it is saved next is derived at once,
    /// so that the passphrase need not be kept for that.
    ///
    /// # Errors
    /// * [`UnlockKeyringError::Decrypt`] for a wrong passphrase and for a changed file, which are not told apart.
    /// * [`UnlockKeyringError::Kdf`] when nothing could be derived: an empty or too long passphrase, or no memory.
    /// * [`UnlockKeyringError::Contents`] when it opened and breaks a rule of the contents.
    /// * [`UnlockKeyringError::Strengthen`] when it opened and the key for today's default could not be derived; then
    ///   [`Self::unlock_to_read`] still works.
    pub fn unlock(&self, passphrase: &SecretText) -> Result<Keyring, UnlockKeyringError> {
        let mut keyring = self.unlock_to_read(passphrase)?;
        if keyring.is_read_only {
            let params = self.kdf.params.at_least_default();
            let (kdf, unlock_key) = new_unlock_key(passphrase, params).map_err(UnlockKeyringError::Strengthen)?;
            (keyring.kdf, keyring.unlock_key, keyring.is_read_only) = (kdf, unlock_key, false);
        }
        Ok(keyring)
    }

    /// Opens the keyring to read from it. One whose parameters are below today's default cannot be saved then.
    ///
    /// # Errors
    /// As for [`Self::unlock`], but for [`UnlockKeyringError::Strengthen`].
    pub fn unlock_to_read(&self, passphrase: &SecretText) -> Result<Keyring, UnlockKeyringError> {
        self.open(self.kdf.derive(passphrase)?)
    }

    /// Which unlock key opens the file: the name of that key, which a wrong key may have as well.
    #[must_use]
    pub fn unlock_key_id(&self) -> UnlockKeyId {
        self.kdf.unlock_key_id()
    }

    /// Opens the keyring with an unlock key from an earlier [`Keyring::unlock_key`]: no passphrase, and no Argon2id. One
    /// whose parameters are below today's default can only be read then, as with [`Self::unlock_to_read`].
    ///
    /// # Errors
    /// [`UnlockKeyringError::Decrypt`] when the key is a different one, or the file was changed, and
    /// [`UnlockKeyringError::Contents`].
    pub fn open(&self, unlock_key: UnlockKey) -> Result<Keyring, UnlockKeyringError> {
        let plaintext = cobblestone::open(&unlock_key.input_key(), &context(&self.kdf), &self.message);
        let plaintext = plaintext.map_err(|DecryptError| UnlockKeyringError::Decrypt)?;
        let contents = contents::read(&plaintext).map_err(UnlockKeyringError::Contents)?;
        let is_weak = self.kdf.params.is_below_default();
        Ok(Keyring {
            kdf: self.kdf,
            unlock_key,
            is_weak,
            is_read_only: is_weak,
            contents,
        })
    }
}

/// The context of the sealed part: every field of the KDF header, so that a changed header never opens.
pub(super) fn context(kdf: &Kdf) -> Context {
    kdf.context(Label::KeyringV2)
}

/// The file around a sealed message.
pub(super) fn write(kdf: &Kdf, message: &[u8]) -> Result<Vec<u8>, SealError> {
    let salt = STANDARD.encode(kdf.salt);
    let sealed = STANDARD.encode(message);
    let file = FileRef {
        format: FORMAT,
        version: VERSION,
        kdf: Header {
            name: KDF_NAME,
            memory_kib: kdf.params.memory_kib().into(),
            iterations: kdf.params.iterations().into(),
            lanes: kdf.params.lanes().into(),
            salt: &salt,
        },
        sealed: &sealed,
    };
    // Numbers and strings into a vector: there is nothing that JSON could refuse.
    serde_json::to_vec(&file).map_err(|_| SealError::TooLong)
}

/// What every version of the file starts from.
#[derive(Deserialize)]
struct Start<'a> {
    format: &'a str,
    version: u64,
}

fn check_version(bytes: &[u8]) -> Result<(), ReadKeyringError> {
    match json::read::<Object<Start<'_>>>(bytes) {
        Some(Object(start)) if start.format != FORMAT => Err(ReadKeyringError::Malformed("it has another format")),
        Some(Object(start)) if start.version < VERSION => Err(ReadKeyringError::PreRelease),
        Some(Object(start)) if start.version > VERSION => Err(ReadKeyringError::UnsupportedVersion(start.version)),
        Some(_) => Ok(()),
        None => Err(ReadKeyringError::Malformed(
            "it is no JSON object with a format and a version",
        )),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<'a> {
    #[serde(rename = "format")]
    _format: &'a str,
    #[serde(rename = "version")]
    _version: u64,
    #[serde(borrow)]
    kdf: Object<Header<'a>>,
    sealed: &'a str,
}

#[derive(Serialize)]
struct FileRef<'a> {
    format: &'a str,
    version: u64,
    kdf: Header<'a>,
    sealed: &'a str,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header<'a> {
    name: &'a str,
    memory_kib: u64,
    iterations: u64,
    lanes: u64,
    salt: &'a str,
}

impl Header<'_> {
    fn parse(&self) -> Result<Kdf, ReadKeyringError> {
        if self.name != KDF_NAME {
            return Err(ReadKeyringError::Malformed("its KDF is not argon2id"));
        }
        let salt = STANDARD.decode(self.salt).ok();
        let salt = salt.and_then(|salt| salt.try_into().ok());
        Ok(Kdf {
            params: KdfParams::received(self.memory_kib, self.iterations, self.lanes)?,
            salt: salt.ok_or(ReadKeyringError::Malformed(
                "its salt is not 16 bytes of canonical base64",
            ))?,
        })
    }
}

/// A file is not a keyring that can be unlocked. Nothing was derived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReadKeyringError {
    /// The file is too long.
    #[error("a keyring of {bytes} bytes: at most {MAX_KEYRING_LEN} are read")]
    TooLong {
        /// Its bytes.
        bytes: usize,
    },
    /// The file is no keyring, or a damaged one.
    #[error("the file is not a keyring: {0}")]
    Malformed(&'static str),
    /// The keyring was made by a program from before the first release.
    #[error("the keyring was made by a pre-release of zkvault: make it anew")]
    PreRelease,
    /// The keyring was written by a later program.
    #[error("a keyring of version {0}: this program reads version {VERSION}")]
    UnsupportedVersion(u64),
    /// The KDF parameters are outside of what zkvault is willing to compute.
    #[error(transparent)]
    Kdf(#[from] KdfError),
}

/// A keyring stayed locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum UnlockKeyringError {
    /// The file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadKeyringError),
    /// No key can be derived from the passphrase.
    #[error(transparent)]
    Kdf(#[from] KdfError),
    /// The passphrase is wrong, or the file was changed.
    #[error("wrong passphrase, or the keyring was changed")]
    Decrypt,
    /// The keyring opened, but what is in it is not as specified.
    #[error("the keyring opened, but its contents are damaged: {0}")]
    Contents(&'static str),
    /// It opened, but there is no key to save it under with today's default.
    #[error("the keyring opened, but cannot be protected better: {0}")]
    Strengthen(#[source] PassphraseError),
}
