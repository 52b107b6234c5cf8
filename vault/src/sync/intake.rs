//! Sites as they arrive: assessed, and put into the store where it does not have them yet. Which of them are
//! trusted is known at the end.
//!
//! Sites arrive one by one, and are dropped one by one: what stays of each is its verdict in the assessor and, where
//! the store did not have it, a record. So records are added before anybody knows whether they are trusted. That does
//! no harm: they count from the commit on, under the entry that [`settle`](super::settle) writes, and a sync that fails
//! takes all of them back.

use std::collections::btree_map::Entry as Place;
use std::collections::{BTreeMap, BTreeSet};

use zkvault_core::key::KeySet;
use zkvault_core::model::{OddRecord, Site};
use zkvault_core::store::RecordKind;
use zkvault_core::trust::{Account, Assessment, Assessor, FirstSeen, Origin, Sighting};

use super::baseline::{Digest, Kept, KnownSite, digest};
use crate::store::{Standing, Store, StoreError, kept};

/// A site that the server lists.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) copy: Copied,
    /// None where the copy is the trusted one, whose texts are in the index.
    pub(crate) texts: Option<Texts>,
}

/// Where what arrived is in the store. Only [`Copied::Added`] costs a record: an account that did not change adds none.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Copied {
    /// It is the trusted copy.
    Trusted,
    /// It is the candidate of the last sync.
    Candidate,
    /// It was added.
    Added(Kept),
}

/// What the index keeps of a site. The origin is parsed here, once, by the same rules as in a fill: a page that is no
/// address has none, and is never found by one.
#[derive(Debug)]
pub(crate) struct Texts {
    pub(crate) name: Option<Box<str>>,
    pub(crate) url: Option<Box<str>>,
    pub(crate) origin: Option<Box<str>>,
    pub(crate) updated: Option<u64>,
}

impl Texts {
    pub(crate) fn of(site: &Site) -> Self {
        let url = site.login.as_ref().and_then(|login| login.url.as_deref());
        let origin = url.and_then(|url| Origin::parse(url).ok());
        Self {
            name: site.name.as_deref().map(|name| kept(name).into()),
            url: url.map(|url| kept(url).into()),
            origin: origin.map(|origin| origin.to_string().into()),
            updated: site.updated,
        }
    }
}

/// Takes the sites of a whole account.
pub(crate) struct Intake<'a> {
    /// Alone: a store is not shared between threads.
    store: &'a mut Store,
    known: &'a BTreeMap<u64, KnownSite>,
    assessor: Assessor<'a>,
    arrived: BTreeMap<u64, Arrived>,
    /// Write what is there already as well.
    rewrite: bool,
    aside: Aside,
}

/// Sites that the server lists and that cannot be used. What is stored of them stays.
#[derive(Debug, Default)]
pub(crate) struct Aside {
    ids: BTreeSet<u64>,
    /// Whether there are others, of which the id is not known.
    unknown: bool,
}

impl Aside {
    /// Whether a site may be one of them.
    pub(crate) fn has(&self, id: u64) -> bool {
        self.unknown || self.ids.contains(&id)
    }
}

impl<'a> Intake<'a> {
    pub(crate) fn new(
        store: &'a mut Store,
        known: &'a BTreeMap<u64, KnownSite>,
        account: Account<'a>,
        keys: &'a KeySet,
        rewrite: bool,
    ) -> Self {
        Self {
            store,
            known,
            assessor: Assessor::new(account, keys),
            arrived: BTreeMap::new(),
            rewrite,
            aside: Aside::default(),
        }
    }

    /// Takes a site that the server lists and that cannot be used. One without an id that can be read may be any site,
    /// so every site that does not arrive is kept as it is, instead of being reported as missing (threat model, R08).
    pub(crate) fn set_aside(&mut self, site: &OddRecord) {
        self.assessor.set_aside(site.id());
        self.aside.ids.extend(site.id());
        self.aside.unknown |= site.id().is_none();
    }

    /// Takes one site. Of two with one id the first is kept; that there are two is found at both.
    ///
    /// The JSON that is stored is the site as it was read: all members in their order, unknown ones byte for byte, so
    /// that its digest is that of the last sync if the service did not change it.
    pub(crate) fn add(&mut self, site: &Site) -> Result<(), StoreError> {
        let known = self.known.get(&site.id);
        let trusted = || {
            let slot = known?.trusted?.slot;
            self.store.site(site.id, slot).ok()
        };
        let json = serde_json::to_vec(site).map_err(StoreError::json("a site"))?;
        let digest = digest(&json);
        let sighting = Sighting {
            trusted: &trusted,
            first: known.and_then(|known| first_seen(known, digest)),
        };
        self.assessor.add(site, sighting);
        let Place::Vacant(place) = self.arrived.entry(site.id) else {
            return Ok(());
        };
        let copy = known
            .filter(|_| !self.rewrite)
            .and_then(|known| known_copy(known, digest));
        let copy = match copy {
            Some(copy) => copy,
            None => Copied::Added(Kept {
                slot: self.store.add(RecordKind::Site, site.id, &json)?,
                digest,
            }),
        };
        place.insert(Arrived {
            texts: (!matches!(copy, Copied::Trusted)).then(|| Texts::of(site)),
            copy,
        });
        Ok(())
    }

    /// No more sites follow.
    pub(crate) fn finish(self) -> (Assessment, BTreeMap<u64, Arrived>, Aside) {
        (self.assessor.finish(), self.arrived, self.aside)
    }
}

/// A site that has waited for a person since it could not be compared with anything was not seen later than that: a value
/// under a retired key that it has may be older than the retirement.
fn first_seen(known: &KnownSite, digest: Digest) -> Option<FirstSeen> {
    let waits =
        known.trusted.is_none() && matches!(known.entry.standing, Standing::Unanchored | Standing::MetadataChanged);
    let same = known.candidate.is_some_and(|kept| kept.digest == digest);
    (waits && same).then_some(FirstSeen::Unanchored)
}

/// Which copy of the store has this digest, if one does.
fn known_copy(known: &KnownSite, digest: Digest) -> Option<Copied> {
    let is_it = |kept: Option<Kept>| kept.is_some_and(|kept| kept.digest == digest);
    match (is_it(known.trusted), is_it(known.candidate)) {
        (true, _) => Some(Copied::Trusted),
        (false, true) => Some(Copied::Candidate),
        (false, false) => None,
    }
}
