//! What became of each of several things that were to be done.

use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

pub(super) use zkvault::directory::Kind;

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Table;

/// One thing to do: with a thing, or with it and a second one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subject {
    pub(super) of: (Kind, u64),
    pub(super) with: Option<(Kind, u64)>,
}

impl Subject {
    /// `"site": 1, "user": 2`.
    pub(super) fn members(&self) -> Map<String, Value> {
        let ends = [Some(self.of), self.with].into_iter().flatten();
        ends.map(|(kind, id)| (kind.name().to_owned(), id.into())).collect()
    }
}

/// A thing to do, and its result.
#[derive(Debug)]
struct Outcome {
    subject: Subject,
    result: std::result::Result<&'static str, Failure>,
}

#[derive(Debug)]
enum Failure {
    /// It was tried.
    Failed { code: &'static str, message: String },
    /// It was not, because of what happened before.
    NotTried,
}

/// Collects what became of things, in the order in which they were given.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    list: Vec<Outcome>,
    first_error: Option<CliError>,
    other_error: bool,
}

impl Outcomes {
    /// Something was done: `result` says it in a word or two, such as `deleted`.
    pub(super) fn done(&mut self, subject: Subject, result: &'static str) {
        let result = Ok(result);
        self.list.push(Outcome { subject, result });
    }

    /// One error is the reason for all of these.
    pub(super) fn failed(&mut self, subjects: impl IntoIterator<Item = Subject>, error: CliError) {
        for subject in subjects {
            let message = error.cause.clone().unwrap_or_else(|| error.message.clone());
            let code = error.code;
            let result = Err(Failure::Failed { code, message });
            self.list.push(Outcome { subject, result });
        }
        match &self.first_error {
            None => self.first_error = Some(error),
            Some(first) => self.other_error |= first.code != error.code,
        }
    }

    /// These were left alone after an error.
    pub(super) fn not_tried(&mut self, subjects: impl IntoIterator<Item = Subject>) {
        let outcome = |subject| Outcome {
            subject,
            result: Err(Failure::NotTried),
        };
        self.list.extend(subjects.into_iter().map(outcome));
    }

    /// Prints a row for each, and says by the exit code whether all were done. When nothing was done and there is
    /// one reason for it, that reason is the error.
    pub(super) fn finish(self, context: &Context<'_>) -> Result<Exit> {
        let Some(error) = self.first_error else {
            print(context, &self.list)?;
            return Ok(Exit::Success);
        };
        let total = self.list.len();
        let done = self.list.iter().filter(|outcome| outcome.result.is_ok()).count();
        if total > 1 {
            print(context, &self.list)?;
        }
        if done == 0 && !self.other_error {
            return Err(error);
        }
        let message = format!("{} of {total} were not done", total - done);
        Err(CliError::new(Exit::PartlyFailed, "partly-failed", message)
            .hint("the list says why; the same command again does what is missing"))
    }
}

fn print(context: &Context<'_>, list: &[Outcome]) -> Result<()> {
    let mut table = match list.iter().any(|outcome| outcome.subject.with.is_some()) {
        true => Table::new(&["ID", "WITH", "RESULT"]),
        false => Table::new(&["ID", "RESULT"]),
    }
    .wrapped(&["RESULT"]);
    for Outcome { subject, result } in list {
        let id = subject.of.1.to_string();
        let result = match result {
            Ok(done) => (*done).to_owned(),
            Err(Failure::Failed { message, .. }) => format!("failed: {message}"),
            Err(Failure::NotTried) => "not tried".to_owned(),
        };
        match subject.with {
            Some((kind, with)) => table.row([id, format!("{} {with}", kind.name()), result]),
            None => table.row([id, result]),
        }
    }
    context.output.rows(&table, &list)
}

/// `{"site": 1, "user": 2, "result": "assigned"}`.
impl Serialize for Outcome {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut members = self.subject.members();
        let result = match &self.result {
            Ok(done) => done,
            Err(Failure::Failed { .. }) => "failed",
            Err(Failure::NotTried) => "not tried",
        };
        members.insert("result".to_owned(), result.into());
        if let Err(Failure::Failed { code, message }) = &self.result {
            members.insert("code".to_owned(), (*code).into());
            members.insert("message".to_owned(), message.as_str().into());
        }
        Value::Object(members).serialize(serializer)
    }
}
