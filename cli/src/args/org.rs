//! Arguments of `zkv org`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ids::Consent;
use super::values::Destination;

#[derive(Debug, Subcommand)]
pub(crate) enum OrgCommand {
    Export(OrgExport),
    Plan(OrgPlan),
    Apply(OrgApply),
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

/// Show what would change if the organisation were what a file says
#[derive(Debug, Args)]
#[command(after_help = "\
A file that mentions only a part changes only that part. With --prune, what its
lists leave out is removed: members, assignments and users. What the API cannot
do is listed as well. Nothing is changed.

The exit code is 0 if there is nothing to change, and 12 if there is.

Examples:
  zkv org plan org.yaml
  zkv org plan org.yaml --prune -o plan.json
  zkv org plan org.yaml --json | jq '.removed'")]
pub(crate) struct OrgPlan {
    /// The file that says what the organisation shall be, or a saved plan; `-` is stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Remove what the file's lists leave out
    #[arg(long)]
    pub(crate) prune: bool,
    /// Also save the plan as this file, for zkv org apply
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Replace the output file if it exists
    #[arg(long, requires = "output")]
    pub(crate) force: bool,
}

/// Make the organisation what a file says, or carry out a saved plan
#[derive(Debug, Args)]
#[command(after_help = "\
Shows the changes and asks before it makes them. A saved plan is refused if the
organisation has changed since. Changes are sent in bulk, and afterwards zkv
reads the organisation again to see whether they were made. A run that was cut
off is continued by the same command, which repeats nothing.

A plan that removes more than a tenth of what exists is refused unless
--max-removals allows it.

Examples:
  zkv org apply org.yaml
  zkv org apply plan.json --yes
  zkv org apply org.yaml --prune --max-removals 40")]
pub(crate) struct OrgApply {
    /// The file that says what the organisation shall be, or a saved plan; `-` is stdin
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Remove what the file's lists leave out
    #[arg(long)]
    pub(crate) prune: bool,
    /// Allow so many removals, instead of a tenth of what exists
    #[arg(long, value_name = "NUMBER")]
    pub(crate) max_removals: Option<usize>,
    #[command(flatten)]
    pub(crate) consent: Consent,
}
