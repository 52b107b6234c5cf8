//! `zkv read`.

use zkvault_core::reference::Reference;
use zkvault_core::text::trimmed;

use super::copies::{self, Wanted};
use crate::args::Read;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::vault;

pub(crate) fn run(args: &Read, context: &Context<'_>) -> Result<Exit> {
    let reference = parse(&args.reference)?;
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index()?;
    let entry = vault.contents.find(&index, &reference.site)?;
    let findings = vault.contents.store.findings(&entry)?;
    let wanted = Wanted {
        trusted: args.trusted,
        secrets: true,
    };
    let slot = copies::readable(&entry, &findings, &vault.contents, wanted, context)?;
    let value = vault.contents.read_copy(&entry, slot, &reference.field)?;
    context.output.bare(value.expose_secret())?;
    Ok(Exit::Success)
}

/// What is read when only a site is named.
const USUAL_FIELD: &str = "password";

/// A reference, or only what names its site.
fn parse(text: &str) -> Result<Reference> {
    match text.contains("zkv://") {
        true => Ok(trimmed(text).parse()?),
        false => Ok(Reference {
            site: text.to_owned(),
            field: USUAL_FIELD.to_owned(),
        }),
    }
}
