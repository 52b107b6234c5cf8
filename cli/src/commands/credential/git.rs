//! `zkv credential git`.

use zkvault::delivery::git::{Request, response};
use zkvault::vault::WantedLogin;

use crate::args::CredentialGit;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::vault;

/// Answers `get`. Everything else is silent: a helper ignores operations that it does not know, and zkv changes no site
/// because a repository took or refused its login.
pub(super) fn run(args: &CredentialGit, context: &Context<'_>) -> Result<Exit> {
    let request = Request::parse(&super::request()?);
    match (args.operation.as_str(), request.origin()) {
        ("get", Some(origin)) => {
            let wanted = WantedLogin {
                origin: &origin,
                username: request.username.as_deref(),
                field: &args.field,
            };
            get(wanted, args, context)
        }
        _ => Ok(Exit::Success),
    }
}

fn get(wanted: WantedLogin<'_>, args: &CredentialGit, context: &Context<'_>) -> Result<Exit> {
    let vault = vault::open(&args.keys.paths, context)?;
    let login = super::login(&vault, wanted, context).map_err(|error| match error.exit {
        Exit::Ambiguous => error.hint(
            "name the user in the address: https://USER@HOST/…, or git config credential.https://HOST.username USER",
        ),
        _ => error,
    })?;
    let Some(login) = login else {
        return Ok(Exit::Success);
    };
    match response(login.username.as_ref(), &login.password.text) {
        Some(text) => context.output.bytes(text.expose_secret().as_bytes())?,
        None => {
            let message = format!(
                "the login of {} has a line end, which git cannot take",
                login.password.site
            );
            return Err(CliError::new(Exit::Other, "malformed", message));
        }
    }
    Ok(Exit::Success)
}
