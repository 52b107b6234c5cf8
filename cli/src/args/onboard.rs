//! Arguments of `zkv onboard`.

use std::path::PathBuf;

use clap::Args;

use super::ids::Consent;
use super::user::{duration, parameter};

/// Activate the people of a file, add them to groups, and write them letters
#[derive(Debug, Args)]
#[command(after_help = "\
The file has a header and a row for each person, as a spreadsheet writes it (CSV
with commas, semicolons or tabs, in UTF-8 or UTF-16). The header decides:

  user, email  an id, e-mail address, user name or full name; needed
  groups       names or ids, separated by semicolons, commas or |
  identity     what zkv identity show prints for the person: keys for it alone
  fingerprint  of the identity, as its owner told you; else zkv asks
  code         yes: keys under a one-time code

Other columns are ignored. Who has neither an identity nor a code joins groups
only. The folder gets letters (HTML and Markdown), activations, and apart from
both the codes: send a code through a different channel than the letter.

A run that was cut off is continued by the same command, which activates nobody
twice.

Examples:
  zkv onboard people.csv -o welcome --dry-run
  zkv onboard people.csv -o welcome --key company")]
pub(crate) struct Onboard {
    /// The file of people
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// The folder for letters, activations and codes
    #[arg(short, long, value_name = "DIR", required_unless_present = "dry_run")]
    pub(crate) output: Option<PathBuf>,
    /// Hand over this key of the keyring instead of a new one; repeatable
    #[arg(long = "key", value_name = "LABEL")]
    pub(crate) keys: Vec<String>,
    /// How long the activations may be used, such as 12h, 7d or 2w
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = duration)]
    pub(crate) expires: u64,
    /// The request's parameter for the key
    #[arg(long, value_name = "NAME", default_value = "key", value_parser = parameter)]
    pub(crate) key_parameter: String,
    /// Show what would be done, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
}
