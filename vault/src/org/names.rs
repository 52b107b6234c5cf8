//! What users, groups and sites are called in files and on the screen: by a name as long as that says which one is meant,
//! and otherwise with the id behind it, as in `Google #1749398`.

use std::collections::HashMap;

use zkvault_core::resolve::Matching;
use zkvault_core::text::folded;

use super::model::{Field, Organisation, Person};
use crate::directory::{FindError, Kind, Listed, find};

/// What comes between a name and an id.
const ID: &str = " #";
/// Names that are suggested in place of one that is unknown, for so many of them: each is compared with all names.
const MAX_SUGGESTED: usize = 20;

/// The names of an organisation's things, and the things of a name.
#[derive(Debug)]
pub struct Names<'a> {
    organisation: &'a Organisation,
    names: HashMap<(Kind, u64), String>,
    /// By names that are not more than one thing's, whatever the case of their letters.
    ids: HashMap<(Kind, String), u64>,
}

impl<'a> Names<'a> {
    /// The names of everything in an organisation.
    #[must_use]
    pub fn of(organisation: &'a Organisation) -> Self {
        let mut names = Self {
            organisation,
            names: HashMap::new(),
            ids: HashMap::new(),
        };
        for kind in [Kind::User, Kind::Group, Kind::Site] {
            names.add(kind);
        }
        names
    }

    fn add(&mut self, kind: Kind) {
        let called = self
            .organisation
            .ids(kind)
            .into_iter()
            .map(|id| (id, self.first_name(kind, id)));
        let called: Vec<(u64, String)> = called.collect();
        let mut holders: HashMap<String, Vec<u64>> = HashMap::new();
        for (id, name) in &called {
            holders.entry(folded(name).into_owned()).or_default().push(*id);
        }
        for (id, name) in called {
            let is_own = holders.get(folded(&name).as_ref()).is_some_and(|ids| ids.len() == 1);
            let shown = if is_own && is_clear(&name) {
                name
            } else {
                format!("{name}{ID}{id}")
            };
            self.names.insert((kind, id), shown);
        }
        if kind == Kind::User {
            self.add_other_names(&mut holders);
        }
        let only = holders.into_iter().filter_map(|(name, ids)| match ids.as_slice() {
            [id] if is_clear(&name) => Some(((kind, name), *id)),
            _ => None,
        });
        self.ids.extend(only);
    }

    /// A user may also be named by the user name and the full name, where that is nobody's first name.
    fn add_other_names(&self, holders: &mut HashMap<String, Vec<u64>>) {
        let mut others: HashMap<String, Vec<u64>> = HashMap::new();
        for (id, person) in &self.organisation.users {
            let names = [person.field(Field::Username).to_owned(), person.full_name()];
            for name in names.iter().map(|name| folded(name).into_owned()) {
                let known = others.entry(name).or_default();
                if !known.contains(id) {
                    known.push(*id);
                }
            }
        }
        for (name, ids) in others.into_iter().filter(|(name, _)| !name.is_empty()) {
            holders.entry(name).or_insert(ids);
        }
    }

    /// What a thing is called first: an e-mail address, or the name.
    fn first_name(&self, kind: Kind, id: u64) -> String {
        match kind {
            Kind::User => self.organisation.users.get(&id).map(user_name).unwrap_or_default(),
            Kind::Group => self
                .organisation
                .groups
                .get(&id)
                .map(|group| group.name.clone())
                .unwrap_or_default(),
            Kind::Site => self
                .organisation
                .sites
                .get(&id)
                .map(|site| site.name.clone())
                .unwrap_or_default(),
        }
    }

    /// Everything with what it is called, in no order.
    pub fn all(&self) -> impl Iterator<Item = (Kind, u64, &str)> {
        self.names.iter().map(|((kind, id), name)| (*kind, *id, name.as_str()))
    }

