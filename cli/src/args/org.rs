//! Arguments of `zkv org`.

use clap::{Args, Subcommand, ValueEnum};

use super::values::Destination;

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    Export(OrgExport),
}

/// Write the users, groups, sites and permissions of the account as a file
#[derive(Debug, Args)]
#[command(after_help = "\
The file is YAML, or JSON with --json and in files whose name ends with .json.
It has the same order every time, so that git shows what changed, and no
secrets: of a site only its name and host. zkv reads it with as few requests as
the API's lists allow, and prints their number.

--table prints one table instead, in the form of --format.

Examples:
  zkv org export -o org.yaml
  zkv org export -o org.yaml --force && git diff org.yaml
  zkv org export --json | jq '.groups[].group'
  zkv org export --table assignments --format csv > assignments.csv")]
pub(crate) struct OrgExport {
    #[command(flatten)]
    pub(crate) destination: Destination,
    /// Print a table: users, groups, members, sites or assignments
    #[arg(
        long,
        value_name = "NAME",
        value_enum,
        hide_possible_values = true,
        conflicts_with = "output"
    )]
    pub(crate) table: Option<OrgTable>,
}

/// A table of an organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OrgTable {
    /// A row for each user.
    Users,
    /// A row for each group.
    Groups,
    /// A row for each member of each group.
    Members,
    /// A row for each site.
    Sites,
    /// A row for each user and group that a site is assigned to.
    Assignments,
}
