//! Sealing a file of a repository anew, under another key: its blocks are fetched, opened, sealed and sent, a few at a
//! time. Nothing of it is written to a disk.
//!
//! It is a download and an upload with nothing on the disk between them. The new file has the blocks of the old one,
//! block by block, under a key of its own that is wrapped under the new vault key: so each block can be opened, sealed
//! and sent without its neighbours. The plaintext of a block is in memory as a whole, at most four at a time, and is
//! wiped.
//!
//! The order is that of an upload that replaces: the new blob is written where none was, read back, and only then the
//! blobs under earlier keys go. A run that is cut off anywhere leaves the file whole under one key at least; run again,
//! it continues with the blocks that the storage has, or with the removal. Every block is fetched by the ETag of the
//! version that was begun, so a file that somebody replaces meanwhile is refused and not mixed.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use zeroize::Zeroizing;
use zkvault_client::blob::{BlobError, BlobErrorKind, Condition, Etag, Payload, WriteOptions};
use zkvault_core::file::{FileExtent, FileMeta, FileOpener};
use zkvault_core::key::VaultKey;
use zkvault_core::repository::{Candidate, RepositoryEntry, RepositoryPath, StoredFile, blob_name};

use super::blocks::Blocks;
use super::download::FIRST_LEN;
use super::error::{NotOpened, SealFileError, StorageError, TransferError};
use super::journal::{Journal, SharedJournal};
use super::line;
use super::opened::OpenedBy;
use super::plan::Content;
use super::pool::{Buffer, Pool};
use super::stored::{not_opened, open_stored, refused};
use super::{Container, Result, on_worker, verify};
use crate::progress::Progress;

/// Blocks on their way at once: each is held twice, as it was and in plaintext.
const PARALLEL_BLOCKS: usize = 4;

/// Seals files of a container anew.
pub struct Rekeyer<'a> {
    container: &'a Container,
    key: Arc<VaultKey>,
    journals: Option<PathBuf>,
    pool: Arc<Pool>,
    progress: &'a dyn Progress,
}

/// A file that is sealed under the new key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rekeyed {
    /// Its name in the repository.
    pub name: String,
    /// Bytes of content.
    pub size: u64,
    /// What the storage calls it now.
    pub blob: String,
    /// The key that it was under.
    pub opened_by: OpenedBy,
    /// Whether it is still there under an earlier key: the token may not delete.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub earlier_left: bool,
}

/// A file as it is, and as it will be.
struct Work {
    /// The blob that it is in, and its version.
    blob: String,
    etag: Etag,
    /// All of it, where it is short.
    start: Vec<u8>,
    extent: FileExtent,
    opener: Arc<FileOpener>,
    content: Arc<Content>,
    /// Of a file of several blocks.
    journal: SharedJournal,
    /// The parts that the storage took from an earlier run; none where nothing was begun.
    noted: Option<BTreeSet<u32>>,
}

impl<'a> Rekeyer<'a> {
    /// Nothing is sent yet. `progress` hears of bytes of content.
    pub fn new(container: &'a Container, key: Arc<VaultKey>, progress: &'a dyn Progress) -> Self {
        Self {
            container,
            key,
            journals: None,
            pool: Pool::new(),
            progress,
        }
    }

    /// With a folder for journals: a large file that was cut off resumes.
    #[must_use]
    pub fn with_journals(self, folder: PathBuf) -> Self {
        let journals = Some(folder);
        Self { journals, ..self }
    }

    /// Seals a file anew, reads its entry back, and then removes it under the keys of `earlier`. The file is there
    /// whole at every moment. One that is under the new key already is only removed under the others: an earlier run
    /// was cut off. `None` when the file is not there any more.
    ///
    /// `from` is where the file is now; `earlier` are the keys of its line under which it goes afterwards. What is
    /// under a retired key may be from a former member: show it to a person before it becomes a file of the key in use
    /// (threat model, Z45).
    ///
    /// # Errors
    ///
    /// [`TransferError`]: [`Exists`](TransferError::Exists) when the new key has a file of this name.
    pub async fn rekey(
        &self,
        name: &RepositoryPath,
        from: &Candidate,
        earlier: &[Arc<VaultKey>],
    ) -> Result<Option<Rekeyed>> {
        let Some((work, entry)) = self.open(name, from).await? else {
            return Ok(None);
        };
        let blob = blob_name(&self.key, name);
        let options = WriteOptions {
            condition: Condition::Absent,
            metadata: vec![("zkv".to_owned(), entry.seal(&self.key).map_err(SealFileError::from)?)],
            content_type: "application/octet-stream".to_owned(),
        };
        let etag = match work.content.plan().is_single() {
            _ if work.blob == blob => work.etag.clone(),
            true => self.put_whole(name, &blob, &work, &options).await?,
            false => self.put_blocks(name, &blob, &work, &options).await?,
        };
        Ok(Some(Rekeyed {
            name: name.as_str().to_owned(),
            size: entry.size,
            opened_by: OpenedBy::of_key(&from.key, from.label.clone()),
            earlier_left: !self.remove_earlier(name, &blob, etag.as_str(), earlier).await?,
            blob,
        }))
    }

