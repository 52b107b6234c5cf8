//! Backups in a repository, each one blob. Their starts say what they are to those who have a key.

use std::path::Path;

use futures_util::stream::{self, StreamExt as _};
use tokio::runtime::Runtime;
use zkvault::fs;
use zkvault::fs::create_private_folder;
use zkvault::transfer::{Item, PARALLEL_BLOCKS, PARALLEL_FILES, UploadOptions, Uploader};
use zkvault_client::blob::{BlobError, BlobErrorKind, Etag, ListedBlob};
use zkvault_core::backup::{BACKUP_PREFIX, BackupRecord, BackupStart, ParsedBackup};
use zkvault_core::key::KeySet;
use zkvault_core::repository::RepositoryPath;

use super::bundle::{MAX_BACKUP_LEN, not_opened};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Output, Progress, escaped};
use crate::repo::{self, Container, Rights, failed};
use zkvault::fs::Unfinished;

/// Bytes that are asked for first: the start of a backup with a keyring of common size.
const FIRST_LEN: u64 = 32 << 10;
/// Backups that are listed at most: one a day for a quarter of a century.
const MAX_BACKUPS: usize = 10_000;
/// Bytes that are fetched at once.
const RANGE_LEN: u64 = 8 << 20;

/// A repository that is looked at for its backups.
pub(crate) struct Shelf {
    container: Container,
    runtime: Runtime,
}

/// A backup in a repository.
#[derive(Debug)]
pub(crate) struct Shelved {
    pub(crate) blob: String,
    pub(crate) size: u64,
    /// When it was put there, by the storage's clock.
    pub(crate) stored: Option<u64>,
    /// Its start and version, or why it has none.
    start: std::result::Result<(BackupStart, Etag), Unread>,
}

/// Why a backup was not read. It does not stop the others.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Unread {
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

impl Shelved {
    /// Its start, if that can be read.
    pub(crate) fn start(&self) -> Option<&BackupStart> {
        self.start.as_ref().ok().map(|(start, _)| start)
    }

    /// In a word, why it was not read; nothing where it was.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        self.start.as_ref().err().map(|unread| match unread {
            Unread::Archived => "archived",
            Unread::Damaged(_) => "damaged",
            Unread::Refused(_) => "unread",
        })
    }

    /// What it is, with a key that opens that.
    pub(crate) fn record(&self, keys: &KeySet) -> Option<BackupRecord> {
        self.start()?.open(keys).ok()
    }
}

