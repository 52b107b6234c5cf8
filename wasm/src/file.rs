//! Encrypted files of a repository, block by block: on their own, and in backups.

use std::fmt;
use std::sync::Arc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;
use zkvault_core::file::{
    BlockSize, FileExtent, FileLengthError, FileMeta, FileOpener, FilePrelude, FileSealer, ParsedPrelude,
};
use zkvault_core::key::VaultKey;
use zkvault_core::repository::{RepositoryEntry, RepositoryPath, blob_name};

use crate::api_id::ApiId;
use crate::error::{Error, Result};
use crate::json;
use crate::vault::Vault;

/// Blocks of a file; Azure takes 50,000, and the prelude is one.
const MAX_BLOCKS: u64 = 49_000;
const MIB: u64 = 1 << 20;
/// Bytes that tell the blocks of one upload from those of another.
const TAG_LEN: usize = 8;

/// A file on its way to the storage.
#[wasm_bindgen]
pub struct Sealing {
    sealer: FileSealer,
    blob: String,
    /// The bytes in front of block 0.
    start: Vec<u8>,
    /// None of a backup.
    entry: Option<Entry>,
}

/// What a file's entry is made of, but for its size.
struct Entry {
    key: Arc<VaultKey>,
    path: RepositoryPath,
    modified: Option<i64>,
}

#[wasm_bindgen]
impl Vault {
    /// Begins a file of a path, under the key of that label or id or the default one. `size` is what is known of its
    /// content's length, `modified` its time of change and `now` the time, both in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// `name`, `too-large`, `random`, and those of choosing a key.
    #[wasm_bindgen(js_name = sealFile)]
    pub fn seal_file(
        &self,
        name: &str,
        key: Option<String>,
        size: Option<u64>,
        modified: Option<i64>,
        now: u64,
    ) -> std::result::Result<Sealing, Error> {
        let path = RepositoryPath::parse(name)?;
        let (key, _) = self.sealing_key(key.as_deref())?;
        let meta = FileMeta {
            name: Some(path.file_name().to_owned()),
            size,
            modified,
            content_type: None,
        };
        let sealer = FileSealer::new(&[Arc::clone(&key)], &[], &meta, block_size(size)?, now)?;
        Ok(Sealing {
            blob: blob_name(&key, &path),
            start: sealer.prelude().to_vec(),
            sealer,
            entry: Some(Entry { key, path, modified }),
        })
    }

    /// The blobs that a file of a path may be in, one for every key, as JSON.
    ///
    /// # Errors
    /// `name`.
    #[wasm_bindgen(js_name = blobNames)]
    pub fn blob_names(&self, name: &str) -> std::result::Result<String, Error> {
        let path = RepositoryPath::parse(name)?;
        let names: Vec<_> = self.all_keys().iter().map(|key| blob_name(key, &path)).collect();
        json::write(&names)
    }

    /// The files among a list of pairs in JSON, of blobs and their sealed entries: those that the keys open, as JSON in the
    /// order of their names.
    ///
    /// # Errors
    /// `malformed`.
    #[wasm_bindgen(js_name = openEntries)]
    pub fn open_entries(&self, pairs: &str) -> std::result::Result<String, Error> {
        let pairs: Vec<(String, String)> =
            serde_json::from_str(pairs).map_err(|_| Error::new("malformed", "this is no list of pairs"))?;
        let opened = pairs.into_iter().filter_map(|(blob, entry)| {
            let entry = RepositoryEntry::open(&entry, &blob, self.key_set()).ok()?;
            Some(StoredFile::new(entry, blob))
        });
        let mut files: Vec<_> = opened.collect();
        files.sort_by(|one, other| one.name.cmp(&other.name));
        json::write(&files)
    }

