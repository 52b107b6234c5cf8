//! `zkv backup push`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::HumanBytes;
use serde::Serialize;
use zkvault::backup::{BackupError, FILES, KnownHeads, Next, OneAccount, Recipe, capture, next};
use zkvault::keyring_file::OpenKeyring;
use zkvault::store::StoreLock;
use zkvault::{fs, time};
use zkvault_core::account::AccountName;
use zkvault_core::backup::{BackupRecord, ChainKey, Chains, KeyringStamp};
use zkvault_core::identity::PublicIdentity;
use zkvault_core::snapshot::Manifest;

use crate::args::BackupPush;
use crate::backup::{self, Behind, TerminalCatalog};
use crate::commands::identity;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::repo::Rights;
use crate::vault::Vault;
use crate::{keyring_file, platform, vault};

const NO_KEYRING: [&str; 2] = [
    "Without the keyring in it, a restore needs a copy of the keyring, or its personal key and the vault keys.",
    "zkv key export --personal prints the personal key, for a safe place.",
];

#[derive(Serialize)]
struct Pushed {
    head: String,
    chain: String,
    revision: u64,
    parent: Option<String>,
    bytes: u64,
    sites: u64,
    users: u64,
    groups: u64,
    /// Whether the keyring went along.
    keyring: bool,
}

/// Where a backup goes, and which one it follows.
struct Target {
    catalog: Option<TerminalCatalog>,
    place: String,
    next: Next,
}

pub(crate) fn run(args: &BackupPush, context: &Context<'_>) -> Result<Exit> {
    let recipients = args
        .recipients
        .iter()
        .map(|text| identity::parse(text))
        .collect::<Result<Vec<_>>>()?;
    if args.no_keyring && !args.yes {
        let facts = NO_KEYRING.map(str::to_owned);
        let hint = "give --yes as well to leave the keyring out without a question";
        context.prompt.confirm(&facts, "Leave the keyring out?", hint)?;
    }
    let store_path = context.profile()?.store_path()?;
    // Not only for the store: two pushes of one device must not meet.
    let _lock = StoreLock::take(&store_path)?;
    let mut vault = vault::open(&args.keys.paths, context)?;
    let mut keyring = keyring_of(&mut vault, context)?;
    let (chains, chain) = begin(&vault, &mut keyring)?;
    let mut known = backup::known_heads(Some(keyring.keyring()), context)?;
    let target = target(args, &keyring, &chains, &mut known, context)?;
    let (bytes, record) = seal(args, &vault, &keyring, &chain, &recipients, target.next, context)?;
    match (&target.catalog, &args.output) {
        (Some(catalog), _) => {
            let blob = chain.blob_name(record.manifest.revision);
            catalog.put(&bytes, &blob, &draft(&store_path), context.output.is_json())?;
        }
        (None, Some(path)) => fs::write(path, &bytes, fs::Existing::replace_if(args.force))?,
        (None, None) => return Err(CliError::new(Exit::Other, "internal", "the backup has no place")),
    }
    known.remember(chain.tag(), &target.place, record.head(), false)?;
    report(&vault, &chain, &record, bytes.len() as u64, context)?;
    Ok(Exit::Success)
}

/// The keyring, also where key files open the store: a key file may be shared, so it makes no backups.
fn keyring_of(vault: &mut Vault, context: &Context<'_>) -> Result<OpenKeyring> {
    if let Some(keyring) = vault.keyring.take() {
        return Ok(keyring);
    }
    match context.profile()?.keyring_path().exists() {
        true => keyring_file::open(context),
        false => Err(BackupError::NoKeyring.into()),
    }
}

/// The chains of the account. The keyring names it before the first backup, so that the one in a backup names it as well.
fn begin(vault: &Vault, keyring: &mut OpenKeyring) -> Result<(Chains, Arc<ChainKey>)> {
    let host = &vault.contents.store.head().host;
    let account = AccountName::parse(host)
        .map_err(|error| CliError::new(Exit::Other, "host", format!("{host:?} is not an account")).cause(error))?;
    if !keyring.keyring().accounts().contains(&account) {
        keyring.update(|keyring| {
            let added = keyring.accounts_mut().add(account.clone());
            added.map_err(|error| CliError::new(Exit::Other, "keyring-full", "the backup was not made").cause(error))
        })?;
    }
    let chains = Chains::of_account(keyring.keyring(), &account);
    let chain = chains.iter().next().map(Arc::clone);
    let chain = chain.ok_or_else(|| CliError::new(Exit::Other, "internal", "the keyring has no personal key"))?;
    Ok((chains, chain))
}

