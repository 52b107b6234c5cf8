//! An organisation as a file.

use std::collections::BTreeMap;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use zkvault_core::text::{folded, is_deceptive};

use super::text::{Pairs, Permissions, Text};
use super::{GroupEntry, OrgError, OrgFile, SiteEntry, UserEntry, VERSION};
use crate::directory::Kind;
use crate::org::model::{Field, Organisation, Person, Relation};
use crate::org::names::Names;
use crate::org::read::Reading;

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
}

/// Writes what was read of an account's organisation. The same organisation is always the same text.
///
/// # Errors
/// [`OrgError::NotWritten`]; cannot be.
pub fn write(account: &str, reading: &Reading, format: FileFormat) -> Result<String, OrgError> {
    let file = file(account, reading);
    match format {
        FileFormat::Yaml => {
            let options = serde_saphyr::ser_options! { prefer_block_scalars: false };
            let yaml = serde_saphyr::to_string_with_options(&file, options);
            yaml.map(|yaml| spelled_out(&yaml))
                .map_err(|error| OrgError::NotWritten(error.to_string()))
        }
        FileFormat::Json => {
            let json = serde_json::to_string_pretty(&file);
            json.map(|json| spelled_out(&json) + "\n")
                .map_err(|error| OrgError::NotWritten(error.to_string()))
        }
    }
}

/// With every character as an escape that is not a letter, digit or sign to see. All of them are in quotation marks.
fn spelled_out(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in text.chars() {
        // The fillers of Hangul are letters, and nobody sees them.
        let is_seen = character.is_alphanumeric() && !is_deceptive(character);
        match character == '\n' || character.is_ascii() || is_seen {
            true => safe.push(character),
            false => {
                let units = character
                    .encode_utf16(&mut [0; 2])
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect::<String>();
                safe.push_str(&units);
            }
        }
    }
    safe
}

fn file(account: &str, reading: &Reading) -> OrgFile {
    let organisation = &reading.organisation;
    let names = Names::of(organisation);
    let ties = Ties::of(organisation, &names);
    let gaps: Vec<Text> = reading.gaps.iter().map(|gap| Text::new(gap.to_string())).collect();
    let odd = reading.odd.iter().map(|odd| Text::new(odd.to_string()));
    let incomplete: Vec<Text> = gaps.into_iter().chain(odd).collect();
    OrgFile {
        version: VERSION,
        account: Some(Text::new(account)),
        incomplete: (!incomplete.is_empty()).then_some(incomplete),
        users: Some(in_order(
            organisation.users.iter().map(|(id, person)| user(*id, person, &names)),
        )),
        groups: Some(in_order(
            organisation
                .groups
                .keys()
                .map(|id| group(*id, organisation, &names, &ties)),
        )),
        sites: Some(in_order(
            organisation.sites.keys().map(|id| site(*id, organisation, &ties)),
        )),
    }
}

/// Things by their names, whatever the case of their letters, and by their ids where those are alike.
fn in_order<T: Entry>(entries: impl Iterator<Item = T>) -> Vec<T> {
    let mut entries: Vec<T> = entries.collect();
    entries.sort_by_cached_key(|entry| (folded(entry.name()).into_owned(), entry.id()));
    entries
}

trait Entry {
    fn name(&self) -> &str;
    fn id(&self) -> Option<u64>;
}

macro_rules! entry {
    ($type:ident, $name:ident) => {
        impl Entry for $type {
            fn name(&self) -> &str {
                &self.$name.value
            }

            fn id(&self) -> Option<u64> {
                self.id
            }
        }
    };
}

entry!(UserEntry, user);
entry!(GroupEntry, group);
entry!(SiteEntry, site);

fn user(id: u64, person: &Person, names: &Names<'_>) -> UserEntry {
    let called = names.name(Kind::User, id);
    // What only repeats the name is left out.
    let repeats = |field: Field, text: &str| matches!(field, Field::Email | Field::Username) && text == called;
    let fields = person.fields.iter().filter(|(field, text)| !repeats(**field, text));
    UserEntry {
        fields: fields.map(|(field, text)| (*field, Text::new(text.as_str()))).collect(),
        user: Text::new(called.as_str()),
        id: Some(id),
        active: person.active,
    }
}

fn group(id: u64, organisation: &Organisation, names: &Names<'_>, ties: &Ties) -> GroupEntry {
    let team = organisation.groups.get(&id);
    let inner = organisation.nested.range((id, 0)..=(id, u64::MAX));
    let inner: Vec<Text> = inner
        .map(|(_, inner)| Text::new(names.name(Kind::Group, *inner)))
        .collect();
    GroupEntry {
        group: Text::new(team.map(|team| team.name.clone()).unwrap_or_default()),
        id: Some(id),
        description: team.and_then(|team| team.description.as_deref()).map(Text::new),
        groups: (!inner.is_empty()).then_some(inner),
        members: Some(ties.pairs(Relation::Membership, id)),
    }
}

fn site(id: u64, organisation: &Organisation, ties: &Ties) -> SiteEntry {
    let place = organisation.sites.get(&id);
    SiteEntry {
        site: Text::new(place.map(|place| place.name.clone()).unwrap_or_default()),
        id: Some(id),
        host: place.and_then(|place| place.host.as_deref()).map(Text::new),
        users: Some(ties.pairs(Relation::UserSite, id)),
        groups: Some(ties.pairs(Relation::GroupSite, id)),
    }
}

