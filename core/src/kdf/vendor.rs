//! The vault key that LogMeOnce's web client derives from a master password (docs/spec/vendor-kdf.md).
//!
//! PBKDF2 (RFC 8018 §5.2), one block of 32 bytes. The vendor publishes nothing about it: this follows public
//! analysis of the web client, so a derived key is one to try, not one to rely on.
//!
//! ```text
//! name = user name, trimmed and lower-cased as JavaScript does
//! salt = HMAC-SHA-256(key = name, message = server salt)      or the name, where the account has no server salt
//! key  = PBKDF2-HMAC-SHA-256(master password, salt, 600,000)  current profile, 100,000 to 10,000,000 iterations
//!      = PBKDF2-HMAC-SHA-1(master password, salt, 10,000)     old profile
//! ```
//!
//! A service that asks for few iterations or for the old profile would get a key that is cheap to search for (threat
//! model, Z06). So the iterations have a minimum, and the old profile is used only when a person asks for it by name.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use hmac::{Hmac, KeyInit, Mac};
use pbkdf2::pbkdf2_hmac;
use sha1::Sha1;
use sha2::Sha256;

use crate::secret::{SecretArray, SecretText};
use crate::vault_key::{KEY_LEN, VaultKey};

const DEFAULT_ITERATIONS: u32 = 600_000;
const LEAST_ITERATIONS: u32 = 100_000;
const MOST_ITERATIONS: u32 = 10_000_000;
const LEGACY_ITERATIONS: u32 = 10_000;
/// Bytes of a user name, a server salt or a master password at most.
const MOST_INPUT_LEN: usize = 4096;

/// The web client leaves the padding out; values copied from elsewhere may have it.
const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// How the vendor's web client turns a master password into a key.
///
/// ```
/// use zkvault_core::SecretText;
/// use zkvault_core::kdf::{VendorKdf, VendorKeyError};
///
/// let password = SecretText::from(String::from("Pässword 1"));
/// let kdf = VendorKdf::Current { iterations: 100_000 };
/// let key = kdf.derive_key(" Ann.Example@Example.COM\n", None, &password)?;
/// assert_eq!(key.expose_secret()[..4], [0xe3, 0x24, 0x53, 0xbe]);
/// // A service cannot ask for a weak one.
/// let weak = VendorKdf::Current { iterations: 1000 }.derive_key("ann@example.com", None, &password);
/// assert_eq!(weak, Err(VendorKeyError::Iterations(1000)));
/// # Ok::<(), VendorKeyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VendorKdf {
    /// The current profile: PBKDF2-HMAC-SHA-256 with 100,000 to 10,000,000 iterations.
    Current {
        /// How often the HMAC is applied; 600,000 unless the account says otherwise.
        iterations: u32,
    },
    /// The old profile: PBKDF2-HMAC-SHA-1 with 10,000 iterations. Only for getting at old data: a stolen
    /// ciphertext under such a key is cheap to attack.
    Legacy,
}

/// The current profile with 600,000 iterations.
impl Default for VendorKdf {
    fn default() -> Self {
        Self::Current {
            iterations: DEFAULT_ITERATIONS,
        }
    }
}

