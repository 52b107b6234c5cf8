//! What became of several files.

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;

/// Files that are done, and errors of the others.
pub(super) struct Outcome<T> {
    pub(super) done: Vec<T>,
    failed: Vec<CliError>,
}

impl<T> Outcome<T> {
    pub(super) fn new() -> Self {
        Self {
            done: Vec::new(),
            failed: Vec::new(),
        }
    }

    /// Takes a result. An error that would meet every other file as well ends it all.
    pub(super) fn add(&mut self, result: Result<T>) -> Result<()> {
        match result {
            Ok(done) => self.done.push(done),
            Err(error) if error.ends_all => return Err(error),
            Err(error) => self.failed.push(error),
        }
        Ok(())
    }

    /// Whether nothing failed.
    pub(super) fn is_success(&self) -> bool {
        self.failed.is_empty()
    }

    /// Names the files that failed. One reason for all, and nothing done, is the reason of the command.
    pub(super) fn finish(mut self, context: &Context<'_>) -> Result<Exit> {
        let same = self
            .failed
            .windows(2)
            .all(|pair| matches!(pair, [one, next] if one.code == next.code));
        if self.failed.len() == 1 && self.done.is_empty() {
            return self.failed.pop().map_or(Ok(Exit::Success), Err);
        }
        for error in &self.failed {
            let cause = error
                .cause
                .as_ref()
                .map(|cause| format!(": {cause}"))
                .unwrap_or_default();
            context.output.note(&escaped(&format!("zkv: {}{cause}", error.message)));
        }
        let number = self.failed.len();
        let Some(first) = self.failed.pop() else {
            return Ok(Exit::Success);
        };
        let summary = match same && self.done.is_empty() {
            true => CliError::new(
                first.exit,
                first.code,
                format!("none of {number} files: {}", first.message),
            ),
            false => CliError::new(
                Exit::PartlyFailed,
                "partly-failed",
                format!("{number} of {} files failed", number + self.done.len()),
            )
            .cause(&first.message),
        };
        Err(match first.hint {
            Some(hint) => summary.hint(hint),
            None => summary,
        })
    }
}
