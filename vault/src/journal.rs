//! The journal: every change that was made at the LogMeOnce service, who made it, when, and what became of it
//! (docs/spec/journal.md).
//!
//! ```
//! # use zkvault::account::{Account, Service};
//! # use zkvault::core::{SecretText, kdf::KdfParams, keyring::Keyring};
//! # use zkvault::profile::Profile;
//! # use zkvault_simulator::{LogMeOnce, Server, Settings, seed};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (folder, passphrase) = (tempfile::tempdir()?, SecretText::from(String::from("clamp juror onyx")));
//! # let keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
//! # let key = keyring.keys().iter().next().ok_or("a new keyring has a key")?.key();
//! # let server = Server::start(0, LogMeOnce::new(Settings::default(), seed::demo(key)?).router()).await?;
//! # let secret = SecretText::from(String::from("simulator-secret"));
//! # let account = Account::new(Service::Logmeonce, &server.url(), "simulator-key", secret)?;
//! # let profile = Profile::new(folder.path());
//! use std::sync::Arc;
//! use zkvault::journal::{Author, Journal, JournalReading};
//!
//! let journal = Arc::new(Journal::new(&profile, &keyring, Author::of(&account)));
//! let client = account.logmeonce().with_witness(journal);
//! client.deactivate_user(seed::ACTIVE_USER).await?;
//!
//! let reading = JournalReading::of(&profile, &keyring)?;
//! assert_eq!(reading.entries.len(), 1);
//! assert!(reading.entries.iter().all(|entry| entry.text().starts_with("deactivate user")));
//! # Ok(())
//! # }
//! ```
//!
//! A journal is a [`Witness`] of a client, through which every change passes: a record is on the disk before the
//! request is sent, and a second one says what came of it. If the process ends in between, the outcome is unknown, and is
//! shown as that. A change whose record cannot be written is not sent.
//!
//! Records are sealed under a key that the person alone has, and each has the digest of the line before it. What the
//! keyring's holder cannot do by accident and nobody else can do at all is in the specification: an edit, a gap, another
//! order. Records that are cut off at the end are noticed by the head, which is kept in the other folder of the profile;
//! anybody who puts back older copies of both is not.

mod chain;
mod entry;
mod file;
mod record;
#[cfg(test)]
mod tests;
mod words;

pub use self::chain::JournalFinding;
pub use self::entry::{Entry, JournalReading};
pub use self::record::{Ending, LineDigest};

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use zkvault_client::logmeonce::{Outcome, ServiceChange, Witness};
use zkvault_core::keyring::{Keyring, PersonalKeys};
use zkvault_core::local::SealLocalRecordError;

use self::chain::JournalHead;
use self::file::{Files, State};
use self::record::{Event, Intent, Record, SealError, Settled};
use crate::account::{Account, LoginGrant};
use crate::directory::Kind;
use crate::fs::{FileError, LockHolder};
use crate::profile::Profile;
use crate::time::{self, ClockError};

/// The longest name of a thing that is kept, in characters.
const MAX_NAME_LEN: usize = 120;
/// Names in one record at most: the others are recorded by id.
const MAX_NAMES: usize = 600;

/// The journal cannot be read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// Other processes wrote to it for longer than is waited for.
    #[error("another zkv is writing to the journal")]
    Busy(#[source] Option<LockHolder>),
    /// A record was not sealed.
    #[error("the record was not sealed")]
    NotSealed(#[source] SealLocalRecordError),
    /// A record could not be put into words. Cannot be.
    #[error("the record was not made")]
    NotMade(#[source] serde_json::Error),
    /// The system clock is wrong.
    #[error(transparent)]
    Clock(#[from] ClockError),
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(JournalError {
    Self::Busy(_) => "busy",
    Self::NotSealed(_) => "seal",
    Self::NotMade(_) => "json",
    ;
    Self::Clock(error) => inner(error),
    Self::File(error) => inner(error),
});

impl From<SealError> for JournalError {
    fn from(error: SealError) -> Self {
        match error {
            SealError::Json(error) => Self::NotMade(error),
            SealError::Sealed(error) => Self::NotSealed(error),
        }
    }
}

/// Who makes changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The account at which they are made.
    pub account: String,
    /// The user, or the API key.
    pub by: String,
}

impl Author {
    /// Anyone whom an account is logged in as: a user with a password by name, everybody else by the id of the API key,
    /// which is no secret.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        let key = account.shown_key().unwrap_or("withheld");
        let by = match (account.grant, &account.username) {
            (LoginGrant::Password, Some(user)) => format!("user {user}"),
            (LoginGrant::ClientCredentials, _) => format!("API key {key}"),
            _ => format!("a user, by API key {key}"),
        };
        Self {
            account: account.url.account(),
            by,
        }
    }
}

/// Something that a person should be told after a change was recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalNotice {
    /// The journal was found to be damaged, for the first time.
    Damaged(JournalFinding),
    /// A new file was begun; the records up to this one are deleted when that is full as well.
    Rotated {
        /// The number of the last record of the older file.
        last: u64,
    },
    /// What became of a change was not recorded.
    NoOutcome {
        /// The number of the change's record.
        of: u64,
        /// Why.
        reason: String,
    },
}

impl fmt::Display for JournalNotice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Damaged(finding) => write!(f, "the journal is damaged: {finding}; zkv journal verify"),
            Self::Rotated { last } => write!(
                f,
                "the journal began a new file; records up to {last} are deleted when that is full: \
                 zkv journal export keeps them"
            ),
            Self::NoOutcome { of, reason } => write!(f, "what became of change {of} was not recorded: {reason}"),
        }
    }
}

