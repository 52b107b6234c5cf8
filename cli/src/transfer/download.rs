//! Downloading one file: its blocks in parallel, each opened on its own, and a name for it only at the end.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use zeroize::Zeroizing;
use zkvault::fs::{create_private_folder, reserve};
use zkvault::progress::Progress as _;
use zkvault_client::blob::{BlobErrorKind, BlobProperties};
use zkvault_core::file::{
    BlockOpener, BlockSpan, FileExtent, FileOpener, FilePrelude, OpenBlockError, ParsedPrelude, UnlockFileError,
};
use zkvault_core::key::KeySet;
use zkvault_core::repository::{RepositoryEntry, RepositoryPath};

use super::pool::{Buffer, Pool};
use super::source::write_all_at;
use super::{PARALLEL_BLOCKS, PIECE_LEN, on_worker};
use crate::error::{CliError, Exit, Result};
use crate::output::Progress;
use crate::repo::{Container, failed, target};
use zkvault::fs::{AtomicFile, settle_folder};

/// Bytes that are asked for first: the prelude, and all of a small file.
const FIRST_LEN: u64 = 1 << 20;
/// Bytes of a block of a file that is not encrypted.
const PLAIN_BLOCK_LEN: u64 = 8 << 20;

/// Downloads files into a folder.
pub(crate) struct Downloader<'a> {
    container: &'a Container,
    folder: &'a Path,
    force: bool,
    pool: Arc<Pool>,
    progress: RefCell<Progress>,
    /// Bytes that were announced of files that have not begun yet.
    announced: Cell<u64>,
    /// Where files were put.
    folders: RefCell<BTreeSet<PathBuf>>,
}

/// Puts the names of all files on the disk, in one go for each folder.
impl Drop for Downloader<'_> {
    fn drop(&mut self) {
        self.folders.borrow().iter().for_each(|folder| settle_folder(folder));
    }
}

/// A file on this machine.
#[derive(Debug, Serialize)]
pub(crate) struct Downloaded {
    pub(crate) name: String,
    pub(crate) size: u64,
}

/// The start of a blob, and what the storage says of all of it.
struct Start {
    blob: String,
    bytes: Buffer,
    properties: BlobProperties,
}

impl<'a> Downloader<'a> {
    pub(crate) fn new(container: &'a Container, folder: &'a Path, force: bool, progress: Progress) -> Self {
        Self {
            container,
            folder,
            force,
            pool: Pool::new(),
            progress: RefCell::new(progress),
            announced: Cell::new(0),
            folders: RefCell::default(),
        }
    }

    /// So many bytes of files are still to come.
    pub(crate) fn announce(&self, bytes: u64) {
        self.announced.set(self.announced.get().saturating_add(bytes));
        self.progress.borrow().expect(bytes);
    }

    /// A file of so many bytes begins.
    fn expect(&self, len: u64) {
        let announced = self.announced.get();
        self.announced.set(announced.saturating_sub(len));
        self.progress.borrow().expect(len.saturating_sub(announced));
    }

    /// Downloads an encrypted file, if one of these blobs is there. Everything is authenticated: that it is this
    /// file, that it is whole, and that it is the one that was uploaded under this name.
    pub(crate) async fn sealed(
        &self,
        name: &RepositoryPath,
        blobs: impl Iterator<Item = String>,
        keys: &KeySet,
    ) -> Result<Option<Downloaded>> {
        for blob in blobs {
            if let Some(start) = self.start(name, blob).await? {
                return self.sealed_from(name, start, keys).await.map(Some);
            }
        }
        Ok(None)
    }