    /// Removes a file under the keys of `earlier`, if this version of it is there under the new key. Returns whether
    /// none is left.
    async fn remove_earlier(
        &self,
        name: &RepositoryPath,
        blob: &str,
        etag: &str,
        earlier: &[Arc<VaultKey>],
    ) -> Result<bool> {
        match line::is_there(self.container, name, &self.key, blob, etag).await? {
            Some(true) => line::remove(self.container, name, earlier).await,
            Some(false) | None => Ok(false),
        }
    }

    /// Opens the file in its blob. `None` when it is not there any more.
    async fn open(&self, name: &RepositoryPath, from: &Candidate) -> Result<Option<(Work, RepositoryEntry)>> {
        let mut bytes = Vec::new();
        let read = self.container.read_range(&from.blob, 0, FIRST_LEN, None, &mut bytes);
        let properties = match read.await {
            Ok(properties) => properties,
            Err(error) => match error.kind() {
                BlobErrorKind::NotFound => return Ok(None),
                BlobErrorKind::Range => return Err(not_opened(name, NotOpened::Empty)),
                _ => return Err(not_rekeyed(name, error)),
            },
        };
        let StoredFile {
            entry, opener, extent, ..
        } = open_stored(name, &from.blob, &bytes, &properties, &from.key_set())?;
        let meta = FileMeta {
            size: Some(entry.size),
            ..opener.meta().clone()
        };
        let mut journal = match extent.block_count() {
            0 | 1 => None,
            _ => self.journal(name, &from.blob)?,
        };
        let resumed = self.resumed(journal.as_mut(), &properties.etag, entry.size);
        let (content, noted) = match resumed {
            Some((content, noted)) => (content, Some(noted)),
            None => {
                let block_size = opener.layout().block_size();
                (Content::resealed(&meta, block_size, entry.size, &self.key)?, None)
            }
        };
        let entry = RepositoryEntry {
            prelude: content.prelude_digest().unwrap_or_default(),
            ..entry
        };
        bytes.truncate(match bytes.len() as u64 == extent.file_len() {
            true => bytes.len(),
            false => 0,
        });
        let work = Work {
            blob: from.blob.clone(),
            etag: properties.etag,
            start: bytes,
            extent,
            opener: Arc::new(opener),
            content: Arc::new(content),
            journal: SharedJournal::new(journal),
            noted,
        };
        Ok(Some((work, entry)))
    }

    /// Seals and sends a file of one block, in one request.
    async fn put_whole(&self, name: &RepositoryPath, blob: &str, work: &Work, options: &WriteOptions) -> Result<Etag> {
        let sealed = self.fetch(name, work, 0).await?;
        let (opener, content, path, extent) = work.shared(name);
        let whole = on_worker(move || {
            let plaintext = open(&opener, extent, 0, &sealed.bytes, &path)?;
            content.reseal_whole(&plaintext, sealed)
        })
        .await?;
        let put = self.container.put_blob(blob, whole, options).await;
        let etag = put.map_err(|error| self.failure(name, error))?;
        self.progress.advance(extent.plaintext_len());
        Ok(etag)
    }

    /// The journal of a file; none where journals are not wanted, or a different run has it.
    fn journal(&self, name: &RepositoryPath, from: &str) -> Result<Option<Journal>> {
        let Some(folder) = &self.journals else { return Ok(None) };
        let place = self.container.url().to_string();
        Journal::open(folder, &["rekey", &place, &blob_name(&self.key, name), from])
    }

