//! Whether pages of an origin may use a container (CORS). A browser tells a page only that something failed; this asks
//! the storage as the browser would, and names what a rule of the storage account lacks.
//!
//! Source: the CORS protocol of the Fetch standard, section 3.3; Azure keeps such rules for each storage account.

use std::fmt;

use bytes::Bytes;
use http::{Method, Request, Response};
use zkvault_core::SecretText;

use super::SasUrl;
use crate::transport::{Transport, TransportError, TransportFault};

/// What a page sends.
const METHODS: [Method; 4] = [Method::GET, Method::HEAD, Method::PUT, Method::DELETE];
/// The headers of its requests, as a browser lists them.
const SENT: &str = "content-type,if-match,if-none-match,x-ms-blob-content-type,x-ms-blob-type,x-ms-content-crc64,\
    x-ms-meta-zkv,x-ms-range,x-ms-version";
/// The headers of responses that it has to see.
const SEEN: [&str; 5] = ["content-length", "content-range", "date", "etag", "x-ms-error-code"];

/// Something that the rules of a storage account do not let a page do. Prints as part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CorsGap {
    /// No rule names the origin.
    Origin(String),
    /// These methods are not allowed.
    Methods(Vec<Method>),
    /// With this method, one of the headers that a page sends is not allowed.
    Headers(Method),
    /// The page does not see these headers of a response.
    Hidden(Vec<&'static str>),
}

impl fmt::Display for CorsGap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Origin(origin) => write!(f, "no rule lets pages of {origin} in"),
            Self::Methods(methods) => {
                let names: Vec<_> = methods.iter().map(Method::as_str).collect();
                write!(f, "these methods are not allowed: {}", names.join(", "))
            }
            Self::Headers(method) => write!(f, "a header of {SENT} is not allowed for {method}"),
            Self::Hidden(headers) => write!(f, "these headers are not exposed: {}", headers.join(", ")),
        }
    }
}

/// What pages of `origin` lack to list, read, write and delete in the container: nothing, where they may do all of it.
///
/// Sends at most nine requests: a preflight for each method, without and with the headers, which hold no token; and one
/// that lists a single blob, with it.
///
/// # Errors
///
/// [`TransportError`] when the storage cannot be reached, or when `origin` cannot stand in a header.
pub async fn cors_gaps<T: Transport>(
    transport: &T,
    container: &SasUrl,
    origin: &str,
) -> Result<Vec<CorsGap>, TransportError> {
    let page = Page {
        transport,
        container,
        origin,
    };
    let (mut allowed, mut refused) = (Vec::new(), Vec::new());
    for method in METHODS {
        match page.may(&method, None).await? {
            true => allowed.push(method),
            false => refused.push(method),
        }
    }
    if allowed.is_empty() {
        return Ok(vec![CorsGap::Origin(origin.to_owned())]);
    }
    let mut gaps = Vec::new();
    if !refused.is_empty() {
        gaps.push(CorsGap::Methods(refused));
    }
    for method in allowed {
        if !page.may(&method, Some(SENT)).await? {
            gaps.push(CorsGap::Headers(method));
            break;
        }
    }
    let hidden = page.hidden().await?;
    if !hidden.is_empty() {
        gaps.push(CorsGap::Hidden(hidden));
    }
    Ok(gaps)
}

/// A page that talks to a container.
struct Page<'a, T> {
    transport: &'a T,
    container: &'a SasUrl,
    origin: &'a str,
}

impl<T: Transport> Page<'_, T> {
    /// Whether a preflight allows the method, with these headers.
    async fn may(&self, method: &Method, headers: Option<&str>) -> Result<bool, TransportError> {
        let mut request = Request::builder()
            .method(Method::OPTIONS)
            .uri(self.container.to_string())
            .header("access-control-request-method", method.as_str());
        if let Some(headers) = headers {
            request = request.header("access-control-request-headers", headers);
        }
        let response = self.send(request).await?;
        let allowed = header(&response, "access-control-allow-origin");
        Ok(response.status().is_success() && (allowed == "*" || allowed == self.origin))
    }

    /// The headers of a listing that the page would not see.
    async fn hidden(&self) -> Result<Vec<&'static str>, TransportError> {
        let whole = self.container.to_secret();
        let address = format!("{}&restype=container&comp=list&maxresults=1", whole.expose_secret());
        let address = SecretText::from(address);
        let response = self.send(Request::builder().uri(address.expose_secret())).await?;
        let exposed = header(&response, "access-control-expose-headers").to_ascii_lowercase();
        let is_exposed = |name: &str| {
            let mut patterns = exposed.split(',').map(str::trim);
            patterns.any(|pattern| match pattern.strip_suffix('*') {
                Some(start) => name.starts_with(start),
                None => name == pattern,
            })
        };
        Ok(SEEN.into_iter().filter(|name| !is_exposed(name)).collect())
    }

    /// The head of a response; its body is not read.
    async fn send(&self, request: http::request::Builder) -> Result<Response<()>, TransportError> {
        let request = request.header("origin", self.origin).body(Bytes::new());
        let request = request.map_err(|_| TransportError::new(TransportFault::Connect, "the origin is not one"))?;
        Ok(self.transport.send(request).await?.map(drop))
    }
}

fn header<'a, B>(response: &'a Response<B>, name: &str) -> &'a str {
    let value = response.headers().get(name).and_then(|value| value.to_str().ok());
    value.unwrap_or_default()
}
