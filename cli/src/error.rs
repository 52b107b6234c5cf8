//! What a failed command says: what happened, why, and what to do; and the exit code that goes with it.

use std::fmt;
use std::io;
use std::path::Path;
use std::process::ExitCode;

use serde::Serialize;
use zkvault::directory::Listed;
use zkvault_core::Coded as _;
use zkvault_core::document::{InputFailure, SiteError};

use crate::escape::shown_path;

/// The exit codes of `zkv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// All was done.
    Success = 0,
    /// A failure without a code of its own.
    Other = 1,
    /// The command line is wrong.
    Usage = 2,
    /// A file, keyring or key does not exist.
    NotFound = 3,
    /// A service did not take the credentials, or there are none.
    NotAuthenticated = 4,
    /// A secret is missing and prompts are disabled.
    InputNeeded = 5,
    /// A name is ambiguous.
    Ambiguous = 6,
    /// A service knows the account, and does not let it do this.
    Forbidden = 7,
    /// A service cannot be reached, or answers something that is none of its answers.
    Network = 8,
    /// A service wants fewer requests.
    RateLimited = 9,
    /// Something did not open, or was changed.
    Integrity = 10,
    /// Of several things to do, some were not done.
    PartlyFailed = 11,
    /// There is something to change.
    Changes = 12,
    /// `zkv run` failed before it ran the program.
    NotRun = 125,
    /// The program of `zkv run` cannot be run.
    CannotRun = 126,
    /// There is no such program.
    NoProgram = 127,
    /// Ctrl-C.
    Interrupted = 130,
    /// The reader of our output went away: what a shell reports for SIGPIPE.
    BrokenPipe = 141,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A command that failed.
#[derive(Debug)]
pub(crate) struct CliError {
    /// The exit code.
    pub(crate) exit: Exit,
    /// A stable name for programs.
    pub(crate) code: &'static str,
    /// What happened.
    pub(crate) message: String,
    /// Why, where that is known.
    pub(crate) cause: Option<String>,
    /// What to do about it.
    pub(crate) hint: Option<String>,
    /// Whether everything else would fail in the same way: nothing more is tried then.
    pub(crate) ends_all: bool,
    /// Lists that belong to it.
    pub(crate) lists: Box<Lists>,
}

/// What an error is about, where that is more than one thing. Mostly empty, and so not in the error itself.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    /// The inputs of a document that did not open.
    pub(crate) failures: Vec<FailedInput>,
    /// What a name that is ambiguous may mean.
    pub(crate) candidates: Vec<Listed>,
}

/// An input whose value did not open.
#[derive(Debug, Serialize)]
pub(crate) struct FailedInput {
    site_id: Option<u64>,
    index: usize,
    name: String,
    /// The class of the reason, a stable word.
    reason: &'static str,
    /// All of it for a person.
    #[serde(skip)]
    shown: String,
}

impl From<&InputFailure> for FailedInput {
    fn from(failure: &InputFailure) -> Self {
        let InputFailure { place, error } = failure;
        Self {
            site_id: place.site_id,
            index: place.index,
            name: place.name.clone(),
            reason: error.code(),
            shown: format!("{place}: {}: {error}", error.code()),
        }
    }
}

impl fmt::Display for FailedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.shown)
    }
}

impl CliError {
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            message: message.into(),
            cause: None,
            hint: None,
            ends_all: matches!(exit, Exit::NotAuthenticated | Exit::Network | Exit::RateLimited),
            lists: Box::default(),
        }
    }

    /// A site of a document cannot be read.
    pub(crate) fn malformed_site(error: SiteError) -> Self {
        Self::new(Exit::Other, "malformed", "the document was refused").cause(error)
    }

    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, "usage", message)
    }

    /// A failed system call. A missing file is "not found", a closed pipe ends quietly, the rest is "io".
    pub(crate) fn io(what: &str, error: &io::Error) -> Self {
        let (exit, code) = match error.kind() {
            io::ErrorKind::NotFound => (Exit::NotFound, "not-found"),
            io::ErrorKind::BrokenPipe => (Exit::BrokenPipe, "broken-pipe"),
            _ => (Exit::Other, "io"),
        };
        let failed = Self::new(exit, code, what).cause(error);
        match system_hint(error.kind()) {
            Some(hint) => failed.hint(hint),
            None => failed,
        }
    }

    /// As [`Self::io`], naming the file: `verb` is "read", "write", …
    pub(crate) fn file(verb: &str, path: &Path, error: &io::Error) -> Self {
        Self::io(&format!("cannot {verb} {}", shown_path(path)), error)
    }

    /// With what it is about in front.
    pub(crate) fn about(mut self, what: impl fmt::Display) -> Self {
        self.message = format!("{what}: {}", self.message);
        self
    }

    pub(crate) fn cause(mut self, cause: impl ToString) -> Self {
        self.cause = Some(cause.to_string());
        self
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CliError {}

/// What to do about a system call that failed.
pub(crate) fn system_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Some("check the permissions of the file and its folder")
        }
        io::ErrorKind::FileTooLarge => {
            Some("the file system, or a limit of this shell (ulimit -f), takes no file of this size")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some("make room on the disk"),
        _ => None,
    }
}

pub(crate) type Result<T> = std::result::Result<T, CliError>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_and_missing_rights_have_a_way_out() {
        let hint = |kind: io::ErrorKind| CliError::file("write", Path::new("a"), &kind.into()).hint;
        assert!(hint(io::ErrorKind::PermissionDenied).is_some_and(|hint| hint.contains("permissions")));
        assert!(hint(io::ErrorKind::ReadOnlyFilesystem).is_some_and(|hint| hint.contains("permissions")));
        assert!(hint(io::ErrorKind::StorageFull).is_some_and(|hint| hint.contains("room")));
        assert!(hint(io::ErrorKind::FileTooLarge).is_some_and(|hint| hint.contains("ulimit")));
        assert_eq!(hint(io::ErrorKind::NotFound), None);
    }
}
