//! What a response that is no success means: told by the service's code where it has one, and by the status else.

use std::time::{Duration, UNIX_EPOCH};

use http::{HeaderMap, StatusCode};

use super::error::{BlobError, BlobErrorKind, Pause};
use super::said::Said;
use super::sas_url::SasUrl;

/// Seconds that a token is waited for which does not hold yet.
const MAX_EARLY: u64 = 60;

/// A response that is no success, and what was asked for.
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
    /// Whether it was asked of the container, and not of a blob.
    pub(super) is_container: bool,
}

impl From<Refused<'_>> for BlobError {
    fn from(refused: Refused<'_>) -> Self {
        let said = Said::read(refused.headers, refused.body, refused.url);
        let status = refused.status.as_u16();
        let kind =
            by_code(&said, &refused).unwrap_or_else(|| by_status(status, said.code().is_some(), refused.retry_after));
        // There is no blob that it could be about.
        let kind = match kind {
            BlobErrorKind::NotFound if refused.is_container => BlobErrorKind::NoContainer,
            kind => kind,
        };
        let is_foreign = said.code().is_none() && !refused.headers.contains_key("x-ms-request-id");
        let error = Self::of_response(kind, status, said, pause(kind, &refused));
        match status {
            401 | 403 | 407 if is_foreign => {
                error.with_detail("a proxy or a firewall on the way may have said so: it has no code of a storage")
            }
            404 if is_foreign && refused.is_container => {
                error.with_detail("what responds at this address may be no storage: it has no code of one")
            }
            511 => error.with_detail("a network on the way wants a login first, which a browser shows"),
            _ => error,
        }
    }
}

/// When to try again, if that may help.
fn pause(kind: BlobErrorKind, refused: &Refused<'_>) -> Option<Pause> {
    let status = refused.status.as_u16();
    let (retry, after) = match kind {
        BlobErrorKind::Throttled { .. } | BlobErrorKind::Checksum | BlobErrorKind::Timeout => {
            (true, refused.retry_after)
        }
        // Who signs and who checks have clocks of their own.
        BlobErrorKind::NotYetValid { from } => {
            let early = from.saturating_sub(refused.now);
            (early <= MAX_EARLY, Some(Duration::from_secs(early)))
        }
        BlobErrorKind::Server => (!matches!(status, 501 | 505), refused.retry_after),
        _ => (false, None),
    };
    // What stands in front of a storage says 408 when it waited too long for it.
    let maybe_done = status == 408 || status >= 500;
    retry.then_some(Pause { after, maybe_done })
}

