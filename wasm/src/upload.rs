//! Encrypted files on their way to a storage, block by block: on their own, and as backups.

use std::fmt;
use std::sync::Arc;

use js_sys::Uint8Array;
use wasm_bindgen::prelude::wasm_bindgen;
use zeroize::Zeroizing;
use zkvault_core::file::{FileMeta, FilePrelude, FileSealer, ParsedPrelude, PartMark, UploadPlan, UploadTag};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::repository::{RepositoryEntry, RepositoryPath, blob_name};

use crate::error::{Error, Result};
use crate::file::not_the_file;
use crate::json;
use crate::vault::Vault;

/// A file on its way to the storage.
#[wasm_bindgen]
pub struct Sealing {
    sealer: FileSealer,
    blob: String,
    /// The bytes in front of block 0.
    front: Vec<u8>,
    /// None of a backup, and of a file that is in no repository.
    entry: Option<Entry>,
    resumes: bool,
    /// The blobs of the same path under the other keys of the line, the oldest first.
    earlier: Vec<String>,
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
    /// content's length, `modified` its time of change and `now` the time, both in seconds since 1970 (UTC). `token` is
    /// that of an upload which was cut off: it is resumed where it was under the same key, of a content of the same name,
    /// length and time.
    ///
    /// # Errors
    /// `name`, `too-large`, `random`, `file` where the token is none, and those of choosing a key.
    #[wasm_bindgen(js_name = sealFile)]
    pub fn seal_file(
        &self,
        name: &str,
        key: Option<String>,
        size: Option<u64>,
        modified: Option<i64>,
        now: u64,
        token: Option<Vec<u8>>,
    ) -> std::result::Result<Sealing, Error> {
        let path = RepositoryPath::parse(name)?;
        let (key, _) = self.sealing_key(key.as_deref())?;
        let meta = FileMeta {
            name: Some(path.file_name().to_owned()),
            size,
            modified,
            content_type: None,
        };
        let begun = token.map(|token| resume(&token, &key, &meta)).transpose()?.flatten();
        let resumes = begun.is_some();
        let sealer = match begun {
            Some(sealer) => sealer,
            None => {
                let block_size = UploadPlan::block_size(size.unwrap_or(0))?;
                FileSealer::new(&[Arc::clone(&key)], &[], &meta, block_size, now)?
            }
        };
        let earlier = self.repository_keys(&key).rest_of_line();
        let earlier = earlier.iter().rev().map(|key| blob_name(key, &path)).collect();
        Ok(Sealing {
            earlier,
            blob: blob_name(&key, &path),
            front: sealer.prelude().to_vec(),
            sealer,
            entry: Some(Entry { key, path, modified }),
            resumes,
        })
    }
}

#[wasm_bindgen]
impl Vault {
    /// Begins a file that is kept wherever the caller keeps it, under the key of that label or id or the default one, as
    /// `zkv file encrypt` does. `name` is what it is called; the rest is as for [`Self::seal_file`].
    ///
    /// # Errors
    /// `name`, `too-large`, `random`, and those of choosing a key.
    #[wasm_bindgen(js_name = sealLocalFile)]
    pub fn seal_local_file(
        &self,
        name: Option<String>,
        key: Option<String>,
        size: Option<u64>,
        modified: Option<i64>,
        now: u64,
    ) -> std::result::Result<Sealing, Error> {
        let (key, _) = self.sealing_key(key.as_deref())?;
        let meta = FileMeta {
            name,
            size,
            modified,
            content_type: None,
        };
        let block_size = UploadPlan::block_size(size.unwrap_or(0))?;
        let sealer = FileSealer::new(&[key], &[], &meta, block_size, now)?;
        let front = sealer.prelude().to_vec();
        Ok(Sealing::without_entry(sealer, front, String::new()))
    }
}

/// The sealer of an upload that was begun before; nothing where that was under a different key, or of something else.
fn resume(token: &[u8], key: &Arc<VaultKey>, meta: &FileMeta) -> Result<Option<FileSealer>> {
    let ParsedPrelude::Whole(prelude) = FilePrelude::parse(token)? else {
        return Err(not_the_file("the token is cut off"));
    };
    let mut keys = KeySet::new();
    keys.add(Arc::clone(key), None);
    match prelude.unlock(&keys) {
        Ok(opener) if opener.meta() == meta => Ok(FileSealer::resume(token, &keys).ok()),
        _ => Ok(None),
    }
}

