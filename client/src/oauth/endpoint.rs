//! The token endpoint, and the grant of an API key by itself.

use std::fmt::{self, Debug};
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Method, Request, Response, StatusCode};
use serde::Deserialize;
use zeroize::Zeroizing;
use zkvault_core::SecretText;

use super::Credentials;
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

/// Where tokens come from. The credentials travel as parameters: the vendor's API reference does not mention HTTP Basic.
pub(crate) struct TokenEndpoint<'a, T> {
    pub(crate) transport: &'a T,
    pub(crate) url: &'a str,
    pub(crate) credentials: &'a Credentials,
    /// What to ask for, where a service wants to be told.
    pub(crate) scope: Option<&'a str>,
}

impl<T: Transport> TokenEndpoint<'_, T> {
    /// Client credentials (RFC 6749 §4.4).
    pub(crate) async fn by_credentials(&self) -> Result<Token, ClientError> {
        let ask = async || {
            // The lifetime counts from before the request, so that its way is not added to it.
            let now = self.transport.now();
            let answer = Zeroizing::new(self.exchange(self.request()?).await?.into_body());
            read_token(&answer, now)
        };
        retry::run(self.transport, Effect::Idempotent, ask).await
    }

    fn request(&self) -> Result<Request<Vec<u8>>, ClientError> {
        let (key, secret) = (self.credentials.key(), self.credentials.secret().expose_secret());
        // Room for every byte encoded to three: a string that grows leaves unwiped copies behind.
        let most = 256 + 3 * (key.len() + secret.len() + self.scope.map_or(0, str::len));
        let mut form = form_urlencoded::Serializer::new(String::with_capacity(most));
        form.append_pair("grant_type", "client_credentials");
        if let Some(scope) = self.scope {
            form.append_pair("scope", scope);
        }
        form.append_pair("client_id", key).append_pair("client_secret", secret);
        let request = Request::builder()
            .method(Method::POST)
            .uri(self.url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = form.finish().into_bytes();
        request.body(body).map_err(|_| ClientError::new(ErrorKind::Request))
    }

    /// One exchange. What is no success becomes our own error, before anybody else sees it.
    pub(super) async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, ClientError> {
        let request = request.map(|body| Bytes::from_owner(Zeroizing::new(body)));
        let sent = request.body().clone();
        let (head, mut body) = self.transport.send(request).await?.into_parts();
        let read = read_whole(&mut body, MAX_ANSWER_LEN).await?;
        let body = read.expose_secret();
        match head.status {
            StatusCode::OK => Ok(Response::from_parts(head, body.to_vec())),
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

/// What the endpoint answers (RFC 6749 §5.1).
#[derive(Deserialize)]
struct TokenJson {
    access_token: String,
    token_type: String,
    expires_in: Option<u64>,
    refresh_token: Option<String>,
}

/// The reader's own errors may quote a token, and so are not told.
fn read_token(answer: &[u8], now: u64) -> Result<Token, ClientError> {
    let TokenJson {
        access_token,
        token_type,
        expires_in,
        refresh_token,
    } = serde_json::from_slice(answer).map_err(|_| malformed())?;
    let (access, refresh) = (SecretText::from(access_token), refresh_token.map(SecretText::from));
    if !token_type.eq_ignore_ascii_case("bearer") {
        return Err(malformed());
    }
    Token::new(access, refresh, Grant::Client, now, expires_in).map_err(|_| malformed())
}

/// Why there is no token (RFC 6749 §5.2).
#[derive(Deserialize)]
struct RefusalJson {
    error: String,
}

/// By the code of RFC 6749 §5.2 when there is one; otherwise by the status.
fn refusal(status: StatusCode, after: Option<Duration>, body: &[u8]) -> ClientError {
    let refused = matches!(status.as_u16(), 400 | 401 | 403);
    match serde_json::from_slice::<RefusalJson>(body) {
        Ok(refusal) if refused => {
            let code = OAuthCode::from_name(&refusal.error);
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
            .field("url", url)
            .field("credentials", credentials)
            .field("scope", scope)
            .finish()
    }
}

pub(super) fn malformed() -> ClientError {
    ClientError::malformed("the token endpoint gives no token of the kind Bearer")
}
