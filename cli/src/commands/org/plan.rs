//! `zkv org plan`: what would change, in words.

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use zkvault::org::{self, Limit, Plan, Reading, Sign, Words};

use super::input::{self, Wanted};
use crate::args::OrgPlan;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{escaped, shown_path};
use crate::session;
use zkvault::fs::{self, Existing};

pub(crate) fn run(args: &OrgPlan, context: &Context<'_>) -> Result<Exit> {
    let wanted = input::read(&args.file)?;
    let mut session = session::logmeonce(context)?;
    let reading = super::read(&mut session, context)?;
    let plan = make(&wanted, args.prune, &session.url().account(), &reading);
    let plan = plan.map_err(|error| input::named(&args.file, error))?;
    if let Some(path) = args.output.as_deref() {
        fs::write(
            path,
            &plan.save(&reading.organisation)?,
            Existing::replace_if(args.force),
        )?;
        context.output.note(&format!("wrote {}", shown_path(path)));
    }
    print(&plan, &Words::of(&plan, &reading.organisation), context)?;
    Ok(match plan.changes.is_empty() {
        true => Exit::Success,
        false => Exit::Changes,
    })
}

/// The plan of a file that says what shall be, or the plan that a file is.
pub(super) fn make(wanted: &Wanted, prune: bool, account: &str, reading: &Reading) -> Result<Plan> {
    match wanted {
        Wanted::File(file) => Ok(org::plan(file, account, &reading.organisation, prune)?),
        Wanted::Plan(_) if prune => Err(CliError::usage("a saved plan already says what is removed")),
        Wanted::Plan(saved) => {
            saved.check(account, &reading.organisation)?;
            Ok(saved.plan.clone())
        }
    }
}

/// A plan as programs get it.
#[derive(Serialize)]
struct Printed<'a> {
    account: &'a str,
    added: usize,
    changed: usize,
    removed: usize,
    /// Things with the changes of each, in words.
    things: Vec<Thing>,
    limits: &'a [Limit],
}

#[derive(Serialize)]
struct Thing {
    thing: String,
    changes: Vec<Worded>,
}

#[derive(Serialize)]
struct Worded {
    kind: &'static str,
    text: String,
}

/// Prints what changes and what the API does not do.
fn print(plan: &Plan, words: &Words<'_>, context: &Context<'_>) -> Result<()> {
    let things = words.describe(&plan.changes);
    if context.output.is_json() {
        let things = things.into_iter().map(|thing| Thing {
            thing: thing.thing,
            changes: thing
                .lines
                .into_iter()
                .map(|line| Worded {
                    kind: word(line.sign),
                    text: line.text,
                })
                .collect(),
        });
        let Counts {
            added,
            changed,
            removed,
        } = Counts::of(plan);
        let (account, limits) = (plan.account.as_str(), plan.limits.as_slice());
        return context.output.json(&Printed {
            account,
            added,
            changed,
            removed,
            things: things.collect(),
            limits,
        });
    }
    let mut text = String::new();
    for thing in &things {
        text.push_str(&format!("{}\n", escaped(&thing.thing)));
        for line in &thing.lines {
            let (style, mark) = style(line.sign);
            text.push_str(&format!("  {style}{mark} {}{style:#}\n", escaped(&line.text)));
        }
    }
    for Limit { line, reason } in &plan.limits {
        let place = if *line == 0 {
            String::new()
        } else {
            format!("line {line}: ")
        };
        text.push_str(&format!("not possible: {place}{}\n", escaped(reason)));
    }
    text.push_str(&format!("{}\n", summary(plan)));
    context.output.styled(&text)
}

/// Such as `2 added, 1 changed, 3 removed`.
pub(super) fn summary(plan: &Plan) -> String {
    let Counts {
        added,
        changed,
        removed,
    } = Counts::of(plan);
    match plan.changes.is_empty() {
        true => "nothing to change".to_owned(),
        false => format!("{added} added, {changed} changed, {removed} removed"),
    }
}

struct Counts {
    added: usize,
    changed: usize,
    removed: usize,
}

impl Counts {
    fn of(plan: &Plan) -> Self {
        let count = |sign| plan.changes.iter().filter(|change| change.sign() == sign).count();
        Self {
            added: count(Sign::Added),
            changed: count(Sign::Changed),
            removed: count(Sign::Removed),
        }
    }
}

fn word(sign: Sign) -> &'static str {
    match sign {
        Sign::Added => "added",
        Sign::Changed => "changed",
        Sign::Removed => "removed",
    }
}

fn style(sign: Sign) -> (Style, char) {
    match sign {
        Sign::Added => (AnsiColor::Green.on_default(), '+'),
        Sign::Changed => (AnsiColor::Yellow.on_default(), '~'),
        Sign::Removed => (AnsiColor::Red.on_default(), '-'),
    }
}
