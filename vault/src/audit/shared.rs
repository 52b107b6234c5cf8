//! How many people reach each site, from an organisation's file.

use std::collections::{BTreeMap, BTreeSet};

use zkvault_core::text::folded;

use crate::org::{GroupEntry, OrgFile, Pairs, Text};

/// How many people each site of an organisation's file is assigned to, by the ids of the sites: users, members of groups,
/// and members of groups that such a group is in.
///
/// Sites without an id are left out. A name that nothing in the file has counts as a user, and as no group.
#[must_use]
pub fn people(file: &OrgFile) -> BTreeMap<u64, u64> {
    let groups = Groups::of(file);
    let mut counts = BTreeMap::new();
    for site in file.sites.iter().flatten() {
        let Some(id) = site.id else { continue };
        let mut people: BTreeSet<String> = names(site.users.as_ref()).collect();
        let holders = names(site.groups.as_ref()).filter_map(|name| groups.places.get(&name).copied());
        for group in groups.around(holders.collect()) {
            people.extend(
                groups
                    .entries
                    .get(group)
                    .into_iter()
                    .flat_map(|group| names(group.members.as_ref())),
            );
        }
        counts.insert(id, people.len() as u64);
    }
    counts
}

struct Groups<'a> {
    entries: Vec<&'a GroupEntry>,
    /// By the name, and by the name and the id.
    places: BTreeMap<String, usize>,
    /// The groups that each group is in.
    outer: BTreeMap<usize, Vec<usize>>,
}

impl<'a> Groups<'a> {
    fn of(file: &'a OrgFile) -> Self {
        let entries: Vec<&GroupEntry> = file.groups.iter().flatten().collect();
        let mut places = BTreeMap::new();
        for (place, group) in entries.iter().enumerate() {
            let name = &group.group.value;
            let with_id = group.id.map(|id| format!("{name} #{id}"));
            places.extend(
                [Some(name.clone()), with_id]
                    .into_iter()
                    .flatten()
                    .map(|name| (key(&name), place)),
            );
        }
        let mut outer: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (place, group) in entries.iter().enumerate() {
            for inner in group.groups.iter().flatten() {
                if let Some(inner) = places.get(&key(&inner.value)) {
                    outer.entry(*inner).or_default().push(place);
                }
            }
        }
        Self { entries, places, outer }
    }

    /// These groups and all that they are in, however deep.
    fn around(&self, mut waiting: Vec<usize>) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        while let Some(group) = waiting.pop() {
            if found.insert(group) {
                waiting.extend(self.outer.get(&group).into_iter().flatten());
            }
        }
        found
    }
}

fn names(pairs: Option<&Pairs>) -> impl Iterator<Item = String> {
    let pairs = pairs.into_iter().flat_map(|pairs| &pairs.0);
    pairs.map(|(Text { value, .. }, _)| key(value))
}

fn key(name: &str) -> String {
    folded(name).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_once_through_groups_and_the_groups_around_them() {
        let file = OrgFile::read(
            br#"
zkvault-org: 1
groups:
- group: Builders
  id: 1
  groups: [Platform, "Twins #4"]
  members: {ada@x.example: [], bo@x.example: []}
- group: Platform
  id: 2
  members: {BO@x.example: [], cy@x.example: []}
- group: Twins
  id: 3
  members: {di@x.example: []}
- group: Twins
  id: 4
  groups: [Builders]
sites:
- {site: Mail, id: 7, users: {ada@x.example: [read], eve@x.example: []}, groups: {platform: [read]}}
- {site: Wiki, id: 8, groups: {"Twins #4": [read]}}
- {site: Blog, id: 9}
- {site: New}
"#,
        )
        .unwrap();
        assert_eq!(people(&file), BTreeMap::from([(7, 4), (8, 2), (9, 0)]));
    }
}
