//! `zkv copy`.

use zkvault::core::reference::Reference;
use zkvault::core::trust::Use;

use super::used;
use crate::args::{Clipboard, Copy};
use crate::clipboard;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::vault::{self, Vault};

pub(crate) fn run(args: &Copy, context: &Context<'_>) -> Result<Exit> {
    let mut reference = Reference::of(&args.site)?;
    if let Some(field) = &args.field {
        if args.site.contains("zkv://") {
            return Err(CliError::usage("a reference names its field itself: leave FIELD out"));
        }
        reference.field.clone_from(field);
    }
    clipboard::must_be_possible(&args.clipboard)?;
    let vault = vault::open(&args.keys.paths, context)?;
    value(&vault, &reference, &args.clipboard, context)
}

/// Copies the value of a reference, unless its site changed and was not accepted.
pub(super) fn value(vault: &Vault, reference: &Reference, wanted: &Clipboard, context: &Context<'_>) -> Result<Exit> {
    let index = vault.contents.index();
    let value = vault.contents.read_for(&index, reference, Use::Copy)?;
    used::warn(&value, context);
    clipboard::copy(
        &value.text,
        &format!("{} of {}", reference.field, value.site),
        wanted,
        context,
    )
}
