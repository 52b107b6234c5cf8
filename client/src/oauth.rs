//! OAuth 2.0: credentials, access tokens, and how new tokens are obtained.
//!
//! ```
//! use zkvault_client::core::SecretText;
//! use zkvault_client::oauth::{Credentials, Session};
//!
//! // Nothing shows the secret.
//! let credentials = Credentials::new("api-key", SecretText::from(String::from("hunter2")));
//! assert!(!format!("{credentials:?}").contains("hunter2"));
//! // A session requests a token when one is needed, and renews it before it ends.
//! let session = Session::new(credentials, None);
//! # drop(session);
//! ```

#[cfg(feature = "logins")]
mod authorization;
mod endpoint;
#[cfg(feature = "native")]
mod loopback;
mod session;
mod token;
#[cfg(feature = "logins")]
mod user_grants;

#[cfg(feature = "logins")]
pub use authorization::{Authorization, AuthorizationError, RedirectUri, RedirectUriError};
#[cfg(feature = "native")]
pub use loopback::{LoopbackError, LoopbackRedirect};
pub use session::Session;
pub use token::{Grant, Token, TokenError};

pub(crate) use endpoint::TokenEndpoint;
pub(crate) use session::{repeats, repeats_text};

use std::fmt;

use zkvault_core::SecretText;
use zkvault_core::text::trimmed;

/// An API key with its secret: `client_id` and `client_secret`.
pub struct Credentials {
    key: String,
    secret: SecretText,
}

impl Credentials {
    /// From the settings page of the account. White space that was copied along with them is removed.
    #[must_use]
    pub fn new(key: impl Into<String>, secret: SecretText) -> Self {
        let (key, secret) = (trimmed(&key.into()).to_owned(), secret.trimmed());
        Self { key, secret }
    }

    /// The API key, which names the API user and is no secret.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    pub(crate) fn secret(&self) -> &SecretText {
        &self.secret
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { key, secret } = self;
        f.debug_struct("Credentials")
            .field("key", key)
            .field("secret", secret)
            .finish()
    }
}
