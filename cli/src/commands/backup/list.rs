//! `zkv backup list`.

use serde::Serialize;
use zkvault::backup::{Catalog, CatalogEntry, KnownHeads};
use zkvault_core::backup::{BackupLine, BackupRecord};

use crate::args::BackupList;
use crate::backup::{self, TerminalCatalog};
use crate::clock;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Table;
use crate::repo::Rights;

/// A backup in the repository. What it is stays unknown for other keys.
#[derive(Debug, Serialize)]
struct Listed {
    revision: Option<u64>,
    time: Option<String>,
    device: Option<String>,
    host: Option<String>,
    size: u64,
    line: &'static str,
    head: Option<String>,
    blob: String,
}

pub(crate) fn run(args: &BackupList, context: &Context<'_>) -> Result<Exit> {
    let access = backup::access(&args.keys.paths, context)?;
    let mut known = backup::known_heads(context)?;
    let catalog = TerminalCatalog::new(Rights::Read, context)?;
    let backups = catalog.list(context.output)?;
    let place = catalog.place();
    let records = Catalog::records(&backups, &access.keys);
    let mut rows: Vec<Listed> = backups
        .iter()
        .map(|backup| listed(backup, backup.record(&access.keys), &records, &known, &place))
        .collect();
    rows.sort_by(|one, other| (other.revision, &one.blob).cmp(&(one.revision, &other.blob)));
    context.output.rows(&table(&rows), &rows)?;
    if let Some(newest) = backup::newest(&records, known.at(&place), false, context)? {
        known.remember(&place, newest)?;
    }
    Ok(Exit::Success)
}

fn listed(
    backup: &CatalogEntry,
    record: Option<BackupRecord>,
    all: &[BackupRecord],
    known: &KnownHeads,
    place: &str,
) -> Listed {
    let line = match &record {
        Some(record) => BackupLine::new(all).standing(record, known.at(place)).name(),
        None => backup::problem(backup).unwrap_or("foreign"),
    };
    let manifest = record.as_ref().map(|record| &record.manifest);
    Listed {
        revision: manifest.map(|manifest| manifest.revision),
        time: manifest.map(|manifest| clock::shown(manifest.time)),
        device: manifest.map(|manifest| manifest.device.clone()),
        host: record.as_ref().map(|record| record.host.clone()),
        size: backup.size,
        line,
        head: record.as_ref().map(|record| record.head().to_string()),
        blob: backup.blob.clone(),
    }
}

fn table(rows: &[Listed]) -> Table {
    let mut table = Table::new(&["REVISION", "TIME", "DEVICE", "SIZE", "LINE", "HEAD"]);
    for row in rows {
        table.row([
            row.revision.map(|revision| revision.to_string()).unwrap_or_default(),
            row.time.clone().unwrap_or_default(),
            row.device.clone().unwrap_or_default(),
            row.size.to_string(),
            row.line.to_owned(),
            row.head.clone().unwrap_or_default(),
        ]);
    }
    table
}
