//! Uploading one file: in one request when it is small, else in blocks that can be resumed.
//!
//! A file of one block and its prelude goes in one request, which is atomic by itself: no journal, and no list of
//! blocks to compare. Files up to 256 KiB are read and sealed in the same step on a worker thread, before the first
//! request: for thousands of small files the hand-over between threads is what takes the time.
//!
//! The condition of the write is the storage's own: `If-None-Match: *` where nothing may be replaced, so that two
//! programs that upload the same name at the same time cannot both succeed. A conflict after a request that had to be
//! repeated may be with ourselves; the entry in the blob's metadata says whether it is.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;
use zkvault_client::blob::{BlobError, BlobErrorKind, Condition, Etag, Payload, WriteOptions};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::repository::{RepositoryPath, blob_name};

use super::blocks::Blocks;
use super::error::{StorageError, TransferError};
use super::job::Job;
use super::journal::{Journal, SharedJournal};
use super::local::{Item, must_be_kept};
use super::plan::Content;
use super::pool::{Buffer, Pool};
use super::source::Source;
use super::{Container, PARALLEL_BLOCKS, Result, on_worker, verify};
use crate::progress::Progress;

/// How often an upload is begun of a file whose permissions or links change meanwhile: its content may be what it was, and
/// only a new reading tells.
const MAX_STARTS: usize = 3;

/// Bytes of a file that is made as soon as it is open.
const QUICK_LEN: u64 = 256 << 10;

/// How files are uploaded.
#[derive(Debug, Clone, Default)]
pub struct UploadOptions {
    /// The key that encrypts; without one, files are stored in plaintext under their own names.
    pub key: Option<Arc<VaultKey>>,
    /// The other keys of its line. A file of the same name that is under one of them is the same file: it is in the way,
    /// or is removed once the new one is there.
    pub rest_of_line: Vec<Arc<VaultKey>>,
    /// Whether a file of the same name is replaced.
    pub overwrite: bool,
    /// The folder of the journals; without one, an upload that is cut off cannot be resumed.
    pub journals: Option<PathBuf>,
}

/// Uploads files to one container.
///
/// One of them serves several files at once, and shares its memory among them:
/// [`Repository::upload`](crate::repository::Repository::upload) awaits [`PARALLEL_FILES`](super::PARALLEL_FILES) of
/// its futures. Dropping a future ends its upload; what was sent stays in the journal.
pub struct Uploader<'a> {
    pub(super) container: &'a Container,
    pub(super) options: UploadOptions,
    pub(super) job: Option<&'a Job>,
    pool: Arc<Pool>,
    progress: &'a dyn Progress,
}

/// A file in the storage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Uploaded {
    /// Its name in the repository.
    pub name: String,
    /// Bytes of content.
    pub size: u64,
    /// What the storage calls it.
    pub blob: String,
    /// Blocks that an earlier run had sent.
    pub resumed_blocks: u64,
    /// Whether the same file is still there under another key of the line: the token may not remove it, or not read
    /// what was uploaded.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub earlier_left: bool,
    /// The version of the blob that was committed.
    #[serde(skip)]
    pub(super) etag: String,
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
            None => {
                must_be_kept(name)?;
                (name.as_str().to_owned(), Content::plain(&source)?)
            }
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
pub(super) struct Upload<'a> {
    pub(super) item: &'a Item,
    pub(super) blob: String,
    pub(super) source: Arc<Source>,
    pub(super) content: Arc<Content>,
    pub(super) options: WriteOptions,
    journal: SharedJournal,
}

impl<'a> Uploader<'a> {
    /// Nothing is sent yet. `progress` hears of bytes of content.
    pub fn new(container: &'a Container, options: UploadOptions, progress: &'a dyn Progress) -> Self {
        Self {
            container,
            options,
            job: None,
            pool: Pool::new(),
            progress,
        }
    }

    /// Skips what an earlier run of the same job uploaded, and notes what this one does.
    #[must_use]
    pub fn with_job(self, job: &'a Job) -> Self {
        let job = Some(job);
        Self { job, ..self }
    }

    /// Uploads a file. Nothing is under its name before all of it is there.
    ///
    /// A file that somebody else gives new permissions or links meanwhile is read up to three times.
    ///
    /// # Errors
    ///
    /// [`TransferError`]: see each variant for what it means to the file that was there before.
    pub async fn upload(&self, item: &Item) -> Result<Uploaded> {
        for _ in 1..MAX_STARTS {
            match self.upload_once(item).await {
                Err(TransferError::SourceTouched { .. }) => {}
                done => return done,
            }
        }
        self.upload_once(item).await
    }

    /// One attempt, from the opening of the file to the note in the job.
    async fn upload_once(&self, item: &Item) -> Result<Uploaded> {
        let opened = self.open(item).await?;
        let source = Arc::clone(&opened.source);
        let mut uploaded = match self.done_before(item, &opened.blob, &source).await? {
            Some(etag) => {
                self.progress.advance(source.stamp.len);
                uploaded(item, &opened.blob, &source, etag, 0)
            }
            None => {
                self.must_be_free_in_line(item).await?;
                self.send(item, opened).await?
            }
        };
        uploaded.earlier_left = !self.remove_earlier(item, &uploaded).await?;
        if let Some(job) = self.job {
            job.finished(item.name.as_str(), &source.stamp, &uploaded.etag)?;
        }
        Ok(uploaded)
    }

