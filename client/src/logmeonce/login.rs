//! Ways to log in.

use std::sync::Arc;

#[cfg(feature = "logins")]
use zkvault_core::SecretText;

use super::LogMeOnce;
use crate::error::ClientError;
use crate::oauth::Token;
#[cfg(feature = "logins")]
use crate::oauth::{Authorization, RedirectUri};
use crate::transport::Transport;

/// Logging in. The API key's own token is obtained without a login; these are the other ways.
impl<T: Transport> LogMeOnce<T> {
    /// Gets a new token with the API key and its secret, which also shows whether they are right.
    ///
    /// # Errors
    /// [`ClientError`]; of the kind `OAuth` when the service refuses.
    pub async fn log_in(&self) -> Result<Arc<Token>, ClientError> {
        self.service.log_in().await
    }
}

/// Logging in on behalf of a user.
#[cfg(feature = "logins")]
impl<T: Transport> LogMeOnce<T> {
    /// Begins a login in the browser.
    ///
    /// # Errors
    /// [`ClientError`] of the kind `Request` when the system gives no random numbers.
    pub fn authorization(&self, redirect: RedirectUri) -> Result<Authorization, ClientError> {
        let key = self.service.session().credentials().key();
        Authorization::begin(self.url.join("/oauth2/authorize"), key, redirect)
    }

    /// Ends a login in the browser, with the code that it brought.
    ///
    /// # Errors
    /// [`ClientError`]; of the kind `OAuth` when the service refuses.
    pub async fn log_in_with_code(
        &self,
        authorization: Authorization,
        code: &SecretText,
    ) -> Result<Arc<Token>, ClientError> {
        let token = self.service.endpoint().by_code(&authorization, code).await?;
        Ok(self.service.session().set(token))
    }

    /// Gets a token with a user's name and password. They pass through this program: a login in the browser is
    /// better wherever there is one.
    ///
    /// # Errors
    /// [`ClientError`]; of the kind `OAuth` when the service refuses.
    pub async fn log_in_with_password(&self, username: &str, password: &SecretText) -> Result<Arc<Token>, ClientError> {
        let token = self.service.endpoint().by_password(username, password).await?;
        Ok(self.service.session().set(token))
    }
}
