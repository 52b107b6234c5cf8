//! Whether the lines of a journal are those that were written, in their order: docs/spec/journal.md#verification.

use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::record::{LineDigest, Record};

/// What is remembered of a journal outside of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct JournalHead {
    /// The number of the last record.
    pub(super) number: u64,
    /// The digest of its line.
    pub(super) digest: LineDigest,
    /// The number of the oldest record that is kept.
    pub(super) first: u64,
}

/// Something about a journal that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum JournalFinding {
    /// A line at which the writing was cut off, so that its change was not sent, or an outcome is unknown. Not a fault.
    Torn {
        /// The line, counted from the oldest.
        line: u64,
    },
    /// No head is remembered, so that records that were cut off at the end cannot be noticed. Not a fault.
    Unremembered,
    /// A line that does not open, and was changed after it was written.
    Changed {
        /// The line, counted from the oldest.
        line: u64,
    },
    /// Records are missing.
    Missing {
        /// The number of the first one.
        first: u64,
        /// The number of the last one.
        last: u64,
    },
    /// Records at the end are missing.
    CutOff {
        /// The number of the first one.
        first: u64,
        /// The number of the last one.
        last: u64,
    },
    /// The record of this number is not the one that was there.
    Replaced {
        /// Its number.
        number: u64,
    },
    /// A record is where it was not written.
    Displaced {
        /// Its number.
        number: u64,
        /// The line, counted from the oldest.
        line: u64,
    },
    /// When this record was written, the journal had a fault that cannot be seen any more.
    Known {
        /// Its number.
        number: u64,
    },
    /// A file is longer than any that is written; what is beyond was not read.
    TooLong,
    /// What is remembered of the journal does not open.
    HeadUnreadable,
}

impl JournalFinding {
    /// Whether somebody changed the journal, or it was damaged. What is no fault is a note.
    #[must_use]
    pub const fn is_fault(&self) -> bool {
        !matches!(self, Self::Torn { .. } | Self::Unremembered)
    }

    /// A stable word, for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Torn { .. } => "torn",
            Self::Unremembered => "unremembered",
            Self::Changed { .. } => "changed",
            Self::Missing { .. } => "missing",
            Self::CutOff { .. } => "cut-off",
            Self::Replaced { .. } => "replaced",
            Self::Displaced { .. } => "displaced",
            Self::Known { .. } => "known",
            Self::TooLong => "too-long",
            Self::HeadUnreadable => "head-unreadable",
        }
    }
}

impl fmt::Display for JournalFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torn { line } => write!(
                f,
                "line {line} was cut off while it was written: a change that was not sent, or the outcome of one"
            ),
            Self::Unremembered => {
                f.write_str("nothing is remembered of the journal: records cut off at its end cannot be noticed")
            }
            Self::Changed { line } => write!(f, "line {line} was changed, or is of a different keyring"),
            Self::Missing { first, last } if first == last => write!(f, "record {first} is missing"),
            Self::Missing { first, last } => write!(f, "records {first} to {last} are missing"),
            Self::CutOff { first, last } if first == last => write!(f, "record {first}, the last one, is missing"),
            Self::CutOff { first, last } => write!(f, "records {first} to {last}, the last ones, are missing"),
            Self::Replaced { number } => write!(f, "record {number} is not the one that was written"),
            Self::Displaced { number, line } => {
                write!(f, "record {number} is in line {line}, where it was not written")
            }
            Self::Known { number } => {
                write!(
                    f,
                    "the journal was damaged when record {number} was written, and was changed since"
                )
            }
            Self::TooLong => f.write_str("the journal is longer than any that zkv writes; the rest was not read"),
            Self::HeadUnreadable => {
                f.write_str("what was remembered of the journal was changed, or is of a different keyring")
            }
        }
    }
}

/// Where a journal ends, and what is wrong with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verified {
    /// The number of the last record; 0 when there is none.
    pub(super) last: u64,
    /// The number of the oldest record.
    pub(super) first: u64,
    /// The digest of the last line.
    pub(super) tail: Option<LineDigest>,
    /// How many faults were known when the last record was written.
    pub(super) known: u64,
    pub(super) findings: Vec<JournalFinding>,
}

impl Verified {
    pub(super) fn faults(&self) -> u64 {
        self.findings.iter().filter(|finding| finding.is_fault()).count() as u64
    }
}

