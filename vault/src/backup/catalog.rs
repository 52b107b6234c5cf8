//! Backups in a repository, each one blob. The names of a chain's blobs are known to its person alone: whatever else lies
//! in its folder is of somebody else, and is not looked at.
//!
//! A listing is one list of the folder of each chain, and a range of each blob that a chain names: the first 32 KiB,
//! which hold the header and a keyring of common size, or as much more as the header says, up to its limit. The content
//! of a backup is fetched when it is chosen, in ranges of 8 MiB of the one version whose header was read.
//!
//! Limits, against a storage that lies: 100,000 blobs in a folder, headers up to
//! [`BackupHeader::MAX_LEN`](zkvault_core::backup::BackupHeader), backups up to
//! [`MAX_BACKUP_LEN`](super::MAX_BACKUP_LEN), and 20,000 revisions ahead of the one that is known, since each name has
//! to be computed to be recognised.

use std::collections::HashMap;
use std::path::Path;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use zkvault_client::blob::{BlobError, BlobErrorKind, Etag, ListedBlob};
use zkvault_core::backup::{BackupHeader, BackupRecord, ChainKey, ChainTag, Chains, ParsedBackup};
use zkvault_core::repository::RepositoryPath;

use super::Result;
use super::bundle::MAX_BACKUP_LEN;
use super::error::BackupError;
use super::known::KnownHeads;
use crate::fs::{self, Unfinished, create_private_folder};
use crate::progress::Progress;
use crate::transfer::{Container, Item, PARALLEL_BLOCKS, PARALLEL_FILES, StorageError, UploadOptions, Uploader};

/// Bytes that are asked for first: the header of a backup with a keyring of common size.
const FIRST_LEN: u64 = 32 << 10;
/// Blobs that are listed at most in one folder, and altogether on a fresh machine.
pub(super) const MAX_BLOBS: usize = 100_000;
/// How far a chain may have gone since its head was known: one backup a day for half a century.
const MAX_AHEAD: u64 = 20_000;
/// Bytes that are fetched at once.
const RANGE_LEN: u64 = 8 << 20;

/// The backups of a repository.
#[derive(Debug)]
pub struct Catalog {
    container: Container,
}

/// The backups of some chains in a repository.
#[derive(Debug, Default)]
pub struct Listing {
    /// Those that are there, the highest revision first.
    pub entries: Vec<CatalogEntry>,
    /// How many other blobs lie in the folders of the chains.
    pub strays: usize,
}

/// A backup in a repository.
#[derive(Debug)]
pub struct CatalogEntry {
    /// What the storage calls it.
    pub blob: String,
    /// Its chain.
    pub tag: ChainTag,
    /// Its revision, by its name.
    pub revision: u64,
    /// Its bytes.
    pub size: u64,
    /// When it was put there, by the storage's clock.
    pub stored: Option<u64>,
    /// What it is, or why that was not read: [`Self::record`] and [`Self::unread`].
    read: std::result::Result<Found, Unread>,
}

/// A backup whose record opened, and the version of the blob that it was read from.
#[derive(Debug)]
struct Found {
    header: BackupHeader,
    record: BackupRecord,
    etag: Etag,
}

/// The header of a blob that may be a backup, and how long the blob is.
#[derive(Debug)]
pub(super) struct HeaderAt {
    pub(super) header: BackupHeader,
    etag: Etag,
    len: u64,
}

/// Why a backup was not read. It does not stop the others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unread {
    /// It is in the archive tier.
    Archived,
    /// It is no backup, or not the one that its name says.
    Damaged(String),
    /// The storage does not give it.
    Refused(String),
}

impl std::fmt::Display for Unread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Archived => f.write_str("it is in the archive tier"),
            Self::Damaged(reason) | Self::Refused(reason) => f.write_str(reason),
        }
    }
}

impl CatalogEntry {
    /// Its header, if it is the backup that its name says.
    #[must_use]
    pub fn header(&self) -> Option<&BackupHeader> {
        self.read.as_ref().ok().map(|found| &found.header)
    }

