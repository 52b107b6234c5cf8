//! The encrypted value of an input, as text.
//!
//! Whatever a service sends here is kept and written back. Whether it is an envelope is asked when it is used, so
//! that one plaintext from a faulty service does not make a site unreadable; a pin records it as malformed.

use std::fmt;

use serde::{Deserializer, Serialize};

use super::member::Member;
use crate::envelope::{Envelope, EnvelopeError};

/// The `value` of an input as the API has it: an envelope in base64, or nothing.
///
/// What the service sends is kept even where it is no envelope, and written back as it came. What a program
/// puts in must be one, so that no plaintext can get here by mistake.
///
/// ```
/// use zkvault_core::model::{SealedValue, Site};
///
/// // A program cannot put a plaintext in by mistake.
/// assert!(SealedValue::new("hunter2".to_owned()).is_err());
/// let json = r#"{"id":7,"login":{"inputs":[{"value":"hunter2"}]}}"#;
/// let site: Site = serde_json::from_str(json)?;
/// let login = site.login.as_ref().and_then(|login| login.inputs.as_deref()).unwrap_or_default();
/// let value = login[0].value.as_ref().ok_or("it has one")?;
/// assert!(value.envelope().is_err());
/// assert_eq!(format!("{value:?}"), "SealedValue(7 characters)", "it may be a secret all the same");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SealedValue(String);

impl SealedValue {
    /// Takes a text that [`seal_bound`](crate::value::seal_bound) or [`seal_vendor`](crate::value::seal_vendor) gave.
    ///
    /// # Errors
    /// [`EnvelopeError`] when it is not the canonical text of an envelope.
    pub fn new(base64: String) -> Result<Self, EnvelopeError> {
        Envelope::parse(&base64).map(|_| Self(base64))
    }

    /// The envelope.
    ///
    /// # Errors
    /// [`EnvelopeError`] when what the service sent is none; [`EnvelopeError::Empty`] when it is empty.
    pub fn envelope(&self) -> Result<Envelope, EnvelopeError> {
        Envelope::parse(&self.0)
    }

    /// The text as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is no value.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Member for SealedValue {
    const EXPECTED: &'static str = String::EXPECTED;

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Ok(String::read(deserializer)?.map(Self))
    }
}

/// Shows the length only: a faulty service may have sent a plaintext.
impl fmt::Debug for SealedValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(text) = self;
        write!(f, "SealedValue({} characters)", text.len())
    }
}
