//! The account of Loome Assist, where there is one.

use zkvault_client::{NativeTransport, Transport as _};

use super::remote::{NETWORK_HINT, clock_check, reach, reached};
use super::{Check, State};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::keyring_file;
use crate::output::Patience;
use crate::session;
use crate::session::account;
use zkvault::account::{Account, Service};

/// A name that nobody asks for in earnest: whether it is free shows that the API answers.
const PROBE: &str = "zkvdoctor";

pub(super) fn checks(context: &Context<'_>) -> Result<Vec<Check>> {
    let account = match known(context) {
        Ok(Some(account)) => account,
        Ok(None) => return Ok(Vec::new()),
        Err(error) => return Ok(vec![Check::failed("loome account", State::Fail, error)]),
    };
    let shown = match account.shown_key() {
        Some(key) => format!("{} as {key}", account.url),
        None => account.url.to_string(),
    };
    let mut checks = vec![Check::new("loome account", State::Ok, shown)];
    let transport = NativeTransport::new();
    let patience = Patience::with(format!("a response of {}", account.url.host()));
    let reached_it = session::runtime()?.block_on(reach(&transport, &account.url));
    drop(patience);
    match reached_it {
        Err(error) => {
            checks.push(Check::failed("loome network", State::Fail, error).hint(NETWORK_HINT));
            return Ok(checks);
        }
        Ok(answer) => {
            checks.push(Check::new("loome network", State::Ok, reached(&account.url)));
            checks.push(clock_check("loome clock", &answer, transport.now()));
        }
    }
    if let Err(error) = session::loome_log_in(&account) {
        checks.push(Check::failed("loome token", State::Fail, error));
        return Ok(checks);
    }
    checks.push(Check::new("loome token", State::Ok, "the service gives one"));
    let asked =
        session::loome(context).and_then(|mut session| session.ask(async |client| client.check_name(PROBE).await));
    checks.push(match asked {
        Ok(_) => Check::new("loome api", State::Ok, "it answers"),
        // The path is a guess of ours.
        Err(error) if error.exit == Exit::NotFound => Check::failed("loome api", State::Warn, error),
        Err(error) => Check::failed("loome api", State::Fail, error),
    });
    Ok(checks)
}

/// The account; none where the environment names none, and the keyring has none or prompts are disabled.
fn known(context: &Context<'_>) -> Result<Option<Account>> {
    if let Some(account) = account::from_environment(Service::Loome, context)? {
        return Ok(Some(account));
    }
    match keyring_file::open(context).and_then(|open| Ok(Account::of_keyring(Service::Loome, open.keyring())?)) {
        Ok(account) => Ok(Some(account)),
        // What is wrong with the keyring is told where that is looked at.
        Err(_) => Ok(None),
    }
}
