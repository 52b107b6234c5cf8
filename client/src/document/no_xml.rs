//! XML where it is not read: every document is refused, and what would be done with one is nothing.

use super::json::Kind;
use crate::error::ClientError;

/// There is none.
pub(crate) enum Element {}

/// Refuses a document.
pub(crate) fn parse(_document: &[u8]) -> Result<Element, ClientError> {
    Err(ClientError::malformed("it is XML, which is not read here"))
}

impl Element {
    pub(crate) fn to_list(&self, _kind: Kind) -> Result<String, ClientError> {
        match *self {}
    }

    pub(crate) fn to_single(&self, _kind: Kind) -> Result<String, ClientError> {
        match *self {}
    }

    pub(crate) fn beside(&self, _kind: Kind) -> serde_json::Map<String, serde_json::Value> {
        match *self {}
    }

    pub(crate) fn to_document(&self) -> serde_json::Value {
        match *self {}
    }
}
