//! The LogMeOnce REST API: every endpoint of the vendor's page.

mod answer;
mod call;
mod groups;
mod json;
mod login;
mod privilege;
mod raw;
mod sites;
mod stream;
mod ties;
mod users;
pub(crate) mod xml;

pub use call::{Call, CallError, Encoding, RawBody};
pub use privilege::{Privilege, RightFlags};
pub use raw::RawAnswer;
pub use stream::{MAX_INPUTS, MAX_SITES, SiteStream};
pub use ties::{Rights, Tie};
pub use users::UserUpdate;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Request, Response, StatusCode};
use url::Url;

use crate::body::read_start;
use crate::error::{ClientError, ErrorKind, ServiceMessage};
use crate::limiter::Limiter;
use crate::oauth::{Session, Token, TokenEndpoint};
use crate::retry;
use crate::transport::Transport;
use crate::url::ServiceUrl;

/// The longest answer that is not a list, in bytes: 16 MiB. Lists of users and of groups, and XML, have a limit of
/// [`MAX_LIST_LEN`].
pub const MAX_ANSWER_LEN: usize = 16 << 20;
/// The longest list of users or groups, and the longest XML document, in bytes: 64 MiB. A list of sites in JSON is
/// read one site at a time, each of at most [`zkvault_core::MAX_SITE_LEN`].
pub const MAX_LIST_LEN: usize = 64 << 20;
/// How much of an error's body is read for the service's message, in bytes.
const MAX_ERROR_LEN: usize = 16 * 1024;
/// Requests of a client that wait for their answer at a time.
const MAX_IN_FLIGHT: usize = 4;
/// Requests of a client in one second.
const MAX_PER_SECOND: usize = 20;

/// In which form answers are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// `application/json`.
    #[default]
    Json,
    /// `application/xml`.
    Xml,
}

impl Format {
    fn media_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }
}

/// A client of the LogMeOnce REST API.
///
/// Each method is one request, as the [`Call`] of the same name describes it. A token is had with the first one and
/// renewed when it is stale or, once, when the service does not accept it. Requests that fail in passing are sent
/// again a few times, if that can do no harm.
pub struct LogMeOnce<T> {
    transport: T,
    url: ServiceUrl,
    session: Session,
    limiter: Limiter,
    encoding: Encoding,
    format: Format,
}

impl<T: Transport> LogMeOnce<T> {
    /// A client for the account whose domain is `url`, with or without `/rest` at its end.
    #[must_use]
    pub fn new(transport: T, url: ServiceUrl, session: Session) -> Self {
        Self {
            transport,
            url: url.without_suffix("rest"),
            session,
            limiter: Limiter::new(MAX_IN_FLIGHT, MAX_PER_SECOND),
            encoding: Encoding::default(),
            format: Format::default(),
        }
    }

    /// Sends parameters in this encoding; JSON unless told.
    #[must_use]
    pub fn with_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Asks for answers in this format; JSON unless told. What is read is the same, but XML lists are read whole.
    #[must_use]
    pub fn with_format(self, format: Format) -> Self {
        Self { format, ..self }
    }

    /// The token that is in use, to keep it for the next session.
    #[must_use]
    pub fn token(&self) -> Option<Arc<Token>> {
        self.session.token()
    }

    /// The transport.
    #[must_use]
    pub fn transport(&self) -> &T {
        &self.transport
    }

    fn endpoint(&self) -> TokenEndpoint<'_, T> {
        self.session.endpoint(&self.transport, self.url.join("/oauth2/token"))
    }

    fn authorization_url(&self) -> Url {
        self.url.join("/oauth2/authorize")
    }

    /// Sends a call and gives what comes back with a status of 2xx, with its body still to come.
    async fn send(&self, call: &Call) -> Result<Response<T::Body>, ClientError> {
        let send = async || self.successful(self.authorized(call, self.format).await?, call).await;
        retry::run(&self.transport, call.effect(), send).await
    }

    /// One exchange, or two when the token has to be renewed.
    async fn authorized(&self, call: &Call, format: Format) -> Result<Response<T::Body>, ClientError> {
        let endpoint = self.endpoint();
        let token = self.session.fresh(&endpoint).await.map_err(ClientError::final_one)?;
        let response = self.exchange(call, format, &token).await?;
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(response);
        }
        let token = self
            .session
            .replace(&endpoint, &token)
            .await
            .map_err(ClientError::final_one)?;
        self.exchange(call, format, &token).await
    }

    async fn exchange(&self, call: &Call, format: Format, token: &Token) -> Result<Response<T::Body>, ClientError> {
        let request = self.request(call, format, token)?;
        let _place = self.limiter.enter(&self.transport).await;
        Ok(self.transport.send(request).await?)
    }

    fn request(&self, call: &Call, format: Format, token: &Token) -> Result<Request<Bytes>, ClientError> {
        let cannot = || ClientError::new(ErrorKind::Request);
        let bearer = format!("Bearer {}", token.access().expose_secret());
        let mut bearer = HeaderValue::try_from(bearer).map_err(|_| cannot())?;
        bearer.set_sensitive(true);
        let mut request = Request::builder()
            .method(call.method())
            .uri(self.address(call).as_str())
            .header(ACCEPT, format.media_type())
            .header(AUTHORIZATION, bearer);
        let body = call.encode(self.encoding);
        if let Some((media_type, _)) = &body {
            request = request.header(CONTENT_TYPE, *media_type);
        }
        let body = body.map(|(_, bytes)| bytes).unwrap_or_default();
        request.body(body).map_err(|_| cannot())
    }

    fn address(&self, call: &Call) -> Url {
        let mut url = self.url.join(&format!("/rest{}", call.path()));
        if !call.query().is_empty() {
            url.query_pairs_mut().extend_pairs(call.query());
        }
        url
    }

    /// Makes an error of every answer whose status is not 2xx.
    async fn successful(&self, response: Response<T::Body>, call: &Call) -> Result<Response<T::Body>, ClientError> {
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        let after = retry::retry_after(response.headers(), self.transport.now());
        let error = ClientError::of_status(status, after);
        let start = read_start(&mut response.into_body(), MAX_ERROR_LEN).await;
        let message = ServiceMessage::find(start.expose_secret());
        Err(error.with_message(message, |text| self.holds_secret(text, call)))
    }

    /// Whether a text repeats a secret of the session or of the call.
    fn holds_secret(&self, text: &str, call: &Call) -> bool {
        self.session.is_repeated_in(text) || call.is_repeated_in(text)
    }
}

impl<T> fmt::Debug for LogMeOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            transport: _,
            url,
            session,
            limiter: _,
            encoding,
            format,
        } = self;
        f.debug_struct("LogMeOnce")
            .field("url", url)
            .field("session", session)
            .field("encoding", encoding)
            .field("format", format)
            .finish_non_exhaustive()
    }
}
