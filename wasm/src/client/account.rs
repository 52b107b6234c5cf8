//! What a client of a service starts from.

use zkvault_client::ServiceUrl;
use zkvault_client::oauth::{Credentials, Session};

use crate::error::Result;
use crate::secret::secret_text;

/// The address of a service, and a session that has no token yet. The secret is in UTF-8.
pub(super) fn account(url: &str, api_key: String, secret: Vec<u8>) -> Result<(ServiceUrl, Session)> {
    let url = ServiceUrl::parse(url)?;
    let session = Session::new(Credentials::new(api_key, secret_text(secret)?), None);
    Ok((url, session))
}
