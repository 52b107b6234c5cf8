//! Containers: created, and listed page by page.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::blob::BlobStorage;
use crate::blob::reply::{Problem, Reply, Result};
use crate::blob::request::BlobRequest;
use crate::blob::xml::Page;

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
    storage.state(|state| {
        let limit = asked.min(state.page_len);
        let blobs = state.container(&request.container)?.iter();
        let mut blobs = blobs
            .filter(|(name, _)| name.starts_with(prefix) && **name >= from)
            .filter_map(|(name, entry)| Some((name.as_str(), entry.committed.as_ref()?)));
        let page = Page {
            container: &request.container,
            prefix,
            with_metadata: includes("metadata"),
            blobs: blobs.by_ref().take(limit).collect(),
            next: blobs.next().map(|(name, _)| URL_SAFE_NO_PAD.encode(name)),
        };
        Ok(Reply::xml(page.write()))
    })
}

/// The first name of the page.
fn marker(text: &str) -> Option<String> {
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    String::from_utf8(bytes).ok()
}
