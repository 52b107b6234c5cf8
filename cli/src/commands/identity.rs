//! `zkv identity`.

use serde::Serialize;
use zkvault_core::identity::PublicIdentity;
use zkvault_core::text::trimmed;

use crate::args::IdentityCommand;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;

#[derive(Serialize)]
struct Shown {
    identity: String,
    fingerprint: String,
}

pub(crate) fn run(command: &IdentityCommand, context: &Context<'_>) -> Result<Exit> {
    let identity = match command {
        IdentityCommand::Fingerprint { identity: Some(text) } => parse(text)?,
        _ => keyring_file::unlock(context)?.identity().public(),
    };
    let shown = Shown {
        identity: identity.to_string(),
        fingerprint: identity.fingerprint().to_string(),
    };
    match command {
        _ if context.output.is_json() => context.output.json(&shown)?,
        IdentityCommand::Show => context.output.line(&shown.identity)?,
        IdentityCommand::Fingerprint { .. } => context.output.line(&shown.fingerprint)?,
    }
    Ok(Exit::Success)
}

/// A public identity from the command line.
pub(crate) fn parse(text: &str) -> Result<PublicIdentity> {
    trimmed(text)
        .parse()
        .map_err(|error| CliError::usage(format!("{text:?} is not a public identity")).cause(error))
}
