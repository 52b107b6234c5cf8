//! Sites as they arrive: assessed, and put into the store where it does not have them yet. Which of them are
//! trusted is known at the end.
//!
//! Sites arrive one by one, and are dropped one by one: what stays of each is its verdict in the assessor and, where
//! the store did not have it, a record. Most are, to the letter, what their pin was last moved to, and settled
//! ([`Pin::is_settled`]): of these not even the pin is made. Of the others it is, one at a time. So records are added
//! before anybody knows whether they are trusted. That does no harm: they count from the commit on, under the entry that
//! [`settle`](super::settle) writes, and a sync that fails takes all of them back.

use std::collections::{BTreeMap, BTreeSet};

use zkvault_core::key::KeySet;
use zkvault_core::model::{OddRecord, Site};
use zkvault_core::store::RecordKind;
use zkvault_core::trust::{Account, Assessment, Assessor, FirstSeen, Origin, Pin, Sighting};

use super::baseline::{Digest, Kept, KnownSite, digest};
use crate::store::{Standing, Store, StoreError, kept};

/// A site that the server lists, and that is not as it is trusted.
#[derive(Debug)]
pub(crate) struct Arrived {
    pub(crate) copy: Copied,
    /// None where the copy is the trusted one, whose texts are in the index.
    pub(crate) texts: Option<Texts>,
}

impl Arrived {
    /// As it is trusted.
    pub(crate) const fn unchanged() -> Self {
        Self {
            copy: Copied::Trusted,
            texts: None,
        }
    }
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
pub(crate) struct Intake<'a, 'p> {
    /// Alone: a store is not shared between threads.
    store: &'a mut Store,
    /// In the order of their ids. A trusted copy whose pin cannot be made is taken away: it is damaged.
    known: &'a mut [KnownSite<'p>],
    assessor: Assessor<'a>,
    arrived: BTreeMap<u64, Arrived>,
    /// Of the sites whose pin may move, their numbers among all that arrived, and the histories of their pins then.
    next: Vec<(usize, Box<[u8]>)>,
    assessed: usize,
    /// Which of the known sites arrived as they are trusted.
    unchanged: Vec<bool>,
    /// Write what is there already as well.
    rewrite: bool,
    aside: Aside,
}

