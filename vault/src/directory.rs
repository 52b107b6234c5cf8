//! Sites, users and groups by what people call them, also where only the service knows them.
//!
//! ```
//! use zkvault::core::model::Group;
//! use zkvault::core::resolve::Matching;
//! use zkvault::directory::{Kind, Listed, find};
//!
//! let group = |id, name: &str| -> Result<Listed, serde_json::Error> {
//!     let group: Group = serde_json::from_value(serde_json::json!({"id": id, "name": name}))?;
//!     Ok(Listed::from(&group))
//! };
//! let all = [group(5717, "Engineering")?, group(5719, "Platform north")?, group(5721, "Platform south")?];
//! let found = |wanted, matching| find(Kind::Group, wanted, &all, matching).map(|group| group.id);
//! assert_eq!(found("engineering", Matching::Whole).ok(), Some(5717));
//! assert_eq!(found("south", Matching::Parts).ok(), Some(5721));
//! assert_eq!(found("platform", Matching::Parts).map_err(|error| error.code()), Err("ambiguous-group"));
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! The rules by which a text means one of several are core's ([`resolve_by`]), the same for every list and program.
//! What is changed is named as a whole, what is only looked at may be named in part. A name that fits several is an
//! error that lists them, because the first of them would be the one that somebody else chose to put first.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;
use zkvault_core::model::{Group, Site, User};
use zkvault_core::resolve::{Matching, Named, Resolution, resolve_by};
use zkvault_core::trust::Origin;

use crate::store::Entry;

/// A kind of thing that has an id and names.
///
/// In the order in which an organisation is listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A user.
    User,
    /// A group.
    Group,
    /// A site.
    Site,
}

impl Kind {
    /// What one is called in messages, in JSON and in requests.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

/// One of several, as far as a person needs it to tell it from the others.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Listed {
    /// The API's number of it.
    pub id: u64,
    /// The name of a site or group, or a user's full name.
    pub name: String,
    /// The origin of a site's login page, or a user's e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What a site calls the person, where that can be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// All its names, by which it is found.
    #[serde(skip)]
    names: Vec<String>,
    /// Of a site: found by it as well.
    #[serde(skip)]
    origin: Option<String>,
    /// Whether it is a site that nobody accepted as it is: those are looked at only when no other fits (threat model,
    /// Z48).
    #[serde(skip)]
    unaccepted: bool,
}

impl Listed {
    /// What a person calls it: a user by the e-mail address, everything else by its name.
    #[must_use]
    pub fn called(&self) -> &str {
        let address = self.address.as_deref().filter(|address| address.contains('@'));
        address.unwrap_or(&self.name)
    }

    /// One of which no more than a name is known.
    #[must_use]
    pub fn named(id: u64, name: &str) -> Self {
        Self {
            id,
            name: name.to_owned(),
            names: vec![name.to_owned()],
            ..Self::default()
        }
    }

    /// With one more name, by which it is found and not shown.
    pub(crate) fn also_named(mut self, name: Option<String>) -> Self {
        self.names.extend(name);
        self
    }
}

impl Named for Listed {
    fn id(&self) -> u64 {
        self.id
    }

    fn names(&self) -> impl Iterator<Item = Cow<'_, str>> {
        self.names.iter().map(|name| Cow::Borrowed(name.as_str()))
    }

    fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    fn is_trusted(&self) -> bool {
        !self.unaccepted
    }
}

/// Such as `1917 (Mateus Frey, mateus@haldenfrey.example)`.
impl fmt::Display for Listed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            Some(self.name.as_str()),
            self.address.as_deref(),
            self.username.as_deref(),
        ];
        let words: Vec<&str> = words.into_iter().flatten().filter(|word| !word.is_empty()).collect();
        write!(f, "{}", self.id)?;
        match words.is_empty() {
            true => Ok(()),
            false => write!(f, " ({})", words.join(", ")),
        }
    }
}

/// Owned, because what they are taken from may be dropped before the list.
fn names(named: &impl Named) -> Vec<String> {
    named.names().map(Cow::into_owned).collect()
}

impl From<&User> for Listed {
    fn from(user: &User) -> Self {
        let parts = [&user.firstname, &user.lastname].map(|part| part.as_deref().unwrap_or_default());
        Self {
            id: user.id,
            name: parts.join(" ").trim().to_owned(),
            address: user.email.clone().or_else(|| user.username.clone()),
            names: names(user),
            ..Self::default()
        }
    }
}

impl From<&Group> for Listed {
    fn from(group: &Group) -> Self {
        Self {
            id: group.id,
            name: group.name.clone().unwrap_or_default(),
            names: names(group),
            ..Self::default()
        }
    }
}

/// A site as the service lists it.
impl From<&Site> for Listed {
    fn from(site: &Site) -> Self {
        let url = site.login.as_ref().and_then(|login| login.url.as_deref());
        let origin = url
            .and_then(|url| Origin::parse(url).ok())
            .map(|origin| origin.to_string());
        let name = site.name.clone().unwrap_or_default();
        Self {
            id: site.id,
            names: vec![name.clone()],
            name,
            address: origin.clone(),
            origin,
            ..Self::default()
        }
    }
}

/// A site of the local store.
impl From<&Entry<'_>> for Listed {
    fn from(entry: &Entry<'_>) -> Self {
        let origin = entry.origin.as_deref().map(str::to_owned);
        Self {
            id: entry.id,
            name: entry.name.as_deref().unwrap_or_default().to_owned(),
            address: origin.clone(),
            names: names(entry),
            origin,
            unaccepted: !entry.is_trusted(),
            ..Self::default()
        }
    }
}

