//! The audit log.

use serde_json::Value;

use super::organisation::Document;
use crate::params::Params;

/// What stands in the log for the encryption key of an activation.
const WITHHELD: &str = "[withheld]";

/// An operation of an API user, carried out or refused.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// When, in milliseconds since 1970 by the service's clock.
    pub millis: u64,
    /// The API key of the token.
    pub api_key: String,
    /// The user who logged in for the token, if one did.
    pub username: Option<String>,
    /// The method.
    pub method: String,
    /// The path, with `/rest`.
    pub path: String,
    /// The parameters, without the encryption key of an activation.
    pub parameters: Document,
    /// The HTTP status that was answered.
    pub status: u16,
}

/// The parameters as they may stand in the log.
pub(super) fn loggable(params: &Params, key_parameter: &str) -> Document {
    let mut parameters = params.values().clone();
    if let Some(key) = parameters.get_mut(key_parameter) {
        *key = Value::from(WITHHELD);
    }
    parameters
}
