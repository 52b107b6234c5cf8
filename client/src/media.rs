//! What the head of an answer says that its body is.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::error::ClientError;

/// What the head of an answer says that its body is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Media {
    Json,
    Xml,
    /// A page for people: from a proxy, or from a network that wants a login.
    Html,
    Other,
}

impl Media {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let media = value.unwrap_or_default().split(';').next().unwrap_or_default();
        match media.trim().to_ascii_lowercase().as_str() {
            "application/json" | "text/json" => Self::Json,
            "application/xml" | "text/xml" => Self::Xml,
            "text/html" | "application/xhtml+xml" => Self::Html,
            media if media.ends_with("+json") => Self::Json,
            media if media.ends_with("+xml") => Self::Xml,
            _ => Self::Other,
        }
    }
}

pub(crate) fn html_page() -> ClientError {
    ClientError::malformed("it is an HTML page, as a proxy or the login page of a network sends it")
}
