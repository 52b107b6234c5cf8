//! `zkv backup push`.

use std::path::{Path, PathBuf};

use indicatif::HumanBytes;
use serde::Serialize;
use zkvault::backup::{FILES, KnownHeads, Recipe, capture};
use zkvault::{fs, time};
use zkvault_core::backup::{BackupLine, BackupRecord, backup_blob_name};
use zkvault_core::identity::PublicIdentity;
use zkvault_core::snapshot::Manifest;
use zkvault_core::trust::Head;

use crate::args::BackupPush;
use crate::backup::{self, TerminalCatalog};
use crate::commands::identity;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::repo::Rights;
use crate::vault::Vault;
use crate::{platform, vault};
use zkvault::keyring_file::OpenKeyring;
use zkvault::store::StoreLock;

#[derive(Serialize)]
struct Pushed {
    head: String,
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
    parent: Option<Head>,
}

pub(crate) fn run(args: &BackupPush, context: &Context<'_>) -> Result<Exit> {
    let recipients = args
        .recipients
        .iter()
        .map(|text| identity::parse(text))
        .collect::<Result<Vec<_>>>()?;
    let store_path = context.profile()?.store_path()?;
    // Not only for the store: two pushes of one device must not meet.
    let _lock = StoreLock::take(&store_path)?;
    let vault = vault::open(&args.keys.paths, context)?;
    let mut known = backup::known_heads(context)?;
    let target = target(args, &vault, &known, context)?;
    let (bytes, record) = seal(args, &vault, &recipients, target.parent, context)?;
    match (&target.catalog, &args.output) {
        (Some(catalog), _) => {
            let keys = vault.own_keys();
            let blob = backup_blob_name(keys.first().ok_or_else(no_key)?, record.manifest.revision);
            catalog.put(&bytes, &blob, &draft(&store_path), context.output.is_json())?;
        }
        (None, Some(path)) => fs::write(path, &bytes, args.force)?,
        (None, None) => return Err(no_key()),
    }
    known.remember(&target.place, record.head())?;
    report(
        &vault,
        &record,
        bytes.len() as u64,
        !keyring(args, &vault).is_empty(),
        context,
    )?;
    Ok(Exit::Success)
}

/// Where a backup lies while it is uploaded: sealed, beside the store.
fn draft(store: &Path) -> PathBuf {
    store.with_file_name("backup.draft")
}

/// Looks at what is there already. A backup follows the newest one, of whichever device.
fn target(args: &BackupPush, vault: &Vault, known: &KnownHeads, context: &Context<'_>) -> Result<Target> {
    if args.output.is_some() {
        return Ok(Target {
            catalog: None,
            place: FILES.to_owned(),
            parent: known.at(FILES),
        });
    }
    let catalog = TerminalCatalog::new(Rights::Full, context)?;
    let place = catalog.place();
    let records = match catalog.records(vault.contents.keys()) {
        Ok(records) => {
            backup::newest(&records, known.at(&place), args.accept, context)?;
            records
        }
        Err(error) if error.code == "forbidden" => {
            context
                .output
                .warning("the backups that are there were not looked at: the token may not list or read");
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    Ok(Target {
        parent: BackupLine::new(&records).parent(known.at(&place)),
        catalog: Some(catalog),
        place,
    })
}

fn seal(
    args: &BackupPush,
    vault: &Vault,
    recipients: &[PublicIdentity],
    parent: Option<Head>,
    context: &Context<'_>,
) -> Result<(Vec<u8>, BackupRecord)> {
    let profile = context.profile()?;
    let device = args.device.clone().or_else(platform::device_name);
    let manifest = Manifest {
        revision: parent.map_or(0, |head| head.revision) + 1,
        parent: parent.map(|head| head.digest),
        time: time::now()?,
        device: device.unwrap_or_else(|| profile.name().to_owned()),
    };
    let recipe = Recipe {
        keys: &vault.own_keys(),
        recipients,
        keyring: keyring(args, vault),
    };
    Ok(zkvault::backup::seal(
        capture(&vault.contents.store)?,
        manifest,
        &recipe,
    )?)
}

/// The keyring's file as it is; nothing with key files.
fn keyring<'a>(args: &BackupPush, vault: &'a Vault) -> &'a [u8] {
    let keyring = vault.keyring.as_ref().filter(|_| !args.no_keyring);
    keyring.map(OpenKeyring::file).unwrap_or_default()
}

fn report(vault: &Vault, record: &BackupRecord, bytes: u64, keyring: bool, context: &Context<'_>) -> Result<()> {
    let head = vault.contents.store.head();
    let pushed = Pushed {
        head: record.head().to_string(),
        revision: record.manifest.revision,
        parent: record.manifest.parent.map(|parent| parent.to_string()),
        bytes,
        sites: head.sites(),
        users: head.users,
        groups: head.groups,
        keyring,
    };
    context.output.note(&escaped(&format!(
        "backup {} of {} sites, {} users and {} groups, {}",
        pushed.revision,
        pushed.sites,
        pushed.users,
        pushed.groups,
        HumanBytes(bytes)
    )));
    if !keyring {
        context
            .output
            .warning("no keyring is in it: a restore needs a copy of the keyring, or the key");
    }
    match context.output.is_json() {
        true => context.output.json(&pushed),
        false => context.output.line(&pushed.head),
    }
}

/// Cannot be: an open store has a key, and a target is one of two.
fn no_key() -> CliError {
    CliError::new(Exit::Other, "internal", "the backup has no key or no place")
}
