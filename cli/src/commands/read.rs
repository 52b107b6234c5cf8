//! `zkv read`.

use serde::Serialize;
use zkvault::vault::Opened;
use zkvault_core::reference::Reference;
use zkvault_core::value::Layout;
use zkvault_core::vendor::Trust;

use super::copies::{self, Wanted};
use super::copy;
use crate::args::Read;
use crate::clipboard;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped_lines;
use crate::vault::{self, Vault};

pub(crate) fn run(args: &Read, context: &Context<'_>) -> Result<Exit> {
    let references = args.references.iter().map(|text| Reference::of(text));
    let references = references.collect::<std::result::Result<Vec<_>, _>>()?;
    if let Some(wanted) = args.copying.wanted()? {
        let [reference] = references.as_slice() else {
            return Err(CliError::usage(
                "the clipboard takes one value, and several were asked for",
            ));
        };
        clipboard::must_be_possible(wanted)?;
        let vault = vault::open(&args.keys.paths, context)?;
        return copy::value(&vault, reference, wanted, context);
    }
    let vault = vault::open(&args.keys.paths, context)?;
    let values = references
        .iter()
        .map(|reference| read(&vault, reference, args.trusted, context));
    // All of them before the first is printed.
    let values = values.collect::<Result<Vec<_>>>()?;
    match values.as_slice() {
        values if context.output.is_json() => print_json(values, context)?,
        [value] => context.output.bare(value.text.expose_secret())?,
        values => print(&references, values, context)?,
    }
    Ok(Exit::Success)
}

fn read(vault: &Vault, reference: &Reference, trusted: bool, context: &Context<'_>) -> Result<Opened> {
    let index = vault.contents.index();
    let entry = vault.contents.find(&index, &reference.site)?;
    let findings = vault.contents.store.findings(&entry)?;
    let wanted = Wanted { trusted, secrets: true };
    let slot = copies::readable(&entry, &findings, &vault.contents, wanted, context)?;
    Ok(vault.contents.open_copy(&entry, slot, &reference.field)?)
}

/// A plaintext that a person asked to see, and what is to be known of it.
#[derive(Serialize)]
struct Shown<'a> {
    value: &'a str,
    /// None of an address, which is not sealed.
    layout: Option<&'a str>,
    trust: Option<Trust>,
}

impl<'a> Shown<'a> {
    fn new(Opened { text, layout }: &'a Opened) -> Self {
        Self {
            value: text.expose_secret(),
            layout: layout.as_ref().map(Layout::name),
            trust: layout.as_ref().map(Layout::trust),
        }
    }
}

/// One value as an object, several as an array of them.
fn print_json(values: &[Opened], context: &Context<'_>) -> Result<()> {
    match values {
        [value] => context.output.json(&Shown::new(value)),
        values => context.output.json(&values.iter().map(Shown::new).collect::<Vec<_>>()),
    }
}

/// Prints several values, one a line.
fn print(references: &[Reference], values: &[Opened], context: &Context<'_>) -> Result<()> {
    let broken = |value: &Opened| value.text.expose_secret().contains(['\n', '\r']);
    if let Some((reference, _)) = references.iter().zip(values).find(|(_, value)| broken(value)) {
        let message = format!("{reference} has several lines, and values are printed one a line");
        return Err(CliError::usage(message).hint("read it alone, or pass --json"));
    }
    for value in values {
        let text = value.text.expose_secret();
        match context.output.is_terminal() {
            true => context.output.line(&escaped_lines(text))?,
            false => context.output.line(text)?,
        }
    }
    Ok(())
}
