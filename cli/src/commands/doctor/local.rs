//! The files on this machine.

use std::io;
use std::path::Path;

use zkvault::core::kdf::KdfParams;
use zkvault::fs;
use zkvault::keyring_file::KeyringFile;

use super::{Check, State};
use crate::context::Context;
use crate::environment;
use crate::error::{CliError, Exit, Result};

pub(super) fn checks(context: &Context<'_>) -> Result<Vec<Check>> {
    let profile = context.profile()?;
    let keyring = profile.keyring_path();
    let mut checks = Vec::new();
    if let Some(folder) = keyring.parent() {
        checks.push(private("config folder", folder, "700"));
    }
    if let Some(folder) = profile.store_path()?.parent() {
        checks.push(private("data folder", folder, "700"));
    }
    match KeyringFile::open(&keyring).map_err(CliError::from) {
        Ok(file) => {
            checks.push(private("keyring", &keyring, "600"));
            checks.push(cost(file.params()));
        }
        Err(error) if error.exit == Exit::NotFound => checks.push(Check::failed("keyring", State::Warn, error)),
        Err(error) => checks.push(Check::failed("keyring", State::Fail, error)),
    }
    let named = environment::secret_files();
    checks.extend(named.iter().map(|file| private("secret file", file, "600")));
    Ok(checks)
}

/// What a guess at the passphrase costs somebody who has the file.
fn cost(params: KdfParams) -> Check {
    let shown = format!(
        "Argon2id with {} MiB and {} passes",
        params.memory_kib() / 1024,
        params.iterations()
    );
    match params.is_below_default() {
        false => Check::new("passphrase", State::Ok, shown),
        true => Check::new("passphrase", State::Warn, format!("{shown}, less than today's default"))
            .hint("zkv passphrase change, or any other change of the keyring, raises it"),
    }
}

/// The command that keeps others out.
fn closing(path: &str, mode: &str) -> String {
    match cfg!(windows) {
        true => {
            let folder = if mode == "700" { "(OI)(CI)" } else { "" };
            format!("icacls \"{path}\" /inheritance:r /grant:r \"%USERNAME%:{folder}F\"")
        }
        false => format!("chmod {mode} {path}"),
    }
}

/// Whether others than the owner are kept out.
fn private(check: &'static str, path: &Path, mode: &str) -> Check {
    let shown = path.display();
    match fs::is_private(path) {
        Ok(true) => Check::new(check, State::Ok, shown.to_string()),
        Ok(false) => {
            Check::new(check, State::Warn, format!("others may read {shown}")).hint(closing(&shown.to_string(), mode))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Check::new(check, State::Ok, format!("{shown} is not there yet"))
        }
        Err(error) => Check::failed(check, State::Fail, CliError::file("look at", path, &error)),
    }
}
