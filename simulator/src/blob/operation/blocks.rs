//! Blocks: put, committed, listed.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{integrity, whole};
use crate::blob::BlobStorage;
use crate::blob::reply::{Problem, Reply, Result};
use crate::blob::request::BlobRequest;
use crate::blob::state::{Committed, Entry};
use crate::blob::xml::{self, From};

/// Bytes of the longest block identifier, before base64.
const MAX_ID_LEN: usize = 64;
/// As many blocks as may wait for a commit.
const MAX_UNCOMMITTED: usize = 100_000;

pub(super) fn put(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    const BAD_ID: Problem = Problem::bad("InvalidQueryParameterValue");
    let id = request.parameter("blockid");
    let decoded = STANDARD.decode(id).map_err(|_| BAD_ID)?;
    if decoded.is_empty() || decoded.len() > MAX_ID_LEN {
        return Err(BAD_ID);
    }
    if request.body.is_empty() {
        return Err(Problem::bad("InvalidHeaderValue"));
    }
    integrity::check(request)?;
    let piece = storage.0.store.keep(request.body.clone())?;
    storage.state(|state| {
        let entry = state.entry(&request.container, &request.blob)?;
        if entry
            .uncommitted
            .keys()
            .next()
            .is_some_and(|other| other.len() != id.len())
        {
            return Err(Problem::bad("InvalidBlobOrBlock"));
        }
        if entry.uncommitted.len() >= MAX_UNCOMMITTED && !entry.uncommitted.contains_key(id) {
            return Err(Problem::new(409, "BlockCountExceedsLimit", ""));
        }
        entry.uncommitted.insert(id.to_owned(), piece);
        Ok(Reply::new(201))
    })
}

pub(super) fn commit(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    let list = xml::read_block_list(&request.body)?;
    storage.state(|state| {
        let etag = state.new_etag();
        let entry = state.entry(&request.container, &request.blob)?;
        whole::check_writable(request, entry)?;
        let mut blocks = Vec::with_capacity(list.len());
        for (from, id) in list {
            let piece = find(entry, from, &id).ok_or(Problem::bad("InvalidBlockList"))?;
            blocks.push((id, piece));
        }
        entry.committed = Some(Committed {
            blocks,
            etag,
            modified: storage.conditions().clock().now(),
            metadata: request.metadata(),
            content_type: whole::content_type(request),
        });
        entry.uncommitted.clear();
        Ok(whole::written(201, entry))
    })
}

fn find(entry: &Entry, from: From, id: &str) -> Option<crate::blob::content::Piece> {
    let uncommitted = || entry.uncommitted.get(id).cloned();
    let committed = || {
        let mut blocks = entry.committed.iter().flat_map(|blob| &blob.blocks);
        blocks.find(|(known, _)| known == id).map(|(_, piece)| piece.clone())
    };
    match from {
        From::Committed => committed(),
        From::Uncommitted => uncommitted(),
        From::Latest => uncommitted().or_else(committed),
    }
}

pub(super) fn list(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    let (committed, uncommitted) = match request.parameter("blocklisttype") {
        "" | "committed" => (true, false),
        "uncommitted" => (false, true),
        "all" => (true, true),
        _ => return Err(Problem::bad("InvalidQueryParameterValue")),
    };
    storage.state(|state| {
        let entry = state.container(&request.container)?.get(&request.blob);
        let known = |entry: &&Entry| entry.committed.is_some() || !entry.uncommitted.is_empty();
        let entry =
            entry
                .filter(known)
                .ok_or(Problem::new(404, "BlobNotFound", "The specified blob does not exist."))?;
        Ok(Reply::xml(xml::block_list(entry, committed, uncommitted)))
    })
}
