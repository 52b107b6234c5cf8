//! One service: how every request to it gets its token, waits for its turn, and is refused.

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION};
use http::{HeaderValue, Request, Response, StatusCode};
use zeroize::Zeroizing;

use crate::body::read_start;
use crate::decoding::Decoded;
use crate::error::{ClientError, ErrorKind};
use crate::limiter::Limiter;
use crate::message::ServiceMessage;
use crate::oauth::{Session, Token, TokenEndpoint};
use crate::retry;
use crate::transport::Transport;

/// How much of an error's body is read for the service's message, in bytes.
const MAX_ERROR_LEN: usize = 16 * 1024;
/// Requests of a client that wait for their answer at a time.
const MAX_IN_FLIGHT: usize = 4;
/// Requests of a client in one second.
const MAX_PER_SECOND: usize = 20;

/// A service that takes bearer tokens.
pub(crate) struct Service<T> {
    transport: T,
    session: Session,
    token_url: String,
    scope: Option<&'static str>,
    limiter: Limiter,
}

impl<T: Transport> Service<T> {
    /// Tokens come from `token_url`, and are asked for with the scope if there is one.
    pub(crate) fn new(transport: T, session: Session, token_url: String, scope: Option<&'static str>) -> Self {
        Self {
            transport,
            session,
            token_url,
            scope,
            limiter: Limiter::new(MAX_IN_FLIGHT, MAX_PER_SECOND),
        }
    }

    /// The same service, whose tokens come from another address.
    pub(crate) fn with_token_url(self, token_url: String) -> Self {
        Self { token_url, ..self }
    }

    pub(crate) fn transport(&self) -> &T {
        &self.transport
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    pub(crate) fn endpoint(&self) -> TokenEndpoint<'_, T> {
        self.session.endpoint(&self.transport, &self.token_url, self.scope)
    }

    /// Gets a new token with the API key and its secret.
    pub(crate) async fn log_in(&self) -> Result<Arc<Token>, ClientError> {
        let token = self.endpoint().by_credentials().await?;
        Ok(self.session.set(token))
    }

    /// One exchange, or two when the token has to be renewed.
    pub(crate) async fn authorized(
        &self,
        request: impl Fn() -> Result<Request<Bytes>, ClientError>,
    ) -> Result<Response<Decoded<T::Body>>, ClientError> {
        let endpoint = self.endpoint();
        let token = self.session.fresh(&endpoint).await.map_err(ClientError::final_one)?;
        let response = self.exchange(request()?, &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let token = self
            .session
            .replace(&endpoint, &token)
            .await
            .map_err(ClientError::final_one)?;
        self.exchange(request()?, &token).await
    }

    async fn exchange(
        &self,
        mut request: Request<Bytes>,
        token: &Token,
    ) -> Result<Response<Decoded<T::Body>>, ClientError> {
        let headers = request.headers_mut();
        headers.insert(AUTHORIZATION, bearer(token)?);
        // Without it every coding is acceptable (RFC 9110 §12.5.3).
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let _place = self.limiter.enter(&self.transport).await;
        let (head, body) = self.transport.send(request).await?.into_parts();
        let body = Decoded::new(&head.headers, body);
        Ok(Response::from_parts(head, body))
    }

    /// Makes an error of every answer whose status is not 2xx. What the service says is withheld when it repeats a
    /// secret of the session, or of the request.
    pub(crate) async fn successful(
        &self,
        response: Response<Decoded<T::Body>>,
        holds_secret: impl Fn(&str) -> bool,
    ) -> Result<Response<Decoded<T::Body>>, ClientError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let after = retry::retry_after(response.headers(), self.transport.now());
        let error = ClientError::of_status(status, after);
        let start = read_start(&mut response.into_body(), MAX_ERROR_LEN).await;
        let message = ServiceMessage::find(start.expose_secret());
        Err(error.with_message(
            message.and_then(|message| message.shown(|text| self.session.is_repeated_in(text) || holds_secret(text))),
        ))
    }
}

/// The header that shows a token. Its bytes are wiped when the request is dropped.
fn bearer(token: &Token) -> Result<HeaderValue, ClientError> {
    const SCHEME: &[u8] = b"Bearer ";
    let token = token.access().expose_secret().as_bytes();
    let mut bytes = Zeroizing::new(Vec::with_capacity(SCHEME.len() + token.len()));
    bytes.extend_from_slice(SCHEME);
    bytes.extend_from_slice(token);
    let bearer = HeaderValue::from_maybe_shared(Bytes::from_owner(bytes));
    let mut bearer = bearer.map_err(|_| ClientError::new(ErrorKind::Request))?;
    bearer.set_sensitive(true);
    Ok(bearer)
}

impl<T> fmt::Debug for Service<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport: _,
            session,
            token_url,
            scope,
            limiter: _,
        } = self;
        f.debug_struct("Service")
            .field("session", session)
            .field("token_url", token_url)
            .field("scope", scope)
            .finish_non_exhaustive()
    }
}
