//! Arguments of `zkv repo`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Subcommand};

use super::loome::{InProject, RepoCheckName, RepoCreate, RepoNetwork, RepoSas, RepositoryId};
use super::values::{KeyFiles, RequireKey};

#[derive(Debug, Subcommand)]
pub(crate) enum RepoCommand {
    /// List the data repositories of a project
    #[command(after_help = "Example:\n  zkv repo list --project 12")]
    List(InProject),
    Create(RepoCreate),
    CheckName(RepoCheckName),
    Sas(RepoSas),
    Network(RepoNetwork),
    Upload(RepoUpload),
    Ls(RepoLs),
    Download(RepoDownload),
    Rekey(RepoRekey),
    Delete(RepoDelete),
}

/// Which repository.
#[derive(Debug, Args)]
pub(crate) struct Repository {
    /// A data repository of Loome Assist, from which zkv requests links and renews them; without it, ZKV_SAS,
    /// ZKV_SAS_FILE or ZKV_REPO
    #[arg(long = "repo", value_name = "PROJECT/REPOSITORY")]
    pub(crate) id: Option<RepositoryId>,
    /// How long to retry if the network or the storage fails, such as 90s or 1h
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "15m")]
    pub(crate) give_up_after: Duration,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    let parsed = text.parse::<jiff::SignedDuration>().ok();
    parsed
        .and_then(|duration| Duration::try_from(duration).ok())
        .ok_or("a duration is written 90s, 15m or 1h30m")
}

/// Encrypt files and folders, and upload them
#[derive(Debug, Args)]
#[command(after_help = "\
ZKV_SAS is the address of a container with its SAS token, or ZKV_SAS_FILE a
file that contains it. A folder keeps its name: docs/a.txt of `upload docs`.
Run an interrupted upload again to resume it.

Examples:
  zkv repo upload report.pdf docs --key-file vault.key
  zkv repo upload report.pdf --name 2026/report.pdf --overwrite
  zkv repo upload report.pdf --repo 12/340")]
pub(crate) struct RepoUpload {
    /// The files and folders
    #[arg(value_name = "PATH", required = true)]
    pub(crate) sources: Vec<PathBuf>,
    /// The name of the file or folder in the repository; with a single PATH
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Replace existing files of the same name
    #[arg(long)]
    pub(crate) overwrite: bool,
    #[command(flatten)]
    pub(crate) repository: Repository,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// Encrypt with this key of the keyring, by id or label, instead of the default key
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// Do not encrypt: anyone who can read the storage can read names and contents
    #[arg(long)]
    pub(crate) plain: bool,
}

/// List the files in the repository by their decrypted names
#[derive(Debug, Args)]
#[command(after_help = "\
ZKV_SAS is the address of a container with its SAS token, or ZKV_SAS_FILE a
file that contains it.

Examples:
  zkv repo ls
  zkv repo ls results '**/*.csv'
  zkv repo ls --json | jq -r '.[].name'")]
pub(crate) struct RepoLs {
    /// Only these: names of files or folders, or patterns
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    #[command(flatten)]
    pub(crate) repository: Repository,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// List the unencrypted blobs instead
    #[arg(long)]
    pub(crate) plain: bool,
}

/// Download and decrypt files
#[derive(Debug, Args)]
#[command(after_help = "\
A file gets its name only after all of it was authenticated. The name of a
folder means everything in it. Any other name is a pattern: * and ? match
within a folder, ** matches across folders, [a-z] matches one of these
letters. Quote patterns to protect them from the shell.

Examples:
  zkv repo download report.pdf docs --to restored
  zkv repo download '2026/**/*.csv' --to restored")]
pub(crate) struct RepoDownload {
    /// Names as `zkv repo ls` shows them, of files or folders; or patterns
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// The folder to write into; created if missing
    #[arg(long, value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// Replace files that exist
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    pub(crate) repository: Repository,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    #[command(flatten)]
    pub(crate) required: RequireKey,
    /// Download unencrypted blobs: nothing proves who wrote them
    #[arg(long)]
    pub(crate) plain: bool,
}

/// Encrypt files anew under the default key
#[derive(Debug, Args)]
#[command(after_help = "\
After zkv key rotate the files stay under the key of before, which former
members kept. This command fetches each file that is under an earlier key of the
default key's line, encrypts it under the default key, and removes it under the
earlier one. Interrupted, it resumes with the files that are left.

Examples:
  zkv repo rekey --dry-run
  zkv repo rekey 'reports/**' --yes
  zkv repo rekey --from imported-453f40fe")]
pub(crate) struct RepoRekey {
    /// Only these: names of files or folders, or patterns
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Also files under this key of the keyring, which the default key does not replace; repeatable
    #[arg(long, value_name = "KEY")]
    pub(crate) from: Vec<String>,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(crate) yes: bool,
    /// List the files and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) repository: Repository,
}

/// Delete files from the repository
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  zkv repo delete report.pdf --dry-run\n  zkv repo delete report.pdf --yes")]
pub(crate) struct RepoDelete {
    /// Names as `zkv repo ls` shows them, of files
    #[arg(value_name = "NAME", required = true)]
    pub(crate) names: Vec<String>,
    /// Do not ask for confirmation
    #[arg(long)]
    pub(crate) yes: bool,
    /// Print the requests and delete nothing; reports missing files if the token permits reading
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) repository: Repository,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// Delete unencrypted blobs
    #[arg(long)]
    pub(crate) plain: bool,
}
