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
        IdentityCommand::Renew { yes } => renew(*yes, context)?,
        _ => keyring_file::unlock(context)?.identity().public(),
    };
    let shown = Shown {
        identity: identity.to_string(),
        fingerprint: identity.fingerprint().to_string(),
    };
    match command {
        _ if context.output.is_json() => context.output.json(&shown)?,
        IdentityCommand::Show | IdentityCommand::Renew { .. } => context.output.line(&shown.identity)?,
        IdentityCommand::Fingerprint { .. } => context.output.line(&shown.fingerprint)?,
    }
    Ok(Exit::Success)
}

fn renew(yes: bool, context: &Context<'_>) -> Result<PublicIdentity> {
    keyring_file::change(context, |keyring| {
        let facts = [
            format!(
                "The identity {} is wiped from the keyring.",
                keyring.identity().public()
            ),
            "Activations and files that were sealed for it open no more.".to_owned(),
            "People who send you keys need the new identity, and its fingerprint through another channel.".to_owned(),
        ];
        if !yes {
            let hint = "give --yes to make a new identity without a question";
            context.prompt.confirm(&facts, "Make a new identity?", hint)?;
        }
        let renewed = keyring.renew_identity();
        renewed.map_err(|error| CliError::new(Exit::Other, "seal", "the identity was not renewed").cause(error))?;
        Ok(keyring.identity().public())
    })
}

/// A public identity from the command line.
pub(crate) fn parse(text: &str) -> Result<PublicIdentity> {
    trimmed(text)
        .parse()
        .map_err(|error| CliError::usage(format!("{text:?} is not a public identity")).cause(error))
}
