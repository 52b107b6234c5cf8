//! Downloading one file: its blocks in parallel, each opened on its own, and a name for it only at the end.
//!
//! What is checked before a name is given, and where: that the blob's entry opens under the candidate's key and names
//! this path, that the prelude is the one of the entry, and that the blob is as long as its header says
//! (`open_stored`); that every block belongs to its number, to this prelude and to its place at the end
//! (`write_block`). So a storage can withhold a file or give an older version of it, and nothing else (threat model,
//! Z27 and Z29).
//!
//! Parts of one file are of one version of the blob: all ranges after the first are asked for with its ETag. The draft
//! is as long as the content from the start, with room on the disk where the system can reserve it; it is written by
//! several threads at once, each at its own place.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::UNIX_EPOCH;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use zeroize::Zeroizing;
use zkvault_client::blob::{BlobErrorKind, BlobProperties};
use zkvault_core::file::{
    BlockOpener, BlockSpan, FileExtent, FileOpener, FilePrelude, OpenBlockError, ParsedPrelude, UnlockFileError,
};
use zkvault_core::key::KeySet;
use zkvault_core::repository::{Candidate, OpenStoredFileError, RepositoryPath, StoredFile};

use super::error::{NotOpened, Reason, StorageError, TransferError};
use super::local::{self, Taken};
use super::opened::OpenedBy;
use super::pool::{Buffer, Pool};
use super::source::write_all_at;
use super::{Container, PARALLEL_BLOCKS, PIECE_LEN, Result, on_worker};
use crate::fs::{AtomicFile, Existing, FileAction, FileError, create_private_folder, reserve, settle_folder};
use crate::progress::Progress;

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

