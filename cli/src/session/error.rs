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
    match hint(kind, service) {
        Some(hint) => error.hint(hint),
        None => error,
    }
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
    match retry_after.map(|duration| duration.as_secs().max(1)) {
        Some(1) => "try again in 1 second".to_owned(),
        Some(seconds) => format!("try again in {seconds} seconds"),
        None => "try again in a minute".to_owned(),
    }
}
