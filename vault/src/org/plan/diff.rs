//! The difference between an organisation and what a file says.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use zkvault_core::text::folded;

use super::{Change, Edit, Limit, Plan};
use crate::directory::{FindError, Kind};
use crate::org::error::{Fault, OrgError};
use crate::org::file::{GroupEntry, OrgFile, Pairs, SiteEntry, Text, UserEntry};
use crate::org::model::{FIRST_NEW_ID, Field, Organisation, Relation, Rights, Tie};
use crate::org::names::{Names, Suggestions};

/// What has to change so that the organisation of an account is what a file says. A file that mentions only a part changes
/// only that; with `prune`, what a list or map of the file leaves out is removed.
///
/// # Errors
/// [`OrgError::OtherAccount`]; [`OrgError::Incomplete`] for a file that an export could not complete, with `prune`;
/// [`OrgError::Faults`] with everything in it that cannot be meant.
pub fn plan(file: &OrgFile, account: &str, organisation: &Organisation, prune: bool) -> Result<Plan, OrgError> {
    if let Some(other) = file.account.as_ref().filter(|other| other.value != account) {
        let (file, account) = (other.value.clone(), account.to_owned());
        return Err(OrgError::OtherAccount { file, account });
    }
    if prune && file.incomplete.is_some() {
        return Err(OrgError::Incomplete);
    }
    let names = Names::of(organisation);
    let mut diff = Diff {
        organisation,
        names: &names,
        suggestions: Suggestions::of(&names),
        prune,
        plan: Plan {
            account: account.to_owned(),
            existing: organisation.users.len() + organisation.ties.len(),
            ..Plan::default()
        },
        faults: Vec::new(),
        new_groups: HashMap::new(),
        new_users: HashSet::new(),
        mentioned: BTreeSet::new(),
        stated: BTreeSet::new(),
        wanted: BTreeSet::new(),
    };
    diff.file(file);
    match diff.faults.is_empty() {
        true => Ok(in_order(diff.plan)),
        false => {
            diff.faults.sort_by_key(|fault| fault.line);
            Err(OrgError::Faults(diff.faults))
        }
    }
}

/// What is added first, what is removed last; a user who is deleted leaves everything by that.
fn in_order(mut plan: Plan) -> Plan {
    let deleted: BTreeSet<u64> = plan
        .changes
        .iter()
        .filter_map(|change| match change {
            Change::DeleteUser { user } => Some(*user),
            _ => None,
        })
        .collect();
    let is_gone = |tie: &Tie| tie.user().is_some_and(|user| deleted.contains(&user));
    plan.changes
        .retain(|change| !matches!(change, Change::Untie { tie, .. } if is_gone(tie)));
    plan.changes.sort_by_key(rank);
    plan
}

fn rank(change: &Change) -> (u8, Option<Tie>, u64) {
    match change {
        Change::CreateGroup { group, .. } => (0, None, *group),
        Change::UpdateGroup { group, .. } => (1, None, *group),
        Change::UpdateUser { user, .. } => (2, None, *user),
        Change::Activate { user } => (3, None, *user),
        Change::Tie { tie, .. } => (4, Some(*tie), 0),
        Change::Permit { tie, .. } => (5, Some(*tie), 0),
        Change::Untie { tie, .. } => (6, Some(*tie), 0),
        Change::Deactivate { user } => (7, None, *user),
        Change::DeleteUser { user } => (8, None, *user),
    }
}

struct Diff<'a> {
    organisation: &'a Organisation,
    names: &'a Names<'a>,
    suggestions: Suggestions<'a>,
    prune: bool,
    plan: Plan,
    faults: Vec<Fault>,
    /// By their names, whatever the case: groups that are created, with their ids in the plan.
    new_groups: HashMap<String, u64>,
    /// Users that the file has and the service does not.
    new_users: HashSet<String>,
    /// Things that have an entry, and users that are named anywhere.
    mentioned: BTreeSet<(Kind, u64)>,
    /// Things whose ties of a relation the file states as a whole.
    stated: BTreeSet<(Relation, u64)>,
    /// The ties that it states.
    wanted: BTreeSet<Tie>,
}