/// Nothing is called so, or not only one thing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FindError {
    /// There is none.
    #[error("there is no {} {wanted:?}", kind.name())]
    NotFound {
        /// Of what kind it would be.
        kind: Kind,
        /// What was looked for.
        wanted: String,
        /// What is spelled alike.
        suggestions: Vec<Listed>,
    },
    /// There are several.
    #[error("{} {}s fit {wanted:?}", candidates.len(), kind.name())]
    Ambiguous {
        /// Of what kind they are.
        kind: Kind,
        /// What was looked for.
        wanted: String,
        /// All that fit.
        candidates: Vec<Listed>,
    },
    /// The list has its id more than once, with different names: nobody knows which of them the id means.
    #[error("{} {} has different names in the list: {wanted:?} is one of them", kind.name(), candidates.first().map_or(0, |first| first.id))]
    Contradicted {
        /// Of what kind it is.
        kind: Kind,
        /// What was looked for.
        wanted: String,
        /// The one that fits, and the others of its id.
        candidates: Vec<Listed>,
    },
}

codes!(FindError {
    Self::NotFound { kind: Kind::Site, .. } => "no-such-site",
    Self::NotFound { kind: Kind::User, .. } => "no-such-user",
    Self::NotFound { kind: Kind::Group, .. } => "no-such-group",
    Self::Ambiguous { kind: Kind::Site, .. } | Self::Contradicted { kind: Kind::Site, .. } => "ambiguous-site",
    Self::Ambiguous { kind: Kind::User, .. } | Self::Contradicted { kind: Kind::User, .. } => "ambiguous-user",
    Self::Ambiguous { kind: Kind::Group, .. } | Self::Contradicted { kind: Kind::Group, .. } => "ambiguous-group",
});

/// Finds the one of a list that is meant.
///
/// [`FindError::NotFound`] has suggestions, which are spelled alike or have the text in their names.
///
/// # Errors
///
/// [`FindError`].
pub fn find(kind: Kind, wanted: &str, all: &[Listed], matching: Matching) -> Result<Listed, FindError> {
    let each = || all.iter().cloned().map(Ok::<_, std::convert::Infallible>);
    let Ok(resolution) = resolve_by(wanted, matching, each);
    let wanted = wanted.to_owned();
    let not_found = |suggestions| FindError::NotFound {
        kind,
        wanted: wanted.clone(),
        suggestions,
    };
    let one = match resolution {
        Resolution::One(one) => one,
        Resolution::Several(candidates) => match only(&candidates) {
            Some(one) => one,
            None => {
                return Err(FindError::Ambiguous {
                    kind,
                    wanted,
                    candidates,
                });
            }
        },
        Resolution::None { suggestions } => return Err(not_found(suggestions)),
        _ => return Err(not_found(Vec::new())),
    };
    match contradictions(&one, all) {
        others if others.is_empty() => Ok(one),
        others => Err(FindError::Contradicted {
            kind,
            wanted,
            candidates: std::iter::once(one).chain(others).collect(),
        }),
    }
}

/// What a service lists several times alike is one.
fn only(candidates: &[Listed]) -> Option<Listed> {
    let (first, others) = candidates.split_first()?;
    others.iter().all(|other| other == first).then(|| first.clone())
}

/// What has the id of one, and is something else.
fn contradictions(one: &Listed, all: &[Listed]) -> Vec<Listed> {
    let others = all.iter().filter(|other| other.id == one.id && *other != one);
    others.cloned().collect()
}

#[cfg(test)]
mod tests {
    use zkvault_core::model::Record as _;

    use super::*;
    use crate::store::{Slot, Standing};

    /// A service that gives one person the id of another would have the wrong one deleted.
    #[test]
    fn an_id_with_two_names_is_found_by_neither() {
        let user = |id: u64, email: &str| User::from_json(&format!(r#"{{"id":{id},"email":"{email}"}}"#)).unwrap();
        let users = [user(1, "boss@x"), user(2, "b@x"), user(1, "leaver@x"), user(2, "b@x")];
        let listed: Vec<Listed> = users.iter().map(Listed::from).collect();
        for matching in [Matching::Whole, Matching::Parts] {
            for wanted in ["boss@x", "leaver@x"] {
                let error = find(Kind::User, wanted, &listed, matching).unwrap_err();
                assert!(
                    matches!(&error, FindError::Contradicted { candidates, .. } if candidates.len() == 2),
                    "{error:?}"
                );
                assert!(error.to_string().starts_with("user 1 has different names"), "{error}");
            }
            let found = find(Kind::User, "b@x", &listed, matching);
            assert_eq!(found.map(|user| user.id), Ok(2), "the same twice is one");
        }
    }

    #[test]
    fn a_site_that_nobody_accepted_takes_no_name_from_one_that_is_trusted() {
        let slot = Some(Slot { row: 1, revision: 1 });
        let site = |id, trusted, candidate| Entry {
            id,
            standing: Standing::Ok,
            trusted,
            candidate,
            findings: None,
            updated: None,
            name: Some("Mail".into()),
            url: None,
            origin: None,
        };
        let listed = [site(1, None, slot), site(2, slot, None)].map(|entry| Listed::from(&entry));
        let found = find(Kind::Site, "Mail", &listed, Matching::Whole);
        assert_eq!(found.map(|site| site.id), Ok(2));
    }
}
