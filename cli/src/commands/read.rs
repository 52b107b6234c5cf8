//! `zkv read`.

use zkvault_core::reference::Reference;
use zkvault_core::text::trimmed;
use zkvault_core::trust::summary;

use crate::args::Read;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::escaped;
use crate::vault;

pub(crate) fn run(args: &Read, context: &Context<'_>) -> Result<Exit> {
    let reference = parse(&args.reference)?;
    let vault = vault::open(&args.keys.paths, context)?;
    let value = vault.contents.read(&reference)?;
    if !value.warnings.is_empty() {
        let what = summary(&value.warnings, None);
        let warning = format!("{}: {}: {what}", value.site, value.standing.name());
        context.output.warning(&escaped(&warning));
    }
    context.output.bare(value.text.expose_secret())?;
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