    /// Opens the start of the blob of a path: its entry, and the prelude in its first bytes. `len` is that of the blob.
    ///
    /// # Errors
    /// `name`, `no-key`, `decrypt`, or `file`.
    #[wasm_bindgen(js_name = openFile)]
    pub fn open_file(
        &self,
        name: &str,
        blob: String,
        entry: Option<String>,
        start: &[u8],
        len: u64,
    ) -> std::result::Result<Opening, Error> {
        let path = RepositoryPath::parse(name)?;
        let entry = entry.ok_or_else(|| not_the_file("its entry is missing"))?;
        let entry = RepositoryEntry::open(&entry, &blob, self.key_set())?;
        let ParsedPrelude::Whole(prelude) = FilePrelude::parse(start)? else {
            return Err(not_the_file("it is cut off"));
        };
        if entry.path != path || entry.prelude != prelude.digest() {
            return Err(Error::new(
                "decrypt",
                "it is not the file that was uploaded under this name",
            ));
        }
        let opener = prelude.unlock(self.key_set())?;
        let extent = opener.extent_of_file(len)?;
        Ok(Opening {
            opener,
            extent,
            offset: 0,
            shown: json::write(&StoredFile::new(entry, blob))?,
        })
    }
}

/// A file as JavaScript sees it.
#[derive(serde::Serialize)]
struct StoredFile {
    name: String,
    size: ApiId,
    modified: Option<i64>,
    blob: String,
}

impl StoredFile {
    fn new(entry: RepositoryEntry, blob: String) -> Self {
        Self {
            name: entry.path.as_str().to_owned(),
            size: ApiId(entry.size),
            modified: entry.modified,
            blob,
        }
    }
}

#[wasm_bindgen]
impl Sealing {
    /// The blob that it goes to.
    #[wasm_bindgen(getter)]
    pub fn blob(&self) -> String {
        self.blob.clone()
    }

    /// The bytes in front of block 0.
    #[wasm_bindgen(getter)]
    pub fn prelude(&self) -> Vec<u8> {
        self.start.clone()
    }

    /// Bytes of every block but the last.
    #[wasm_bindgen(getter, js_name = blockLen)]
    pub fn block_len(&self) -> u32 {
        self.sealer.layout().block_size().bytes()
    }

    /// What the identifiers of its blocks begin with.
    #[wasm_bindgen(getter)]
    pub fn tag(&self) -> Vec<u8> {
        self.sealer.prelude_digest().into_iter().take(TAG_LEN).collect()
    }

    /// What a block of so many bytes of content is sealed with outside of this module, by AES-256-GCM over chunks of
    /// 16 KiB: key(32), base nonce(12), and the header(56) that goes in front.
    ///
    /// # Errors
    /// `source-changed` when a block cannot have that length in its place; `random`.
    #[wasm_bindgen(js_name = blockKey)]
    pub fn block_key(&self, index: u64, last: bool, len: u64) -> std::result::Result<Uint8Array, Error> {
        let key = self.sealer.block_key(index, last, len)?;
        let bytes = Zeroizing::new([key.key(), key.base_nonce(), key.header()].concat());
        Ok(Uint8Array::from(bytes.as_slice()))
    }

    /// Seals a block.
    ///
    /// # Errors
    /// As [`Self::block_key`].
    #[wasm_bindgen(js_name = sealBlock)]
    pub fn seal_block(&self, index: u64, last: bool, content: Vec<u8>) -> std::result::Result<Vec<u8>, Error> {
        let (content, mut sealed) = (Zeroizing::new(content), Vec::new());
        self.sealer.seal_block(index, last, &content, &mut sealed)?;
        Ok(sealed)
    }

    /// The text for the blob's metadata, when the content's length is known: a file's entry, or what tells this upload of a
    /// backup from every other one. Pages may send it under one name only, which is in the rule of the storage.
    ///
    /// # Errors
    /// `random`.
    pub fn entry(&self, size: u64) -> std::result::Result<String, Error> {
        match &self.entry {
            Some(entry) => Ok(entry.seal(size, self.sealer.prelude_digest())?),
            None => Ok(self.tag().iter().map(|byte| format!("{byte:02x}")).collect()),
        }
    }
}

