//! What the blob service answers, and its errors with Azure's codes.

use axum::body::Bytes;
use axum::http::HeaderMap;
use quick_xml::escape::escape;

use crate::exchange::{Written, set};

/// The version that answers name.
const VERSION: &str = "2025-11-05";

/// An answer.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    headers: HeaderMap,
    bytes: Bytes,
}

impl Reply {
    pub(super) fn new(status: u16) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            bytes: Bytes::new(),
        }
    }

    pub(super) fn xml(document: String) -> Self {
        Self::new(200)
            .header("content-type", "application/xml")
            .bytes(document.into())
    }

    pub(super) fn header(mut self, name: &str, value: &str) -> Self {
        set(&mut self.headers, name, value);
        self
    }

    pub(super) fn bytes(mut self, bytes: Bytes) -> Self {
        self.bytes = bytes;
        self
    }

    pub(super) fn written(mut self, request_id: u64) -> Written {
        let request_id = format!("00000000-0000-0000-0000-{request_id:012x}");
        set(&mut self.headers, "server", "zkvault-simulator");
        set(&mut self.headers, "x-ms-request-id", &request_id);
        set(&mut self.headers, "x-ms-version", VERSION);
        Written {
            status: self.status,
            headers: self.headers,
            bytes: self.bytes,
        }
    }
}

/// A request that is not served, with Azure's status and code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Problem {
    pub(super) status: u16,
    pub(super) code: &'static str,
    message: &'static str,
    detail: Option<String>,
}

impl Problem {
    pub(super) const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code,
            message,
            detail: None,
        }
    }

    /// 403: who asks is not known. The detail says what is wrong with the signature.
    pub(super) fn unauthenticated(detail: impl Into<String>) -> Self {
        const MESSAGE: &str = "Server failed to authenticate the request. Make sure the value of Authorization header \
            is formed correctly including the signature.";
        Self {
            detail: Some(detail.into()),
            ..Self::new(403, "AuthenticationFailed", MESSAGE)
        }
    }

    /// 403: the SAS does not allow it.
    pub(super) const fn forbidden(code: &'static str) -> Self {
        Self::new(403, code, "This request is not authorized to perform this operation.")
    }

    /// 400: a header, parameter or body that the service does not take.
    pub(super) const fn bad(code: &'static str) -> Self {
        Self::new(400, code, "The request is not valid.")
    }

    /// The failure that a test asked for.
    pub(super) fn injected(status: u16) -> Self {
        let code = match status {
            403 => "AuthorizationFailure",
            404 => "BlobNotFound",
            408 | 504 => "OperationTimedOut",
            503 => "ServerBusy",
            _ => "InternalError",
        };
        Self::new(status, code, "A test asked for this failure.")
    }

    /// A HEAD has no body: there the code is in the header alone.
    pub(super) fn reply(self, is_head: bool) -> Reply {
        let reply = Reply::new(self.status).header("x-ms-error-code", self.code);
        if is_head {
            return reply;
        }
        let detail = self.detail.map(|detail| {
            let detail = escape(&detail).into_owned();
            format!("<AuthenticationErrorDetail>{detail}</AuthenticationErrorDetail>")
        });
        let document = format!(
            r#"<?xml version="1.0" encoding="utf-8"?><Error><Code>{}</Code><Message>{}</Message>{}</Error>"#,
            self.code,
            self.message,
            detail.unwrap_or_default()
        );
        reply.header("content-type", "application/xml").bytes(document.into())
    }
}

pub(super) type Result<T> = std::result::Result<T, Problem>;

/// The disk of the simulator itself.
impl From<std::io::Error> for Problem {
    fn from(_error: std::io::Error) -> Self {
        Self::injected(500)
    }
}
