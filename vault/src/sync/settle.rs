//! What the store holds after a sync: which copy of each site is trusted, and which records are needed no more.
//!
//! It runs when the last site has arrived and the pins have moved, and goes through all ids that the store or the
//! service has, in ascending order, since that is the order of the index. Each becomes a `Case`: what was known, what
//! arrived, and what was found. From the findings follows the [`Standing`]; from the standing, whether the arrived copy
//! is trusted; and from that, which records stay.
//!
//! Invariants that a reader may rely on:
//!
//! * An entry with a trusted copy has a history, and one without has none ([`SyncError::NoPin`] would be a fault of
//!   this crate).
//! * A copy is trusted only with [`Standing::Ok`] or [`Standing::FirstUse`]; with every other standing the copy from
//!   before stays.
//! * Trusted copy and candidate are never the same row.
//! * Findings are a record exactly where the standing does not say all of them.

use std::borrow::Cow;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::iter::Peekable;

use zkvault_core::store::RecordKind;
use zkvault_core::trust::{Assessment, Finding, FirstSeen, gravity};

use super::baseline::{Kept, KnownSite, Parts, digest};
use super::intake::{Arrived, Aside, Copied, Texts};
use super::{Result, SyncError};
use crate::store::{Entry, Head, Histories, Standing, Store, StoreError, Writer};

/// A site after a sync, as a report shows it.
#[derive(Debug)]
pub struct SettledSite {
    /// The API's number of the site.
    pub id: u64,
    /// Its name, at most 1024 bytes of it.
    pub name: Option<String>,
    /// Its verdict.
    pub standing: Standing,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// What a sync did.
#[derive(Debug, Default)]
pub struct Changes {
    /// Sites that the store did not have.
    pub added: u64,
    /// Sites whose trusted copy was replaced.
    pub updated: u64,
    /// Sites that were never accepted, and that the server does not list any more.
    pub dropped: u64,
    /// How many sites have each standing, by its name.
    pub standings: BTreeMap<String, u64>,
    /// Sites that a person should look at.
    pub attention: Vec<SettledSite>,
    /// Whether the index was written. A part that is the same byte for byte keeps its revision in the head.
    pub(crate) wrote_index: bool,
    /// Whether the details were written.
    pub(crate) wrote_details: bool,
    /// Whether the histories were written.
    pub(crate) wrote_histories: bool,
}

/// The new state on its way into the store.
pub(crate) struct Settlement<'a> {
    store: &'a Store,
    /// The histories of the pins that moved.
    moved: &'a BTreeMap<u64, Box<[u8]>>,
    aside: &'a Aside,
    index: Writer,
    histories: Vec<u8>,
    changes: Changes,
}

/// What there is to say about one site.
struct Case<'p> {
    id: u64,
    known: Option<KnownSite<'p>>,
    arrived: Option<Arrived>,
    /// None for a site that was pinned and that a person accepted to be gone, or that was never pinned and is.
    findings: Option<Vec<Finding>>,
}

impl<'a> Settlement<'a> {
    /// What is stored of sites that are in `aside` stays.
    pub(crate) fn new(store: &'a Store, moved: &'a BTreeMap<u64, Box<[u8]>>, aside: &'a Aside) -> Self {
        Self {
            store,
            moved,
            aside,
            index: Writer::new(),
            histories: Histories::start(),
            changes: Changes::default(),
        }
    }

    /// Settles every site.
    pub(crate) fn settle(
        mut self,
        before: Before<'_>,
        mut arrived: BTreeMap<u64, Arrived>,
        unchanged: Vec<bool>,
        assessment: &Assessment,
    ) -> Result<Changes> {
        let mut known = before.sites.into_iter().zip(unchanged).peekable();
        let mut found = findings_by_site(assessment).into_iter().peekable();
        while let Some((id, known, findings)) = next_of_both(&mut known, &mut found) {
            let is_unchanged = known.as_ref().is_some_and(|(_, unchanged)| *unchanged);
            self.site(Case {
                id,
                known: known.map(|(known, _)| known),
                arrived: match is_unchanged {
                    true => Some(Arrived::unchanged()),
                    false => arrived.remove(&id),
                },
                findings,
            })?;
        }
        self.write(before.parts, before.rewrite)?;
        // The worst first; of equals, in the order of their ids.
        self.changes
            .attention
            .sort_by_key(|site| Reverse(gravity(&site.findings)));
        Ok(self.changes)
    }

