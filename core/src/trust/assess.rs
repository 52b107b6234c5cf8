//! All sites of an account against its pins.
//!
//! Two questions need all sites at once: which ciphertext is in two places, and which pinned site is missing. So
//! sites are added one by one; what is kept of each is its verdict and the digests that are not where they were
//! pinned; and the rest is asked at the end.

use std::borrow::Borrow;
use std::collections::BTreeSet;
use std::fmt;

use super::compare::{Compared, Known, compare};
use super::finding::{Finding, FirstSeen, Permission, Place, Tampering, Use, Verdict, permission};
use super::pin::Pin;
use super::set::PinSet;
use crate::digest::ValueDigest;
use crate::key::KeySet;
use crate::model::Site;
use crate::order::{by_number, sorted};

/// What is known of an account before its sites are looked at.
///
/// The difference between the first two is what stops an attacker who can delete pins: an account that was ever
/// synced is never in first use again (threat model, Z42).
#[derive(Debug, Clone, Copy)]
pub enum Account<'a> {
    /// Nothing, and nothing ever was: this is the first sync, which a person asked for.
    FirstUse,
    /// It was synced before and its pins are gone. Nothing is pinned by itself then: that a server or a thief
    /// could delete the pins must not make it trusted.
    Unanchored,
    /// Its pins.
    Pinned(&'a PinSet),
    /// Its pins are where its sites are stored: each is given with its site ([`Sighting::pin`]), and all of them at the
    /// end ([`Assessor::finish_stored`]).
    Stored,
}

impl<'a> Account<'a> {
    fn pins(self) -> Option<&'a PinSet> {
        match self {
            Self::Pinned(pins) => Some(pins),
            Self::FirstUse | Self::Unanchored | Self::Stored => None,
        }
    }

    fn first_seen(self) -> FirstSeen {
        match self {
            Self::FirstUse => FirstSeen::FirstUse,
            Self::Unanchored => FirstSeen::Unanchored,
            Self::Pinned(_) | Self::Stored => FirstSeen::Later,
        }
    }
}

/// Assesses a whole account: `sites` are all that it has, and those that are pinned and not among them are
/// [`Finding::Missing`]. Changes nothing. No keys are an empty set: then values that changed stay unopened.
///
/// ```
/// use zkvault_core::key::KeySet;
/// use zkvault_core::model::Site;
/// use zkvault_core::trust::{Account, Finding, PinSet, Tampering, Verdict, assess};
///
/// let keys = KeySet::new();
/// let sites = |list: &[&str]| -> Result<Vec<Site>, serde_json::Error> {
///     list.iter().map(|json| serde_json::from_str(json)).collect()
/// };
/// let (mail, bank) = (r#"{"id":1,"name":"Mail"}"#, r#"{"id":2,"name":"Bank"}"#);
/// let mut pins = PinSet::new();
/// let moved = assess(Account::FirstUse, sites(&[mail, bank])?, &keys).advance(&mut pins);
/// assert_eq!(moved, [1, 2]);
///
/// // The service withholds the bank, and lists the mail twice.
/// let later = assess(Account::Pinned(&pins), sites(&[mail, mail])?, &keys);
/// assert_eq!(later.sites()[0].findings(), [Finding::Tampered(Tampering::SiteTwice)]);
/// assert_eq!((later.sites()[2].site_id(), later.sites()[2].findings()), (2, &[Finding::Missing][..]));
/// assert_eq!(later.worst(), Verdict::Tampered);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[must_use]
pub fn assess<S: Borrow<Site>>(account: Account<'_>, sites: impl IntoIterator<Item = S>, keys: &KeySet) -> Assessment {
    let mut assessor = Assessor::new(account, keys);
    for site in sites {
        assessor.add(site.borrow(), Sighting::default());
    }
    assessor.finish()
}

/// Assesses sites as they come, so that they need not all be in memory.
///
/// Time is linear in the sites, the pins and their inputs, but for the sorting of the values that are not where
/// they are pinned.
///
/// Its memory is one verdict for each site, and a few dozen bytes for each value that changed.
#[derive(Debug)]
pub struct Assessor<'a> {
    account: Account<'a>,
    keys: &'a KeySet,
    sites: Vec<SiteVerdict>,
    loose: Vec<Loose>,
    /// Of the keys of groups among them.
    groups: BTreeSet<ValueDigest>,
    /// Sites that are listed and were not added.
    aside: BTreeSet<u64>,
    /// Whether there are such sites of which it is not known which they are.
    aside_unknown: bool,
}