    /// What it is, by the word of the person whose chain it is in.
    #[must_use]
    pub fn record(&self) -> Option<&BackupRecord> {
        self.read.as_ref().ok().map(|found| &found.record)
    }

    /// Why it was not read; nothing where it was.
    #[must_use]
    pub fn unread(&self) -> Option<&Unread> {
        self.read.as_ref().err()
    }
}

#[cfg(test)]
impl CatalogEntry {
    /// What a listing makes of a blob with these bytes.
    pub(super) fn of_bytes(bytes: &[u8], chain: &ChainKey, revision: u64) -> Self {
        let header = super::bundle::parse(bytes).map_err(|error| Unread::Damaged(error.to_string()));
        let read = header.map(|header| HeaderAt {
            header,
            etag: Etag::new("1".to_owned()),
            len: bytes.len() as u64,
        });
        Self {
            blob: chain.blob_name(revision),
            tag: chain.tag(),
            revision,
            size: bytes.len() as u64,
            stored: None,
            read: read.and_then(|read| read.open(chain, revision)),
        }
    }
}

impl Catalog {
    /// Those in this container. Nothing is sent yet.
    #[must_use]
    pub const fn new(container: Container) -> Self {
        Self { container }
    }

    /// The address of the container, without its token.
    #[must_use]
    pub fn place(&self) -> String {
        self.container.url().to_string()
    }

    /// The backups of these chains. One that cannot be read does not hide the others.
    ///
    /// `known` says how far the names of a chain have to be tried; a chain of which nothing is known is tried from
    /// revision 1.
    ///
    /// # Errors
    ///
    /// [`BackupError::Storage`] or [`BackupError::TooMany`].
    pub async fn list(&self, chains: &Chains, known: &KnownHeads) -> Result<Listing> {
        let mut listing = Listing::default();
        for chain in chains.iter() {
            let known = known.head(chain.tag()).map_or(0, |head| head.revision);
            let (named, strays) = named(chain, known, self.blobs(&chain.tag().folder()).await?);
            let entries = stream::iter(named).map(|(revision, blob)| self.entry(chain, revision, blob));
            let entries: Vec<_> = entries.buffer_unordered(PARALLEL_FILES).try_collect().await?;
            listing.strays += strays;
            listing.entries.extend(entries);
        }
        let order = |entry: &CatalogEntry| (std::cmp::Reverse(entry.revision), entry.blob.clone());
        listing.entries.sort_by_key(order);
        Ok(listing)
    }

    /// The blobs whose names begin with `prefix`.
    pub(super) async fn blobs(&self, prefix: &str) -> Result<Vec<ListedBlob>> {
        let mut blobs = Vec::new();
        let mut listing = self.container.list(prefix, "");
        while let Some(page) = listing
            .next_page()
            .await
            .map_err(|error| StorageError::new("the backups were not listed", error))?
        {
            blobs.extend(page.blobs.into_iter().filter(|blob| !blob.is_folder));
            if blobs.len() > MAX_BLOBS {
                return Err(BackupError::TooMany { most: MAX_BLOBS });
            }
        }
        Ok(blobs)
    }

    /// What a blob under the name of a revision is. Its size is that of the version that was read, if it was.
    async fn entry(&self, chain: &ChainKey, revision: u64, blob: ListedBlob) -> Result<CatalogEntry> {
        let read = match blob.is_archived {
            true => Err(Unread::Archived),
            false => self.header(&blob.name).await?,
        };
        let size = read.as_ref().map_or(blob.len.unwrap_or_default(), |read| read.len);
        Ok(CatalogEntry {
            blob: blob.name,
            tag: chain.tag(),
            revision,
            size,
            stored: blob.modified,
            read: read.and_then(|read| read.open(chain, revision)),
        })
    }

