//! `zkv org apply`: makes the organisation what a file says, or carries out a plan.

use serde::Serialize;
use zkvault::org::{self, Applied, Outcome, Plan, Words};

use super::{input, plan};
use crate::args::OrgApply;
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
    let lines = removals.into_iter().chain(others).map(|change| words.line(change));
    facts.extend(lines.take(MAX_NAMED));
    if plan.changes.len() > MAX_NAMED {
        facts.push(format!("and {} more", plan.changes.len() - MAX_NAMED));
    }
    facts.push(plan::summary(plan));
    facts
}

/// A change as programs get it.
#[derive(Serialize)]
struct Row {
    change: String,
    result: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

/// Prints a row for each change.
fn print(plan: &Plan, words: &Words<'_>, outcomes: &[Outcome], context: &Context<'_>) -> Result<()> {
    let rows: Vec<Row> = plan
        .changes
        .iter()
        .zip(outcomes)
        .map(|(change, outcome)| row(words.line(change), outcome))
        .collect();
    let mut table = Table::new(&["CHANGE", "RESULT"]).wrapped(&["CHANGE", "RESULT"]);
    for Row {
        change,
        result,
        message,
        ..
    } in &rows
    {
        let result = match message {
            Some(message) => format!("{result}: {message}"),
            None => (*result).to_owned(),
        };
        table.row([change.clone(), result]);
    }
    context.output.found(&table, &rows)
}

fn row(change: String, outcome: &Outcome) -> Row {
    let (result, code, message) = match outcome {
        Outcome::Done => ("done", None, None),
        Outcome::Already => ("done before", None, None),
        Outcome::NotTried => ("not tried", None, None),
        Outcome::Failed(error) => ("failed", Some(error.code()), Some(error.to_string())),
        Outcome::Unchanged => (
            "failed",
            Some("not-changed"),
            Some("the service confirmed the change and did not make it".to_owned()),
        ),
    };
    Row {
        change,
        result,
        code,
        message,
    }
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
