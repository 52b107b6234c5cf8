//! Carries out a plan: in few requests, a bounded number at a time, and looks afterwards whether it happened.
//!
//! A change whose outcome is there already is not made again, so a run that was cut off is continued by the same call. The
//! service is not believed: when all is done the organisation is read again, and what the service confirmed and did not
//! do is a failure.

mod batch;

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt as _, stream};
use zkvault_client::logmeonce::{Call, CallError, LogMeOnce, UserUpdate};
use zkvault_client::{ClientError, ErrorKind, Transport};

use self::batch::{Batch, Deed, batches};
use super::error::OrgError;
use super::model::{Field, Organisation, Tie};
use super::plan::{Change, Edit, Plan, State};
use super::read::{self, AT_A_TIME, Reading, passable, team};
use crate::progress::Progress;

/// What is said of a change that a service lied about.
pub(crate) const UNCHANGED: &str = "the service confirmed the change and did not make it";

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It was made, and is there.
    Done,
    /// It was there already.
    Already,
    /// The service refused it.
    Failed(ClientError),
    /// The service confirmed it, and it is not there.
    Unchanged,
    /// It was not tried, because of what happened before.
    NotTried,
}

impl Outcome {
    /// Why the change is not there: a stable word, and a sentence. `None` for one that is there or was not tried.
    #[must_use]
    pub fn fault(&self) -> Option<(&'static str, String)> {
        match self {
            Self::Done | Self::Already | Self::NotTried => None,
            Self::Failed(error) => Some((error.code(), error.to_string())),
            Self::Unchanged => Some(("not-changed", UNCHANGED.to_owned())),
        }
    }
}

/// What became of a plan.
#[derive(Debug)]
pub struct Applied {
    /// For each change of the plan, in its order.
    pub outcomes: Vec<Outcome>,
    /// The organisation afterwards, if it could be read.
    pub after: Result<Reading, OrgError>,
    /// Requests that changed something, or tried to.
    pub requests: u64,
}

/// Carries out a plan that was made for this organisation. `progress` counts changes, and then requests.
///
/// Nothing fails as a whole: whatever happens is in the outcomes.
pub async fn apply<T: Transport>(
    client: &LogMeOnce<T>,
    plan: &Plan,
    organisation: &Organisation,
    progress: &dyn Progress,
) -> Applied {
    let (made, groups) = carry_out(client, plan, organisation, progress).await;
    let mut applied = made.with(read::read(client, progress).await);
    applied.verify(plan, &groups);
    applied
}

/// As [`apply`], of a plan that changes one user alone, for an organisation that was [read](super::read_of_user) of this
/// user: so is the one afterwards.
pub async fn apply_to_user<T: Transport>(
    client: &LogMeOnce<T>,
    user: u64,
    plan: &Plan,
    organisation: &Organisation,
    progress: &dyn Progress,
) -> Applied {
    let (made, groups) = carry_out(client, plan, organisation, progress).await;
    let mut applied = made.with(read::read_of_user(client, user, progress).await);
    applied.verify(plan, &groups);
    applied
}

/// What the service said of each change.
struct Made {
    outcomes: Vec<Outcome>,
    requests: u64,
}

impl Made {
    fn with(self, after: Result<Reading, OrgError>) -> Applied {
        Applied {
            outcomes: self.outcomes,
            after,
            requests: self.requests,
        }
    }
}

/// Sends the requests of a plan. Gives the ids of the groups that it created, too.
async fn carry_out<T: Transport>(
    client: &LogMeOnce<T>,
    plan: &Plan,
    organisation: &Organisation,
    progress: &dyn Progress,
) -> (Made, BTreeMap<u64, u64>) {
    let mut run = Run {
        client,
        plan,
        progress,
        groups: plan.created(organisation),
        outcomes: vec![None; plan.changes.len()],
        tied: BTreeSet::new(),
        requests: 0,
        is_over: false,
    };
    run.find_made(organisation);
    progress.expect(run.outcomes.iter().filter(|outcome| outcome.is_none()).count() as u64);
    run.groups_and_users().await;
    run.ties(Stage::Add).await;
    run.ties(Stage::Permit).await;
    run.ties(Stage::Remove).await;
    run.departures().await;
    let (requests, groups) = (run.requests, run.groups);
    let outcomes = run
        .outcomes
        .into_iter()
        .map(|outcome| outcome.unwrap_or(Outcome::NotTried))
        .collect();
    (Made { outcomes, requests }, groups)
}

