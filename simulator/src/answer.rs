//! What a service answers, before it is written as bytes: a status and a document.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value, json};

use crate::format::Format;

/// An answer that is not written yet, so that a [`Rewriter`](crate::Rewriter) can change all of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// Headers besides those that every answer has.
    pub headers: Vec<(String, String)>,
    /// The document; `null` makes an empty body.
    pub document: Value,
    pub(crate) format: Format,
}

impl Answer {
    /// An answer with a document, to be written as JSON unless the request asked for XML.
    #[must_use]
    pub fn new(status: u16, document: Value) -> Self {
        Self {
            status,
            headers: Vec::new(),
            document,
            format: Format::Json,
        }
    }

    pub(crate) fn ok(document: impl Into<Value>) -> Self {
        Self::new(200, document.into())
    }

    /// `{"sites": […]}` and the like.
    pub(crate) fn list(name: &str, items: Vec<Value>) -> Self {
        Self::ok(Map::from_iter([(name.to_owned(), Value::Array(items))]))
    }

    /// What the operations answer that have nothing to tell.
    pub(crate) fn done() -> Self {
        Self::ok(json!({"success": true}))
    }

    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }
}

/// Carries the answer to the middleware that writes it.
impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

/// A request that is not served, with the reason in the form of OAuth 2.0 errors (RFC 6749 §5.2), which is the
/// only one the page's own token endpoint leads to expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    code: &'static str,
    message: String,
    header: Option<(&'static str, &'static str)>,
}

impl Refusal {
    pub(crate) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        let message = message.into();
        Self {
            status,
            code,
            message,
            header: None,
        }
    }

    /// 400: the request breaks a rule of the page.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request", message)
    }

    /// 404: there is no such `thing`.
    pub(crate) fn unknown(thing: &str, id: impl std::fmt::Display) -> Self {
        Self::new(404, "not_found", format!("there is no {thing} {id}"))
    }

    /// 409: the request does not fit the state of what it names.
    pub(crate) fn conflict(message: impl Into<String>) -> Self {
        Self::new(409, "conflict", message)
    }

    /// 404: a path that the service does not have.
    pub(crate) fn no_such_path() -> Self {
        Self::new(404, "not_found", "there is no such path")
    }

    /// 405: the path has other methods.
    pub(crate) fn wrong_method() -> Self {
        Self::new(405, "method_not_allowed", "the path has no such method")
    }

    pub(crate) fn code(&self) -> &'static str {
        self.code
    }

    pub(crate) fn message(&self) -> &str {
        &self.message
    }

    pub(crate) fn with_header(mut self, name: &'static str, value: &'static str) -> Self {
        self.header = Some((name, value));
        self
    }
}

impl From<Refusal> for Answer {
    fn from(refusal: Refusal) -> Self {
        let document = json!({"error": refusal.code, "error_description": refusal.message});
        let answer = Self::new(refusal.status, document);
        match refusal.header {
            Some((name, value)) => answer.header(name, value),
            None => answer,
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        Answer::from(self).into_response()
    }
}