#[wasm_bindgen]
impl Sealing {
    /// The blob that it goes to.
    #[wasm_bindgen(getter)]
    pub fn blob(&self) -> String {
        self.blob.clone()
    }

    /// The blobs of the same path under the other keys of its line, the oldest first, as JSON: one path is one file in a line.
    ///
    /// # Errors
    /// None in practice.
    pub fn earlier(&self) -> std::result::Result<String, Error> {
        json::write(&self.earlier)
    }

    /// The bytes in front of block 0. Those of a file are the token that resumes it: only a holder of the key can use them.
    #[wasm_bindgen(getter)]
    pub fn front(&self) -> Vec<u8> {
        self.front.clone()
    }

    /// Bytes of every block but the last.
    #[wasm_bindgen(getter, js_name = blockLen)]
    pub fn block_len(&self) -> u32 {
        self.sealer.layout().block_size().bytes()
    }

    /// Whether it continues with an upload that was begun before.
    #[wasm_bindgen(getter)]
    pub fn resumes(&self) -> bool {
        self.resumes
    }

    /// Whether an entry of the blob is this very file's, which an earlier run uploaded whole.
    #[wasm_bindgen(js_name = isEntry)]
    #[must_use]
    pub fn is_entry(&self, text: &str) -> bool {
        let Some(Entry { key, .. }) = &self.entry else {
            return false;
        };
        let mut keys = KeySet::new();
        keys.add(Arc::clone(key), None);
        RepositoryEntry::open(text, &self.blob, &keys).is_ok_and(|entry| entry.prelude == self.sealer.prelude_digest())
    }

    /// The identifier of the part in front of block 0, in base64.
    #[wasm_bindgen(getter, js_name = frontId)]
    pub fn front_id(&self) -> String {
        self.tag().id(0, PartMark::default()).to_base64()
    }

    /// What a block's content is marked with outside of this module: the 32-byte key of an HMAC-SHA-256.
    #[wasm_bindgen(js_name = markKey)]
    pub fn mark_key(&self, index: u64) -> Uint8Array {
        Uint8Array::from(self.sealer.mark_key(index).expose_secret())
    }

    /// The identifier of a block's part, in base64, by the HMAC of its content.
    #[wasm_bindgen(js_name = blockId)]
    #[must_use]
    pub fn block_id(&self, index: u32, mac: &[u8]) -> String {
        self.id(index, PartMark::from_mac(mac).unwrap_or_default())
    }

    /// The identifier of a block's part, in base64, by its content.
    #[wasm_bindgen(js_name = blockIdOf)]
    #[must_use]
    pub fn block_id_of(&self, index: u32, content: Vec<u8>) -> String {
        let content = Zeroizing::new(content);
        self.id(index, PartMark::new(&self.sealer, u64::from(index), &content))
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
            None => Ok(self.tag().as_bytes().iter().map(|byte| format!("{byte:02x}")).collect()),
        }
    }
}

impl Sealing {
    /// A backup, or a file in no repository: `front` is all in front of block 0.
    pub(crate) fn without_entry(sealer: FileSealer, front: Vec<u8>, blob: String) -> Self {
        Self {
            sealer,
            blob,
            front,
            entry: None,
            resumes: false,
            earlier: Vec::new(),
        }
    }

    fn tag(&self) -> UploadTag {
        UploadTag::of_file(&self.sealer)
    }

    /// Part 0 is what is in front of block 0.
    fn id(&self, index: u32, mark: PartMark) -> String {
        self.tag().id(index.saturating_add(1), mark).to_base64()
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
            front: _,
            entry: _,
            resumes,
            earlier,
        } = self;
        f.debug_struct("Sealing")
            .field("sealer", sealer)
            .field("blob", blob)
            .field("resumes", resumes)
            .field("earlier", earlier)
            .finish_non_exhaustive()
    }
}
