//! What goes wrong with blobs, told apart by what can be done about it.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, StatusCode};

use super::sas_url::SasUrl;
use super::xml;
use crate::error::visible;
use crate::transport::{TransportError, TransportFault};

/// Seconds that a token is waited for which does not hold yet.
const MAX_EARLY: u64 = 60;

/// A request for a blob that did not succeed. Shown, it is one sentence, without token and address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobError {
    kind: BlobErrorKind,
    status: Option<u16>,
    /// The service's own name for it, or our words about the cause.
    detail: Option<String>,
    repeated: bool,
    again: Option<Pause>,
}

/// What went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BlobErrorKind {
    /// The token has expired, by the service's clock.
    Expired {
        /// When, in seconds since 1970 (UTC).
        at: u64,
    },
    /// The token does not hold yet, by the service's clock.
    NotYetValid {
        /// From when on, in seconds since 1970 (UTC).
        from: u64,
    },
    /// The service does not accept the token: its signature is wrong, or it is for another container.
    Signature,
    /// The token does not allow this.
    Permission {
        /// The letters of which it would need one.
        needs: &'static str,
    },
    /// The token does not hold for this kind of access, protocol or address.
    Scope,
    /// There is no such container, or it is being deleted.
    NoContainer,
    /// There is no such blob.
    NotFound,
    /// The blob exists already, or has changed meanwhile.
    Conflict,
    /// Somebody holds a lease on the blob.
    Leased,
    /// A block that was to be committed is not there: it expired, or another upload dropped it.
    BlockList,
    /// The range is beyond the end of the blob.
    Range,
    /// The bytes were changed on their way.
    Checksum,
    /// The service is asked too often.
    Throttled {
        /// What it asks to wait.
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
    /// The answer is not what the service documents.
    Malformed,
    /// 3xx: the service sends us elsewhere. Nobody goes there.
    Redirected,
}

/// When to try again, and whether the service may have carried the request out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) after: Option<Duration>,
    pub(super) maybe_done: bool,
}

impl BlobError {
    /// What went wrong.
    #[must_use]
    pub fn kind(&self) -> BlobErrorKind {
        self.kind
    }

    /// The HTTP status, when there was an answer.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.status
    }

    /// Whether an earlier try of the same request may have been carried out, its answer lost: then a conflict may be
    /// with ourselves.
    #[must_use]
    pub fn was_repeated(&self) -> bool {
        self.repeated
    }

    pub(super) fn new(kind: BlobErrorKind) -> Self {
        Self {
            kind,
            status: None,
            detail: None,
            repeated: false,
            again: None,
        }
    }

    pub(super) fn malformed(detail: impl Into<String>) -> Self {
        Self::new(BlobErrorKind::Malformed).with_detail(detail)
    }

    pub(super) fn with_detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(super) fn repeated(mut self, repeated: bool) -> Self {
        self.repeated = repeated;
        self
    }

    /// Whether a new token may help: this one has ended; or it is not accepted, and no other one was tried.
    pub(super) fn asks_for_token(&self, renewals: u32) -> bool {
        match self.kind {
            BlobErrorKind::Expired { .. } => true,
            BlobErrorKind::Signature => renewals == 0,
            _ => false,
        }
    }

    /// What more is known of the cause, when there is more.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    pub(super) fn again(&self) -> Option<Pause> {
        self.again
    }

    /// The body broke off while it was read: it can be asked for again.
    pub(super) fn cut_off() -> Self {
        let again = Some(Pause {
            after: None,
            maybe_done: true,
        });
        let error = Self::new(BlobErrorKind::Network).with_detail("the answer was cut off");
        Self { again, ..error }
    }

    /// Of an answer that is no success. `now` is the service's time.
    pub(super) fn of_answer(answer: &Refused<'_>) -> Self {
        let named = answer
            .headers
            .get("x-ms-error-code")
            .and_then(|code| code.to_str().ok());
        let document = xml::error(answer.body);
        let code = named.map(str::to_owned).or(document).unwrap_or_default();
        let status = answer.status.as_u16();
        let kind = by_code(&code, answer).unwrap_or_else(|| by_status(status, answer.retry_after));
        let retry = match kind {
            BlobErrorKind::Throttled { .. } | BlobErrorKind::Checksum => true,
            // Who signs and who checks have clocks of their own.
            BlobErrorKind::NotYetValid { from } => from.saturating_sub(answer.now) <= MAX_EARLY,
            BlobErrorKind::Server => !matches!(status, 501 | 505),
            _ => status == 408,
        };
        Self {
            kind,
            status: Some(status),
            detail: (!code.is_empty()).then(|| visible(&code)),
            repeated: false,
            again: retry.then_some(Pause {
                after: match kind {
                    BlobErrorKind::NotYetValid { from } => Some(Duration::from_secs(from.saturating_sub(answer.now))),
                    _ => answer.retry_after,
                },
                maybe_done: status >= 500,
            }),
        }
    }
}

