//! Backups in a repository, each one blob. Their starts say what they are to those who have a key.

use std::path::Path;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use zkvault_client::blob::{BlobError, BlobErrorKind, Etag, ListedBlob};
use zkvault_core::backup::{BACKUP_PREFIX, BackupRecord, BackupStart, ParsedBackup};
use zkvault_core::key::KeySet;
use zkvault_core::repository::RepositoryPath;

use super::Result;
use super::bundle::MAX_BACKUP_LEN;
use super::error::BackupError;
use crate::fs::{self, Unfinished, create_private_folder};
use crate::progress::Progress;
use crate::transfer::{Container, Item, PARALLEL_BLOCKS, PARALLEL_FILES, StorageError, UploadOptions, Uploader};

/// Bytes that are asked for first: the start of a backup with a keyring of common size.
const FIRST_LEN: u64 = 32 << 10;
/// Backups that are listed at most: one a day for a quarter of a century.
const MAX_BACKUPS: usize = 10_000;
/// Bytes that are fetched at once.
const RANGE_LEN: u64 = 8 << 20;

/// The backups of a repository.
#[derive(Debug)]
pub struct Catalog {
    container: Container,
}

/// A backup in a repository.
#[derive(Debug)]
pub struct CatalogEntry {
    /// What the storage calls it.
    pub blob: String,
    /// Its bytes.
    pub size: u64,
    /// When it was put there, by the storage's clock.
    pub stored: Option<u64>,
    /// Its start and version, or why it has none.
    start: std::result::Result<(BackupStart, Etag), Unread>,
}

/// Why a backup was not read. It does not stop the others.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unread {
    /// It is in the archive tier.
    Archived,
    /// It is no backup that anybody could open.
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
    /// Its start, if that can be read.
    #[must_use]
    pub fn start(&self) -> Option<&BackupStart> {
        self.start.as_ref().ok().map(|(start, _)| start)
    }

    /// Why it was not read; nothing where it was.
    #[must_use]
    pub fn unread(&self) -> Option<&Unread> {
        self.start.as_ref().err()
    }

    /// What it is, with a key that opens that.
    #[must_use]
    pub fn record(&self, keys: &KeySet) -> Option<BackupRecord> {
        self.start()?.open(keys).ok()
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

    /// All backups, the latest first. One that cannot be read does not hide the others.
    ///
    /// # Errors
    ///
    /// [`BackupError::Storage`] or [`BackupError::TooMany`].
    pub async fn list(&self) -> Result<Vec<CatalogEntry>> {
        let blobs = self.blobs().await?;
        let entries = stream::iter(blobs).map(|blob| self.entry(blob));
        let mut entries: Vec<_> = entries.buffer_unordered(PARALLEL_FILES).try_collect().await?;
        entries.sort_by(|one, other| (other.stored, &other.blob).cmp(&(one.stored, &one.blob)));
        Ok(entries)
    }

    async fn blobs(&self) -> Result<Vec<ListedBlob>> {
        let mut blobs = Vec::new();
        let mut listing = self.container.list(BACKUP_PREFIX, "");
        while let Some(page) = listing
            .next_page()
            .await
            .map_err(|error| StorageError::new("the backups were not listed", error))?
        {
            blobs.extend(page.blobs.into_iter().filter(|blob| !blob.is_folder));
            if blobs.len() > MAX_BACKUPS {
                return Err(BackupError::TooMany { most: MAX_BACKUPS });
            }
        }
        Ok(blobs)
    }

    async fn entry(&self, blob: ListedBlob) -> Result<CatalogEntry> {
        let read = match blob.is_archived {
            true => Err(Unread::Archived),
            false => self.start(&blob.name).await?,
        };
        let len = read.as_ref().map_or(blob.len.unwrap_or_default(), |(.., len)| *len);
        Ok(CatalogEntry {
            blob: blob.name,
            size: len,
            stored: blob.modified,
            start: read.map(|(start, etag, _)| (start, etag)),
        })
    }

    /// Reads as much of a blob as its start takes, and how long it is. What is no backup, or cannot be read, is not an error.
    async fn start(&self, blob: &str) -> Result<std::result::Result<(BackupStart, Etag, u64), Unread>> {
        let damaged = |reason: &str| Ok(Err(Unread::Damaged(reason.to_owned())));
        let mut wanted = FIRST_LEN;
        loop {
            let mut bytes = Vec::new();
            let read = self.container.read_range(blob, 0, wanted, None, &mut bytes).await;
            let properties = match read {
                Ok(properties) => properties,
                Err(error) => return unread(error).map(Err),
            };
            match BackupStart::parse(&bytes) {
                Err(error) => return damaged(&error.to_string()),
                Ok(ParsedBackup::Whole(start)) => return Ok(Ok((*start, properties.etag, properties.len))),
                Ok(ParsedBackup::Needs(more)) if more as u64 > properties.len || more > BackupStart::MAX_LEN => {
                    return damaged("it is cut off");
                }
                Ok(ParsedBackup::Needs(more)) => wanted = (more as u64).max(wanted * 2),
            }
        }
    }

    /// What the backups are that the keys open.
    #[must_use]
    pub fn records(backups: &[CatalogEntry], keys: &KeySet) -> Vec<BackupRecord> {
        backups.iter().filter_map(|backup| backup.record(keys)).collect()
    }

    /// Fetches a backup whole, the very version whose start was read.
    ///
    /// # Errors
    ///
    /// [`BackupError::Storage`], or [`BackupError::NotOpened`] when it was not read or is too long.
    pub async fn fetch(&self, backup: &CatalogEntry) -> Result<Vec<u8>> {
        let (_, etag) = backup.start.as_ref().map_err(BackupError::not_opened)?;
        if backup.size > MAX_BACKUP_LEN {
            let reason = format!("it has {} bytes: at most {MAX_BACKUP_LEN} are read", backup.size);
            return Err(BackupError::not_opened(reason));
        }
        let ranges =
            stream::iter(0..backup.size.div_ceil(RANGE_LEN)).map(|range| self.range(&backup.blob, range, etag));
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

    /// Uploads a backup; `draft` is where it lies meanwhile. A name that is taken is never written.
    ///
    /// # Errors
    ///
    /// [`BackupError::Taken`] when there is a backup of its revision, and those of the upload.
    pub async fn put(&self, bytes: &[u8], blob: &str, draft: &Path, progress: &dyn Progress) -> Result<()> {
        if let Some(folder) = draft.parent() {
            create_private_folder(folder)?;
        }
        let _unfinished = Unfinished::new(draft);
        fs::write(draft, bytes, true)?;
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
            Err(error) if error.code() == "conflict" => Err(BackupError::Taken),
            Err(error) => Err(error.into()),
        }
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

/// Why the start of a backup was not read, or the error that would meet every other one as well.
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
