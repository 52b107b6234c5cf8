//! Arguments of `zkv group`.

use clap::{ArgGroup, Args, Subcommand};

use super::ids::{Consent, IdArg, RightsChange, Sending, Which};

#[derive(Debug, Subcommand)]
pub(crate) enum GroupCommand {
    /// List the groups
    #[command(after_help = "Examples:\n  zkv group list\n  zkv group list --json")]
    List,
    /// Show a group
    #[command(after_help = "Example:\n  zkv group get 5717")]
    Get {
        /// The group: an id or a name
        #[arg(value_name = "GROUP")]
        group: Which,
    },
    Create(GroupCreate),
    Update(GroupUpdate),
    /// List the members of a group
    #[command(after_help = "Example:\n  zkv group users 5717")]
    Users {
        /// The group: an id or a name
        #[arg(value_name = "GROUP")]
        group: Which,
    },
    /// List the sites that are assigned to a group
    #[command(after_help = "Example:\n  zkv group sites 5717")]
    Sites {
        /// The group: an id or a name
        #[arg(value_name = "GROUP")]
        group: Which,
    },
    /// Add members to a group
    #[command(after_help = "\
Existing members stay members.

Examples:
  zkv group add 5717 1918 1919
  zkv site users 1749398 | zkv group add 5717 -")]
    Add(GroupMembers),
    /// Remove members from a group
    #[command(after_help = "Example:\n  zkv group remove 5717 1918")]
    Remove(GroupMembers),
    Privileges(GroupPrivileges),
}

/// Create a group
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  zkv group create Marketing --description 'Group used for Marketing'")]
pub(crate) struct GroupCreate {
    /// The name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The description
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// Change a group's name or description
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  zkv group update 5717 --name Canada")]
#[command(group(ArgGroup::new("changes").required(true).multiple(true).args(["name", "description"])))]
pub(crate) struct GroupUpdate {
    /// The group: an id or a name
    #[arg(value_name = "GROUP")]
    pub(crate) group: Which,
    /// The new name
    #[arg(long, value_name = "TEXT")]
    pub(crate) name: Option<String>,
    /// The new description
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// A group and users.
#[derive(Debug, Args)]
pub(crate) struct GroupMembers {
    /// The group: an id or a name
    #[arg(value_name = "GROUP")]
    pub(crate) group: Which,
    /// The users: ids, e-mail addresses, user names or full names; `-` reads ids from stdin
    #[arg(value_name = "USER", required = true)]
    pub(crate) users: Vec<IdArg>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// Show or change what members may do in groups (create, assign) or groups with sites (read, update, delete)
#[derive(Debug, Args)]
#[command(after_help = "\
Without --allow and --deny, shows the permissions.

Examples:
  zkv group privileges 5717 --user 1917 --allow create,assign
  zkv group privileges 5717 --site 1749398 --deny update")]
#[command(group(ArgGroup::new("others").required(true).multiple(true).args(["users", "sites"])))]
pub(crate) struct GroupPrivileges {
    /// The groups: ids or names; `-` reads ids from stdin
    #[arg(value_name = "GROUP", required = true)]
    pub(crate) groups: Vec<IdArg>,
    /// A member; repeatable
    #[arg(long = "user", value_name = "USER", conflicts_with = "sites")]
    pub(crate) users: Vec<Which>,
    /// A site; repeatable
    #[arg(long = "site", value_name = "SITE")]
    pub(crate) sites: Vec<Which>,
    #[command(flatten)]
    pub(crate) rights: RightsChange,
    #[command(flatten)]
    pub(crate) sending: Sending,
    #[command(flatten)]
    pub(crate) consent: Consent,
}
