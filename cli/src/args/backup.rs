//! Arguments of `zkv backup`.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::values::KeyFiles;

#[derive(Debug, Subcommand)]
pub(crate) enum BackupCommand {
    Push(BackupPush),
    List(BackupList),
    Verify(BackupVerify),
    Restore(BackupRestore),
    Diff(BackupDiff),
    Prune(BackupPrune),
}

/// Save the local store, and the keyring as it is sealed, as an encrypted backup
#[derive(Debug, Args)]
#[command(after_help = "\
ZKV_SAS is the address of a container with its SAS token, or ZKV_SAS_FILE a
file that holds it. Values stay encrypted inside. Whoever gets the backup can
guess at the passphrase of the keyring in it. Keep the head that is printed:
with it a restore refuses an older backup.

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
    /// A public identity that may open the backup as well; repeatable
    #[arg(long = "recipient", value_name = "zkv1…")]
    pub(crate) recipients: Vec<String>,
    /// What this device is called in the backup, instead of its host name
    #[arg(long, value_name = "NAME")]
    pub(crate) device: Option<String>,
    /// Leave the keyring out: a restore then needs a copy of it, or the key
    #[arg(long)]
    pub(crate) no_keyring: bool,
    /// Go on from what is in the repository, though it is older or of another line
    #[arg(long)]
    pub(crate) accept: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// List the backups in the repository
#[derive(Debug, Args)]
#[command(after_help = "\
LINE is ok when a backup follows the one before it, parent-missing when that is
not there, forked when there is another one in its place, foreign when it is for
other keys, and damaged when it cannot be read.

Example:
  zkv backup list")]
pub(crate) struct BackupList {
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Where a backup is.
#[derive(Debug, Args)]
pub(crate) struct BackupPlace {
    /// Its revision in the repository; the newest when it is missing
    #[arg(value_name = "REVISION", conflicts_with = "file")]
    pub(crate) revision: Option<u64>,
    /// A backup in a file, without any network
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// The head that it must be or follow, as zkv backup push printed it
    #[arg(long, value_name = "HEAD")]
    pub(crate) expect: Option<String>,
    /// Take it, though it is older than one that is known, or of another line
    #[arg(long)]
    pub(crate) accept: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Open everything in a backup, and compare it with the line that is known
#[derive(Debug, Args)]
#[command(after_help = "\
Nothing is changed but the memory of the newest backup.

Examples:
  zkv backup verify
  zkv backup verify --file vault.zkvb")]
pub(crate) struct BackupVerify {
    #[command(flatten)]
    pub(crate) place: BackupPlace,
}

/// Bring a backup back: the keyring and the local store of an empty profile
#[derive(Debug, Args)]
#[command(after_help = "\
A fresh machine needs the passphrase and the repository's address, or a file and
no network at all. Without --expect nothing tells whether a storage gave an old
backup.

Examples:
  zkv backup restore --expect 12:be7c…
  zkv backup restore --file vault.zkvb")]
pub(crate) struct BackupRestore {
    #[command(flatten)]
    pub(crate) place: BackupPlace,
    /// Keep the keyring of this profile, and restore the local store alone
    #[arg(long)]
    pub(crate) store_only: bool,
    /// Replace a store that is there; of a keyring that is there a copy is kept
    #[arg(long)]
    pub(crate) force: bool,
}

/// Tell what differs between backups, or between a backup and the local store
#[derive(Debug, Args)]
#[command(after_help = "\
Sites, users and groups are named, and the members that changed; what they hold
is not shown. Without a second backup the local store is the later state.

Examples:
  zkv backup diff
  zkv backup diff 11 12
  zkv backup diff --file old.zkvb --file new.zkvb")]
pub(crate) struct BackupDiff {
    /// Revisions in the repository, the earlier first; the newest when there is none
    #[arg(value_name = "REVISION", num_args = 0..=2, conflicts_with = "files")]
    pub(crate) revisions: Vec<u64>,
    /// Backups in files, the earlier first
    #[arg(long = "file", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Delete old backups from the repository
#[derive(Debug, Args)]
#[command(after_help = "\
The newest is opened first, and always stays. Backups of other lines and for
other keys stay as well.

Example:
  zkv backup prune --keep 10 --dry-run")]
pub(crate) struct BackupPrune {
    /// How many of the newest stay
    #[arg(long, value_name = "N")]
    pub(crate) keep: NonZeroUsize,
    /// Only tell which would be deleted
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}