    /// Writes the parts that are not as they were.
    fn write(&mut self, parts: &Parts, rewrite: bool) -> Result<(), StoreError> {
        let (same_index, same_details) = self.index.would_write(parts.index(), parts.details());
        let (index, details) = match same_index && same_details && !rewrite {
            true => (Vec::new(), Vec::new()),
            false => std::mem::take(&mut self.index).finish(),
        };
        if rewrite || !same_index {
            self.store.put_part(RecordKind::Index, &index)?;
            self.changes.wrote_index = true;
        }
        if rewrite || !same_details {
            self.store.put_part(RecordKind::Details, &details)?;
            self.changes.wrote_details = true;
        }
        if rewrite || self.histories != parts.histories() {
            self.store.put_part(RecordKind::Histories, &self.histories)?;
            self.changes.wrote_histories = true;
        }
        Ok(())
    }

    /// Settles one site. Without findings it is one that nobody lists: it was set aside and stays as it is, or was
    /// accepted to be gone, or was never trusted and goes without a trace.
    fn site(&mut self, case: Case<'_>) -> Result<()> {
        let Case {
            id,
            known,
            arrived,
            findings,
        } = case;
        let standing = match (&findings, &known) {
            (Some(findings), known) => standing(findings, known.as_ref()),
            (None, Some(_)) if self.aside.has(id) => return known.map_or(Ok(()), |known| self.keep(known)),
            (None, Some(known)) if known.trusted.is_some() => Standing::Gone,
            (None, _) => return self.drop_site(known),
        };
        let trusts = arrived.is_some() && matches!(standing, Standing::Ok | Standing::FirstUse);
        let site = self.place(id, standing, trusts, known, arrived)?;
        let site = self.put_findings(site, findings.as_deref().unwrap_or_default())?;
        self.add(site, findings.unwrap_or_default())
    }

    /// A site of which nothing could be read now is as it was.
    fn keep(&mut self, known: KnownSite<'_>) -> Result<()> {
        let findings = match known.findings {
            Some(_) => self.store.findings(&known.entry)?,
            None => Vec::new(),
        };
        self.add(known, findings)
    }

    /// Decides which copies stay, and removes the others.
    ///
    /// The texts of the entry are those of the trusted copy, so that a site keeps the name that a person knows while a
    /// changed one waits; a site that was never trusted has those of its candidate.
    fn place<'p>(
        &mut self,
        id: u64,
        standing: Standing,
        trusts: bool,
        known: Option<KnownSite<'p>>,
        arrived: Option<Arrived>,
    ) -> Result<KnownSite<'p>> {
        let (before, candidate_before) = known
            .as_ref()
            .map_or((None, None), |known| (known.trusted, known.candidate));
        let copy = match arrived.as_ref().map(|arrived| arrived.copy) {
            Some(Copied::Trusted) => before,
            Some(Copied::Candidate) => candidate_before,
            Some(Copied::Added(kept)) => Some(kept),
            None => None,
        };
        let trusted = if trusts { copy } else { before };
        let candidate = copy.filter(|copy| !trusts && Some(copy.slot) != trusted.map(|trusted| trusted.slot));
        for old in [before, candidate_before].into_iter().flatten() {
            if ![trusted, candidate]
                .into_iter()
                .flatten()
                .any(|kept| kept.slot == old.slot)
            {
                self.store.remove(old.slot.row)?;
            }
        }
        let digest = |kept: Option<Kept>| kept.map(|kept| kept.digest);
        self.changes.added += u64::from(known.is_none());
        self.changes.updated += u64::from(before.is_some() && digest(before) != digest(trusted));
        let findings = known.as_ref().and_then(|known| known.findings);
        let history = known.as_ref().map_or(&[][..], |known| known.history);
        let texts = arrived
            .and_then(|arrived| arrived.texts)
            .filter(|_| trusts || before.is_none());
        let entry = entry(id, standing, known.map(|known| known.entry), texts);
        Ok(KnownSite {
            entry,
            trusted,
            candidate,
            findings,
            history,
        })
    }

    /// Writes the findings, if the standing does not say them all and they are not there yet.
    fn put_findings<'p>(&mut self, mut site: KnownSite<'p>, findings: &[Finding]) -> Result<KnownSite<'p>> {
        let before = site.findings.take();
        if site.entry.standing.implied().is_none() {
            let json = findings_json(findings)?;
            let digest = digest(&json);
            site.findings = match before.filter(|before| before.digest == digest) {
                Some(same) => {
                    return Ok(KnownSite {
                        findings: Some(same),
                        ..site
                    });
                }
                None => Some(Kept {
                    slot: self.store.add(RecordKind::Findings, site.entry.id, &json)?,
                    digest,
                }),
            };
        }
        if let Some(before) = before {
            self.store.remove(before.slot.row)?;
        }
        Ok(site)
    }

    /// Writes the entry and its history, counts its standing, and notes it for the report if it needs review.
    fn add(&mut self, site: KnownSite<'_>, findings: Vec<Finding>) -> Result<()> {
        let slot = |kept: Option<Kept>| kept.map(|kept| kept.slot);
        let entry = Entry {
            trusted: slot(site.trusted),
            candidate: slot(site.candidate),
            findings: slot(site.findings),
            ..site.entry
        };
        self.index.add(&entry);
        if entry.trusted.is_some() {
            match self.moved.get(&entry.id) {
                Some(moved) => Histories::add(&mut self.histories, moved),
                None if site.history.is_empty() => return Err(SyncError::NoPin(entry.id)),
                None => Histories::add(&mut self.histories, site.history),
            }
        }
        *self
            .changes
            .standings
            .entry(entry.standing.name().to_owned())
            .or_default() += 1;
        if entry.standing.needs_a_look() {
            self.changes.attention.push(SettledSite {
                id: entry.id,
                name: entry.name.map(Cow::into_owned),
                standing: entry.standing,
                findings,
            });
        }
        Ok(())
    }

    /// Forgets a site that was never accepted and is listed no more, with its records. There is nothing of it that
    /// anybody trusted.
    fn drop_site(&mut self, known: Option<KnownSite<'_>>) -> Result<()> {
        let Some(known) = known else { return Ok(()) };
        for kept in [known.trusted, known.candidate, known.findings].into_iter().flatten() {
            self.store.remove(kept.slot.row)?;
        }
        self.changes.dropped += 1;
        Ok(())
    }
}

