//! `zkv org apply`: makes the organisation what a file says, or carries out a plan.

use serde::Serialize;
use zkvault::org::{self, Applied, Outcome, Plan, Words};

use super::{input, plan};
use crate::args::OrgApply;
use crate::commands::consent;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Progress, Table};
use crate::session;

const HINT: &str = "pass --yes to skip the confirmation; zkv org plan shows what would change";
/// Changes that the question names; of more only the number is shown.
const MAX_NAMED: usize = 20;

pub(crate) fn run(args: &OrgApply, context: &Context<'_>) -> Result<Exit> {
    let wanted = input::read(&args.file)?;
    if !args.consent.yes {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let mut session = session::logmeonce(context)?;
    let reading = super::read(&mut session, context)?;
    let plan = plan::make(&wanted, args.prune, &session.url().account(), &reading);
    let plan = plan.map_err(|error| input::named(&args.file, error))?;
    for limit in &plan.limits {
        context.output.warning(&crate::output::escaped(&limit.reason));
    }
    plan.check_removals(args.max_removals)?;
    let words = Words::of(&plan, &reading.organisation);
    if plan.changes.is_empty() {
        context.output.note("nothing to change");
        return print(&plan, &words, &[], context).map(|()| Exit::Success);
    }
    if !args.consent.yes {
        context
            .prompt
            .confirm(&facts(&plan, &words), "Make these changes?", HINT)?;
    }
    for (kind, id, name) in org::Names::of(&reading.organisation).all() {
        context.learn(kind, id, name);
    }
    let progress = Progress::of_requests(context.output.is_json());
    let applied =
        session.block_on(async |client| Ok(org::apply(client, &plan, &reading.organisation, &progress).await))?;
    drop(progress);
    print(&plan, &words, &applied.outcomes, context)?;
    finish(applied, context)
}

/// What a person agrees to: the first changes in words, and how many there are.
fn facts(plan: &Plan, words: &Words<'_>) -> Vec<String> {
    let mut facts = vec![format!("account {}", plan.account)];
    // What is lost is seen first.
    let (removals, others): (Vec<_>, Vec<_>) = plan.changes.iter().partition(|change| change.is_removal());
    let lines: Vec<String> = removals
        .into_iter()
        .chain(others)
        .map(|change| words.line(change))
        .collect();
    facts.extend(consent::first_of(lines.into_iter(), MAX_NAMED, ""));
    facts.push(plan::summary(plan));
    facts
}

/// A change as programs get it.
#[derive(Serialize)]
pub(in crate::commands) struct ChangeRow {
    pub(in crate::commands) change: String,
    pub(in crate::commands) result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl ChangeRow {
    /// What became of a change; `before` is the word for one that was there already.
    pub(in crate::commands) fn of(change: String, outcome: &Outcome, before: &'static str) -> Self {
        let (code, message) = outcome.fault().unzip();
        let result = match outcome {
            Outcome::Done => "done",
            Outcome::Already => before,
            Outcome::NotTried => "not tried",
            Outcome::Failed(_) | Outcome::Unchanged => "failed",
        };
        Self {
            change,
            result,
            code,
            message,
        }
    }

    /// One that was not made and may be.
    pub(in crate::commands) fn planned(change: String) -> Self {
        Self {
            change,
            result: "to do",
            code: None,
            message: None,
        }
    }

    /// The result with its reason, for people.
    pub(in crate::commands) fn state(&self) -> String {
        match &self.message {
            Some(message) => format!("{}: {message}", self.result),
            None => self.result.to_owned(),
        }
    }
}

/// Prints a row for each change.
fn print(plan: &Plan, words: &Words<'_>, outcomes: &[Outcome], context: &Context<'_>) -> Result<()> {
    let rows: Vec<ChangeRow> = plan
        .changes
        .iter()
        .zip(outcomes)
        .map(|(change, outcome)| ChangeRow::of(words.line(change), outcome, "done before"))
        .collect();
    let mut table = Table::new(&["CHANGE", "RESULT"]).wrapped(&["CHANGE", "RESULT"]);
    for row in &rows {
        table.row([row.change.clone(), row.state()]);
    }
    context.output.found(&table, &rows)
}

/// Says by the exit code whether all is there.
fn finish(applied: Applied, context: &Context<'_>) -> Result<Exit> {
    let (total, done) = (applied.outcomes.len(), applied.done());
    let after = applied.after.map_err(CliError::from);
    let first = applied.outcomes.into_iter().find_map(|outcome| match outcome {
        Outcome::Failed(error) => Some(CliError::from(error)),
        _ => None,
    });
    if done < total {
        let message = format!("{} of {total} changes were not made", total - done);
        return match first {
            Some(error) if done == 0 && total == 1 => Err(error),
            _ => Err(CliError::new(Exit::PartlyFailed, "partly-failed", message)
                .hint("the list says why; the same command again makes those that are missing, and no other")),
        };
    }
    let reading =
        after.map_err(|error| error.hint("all changes were confirmed, and could not be verified: zkv org plan"))?;
    context.output.note(&format!(
        "{done} changes made and verified, in {} requests",
        applied.requests
    ));
    super::finish(&reading)
}
