//! `zkv backup sheet`.

use zkvault::backup::{OneAccount, Sheet, sheet};
use zkvault::{fs, time};

use crate::args::BackupSheet;
use crate::backup::{self, Behind, TerminalCatalog};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Document;
use crate::repo::Rights;

pub(crate) fn run(args: &BackupSheet, context: &Context<'_>) -> Result<Exit> {
    let document = Document::named(&args.output)?;
    let access = backup::access(&[], context)?;
    let mut known = backup::known_heads(Some(&access.keyring), context)?;
    let catalog = TerminalCatalog::new(Rights::Read, context)?;
    let chains = backup::wanted_chains(&access.chains, args.chain)?;
    let listing = catalog.list(&chains, &known, context.output)?;
    let account = OneAccount::of(&listing, &chains, args.chain)?;
    let place = catalog.place();
    let heads = known.of(&account.chains, &place);
    let newest = backup::newest(&account.records(), heads, false, Behind::Noted, context)?;
    newest.note_place(context).remember(&account, &place, &mut known)?;
    let found = account
        .own
        .iter()
        .find(|(_, record)| Some(record.head()) == newest.head);
    let (entry, record) = found.ok_or_else(|| {
        CliError::new(Exit::NotFound, "not-found", "there is no backup that opens").hint("zkv backup push makes one")
    })?;
    let page = sheet(&Sheet {
        account: &record.account,
        container: &place,
        chain: entry.tag,
        head: record.head(),
        fingerprint: &access.keyring.identity().public().fingerprint().to_string(),
        printed: time::now()?,
    });
    let page = document.of(&page);
    fs::write(&args.output, page.as_bytes(), fs::Existing::replace_if(args.force))?;
    known.remember_sheet(entry.tag, record.head())?;
    context.output.note(&format!(
        "zkv backup prune keeps backup {} and all later ones from now on",
        record.manifest.revision
    ));
    Ok(Exit::Success)
}
