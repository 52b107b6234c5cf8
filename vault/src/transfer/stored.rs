//! What a storage has under a name: its first bytes, and whether it is the file that was asked for.

use std::ops::Range;

use zkvault_client::Bytes;
use zkvault_client::blob::BlobProperties;
use zkvault_core::file::{FilePrelude, ParsedPrelude, UnlockFileError};
use zkvault_core::key::KeySet;
use zkvault_core::repository::{OpenStoredFileError, RepositoryPath, StoredFile};

use super::Result;
use super::error::{NotOpened, Reason, TransferError};

/// The start of a blob, and what the storage says of all of it.
pub(super) struct Start {
    pub(super) blob: String,
    pub(super) bytes: Bytes,
    pub(super) properties: BlobProperties,
}

impl Start {
    /// Whether it is all of the blob.
    pub(super) fn is_whole(&self) -> bool {
        self.bytes.len() as u64 == self.properties.len
    }

    /// Opens the entry and the prelude of a sealed file, and checks that they are those of this name and length.
    pub(super) fn open(&self, name: &RepositoryPath, keys: &KeySet) -> Result<StoredFile> {
        open_stored(name, &self.blob, &self.bytes, &self.properties, keys)
    }

    /// What it has of a range, and what is still to come.
    pub(super) fn split(&self, range: Range<u64>) -> (Bytes, Range<u64>) {
        let len = self.bytes.len() as u64;
        let here = range.start.min(len)..range.end.min(len);
        let rest = range.start.max(here.end)..range.end;
        (self.bytes.slice(here.start as usize..here.end as usize), rest)
    }
}

/// The file in a blob, from its first bytes and what the storage says of it.
///
/// `name` is what a person asked for, `blob` where it was found: the entry opens for the name of its blob only, and has
/// to say this path. A blob under the name of another, or with the entry of another, is refused here (threat model,
/// Z29).
pub(super) fn open_stored(
    name: &RepositoryPath,
    blob: &str,
    bytes: &[u8],
    properties: &BlobProperties,
    keys: &KeySet,
) -> Result<StoredFile> {
    let entry = properties.metadata("zkv");
    let entry = entry.ok_or_else(|| not_opened(name, NotOpened::NoEntry))?;
    let ParsedPrelude::Whole(prelude) = FilePrelude::parse(bytes).map_err(|error| refused(name, error))? else {
        return Err(refused(name, "it is cut off"));
    };
    let file = StoredFile::open(name, blob, entry, &prelude, properties.len, keys);
    file.map_err(|error| match error {
        OpenStoredFileError::Unlock(UnlockFileError::NoKey) => not_opened(name, NotOpened::NoKey(Reason::new(error))),
        error => refused(name, error),
    })
}

pub(super) fn not_downloaded(name: &RepositoryPath) -> String {
    format!("{name} was not downloaded")
}

pub(super) fn not_opened(name: &RepositoryPath, source: NotOpened) -> TransferError {
    let name = name.to_string();
    TransferError::NotOpened { name, source }
}

pub(super) fn refused(name: &RepositoryPath, reason: impl ToString) -> TransferError {
    not_opened(name, NotOpened::Refused(Reason::new(reason)))
}
