//! `zkv credential`: how git and docker get logins.

mod docker;
mod git;

use std::io::{self, Read as _};

use zeroize::Zeroizing;
use zkvault::vault::{Login, WantedLogin};

use super::used;
use crate::args::CredentialCommand;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::vault::Vault;

/// Bytes of the longest request: 64 KiB.
const MAX_REQUEST: u64 = 64 * 1024;

pub(crate) fn run(command: &CredentialCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        CredentialCommand::Git(args) => git::run(args, context),
        CredentialCommand::Docker(args) => docker::run(args, context),
    }
}

/// What the program asks, which may hold a password.
fn request() -> Result<Zeroizing<String>> {
    // As large as it may become: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(String::with_capacity(64 * 1024 + 1));
    let read = io::stdin().take(MAX_REQUEST + 1).read_to_string(&mut text);
    match read.map_err(|error| CliError::io("cannot read standard input", &error))? as u64 > MAX_REQUEST {
        true => Err(CliError::usage(format!("a request has at most {MAX_REQUEST} bytes"))),
        false => Ok(text),
    }
}

/// The login that is wanted, after what was found at its site was said.
fn login(vault: &Vault, wanted: WantedLogin<'_>, context: &Context<'_>) -> Result<Option<Login>> {
    let index = vault.contents.index();
    let login = vault.contents.login(&index, wanted)?;
    if let Some(login) = &login {
        used::warn(&login.password, context);
    }
    Ok(login)
}
