//! A plan in words: by the things that change, with names.

use std::collections::BTreeMap;

use zkvault_core::text::folded;

use super::{Change, Edit, Plan};
use crate::directory::Kind;
use crate::org::model::{FIRST_NEW_ID, Organisation, Relation, Rights, Tie};
use crate::org::names::Names;

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// Something is added.
    Added,
    /// Something is different, and nothing is lost.
    Changed,
    /// Something is lost.
    Removed,
}

/// A change in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What it does.
    pub sign: Sign,
    /// What it is, below the name of the thing.
    pub text: String,
}

/// The changes of one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Described {
    /// Such as `site GitHub`.
    pub thing: String,
    /// The changes, in the order of the plan.
    pub lines: Vec<Line>,
}

/// The words for the changes of a plan.
#[derive(Debug)]
pub struct Words<'a> {
    names: Names<'a>,
    new_groups: BTreeMap<u64, String>,
}

impl<'a> Words<'a> {
    /// For a plan, in the names of the organisation for which it was made.
    #[must_use]
    pub fn of(plan: &Plan, organisation: &'a Organisation) -> Self {
        let new = plan.changes.iter().filter_map(|change| match change {
            Change::CreateGroup { group, name, .. } => Some((*group, name.clone())),
            _ => None,
        });
        Self {
            new_groups: new.collect(),
            names: Names::of(organisation),
        }
    }

    /// The changes by the things that change: users, groups and sites, each in the order of names.
    #[must_use]
    pub fn describe(&self, changes: &[Change]) -> Vec<Described> {
        let mut things: BTreeMap<(Kind, String, String), Vec<Line>> = BTreeMap::new();
        for change in changes {
            let (kind, name) = self.thing(change);
            let thing = format!("{} {name}", kind.name());
            let lines = things.entry((kind, folded(&name).into_owned(), thing)).or_default();
            lines.push(Line {
                sign: change.sign(),
                text: self.text(change),
            });
        }
        things
            .into_iter()
            .map(|((_, _, thing), lines)| Described { thing, lines })
            .collect()
    }

    /// One change on one line, with the thing that it changes.
    #[must_use]
    pub fn line(&self, change: &Change) -> String {
        let (kind, name) = self.thing(change);
        format!("{} {name}: {}", kind.name(), self.text(change))
    }

    fn name(&self, kind: Kind, id: u64) -> String {
        match self.new_groups.get(&id).filter(|_| id >= FIRST_NEW_ID) {
            Some(name) => name.clone(),
            None => self.names.name(kind, id),
        }
    }

    /// The thing in whose entry of a file a change would be.
    fn thing(&self, change: &Change) -> (Kind, String) {
        let (kind, id) = match change {
            Change::CreateGroup { group, .. } | Change::UpdateGroup { group, .. } => (Kind::Group, *group),
            Change::UpdateUser { user, .. }
            | Change::Activate { user }
            | Change::Deactivate { user }
            | Change::DeleteUser { user } => (Kind::User, *user),
            Change::Tie { tie, .. } | Change::Permit { tie, .. } | Change::Untie { tie, .. } => {
                (tie.relation.entry_kinds().0, tie.entry())
            }
        };
        (kind, self.name(kind, id))
    }

    /// The other end of a tie.
    fn other(&self, tie: Tie) -> String {
        let (_, kind) = tie.relation.entry_kinds();
        let word = match tie.relation {
            Relation::Membership => "member",
            Relation::UserSite | Relation::GroupSite => kind.name(),
        };
        format!("{word} {}", self.name(kind, tie.other()))
    }

    fn text(&self, change: &Change) -> String {
        match change {
            Change::CreateGroup {
                description: Some(text),
                ..
            } => format!("create it, for {text:?}"),
            Change::CreateGroup { description: None, .. } => "create it".to_owned(),
            Change::UpdateGroup { name, description, .. } => {
                let edits = [("name", name), ("description", description)];
                let edits = edits
                    .into_iter()
                    .filter_map(|(what, edit)| Some(edited(what, edit.as_ref()?)));
                edits.collect::<Vec<_>>().join(", ")
            }
            Change::UpdateUser { fields, .. } => {
                let edits = fields.iter().map(|(field, edit)| edited(field.name(), edit));
                edits.collect::<Vec<_>>().join(", ")
            }
            Change::Activate { .. } => "activate".to_owned(),
            Change::Deactivate { .. } => "deactivate".to_owned(),
            Change::DeleteUser { .. } => "delete, which cannot be undone".to_owned(),
            Change::Tie { tie, rights: None } => format!("add {}", self.other(*tie)),
            Change::Tie {
                tie,
                rights: Some(rights),
            } => format!("add {} {}", self.other(*tie), listed(*rights)),
            Change::Permit { tie, from, to } => {
                let from = from.map_or_else(|| "unknown".to_owned(), listed);
                format!("{} {from} → {}", self.other(*tie), listed(*to))
            }
            Change::Untie { tie, rights } => {
                let rights = rights.map_or_else(String::new, |rights| format!(" {}", listed(rights)));
                format!("remove {}{rights}", self.other(*tie))
            }
        }
    }
}

impl Change {
    /// What it does.
    #[must_use]
    pub fn sign(&self) -> Sign {
        match self {
            change if change.is_removal() => Sign::Removed,
            Self::CreateGroup { .. } | Self::Tie { .. } | Self::Activate { .. } => Sign::Added,
            _ => Sign::Changed,
        }
    }
}

fn edited(what: &str, edit: &Edit) -> String {
    format!("{what} {:?} → {:?}", edit.from, edit.to)
}

/// Such as `[read, update]`.
fn listed(rights: Rights) -> String {
    let names: Vec<&str> = rights.iter().map(|right| right.name()).collect();
    format!("[{}]", names.join(", "))
}