/// The sites of a whole account, and what was found.
pub(crate) struct Taken {
    pub(crate) assessment: Assessment,
    /// The histories of the pins that move, by the ids of their sites.
    pub(crate) moved: BTreeMap<u64, Box<[u8]>>,
    /// Those that are not as they are trusted.
    pub(crate) arrived: BTreeMap<u64, Arrived>,
    /// Of each known site, whether it arrived as it is trusted.
    pub(crate) unchanged: Vec<bool>,
    pub(crate) aside: Aside,
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

impl<'a, 'p> Intake<'a, 'p> {
    pub(crate) fn new(
        store: &'a mut Store,
        known: &'a mut [KnownSite<'p>],
        account: Account<'a>,
        keys: &'a KeySet,
        rewrite: bool,
    ) -> Self {
        Self {
            store,
            unchanged: vec![false; known.len()],
            known,
            assessor: Assessor::new(account, keys),
            arrived: BTreeMap::new(),
            next: Vec::new(),
            assessed: 0,
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

    /// Takes one site. A copy that is the same to the letter counts once: a service that joins tables, or whose pages
    /// overlap, sends some. Of two different sites with one id the first is kept; that there are two is found at both.
    ///
    /// The JSON that is stored is the site as it was read: all members in their order, unknown ones byte for byte, so
    /// that its digest is that of the last sync if the service did not change it.
    pub(crate) fn add(&mut self, site: &Site) -> Result<(), StoreError> {
        let json = serde_json::to_vec(site).map_err(StoreError::json("a site"))?;
        let digest = digest(&json);
        let number = self.known.binary_search_by_key(&site.id, |known| known.entry.id).ok();
        let is_unchanged = number.and_then(|number| self.unchanged.get(number)) == Some(&true);
        let is_again = is_unchanged || self.arrived.contains_key(&site.id);
        if is_again && self.first_copy(site.id, number) == Some(digest) {
            return Ok(());
        }
        self.assess(site, digest, number)?;
        if is_again {
            return Ok(());
        }
        let known = number.and_then(|number| self.known.get(number));
        let copy = known
            .filter(|_| !self.rewrite)
            .and_then(|known| known_copy(known, digest));
        let copy = match copy {
            Some(Copied::Trusted) => {
                let unchanged = number.and_then(|number| self.unchanged.get_mut(number));
                unchanged.into_iter().for_each(|unchanged| *unchanged = true);
                return Ok(());
            }
            Some(copy) => copy,
            None => Copied::Added(Kept {
                slot: self.store.add(RecordKind::Site, site.id, &json)?,
                digest,
            }),
        };
        let texts = Some(Texts::of(site));
        self.arrived.insert(site.id, Arrived { texts, copy });
        Ok(())
    }

    /// The digest of the copy of a site that arrived first.
    fn first_copy(&self, id: u64, number: Option<usize>) -> Option<Digest> {
        let known = number.and_then(|number| self.known.get(number));
        let copy = self.arrived.get(&id).map_or(Copied::Trusted, |arrived| arrived.copy);
        let kept = match copy {
            Copied::Trusted => known?.trusted,
            Copied::Candidate => known?.candidate,
            Copied::Added(kept) => Some(kept),
        };
        kept.map(|kept| kept.digest)
    }

    /// Compares a site with its pin, unless it is what the pin was last moved to and nothing is left to compare.
    fn assess(&mut self, site: &Site, digest: Digest, number: Option<usize>) -> Result<(), StoreError> {
        self.assessed += 1;
        let known = number.and_then(|number| self.known.get_mut(number));
        let is_trusted = |known: &KnownSite<'_>| known.trusted.is_some_and(|kept| kept.digest == digest);
        if let Some(known) = &known
            && is_trusted(known)
            && Pin::is_settled(site, known.history)
        {
            self.assessor.add_settled(site.id);
            return Ok(());
        }
        let (pin, known) = match known {
            Some(known) => (known.pin_or_damage(self.store)?, Some(&*known)),
            None => (None, None),
        };
        let store = &*self.store;
        let trusted = || store.site(site.id, known?.trusted?.slot).ok();
        let sighting = Sighting {
            pin: pin.as_ref(),
            trusted: &trusted,
            first: known.and_then(|known| first_seen(known, digest)),
        };
        // The rest of a pin is the site, which is stored.
        let next = self.assessor.add_stored(site, sighting);
        self.next
            .extend(next.map(|pin| (self.assessed - 1, pin.history().into_boxed_slice())));
        Ok(())
    }

    /// No more sites follow.
    pub(crate) fn finish(mut self) -> Result<Taken, StoreError> {
        let missing = self.missing()?;
        let (store, known) = (&*self.store, &*self.known);
        let assessment = self.assessor.finish_stored(missing, |take| {
            for known in known {
                known.pin(store)?.iter().for_each(&mut *take);
            }
            Ok::<_, StoreError>(())
        })?;
        let verdict = |number: usize| assessment.sites().get(number).filter(|site| site.moves());
        let moved = self.next.into_iter();
        let moved = moved.filter_map(|(number, history)| Some((verdict(number)?.site_id(), history)));
        Ok(Taken {
            moved: moved.collect(),
            assessment,
            arrived: self.arrived,
            unchanged: self.unchanged,
            aside: self.aside,
        })
    }

    /// The pinned sites that did not arrive. Of those that were set aside, too, the pin is made: their record may be
    /// damaged.
    fn missing(&mut self) -> Result<Vec<u64>, StoreError> {
        let mut missing = Vec::new();
        for (known, unchanged) in self.known.iter_mut().zip(&self.unchanged) {
            let id = known.entry.id;
            if *unchanged || self.arrived.contains_key(&id) {
                continue;
            }
            let pin = known.pin_or_damage(self.store)?;
            let is_there = pin.is_some_and(|pin| !pin.is_gone());
            missing.extend((is_there && !self.aside.has(id)).then_some(id));
        }
        Ok(missing)
    }
}

/// A site that has waited for a person since it could not be compared with anything was not seen later than that: a value
/// under a retired key that it has may be older than the retirement.
fn first_seen(known: &KnownSite<'_>, digest: Digest) -> Option<FirstSeen> {
    let waits =
        known.trusted.is_none() && matches!(known.entry.standing, Standing::Unanchored | Standing::MetadataChanged);
    let same = known.candidate.is_some_and(|kept| kept.digest == digest);
    (waits && same).then_some(FirstSeen::Unanchored)
}

/// Which copy of the store has this digest, if one does.
fn known_copy(known: &KnownSite<'_>, digest: Digest) -> Option<Copied> {
    let is_it = |kept: Option<Kept>| kept.is_some_and(|kept| kept.digest == digest);
    match (is_it(known.trusted), is_it(known.candidate)) {
        (true, _) => Some(Copied::Trusted),
        (false, true) => Some(Copied::Candidate),
        (false, false) => None,
    }
}
