//! The table from errors of the library to exit codes and hints. What happened, why, and the stable code are the
//! library's own words; what a terminal must not get is escaped here, once.

use std::error::Error;
use std::io;

use zkvault::fs::FileError;
use zkvault::time::ClockError;
use zkvault::workers::WorkersEnded;

use crate::error::{CliError, Exit};
use crate::output::escaped_lines;

/// What `zkv` adds to an error of one code.
#[derive(Debug)]
struct Row {
    code: &'static str,
    exit: Exit,
    hint: Hint,
}

/// What to do about an error.
#[derive(Debug)]
enum Hint {
    None,
    Text(&'static str),
    /// What follows from the operating system's error.
    System,
}

/// Makes `CliError`s of errors, and a list of the rows for the tests. One line a code: its exit code and its hint.
macro_rules! table {
    ($($error:ident { $($code:literal => $exit:ident, $hint:expr;)+ })+) => {
        $(impl From<$error> for CliError {
            fn from(error: $error) -> Self {
                const ROWS: &[Row] = &[$(Row { code: $code, exit: Exit::$exit, hint: $hint }),+];
                failure(error.code(), &error, ROWS)
            }
        })+

        /// Every error type: its name, its codes, and the codes that have a row.
        #[cfg(test)]
        const TABLE: &[(&str, &[&str], &[&str])] = &[$((stringify!($error), $error::CODES, &[$($code),+])),+];
    };
}

use Hint::{None as NoHint, System, Text};

table! {
    FileError {
        "not-found" => NotFound, NoHint;
        "broken-pipe" => BrokenPipe, NoHint;
        "exists" => Other, Text("give --force to replace it");
        "io" => Other, System;
    }
    ClockError {
        "clock" => Other, NoHint;
    }
    WorkersEnded {
        "internal" => Other, NoHint;
    }
}

fn failure(code: &'static str, error: &(dyn Error + 'static), rows: &[Row]) -> CliError {
    let row = rows.iter().find(|row| row.code == code);
    let exit = row.map_or(Exit::Other, |row| row.exit);
    let mut failure = CliError::new(exit, code, escaped_lines(&error.to_string()));
    failure.cause = error
        .source()
        .map(|cause| escaped_lines(&cause.to_string()).into_owned());
    failure.hint = row.and_then(|row| row.hint.of(error)).map(str::to_owned);
    failure
}

impl Hint {
    fn of(&self, error: &(dyn Error + 'static)) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Text(text) => Some(text),
            Self::System => {
                let causes = std::iter::successors(Some(error), |error: &&(dyn Error + 'static)| (*error).source());
                let mut kinds = causes.filter_map(|cause| Some(cause.downcast_ref::<io::Error>()?.kind()));
                kinds.next().and_then(system_hint)
            }
        }
    }
}

/// What to do about a system call that failed.
pub(crate) fn system_hint(kind: io::ErrorKind) -> Option<&'static str> {
    match kind {
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            Some("see to the rights of the file and its folder")
        }
        io::ErrorKind::FileTooLarge => {
            Some("the file system, or a limit of this shell (ulimit -f), takes no file of this size")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some("make room on the disk"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use zkvault::fs::FileAction;

    use super::*;

    #[test]
    fn every_code_has_one_row_and_every_row_a_code() {
        for (error, codes, rows) in TABLE {
            let sorted = |list: &[&'static str]| {
                let mut list = list.to_vec();
                list.sort_unstable();
                list
            };
            let (mut codes, rows) = (sorted(codes), sorted(rows));
            // Two variants may have one code.
            codes.dedup();
            assert_eq!(codes, rows, "{error}");
        }
    }

    #[test]
    fn an_error_keeps_its_words_and_gets_a_way_out() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        let error = CliError::from(FileError::system(FileAction::Write, Path::new("a\u{1b}b"), full));
        assert_eq!((error.exit, error.code), (Exit::Other, "io"));
        assert_eq!(error.message, "cannot write a\\u{1b}b", "no path steers the terminal");
        assert!(error.cause.is_some_and(|cause| cause.contains("storage")));
        assert_eq!(error.hint.as_deref(), Some("make room on the disk"));
    }
}
