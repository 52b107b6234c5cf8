//! Environment variables, read in one place: an empty variable is an unset one.

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

/// A variable that holds a secret, without line ends after it. Our copy is wiped; the environment itself is the caller's.
pub(crate) fn secret(name: &str) -> Result<Option<SecretText>> {
    let value = utf8(name)?.map(Zeroizing::new);
    let secret = value.map(|value| text::secret(value.as_bytes()));
    secret
        .transpose()
        .map_err(|error| CliError::usage(format!("{name} cannot be used")).cause(error))
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
