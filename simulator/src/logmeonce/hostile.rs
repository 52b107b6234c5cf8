//! Ready-made lies of a hostile service.

use serde_json::{Map, Value};

use super::organisation::{Document, Kind, Organisation, Relation};

/// A way in which the service lies whenever it tells its state. The true state, and what requests change in it,
/// stay as they are.
///
/// An attack on what is not there changes nothing. Inputs are counted from 0.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Attack {
    /// Swaps the values of two inputs, of one site or of two.
    SwapValues {
        /// A site and the place of one of its inputs.
        one: (u64, usize),
        /// The other.
        other: (u64, usize),
    },
    /// Puts a value in place of what a JSON pointer (RFC 6901) names in a site. The last step may be new.
    Change {
        /// The site.
        site: u64,
        /// The pointer, such as `/login/Url`.
        pointer: String,
        /// The new value.
        value: Value,
    },
    /// Leaves a site out.
    Drop {
        /// The site.
        site: u64,
    },
    /// Lists two sites of one id, which differ in a member that nobody compares.
    Duplicate {
        /// The site.
        site: u64,
    },
    /// Lists the same record twice, as a service does that joins tables.
    Repeat {
        /// The site.
        site: u64,
    },
    /// Turns the order of all lists round.
    Reverse,
    /// Brings a site back as it once was, whether or not it was deleted or changed since.
    Resurrect {
        /// The state that it is taken from.
        from: Box<Organisation>,
        /// The site.
        site: u64,
    },
    /// Serves an older state.
    OlderState(Box<Organisation>),
    /// Shows a user with the data, groups and sites of another, under the same id.
    ReplaceUser {
        /// The user who is replaced.
        user: u64,
        /// Whose data are shown.
        by: u64,
    },
    /// Shows a user as a member of a group.
    AddMember {
        /// The group.
        group: u64,
        /// The user.
        user: u64,
    },
}

impl Attack {
    /// Changes the address of a site's login page.
    #[must_use]
    pub fn url(site: u64, url: &str) -> Self {
        Self::change(site, "/login/Url", url)
    }

    /// Changes the pattern of the addresses a site's login belongs to.
    #[must_use]
    pub fn regex(site: u64, regex: &str) -> Self {
        Self::change(site, "/login/regex", regex)
    }

    /// Changes the type of a site's input.
    #[must_use]
    pub fn input_type(site: u64, input: usize, input_type: &str) -> Self {
        Self::change(site, &format!("/login/inputs/{input}/type"), input_type)
    }

    /// Changes the flags of a site's input.
    #[must_use]
    pub fn input_flags(site: u64, input: usize, flags: u64) -> Self {
        Self::change(site, &format!("/login/inputs/{input}/flags"), flags)
    }

    /// Puts a value in place of what a JSON pointer names in a site.
    #[must_use]
    pub fn change(site: u64, pointer: &str, value: impl Into<Value>) -> Self {
        Self::Change {
            site,
            pointer: pointer.to_owned(),
            value: value.into(),
        }
    }

    /// Changes a state into what the service pretends.
    pub(super) fn pretend(&self, organisation: &mut Organisation) {
        match self {
            Self::SwapValues { one, other } => swap_values(organisation, *one, *other),
            Self::Change { site, pointer, value } => change(organisation, *site, pointer, value),
            Self::Drop { site } => {
                organisation.remove(Kind::Site, *site);
            }
            Self::Resurrect { from, site } => resurrect(organisation, from, *site),
            Self::OlderState(older) => organisation.clone_from(older),
            Self::ReplaceUser { user, by } => replace_user(organisation, *user, *by),
            Self::AddMember { group, user } => organisation.link(Relation::GroupUser, *group, *user),
            Self::Duplicate { .. } | Self::Repeat { .. } | Self::Reverse => {}
        }
    }

    /// Changes a document in ways that no state could bring about.
    pub(super) fn rewrite(&self, document: &mut Value) {
        let Value::Object(members) = document else { return };
        match self {
            Self::Duplicate { site } => repeat(members, *site, |copy| {
                copy.insert("used".to_owned(), 987_654.into());
            }),
            Self::Repeat { site } => repeat(members, *site, |_| {}),
            Self::Reverse => members
                .values_mut()
                .filter_map(Value::as_array_mut)
                .for_each(|list| list.reverse()),
            _ => {}
        }
    }
}

/// Appends a copy of a site to a list.
fn repeat(members: &mut Map<String, Value>, site: u64, change: impl FnMut(&mut Map<String, Value>)) {
    let Some(Value::Array(sites)) = members.get_mut("sites") else {
        return;
    };
    let is_it = |known: &&Value| known.get("id") == Some(&Value::from(site));
    let mut copy = sites.iter().find(is_it).cloned();
    copy.as_mut()
        .and_then(Value::as_object_mut)
        .into_iter()
        .for_each(change);
    sites.extend(copy);
}

fn swap_values(organisation: &mut Organisation, one: (u64, usize), other: (u64, usize)) {
    let values = (
        value_of(organisation, one).cloned(),
        value_of(organisation, other).cloned(),
    );
    let (Some(first), Some(second)) = values else { return };
    for (place, value) in [(one, second), (other, first)] {
        if let Some(place) = value_of(organisation, place) {
            *place = value;
        }
    }
}

fn value_of(organisation: &mut Organisation, (site, input): (u64, usize)) -> Option<&mut Value> {
    let login = organisation.get_mut(Kind::Site, site)?.get_mut("login")?;
    login.pointer_mut(&format!("/inputs/{input}/value"))
}

fn change(organisation: &mut Organisation, site: u64, pointer: &str, value: &Value) {
    let Some(document) = organisation.get_mut(Kind::Site, site) else {
        return;
    };
    let mut whole = Value::Object(std::mem::take(document));
    if let Some((parent, last)) = pointer.rsplit_once('/') {
        let name = last.replace("~1", "/").replace("~0", "~");
        match whole.pointer_mut(parent) {
            Some(Value::Object(members)) => {
                members.insert(name, value.clone());
            }
            Some(Value::Array(items)) => {
                if let Some(item) = name.parse().ok().and_then(|place: usize| items.get_mut(place)) {
                    *item = value.clone();
                }
            }
            _ => {}
        }
    }
    if let Value::Object(members) = whole {
        *document = members;
    }
}

/// Brings back the site with the ties that it had.
fn resurrect(organisation: &mut Organisation, from: &Organisation, site: u64) {
    let Some(document) = from.get(Kind::Site, site) else {
        return;
    };
    organisation.put(Kind::Site, site, document.clone());
    for relation in [Relation::UserSite, Relation::GroupSite] {
        for other in from.linked(relation, Kind::Site, site) {
            organisation.link(relation, other, site);
        }
    }
}

fn replace_user(organisation: &mut Organisation, user: u64, by: u64) {
    let (Some(_), Some(shown)) = (organisation.get(Kind::User, user), organisation.get(Kind::User, by)) else {
        return;
    };
    let mut shown: Document = shown.clone();
    shown.insert("id".to_owned(), user.into());
    let groups = organisation.linked(Relation::GroupUser, Kind::User, by);
    let sites = organisation.linked(Relation::UserSite, Kind::User, by);
    organisation.remove(Kind::User, user);
    organisation.put(Kind::User, user, shown);
    groups
        .into_iter()
        .for_each(|group| organisation.link(Relation::GroupUser, group, user));
    sites
        .into_iter()
        .for_each(|site| organisation.link(Relation::UserSite, user, site));
}
