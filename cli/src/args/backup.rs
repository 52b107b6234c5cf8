//! Arguments of `zkv backup`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use zkvault_core::backup::ChainTag;

use super::values::KeyFiles;

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    Push(BackupPush),
    List(BackupList),
    Verify(BackupVerify),
    Restore(BackupRestore),
    Diff(BackupDiff),
    Prune(BackupPrune),
    Sheet(BackupSheet),
}

/// Save the local store and the encrypted keyring as an encrypted backup
#[derive(Debug, Args)]
#[command(after_help = "\
ZKV_SAS is the address of a container with its SAS token, or ZKV_SAS_FILE a
file that contains it. Values stay encrypted inside. Anyone who obtains the
backup can guess the passphrase of the keyring in it. Keep the head that is
printed: with it, a restore refuses an older backup.

Examples:
  zkv backup push
  zkv backup push -o vault.zkvb --recipient zkv1…")]
pub(crate) struct BackupPush {
    /// Write to this file instead of the repository
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the file if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
    /// A public identity that can also open the backup; repeatable
    #[arg(long = "recipient", value_name = "zkv1…")]
    pub(crate) recipients: Vec<String>,
    /// The name of this device in the backup, instead of its host name
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
    /// Leave the keyring out: a restore then needs a copy of it, or the personal key
    #[arg(long)]
    pub(crate) no_keyring: bool,
    /// Continue from what is in the repository, even if it is older, forked, or a new place
    #[arg(long)]
    pub(crate) accept: bool,
    /// Leave the keyring out without confirmation
    #[arg(long, short, requires = "no_keyring")]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// List the backups in the repository
#[derive(Debug, Args)]
#[command(after_help = "\
Lists the chains of the keyring; what other people have there is not looked at.
STANDING is ok if a backup follows its parent, parent-missing if the parent is
not there, forked if a different backup is in its place, superseded if a former
personal key made it after a new chain began, and damaged or archived if it was
not read.

Example:
  zkv backup list")]
pub(crate) struct BackupList {
    /// Only the account of this chain
    #[arg(long, value_name = "TAG")]
    pub(crate) chain: Option<ChainTag>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Where a backup is.
#[derive(Debug, Args)]
pub(crate) struct BackupPlace {
    /// Its revision in the repository; the newest if missing
    #[arg(value_name = "REVISION", conflicts_with = "file")]
    pub(crate) revision: Option<u64>,
    /// A backup in a file, without any network
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The chain, as list and the printed sheet show it; found by the passphrase if missing
    #[arg(long, value_name = "TAG", conflicts_with = "file")]
    pub(crate) chain: Option<ChainTag>,
    /// The head that it must be or follow, as push and the printed sheet show it
    #[arg(long, value_name = "HEAD")]
    pub(crate) expect: Option<String>,
    /// Accept it, even if it is older than a known one, or of a different chain
    #[arg(long)]
    pub(crate) accept: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Open everything in a backup, and compare it with the known chain
#[derive(Debug, Args)]
#[command(after_help = "\
Changes nothing except the record of the newest backup.

Examples:
  zkv backup verify
  zkv backup verify --file vault.zkvb")]
pub(crate) struct BackupVerify {
    #[command(flatten)]
    pub(crate) place: BackupPlace,
}

/// Restore the keyring and the local store of an empty profile
#[derive(Debug, Args)]
#[command(after_help = "\
A new machine needs the passphrase and the repository's address, or a file and
no network. Without --expect, zkv cannot tell whether the storage returned an
old backup.

Examples:
  zkv backup restore --expect 12:be7c…
  zkv backup restore --file vault.zkvb")]
pub(crate) struct BackupRestore {
    #[command(flatten)]
    pub(crate) place: BackupPlace,
    /// Keep the keyring of this profile, and restore only the local store
    #[arg(long)]
    pub(crate) store_only: bool,
    /// Replace an existing store and keyring; a copy of the keyring is kept
    #[arg(long)]
    pub(crate) force: bool,
}

/// Show what differs between backups, or between a backup and the local store
#[derive(Debug, Args)]
#[command(after_help = "\
Names sites, users and groups, and the members that changed, but never their
contents. Without a second backup, the local store is the later state.

Examples:
  zkv backup diff
  zkv backup diff 11 12
  zkv backup diff --file old.zkvb --file new.zkvb")]
pub(crate) struct BackupDiff {
    /// Revisions in the repository, the earlier first; the newest if none is given
    #[arg(value_name = "REVISION", num_args = 0..=2, conflicts_with = "files")]
    pub(crate) revisions: Vec<u64>,
    /// Backups in files, the earlier first
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The account of this chain, if there are backups of several
    #[arg(long, value_name = "TAG", conflicts_with = "files")]
    pub(crate) chain: Option<ChainTag>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Delete old backups from the repository
#[derive(Debug, Args)]
#[command(after_help = "\
zkv opens the newest first, and always keeps it. It also keeps what is on the
sheet that was printed last, and everything after it. Other people's backups
are not touched.

Example:
  zkv backup prune --keep 10 --dry-run")]
pub(crate) struct BackupPrune {
    /// How many of the newest to keep
    #[arg(long, value_name = "N")]
    pub(crate) keep: NonZeroUsize,
    /// Only show which backups would be deleted
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(crate) yes: bool,
    /// The account of this chain, if there are backups of several
    #[arg(long, value_name = "TAG")]
    pub(crate) chain: Option<ChainTag>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Write a page to print: what a restore needs besides the passphrase
#[derive(Debug, Args)]
#[command(after_help = "\
The page has the container's address without its token, the chain, the newest
backup's head, the fingerprint of your identity, and what to type on a new
machine. Nothing on it is secret. Prune keeps the backup on the page, and all
later ones.

Example:
  zkv backup sheet -o sheet.html")]
pub(crate) struct BackupSheet {
    /// The file: HTML if the name ends with .html, Markdown with .md
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Replace the file if it exists
    #[arg(long)]
    pub(crate) force: bool,
    /// The account of this chain, if there are backups of several
    #[arg(long, value_name = "TAG")]
    pub(crate) chain: Option<ChainTag>,
}
