//! Secrets on their way in.

use zkvault_core::{NotUtf8, SecretBytes, SecretText};

use crate::error::{Error, Result};

pub(crate) fn secret_text(bytes: Vec<u8>) -> Result<SecretText> {
    SecretText::from_utf8(SecretBytes::from(bytes)).map_err(|NotUtf8| Error::new("not-text", "the bytes are not UTF-8"))
}