fn by_code(said: &Said, refused: &Refused<'_>) -> Option<BlobErrorKind> {
    use BlobErrorKind as Kind;
    let needs = refused.needs;
    Some(match said.code()? {
        "AuthenticationFailed" | "InvalidAuthenticationInfo" | "NoAuthenticationInformation" => {
            of_token(said, refused).unwrap_or(Kind::Signature)
        }
        // Azurite says so of an expired token, of one that does not hold yet, and of a wrong signature.
        "AuthorizationFailure" => of_token(said, refused).unwrap_or(Kind::NetworkRules),
        "AuthorizationPermissionMismatch" => Kind::Permission { needs },
        "UnauthorizedBlobOverwrite" => Kind::OverwriteDenied,
        "AuthorizationResourceTypeMismatch"
        | "AuthorizationServiceMismatch"
        | "AuthorizationProtocolMismatch"
        | "AuthorizationSourceIPMismatch" => Kind::Scope,
        "PublicAccessNotPermitted" | "KeyBasedAuthenticationNotPermitted" => Kind::Policy,
        "AccountIsDisabled" | "AccountBeingCreated" | "InsufficientAccountPermissions" => Kind::Account,
        // The account's own encryption key, which its owner keeps in a vault, is gone or may not be used.
        code if code.starts_with("KeyVault") || code.starts_with("Cmk") => Kind::Account,
        "ContainerNotFound" | "ContainerBeingDeleted" | "ContainerDisabled" | "ResourceNotFound" => Kind::NoContainer,
        // The `dfs` endpoint's words for a container.
        "FilesystemNotFound" | "FilesystemBeingDeleted" => Kind::NoContainer,
        "BlobNotFound" => Kind::NotFound,
        "BlobAlreadyExists" | "ConditionNotMet" => Kind::Conflict,
        "BlobArchived" | "BlobBeingRehydrated" => Kind::Archived,
        "SnapshotsPresent" => Kind::Snapshots,
        "InvalidBlobType" | "BlobOperationNotSupported" | "ResourceTypeMismatch" | "PathConflict" => Kind::BlobType,
        "InvalidBlobOrBlock" | "InvalidBlockId" => Kind::ForeignBlocks,
        // Of blocks that wait, Azure says it with `RequestEntityTooLarge` in front.
        code if code.ends_with("BlockCountExceedsLimit") => Kind::ForeignBlocks,
        "InvalidBlockList" => Kind::BlockList,
        "InvalidRange" => Kind::Range,
        "Md5Mismatch" | "Crc64Mismatch" => Kind::Checksum,
        "ServerBusy" | "TooManyRequests" => Kind::Throttled {
            retry_after: refused.retry_after,
        },
        "OperationTimedOut" => Kind::Timeout,
        "InvalidHeaderValue" | "UnsupportedHeader" | "InvalidVersion" | "FeatureVersionMismatch"
            if said.is_about_version() =>
        {
            Kind::ApiVersion
        }
        code if code.starts_with("Lease") => Kind::Leased,
        code if code.contains("Immutab") || code.contains("LegalHold") => Kind::Immutable,
        _ => return None,
    })
}

/// Why a token is not accepted, where that shows: in its own times and permissions by the service's clock, or in the
/// times of its policy, which the service tells.
fn of_token(said: &Said, refused: &Refused<'_>) -> Option<BlobErrorKind> {
    let (url, now) = (refused.url, refused.now);
    let framed = |name| time_in_frame(said.about_token(), name);
    let (start, end) = (
        url.starts_at().or_else(|| framed("Start")),
        url.expires_at().or_else(|| framed("Expiry")),
    );
    let now = framed("Current").unwrap_or(now);
    match (start, end) {
        (_, Some(at)) if at <= now => Some(BlobErrorKind::Expired { at }),
        (Some(from), _) if from > now => Some(BlobErrorKind::NotYetValid { from }),
        _ if url.lacks(refused.needs) => Some(BlobErrorKind::Permission { needs: refused.needs }),
        _ => None,
    }
}

/// A time of `Signature not valid in the specified time frame: Start [date] - Expiry [date] - Current [date]`.
fn time_in_frame(detail: &str, name: &str) -> Option<u64> {
    let (_, rest) = detail.split_once(name)?;
    let (date, _) = rest.trim_start().strip_prefix('[')?.split_once(']')?;
    let since = httpdate::parse_http_date(date).ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(since.as_secs())
}

/// A code that is not known says nothing about what a status such as 409 means: it is shown, and nothing is guessed.
fn by_status(status: u16, has_code: bool, retry_after: Option<Duration>) -> BlobErrorKind {
    match status {
        300..400 => BlobErrorKind::Redirected,
        401 | 403 if !has_code => BlobErrorKind::Signature,
        404 => BlobErrorKind::NotFound,
        408 => BlobErrorKind::Timeout,
        409 | 412 if !has_code => BlobErrorKind::Conflict,
        416 => BlobErrorKind::Range,
        429 | 503 => BlobErrorKind::Throttled { retry_after },
        // Nothing of it comes from a storage (RFC 6585 §6), and it stays so until somebody logs in.
        511 => BlobErrorKind::Network,
        400..500 => BlobErrorKind::Rejected,
        500.. => BlobErrorKind::Server,
        _ => BlobErrorKind::Malformed,
    }
}

#[cfg(test)]
mod tests;
