//! Reading: properties, and ranges of the content.

use std::time::UNIX_EPOCH;

use futures_util::lock::Mutex;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG, LAST_MODIFIED};
use http::{HeaderMap, Method, Response, StatusCode};

use super::BlobContainer;
use super::error::{BlobError, BlobErrorKind};
use super::exchange::{Ask, expect, read_into};
use super::list::is_folder_mark;
use crate::transport::Transport;

const NO_RANGES: &str = "it is the whole blob in place of the part that was asked for: what stands in front of the storage \
                         does not pass ranges on (x-ms-range)";

/// Which version of a blob it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Etag(String);

impl Etag {
    /// One that the service wrote.
    #[must_use]
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// As the service wrote it, but strong.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(super) fn of(headers: &HeaderMap) -> Result<Self, BlobError> {
        let etag = headers.get(ETAG).and_then(|etag| etag.to_str().ok());
        etag.map(Self::strong).ok_or_else(Self::missing)
    }

    /// Azure's are strong. What compresses on the way makes them weak, and no condition holds for a weak one (RFC 9110
    /// §13.1.1): the storage knows the one without the mark.
    fn strong(etag: &str) -> Self {
        let weak = etag.strip_prefix("W/").or_else(|| etag.strip_prefix("w/"));
        Self(weak.unwrap_or(etag).to_owned())
    }

    pub(super) fn missing() -> BlobError {
        BlobError::malformed("it has no ETag")
    }
}

/// What the service says of a blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobProperties {
    /// Bytes of the content.
    pub len: u64,
    /// Which version it is.
    pub etag: Etag,
    /// Its last change, in seconds since 1970 (UTC), where the service says so.
    pub modified: Option<u64>,
    /// Metadata; names in lower case.
    pub metadata: Vec<(String, String)>,
    /// Whether it stands for a folder of a hierarchical namespace.
    pub is_folder: bool,
}

impl BlobProperties {
    /// The metadata of this name.
    #[must_use]
    pub fn metadata(&self, name: &str) -> Option<&str> {
        let found = self.metadata.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }

    fn of(headers: &HeaderMap, len: Option<u64>) -> Result<Self, BlobError> {
        let metadata = headers.iter().filter_map(|(name, value)| {
            let name = name.as_str().strip_prefix("x-ms-meta-")?;
            Some((name.to_owned(), value.to_str().ok()?.to_owned()))
        });
        Ok(Self {
            len: len.ok_or_else(|| BlobError::malformed("it has no length"))?,
            etag: Etag::of(headers)?,
            modified: modified(headers),
            is_folder: is_folder(headers),
            metadata: metadata.collect(),
        })
    }
}

fn modified(headers: &HeaderMap) -> Option<u64> {
    let time = httpdate::parse_http_date(headers.get(LAST_MODIFIED)?.to_str().ok()?).ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_secs())
}

fn is_folder(headers: &HeaderMap) -> bool {
    headers.iter().any(|(name, value)| {
        let value = value.to_str().unwrap_or_default();
        match name.as_str().strip_prefix("x-ms-meta-") {
            Some(name) => is_folder_mark(name, value),
            None => name == "x-ms-resource-type" && value.eq_ignore_ascii_case("directory"),
        }
    })
}

impl<T: Transport> BlobContainer<T> {
    /// What the service says of a blob. Needs the right to read.
    ///
    /// # Errors
    /// [`BlobError`].
    pub async fn properties(&self, blob: &str) -> Result<BlobProperties, BlobError> {
        let ask = Ask::new(Method::HEAD, blob, "r");
        let properties = self.ask(&ask, |answer| async move {
            expect(&answer, &[StatusCode::OK])?;
            BlobProperties::of(answer.headers(), content_length(answer.headers()))
        });
        properties.await
    }