impl Applied {
    /// Looks whether what the service confirmed is there.
    fn verify(&mut self, plan: &Plan, groups: &BTreeMap<u64, u64>) {
        let Ok(after) = &self.after else { return };
        let created = plan.created(&after.organisation);
        let group = |id: u64| groups.get(&id).or_else(|| created.get(&id)).copied();
        let group = |id: u64| group(id).filter(|id| after.organisation.groups.contains_key(id));
        for (change, outcome) in plan.changes.iter().zip(&mut self.outcomes) {
            let is_made = change.state(&after.organisation, group) == State::Made;
            *outcome = match outcome {
                Outcome::Done | Outcome::Already if !is_made => Outcome::Unchanged,
                // The connection broke after the service had done it.
                Outcome::Failed(_) if is_made => Outcome::Done,
                _ => continue,
            };
        }
    }

    /// How many changes are there now.
    #[must_use]
    pub fn done(&self) -> usize {
        let is_done = |outcome: &&Outcome| matches!(outcome, Outcome::Done | Outcome::Already);
        self.outcomes.iter().filter(is_done).count()
    }
}

/// Ties are added before permissions change, and removed last: nobody loses access in between that they shall have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Add,
    Permit,
    Remove,
}

struct Run<'a, T: Transport> {
    client: &'a LogMeOnce<T>,
    plan: &'a Plan,
    progress: &'a dyn Progress,
    /// The ids of groups that the plan creates.
    groups: BTreeMap<u64, u64>,
    outcomes: Vec<Option<Outcome>>,
    /// Changes that tie two together which are tied, but for their permissions.
    tied: BTreeSet<usize>,
    requests: u64,
    /// Whether everything else would fail in the same way.
    is_over: bool,
}

