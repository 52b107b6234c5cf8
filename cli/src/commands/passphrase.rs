//! `zkv passphrase`.

use serde::Serialize;
use zkvault::vault::Vault;
use zkvault_core::keyring::{PassphraseError, RenewError};

use crate::args::{PassphraseChange, PassphraseCommand};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::{keyring_file, passphrase};

const WHO: [&str; 2] = [
    "Every copy of the keyring that exists, on other devices and in backups, still opens with the old passphrase.",
    "Anyone who knows it and has such a copy has your keys, your identity and the API secrets.",
];

/// What was changed, as other programs get it.
#[derive(Serialize)]
struct Changed {
    serial: u64,
    memory_kib: u32,
    iterations: u32,
    renewed: bool,
}

pub(crate) fn run(command: &PassphraseCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        PassphraseCommand::Change(args) => change(args, context),
    }
}

fn change(args: &PassphraseChange, context: &Context<'_>) -> Result<Exit> {
    let files = context.profile()?.files()?;
    let (serial, params, renewed) = keyring_file::change(context, |keyring| {
        let renew = args.renew || may_be_known(context)?;
        let new = passphrase::replacement(context.prompt, context.output, args.allow_weak)?;
        if renew {
            keyring.renew_personal_key().map_err(not_renewed)?;
        }
        let params = keyring.params();
        keyring.change_passphrase(&new, params).map_err(not_changed)?;
        let vault = renew.then(|| Vault::open(files, keyring)).transpose()?;
        Ok((keyring.serial() + 1, keyring.params(), vault))
    })?;
    let is_renewed = renewed.is_some();
    if let Some(vault) = renewed {
        seal_store_again(vault, context);
    }
    let changed = Changed {
        serial,
        memory_kib: params.memory_kib(),
        iterations: params.iterations(),
        renewed: is_renewed,
    };
    report(&changed, context)
}

/// The former personal key opens the store no more. What fails here, the next sync does.
fn seal_store_again(mut vault: Vault, context: &Context<'_>) {
    let again = vault.lock().and_then(|lock| vault.seal_again(&lock));
    if let Err(error) = again {
        context.output.warning(&escaped(&format!(
            "the local store is still under the former personal key, and zkv sync changes that: {error}"
        )));
    }
}

/// Asked of a person only: a script says it with `--renew`.
fn may_be_known(context: &Context<'_>) -> Result<bool> {
    if !context.prompt.is_allowed() {
        return Ok(false);
    }
    let question = "May somebody else know the old passphrase? [y/n]";
    let facts = WHO.map(str::to_owned);
    loop {
        match context.prompt.choice(&facts, question)?.as_str() {
            "y" | "yes" => return Ok(true),
            "n" | "no" => return Ok(false),
            _ => context.output.note("type y or n"),
        }
    }
}

fn report(changed: &Changed, context: &Context<'_>) -> Result<Exit> {
    let output = context.output;
    if output.is_json() {
        output.json(changed)?;
    }
    output.note("the passphrase was changed; other devices and the backups before still have the old one");
    if changed.renewed {
        output.note("the keyring has a new personal key; the ones before stay, to open what they made");
        for step in [
            "zkv key rotate replaces the vault key",
            "zkv identity renew replaces your identity; send the new one to the people who send you keys",
            "ask the administrator for new API secrets, then zkv auth login",
            "zkv backup push, then zkv backup prune removes the backups that open with the old passphrase",
        ] {
            output.note(&format!("next: {step}"));
        }
    }
    Ok(Exit::Success)
}

fn not_renewed(error: RenewError) -> CliError {
    CliError::new(Exit::Other, "keyring", "no new personal key was made").cause(error)
}

fn not_changed(error: PassphraseError) -> CliError {
    CliError::new(Exit::Other, "keyring", "the passphrase was not changed").cause(error)
}