    /// Reads up to `len` bytes from `start` on, of the version `etag` where one is given, and appends them to `out`;
    /// fewer only where the blob ends. Returns what the service says of the whole blob.
    ///
    /// # Errors
    /// [`BlobError`]; of the kind [`Conflict`](super::BlobErrorKind::Conflict) when it is another version, and
    /// [`Range`](super::BlobErrorKind::Range) when it ends before `start`. `out` is then as it was.
    pub async fn read_range(
        &self,
        blob: &str,
        start: u64,
        len: u64,
        etag: Option<&Etag>,
        out: &mut Vec<u8>,
    ) -> Result<BlobProperties, BlobError> {
        let ask = ask_range(blob, start, len, etag);
        let before = out.len();
        // Shared between tries, of which there is one at a time.
        let shared = &Mutex::new(&mut *out);
        let done = self.ask(&ask, |mut answer| async move {
            let mut out = shared.lock().await;
            out.truncate(before);
            let total = match answer.status() {
                StatusCode::OK if start == 0 && etag.is_none() => total_of_whole(&answer, len)?,
                _ => total_of(&answer, start)?,
            };
            let expected = total.saturating_sub(start).min(len);
            let limit = usize::try_from(expected).unwrap_or(usize::MAX);
            read_into(answer.body_mut(), limit, &mut out).await?;
            match (out.len() - before) as u64 == expected {
                true => BlobProperties::of(answer.headers(), Some(total)),
                false => Err(BlobError::cut_off()),
            }
        });
        match done.await {
            Ok(properties) => Ok(properties),
            Err(error) => {
                out.truncate(before);
                match error.kind() {
                    BlobErrorKind::Range if start == 0 => Err(self.refused_from_start(blob, error).await),
                    _ => Err(error),
                }
            }
        }
    }

    /// What it means that a blob has no first byte: it is empty, or the storage contradicts itself.
    async fn refused_from_start(&self, blob: &str, error: BlobError) -> BlobError {
        match self.properties(blob).await {
            Ok(BlobProperties { len: len @ 1.., .. }) => {
                BlobError::malformed(format!("it has no first byte of a blob of {len} bytes"))
            }
            _ => error,
        }
    }
}

/// The request for `len` bytes from `start` on, of a version of the blob where one is given.
pub(super) fn ask_range<'a>(blob: &'a str, start: u64, len: u64, etag: Option<&Etag>) -> Ask<'a> {
    let last = start.saturating_add(len.saturating_sub(1));
    let ask = Ask::new(Method::GET, blob, "r").header("x-ms-range", format!("bytes={start}-{last}"));
    match etag {
        Some(etag) => ask.header("if-match", etag.as_str()),
        None => ask,
    }
}

/// The length of a blob that came whole, where up to `len` bytes from its start were asked for. A cache or a gateway in
/// front of a storage may not know `x-ms-range`; of a blob that is no longer, that is all the same.
fn total_of_whole<B>(answer: &Response<B>, len: u64) -> Result<u64, BlobError> {
    match content_length(answer.headers()) {
        Some(0) => Err(BlobError::new(BlobErrorKind::Range)),
        Some(total) if total <= len => Ok(total),
        _ => Err(BlobError::malformed(NO_RANGES)),
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// The length of the whole blob, from a range that begins where it should.
pub(super) fn total_of<B>(answer: &Response<B>, start: u64) -> Result<u64, BlobError> {
    if answer.status() == StatusCode::OK {
        return Err(BlobError::malformed(NO_RANGES));
    }
    expect(answer, &[StatusCode::PARTIAL_CONTENT])?;
    let range = answer
        .headers()
        .get(CONTENT_RANGE)
        .and_then(|range| range.to_str().ok());
    let parsed = range.and_then(|range| {
        let (unit, range) = range.split_once(' ')?;
        let (bounds, total) = range.split_once('/').filter(|_| unit.eq_ignore_ascii_case("bytes"))?;
        let (first, _last) = bounds.split_once('-')?;
        Some((first.parse::<u64>().ok()?, total.parse::<u64>().ok()?))
    });
    match parsed {
        Some((first, total)) if first == start && start < total => Ok(total),
        _ => Err(BlobError::malformed("it is another range than was asked for")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_that_came_whole_is_its_own_first_range() {
        let whole = |len: &str| {
            let answer = Response::builder().header(CONTENT_LENGTH, len).body(()).unwrap();
            total_of_whole(&answer, 100).map_err(|error| error.kind())
        };
        assert_eq!((whole("1"), whole("100")), (Ok(1), Ok(100)));
        assert_eq!(whole("0"), Err(BlobErrorKind::Range), "it is empty");
        for other in ["101", "", "many"] {
            assert_eq!(whole(other), Err(BlobErrorKind::Malformed), "{other}");
        }
        let error = total_of(&Response::new(()), 100).unwrap_err();
        assert!(error.to_string().contains("x-ms-range"), "{error}");
    }
}