impl Sealing {
    /// A backup: `start` is all in front of block 0.
    pub(crate) fn of_backup(sealer: FileSealer, start: Vec<u8>, blob: String) -> Self {
        let entry = None;
        Self {
            sealer,
            blob,
            start,
            entry,
        }
    }
}

impl Entry {
    fn seal(&self, size: u64, prelude: [u8; 32]) -> Result<String> {
        let entry = RepositoryEntry {
            path: self.path.clone(),
            size,
            modified: self.modified,
            prelude,
        };
        Ok(entry.seal(&self.key)?)
    }
}

impl fmt::Debug for Sealing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            sealer,
            blob,
            start: _,
            entry: _,
        } = self;
        f.debug_struct("Sealing")
            .field("sealer", sealer)
            .field("blob", blob)
            .finish_non_exhaustive()
    }
}

/// A file on its way from the storage.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Opening {
    opener: FileOpener,
    extent: FileExtent,
    /// Where the file begins in the blob.
    offset: u64,
    shown: String,
}

impl Opening {
    /// The file in a backup of `len` bytes.
    pub(crate) fn of_backup(opener: FileOpener, offset: u64, len: u64) -> std::result::Result<Self, FileLengthError> {
        let extent = opener.extent_of_file(len.saturating_sub(offset))?;
        Ok(Self {
            opener,
            extent,
            offset,
            shown: String::new(),
        })
    }
}

#[wasm_bindgen]
impl Opening {
    /// What the entry says, as JSON; nothing of a backup.
    #[wasm_bindgen(getter)]
    pub fn shown(&self) -> String {
        self.shown.clone()
    }

    /// Bytes of content.
    #[wasm_bindgen(getter)]
    pub fn size(&self) -> f64 {
        self.extent.plaintext_len() as f64
    }

    /// The number of blocks.
    #[wasm_bindgen(getter)]
    pub fn blocks(&self) -> f64 {
        self.extent.block_count() as f64
    }

    /// Where a block lies in the blob: its first byte, and its length.
    #[must_use]
    pub fn span(&self, index: u64) -> Option<Vec<f64>> {
        let span = self.extent.block(index)?;
        Some(vec![(self.offset + span.offset) as f64, span.sealed_len as f64])
    }

    /// What the chunks of a block are opened with outside of this module: key(32) and base nonce(12). The header, the
    /// block's first 56 bytes, is checked here.
    ///
    /// # Errors
    /// `decrypt`.
    #[wasm_bindgen(js_name = blockKey)]
    pub fn block_key(&self, index: u64, header: &[u8]) -> std::result::Result<Uint8Array, Error> {
        let span = self
            .extent
            .block(index)
            .ok_or_else(|| not_the_file("it has no such block"))?;
        let header = header.try_into().map_err(|_| not_the_file("a block is cut off"))?;
        let key = self.opener.block_key(&span, header)?;
        let bytes = Zeroizing::new([key.key(), key.base_nonce()].concat());
        Ok(Uint8Array::from(bytes.as_slice()))
    }

    /// Opens a block.
    ///
    /// # Errors
    /// `decrypt`.
    #[wasm_bindgen(js_name = openBlock)]
    pub fn open_block(&self, index: u64, sealed: &[u8]) -> std::result::Result<Uint8Array, Error> {
        let last = index + 1 == self.extent.block_count();
        let mut content = Zeroizing::new(Vec::new());
        self.opener.open_block(index, last, sealed, &mut content)?;
        Ok(Uint8Array::from(content.as_slice()))
    }
}

fn not_the_file(reason: &str) -> Error {
    Error::new("file", format!("this is not the file: {reason}"))
}

/// 8 MiB, or as many more as a file needs to have few enough blocks.
fn block_size(size: Option<u64>) -> Result<BlockSize> {
    let bytes = size.unwrap_or(0).div_ceil(MAX_BLOCKS).div_ceil(MIB).max(8) * MIB;
    let size = u32::try_from(bytes).ok().and_then(|bytes| BlockSize::new(bytes).ok());
    size.ok_or_else(|| Error::new("too-large", "the file is larger than a blob can be"))
}
