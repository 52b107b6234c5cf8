//! Whole documents of sites, from their first byte to their last.

use serde::Serialize;
use zkvault_core::document::{Batch, Framer, InputFailure, Part, SealAs, decrypt_site, encrypt_site};
use zkvault_core::key::KeySet;
use zkvault_core::{Coded as _, SecretBuffer};

use crate::api_id::ApiId;
use crate::error::{Error, Result};

/// Bytes that the framer takes at a time.
const PIECE_LEN: usize = 256 * 1024;

/// An input whose value did not open, as JavaScript sees it.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Failure {
    site_id: Option<ApiId>,
    name: String,
    code: &'static str,
}

impl From<InputFailure> for Failure {
    fn from(InputFailure { place, error }: InputFailure) -> Self {
        Self {
            site_id: place.site_id.map(ApiId),
            name: place.name,
            code: error.code(),
        }
    }
}

/// The document with plaintext in place of every value that opens, and the inputs of those that do not.
pub(crate) fn decrypt(keys: &KeySet, document: &[u8]) -> Result<(SecretBuffer, Vec<Failure>)> {
    let mut failures = Vec::<InputFailure>::new();
    let output = rewrite(document, |site, output| {
        decrypt_site(keys, site, output, &mut failures).map_err(Error::from)
    })?;
    Ok((output, failures.into_iter().map(Failure::from).collect()))
}

/// The document with every value sealed: all of it, or nothing.
pub(crate) fn encrypt(seal: SealAs<'_>, document: &[u8]) -> Result<SecretBuffer> {
    rewrite(document, |site, output| {
        encrypt_site(seal, site, output).map(drop).map_err(Error::from)
    })
}

fn rewrite(document: &[u8], mut site: impl FnMut(&[u8], &mut SecretBuffer) -> Result<()>) -> Result<SecretBuffer> {
    let mut output = SecretBuffer::new();
    each_part(document, |part| match part {
        Part::Copy(bytes) => {
            output.extend(bytes);
            Ok(())
        }
        Part::Site { bytes, .. } => site(bytes, &mut output),
    })?;
    Ok(output)
}

/// The sites of a document, one after the other.
#[cfg(feature = "vault")]
pub(crate) fn each_site(document: &[u8], mut site: impl FnMut(&[u8]) -> Result<()>) -> Result<()> {
    each_part(document, |part| match part {
        Part::Copy(_) => Ok(()),
        Part::Site { bytes, .. } => site(bytes),
    })
}

/// An error at a site says at which.
fn each_part(document: &[u8], mut each: impl FnMut(&Part<'_>) -> Result<()>) -> Result<()> {
    let (mut framer, mut batch) = (Framer::new(), Batch::new());
    for piece in document.chunks(PIECE_LEN) {
        framer.push(piece, &mut batch)?;
        for part in batch.parts() {
            each(&part).map_err(|error| match part {
                Part::Copy(_) => error,
                Part::Site { index, .. } => error.at(format_args!("site {} of the document", index + 1)),
            })?;
        }
    }
    Ok(framer.finish()?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use zkvault_core::key::VaultKey;

    use super::*;
    use crate::json;

    const CLEAR: &str = r#"{"page": 1.0, "sites":[
        {"id":7,"login":{"inputs":[{"type":"text","name":"user","value":"ann"},{"value":""}]},"new":{"a":[null]}},
        {"id":18446744073709551615,"login":{"inputs":[{"type":"password","name":"pw","value":"hunter2"}]}}]}"#;

    fn key() -> Arc<VaultKey> {
        Arc::new(VaultKey::from_slice(&[1; 32]).unwrap())
    }

    fn key_set() -> KeySet {
        let mut keys = KeySet::new();
        keys.add(key(), None);
        keys
    }

    #[test]
    fn a_document_comes_back_to_the_letter() {
        let sealed = encrypt(SealAs::Bound(&key()), CLEAR.as_bytes()).unwrap();
        assert_ne!(sealed.expose_secret(), CLEAR.as_bytes());
        let (opened, failures) = decrypt(&key_set(), sealed.expose_secret()).unwrap();
        assert_eq!(opened.expose_secret(), CLEAR.as_bytes());
        assert_eq!(failures, []);
    }

    #[test]
    fn a_failure_names_its_input() {
        let (opened, failures) = decrypt(&key_set(), CLEAR.as_bytes()).unwrap();
        assert_eq!(opened.expose_secret(), CLEAR.as_bytes());
        let expected = r#"[{"siteId":7,"name":"user","code":"malformed"},{"siteId":"18446744073709551615","name":"pw","code":"malformed"}]"#;
        assert_eq!(json::write(&failures).unwrap(), expected);
    }

    #[test]
    fn a_refusal_says_at_which_site() {
        let error = decrypt(&key_set(), br#"[{"id":1},{"id":1,"id":2}]"#).unwrap_err();
        let expected = "the site has a field twice, at byte 11 (site 2 of the document)";
        assert_eq!(error, Error::new("malformed", expected));
    }
}
