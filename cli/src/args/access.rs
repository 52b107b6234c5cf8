//! Arguments of `zkv access`.

use clap::{Args, Subcommand};

use super::values::Destination;

#[derive(Debug, Subcommand)]
pub(crate) enum AccessCommand {
    Report(AccessReport),
}

/// Show who can reach which site, and by which path
#[derive(Debug, Args)]
#[command(after_help = "\
Computes from the lists of the account who may read, change and delete which
site: what is assigned directly, by a group, and by a group within a group.
Names what stands out, such as users without an active account who have access,
and sites that one person alone can read. Changes nothing.

The service also says which permissions are in effect. zkv compares them with
the lists, for every direct assignment without a further request. With --user,
--site or --group it asks about all sites or users of these; --verify asks about
every pair, with a request for 500 of them. If the service says something else
than its lists do, the exit code is 10.

-o writes a file that ends with .html, .md, .csv or .json. HTML is one page,
which sorts and filters offline and loads nothing.

Examples:
  zkv access report
  zkv access report --user mateus
  zkv access report --site GitHub --json | jq '.access[].name'
  zkv access report --verify -o access.html
  zkv access report --format csv > sites.csv")]
pub(crate) struct AccessReport {
    /// Only the sites of this user: a name or a part of one, an e-mail address, or an id
    #[arg(long, value_name = "USER")]
    pub(crate) user: Vec<String>,
    /// Only the users of this site: a name or a part of one, a host, or an id
    #[arg(long, value_name = "SITE")]
    pub(crate) site: Vec<String>,
    /// Only the sites of this group: a name or a part of one, or an id
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Vec<String>,
    /// Ask the service about every pair of a user and a site
    #[arg(long)]
    pub(crate) verify: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
}