    /// What a thing is called, in a way that [`find`](Self::find) understands. An unknown one is `#` and its id.
    #[must_use]
    pub fn name(&self, kind: Kind, id: u64) -> String {
        self.names.get(&(kind, id)).cloned().unwrap_or_else(|| format!("#{id}"))
    }

    /// The thing that a text names: by an id, by a name, or by both, as [`name`](Self::name) writes them.
    ///
    /// # Errors
    /// [`FindError`], without suggestions.
    pub fn find(&self, kind: Kind, text: &str) -> Result<u64, FindError> {
        let named = || self.ids.get(&(kind, folded(text).into_owned())).copied();
        let with_id = || {
            let (name, id) = split(text)?;
            (name.is_empty() || folded(name) == folded(&self.first_name(kind, id))).then_some(id)
        };
        let id = text.trim().parse().ok().or_else(named).or_else(with_id);
        match id.filter(|id| self.organisation.has(kind, *id)) {
            Some(id) => Ok(id),
            None => Err(self.missing(kind, text)),
        }
    }

    /// The thing that a text names, or a part of whose name or host it is: for what is only looked at.
    ///
    /// # Errors
    /// [`FindError`], with suggestions.
    pub fn look(&self, kind: Kind, text: &str) -> Result<u64, FindError> {
        match self.find(kind, text) {
            Err(FindError::NotFound { .. }) => {}
            found => return found,
        }
        let host = |id: u64| self.organisation.sites.get(&id).and_then(|site| site.host.clone());
        let listed = |id: u64| {
            let host = host(id).filter(|_| kind == Kind::Site);
            Listed::named(id, &self.name(kind, id)).also_named(host)
        };
        let all: Vec<Listed> = self.organisation.ids(kind).into_iter().map(listed).collect();
        find(kind, text, &all, Matching::Parts).map(|found| found.id)
    }

    fn missing(&self, kind: Kind, text: &str) -> FindError {
        let wanted = folded(text);
        let ids = self.organisation.ids(kind).into_iter();
        let same = ids.filter(|id| folded(&self.first_name(kind, *id)) == wanted);
        let candidates: Vec<Listed> = same.map(|id| Listed::named(id, &self.name(kind, id))).collect();
        let wanted = text.to_owned();
        match candidates.len() {
            0 => FindError::NotFound {
                kind,
                wanted,
                suggestions: Vec::new(),
            },
            _ => FindError::Ambiguous {
                kind,
                wanted,
                candidates,
            },
        }
    }
}

/// What users are called first: by e-mail address, user name or full name.
fn user_name(person: &Person) -> String {
    let names = [person.field(Field::Email), person.field(Field::Username)];
    let short = names
        .into_iter()
        .find(|name| !name.trim().is_empty())
        .map(str::to_owned);
    short.unwrap_or_else(|| person.full_name())
}

/// Whether a name cannot be taken for an id, or for a name with one.
fn is_clear(name: &str) -> bool {
    !name.trim().is_empty() && split(name).is_none() && name.trim().parse::<u64>().is_err()
}

/// The name and the id of `Name #id` or `#id`.
fn split(text: &str) -> Option<(&str, u64)> {
    let (name, digits) = match text.rsplit_once(ID) {
        Some(parts) => parts,
        None => ("", text.trim().strip_prefix('#')?),
    };
    Some((name, digits.parse().ok()?))
}

/// Says what may be meant by names that nothing has. Looking costs a comparison with every name, so only the first few get
/// suggestions.
#[derive(Debug)]
pub struct Suggestions<'a> {
    names: &'a Names<'a>,
    lists: HashMap<Kind, Vec<Listed>>,
    left: usize,
}

impl<'a> Suggestions<'a> {
    /// For names of these things.
    #[must_use]
    pub fn of(names: &'a Names<'a>) -> Self {
        Self {
            names,
            lists: HashMap::new(),
            left: MAX_SUGGESTED,
        }
    }

