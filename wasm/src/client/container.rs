//! A container of blobs, reached by a SAS.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zkvault_client::Bytes;
use zkvault_client::blob::{
    BlobContainer, BlobError, BlobErrorKind, BlockId, Committed, Condition, Etag, SasUrl, WriteOptions,
};
use zkvault_core::backup::BACKUP_PREFIX;
use zkvault_core::file::{BlockSize, PartId, UploadPlan};
use zkvault_core::repository::BLOB_PREFIX;

use super::host::Host;
use super::task::Task;
use crate::error::{Error, Result};
use crate::json;
use crate::secret::secret_text;

/// The metadata that holds a file's sealed entry.
const ENTRY: &str = "zkv";
const REPLACED: &str = "the file was replaced right after it was uploaded";

/// Blobs that are listed at most: other people's, and junk, are among them.
const MAX_BACKUPS: usize = 10_000;

/// A container and its token. Freeing it wipes the token, when its last task has ended.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Container(Rc<BlobContainer<Host>>);

#[wasm_bindgen]
impl Container {
    /// From the address with its token, in UTF-8.
    ///
    /// # Errors
    /// `not-a-sas`.
    #[wasm_bindgen(constructor)]
    pub fn new(sas: Vec<u8>) -> std::result::Result<Self, Error> {
        let url = SasUrl::parse(&secret_text(sas)?)?;
        Ok(Self(Rc::new(BlobContainer::new(Host, url))))
    }

