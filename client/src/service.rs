//! One service: how every request to it gets its token, waits for its turn, and is refused.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, LOCATION, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use zeroize::Zeroizing;
use zkvault_host::Address;

use crate::body::read_start;
use crate::decoding::Decoded;
use crate::error::{Again, ClientError, ErrorKind};
use crate::limiter::Limiter;
use crate::media;
use crate::message::{ServiceMessage, error_document};
use crate::oauth::{Session, Token, TokenEndpoint};
use crate::refusal;
use crate::retry::{self, Effect};
use crate::transport::Transport;
use crate::visible::visible;

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
        if !refuses_token(response.status(), response.headers()) {
            return Ok(response);
        }
        let token = self.other_than(&token).await?;
        self.exchange(request()?, &token).await
    }

    /// Another token than one that the service does not accept.
    pub(crate) async fn other_than(&self, refused: &Token) -> Result<Arc<Token>, ClientError> {
        let replaced = self.session.replace(&self.endpoint(), refused).await;
        replaced.map_err(ClientError::final_one)
    }

    /// Runs an operation until it succeeds, fails for good, or was tried long enough.
    pub(crate) async fn run<R, F>(&self, effect: Effect, operation: impl Fn() -> F + Copy) -> Result<R, ClientError>
    where
        F: Future<Output = Result<R, ClientError>>,
    {
        retry::run(&self.transport, effect, move || self.renewed(operation)).await
    }

    /// Runs an operation, and once more with another token when the body of its response says that the token is not, or
    /// no longer, good.
    async fn renewed<R, F>(&self, operation: impl Fn() -> F) -> Result<R, ClientError>
    where
        F: Future<Output = Result<R, ClientError>>,
    {
        let fresh = self.session.fresh(&self.endpoint()).await;
        let mut token = Some(fresh.map_err(ClientError::final_one)?);
        // The operation is awaited in one place: each adds its whole code to the module for browsers.
        loop {
            let error = match operation().await {
                Err(error) if error.again() == Again::WithNewToken => error,
                result => return result,
            };
            let refused = token.take().ok_or(error)?;
            self.other_than(&refused).await?;
        }
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
        let (head, mut body) = response.into_parts();
        let start = read_start(&mut body, MAX_ERROR_LEN).await;
        let message = ServiceMessage::find(start.expose_secret());
        let error = match refuses_token(status, &head.headers) {
            true => ClientError::new(ErrorKind::Unauthorized).with_status(status),
            false if says_token_is_refused(status, start.expose_secret()) => {
                ClientError::of_refusal(ErrorKind::Unauthorized).with_status(status)
            }
            false => media::error_of(status, after, start.expose_secret()),
        };
        let error = match elsewhere(status, &head.headers) {
            Some(host) => error.with_detail(format!("it is at {host}")),
            None => error,
        };
        Err(error.with_message(
            message.and_then(|message| message.shown(|text| self.session.is_repeated_in(text) || holds_secret(text))),
        ))
    }
}

/// Whether a head says that the token is not, or no longer, good: with 401, or as RFC 6750 §3.1 has it, which some services
/// send with another status.
fn refuses_token(status: StatusCode, headers: &HeaderMap) -> bool {
    let challenges = headers.get_all(WWW_AUTHENTICATE).iter();
    let mut challenges = challenges.filter_map(|challenge| challenge.to_str().ok());
    let may_say_so = matches!(status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN);
    status == StatusCode::UNAUTHORIZED
        || (may_say_so && challenges.any(|challenge| challenge.to_ascii_lowercase().contains("invalid_token")))
}

/// The same, of a body whose head does not say so.
fn says_token_is_refused(status: StatusCode, body: &[u8]) -> bool {
    let may_say_so = matches!(status, StatusCode::BAD_REQUEST | StatusCode::FORBIDDEN);
    may_say_so && error_document(body).is_some_and(|document| refusal::is_of_token(&document))
}

/// The host that a redirect leads to, where it names one. The rest of the address may hold a secret.
fn elsewhere(status: StatusCode, headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION).filter(|_| status.is_redirection())?;
    let address = Address::parse(location.to_str().ok()?).ok()?;
    Some(visible(&address.origin()))
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
