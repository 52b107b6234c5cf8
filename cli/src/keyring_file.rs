//! The profile's keyring, with the passphrase that a person or the environment gives.

use std::path::Path;

use zkvault::core::kdf::KdfParams;
use zkvault::core::keyring::Keyring;
use zkvault::keyring_file::{KeyringFile, KeyringFileError, OpenKeyring, VacantKeyringFile};
use zkvault::time;

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::output::Patience;
use crate::{agent, passphrase};

/// What takes long on a slow machine, on purpose.
const DERIVATION: &str = "the key that is derived from the passphrase";

/// Makes a keyring, unless there is one: it is never replaced.
pub(crate) fn create(context: &Context<'_>, params: KdfParams, allow_weak: bool) -> Result<Keyring> {
    let place = VacantKeyringFile::reserve(&context.profile()?.keyring_path()).map_err(|error| match error {
        KeyringFileError::Exists { .. } => {
            CliError::from(error).hint("zkv --profile NAME init creates a second one beside it")
        }
        error => error.into(),
    })?;
    let passphrase = context.chosen(passphrase::new(context.prompt, context.output, allow_weak)?);
    Ok(place.create(&passphrase, params, time::now()?)?)
}

/// Opens the keyring for as long as a command takes.
pub(crate) fn open(context: &Context<'_>) -> Result<OpenKeyring> {
    open_as(KeyringFile::open, context)
}

/// Opens the keyring to read from it.
pub(crate) fn unlock(context: &Context<'_>) -> Result<Keyring> {
    let file = KeyringFile::open(&context.profile()?.keyring_path())?;
    let file = match agent::open(file, context) {
        Ok(opened) => return Ok(opened.into_keyring()),
        Err(file) => file,
    };
    context.with_passphrase(|passphrase| {
        let _patience = Patience::with(DERIVATION);
        Ok(file.unlock_to_read(passphrase)?)
    })
}

/// Opens the keyring, lets `change` do something to it, and saves it. When `change` fails the file stays as it was.
pub(crate) fn change<T>(context: &Context<'_>, change: impl FnOnce(&mut Keyring) -> Result<T>) -> Result<T> {
    let mut opened = open_to_change(context)?;
    let before = opened.keyring().unlock_key_id();
    let result = opened.update(change)?;
    agent::renew(before, opened.keyring(), context);
    Ok(result)
}

/// Opens the keyring, and keeps others from changing it.
pub(crate) fn open_to_change(context: &Context<'_>) -> Result<OpenKeyring> {
    open_as(KeyringFile::open_to_change, context)
}

/// With the key that the agent has, else with the passphrase.
fn open_as(
    open: impl Fn(&Path) -> std::result::Result<KeyringFile, KeyringFileError>,
    context: &Context<'_>,
) -> Result<OpenKeyring> {
    let path = context.profile()?.keyring_path();
    // Before anybody is asked for a passphrase: the file must be there and in order, nobody else is changing it, and its
    // folder can be written where that is wanted.
    if let Ok(opened) = agent::open(open(&path)?, context) {
        return Ok(opened);
    }
    context.with_passphrase(|passphrase| {
        let _patience = Patience::with(DERIVATION);
        Ok(open(&path)?.unlock(passphrase)?)
    })
}