    /// The version and the entry of a blob, an array of two texts, of which the second may be missing. Undefined where there
    /// is none, or the token may not read.
    pub fn find(&self, blob: String) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            match container.properties(&blob).await {
                Ok(found) => {
                    let entry = found.metadata(ENTRY).map(JsValue::from_str).unwrap_or_default();
                    Ok(Array::of2(&found.etag.as_str().into(), &entry).into())
                }
                Err(error) if is_unknown(&error) => Ok(JsValue::UNDEFINED),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// The blocks of a blob, as JSON: pairs of their identifiers and lengths. Those of which it consists, or those that wait
    /// for a commit; none where the token may not read.
    pub fn blocks(&self, blob: String, committed: bool) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let blocks = match committed {
                true => container.committed_blocks(&blob).await,
                false => container.uncommitted_blocks(&blob).await,
            };
            let blocks = match blocks {
                Err(error) if is_unknown(&error) => Vec::new(),
                blocks => blocks?,
            };
            let pairs: Vec<_> = blocks.into_iter().map(|block| (block.id, block.len)).collect();
            Ok(json::write(&pairs)?.into())
        })
    }

    /// Puts a blob at once, with its entry, and gives its version.
    #[wasm_bindgen(js_name = putBlob)]
    pub fn put_blob(&self, blob: String, content: Vec<u8>, entry: String, overwrite: bool) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let options = options(entry, overwrite);
            let etag = container.put_blob(&blob, Bytes::from(content), &options).await?;
            Ok(etag.as_str().into())
        })
    }

    /// Puts a block; `id` is its identifier in base64.
    #[wasm_bindgen(js_name = putBlock)]
    pub fn put_block(&self, blob: String, id: String, content: Vec<u8>) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let id = block_id(part_id(&id)?)?;
            container.put_block(&blob, &id, Bytes::from(content)).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Makes the blob of its blocks, whose identifiers have commas between them, and gives its version.
    pub fn commit(&self, blob: String, ids: String, entry: String, overwrite: bool) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let ids = part_ids(&ids)?.into_iter().map(block_id).collect::<Result<Vec<_>>>()?;
            let etag = container.commit(&blob, &ids, &options(entry, overwrite)).await?;
            Ok(etag.as_str().into())
        })
    }

    /// Whether the version `etag` of a blob consists of these blocks and nothing else, as a file of `size` bytes in blocks of
    /// `block_len` has them, with `front_len` bytes in front. True also where the token may not read.
    ///
    /// # Errors
    /// `conflict` where it was replaced meanwhile.
    #[wasm_bindgen(js_name = isComplete)]
    pub fn is_complete(
        &self,
        blob: String,
        etag: String,
        ids: String,
        front_len: u32,
        block_len: u32,
        size: u64,
    ) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let ids = part_ids(&ids)?;
            let complete = match container.committed(&blob, &Etag::new(etag)).await? {
                Committed::Unknown => true,
                Committed::Replaced => return Err(Error::new("conflict", REPLACED)),
                Committed::Present { len, blocks } => {
                    let listed = blocks.iter().map(|block| (block.id.as_str(), block.len));
                    let mark = |number: u32| ids.get(number as usize).map(PartId::mark).unwrap_or_default();
                    plan(&ids, front_len, block_len, size)?.is_complete(len, listed, mark)
                }
            };
            Ok(JsValue::from_bool(complete))
        })
    }

    /// Reads a range of a blob, of the version `etag` if there is one: an array of its bytes, the length of the whole
    /// blob, its version, and its entry. Undefined when there is no such blob.
    pub fn read(&self, blob: String, start: f64, len: f64, etag: Option<String>) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let mut bytes = Vec::new();
            let etag = etag.map(Etag::new);
            let range = container.read_range(&blob, start as u64, len as u64, etag.as_ref(), &mut bytes);
            let properties = match range.await {
                Err(error) if error.kind() == BlobErrorKind::NotFound => return Ok(JsValue::UNDEFINED),
                properties => properties?,
            };
            let bytes = Uint8Array::from(bytes.as_slice());
            let whole = JsValue::from_f64(properties.len as f64);
            let entry = properties.metadata(ENTRY).map(JsValue::from_str).unwrap_or_default();
            Ok(Array::of4(&bytes, &whole, &properties.etag.as_str().into(), &entry).into())
        })
    }

    /// Deletes a blob, if it is there. False where the token may not.
    pub fn delete(&self, blob: String) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            match container.delete(&blob).await {
                Err(error) if error.kind() == BlobErrorKind::NotFound => Ok(JsValue::TRUE),
                Err(error) if is_unknown(&error) => Ok(JsValue::FALSE),
                Err(error) => Err(error.into()),
                Ok(()) => Ok(JsValue::TRUE),
            }
        })
    }

    /// The backups in a folder, or in all where there is none, as JSON: a list of their names, lengths, and when they were
    /// stored.
    #[wasm_bindgen(js_name = listBackups)]
    pub fn list_backups(&self, folder: Option<String>) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let prefix = folder.unwrap_or_else(|| BACKUP_PREFIX.to_owned());
            let (mut backups, mut listing) = (Vec::new(), container.list(&prefix, ""));
            while let Some(page) = listing.next_page().await? {
                let blobs = page
                    .blobs
                    .into_iter()
                    .filter(|blob| !blob.is_folder && !blob.is_archived);
                // One whose length is not known is looked at like any other.
                backups.extend(blobs.map(|blob| (blob.name, blob.len.unwrap_or(1), blob.modified)));
                if backups.len() > MAX_BACKUPS {
                    let message = format!("there are more than {MAX_BACKUPS} blobs where the backups are");
                    return Err(Error::new("too-large", message));
                }
            }
            Ok(json::write(&backups)?.into())
        })
    }

    /// The blobs of a repository with their sealed entries, as JSON: a list of pairs. Others are left out.
    pub fn list(&self) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let (mut pairs, mut listing) = (Vec::new(), container.list(BLOB_PREFIX, ENTRY));
            while let Some(page) = listing.next_page().await? {
                let sealed = page.blobs.into_iter();
                pairs.extend(sealed.filter_map(|blob| Some((blob.name, blob.metadata?))));
            }
            Ok(json::write(&pairs)?.into())
        })
    }
}

fn options(entry: String, overwrite: bool) -> WriteOptions {
    WriteOptions {
        condition: if overwrite {
            Condition::Always
        } else {
            Condition::Absent
        },
        metadata: vec![(ENTRY.to_owned(), entry)],
        content_type: "application/octet-stream".to_owned(),
    }
}

fn plan(ids: &[PartId], front_len: u32, block_len: u32, size: u64) -> Result<UploadPlan> {
    let (Some(first), Ok(block_size)) = (ids.first(), BlockSize::new(block_len)) else {
        return Err(not_an_id());
    };
    Ok(UploadPlan::sealed(first.tag(), front_len, block_size, size)?)
}

fn part_ids(ids: &str) -> Result<Vec<PartId>> {
    ids.split(',').map(part_id).collect()
}

fn part_id(id: &str) -> Result<PartId> {
    PartId::from_base64(id).ok_or_else(not_an_id)
}

fn block_id(id: PartId) -> Result<BlockId> {
    BlockId::new(&id.to_bytes()).map_err(|_| not_an_id())
}

fn not_an_id() -> Error {
    Error::new("argument", "this is not the identifier of a block")
}

fn is_unknown(error: &BlobError) -> bool {
    matches!(
        error.kind(),
        BlobErrorKind::NotFound | BlobErrorKind::Permission { .. } | BlobErrorKind::Scope
    )
}
