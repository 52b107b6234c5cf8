//! What is assigned to what: the six relations of the API behind `site`, `user` and `group`.
//!
//! A request names one owner and any number of others, so the same thing can be asked for from either side. One
//! thing with many others is one request of its own; many things with others are a request for each of the others.

use zkvault_client::logmeonce::{Call, Rights, Tie};

use super::consent;
use super::outcomes::{Kind, Outcomes, Subject};
use super::request;
use crate::args::Sending;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::session::{self, Client};

/// Ids in one request: enough to be quick, and far below what a service takes in one body.
const MAX_IDS: usize = 500;

/// What is done to ties.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change {
    Tie,
    Untie,
    Rights(Rights),
}

/// One request: an owner and others.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) tie: Tie,
    pub(super) owner: u64,
    pub(super) others: Vec<u64>,
    /// Which end is reported as the one that something was done with.
    pub(super) subject: Kind,
}

impl Step {
    /// The steps for things and their holders: `single` is the relation of one thing, `many` that of a holder.
    pub(super) fn plan(subject: Kind, things: &[u64], holders: &[u64], single: Tie, many: Tie) -> Vec<Self> {
        match things {
            [thing] => Self::chunks(subject, single, *thing, holders),
            _ => holders
                .iter()
                .flat_map(|holder| Self::chunks(subject, many, *holder, things))
                .collect(),
        }
    }

    /// The steps for one owner.
    pub(super) fn chunks(subject: Kind, tie: Tie, owner: u64, others: &[u64]) -> Vec<Self> {
        let step = |others: &[u64]| Self {
            tie,
            owner,
            others: others.to_vec(),
            subject,
        };
        others.chunks(MAX_IDS).map(step).collect()
    }

    fn call(&self, change: Change) -> Result<Call> {
        let Self { tie, owner, others, .. } = self;
        Ok(match change {
            Change::Tie => Call::assign(*tie, *owner, others)?,
            Change::Untie => Call::unassign(*tie, *owner, others)?,
            Change::Rights(rights) => Call::set_privileges(*tie, *owner, others, rights)?,
        })
    }

    /// What is reported of one of the others.
    pub(super) fn subject(&self, other: u64) -> Subject {
        let (owners, others) = ends(self.tie);
        let (owner, other) = ((owners, self.owner), (others, other));
        let (of, with) = if self.subject == owners {
            (owner, other)
        } else {
            (other, owner)
        };
        Subject { of, with: Some(with) }
    }

    pub(super) fn subjects(&self) -> impl Iterator<Item = Subject> {
        self.others.iter().map(|other| self.subject(*other))
    }

    /// Two steps with a half of the others each.
    fn halves(self) -> [Self; 2] {
        let (first, second) = self.others.split_at(self.others.len() / 2);
        [first, second].map(|others| Self {
            others: others.to_vec(),
            ..self
        })
    }
}

/// The kinds of a relation's owner and of the others.
fn ends(tie: Tie) -> (Kind, Kind) {
    match tie {
        Tie::UserSites => (Kind::User, Kind::Site),
        Tie::GroupSites => (Kind::Group, Kind::Site),
        Tie::GroupUsers => (Kind::Group, Kind::User),
        Tie::SiteUsers => (Kind::Site, Kind::User),
        Tie::UserGroups => (Kind::User, Kind::Group),
        Tie::SiteGroups => (Kind::Site, Kind::Group),
    }
}

/// What is said about each thing that was done.
fn word(tie: Tie, change: Change) -> &'static str {
    match (change, tie) {
        (Change::Rights(_), _) => "changed",
        (Change::Tie, Tie::GroupUsers) => "added",
        (Change::Tie, Tie::UserGroups) => "joined",
        (Change::Tie, _) => "assigned",
        (Change::Untie, Tie::GroupUsers) => "removed",
        (Change::Untie, Tie::UserGroups) => "left",
        (Change::Untie, _) => "unassigned",
    }
}