/// The start of a blob, and what the storage says of all of it.
struct Start {
    blob: String,
    bytes: Buffer,
    properties: BlobProperties,
}

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

    /// Notes a folder whose names are put on the disk at the end: once, not for each of its files.
    fn settle_later(&self, folder: Option<PathBuf>) {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        folders.extend(folder);
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
        for candidate in candidates {
            if let Some(start) = self.start(name, candidate.blob.clone()).await? {
                let downloaded = self.sealed_from(name, start, &candidate.key_set()).await?;
                let opened_by = Some(OpenedBy::of_key(&candidate.key, candidate.label.clone()));
                return Ok(Some(Downloaded {
                    opened_by,
                    ..downloaded
                }));
            }
        }
        Ok(None)
    }

    async fn sealed_from(&self, name: &RepositoryPath, start: Start, keys: &KeySet) -> Result<Downloaded> {
        let target = self.target(name)?;
        let (opener, extent) = unlock(name, &start, keys)?;
        let opener = Arc::new(opener);
        self.expect(extent.plaintext_len());
        let modified = opener.meta().modified.and_then(|time| u64::try_from(time).ok());
        if let Some(present) = self.present(name, &target, extent.plaintext_len(), modified) {
            return Ok(present);
        }
        if start.bytes.bytes.len() as u64 == extent.file_len() {
            return self.sealed_whole(name, start, target, opener, extent).await;
        }
        let (mut draft, file) = draft(&target, extent.plaintext_len(), self.options.overwrite)?;
        let blocks = stream::iter(0..extent.block_count())
            .map(|index| Ok(self.block(name, &start, &opener, extent, Arc::clone(&file), index)));
        blocks
            .try_buffer_unordered(PARALLEL_BLOCKS)
            .try_collect::<Vec<()>>()
            .await?;
        if let Some(modified) = opener.meta().modified {
            set_modified(&file, modified);
        }
        drop(file);
        self.finish(&mut draft).await?;
        Ok(Downloaded::new(name, extent.plaintext_len()))
    }

    /// A file that an earlier run put here, as far as its size and time tell. Without them it is somebody else's. A run
    /// over a thousand files that was cut off continues this way, without a journal.
    fn present(&self, name: &RepositoryPath, target: &Path, size: u64, modified: Option<u64>) -> Option<Downloaded> {
        let metadata = std::fs::metadata(target).ok().filter(std::fs::Metadata::is_file)?;
        let time = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_secs();
        let is_same = !self.options.overwrite && metadata.len() == size && Some(time) == modified;
        is_same.then(|| {
            self.progress.advance(size);
            Downloaded {
                present: true,
                ..Downloaded::new(name, size)
            }
        })
    }

    /// A file that is there already with its start: all that is left is done on one worker.
    async fn sealed_whole(
        &self,
        name: &RepositoryPath,
        start: Start,
        target: PathBuf,
        opener: Arc<FileOpener>,
        extent: FileExtent,
    ) -> Result<Downloaded> {
        let (path, force) = (name.clone(), self.options.overwrite);
        let folder = on_worker(move || {
            let (mut draft, file) = draft(&target, extent.plaintext_len(), force)?;
            for span in (0..extent.block_count()).map_while(|index| extent.block(index)) {
                let bounds = usize::try_from(span.offset)
                    .ok()
                    .zip(usize::try_from(span.sealed_len).ok());
                let sealed = bounds.and_then(|(from, len)| start.bytes.as_ref().get(from..)?.get(..len));
                write_block(&opener, &span, sealed.unwrap_or_default(), &file, &path)?;
            }
            if let Some(modified) = opener.meta().modified {
                set_modified(&file, modified);
            }
            drop(file);
            draft.take().map_or(Ok(None), |draft| Ok(draft.commit_unsynced()?))
        })
        .await?;
        self.settle_later(folder);
        self.progress.advance(extent.plaintext_len());
        Ok(Downloaded::new(name, extent.plaintext_len()))
    }

    /// Fetches a block, opens it, and writes what is in it where it belongs. The buffer of the pool holds ciphertext;
    /// the plaintext passes through one of at most 512 KiB, which is wiped at the end of the block.
    async fn block(
        &self,
        name: &RepositoryPath,
        start: &Start,
        opener: &Arc<FileOpener>,
        extent: FileExtent,
        file: Arc<File>,
        index: u64,
    ) -> Result<()> {
        let span = extent
            .block(index)
            .ok_or_else(|| refused(name, "it has no such block"))?;
        let sealed = self.range(name, start, span.offset, span.sealed_len).await?;
        let (opener, path) = (Arc::clone(opener), name.clone());
        on_worker(move || write_block(&opener, &span, sealed.as_ref(), &file, &path)).await?;
        self.progress.advance(span.plaintext_len);
        Ok(())
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
        let blob = name.as_str().to_owned();
        let start = match self.start(name, blob.clone()).await {
            // Nothing can be read from the start of nothing; and a folder is not an empty file.
            Err(TransferError::NotOpened {
                source: NotOpened::Empty,
                ..
            }) => None,
            Ok(None) => return Ok(None),
            start => start?,
        };
        let properties = match &start {
            Some(start) => start.properties.clone(),
            None => self.properties(name).await?,
        };
        if properties.is_folder {
            return Ok(None);
        }
        let len = properties.len;
        let target = self.target(name)?;
        self.expect(len);
        if let Some(present) = self.present(name, &target, len, properties.modified) {
            return Ok(Some(present));
        }
        let (mut draft, file) = draft(&target, len, self.options.overwrite)?;
        if let Some(start) = &start {
            let blocks = stream::iter(0..len.div_ceil(PLAIN_BLOCK_LEN))
                .map(|index| Ok(self.plain_block(name, start, Arc::clone(&file), index * PLAIN_BLOCK_LEN, len)));
            blocks
                .try_buffer_unordered(PARALLEL_BLOCKS)
                .try_collect::<Vec<()>>()
                .await?;
        }
        if let Some(modified) = properties.modified.and_then(|time| i64::try_from(time).ok()) {
            set_modified(&file, modified);
        }
        drop(file);
        self.finish(&mut draft).await?;
        Ok(Some(Downloaded::new(name, len)))
    }

    /// What the storage says of a blob that is empty, of which no range can be read.
    async fn properties(&self, name: &RepositoryPath) -> Result<BlobProperties> {
        let properties = self.container.properties(name.as_str()).await;
        Ok(properties.map_err(|error| StorageError::new(not_downloaded(name), error))?)
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

    async fn plain_block(
        &self,
        name: &RepositoryPath,
        start: &Start,
        file: Arc<File>,
        offset: u64,
        len: u64,
    ) -> Result<()> {
        let part = PLAIN_BLOCK_LEN.min(len - offset);
        let bytes = self.range(name, start, offset, part).await?;
        let path = name.clone();
        on_worker(move || write(&file, bytes.as_ref(), offset, &path)).await?;
        self.progress.advance(part);
        Ok(())
    }

    /// The first bytes of a blob; nothing when there is none.
    async fn start(&self, name: &RepositoryPath, blob: String) -> Result<Option<Start>> {
        let mut bytes = self.pool.take(FIRST_LEN).await?;
        let read = self.container.read_range(&blob, 0, FIRST_LEN, None, &mut bytes.bytes);
        match read.await {
            Ok(properties) => Ok(Some(Start {
                blob,
                bytes,
                properties,
            })),
            Err(error) => match error.kind() {
                BlobErrorKind::NotFound => Ok(None),
                BlobErrorKind::Range => Err(not_opened(name, NotOpened::Empty)),
                _ => Err(StorageError::new(not_downloaded(name), error).into()),
            },
        }
    }

    /// A range of the same version of the blob, from its start or from the storage.
    async fn range(&self, name: &RepositoryPath, start: &Start, offset: u64, len: u64) -> Result<Buffer> {
        let mut buffer = self.pool.take(len).await?;
        let bounds = usize::try_from(offset).ok().zip(usize::try_from(offset + len).ok());
        if let Some(bytes) = bounds.and_then(|(from, to)| start.bytes.bytes.get(from..to)) {
            buffer.bytes.extend_from_slice(bytes);
            return Ok(buffer);
        }
        let etag = Some(&start.properties.etag);
        let read = self
            .container
            .read_range(&start.blob, offset, len, etag, &mut buffer.bytes);
        read.await.map_err(|error| match error.kind() {
            BlobErrorKind::Conflict => TransferError::ReplacedMeanwhile {
                name: name.to_string(),
                source: Reason::new("it was replaced while it was downloaded"),
            },
            _ => StorageError::new(not_downloaded(name), error).into(),
        })?;
        Ok(buffer)
    }

    /// Gives the file its name. On an error it is dropped instead, and leaves nothing.
    async fn finish(&self, draft: &mut Option<AtomicFile>) -> Result<()> {
        if let Some(draft) = draft.take() {
            let folder = on_worker(move || Ok(draft.commit_unsynced()?)).await?;
            self.settle_later(folder);
        }
        Ok(())
    }
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

/// Opens the file's entry and prelude, and checks that they are those of this name and length.
fn unlock(name: &RepositoryPath, start: &Start, keys: &KeySet) -> Result<(FileOpener, FileExtent)> {
    let file = open_stored(name, &start.blob, start.bytes.as_ref(), &start.properties, keys)?;
    Ok((file.opener, file.extent))
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

/// A file without a name yet, in the folder of its target.
fn draft(target: &Path, len: u64, force: bool) -> Result<(Option<AtomicFile>, Arc<File>)> {
    let write_error = |error| FileError::system(FileAction::Write, target, error);
    if let Some(folder) = target.parent() {
        create_private_folder(folder)?;
    }
    let mut draft = AtomicFile::create(target, Existing::replace_if(force))?;
    let file = draft.handle().map_err(write_error)?;
    reserve(&file, len).map_err(write_error)?;
    Ok((Some(draft), Arc::new(file)))
}

/// Opens a block and writes what is in it where it belongs.
fn write_block(opener: &FileOpener, span: &BlockSpan, sealed: &[u8], file: &File, name: &RepositoryPath) -> Result<()> {
    let mut offset = span.index * u64::from(opener.layout().block_size().bytes());
    let fail = |error| refused(name, format!("block {}: {error}", span.index));
    open(opener.block_opener(span.index, span.last), sealed, fail, |plaintext| {
        write(file, plaintext, offset, name)?;
        offset += plaintext.len() as u64;
        Ok(())
    })
}

/// Opens a block piece by piece, so that its plaintext is written from the processor's cache. Each piece is authentic;
/// that the block is whole shows at its end, and before that nothing of the file has a name.
fn open(
    mut block: BlockOpener<'_>,
    sealed: &[u8],
    fail: impl Fn(OpenBlockError) -> TransferError,
    mut write: impl FnMut(&[u8]) -> Result<()>,
) -> Result<()> {
    // What a piece completes may have begun with the last one.
    let mut plaintext = Zeroizing::new(Vec::with_capacity(sealed.len().min(2 * PIECE_LEN)));
    for piece in sealed.chunks(PIECE_LEN) {
        block.update(piece, &mut plaintext).map_err(&fail)?;
        write(&plaintext)?;
        plaintext.clear();
    }
    block.finish(&mut plaintext).map_err(&fail)?;
    write(&plaintext)
}

/// Writes at a place. The file has no name yet, so an error has the one that it would get.
fn write(file: &File, bytes: &[u8], offset: u64, name: &RepositoryPath) -> Result<()> {
    let written = write_all_at(file, bytes, offset);
    Ok(written.map_err(|error| FileError::system(FileAction::Write, Path::new(name.as_str()), error))?)
}

/// A time that cannot be set is no reason to fail: the content is there.
fn set_modified(file: &File, seconds: i64) {
    let time = u64::try_from(seconds)
        .ok()
        .and_then(|seconds| std::time::SystemTime::UNIX_EPOCH.checked_add(std::time::Duration::from_secs(seconds)));
    if let Some(time) = time {
        let _ = file.set_modified(time);
    }
}

fn not_downloaded(name: &RepositoryPath) -> String {
    format!("{name} was not downloaded")
}

pub(super) fn not_opened(name: &RepositoryPath, source: NotOpened) -> TransferError {
    let name = name.to_string();
    TransferError::NotOpened { name, source }
}

pub(super) fn refused(name: &RepositoryPath, reason: impl ToString) -> TransferError {
    not_opened(name, NotOpened::Refused(Reason::new(reason)))
}
