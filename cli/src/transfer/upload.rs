//! Uploading one file: in one request when it is small, else in blocks that can be gone on with.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use zkvault_client::blob::{BlobError, BlobErrorKind, BlockId, Condition, Etag, Payload, UploadError, WriteOptions};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::repository::{RepositoryEntry, RepositoryPath, blob_name};

use super::content::Content;
use super::job::Job;
use super::journal::Journal;
use super::pool::{Buffer, Pool};
use super::source::Source;
use super::{PARALLEL_BLOCKS, on_worker, verify};
use crate::error::{CliError, Exit, Result};
use crate::output::Progress;
use crate::repo::{Container, Item, failed, named};

/// How often blocks are sent again that the storage lost.
const MAX_ROUNDS: usize = 3;

/// Bytes of a file that is made as soon as it is open.
const QUICK_LEN: u64 = 256 << 10;

/// Uploads files with one key, or without encryption.
pub(crate) struct Uploader<'a> {
    container: &'a Container,
    key: Option<Arc<VaultKey>>,
    overwrite: bool,
    /// Where journals are; without a home nothing is gone on with.
    journals: Option<PathBuf>,
    job: Option<&'a Job>,
    pool: Arc<Pool>,
    progress: RefCell<Progress>,
}

/// A file in the storage.
#[derive(Debug, Serialize)]
pub(crate) struct Uploaded {
    pub(crate) name: String,
    pub(crate) size: u64,
    pub(crate) blob: String,
    /// Blocks that an earlier run had sent.
    pub(crate) resumed_blocks: u64,
    #[serde(skip)]
    etag: String,
}

/// A file that was opened, and what it becomes.
struct Opened {
    blob: String,
    source: Arc<Source>,
    content: Content,
    /// What goes with the blob.
    metadata: (String, String),
    /// All of it, where it is short.
    whole: Option<Payload>,
}

impl Opened {
    /// Opens a file for a key, or for none. `buffer` has room for a short one.
    fn open(path: &Path, name: &RepositoryPath, key: Option<&Arc<VaultKey>>, buffer: Option<Buffer>) -> Result<Self> {
        let source = Source::open(path)?;
        let (blob, content) = match key {
            Some(key) => (blob_name(key, name), Content::sealed(&source, name, key)?),
            None => (name.as_str().to_owned(), Content::plain(&source)?),
        };
        let metadata = content.metadata(&source, name, key.map(Arc::as_ref))?;
        let buffer = buffer.filter(|_| content.plan().is_single() && content.plan().blob_len() <= QUICK_LEN);
        let whole = buffer.map(|buffer| content.make_whole(&source, buffer)).transpose()?;
        Ok(Self {
            blob,
            source: Arc::new(source),
            content,
            metadata,
            whole,
        })
    }
}

/// A file on its way.
struct Upload<'a> {
    item: &'a Item,
    blob: String,
    source: Arc<Source>,
    content: Arc<Content>,
    options: WriteOptions,
    journal: RefCell<Option<Journal>>,
}

impl<'a> Uploader<'a> {
    pub(crate) fn new(
        container: &'a Container,
        key: Option<Arc<VaultKey>>,
        overwrite: bool,
        journals: Option<PathBuf>,
        job: Option<&'a Job>,
        progress: Progress,
    ) -> Self {
        Self {
            container,
            key,
            overwrite,
            journals,
            job,
            pool: Pool::new(),
            progress: RefCell::new(progress),
        }
    }

    /// Uploads a file. Nothing is under its name before all of it is there.
    pub(crate) async fn upload(&self, item: &Item) -> Result<Uploaded> {
        let opened = self.open(item).await?;
        let source = Arc::clone(&opened.source);
        let uploaded = match self.done_before(item, &opened.blob, &source).await? {
            Some(etag) => {
                self.progress.borrow_mut().add(source.stamp.len);
                self.uploaded(item, &opened.blob, &source, etag, 0)
            }
            None => self.send(item, opened).await?,
        };
        if let Some(job) = self.job {
            job.finished(item.name.as_str(), &source.stamp, &uploaded.etag)?;
        }
        Ok(uploaded)
    }

