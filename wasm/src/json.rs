//! Results as JSON texts.

use serde::Serialize;

use crate::error::{Error, Result};

pub(crate) fn write(result: &impl Serialize) -> Result<String> {
    // Numbers, texts and lists of them: there is nothing that JSON could refuse.
    serde_json::to_string(result).map_err(|_| Error::new("internal", "the result could not be written"))
}