/// Does all steps, or prints them with `--dry-run`. A change of permissions is confirmed first, unless `yes`.
pub(super) fn run(
    steps: Vec<Step>,
    change: Change,
    sending: &Sending,
    yes: bool,
    context: &Context<'_>,
) -> Result<Exit> {
    let calls = steps.iter().map(|step| step.call(change)).collect::<Result<Vec<_>>>()?;
    if sending.dry_run {
        return request::print(context, &calls);
    }
    let question = match change {
        Change::Rights(rights) if !yes => Some(format!("Change these permissions: {}?", changes(&rights))),
        _ => None,
    };
    if question.is_some() {
        consent::must_be_possible(context)?;
    }
    let mut session = session::logmeonce(context)?.with_form(sending.form);
    if let Some(question) = question {
        let subjects: Vec<_> = steps.iter().flat_map(Step::subjects).collect();
        consent::ask(context, &mut session, &question, &subjects)?;
    }
    let outcomes = session.block_on(async |client| Ok(run_steps(client, steps, change).await))?;
    outcomes.finish(context)
}

/// Such as `grant read, revoke delete`.
fn changes(rights: &Rights) -> String {
    let named = match rights {
        Rights::Sharing { read, update, delete } => vec![("read", read), ("update", update), ("delete", delete)],
        Rights::Membership { create, assign } => vec![("create", create), ("assign", assign)],
    };
    let word = |on: bool| if on { "grant" } else { "revoke" };
    let changed = named
        .into_iter()
        .filter_map(|(name, on)| on.map(|on| format!("{} {name}", word(on))));
    changed.collect::<Vec<_>>().join(", ")
}

/// A step that is refused because of one of its ids is split, until the ids that are to blame are alone.
async fn run_steps(client: &Client, steps: Vec<Step>, change: Change) -> Outcomes {
    let mut outcomes = Outcomes::default();
    // The next one is the last.
    let mut waiting: Vec<Step> = steps.into_iter().rev().collect();
    while let Some(step) = waiting.pop() {
        let Err(error) = send(client, &step, change).await else {
            let word = word(step.tie, change);
            step.subjects().for_each(|subject| outcomes.done(subject, word));
            continue;
        };
        if step.others.len() > 1 && is_about_ids(client, &step, &error).await {
            let [first, second] = step.halves();
            waiting.extend([second, first]);
            continue;
        }
        let ends_all = error.ends_all;
        outcomes.failed(step.subjects(), error);
        if ends_all {
            waiting
                .iter()
                .rev()
                .for_each(|step| outcomes.not_tried(step.subjects()));
            break;
        }
    }
    outcomes
}

async fn send(client: &Client, step: &Step, change: Change) -> Result<()> {
    Ok(client.execute(&step.call(change)?).await?)
}

/// Whether a step may have failed because of some of its ids. It has not when its owner does not exist.
async fn is_about_ids(client: &Client, step: &Step, error: &CliError) -> bool {
    match error.code {
        "conflict" | "rejected" => true,
        "not-found" => match ends(step.tie).0 {
            Kind::Site => client.site(step.owner).await.is_ok(),
            Kind::User => client.user(step.owner).await.is_ok(),
            Kind::Group => client.group(step.owner).await.is_ok(),
        },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(things: &[u64], holders: &[u64]) -> Vec<(Tie, u64, Vec<u64>)> {
        let steps = Step::plan(Kind::Site, things, holders, Tie::SiteUsers, Tie::UserSites);
        steps
            .into_iter()
            .map(|step| (step.tie, step.owner, step.others))
            .collect()
    }

    #[test]
    fn one_thing_is_one_request_and_many_are_one_for_each_holder() {
        assert_eq!(plan(&[1], &[7, 8]), [(Tie::SiteUsers, 1, vec![7, 8])]);
        assert_eq!(plan(&[1, 2], &[7]), [(Tie::UserSites, 7, vec![1, 2])]);
        let both = [(Tie::UserSites, 7, vec![1, 2]), (Tie::UserSites, 8, vec![1, 2])];
        assert_eq!(plan(&[1, 2], &[7, 8]), both);
    }

    #[test]
    fn long_lists_are_sent_in_parts() {
        let sites: Vec<u64> = (0..1001).collect();
        let lengths: Vec<_> = plan(&sites, &[7]).into_iter().map(|(_, _, ids)| ids.len()).collect();
        assert_eq!(lengths, [500, 500, 1]);
    }

    #[test]
    fn the_report_is_about_what_was_named_first() {
        for (tie, owner, other) in [(Tie::SiteUsers, 1, 7), (Tie::UserSites, 7, 1)] {
            let [step] = Step::chunks(Kind::Site, tie, owner, &[other]).try_into().unwrap();
            let expected = Subject {
                of: (Kind::Site, 1),
                with: Some((Kind::User, 7)),
            };
            assert_eq!(step.subjects().collect::<Vec<_>>(), [expected]);
        }
    }
}
