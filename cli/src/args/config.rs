//! Arguments of `zkv config`.

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};
use zkvault::config::Setting;

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// List the settings, their values, and where each value comes from
    #[command(after_help = "\
A value comes from a flag, else from the environment, else from the profile's
config.toml, else it is the default.

Examples:
  zkv config list
  zkv config list --json | jq -r '.[] | select(.from == \"environment\").name'")]
    List,
    Get(ConfigGet),
    Set(ConfigSet),
    Unset(ConfigUnset),
}

/// Print the value of a setting
#[derive(Debug, Args)]
#[command(after_help = "\
Ends with exit code 3 if the setting has no value.

Example:
  zkv config get account-url")]
pub(crate) struct ConfigGet {
    /// The setting
    #[arg(value_name = "NAME", value_parser = names())]
    pub(crate) setting: Setting,
}

/// Keep the value of a setting in the profile's config.toml
#[derive(Debug, Args)]
#[command(after_help = "\
There is no setting for a secret: the file is as readable as any other of
yours. A path is kept from the root of the file system.

Examples:
  zkv config set account-url https://company.logmeonce.com
  zkv config set key-file company.key
  zkv config set colour never
  zkv config set idle 30m")]
pub(crate) struct ConfigSet {
    /// The setting
    #[arg(value_name = "NAME", value_parser = names())]
    pub(crate) setting: Setting,
    /// Its value
    #[arg(value_name = "VALUE")]
    pub(crate) value: String,
}

/// Remove a setting from the profile's config.toml
#[derive(Debug, Args)]
#[command(after_help = "\
Also removes a name that is no setting, which every other command refuses.

Example:
  zkv config unset key-file")]
pub(crate) struct ConfigUnset {
    /// The setting, as the file names it
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// What a setting is for, in a line of help.
pub(crate) fn about(setting: Setting) -> &'static str {
    match setting {
        Setting::AccountUrl => "the address of your LogMeOnce account",
        Setting::LoomeUrl => "the address of Loome Assist",
        Setting::LoomeIdentityUrl => "the host of Loome Assist that gives tokens",
        Setting::KeyFile => "a key file, in place of the keyring's keys",
        Setting::Keyring => "the file of the keyring",
        Setting::Repo => "the data repository: PROJECT/REPOSITORY",
        Setting::SasFile => "a file with a container's address and its token",
        Setting::VendorLayouts => "a file of layouts for the vendor's values",
        Setting::Iso => "times as dates on a terminal too: true or false",
        Setting::Idle => "after how long without use the agent locks, such as 15m",
        Setting::ClearAfter => "after how many seconds the clipboard is cleared",
        _ => "colours: auto, always or never",
    }
}

fn names() -> impl TypedValueParser<Value = Setting> {
    let names = Setting::ALL.map(|setting| PossibleValue::new(setting.name()).help(about(setting)));
    PossibleValuesParser::new(names).try_map(|name| Setting::find(&name).ok_or("there is no such setting"))
}