/// The journal of a profile, to be written.
#[derive(Debug)]
pub struct Journal {
    files: Files,
    keys: PersonalKeys,
    author: Author,
    inner: Mutex<Inner>,
}

#[derive(Debug, Default)]
struct Inner {
    names: BTreeMap<String, String>,
    /// The files as this process left them.
    state: Option<State>,
    notices: Vec<JournalNotice>,
    failure: Option<JournalError>,
}

impl Journal {
    /// The journal of a profile, for changes of this author. Nothing is read or written before the first change.
    #[must_use]
    pub fn new(profile: &Profile, keyring: &Keyring, author: Author) -> Self {
        Self {
            files: Files::of(profile),
            keys: keyring.personal_keys().clone(),
            author,
            inner: Mutex::default(),
        }
    }

    /// Learns what a thing is called: from now on records have the name beside its id.
    pub fn learn(&self, kind: Kind, id: u64, name: &str) {
        if !name.is_empty() {
            let name = name.chars().take(MAX_NAME_LEN).collect();
            self.inner(|inner| inner.names.insert(words::key(kind, id), name));
        }
    }

    /// What a person should be told, each once.
    pub fn take_notices(&self) -> Vec<JournalNotice> {
        self.inner(|inner| std::mem::take(&mut inner.notices))
    }

    /// Why a change was not recorded, and so not sent.
    pub fn take_failure(&self) -> Option<JournalError> {
        self.inner(|inner| inner.failure.take())
    }

    fn inner<T>(&self, work: impl FnOnce(&mut Inner) -> T) -> T {
        work(&mut self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Writes a record, and gives its number.
    fn write(&self, inner: &mut Inner, event: Event) -> Result<u64, JournalError> {
        let _held = self.files.lock()?;
        // Another process may have written meanwhile. After an error nothing is known.
        let known = inner.state.take().filter(|state| state.len == self.files.len());
        let mut state = match known {
            Some(state) => state,
            None => self.files.read(&self.keys, &mut |_, _| {})?,
        };
        let faults = state.verified.faults();
        if faults > state.verified.known {
            let faults = state.verified.findings.iter().filter(|finding| finding.is_fault());
            inner.notices.extend(faults.cloned().map(JournalNotice::Damaged));
        }
        if state.len > self.files.limit {
            self.rotate(&mut state, &mut inner.notices)?;
        }
        let record = Record {
            number: state.verified.last.saturating_add(1),
            before: state.verified.tail,
            time: time::now()?,
            faults,
            event,
        };
        let line = record.seal(&self.keys)?;
        state.len = self.files.append(&line, state.is_cut)?;
        state.is_cut = false;
        let head = JournalHead {
            number: record.number,
            digest: LineDigest::of(line.as_bytes()),
            first: state.verified.first,
        };
        self.files.write_head(&self.keys, &head)?;
        state.current_first.get_or_insert(record.number);
        state.verified.last = record.number;
        state.verified.tail = Some(head.digest);
        state.verified.known = faults;
        inner.state = Some(state);
        Ok(record.number)
    }

    /// The head is told first: a file that begins before what it says is in order.
    fn rotate(&self, state: &mut State, notices: &mut Vec<JournalNotice>) -> Result<(), JournalError> {
        let (last, first) = (state.verified.last, state.current_first.unwrap_or(state.verified.first));
        if let Some(digest) = state.verified.tail {
            let head = JournalHead {
                number: last,
                digest,
                first,
            };
            self.files.write_head(&self.keys, &head)?;
        }
        self.files.rotate()?;
        state.verified.first = first;
        (state.len, state.is_cut, state.current_first) = (0, false, None);
        notices.push(JournalNotice::Rotated { last });
        Ok(())
    }

    fn intent(&self, inner: &Inner, change: &ServiceChange) -> Event {
        let things = words::things(change);
        let keys = things.into_iter().map(|(kind, id)| words::key(kind, id));
        let known = keys.filter_map(|key| inner.names.get_key_value(&key));
        let names = known.take(MAX_NAMES).map(|(key, name)| (key.clone(), name.clone()));
        Event::Intent(Intent {
            account: self.author.account.clone(),
            by: self.author.by.clone(),
            change: change.clone(),
            names: names.collect(),
        })
    }
}

impl Witness for Journal {
    fn before(&self, change: &ServiceChange) -> Result<u64, String> {
        self.inner(|inner| {
            let event = self.intent(inner, change);
            self.write(inner, event).map_err(|error| {
                let reason = error.to_string();
                inner.failure.get_or_insert(error);
                reason
            })
        })
    }

    fn after(&self, number: u64, outcome: Outcome<'_>) {
        let (result, status, code) = match outcome {
            Outcome::Answered(status) => (Ending::Answered, Some(status), None),
            Outcome::Failed(error) => (Ending::of_error(error), error.status(), Some(error.code().to_owned())),
            _ => (Ending::Confirmed, None, None),
        };
        let settled = Settled {
            of: number,
            result,
            status,
            code,
        };
        self.inner(|inner| {
            if let Err(error) = self.write(inner, Event::Outcome(settled)) {
                let reason = error.to_string();
                inner.notices.push(JournalNotice::NoOutcome { of: number, reason });
            }
        });
    }
}
