//! This process: what keeps its memory to itself; and the agent, which keeps keys in its own.

use super::{Check, State};
use crate::agent;
use crate::error::CliError;
use crate::hardening::{self, Protection};

pub(super) fn checks() -> Vec<Check> {
    hardening::protections().into_iter().map(check).collect()
}

/// Whether the agent can be asked. That there is none is no fault.
pub(super) fn agent() -> Check {
    const NAME: &str = "agent";
    let agent = match agent::required() {
        Ok(agent) => agent,
        Err(error) => return Check::new(NAME, State::Ok, error.message),
    };
    match agent.status() {
        Ok(None) => Check::new(NAME, State::Ok, "it is not running: zkv unlock starts it"),
        Ok(Some(status)) => {
            let keys = status.entries.len();
            Check::new(NAME, State::Ok, format!("process {} has {keys} keys", status.process))
        }
        Err(error) => Check::failed(NAME, State::Warn, CliError::from(error)),
    }
}

/// A protection that is missing is no fault of the installation.
fn check(protection: Protection) -> Check {
    let Protection {
        name,
        in_force,
        detail,
        hint,
    } = protection;
    match in_force {
        true => Check::new(name, State::Ok, detail),
        false => Check::new(name, State::Warn, detail).hint(hint),
    }
}
