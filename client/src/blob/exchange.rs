//! One request and its repetitions. Every request here may be repeated: the same block, commit or deletion twice
//! is the same as once.

use std::future::Future;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, LAST_MODIFIED};
use http::response::Parts;
use http::{HeaderMap, Method, Request, Response, StatusCode};

use super::BlobContainer;
use super::access::Token;
use super::error::{BlobError, BlobErrorKind};
use super::patience::Patience;
use super::refusal::Refused;
use crate::decoding::Decoded;
use crate::retry::retry_after;
use crate::transport::{Body, Transport};

/// The version of the service whose rules we follow.
const VERSION: &str = "2025-11-05";
/// How often a request is sent again with a new token: one that ends again on the way is too short-lived.
const MAX_RENEWALS: u32 = 5;
/// Bytes of an error's body that are read.
const MAX_ERROR_LEN: usize = 64 * 1024;
const WEB_PAGE: &str = "a web page came in its place: a proxy or the login page of a network may stand between";

/// What is asked for.
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    /// Empty for the container itself.
    pub(super) blob: &'a str,
    /// Encoded already.
    pub(super) parameters: &'a str,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Bytes,
    /// The letters of which the token needs one.
    pub(super) needs: &'static str,
}

impl<'a> Ask<'a> {
    pub(super) fn new(method: Method, blob: &'a str, needs: &'static str) -> Self {
        Self {
            method,
            blob,
            parameters: "",
            headers: Vec::new(),
            body: Bytes::new(),
            needs,
        }
    }

    pub(super) fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }
}

impl<T: Transport> BlobContainer<T> {
    /// Sends a request until it succeeds, fails for good, or was tried long enough. `read` takes a successful answer,
    /// and takes it again from the start when its body broke off.
    pub(super) async fn ask<R, F>(&self, ask: &Ask<'_>, read: impl Fn(Response<T::Body>) -> F) -> Result<R, BlobError>
    where
        F: Future<Output = Result<R, BlobError>>,
    {
        let (mut patience, mut repeated) = (Patience::new(self.give_up_after), false);
        let mut renewals = 0;
        loop {
            let (token, began, versioned, tried) = {
                let _lane = self.lanes.enter(&self.transport).await;
                // Taken here, since a token may end while a request waits for its lane.
                let token = self.access.at_hand(self.transport.now()).await;
                let began = self.transport.now();
                let versioned = self.versioned.load(Ordering::Relaxed);
                let tried = self.try_once(ask, &token, versioned).await;
                (token, began, versioned, tried)
            };
            let error = match tried {
                Ok(answer) => match read(answer).await {
                    Ok(result) => {
                        self.lanes.passed();
                        return Ok(result);
                    }
                    Err(error) => error,
                },
                Err(error) => error,
            };
            // Without it, the storage goes by the version of the token, which it knows if it made the token.
            if versioned && error.kind() == BlobErrorKind::ApiVersion {
                self.versioned.store(false, Ordering::Relaxed);
                continue;
            }
            if self.access.can_renew() && error.asks_for_token(renewals) {
                self.renew(&token, &mut renewals, error.repeated(repeated)).await?;
                continue;
            }
            if let BlobErrorKind::Throttled { .. } = error.kind() {
                self.lanes.throttled();
            }
            let Some(pause) = self.pause_after(&error, &mut patience, began) else {
                return Err(error.repeated(repeated));
            };
            repeated |= error.again().is_some_and(|pause| pause.maybe_done);
            self.transport.sleep(pause).await;
        }
    }

    /// How long to wait after an error of a try that began at this time; `None` when it is final, or was tried long
    /// enough.
    pub(super) fn pause_after(&self, error: &BlobError, patience: &mut Patience, began: u64) -> Option<Duration> {
        let took = Duration::from_secs(self.transport.now().saturating_sub(began));
        // Without the system's generator the pauses are the shortest ones, which is no reason to fail.
        let random = getrandom::u64().unwrap_or_default();
        patience.next(error.again()?, took, self.reached.load(Ordering::Relaxed), random)
    }

    /// A new token for a request that was refused for its token, or that refusal.
    async fn renew(&self, used: &Token, renewals: &mut u32, refused: BlobError) -> Result<(), BlobError> {
        *renewals += 1;
        if *renewals > MAX_RENEWALS {
            return Err(refused.with_detail("new tokens do not hold long enough for one request"));
        }
        let renewed = self.access.renew(used, self.transport.now()).await;
        renewed.map_err(|error| refused.with_detail(format!("it was not renewed: {error}")))
    }

    async fn try_once(&self, ask: &Ask<'_>, token: &Token, versioned: bool) -> Result<Response<T::Body>, BlobError> {
        let answer = self.transport.send(self.request(ask, token, versioned)?).await?;
        let status = answer.status();
        self.reached.store(true, Ordering::Relaxed);
        let (now, host) = (self.time_of(answer.headers()), self.transport.now());
        self.access.note_time(now, host);
        if status.is_success() {
            return match is_web_page(answer.headers()) {
                true => Err(BlobError::malformed(WEB_PAGE)),
                false => Ok(answer),
            };
        }
        let (Parts { headers, .. }, body) = answer.into_parts();
        let body = match ask.method {
            Method::HEAD => Vec::new(),
            _ => read_start(&mut Decoded::new(&headers, body), MAX_ERROR_LEN).await,
        };
        Err(BlobError::from(Refused {
            status,
            headers: &headers,
            body: &body,
            retry_after: self.retry_after(&headers),
            now,
            url: &token.url,
            needs: ask.needs,
            is_container: ask.blob.is_empty(),
        }))
    }

    fn request(&self, ask: &Ask<'_>, token: &Token, versioned: bool) -> Result<Request<Bytes>, BlobError> {
        let uri = token.url.join(ask.blob, ask.parameters);
        let mut request = Request::builder().method(ask.method.clone()).uri(uri.expose_secret());
        if versioned {
            request = request.header("x-ms-version", VERSION);
        }
        // Azure wants it on every PUT, also on an empty one.
        if ask.method == Method::PUT {
            request = request.header(http::header::CONTENT_LENGTH, ask.body.len());
        }
        for (name, value) in &ask.headers {
            request = request.header(name, value);
        }
        // The error of the builder could quote the address.
        request
            .body(ask.body.clone())
            .map_err(|_| BlobError::new(BlobErrorKind::Rejected).with_detail("the request cannot be written"))
    }

    /// `Retry-After`, or Azure's own headers in milliseconds.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let millis = ["x-ms-retry-after-ms", "retry-after-ms"].into_iter().find_map(|name| {
            let value = headers.get(name)?.to_str().ok()?;
            value.trim().parse().ok().map(Duration::from_millis)
        });
        millis.or_else(|| retry_after(headers, self.transport.now()))
    }

    /// The service's clock decides about tokens; ours stands in where it does not tell.
    fn time_of(&self, headers: &HeaderMap) -> u64 {
        let date = headers.get(DATE).and_then(|date| date.to_str().ok());
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let since = date.and_then(|date| date.duration_since(std::time::SystemTime::UNIX_EPOCH).ok());
        since.map_or_else(|| self.transport.now(), |since| since.as_secs())
    }
}

