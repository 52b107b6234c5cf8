//! `zkv init`.

use serde::Serialize;
use zkvault_core::kdf::KdfParams;

use crate::args::{Init, KdfCost};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;
use crate::output::Table;

#[derive(Serialize)]
struct Made {
    keyring: String,
    identity: String,
    key_id: String,
    key_label: String,
}

pub(crate) fn run(args: &Init, context: &Context<'_>) -> Result<Exit> {
    let params = params(&args.kdf)?;
    let keyring = keyring_file::create(context, params, args.allow_weak)?;
    let key = crate::keychain::find(&keyring, None)?;
    let made = Made {
        keyring: context.profile()?.keyring_path().display().to_string(),
        identity: keyring.identity().public().to_string(),
        key_id: key.id().to_string(),
        key_label: key.label().to_owned(),
    };
    let mut table = Table::new(&["KEYRING", "IDENTITY", "KEY ID", "LABEL"]);
    table.row([
        made.keyring.clone(),
        made.identity.clone(),
        made.key_id.clone(),
        made.key_label.clone(),
    ]);
    context.output.rows(&table, &made)?;
    context
        .output
        .note("Keep a copy of the keyring file and remember the passphrase: nobody can recover either.");
    Ok(Exit::Success)
}

fn params(cost: &KdfCost) -> Result<KdfParams> {
    let memory_kib = u32::try_from(cost.kdf_memory / 1024).unwrap_or(u32::MAX);
    KdfParams::new(memory_kib, cost.kdf_passes, cost.kdf_lanes)
        .map_err(|error| CliError::usage("the cost of an attempt at the passphrase is out of limits").cause(error))
}