impl VendorKdf {
    /// The function's name: `pbkdf2-sha256` or `pbkdf2-sha1`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Current { .. } => "pbkdf2-sha256",
            Self::Legacy => "pbkdf2-sha1",
        }
    }

    /// How often the HMAC is applied.
    #[must_use]
    pub const fn iterations(self) -> u32 {
        match self {
            Self::Current { iterations } => iterations,
            Self::Legacy => LEGACY_ITERATIONS,
        }
    }

    /// Derives the vault key of an account.
    ///
    /// The user name is trimmed and lower-cased as JavaScript does it. The salt of PBKDF2 is
    /// `HMAC-SHA-256(key = user name, message = server salt)`, or the user name alone where the account has no
    /// server salt, which is given as base64url. The master password is used byte for byte.
    ///
    /// 600,000 iterations take a few tenths of a second.
    ///
    /// # Errors
    /// * [`VendorKeyError::Empty`] and [`VendorKeyError::TooLong`] when the user name, the server salt or the master
    ///   password has no bytes or more than 4,096.
    /// * [`VendorKeyError::ServerSalt`] when that is not base64url, padded or not.
    /// * [`VendorKeyError::Iterations`] outside of 100,000 to 10,000,000.
    ///
    /// All of that is found before any work is done.
    pub fn derive_key(
        self,
        username: &str,
        server_salt: Option<&str>,
        master_password: &SecretText,
    ) -> Result<VaultKey, VendorKeyError> {
        let password = checked("master password", master_password.expose_secret())?;
        let salt = salt(username, server_salt)?;
        if let Self::Current { iterations } = self {
            within_limits(iterations)?;
        }
        Ok(VaultKey::from_secret(self.stretch(password, &salt)))
    }

    /// Apart, so that what it leaves of the password on the stack is where [`VaultKey::from_secret`] wipes.
    #[inline(never)]
    fn stretch(self, password: &[u8], salt: &[u8]) -> SecretArray<KEY_LEN> {
        let mut key = SecretArray::zeroed();
        match self {
            Self::Current { iterations } => pbkdf2_hmac::<Sha256>(password, salt, iterations, key.expose_mut()),
            Self::Legacy => pbkdf2_hmac::<Sha1>(password, salt, LEGACY_ITERATIONS, key.expose_mut()),
        }
        key
    }
}

/// No key was derived from the master password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VendorKeyError {
    /// The iterations are below what is safe or above what is worth computing.
    #[error("PBKDF2 with {0} iterations: only {LEAST_ITERATIONS} to {MOST_ITERATIONS} are accepted")]
    Iterations(u32),
    /// The user name, the server salt or the master password is empty.
    #[error("the {0} is empty")]
    Empty(&'static str),
    /// The user name, the server salt or the master password is too long.
    #[error("the {what} has {len} bytes: at most {MOST_INPUT_LEN} are accepted")]
    TooLong {
        /// Which input.
        what: &'static str,
        /// Its bytes.
        len: usize,
    },
    /// The server salt is not canonical base64url.
    #[error("the server salt is not base64url")]
    ServerSalt,
}

fn within_limits(iterations: u32) -> Result<(), VendorKeyError> {
    if (LEAST_ITERATIONS..=MOST_ITERATIONS).contains(&iterations) {
        Ok(())
    } else {
        Err(VendorKeyError::Iterations(iterations))
    }
}

fn checked<'a>(what: &'static str, input: &'a str) -> Result<&'a [u8], VendorKeyError> {
    match input.len() {
        0 => Err(VendorKeyError::Empty(what)),
        1..=MOST_INPUT_LEN => Ok(input.as_bytes()),
        len => Err(VendorKeyError::TooLong { what, len }),
    }
}

/// Lower-casing is Unicode's full mapping in both languages. The name is checked again after trimming: one of spaces
/// alone would be empty.
fn salt(username: &str, server_salt: Option<&str>) -> Result<Vec<u8>, VendorKeyError> {
    checked("user name", username)?;
    let username = username.trim_matches(javascript_space).to_lowercase();
    let username = checked("user name", &username)?;
    let Some(server_salt) = server_salt else {
        return Ok(username.to_vec());
    };
    let server_salt = BASE64URL.decode(checked("server salt", server_salt)?);
    let server_salt = server_salt.map_err(|_| VendorKeyError::ServerSalt)?;
    // HMAC takes a key of any length, so this cannot fail.
    let mac = Hmac::<Sha256>::new_from_slice(username).map_err(|_| VendorKeyError::Empty("user name"))?;
    Ok(mac.chain_update(&server_salt).finalize().into_bytes().to_vec())
}

