//! Arguments of the commands around the vendor's layouts.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values::{Destination, KeyFiles};

#[derive(Debug, Subcommand)]
pub(crate) enum VendorCommand {
    Discover(VendorDiscover),
    Show(VendorShow),
}

/// Find out which layout the values of an account are in
#[derive(Debug, Args)]
#[command(after_help = "\
Tries every layout of a large family with each key: the key files, else the
keyring's keys, and with --username those that a master password derives
(from ZKV_MASTER_PASSWORD, ZKV_MASTER_PASSWORD_FILE, or a prompt). A layout is
accepted only if it opens enough values; one without a tag or MAC needs 16, or
a known text of 16 bytes. Nothing is sent anywhere.

Exit code 3 means that nothing fits. --report then prints a description
without values, keys or names, which is safe to send to the developers.

Examples:
  zkv vendor discover sites.json --key-file site.key -o layouts.json
  zkv vendor discover sites.json --username ann@example.com --server-salt c2FsdA
  zkv decrypt sites.json --key-file site.key --layouts layouts.json
  zkv vendor discover sites.json --report")]
pub(crate) struct VendorDiscover {
    /// The document of sites; stdin when it is missing or `-`
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

/// Show the layouts of the catalogue or of a file
#[derive(Debug, Args)]
#[command(after_help = "\
With --json the layouts are printed in the format of a layout file
(docs/spec/vendor-layouts.md), to be edited and given to --layouts.

Examples:
  zkv vendor show
  zkv vendor show --layouts layouts.json
  zkv vendor show vendor-gcm-16+pkcs7 --json > layouts.json")]
pub(crate) struct VendorShow {
    /// The name of one layout; all when it is missing
    #[arg(value_name = "LAYOUT")]
    pub(crate) name: Option<String>,
    /// The file whose layouts are shown instead of the catalogue's
    #[arg(long, value_name = "FILE")]
    pub(crate) layouts: Option<PathBuf>,
}
