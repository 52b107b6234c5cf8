//! `zkv key import`.

use std::path::Path;

use zkvault_core::key::VaultKey;
use zkvault_core::keyring::KeyOrigin;
use zkvault_core::personal::PersonalKey;

use super::add_and_print;
use crate::args::KeyImport;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{input, key_source, keyring_file};

pub(crate) fn run(args: &KeyImport, context: &Context<'_>) -> Result<Exit> {
    let key = match args.file.as_os_str() == "-" {
        true => key_source::read_from(input::stdin()?, Path::new("standard input"))?,
        false => key_source::read(&args.file)?,
    };
    if args.personal {
        return personal(&key, context);
    }
    add_and_print(context, key, &args.entry, KeyOrigin::Imported)
}

/// Behind the personal key in use: it opens what it made.
fn personal(key: &VaultKey, context: &Context<'_>) -> Result<Exit> {
    keyring_file::change(context, |keyring| {
        let key = PersonalKey::from_slice(key.expose_secret());
        let key = key.map_err(|error| CliError::new(Exit::Other, "key", "the key was not added").cause(error))?;
        let added = keyring.personal_keys_mut().add_former(key);
        added.map_err(|error| CliError::new(Exit::Other, "keyring-full", "the key was not added").cause(error))
    })?;
    context
        .output
        .note("the personal key was added: it opens the backups that it made, and seals nothing");
    Ok(Exit::Success)
}
