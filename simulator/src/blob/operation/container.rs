//! Containers: created, and listed page by page.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::blob::BlobStorage;
use crate::blob::quirks;
use crate::blob::reply::{Problem, Reply, Result};
use crate::blob::request::BlobRequest;
use crate::blob::state::State;
use crate::blob::xml::Page;
use crate::quirk::Quirk;

pub(super) fn create(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    match storage.state(|state| state.create_container(&request.container)) {
        true => Ok(Reply::new(201)),
        false => Err(Problem::new(
            409,
            "ContainerAlreadyExists",
            "The specified container already exists.",
        )),
    }
}

pub(super) fn list(request: &BlobRequest, storage: &BlobStorage) -> Result<Reply> {
    const BAD: Problem = Problem::bad("InvalidQueryParameterValue");
    let from = marker(request.parameter("marker")).ok_or(BAD)?;
    let asked = match request.parameter("maxresults") {
        "" => usize::MAX,
        text => text.parse().ok().filter(|number| *number > 0).ok_or(BAD)?,
    };
    let prefix = request.parameter("prefix");
    let includes = |what| request.parameter("include").split(',').any(|asked| asked == what);
    let others = others(storage, prefix, request.parameter("marker"));
    storage.state(|state| {
        let limit = asked.min(state.page_len);
        let blobs = state.container(&request.container)?.iter();
        let mut blobs = blobs
            .filter(|(name, _)| name.starts_with(prefix) && **name >= from)
            .filter_map(|(name, entry)| Some((name.as_str(), entry, entry.committed.as_ref()?)));
        let page = Page {
            container: &request.container,
            prefix,
            with_metadata: includes("metadata"),
            blobs: blobs.by_ref().take(limit).collect(),
            huge: storage.has_quirk(Quirk::StorageHugeLengths),
            next: others
                .next
                .or_else(|| blobs.next().map(|(name, ..)| URL_SAFE_NO_PAD.encode(name))),
            others: others.blobs,
        };
        Ok(Reply::xml(page.write()))
    })
}

/// What a quirk adds to a page.
#[derive(Default)]
struct Others {
    blobs: String,
    next: Option<String>,
}

fn others(storage: &BlobStorage, prefix: &str, marker: &str) -> Others {
    let mut others = Others::default();
    if storage.has_quirk(Quirk::StorageOddBlobs) && marker.is_empty() {
        others.blobs = quirks::odd_blobs(prefix);
    }
    if storage.has_quirk(Quirk::StorageFolders) && marker.is_empty() {
        let mut folders: Vec<String> = Vec::new();
        storage.state(|state| folders.extend(state.all_blobs().flat_map(|blobs| folders_of(blobs.keys()))));
        folders.retain(|folder| folder.starts_with(prefix));
        others.blobs.extend(folders.iter().map(|folder| quirks::folder(folder)));
    }
    if storage.has_quirk(Quirk::StorageCircle) {
        let first = URL_SAFE_NO_PAD.encode("a");
        let second = URL_SAFE_NO_PAD.encode("b");
        others.next = Some(if marker == first { second } else { first });
    }
    if storage.has_quirk(Quirk::StorageEndless) {
        let number = storage.state(State::next_number);
        others.blobs = quirks::ever_new(prefix, number);
        others.next = Some(URL_SAFE_NO_PAD.encode(format!("~{number}")));
    }
    others
}

/// Every folder that the names lie in.
fn folders_of<'a>(names: impl Iterator<Item = &'a String>) -> BTreeSet<String> {
    let above = |name: &'a String| {
        name.match_indices('/')
            .filter_map(|(at, _)| name.get(..at).map(str::to_owned))
    };
    names.flat_map(above).collect()
}

/// The first name of the page.
fn marker(text: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    String::from_utf8(bytes).ok()
}