/// An answer that is no success, and what was asked for.
pub(super) struct Refused<'a> {
    pub(super) status: StatusCode,
    pub(super) headers: &'a HeaderMap,
    pub(super) body: &'a [u8],
    pub(super) retry_after: Option<Duration>,
    /// The service's time, in seconds since 1970.
    pub(super) now: u64,
    pub(super) url: &'a SasUrl,
    /// The letters of which the token needs one.
    pub(super) needs: &'static str,
}

fn by_code(code: &str, answer: &Refused<'_>) -> Option<BlobErrorKind> {
    let needs = answer.needs;
    Some(match code {
        // Azurite says so of an expired token, of one that does not hold yet, and of a wrong signature.
        "AuthenticationFailed"
        | "AuthorizationFailure"
        | "InvalidAuthenticationInfo"
        | "NoAuthenticationInformation" => of_token(answer),
        "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions" => BlobErrorKind::Permission { needs },
        "AuthorizationResourceTypeMismatch"
        | "AuthorizationServiceMismatch"
        | "AuthorizationProtocolMismatch"
        | "AuthorizationSourceIPMismatch" => BlobErrorKind::Scope,
        "ContainerNotFound" | "ContainerBeingDeleted" | "ContainerDisabled" | "ResourceNotFound" => {
            BlobErrorKind::NoContainer
        }
        "BlobNotFound" => BlobErrorKind::NotFound,
        "BlobAlreadyExists" | "ConditionNotMet" | "UnauthorizedBlobOverwrite" => BlobErrorKind::Conflict,
        "InvalidBlockList" => BlobErrorKind::BlockList,
        "InvalidRange" => BlobErrorKind::Range,
        "Md5Mismatch" | "Crc64Mismatch" => BlobErrorKind::Checksum,
        "ServerBusy" => BlobErrorKind::Throttled {
            retry_after: answer.retry_after,
        },
        code if code.starts_with("Lease") => BlobErrorKind::Leased,
        _ => return None,
    })
}

/// Why a token is not accepted: its own times, by the service's clock, tell the reasons apart that the service
/// does not.
fn of_token(answer: &Refused<'_>) -> BlobErrorKind {
    match (answer.url.starts_at(), answer.url.expires_at()) {
        (_, Some(at)) if at <= answer.now => BlobErrorKind::Expired { at },
        (Some(from), _) if from > answer.now => BlobErrorKind::NotYetValid { from },
        _ if answer.url.lacks(answer.needs) => BlobErrorKind::Permission { needs: answer.needs },
        _ => BlobErrorKind::Signature,
    }
}

fn by_status(status: u16, retry_after: Option<Duration>) -> BlobErrorKind {
    match status {
        300..400 => BlobErrorKind::Redirected,
        401 | 403 => BlobErrorKind::Signature,
        404 => BlobErrorKind::NotFound,
        408 => BlobErrorKind::Timeout,
        409 | 412 => BlobErrorKind::Conflict,
        416 => BlobErrorKind::Range,
        429 | 503 => BlobErrorKind::Throttled { retry_after },
        400..500 => BlobErrorKind::Rejected,
        500.. => BlobErrorKind::Server,
        _ => BlobErrorKind::Malformed,
    }
}

impl From<TransportError> for BlobError {
    fn from(error: TransportError) -> Self {
        let (kind, maybe_done) = match error.fault() {
            TransportFault::Connect => (BlobErrorKind::Network, false),
            TransportFault::Timeout => (BlobErrorKind::Timeout, true),
            TransportFault::Broken => (BlobErrorKind::Network, true),
        };
        let after = None;
        let error = Self::new(kind).with_detail(visible(&error.to_string()));
        Self {
            again: Some(Pause { after, maybe_done }),
            ..error
        }
    }
}

impl BlobErrorKind {
    fn what(self) -> &'static str {
        match self {
            Self::Expired { .. } => "the SAS token has expired",
            Self::NotYetValid { .. } => "the SAS token does not hold yet",
            Self::Signature => "the storage does not accept the SAS token",
            Self::Permission { .. } => "the SAS token does not allow this",
            Self::Scope => "the SAS token is not for this kind of access",
            Self::NoContainer => "there is no such container",
            Self::NotFound => "there is no such blob",
            Self::Conflict => "the blob exists already, or has changed meanwhile",
            Self::Leased => "the blob is leased to somebody",
            Self::BlockList => "blocks of the upload are missing in the storage",
            Self::Range => "the blob ends before what was asked for",
            Self::Checksum => "the bytes were changed on their way",
            Self::Throttled { .. } => "the storage is asked too often",
            Self::Rejected => "the storage refused the request",
            Self::Server => "the storage failed",
            Self::Network => "the connection to the storage failed",
            Self::Timeout => "the storage took too long",
            Self::Malformed => "the storage's answer cannot be used",
            Self::Redirected => "the storage redirects to another address, which is not followed",
        }
    }
}

