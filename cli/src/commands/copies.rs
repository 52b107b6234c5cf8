//! Which copy of a site a command that prints its values takes.

use zkvault_core::trust::{Finding, Permission, Use, permission};

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use zkvault::store::{Entry, Slot, Standing, StoreError};
use zkvault::vault::Contents;

/// What a person wants to see of a site.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Of a value that was replaced, the one before.
    pub(super) trusted: bool,
    /// Whether values come out.
    pub(super) secrets: bool,
}

/// The copy to read from, after what was found at the site was said. A copy of the store's own revision is new, which is said as well, because a value of another account with the same key and number looks like an honest change.
/// A value that was replaced is shown on a terminal only,
/// next to the note about it: a program that is given a wrong one notices nothing.
pub(super) fn readable(
    entry: &Entry<'_>,
    findings: &[Finding],
    contents: &Contents,
    wanted: Wanted,
    context: &Context<'_>,
) -> Result<Slot> {
    let slot = entry.copy().ok_or(StoreError::DamagedSite(entry.id))?;
    if wanted.secrets
        && entry.standing == Standing::Ok
        && slot.revision > 1
        && slot.revision == contents.store.head().revision
    {
        let line = format!("{} changed when it was last synced or accepted", entry.label());
        context.output.note(&escaped(&line));
    }
    match permission(findings, Use::Read, entry.trusted.is_some()) {
        Permission::Allowed => return Ok(slot),
        Permission::Warned => {}
        _ => return Err(refused(entry)),
    }
    let replaced = entry.candidate.filter(|_| entry.standing == Standing::ValueReplaced);
    // What is trusted on first use is said by the sync, and by zkv status: not by every command.
    if entry.standing == Standing::FirstUse {
        return Ok(slot);
    }
    let what = contents.found(entry, findings);
    let line = format!("{}: {}: {what}", entry.label(), entry.standing.name());
    let line = escaped(&line);
    match replaced {
        None => context.output.warning(&line),
        Some(_) if wanted.trusted => context.output.note(&format!("{line}; this is the value before")),
        Some(_) if wanted.secrets && !context.output.is_terminal() => return Err(unseen(entry, &what)),
        Some(new) => {
            context.output.note(&format!(
                "{line}; this is the new value, --trusted gives the one before"
            ));
            return Ok(new);
        }
    }
    Ok(slot)
}

fn refused(entry: &Entry<'_>) -> CliError {
    let message = format!(
        "{} was tampered with, and there is no trusted copy of it",
        entry.label()
    );
    CliError::new(Exit::Integrity, "refused", message).hint(format!("zkv trust {} shows what was found", entry.id))
}

fn unseen(entry: &Entry<'_>, what: &str) -> CliError {
    CliError::new(
        Exit::Integrity,
        "value-replaced",
        format!("a value of {} was replaced, and nobody accepted it", entry.label()),
    )
    .cause(what)
    .hint(format!(
        "zkv trust {} shows it and accepts it; --trusted gives the value before",
        entry.id
    ))
}