    /// What is wrong with a name, and what may be meant.
    pub fn explain(&mut self, error: &FindError) -> String {
        match error {
            FindError::Ambiguous { candidates, .. } => {
                let names: Vec<&str> = candidates.iter().map(|one| one.name.as_str()).collect();
                format!("{error}: write one of {}", names.join(", "))
            }
            FindError::NotFound { kind, wanted, .. } => match self.similar(*kind, wanted).as_slice() {
                [] => error.to_string(),
                names => format!("{error}; did you mean {}?", names.join(" or ")),
            },
            FindError::Contradicted { .. } => error.to_string(),
        }
    }

    fn similar(&mut self, kind: Kind, wanted: &str) -> Vec<String> {
        if self.left == 0 {
            return Vec::new();
        }
        self.left -= 1;
        let names = self.names;
        let all = self.lists.entry(kind).or_insert_with(|| {
            let ids = names.organisation.ids(kind).into_iter();
            ids.map(|id| Listed::named(id, &names.name(kind, id))).collect()
        });
        match find(kind, wanted, all, Matching::Whole) {
            Err(FindError::NotFound { suggestions, .. }) => suggestions.into_iter().map(|one| one.name).collect(),
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::model::{Place, Team};

    fn organisation() -> Organisation {
        let mut organisation = Organisation::default();
        let user = |email: &str, first: &str| {
            let fields = [(Field::Email, email.to_owned()), (Field::FirstName, first.to_owned())];
            Person {
                fields: fields.into(),
                active: None,
            }
        };
        organisation.users = [
            (1, user("ada@x.example", "Ada")),
            (2, user("bo@x.example", "Bo")),
            (3, Person::default()),
        ]
        .into();
        let team = |name: &str| Team {
            name: name.to_owned(),
            description: None,
        };
        organisation.groups = [(5, team("Sales")), (6, team("7")), (7, team("Ops #5"))].into();
        let place = |name: &str| Place {
            name: name.to_owned(),
            host: None,
        };
        organisation.sites = [(8, place("Mail")), (9, place("mail"))].into();
        organisation
    }

    #[test]
    fn every_name_that_is_written_is_found_again() {
        let organisation = organisation();
        let names = Names::of(&organisation);
        for kind in [Kind::User, Kind::Group, Kind::Site] {
            for id in organisation.ids(kind) {
                assert_eq!(
                    names.find(kind, &names.name(kind, id)),
                    Ok(id),
                    "{}",
                    names.name(kind, id)
                );
            }
        }
        assert_eq!(names.name(Kind::Site, 9), "mail #9");
        assert_eq!(names.name(Kind::Group, 7), "Ops #5 #7");
        assert_eq!(names.name(Kind::User, 3), " #3");
    }

    #[test]
    fn a_user_has_several_names_and_a_name_of_two_things_is_none() {
        let organisation = organisation();
        let names = Names::of(&organisation);
        assert_eq!(names.find(Kind::User, "ADA@x.example"), Ok(1));
        assert_eq!(names.find(Kind::User, "bo"), Ok(2));
        assert_eq!(names.find(Kind::User, "2"), Ok(2));
        assert_eq!(
            names.find(Kind::Group, "7"),
            Ok(7),
            "a name in digits takes no id's place"
        );
        assert!(
            names.find(Kind::Group, "Ops #5").is_err(),
            "the id is of a group of another name"
        );
        let error = names.find(Kind::Site, "Mail").unwrap_err();
        assert_eq!(error.code(), "ambiguous-site");
        let explained = Suggestions::of(&names).explain(&error);
        assert!(explained.contains("Mail #8, mail #9"), "{explained}");
        let error = names.find(Kind::User, "aad@x.example").unwrap_err();
        let explained = Suggestions::of(&names).explain(&error);
        assert!(explained.contains("did you mean ada@x.example"), "{explained}");
    }
}
