//! The keyring's file: read, changed by one process at a time, and written back whole.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = &folder.path().join("keyring.json");
//! use zkvault::core::SecretText;
//! use zkvault::core::kdf::KdfParams;
//! use zkvault::keyring_file::{KeyringFile, VacantKeyringFile};
//!
//! let passphrase = SecretText::from(String::from("clamp juror onyx radiator mulch vixen"));
//! # let params = KdfParams::new(19_456, 2, 1)?;
//! VacantKeyringFile::reserve(path)?.create(&passphrase, params, zkvault::time::now()?)?;
//!
//! let keyring = KeyringFile::open(path)?.unlock(&passphrase)?;
//! assert_eq!(keyring.keyring().keys().iter().count(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! The way of a change is: lock, read, compare with the file that was opened, change in memory, seal, write a new file,
//! rename. A process that is killed anywhere leaves the old file or the new one (threat model, R01;
//! `r01_a_key_rotation_that_is_killed_loses_no_key`). Two processes that change it at once do not lose a change: one of
//! them gets [`KeyringFileError::Busy`] or [`KeyringFileError::Changed`] (R03;
//! `r03_two_changes_of_a_keyring_lose_none`).
//!
//! The lock is the profile's: the file `lock` in the same folder, under which settings, recipients and containers are
//! changed too. Readers take no lock, since they see one whole file or the other. The passphrase is needed to open, not
//! to save: the key that it gave stays in the open keyring.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use zkvault_core::SecretText;
use zkvault_core::kdf::KdfParams;
use zkvault_core::keyring::{
    Keyring, MAX_KEYRING_LEN, PassphraseError, ReadKeyringError, SaveKeyringError, SealedKeyring, UnlockKey,
    UnlockKeyId, UnlockKeyringError,
};

use crate::fs::{self, Existing, FileAction, FileError, FileLock, LockHolder};

