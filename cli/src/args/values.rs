//! Arguments of the commands that open, seal and describe values.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use zkvault_core::key::KeyId;

/// Decrypt the values of a site document, or one value
#[derive(Debug, Args)]
#[command(after_help = "\
The input is a base64 value, a site object, an array of sites, or
{\"sites\": […]}. On a terminal the values are a table, masked unless --reveal
is given; elsewhere, and with --json, the output is the document with the values
in plaintext. Values that do not open stay as they were, each is named on
stderr, and the exit code is 10. For a single value, the output is its plaintext
alone.

Examples:
  zkv decrypt sites.json --key-file vault.key
  zkv decrypt sites.json --json | jq '.sites[0].login.inputs'
  zkv decrypt sites.json -o clear.json
  echo 'Adh/…' | zkv decrypt --key-file vault.key")]
pub(crate) struct Decrypt {
    /// The document or value; stdin if missing or `-`
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// Show the secrets in the table
    #[arg(long)]
    pub(crate) reveal: bool,
    /// A file with the layouts of vendor values, as zkv vendor discover writes it [env: ZKV_VENDOR_LAYOUTS]
    #[arg(long, value_name = "PATH")]
    pub(crate) layouts: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) destination: Destination,
    #[command(flatten)]
    pub(crate) place: ValuePlace,
}

/// Encrypt the plaintext values of a site document, or one plaintext
#[derive(Debug, Args)]
#[command(after_help = "\
The output is the document with every input's value encrypted. A
value that is sealed already is an error, and then nothing comes out. A
single plaintext is read from stdin when --site-id, --type and --name say
where it belongs; one line end after a single line is not part of it.

Examples:
  zkv encrypt clear.json -o sealed.json
  zkv encrypt clear.json --key-file vault.key --layout vendor \\
    --unconfirmed vendor-gcm-16+pkcs7 --key-id d87f7e0c
  printf %s \"$PASSWORD\" |
    zkv encrypt --site-id 1749398 --type password --name '[\"password\"]'")]
pub(crate) struct Encrypt {
    /// The document; stdin if missing or `-`
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sealing: Sealing,
    #[command(flatten)]
    pub(crate) destination: Destination,
    #[command(flatten)]
    pub(crate) place: ValuePlace,
}

/// Describe encrypted values without decrypting them; needs no key
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  zkv inspect sites.json\n  echo 'Adh/…' | zkv inspect --json")]
pub(crate) struct Inspect {
    /// The document or value; stdin if missing or `-`
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
}

/// Keys that are read from files instead of the keyring.
#[derive(Debug, Args)]
pub(crate) struct KeyFiles {
    /// A file with a 32-byte key: raw, hex or base64; repeatable [env: ZKV_KEY_FILE]
    #[arg(long = "key-file", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
}

/// Which key must have opened a file.
#[derive(Debug, Default, Args)]
pub(crate) struct RequireKey {
    /// Refuse files that are not under an active vault key; or, with KEY, not under this key of the keyring
    #[arg(long, value_name = "KEY", num_args = 0..=1)]
    #[expect(
        clippy::option_option,
        reason = "clap's form of an option whose value may be missing"
    )]
    pub(crate) require_key: Option<Option<String>>,
}

/// With which key and in which layout values are sealed.
#[derive(Debug, Args)]
pub(crate) struct Sealing {
    /// A file with the 32-byte key: raw, hex or base64 [env: ZKV_KEY_FILE]
    #[arg(long = "key-file", value_name = "PATH", conflicts_with = "key")]
    pub(crate) key_file: Option<PathBuf>,
    /// Encrypt with this key of the keyring, by id or label, instead of the default key
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// The layout of the values
    #[arg(long, value_enum, default_value_t = LayoutChoice::Bound)]
    pub(crate) layout: LayoutChoice,
    /// The vendor's layout to write, by its name in the catalogue or in --layouts; nobody has confirmed that the
    /// vendor's client reads it
    #[arg(long, value_name = "NAME")]
    pub(crate) unconfirmed: Option<String>,
    /// The file with the layout that --unconfirmed names
    #[arg(long, value_name = "PATH", requires = "unconfirmed")]
    pub(crate) layouts: Option<PathBuf>,
    /// The vendor's number of the key, for --layout vendor
    #[arg(long, value_name = "HEX")]
    pub(crate) key_id: Option<KeyId>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LayoutChoice {
    /// Bound to its site and input, committed to its key, padded
    Bound,
    /// The vendor's layout, as inferred
    Vendor,
}

/// Where the result goes.
#[derive(Debug, Args)]
pub(crate) struct Destination {
    /// Write to this file, readable only by you, once it is complete; stdout if missing or `-`
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Replace the output file if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

impl Destination {
    /// The file to write; `None` is stdout.
    pub(crate) fn path(&self) -> Option<&Path> {
        self.output.as_deref().filter(|path| *path != Path::new("-"))
    }
}

/// Where a single value belongs. A bound value opens in its own place only.
#[derive(Debug, Args)]
pub(crate) struct ValuePlace {
    /// The id of the site that a single value belongs to
    #[arg(long, value_name = "ID", requires = "input_type", requires = "input_name")]
    pub(crate) site_id: Option<u64>,
    /// The type of its input, such as `password`
    #[arg(long = "type", value_name = "TYPE", requires = "site_id")]
    pub(crate) input_type: Option<String>,
    /// The name of its input, exactly as the API writes it
    #[arg(long = "name", value_name = "NAME", requires = "site_id")]
    pub(crate) input_name: Option<String>,
}
