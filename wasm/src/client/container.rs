//! A container of blobs, reached by a SAS.

use std::rc::Rc;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use zkvault_client::Bytes;
use zkvault_client::blob::{BlobContainer, BlobError, BlobErrorKind, BlockId, Condition, SasUrl, WriteOptions};
use zkvault_core::backup::BACKUP_PREFIX;
use zkvault_core::repository::BLOB_PREFIX;

use super::host::Host;
use super::task::Task;
use crate::error::{Error, Result};
use crate::json;
use crate::secret::secret_text;

/// The metadata that holds a file's sealed entry.
const ENTRY: &str = "zkv";

/// Backups that are listed at most: one a day for a quarter of a century.
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

    /// Whether there is a blob of this name; a token that may not read cannot tell, which is `false`.
    pub fn exists(&self, blob: String) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            match container.properties(&blob).await {
                Ok(_) => Ok(JsValue::TRUE),
                Err(error) if is_unknown(&error) => Ok(JsValue::FALSE),
                Err(error) => Err(error.into()),
            }
        })
    }

    /// Puts a blob at once, with its entry.
    #[wasm_bindgen(js_name = putBlob)]
    pub fn put_blob(&self, blob: String, content: Vec<u8>, entry: String, overwrite: bool) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let options = options(entry, overwrite);
            container.put_blob(&blob, Bytes::from(content), &options).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Puts a block.
    #[wasm_bindgen(js_name = putBlock)]
    pub fn put_block(&self, blob: String, id: Vec<u8>, content: Vec<u8>) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            container
                .put_block(&blob, &block_id(&id)?, Bytes::from(content))
                .await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Makes the blob of its blocks. `ids` are their identifiers, one after the other, each of `id_len` bytes.
    pub fn commit(&self, blob: String, ids: Vec<u8>, id_len: usize, entry: String, overwrite: bool) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let ids: Result<Vec<_>> = ids.chunks(id_len.max(1)).map(block_id).collect();
            container.commit(&blob, &ids?, &options(entry, overwrite)).await?;
            Ok(JsValue::UNDEFINED)
        })
    }

    /// Reads a range of a blob, of the version `etag` if there is one: an array of its bytes, the length of the whole
    /// blob, its version, and its entry. Undefined when there is no such blob.
    pub fn read(&self, blob: String, start: f64, len: f64, etag: Option<String>) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let mut bytes = Vec::new();
            let etag = etag.map(zkvault_client::blob::Etag::new);
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

    /// The backups, as JSON: a list of their names, lengths, and when they were stored.
    #[wasm_bindgen(js_name = listBackups)]
    pub fn list_backups(&self) -> Task {
        let container = Rc::clone(&self.0);
        Task::new(async move {
            let (mut backups, mut listing) = (Vec::new(), container.list(BACKUP_PREFIX));
            while let Some(page) = listing.next_page().await? {
                backups.extend(page.into_iter().map(|blob| (blob.name, blob.len, blob.modified)));
                if backups.len() > MAX_BACKUPS {
                    let message = format!("the container has more than {MAX_BACKUPS} backups");
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
            let (mut pairs, mut listing) = (Vec::new(), container.list(BLOB_PREFIX));
            while let Some(page) = listing.next_page().await? {
                let sealed = page.into_iter().filter_map(|blob| {
                    let entry = blob.metadata(ENTRY)?.to_owned();
                    Some((blob.name, entry))
                });
                pairs.extend(sealed);
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

fn block_id(bytes: &[u8]) -> Result<BlockId> {
    BlockId::new(bytes).map_err(|error| Error::new("argument", error.to_string()))
}

fn is_unknown(error: &BlobError) -> bool {
    matches!(
        error.kind(),
        BlobErrorKind::NotFound | BlobErrorKind::Permission { .. } | BlobErrorKind::Scope
    )
}