/// The file of a keyring cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringFileError {
    /// There is none.
    #[error("there is no keyring at {}", path.display())]
    Missing {
        /// Where it should be.
        path: PathBuf,
    },
    /// There is one already. A keyring is never replaced by accident.
    #[error("{} exists already", path.display())]
    Exists {
        /// Where it is.
        path: PathBuf,
    },
    /// Another process is changing the profile.
    #[error("another zkv is changing this profile")]
    Busy(#[source] Option<LockHolder>),
    /// The file is not the one that was opened.
    #[error("the keyring was changed by another zkv meanwhile")]
    Changed,
    /// It is no keyring, or one of a newer version.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        source: ReadKeyringError,
    },
    /// It did not open.
    #[error("the keyring did not open")]
    Locked(#[source] UnlockKeyringError),
    /// It was not made.
    #[error("the keyring was not made")]
    NotCreated(#[source] PassphraseError),
    /// It was not saved.
    #[error("the keyring was not saved")]
    NotSaved(#[source] SaveKeyringError),
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(KeyringFileError {
    Self::Missing { .. } => "no-keyring",
    Self::Exists { .. } => "exists",
    Self::Busy(_) | Self::Changed => "busy",
    Self::Locked(UnlockKeyringError::Decrypt) => "wrong-passphrase",
    Self::Locked(UnlockKeyringError::Contents(_)) => "keyring-damaged",
    Self::Unreadable { source: ReadKeyringError::PreRelease, .. } => "pre-release",
    Self::Unreadable { .. } | Self::Locked(_) | Self::NotCreated(_) => "keyring",
    Self::NotSaved(_) => "seal",
    ;
    Self::File(error) => inner(error),
});

type Result<T, E = KeyringFileError> = std::result::Result<T, E>;

/// A place for a new keyring, where none is; nobody else can put one there meanwhile, as long as they ask for the lock.
#[derive(Debug)]
pub struct VacantKeyringFile {
    path: PathBuf,
    _held: FileLock,
}

impl VacantKeyringFile {
    /// Takes the place, before anybody is asked for a passphrase.
    ///
    /// The folder is created where it is missing, for its owner only.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::Exists`] when there is a keyring, and [`KeyringFileError::Busy`].
    pub fn reserve(path: &Path) -> Result<Self> {
        let held = hold(path)?;
        match path.exists() {
            true => Err(exists(path)),
            false => Ok(Self {
                path: path.to_owned(),
                _held: held,
            }),
        }
    }

    /// Makes a keyring with one key, and saves it. `now` is in seconds since 1970.
    ///
    /// Takes as long as an unlock with these parameters. The passphrase must not be empty; how strong it has to be is
    /// for the caller to decide.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::NotCreated`], and what the operating system says.
    pub fn create(self, passphrase: &SecretText, params: KdfParams, now: u64) -> Result<Keyring> {
        let mut keyring = Keyring::create(passphrase, params, now).map_err(KeyringFileError::NotCreated)?;
        save(&mut keyring, &self.path, Existing::Keep)?;
        Ok(keyring)
    }
}

/// A keyring's file that is in order, as far as that shows without the passphrase.
#[derive(Debug)]
pub struct KeyringFile {
    path: PathBuf,
    /// It is sealed.
    bytes: Vec<u8>,
    sealed: SealedKeyring,
    held: Option<FileLock>,
}

impl KeyringFile {
    /// Reads the file.
    ///
    /// At most [`MAX_KEYRING_LEN`] bytes are read. The limits of its parameters are checked here, before any work is
    /// done for them (threat model, Z07).
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::Missing`], [`KeyringFileError::Unreadable`], and what the operating system says.
    pub fn open(path: &Path) -> Result<Self> {
        let bytes = read(path)?;
        let sealed = SealedKeyring::parse(&bytes).map_err(|source| KeyringFileError::Unreadable {
            path: path.to_owned(),
            source,
        })?;
        Ok(Self {
            path: path.to_owned(),
            bytes,
            sealed,
            held: None,
        })
    }

    /// As [`Self::open`], and keeps others from changing it until what is opened is dropped.
    ///
    /// For a change that must not fail at its end because somebody else was faster: the lock is held while a person
    /// types.
    ///
    /// # Errors
    ///
    /// As [`Self::open`], and [`KeyringFileError::Busy`].
    pub fn open_to_change(path: &Path) -> Result<Self> {
        // A lock beside a file that is not there would leave a folder behind.
        Self::open(path)?;
        let held = hold(path)?;
        Ok(Self {
            held: Some(held),
            ..Self::open(path)?
        })
    }

    /// What the passphrase costs to try.
    #[must_use]
    pub fn params(&self) -> KdfParams {
        self.sealed.params()
    }

    /// The name of the key that opens it, for an [agent](crate::agent).
    #[must_use]
    pub fn unlock_key_id(&self) -> UnlockKeyId {
        self.sealed.unlock_key_id()
    }

    /// Opens the keyring with a key that an agent kept, at once. The file comes back when it does not open so: the
    /// passphrase may open it, and says why not. One whose parameters are below today's default is never opened so, since
    /// it has to be saved under a key that only the passphrase gives.
    ///
    /// # Errors
    ///
    /// The file itself.
    pub fn unlock_with(self, key: UnlockKey) -> Result<OpenKeyring, Box<Self>> {
        if self.sealed.params().is_below_default() {
            return Err(Box::new(self));
        }
        match self.sealed.open(key) {
            Ok(keyring) => Ok(self.opened(keyring)),
            Err(_) => Err(Box::new(self)),
        }
    }

    fn opened(self, keyring: Keyring) -> OpenKeyring {
        OpenKeyring {
            keyring,
            path: self.path,
            file: self.bytes,
            held: self.held,
        }
    }

    /// Opens the keyring to read from it. Takes about a second and the memory that its parameters say.
    ///
    /// What comes out is not to be saved: where the parameters are below today's default, no key for a new file was
    /// derived.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::Locked`].
    pub fn unlock_to_read(&self, passphrase: &SecretText) -> Result<Keyring> {
        let keyring = self.sealed.unlock_to_read(passphrase);
        keyring.map_err(|error| self.not_unlocked(error))
    }

    /// What an error of core means for this file.
    fn not_unlocked(&self, error: UnlockKeyringError) -> KeyringFileError {
        match error {
            UnlockKeyringError::Read(source) => KeyringFileError::Unreadable {
                path: self.path.clone(),
                source,
            },
            error => KeyringFileError::Locked(error),
        }
    }

    /// Opens the keyring, which can be saved again. One whose parameters are below today's default takes the time and
    /// memory of the default as well.
    ///
    /// # Errors
    ///
    /// [`KeyringFileError::Locked`].
    pub fn unlock(self, passphrase: &SecretText) -> Result<OpenKeyring> {
        let keyring = self.sealed.unlock(passphrase);
        let keyring = keyring.map_err(|error| self.not_unlocked(error))?;
        Ok(self.opened(keyring))
    }
}

/// An open keyring that can be saved without its passphrase, as long as nobody else has saved it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// # let path = &folder.path().join("keyring.json");
/// # use zkvault::core::{SecretText, kdf::KdfParams};
/// # use zkvault::keyring_file::{KeyringFile, VacantKeyringFile};
/// # let passphrase = SecretText::from(String::from("clamp juror onyx radiator mulch vixen"));
/// # VacantKeyringFile::reserve(path)?.create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
/// use std::error::Error;
///
/// use zkvault::account::{Account, Service};
/// use zkvault::keyring_file::KeyringFileError;
///
/// let secret = SecretText::from(String::from("api-secret"));
/// let account = Account::new(Service::Logmeonce, "acme.logmeonce.com", "api-key", secret)?;
/// let mut first = KeyringFile::open(path)?.unlock(&passphrase)?;
/// let mut second = KeyringFile::open(path)?.unlock(&passphrase)?;
/// first.update(|keyring| Ok::<_, Box<dyn Error>>(account.store(keyring)?))?;
/// // The second one was opened before that change, and must not undo it.
/// let late = second.update(|keyring| Ok::<_, Box<dyn Error>>(account.store(keyring)?));
/// let error = late.err().and_then(|error| error.downcast::<KeyringFileError>().ok());
/// assert!(error.is_some_and(|error| matches!(*error, KeyringFileError::Changed)));
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct OpenKeyring {
    keyring: Keyring,
    path: PathBuf,
    /// The file as it was read. It is sealed.
    file: Vec<u8>,
    /// The lock of [`KeyringFile::open_to_change`], until this is dropped; without it each update takes its own.
    held: Option<FileLock>,
}

impl OpenKeyring {
    /// What is in it.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// What is in it, for a caller who does not save it.
    #[must_use]
    pub fn into_keyring(self) -> Keyring {
        self.keyring
    }

    /// The file, which is sealed.
    #[must_use]
    pub fn file(&self) -> &[u8] {
        &self.file
    }

    /// Changes the keyring and saves it. When `change` fails, or what it made cannot be saved, the file and the keyring
    /// in memory stay as they were. A save raises the keyring's serial by one.
    ///
    /// # Errors
    ///
    /// What `change` says, [`KeyringFileError::Changed`] when the file is not the one that was opened,
    /// [`KeyringFileError::Busy`], and what the operating system says.
    pub fn update<T, E: From<KeyringFileError>>(
        &mut self,
        change: impl FnOnce(&mut Keyring) -> Result<T, E>,
    ) -> Result<T, E> {
        let _held = match self.held {
            Some(_) => None,
            None => Some(hold(&self.path)?),
        };
        if read(&self.path)? != self.file {
            return Err(KeyringFileError::Changed.into());
        }
        let mut keyring = self.keyring.copy();
        let result = change(&mut keyring)?;
        self.file = save(&mut keyring, &self.path, Existing::Replace)?;
        self.keyring = keyring;
        Ok(result)
    }
}

impl AsRef<Keyring> for OpenKeyring {
    fn as_ref(&self) -> &Keyring {
        &self.keyring
    }
}

/// Puts the file of a keyring in its place. A different one that is there is kept under a new name, so that no key is
/// ever lost, and that name is returned. `now` is in seconds since 1970.
///
/// The old file is written under its new name first: killed in between, both are there. `file` is not looked at; the
/// caller has opened it.
///
/// # Errors
///
/// [`KeyringFileError::Exists`] when a different one is there and is not to be replaced, [`KeyringFileError::Busy`], and
/// what the operating system says.
pub fn install(path: &Path, file: &[u8], existing: Existing, now: u64) -> Result<Option<PathBuf>> {
    let _held = hold(path)?;
    if !path.exists() {
        fs::write(path, file, Existing::Keep)?;
        return Ok(None);
    }
    let before = read(path)?;
    if before == file {
        return Ok(None);
    }
    if existing == Existing::Keep {
        return Err(exists(path));
    }
    let kept = path.with_extension(format!("before-{now}.json"));
    fs::write(&kept, &before, Existing::Replace)?;
    fs::write(path, file, Existing::Replace)?;
    Ok(Some(kept))
}

/// Keeps others from changing the files beside `path`: one lock for all of a profile. `None` when somebody has it.
pub(crate) fn lock_of(path: &Path) -> Result<Option<FileLock>, FileError> {
    FileLock::try_take(&path.with_file_name("lock"))
}

/// Who has that lock, as far as it can be told.
pub(crate) fn holder_of(path: &Path) -> Option<LockHolder> {
    FileLock::holder(&path.with_file_name("lock"))
}

/// The profile's lock, or who has it.
fn hold(path: &Path) -> Result<FileLock> {
    lock_of(path)?.ok_or_else(|| KeyringFileError::Busy(holder_of(path)))
}

fn exists(path: &Path) -> KeyringFileError {
    KeyringFileError::Exists { path: path.to_owned() }
}

/// Returns what was written.
fn save(keyring: &mut Keyring, path: &Path, existing: Existing) -> Result<Vec<u8>> {
    let bytes = keyring.to_bytes().map_err(KeyringFileError::NotSaved)?;
    fs::write(path, &bytes, existing)?;
    Ok(bytes)
}

/// At most one byte more than a keyring may have, so that a longer file is found to be one.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_KEYRING_LEN as u64 + 1).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(KeyringFileError::Missing { path: path.to_owned() })
        }
        Err(error) => Err(FileError::system(FileAction::Read, path, error).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cheap::params;

    fn passphrase(text: &str) -> SecretText {
        SecretText::from(text.to_owned())
    }

    fn made() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile/keyring.json");
        let vacant = VacantKeyringFile::reserve(&path).unwrap();
        vacant.create(&passphrase("secret"), params(), 1).unwrap();
        (folder, path)
    }

    fn rename(keyring: &mut Keyring, label: &str) -> Result<()> {
        keyring.credentials_mut().set(label, passphrase("x")).unwrap();
        Ok(())
    }

    fn names(path: &Path) -> Vec<String> {
        let open = KeyringFile::open(path).unwrap().unlock(&passphrase("secret")).unwrap();
        let names = open.keyring().credentials().iter().map(|(name, _)| name.to_owned());
        names.collect()
    }

    #[test]
    fn a_keyring_is_made_once_and_its_place_is_held() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keyring.json");
        assert_eq!(KeyringFile::open(&path).unwrap_err().code(), "no-keyring");
        assert_eq!(KeyringFile::open_to_change(&path).unwrap_err().code(), "no-keyring");
        let vacant = VacantKeyringFile::reserve(&path).unwrap();
        assert_eq!(VacantKeyringFile::reserve(&path).unwrap_err().code(), "busy");
        vacant.create(&passphrase("secret"), params(), 1).unwrap();
        assert_eq!(VacantKeyringFile::reserve(&path).unwrap_err().code(), "exists");
        let wrong = KeyringFile::open(&path).unwrap().unlock(&passphrase("other"));
        assert_eq!(wrong.unwrap_err().code(), "wrong-passphrase");
    }

    /// As an agent gives it.
    fn copy_of(key: &UnlockKey) -> UnlockKey {
        UnlockKey::from_slice(key.expose_secret()).unwrap()
    }

    #[test]
    fn a_key_that_was_kept_opens_the_file_until_the_passphrase_changes() {
        let (_folder, path) = made();
        let open = || KeyringFile::open(&path).unwrap();
        let weak = open().unlock_to_read(&passphrase("secret")).unwrap();
        assert!(
            open().unlock_with(copy_of(weak.unlock_key())).is_err(),
            "it could not be saved"
        );

        let mut strong = open().unlock(&passphrase("secret")).unwrap();
        strong.update(|keyring| rename(keyring, "one")).unwrap();
        let key = copy_of(strong.keyring().unlock_key());
        assert_eq!(open().unlock_key_id(), strong.keyring().unlock_key_id());
        let wrong = open().unlock_with(UnlockKey::from_slice(&[0; 32]).unwrap());
        let again = wrong.unwrap_err().unlock_to_read(&passphrase("secret"));
        assert!(again.is_ok(), "the file came back");

        let mut opened = open().unlock_with(copy_of(&key)).unwrap();
        opened.update(|keyring| rename(keyring, "two")).unwrap();
        assert_eq!(names(&path), ["one", "two"]);
        let mut opened = open()
            .unlock_with(copy_of(&key))
            .expect("a save leaves the salt as it is");
        let before = opened.keyring().unlock_key_id();
        let changed = opened.update(|keyring| {
            let changed = keyring.change_passphrase(&passphrase("secret"), KdfParams::default());
            changed.map_err(KeyringFileError::NotCreated)
        });
        changed.unwrap();
        assert!(open().unlock_with(key).is_err());
        assert_ne!(open().unlock_key_id(), before);
        let renewed = copy_of(opened.keyring().unlock_key());
        assert!(open().unlock_with(renewed).is_ok());
    }

    #[test]
    fn of_two_who_opened_it_the_second_to_save_is_refused() {
        let (_folder, path) = made();
        let open = || KeyringFile::open(&path).unwrap().unlock(&passphrase("secret")).unwrap();
        let (mut one, mut other) = (open(), open());
        one.update(|keyring| rename(keyring, "one")).unwrap();
        one.update(|keyring| rename(keyring, "two")).unwrap();
        let refused = other.update(|keyring| rename(keyring, "three"));
        assert!(matches!(refused, Err(KeyringFileError::Changed)));
        assert_eq!(names(&path), ["one", "two"]);
    }

    #[test]
    fn while_one_holds_it_another_can_read_and_not_change() {
        let (_folder, path) = made();
        let held = KeyringFile::open_to_change(&path).unwrap();
        let mut held = held.unlock(&passphrase("secret")).unwrap();
        assert!(matches!(
            KeyringFile::open_to_change(&path),
            Err(KeyringFileError::Busy(_))
        ));
        let mut other = KeyringFile::open(&path).unwrap().unlock(&passphrase("secret")).unwrap();
        let refused = other.update(|keyring| rename(keyring, "other"));
        assert!(matches!(refused, Err(KeyringFileError::Busy(_))));
        held.update(|keyring| rename(keyring, "held")).unwrap();
        drop(held);
        assert_eq!(names(&path), ["held"]);
    }

    #[test]
    fn a_change_that_fails_is_not_saved() {
        let (_folder, path) = made();
        let mut open = KeyringFile::open(&path).unwrap().unlock(&passphrase("secret")).unwrap();
        let failed = open.update(|keyring| {
            rename(keyring, "half")?;
            Err::<(), _>(KeyringFileError::Busy(None))
        });
        assert!(failed.is_err());
        assert!(names(&path).is_empty());
        // Nor is it saved with the next change.
        assert_eq!(open.keyring().credentials().iter().count(), 0);
        open.update(|keyring| rename(keyring, "whole")).unwrap();
        assert_eq!(names(&path), ["whole"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_change_that_cannot_be_saved_is_not_kept_in_memory() {
        let (_folder, path) = made();
        let mut open = KeyringFile::open(&path).unwrap().unlock(&passphrase("secret")).unwrap();
        let serial = open.keyring().serial();
        let file = std::fs::read(&path).unwrap();
        let unwritable = open.update(|keyring| {
            // Its place is taken by what no file replaces, while it is changed.
            std::fs::remove_file(&path).unwrap();
            std::fs::create_dir(&path).unwrap();
            rename(keyring, "lost")
        });
        assert!(unwritable.is_err());
        assert_eq!((open.keyring().serial(), open.file()), (serial, &*file));
        assert_eq!(open.keyring().credentials().iter().count(), 0);
    }

    #[test]
    fn an_installed_file_keeps_a_copy_of_a_different_one() {
        let (_folder, path) = made();
        let before = std::fs::read(&path).unwrap();
        assert_eq!(
            install(&path, &before, Existing::Keep, 7).unwrap(),
            None,
            "it is the same"
        );
        assert_eq!(
            install(&path, b"other", Existing::Keep, 7).unwrap_err().code(),
            "exists"
        );
        let kept = install(&path, b"other", Existing::Replace, 7).unwrap().unwrap();
        assert_eq!(std::fs::read(&kept).unwrap(), before);
        assert_eq!(std::fs::read(&path).unwrap(), b"other");
        assert_eq!(KeyringFile::open(&path).unwrap_err().code(), "keyring");
        std::fs::remove_file(&path).unwrap();
        assert_eq!(install(&path, &before, Existing::Keep, 8).unwrap(), None);
        assert_eq!(std::fs::read(&path).unwrap(), before);
    }
}
