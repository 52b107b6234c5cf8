//! Arguments of `zkv site`.

use clap::{ArgGroup, Args, Subcommand};

use super::ids::{Consent, IdArg, RightsChange, Sending, Which};

#[derive(Debug, Subcommand)]
pub(crate) enum SiteCommand {
    List(SiteList),
    /// Show a site as the service stores it, with encrypted values
    #[command(after_help = "Examples:\n  zkv site get 1749398\n  zkv site get 1749398 --json | zkv decrypt -")]
    Get {
        /// The site: an id, a name, a host or an address
        #[arg(value_name = "SITE")]
        site: Which,
    },
    /// List the users that a site is assigned to
    #[command(after_help = "Example:\n  zkv site users 1749398")]
    Users {
        /// The site: an id, a name, a host or an address
        #[arg(value_name = "SITE")]
        site: Which,
    },
    /// List the groups that a site is assigned to
    #[command(after_help = "Example:\n  zkv site groups 1749398")]
    Groups {
        /// The site: an id, a name, a host or an address
        #[arg(value_name = "SITE")]
        site: Which,
    },
    /// Assign sites to users and groups
    #[command(after_help = "\
Existing assignments stay as they are.

Examples:
  zkv site assign 1749398 --user 1917 --user 1918
  zkv site assign 1749398 1749412 --group 5717
  zkv site list --search github | zkv site assign - --group 5717")]
    Assign(SiteTies),
    /// Unassign sites from users and groups
    #[command(after_help = "\
Sites that are not assigned stay as they are.

Example:
  zkv site unassign 1749398 --user 1917 --group 5717")]
    Unassign(SiteTies),
    Privileges(SitePrivileges),
}

/// List the sites of the account, of a user or of a group
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkv site list
  zkv site list --search google
  zkv site list --user 1917 --json")]
pub(crate) struct SiteList {
    /// Only sites that match this phrase at the service
    #[arg(long, value_name = "TEXT", conflicts_with_all = ["user", "group"])]
    pub(crate) search: Option<String>,
    /// Only sites that are assigned to this user
    #[arg(long, value_name = "USER", conflicts_with = "group")]
    pub(crate) user: Option<Which>,
    /// Only sites that are assigned to this group
    #[arg(long, value_name = "GROUP")]
    pub(crate) group: Option<Which>,
}

/// Sites, and whom they are assigned to.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("holders").required(true).multiple(true).args(["users", "groups"])))]
pub(crate) struct SiteTies {
    /// The sites: ids, names, hosts or addresses; `-` reads ids from stdin
    #[arg(value_name = "SITE", required = true)]
    pub(crate) sites: Vec<IdArg>,
    /// A user; repeatable
    #[arg(long = "user", value_name = "USER")]
    pub(crate) users: Vec<Which>,
    /// A group; repeatable
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<Which>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// Show or change what users and groups may do with sites: read, update, delete
#[derive(Debug, Args)]
#[command(after_help = "\
Without --allow and --deny, shows the permissions: those that come with the
assignment, and those that are inherited.

Examples:
  zkv site privileges 1749398 --user 1917
  zkv site privileges 1749398 1749412 --group 5717 --allow read --deny delete")]
#[command(group(ArgGroup::new("holders").required(true).multiple(true).args(["users", "groups"])))]
pub(crate) struct SitePrivileges {
    /// The sites: ids, names, hosts or addresses; `-` reads ids from stdin
    #[arg(value_name = "SITE", required = true)]
    pub(crate) sites: Vec<IdArg>,
    /// A user; repeatable
    #[arg(long = "user", value_name = "USER")]
    pub(crate) users: Vec<Which>,
    /// A group; repeatable
    #[arg(long = "group", value_name = "GROUP")]
    pub(crate) groups: Vec<Which>,
    #[command(flatten)]
    pub(crate) rights: RightsChange,
    #[command(flatten)]
    pub(crate) sending: Sending,
    #[command(flatten)]
    pub(crate) consent: Consent,
}