/// What is known of a site besides its pin.
///
/// A store that keeps trusted copies lends them here, so that an honest change by the vendor's client, which seals
/// every value anew, is told from a text that was exchanged.
#[derive(Clone, Copy)]
pub struct Sighting<'a> {
    /// Its pin, of an account whose pins are [`Account::Stored`].
    pub pin: Option<&'a Pin>,
    /// The site that its pin was last moved to, where that is kept: asked for only when the text of a value has to be
    /// compared. Without it, every new text counts as a different one.
    pub trusted: &'a dyn Fn() -> Option<Site>,
    /// When exactly this site was first seen, where that was at another time than the account's standing says.
    pub first: Option<FirstSeen>,
}

impl Default for Sighting<'_> {
    fn default() -> Self {
        Self {
            pin: None,
            trusted: &|| None,
            first: None,
        }
    }
}

impl fmt::Debug for Sighting<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pin, trusted: _, first } = self;
        let mut shown = f.debug_struct("Sighting");
        shown.field("pin", pin).field("first", first).finish_non_exhaustive()
    }
}

/// A value that is not the one pinned at its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Loose {
    digest: ValueDigest,
    /// Number of the site's verdict.
    site: usize,
    /// None for the site's own key, and for its group's.
    input: Option<usize>,
    /// The key of the site's group, which other sites of the group have as well.
    is_group: bool,
}

impl<'a> Assessor<'a> {
    /// Begins. Values that the pins do not vouch for are tried with `keys`.
    #[must_use]
    pub fn new(account: Account<'a>, keys: &'a KeySet) -> Self {
        Self {
            account,
            keys,
            sites: Vec::new(),
            loose: Vec::new(),
            groups: BTreeSet::new(),
            aside: BTreeSet::new(),
            aside_unknown: false,
        }
    }

    /// Notes a site that the account has, and that cannot be added because it cannot be read: it is not missing. While
    /// it is not known which site it is, none is.
    ///
    /// A service could otherwise make a site look deleted by breaking one of its members (threat model, R08).
    pub fn set_aside(&mut self, site: Option<u64>) {
        match site {
            Some(id) => drop(self.aside.insert(id)),
            None => self.aside_unknown = true,
        }
    }

    /// Adds a site, with what is known of it besides its pin.
    pub fn add(&mut self, site: &Site, sighting: Sighting<'_>) {
        let next = self.compare(site, sighting).map(Box::new);
        if let Some(verdict) = self.sites.last_mut() {
            verdict.next = next;
        }
    }

    /// As [`Self::add`], of an account whose pins are stored. Returns the site's pin from now on, where that is another: it
    /// moves if the verdict says so at the end ([`SiteVerdict::moves`]), and until then the caller keeps what it needs of
    /// it, which is less than a pin.
    pub fn add_stored(&mut self, site: &Site, sighting: Sighting<'_>) -> Option<Pin> {
        self.compare(site, sighting)
    }

    fn compare(&mut self, site: &Site, sighting: Sighting<'_>) -> Option<Pin> {
        let pin = match self.account {
            Account::Stored => sighting.pin,
            account => account.pins().and_then(|pins| pins.get(site.id)),
        };
        let seen = sighting.first.unwrap_or_else(|| self.account.first_seen());
        let Compared {
            observed,
            mut findings,
            loose,
            loose_group,
        } = compare(
            site,
            Known {
                pin,
                trusted: sighting.trusted,
                seen,
                keys: self.keys,
            },
        );
        if pin.is_none() {
            findings.push(Finding::New(seen));
        }
        let number = self.sites.len();
        self.loose.extend(loose.into_iter().map(|(input, digest)| Loose {
            digest,
            site: number,
            input,
            is_group: false,
        }));
        if let Some(digest) = loose_group
            && self.groups.insert(digest)
        {
            self.loose.push(Loose {
                digest,
                site: number,
                input: None,
                is_group: true,
            });
        }
        self.sites.push(SiteVerdict {
            site_id: site.id,
            findings,
            is_pinned: pin.is_some_and(|pin| !pin.is_gone()),
            moves: false,
            next: None,
        });
        observed.filter(|observed| Some(observed) != pin)
    }

    /// Adds a site that is, to the letter, the one that its pin was last moved to, and of which
    /// [`Pin::is_settled`] says that nothing is left to compare.
    ///
    /// It is not skipped: that it is there, and that it is there twice, counts as of any other.
    pub fn add_settled(&mut self, site_id: u64) {
        self.sites.push(SiteVerdict {
            site_id,
            findings: Vec::new(),
            is_pinned: true,
            moves: false,
            next: None,
        });
    }

    /// Ends: the sites that were added or set aside are all that the account has.
    #[must_use]
    pub fn finish(mut self) -> Assessment {
        let missing = self.missing();
        self.sites.extend(missing);
        self.finish_part()
    }

