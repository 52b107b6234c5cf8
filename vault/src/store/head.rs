//! The head: which account the store is of, how old it is, and which of its parts are current.
//!
//! The head is JSON of some hundred bytes, sealed as part 1 (docs/spec/store.md#head). It is the root of everything: it
//! names the revision of each part, and the index names the revision of each record. It also has the counts that a
//! status shows, so that a program can print them without opening the index.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use zkvault_core::store::RecordKind;

/// What is known before any other part is opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The host of the service.
    pub host: String,
    /// Counts the transactions, from 1.
    pub revision: u64,
    /// When the service was last asked for everything, in seconds since 1970.
    pub synced: u64,
    /// The revisions of the other parts.
    pub parts: PartRevisions,
    /// How many sites have each standing, by its name.
    pub standings: BTreeMap<String, u64>,
    /// How many users there are.
    pub users: u64,
    /// How many groups there are.
    pub groups: u64,
}

/// In which revision each part was written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartRevisions {
    /// Of the index.
    pub index: u64,
    /// Of its details.
    pub details: u64,
    /// Of the pins' histories.
    pub histories: u64,
    /// Of the users; 0 where the service did not show them.
    pub users: u64,
    /// Of the groups; 0 where the service did not show them.
    pub groups: u64,
    /// Of what a person chose for sites; 0 where that is nothing.
    pub choices: u64,
}

impl PartRevisions {
    /// Every part with its revision.
    pub(super) fn all(&self) -> [(RecordKind, u64); 6] {
        [
            (RecordKind::Index, self.index),
            (RecordKind::Details, self.details),
            (RecordKind::Histories, self.histories),
            (RecordKind::Users, self.users),
            (RecordKind::Groups, self.groups),
            (RecordKind::Choices, self.choices),
        ]
    }
}

impl Head {
    /// Of a store in which nothing is yet.
    #[must_use]
    pub fn new(host: &str) -> Self {
        Self {
            host: host.to_owned(),
            revision: 0,
            synced: 0,
            parts: PartRevisions::default(),
            standings: BTreeMap::new(),
            users: 0,
            groups: 0,
        }
    }

    /// How many sites there are, without those that are gone.
    #[must_use]
    pub fn sites(&self) -> u64 {
        let gone = |name: &str| name == super::Standing::Gone.name();
        let there = self.standings.iter().filter(|(name, _)| !gone(name));
        there.map(|(_, count)| count).sum()
    }
}
