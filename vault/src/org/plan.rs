//! What has to change so that an organisation is what a file says, and whether that is still so.

mod diff;
mod saved;
mod words;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zkvault_core::text::folded;

pub use self::diff::plan;
pub use self::saved::SavedPlan;
pub use self::words::{Described, Line, Sign, Words};
use super::error::OrgError;
use super::file::Text;
use super::model::{Field, Organisation, Rights, Tie};

/// Of what exists, the part that a plan may remove unless it is told otherwise: a tenth.
const ALLOWED_PART: usize = 10;

/// A text as it is, and as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    /// Now.
    pub from: String,
    /// Then.
    pub to: String,
}

/// One change of one thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Change {
    /// A group is created. Other changes of the plan name it by this id, which is not the service's.
    CreateGroup {
        /// At least [`FIRST_NEW_ID`](super::FIRST_NEW_ID).
        group: u64,
        /// What it shall be called.
        name: String,
        /// What it is for.
        description: Option<String>,
    },
    /// A group gets a different name or description.
    UpdateGroup {
        /// Its id.
        group: u64,
        /// The name, if that changes.
        name: Option<Edit>,
        /// The description, if that changes.
        description: Option<Edit>,
    },
    /// Fields of a user's profile change.
    UpdateUser {
        /// The id.
        user: u64,
        /// The fields.
        fields: BTreeMap<Field, Edit>,
    },
    /// A user who was activated before is active again.
    Activate {
        /// The id.
        user: u64,
    },
    /// Two are tied together.
    Tie {
        /// What to what.
        tie: Tie,
        /// With which permissions; with the service's default if the file does not say.
        rights: Option<Rights>,
    },
    /// The permissions of a tie change.
    Permit {
        /// What to what.
        tie: Tie,
        /// Now, if the service says.
        from: Option<Rights>,
        /// Then.
        to: Rights,
    },
    /// Two are tied no more.
    Untie {
        /// What from what.
        tie: Tie,
        /// The permissions that go with it.
        rights: Option<Rights>,
    },
    /// A user is deactivated.
    Deactivate {
        /// The id.
        user: u64,
    },
    /// A user is deleted, which cannot be undone.
    DeleteUser {
        /// The id.
        user: u64,
    },
}

/// Where a change stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It is still to be made.
    Pending,
    /// It is made.
    Made,
    /// What it is about is neither as it was nor as it shall be.
    Stale,
}

impl Change {
    /// Whether something is lost by it: access, a permission, an account.
    #[must_use]
    pub fn is_removal(&self) -> bool {
        match self {
            Self::Untie { .. } | Self::Deactivate { .. } | Self::DeleteUser { .. } => true,
            Self::Permit { from, to, .. } => from.is_some_and(|from| !from.without(*to).is_empty()),
            _ => false,
        }
    }

    /// Where it stands in an organisation. `group` gives the ids of groups that were created.
    #[must_use]
    pub fn state(&self, organisation: &Organisation, group: impl Fn(u64) -> Option<u64>) -> State {
        let made = |is_made: bool| if is_made { State::Made } else { State::Pending };
        let known = |user: &u64| organisation.users.get(user);
        match self {
            Self::CreateGroup { group: id, .. } => made(group(*id).is_some()),
            Self::UpdateGroup {
                group,
                name,
                description,
            } => match organisation.groups.get(group) {
                None => State::Stale,
                Some(team) => edits([
                    (name.as_ref(), team.name.as_str()),
                    (description.as_ref(), team.description.as_deref().unwrap_or_default()),
                ]),
            },
            Self::UpdateUser { user, fields } => match known(user) {
                None => State::Stale,
                Some(person) => edits(fields.iter().map(|(field, edit)| (Some(edit), person.field(*field)))),
            },
            Self::Activate { user } => known(user).map_or(State::Stale, |person| made(person.active == Some(true))),
            Self::Deactivate { user } => known(user).map_or(State::Stale, |person| made(person.active == Some(false))),
            Self::DeleteUser { user } => made(known(user).is_none()),
            Self::Tie { tie, rights } => match tie_of(*tie, organisation, &group) {
                None => State::Pending,
                Some(known) => made(rights.is_none() || *rights == known),
            },
            Self::Untie { tie, rights } => match tie_of(*tie, organisation, &group) {
                None => State::Made,
                Some(known) if known == *rights => State::Pending,
                Some(_) => State::Stale,
            },
            Self::Permit { tie, from, to } => match tie_of(*tie, organisation, &group) {
                Some(known) if known == Some(*to) => State::Made,
                Some(known) if known == *from => State::Pending,
                _ => State::Stale,
            },
        }
    }
}

/// The permissions of a tie, if it is there.
fn tie_of(tie: Tie, organisation: &Organisation, group: impl Fn(u64) -> Option<u64>) -> Option<Option<Rights>> {
    let left = if tie.left >= super::FIRST_NEW_ID {
        group(tie.left)?
    } else {
        tie.left
    };
    organisation.ties.get(&Tie { left, ..tie }).copied()
}

