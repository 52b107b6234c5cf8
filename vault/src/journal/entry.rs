//! What a journal says: changes, each with what became of it.

use std::collections::BTreeMap;

use serde_json::Value;
use zkvault_client::logmeonce::ServiceChange;
use zkvault_core::keyring::Keyring;

use super::chain::JournalFinding;
use super::file::Files;
use super::record::{Ending, Event, LineDigest, Record};
use super::{JournalError, words};
use crate::profile::Profile;

/// A change, and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Entry {
    /// The number of its record.
    pub number: u64,
    /// When it was about to be sent, in seconds since 1970 (UTC).
    pub time: u64,
    /// The account.
    pub account: String,
    /// Who made it.
    pub by: String,
    /// The change, by ids.
    pub change: ServiceChange,
    /// What the things in it were called, by kind and id: `user 1920`.
    pub names: BTreeMap<String, String>,
    /// How it ended; `None` when that is unknown: the process ended before.
    pub ending: Option<Ending>,
    /// When that was recorded, in seconds since 1970 (UTC).
    pub ended: Option<u64>,
    /// The status of the response, where it was no success.
    pub status: Option<u16>,
    /// The stable word of the error.
    pub code: Option<String>,
}

impl Entry {
    /// The change in words. The names in it are as the service gave them.
    #[must_use]
    pub fn text(&self) -> String {
        words::text(&self.change, &self.names)
    }

    /// The change as JSON: its members are in docs/spec/journal.md.
    #[must_use]
    pub fn change_json(&self) -> Value {
        serde_json::to_value(&self.change).unwrap_or_default()
    }

    /// How it ended, in a word.
    #[must_use]
    pub fn outcome(&self) -> &'static str {
        self.ending.map_or("unknown", Ending::name)
    }
}

/// A journal that was read.
#[derive(Debug, Default)]
pub struct JournalReading {
    /// The changes, oldest first.
    pub entries: Vec<Entry>,
    /// How many records there are: one for each change, and one for each outcome.
    pub records: u64,
    /// What is not as it was written.
    pub findings: Vec<JournalFinding>,
    /// The digests of all records, by number, for [`matches`](Self::matches).
    digests: BTreeMap<u64, LineDigest>,
}

impl JournalReading {
    /// Reads the journal of a profile. Records that do not open hide no others; what was found is in the findings.
    ///
    /// # Errors
    ///
    /// What the operating system says. A journal that is not there is an empty one.
    pub fn of(profile: &Profile, keyring: &Keyring) -> Result<Self, JournalError> {
        let files = Files::of(profile);
        // A folder that cannot be written is read all the same.
        let _held = files.current.exists().then(|| files.lock());
        let mut reading = Self::default();
        let mut places = BTreeMap::new();
        let state = files.read(keyring.personal_keys(), &mut |record, digest| {
            reading.digests.insert(record.number, digest);
            reading.add(record, &mut places);
        })?;
        reading.findings = state.verified.findings;
        Ok(reading)
    }

    fn add(&mut self, record: Record, places: &mut BTreeMap<u64, usize>) {
        self.records += 1;
        let Record {
            number, time, event, ..
        } = record;
        match event {
            Event::Intent(intent) => {
                places.insert(number, self.entries.len());
                self.entries.push(Entry {
                    number,
                    time,
                    account: intent.account,
                    by: intent.by,
                    change: intent.change,
                    names: intent.names,
                    ending: None,
                    ended: None,
                    status: None,
                    code: None,
                });
            }
            Event::Outcome(settled) => {
                let place = places.get(&settled.of).and_then(|place| self.entries.get_mut(*place));
                // The intent may be in a file that was dropped.
                if let Some(entry) = place {
                    entry.ending = Some(settled.result);
                    entry.ended = Some(time);
                    entry.status = settled.status;
                    entry.code = settled.code;
                }
            }
        }
    }

    /// Whether a record has a digest that was noted elsewhere, and so nothing up to it was changed since; `None` when it
    /// is not there.
    #[must_use]
    pub fn matches(&self, number: u64, digest: &str) -> Option<bool> {
        self.digests.get(&number).map(|known| known.to_string() == digest)
    }

    /// The number of the oldest record that is there.
    #[must_use]
    pub fn first(&self) -> Option<u64> {
        self.digests.first_key_value().map(|(number, _)| *number)
    }

    /// The number and digest of the last record: to be noted elsewhere, for [`matches`](Self::matches).
    #[must_use]
    pub fn last(&self) -> Option<(u64, LineDigest)> {
        self.digests.last_key_value().map(|(number, digest)| (*number, *digest))
    }

    /// Whether somebody changed the journal, or it was damaged.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.findings.iter().any(JournalFinding::is_fault)
    }
}
