//! `zkv read`.

use zkvault_core::key::KeySet;
use zkvault_core::model::Site;
use zkvault_core::reference::Reference;
use zkvault_core::site::find_field;
use zkvault_core::text::trimmed;
use zkvault_core::trust::{Permission, Use, permission, summary};
use zkvault_core::value::{EnvelopeError, OpenValueError, OpenedValue};

use crate::args::Read;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::reference;
use crate::vault;

pub(crate) fn run(args: &Read, context: &Context<'_>) -> Result<Exit> {
    let reference = parse(&args.reference)?;
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.index()?;
    let entry = reference::find_site(&vault, &index, &reference.site)?;
    let findings = vault.store.findings(&entry)?;
    match permission(&findings, Use::Read) {
        Permission::Allowed => {}
        Permission::Refused => return Err(refused(&entry.label())),
        _ => {
            let what = summary(&findings, None);
            let warning = format!("{}: {}: {what}", entry.label(), entry.standing.name());
            context.output.warning(&escaped(&warning));
        }
    }
    let slot = entry
        .copy()
        .ok_or_else(|| zkvault::store::StoreError::DamagedSite(entry.id))?;
    let site = vault.store.site(entry.id, slot)?;
    let value = open(&site, &reference.field, &vault.keys)?;
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

fn open(site: &Site, wanted: &str, keys: &KeySet) -> Result<OpenedValue> {
    let input = find_field(site, wanted)?.input;
    let refused = |exit, code, cause: String| {
        CliError::new(
            exit,
            code,
            format!("the field {wanted:?} of site {} did not open", site.id),
        )
        .cause(cause)
    };
    let Some(value) = &input.value else {
        return Err(no_value(site, wanted));
    };
    let envelope = value.envelope().map_err(|error| match error {
        EnvelopeError::Empty => no_value(site, wanted),
        _ => refused(Exit::Integrity, "malformed", error.to_string()),
    })?;
    let opened = envelope.open(keys, Some(&input.context(site.id)));
    opened.map_err(|error: OpenValueError| {
        refused(Exit::Integrity, error.code(), error.to_string())
            .hint("try the key it was sealed under with --key-file")
    })
}

fn no_value(site: &Site, wanted: &str) -> CliError {
    let message = format!("the field {wanted:?} of site {} has no value", site.id);
    CliError::new(Exit::NotFound, "no-value", message)
}

fn refused(site: &str) -> CliError {
    CliError::new(Exit::Integrity, "refused", format!("{site} may not be read as it is"))
        .hint("zkv trust shows what changed")
}