/// Where a backup lies while it is uploaded: sealed, beside the store.
fn draft(store: &Path) -> PathBuf {
    store.with_file_name("backup.draft")
}

/// Looks at what is there already. A backup follows the newest one, of whichever device and place.
fn target(
    args: &BackupPush,
    keyring: &OpenKeyring,
    chains: &Chains,
    known: &mut KnownHeads,
    context: &Context<'_>,
) -> Result<Target> {
    if args.output.is_some() {
        return Ok(Target {
            catalog: None,
            place: FILES.to_owned(),
            next: next(None, chains, known, FILES),
        });
    }
    let catalog = TerminalCatalog::new(Rights::Full, context)?;
    let place = catalog.place();
    let listing = match catalog.list(chains, known, context.output) {
        Ok(listing) => listing,
        Err(error) if error.code == "forbidden" => {
            context
                .output
                .warning("the backups that are there were not looked at: the token may not list or read");
            return Ok(Target {
                next: next(None, chains, known, &place),
                catalog: Some(catalog),
                place,
            });
        }
        Err(error) => return Err(error),
    };
    let current = chains.iter().next().map(|chain| chain.tag());
    let account = OneAccount::of(&listing, chains, current)?;
    let newest = backup::newest(
        &account.records(),
        known.of(chains, &place),
        args.accept,
        Behind::Noted,
        context,
    )?;
    if newest.is_new_place && !args.accept {
        let facts = [format!("place {place}")];
        let hint = "give --accept to make the first backup of the chain at this place";
        context.prompt.confirm(&facts, "Make the first backup here?", hint)?;
    }
    if !args.no_keyring {
        account.check_keyring(KeyringStamp::new(keyring.keyring().serial(), keyring.file()))?;
    }
    newest.note_place(context).remember(&account, &place, known)?;
    Ok(Target {
        next: next(Some(&account), chains, known, &place),
        catalog: Some(catalog),
        place,
    })
}

fn seal(
    args: &BackupPush,
    vault: &Vault,
    keyring: &OpenKeyring,
    chain: &ChainKey,
    recipients: &[PublicIdentity],
    next: Next,
    context: &Context<'_>,
) -> Result<(Vec<u8>, BackupRecord)> {
    let profile = context.profile()?;
    let device = args.device.clone().or_else(platform::device_name);
    let manifest = Manifest {
        revision: next.revision,
        parent: next.parent.map(|head| head.digest),
        time: time::now()?,
        device: device.unwrap_or_else(|| profile.name().to_owned()),
    };
    let recipe = Recipe {
        chain,
        follows: next.follows,
        recipients,
        keyring: (!args.no_keyring).then(|| (keyring.file(), keyring.keyring().serial())),
    };
    Ok(zkvault::backup::seal(
        capture(&vault.contents.store)?,
        manifest,
        &recipe,
    )?)
}

fn report(vault: &Vault, chain: &ChainKey, record: &BackupRecord, bytes: u64, context: &Context<'_>) -> Result<()> {
    let head = vault.contents.store.head();
    let pushed = Pushed {
        head: record.head().to_string(),
        chain: chain.tag().to_string(),
        revision: record.manifest.revision,
        parent: record.manifest.parent.map(|parent| parent.to_string()),
        bytes,
        sites: head.sites(),
        users: head.users,
        groups: head.groups,
        keyring: record.keyring.is_some(),
    };
    context.output.note(&escaped(&format!(
        "backup {} of {} sites, {} users and {} groups, {}, in chain {}",
        pushed.revision,
        pushed.sites,
        pushed.users,
        pushed.groups,
        HumanBytes(bytes),
        pushed.chain
    )));
    if let Some(follows) = record.follows {
        let note = format!("the chain is new, under the new personal key; it follows {follows}");
        context.output.note(&note);
    }
    if !pushed.keyring {
        context
            .output
            .warning("no keyring is in it: a restore needs a copy of the keyring, or the personal key");
    }
    match context.output.is_json() {
        true => context.output.json(&pushed),
        false => context.output.line(&pushed.head),
    }
}
