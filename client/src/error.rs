//! The one error of the client. It tells what people can do something about apart, and holds no secret.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

use crate::transport::{TransportError, TransportFault};
use crate::visible::visible;

/// A request that did not succeed.
///
/// Shown, it is one sentence of our own. It never holds a token, a secret, a body or a value; what the service said
/// is apart, in [`service_message`](Self::service_message).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientError {
    kind: ErrorKind,
    status: Option<u16>,
    /// Our own words about the cause.
    detail: Option<String>,
    service_message: Option<String>,
    /// Whether it is the token endpoint that sent it.
    of_login: bool,
    again: Again,
}

/// What went wrong, as far as it matters for what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// 401, also with a token that was just renewed; or nothing is left to renew it with.
    Unauthorized,
    /// 403: the API is not enabled for the account, or the API user may not do this.
    Forbidden,
    /// 404.
    NotFound,
    /// 409: the request does not fit the state of what it names.
    Conflict,
    /// 429, after the retries that were possible.
    RateLimited {
        /// What the service asks to wait.
        retry_after: Option<Duration>,
    },
    /// Another status of 4xx.
    Rejected,
    /// A status of 5xx.
    Server,
    /// No connection, or it broke.
    Network,
    /// It took too long.
    Timeout,
    /// The response is the API's, and not what the API's page leads to expect: a wrong type, a list without its
    /// records, half of a list.
    Malformed,
    /// The body is not the API's: an HTML page, or neither JSON nor XML. A proxy or the login page of a network
    /// answers in its place.
    Foreign,
    /// The answer is larger than a limit.
    TooLarge,
    /// 3xx: the service sends us elsewhere. Nobody goes there.
    Redirected,
    /// The token endpoint or the authorization endpoint refused (RFC 6749 §4.1.2.1 and §5.2).
    OAuth(OAuthCode),
    /// The request cannot be made as it was asked for; nothing was sent.
    Request,
}

/// Why there is no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OAuthCode {
    /// The API key or its secret is wrong.
    InvalidClient,
    /// The code, refresh token, user name or password is wrong, used or expired.
    InvalidGrant,
    /// The service does not understand the request.
    InvalidRequest,
    /// The scope is unknown or too wide.
    InvalidScope,
    /// The API key may not use this grant.
    UnauthorizedClient,
    /// The service does not have this grant.
    UnsupportedGrant,
    /// The user said no.
    AccessDenied,
    /// There is no token endpoint where one is expected.
    NoEndpoint,
    /// A different one.
    Other,
}

impl OAuthCode {
    /// By the code's name in RFC 6749.
    pub(crate) fn from_name(name: &str) -> Self {
        match name {
            "invalid_client" => Self::InvalidClient,
            "invalid_grant" => Self::InvalidGrant,
            "invalid_request" => Self::InvalidRequest,
            "invalid_scope" => Self::InvalidScope,
            "unauthorized_client" => Self::UnauthorizedClient,
            "unsupported_grant_type" | "unsupported_response_type" => Self::UnsupportedGrant,
            "access_denied" => Self::AccessDenied,
            _ => Self::Other,
        }
    }

    fn reason(self) -> &'static str {
        match self {
            Self::InvalidClient => "the API key or its secret is wrong",
            Self::InvalidGrant => "the login, code or refresh token is wrong, used or expired",
            Self::InvalidRequest => "it does not understand the request",
            Self::InvalidScope => "the scope is unknown or too wide",
            Self::UnauthorizedClient => "the API key may not log in in this way",
            Self::UnsupportedGrant => "it does not support this way to log in",
            Self::AccessDenied => "access was denied",
            Self::NoEndpoint => "there is no token endpoint at this address",
            Self::Other => "it gives a reason that is not known here",
        }
    }
}

/// Whether sending the request again may help, and may do harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Again {
    /// It fails again, or it was tried often enough.
    No,
    /// It may succeed; but the service may have carried the first one out already.
    Maybe { after: Option<Duration> },
    /// It may succeed, but the service failed in the middle: what changes something may then be half done, or done.
    AfterFault { after: Option<Duration> },
    /// It may succeed, and the first one was surely not carried out.
    Safely { after: Option<Duration> },
    /// It may succeed with another token, once; with this one it was not carried out.
    WithNewToken,
}