/// Follows the lines, oldest first.
#[derive(Debug)]
pub(super) struct Chain {
    head: Option<JournalHead>,
    /// The number that the next record has if none is missing.
    next: u64,
    first: Option<u64>,
    tail: Option<LineDigest>,
    /// The digest of the record that the head names.
    at_head: Option<LineDigest>,
    lines: u64,
    /// Lines since the last record that do not open.
    pending: Vec<u64>,
    known: u64,
    findings: Vec<JournalFinding>,
}

impl Chain {
    /// Of a journal of which this is remembered.
    pub(super) fn new(head: Option<JournalHead>) -> Self {
        Self {
            head,
            next: head.map_or(1, |head| head.first),
            first: None,
            tail: None,
            at_head: None,
            lines: 0,
            pending: Vec::new(),
            known: 0,
            findings: Vec::new(),
        }
    }

    /// The next line, and the record in it if it opens.
    pub(super) fn line(&mut self, bytes: &[u8], record: Option<&Record>) {
        self.lines += 1;
        let digest = LineDigest::of(bytes);
        let Some(record) = record else {
            self.pending.push(self.lines);
            self.tail = Some(digest);
            return;
        };
        let is_first = self.first.is_none();
        // The oldest records may be dropped between what the head says and the file.
        if is_first && self.pending.is_empty() && record.number < self.next {
            self.next = record.number;
        }
        if record.number < self.next {
            let (number, line) = (record.number, self.lines);
            self.findings.push(JournalFinding::Displaced { number, line });
            return;
        }
        self.first.get_or_insert(record.number);
        let begins = is_first && record.number > 1 && record.number == self.next;
        self.judge(record, record.before == self.tail || begins);
        self.next = record.number.saturating_add(1);
        self.tail = Some(digest);
        self.known = record.faults;
        if self.head.is_some_and(|head| head.number == record.number) {
            self.at_head = Some(digest);
        }
    }

    /// What is between the last record and this one. `follows`: it was written after exactly these lines.
    fn judge(&mut self, record: &Record, follows: bool) {
        let missing = record.number - self.next;
        let pending = std::mem::take(&mut self.pending);
        let is_torn = follows && missing == 0 && record.faults <= self.faults();
        let unreadable = pending.len() as u64;
        for line in pending {
            self.findings.push(match is_torn {
                true => JournalFinding::Torn { line },
                false => JournalFinding::Changed { line },
            });
        }
        if missing > unreadable {
            let (first, last) = (self.next, record.number - 1);
            self.findings.push(JournalFinding::Missing { first, last });
        } else if !follows && unreadable == 0 {
            let number = record.number.saturating_sub(1);
            self.findings.push(JournalFinding::Replaced { number });
        }
        if record.faults > self.faults() {
            let number = record.number;
            self.findings.push(JournalFinding::Known { number });
        }
    }

    fn faults(&self) -> u64 {
        self.findings.iter().filter(|finding| finding.is_fault()).count() as u64
    }

    /// After the last line.
    pub(super) fn finish(mut self) -> Verified {
        let last = self.next.saturating_sub(1);
        let pending = std::mem::take(&mut self.pending);
        let missing = self.head.map_or(0, |head| head.number.saturating_sub(last));
        let unreadable = pending.len() as u64;
        for line in pending {
            self.findings.push(match missing {
                0 => JournalFinding::Torn { line },
                _ => JournalFinding::Changed { line },
            });
        }
        match self.head {
            None if last > 0 => self.findings.push(JournalFinding::Unremembered),
            Some(head) if missing > unreadable => {
                let (first, last) = (last + 1, head.number);
                self.findings.push(JournalFinding::CutOff { first, last });
            }
            Some(head) if missing == 0 && self.at_head != Some(head.digest) => {
                self.findings.push(JournalFinding::Replaced { number: head.number });
            }
            _ => {}
        }
        self.drop_gaps_of_displaced();
        Verified {
            // A number is never given twice.
            last: last.max(self.head.map_or(0, |head| head.number)),
            first: self.first.unwrap_or(self.next),
            tail: self.tail,
            known: self.known,
            findings: self.findings,
        }
    }

    /// A record in a wrong place is not missing as well.
    fn drop_gaps_of_displaced(&mut self) {
        let displaced: BTreeSet<u64> = self
            .findings
            .iter()
            .filter_map(|finding| match finding {
                JournalFinding::Displaced { number, .. } => Some(*number),
                _ => None,
            })
            .collect();
        self.findings.retain(|finding| match finding {
            JournalFinding::Missing { first, last } => {
                let found = displaced.range(first..=last).count() as u64;
                found < last - first + 1
            }
            _ => true,
        });
    }
}
