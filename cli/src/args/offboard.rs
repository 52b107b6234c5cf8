//! Arguments of `zkv offboard`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::ids::{Consent, Which};

/// Take everything away from a user who leaves, and follow up on what they knew
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    after_help = "\
Writes down what the user can read and by which path, and which keys they were
handed. Then it deactivates the user, ends every membership and assignment, and
looks whether the service did so. A run that was cut off is continued by the
same command, which repeats nothing.

zkv offboard status lists whose passwords are still to change and which keys are
to rotate. Sync first: passwords are compared with the local store.

Examples:
  zkv offboard priya@halden.example --dry-run
  zkv offboard priya@halden.example --report priya.html
  zkv offboard status
  zkv offboard status priya@halden.example --report priya.md --force"
)]
pub(crate) struct Offboard {
    #[command(subcommand)]
    pub(crate) command: Option<OffboardCommand>,
    /// The user: an id, e-mail address, user name or full name
    #[arg(value_name = "USER", required = true)]
    pub(crate) user: Option<Which>,
    /// Show what would be taken away, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
    #[command(flatten)]
    pub(crate) report: ReportFile,
}

#[derive(Debug, Subcommand)]
pub(crate) enum OffboardCommand {
    Status(OffboardStatus),
}

/// Show which passwords and keys are still to change after somebody left
#[derive(Debug, Args)]
#[command(after_help = "\
A password has changed when its value is not the one that it was when the user
left, in the copy that you trust; a key, when it was rotated or retired.

Examples:
  zkv sync && zkv offboard status
  zkv offboard status 1920 --json | jq '.sites[] | select(.state == \"to change\")'")]
pub(crate) struct OffboardStatus {
    /// One who left; everybody if missing
    #[arg(value_name = "USER")]
    pub(crate) user: Option<Which>,
    #[command(flatten)]
    pub(crate) report: ReportFile,
}

/// A report for people.
#[derive(Debug, Args)]
pub(crate) struct ReportFile {
    /// Also write a report: HTML if the name ends with .html, Markdown with .md
    #[arg(long = "report", value_name = "FILE")]
    pub(crate) path: Option<PathBuf>,
    /// Replace the report if it exists
    #[arg(long, requires = "path")]
    pub(crate) force: bool,
}
