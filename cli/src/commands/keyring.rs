//! `zkv keyring`.

use serde::Serialize;
use zkvault::backup::{Access, BackupError, BackupFile, CatalogEntry, OneAccount, Pulled, pull};
use zkvault_core::SecretText;
use zkvault_core::backup::{BackupHeader, Chains};
use zkvault_core::key::KeyFingerprint;
use zkvault_core::keyring::{Keyring, LineConflict, UnlockKeyringError};

use crate::args::{KeyringCommand, KeyringPull};
use crate::backup::{self, Behind, TerminalCatalog};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::repo::Rights;
use crate::{keyring_file, passphrase};

const PASSPHRASE: &str = "ZKV_BACKUP_PASSPHRASE";

#[derive(Serialize)]
struct Report {
    serial: u64,
    keys: usize,
    retired: usize,
    personal_keys: usize,
    accounts: usize,
}

pub(crate) fn run(command: &KeyringCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        KeyringCommand::Pull(args) => run_pull(args, context),
    }
}

fn run_pull(args: &KeyringPull, context: &Context<'_>) -> Result<Exit> {
    let mut open = keyring_file::open_to_change(context)?;
    let theirs = find(args, open.keyring(), context)?;
    let (pulled, serial) = open.update(|keyring| {
        let pulled = pull(keyring, theirs, |conflict| decide(conflict, context))?;
        Ok::<_, CliError>((pulled, keyring.serial() + 1))
    })?;
    report(pulled, serial, context)
}

/// The keyring that came along with the newest backup.
fn find(args: &KeyringPull, keyring: &Keyring, context: &Context<'_>) -> Result<Keyring> {
    let chains = Chains::of_keyring(keyring);
    if let Some(path) = &args.file {
        let file = BackupFile::read(path)?;
        let header = file.header();
        authentic(header, &chains)?;
        return unlock(header, context);
    }
    let catalog = TerminalCatalog::new(Rights::Read, context)?;
    if let Some(tag) = args.chain.filter(|tag| chains.find(*tag).is_none()) {
        // A chain that this copy does not know yet: of a renewed personal key.
        let known = backup::known_heads(Some(keyring), context)?;
        let passphrase = their_passphrase(context)?;
        let (access, listing) = catalog.search(Some(tag), &passphrase, &known, context)?;
        let account = OneAccount::of(&listing, &access.chains, Some(tag))?;
        let chosen = account.choose(None)?;
        return Ok(with_keyring_of(access, chosen)?.keyring);
    }
    let mut known = backup::known_heads(Some(keyring), context)?;
    let listing = catalog.list(&chains, &known, context.output)?;
    let account = OneAccount::of(&listing, &chains, args.chain)?;
    let place = catalog.place();
    let heads = known.of(&account.chains, &place);
    let newest = backup::newest(&account.records(), heads, args.accept, Behind::Noted, context)?;
    newest.note_place(context).remember(&account, &place, &mut known)?;
    // The newest that has one.
    let with_keyring = account
        .own
        .iter()
        .find_map(|(entry, _)| entry.header().filter(|header| header.keyring().is_some()));
    let header = with_keyring.ok_or_else(|| {
        CliError::new(Exit::NotFound, "not-found", "no keyring came along with the backups")
            .hint("zkv backup push on the other device, without --no-keyring")
    })?;
    unlock(header, context)
}

fn with_keyring_of(access: Access, chosen: &CatalogEntry) -> Result<Access> {
    Ok(match chosen.header() {
        Some(header) => access.with_keyring_of(header)?,
        None => access,
    })
}

/// Only the person whose chain it is can have put this keyring there.
fn authentic(header: &BackupHeader, chains: &Chains) -> Result<()> {
    match chains.find(header.tag()).map(|chain| header.open(chain)) {
        Some(Ok(_)) => Ok(()),
        _ => Err(BackupError::OtherKeyring.into()),
    }
}

/// With the passphrase of this keyring, or its own where that is a different one.
fn unlock(header: &BackupHeader, context: &Context<'_>) -> Result<Keyring> {
    let file = header
        .keyring()
        .ok_or_else(|| CliError::new(Exit::NotFound, "not-found", "no keyring came along with the backup"))?;
    let failed = |error: UnlockKeyringError| {
        CliError::new(
            Exit::Integrity,
            "wrong-passphrase",
            "the keyring in the backup did not open",
        )
        .cause(error)
    };
    match Keyring::unlock(file, &*context.passphrase()?) {
        Err(UnlockKeyringError::Decrypt) => Keyring::unlock(file, &their_passphrase(context)?).map_err(failed),
        unlocked => unlocked.map_err(failed),
    }
}

fn their_passphrase(context: &Context<'_>) -> Result<SecretText> {
    match passphrase::from_environment(PASSPHRASE)? {
        Some(given) => Ok(given),
        None => context.prompt.secret(
            "Passphrase of the keyring in the backup",
            "set ZKV_BACKUP_PASSPHRASE or ZKV_BACKUP_PASSPHRASE_FILE",
        ),
    }
}

/// Two copies say of one key that it replaces different ones. Where nobody can be asked, the newer copy is believed.
fn decide(conflict: &LineConflict<'_>, context: &Context<'_>) -> KeyFingerprint {
    let facts = [
        format!("The copies differ on what the key {:?} replaces.", conflict.label),
        format!("1: {} by the copy that was saved more often", conflict.newer),
        format!("2: {} by the other one", conflict.older),
    ];
    if !context.prompt.is_allowed() {
        context.output.warning(&format!("{} {}", facts[0], facts[1]));
        return conflict.newer;
    }
    match context.prompt.choice(&facts, "Which one? [1/2]") {
        Ok(choice) if choice == "2" => conflict.older,
        _ => conflict.newer,
    }
}

fn report(pulled: Pulled, serial: u64, context: &Context<'_>) -> Result<Exit> {
    let Pulled {
        keys,
        retired,
        personal_keys,
        accounts,
    } = pulled;
    let output = context.output;
    output.note(&format!(
        "merged: {keys} vault keys, {retired} retirements, {personal_keys} personal keys and {accounts} accounts were new here"
    ));
    if personal_keys > 0 {
        output.note("next: zkv sync seals the local store under the new personal key");
    }
    if output.is_json() {
        output.json(&Report {
            serial,
            keys,
            retired,
            personal_keys,
            accounts,
        })?;
    }
    Ok(Exit::Success)
}