    /// Reads as much of a blob as its header takes, and how long it is. What is no backup, or cannot be read, is not an
    /// error.
    pub(super) async fn header(&self, blob: &str) -> Result<std::result::Result<HeaderAt, Unread>> {
        let damaged = |reason: &str| Ok(Err(Unread::Damaged(reason.to_owned())));
        let mut wanted = FIRST_LEN;
        loop {
            let mut bytes = Vec::new();
            let read = self.container.read_range(blob, 0, wanted, None, &mut bytes).await;
            let properties = match read {
                Ok(properties) => properties,
                Err(error) => return unread(error).map(Err),
            };
            match BackupHeader::parse(&bytes) {
                Err(error) => return damaged(&error.to_string()),
                Ok(ParsedBackup::Whole(header)) => {
                    return Ok(Ok(HeaderAt {
                        header: *header,
                        etag: properties.etag,
                        len: properties.len,
                    }));
                }
                Ok(ParsedBackup::Needs(more)) if more as u64 > properties.len || more > BackupHeader::MAX_LEN => {
                    return damaged("it is cut off");
                }
                Ok(ParsedBackup::Needs(more)) => wanted = (more as u64).max(wanted * 2),
            }
        }
    }

    /// Fetches a backup whole, the very version whose header was read.
    ///
    /// It is not opened: [`open`](super::open) does that. A backup that was replaced since it was listed is a conflict
    /// of the storage.
    ///
    /// # Errors
    ///
    /// [`BackupError::Storage`], or [`BackupError::NotOpened`] when it was not read or is too long.
    pub async fn fetch(&self, backup: &CatalogEntry) -> Result<Vec<u8>> {
        let Found { etag, .. } = backup.read.as_ref().map_err(BackupError::not_opened)?;
        if backup.size > MAX_BACKUP_LEN {
            let reason = format!("it has {} bytes: at most {MAX_BACKUP_LEN} are read", backup.size);
            return Err(BackupError::not_opened(reason));
        }
        self.whole(&backup.blob, backup.size, etag).await
    }

    /// All ranges of one version, a few at a time, in their order.
    async fn whole(&self, blob: &str, size: u64, etag: &Etag) -> Result<Vec<u8>> {
        let ranges = stream::iter(0..size.div_ceil(RANGE_LEN)).map(|range| self.range(blob, range, etag));
        let ranges: Vec<Vec<u8>> = ranges.buffered(PARALLEL_BLOCKS).try_collect().await?;
        Ok(ranges.concat())
    }

    async fn range(&self, blob: &str, range: u64, etag: &Etag) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let (from, etag) = (range * RANGE_LEN, Some(etag));
        let read = self.container.read_range(blob, from, RANGE_LEN, etag, &mut bytes);
        read.await
            .map_err(|error| StorageError::new("the backup was not fetched", error))?;
        Ok(bytes)
    }

    /// Uploads a backup; `draft` is where it lies meanwhile. A name that is taken is never written; where the very same bytes
    /// are there, an earlier attempt whose response was lost put them there.
    ///
    /// The draft is the sealed backup, so that an upload of many blocks can read it twice; it is removed whatever
    /// becomes of the upload, also by a signal. A kill leaves it, and the next backup overwrites it.
    ///
    /// # Errors
    ///
    /// [`BackupError::Taken`] when there is a different backup of its revision, and those of the upload.
    pub async fn put(&self, bytes: &[u8], blob: &str, draft: &Path, progress: &dyn Progress) -> Result<()> {
        if let Some(folder) = draft.parent() {
            create_private_folder(folder)?;
        }
        let _unfinished = Unfinished::new(draft);
        fs::write(draft, bytes, fs::Existing::Replace)?;
        let item = Item {
            path: draft.to_owned(),
            name: RepositoryPath::parse(blob).map_err(BackupError::not_opened)?,
        };
        // It is sealed already, so it travels as it is.
        let uploader = Uploader::new(&self.container, UploadOptions::default(), progress);
        let uploaded = uploader.upload(&item).await;
        // A draft that stays is overwritten by the next one.
        let _ = std::fs::remove_file(draft);
        match uploaded {
            Ok(_) => Ok(()),
            Err(error) if error.code() == "conflict" => match self.is_there(blob, bytes).await {
                true => Ok(()),
                false => Err(BackupError::Taken),
            },
            Err(error) => Err(error.into()),
        }
    }

    /// Whether a blob has exactly these bytes. One that cannot be read counts as a different one.
    async fn is_there(&self, blob: &str, bytes: &[u8]) -> bool {
        let Ok(Ok(HeaderAt { etag, len, .. })) = self.header(blob).await else {
            return false;
        };
        let has_length = len == bytes.len() as u64;
        has_length && self.whole(blob, len, &etag).await.is_ok_and(|there| there == bytes)
    }

    /// Deletes a backup. One that is gone already is no error.
    ///
    /// # Errors
    ///
    /// [`BackupError::Storage`].
    pub async fn delete(&self, blob: &str) -> Result<()> {
        match self.container.delete(blob).await {
            Err(error) if error.kind() == BlobErrorKind::NotFound => Ok(()),
            deleted => Ok(deleted.map_err(|error| StorageError::new("a backup was not deleted", error))?),
        }
    }
}

