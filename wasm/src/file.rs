//! Encrypted files of a repository on their way from the storage, block by block: on their own, and in backups.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;
use zkvault_core::file::{FileExtent, FileLengthError, FileOpener, FilePrelude, ParsedPrelude};
use zkvault_core::key::KeyMember;
use zkvault_core::keyring::KeyState;
use zkvault_core::repository::{RepositoryEntry, RepositoryPath, StoredFile};

use crate::api_id::ApiId;
use crate::error::Error;
use crate::json;
use crate::vault::Vault;

#[wasm_bindgen]
impl Vault {
    /// The blobs that a file of a path may be in, in the order in which they are looked at, as JSON.
    ///
    /// # Errors
    /// `name`, or those of choosing a key.
    #[wasm_bindgen(js_name = blobNames)]
    pub fn blob_names(&self, name: &str) -> Result<String, Error> {
        let path = RepositoryPath::parse(name)?;
        let candidates = self.repository_keys(&self.default_key()?).candidates(&path);
        let names: Vec<_> = candidates.into_iter().map(|candidate| candidate.blob).collect();
        json::write(&names)
    }

    /// The files among a list of pairs in JSON, of blobs and their sealed entries: those that the keys open, as JSON in the
    /// order of their names. One path is one file within a line of keys.
    ///
    /// # Errors
    /// `malformed`, or those of choosing a key.
    #[wasm_bindgen(js_name = openEntries)]
    pub fn open_entries(&self, pairs: &str) -> Result<String, Error> {
        let pairs: Vec<(String, String)> =
            serde_json::from_str(pairs).map_err(|_| Error::new("malformed", "this is no list of pairs"))?;
        let (keys, mut opened) = (self.repository_keys(&self.default_key()?), Vec::new());
        for (blob, entry) in pairs {
            let Ok((entry, by)) = RepositoryEntry::open_keyed(&entry, &blob, self.key_set()) else {
                continue;
            };
            if let Some(key) = keys.iter().find(|key| *key.key() == by.key) {
                opened.push((key, ShownFile::new(entry, blob, OpenedBy::of_key(&by))));
            }
        }
        let files = keys.one_of_each_line(opened, |file| &file.name, |_, _| ());
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
    ) -> Result<Opening, Error> {
        let path = RepositoryPath::parse(name)?;
        let entry = entry.ok_or_else(|| not_the_file("its entry is missing"))?;
        let ParsedPrelude::Whole(prelude) = FilePrelude::parse(start)? else {
            return Err(not_the_file("it is cut off"));
        };
        let StoredFile {
            entry,
            key,
            opener,
            extent,
        } = StoredFile::open(&path, &blob, &entry, &prelude, len, self.key_set())?;
        let opened_by = OpenedBy::of_key(&key);
        Ok(Opening {
            opener,
            extent,
            offset: 0,
            shown: json::write(&ShownFile::new(entry, blob, opened_by))?,
        })
    }
}

#[wasm_bindgen]
impl Vault {
    /// Opens a file that is in no repository, such as `zkv file encrypt` writes, from its start. `len` is that of the file.
    ///
    /// # Errors
    /// `no-key`, `decrypt`, or `file`.
    #[wasm_bindgen(js_name = openLocalFile)]
    pub fn open_local_file(&self, start: &[u8], len: u64) -> Result<Opening, Error> {
        let ParsedPrelude::Whole(prelude) = FilePrelude::parse(start)? else {
            return Err(not_the_file("it is cut off"));
        };
        let opener = match (prelude.unlock(self.key_set()), self.keyring()) {
            // One of another person is for our identity.
            (Err(error), Ok(keyring)) => prelude.unlock_with_identity(keyring.identity()).map_err(|_| error)?,
            (opened, _) => opened?,
        };
        let extent = opener.extent_of_file(len)?;
        let meta = opener.meta();
        let shown = json::write(&LocalFile {
            name: meta.name.as_deref(),
            size: ApiId(extent.plaintext_len()),
            modified: meta.modified,
        })?;
        Ok(Opening {
            opener,
            extent,
            offset: 0,
            shown,
        })
    }
}

/// A file that is in no repository, as JavaScript sees it.
#[derive(serde::Serialize)]
struct LocalFile<'a> {
    name: Option<&'a str>,
    size: ApiId,
    modified: Option<i64>,
}

/// A file as JavaScript sees it.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownFile {
    name: String,
    size: ApiId,
    modified: Option<i64>,
    blob: String,
    opened_by: OpenedBy,
}

impl ShownFile {
    fn new(entry: RepositoryEntry, blob: String, opened_by: OpenedBy) -> Self {
        Self {
            name: entry.path.as_str().to_owned(),
            size: ApiId(entry.size),
            modified: entry.modified,
            blob,
            opened_by,
        }
    }
}

/// The key that a file is under: it tells who can have made it.
#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct OpenedBy {
    key_id: String,
    state: &'static str,
}

impl OpenedBy {
    fn of_key(key: &KeyMember) -> Self {
        let state = match key.is_retired {
            true => KeyState::Retired,
            false => KeyState::Active,
        };
        Self {
            key_id: key.key.id().to_string(),
            state: state.name(),
        }
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
    pub(crate) fn of_backup(opener: FileOpener, offset: u64, len: u64) -> Result<Self, FileLengthError> {
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
    pub fn block_key(&self, index: u64, header: &[u8]) -> Result<Uint8Array, Error> {
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
    pub fn open_block(&self, index: u64, sealed: &[u8]) -> Result<Uint8Array, Error> {
        let last = index + 1 == self.extent.block_count();
        let mut content = Zeroizing::new(Vec::new());
        self.opener.open_block(index, last, sealed, &mut content)?;
        Ok(Uint8Array::from(content.as_slice()))
    }
}

pub(crate) fn not_the_file(reason: &str) -> Error {
    Error::new("file", format!("this is not the file: {reason}"))
}
