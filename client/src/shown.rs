//! Requests as they are shown before they are sent.

use std::fmt;

use http::Method;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

/// What would be sent, without secrets. As JSON it is `{"method": "POST", "path": "/users/1/sites", "body": {"assign": 2}}`;
/// as text, `POST /users/1/sites {"assign":2}`.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ShownRequest {
    /// The method, in capitals.
    pub method: String,
    /// The path with its query, or the whole address where the service has none of its own.
    pub path: String,
    /// The body; a text about it where it is not known what it holds. `None` where there is none.
    pub body: Option<Box<RawValue>>,
}

impl ShownRequest {
    /// Of these parts.
    #[must_use]
    pub fn new(method: &Method, path: String, body: Option<Box<RawValue>>) -> Self {
        Self {
            method: method.to_string(),
            path,
            body,
        }
    }

    /// A request without a body that deletes what is at an address.
    #[must_use]
    pub fn delete(address: String) -> Self {
        Self::new(&Method::DELETE, address, None)
    }
}

/// Anything that becomes JSON.
pub(crate) fn raw(value: &(impl Serialize + ?Sized)) -> Option<Box<RawValue>> {
    to_raw_value(value).ok()
}

impl fmt::Display for ShownRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { method, path, body } = self;
        write!(f, "{method} {path}")?;
        let Some(body) = body else { return Ok(()) };
        // A text about a body is no body.
        match serde_json::from_str::<String>(body.get()) {
            Ok(about) => write!(f, " {about}"),
            Err(_) => write!(f, " {}", body.get()),
        }
    }
}
