//! Downloading one file: its blocks in parallel, each opened on its own, and a name for it only at the end.
//!
//! What is checked before a name is given, and where: that the blob's entry opens under the candidate's key and names
//! this path, that the prelude is the one of the entry, and that the blob is as long as its header says
//! (`open_stored`); that every block belongs to its number, to this prelude and to its place at the end
//! (`receive.rs`, `whole.rs`). So a storage can withhold a file or give an older version of it, and nothing else (threat
//! model, Z27 and Z29).
//!
//! Parts of one file are of one version of the blob: all ranges after the first are asked for with its ETag. The draft
//! is as long as the content from the start, with room on the disk where the system can reserve it; it is written by
//! several threads at once, each at its own place.
//!
//! A file waits for its turn to be received, of which there are [`PARALLEL_FILES`]. Once it is written it waits for the
//! disk and for its name with others (`naming.rs`), while more are received.

use std::collections::BTreeSet;
use std::fs::File;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use zkvault_client::Bytes;
use zkvault_client::blob::BlobErrorKind;
use zkvault_core::key::KeySet;
use zkvault_core::repository::{Candidate, RepositoryPath, StoredFile};

use super::error::{NotOpened, StorageError, TransferError};
use super::local::{self, Taken};
use super::naming::{Named, Naming, Waiting};
use super::opened::OpenedBy;
use super::pool::Pool;
use super::receive::{Block, Incoming};
use super::stored::{Start, not_downloaded, not_opened};
use super::whole::{self, Whole, Written};
use super::{Container, PARALLEL_FILES, Result, on_worker};
use crate::fs::{AtomicFile, FileAction, FileError, create_private_folder, reserve, settle_folder};
use crate::progress::Progress;
use crate::workers::WorkersEnded;

/// Bytes that are asked for first: the prelude, and all of a small file.
///
/// Files up to about a mebibyte therefore take one request.
pub(super) const FIRST_LEN: u64 = 1 << 20;
/// Bytes of a block of a file that is not encrypted.
const PLAIN_BLOCK_LEN: u64 = 8 << 20;

/// How files are downloaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DownloadOptions {
    /// Whether files that are there are replaced.
    pub overwrite: bool,
}

/// Downloads files into a folder. Drop it before you rely on the names of the files after a power failure.
///
/// One of them serves several files at once, and shares its memory among them. It is what knows which names were taken
/// in this run, on systems that do not distinguish upper and lower case: the second of two such files is refused,
/// instead of replacing the first.
pub struct Downloader<'a> {
    container: &'a Container,
    folder: &'a Path,
    options: DownloadOptions,
    pool: Arc<Pool>,
    progress: &'a dyn Progress,
    /// Bytes that were announced of files that have not begun yet.
    announced: AtomicU64,
    /// Of files that are received.
    turns: Arc<Semaphore>,
    naming: Arc<Naming>,
    /// Where files were put.
    folders: Mutex<BTreeSet<PathBuf>>,
    taken: Mutex<Taken>,
}

/// Puts the names of all files on the disk, in one go for each folder.
impl Drop for Downloader<'_> {
    fn drop(&mut self) {
        let folders = self.folders.get_mut().unwrap_or_else(PoisonError::into_inner);
        folders.iter().for_each(|folder| settle_folder(folder));
    }
}

/// A file on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Downloaded {
    /// Its name in the repository, and below the folder.
    pub name: String,
    /// Bytes of content.
    pub size: u64,
    /// Which key opened it; `None` of a file that is not encrypted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opened_by: Option<OpenedBy>,
    /// Whether it was here already, of this size and time, and was left as it is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub present: bool,
}

impl Downloaded {
    fn new(name: &RepositoryPath, size: u64) -> Self {
        Self {
            name: name.as_str().to_owned(),
            size,
            opened_by: None,
            present: false,
        }
    }
}

/// One of the files that are received.
type Turn = OwnedSemaphorePermit;