impl<T: Transport> Run<'_, T> {
    /// Notes what an earlier run made, in whole or in part.
    fn find_made(&mut self, organisation: &Organisation) {
        let groups = self.groups.clone();
        for (index, change) in self.plan.changes.iter().enumerate() {
            if change.state(organisation, |id| groups.get(&id).copied()) == State::Made {
                self.settle(index, Outcome::Already);
            } else if let Change::Tie { tie, .. } = change
                && self.known(*tie).is_some_and(|tie| organisation.ties.contains_key(&tie))
            {
                self.tied.insert(index);
            }
        }
    }

    fn note(&mut self, change: usize, result: &Result<(), ClientError>) {
        let outcome = match result {
            Ok(()) => Outcome::Done,
            Err(error) => {
                self.is_over |= passable(error.clone()).is_err();
                Outcome::Failed(error.clone())
            }
        };
        self.settle(change, outcome);
        self.progress.advance(1);
    }

    fn settle(&mut self, change: usize, outcome: Outcome) {
        if let Some(place) = self.outcomes.get_mut(change) {
            *place = Some(outcome);
        }
    }

    /// Two are tied: the change is made, unless it also says with which permissions.
    fn note_tied(&mut self, change: usize) {
        match self.plan.changes.get(change) {
            Some(Change::Tie { rights: Some(_), .. }) => {
                self.tied.insert(change);
            }
            _ => self.note(change, &Ok(())),
        }
    }

    /// The changes that are still to be made and that `call` has a request for, one after the other.
    async fn each(&mut self, call: impl Fn(&Change) -> Option<Result<Call, CallError>> + Send + Sync) {
        for (index, change) in self.plan.changes.iter().enumerate() {
            if self.is_over || self.outcomes.get(index).is_some_and(Option::is_some) {
                continue;
            }
            let Some(call) = call(change) else { continue };
            self.requests += 1;
            let result = match call {
                Ok(call) => self.client.execute(&call).await,
                Err(error) => Err(error.into()),
            };
            self.note(index, &result);
        }
    }

    async fn groups_and_users(&mut self) {
        self.each(|change| match change {
            Change::CreateGroup { name, description, .. } => Some(Ok(Call::create_group(name, description.as_deref()))),
            Change::UpdateGroup {
                group,
                name,
                description,
            } => {
                let [name, description] = [name, description].map(|edit| edit.as_ref().map(|edit| edit.to.as_str()));
                Some(Call::update_group(*group, name, description))
            }
            Change::UpdateUser { user, fields } => Some(Call::update_user(*user, &update(fields))),
            Change::Activate { user } => Some(Ok(Call::activate_user(*user, None))),
            _ => None,
        })
        .await;
        self.find_new_groups().await;
    }

    /// Looks for the groups that were created: the API does not promise to return their ids.
    async fn find_new_groups(&mut self) {
        let creates = |change: &Change| matches!(change, Change::CreateGroup { .. });
        if self.is_over || self.plan.changes.iter().filter(|change| creates(change)).count() == self.groups.len() {
            return;
        }
        self.requests += 1;
        match self.client.groups().await {
            Ok(groups) => {
                let teams = groups.records.iter().map(|group| (group.id, team(group)));
                let known = Organisation {
                    groups: teams.collect(),
                    ..Organisation::default()
                };
                self.groups = self.plan.created(&known);
            }
            Err(_) => self.is_over = true,
        }
    }

    async fn departures(&mut self) {
        self.each(|change| match change {
            Change::Deactivate { user } => Some(Ok(Call::deactivate_user(*user))),
            Change::DeleteUser { user } => Some(Ok(Call::delete_user(*user))),
            _ => None,
        })
        .await;
    }

    /// A tie with the ids that the service knows; nothing while its group is not there.
    fn known(&self, tie: Tie) -> Option<Tie> {
        match tie.left >= super::FIRST_NEW_ID {
            true => self.groups.get(&tie.left).map(|left| Tie { left: *left, ..tie }),
            false => Some(tie),
        }
    }

    /// What a stage does to which ties, by the changes that ask for it.
    fn deeds(&self, stage: Stage) -> Vec<(usize, Tie, Deed)> {
        let mut deeds = Vec::new();
        for (index, change) in self.plan.changes.iter().enumerate() {
            let is_open = self.outcomes.get(index).is_some_and(Option::is_none);
            let is_tied = self.tied.contains(&index);
            let deed = match (stage, change) {
                (Stage::Add, Change::Tie { tie, .. }) if !is_tied => Some((*tie, Deed::Tie)),
                (
                    Stage::Permit,
                    Change::Tie {
                        tie,
                        rights: Some(rights),
                    },
                ) if is_tied => Some((*tie, Deed::Permit(*rights))),
                (Stage::Permit, Change::Permit { tie, to, .. }) => Some((*tie, Deed::Permit(*to))),
                (Stage::Remove, Change::Untie { tie, .. }) => Some((*tie, Deed::Untie)),
                _ => None,
            };
            if let Some((tie, deed)) = deed.filter(|_| is_open)
                && let Some(tie) = self.known(tie)
            {
                deeds.push((index, tie, deed));
            }
        }
        deeds
    }

    async fn ties(&mut self, stage: Stage) {
        let mut waiting = batches(self.deeds(stage));
        while !waiting.is_empty() && !self.is_over {
            // Not all at once: after an error that ends everything, no more begin.
            let round: Vec<Batch> = waiting.drain(..waiting.len().min(AT_A_TIME)).collect();
            self.requests += round.len() as u64;
            let client = self.client;
            let send = |batch: Batch| async move {
                let result = match batch.call() {
                    Ok(call) => client.execute(&call).await,
                    Err(error) => Err(error.into()),
                };
                (batch, result)
            };
            let sent: Vec<_> = stream::iter(round).map(send).buffered(AT_A_TIME).collect().await;
            for (batch, result) in sent {
                match &result {
                    // One of several may be to blame.
                    Err(error) if batch.is_several() && is_about_ids(error) => waiting.extend(batch.halves()),
                    Ok(()) if stage == Stage::Add => batch.changes().for_each(|change| self.note_tied(change)),
                    _ => batch.changes().for_each(|change| self.note(change, &result)),
                }
            }
        }
    }
}

fn is_about_ids(error: &ClientError) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Conflict | ErrorKind::Rejected | ErrorKind::NotFound
    )
}

fn update(fields: &BTreeMap<Field, Edit>) -> UserUpdate {
    let to = |field: Field| fields.get(&field).map(|edit| edit.to.clone());
    UserUpdate {
        first_name: to(Field::FirstName),
        last_name: to(Field::LastName),
        birthdate: to(Field::Birthdate),
        gender: to(Field::Gender),
        address: to(Field::Address),
        city: to(Field::City),
        state: to(Field::State),
        zip: to(Field::Zip),
        country: to(Field::Country),
        phone: to(Field::Phone),
        company: to(Field::Company),
        job_title: to(Field::JobTitle),
        website: to(Field::Website),
    }
}
