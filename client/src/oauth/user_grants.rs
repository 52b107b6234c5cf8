//! The grants on behalf of a user, by the `oauth2` crate over our transport.

use std::future::Future;

use oauth2::basic::{BasicClient, BasicRequestTokenError, BasicTokenResponse, BasicTokenType};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, PkceCodeVerifier, RedirectUrl,
    RefreshToken, ResourceOwnerPassword, ResourceOwnerUsername, TokenResponse, TokenUrl,
};
use zkvault_core::SecretText;

use super::authorization::Authorization;
use super::endpoint::{TokenEndpoint, malformed};
use super::token::{Grant, Token};
use crate::error::{ClientError, ErrorKind};
use crate::retry::{self, Effect};
use crate::transport::Transport;

type Client = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

impl<T: Transport> TokenEndpoint<'_, T> {
    /// A user name and password (RFC 6749 §4.3): the client sees the password, which OAuth was made to avoid.
    pub(crate) async fn by_password(&self, username: &str, password: &SecretText) -> Result<Token, ClientError> {
        let client = self.client()?;
        let username = ResourceOwnerUsername::new(username.to_owned());
        let password = ResourceOwnerPassword::new(password.expose_secret().to_owned());
        let ask = async || {
            let request = client.exchange_password(&username, &password);
            self.user_token(request.request_async(&|request| self.exchange(request)))
                .await
        };
        retry::run(self.transport, Effect::Idempotent, ask).await
    }

    /// A refresh token (RFC 6749 §6), which may be good once only. The old one stays when no new one comes.
    pub(crate) async fn by_refresh(&self, refresh: &SecretText) -> Result<Token, ClientError> {
        let client = self.client()?;
        let old = RefreshToken::new(refresh.expose_secret().to_owned());
        let ask = async || {
            let request = client.exchange_refresh_token(&old);
            self.user_token(request.request_async(&|request| self.exchange(request)))
                .await
        };
        let token = retry::run(self.transport, Effect::Once, ask).await?;
        Ok(token.or_refresh(refresh))
    }

    /// An authorization code with its verifier (RFC 6749 §4.1.3, RFC 7636 §4.5), which is good once.
    pub(crate) async fn by_code(&self, authorization: &Authorization, code: &SecretText) -> Result<Token, ClientError> {
        let redirect = RedirectUrl::from_url(authorization.redirect_uri().as_url().clone());
        let client = self.client()?.set_redirect_uri(redirect);
        let ask = async || {
            let code = AuthorizationCode::new(code.expose_secret().to_owned());
            let verifier = PkceCodeVerifier::new(authorization.verifier().expose_secret().to_owned());
            let request = client.exchange_code(code).set_pkce_verifier(verifier);
            self.user_token(request.request_async(&|request| self.exchange(request)))
                .await
        };
        retry::run(self.transport, Effect::Once, ask).await
    }

    fn client(&self) -> Result<Client, ClientError> {
        let url = TokenUrl::new(self.url.to_owned()).map_err(|_| ClientError::new(ErrorKind::Request))?;
        Ok(BasicClient::new(ClientId::new(self.credentials.key().to_owned()))
            .set_client_secret(ClientSecret::new(self.credentials.secret().expose_secret().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(url))
    }

    async fn user_token(
        &self,
        asked: impl Future<Output = Result<BasicTokenResponse, BasicRequestTokenError<ClientError>>>,
    ) -> Result<Token, ClientError> {
        // The lifetime counts from before the request, so that its way is not added to it.
        let now = self.transport.now();
        let response = asked.await.map_err(failure)?;
        if *response.token_type() != BasicTokenType::Bearer {
            return Err(malformed());
        }
        let secret = |text: &String| SecretText::from(text.clone());
        let access = secret(response.access_token().secret());
        let refresh = response.refresh_token().map(|refresh| secret(refresh.secret()));
        let lifetime = response.expires_in().map(|lifetime| lifetime.as_secs());
        Token::new(access, refresh, Grant::User, now, lifetime).map_err(|_| malformed())
    }
}

/// The other errors of `oauth2` may quote the answer, and a token in it.
fn failure(error: BasicRequestTokenError<ClientError>) -> ClientError {
    match error {
        BasicRequestTokenError::Request(error) => error,
        _ => malformed(),
    }
}