    /// What an earlier run began, from this very version of the file.
    fn resumed(&self, journal: Option<&mut Journal>, version: &Etag, size: u64) -> Option<(Content, BTreeSet<u32>)> {
        let earlier = journal?.earlier(&version.as_str().to_owned())?;
        let content = Content::resume_resealed(&earlier.begun, size, &self.key)?;
        Some((content, earlier.stored))
    }

    /// Sends the blocks that the storage does not have, and commits them all.
    async fn put_blocks(&self, name: &RepositoryPath, blob: &str, work: &Work, options: &WriteOptions) -> Result<Etag> {
        let blocks = Blocks {
            container: self.container,
            name: name.as_str(),
            blob,
            content: &work.content,
            options,
            journal: &work.journal,
            parallel: PARALLEL_BLOCKS,
            progress: self.progress,
            failure: &|error| self.failure(name, error),
        };
        let make = |number| self.part(name, work, number);
        // Each block is fetched of this version, so that no other can come in between.
        let version = work.etag.as_str();
        let (etag, _) = blocks.send(&version, work.noted.clone(), make, || Ok(())).await?;
        verify::committed(self.container, name.as_str(), blob, &work.content, &etag).await?;
        work.journal.forget();
        Ok(etag)
    }

    /// Makes a part: the prelude, or a block from the same block of the file as it was.
    async fn part(&self, name: &RepositoryPath, work: &Work, number: u64) -> Result<Payload> {
        let Some(index) = number.checked_sub(1) else {
            let buffer = self.pool.take(FIRST_LEN).await?;
            return Ok(work.content.prelude_payload(buffer));
        };
        let sealed = self.fetch(name, work, index).await?;
        let (opener, content, path, extent) = work.shared(name);
        on_worker(move || {
            let plaintext = open(&opener, extent, index, &sealed.bytes, &path)?;
            content.reseal_block(index, &plaintext, sealed)
        })
        .await
    }

    /// A block of the file as it was, of the same version of its blob.
    async fn fetch(&self, name: &RepositoryPath, work: &Work, index: u64) -> Result<Buffer> {
        let span = work
            .extent
            .block(index)
            .ok_or_else(|| refused(name, "it has no such block"))?;
        let mut buffer = self.pool.take(span.sealed_len + FIRST_LEN).await?;
        let bounds = usize::try_from(span.offset)
            .ok()
            .zip(usize::try_from(span.sealed_len).ok());
        if let Some(bytes) = bounds.and_then(|(from, len)| work.start.get(from..)?.get(..len)) {
            buffer.bytes.extend_from_slice(bytes);
            return Ok(buffer);
        }
        let read = self.container.read_range(
            &work.blob,
            span.offset,
            span.sealed_len,
            Some(&work.etag),
            &mut buffer.bytes,
        );
        read.await.map_err(|error| not_rekeyed(name, error))?;
        Ok(buffer)
    }

    /// A conflict is a file of the new key, unless an earlier try of the same request may have been this very one.
    fn failure(&self, name: &RepositoryPath, error: BlobError) -> TransferError {
        match error.kind() {
            BlobErrorKind::Conflict if !error.was_repeated() => TransferError::Exists { name: name.to_string() },
            _ => not_rekeyed(name, error),
        }
    }
}

impl Work {
    fn shared(&self, name: &RepositoryPath) -> (Arc<FileOpener>, Arc<Content>, RepositoryPath, FileExtent) {
        let (opener, content) = (Arc::clone(&self.opener), Arc::clone(&self.content));
        (opener, content, name.clone(), self.extent)
    }
}

fn open(
    opener: &FileOpener,
    extent: FileExtent,
    index: u64,
    sealed: &[u8],
    name: &RepositoryPath,
) -> Result<Zeroizing<Vec<u8>>> {
    let span = extent
        .block(index)
        .ok_or_else(|| refused(name, "it has no such block"))?;
    let len = usize::try_from(span.plaintext_len).unwrap_or_default();
    let mut plaintext = Zeroizing::new(Vec::with_capacity(len));
    let opened = opener.open_block(index, span.last, sealed, &mut plaintext);
    opened.map_err(|error| refused(name, format!("block {index}: {error}")))?;
    Ok(plaintext)
}

fn not_rekeyed(name: &RepositoryPath, error: BlobError) -> TransferError {
    StorageError::new(format!("{name} was not sealed anew"), error).into()
}

impl std::fmt::Debug for Rekeyer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rekeyer")
            .field("container", &self.container)
            .finish_non_exhaustive()
    }
}
