//! `zkv backup diff`.

use zkvault::backup::{Access, Contents, Difference, capture, compare};
use zkvault::keyring_file::OpenKeyring;

use crate::args::BackupDiff;
use crate::backup::{self, Source};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::vault;

pub(crate) fn run(args: &BackupDiff, context: &Context<'_>) -> Result<Exit> {
    let sources: Vec<Source<'_>> = match (args.files.as_slice(), args.revisions.as_slice()) {
        ([], []) => vec![Source::Repository(None)],
        ([], revisions) => revisions
            .iter()
            .map(|revision| Source::Repository(Some(*revision)))
            .collect(),
        (files, _) => files.iter().map(|file| Source::File(file)).collect(),
    };
    let differences = match sources.as_slice() {
        [one] => with_store(one, args, context)?,
        [one, other] => {
            let local = backup::find_access(&args.keys.paths, context)?;
            let one = one.load(local, context)?;
            let before = Contents::of_backup(&one.opened)?;
            let other = other.load(Some(one.access), context)?;
            compare(&before, &Contents::of_backup(&other.opened)?)
        }
        _ => return Err(CliError::usage("two backups are compared, or one with the local store")),
    };
    context.output.rows(&table(&differences), &differences)?;
    if differences.is_empty() {
        context.output.note("nothing differs");
    }
    Ok(Exit::Success)
}

fn with_store(source: &Source<'_>, args: &BackupDiff, context: &Context<'_>) -> Result<Vec<Difference>> {
    let vault = vault::open(&args.keys.paths, context)?;
    let after = Contents::of_store(&capture(&vault.contents.store)?)?;
    let keys = vault.contents.keys().clone();
    let keyring = vault.keyring.map(OpenKeyring::into_keyring);
    let access = Access::new(keys, keyring);
    let loaded = source.load(Some(access), context)?;
    Ok(compare(&Contents::of_backup(&loaded.opened)?, &after))
}

fn table(differences: &[Difference]) -> Table {
    let mut table = Table::new(&["KIND", "ID", "NAME", "CHANGE", "MEMBERS"]).breakable(&["MEMBERS"]);
    for difference in differences {
        table.row([
            difference.kind.to_owned(),
            difference.id.to_string(),
            difference.name.clone().unwrap_or_default(),
            difference.change.to_owned(),
            difference.members.join(", "),
        ]);
    }
    table
}
