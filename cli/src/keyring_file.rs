//! The profile's keyring, with the passphrase that a person or the environment gives.

use std::sync::atomic::{AtomicBool, Ordering};

use zkvault::core::kdf::KdfParams;
use zkvault::core::keyring::Keyring;
use zkvault::keyring_file::{KeyringFile, KeyringFileError, OpenKeyring, VacantKeyringFile};
use zkvault::time;

use crate::context::Context;
use crate::error::{CliError, Result};
use crate::{output, passphrase};

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
    let path = context.profile()?.keyring_path();
    // Before anybody is asked for a passphrase: the file must be there and in order.
    KeyringFile::open(&path)?;
    let opened = context.with_passphrase(|passphrase| Ok(KeyringFile::open(&path)?.unlock(passphrase)?))?;
    note_weakness(opened.keyring());
    Ok(opened)
}

/// Opens the keyring to read from it.
pub(crate) fn unlock(context: &Context<'_>) -> Result<Keyring> {
    let file = KeyringFile::open(&context.profile()?.keyring_path())?;
    let keyring = context.with_passphrase(|passphrase| Ok(file.unlock_to_read(passphrase)?))?;
    note_weakness(&keyring);
    Ok(keyring)
}

/// Opens the keyring, lets `change` do something to it, and saves it. When `change` fails the file stays as it was.
pub(crate) fn change<T>(context: &Context<'_>, change: impl FnOnce(&mut Keyring) -> Result<T>) -> Result<T> {
    open_to_change(context)?.update(change)
}

/// Opens the keyring, and keeps others from changing it.
pub(crate) fn open_to_change(context: &Context<'_>) -> Result<OpenKeyring> {
    let path = context.profile()?.keyring_path();
    // Before anybody is asked for a passphrase: nobody else is changing it, and its folder can be written.
    KeyringFile::open_to_change(&path)?;
    context.with_passphrase(|passphrase| Ok(KeyringFile::open_to_change(&path)?.unlock(passphrase)?))
}

/// Tells a person, on a terminal and once a run, that the passphrase is easier to guess than it need be.
fn note_weakness(keyring: &Keyring) {
    static NOTED: AtomicBool = AtomicBool::new(false);
    if keyring.is_weak() && !NOTED.swap(true, Ordering::Relaxed) {
        output::aside(
            "a guess at this keyring's passphrase costs less than today's default: zkv passphrase change raises it",
        );
    }
}
