//! A file that came in one response: all that is left is done in one step on a worker.
//!
//! For thousands of small files the switches between threads, and the system calls, are what takes the time. So the file
//! is opened, looked for, written and, where no other file waits for the disk, named without leaving the worker.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use zeroize::Zeroizing;
use zkvault_client::blob::BlobProperties;
use zkvault_core::file::{FileExtent, FileOpener};
use zkvault_core::key::KeySet;
use zkvault_core::repository::RepositoryPath;

use super::download::DownloadOptions;
use super::receive::not_written;
use super::stored::{Start, refused};
use super::{Result, TransferError};
use crate::fs::{AtomicFile, Existing, FileError, create_private_folder};
use crate::time;

/// A file that is in memory.
pub(super) struct Whole {
    pub(super) name: RepositoryPath,
    /// All of its blob.
    pub(super) start: Start,
    /// The key that opens it; `None` of a file that is not encrypted.
    pub(super) keys: Option<KeySet>,
    pub(super) target: PathBuf,
    pub(super) options: DownloadOptions,
}

/// What became of it.
pub(super) struct Written {
    /// Bytes of content.
    pub(super) size: u64,
    /// The file without a name; `None` where it is here already.
    pub(super) draft: Option<AtomicFile>,
}

impl Whole {
    /// Opens it and writes what is in it into a draft.
    pub(super) fn write(&self) -> Result<Written> {
        let sealed = self.keys.as_ref().map(|keys| self.start.open(&self.name, keys));
        let sealed = sealed.transpose()?;
        let (size, modified) = match &sealed {
            Some(sealed) => (sealed.extent.plaintext_len(), sealed.opener.meta().modified),
            None => (self.start.properties.len, time_of(&self.start.properties)),
        };
        let mut draft = match draft(&self.target, self.options) {
            Err(TransferError::File(FileError::Exists { .. }))
                if is_present(&self.target, size, modified, self.options) =>
            {
                return Ok(Written { size, draft: None });
            }
            draft => draft?,
        };
        let written = match sealed {
            Some(sealed) => draft.write_all(&self.open(&sealed.opener, sealed.extent)?),
            None => draft.write_all(&self.start.bytes),
        };
        written.map_err(|error| not_written(&self.name, error))?;
        set_modified(modified, |time| draft.set_modified(time));
        Ok(Written {
            size,
            draft: Some(draft),
        })
    }

    /// What is in it, all of it authentic.
    fn open(&self, opener: &FileOpener, extent: FileExtent) -> Result<Zeroizing<Vec<u8>>> {
        let len = usize::try_from(extent.plaintext_len()).unwrap_or_default();
        let mut plaintext = Zeroizing::new(Vec::with_capacity(len));
        for span in (0..extent.block_count()).map_while(|index| extent.block(index)) {
            let bounds = usize::try_from(span.offset)
                .ok()
                .zip(usize::try_from(span.sealed_len).ok());
            let sealed = bounds.and_then(|(from, len)| self.start.bytes.get(from..)?.get(..len));
            let opened = opener.open_block(span.index, span.last, sealed.unwrap_or_default(), &mut plaintext);
            opened.map_err(|error| refused(&self.name, format!("block {}: {error}", span.index)))?;
        }
        Ok(plaintext)
    }
}

/// A file without a name yet, in the folder of its target, which is made where it is missing.
pub(super) fn draft(target: &Path, options: DownloadOptions) -> Result<AtomicFile> {
    let create = || AtomicFile::create(target, Existing::replace_if(options.overwrite));
    match create() {
        Err(FileError::System { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            target.parent().map_or(Ok(()), create_private_folder)?;
            Ok(create()?)
        }
        draft => Ok(draft?),
    }
}

/// Whether an earlier run put a file there, as far as its size and time tell. Without them it is somebody else's. A run
/// over a thousand files that was cut off continues this way, without a journal.
pub(super) fn is_present(target: &Path, size: u64, modified: Option<i64>, options: DownloadOptions) -> bool {
    let there = || {
        let metadata = std::fs::metadata(target).ok().filter(std::fs::Metadata::is_file)?;
        Some((metadata.len(), Some(time::of_file(metadata.modified().ok()?)?)))
    };
    !options.overwrite && there() == Some((size, modified))
}

/// When a blob was changed last, in seconds since 1970.
pub(super) fn time_of(properties: &BlobProperties) -> Option<i64> {
    properties.modified.and_then(|time| i64::try_from(time).ok())
}

/// A time that cannot be set is no reason to fail: the content is there.
pub(super) fn set_modified(seconds: Option<i64>, set: impl FnOnce(SystemTime) -> io::Result<()>) {
    if let Some(time) = seconds.and_then(time::to_file) {
        let _ = set(time);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_from_before_1970_keeps_its_time_and_is_known_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old");
        std::fs::write(&path, "content").unwrap();
        let options = DownloadOptions { overwrite: false };
        for seconds in [-1, -3600, -2_000_000_000, 0, 1_700_000_000] {
            let file = std::fs::File::options().write(true).open(&path).unwrap();
            set_modified(Some(seconds), |time| file.set_modified(time));
            let modified = std::fs::metadata(&path).unwrap().modified().unwrap();
            assert_eq!(time::of_file(modified), Some(seconds));
            assert!(is_present(&path, 7, Some(seconds), options), "{seconds}");
            assert!(!is_present(&path, 7, Some(seconds - 1), options), "{seconds}");
        }
        assert!(
            !is_present(&path, 7, None, options),
            "without a time it is somebody else's"
        );
        set_modified(Some(i64::MIN), |_| Ok(()));
    }
}
