//! Why nothing can be done with an organisation.

use std::fmt;

use zkvault_client::ClientError;

use super::read::MAX_TIES;

/// Faults of a file that are listed at most.
const MAX_FAULTS: usize = 20;

/// An organisation was not read, or a file does not say what one shall be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrgError {
    /// The service did not answer what was asked.
    #[error(transparent)]
    Service(#[from] ClientError),
    /// The service lists more than an organisation can have.
    #[error("the service lists more than {MAX_TIES} assignments and memberships")]
    TooManyTies,
    /// The file is no YAML or JSON, or has other members than the format.
    #[error("line {line}: {reason}")]
    Syntax {
        /// Where, counted from 1.
        line: u64,
        /// What is wrong.
        reason: String,
    },
    /// The file is of a different format or version, or too long.
    #[error("{0}")]
    Format(&'static str),
    /// What the file says cannot be meant.
    #[error("{}", listed(.0))]
    Faults(Vec<Fault>),
    /// The file is of a different account.
    #[error("the file is of {file}, not of {account}")]
    OtherAccount {
        /// The account of the file.
        file: String,
        /// The one that is asked.
        account: String,
    },
    /// A file that an export could not complete would remove what it could not read.
    #[error("the file does not have everything: an export could not read it")]
    Incomplete,
    /// A plan removes more than is allowed.
    #[error(
        "the plan removes {removals} of the {existing} users, memberships and assignments; at most {max} are allowed"
    )]
    TooManyRemovals {
        /// What it removes.
        removals: usize,
        /// What is allowed.
        max: usize,
        /// Users and ties that there are.
        existing: usize,
    },
    /// What a plan is about is neither as it was nor as it shall be.
    #[error("the organisation has changed since the plan was made: {0}")]
    Stale(String),
    /// What was written cannot be put into words. Cannot be.
    #[error("the organisation cannot be written: {0}")]
    NotWritten(String),
}

codes!(OrgError {
    Self::TooManyTies => "too-large",
    Self::Syntax { .. } | Self::Format(_) => "org-file",
    Self::Faults(_) => "org-file",
    Self::OtherAccount { .. } => "other-account",
    Self::Incomplete => "org-file",
    Self::TooManyRemovals { .. } => "too-many-removals",
    Self::Stale(_) => "plan-stale",
    Self::NotWritten(_) => "internal",
    ;
    Self::Service(error) => inner(error),
});

/// A place of a file that says what cannot be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where, counted from 1.
    pub line: u64,
    /// What is wrong, and what may be meant.
    pub reason: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

fn listed(faults: &[Fault]) -> String {
    let mut lines: Vec<String> = faults.iter().take(MAX_FAULTS).map(Fault::to_string).collect();
    if faults.len() > MAX_FAULTS {
        lines.push(format!("and {} more", faults.len() - MAX_FAULTS));
    }
    lines.join("; ")
}
