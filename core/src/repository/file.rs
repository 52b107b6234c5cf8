//! A file of a repository on its way back: its entry, its prelude and its length must belong together.
//!
//! Each of the three was authenticated on its own: the entry by the key, the prelude by the first block that opens,
//! the length by the last. What a storage could still do is to combine parts of two files, and that is refused here,
//! before a block is fetched.

use super::entry::{EntryError, RepositoryEntry};
use super::path::RepositoryPath;
use crate::file::{FileExtent, FileLengthError, FileOpener, FilePrelude, UnlockFileError};
use crate::key::{KeyMember, KeySet};

/// A file that was found under its path and unlocked.
///
/// `key` is the only key that was used. A file that a different key would open is refused, since its holder could
/// have put it there under this name.
#[derive(Debug)]
pub struct StoredFile {
    /// Its entry.
    pub entry: RepositoryEntry,
    /// The one key that names its blob, seals its entry, and opens it.
    pub key: KeyMember,
    /// What opens its blocks.
    pub opener: FileOpener,
    /// Where its blocks lie.
    pub extent: FileExtent,
}

impl StoredFile {
    /// Unlocks the file in the blob `blob` of `blob_len` bytes, from the blob's entry and the file's prelude, if it is
    /// the one that was uploaded as `path`. Other keys than that of the entry do not open it.
    ///
    /// # Errors
    /// * [`OpenStoredFileError::Entry`] as for [`RepositoryEntry::open`].
    /// * [`OpenStoredFileError::OtherFile`] when the entry has a different path or names a different prelude.
    /// * [`OpenStoredFileError::Unlock`] when the entry's key does not open the file.
    /// * [`OpenStoredFileError::Length`] and [`OpenStoredFileError::Size`] when blob, description and entry disagree
    ///   about the length.
    pub fn open(
        path: &RepositoryPath,
        blob: &str,
        entry: &str,
        prelude: &FilePrelude,
        blob_len: u64,
        keys: &KeySet,
    ) -> Result<Self, OpenStoredFileError> {
        let (entry, key) = RepositoryEntry::open_keyed(entry, blob, keys)?;
        if entry.path != *path || entry.prelude != prelude.digest() {
            return Err(OpenStoredFileError::OtherFile);
        }
        let mut keys = KeySet::new();
        keys.add_member(key.clone());
        let opener = prelude.unlock(&keys)?;
        let extent = opener.extent_of_file(blob_len)?;
        if extent.plaintext_len() != entry.size {
            let (stated, actual) = (entry.size, extent.plaintext_len());
            return Err(OpenStoredFileError::Size { stated, actual });
        }
        Ok(Self {
            entry,
            key,
            opener,
            extent,
        })
    }
}

/// What a storage has under a name is not the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoredFileError {
    /// The entry did not open.
    #[error("its entry: {0}")]
    Entry(#[from] EntryError),
    /// The entry is that of another path, or of another file.
    #[error("it is not the file that was uploaded under this name")]
    OtherFile,
    /// The key of the entry does not open the file.
    #[error(transparent)]
    Unlock(#[from] UnlockFileError),
    /// No file can have this length.
    #[error(transparent)]
    Length(#[from] FileLengthError),
    /// The entry states a different size.
    #[error("its entry states {stated} bytes, and the file has {actual}")]
    Size {
        /// Bytes of content in the entry.
        stated: u64,
        /// Bytes of content in the blob.
        actual: u64,
    },
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::file::{BlockSize, FileMeta, FileSealer, ParsedPrelude};
    use crate::key::VaultKey;
    use crate::repository::blob_name;

    const CONTENT: &[u8] = b"content";

    fn key(byte: u8) -> Arc<VaultKey> {
        Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
    }

    fn set(keys: &[(u8, bool)]) -> KeySet {
        let mut set = KeySet::new();
        for (byte, is_retired) in keys {
            set.add_member(KeyMember {
                key: key(*byte),
                vendor_id: None,
                is_retired: *is_retired,
                replaces: None,
                is_followed: false,
            });
        }
        set
    }

    /// A file for these keys, the blob of its path under the first of them, and its entry with this size.
    fn stored(keys: &[u8], entry_key: u8, size: u64) -> (Vec<u8>, String, String) {
        let keys: Vec<_> = keys.iter().map(|byte| key(*byte)).collect();
        let sealer = FileSealer::new(&keys, &[], &FileMeta::default(), BlockSize::default(), 0).unwrap();
        let mut file = sealer.prelude().to_vec();
        sealer.seal_block(0, true, CONTENT, &mut file).unwrap();
        let path = RepositoryPath::parse("a").unwrap();
        let prelude = sealer.prelude_digest();
        let blob = blob_name(&key(entry_key), &path);
        let entry = RepositoryEntry {
            path,
            size,
            modified: None,
            prelude,
        };
        (file, blob, entry.seal(&key(entry_key)).unwrap())
    }

    fn open(file: &[u8], blob: &str, entry: &str, keys: &KeySet) -> Result<StoredFile, OpenStoredFileError> {
        let ParsedPrelude::Whole(prelude) = FilePrelude::parse(file).unwrap() else {
            panic!("the prelude is whole");
        };
        let path = RepositoryPath::parse("a").unwrap();
        StoredFile::open(&path, blob, entry, &prelude, file.len() as u64, keys)
    }

    #[test]
    fn a_file_opens_with_the_key_of_its_entry_alone() {
        let (file, blob, entry) = stored(&[1], 1, 7);
        let opened = open(&file, &blob, &entry, &set(&[(2, false), (1, true)])).unwrap();
        assert_eq!((opened.key.key.id(), opened.key.is_retired), (key(1).id(), true));
        assert!(!opened.opener.unlocked_by().is_active_key());

        // Somebody with a different key made the file, and a holder of this one its entry: no writer does that.
        let (file, blob, entry) = stored(&[2], 1, 7);
        let error = open(&file, &blob, &entry, &set(&[(1, false), (2, false)])).unwrap_err();
        assert_eq!(error, UnlockFileError::NoKey.into());
    }

    #[test]
    fn the_size_in_the_entry_is_that_of_the_file() {
        for size in [0, 6, 8] {
            let (file, blob, entry) = stored(&[1], 1, size);
            let error = open(&file, &blob, &entry, &set(&[(1, false)])).unwrap_err();
            assert_eq!(
                error,
                OpenStoredFileError::Size {
                    stated: size,
                    actual: 7
                }
            );
        }
    }
}