    /// As [`Self::finish`], of an account whose pins are [`Account::Stored`]. `missing` are the pinned sites that were
    /// neither added nor set aside, and that nobody accepted to be gone. `pins` gives every pin, those of settled sites
    /// and of sites that are gone included: it is asked only when a value is not where it was pinned.
    ///
    /// # Errors
    /// That of `pins`.
    pub fn finish_stored<E>(
        mut self,
        missing: impl IntoIterator<Item = u64>,
        pins: impl FnOnce(&mut dyn FnMut(&Pin)) -> Result<(), E>,
    ) -> Result<Assessment, E> {
        self.sites.extend(missing.into_iter().map(SiteVerdict::missing));
        self.find_repeated_sites();
        let mut single = self.find_repeated_ciphertexts();
        if !single.is_empty() {
            pins(&mut |pin| self.find_pinned(pin, &mut single))?;
        }
        Ok(self.into_assessment())
    }

    /// Ends: the sites that were added are some of those that the account has, as a search or a group lists
    /// them. None is missing, and a ciphertext that is twice among the others only is not noticed.
    ///
    /// For a search or one page of a listing. Pins move as by [`finish`](Self::finish).
    #[must_use]
    pub fn finish_part(mut self) -> Assessment {
        self.find_repeated_sites();
        let mut single = self.find_repeated_ciphertexts();
        let pins = self.account.pins().filter(|_| !single.is_empty());
        for pin in pins.into_iter().flat_map(PinSet::iter) {
            self.find_pinned(pin, &mut single);
        }
        self.into_assessment()
    }

    fn into_assessment(mut self) -> Assessment {
        let first_use = matches!(self.account, Account::FirstUse);
        for site in &mut self.sites {
            worst_first(&mut site.findings);
            site.moves = match site.findings.as_slice() {
                [] => true,
                [Finding::New(FirstSeen::FirstUse)] => first_use,
                _ => false,
            };
            site.next = site.next.take().filter(|_| site.moves);
        }
        Assessment {
            unanchored: matches!(self.account, Account::Unanchored),
            sites: self.sites,
        }
    }

    fn ids(&self) -> Vec<(u64, usize)> {
        by_number(self.sites.iter().map(|site| site.site_id))
    }

    fn missing(&self) -> Vec<SiteVerdict> {
        let ids = self.ids();
        let there = |pin: &&Pin| ids.binary_search_by_key(&pin.site_id(), |&(id, _)| id).is_ok();
        let pins = self.account.pins().into_iter().flat_map(PinSet::iter);
        let aside = |pin: &&Pin| self.aside_unknown || self.aside.contains(&pin.site_id());
        let missing = pins.filter(|pin| !pin.is_gone() && !there(pin) && !aside(pin));
        missing.map(|pin| SiteVerdict::missing(pin.site_id())).collect()
    }

    fn find_repeated_sites(&mut self) {
        let ids = self.ids();
        for repeated in ids
            .chunk_by(|(one, _), (next, _)| one == next)
            .filter(|run| run.len() > 1)
        {
            for &(_, number) in repeated {
                self.report(number, Tampering::SiteTwice);
            }
        }
    }

    /// Finds each loose value among the other loose ones. Those that are there only once are to be looked for among all
    /// pinned ones.
    ///
    /// Two honest ciphertexts are never equal, so a repeated one was copied by a server: between inputs, sites, or
    /// from a value that was replaced long ago (threat model, Z01, Z02 and Z14). Sorted, this costs n log n.
    fn find_repeated_ciphertexts(&mut self) -> Vec<Loose> {
        let loose = sorted(std::mem::take(&mut self.loose));
        let mut single: Vec<Loose> = Vec::new();
        for run in loose.chunk_by(|one, next| one.digest == next.digest) {
            match run {
                [only] => single.push(*only),
                [first, second, ..] => {
                    for here in run {
                        let other = if here == first { second } else { first };
                        self.report_same(here, self.place(other));
                    }
                }
                [] => {}
            }
        }
        single
    }

