//! What the store knew before a sync: its sites, their pins, and what of it is damaged.
//!
//! Every record is opened once, in the order of the rows, which is how they lie on the disk: 100,000 records in random
//! order would be 100,000 seeks. What is kept of each is its slot and a digest, by which a site that arrives is known
//! to be there already. Its pin is made of the site and its history, and costs more than all of that: a backup needs
//! every one ([`Baseline::load`]), a sync those of the sites that are not as they were ([`KnownSite::pin`]).
//!
//! Damage does not stop a sync, it is what a sync repairs. A trusted copy that is missing or changed takes its pin
//! along: the site has nothing left to be compared with, so it comes back as one that was never seen, is named in
//! [`Synced::damaged`](super::Synced::damaged), and is not trusted
//! (`a_damaged_site_is_named_and_new_and_the_others_are_as_before`). Rows that nothing names are removed. A backup is
//! made of an undamaged store only ([`Baseline::check`]).

use sha2::{Digest as _, Sha256};
use zkvault_core::SecretBytes;
use zkvault_core::model::Site;
use zkvault_core::store::RecordKind;
use zkvault_core::trust::{Pin, PinSet};

use crate::store::{Entries, Entry, Histories, Slot, Store, StoreError};

type Result<T, E = StoreError> = std::result::Result<T, E>;

/// Tells two records apart: 16 bytes of SHA-256. They stay in memory.
///
/// Half of a digest suffices: it is compared with records of the same site that were written here, and a service that
/// found two texts with one digest would only keep its own change from being noticed and stored: what is used is the
/// text that was stored before.
pub(crate) type Digest = [u8; 16];

/// The digest of a record's plaintext.
pub(crate) fn digest(plaintext: &[u8]) -> Digest {
    let digest: [u8; 32] = Sha256::digest(plaintext).into();
    let [half, _] = digest.as_chunks::<16>().0 else {
        return [0; 16];
    };
    *half
}

/// A record that the index names and that opened.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kept {
    pub(crate) slot: Slot,
    pub(crate) digest: Digest,
}

/// The parts that say what the records are: the index, its details, and the histories of the pins. Empty without a store.
#[derive(Debug, Default)]
pub struct Parts(Option<[SecretBytes; 3]>);

impl Parts {
    /// Opens them.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn open(store: &Store) -> Result<Self> {
        Ok(Self(Some([store.index()?, store.details()?, store.histories()?])))
    }

    pub(crate) fn index(&self) -> &[u8] {
        self.part(0)
    }

    pub(crate) fn details(&self) -> &[u8] {
        self.part(1)
    }

    pub(crate) fn histories(&self) -> &[u8] {
        self.part(2)
    }

    fn part(&self, number: usize) -> &[u8] {
        let part = self.0.as_ref().and_then(|parts| parts.get(number));
        part.map_or(&[], SecretBytes::expose_secret)
    }
}

/// A site that the store knew.
#[derive(Debug, Clone)]
pub struct KnownSite<'a> {
    /// What the index says of it.
    pub entry: Entry<'a>,
    pub(crate) trusted: Option<Kept>,
    pub(crate) candidate: Option<Kept>,
    pub(crate) findings: Option<Kept>,
    /// Of its pin; empty without a trusted copy.
    pub(crate) history: &'a [u8],
}

impl KnownSite<'_> {
    /// The pin, made of the trusted copy. `None` without one, and of one that is damaged, as far as opening its record did
    /// not say that already: a history that does not belong to its site.
    pub(crate) fn pin(&self, store: &Store) -> Result<Option<Pin>> {
        let Some(kept) = self.trusted else { return Ok(None) };
        let json = store.site_json(self.entry.id, kept.slot)?;
        Ok(json.and_then(|json| restored(self.entry.id, json.expose_secret(), self.history)))
    }

    /// The same for a sync: a trusted copy that is damaged is none any more.
    pub(crate) fn pin_or_damage(&mut self, store: &Store) -> Result<Option<Pin>> {
        let pin = self.pin(store)?;
        if pin.is_none() {
            self.trusted = None;
        }
        Ok(pin)
    }
}

/// The pin of a trusted copy.
fn restored(id: u64, plaintext: &[u8], history: &[u8]) -> Option<Pin> {
    let site = serde_json::from_slice::<Site>(plaintext).ok()?;
    Pin::restore(&site, history).ok().filter(|pin| pin.site_id() == id)
}

/// What the store knew.
#[derive(Debug, Default)]
pub struct Baseline<'a> {
    /// The sites, in the order of their ids.
    pub sites: Vec<KnownSite<'a>>,
    /// Rows that the index does not name.
    pub strays: Vec<u64>,
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

/// What of a store is damaged.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Damaged {
    /// Sites of which a record is missing or changed, in the order of their ids.
    pub sites: Vec<u64>,
    /// Rows that the index names, and that do not hold what they should.
    pub(crate) rows: Vec<u64>,
}