/// Where edits of one thing stand.
fn edits<'a>(edits: impl IntoIterator<Item = (Option<&'a Edit>, &'a str)>) -> State {
    let edits: Vec<_> = edits
        .into_iter()
        .filter_map(|(edit, known)| Some((edit?, known)))
        .collect();
    let is_made = |(edit, known): &(&Edit, &str)| edit.to == *known;
    match (
        edits.iter().all(is_made),
        edits.iter().all(|one| is_made(one) || one.0.from == one.1),
    ) {
        (true, _) => State::Made,
        (_, true) => State::Pending,
        _ => State::Stale,
    }
}

/// Something that a file asks for and the API does not do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// The line of the file; 0 for what is not in it.
    pub line: u64,
    /// What it is, why the API does not do it, and what does.
    pub reason: String,
}

/// Everything that has to change.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The account that it is for.
    pub account: String,
    /// The changes: what is added comes before what is removed.
    pub changes: Vec<Change>,
    /// What the API does not do.
    pub limits: Vec<Limit>,
    /// Users and ties that there were when it was made.
    pub existing: usize,
}

impl Plan {
    /// How many of its changes remove something.
    #[must_use]
    pub fn removals(&self) -> usize {
        self.changes.iter().filter(|change| change.is_removal()).count()
    }

    /// How many removals are allowed if nobody says otherwise: a tenth of the users and ties that there are, rounded up.
    #[must_use]
    pub fn allowance(&self) -> usize {
        self.existing.div_ceil(ALLOWED_PART)
    }

    /// Refuses a plan that removes more than `max`, or than the allowance if there is none.
    ///
    /// # Errors
    /// [`OrgError::TooManyRemovals`].
    pub fn check_removals(&self, max: Option<usize>) -> Result<(), OrgError> {
        let (removals, max) = (self.removals(), max.unwrap_or_else(|| self.allowance()));
        match removals > max {
            true => Err(OrgError::TooManyRemovals {
                removals,
                max,
                existing: self.existing,
            }),
            false => Ok(()),
        }
    }
}

impl Limit {
    fn new(text: &Text, reason: impl Into<String>) -> Self {
        Self {
            line: text.line,
            reason: reason.into(),
        }
    }
}

impl Plan {
    /// The ids that groups got which the plan creates: those of the groups of their names, if they are there already.
    pub(super) fn created(&self, organisation: &Organisation) -> BTreeMap<u64, u64> {
        let mut known: BTreeMap<_, _> = BTreeMap::new();
        for (id, team) in &organisation.groups {
            known.entry(folded(&team.name).into_owned()).or_insert(*id);
        }
        let created = self.changes.iter().filter_map(|change| match change {
            Change::CreateGroup { group, name, .. } => Some((*group, *known.get(folded(name).as_ref())?)),
            _ => None,
        });
        created.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::file::OrgFile;
    use crate::org::model::{Person, Place, Relation, Right, Team};

    #[test]
    fn a_permission_that_is_taken_away_is_a_removal() {
        let (read, both) = (
            Rights::default().with(Right::Read),
            Rights::default().with(Right::Read).with(Right::Update),
        );
        let permit = |from, to| {
            let tie = Tie {
                relation: Relation::UserSite,
                left: 1,
                right: 8,
            };
            Change::Permit { tie, from, to }.is_removal()
        };
        assert!(permit(Some(both), read));
        assert!(!permit(Some(read), both) && !permit(Some(read), read) && !permit(None, read));
    }

    #[test]
    fn a_name_of_several_things_is_a_fault_at_each_of_its_lines() {
        let team = || Team {
            name: "Sales".to_owned(),
            description: None,
        };
        let place = || Place {
            name: "Mail".to_owned(),
            host: None,
        };
        let person = || Person {
            fields: [(Field::FirstName, "Ada".to_owned())].into(),
            active: None,
        };
        let organisation = Organisation {
            users: [(1, person()), (2, person())].into(),
            groups: [(5, team()), (6, team())].into(),
            sites: [(8, place()), (9, place())].into(),
            ..Organisation::default()
        };
        let text = "zkvault-org: 1\nusers:\n- user: Ada\ngroups:\n- group: Sales\nsites:\n- site: Mail\n";
        let file = OrgFile::read(text.as_bytes()).unwrap();
        let Err(OrgError::Faults(faults)) = plan(&file, "acme.example", &organisation, false) else {
            panic!("it was planned");
        };
        let lines: Vec<u64> = faults.iter().map(|fault| fault.line).collect();
        assert_eq!(lines, [3, 5, 7], "{faults:?}");
        assert!(faults.iter().all(|fault| fault.reason.contains('#')), "{faults:?}");
    }
}
