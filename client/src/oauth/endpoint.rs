//! The token endpoint and its grants, by the `oauth2` crate over our transport.

use std::fmt::{self, Debug};
use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use http::StatusCode;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicRequestTokenError, BasicTokenResponse, BasicTokenType};
use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse,
    PkceCodeVerifier, RedirectUrl, RefreshToken, ResourceOwnerPassword, ResourceOwnerUsername, Scope, TokenResponse,
    TokenUrl,
};
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;
use zkvault_core::SecretText;

use super::Credentials;
use super::authorization::Authorization;
use super::session::repeats;
use super::token::{Grant, Token};
use crate::body::read_whole;
use crate::error::{ClientError, ErrorKind, OAuthCode, ServiceMessage};
use crate::retry::{self, Effect, retry_after};
use crate::transport::Transport;

/// The longest answer of a token endpoint, in bytes.
const MAX_ANSWER_LEN: usize = 64 * 1024;

/// The parameters that hold a secret.
const SECRET_PARAMETERS: [&str; 5] = ["client_secret", "password", "refresh_token", "code", "code_verifier"];

type Client = BasicClient<EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// Where tokens come from. The credentials travel as parameters: the vendor's page has no HTTP Basic.
pub(crate) struct TokenEndpoint<'a, T> {
    pub(crate) transport: &'a T,
    pub(crate) url: Url,
    pub(crate) credentials: &'a Credentials,
    /// What to ask for, where a service wants to be told.
    pub(crate) scope: Option<&'a str>,
}

impl<T: Transport> TokenEndpoint<'_, T> {
    /// Client credentials (RFC 6749 §4.4).
    pub(crate) async fn by_credentials(&self) -> Result<Token, ClientError> {
        let client = self.client();
        let scopes = || self.scope.map(|scope| Scope::new(scope.to_owned()));
        let ask = async || {
            let request = client.exchange_client_credentials().add_scopes(scopes());
            self.token(Grant::Client, request.request_async(&|request| self.exchange(request)))
                .await
        };
        retry::run(self.transport, Effect::Idempotent, ask).await
    }

    /// A user name and password (RFC 6749 §4.3): the client sees the password, which OAuth was made to avoid.
    pub(crate) async fn by_password(&self, username: &str, password: &SecretText) -> Result<Token, ClientError> {
        let client = self.client();
        let username = ResourceOwnerUsername::new(username.to_owned());
        let password = ResourceOwnerPassword::new(password.expose_secret().to_owned());
        let ask = async || {
            let request = client.exchange_password(&username, &password);
            self.token(Grant::User, request.request_async(&|request| self.exchange(request)))
                .await
        };
        retry::run(self.transport, Effect::Idempotent, ask).await
    }

    /// A refresh token (RFC 6749 §6), which may be good once only. The old one stays when no new one comes.
    pub(crate) async fn by_refresh(&self, refresh: &SecretText) -> Result<Token, ClientError> {
        let client = self.client();
        let old = RefreshToken::new(refresh.expose_secret().to_owned());
        let ask = async || {
            let request = client.exchange_refresh_token(&old);
            self.token(Grant::User, request.request_async(&|request| self.exchange(request)))
                .await
        };
        let token = retry::run(self.transport, Effect::Once, ask).await?;
        Ok(token.or_refresh(refresh))
    }

    /// An authorization code with its verifier (RFC 6749 §4.1.3, RFC 7636 §4.5), which is good once.
    pub(crate) async fn by_code(&self, authorization: &Authorization, code: &SecretText) -> Result<Token, ClientError> {
        let redirect = RedirectUrl::from_url(authorization.redirect_uri().as_url().clone());
        let client = self.client().set_redirect_uri(redirect);
        let ask = async || {
            let code = AuthorizationCode::new(code.expose_secret().to_owned());
            let verifier = PkceCodeVerifier::new(authorization.verifier().expose_secret().to_owned());
            let request = client.exchange_code(code).set_pkce_verifier(verifier);
            self.token(Grant::User, request.request_async(&|request| self.exchange(request)))
                .await
        };
        retry::run(self.transport, Effect::Once, ask).await
    }

    fn client(&self) -> Client {
        BasicClient::new(ClientId::new(self.credentials.key().to_owned()))
            .set_client_secret(ClientSecret::new(self.credentials.secret().expose_secret().to_owned()))
            .set_auth_type(AuthType::RequestBody)
            .set_token_uri(TokenUrl::from_url(self.url.clone()))
    }

    async fn token(
        &self,
        grant: Grant,
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
        Token::new(access, refresh, grant, now, lifetime).map_err(|_| malformed())
    }

    /// One exchange. What is no success becomes our own error, before `oauth2` sees it.
    async fn exchange(&self, request: HttpRequest) -> Result<HttpResponse, ClientError> {
        let request = request.map(|body| Bytes::from_owner(Zeroizing::new(body)));
        let sent = request.body().clone();
        let (head, mut body) = self.transport.send(request).await?.into_parts();
        let read = read_whole(&mut body, MAX_ANSWER_LEN).await?;
        let body = read.expose_secret();
        match head.status {
            StatusCode::OK => Ok(HttpResponse::from_parts(head, body.to_vec())),
            status if status.is_success() => Err(malformed().with_status(status)),
            status => {
                let after = retry_after(&head.headers, self.transport.now());
                let message = ServiceMessage::find(body);
                let error = refusal(status, after, body);
                Err(error.with_message(message, |message| repeats_secret(message, &sent)))
            }
        }
    }
}

/// By the code of RFC 6749 §5.2 when there is one; otherwise by the status.
fn refusal(status: StatusCode, after: Option<Duration>, body: &[u8]) -> ClientError {
    let refused = matches!(status.as_u16(), 400 | 401 | 403);
    match serde_json::from_slice::<BasicErrorResponse>(body) {
        Ok(refusal) if refused => {
            let code = OAuthCode::from_name(refusal.error().as_ref());
            ClientError::new(ErrorKind::OAuth(code)).with_status(status)
        }
        _ => ClientError::of_status(status, after),
    }
}

/// Whether a message repeats a secret parameter of the request.
fn repeats_secret(message: &str, sent: &[u8]) -> bool {
    form_urlencoded::parse(sent)
        .filter(|(name, _)| SECRET_PARAMETERS.contains(&&**name))
        .any(|(_, value)| repeats(message, &SecretText::from(value.into_owned())))
}

impl<T> Debug for TokenEndpoint<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport: _,
            url,
            credentials,
            scope,
        } = self;
        f.debug_struct("TokenEndpoint")
            .field("url", &url.as_str())
            .field("credentials", credentials)
            .field("scope", scope)
            .finish()
    }
}

/// The other errors of `oauth2` may quote the answer, and a token in it.
fn failure(error: BasicRequestTokenError<ClientError>) -> ClientError {
    match error {
        BasicRequestTokenError::Request(error) => error,
        _ => malformed(),
    }
}

fn malformed() -> ClientError {
    ClientError::malformed("the token endpoint gives no token of the kind Bearer")
}
