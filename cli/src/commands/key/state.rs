//! `zkv key retire` and `zkv key reinstate`.

use zkvault::time;
use zkvault_core::keyring::{KeyStateError, Keyring};

use super::{KeyRow, print_keys};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{keychain, keyring_file};

pub(super) fn retire(name: &str, context: &Context<'_>) -> Result<Exit> {
    let now = time::now()?;
    change(name, context, |keyring, label| keyring.keys_mut().retire(label, now))
}

pub(super) fn reinstate(name: &str, context: &Context<'_>) -> Result<Exit> {
    change(name, context, |keyring, label| keyring.keys_mut().reinstate(label))
}

fn change(
    name: &str,
    context: &Context<'_>,
    change: impl FnOnce(&mut Keyring, &str) -> std::result::Result<(), KeyStateError>,
) -> Result<Exit> {
    let row = keyring_file::change(context, |keyring| {
        let label = keychain::find(keyring, Some(name))?.label().to_owned();
        change(keyring, &label).map_err(not_changed)?;
        keychain::find(keyring, Some(&label)).map(|entry| KeyRow::new(entry, keyring))
    })?;
    print_keys(context, std::slice::from_ref(&row), &row)?;
    Ok(Exit::Success)
}

fn not_changed(error: KeyStateError) -> CliError {
    let is_default = error == KeyStateError::IsDefault;
    let error = CliError::new(Exit::Other, "key", "the key was not changed").cause(error);
    match is_default {
        true => error.hint("zkv key rotate replaces it by a new key"),
        false => error,
    }
}
