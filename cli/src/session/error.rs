//! What people are told about a request that failed.

use std::time::Duration;

use zkvault::account::Service;
use zkvault_client::{ClientError, ErrorKind, OAuthCode};

use crate::error::CliError;
use crate::service::ServiceWords as _;

const NOT_ENABLED: &str = "API access has to be enabled for the account: ask support@logmeonce.com; \
                           then the API user needs the right to do this";
const UNREACHABLE: &str = "zkv doctor looks for the cause";

/// What Loome Assist's vendor does not publish.
const PATHS: &str = "check the ids; where the vendor publishes no path, an instance may have another one: \
                     docs/guide-loome.md names the settings";

pub(super) fn from_client(failed: &ClientError, service: Service) -> CliError {
    let kind = failed.kind();
    let error = CliError::of(failed, failed.to_string());
    let error = match failed.service_message() {
        Some(message) => error.cause(format!("the service says: {message}")),
        None => error,
    };
    match of_login(failed, service).or_else(|| hint(kind, service)) {
        Some(hint) => error.hint(hint),
        None => error,
    }
}

/// Of the token endpoint's response, where that wants another word than a response of the API: nothing that needs a token
/// shows more of it.
fn of_login(failed: &ClientError, service: Service) -> Option<String> {
    let is_address = matches!(
        failed.kind(),
        ErrorKind::OAuth(OAuthCode::NoEndpoint) | ErrorKind::Malformed | ErrorKind::NotFound | ErrorKind::Rejected
    );
    let status = match service {
        Service::Logmeonce => "zkv auth status",
        Service::Loome => "zkv auth status --service loome",
    };
    let is_path = service == Service::Loome && !matches!(failed.kind(), ErrorKind::Malformed | ErrorKind::Rejected);
    (failed.is_of_login() && is_address).then(|| match is_path {
        true => PATHS.to_owned(),
        false => format!("check the account's address: {status}"),
    })
}

fn hint(kind: ErrorKind, service: Service) -> Option<String> {
    match (kind, service) {
        (ErrorKind::Unauthorized | ErrorKind::OAuth(OAuthCode::InvalidGrant), _) => Some(service.login_hint()),
        (ErrorKind::RateLimited { retry_after }, _) => Some(wait(retry_after)),
        (_, Service::Logmeonce) => of_logmeonce(kind).map(str::to_owned),
        (_, Service::Loome) => of_loome(kind).map(str::to_owned),
    }
}

fn of_logmeonce(kind: ErrorKind) -> Option<&'static str> {
    let hint = match kind {
        ErrorKind::OAuth(OAuthCode::InvalidClient) => {
            "check the API key and its secret under Settings, Developer; then zkv auth login"
        }
        ErrorKind::OAuth(OAuthCode::UnsupportedGrant | OAuthCode::UnauthorizedClient) => {
            "zkv auth login --grant takes another way"
        }
        ErrorKind::Forbidden => NOT_ENABLED,
        ErrorKind::NotFound => {
            "zkv site, user and group list show what there is; zkv auth status shows the account's address"
        }
        ErrorKind::Conflict => "look at what is there now, with zkv site, user or group, and ask for what is missing",
        ErrorKind::TooLarge => "this is no list of an account: check the account's address with zkv auth status",
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Server => UNREACHABLE,
        ErrorKind::Foreign => "a proxy or a login page of the network may answer in its place: zkv doctor",
        ErrorKind::Malformed => "zkv api logmeonce GET PATH shows what the service sends",
        ErrorKind::Redirected => "check the account's address: zkv auth status",
        _ => return None,
    };
    Some(hint)
}

fn of_loome(kind: ErrorKind) -> Option<&'static str> {
    let hint = match kind {
        ErrorKind::OAuth(OAuthCode::InvalidClient) => {
            "check the API key under Remote Access in Loome Assist: it may be deleted or expired"
        }
        ErrorKind::Forbidden => "the API key needs the role of an administrator, and may be limited to some addresses",
        ErrorKind::NotFound => PATHS,
        ErrorKind::Network | ErrorKind::Timeout | ErrorKind::Server => {
            "check the address (zkv auth status --service loome) and the network"
        }
        ErrorKind::Malformed => "zkv api loome GET PATH shows what the service sends",
        ErrorKind::Foreign => {
            "a proxy or a login page may answer in its place, or the path is another one: \
                                 docs/guide-loome.md"
        }
        ErrorKind::Redirected => "check the account's address: zkv auth status --service loome",
        _ => return None,
    };
    Some(hint)
}

/// How long a service that limits the rate of requests wants to be left alone.
pub(crate) fn wait(retry_after: Option<Duration>) -> String {
    const MINUTE: u64 = 60;
    const HOUR: u64 = 60 * MINUTE;
    const DAY: u64 = 24 * HOUR;
    let (number, unit) = match retry_after.map(|duration| duration.as_secs().max(1)) {
        None => return "try again in a minute".to_owned(),
        Some(seconds @ ..=HOUR) => (seconds, "second"),
        Some(seconds @ ..=DAY) => (seconds.div_ceil(MINUTE), "minute"),
        Some(seconds) if seconds <= 365 * DAY => (seconds.div_ceil(DAY), "day"),
        Some(_) => return "the service names a time in the far future: ask its operator".to_owned(),
    };
    let ending = if number == 1 { "" } else { "s" };
    format!("try again in {number} {unit}{ending}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_is_told_in_words_that_people_count_in() {
        let hint = |seconds| wait(Some(Duration::from_secs(seconds)));
        assert_eq!(hint(0), "try again in 1 second");
        assert_eq!(hint(1000), "try again in 1000 seconds");
        assert_eq!(hint(7201), "try again in 121 minutes");
        assert_eq!(hint(99_999), "try again in 2 days");
        assert_eq!(
            hint(2_306_415_791),
            "the service names a time in the far future: ask its operator"
        );
        assert_eq!(hint(u64::MAX), hint(2_306_415_791));
    }
}
