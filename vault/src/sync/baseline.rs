//! What the store knew before a sync: its sites, their pins, and what of it is damaged.
//!
//! Every record is opened once, in the order of the rows, which is how they lie on the disk: 100,000 records in random
//! order would be 100,000 seeks. What is kept of each is its slot and a digest, by which a site that arrives is known
//! to be there already; the site itself is needed only for its pin.
//!
//! Damage does not stop a sync, it is what a sync repairs. A trusted copy that is missing or changed takes its pin
//! along: the site has nothing left to be compared with, so it comes back as one that was never seen, is named in
//! [`Synced::damaged`](super::Synced::damaged), and is not trusted
//! (`a_damaged_site_is_named_and_new_and_the_others_are_as_before`). Rows that nothing names are removed. A backup is
//! made of an undamaged store only ([`Baseline::check`]).

use std::collections::{BTreeMap, HashMap};

use sha2::{Digest as _, Sha256};
use zkvault_core::model::Site;
use zkvault_core::store::RecordKind;
use zkvault_core::trust::{Pin, PinSet};

use crate::store::{Entries, Entry, Histories, Slot, Store, StoreError};

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Tells two records apart: 16 bytes of SHA-256. They stay in memory.
///
/// Half of a digest suffices: it is compared with records of the same site that were written here, and a service that
/// found two texts with one digest would only keep its own change from being stored.
pub(crate) type Digest = u128;

/// The digest of a record's plaintext.
pub(crate) fn digest(plaintext: &[u8]) -> Digest {
    let digest = Sha256::digest(plaintext);
    digest
        .iter()
        .take(16)
        .fold(0, |number, byte| number << 8 | u128::from(*byte))
}

/// A record that the index names and that opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) slot: Slot,
    pub(crate) digest: Digest,
}

/// A site that the store knew.
#[derive(Debug, Clone)]
pub struct KnownSite {
    /// What the index says of it.
    pub entry: Entry<'static>,
    pub(crate) trusted: Option<Kept>,
    pub(crate) candidate: Option<Kept>,
    pub(crate) findings: Option<Kept>,
}

/// What the store knew.
#[derive(Debug, Default)]
pub struct Baseline {
    /// The sites, by their ids.
    pub sites: BTreeMap<u64, KnownSite>,
    /// The pins of those whose trusted copy opened.
    pub pins: PinSet,
    /// Sites of which a record is missing or changed, in order. What is left of them is in `sites`.
    pub damaged: Vec<u64>,
    /// Rows that the index does not name.
    pub strays: Vec<u64>,
    /// Rows that it names, and that do not hold what they should.
    pub(crate) broken: Vec<u64>,
    /// Of the index, its details and the histories as they are.
    pub(crate) index: Option<Digest>,
    pub(crate) details: Option<Digest>,
    pub(crate) histories: Option<Digest>,
}

#[derive(Debug, Clone, Copy)]
enum Role {
    Trusted,
    Candidate,
    Findings,
}

impl Role {
    const fn kind(self) -> RecordKind {
        match self {
            Self::Trusted | Self::Candidate => RecordKind::Site,
            Self::Findings => RecordKind::Findings,
        }
    }
}

impl Baseline {
    /// Opens every record once, in the order in which they lie.
    ///
    /// The index, its details and the histories must be whole: without them nothing says which site a record is of.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when the index does not open or is not as specified. A damaged record is no error.
    pub fn load(store: &Store) -> Result<Self> {
        let mut baseline = Self::default();
        let histories = baseline.read_index(store)?;
        let mut expected = baseline.expected();
        store.records(|row, sealed| {
            let Some((id, role, slot)) = expected.remove(&row) else {
                baseline.strays.push(row);
                return Ok(());
            };
            if let Ok(plaintext) = store.open_record(role.kind(), id, slot, sealed) {
                let history = histories.get(&id).map(Vec::as_slice).unwrap_or_default();
                baseline.take(id, role, slot, plaintext.expose_secret(), history);
            }
            Ok(())
        })?;
        baseline.find_damage();
        Ok(baseline)
    }

