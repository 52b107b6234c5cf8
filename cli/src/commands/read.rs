//! `zkv read`.

use serde::{Serialize, Serializer};
use zkvault_core::SecretText;
use zkvault_core::reference::Reference;

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
        [value] => context.output.bare(value.expose_secret())?,
        _ => print(&references, &values, context)?,
    }
    Ok(Exit::Success)
}

fn read(vault: &Vault, reference: &Reference, trusted: bool, context: &Context<'_>) -> Result<SecretText> {
    let index = vault.contents.index()?;
    let entry = vault.contents.find(&index, &reference.site)?;
    let findings = vault.contents.store.findings(&entry)?;
    let wanted = Wanted { trusted, secrets: true };
    let slot = copies::readable(&entry, &findings, &vault.contents, wanted, context)?;
    Ok(vault.contents.read_copy(&entry, slot, &reference.field)?)
}

/// A plaintext that a person asked to see.
struct Shown<'a>(&'a SecretText);

impl Serialize for Shown<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.expose_secret().serialize(serializer)
    }
}

/// Prints several values, one a line.
fn print(references: &[Reference], values: &[SecretText], context: &Context<'_>) -> Result<()> {
    if context.output.is_json() {
        return context.output.json(&values.iter().map(Shown).collect::<Vec<_>>());
    }
    let broken = |value: &SecretText| value.expose_secret().contains(['\n', '\r']);
    if let Some((reference, _)) = references.iter().zip(values).find(|(_, value)| broken(value)) {
        let message = format!("{reference} has several lines, and values are printed one a line");
        return Err(CliError::usage(message).hint("read it alone, or pass --json"));
    }
    for value in values {
        match context.output.is_terminal() {
            true => context.output.line(&escaped_lines(value.expose_secret()))?,
            false => context.output.line(value.expose_secret())?,
        }
    }
    Ok(())
}