impl Diff<'_> {
    fn file(&mut self, file: &OrgFile) {
        // First what is new: other entries may name it.
        for entry in file.users.iter().flatten() {
            self.user(entry);
        }
        let groups: Vec<(&GroupEntry, u64)> = file
            .groups
            .iter()
            .flatten()
            .filter_map(|entry| Some((entry, self.group(entry)?)))
            .collect();
        let sites: Vec<(&SiteEntry, u64)> = file
            .sites
            .iter()
            .flatten()
            .filter_map(|entry| Some((entry, self.site(entry)?)))
            .collect();
        for (entry, id) in groups {
            self.nesting(entry, id);
            self.pairs(entry.members.as_ref(), Relation::Membership, id);
        }
        for (entry, id) in sites {
            self.pairs(entry.users.as_ref(), Relation::UserSite, id);
            self.pairs(entry.groups.as_ref(), Relation::GroupSite, id);
        }
        if self.prune {
            self.prune_absent(file);
        }
    }

    fn fault(&mut self, text: &Text, reason: impl Into<String>) {
        let reason = reason.into();
        self.faults.push(Fault {
            line: text.line,
            reason,
        });
    }

    fn limit(&mut self, text: &Text, reason: impl Into<String>) {
        self.plan.limits.push(Limit::new(text, reason));
    }

    /// The thing of an entry: by its id, or by its name. `Ok(None)` when no thing has the name.
    fn entry(&mut self, kind: Kind, name: &Text, id: Option<u64>) -> Result<u64, Option<FindError>> {
        let found = match id {
            Some(id) if self.organisation.has(kind, id) => Ok(id),
            Some(id) => {
                self.fault(name, format!("there is no {} with the id {id}", kind.name()));
                return Err(None);
            }
            None => self.names.find(kind, &name.value),
        };
        let id = found.map_err(Some)?;
        if !self.mentioned.insert((kind, id)) {
            self.fault(name, format!("{} {:?} has two entries", kind.name(), name.value));
        }
        Ok(id)
    }

    fn explain(&mut self, name: &Text, error: &FindError) {
        let reason = self.suggestions.explain(error);
        self.fault(name, reason);
    }

    fn user(&mut self, entry: &UserEntry) -> Option<u64> {
        let id = match self.entry(Kind::User, &entry.user, entry.id) {
            Ok(id) => id,
            Err(Some(error @ FindError::NotFound { .. })) => {
                let reason = self.suggestions.explain(&error);
                let advice = "the API creates no users: invite the person in the vendor's console, then plan again";
                self.limit(&entry.user, format!("{reason} ({advice})"));
                self.new_users.insert(folded(&entry.user.value).into_owned());
                return None;
            }
            Err(error) => {
                error.iter().for_each(|error| self.explain(&entry.user, error));
                return None;
            }
        };
        let person = self.organisation.users.get(&id)?;
        let mut fields = BTreeMap::new();
        for (field, text) in &entry.fields {
            let known = person.field(*field);
            match field.is_writable() {
                _ if known == text.value => {}
                true => {
                    let (from, to) = (known.to_owned(), text.value.clone());
                    fields.insert(*field, Edit { from, to });
                }
                false => {
                    let name = self.names.name(Kind::User, id);
                    self.limit(text, format!("{} of {name}: the API does not change it", field.name()));
                }
            }
        }
        if !fields.is_empty() {
            self.plan.changes.push(Change::UpdateUser { user: id, fields });
        }
        match (entry.active, person.active) {
            (Some(true), Some(true)) | (Some(false), Some(false)) | (None, _) => {}
            (Some(false), _) => self.plan.changes.push(Change::Deactivate { user: id }),
            (Some(true), _) if person.field(Field::Confirmed) == "false" => {
                let name = self.names.name(Kind::User, id);
                let reason = format!("{name} was never activated, which takes a key: zkv user activate {name} --to …");
                self.limit(&entry.user, reason);
            }
            (Some(true), _) => self.plan.changes.push(Change::Activate { user: id }),
        }
        Some(id)
    }

    fn group(&mut self, entry: &GroupEntry) -> Option<u64> {
        let id = match self.entry(Kind::Group, &entry.group, entry.id) {
            Ok(id) => id,
            Err(Some(FindError::NotFound { .. })) => return self.new_group(entry),
            Err(error) => {
                error.iter().for_each(|error| self.explain(&entry.group, error));
                return None;
            }
        };
        let team = self.organisation.groups.get(&id)?;
        let edit = |from: &str, to: &Text| {
            let (from, to) = (from.to_owned(), to.value.clone());
            (from != to).then_some(Edit { from, to })
        };
        // Without an id the name only says which group it is.
        let name = entry.id.and_then(|_| edit(&team.name, &entry.group));
        let known = team.description.as_deref().unwrap_or_default();
        let description = entry.description.as_ref().and_then(|text| edit(known, text));
        if name.as_ref().is_some_and(|name| name.to.trim().is_empty()) {
            self.fault(&entry.group, "a group needs a name");
        }
        if name.is_some() || description.is_some() {
            self.plan.changes.push(Change::UpdateGroup {
                group: id,
                name,
                description,
            });
        }
        Some(id)
    }

    fn new_group(&mut self, entry: &GroupEntry) -> Option<u64> {
        let name = entry.group.value.clone();
        let id = FIRST_NEW_ID + self.new_groups.len() as u64;
        if name.trim().is_empty() {
            self.fault(&entry.group, "a group needs a name");
            return None;
        }
        if self.new_groups.insert(folded(&name).into_owned(), id).is_some() {
            self.fault(&entry.group, format!("group {name:?} has two entries"));
            return None;
        }
        let description = entry.description.as_ref().map(|text| text.value.clone());
        self.plan.changes.push(Change::CreateGroup {
            group: id,
            name,
            description,
        });
        Some(id)
    }

    fn site(&mut self, entry: &SiteEntry) -> Option<u64> {
        let id = match self.entry(Kind::Site, &entry.site, entry.id) {
            Ok(id) => id,
            Err(error) => {
                error.iter().for_each(|error| self.explain(&entry.site, error));
                return None;
            }
        };
        let known = &self.organisation.sites.get(&id)?.name;
        if entry.id.is_some() && *known != entry.site.value {
            self.limit(
                &entry.site,
                format!("site {id} is called {known:?}: the API does not rename sites"),
            );
        }
        Some(id)
    }

    /// Which groups are in a group is shown and not changed.
    fn nesting(&mut self, entry: &GroupEntry, id: u64) {
        let Some(groups) = &entry.groups else { return };
        let inner = |name: &Text| self.names.find(Kind::Group, &name.value).ok();
        let wanted: BTreeSet<Option<u64>> = groups.iter().map(inner).collect();
        let known = self.organisation.nested.range((id, 0)..=(id, u64::MAX));
        let known: BTreeSet<Option<u64>> = known.map(|(_, inner)| Some(*inner)).collect();
        if wanted != known {
            let name = &entry.group.value;
            self.limit(
                &entry.group,
                format!("the groups in {name:?}: the API does not put groups into groups"),
            );
        }
    }

    /// The ties of one end of a relation, which is its left end or its right one.
    fn pairs(&mut self, pairs: Option<&Pairs>, relation: Relation, id: u64) {
        let Some(Pairs(pairs)) = pairs else { return };
        let (_, kind) = relation.entry_kinds();
        self.stated.insert((relation, id));
        for (name, permissions) in pairs {
            let Some(other) = self.reference(kind, name) else {
                continue;
            };
            let tie = Tie::of_entry(relation, id, other);
            if !self.wanted.insert(tie) {
                self.fault(
                    name,
                    format!(
                        "{} {:?} is there under a different name as well",
                        kind.name(),
                        name.value
                    ),
                );
            }
            let rights = permissions.0.into_iter().flat_map(Rights::iter);
            for right in rights.filter(|right| !relation.rights().contains(right)) {
                self.fault(
                    name,
                    format!("{} is no permission of {}", right.name(), described(relation)),
                );
            }
            self.tie(tie, permissions.0);
        }
    }

    /// The thing that a map names.
    fn reference(&mut self, kind: Kind, name: &Text) -> Option<u64> {
        let folded = folded(&name.value);
        match self.names.find(kind, &name.value) {
            Ok(id) => {
                if kind == Kind::User {
                    self.mentioned.insert((kind, id));
                }
                Some(id)
            }
            Err(_) if kind == Kind::Group && self.new_groups.contains_key(folded.as_ref()) => {
                self.new_groups.get(folded.as_ref()).copied()
            }
            // Its own entry says that there is none.
            Err(_) if kind == Kind::User && self.new_users.contains(folded.as_ref()) => None,
            Err(error) => {
                self.explain(name, &error);
                None
            }
        }
    }

    fn tie(&mut self, tie: Tie, wanted: Option<Rights>) {
        let known = self.organisation.ties.get(&tie).copied();
        match (known, wanted) {
            (None, rights) => self.plan.changes.push(Change::Tie { tie, rights }),
            (Some(from), Some(to)) if from != Some(to) => self.plan.changes.push(Change::Permit { tie, from, to }),
            (Some(_), _) => {}
        }
    }

    /// Removes what the lists of a file leave out, as far as the API can.
    fn prune_absent(&mut self, file: &OrgFile) {
        let absent = |diff: &Self, kind: Kind| -> Vec<u64> {
            let ids = diff.organisation.ids(kind).into_iter();
            ids.filter(|id| !diff.mentioned.contains(&(kind, *id))).collect()
        };
        if file.users.is_some() {
            let users = absent(self, Kind::User);
            self.plan
                .changes
                .extend(users.into_iter().map(|user| Change::DeleteUser { user }));
        }
        if file.groups.is_some() {
            for id in absent(self, Kind::Group) {
                self.stated.insert((Relation::Membership, id));
                let reason = "the API deletes no groups: it stays, without members";
                self.absent_stays(Kind::Group, id, reason);
            }
        }
        if file.sites.is_some() {
            for id in absent(self, Kind::Site) {
                self.stated
                    .extend([(Relation::UserSite, id), (Relation::GroupSite, id)]);
                let reason = "the API deletes no sites: it stays, assigned to nobody";
                self.absent_stays(Kind::Site, id, reason);
            }
        }
        let is_stated = |tie: &Tie| self.stated.contains(&(tie.relation, tie.entry()));
        let is_absent = |tie: &Tie| is_stated(tie) && !self.wanted.contains(tie);
        let absent = self.organisation.ties.iter().filter(|(tie, _)| is_absent(tie));
        let absent: Vec<Change> = absent
            .map(|(tie, rights)| Change::Untie {
                tie: *tie,
                rights: *rights,
            })
            .collect();
        self.plan.changes.extend(absent);
    }

    fn absent_stays(&mut self, kind: Kind, id: u64, reason: &str) {
        let reason = format!(
            "{} {} is not in the file; {reason}",
            kind.name(),
            self.names.name(kind, id)
        );
        self.plan.limits.push(Limit { line: 0, reason });
    }
}

fn described(relation: Relation) -> &'static str {
    match relation {
        Relation::Membership => "members of groups: create, assign",
        Relation::UserSite | Relation::GroupSite => "sites: read, update, delete",
    }
}