    /// Refuses a store in which anything is damaged.
    ///
    /// # Errors
    ///
    /// [`StoreError::DamagedRecords`].
    pub fn check(&self) -> Result<()> {
        match (self.damaged.as_slice(), self.strays.len()) {
            ([], 0) => Ok(()),
            (sites, strays) => Err(StoreError::DamagedRecords {
                sites: sites.to_vec(),
                strays,
            }),
        }
    }

    /// Reads the entries, and returns the histories of those that have one.
    fn read_index(&mut self, store: &Store) -> Result<HashMap<u64, Vec<u8>>> {
        let (index, details, part) = (store.index()?, store.details()?, store.histories()?);
        let malformed = || store.malformed_index();
        self.index = Some(digest(index.expose_secret()));
        self.details = Some(digest(details.expose_secret()));
        self.histories = Some(digest(part.expose_secret()));
        let mut part = Histories::new(part.expose_secret()).ok_or_else(malformed)?;
        let mut histories = HashMap::new();
        for entry in Entries::new(index.expose_secret(), Some(details.expose_secret())) {
            let entry = entry.map_err(|_| malformed())?.into_owned();
            if entry.trusted.is_some() {
                histories.insert(entry.id, part.next().ok_or_else(malformed)?.to_vec());
            }
            let site = KnownSite {
                entry,
                trusted: None,
                candidate: None,
                findings: None,
            };
            self.sites.insert(site.entry.id, site);
        }
        match part.is_empty() {
            true => Ok(histories),
            false => Err(malformed()),
        }
    }

    /// The rows that the entries name.
    fn expected(&self) -> HashMap<u64, (u64, Role, Slot)> {
        let named = self.sites.values().flat_map(|site| {
            let Entry {
                id,
                trusted,
                candidate,
                findings,
                ..
            } = site.entry;
            let roles = [
                (Role::Trusted, trusted),
                (Role::Candidate, candidate),
                (Role::Findings, findings),
            ];
            roles
                .into_iter()
                .filter_map(move |(role, slot)| Some((slot?.row, (id, role, slot?))))
        });
        named.collect()
    }

    /// Notes a record that opened. A trusted one without its pin is worth nothing.
    fn take(&mut self, id: u64, role: Role, slot: Slot, plaintext: &[u8], history: &[u8]) {
        let Some(site) = self.sites.get_mut(&id) else {
            return;
        };
        let kept = Some(Kept {
            slot,
            digest: digest(plaintext),
        });
        match role {
            Role::Candidate => site.candidate = kept,
            Role::Findings => site.findings = kept,
            Role::Trusted => {
                let read = serde_json::from_slice::<Site>(plaintext)
                    .ok()
                    .filter(|site| site.id == id);
                if let Some(pin) = read.and_then(|site| Pin::restore(&site, history).ok()) {
                    site.trusted = kept;
                    self.pins.extend([pin]);
                }
            }
        }
    }

    /// Compares what opened with what the index names. A site with one record lost keeps the others.
    fn find_damage(&mut self) {
        for (id, site) in &self.sites {
            let there = (
                site.trusted.is_some(),
                site.candidate.is_some(),
                site.findings.is_some(),
            );
            let entry = &site.entry;
            if there
                != (
                    entry.trusted.is_some(),
                    entry.candidate.is_some(),
                    entry.findings.is_some(),
                )
            {
                self.damaged.push(*id);
                let records = [
                    (there.0, entry.trusted),
                    (there.1, entry.candidate),
                    (there.2, entry.findings),
                ];
                let lost = records.into_iter().filter(|(there, _)| !there);
                self.broken.extend(lost.filter_map(|(_, slot)| Some(slot?.row)));
            }
        }
    }
}
