//! The LogMeOnce REST API: every endpoint of the vendor's API reference.
//!
//! ```no_run
//! # #[cfg(feature = "native")]
//! # async fn example(client: zkvault_client::logmeonce::LogMeOnce<zkvault_client::NativeTransport>)
//! # -> Result<(), zkvault_client::ClientError> {
//! use zkvault_client::logmeonce::Tie;
//!
//! // Who is in group 8762, and from now on user 1917 is too.
//! let members = client.users_of_group(8762).await?;
//! if !members.records.iter().any(|user| user.id == 1917) {
//!     client.assign(Tie::GroupUsers, 8762, &[1917]).await?;
//! }
//! # Ok(())
//! # }
//! ```

mod answer;
mod call;
mod change;
mod groups;
mod login;
mod privilege;
mod raw;
mod sites;
mod stream;
mod text;
mod ties;
mod users;

pub use call::{Call, CallError, Encoding, RawBody};
pub use change::{Outcome, ServiceChange, Witness};
pub use privilege::{Privilege, RightFlags};
pub use raw::RawAnswer;
pub use stream::{MAX_INPUTS, MAX_SITES, MAX_SITES_LEN, SiteStream};
pub use text::ListText;
pub use ties::{Rights, Tie};
pub use users::UserUpdate;

use std::fmt;
use std::sync::Arc;

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response};

use crate::decoding::Decoded;
use crate::error::{ClientError, ErrorKind};
use crate::oauth::{Session, Token};
use crate::service::Service;
use crate::transport::Transport;
use crate::url::{ServiceUrl, with_query};

/// The longest answer that is not a list, in bytes: 16 MiB. Lists of users and of groups, and XML, have a limit of
/// [`MAX_LIST_LEN`].
pub const MAX_ANSWER_LEN: usize = 16 << 20;
/// The longest list of users or groups, and the longest XML document, in bytes: 64 MiB. A list of sites in JSON is
/// read one site at a time, each of at most [`zkvault_core::document::MAX_SITE_LEN`].
pub const MAX_LIST_LEN: usize = 64 << 20;

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
/// Each method is one request, as the [`Call`] of the same name describes it. A token is obtained with the first one and
/// renewed when it is stale or, once, when the service does not accept it. Requests that fail in passing are sent
/// again a few times, if that can do no harm.
pub struct LogMeOnce<T> {
    service: Service<T>,
    url: ServiceUrl,
    encoding: Encoding,
    format: Format,
    /// Who is told of changes.
    witness: Option<Arc<dyn Witness>>,
}

impl<T: Transport> LogMeOnce<T> {
    /// A client for the account whose domain is `url`, with or without `/rest` at its end.
    #[must_use]
    pub fn new(transport: T, url: ServiceUrl, session: Session) -> Self {
        let url = url.without_suffix("rest");
        let token_url = url.join("/oauth2/token");
        Self {
            service: Service::new(transport, session, token_url, None),
            url,
            encoding: Encoding::default(),
            format: Format::default(),
            witness: None,
        }
    }

    /// The account's address.
    #[must_use]
    pub fn url(&self) -> &ServiceUrl {
        &self.url
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
        self.service.session().token()
    }

    /// The transport.
    #[must_use]
    pub fn transport(&self) -> &T {
        self.service.transport()
    }

    /// Sends a call and gives what comes back with a status of 2xx, with its body still to come.
    async fn send(&self, call: &Call) -> Result<Response<Decoded<T::Body>>, ClientError> {
        let exchange = || async move { self.successful(self.authorized(call, self.format).await?, call).await };
        let sent = self.service.run(call.effect(), exchange);
        self.witnessed(call, sent, |_| Outcome::Confirmed).await
    }

    /// One exchange, or two when the token has to be renewed.
    async fn authorized(&self, call: &Call, format: Format) -> Result<Response<Decoded<T::Body>>, ClientError> {
        self.service.authorized(|| self.request(call, format)).await
    }

    fn request(&self, call: &Call, format: Format) -> Result<Request<Bytes>, ClientError> {
        let mut request = Request::builder()
            .method(call.method())
            .uri(self.address(call))
            .header(ACCEPT, format.media_type());
        let body = call.encode(self.encoding);
        if let Some((media_type, _)) = &body {
            request = request.header(CONTENT_TYPE, *media_type);
        }
        let body = body.map(|(_, bytes)| bytes).unwrap_or_default();
        request.body(body).map_err(|_| ClientError::new(ErrorKind::Request))
    }

    fn address(&self, call: &Call) -> String {
        with_query(self.url.join(&format!("/rest{}", call.path())), call.query())
    }

    /// Makes an error of every answer whose status is not 2xx.
    async fn successful(
        &self,
        response: Response<Decoded<T::Body>>,
        call: &Call,
    ) -> Result<Response<Decoded<T::Body>>, ClientError> {
        self.service
            .successful(response, |text| call.is_repeated_in(text))
            .await
    }

    /// Whether a text repeats a secret of the session or of the call.
    fn holds_secret(&self, text: &str, call: &Call) -> bool {
        self.service.session().is_repeated_in(text) || call.is_repeated_in(text)
    }
}

impl<T> fmt::Debug for LogMeOnce<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            url,
            encoding,
            format,
            witness,
        } = self;
        f.debug_struct("LogMeOnce")
            .field("service", service)
            .field("url", url)
            .field("encoding", encoding)
            .field("format", format)
            .field("witness", witness)
            .finish()
    }
}