/// The ties by the thing in whose entry they are: the group of a member, the site of everything else.
struct Ties(BTreeMap<(Relation, u64), Vec<(String, Permissions)>>);

impl Ties {
    fn of(organisation: &Organisation, names: &Names<'_>) -> Self {
        let mut ties: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (tie, rights) in &organisation.ties {
            let (_, kind) = tie.relation.entry_kinds();
            let pair = (names.name(kind, tie.other()), Permissions(*rights));
            ties.entry((tie.relation, tie.entry())).or_default().push(pair);
        }
        for pairs in ties.values_mut() {
            pairs.sort_by_cached_key(|(name, _)| (folded(name).into_owned(), name.clone()));
        }
        Self(ties)
    }

    fn pairs(&self, relation: Relation, place: u64) -> Pairs {
        let pairs = self.0.get(&(relation, place)).map(Vec::as_slice).unwrap_or_default();
        Pairs(
            pairs
                .iter()
                .map(|(name, permissions)| (Text::new(name.as_str()), *permissions))
                .collect(),
        )
    }
}

impl Serialize for UserEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("user", &self.user)?;
        if let Some(id) = self.id {
            map.serialize_entry("id", &id)?;
        }
        if let Some(active) = self.active {
            map.serialize_entry("active", &active)?;
        }
        for (field, text) in &self.fields {
            map.serialize_entry(field.name(), text)?;
        }
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::model::{Place, Right, Rights, Team, Tie};

    fn reading() -> Reading {
        let mut organisation = Organisation::default();
        let fields = [
            (Field::Email, "ada@x.example"),
            (Field::City, "no"),
            (Field::Zip, "01234"),
        ];
        let fields = fields.map(|(field, text)| (field, text.to_owned())).into();
        organisation.users.insert(
            1,
            Person {
                fields,
                active: Some(true),
            },
        );
        let hostile = "a\u{1b}[2J: - \u{202e}#x\"'\n\u{85}\u{2028}\u{3164}\u{115f}\u{1f980}é大";
        let description = Some(hostile.to_owned());
        organisation.groups.insert(
            5,
            Team {
                name: hostile.to_owned(),
                description,
            },
        );
        organisation.groups.insert(
            6,
            Team {
                name: "true".to_owned(),
                description: None,
            },
        );
        organisation.nested.insert((5, 6));
        organisation.sites.insert(
            9,
            Place {
                name: "~".to_owned(),
                host: Some("mail.example".to_owned()),
            },
        );
        let rights = Rights::from_iter([Right::Read, Right::Delete]);
        let tie = |relation, left, right| Tie { relation, left, right };
        organisation.ties.insert(tie(Relation::UserSite, 1, 9), Some(rights));
        organisation.ties.insert(tie(Relation::GroupSite, 5, 9), None);
        organisation
            .ties
            .insert(tie(Relation::Membership, 5, 1), Some(Rights::default()));
        Reading {
            organisation,
            ..Reading::default()
        }
    }

    #[test]
    fn a_file_is_safe_to_look_at_and_says_the_same_in_both_forms() {
        let reading = reading();
        for format in [FileFormat::Yaml, FileFormat::Json] {
            let text = write("acme.example", &reading, format).unwrap();
            let plain =
                |character: char| character == '\n' || matches!(character, ' '..='~') || character.is_alphanumeric();
            assert!(text.chars().all(plain), "{text:?}");
            assert!(
                !text
                    .chars()
                    .any(|character| character != '\n' && is_deceptive(character)),
                "{text:?}"
            );
            let file = OrgFile::read(text.as_bytes()).unwrap();
            let group = &file.groups.as_ref().unwrap()[0];
            let team = &reading.organisation.groups[&5];
            assert_eq!(
                Some(&group.description.as_ref().unwrap().value),
                team.description.as_ref(),
                "{text}"
            );
            assert_eq!(group.group.value, team.name);
            let site = &file.sites.as_ref().unwrap()[0];
            assert_eq!(site.site.value, "~");
            let (name, permissions) = &site.users.as_ref().unwrap().0[0];
            assert_eq!(name.value, "ada@x.example");
            assert_eq!(
                permissions.0.unwrap().iter().collect::<Vec<_>>(),
                [Right::Read, Right::Delete]
            );
            assert!(site.groups.as_ref().unwrap().0[0].1.0.is_none());
            let user = &file.users.as_ref().unwrap()[0];
            let fields: Vec<_> = user
                .fields
                .iter()
                .map(|(field, text)| (*field, text.value.as_str()))
                .collect();
            assert_eq!(fields, [(Field::City, "no"), (Field::Zip, "01234")]);
        }
    }

    #[test]
    fn one_relation_is_one_line() {
        let text = write("acme.example", &reading(), FileFormat::Yaml).unwrap();
        assert!(text.contains("\n    ada@x.example: [read, delete]\n"), "{text}");
        assert!(text.contains("\n    ada@x.example: []\n"), "{text}");
    }
}