impl ClientError {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// A stable name for programs: that of its kind.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.kind.code()
    }

    /// The HTTP status, when there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Whether the service does not have at all what was asked for: 404, 405 or 501.
    #[must_use]
    pub fn is_not_offered(&self) -> bool {
        self.kind == ErrorKind::NotFound || matches!(self.status, Some(405 | 501))
    }

    /// Whether a token was asked for: everything else needs one first.
    #[must_use]
    pub fn is_of_login(&self) -> bool {
        self.of_login || matches!(self.kind, ErrorKind::OAuth(_))
    }

    /// What the service itself said: at most 300 characters, without control characters. Not to be trusted.
    #[must_use]
    pub fn service_message(&self) -> Option<&str> {
        self.service_message.as_deref()
    }

    pub(crate) fn again(&self) -> Again {
        self.again
    }

    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self {
            kind,
            status: None,
            detail: None,
            service_message: None,
            of_login: false,
            again: Again::No,
        }
    }

    /// For what a response says of itself, in its body.
    pub(crate) fn of_refusal(kind: ErrorKind) -> Self {
        let again = match kind {
            ErrorKind::Unauthorized => Again::WithNewToken,
            _ => Again::No,
        };
        Self {
            again,
            ..Self::new(kind)
        }
    }

    pub(crate) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(crate) fn with_status(mut self, status: StatusCode) -> Self {
        self.status = Some(status.as_u16());
        self
    }

    /// Of the token endpoint.
    pub(crate) fn of_login(mut self) -> Self {
        self.of_login = true;
        self
    }

    /// With what the service said, if that may be shown.
    pub(crate) fn with_message(mut self, message: Option<String>) -> Self {
        self.service_message = message;
        self
    }

    /// Not to be tried again by anybody.
    pub(crate) fn final_one(mut self) -> Self {
        self.again = Again::No;
        self
    }

    pub(crate) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Malformed).with_detail(detail)
    }

    pub(crate) fn foreign(detail: impl Into<String>) -> Self {
        Self::new(ErrorKind::Foreign).with_detail(detail)
    }

    pub(crate) fn too_large(limit: usize) -> Self {
        Self::new(ErrorKind::TooLarge).with_detail(format!("more than {limit} bytes"))
    }

    /// For a status that is no success.
    pub(crate) fn of_status(status: StatusCode, retry_after: Option<Duration>) -> Self {
        let after = retry_after;
        let (kind, again) = match status.as_u16() {
            // What is asked for only if it changed, which nothing here is.
            304 => (ErrorKind::Malformed, Again::No),
            300..400 => (ErrorKind::Redirected, Again::No),
            401 => (ErrorKind::Unauthorized, Again::No),
            403 => (ErrorKind::Forbidden, Again::No),
            404 => (ErrorKind::NotFound, Again::No),
            409 => (ErrorKind::Conflict, Again::No),
            429 => (ErrorKind::RateLimited { retry_after }, Again::Safely { after }),
            408 => (ErrorKind::Timeout, Again::AfterFault { after }),
            425 => (ErrorKind::Rejected, Again::AfterFault { after }),
            400..500 => (ErrorKind::Rejected, Again::No),
            503 if after.is_some() => (ErrorKind::Server, Again::Safely { after }),
            502..=504 => (ErrorKind::Server, Again::Maybe { after }),
            // Those from 520 are a proxy's, about the service behind it.
            500 | 520..=599 => (ErrorKind::Server, Again::AfterFault { after }),
            500.. => (ErrorKind::Server, Again::No),
            _ => (ErrorKind::Malformed, Again::No),
        };
        let error = Self {
            again,
            ..Self::new(kind)
        }
        .with_status(status);
        match status {
            StatusCode::NOT_MODIFIED => error.with_detail("it says that nothing changed, and was not asked that"),
            _ => error,
        }
    }

    fn what(&self) -> &'static str {
        match self.kind {
            ErrorKind::Unauthorized => "the service does not accept the access token",
            ErrorKind::Forbidden => "the service does not allow this",
            ErrorKind::NotFound => "the service does not know what was asked for",
            ErrorKind::Conflict => "the request does not fit the present state",
            ErrorKind::RateLimited { .. } => "the service is asked too often",
            ErrorKind::Rejected => "the service refused the request",
            ErrorKind::Server => "the service failed",
            ErrorKind::Network => "the connection to the service failed",
            ErrorKind::Timeout => "the service took too long",
            ErrorKind::Malformed => "the service's response cannot be used",
            ErrorKind::Foreign => "the response does not come from the API",
            ErrorKind::TooLarge => "the service's response is too large",
            ErrorKind::Redirected => "the service redirects to another address, which is not followed",
            ErrorKind::OAuth(_) => "the service gives no access token",
            ErrorKind::Request => "the request cannot be made",
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what())?;
        if let Some(status) = self.status {
            write!(f, " (status {status})")?;
        }
        if let ErrorKind::OAuth(code) = self.kind {
            write!(f, ": {}", code.reason())?;
        }
        if let Some(detail) = &self.detail {
            write!(f, ": {detail}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ClientError {}

impl From<TransportError> for ClientError {
    fn from(error: TransportError) -> Self {
        let after = None;
        let (kind, again) = match error.fault() {
            TransportFault::Connect => (ErrorKind::Network, Again::Safely { after }),
            TransportFault::Timeout => (ErrorKind::Timeout, Again::Maybe { after }),
            TransportFault::Broken => (ErrorKind::Network, Again::Maybe { after }),
            TransportFault::Untrusted => (ErrorKind::Network, Again::No),
            TransportFault::Unreadable => (ErrorKind::Malformed, Again::No),
        };
        let error = Self::new(kind).with_detail(visible(&error.to_string()));
        Self { again, ..error }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, retry_after: Option<u64>) -> ClientError {
        ClientError::of_status(
            StatusCode::from_u16(status).unwrap(),
            retry_after.map(Duration::from_secs),
        )
    }

    #[test]
    fn statuses_are_told_apart() {
        let kinds = [
            (302, ErrorKind::Redirected),
            (400, ErrorKind::Rejected),
            (401, ErrorKind::Unauthorized),
            (403, ErrorKind::Forbidden),
            (404, ErrorKind::NotFound),
            (409, ErrorKind::Conflict),
            (415, ErrorKind::Rejected),
            (429, ErrorKind::RateLimited { retry_after: None }),
            (500, ErrorKind::Server),
            (503, ErrorKind::Server),
            (599, ErrorKind::Server),
            (100, ErrorKind::Malformed),
            (304, ErrorKind::Malformed),
        ];
        for (status, kind) in kinds {
            assert_eq!(
                (of(status, None).kind(), of(status, None).status()),
                (kind, Some(status))
            );
        }
    }

    #[test]
    fn only_what_was_surely_not_carried_out_is_safe_to_repeat() {
        let after = Some(Duration::from_secs(3));
        assert_eq!(of(429, Some(3)).again(), Again::Safely { after });
        assert_eq!(of(429, None).again(), Again::Safely { after: None });
        assert_eq!(of(503, Some(3)).again(), Again::Safely { after });
        for status in [502, 503, 504] {
            assert_eq!(of(status, None).again(), Again::Maybe { after: None }, "{status}");
        }
        for status in [408, 425, 500, 520, 599] {
            assert_eq!(of(status, Some(3)).again(), Again::AfterFault { after }, "{status}");
        }
        for status in [302, 304, 400, 401, 403, 404, 409, 501, 505, 511] {
            assert_eq!(of(status, Some(3)).again(), Again::No, "{status}");
        }
        let of_fault = |fault| ClientError::from(TransportError::new(fault, "")).again();
        assert_eq!(of_fault(TransportFault::Connect), Again::Safely { after: None });
        assert_eq!(of_fault(TransportFault::Timeout), Again::Maybe { after: None });
        assert_eq!(of_fault(TransportFault::Broken), Again::Maybe { after: None });
        assert_eq!(of_fault(TransportFault::Untrusted), Again::No);
        assert_eq!(of_fault(TransportFault::Unreadable), Again::No);
    }

    #[test]
    fn an_error_is_one_sentence() {
        let error = ClientError::malformed("an HTML page").with_status(StatusCode::OK);
        assert_eq!(
            error.to_string(),
            "the service's response cannot be used (status 200): an HTML page"
        );
        let error = ClientError::new(ErrorKind::OAuth(OAuthCode::InvalidClient));
        assert_eq!(
            error.to_string(),
            "the service gives no access token: the API key or its secret is wrong"
        );
    }
}
