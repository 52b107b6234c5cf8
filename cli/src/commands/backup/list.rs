//! `zkv backup list`.

use serde::Serialize;
use zkvault::backup::{CatalogEntry, OneAccount};
use zkvault_core::backup::{BackupChain, BackupRecord};

use crate::args::BackupList;
use crate::backup::{self, TerminalCatalog};
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{Cell, Table};
use crate::repo::Rights;

/// A backup in the repository. Of one that was not read only its place is known.
#[derive(Debug, Serialize)]
struct Listed {
    revision: u64,
    time: Option<Stamp>,
    device: Option<String>,
    account: String,
    size: u64,
    chain: String,
    standing: &'static str,
    head: Option<String>,
    keyring: Option<u64>,
    blob: String,
}

pub(crate) fn run(args: &BackupList, context: &Context<'_>) -> Result<Exit> {
    let access = backup::access(&args.keys.paths, context)?;
    let mut known = backup::known_heads(Some(&access.keyring), context)?;
    let catalog = TerminalCatalog::new(Rights::Read, context)?;
    let chains = backup::wanted_chains(&access.chains, args.chain)?;
    let listing = catalog.list(&chains, &known, context.output)?;
    let place = catalog.place();
    let mut rows = Vec::new();
    for chain in chains.iter().filter(|chain| !chain.is_former()) {
        let account = OneAccount::of(&listing, &chains, Some(chain.tag()))?;
        let (records, head) = (account.records(), known.of(&account.chains, &place).place);
        let own = listing
            .entries
            .iter()
            .filter(|entry| account.chains.find(entry.tag).is_some());
        rows.extend(own.map(|entry| {
            let standing = match entry.record() {
                None => backup::problem(entry).unwrap_or("unread"),
                Some(record) if account.superseded.iter().any(|(_, other)| *other == record) => "superseded",
                Some(record) => BackupChain::new(&records).standing(record, head).name(),
            };
            listed(entry, chain.account().as_str(), standing)
        }));
    }
    context.output.rows(&table(&rows), &rows)?;
    backup::check_listing(&listing, &chains, &place, &mut known, context)?;
    Ok(Exit::Success)
}

fn listed(entry: &CatalogEntry, account: &str, standing: &'static str) -> Listed {
    let record: Option<&BackupRecord> = entry.record();
    Listed {
        revision: entry.revision,
        time: record.map(|record| Stamp(record.manifest.time)),
        device: record.map(|record| record.manifest.device.clone()),
        account: account.to_owned(),
        size: entry.size,
        chain: entry.tag.to_string(),
        standing,
        head: record.map(|record| record.head().to_string()),
        keyring: record.and_then(|record| Some(record.keyring?.serial)),
        blob: entry.blob.clone(),
    }
}

fn table(rows: &[Listed]) -> Table {
    let mut table = Table::new(&["REVISION", "TIME", "DEVICE", "SIZE", "STANDING", "HEAD", "CHAIN"]).cut(&["DEVICE"]);
    for row in rows {
        table.row([
            Cell::from(row.revision.to_string()),
            Cell::time(row.time),
            Cell::text(row.device.as_deref()),
            Cell::from(row.size.to_string()),
            Cell::from(row.standing),
            Cell::text(row.head.as_deref()),
            Cell::from(&*row.chain),
        ]);
    }
    table
}