impl Shelf {
    /// The container of `ZKV_SAS`, `ZKV_SAS_FILE` or `ZKV_REPO`. The storage is not asked yet.
    pub(crate) fn new(rights: Rights, context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            container: repo::container(None, rights, context)?,
            runtime: repo::runtime()?,
        })
    }

    /// The address of the container, without its token.
    pub(crate) fn place(&self) -> String {
        self.container.url().to_string()
    }

    /// All backups, the latest first.
    pub(crate) fn list(&self) -> Result<Vec<Shelved>> {
        self.runtime.block_on(async {
            let blobs = self.blobs().await?;
            let starts = stream::iter(blobs).map(|blob| self.shelved(blob));
            let mut starts = std::pin::pin!(starts.buffer_unordered(PARALLEL_FILES));
            let mut backups: Vec<Shelved> = Vec::new();
            while let Some(backup) = starts.next().await {
                backups.push(backup?);
            }
            backups.sort_by(|one, other| (other.stored, &other.blob).cmp(&(one.stored, &one.blob)));
            Ok(backups)
        })
    }

    async fn blobs(&self) -> Result<Vec<ListedBlob>> {
        let mut blobs = Vec::new();
        let mut listing = self.container.list(BACKUP_PREFIX, "");
        while let Some(page) = listing
            .next_page()
            .await
            .map_err(|error| failed("the backups were not listed", &error))?
        {
            blobs.extend(page.blobs.into_iter().filter(|blob| !blob.is_folder));
            if blobs.len() > MAX_BACKUPS {
                let message = format!("the repository has more than {MAX_BACKUPS} backups");
                return Err(CliError::new(Exit::Other, "too-many", message).hint("zkv backup prune deletes old ones"));
            }
        }
        Ok(blobs)
    }

    async fn shelved(&self, blob: ListedBlob) -> Result<Shelved> {
        let read = match blob.is_archived {
            true => Err(Unread::Archived),
            false => self.start(&blob.name).await?,
        };
        let len = read.as_ref().map_or(blob.len.unwrap_or_default(), |(.., len)| *len);
        Ok(Shelved {
            blob: blob.name,
            size: len,
            stored: blob.modified,
            start: read.map(|(start, etag, _)| (start, etag)),
        })
    }

    /// Reads as much of a blob as its start takes, and how long it is. What is no backup, or is not available, is no error.
    async fn start(&self, blob: &str) -> Result<std::result::Result<(BackupStart, Etag, u64), Unread>> {
        let damaged = |reason: &str| Ok(Err(Unread::Damaged(reason.to_owned())));
        let mut wanted = FIRST_LEN;
        loop {
            let mut bytes = Vec::new();
            let read = self.container.read_range(blob, 0, wanted, None, &mut bytes).await;
            let properties = match read {
                Ok(properties) => properties,
                Err(error) => return unread(&error).map(Err),
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
    pub(crate) fn records(backups: &[Shelved], keys: &KeySet) -> Vec<BackupRecord> {
        backups.iter().filter_map(|backup| backup.record(keys)).collect()
    }

    /// Warns of backups that were not read for a reason that can be changed.
    pub(crate) fn warn(backups: &[Shelved], output: Output) {
        let archived = backups
            .iter()
            .filter(|backup| backup.problem() == Some("archived"))
            .count();
        if archived > 0 {
            output.warning(&format!(
                "{archived} backups are in the archive tier, and were not read"
            ));
        }
        for backup in backups {
            if let Err(Unread::Refused(reason)) = &backup.start {
                output.warning(&escaped(&format!("the backup {} was not read: {reason}", backup.blob)));
            }
        }
    }

    /// Fetches a backup whole, the very version whose start was read.
    pub(crate) fn fetch(&self, backup: &Shelved) -> Result<Vec<u8>> {
        let (_, etag) = backup.start.as_ref().map_err(not_opened)?;
        if backup.size > MAX_BACKUP_LEN {
            return Err(not_opened(format!(
                "it has {} bytes: at most {MAX_BACKUP_LEN} are read",
                backup.size
            )));
        }
        self.runtime.block_on(async {
            let ranges = stream::iter(0..backup.size.div_ceil(RANGE_LEN)).map(async |range| {
                let mut bytes = Vec::new();
                let read =
                    self.container
                        .read_range(&backup.blob, range * RANGE_LEN, RANGE_LEN, Some(etag), &mut bytes);
                read.await
                    .map_err(|error| failed("the backup was not fetched", &error))?;
                Ok::<_, CliError>(bytes)
            });
            let mut ranges = std::pin::pin!(ranges.buffered(PARALLEL_BLOCKS));
            let mut whole = Vec::new();
            while let Some(bytes) = ranges.next().await {
                whole.extend_from_slice(&bytes?);
            }
            Ok(whole)
        })
    }

    /// Uploads a backup; `draft` is where it lies meanwhile. A name that is taken is never written.
    pub(crate) fn put(&self, bytes: &[u8], blob: &str, draft: &Path, quiet: bool) -> Result<()> {
        if let Some(folder) = draft.parent() {
            create_private_folder(folder)?;
        }
        let _unfinished = Unfinished::new(draft);
        fs::write(draft, bytes, true)?;
        let name = RepositoryPath::parse(blob)
            .map_err(|error| CliError::new(Exit::Other, "internal", "a backup has no name").cause(error))?;
        let item = Item {
            path: draft.to_owned(),
            name,
        };
        let progress = Progress::new(Some(bytes.len() as u64), quiet);
        // It is sealed already, so it travels as it is.
        let uploader = Uploader::new(&self.container, UploadOptions::default(), &progress);
        let uploaded = self.runtime.block_on(uploader.upload(&item));
        // A draft that stays is overwritten by the next one.
        let _ = std::fs::remove_file(draft);
        uploaded.map(drop).map_err(|error| match error.code() {
            "conflict" => CliError::new(Exit::Other, "conflict", "another device made a backup of this revision")
                .hint("start again, with a token that may list and read: this one then follows that one"),
            _ => error.into(),
        })
    }

    /// Deletes a backup.
    pub(crate) fn delete(&self, blob: &str) -> Result<()> {
        let deleted = self.runtime.block_on(self.container.delete(blob));
        match deleted {
            Err(error) if repo::is_missing(&error) => Ok(()),
            deleted => deleted.map_err(|error| failed("a backup was not deleted", &error)),
        }
    }
}

/// Why the start of a backup was not read, or the error that would meet every other one as well.
fn unread(error: &BlobError) -> Result<Unread> {
    match error.kind() {
        BlobErrorKind::Range => Ok(Unread::Damaged("it is empty".to_owned())),
        BlobErrorKind::Archived => Ok(Unread::Archived),
        _ => {
            let failed = failed("a backup was not read", error);
            match failed.ends_all() || repo::ends_repository(&failed) {
                true => Err(failed),
                false => Ok(Unread::Refused(error.to_string())),
            }
        }
    }
}
