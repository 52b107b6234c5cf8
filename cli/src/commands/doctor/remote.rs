//! The account, the network between, and the service.

use zkvault_client::{Bytes, ClientError, Listed, NativeTransport, Request, Response, ServiceUrl, Transport as _};

use super::{Check, State};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::session::{self, Client};
use zkvault::account::LoginGrant;

/// Seconds by which two clocks may differ.
const SKEW: u64 = 60;
/// Seconds from which tokens and activations go wrong.
const GREAT_SKEW: u64 = 600;

/// Who uses something else may well have no account here.
pub(super) fn checks(context: &Context<'_>, uses_others: bool) -> Result<Vec<Check>> {
    let mut session = match session::logmeonce(context) {
        Ok(session) => session,
        Err(error) => {
            // Nobody to ask for a passphrase is no fault of the installation.
            let is_needed = error.exit != Exit::InputNeeded && !uses_others;
            let state = if is_needed { State::Fail } else { State::Warn };
            return Ok(vec![Check::failed("account", state, error)]);
        }
    };
    let (url, key, grant) = {
        let account = session.account();
        (account.url.clone(), account.key.clone(), account.grant)
    };
    let account = Check::new("account", State::Ok, format!("{url} as {key}"));
    let rest = session.block_on(async |client| Ok(ask(client, &url, grant).await))?;
    Ok([account].into_iter().chain(rest).collect())
}

pub(super) const NETWORK_HINT: &str =
    "check the address (zkv auth status), the network, a proxy (HTTPS_PROXY), and the system's root certificates";

async fn ask(client: &Client, url: &ServiceUrl, grant: LoginGrant) -> Vec<Check> {
    let answer = match reach(client.transport(), url).await {
        Ok(answer) => answer,
        Err(error) => return vec![Check::failed("network", State::Fail, error).hint(NETWORK_HINT)],
    };
    let mut checks = vec![
        Check::new("network", State::Ok, reached(url)),
        clock_check("clock", &answer, client.transport().now()),
    ];
    checks.extend(service(client, grant).await);
    checks
}

/// Any answer will do, whatever its status.
pub(super) async fn reach(transport: &NativeTransport, url: &ServiceUrl) -> Result<Response<()>> {
    let request = Request::get(url.to_string()).body(Bytes::new());
    let request = request.map_err(|error| CliError::usage("the account's address cannot be asked").cause(error))?;
    let answer = transport.send(request).await.map_err(ClientError::from)?;
    Ok(answer.map(drop))
}

pub(super) fn reached(url: &ServiceUrl) -> String {
    match url.is_loopback() {
        true => format!("{} answers, on this machine", url.host()),
        false => format!("{} answers over TLS", url.host()),
    }
}

/// The service's clock, by the `Date` of its answer.
pub(super) fn clock_check(name: &'static str, answer: &Response<()>, now: u64) -> Check {
    let date = answer.headers().get("date").and_then(|date| date.to_str().ok());
    let date = date
        .and_then(|date| httpdate::parse_http_date(date).ok())
        .and_then(zkvault::time::of_file);
    let Some(theirs) = date.and_then(|date| u64::try_from(date).ok()) else {
        return Check::new(name, State::Warn, "the service does not tell the time");
    };
    let (seconds, direction) = match now.checked_sub(theirs) {
        Some(ahead) => (ahead, "ahead of"),
        None => (theirs - now, "behind"),
    };
    let detail = format!("{seconds} s {direction} the service's");
    let hint = "set this machine's clock: the ends of tokens and activations depend on it";
    let state = match seconds {
        ..=SKEW => return Check::new(name, State::Ok, detail),
        _ if seconds <= GREAT_SKEW => State::Warn,
        _ => State::Fail,
    };
    Check::new(name, state, detail).hint(hint)
}

/// Whether there is a token, and what it is good for.
async fn service(client: &Client, grant: LoginGrant) -> Vec<Check> {
    // Asking for one shows whether the secret is right. A login in a browser cannot be repeated: its token is
    // tried with the next check.
    if grant == LoginGrant::ClientCredentials
        && let Err(error) = client.log_in().await
    {
        return vec![Check::failed("token", State::Fail, error.into())];
    }
    let api = match client.groups().await {
        Ok(Listed { records, odd }) => match odd.first() {
            None => Check::new("api", State::Ok, format!("enabled; {} groups", records.len())),
            Some(first) => Check::new(
                "api",
                State::Warn,
                format!("enabled; {} groups cannot be used: {first}", odd.len()),
            )
            .hint("zkv sync sets such records aside, and ends with 11"),
        },
        Err(error) if error.is_not_offered() => {
            Check::new("api", State::Warn, format!("enabled; groups are not offered ({error})"))
        }
        Err(error) => match CliError::from(error) {
            error if error.exit == Exit::NotAuthenticated => return vec![Check::failed("token", State::Fail, error)],
            error => Check::failed("api", State::Fail, error),
        },
    };
    let token = Check::new("token", State::Ok, format!("by {}", grant.name()));
    vec![token, api, sites(client).await]
}

/// Whether the list of sites can be read; as little of it is fetched as shows that.
async fn sites(client: &Client) -> Check {
    let first = async { client.sites(None).await?.next().await };
    match first.await {
        Ok(None) => Check::new("sites", State::Ok, "the account has none".to_owned()),
        Ok(Some(Ok(_))) => Check::new("sites", State::Ok, "the list can be read".to_owned()),
        Ok(Some(Err(odd))) => {
            Check::new("sites", State::Warn, odd.to_string()).hint("zkv sync sets such records aside, and ends with 11")
        }
        Err(error) => Check::failed("sites", State::Fail, error.into()),
    }
}
