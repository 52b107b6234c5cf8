//! Values for other programs: which sites may be used so, and what is said about them.

use std::collections::BTreeMap;

use zkvault::core::reference::Reference;
use zkvault::core::trust::Use;
use zkvault::store::Standing;
use zkvault::vault::ReadValue;
use zkvault_core::SecretText;

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::output::escaped;
use crate::vault::Vault;

/// The values of references, each opened once.
#[derive(Default)]
pub(super) struct Values(BTreeMap<String, SecretText>);

impl Values {
    /// Opens all of them, for `usage`. One that fails ends it, with its reference in the error.
    pub(super) fn open<'r>(
        vault: &Vault,
        references: impl Iterator<Item = &'r Reference>,
        usage: Use,
        context: &Context<'_>,
    ) -> Result<Self> {
        let index = vault.contents.index();
        let mut values = BTreeMap::new();
        for reference in references {
            let name = reference.to_string();
            if values.contains_key(&name) {
                continue;
            }
            let value = vault.contents.read_for(&index, reference, usage);
            let value = value.map_err(|error| at(error.into(), &name))?;
            warn(&value, context);
            values.insert(name, value.text);
        }
        Ok(Self(values))
    }

    /// The value of a reference that was opened.
    pub(super) fn get(&self, reference: &Reference) -> Result<&SecretText> {
        let name = reference.to_string();
        self.0
            .get(&name)
            .ok_or_else(|| CliError::usage(format!("{name} was not opened")))
    }

    /// All of them.
    pub(super) fn texts(&self) -> impl Iterator<Item = &SecretText> {
        self.0.values()
    }

    /// The references, in the order of their letters.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

fn at(mut error: CliError, reference: &str) -> CliError {
    error.message = format!("{reference}: {}", error.message);
    error
}

/// Says what was found at the site of a value that may be used nevertheless.
pub(super) fn warn(value: &ReadValue, context: &Context<'_>) {
    // What is trusted on first use is said by the sync, and by zkv status: not by every command.
    if !value.warnings.is_empty() && value.standing != Standing::FirstUse {
        let line = format!("{}: {}: {}", value.site, value.standing.name(), value.found);
        context.output.warning(&escaped(&line));
    }
}
