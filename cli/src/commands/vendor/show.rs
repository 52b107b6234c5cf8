//! `zkv vendor show`.

use zkvault_core::vendor::{Layout, LayoutDocument, Trust, catalog};

use crate::args::VendorShow;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::layouts;
use crate::output::Table;

pub(crate) fn run(args: &VendorShow, context: &Context<'_>) -> Result<Exit> {
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
    match context.output.is_json() {
        true => context.output.json(&document(shown)?)?,
        false => context.output.table(&table(&shown))?,
    }
    Ok(Exit::Success)
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
