//! Who is tied to what, and the permissions that come with it.

use std::collections::{BTreeMap, BTreeSet};

use super::Kind;

/// What may be allowed: the first three on a site, the others in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// See credentials, secure notes and files.
    Read,
    /// Modify the site.
    Update,
    /// Delete the site.
    Delete,
    /// Create sites in the group.
    Create,
    /// Assign sites and users to the group.
    Assign,
}

impl Right {
    /// The right's parameter.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Create => "create",
            Self::Assign => "assign",
        }
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rights(BTreeSet<Right>);

impl Rights {
    /// Whether a right is among them.
    #[must_use]
    pub fn has(&self, right: Right) -> bool {
        self.0.contains(&right)
    }

    /// Sets a right or unsets it.
    pub fn set(&mut self, right: Right, on: bool) {
        if on {
            self.0.insert(right);
        } else {
            self.0.remove(&right);
        }
    }

    pub(super) fn union(self, other: &Self) -> Self {
        self.0.into_iter().chain(other.0.iter().copied()).collect()
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Self {
        Self(rights.into_iter().collect())
    }
}

/// The ways in which two can be tied, each with a left and a right end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Relation {
    /// A site is assigned to a user: the user is left, the site right.
    UserSite,
    /// A site is assigned to a group: the group is left, the site right.
    GroupSite,
    /// A user is a member of a group: the group is left, the user right.
    GroupUser,
}

impl Relation {
    pub(crate) fn ends(self) -> (Kind, Kind) {
        match self {
            Self::UserSite => (Kind::User, Kind::Site),
            Self::GroupSite => (Kind::Group, Kind::Site),
            Self::GroupUser => (Kind::Group, Kind::User),
        }
    }

    /// The permissions that the relation can give.
    pub(crate) fn rights(self) -> &'static [Right] {
        match self {
            Self::UserSite | Self::GroupSite => &[Right::Read, Right::Update, Right::Delete],
            Self::GroupUser => &[Right::Create, Right::Assign],
        }
    }

    /// What a new tie gives: a group may read, since a site it cannot read is of no use to it; a user gets no
    /// rights with a site, which the page says, and none with a membership.
    fn default_rights(self) -> Rights {
        match self {
            Self::GroupSite => Rights::from_iter([Right::Read]),
            Self::UserSite | Self::GroupUser => Rights::default(),
        }
    }
}

/// All ties, by relation, left and right end; and the same from the right end to the left.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Links(BTreeMap<(Relation, u64, u64), Rights>, BTreeSet<(Relation, u64, u64)>);

impl Links {
    pub(super) fn add(&mut self, relation: Relation, left: u64, right: u64) {
        let rights = self.0.entry((relation, left, right));
        rights.or_insert_with(|| relation.default_rights());
        self.1.insert((relation, right, left));
    }

    pub(super) fn remove(&mut self, relation: Relation, left: u64, right: u64) {
        self.0.remove(&(relation, left, right));
        self.1.remove(&(relation, right, left));
    }

    pub(super) fn rights(&self, relation: Relation, left: u64, right: u64) -> Option<&Rights> {
        self.0.get(&(relation, left, right))
    }

    pub(super) fn rights_mut(&mut self, relation: Relation, left: u64, right: u64) -> Option<&mut Rights> {
        self.0.get_mut(&(relation, left, right))
    }

    pub(super) fn of(&self, relation: Relation, of: Kind, id: u64) -> Vec<u64> {
        if of == relation.ends().0 {
            let range = self.0.range((relation, id, 0)..=(relation, id, u64::MAX));
            return range.map(|((_, _, right), _)| *right).collect();
        }
        let range = self.1.range((relation, id, 0)..=(relation, id, u64::MAX));
        range.map(|(_, _, left)| *left).collect()
    }

    pub(super) fn forget(&mut self, kind: Kind, id: u64) {
        let stays = |relation: Relation, left: u64, right: u64| {
            let (of_left, of_right) = relation.ends();
            (of_left, left) != (kind, id) && (of_right, right) != (kind, id)
        };
        self.0
            .retain(|(relation, left, right), _| stays(*relation, *left, *right));
        self.1.retain(|(relation, right, left)| stays(*relation, *left, *right));
    }
}
