//! What a client of a service starts from.

use zkvault_client::ServiceUrl;
use zkvault_client::oauth::{Credentials, Session};
use zkvault_core::text::{CredentialError, credential};

use crate::error::{Error, Result};
use crate::secret::secret_text;

/// The address of a service, and a session that has no token yet. The secret is in UTF-8.
pub(super) fn account(url: &str, api_key: String, secret: Vec<u8>) -> Result<(ServiceUrl, Session)> {
    let url = ServiceUrl::parse(url)?;
    let api_key = credential(&api_key).map_err(|error| unusable("API key", error))?;
    let secret = secret_text(secret)?.into_credential();
    let secret = secret.map_err(|error| unusable("API secret", error))?;
    Ok((url, Session::new(Credentials::new(api_key, secret), None)))
}

/// A service would only say that one of the two is wrong.
fn unusable(what: &str, error: CredentialError) -> Error {
    Error::new("argument", format!("the {what} cannot be used: {error}"))
}
