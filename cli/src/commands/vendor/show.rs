//! `zkv vendor show`.

use serde::Serialize;
use zkvault_core::keyring::{Keyring, StoredLayout};
use zkvault_core::vendor::{Layout, LayoutDocument, Trust, catalog};

use crate::args::VendorShow;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;
use crate::{keyring_file, layouts};

pub(crate) fn run(args: &VendorShow, context: &Context<'_>) -> Result<Exit> {
    if args.stored {
        return print_stored(&keyring_file::unlock(context)?, context);
    }
    let mut shown = match &args.layouts {
        Some(path) => layouts::read(path)?,
        None => catalog::all().to_vec(),
    };
    if let Some(name) = &args.name {
        shown.retain(|layout| layout.name() == name);
        if shown.is_empty() {
            return Err(layouts::no_such_layout(name));
        }
    }
    let table = table(&shown);
    context.output.rows(&table, &document(shown)?)?;
    Ok(Exit::Success)
}

/// A layout of the keyring, for programs.
#[derive(Serialize)]
struct Kept<'a> {
    account: Option<&'a str>,
    layout: &'a str,
    trust: &'static str,
    kdf: String,
    opened: u32,
    confirmed: bool,
    allowed: bool,
}

/// Prints the layouts that a keyring has.
pub(super) fn print_stored(keyring: &Keyring, context: &Context<'_>) -> Result<Exit> {
    let of_accounts = keyring.vendor_layouts().iter();
    let kept = of_accounts.flat_map(|of| {
        let account = of.account().map(|account| account.as_str());
        of.layouts().iter().map(move |stored| Kept::new(account, stored))
    });
    let kept: Vec<_> = kept.collect();
    let mut table = Table::new(&["ACCOUNT", "LAYOUT", "TRUST", "OPENED", "KEY", "STATE"]);
    for row in &kept {
        table.row([
            row.account.unwrap_or("-").to_owned(),
            row.layout.to_owned(),
            row.trust.to_owned(),
            row.opened.to_string(),
            row.kdf.clone(),
            row.state().to_owned(),
        ]);
    }
    context.output.rows(&table, &kept)?;
    Ok(Exit::Success)
}

impl<'a> Kept<'a> {
    fn new(account: Option<&'a str>, stored: &'a StoredLayout) -> Self {
        Self {
            account,
            layout: stored.layout().name(),
            trust: trust(stored.layout()),
            kdf: stored.source().to_string(),
            opened: stored.opened(),
            confirmed: stored.is_confirmed(),
            allowed: stored.is_allowed(),
        }
    }

    fn state(&self) -> &'static str {
        match (self.confirmed, self.allowed) {
            (true, _) => "confirmed",
            (_, true) => "allowed",
            _ => "read only",
        }
    }
}

/// The layouts as a file has them.
pub(super) fn document(layouts: Vec<Layout>) -> Result<LayoutDocument> {
    LayoutDocument::new(layouts)
        .map_err(|error| CliError::new(Exit::Other, "layouts", "the layouts do not make a file").cause(error))
}

/// The word for a layout's trust in tables and JSON.
pub(super) fn trust(layout: &Layout) -> &'static str {
    match layout.trust() {
        Trust::Authenticated => "authenticated",
        Trust::Unauthenticated => "unauthenticated",
    }
}

fn table(layouts: &[Layout]) -> Table {
    let mut table = Table::new(&["LAYOUT", "TRUST", "CIPHER", "IV", "TAG", "PADDING", "KEY"]);
    for layout in layouts {
        let it = layout.description();
        let word = |value: serde_json::Result<String>| value.unwrap_or_default().trim_matches('"').to_owned();
        table.row([
            it.name.clone(),
            trust(layout).to_owned(),
            word(serde_json::to_string(&it.cipher)),
            it.iv.to_string(),
            it.tag.to_string(),
            word(serde_json::to_string(&it.padding)),
            word(serde_json::to_string(&it.key)),
        ]);
    }
    table
}
