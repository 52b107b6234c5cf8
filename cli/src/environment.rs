//! Environment variables, read in one place: an empty variable is an unset one.

use std::ffi::OsString;
use std::path::PathBuf;

use zkvault_core::SecretText;

use crate::error::{CliError, Result};

/// A variable that holds a path.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    read(name).map(PathBuf::from)
}

/// Whether a switch such as `ZKV_NO_INPUT` is on: set to anything but `0` or `false`.
pub(crate) fn switch(name: &str) -> bool {
    read(name).is_some_and(|value| value != "0" && value != "false")
}

/// A variable that holds a secret. Our copy is wiped; the environment itself is the caller's.
pub(crate) fn secret(name: &str) -> Result<Option<SecretText>> {
    read(name)
        .map(|value| {
            let text = value.into_string();
            text.map(SecretText::from)
                .map_err(|_| CliError::usage(format!("{name} is not UTF-8 text")))
        })
        .transpose()
}

/// A variable that holds plain text.
pub(crate) fn text(name: &str) -> Result<Option<String>> {
    read(name)
        .map(|value| {
            value
                .into_string()
                .map_err(|_| CliError::usage(format!("{name} is not UTF-8 text")))
        })
        .transpose()
}

fn read(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}
