//! What the service knows: sites, users, groups, and who may do what with which.

mod accounts;
mod links;

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};
use zkvault_core::model::{Group, Site, User};

use accounts::Account;
pub use accounts::ActivateError;
use links::Links;
pub use links::{Relation, Right, Rights};

/// A JSON object.
pub type Document = Map<String, Value>;

/// The kinds of things that have an id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Sites.
    Site,
    /// Users.
    User,
    /// Groups.
    Group,
}

impl Kind {
    /// The name of one.
    pub(crate) fn singular(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::User => "user",
            Self::Group => "group",
        }
    }

    /// The name in paths and lists.
    pub(crate) fn plural(self) -> &'static str {
        match self {
            Self::Site => "sites",
            Self::User => "users",
            Self::Group => "groups",
        }
    }
}

/// An organisation: its sites, users and groups, and what ties them together. A clone is a state to come back to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Organisation {
    documents: BTreeMap<(Kind, u64), Document>,
    accounts: BTreeMap<u64, Account>,
    links: Links,
    /// A nested group's group.
    parents: BTreeMap<u64, u64>,
}

impl Organisation {
    /// Nobody and nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a site, or replaces the one of its id.
    pub fn add_site(&mut self, site: &Site) {
        self.documents.insert((Kind::Site, site.id), document(site));
    }

    /// Adds a user, or replaces the one of its id. One who is active has been activated; another never was.
    pub fn add_user(&mut self, user: &User) {
        self.documents.insert((Kind::User, user.id), document(user));
        self.accounts.insert(user.id, Account::new(user.active == Some(true)));
    }

    /// Adds a group, or replaces the one of its id.
    pub fn add_group(&mut self, group: &Group) {
        self.documents.insert((Kind::Group, group.id), document(group));
    }

    /// Adds a group under the next free id, which it returns.
    pub(crate) fn create_group(&mut self, name: &str, description: Option<&str>) -> u64 {
        let last = self.ids(Kind::Group).last().unwrap_or_default();
        let mut group = Group::new(last + 1);
        group.name = Some(name.to_owned());
        group.description = description.map(str::to_owned);
        self.add_group(&group);
        group.id
    }

    /// Puts the group `child` into the group `parent`. Refuses, by `false`, what would make a circle.
    pub fn nest(&mut self, child: u64, parent: u64) -> bool {
        if self.within(child).contains(&parent) {
            return false;
        }
        self.parents.insert(child, parent);
        true
    }

    /// Puts a document under an id, whatever it holds.
    pub(super) fn put(&mut self, kind: Kind, id: u64, document: Document) {
        self.documents.insert((kind, id), document);
    }

    /// Removes a site, user or group with everything that ties it to others. Whether it was there.
    pub fn remove(&mut self, kind: Kind, id: u64) -> bool {
        self.links.forget(kind, id);
        if kind == Kind::User {
            self.accounts.remove(&id);
        }
        if kind == Kind::Group {
            self.parents.retain(|child, parent| *child != id && *parent != id);
        }
        self.documents.remove(&(kind, id)).is_some()
    }

    /// The document of a site, user or group.
    #[must_use]
    pub fn get(&self, kind: Kind, id: u64) -> Option<&Document> {
        self.documents.get(&(kind, id))
    }

    /// The document, to change it.
    pub fn get_mut(&mut self, kind: Kind, id: u64) -> Option<&mut Document> {
        self.documents.get_mut(&(kind, id))
    }

    /// All ids of a kind, in order.
    pub fn ids(&self, kind: Kind) -> impl Iterator<Item = u64> {
        self.all(kind).map(|(id, _)| id)
    }

    /// All documents of a kind, in the order of their ids.
    pub fn all(&self, kind: Kind) -> impl Iterator<Item = (u64, &Document)> {
        let range = self.documents.range((kind, 0)..=(kind, u64::MAX));
        range.map(|((_, id), document)| (*id, document))
    }

