//! An organisation as one value: its users, groups and sites, and what ties them together.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Deserializer, Error as _};
use serde::{Deserialize, Serialize, Serializer};

use crate::directory::Kind;

/// Ids below this are the service's. From here on they are those of groups that a plan creates, which have none yet.
pub const FIRST_NEW_ID: u64 = 1 << 52;

/// What ties two together: a left end and a right one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// A user (right) is a member of a group (left).
    Membership,
    /// A site (right) is assigned to a user (left).
    UserSite,
    /// A site (right) is assigned to a group (left).
    GroupSite,
}

impl Relation {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Membership, Self::UserSite, Self::GroupSite];

    /// The kinds of its two ends.
    #[must_use]
    pub const fn ends(self) -> (Kind, Kind) {
        match self {
            Self::Membership => (Kind::Group, Kind::User),
            Self::UserSite => (Kind::User, Kind::Site),
            Self::GroupSite => (Kind::Group, Kind::Site),
        }
    }

    /// The permissions that go with it.
    #[must_use]
    pub const fn rights(self) -> &'static [Right] {
        match self {
            Self::Membership => &[Right::Create, Right::Assign],
            Self::UserSite | Self::GroupSite => &[Right::Read, Right::Update, Right::Delete],
        }
    }

    /// Whether a tie is in the entry of its left end: a member is in that of the group, everything else in that of the site.
    const fn entry_is_left(self) -> bool {
        matches!(self, Self::Membership)
    }

    /// The kinds of the thing in whose entry of a file a tie is, and of the other end.
    #[must_use]
    pub const fn entry_kinds(self) -> (Kind, Kind) {
        let (left, right) = self.ends();
        if self.entry_is_left() {
            (left, right)
        } else {
            (right, left)
        }
    }
}

/// A permission: the first three are for a site, the others for a member of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Right {
    /// To see credentials, notes and files.
    Read,
    /// To change the site.
    Update,
    /// To delete the site.
    Delete,
    /// To create sites in the group.
    Create,
    /// To assign sites and users to the group.
    Assign,
}

impl Right {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Read, Self::Update, Self::Delete, Self::Create, Self::Assign];

    /// Its name in files and requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Create => "create",
            Self::Assign => "assign",
        }
    }

    /// The permission of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.name() == name)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// A set of permissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rights(u8);

impl Rights {
    /// Whether a permission is in it.
    #[must_use]
    pub const fn has(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// With one more permission.
    #[must_use]
    pub const fn with(self, right: Right) -> Self {
        Self(self.0 | right.bit())
    }

    /// What is in either of the two.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether nothing is in it.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// What is in it, in the order of [`Right::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Right> {
        Right::ALL.into_iter().filter(move |right| self.has(*right))
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Self {
        rights.into_iter().fold(Self::default(), Self::with)
    }
}

/// A list of names.
impl Serialize for Rights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter().map(Right::name))
    }
}

impl<'de> Deserialize<'de> for Rights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(deserializer)?;
        let right = |name: &String| Right::from_name(name).ok_or_else(|| no_right::<D>(name));
        names.iter().map(right).collect()
    }
}

fn no_right<'de, D: Deserializer<'de>>(name: &str) -> D::Error {
    D::Error::custom(format!("there is no permission `{name}`"))
}

/// Two things that are tied together, by their ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tie {
    /// In which way.
    pub relation: Relation,
    /// The id of the left end.
    pub left: u64,
    /// The id of the right end.
    pub right: u64,
}

impl Tie {
    /// The tie of a thing on one side to another.
    pub(super) const fn on_side(relation: Relation, is_left: bool, owner: u64, other: u64) -> Self {
        let (left, right) = if is_left { (owner, other) } else { (other, owner) };
        Self { relation, left, right }
    }

    /// The tie that the entry of a thing in a file says.
    #[must_use]
    pub const fn of_entry(relation: Relation, entry: u64, other: u64) -> Self {
        Self::on_side(relation, relation.entry_is_left(), entry, other)
    }

