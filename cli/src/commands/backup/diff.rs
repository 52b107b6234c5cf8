//! `zkv backup diff`.

use zkvault::backup::{Contents, Difference, Wanted, capture, compare};

use crate::args::BackupDiff;
use crate::backup::{self, Source};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::vault;

pub(crate) fn run(args: &BackupDiff, context: &Context<'_>) -> Result<Exit> {
    let sources: Vec<Source<'_>> = match (args.files.as_slice(), args.revisions.as_slice()) {
        ([], []) => vec![repository(None, args)],
        ([], revisions) => revisions
            .iter()
            .map(|revision| repository(Some(*revision), args))
            .collect(),
        (files, _) => files.iter().map(|file| Source::File(file)).collect(),
    };
    let differences = match sources.as_slice() {
        [one] => with_store(one, args, context)?,
        [one, other] => {
            let local = backup::find_access(&args.keys.paths, context)?;
            let known = backup::known_heads(local.as_ref().map(|access| &access.keyring), context)?;
            let one = one.load(local, &known, context)?;
            let before = Contents::of_backup(&one.opened)?;
            let other = other.load(Some(one.access), &known, context)?;
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

fn repository<'a>(revision: Option<u64>, args: &BackupDiff) -> Source<'a> {
    Source::Repository(Wanted {
        revision,
        chain: args.chain,
    })
}

fn with_store(source: &Source<'_>, args: &BackupDiff, context: &Context<'_>) -> Result<Vec<Difference>> {
    let vault = vault::open(&args.keys.paths, context)?;
    let after = Contents::of_store(&capture(&vault.contents.store)?)?;
    let access = match vault.keyring {
        Some(keyring) => backup::of_keyring(keyring.into_keyring(), &args.keys.paths)?,
        None => backup::access(&args.keys.paths, context)?,
    };
    let known = backup::known_heads(Some(&access.keyring), context)?;
    let loaded = source.load(Some(access), &known, context)?;
    Ok(compare(&Contents::of_backup(&loaded.opened)?, &after))
}

fn table(differences: &[Difference]) -> Table {
    let mut table = Table::new(&["KIND", "ID", "NAME", "CHANGE", "MEMBERS"])
        .cut(&["NAME"])
        .wrapped(&["MEMBERS"]);
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