    /// All sites of a group have the group's key, and a site's own earlier values were reported as a rollback:
    /// neither is a copy.
    fn find_pinned(&mut self, pin: &Pin, single: &mut [Loose]) {
        let place = |input| Place {
            site_id: pin.site_id(),
            input,
        };
        let now = pin.inputs().iter().enumerate();
        let now = now.filter_map(|(input, pinned)| Some((pinned.sealed()?, place(Some(input)))));
        let key = pin.0.key.map(|key| (key.digest, place(None)));
        let group = pin.0.key.and_then(|key| key.group);
        let group = group.map(|group| (group.digest, place(None)));
        let earlier = pin.0.earlier.iter().map(|digest| (*digest, place(None)));
        for (digest, other) in now.chain(key).chain(group).chain(earlier) {
            let Ok(found) = single.binary_search_by_key(&digest, |loose| loose.digest) else {
                continue;
            };
            let here = single.get(found).copied();
            // An earlier value of the same site is a rollback, which was reported.
            let own = |here: &Loose| {
                let is_key = Some((digest, other)) == key || Some((digest, other)) == group;
                !is_key && other.input.is_none() && self.place(here).site_id == other.site_id
            };
            // All sites of a group have its key.
            let shared = |here: &Loose| here.is_group && Some((digest, other)) == group;
            if let Some(here) = here.filter(|here| !own(here) && !shared(here)) {
                self.report_same(&here, other);
            }
        }
    }

    fn place(&self, loose: &Loose) -> Place {
        Place {
            site_id: self.sites.get(loose.site).map_or(0, |site| site.site_id),
            input: loose.input,
        }
    }

    fn report_same(&mut self, here: &Loose, other: Place) {
        let tampering = match here.input {
            Some(input) => Tampering::SameCiphertext { input, other },
            None => Tampering::SiteKeyElsewhere { other },
        };
        self.report(here.site, tampering);
    }

    fn report(&mut self, number: usize, tampering: Tampering) {
        if let Some(site) = self.sites.get_mut(number) {
            site.findings.push(Finding::Tampered(tampering));
        }
    }
}

/// Those of one verdict stay in the order in which they were found.
fn worst_first(findings: &mut Vec<Finding>) {
    let mut rest = std::mem::take(findings);
    while let Some(worst) = rest.iter().map(Finding::verdict).max() {
        findings.extend(rest.extract_if(.., |finding| finding.verdict() == worst));
    }
}

/// What was found at all sites.
///
/// Nothing in it is secret. It holds the pins as they would be, so that what is accepted is what was assessed.
#[derive(Debug)]
pub struct Assessment {
    unanchored: bool,
    sites: Vec<SiteVerdict>,
}

impl Assessment {
    /// The sites in the order in which they came, and then those that are missing.
    #[must_use]
    pub fn sites(&self) -> &[SiteVerdict] {
        &self.sites
    }

    /// Whether the account's pins are gone, so that nothing here was compared with anything.
    #[must_use]
    pub fn is_unanchored(&self) -> bool {
        self.unanchored
    }

    /// The worst verdict of all.
    #[must_use]
    pub fn worst(&self) -> Verdict {
        self.sites.iter().map(SiteVerdict::verdict).max().unwrap_or(Verdict::Ok)
    }

    /// Moves the pins of the sites at which nothing was found, and at an account's first use of those that were
    /// merely never seen, to what there is now. `pins` must be the set that was assessed, unchanged; an empty
    /// one at first use. Returns the numbers of the sites whose pins changed.
    pub fn advance(&mut self, pins: &mut PinSet) -> Vec<u64> {
        let next = self.sites.iter_mut().filter_map(|site| site.next.take());
        let mut moved = Vec::new();
        for pin in next {
            moved.push(pin.site_id());
            pins.insert(pin);
        }
        moved
    }
}

/// What was found at one site.
///
/// A store keeps its findings until the site is as it was pinned, or a person accepts it.
#[derive(Debug)]
pub struct SiteVerdict {
    site_id: u64,
    /// The worst first.
    findings: Vec<Finding>,
    /// Whether there is a pin, and so something that is trusted.
    is_pinned: bool,
    /// Whether its pin may move by itself.
    moves: bool,
    /// Its pin from now on, if that may move by itself and does. Boxed, because most pins do not move.
    next: Option<Box<Pin>>,
}

impl SiteVerdict {
    fn missing(site_id: u64) -> Self {
        Self {
            site_id,
            findings: vec![Finding::Missing],
            is_pinned: true,
            moves: false,
            next: None,
        }
    }

    /// The API's number of the site.
    #[must_use]
    pub fn site_id(&self) -> u64 {
        self.site_id
    }

    /// What was found, the worst first.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Whether the site's pin moves by itself to what there is now: nothing was found, or at an account's first use
    /// nothing but that.
    #[must_use]
    pub fn moves(&self) -> bool {
        self.moves
    }

    /// The worst of it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.findings.iter().map(Finding::verdict).max().unwrap_or(Verdict::Ok)
    }

    /// Whether the site's values may be used like this: [`permission`] of its findings.
    #[must_use]
    pub fn permission(&self, usage: Use) -> Permission {
        permission(&self.findings, usage, self.is_pinned)
    }
}
