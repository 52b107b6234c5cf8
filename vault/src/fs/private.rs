//! Files and folders that only their owner may use.
//!
//! The permissions are given when something is created and not changed afterwards: between the two somebody could open
//! it. Folders and files that exist already keep what they have: a person may have shared them on purpose, and `zkv
//! doctor` reports them.

use std::fs::File;
#[cfg(unix)]
use std::fs::OpenOptions;
use std::io;
#[cfg(unix)]
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::{FileAction, FileError};

/// Creates a folder, and those above it, that only its owner may enter.
///
/// # Errors
///
/// What the operating system says. A folder that is there already is no error.
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    create_folder(path).map_err(|error| FileError::system(FileAction::Create, path, error))
}

#[cfg(unix)]
fn create_folder(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

/// Each by itself: only those that are new get a list of their own.
#[cfg(windows)]
fn create_folder(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    path.parent().map_or(Ok(()), create_folder)?;
    match super::windows::create_private_folder(path) {
        // Another process was faster.
        Err(_) if path.is_dir() => Ok(()),
        created => created,
    }
}

/// Whether only the owner may use what is at `path`; on Windows only this user, the system and the administrators.
///
/// # Errors
///
/// What the operating system says.
pub fn is_private(path: &Path) -> io::Result<bool> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 == 0)
    }
    #[cfg(windows)]
    super::windows::is_private(path)
}

/// Opens a file to read and write, and creates it, readable by its owner only, when it is missing.
///
/// # Errors
///
/// What the operating system says.
pub fn open_private(path: &Path) -> Result<File, FileError> {
    open_or_create(path).map_err(|error| FileError::system(FileAction::Open, path, error))
}

#[cfg(unix)]
fn open_or_create(path: &Path) -> io::Result<File> {
    of_owner().create(true).truncate(false).open(path)
}

/// A new file that only its owner may use; one that is there already is an error.
#[cfg(unix)]
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    of_owner().create_new(true).open(path)
}

#[cfg(windows)]
pub(super) use super::windows::create_private;

/// To read and write, and what is new is the owner's alone.
#[cfg(unix)]
fn of_owner() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true);
    OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// A new one is closed to others while nobody else can have it open, and opened again to be shared.
#[cfg(windows)]
fn open_or_create(path: &Path) -> io::Result<File> {
    match create_private(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
        created => drop(created),
    }
    File::options().read(true).write(true).open(path)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn files_and_folders_are_the_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        create_private_folder(&inner).unwrap();
        create_private_folder(&inner).unwrap();
        let file = inner.join("file");
        open_private(&file).unwrap();
        for path in [&inner, &file] {
            assert!(is_private(path).unwrap(), "{}", path.display());
        }
        std::fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
        assert!(!is_private(&file).unwrap());
        assert_eq!(open_private(&inner).unwrap_err().code(), "io");
        assert_eq!(create_private_folder(&file).unwrap_err().code(), "io");
    }
}
