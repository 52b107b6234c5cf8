//! A request, taken apart: what it is about, and what it asks for.

use std::collections::BTreeMap;

use axum::body::Bytes;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use percent_encoding::percent_decode_str;

use super::reply::{Problem, Result};

/// A request for an account.
#[derive(Debug)]
pub(super) struct BlobRequest {
    pub(super) method: Method,
    pub(super) account: String,
    pub(super) container: String,
    /// Empty when the request is about the container.
    pub(super) blob: String,
    pub(super) query: BTreeMap<String, String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl BlobRequest {
    pub(super) fn parse(parts: &Parts, body: Bytes) -> Result<Self> {
        let path = parts.uri.path().trim_start_matches('/');
        let mut segments = path.splitn(3, '/').map(|segment| {
            let decoded = percent_decode_str(segment).decode_utf8();
            decoded.map_err(|_| Problem::bad("InvalidUri"))
        });
        let mut next = || segments.next().transpose().map(Option::unwrap_or_default);
        let (account, container, blob) = (next()?, next()?, next()?);
        Ok(Self {
            method: parts.method.clone(),
            account: account.into_owned(),
            container: container.into_owned(),
            blob: blob.into_owned(),
            query: query(parts.uri.query().unwrap_or_default())?,
            headers: parts.headers.clone(),
            body,
        })
    }

    pub(super) fn parameter(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The metadata that goes with a blob, names in lower case.
    pub(super) fn metadata(&self) -> Vec<(String, String)> {
        let metadata = self.headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-ms-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        metadata.collect()
    }

    /// The range that is asked for, first and last byte. `x-ms-range` wins over `Range`, as it does at Azure.
    pub(super) fn range(&self) -> Result<Option<(u64, Option<u64>)>> {
        let Some(text) = self.header("x-ms-range").or_else(|| self.header("range")) else {
            return Ok(None);
        };
        let bounds = text.strip_prefix("bytes=").and_then(|range| range.split_once('-'));
        let bounds = bounds.and_then(|(first, last)| {
            let first: u64 = first.parse().ok()?;
            let last = match last {
                "" => None,
                last => Some(last.parse().ok().filter(|last| *last >= first)?),
            };
            Some((first, last))
        });
        // A range from the end, such as `bytes=-5`, is refused too: Azure has none.
        bounds.map(Some).ok_or(Problem::bad("InvalidHeaderValue"))
    }
}

/// A parameter given twice is refused, so that nobody signs one value and sends another.
fn query(text: &str) -> Result<BTreeMap<String, String>> {
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        if parameters.insert(name.into_owned(), value.into_owned()).is_some() {
            return Err(Problem::bad("InvalidQueryParameterValue"));
        }
    }
    Ok(parameters)
}