/// Whether something on the way responded in the storage's place: with a page, and without any header of Azure's. A blob
/// may be a page as well, and says when it was changed; a browser hides all but that and the type of it.
fn is_web_page(headers: &HeaderMap) -> bool {
    let is_azure = headers.keys().any(|name| name.as_str().starts_with("x-ms-")) || headers.contains_key(LAST_MODIFIED);
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    !is_azure && kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

/// Reads a document of the service to its end, without a compression that something on the way may have added. The
/// content of a blob is never read so: it is whatever somebody put there.
pub(super) async fn read_document<B: Body>(answer: Response<B>, limit: usize) -> Result<Vec<u8>, BlobError> {
    let (Parts { headers, .. }, body) = answer.into_parts();
    let mut whole = Vec::new();
    read_into(&mut Decoded::new(&headers, body), limit, &mut whole).await?;
    Ok(whole)
}

/// Reads a body to its end and appends it to `whole`, which takes at most `limit` bytes more.
pub(super) async fn read_into<B: Body>(body: &mut B, limit: usize, whole: &mut Vec<u8>) -> Result<(), BlobError> {
    let mut room = limit;
    while let Some(piece) = body.chunk().await? {
        room = room
            .checked_sub(piece.len())
            .ok_or_else(|| BlobError::malformed(format!("it has more than {limit} bytes")))?;
        whole.extend_from_slice(&piece);
    }
    Ok(())
}

/// Reads the beginning of a body whose rest does not matter; nothing when it breaks.
async fn read_start<B: Body>(body: &mut B, limit: usize) -> Vec<u8> {
    let mut start = Vec::new();
    while start.len() < limit {
        let Ok(Some(piece)) = body.chunk().await else { break };
        let room = limit - start.len();
        start.extend_from_slice(piece.get(..room).unwrap_or(&piece));
    }
    start
}

/// Whether a status is one that an operation answers with.
pub(super) fn expect<B>(answer: &Response<B>, statuses: &[StatusCode]) -> Result<(), BlobError> {
    match statuses.contains(&answer.status()) {
        true => Ok(()),
        false => Err(BlobError::malformed(format!(
            "status {} was not expected",
            answer.status().as_u16()
        ))),
    }
}