    /// The thing in whose entry of a file it is.
    #[must_use]
    pub const fn entry(&self) -> u64 {
        if self.relation.entry_is_left() {
            self.left
        } else {
            self.right
        }
    }

    /// The end that this entry names.
    #[must_use]
    pub const fn other(&self) -> u64 {
        if self.relation.entry_is_left() {
            self.right
        } else {
            self.left
        }
    }

    /// The user at one of its ends, if there is one.
    #[must_use]
    pub fn user(&self) -> Option<u64> {
        match self.relation {
            Relation::Membership => Some(self.right),
            Relation::UserSite => Some(self.left),
            Relation::GroupSite => None,
        }
    }
}

/// A field of a user's profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    /// The name to log in with. The API does not change it, nor any other of the first four.
    Username,
    /// E-mail address.
    Email,
    /// Whether the e-mail address was confirmed: `true` or `false`.
    Confirmed,
    /// The vendor's number of the license.
    License,
    /// First name.
    FirstName,
    /// Last name.
    LastName,
    /// Day of birth, `YYYY-MM-DD`.
    Birthdate,
    /// `m` or another letter.
    Gender,
    /// Street and number.
    Address,
    /// City.
    City,
    /// State or province.
    State,
    /// Postal code.
    Zip,
    /// Two letters of the country.
    Country,
    /// Telephone number.
    Phone,
    /// Company.
    Company,
    /// What the user does there.
    JobTitle,
    /// Address of a web site.
    Website,
}

impl Field {
    /// Every field, with its name in files, and the member of the service's users that holds it.
    pub const ALL: [(Self, &'static str, &'static str); 17] = [
        (Self::Username, "username", "username"),
        (Self::Email, "email", "email"),
        (Self::Confirmed, "confirmed", "confirmed"),
        (Self::License, "license", "license"),
        (Self::FirstName, "first-name", "firstname"),
        (Self::LastName, "last-name", "lastname"),
        (Self::Birthdate, "birthdate", "birthdate"),
        (Self::Gender, "gender", "gender"),
        (Self::Address, "address", "address"),
        (Self::City, "city", "city"),
        (Self::State, "state", "state"),
        (Self::Zip, "zip", "zip"),
        (Self::Country, "country", "country"),
        (Self::Phone, "phone", "phone"),
        (Self::Company, "company", "company"),
        (Self::JobTitle, "job-title", "jobtitle"),
        (Self::Website, "website", "website"),
    ];

    /// Its name in files.
    #[must_use]
    pub fn name(self) -> &'static str {
        let known = Self::ALL.iter().find(|(field, ..)| *field == self);
        known.map_or("", |(_, name, _)| name)
    }

    /// The field of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let known = Self::ALL.iter().find(|(_, known, _)| *known == name);
        known.map(|(field, ..)| *field)
    }

    /// Whether the API can change it.
    #[must_use]
    pub fn is_writable(self) -> bool {
        self > Self::License
    }
}

/// Its name.
impl Serialize for Field {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Field {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| D::Error::custom(format!("unknown field `{name}` of a user")))
    }
}

/// A user.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The profile. Fields that are empty are not in it.
    pub fields: BTreeMap<Field, String>,
    /// Whether the account is active, if the service says so.
    pub active: Option<bool>,
}

impl Person {
    /// A field, or an empty text.
    #[must_use]
    pub fn field(&self, field: Field) -> &str {
        self.fields.get(&field).map(String::as_str).unwrap_or_default()
    }

    /// Whether the account is active, as far as the service says: it counts as active where it says nothing.
    #[must_use]
    pub fn may_be_active(&self) -> bool {
        self.active != Some(false)
    }

    /// First and last name.
    #[must_use]
    pub fn full_name(&self) -> String {
        let parts = [self.field(Field::FirstName), self.field(Field::LastName)];
        parts.join(" ").trim().to_owned()
    }
}

