//! Arguments of the commands around the keyring.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use zkvault_core::backup::ChainTag;
use zkvault_core::key::KeyId;

use super::values::{Destination, KeyFiles};

/// Create a keyring: an identity and a first vault key, under a passphrase
#[derive(Debug, Args)]
#[command(after_help = "\
zkv prompts for the passphrase twice, or reads it from ZKV_PASSPHRASE or
ZKV_PASSPHRASE_FILE.

Examples:
  zkv init
  zkv init --kdf-memory 256MiB
  ZKV_PASSPHRASE_FILE=/run/secrets/zkv zkv init --no-input")]
pub(crate) struct Init {
    #[command(flatten)]
    pub(crate) kdf: KdfCost,
    /// Accept a passphrase that is easy to guess
    #[arg(long)]
    pub(crate) allow_weak: bool,
}

/// The cost of one guess at the passphrase (Argon2id).
#[derive(Debug, Args)]
pub(crate) struct KdfCost {
    /// Memory per guess, such as 64MiB; at least 19MiB
    #[arg(long, value_name = "SIZE", default_value = "64MiB", value_parser = super::files::size)]
    pub(crate) kdf_memory: u64,
    /// Passes over the memory; at least 2
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) kdf_passes: u32,
    /// Lanes, which may run in parallel
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(crate) kdf_lanes: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyCommand {
    /// List the keys: id, vendor id, label, origin, state; never the keys themselves
    List,
    Import(KeyImport),
    Derive(KeyDerive),
    Export(KeyExport),
    Rotate(KeyRotate),
    HandOver(KeyHandOver),
    /// Retire a key: it opens what it sealed, and seals nothing more
    #[command(after_help = "\
A value, file or backup that comes sealed under a retired key is not believed
without a question. The default key is retired by zkv key rotate.

Example:
  zkv key retire company")]
    Retire {
        /// The key, by id or label
        #[arg(value_name = "KEY")]
        key: String,
    },
    /// Make a retired key active again
    #[command(after_help = "\
Importing, deriving or receiving a retired key again leaves it retired; only
this command changes that.

Example:
  zkv key reinstate company")]
    Reinstate {
        /// The key, by id or label
        #[arg(value_name = "KEY")]
        key: String,
    },
}

/// Add a key from a file to the keyring
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkv key import vault.key --label company --key-id d87f7e0c
  some-vault read key | zkv key import -")]
pub(crate) struct KeyImport {
    /// The key file (32 bytes: raw, hex or base64); `-` is stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// It is a personal key: it opens your backups, and seals nothing
    #[arg(long, conflicts_with = "entry")]
    pub(crate) personal: bool,
    #[command(flatten)]
    pub(crate) entry: NewEntry,
}

/// How a key enters the keyring.
#[derive(Debug, Args)]
#[group(id = "entry")]
pub(crate) struct NewEntry {
    /// The number of this key in the vendor's values
    #[arg(long, value_name = "HEX")]
    pub(crate) key_id: Option<KeyId>,
    /// The label of the key; made from its origin and id if missing
    #[arg(long)]
    pub(crate) label: Option<String>,
    /// Encrypt with this key from now on
    #[arg(long)]
    pub(crate) default: bool,
    /// The key, by id or label, in whose place this one is used
    #[arg(long, value_name = "KEY")]
    pub(crate) replaces: Option<String>,
}

/// Derive a key from a LogMeOnce master password, as the vendor's web client does
#[derive(Debug, Args)]
#[command(after_help = "\
zkv reads the master password from ZKV_MASTER_PASSWORD or
ZKV_MASTER_PASSWORD_FILE, or prompts for it. It adds the key to the keyring, or
into a key file with --output.

Examples:
  zkv key derive --username maria@example.com --server-salt c2FsdA
  zkv key derive --username maria@example.com -o vault.key")]
