//! The keys that name and open what is in a repository.

use std::path::PathBuf;
use std::sync::Arc;

use zkvault::repository::RepositoryKeys;
use zkvault_core::keyring::Keyring;

use crate::args::RequireKey;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::opened_by::Required;
use crate::{key_source, keychain, keyring_file};

/// Those of key files where some were given, else those of the keyring.
pub(crate) fn for_opening(files: &[PathBuf], context: &Context<'_>) -> Result<RepositoryKeys> {
    for_download(files, &RequireKey::default(), context).map(|(keys, _)| keys)
}

/// The same, and which of them have to open a file.
pub(crate) fn for_download(
    files: &[PathBuf],
    required: &RequireKey,
    context: &Context<'_>,
) -> Result<(RepositoryKeys, Required)> {
    let files = key_source::selected(files);
    if !files.is_empty() {
        let keys = files.iter().map(|file| key_source::read(file)).collect::<Result<_>>()?;
        return Ok((RepositoryKeys::new(keys), Required::new(required, None)?));
    }
    let keyring = keyring_file::unlock(context)?;
    let default = keychain::find(&keyring, None)?.key();
    let keys = RepositoryKeys::opening(default, &keyring);
    Ok((keys, Required::new(required, Some(&keyring))?))
}

/// The one that seals, and the others of its line: a key file, or the keyring's key of that name, or its default key.
pub(crate) fn for_sealing(files: &[PathBuf], name: Option<&str>, context: &Context<'_>) -> Result<RepositoryKeys> {
    let files = match name {
        Some(_) => files.to_vec(),
        None => key_source::selected(files),
    };
    match (files.as_slice(), name) {
        ([file], None) => Ok(RepositoryKeys::new(vec![key_source::read(file)?])),
        ([], _) => of_keyring(&keyring_file::unlock(context)?, name),
        _ => Err(CliError::usage(
            "one key encrypts: give one --key-file, or --key, and not both",
        )),
    }
}

/// A key of the keyring that seals, and after it all others.
pub(crate) fn of_keyring(keyring: &Keyring, name: Option<&str>) -> Result<RepositoryKeys> {
    let entry = keychain::find_to_seal(keyring, name)?;
    Ok(RepositoryKeys::opening(&Arc::clone(entry.key()), keyring))
}
