//! Whether a name is available.

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::answer::{Answer, find, shown, truth, with_member};
use crate::error::ClientError;
use crate::visible::visible;

/// Whether a data repository can have a name, with everything that the service says.
#[derive(Debug, Clone, PartialEq)]
pub struct NameAvailability {
    available: bool,
    message: Option<String>,
    document: Value,
}

const NAMES: [&str; 4] = ["nameavailable", "available", "isavailable", "isnameavailable"];

impl NameAvailability {
    /// Reads `{"nameAvailable": true}` and the like, also in an envelope, or a bare truth value.
    pub(super) fn read(answer: &Answer) -> Result<Self, ClientError> {
        let document: Value = answer.json()?;
        let members = with_member(&document, &NAMES);
        let said = match &document {
            Value::Object(_) | Value::Array(_) => members.and_then(|members| find(members, &NAMES)),
            value => Some(value),
        };
        let available = said.and_then(truth);
        let available =
            available.ok_or_else(|| ClientError::malformed("it does not say whether the name is available"))?;
        let message = members.and_then(|members| find(members, &["message"]).or_else(|| find(members, &["reason"])));
        Ok(Self {
            available,
            message: message.and_then(shown).map(|text| visible(&text)),
            document,
        })
    }

    /// Whether it is free.
    #[must_use]
    pub fn is_available(&self) -> bool {
        self.available
    }

    /// Why it is not free, in the service's words: at most 300 characters, without control characters.
    #[must_use]
    pub fn message(&self) -> Option<String> {
        self.message.clone()
    }
}

/// As the service wrote it.
impl Serialize for NameAvailability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loome::answer::of;

    fn read(body: &str) -> Option<(bool, Option<String>)> {
        let name = NameAvailability::read(&of("application/json", body).unwrap()).ok()?;
        Some((name.is_available(), name.message()))
    }

    #[test]
    fn a_name_is_available_or_not_and_never_by_guess() {
        assert_eq!(read("true"), Some((true, None)));
        assert_eq!(read(r#""False""#), Some((false, None)));
        assert_eq!(
            read(r#"{"nameAvailable":false,"reason":"AlreadyExists","message":"taken\u001b[2J"}"#),
            Some((false, Some("taken\u{fffd}[2J".to_owned())))
        );
        assert_eq!(read(r#"{"IsAvailable":"true","reason":null}"#), Some((true, None)));
        for body in [
            "1",
            r#"{"nameAvailable":1}"#,
            r#"{"data":{"nameAvailable":"yes"}}"#,
            r#"[{"available":true}]"#,
        ] {
            assert_eq!(read(body), Some((true, None)), "{body}");
        }
        assert_eq!(
            read(r#"{"success":true,"result":{"isAvailable":0,"message":"taken"}}"#),
            Some((false, Some("taken".to_owned())))
        );
        for body in [
            "{}",
            "[]",
            "2",
            "\"\"",
            r#"{"nameAvailable":2}"#,
            r#"{"isSuccess":true,"result":true}"#,
            r#"{"message":"The name is available."}"#,
        ] {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
