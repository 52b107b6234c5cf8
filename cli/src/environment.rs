//! Environment variables, read in one place: an empty variable is an unset one.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use zeroize::Zeroizing;
use zkvault_core::{SecretText, text};

use crate::error::{CliError, Result};

/// A variable that holds a path.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    read(name).map(PathBuf::from)
}

/// Whether a switch such as `ZKV_NO_INPUT` is on: set to anything but `0` or `false`.
pub(crate) fn switch(name: &str) -> bool {
    read(name).is_some_and(|value| value != "0" && value != "false")
}

/// The files that variables such as `ZKV_SAS_FILE` name: each holds a secret.
pub(crate) fn secret_files() -> BTreeSet<PathBuf> {
    let names_one = |name: &OsString| {
        let name = name.to_string_lossy();
        name.starts_with("ZKV_") && name.ends_with("_FILE")
    };
    let set = std::env::vars_os().filter(|(name, value)| names_one(name) && !value.is_empty());
    set.map(|(_, value)| value.into()).collect()
}

/// A variable that holds a secret, without line ends after it. Our copy is wiped; the environment itself is the caller's.
pub(crate) fn secret(name: &str) -> Result<Option<SecretText>> {
    let Some(value) = utf8(name)?.map(Zeroizing::new) else {
        return Ok(None);
    };
    let unusable = |cause: String| CliError::usage(format!("{name} cannot be used")).cause(cause);
    match text::secret(value.as_bytes()) {
        Ok(secret) if secret.expose_secret().is_empty() => Err(unusable("it is empty".to_owned())),
        secret => secret.map(Some).map_err(|error| unusable(error.to_string())),
    }
}

/// A variable that holds an identifier, an address or a path of a service, without white space around it.
pub(crate) fn text(name: &str) -> Result<Option<String>> {
    Ok(utf8(name)?.map(|value| text::trimmed(&value).to_owned()))
}

fn utf8(name: &str) -> Result<Option<String>> {
    let text = read(name).map(OsString::into_string).transpose();
    text.map_err(|_| CliError::usage(format!("{name} is not UTF-8 text")))
}

fn read(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