/// What there was before a sync.
pub(crate) struct Before<'a> {
    pub(crate) parts: &'a Parts,
    pub(crate) sites: Vec<KnownSite<'a>>,
    /// Write what did not change as well.
    pub(crate) rewrite: bool,
}

/// A known site, and whether it arrived as it is trusted.
type KnownAs<'p> = (KnownSite<'p>, bool);

/// The next id of either, with what each has of it. Both are in ascending order.
fn next_of_both<'p>(
    known: &mut Peekable<impl Iterator<Item = KnownAs<'p>>>,
    found: &mut Peekable<impl Iterator<Item = (u64, Vec<Finding>)>>,
) -> Option<(u64, Option<KnownAs<'p>>, Option<Vec<Finding>>)> {
    let known_id = known.peek().map(|(known, _)| known.entry.id);
    let found_id = found.peek().map(|(id, _)| *id);
    let id = known_id.into_iter().chain(found_id).min()?;
    let known = known.next_if(|(known, _)| known.entry.id == id);
    let findings = found.next_if(|(found, _)| *found == id).map(|(_, findings)| findings);
    Some((id, known, findings))
}

/// All that was found at each site; one that is listed twice has what was found at both.
fn findings_by_site(assessment: &Assessment) -> BTreeMap<u64, Vec<Finding>> {
    let mut all: BTreeMap<u64, Vec<Finding>> = BTreeMap::new();
    for site in assessment.sites() {
        let findings = all.entry(site.site_id()).or_default();
        let more = site.findings().iter().filter(|finding| !findings.contains(finding));
        let more: Vec<Finding> = more.cloned().collect();
        findings.extend(more);
    }
    all
}

/// A site that came while the account was not anchored stays so until it is accepted.
fn standing(findings: &[Finding], known: Option<&KnownSite<'_>>) -> Standing {
    match (findings, known.map(|known| known.entry.standing)) {
        ([Finding::New(FirstSeen::Later)], Some(Standing::Unanchored)) => Standing::Unanchored,
        _ => Standing::of(findings),
    }
}

/// An entry with another standing and, where they are given, other texts.
pub(super) fn entry<'a>(id: u64, standing: Standing, known: Option<Entry<'a>>, texts: Option<Texts>) -> Entry<'a> {
    let text = |text: Option<Box<str>>| text.map(|text| Cow::Owned(text.into_string()));
    let known = known.unwrap_or(Entry::new(id, standing));
    match texts {
        None => Entry { standing, ..known },
        Some(texts) => Entry {
            standing,
            updated: texts.updated,
            name: text(texts.name),
            url: text(texts.url),
            origin: text(texts.origin),
            ..known
        },
    }
}

fn findings_json(findings: &[Finding]) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(findings).map_err(StoreError::json("the findings"))
}

/// The head after a sync.
pub(crate) fn head(before: &Head, changes: &Changes, revision: u64, now: u64) -> Head {
    let mut head = before.clone();
    head.synced = now;
    head.standings = changes.standings.clone();
    if changes.wrote_index {
        head.parts.index = revision;
    }
    if changes.wrote_details {
        head.parts.details = revision;
    }
    if changes.wrote_histories {
        head.parts.histories = revision;
    }
    head
}
