//! The settings, and where each comes from: a flag, the environment, the profile's file, or a default, in this order.
//!
//! A flag is in the arguments of its command, which looks there before it asks here.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use anstream::ColorChoice;
use zkvault::config::{Config, Setting};
use zkvault::time;

use crate::environment;
use crate::error::{CliError, Result};

/// What the profile's file holds. It is read once, before the command runs.
static FILE: OnceLock<Config> = OnceLock::new();

/// Where a value comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Default,
    File,
    Environment,
    Flag,
}

impl Source {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::File => "file",
            Self::Environment => "environment",
            Self::Flag => "flag",
        }
    }
}

/// Reads the profile's file, where there is one, and follows what it says about colours.
pub(crate) fn load(file: Option<&Path>) -> Result<()> {
    if let Some(file) = file {
        let config = Config::read(file)?;
        FILE.get_or_init(|| config);
    }
    follow_colour()
}

/// The environment variable of a setting.
pub(crate) fn variable(setting: Setting) -> &'static str {
    match setting {
        Setting::AccountUrl => "ZKV_LOGMEONCE_URL",
        Setting::LoomeUrl => "ZKV_LOOME_URL",
        Setting::LoomeIdentityUrl => "ZKV_LOOME_IDENTITY_URL",
        Setting::KeyFile => "ZKV_KEY_FILE",
        Setting::Keyring => "ZKV_KEYRING",
        Setting::Repo => "ZKV_REPO",
        Setting::SasFile => "ZKV_SAS_FILE",
        Setting::VendorLayouts => "ZKV_VENDOR_LAYOUTS",
        Setting::Iso => "ZKV_ISO",
        Setting::Idle => "ZKV_IDLE",
        Setting::ClearAfter => "ZKV_CLEAR_AFTER",
        _ => "ZKV_COLOUR",
    }
}

/// What the profile's file says, and nothing else.
pub(crate) fn in_file(setting: Setting) -> Option<&'static str> {
    FILE.get().and_then(|config| config.get(setting))
}

/// A text of the environment, or else of the file.
pub(crate) fn text(setting: Setting) -> Result<Option<String>> {
    let given = environment::text(variable(setting))?;
    Ok(given.or_else(|| in_file(setting).map(str::to_owned)))
}

/// A path of the environment, or else of the file.
pub(crate) fn path(setting: Setting) -> Option<PathBuf> {
    environment::path(variable(setting)).or_else(|| in_file(setting).map(PathBuf::from))
}

/// Whether a switch is on: in the environment, or else in the file.
pub(crate) fn switch(setting: Setting) -> bool {
    match environment::path(variable(setting)) {
        Some(_) => environment::switch(variable(setting)),
        None => in_file(setting) == Some("true"),
    }
}

/// A text of the environment, which has to be one that the setting can have, or else of the file, which was checked.
fn checked(setting: Setting) -> Result<Option<String>> {
    let given = checked_variable(setting)?;
    Ok(given.or_else(|| in_file(setting).map(str::to_owned)))
}

fn checked_variable(setting: Setting) -> Result<Option<String>> {
    let name = variable(setting);
    let Some(value) = environment::text(name)? else {
        return Ok(None);
    };
    let refused = |error| CliError::usage(format!("{name} cannot be used")).cause(error);
    setting.check(&value).map_err(refused)?;
    Ok(Some(value))
}

/// After how long without use the agent locks, where somebody says so.
pub(crate) fn idle() -> Result<Option<Duration>> {
    Ok(checked(Setting::Idle)?.and_then(|text| time::parse_duration(&text)))
}

/// After how many seconds the clipboard is cleared, where somebody says so.
pub(crate) fn clear_after() -> Result<Option<u64>> {
    Ok(checked(Setting::ClearAfter)?.and_then(|text| text.parse().ok()))
}

/// The value of a setting, where there is one, and where it comes from.
pub(crate) fn resolved(setting: Setting) -> Result<(Option<String>, Source)> {
    if setting == Setting::Colour {
        return colour().map(|(value, source)| (Some(value), source));
    }
    let given = environment::path(variable(setting));
    Ok(match (given, in_file(setting)) {
        (Some(given), _) => (Some(given.display().to_string()), Source::Environment),
        (None, Some(value)) => (Some(value.to_owned()), Source::File),
        (None, None) => (None, Source::Default),
    })
}

fn colour() -> Result<(String, Source)> {
    if let Some(value) = checked_variable(Setting::Colour)? {
        return Ok((value, Source::Environment));
    }
    if environment::path("NO_COLOR").is_some() {
        return Ok(("never".to_owned(), Source::Environment));
    }
    if environment::switch("CLICOLOR_FORCE") {
        return Ok(("always".to_owned(), Source::Environment));
    }
    Ok(match in_file(Setting::Colour) {
        Some(value) => (value.to_owned(), Source::File),
        None => ("auto".to_owned(), Source::Default),
    })
}

fn follow_colour() -> Result<()> {
    match colour()?.0.as_str() {
        "always" => ColorChoice::Always.write_global(),
        "never" => ColorChoice::Never.write_global(),
        _ => {}
    }
    Ok(())
}
