//! Backups in a repository, each one blob. Their starts say what they are to those who have a key.

use std::path::Path;

use futures_util::stream::{self, StreamExt as _};
use tokio::runtime::Runtime;
use zkvault::fs;
use zkvault::fs::create_private_folder;
use zkvault_client::blob::Etag;
use zkvault_core::backup::{BACKUP_PREFIX, BackupRecord, BackupStart, ParsedBackup};
use zkvault_core::key::KeySet;
use zkvault_core::repository::RepositoryPath;

use super::bundle::{MAX_BACKUP_LEN, not_opened};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Progress;
use crate::repo::{self, Container, Item, Rights, failed};
use crate::transfer::{PARALLEL_BLOCKS, PARALLEL_FILES, Uploader};
use zkvault::fs::Unfinished;

/// Bytes that are asked for first: the start of a backup with a keyring of common size.
const FIRST_LEN: u64 = 32 << 10;
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
    /// Its start and version, or what is wrong with it.
    start: std::result::Result<(BackupStart, Etag), String>,
}

impl Shelved {
    /// Its start, if that can be read.
    pub(crate) fn start(&self) -> Option<&BackupStart> {
        self.start.as_ref().ok().map(|(start, _)| start)
    }

    /// Whether it is no backup that anybody could open.
    pub(crate) fn is_damaged(&self) -> bool {
        self.start.is_err()
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
            let mut blobs = Vec::new();
            let mut listing = self.container.list(BACKUP_PREFIX);
            while let Some(page) = listing
                .next_page()
                .await
                .map_err(|error| failed("the backups were not listed", &error))?
            {
                blobs.extend(page);
            }
            let starts = stream::iter(blobs).map(async |blob| {
                let start = self.start(&blob.name).await?;
                Ok::<_, CliError>(Shelved {
                    blob: blob.name,
                    size: blob.len,
                    stored: blob.modified,
                    start,
                })
            });
            let mut starts = std::pin::pin!(starts.buffer_unordered(PARALLEL_FILES));
            let mut backups: Vec<Shelved> = Vec::new();
            while let Some(backup) = starts.next().await {
                backups.push(backup?);
            }
            backups.sort_by(|one, other| (other.stored, &other.blob).cmp(&(one.stored, &one.blob)));
            Ok(backups)
        })
    }

    /// Reads as much of a blob as its start takes. What is no backup is no error.
    async fn start(&self, blob: &str) -> Result<std::result::Result<(BackupStart, Etag), String>> {
        let mut wanted = FIRST_LEN;
        loop {
            let mut bytes = Vec::new();
            let read = self.container.read_range(blob, 0, wanted, None, &mut bytes).await;
            let properties = match read {
                Ok(properties) => properties,
                Err(error) if error.kind() == zkvault_client::blob::BlobErrorKind::Range => {
                    return Ok(Err("it is empty".to_owned()));
                }
                Err(error) => return Err(failed("a backup was not read", &error)),
            };
            match BackupStart::parse(&bytes) {
                Err(error) => return Ok(Err(error.to_string())),
                Ok(ParsedBackup::Whole(start)) => return Ok(Ok((*start, properties.etag))),
                Ok(ParsedBackup::Needs(more)) if more as u64 > properties.len || more > BackupStart::MAX_LEN => {
                    return Ok(Err("it is cut off".to_owned()));
                }
                Ok(ParsedBackup::Needs(more)) => wanted = (more as u64).max(wanted * 2),
            }
        }
    }

    /// What the backups are that the keys open.
    pub(crate) fn records(backups: &[Shelved], keys: &KeySet) -> Vec<BackupRecord> {
        backups.iter().filter_map(|backup| backup.record(keys)).collect()
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
        let uploader = Uploader::new(&self.container, None, false, None, None, progress);
        let uploaded = self.runtime.block_on(uploader.upload(&item));
        // A draft that stays is overwritten by the next one.
        let _ = std::fs::remove_file(draft);
        uploaded.map(drop).map_err(|error| match error.code {
            "conflict" => CliError::new(Exit::Other, "conflict", "another device made a backup of this revision")
                .hint("start again, with a token that may list and read: this one then follows that one"),
            _ => error,
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