impl<'a> Downloader<'a> {
    /// Nothing is asked for yet. `progress` hears of bytes of content.
    pub fn new(
        container: &'a Container,
        folder: &'a Path,
        options: DownloadOptions,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            container,
            folder,
            options,
            pool: Pool::new(),
            progress,
            announced: AtomicU64::new(0),
            turns: Arc::new(Semaphore::new(PARALLEL_FILES)),
            naming: Arc::default(),
            folders: Mutex::default(),
            taken: Mutex::default(),
        }
    }

    /// So many bytes of files are still to come.
    ///
    /// For a bar that shows the whole from the start. Each file then counts against what was announced, and asks for
    /// more only beyond that.
    pub fn announce(&self, bytes: u64) {
        let more = |announced: u64| Some(announced.saturating_add(bytes));
        let _ = self.announced.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more);
        self.progress.expect(bytes);
    }

    /// A file of so many bytes begins.
    fn expect(&self, len: u64) {
        let before = self
            .announced
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |announced| {
                Some(announced.saturating_sub(len))
            });
        self.progress.expect(len.saturating_sub(before.unwrap_or_default()));
    }

    /// Where a file goes. On Windows and macOS file systems seldom distinguish upper and lower case.
    fn target(&self, name: &RepositoryPath) -> Result<PathBuf> {
        if cfg!(any(windows, target_os = "macos")) {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            taken.take(name)?;
        }
        local::target(self.folder, name)
    }

    /// Waits until the file may be received.
    async fn turn(&self) -> Result<Turn> {
        // Nobody closes the semaphore.
        Ok(Arc::clone(&self.turns)
            .acquire_owned()
            .await
            .map_err(|_| WorkersEnded)?)
    }

    /// Downloads an encrypted file from the first of these blobs that is there. Everything is authenticated: that it is
    /// this file, that it is whole, and that it is the one that was uploaded under this name. `None` when no blob is
    /// there.
    ///
    /// `candidates` are the blobs that the file may be in, in the order of
    /// [`RepositoryKeys::candidates`](zkvault_core::repository::RepositoryKeys::candidates): a key in use before a
    /// retired one, so that a former member's file never comes before one that was sealed since (threat model, Z45).
    ///
    /// A file that is there already with the same length and time of change is left as it is and reported as
    /// [`present`](Downloaded::present); its content is not compared. A different one is [`FileError::Exists`], unless
    /// it is to be overwritten.
    ///
    /// # Errors
    ///
    /// [`TransferError`]. Nothing has the file's name then.
    pub async fn sealed(&self, name: &RepositoryPath, candidates: &[Candidate]) -> Result<Option<Downloaded>> {
        let turn = self.turn().await?;
        for candidate in candidates {
            if let Some(start) = self.start(name, candidate.blob.clone()).await? {
                let downloaded = self.sealed_from(name, start, candidate.key_set(), turn).await?;
                let opened_by = Some(OpenedBy::of_key(&candidate.key, candidate.label.clone()));
                return Ok(Some(Downloaded {
                    opened_by,
                    ..downloaded
                }));
            }
        }
        Ok(None)
    }

    async fn sealed_from(&self, name: &RepositoryPath, start: Start, keys: KeySet, turn: Turn) -> Result<Downloaded> {
        let target = self.target(name)?;
        if start.is_whole() {
            return self.whole(name, start, Some(keys), target, turn).await;
        }
        let StoredFile { opener, extent, .. } = start.open(name, &keys)?;
        let (len, modified) = (extent.plaintext_len(), opener.meta().modified);
        let opener = Arc::new(opener);
        let blocks = |file: &Arc<File>| {
            let (opener, file, name) = (Arc::clone(&opener), Arc::clone(file), name.clone());
            let spans = (0..extent.block_count()).map_while(move |index| extent.block(index));
            spans.map(move |span| {
                let block = Block::sealed(&opener, &span, &file, &name);
                (span.offset..span.offset + span.sealed_len, block)
            })
        };
        self.parts(name, &start, target, (len, modified), blocks, turn).await
    }

    /// Downloads a file of which there is more than its start.
    async fn parts<Blocks: Iterator<Item = (Range<u64>, Block)> + Send>(
        &self,
        name: &RepositoryPath,
        start: &Start,
        target: PathBuf,
        (len, modified): (u64, Option<i64>),
        blocks: impl FnOnce(&Arc<File>) -> Blocks,
        turn: Turn,
    ) -> Result<Downloaded> {
        self.expect(len);
        if whole::is_present(&target, len, modified, self.options) {
            self.progress.advance(len);
            return Ok(self.done(name, Named::present(len)));
        }
        let options = self.options;
        let (mut draft, file) = on_worker(move || reserved(&target, len, options)).await?;
        let incoming = Incoming {
            container: self.container,
            pool: &self.pool,
            progress: self.progress,
            name,
            start,
        };
        incoming.receive(blocks(&file)).await?;
        drop((file, turn));
        whole::set_modified(modified, |time| draft.set_modified(time));
        let (named, result) = oneshot::channel();
        let (naming, size) = (Arc::clone(&self.naming), len);
        tokio::task::spawn_blocking(move || naming.add(Waiting { draft, size, named }));
        Ok(self.done(name, result.await.map_err(|_| WorkersEnded)??))
    }

    /// A file that is all there: the rest is done on one worker.
    async fn whole(
        &self,
        name: &RepositoryPath,
        start: Start,
        keys: Option<KeySet>,
        target: PathBuf,
        turn: Turn,
    ) -> Result<Downloaded> {
        let whole = Whole {
            name: name.clone(),
            start,
            keys,
            target,
            options: self.options,
        };
        // Others may be received meanwhile: what is in memory of this one is in the pool's budget.
        drop(turn);
        let (named, result) = oneshot::channel();
        let naming = Arc::clone(&self.naming);
        tokio::task::spawn_blocking(move || {
            let written = whole.write();
            drop(whole);
            match written {
                Ok(Written {
                    size,
                    draft: Some(draft),
                }) => naming.add(Waiting { draft, size, named }),
                Ok(Written { size, draft: None }) => drop(named.send(Ok(Named::present(size)))),
                Err(error) => drop(named.send(Err(error))),
            }
        });
        let named = result.await.map_err(|_| WorkersEnded)??;
        self.expect(named.size);
        self.progress.advance(named.size);
        Ok(self.done(name, named))
    }

    /// Notes the folder, whose names are put on the disk at the end: once, not for each of its files.
    fn done(&self, name: &RepositoryPath, named: Named) -> Downloaded {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.extend(named.folder);
        Downloaded {
            present: named.present,
            ..Downloaded::new(name, named.size)
        }
    }

    /// Downloads a blob as it is. `None` when it is not there.
    ///
    /// Nothing authenticates it: the storage can give what it likes. What is checked is that all of it is of one
    /// version. Only a person who asks for a file without encryption gets one; [`Self::sealed`] never falls back to
    /// this.
    ///
    /// # Errors
    ///
    /// [`TransferError`]. Nothing has the file's name then.
    pub async fn plain(&self, name: &RepositoryPath) -> Result<Option<Downloaded>> {
        let turn = self.turn().await?;
        let start = match self.start(name, name.as_str().to_owned()).await {
            // Nothing can be read from the start of nothing; and a folder is not an empty file.
            Err(TransferError::NotOpened {
                source: NotOpened::Empty,
                ..
            }) => self.empty(name).await?,
            Ok(None) => return Ok(None),
            Ok(Some(start)) => start,
            Err(error) => return Err(error),
        };
        if start.properties.is_folder {
            return Ok(None);
        }
        let target = self.target(name)?;
        if start.is_whole() {
            return Ok(Some(self.whole(name, start, None, target, turn).await?));
        }
        let content = (start.properties.len, whole::time_of(&start.properties));
        let blocks = |file: &Arc<File>| {
            let (file, name, len) = (Arc::clone(file), name.clone(), content.0);
            let offsets = (0..len.div_ceil(PLAIN_BLOCK_LEN)).map(|index| index * PLAIN_BLOCK_LEN);
            offsets.map(move |offset| {
                let end = len.min(offset + PLAIN_BLOCK_LEN);
                (offset..end, Block::plain(offset, &file, &name))
            })
        };
        Ok(Some(self.parts(name, &start, target, content, blocks, turn).await?))
    }

    /// A blob that is empty, of which no range can be read.
    async fn empty(&self, name: &RepositoryPath) -> Result<Start> {
        let properties = self.container.properties(name.as_str()).await;
        Ok(Start {
            blob: name.as_str().to_owned(),
            bytes: Bytes::new(),
            properties: properties.map_err(|error| StorageError::new(not_downloaded(name), error))?,
        })
    }

    /// Makes a folder that has no files.
    ///
    /// For blobs that stand for folders, among files that are not encrypted.
    ///
    /// # Errors
    ///
    /// [`TransferError`] when the name is none here, or the folder cannot be made.
    pub fn folder(&self, name: &RepositoryPath) -> Result<Downloaded> {
        let path = local::target(self.folder, name)?;
        create_private_folder(&path)?;
        Ok(Downloaded::new(name, 0))
    }

    /// The first bytes of a blob; nothing when there is none.
    async fn start(&self, name: &RepositoryPath, blob: String) -> Result<Option<Start>> {
        let mut bytes = self.pool.take(FIRST_LEN).await?;
        let read = self.container.read_range(&blob, 0, FIRST_LEN, None, &mut bytes.bytes);
        match read.await {
            Ok(properties) => Ok(Some(Start {
                blob,
                bytes: Bytes::from_owner(bytes),
                properties,
            })),
            Err(error) => match error.kind() {
                BlobErrorKind::NotFound => Ok(None),
                BlobErrorKind::Range => Err(not_opened(name, NotOpened::Empty)),
                _ => Err(StorageError::new(not_downloaded(name), error).into()),
            },
        }
    }
}

/// A draft with room for so many bytes: a disk that is too full is found before anything is received.
fn reserved(target: &Path, len: u64, options: DownloadOptions) -> Result<(AtomicFile, Arc<File>)> {
    let mut draft = whole::draft(target, options)?;
    let file = draft.handle().and_then(|file| reserve(&file, len).map(|()| file));
    let file = file.map_err(|error| FileError::system(FileAction::Write, target, error))?;
    Ok((draft, Arc::new(file)))
}

impl std::fmt::Debug for Downloader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Downloader")
            .field("container", &self.container)
            .field("folder", &self.folder)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}