    /// Ties two together with the permissions that are the default of the relation. Those that are tied stay as they are.
    pub fn link(&mut self, relation: Relation, left: u64, right: u64) {
        self.links.add(relation, left, right);
    }

    /// Unties two.
    pub fn unlink(&mut self, relation: Relation, left: u64, right: u64) {
        self.links.remove(relation, left, right);
    }

    /// The permissions that the tie between two gives, without what is inherited. `None` when they are not tied.
    #[must_use]
    pub fn rights(&self, relation: Relation, left: u64, right: u64) -> Option<&Rights> {
        self.links.rights(relation, left, right)
    }

    /// The same, to change them.
    pub fn rights_mut(&mut self, relation: Relation, left: u64, right: u64) -> Option<&mut Rights> {
        self.links.rights_mut(relation, left, right)
    }

    /// Whom `id`, which is of the kind `of`, is tied to. In order.
    #[must_use]
    pub fn linked(&self, relation: Relation, of: Kind, id: u64) -> Vec<u64> {
        self.links.of(relation, of, id)
    }

    /// The permissions that come from elsewhere: a user's from the groups that the user is in, a group's from the
    /// groups in it, as the page has it.
    #[must_use]
    pub fn inherited(&self, relation: Relation, left: u64, right: u64) -> Rights {
        let groups: Vec<u64> = match relation {
            Relation::UserSite => self.linked(Relation::GroupUser, Kind::User, left),
            Relation::GroupSite => self.children(left).collect(),
            Relation::GroupUser => Vec::new(),
        };
        let groups: BTreeSet<u64> = groups.into_iter().flat_map(|group| self.within(group)).collect();
        let rights = groups
            .into_iter()
            .filter_map(|group| self.rights(Relation::GroupSite, group, right));
        rights.fold(Rights::default(), |all, some| all.union(some))
    }

    fn children(&self, parent: u64) -> impl Iterator<Item = u64> {
        self.parents
            .iter()
            .filter(move |(_, known)| **known == parent)
            .map(|(child, _)| *child)
    }

    /// A group and all groups in it. There are no circles.
    fn within(&self, group: u64) -> BTreeSet<u64> {
        let below = self.children(group).flat_map(|child| self.within(child));
        below.chain([group]).collect()
    }
}

/// The models always are objects.
fn document(model: &impl Serialize) -> Document {
    match serde_json::to_value(model) {
        Ok(Value::Object(members)) => members,
        _ => Document::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_come_up_from_nested_groups_and_down_to_members() {
        let mut organisation = Organisation::new();
        assert!(organisation.nest(2, 1) && organisation.nest(3, 2));
        organisation.link(Relation::GroupSite, 3, 9);
        organisation.link(Relation::GroupUser, 1, 7);
        let read = Rights::from_iter([Right::Read]);
        assert_eq!(organisation.inherited(Relation::GroupSite, 1, 9), read);
        assert_eq!(organisation.inherited(Relation::GroupSite, 3, 9), Rights::default());
        assert_eq!(organisation.inherited(Relation::UserSite, 7, 9), read);
        assert_eq!(organisation.inherited(Relation::UserSite, 7, 8), Rights::default());
    }

    #[test]
    fn groups_make_no_circle() {
        let mut organisation = Organisation::new();
        assert!(organisation.nest(2, 1) && organisation.nest(3, 2));
        assert!(!organisation.nest(1, 3) && !organisation.nest(1, 1));
    }

    #[test]
    fn a_removed_group_is_nested_no_more() {
        for removed in [1, 2] {
            let mut organisation = Organisation::new();
            assert!(organisation.nest(2, 1));
            organisation.remove(Kind::Group, removed);
            assert_eq!(organisation, Organisation::new());
        }
    }

    #[test]
    fn what_is_removed_leaves_no_tie() {
        let mut organisation = Organisation::new();
        organisation.add_site(&Site::new(9));
        organisation.link(Relation::UserSite, 7, 9);
        assert!(organisation.remove(Kind::Site, 9));
        assert_eq!(organisation, Organisation::new());
        assert!(!organisation.remove(Kind::Site, 9));
    }
}
