//! `zkv backup restore`.

use std::path::Path;

use serde::Serialize;
use zkvault::backup::FILES;
use zkvault::fs::Existing;
use zkvault::keyring_file::{self, KeyringFile, KeyringFileError};
use zkvault::time;
use zkvault_core::backup::BackupRecord;
use zkvault_core::keyring::UnlockKeyId;

use super::{check, source};
use crate::args::BackupRestore;
use crate::backup::{self, Behind};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{escaped, shown_path};
use crate::{agent, clock, key_source, keychain};
use zkvault::store::{Head, Store, StoreKeys, StoreLock};
use zkvault::sync::Restoring;

#[derive(Serialize)]
struct Restored<'a> {
    head: String,
    account: &'a str,
    sites: u64,
    users: u64,
    groups: u64,
    /// Whether the keyring came back as well.
    keyring: bool,
}

pub(crate) fn run(args: &BackupRestore, context: &Context<'_>) -> Result<Exit> {
    let place = &args.place;
    let store_path = context.profile()?.store_path()?;
    let lock = StoreLock::take(&store_path)?;
    if !args.force && Store::is_there(&store_path)? {
        return Err(exists(&shown_path(&store_path)));
    }
    let with_files = !key_source::selected(&place.keys.paths).is_empty();
    // The keyring of the backup is opened by its passphrase, whatever is here.
    let access = match args.store_only {
        true => Some(backup::access(&place.keys.paths, context)?),
        false => None,
    };
    let local = access.as_ref().map(|access| &access.keyring);
    let mut known = backup::known_heads(local, context)?;
    let loaded = source(place).load(access, &known, context)?;
    known.recall(&loaded.access.keyring);
    check(&loaded, place, &mut known, Behind::Refused, context)?;
    let record = loaded.opened.record.clone().ok_or_else(only_recipient)?;
    let keys = match with_files {
        false => StoreKeys::of_keyring(&loaded.access.keyring),
        true => keychain::store_keys_of_files(&key_source::selected(&place.keys.paths))?,
    };
    let keyring = loaded.opened.keyring.as_deref().filter(|_| !args.store_only);
    let restoring = Restoring::begin(&store_path, &record, &loaded.opened.snapshot, &keys, &lock)?;
    let head = restoring.head().clone();
    if let Some(file) = keyring {
        install(file, Existing::replace_if(args.force), context)?;
    }
    // The store becomes visible last of all.
    restoring.commit(&context.profile()?.known_stores_path(), &lock)?;
    if loaded.place.is_none() {
        known.remember(loaded.opened.tag, FILES, loaded.head(), place.accept)?;
    }
    report(args, &record, &head, keyring.is_some(), context)?;
    Ok(Exit::Success)
}

/// Puts the keyring in its place, and says where one that was there is now.
fn install(file: &[u8], existing: Existing, context: &Context<'_>) -> Result<()> {
    let path = context.profile()?.keyring_path();
    let before = KeyringFile::open(&path).map(|file| file.unlock_key_id()).ok();
    let kept = keyring_file::install(&path, file, existing, time::now()?).map_err(|error| match error {
        KeyringFileError::Exists { .. } => CliError::from(error)
            .hint("--profile NAME restores beside it; --store-only uses it; --force replaces it and keeps a copy"),
        error => error.into(),
    })?;
    if let Some(kept) = kept {
        let note = format!("the keyring that was here is now {}", shown_path(&kept));
        context.output.note(&note);
        forget_unless_there(before, &path, context);
    }
    Ok(())
}

/// The agent keeps no key of a keyring that was replaced by one of a different salt.
fn forget_unless_there(before: Option<UnlockKeyId>, path: &Path, context: &Context<'_>) {
    let now = KeyringFile::open(path).map(|file| file.unlock_key_id()).ok();
    if let Some(before) = before.filter(|before| now != Some(*before)) {
        agent::forget(before, context);
    }
}

fn report(
    args: &BackupRestore,
    record: &BackupRecord,
    head: &Head,
    keyring: bool,
    context: &Context<'_>,
) -> Result<()> {
    let age = time::now()?.saturating_sub(record.manifest.time);
    context.output.note(&escaped(&format!(
        "restored backup {} of {}, made {} on {}: {} sites, {} users, {} groups",
        record.manifest.revision,
        record.account,
        clock::ago(age),
        record.manifest.device,
        head.sites(),
        head.users,
        head.groups
    )));
    if args.place.expect.is_none() {
        context
            .output
            .note("it was not compared with an expected head: only its date shows whether it is the newest");
    }
    if context.output.is_json() {
        context.output.json(&Restored {
            head: record.head().to_string(),
            account: record.account.as_str(),
            sites: head.sites(),
            users: head.users,
            groups: head.groups,
            keyring,
        })?;
    }
    Ok(())
}

fn exists(path: &str) -> CliError {
    CliError::new(Exit::Other, "exists", format!("there is a local store already: {path}"))
        .hint("--profile NAME restores beside it, and --force replaces it")
}

fn only_recipient() -> CliError {
    CliError::new(
        Exit::Integrity,
        "backup-not-authentic",
        "the backup opened for a recipient only",
    )
    .cause("nothing shows a recipient who made it, and its values stay closed")
    .hint("zkv backup diff shows what is in it; the person who made it can restore it")
}