impl fmt::Display for BlobError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.what())?;
        if let Some(status) = self.status {
            write!(f, " (status {status})")?;
        }
        match &self.detail {
            Some(detail) => write!(f, ": {detail}"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for BlobError {}

#[cfg(test)]
mod tests {
    use zkvault_core::SecretText;

    use super::*;

    const START: u64 = 1_767_225_600;
    const END: u64 = 1_893_456_000;

    fn of(status: u16, code: &str, now: u64, in_header: bool) -> BlobError {
        let url = "https://a.blob.core.windows.net/c?st=2026-01-01&se=2030-01-01&sp=rl&sig=x";
        let url = SasUrl::parse(&SecretText::from(url.to_owned())).unwrap();
        let mut headers = HeaderMap::new();
        if in_header {
            headers.insert("x-ms-error-code", code.parse().unwrap());
        }
        let body = format!("\u{feff}<?xml version=\"1.0\"?><Error><Code>{code}</Code><Message>no</Message></Error>");
        BlobError::of_answer(&Refused {
            status: StatusCode::from_u16(status).unwrap(),
            headers: &headers,
            body: if in_header { b"" } else { body.as_bytes() },
            retry_after: None,
            now,
            url: &url,
            needs: "r",
        })
    }

    #[test]
    fn codes_are_told_apart_wherever_they_are() {
        use BlobErrorKind as Kind;
        let cases = [
            (403, "AuthorizationPermissionMismatch", Kind::Permission { needs: "r" }),
            (403, "AuthorizationProtocolMismatch", Kind::Scope),
            (404, "ContainerNotFound", Kind::NoContainer),
            (404, "BlobNotFound", Kind::NotFound),
            (404, "", Kind::NotFound),
            (409, "BlobAlreadyExists", Kind::Conflict),
            (412, "ConditionNotMet", Kind::Conflict),
            (412, "LeaseIdMissing", Kind::Leased),
            (400, "InvalidBlockList", Kind::BlockList),
            (400, "Crc64Mismatch", Kind::Checksum),
            (416, "InvalidRange", Kind::Range),
            (400, "InvalidHeaderValue", Kind::Rejected),
            (503, "ServerBusy", Kind::Throttled { retry_after: None }),
            (500, "InternalError", Kind::Server),
            (302, "", Kind::Redirected),
        ];
        for (status, code, kind) in cases {
            for in_header in [true, false] {
                let error = of(status, code, START + 1, in_header);
                assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{code}");
            }
        }
    }

    #[test]
    fn the_services_clock_tells_why_a_token_is_refused() {
        for code in ["AuthenticationFailed", "AuthorizationFailure"] {
            let at = |now| of(403, code, now, true).kind();
            assert_eq!(at(START - 1), BlobErrorKind::NotYetValid { from: START });
            assert_eq!(at(START), BlobErrorKind::Signature);
            assert_eq!(at(END), BlobErrorKind::Expired { at: END });
        }
    }

    #[test]
    fn what_may_pass_is_tried_again() {
        for (status, code) in [
            (503, "ServerBusy"),
            (500, "InternalError"),
            (408, ""),
            (429, ""),
            (400, "Md5Mismatch"),
        ] {
            assert!(of(status, code, START, true).again().is_some(), "{status} {code}");
        }
        for (status, code) in [
            (403, "AuthenticationFailed"),
            (404, "BlobNotFound"),
            (409, ""),
            (400, ""),
            (501, ""),
        ] {
            assert!(of(status, code, START, true).again().is_none(), "{status} {code}");
        }
    }

    #[test]
    fn a_token_that_will_soon_hold_is_waited_for() {
        let at = |now| of(403, "AuthenticationFailed", now, true).again();
        let pause = at(START - 7).unwrap();
        assert_eq!((pause.after, pause.maybe_done), (Some(Duration::from_secs(7)), false));
        assert!(at(START - MAX_EARLY - 1).is_none());
    }

    #[test]
    fn an_error_is_one_sentence() {
        let error = of(409, "BlobAlreadyExists\u{1b}", START, false);
        assert_eq!(
            error.to_string(),
            "the blob exists already, or has changed meanwhile (status 409): BlobAlreadyExists\u{fffd}"
        );
    }
}
