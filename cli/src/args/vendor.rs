//! Arguments of the commands around the vendor's layouts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ids::Consent;
use super::values::{Destination, KeyFiles};

#[derive(Debug, Subcommand)]
pub(crate) enum VendorCommand {
    Discover(VendorDiscover),
    Show(VendorShow),
    Export(VendorExport),
    Import(VendorImport),
    Forget(VendorForget),
    Confirm(VendorConfirm),
    Allow(VendorAllow),
}

/// Find out which layout the values of an account are in
#[derive(Debug, Args)]
#[command(after_help = "\
Tries every layout of a large family with each key: the key files, else the
keyring's keys, and with --username those that a master password derives
(from ZKV_MASTER_PASSWORD, ZKV_MASTER_PASSWORD_FILE, or a prompt). A layout is
accepted only if it opens enough values; one without a tag or MAC needs 16, or
a known text of 16 bytes. Nothing is sent anywhere.

Without FILE the values are those of the local store. What is found with the
keyring's keys is kept in the keyring for the account, and from then on every
command opens the vendor's values with exactly these layouts. One that opens
fewer than nine of ten values is kept only after you confirm it.

Exit code 3 means that nothing fits. --report then prints a description
without values, keys or names, which is safe to send to the developers.

Examples:
  zkv vendor discover
  zkv vendor discover sites.json --key-file site.key -o layouts.json
  zkv vendor discover sites.json --username ann@example.com --server-salt c2FsdA
  zkv decrypt sites.json --key-file site.key --layouts layouts.json
  zkv vendor discover sites.json --report")]
pub(crate) struct VendorDiscover {
    /// A document of sites, `-` for stdin; the local store when it is missing
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// Also derive keys from the master password of this user
    #[arg(long, value_name = "NAME")]
    pub(crate) username: Option<String>,
    /// The account's salt, as the server gives it (base64url)
    #[arg(long, value_name = "SALT", requires = "username")]
    pub(crate) server_salt: Option<String>,
    /// PBKDF2 iterations to try beside 600000, 100000 to 10000000
    #[arg(long, value_name = "N", requires = "username")]
    pub(crate) iterations: Option<u32>,
    /// A file with the plaintext of one value, which --known-value names
    #[arg(long, value_name = "FILE", requires = "known_value")]
    pub(crate) known_file: Option<PathBuf>,
    /// The value whose plaintext is known, as it is in the document
    #[arg(long, value_name = "BASE64", requires = "known_file")]
    pub(crate) known_value: Option<String>,
    /// Also try the layouts of this file
    #[arg(long, value_name = "FILE")]
    pub(crate) layouts: Option<PathBuf>,
    /// Describe the values without trying anything: lengths and header patterns only
    #[arg(long, conflicts_with_all = ["output", "layouts", "username", "known_file", "paths"])]
    pub(crate) report: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

/// Show the layouts of the catalogue, of a file, or of the keyring
#[derive(Debug, Args)]
#[command(after_help = "\
With --json the layouts are printed in the format of a layout file
(docs/spec/vendor-layouts.md), to be edited and given to --layouts.

Examples:
  zkv vendor show
  zkv vendor show --stored
  zkv vendor show --layouts layouts.json
  zkv vendor show vendor-gcm-16+pkcs7 --json > layouts.json")]
pub(crate) struct VendorShow {
    /// The name of one layout; all when it is missing
    #[arg(value_name = "LAYOUT")]
    pub(crate) name: Option<String>,
    /// The file whose layouts are shown instead of the catalogue's
    #[arg(long, value_name = "FILE")]
    pub(crate) layouts: Option<PathBuf>,
    /// Show the layouts that the keyring has, by account
    #[arg(long, conflicts_with_all = ["name", "layouts"])]
    pub(crate) stored: bool,
}

/// Print the account's layouts as a file
#[derive(Debug, Args)]
#[command(after_help = "\
The file holds no secrets: a second device, a colleague or a browser extension
can import it.

Examples:
  zkv vendor export -o layouts.json
  zkv vendor export vendor-gcm-16+pkcs7")]
pub(crate) struct VendorExport {
    /// The name of one layout; all when it is missing
    #[arg(value_name = "LAYOUT")]
    pub(crate) name: Option<String>,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

/// Keep the layouts of a file in the keyring for the account
#[derive(Debug, Args)]
#[command(after_help = "\
An imported layout never replaces one that is trusted more: one with a tag
outranks one without, and one that opened values outranks one that did not.
Values are sealed in it only after zkv vendor discover has seen it open some.

Examples:
  zkv vendor import layouts.json")]
pub(crate) struct VendorImport {
    /// The file of layouts; `-` for stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

/// Forget one of the account's layouts
#[derive(Debug, Args)]
pub(crate) struct VendorForget {
    /// Its name
    #[arg(value_name = "LAYOUT")]
    pub(crate) name: String,
}

/// Note that the vendor's client reads values of a layout
#[derive(Debug, Args)]
#[command(after_help = "\
Seal a value in the layout with `zkv encrypt --layout vendor --unconfirmed
NAME`, save it in a site, and open that site with the vendor's own client. Only
after you have seen it read the value, confirm the layout: from then on
`zkv encrypt --layout vendor` writes it.

Examples:
  zkv vendor confirm vendor-gcm-16+pkcs7")]
pub(crate) struct VendorConfirm {
    /// Its name
    #[arg(value_name = "LAYOUT")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// Allow texts that nothing authenticates to be used
#[derive(Debug, Args)]
#[command(after_help = "\
Values of a layout without a tag or MAC can be changed by anyone who stores
them. zkv shows them with a warning, and hands them to other programs only
after you allow it for the account.

Examples:
  zkv vendor allow vendor-cbc")]
pub(crate) struct VendorAllow {
    /// Its name
    #[arg(value_name = "LAYOUT")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) consent: Consent,
}