    /// Opens a file. One that is small is made at once, which saves a small one half of its way between threads; not
    /// if it may be there already.
    async fn open(&self, item: &Item) -> Result<Opened> {
        let name = item.name.clone();
        let buffer = match self.job.is_some_and(|job| job.knows(name.as_str())) {
            true => None,
            false => Some(self.pool.take(QUICK_LEN).await?),
        };
        let (path, key) = (item.path.clone(), self.key.clone());
        on_worker(move || Opened::open(&path, &name, key.as_ref(), buffer)).await
    }

    /// Whether an earlier run of the same command has uploaded it, and it is still there.
    async fn done_before(&self, item: &Item, blob: &str, source: &Source) -> Result<Option<String>> {
        let earlier = self.job.and_then(|job| job.earlier(item.name.as_str(), &source.stamp));
        let Some(earlier) = earlier else { return Ok(None) };
        match self.container.properties(blob).await {
            Ok(there) if there.etag.as_str() == earlier.etag => Ok(Some(earlier.etag.clone())),
            Err(error) if is_forbidden(&error) => Ok(Some(earlier.etag.clone())),
            Ok(_) => Ok(None),
            Err(error) if error.kind() == BlobErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failure(item, &error)),
        }
    }

    async fn send(&self, item: &Item, opened: Opened) -> Result<Uploaded> {
        let Opened {
            blob,
            source,
            content,
            metadata,
            whole,
        } = opened;
        if content.plan().is_single() {
            let upload = self.prepare(item, blob, source, content, metadata, None);
            let etag = self.put_whole(&upload, whole).await?;
            return Ok(self.uploaded(item, &upload.blob, &upload.source, etag.as_str().to_owned(), 0));
        }
        let mut journal = self.journal(item, &blob)?;
        let earlier = journal.as_mut().and_then(|journal| journal.earlier(&source.stamp));
        let resumed = earlier.and_then(|earlier| {
            let content = Content::resume(&earlier.begun, &source, self.key_set().as_ref())?;
            let metadata = content.metadata(&source, &item.name, self.key.as_deref()).ok()?;
            Some((content, metadata, Some(earlier.stored)))
        });
        let (content, metadata, stored) = resumed.unwrap_or((content, metadata, None));
        let upload = self.prepare(item, blob, source, content, metadata, journal);
        let (etag, resumed) = self.put_blocks(&upload, stored).await.inspect_err(|error| {
            // What was begun from another state of the source is of no more use.
            if error.code == "source-changed" {
                forget(&upload);
            }
        })?;
        verify::committed(self.container, &upload.blob, &upload.content, &etag)
            .await
            .map_err(|error| named(item.name.as_str(), error))?;
        forget(&upload);
        Ok(self.uploaded(item, &upload.blob, &upload.source, etag.as_str().to_owned(), resumed))
    }

    fn prepare<'i>(
        &self,
        item: &'i Item,
        blob: String,
        source: Arc<Source>,
        content: Content,
        metadata: (String, String),
        journal: Option<Journal>,
    ) -> Upload<'i> {
        let condition = if self.overwrite {
            Condition::Always
        } else {
            Condition::Absent
        };
        Upload {
            item,
            blob,
            source,
            content: Arc::new(content),
            options: WriteOptions {
                condition,
                metadata: vec![metadata],
                content_type: "application/octet-stream".to_owned(),
            },
            journal: RefCell::new(journal),
        }
    }

    async fn put_whole(&self, upload: &Upload<'_>, made: Option<Payload>) -> Result<Etag> {
        let whole = match made {
            Some(made) => made,
            None => {
                let buffer = self.pool.take(upload.content.plan().blob_len()).await?;
                let (content, source) = (Arc::clone(&upload.content), Arc::clone(&upload.source));
                on_worker(move || content.make_whole(&source, buffer)).await?
            }
        };
        let put = self.container.put_blob(&upload.blob, whole, &upload.options);
        let etag = put.await.map_err(|error| self.failure(upload.item, &error))?;
        self.progress.borrow_mut().add(upload.source.stamp.len);
        Ok(etag)
    }

    /// Sends the blocks that the storage does not have, and commits them all. Returns how many it had.
    async fn put_blocks(&self, upload: &Upload<'_>, stored: Option<BTreeSet<u32>>) -> Result<(Etag, u64)> {
        let fail = |error: BlobError| self.failure(upload.item, &error);
        let resumes = stored.is_some();
        if let Some(etag) = self.already_there(upload, resumes).await? {
            return Ok((etag, u64::from(upload.content.plan().parts())));
        }
        let mut stored = match stored {
            Some(noted) => self.in_storage(upload).await?.unwrap_or(noted),
            None => {
                self.begin(upload)?;
                BTreeSet::new()
            }
        };
        let resumed = stored.len() as u64;
        let parts: Vec<_> = upload.content.parts().collect();
        let earlier = parts.iter().filter(|(number, _)| stored.contains(number));
        self.progress
            .borrow_mut()
            .add(earlier.map(|(_, part)| part.content_len).sum());
        let ids = parts.iter().map(|(number, _)| upload.content.id(*number));
        let ids = ids.collect::<Result<Vec<_>>>()?;
        for _ in 0..MAX_ROUNDS {
            self.put_missing(upload, &ids, &stored).await?;
            upload.source.check()?;
            match self.container.commit(&upload.blob, &ids, &upload.options).await {
                Ok(etag) => return Ok((etag, resumed)),
                // They expired, or another upload of the same name dropped them.
                Err(error) if error.kind() == BlobErrorKind::BlockList => {
                    stored = self.in_storage(upload).await?.unwrap_or_default();
                }
                Err(error) => return Err(fail(error)),
            }
        }
        Err(CliError::new(
            Exit::Other,
            "blocks-lost",
            format!("{} was not uploaded", upload.item.name),
        )
        .cause("the storage drops its blocks: somebody else uploads under the same name"))
    }

    /// Whether the name is taken: by this very upload, whose end an earlier run did not see, or by something else.
    /// To know that before the first byte is worth a request; without the right to read the commit tells.
    async fn already_there(&self, upload: &Upload<'_>, resumes: bool) -> Result<Option<Etag>> {
        if self.overwrite && !resumes {
            return Ok(None);
        }
        let there = match self.container.properties(&upload.blob).await {
            Ok(there) => there,
            Err(error) if error.kind() == BlobErrorKind::NotFound || is_forbidden(&error) => return Ok(None),
            Err(error) => return Err(self.failure(upload.item, &error)),
        };
        let digest = there.metadata("zkv").zip(self.key_set()).and_then(|(entry, keys)| {
            let entry = RepositoryEntry::open(entry, &upload.blob, &keys).ok()?;
            Some(entry.prelude)
        });
        let tag = upload.options.metadata.iter().any(|pair| there.metadata.contains(pair));
        if tag || digest.is_some() && digest == upload.content.prelude_digest() {
            return Ok(Some(there.etag));
        }
        match self.overwrite {
            true => Ok(None),
            false => Err(conflict(upload.item)),
        }
    }

    /// The parts of this upload that wait in the storage; nothing known without the right to read.
    async fn in_storage(&self, upload: &Upload<'_>) -> Result<Option<BTreeSet<u32>>> {
        let blocks = match self.container.uncommitted_blocks(&upload.blob).await {
            Err(error) if is_forbidden(&error) => return Ok(None),
            blocks => blocks.map_err(|error| self.failure(upload.item, &error))?,
        };
        let listed = blocks.iter().map(|block| (block.id.as_str(), block.len));
        Ok(Some(upload.content.plan().stored(listed).into_keys().collect()))
    }

    async fn put_missing(&self, upload: &Upload<'_>, ids: &[BlockId], stored: &BTreeSet<u32>) -> Result<()> {
        let missing = (0u32..)
            .zip(ids.iter().cloned())
            .filter(|(part, _)| !stored.contains(part))
            .map(|(part, id)| (u64::from(part), id));
        let part = |number: u64| {
            u32::try_from(number)
                .ok()
                .and_then(|number| upload.content.plan().part(number))
        };
        let make = async |number| {
            let part = part(number).ok_or_else(|| no_such_part(number))?;
            let buffer = self.pool.take(part.stored_len).await?;
            let (content, source) = (Arc::clone(&upload.content), Arc::clone(&upload.source));
            on_worker(move || content.make(&part, &source, buffer)).await
        };
        let note = |number| {
            self.progress
                .borrow_mut()
                .add(part(number).map_or(0, |part| part.content_len));
            match upload.journal.borrow_mut().as_mut() {
                Some(journal) => journal.stored(number),
                None => Ok(()),
            }
        };
        let put = self
            .container
            .put_blocks(&upload.blob, missing, PARALLEL_BLOCKS, make, note);
        put.await.map_err(|error| match error {
            UploadError::Source(error) => error,
            UploadError::Blob(error) => self.failure(upload.item, &error),
        })
    }

    fn begin(&self, upload: &Upload<'_>) -> Result<()> {
        match upload.journal.borrow_mut().as_mut() {
            Some(journal) => journal.begin(&upload.source.stamp, &upload.content.begun()),
            None => Ok(()),
        }
    }

    fn journal(&self, item: &Item, blob: &str) -> Result<Option<Journal>> {
        let Some(folder) = &self.journals else { return Ok(None) };
        let path = std::path::absolute(&item.path).map_err(|error| CliError::file("find", &item.path, &error))?;
        let place = self.container.url().to_string();
        Journal::open(folder, &[&place, blob, &path.to_string_lossy()])
    }

    fn key_set(&self) -> Option<KeySet> {
        self.key.as_ref().map(|key| {
            let mut keys = KeySet::new();
            keys.add(Arc::clone(key), None);
            keys
        })
    }

    fn uploaded(&self, item: &Item, blob: &str, source: &Source, etag: String, resumed_blocks: u64) -> Uploaded {
        Uploaded {
            name: item.name.as_str().to_owned(),
            size: source.stamp.len,
            blob: blob.to_owned(),
            resumed_blocks,
            etag,
        }
    }

    fn failure(&self, item: &Item, error: &BlobError) -> CliError {
        match error.kind() {
            BlobErrorKind::Conflict if !self.overwrite && !error.was_repeated() => conflict(item),
            BlobErrorKind::OverwriteDenied if !self.overwrite => conflict(item).hint(
                "this SAS token cannot replace it: give --name to give another name, or ask for one with permission w",
            ),
            _ => failed(format!("{} was not uploaded", item.name), error),
        }
    }
}

fn forget(upload: &Upload<'_>) {
    if let Some(journal) = upload.journal.borrow_mut().take() {
        journal.remove();
    }
}

fn no_such_part(number: u64) -> CliError {
    CliError::new(Exit::Other, "internal", format!("the upload has no part {number}"))
}

fn is_forbidden(error: &BlobError) -> bool {
    matches!(error.kind(), BlobErrorKind::Permission { .. } | BlobErrorKind::Scope)
}

fn conflict(item: &Item) -> CliError {
    CliError::new(
        Exit::Other,
        "conflict",
        format!("{} is in the repository already", item.name),
    )
    .hint("give --overwrite to replace it, or --name to give another name")
}