/// A group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Team {
    /// What it is called.
    pub name: String,
    /// What it is for, if the service says so.
    pub description: Option<String>,
}

/// A site: nothing of its login but the host. Addresses may carry tokens.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Place {
    /// What it is called.
    pub name: String,
    /// The host of its login page, where the address has one.
    pub host: Option<String>,
}

/// An organisation. It holds no secret: no value of a site, encrypted or not, and no address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Organisation {
    /// The users by their ids.
    pub users: BTreeMap<u64, Person>,
    /// The groups.
    pub groups: BTreeMap<u64, Team>,
    /// The sites.
    pub sites: BTreeMap<u64, Place>,
    /// What is tied to what, with the permissions if the service says which.
    pub ties: BTreeMap<Tie, Option<Rights>>,
    /// Groups in groups, outer and inner, as far as the service shows them.
    pub nested: BTreeSet<(u64, u64)>,
}

impl Organisation {
    /// All ids of a kind, in order.
    #[must_use]
    pub fn ids(&self, kind: Kind) -> Vec<u64> {
        match kind {
            Kind::User => self.users.keys().copied().collect(),
            Kind::Group => self.groups.keys().copied().collect(),
            Kind::Site => self.sites.keys().copied().collect(),
        }
    }

    /// Whether it has this thing.
    #[must_use]
    pub fn has(&self, kind: Kind, id: u64) -> bool {
        match kind {
            Kind::User => self.users.contains_key(&id),
            Kind::Group => self.groups.contains_key(&id),
            Kind::Site => self.sites.contains_key(&id),
        }
    }

    /// The ties of one relation, in order.
    pub fn ties_of(&self, relation: Relation) -> impl Iterator<Item = (Tie, Option<Rights>)> {
        let end = |left, right| Tie { relation, left, right };
        let range = self.ties.range(end(0, 0)..=end(u64::MAX, u64::MAX));
        range.map(|(tie, rights)| (*tie, *rights))
    }

    /// Groups that are within a group, however deep, and the group itself.
    #[must_use]
    pub fn within(&self, group: u64) -> BTreeSet<u64> {
        let (mut found, mut waiting) = (BTreeSet::from([group]), vec![group]);
        while let Some(outer) = waiting.pop() {
            let inner = self
                .nested
                .range((outer, 0)..=(outer, u64::MAX))
                .map(|(_, inner)| *inner);
            // What was found before is in a circle, or in two groups.
            waiting.extend(inner.filter(|inner| found.insert(*inner)));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_permission_is_found_by_its_name() {
        for (field, name, _) in Field::ALL {
            assert_eq!((Field::from_name(name), field.name()), (Some(field), name));
        }
        for right in Right::ALL {
            assert_eq!(Right::from_name(right.name()), Some(right));
        }
        assert_eq!(Field::ALL.iter().filter(|(field, ..)| field.is_writable()).count(), 13);
    }

    #[test]
    fn permissions_are_a_set() {
        let two = Rights::from_iter([Right::Delete, Right::Read]);
        assert_eq!(two.iter().collect::<Vec<_>>(), [Right::Read, Right::Delete]);
        assert_eq!(
            two.without(Rights::from_iter([Right::Read])),
            Rights::from_iter([Right::Delete])
        );
        assert!(Rights::default().is_empty() && !two.has(Right::Update));
    }

    #[test]
    fn what_is_within_a_group_is_found_though_groups_make_a_circle() {
        let nested = BTreeSet::from([(1, 2), (2, 3), (3, 1), (4, 1)]);
        let organisation = Organisation {
            nested,
            ..Organisation::default()
        };
        assert_eq!(organisation.within(2), BTreeSet::from([1, 2, 3]));
        assert_eq!(organisation.within(4).len(), 4);
        assert_eq!(organisation.within(9), BTreeSet::from([9]));
    }
}