pub(crate) struct KeyDerive {
    /// The account's user name
    #[arg(long, value_name = "NAME")]
    pub(crate) username: String,
    /// The account's salt, as the server returns it (base64url)
    #[arg(long, value_name = "SALT")]
    pub(crate) server_salt: Option<String>,
    /// PBKDF2 iterations, 100000 to 10000000
    #[arg(long, value_name = "N", default_value_t = 600_000)]
    pub(crate) iterations: u32,
    /// Use the old profile (SHA-1, 10000 iterations), only to read old data
    #[arg(long, conflicts_with = "iterations")]
    pub(crate) legacy_sha1: bool,
    #[command(flatten)]
    pub(crate) entry: NewEntry,
    /// Write a key file instead of adding to the keyring
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["key_id", "label", "default", "replaces"])]
    pub(crate) output: Option<PathBuf>,
    /// Replace the key file if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// Export a key in plaintext
#[derive(Debug, Args)]
#[command(after_help = "\
Anyone who has the file has the key. Without --output, the key goes to stdout,
to a terminal only with --reveal.

Examples:
  zkv key export company -o vault.key
  zkv key export 3fa9c1d2 --encoding base64 | some-vault write key")]
pub(crate) struct KeyExport {
    /// The key, by id or label; the default key if missing
    #[arg(value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// The personal key, which opens your backups and your local store
    #[arg(long, conflicts_with = "key")]
    pub(crate) personal: bool,
    /// The encoding of the 32 bytes
    #[arg(long, value_enum, default_value_t = KeyEncoding::Hex)]
    pub(crate) encoding: KeyEncoding,
    /// Print the key on a terminal
    #[arg(long)]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum KeyEncoding {
    /// 64 hexadecimal digits and a newline
    Hex,
    /// 44 characters and a newline
    Base64,
    /// The 32 bytes alone
    Raw,
}

/// Create a key that replaces a different one, retire that one, and re-encrypt a document
#[derive(Debug, Args)]
#[command(after_help = "\
A retired key stays in the keyring and still decrypts what it encrypted. On a
terminal, zkv shows what follows and asks. With a document, every value is
decrypted and encrypted again under the new key, in the bound layout; unless
all of them open, nothing changes.

People who were given the key with zkv user activate need the new one: on a
terminal, zkv offers to make activations for them; zkv key hand-over makes them
at any time.

Examples:
  zkv key rotate
  zkv key rotate company --dry-run
  zkv key rotate --document sites.json -o sites-new.json")]