/// What `String.prototype.trim` removes: it differs from Rust's `trim` in two characters.
fn javascript_space(character: char) -> bool {
    match character {
        '\u{85}' => false,
        '\u{feff}' => true,
        _ => character.is_whitespace(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SALT: Option<&str> = Some("AAECAwQFBgcICQoLDA0ODw");

    fn derive(kdf: VendorKdf, username: &str, salt: Option<&str>, password: &str) -> Result<String, VendorKeyError> {
        let key = kdf.derive_key(username, salt, &SecretText::from(password.to_owned()))?;
        Ok(hex::encode(key.expose_secret()))
    }

    fn current() -> VendorKdf {
        VendorKdf::Current { iterations: 100_000 }
    }

    /// The expected keys were computed with Node's crypto module.
    #[test]
    fn node_derives_the_same_keys() {
        let cases = [
            (
                VendorKdf::default(),
                SALT,
                "d9afb781eba629d3f44f6b13f9c2b380376a3d60328f95761eba36d1e33f6d20",
            ),
            (
                current(),
                SALT,
                "0f0f30913f0010462b4538a5f20919b1b540ead25d96fd38e6787f72437b1f4a",
            ),
            (
                current(),
                None,
                "e32453be0468755e8d14208b6010648109c4637b2ad0218d47cdce4067b2354c",
            ),
            (
                VendorKdf::Legacy,
                SALT,
                "020dcb0201b55de5f125037f58f125e4c71d335f53015d722b73762ce7c99853",
            ),
            (
                VendorKdf::Legacy,
                None,
                "73b31d7c95d5f0c19d5fca6328595a0c956b42f5e55c721651f8a86e70055c36",
            ),
        ];
        for (kdf, salt, expected) in cases {
            let derived = derive(kdf, " Ann.Example@Example.COM\n", salt, "Pässword 1");
            assert_eq!(derived.unwrap(), expected, "{kdf:?} {salt:?}");
        }
    }

    #[test]
    fn user_names_are_trimmed_and_lowered_as_javascript_does() {
        let expected = "6e62d4d066b3469d0e0ab5feebf7941f77eb2203cee2ad6ba2fd3b163cb77643";
        let username = "\u{a0}\u{feff}\u{2003}ÀΣ\u{85} ";
        assert_eq!(
            derive(VendorKdf::Legacy, username, None, "Pässword 1").unwrap(),
            expected
        );
    }

    #[test]
    fn the_master_password_is_taken_byte_for_byte() {
        let plain = derive(VendorKdf::Legacy, "ann", None, "\u{e9}");
        assert_ne!(plain, derive(VendorKdf::Legacy, "ann", None, "e\u{301}"));
        assert_ne!(plain, derive(VendorKdf::Legacy, "ann", None, "\u{e9} "));
    }

    #[test]
    fn padding_of_the_server_salt_does_not_matter_and_its_spare_bits_do() {
        let bare = derive(VendorKdf::Legacy, "ann", Some("_-8"), "x").unwrap();
        assert_eq!(derive(VendorKdf::Legacy, "ann", Some("_-8="), "x").unwrap(), bare);
        for wrong in ["_-9", "_-8==", "/+8", "_-8 ", "_", "é"] {
            let error = derive(VendorKdf::Legacy, "ann", Some(wrong), "x").unwrap_err();
            assert_eq!(error, VendorKeyError::ServerSalt, "{wrong:?}");
        }
    }

    #[test]
    fn iterations_have_limits() {
        for wrong in [0, 1, 10_000, 99_999, 10_000_001, u32::MAX] {
            let kdf = VendorKdf::Current { iterations: wrong };
            assert_eq!(derive(kdf, "ann", None, "x"), Err(VendorKeyError::Iterations(wrong)));
        }
        let error = VendorKeyError::Iterations(99_999);
        insta::assert_snapshot!(error, @"PBKDF2 with 99999 iterations: only 100000 to 10000000 are accepted");
    }

    #[test]
    fn empty_and_endless_inputs_are_refused() {
        let legacy = VendorKdf::Legacy;
        let long = "x".repeat(MOST_INPUT_LEN + 1);
        let too_long = |what| Err(VendorKeyError::TooLong { what, len: 4097 });
        assert_eq!(
            derive(legacy, " \t", None, "x"),
            Err(VendorKeyError::Empty("user name"))
        );
        assert_eq!(
            derive(legacy, "ann", Some(""), "x"),
            Err(VendorKeyError::Empty("server salt"))
        );
        assert_eq!(
            derive(legacy, "ann", None, ""),
            Err(VendorKeyError::Empty("master password"))
        );
        assert_eq!(derive(legacy, &long, None, "x"), too_long("user name"));
        assert_eq!(derive(legacy, "ann", Some(&long), "x"), too_long("server salt"));
        assert_eq!(derive(legacy, "ann", None, &long), too_long("master password"));
    }
}
