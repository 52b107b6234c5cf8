//! Arguments of the commands around the local store.

use clap::Args;

use super::daily::Copying;
use super::values::KeyFiles;

/// Fetch the whole account, and compare it with what is known
#[derive(Debug, Args)]
#[command(after_help = "\
Sites that are unchanged, or changed as honest ones do, replace their copies in
the local store. All others are listed with the findings, and their copies stay
until zkv trust accepts the new ones. The exit code is 10 if a site was tampered
with or rolled back.

Examples:
  zkv sync
  zkv sync --json | jq '.attention'")]
pub(crate) struct Sync {
    /// Rewrite everything, including what did not change
    #[arg(long)]
    pub(crate) full: bool,
    /// Also compare the backups in the repository with the newest known one
    #[arg(long)]
    pub(crate) check_backups: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Show what the local store holds, how old it is, and what needs review
#[derive(Debug, Args)]
#[command(after_help = "\
Never prompts: encrypted details are shown only if a key file, or the keyring's
passphrase in the environment, is available.

Examples:
  zkv status
  zkv status --verify --key-file vault.key")]
pub(crate) struct Status {
    /// Open every record of the store
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// List the sites of the local store
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  zkv list\n  zkv list --format csv > sites.csv")]
pub(crate) struct List {
    #[command(flatten)]
    pub(crate) listing: Listing,
}

/// Find sites by parts of their names, addresses and ids
#[derive(Debug, Args)]
#[command(after_help = "\
A site matches if it contains all words, in any order and in upper or lower
case. If none matches, the exit code is 3.

Examples:
  zkv search github
  zkv search mail example.com")]
pub(crate) struct Search {
    /// What to look for
    #[arg(value_name = "WORD", required = true)]
    pub(crate) words: Vec<String>,
    #[command(flatten)]
    pub(crate) listing: Listing,
}

/// What a list of sites needs.
#[derive(Debug, Args)]
pub(crate) struct Listing {
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Show one site of the local store with its fields, secrets hidden
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  zkv show GitHub\n  zkv show 1749398 --reveal")]
pub(crate) struct Show {
    /// The site: a name or a part of one, an id, a host, or an address
    #[arg(value_name = "SITE")]
    pub(crate) site: String,
    /// Show the secrets
    #[arg(long)]
    pub(crate) reveal: bool,
    /// Of a value that was replaced, show the one before
    #[arg(long)]
    pub(crate) trusted: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Print values from the local store, and nothing else
#[derive(Debug, Args)]
#[command(after_help = "\
A reference is zkv://SITE/FIELD, or only SITE for its password. SITE is an id, a
name or a part of one, or the address or host of the login page; FIELD is a name
of the input, its type, username, or its number on the page, as in input%202. In
zkv://, any character may be percent-encoded; /, ?, # and % must be. Where
several sites fit, the error lists their ids. Sites that nobody accepted come
last.

Several values are printed one a line, or as an array with --json.

A value that the service replaced, and that is not bound to its place, is
printed with a note on a terminal; elsewhere the exit code is 10 until
zkv trust accepts it.

Examples:
  zkv read github
  zkv read github --copy
  zkv read https://github.com/login
  zkv read zkv://GitHub/password
  zkv read zkv://1749398/username")]
pub(crate) struct Read {
    /// What to read
    #[arg(value_name = "REFERENCE", required = true)]
    pub(crate) references: Vec<String>,
    /// Of a value that was replaced, print the one before
    #[arg(long)]
    pub(crate) trusted: bool,
    #[command(flatten)]
    pub(crate) copying: Copying,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Review sites that have changed, and accept them
#[derive(Debug, Args)]
#[command(after_help = "\
Without a site, lists all that have changed. With sites, shows what changed in
each, and accepts it after confirmation: what the service lists replaces the
copy in the local store, and a site that it no longer lists is marked as gone. A
site that was tampered with is accepted after its name is typed.

zkv prints a digest of what it shows. --yes accepts what is shown now;
--yes=DIGEST accepts it only if it is what was shown with that digest, and is
needed for a site that was tampered with.

A value that the vendor's client writes is not bound to its place, so zkv asks
each time one was replaced. --follow stops that for sites or for a key; every
other change is found as before.

Examples:
  zkv trust
  zkv trust GitHub
  zkv trust 1749398 1749412 --yes
  zkv trust --key company-2024
  zkv trust GitHub --follow")]
pub(crate) struct Trust {
    /// The sites: names or parts of them, ids, hosts or addresses
    #[arg(value_name = "SITE")]
    pub(crate) sites: Vec<String>,
    /// All sites whose only finding is that they are under this retired key (id or label); with --follow, a key
    #[arg(long, value_name = "KEY", conflicts_with = "sites")]
    pub(crate) key: Option<String>,
    /// From now on, accept passwords that the service replaces in these sites, or under this key
    #[arg(long, conflicts_with = "no_follow")]
    pub(crate) follow: bool,
    /// Ask about replaced passwords again
    #[arg(long)]
    pub(crate) no_follow: bool,
    /// Accept without confirmation
    #[arg(long, value_name = "DIGEST", num_args = 0..=1, require_equals = true, default_missing_value = "")]
    pub(crate) yes: Option<String>,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}