impl<'a> Baseline<'a> {
    /// Opens every record once, in the order in which they lie, and makes every pin.
    ///
    /// The index, its details and the histories must be whole: without them nothing says which site a record is of.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`] when the index does not open or is not as specified. A damaged record is no error.
    pub fn load(store: &Store, parts: &'a Parts) -> Result<(Self, PinSet)> {
        let mut pins = Vec::new();
        let baseline = Self::read(store, parts, |id, plaintext, history| {
            let pin = restored(id, plaintext, history);
            let is_whole = pin.is_some();
            pins.extend(pin);
            is_whole
        })?;
        Ok((baseline, pins.into_iter().collect()))
    }

    /// The same without the pins: each is made when it is needed, and found damaged then.
    pub(crate) fn records(store: &Store, parts: &'a Parts) -> Result<Self> {
        Self::read(store, parts, |_, _, _| true)
    }

    /// `is_trusted` says of a trusted copy that opened, with its id and history, whether it is one.
    fn read(store: &Store, parts: &'a Parts, mut is_trusted: impl FnMut(u64, &[u8], &[u8]) -> bool) -> Result<Self> {
        let mut baseline = Self {
            sites: sites(parts).ok_or_else(|| store.malformed_index())?,
            strays: Vec::new(),
        };
        let expected = baseline.expected();
        store.records(|row, sealed| {
            let place = expected.binary_search_by_key(&row, |named| named.row).ok();
            let Some(named) = place.and_then(|place| expected.get(place)) else {
                baseline.strays.push(row);
                return Ok(());
            };
            if let Some(site) = baseline.sites.get_mut(named.site) {
                site.open(store, named, sealed, &mut is_trusted);
            }
            Ok(())
        })?;
        Ok(baseline)
    }

    /// Refuses a store in which anything is damaged.
    ///
    /// # Errors
    ///
    /// [`StoreError::DamagedRecords`].
    pub fn check(&self) -> Result<()> {
        match (self.damaged().sites, self.strays.len()) {
            (sites, 0) if sites.is_empty() => Ok(()),
            (sites, strays) => Err(StoreError::DamagedRecords { sites, strays }),
        }
    }

    /// The rows that the entries name, in their order.
    fn expected(&self) -> Vec<Named> {
        let mut expected = Vec::with_capacity(self.sites.len());
        for (site, KnownSite { entry, .. }) in self.sites.iter().enumerate() {
            let roles = [
                (Role::Trusted, entry.trusted),
                (Role::Candidate, entry.candidate),
                (Role::Findings, entry.findings),
            ];
            let named = roles.into_iter().filter_map(|(role, slot)| {
                let Slot { row, revision } = slot?;
                Some(Named {
                    row,
                    revision,
                    site,
                    role,
                })
            });
            expected.extend(named);
        }
        expected.sort_by_key(|named| named.row);
        expected
    }

    /// Compares what opened with what the index names. A site with one record lost keeps the others.
    pub(crate) fn damaged(&self) -> Damaged {
        let mut damaged = Damaged::default();
        for KnownSite {
            entry,
            trusted,
            candidate,
            findings,
            ..
        } in &self.sites
        {
            let records = [
                (trusted, entry.trusted),
                (candidate, entry.candidate),
                (findings, entry.findings),
            ];
            let lost = records.into_iter().filter(|(kept, _)| kept.is_none());
            let before = damaged.rows.len();
            damaged.rows.extend(lost.filter_map(|(_, slot)| Some(slot?.row)));
            if damaged.rows.len() > before {
                damaged.sites.push(entry.id);
            }
        }
        damaged
    }
}

/// A record that the index names, and the number of its site.
struct Named {
    row: u64,
    revision: u64,
    site: usize,
    role: Role,
}

impl KnownSite<'_> {
    /// Opens one of its records, and notes it where it does.
    fn open(
        &mut self,
        store: &Store,
        named: &Named,
        sealed: &[u8],
        is_trusted: &mut impl FnMut(u64, &[u8], &[u8]) -> bool,
    ) {
        let (id, role) = (self.entry.id, named.role);
        let slot = Slot {
            row: named.row,
            revision: named.revision,
        };
        let Ok(plaintext) = store.open_record(role.kind(), id, slot, sealed) else {
            return;
        };
        let plaintext = plaintext.expose_secret();
        let kept = Some(Kept {
            slot,
            digest: digest(plaintext),
        });
        match role {
            Role::Candidate => self.candidate = kept,
            Role::Findings => self.findings = kept,
            // Without its pin it is worth nothing.
            Role::Trusted => self.trusted = kept.filter(|_| is_trusted(id, plaintext, self.history)),
        }
    }
}

/// The sites of an index with their histories, none of their records opened yet; `None` for parts that are not as
/// specified.
fn sites(parts: &Parts) -> Option<Vec<KnownSite<'_>>> {
    let mut histories = Histories::new(parts.histories())?;
    let mut sites = Vec::new();
    for entry in Entries::new(parts.index(), Some(parts.details())) {
        let entry = entry.ok()?;
        let history = match entry.trusted {
            Some(_) => histories.next()?,
            None => &[],
        };
        sites.push(KnownSite {
            entry,
            trusted: None,
            candidate: None,
            findings: None,
            history,
        });
    }
    histories.is_empty().then_some(sites)
}