    /// Opens a file. One that is small is made at once, which saves half of the hand-overs between threads; not if it
    /// may be there already.
    async fn open(&self, item: &Item) -> Result<Opened> {
        let name = item.name.clone();
        let buffer = match self.job.is_some_and(|job| job.knows(name.as_str())) {
            true => None,
            false => Some(self.pool.take(QUICK_LEN).await?),
        };
        let (path, key) = (item.path.clone(), self.options.key.clone());
        on_worker(move || Opened::open(&path, &name, key.as_ref(), buffer)).await
    }

    /// Sends a file: in one request, or in blocks with a journal.
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
            return Ok(uploaded(
                item,
                &upload.blob,
                &upload.source,
                etag.as_str().to_owned(),
                0,
            ));
        }
        let mut journal = self.journal(item, &blob)?;
        let resumed = self.resumed(item, &source, journal.as_mut());
        let (content, metadata, stored) = match resumed {
            Some((content, metadata, stored)) => (content, metadata, Some(stored)),
            None => (content, metadata, None),
        };
        let upload = self.prepare(item, blob, source, content, metadata, journal);
        let (etag, resumed) = self.put_blocks(&upload, stored).await.inspect_err(|error| {
            // What was begun from another state of the source is of no more use.
            if matches!(
                error,
                TransferError::SourceChanged { .. } | TransferError::SourceTouched { .. }
            ) {
                upload.journal.forget();
            }
        })?;
        verify::committed(self.container, item.name.as_str(), &upload.blob, &upload.content, &etag).await?;
        upload.journal.forget();
        Ok(uploaded(
            item,
            &upload.blob,
            &upload.source,
            etag.as_str().to_owned(),
            resumed,
        ))
    }

    /// The journal lives in it from here on: an error leaves it for the next run, [`SharedJournal::forget`] removes it.
    fn prepare<'i>(
        &self,
        item: &'i Item,
        blob: String,
        source: Arc<Source>,
        content: Content,
        metadata: (String, String),
        journal: Option<Journal>,
    ) -> Upload<'i> {
        let condition = match self.options.overwrite {
            true => Condition::Always,
            false => Condition::Absent,
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
            journal: SharedJournal::new(journal),
        }
    }

    /// Sends a file of one request, which was made already if it is small.
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
        let etag = put.await.map_err(|error| self.failure(upload.item, error))?;
        self.progress.advance(upload.source.stamp.len);
        Ok(etag)
    }

    /// Sends the blocks that the storage does not have, and commits them all. Returns how many it had.
    async fn put_blocks(&self, upload: &Upload<'_>, noted: Option<BTreeSet<u32>>) -> Result<(Etag, u64)> {
        if let Some(etag) = self.already_there(upload, noted.is_some()).await? {
            return Ok((etag, u64::from(upload.content.plan().parts())));
        }
        let blocks = Blocks {
            container: self.container,
            name: upload.item.name.as_str(),
            blob: &upload.blob,
            content: &upload.content,
            options: &upload.options,
            journal: &upload.journal,
            parallel: PARALLEL_BLOCKS,
            progress: self.progress,
            failure: &|error| self.failure(upload.item, error),
        };
        let make = |number| self.make(upload, number);
        blocks
            .send(&upload.source.stamp, noted, make, || upload.source.check())
            .await
    }

    /// Makes a part on a worker, when the pool has room for it.
    async fn make(&self, upload: &Upload<'_>, number: u64) -> Result<Payload> {
        let part = upload.content.part(number).ok_or_else(|| upload.source.changed())?;
        let buffer = self.pool.take(part.stored_len).await?;
        let (content, source) = (Arc::clone(&upload.content), Arc::clone(&upload.source));
        on_worker(move || content.make(&part, &source, buffer)).await
    }

    /// What an error of the storage means to this file: it is in the way, must not be replaced, or was not uploaded.
    pub(super) fn failure(&self, item: &Item, error: BlobError) -> TransferError {
        let name = item.name.to_string();
        match error.kind() {
            BlobErrorKind::Conflict if !self.options.overwrite && !error.was_repeated() => exists(item),
            BlobErrorKind::OverwriteDenied if !self.options.overwrite => TransferError::NotReplaceable { name },
            _ => StorageError::new(format!("{name} was not uploaded"), error).into(),
        }
    }

    /// The key as a set, for what opens by one.
    pub(super) fn key_set(&self) -> Option<KeySet> {
        self.options.key.as_ref().map(|key| {
            let mut keys = KeySet::new();
            keys.add(Arc::clone(key), None);
            keys
        })
    }
}

fn uploaded(item: &Item, blob: &str, source: &Source, etag: String, resumed_blocks: u64) -> Uploaded {
    Uploaded {
        name: item.name.as_str().to_owned(),
        size: source.stamp.len,
        blob: blob.to_owned(),
        resumed_blocks,
        earlier_left: false,
        etag,
    }
}

pub(super) fn exists(item: &Item) -> TransferError {
    TransferError::Exists {
        name: item.name.to_string(),
    }
}

impl std::fmt::Debug for Uploader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Uploader")
            .field("container", &self.container)
            .field("options", &self.options)
            .field("job", &self.job)
            .finish_non_exhaustive()
    }
}
