//! Files and folders that only their owner may use.

use std::fs::File;
use std::io;
use std::path::Path;

use super::{FileAction, FileError};

/// Creates a folder, and those above it, that only its owner may enter.
///
/// # Errors
///
/// What the operating system says. A folder that is there already is no error.
pub fn create_private_folder(path: &Path) -> Result<(), FileError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let created = builder.create(path);
    created.map_err(|error| FileError::system(FileAction::Create, path, error))
}

/// Whether only the owner may read what is at `path`.
///
/// # Errors
///
/// What the operating system says.
#[cfg(unix)]
pub fn is_private(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 == 0)
}

/// Whether only the owner may read what is at `path`. Folders of a user are private by inheritance where there are no
/// modes.
///
/// # Errors
///
/// What the operating system says.
#[cfg(not(unix))]
pub fn is_private(path: &Path) -> io::Result<bool> {
    std::fs::metadata(path).map(|_| true)
}

/// Opens a file to read and write, and creates it, readable by its owner only, when it is missing.
///
/// # Errors
///
/// What the operating system says.
pub fn open_private(path: &Path) -> Result<File, FileError> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let opened = options.open(path);
    opened.map_err(|error| FileError::system(FileAction::Open, path, error))
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
