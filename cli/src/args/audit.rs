//! Arguments of `zkv audit`.

use std::path::PathBuf;

use clap::Args;

use super::values::{Destination, KeyFiles};

/// Find passwords that are reused, weak, old or known from breaches
#[derive(Debug, Args)]
#[command(after_help = "\
Opens the passwords of the local store and judges them on this machine: nothing
is sent anywhere unless --hibp-online asks for it. The report has no password
and nothing that is derived from one: which password is used at which sites is
told by a number.

A password is weak if zxcvbn estimates fewer than 10^8 guesses, and old if the
service has not changed its site for --old-after days. The store does not know
when a password was changed, so one may be older than that.

--hibp takes the list of Have I Been Pwned, SHA-1, ordered by hash: it is
searched and never loaded. --hibp-online sends the first five of the forty
digits of each hash to its service, with padding, or to a mirror.

--org counts by a file of zkv org export how many people reach each site.

-o writes a file that ends with .html, .md, .csv or .json.

Examples:
  zkv audit
  zkv audit --hibp pwned-passwords-sha1-ordered-by-hash-v8.txt -o health.html
  zkv audit --hibp-online --org org.yaml
  zkv audit --json | jq '.passwords[] | select(.reuse != null)'")]
pub(crate) struct Audit {
    /// Days without a change after which a password is old
    #[arg(long, value_name = "DAYS", default_value_t = 365)]
    pub(crate) old_after: u64,
    /// Look passwords up in this list of breached ones
    #[arg(long, value_name = "FILE")]
    pub(crate) hibp: Option<PathBuf>,
    /// Look passwords up at Have I Been Pwned, or at a mirror of it
    #[arg(
        long,
        value_name = "URL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = zkvault::audit::ranges::PUBLIC,
        conflicts_with = "hibp"
    )]
    pub(crate) hibp_online: Option<String>,
    /// Count by this file how many people reach each site
    #[arg(long, value_name = "FILE")]
    pub(crate) org: Option<PathBuf>,
    /// With --org: so many people are many
    #[arg(long, value_name = "NUMBER", default_value_t = 20, requires = "org")]
    pub(crate) many: u64,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    #[command(flatten)]
    pub(crate) destination: Destination,
}
