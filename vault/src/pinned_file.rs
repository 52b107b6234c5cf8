//! A small file of the profile that remembers what was first said, and must notice when it changes: the container of a
//! repository, the identity of a user.
//!
//! Nothing in it is secret. It is written under the profile's lock, and never shrinks by itself.
//!
//! What such a file remembers, a service must not be able to change; so it is read before the service's word is used,
//! and written once a person has agreed. A missing file means that nothing was pinned yet. Anybody who can delete files
//! of this user can make it so: that is this machine's protection, not this file's.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::fs::{self, FileAction, FileError, LockHolder};
use crate::keyring_file;
use crate::store::Cause;

/// What is in such a file.
///
/// The format and the version are members of the document, and are compared before anything of it is used.
pub(crate) trait Pins: Serialize + DeserializeOwned {
    /// The name of its format.
    const FORMAT: &'static str;
    /// The version that is read and written.
    const VERSION: u32;
    /// The longest file, in bytes: more than any account needs.
    const MAX_FILE_LEN: u64;

    /// One without pins.
    fn empty() -> Self;

    /// The format and version that it says.
    fn head(&self) -> (&str, u32);
}

/// Such a file cannot be used.
#[derive(Debug)]
pub(crate) enum PinsError {
    /// It cannot be read. It may hold the pin that matters.
    Unreadable { path: PathBuf, source: Cause },
    /// Another process is changing the profile.
    Busy(Option<LockHolder>),
    /// It could not be put into words. Cannot be.
    NotPinned(serde_json::Error),
    /// The operating system refused.
    File(FileError),
}

impl From<FileError> for PinsError {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl PinsError {
    /// The file at `path` holds something that cannot be used.
    pub(crate) fn unreadable(path: &Path, source: impl Into<Cause>) -> Self {
        Self::Unreadable {
            path: path.to_owned(),
            source: source.into(),
        }
    }
}

/// Gives an error type of one such file, which has these four variants, what reading and changing it can fail with.
macro_rules! from_pins_error {
    ($error:ident) => {
        impl From<PinsError> for $error {
            fn from(error: PinsError) -> Self {
                match error {
                    PinsError::Unreadable { path, source } => Self::Unreadable { path, source },
                    PinsError::Busy(holder) => Self::Busy(holder),
                    PinsError::NotPinned(error) => Self::NotPinned(error),
                    PinsError::File(error) => Self::File(error),
                }
            }
        }
    };
}
pub(crate) use from_pins_error;

/// Reads the file at `path`. One that is missing is an empty one; one that cannot be read is not: it may hold the pin that
/// matters.
pub(crate) fn read<P: Pins>(path: &Path) -> Result<P, PinsError> {
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path);
    match file.and_then(|file| file.take(P::MAX_FILE_LEN + 1).read_to_end(&mut bytes)) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(P::empty()),
        Err(error) => return Err(FileError::system(FileAction::Read, path, error).into()),
        Ok(length) if length as u64 > P::MAX_FILE_LEN => return Err(PinsError::unreadable(path, "it is too long")),
        Ok(_) => {}
    }
    let pins: P = serde_json::from_slice(&bytes).map_err(|error| PinsError::unreadable(path, error))?;
    match pins.head() == (P::FORMAT, P::VERSION) {
        true => Ok(pins),
        false => Err(PinsError::unreadable(path, "it has another format or version")),
    }
}

/// Changes the file at `path`, which may not exist yet, while nobody else does.
pub(crate) fn change<P: Pins>(path: &Path, change: impl FnOnce(&mut P)) -> Result<(), PinsError> {
    let _held = keyring_file::lock_of(path)?.ok_or_else(|| PinsError::Busy(keyring_file::holder_of(path)))?;
    let mut pins = read(path)?;
    change(&mut pins);
    let bytes = serde_json::to_vec(&pins).map_err(PinsError::NotPinned)?;
    Ok(fs::write(path, &bytes, fs::Existing::Replace)?)
}
