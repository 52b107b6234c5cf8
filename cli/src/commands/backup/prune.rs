//! `zkv backup prune`.

use serde::Serialize;
use zkvault::backup::{CatalogEntry, OneAccount, open, prunable};
use zkvault_core::backup::BackupRecord;

use super::verify;
use crate::args::BackupPrune;
use crate::backup::{self, Behind, TerminalCatalog};
use crate::clock;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::repo::Rights;

const HINT: &str = "give --yes to delete without being asked, or --dry-run to see what would go";

#[derive(Debug, Serialize)]
struct Pruned {
    revision: u64,
    time: String,
    device: String,
    deleted: bool,
}

pub(crate) fn run(args: &BackupPrune, context: &Context<'_>) -> Result<Exit> {
    if !args.yes && !args.dry_run {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let access = backup::access(&args.keys.paths, context)?;
    let mut known = backup::known_heads(Some(&access.keyring), context)?;
    let catalog = TerminalCatalog::new(Rights::Full, context)?;
    let chains = backup::wanted_chains(&access.chains, args.chain)?;
    let listing = catalog.list(&chains, &known, context.output)?;
    let account = OneAccount::of(&listing, &chains, args.chain)?;
    let Some((newest, _)) = account.own.first() else {
        return Err(CliError::new(
            Exit::NotFound,
            "not-found",
            "there is no backup that opens",
        ));
    };
    // What stays must be good before anything goes.
    let opened = open(&catalog.fetch(newest)?, &access)?;
    let loaded = account.loaded(opened, access, catalog.place());
    verify::structure(&loaded)?;
    backup::check_chain(&loaded, &mut known, false, Behind::Noted, context)?;
    let old = prunable(&account, args.keep, known.sheet(&account.chains));
    if !args.yes && !args.dry_run && !old.is_empty() {
        confirm(&old, &catalog, context)?;
    }
    let mut pruned = Vec::new();
    for (backup, record) in old.iter().rev() {
        if !args.dry_run {
            catalog.delete(&backup.blob)?;
        }
        pruned.push(Pruned {
            revision: record.manifest.revision,
            time: clock::shown(record.manifest.time),
            device: record.manifest.device.clone(),
            deleted: !args.dry_run,
        });
    }
    report(&pruned, context)?;
    Ok(Exit::Success)
}

fn confirm(old: &[(&CatalogEntry, &BackupRecord)], catalog: &TerminalCatalog, context: &Context<'_>) -> Result<()> {
    let mut facts = vec![format!("repository {}", catalog.place())];
    facts.extend(old.iter().rev().map(|(_, record)| {
        let (manifest, time) = (&record.manifest, clock::shown(record.manifest.time));
        format!("backup {}, {time}, {}", manifest.revision, manifest.device)
    }));
    context.prompt.confirm(&facts, "Delete them?", HINT)
}

fn report(pruned: &[Pruned], context: &Context<'_>) -> Result<()> {
    let mut table = Table::new(&["REVISION", "TIME", "DEVICE"]);
    for backup in pruned {
        table.row([backup.revision.to_string(), backup.time.clone(), backup.device.clone()]);
    }
    context.output.rows(&table, &pruned)
}
