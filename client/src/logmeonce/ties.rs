//! What is assigned to what.

use serde::{Deserialize, Serialize};

/// One of the six relation endpoints: an owner, and what is tied to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tie {
    /// `/users/ID/sites`.
    UserSites,
    /// `/groups/ID/sites`.
    GroupSites,
    /// `/groups/ID/users`.
    GroupUsers,
    /// `/sites/ID/users`.
    SiteUsers,
    /// `/users/ID/groups`.
    UserGroups,
    /// `/sites/ID/groups`.
    SiteGroups,
}

impl Tie {
    /// The path of an owner's relation.
    pub(super) fn path(self, owner: u64) -> String {
        let (owners, others) = match self {
            Self::UserSites => ("users", "sites"),
            Self::GroupSites => ("groups", "sites"),
            Self::GroupUsers => ("groups", "users"),
            Self::SiteUsers => ("sites", "users"),
            Self::UserGroups => ("users", "groups"),
            Self::SiteGroups => ("sites", "groups"),
        };
        format!("/{owners}/{owner}/{others}")
    }

    pub(super) fn tie_name(self) -> &'static str {
        match self {
            Self::GroupUsers => "add",
            Self::UserGroups => "join",
            _ => "assign",
        }
    }

    pub(super) fn untie_name(self) -> &'static str {
        match self {
            Self::GroupUsers => "remove",
            Self::UserGroups => "leave",
            _ => "unassign",
        }
    }

    /// Whether it ties groups and users, which have rights of their own.
    #[must_use]
    pub fn is_membership(self) -> bool {
        matches!(self, Self::GroupUsers | Self::UserGroups)
    }
}

/// Rights to change: `Some(true)` sets one, `Some(false)` unsets it, `None` leaves it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rights {
    /// Of sites that are shared with users or groups.
    Sharing {
        /// To see credentials, notes and files.
        read: Option<bool>,
        /// To change the site.
        update: Option<bool>,
        /// To delete the site.
        delete: Option<bool>,
    },
    /// Of members of groups.
    Membership {
        /// To create sites in the group.
        create: Option<bool>,
        /// To assign sites and users to the group.
        assign: Option<bool>,
    },
}

impl Rights {
    /// Whether these are the permissions of a relation.
    pub(super) fn fit(self, tie: Tie) -> bool {
        tie.is_membership() == matches!(self, Self::Membership { .. })
    }

    /// Those that change, by their names.
    pub(super) fn named(self) -> impl Iterator<Item = (&'static str, bool)> {
        let all = match self {
            Self::Sharing { read, update, delete } => [("read", read), ("update", update), ("delete", delete)],
            Self::Membership { create, assign } => [("create", create), ("assign", assign), ("", None)],
        };
        all.into_iter().filter_map(|(name, on)| Some((name, on?)))
    }
}
