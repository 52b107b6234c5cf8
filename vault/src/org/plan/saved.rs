//! Plans as files: made now, reviewed, and applied later if the organisation is still what they were made from.

use std::collections::BTreeSet;
use std::io;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zkvault_core::SecretBuffer;

use super::{Change, Limit, Plan, State};
use crate::org::error::OrgError;
use crate::org::file::decoded;
use crate::org::model::{FIRST_NEW_ID, Organisation, Tie};

/// The version that is read and written.
const VERSION: u32 = 1;

/// A plan as a file.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Saved {
    #[serde(rename = "zkvault-plan")]
    version: u32,
    account: String,
    /// The digest of everything that the plan does not change.
    rest: String,
    existing: usize,
    changes: Vec<Change>,
    limits: Vec<Limit>,
}

/// A plan from a file.
#[derive(Debug)]
pub struct SavedPlan {
    /// The plan.
    pub plan: Plan,
    rest: String,
}

impl Plan {
    /// The plan as a file, made for this organisation.
    ///
    /// # Errors
    /// [`OrgError::NotWritten`]; cannot be.
    pub fn save(&self, organisation: &Organisation) -> Result<Vec<u8>, OrgError> {
        let saved = Saved {
            version: VERSION,
            account: self.account.clone(),
            rest: rest(self, organisation)?,
            existing: self.existing,
            changes: self.changes.clone(),
            limits: self.limits.clone(),
        };
        let mut bytes = serde_json::to_vec_pretty(&saved).map_err(not_written)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}

impl SavedPlan {
    /// Bytes of a plan at most: 256 MiB, a change of every relation that an organisation can have.
    pub const MAX_LEN: usize = 256 << 20;

    /// Whether a file is a plan, and not one that says what an organisation shall be.
    #[must_use]
    pub fn is_one(bytes: &[u8]) -> bool {
        let mut buffer = SecretBuffer::new();
        // 256 characters, of which UTF-16 has two bytes each.
        let start = decoded(bytes.get(..512).unwrap_or(bytes), &mut buffer);
        let start = start.get(..256).unwrap_or(start);
        start.windows(14).any(|word| word == b"\"zkvault-plan\"")
    }

    /// Reads a plan, in UTF-8 or in UTF-16 with a byte order mark.
    ///
    /// # Errors
    /// [`OrgError::Format`], [`OrgError::Syntax`].
    pub fn read(bytes: &[u8]) -> Result<Self, OrgError> {
        let mut buffer = SecretBuffer::new();
        let bytes = decoded(bytes, &mut buffer);
        if bytes.len() > Self::MAX_LEN {
            return Err(OrgError::Format("the plan is longer than 256 MiB"));
        }
        let saved: Saved = serde_json::from_slice(bytes).map_err(|error| OrgError::Syntax {
            line: error.line() as u64,
            reason: error.to_string(),
        })?;
        if saved.version != VERSION {
            return Err(OrgError::Format("the plan is of a version that this zkv does not know"));
        }
        let Saved {
            account,
            changes,
            limits,
            existing,
            rest,
            ..
        } = saved;
        Ok(Self {
            plan: Plan {
                account,
                changes,
                limits,
                existing,
            },
            rest,
        })
    }

