//! Whole blobs: put, read, look at, delete.

use super::integrity;
use crate::blob::BlobStorage;
use crate::blob::preconditions;
use crate::blob::quirks;
use crate::blob::reply::{Problem, Reply, Result};
use crate::blob::request::BlobRequest;
use crate::blob::sas::Grant;
use crate::blob::state::{Committed, Entry};

pub(super) fn put(request: &BlobRequest, grant: &Grant, storage: &BlobStorage) -> Result<Reply> {
    if request.header("x-ms-blob-type") != Some("BlockBlob") {
        return Err(Problem::bad("InvalidHeaderValue"));
    }
    integrity::check(request)?;
    let piece = storage.0.store.keep(request.body.clone())?;
    let committed = |etag| Committed {
        blocks: vec![(String::new(), piece)],
        etag,
        modified: storage.conditions().clock().now(),
        metadata: request.metadata(),
        content_type: content_type(request),
    };
    storage.state(|state| {
        let etag = state.new_etag();
        let entry = state.entry(&request.container, &request.blob)?;
        check_writable(request, entry)?;
        if entry.committed.is_some() {
            grant.check("w", 'o')?;
        }
        entry.committed = Some(committed(etag));
        // Azurite keeps them; Azure does not.
        entry.uncommitted.clear();
        Ok(written(201, entry))
    })
}

pub(super) fn get(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    let blob = readable(request, storage)?;
    let len = blob.len();
    let Some((first, last)) = request.range()? else {
        return Ok(properties(200, &blob).bytes(blob.read(0, len)?));
    };
    if first >= len {
        return Err(Problem::new(416, "InvalidRange", "The range specified is invalid."));
    }
    let last = last.unwrap_or(u64::MAX).min(len - 1);
    let range = format!("bytes {first}-{last}/{len}");
    Ok(properties(206, &blob)
        .header("content-range", &range)
        .bytes(blob.read(first, last + 1)?))
}

pub(super) fn head(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    let blob = readable(request, storage)?;
    let len = blob.len().to_string();
    Ok(properties(200, &blob).header("content-length", &len))
}

pub(super) fn delete(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    storage.state(|state| {
        let entry = state.committed(&request.container, &request.blob)?;
        check_writable(request, entry)?;
        state.container(&request.container)?.remove(&request.blob);
        Ok(Reply::new(202))
    })
}

fn readable(request: &BlobRequest, storage: &BlobStorage) -> Result<Committed> {
    let blob = storage.state(|state| {
        let entry = state.committed(&request.container, &request.blob)?;
        if entry.archived && request.method == axum::http::Method::GET {
            return Err(quirks::archived());
        }
        // It has one: that is what `committed` looks for.
        entry.committed.clone().ok_or(Problem::injected(404))
    })?;
    preconditions::for_reading(request, &blob.etag)?;
    Ok(blob)
}

/// Checks the conditional headers and the lease.
pub(super) fn check_writable(request: &BlobRequest, entry: &Entry) -> Result<()> {
    preconditions::for_writing(request, entry.etag())?;
    if entry.archived && request.method == axum::http::Method::PUT {
        return Err(quirks::archived());
    }
    match entry.leased && request.header("x-ms-lease-id").is_none() {
        true => Err(Problem::new(
            412,
            "LeaseIdMissing",
            "There is currently a lease on the blob and no lease ID was specified in the request.",
        )),
        false => Ok(()),
    }
}

/// The answer to a write.
pub(super) fn written(status: u16, entry: &Entry) -> Reply {
    let reply = Reply::new(status);
    match &entry.committed {
        None => reply,
        Some(blob) => reply
            .header("etag", &blob.etag)
            .header("last-modified", &httpdate::fmt_http_date(blob.modified)),
    }
}

pub(super) fn content_type(request: &BlobRequest) -> String {
    let given = request
        .header("x-ms-blob-content-type")
        .or_else(|| request.header("content-type"));
    given.unwrap_or("application/octet-stream").to_owned()
}

fn properties(status: u16, blob: &Committed) -> Reply {
    let reply = Reply::new(status)
        .header("etag", &blob.etag)
        .header("last-modified", &httpdate::fmt_http_date(blob.modified))
        .header("content-type", &blob.content_type)
        .header("accept-ranges", "bytes")
        .header("x-ms-blob-type", "BlockBlob");
    blob.metadata.iter().fold(reply, |reply, (name, value)| {
        reply.header(&format!("x-ms-meta-{name}"), value)
    })
}
