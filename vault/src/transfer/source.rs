//! A file to upload, and whether it is still what it was.
//!
//! An upload takes minutes, and the file may change meanwhile. No lock would keep other programs from it, so the file
//! is looked at again before the commit: what was sent is then either of the state that it had at the beginning, or
//! nothing of it gets a name ([`TransferError::SourceChanged`]). A change of permissions or links alone changes the
//! stamp too; the upload is begun again then, since only a new reading tells.
//!
//! On Windows a stamp is the length and the time of the last change, which a program can set: a file that is changed
//! and set back there is not noticed.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::Result;
use super::error::{Reason, TransferError};
use crate::fs::{FileAction, FileError};

/// What a file system says of a file that no change of the content leaves as it was. On Unix that includes the time
/// of the last change of anything, which no program can set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    pub(super) len: u64,
    /// The last change of the content: seconds and nanoseconds since 1970. Programs can set it.
    modified: (i64, i64),
    /// The last change of anything, which no program can set; zero on Windows.
    changed: (i64, i64),
    /// Device and number of the file.
    file: (u64, u64),
}

impl Stamp {
    /// Whether only something else changed, as far as that can be told: permissions, or the number of its names.
    fn has_same_content(&self, other: &Self) -> bool {
        (self.len, self.modified, self.file) == (other.len, other.modified, other.file)
    }

    #[cfg(unix)]
    fn of(metadata: &Metadata) -> Self {
        use std::os::unix::fs::MetadataExt as _;
        Self {
            len: metadata.len(),
            modified: (metadata.mtime(), metadata.mtime_nsec()),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            file: (metadata.dev(), metadata.ino()),
        }
    }

    #[cfg(not(unix))]
    fn of(metadata: &Metadata) -> Self {
        let modified = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let since = modified.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        Self {
            len: metadata.len(),
            modified: (since.as_secs() as i64, i64::from(since.subsec_nanos())),
            changed: (0, 0),
            file: (0, 0),
        }
    }
}

/// An open file that several threads read from at once.
#[derive(Debug)]
pub(super) struct Source {
    path: PathBuf,
    file: File,
    pub(super) stamp: Stamp,
    pub(super) modified: Option<SystemTime>,
}

impl Source {
    /// Opens a file, and takes its stamp from the open file, not from its name.
    ///
    /// # Errors
    ///
    /// [`TransferError::NotAFile`] for a folder, pipe or device: an upload may have to read it twice.
    pub(super) fn open(path: &Path) -> Result<Self> {
        let opened = open(path).and_then(|file| {
            let metadata = file.metadata()?;
            Ok((file, metadata))
        });
        let (file, metadata) = opened.map_err(|error| FileError::system(FileAction::Open, path, error))?;
        if !metadata.is_file() {
            let path = path.to_owned();
            return Err(TransferError::NotAFile { path });
        }
        // So say files of /proc and /sys, of which each has content: they would be stored as empty.
        if metadata.len() == 0 && has_content(&file) {
            let reason =
                io::Error::other("the system says that it is empty, and it is not: copy it, and upload the copy");
            return Err(FileError::system(FileAction::Read, path, reason).into());
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            stamp: Stamp::of(&metadata),
            modified: metadata.modified().ok(),
        })
    }

    /// Reads exactly the bytes from `offset` on that fill `buffer`.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<()> {
        read_exact_at(&self.file, buffer, offset).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => self.changed(),
            _ => FileError::system(FileAction::Read, &self.path, error).into(),
        })
    }

    /// Fails when the file is not what it was at the beginning.
    pub(super) fn check(&self) -> Result<()> {
        let metadata = self.file.metadata();
        let metadata = metadata.map_err(|error| FileError::system(FileAction::Read, &self.path, error))?;
        let now = Stamp::of(&metadata);
        match now == self.stamp {
            true => Ok(()),
            false if now.has_same_content(&self.stamp) => Err(TransferError::SourceTouched {
                path: self.path.clone(),
            }),
            false => Err(self.changed()),
        }
    }

    /// The error for a file that is not what it was.
    pub(super) fn changed(&self) -> TransferError {
        TransferError::SourceChanged {
            path: self.path.clone(),
            source: Reason::new("nothing of it was put under its name"),
        }
    }
}

/// Opens a file. A pipe that took its place since it was looked at is not waited for.
#[cfg(unix)]
fn open(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK.bits();
    File::options().read(true).custom_flags(flags as i32).open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether a byte can be read from the start of a file.
#[cfg(unix)]
fn has_content(file: &File) -> bool {
    std::os::unix::fs::FileExt::read_at(file, &mut [0], 0).is_ok_and(|read| read > 0)
}

#[cfg(not(unix))]
fn has_content(_: &File) -> bool {
    false
}

/// Reads without moving the file's position, so that several threads share one handle.
#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        let read = std::os::windows::fs::FileExt::seek_read(file, buffer, offset)?;
        if read == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        buffer = buffer.get_mut(read..).unwrap_or_default();
        offset += read as u64;
    }
    Ok(())
}

/// Writes all of `bytes` at `offset`, from any thread.
#[cfg(unix)]
pub(super) fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
pub(super) fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = std::os::windows::fs::FileExt::seek_write(file, bytes, offset)?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        bytes = bytes.get(written..).unwrap_or_default();
        offset += written as u64;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_happens_to_a_file_is_told_apart() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "one").unwrap();
        let open = || Source::open(&path).unwrap();
        assert!(open().check().is_ok());

        let source = open();
        std::fs::hard_link(&path, folder.path().join("b")).unwrap();
        assert!(matches!(source.check(), Err(TransferError::SourceTouched { .. })));
        let source = open();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(source.check(), Err(TransferError::SourceTouched { .. })));
        for content in ["longer than it was", "s", ""] {
            let source = open();
            std::fs::write(&path, content).unwrap();
            assert!(
                matches!(source.check(), Err(TransferError::SourceChanged { .. })),
                "{content}"
            );
        }
    }

    #[test]
    fn an_empty_file_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("empty");
        std::fs::write(&path, "").unwrap();
        assert!(Source::open(&path).unwrap().check().is_ok());
        #[cfg(target_os = "linux")]
        assert!(matches!(
            Source::open(Path::new("/proc/self/status")),
            Err(TransferError::File(FileError::System { .. }))
        ));
    }

    #[test]
    fn a_pipe_is_not_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert!(matches!(Source::open(&path), Err(TransferError::NotAFile { .. })));
    }
}
