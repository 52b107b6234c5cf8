//! The grants on behalf of a user.

use zkvault_core::SecretText;

use super::authorization::Authorization;
use super::endpoint::TokenEndpoint;
use super::token::{Grant, Token};
use crate::error::ClientError;
use crate::retry::Effect;
use crate::transport::Transport;

impl<T: Transport> TokenEndpoint<'_, T> {
    /// A user name and password (RFC 6749 §4.3): the client sees the password, which OAuth was made to avoid.
    pub(crate) async fn by_password(&self, username: &str, password: &SecretText) -> Result<Token, ClientError> {
        let parameters = [
            ("grant_type", "password"),
            ("username", username),
            ("password", password.expose_secret()),
        ];
        self.token(&parameters, Grant::User, Effect::Idempotent).await
    }

    /// A refresh token (RFC 6749 §6), which may be good once only. The old one stays when no new one comes.
    pub(crate) async fn by_refresh(&self, refresh: &SecretText) -> Result<Token, ClientError> {
        let parameters = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.expose_secret()),
        ];
        let token = self.token(&parameters, Grant::User, Effect::Once).await?;
        Ok(token.or_refresh(refresh))
    }

    /// An authorization code with its verifier (RFC 6749 §4.1.3, RFC 7636 §4.5), which is good once.
    pub(crate) async fn by_code(&self, authorization: &Authorization, code: &SecretText) -> Result<Token, ClientError> {
        let redirect = authorization.redirect_uri().to_string();
        let parameters = [
            ("grant_type", "authorization_code"),
            ("code", code.expose_secret()),
            ("redirect_uri", &redirect),
            ("code_verifier", authorization.verifier().expose_secret()),
        ];
        self.token(&parameters, Grant::User, Effect::Once).await
    }
}
