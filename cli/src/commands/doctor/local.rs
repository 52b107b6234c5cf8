//! The files on this machine.

use std::io;
use std::path::Path;

use zkvault::fs;
use zkvault::keyring_file::KeyringFile;

use super::{Check, State};
use crate::context::Context;
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
    checks.push(match KeyringFile::open(&keyring).map_err(CliError::from) {
        Ok(_) => private("keyring", &keyring, "600"),
        Err(error) if error.exit == Exit::NotFound => Check::failed("keyring", State::Warn, error),
        Err(error) => Check::failed("keyring", State::Fail, error),
    });
    Ok(checks)
}

/// Whether others than the owner are kept out.
fn private(check: &'static str, path: &Path, mode: &str) -> Check {
    let shown = path.display();
    match fs::is_private(path) {
        Ok(true) => Check::new(check, State::Ok, shown.to_string()),
        Ok(false) => {
            Check::new(check, State::Warn, format!("others may read {shown}")).hint(format!("chmod {mode} {shown}"))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Check::new(check, State::Ok, format!("{shown} is not there yet"))
        }
        Err(error) => Check::failed(check, State::Fail, CliError::file("look at", path, &error)),
    }
}
