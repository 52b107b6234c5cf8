//! `zkv key derive`.

use std::sync::Arc;

use zkvault::fs;
use zkvault_core::kdf::VendorKdf;
use zkvault_core::key::VaultKey;
use zkvault_core::keyring::KeyOrigin;

use super::add_and_print;
use super::export::written;
use crate::args::{KeyDerive, KeyEncoding};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::passphrase;

const HINT: &str = "set ZKV_MASTER_PASSWORD_FILE to a file that holds the master password, or ZKV_MASTER_PASSWORD";

pub(crate) fn run(args: &KeyDerive, context: &Context<'_>) -> Result<Exit> {
    let key = Arc::new(derive(args, context)?);
    if let Some(path) = &args.output {
        fs::write(
            path,
            &written(key.expose_secret(), KeyEncoding::Hex),
            fs::Existing::replace_if(args.force),
        )?;
        return Ok(Exit::Success);
    }
    add_and_print(context, key, &args.entry, KeyOrigin::VendorDerived)
}

fn derive(args: &KeyDerive, context: &Context<'_>) -> Result<VaultKey> {
    let profile = match args.legacy_sha1 {
        true => VendorKdf::Legacy,
        false => VendorKdf::Current {
            iterations: args.iterations,
        },
    };
    let given = passphrase::from_environment("ZKV_MASTER_PASSWORD")?;
    let password = given.map_or_else(|| context.prompt.secret("Master password", HINT), Ok)?;
    profile
        .derive_key(&args.username, args.server_salt.as_deref(), &password)
        .map_err(|error| CliError::usage("no key was derived").cause(error))
}
