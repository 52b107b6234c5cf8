//! `zkv doctor`: what could be in the way, from the files on this machine to the service's answer.

mod local;
mod loome;
mod process;
mod remote;
mod storage;

use serde::Serialize;

use crate::args::Doctor;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Cell, Table};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// It works, or was not looked into.
    Warn,
    Fail,
}

impl State {
    fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// A line of the report.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    detail: String,
    hint: Option<String>,
}

impl Check {
    fn new(check: &'static str, state: State, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self {
            check,
            state,
            detail,
            hint: None,
        }
    }

    fn hint(self, hint: impl Into<String>) -> Self {
        let hint = Some(hint.into());
        Self { hint, ..self }
    }

    /// By an error that a command would end with.
    fn failed(check: &'static str, state: State, error: CliError) -> Self {
        let detail = match error.cause {
            Some(cause) => format!("{}: {cause}", error.message),
            None => error.message,
        };
        let hint = error.hint;
        Self {
            hint,
            ..Self::new(check, state, detail)
        }
    }
}

pub(crate) fn run(args: &Doctor, context: &Context<'_>) -> Result<Exit> {
    let mut checks = local::checks(context)?;
    checks.extend(process::checks());
    checks.push(process::agent());
    let mut others = loome::checks(context)?;
    others.extend(storage::checks(args.origin.as_deref())?);
    checks.extend(remote::checks(context, !others.is_empty())?);
    checks.extend(others);
    let mut table = Table::new(&["CHECK", "STATE", "DETAIL", "HINT"]).wrapped(&["DETAIL", "HINT"]);
    for check in &checks {
        table.row([
            Cell::from(check.check),
            Cell::State(check.state.name()),
            Cell::from(&*check.detail),
            Cell::text(check.hint.as_deref()),
        ]);
    }
    context.output.rows(&table, &checks)?;
    match checks.iter().any(|check| check.state == State::Fail) {
        true => Ok(Exit::Other),
        false => Ok(Exit::Success),
    }
}