pub(crate) struct KeyRotate {
    /// The key to replace, by id or label; the default key if missing
    #[arg(value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// A document of sites to re-encrypt; `-` is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) document: Option<PathBuf>,
    /// Show what would follow, and change nothing
    #[arg(long, conflicts_with_all = ["document", "output"])]
    pub(crate) dry_run: bool,
    /// Rotate without confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
    /// The new key's label; vault-2, vault-3, … if missing
    #[arg(long)]
    pub(crate) label: Option<String>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

/// Make activations with a key for the people who were given a key that it replaces
#[derive(Debug, Args)]
#[command(after_help = "\
zkv user activate remembers which user was given which key. Each of these users
gets a file of their own, encrypted to the identity that is pinned for them, and
imports it with zkv activate. The service takes no part. Users who were given a
key under a one-time code are listed without a file: zkv has no identity of
theirs.

Examples:
  zkv key hand-over --dry-run
  zkv key hand-over vault-2 -o handover")]
pub(crate) struct KeyHandOver {
    /// The new key, by id or label; the default key if missing
    #[arg(value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// The folder for the activations; made if missing
    #[arg(short, long, value_name = "FOLDER", default_value = "handover")]
    pub(crate) output: PathBuf,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
    /// How long the keys can be imported, such as 12h or 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = super::user::duration)]
    pub(crate) expires: u64,
    /// Show who would get one, and write nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum KeyringCommand {
    Pull(KeyringPull),
}

/// Merge the keyring of the newest backup into this one
#[derive(Debug, Args)]
#[command(after_help = "\
Keys, retirements and personal keys of either copy are kept; the default key,
the identity and the credentials are those of the copy that was saved more
often. The passphrase stays the one of this keyring. If the copy in the backup
has a different one, zkv asks for it, or takes ZKV_BACKUP_PASSPHRASE(_FILE).

A device that has not seen a renewed personal key finds the new chain only by
its tag, which zkv backup list shows on the other device.

Examples:
  zkv keyring pull
  zkv keyring pull --chain enngyl6bu3nlp4yq")]
pub(crate) struct KeyringPull {
    /// A backup in a file, instead of the repository
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The chain
    #[arg(long, value_name = "TAG", conflicts_with = "file")]
    pub(crate) chain: Option<ChainTag>,
    /// Take the keyring of an older or forked backup all the same
    #[arg(long)]
    pub(crate) accept: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PassphraseCommand {
    Change(PassphraseChange),
}

/// Put the keyring under a different passphrase
#[derive(Debug, Args)]
#[command(after_help = "\
The old passphrase opens every copy of the keyring that exists: on other
devices, and in backups. Anyone who has it and such a copy has the keys, the
identity and the API secrets. If that may be so, --renew also makes a new
personal key, and zkv says what else to replace.

The new passphrase is asked for twice, or taken from ZKV_NEW_PASSPHRASE or
ZKV_NEW_PASSPHRASE_FILE. The cost of an attempt (Argon2id) becomes at least
today's default.

Examples:
  zkv passphrase change
  zkv passphrase change --renew")]
pub(crate) struct PassphraseChange {
    /// Somebody may know the old passphrase: make a new personal key as well
    #[arg(long)]
    pub(crate) renew: bool,
    /// Take a passphrase that is easy to guess
    #[arg(long)]
    pub(crate) allow_weak: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IdentityCommand {
    /// Print your public identity, for anyone who is to send you keys
    #[command(after_help = "Example:\n  zkv identity show > maria.zkv1")]
    Show,
    /// Print a fingerprint, to compare over the telephone
    #[command(after_help = "Examples:\n  zkv identity fingerprint\n  zkv identity fingerprint zkv1…")]
    Fingerprint {
        /// Someone else's public identity; your own if missing
        #[arg(value_name = "zkv1…")]
        identity: Option<String>,
    },
    /// Make a new identity in place of the old one
    #[command(after_help = "\
What was sealed for the old identity opens no more, in activations and files:
open those first. People who send you keys need the new one.

Example:
  zkv identity renew")]
    Renew {
        /// Do not ask
        #[arg(long, short)]
        yes: bool,
    },
}

/// Import the keys of an activation into the keyring
#[derive(Debug, Args)]
#[command(after_help = "\
An activation is encrypted to your identity or under a one-time code. zkv reads
the code from ZKV_ACTIVATION_CODE or --code-file, or prompts for it. If the keys
would retire or replace keys that you have, or change the default key, zkv shows
that and asks.

Examples:
  zkv activate welcome.txt --host company.logmeonce.com --user-id 42
  zkv activate welcome.txt --host company.logmeonce.com --user-id 42 \\
    --from zkv1…")]
pub(crate) struct Activate {
    /// The activation, base64; stdin if missing or `-`
    #[arg(value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The account that it was issued for: its host, with port and path where its
    /// address has others than usual and the account is not known here
    #[arg(long)]
    pub(crate) host: String,
    /// The user that it was issued for
    #[arg(long, value_name = "ID")]
    pub(crate) user_id: u64,
    /// The sender whom you expect: a public identity or its fingerprint
    #[arg(long, value_name = "IDENTITY")]
    pub(crate) from: Option<String>,
    /// A file that holds the one-time code
    #[arg(long, value_name = "PATH")]
    pub(crate) code_file: Option<PathBuf>,
    /// Accept, without being asked, that keys of yours are retired or replaced and that the default changes
    #[arg(long, short)]
    pub(crate) yes: bool,
}