    /// Refuses a plan whose organisation is no longer what it was made from. What the plan changes may be as it was, or as
    /// it shall be: an earlier run may have been cut off.
    ///
    /// # Errors
    /// [`OrgError::OtherAccount`], [`OrgError::Stale`].
    pub fn check(&self, account: &str, organisation: &Organisation) -> Result<(), OrgError> {
        if self.plan.account != account {
            let (file, account) = (self.plan.account.clone(), account.to_owned());
            return Err(OrgError::OtherAccount { file, account });
        }
        let created = self.plan.created(organisation);
        let stale = |change: &&Change| change.state(organisation, |id| created.get(&id).copied()) == State::Stale;
        let count = self.plan.changes.iter().filter(stale).count();
        match count {
            0 if rest(&self.plan, organisation)? == self.rest => Ok(()),
            0 => Err(OrgError::Stale(
                "something that it does not change is different".to_owned(),
            )),
            count => Err(OrgError::Stale(format!("{count} things that it changes are different"))),
        }
    }
}

/// SHA-256 of everything that a plan does not change, in hexadecimal digits.
fn rest(plan: &Plan, organisation: &Organisation) -> Result<String, OrgError> {
    let touched = Touched::of(plan, organisation);
    let mut digest = Hashed(Sha256::new());
    for (id, person) in organisation.users.iter().filter(|(id, _)| !touched.users.contains(id)) {
        digest.add(&("user", id, &person.fields, person.active))?;
    }
    for (id, team) in organisation
        .groups
        .iter()
        .filter(|(id, _)| !touched.groups.contains(id))
    {
        digest.add(&("group", id, &team.name, &team.description))?;
    }
    for (id, place) in &organisation.sites {
        digest.add(&("site", id, &place.name, &place.host))?;
    }
    for (tie, rights) in organisation.ties.iter().filter(|(tie, _)| !touched.has(tie)) {
        digest.add(&(tie, rights))?;
    }
    Ok(hex::encode(digest.0.finalize()))
}

struct Hashed(Sha256);

impl Hashed {
    /// One record, on a line of its own.
    fn add(&mut self, record: &impl Serialize) -> Result<(), OrgError> {
        serde_json::to_writer(&mut *self, record).map_err(not_written)?;
        self.0.update(b"\n");
        Ok(())
    }
}

impl io::Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn not_written(error: serde_json::Error) -> OrgError {
    OrgError::NotWritten(error.to_string())
}

/// What a plan changes, or has changed in part.
#[derive(Default)]
struct Touched {
    users: BTreeSet<u64>,
    deleted: BTreeSet<u64>,
    groups: BTreeSet<u64>,
    created: BTreeSet<u64>,
    ties: BTreeSet<Tie>,
}

impl Touched {
    fn of(plan: &Plan, organisation: &Organisation) -> Self {
        let created = plan.created(organisation);
        let mut touched = Self {
            created: created.values().copied().collect(),
            ..Self::default()
        };
        touched.groups.extend(created.values().copied());
        for change in &plan.changes {
            match change {
                Change::CreateGroup { .. } => {}
                Change::UpdateGroup { group, .. } => {
                    touched.groups.insert(*group);
                }
                Change::UpdateUser { user, .. } | Change::Activate { user } | Change::Deactivate { user } => {
                    touched.users.insert(*user);
                }
                Change::DeleteUser { user } => {
                    touched.users.insert(*user);
                    touched.deleted.insert(*user);
                }
                Change::Tie { tie, .. } | Change::Permit { tie, .. } | Change::Untie { tie, .. } => {
                    if tie.left < FIRST_NEW_ID {
                        touched.ties.insert(*tie);
                    }
                }
            }
        }
        touched
    }

    fn has(&self, tie: &Tie) -> bool {
        let is_of_new_group =
            tie.relation.ends().0 == crate::directory::Kind::Group && self.created.contains(&tie.left);
        is_of_new_group || tie.user().is_some_and(|user| self.deleted.contains(&user)) || self.ties.contains(tie)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::org::model::{Person, Place, Relation, Right, Rights, Team};

    fn tie(relation: Relation, left: u64, right: u64) -> Tie {
        Tie { relation, left, right }
    }

    /// Two users who are both in a group and have a site.
    fn organisation() -> Organisation {
        let named = |name: &str| Place {
            name: name.to_owned(),
            host: None,
        };
        let team = Team {
            name: "Sales".to_owned(),
            description: None,
        };
        let rights: Rights = [Right::Read].into_iter().collect();
        let ties = [1, 2].into_iter().flat_map(|user| {
            [
                (tie(Relation::Membership, 5, user), None),
                (tie(Relation::UserSite, user, 8), Some(rights)),
            ]
        });
        Organisation {
            users: [(1, Person::default()), (2, Person::default())].into(),
            groups: [(5, team)].into(),
            sites: [(8, named("Mail"))].into(),
            ties: ties.collect(),
            ..Organisation::default()
        }
    }

    #[test]
    fn what_a_plan_does_makes_it_no_other_state_and_anything_else_does() {
        let before = organisation();
        let plan = Plan {
            account: "acme.example".to_owned(),
            changes: vec![Change::DeleteUser { user: 1 }],
            ..Plan::default()
        };
        let saved = SavedPlan::read(&plan.save(&before).unwrap()).unwrap();
        let check = |change: &dyn Fn(&mut Organisation)| {
            let mut organisation = before.clone();
            change(&mut organisation);
            saved.check("acme.example", &organisation).is_ok()
        };
        assert!(check(&|_| {}));
        assert!(check(&|organisation| {
            organisation.users.remove(&1);
            organisation.ties.retain(|tie, _| tie.user() != Some(1));
        }));
        assert!(!check(&|organisation| {
            organisation.ties.retain(|tie, _| tie.user() != Some(2));
        }));
        assert!(!check(&|organisation| {
            organisation.users.remove(&2);
        }));
        assert!(!check(&|organisation| {
            organisation.groups.clear();
        }));
    }

    #[test]
    fn a_plan_is_read_up_to_its_limit_and_no_longer() {
        let longest = vec![0; SavedPlan::MAX_LEN];
        assert!(matches!(SavedPlan::read(&longest), Err(OrgError::Syntax { .. })));
        let longer = vec![0; SavedPlan::MAX_LEN + 1];
        assert!(matches!(SavedPlan::read(&longer), Err(OrgError::Format(_))));
    }
}