impl HeaderAt {
    /// Opens the record. One that names a different revision than its blob does is an older backup under a newer name.
    fn open(self, chain: &ChainKey, revision: u64) -> std::result::Result<Found, Unread> {
        let record = self
            .header
            .open(chain)
            .map_err(|error| Unread::Damaged(error.to_string()))?;
        match record.manifest.revision == revision {
            true => Ok(Found {
                header: self.header,
                record,
                etag: self.etag,
            }),
            false => Err(Unread::Damaged("it lies under the name of another revision".to_owned())),
        }
    }
}

/// The blobs that are named as backups of the chain, with their revisions, and how many others there are.
fn named(chain: &ChainKey, known: u64, blobs: Vec<ListedBlob>) -> (Vec<(u64, ListedBlob)>, usize) {
    let mut blobs: HashMap<String, ListedBlob> = blobs.into_iter().map(|blob| (blob.name.clone(), blob)).collect();
    let mut named = Vec::new();
    for (name, revision) in chain.blob_names(known.saturating_add(MAX_AHEAD)) {
        if blobs.is_empty() {
            break;
        }
        named.extend(blobs.remove(&name).map(|blob| (revision, blob)));
    }
    (named, blobs.len())
}

/// Why the header of a backup was not read, or the error that would meet every other one as well.
fn unread(error: BlobError) -> Result<Unread> {
    match error.kind() {
        BlobErrorKind::Range => Ok(Unread::Damaged("it is empty".to_owned())),
        BlobErrorKind::Archived => Ok(Unread::Archived),
        _ => {
            let error = StorageError::new("a backup was not read", error);
            match error.ends_all() {
                true => Err(error.into()),
                false => Ok(Unread::Refused(error.source.to_string())),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::account::AccountName;
    use zkvault_core::backup::Chains;

    use super::*;

    #[test]
    fn names_are_tried_as_far_ahead_of_what_is_known_as_devices_may_be() {
        let keyring = crate::cheap::keyring();
        let chains = Chains::of_account(&keyring, &AccountName::parse("a.example").unwrap());
        let chain = chains.iter().next().unwrap();
        let blob = |name: String| ListedBlob {
            name,
            ..ListedBlob::default()
        };
        let known = 7;
        let revisions = [1, known, known + MAX_AHEAD, known + MAX_AHEAD + 1];
        let mut blobs = revisions.map(|revision| blob(chain.blob_name(revision))).to_vec();
        blobs.push(blob("somebody else's".to_owned()));
        let (found, strays) = named(chain, known, blobs);
        let found: Vec<u64> = found.into_iter().map(|(revision, _)| revision).collect();
        assert_eq!((found.as_slice(), strays), (&revisions[..3], 2));
    }
}
