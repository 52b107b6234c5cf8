//! Arguments of `zkv journal`.

use std::num::NonZeroUsize;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum JournalCommand {
    List(JournalList),
    Show(JournalShow),
    Export(JournalExport),
    Verify(JournalVerify),
}

/// List the changes that zkv made at LogMeOnce
#[derive(Debug, Args)]
#[command(after_help = "\
zkv records each change before it sends the request, and then the outcome. An
outcome of \"unknown\" means that zkv ended in between: look at the service. The
journal is encrypted; commands that log in by ZKV_LOGMEONCE_KEY and open no
keyring are not in it.

Examples:
  zkv journal list --last 20
  zkv journal list --json | jq '.[] | select(.outcome != \"confirmed\")'")]
pub(crate) struct JournalList {
    /// List only the last N changes
    #[arg(long, value_name = "N")]
    pub(crate) last: Option<NonZeroUsize>,
}

/// Show a change with everything that was recorded
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  zkv journal show 41")]
pub(crate) struct JournalShow {
    /// The number of the change, as zkv journal list shows it
    pub(crate) number: u64,
}

/// Print the changes as JSON lines, or in another --format
#[derive(Debug, Args)]
#[command(after_help = "\
The journal keeps some 25,000 changes; older ones are deleted. An export keeps
them for good, and is not encrypted.

Examples:
  zkv journal export > journal.jsonl
  zkv journal export --format csv > journal.csv")]
pub(crate) struct JournalExport {}

/// Check that no record was changed, removed or moved
#[derive(Debug, Args)]
#[command(after_help = "\
Prints the head: the number and digest of the last record. Note it elsewhere,
and give it to a later run with --expect: so also a journal that was replaced
together with everything that this machine remembers of it is found.

Examples:
  zkv journal verify
  zkv journal verify --expect 82:q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=")]
pub(crate) struct JournalVerify {
    /// Require the record of a head that was noted earlier
    #[arg(long, value_name = "HEAD")]
    pub(crate) expect: Option<String>,
}