    async fn sealed_from(&self, name: &RepositoryPath, start: Start, keys: &KeySet) -> Result<Downloaded> {
        let target = target(self.folder, name)?;
        let (opener, extent) = unlock(name, &start, keys)?;
        let opener = Arc::new(opener);
        self.expect(extent.plaintext_len());
        if start.bytes.bytes.len() as u64 == extent.file_len() {
            return self.sealed_whole(name, start, target, opener, extent).await;
        }
        let (mut draft, file) = draft(&target, extent.plaintext_len(), self.force)?;
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
        Ok(Downloaded {
            name: name.as_str().to_owned(),
            size: extent.plaintext_len(),
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
        let (path, force) = (name.clone(), self.force);
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
        self.folders.borrow_mut().extend(folder);
        self.progress.borrow_mut().add(extent.plaintext_len());
        Ok(Downloaded {
            name: name.as_str().to_owned(),
            size: extent.plaintext_len(),
        })
    }

    /// Fetches a block, opens it, and writes what is in it where it belongs.
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
            .ok_or_else(|| not_opened(name, "it has no such block"))?;
        let sealed = self.range(name, start, span.offset, span.sealed_len).await?;
        let (opener, path) = (Arc::clone(opener), name.clone());
        on_worker(move || write_block(&opener, &span, sealed.as_ref(), &file, &path)).await?;
        self.progress.borrow_mut().add(span.plaintext_len);
        Ok(())
    }

    /// Downloads a blob as it is.
    pub(crate) async fn plain(&self, name: &RepositoryPath) -> Result<Option<Downloaded>> {
        let blob = name.as_str().to_owned();
        let start = match self.start(name, blob.clone()).await {
            // Nothing can be read from the start of nothing; and a folder is not an empty file.
            Err(error) if error.code == "empty-blob" && self.is_folder(name).await? => return Ok(None),
            Err(error) if error.code == "empty-blob" => None,
            Ok(None) => return Ok(None),
            start => start?,
        };
        let len = start.as_ref().map_or(0, |start| start.properties.len);
        let target = target(self.folder, name)?;
        self.expect(len);
        let (mut draft, file) = draft(&target, len, self.force)?;
        if let Some(start) = &start {
            let blocks = stream::iter(0..len.div_ceil(PLAIN_BLOCK_LEN))
                .map(|index| Ok(self.plain_block(name, start, Arc::clone(&file), index * PLAIN_BLOCK_LEN, len)));
            blocks
                .try_buffer_unordered(PARALLEL_BLOCKS)
                .try_collect::<Vec<()>>()
                .await?;
        }
        drop(file);
        self.finish(&mut draft).await?;
        let name = name.as_str().to_owned();
        Ok(Some(Downloaded { name, size: len }))
    }

    /// Whether an empty blob stands for a folder.
    async fn is_folder(&self, name: &RepositoryPath) -> Result<bool> {
        let properties = self.container.properties(name.as_str()).await;
        let properties = properties.map_err(|error| failed(not_downloaded(name), &error))?;
        Ok(properties.is_folder)
    }

    /// Makes a folder that has no files.
    pub(crate) fn folder(&self, name: &RepositoryPath) -> Result<Downloaded> {
        let path = target(self.folder, name)?;
        create_private_folder(&path)?;
        Ok(Downloaded {
            name: name.as_str().to_owned(),
            size: 0,
        })
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
        self.progress.borrow_mut().add(part);
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
                BlobErrorKind::Range => {
                    Err(CliError::new(Exit::Integrity, "empty-blob", not_downloaded(name)).cause("its blob is empty"))
                }
                _ => Err(failed(not_downloaded(name), &error)),
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
            BlobErrorKind::Conflict => CliError::new(Exit::Other, "conflict", not_downloaded(name))
                .cause("it was replaced while it was downloaded")
                .hint("start again"),
            _ => failed(not_downloaded(name), &error),
        })?;
        Ok(buffer)
    }

    async fn finish(&self, draft: &mut Option<AtomicFile>) -> Result<()> {
        if let Some(draft) = draft.take() {
            let folder = on_worker(move || Ok(draft.commit_unsynced()?)).await?;
            self.folders.borrow_mut().extend(folder);
        }
        Ok(())
    }
}

/// Opens the file's entry and prelude, and checks that they are those of this name and length.
fn unlock(name: &RepositoryPath, start: &Start, keys: &KeySet) -> Result<(FileOpener, FileExtent)> {
    let entry = start.properties.metadata("zkv").ok_or_else(|| {
        not_opened(name, "its entry is missing").hint("the blob was copied without its metadata, or replaced")
    })?;
    let entry = RepositoryEntry::open(entry, &start.blob, keys);
    let entry = entry.map_err(|error| not_opened(name, format!("its entry: {error}")))?;
    let ParsedPrelude::Whole(prelude) =
        FilePrelude::parse(start.bytes.as_ref()).map_err(|error| not_opened(name, error))?
    else {
        return Err(not_opened(name, "it is cut off"));
    };
    if entry.path != *name || entry.prelude != prelude.digest() {
        return Err(not_opened(name, "it is not the file that was uploaded under this name"));
    }
    let opener = prelude.unlock(keys).map_err(|error| match error {
        UnlockFileError::NoKey => not_opened(name, error).hint("give the key that it was uploaded with"),
        error => not_opened(name, error),
    })?;
    let extent = opener.extent_of_file(start.properties.len);
    let extent = extent.map_err(|error| not_opened(name, error))?;
    Ok((opener, extent))
}

/// A file without a name yet, in the folder of its target.
fn draft(target: &Path, len: u64, force: bool) -> Result<(Option<AtomicFile>, Arc<File>)> {
    let write_error = |error: std::io::Error| CliError::file("write", target, &error);
    if let Some(folder) = target.parent() {
        create_private_folder(folder)?;
    }
    let mut draft = AtomicFile::create(target, force)?;
    let file = draft.handle().map_err(write_error)?;
    reserve(&file, len).map_err(write_error)?;
    Ok((Some(draft), Arc::new(file)))
}

/// Opens a block and writes what is in it where it belongs.
fn write_block(opener: &FileOpener, span: &BlockSpan, sealed: &[u8], file: &File, name: &RepositoryPath) -> Result<()> {
    let mut offset = span.index * u64::from(opener.layout().block_size().bytes());
    let fail = |error| not_opened(name, format!("block {}: {error}", span.index));
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
    fail: impl Fn(OpenBlockError) -> CliError,
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

fn write(file: &File, bytes: &[u8], offset: u64, name: &RepositoryPath) -> Result<()> {
    write_all_at(file, bytes, offset).map_err(|error| CliError::io(&not_downloaded(name), &error))
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

fn not_opened(name: &RepositoryPath, cause: impl ToString) -> CliError {
    CliError::new(Exit::Integrity, "decrypt", not_downloaded(name)).cause(cause)
}
