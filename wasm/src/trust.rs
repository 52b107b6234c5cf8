//! The pins of an account, and what a comparison with them finds.

mod row;

use std::collections::BTreeMap;

use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::account::AccountName;
use zkvault_core::model::Site;
use zkvault_core::trust::{Account, Assessor, Finding, FirstSeen, Page, PinSet, Sighting, SiteVerdict, Tampering};

use crate::document::each_site;
use crate::error::{Error, Result};
use crate::json;
use crate::vault::Vault;
use row::Row;

/// The pins of an account. They hold names and addresses; keys come with each call.
#[wasm_bindgen]
#[derive(Debug)]
pub struct Trust {
    account: AccountName,
    pins: PinSet,
    revision: u64,
    changed: bool,
    first_use: bool,
    /// Of the last assessment; none before.
    assessed: Option<Assessed>,
}

/// What an assessment found, by the numbers of the sites. Of several of one number, which nobody can accept, the last.
#[derive(Debug, Default)]
struct Assessed(BTreeMap<u64, Found>);

#[derive(Debug, Default)]
struct Found {
    /// Empty when it is as it was, or was accepted.
    findings: Vec<Finding>,
    /// The site, where it is not the one that is pinned: what a person would accept.
    site: Option<Box<Site>>,
}

impl Assessed {
    fn note(&mut self, verdict: &SiteVerdict, site: Option<Site>) {
        let findings = verdict.findings().to_vec();
        let is_pinned = matches!(findings.as_slice(), [] | [Finding::New(FirstSeen::FirstUse)]);
        let site = site.filter(|_| !is_pinned).map(Box::new);
        self.0.insert(verdict.site_id(), Found { findings, site });
    }
}

#[wasm_bindgen]
impl Vault {
    /// The pins of the account named `host`, from what [`Trust::to_bytes`] gave; empty bytes are none. `least` is the
    /// lowest revision that is taken.
    ///
    /// # Errors
    /// `host`, `pins`, `no-key`, `decrypt`, or `rolled-back`.
    pub fn trust(
        &self,
        pins: Vec<u8>,
        host: &str,
        first_use: bool,
        least: Option<u64>,
    ) -> std::result::Result<Trust, Error> {
        let account = AccountName::parse(host)?;
        let (pins, revision) = match pins.is_empty() {
            true => (PinSet::new(), 0),
            false => PinSet::open(&pins, &account, self.pins_keys())?,
        };
        if least.is_some_and(|least| revision < least) {
            return Err(Error::new(
                "rolled-back",
                format!("these pins are of revision {revision}, and later ones were seen"),
            ));
        }
        Ok(Trust {
            account,
            first_use: first_use && revision == 0,
            pins,
            revision,
            changed: false,
            assessed: None,
        })
    }
}

#[wasm_bindgen]
impl Trust {
    /// Counts what was written.
    #[wasm_bindgen(getter)]
    pub fn revision(&self) -> f64 {
        self.revision as f64
    }

    /// Whether pins changed since.
    #[wasm_bindgen(getter)]
    pub fn changed(&self) -> bool {
        self.changed
    }

    /// Whether there is nothing to compare with, and nobody said that there cannot be.
    #[wasm_bindgen(getter)]
    pub fn unanchored(&self) -> bool {
        self.pins.is_empty() && !self.first_use
    }

    /// Compares a document of sites with the pins, and moves those that may move. Sites that the account has and that are
    /// not in the document, because they could not be read, are in `aside`; with `aside_unknown` there are more of which
    /// nobody knows which they are. They are not missing. Rows as JSON.
    ///
    /// # Errors
    /// `malformed`.
    pub fn assess(
        &mut self,
        vault: &Vault,
        document: Vec<u8>,
        part: bool,
        aside: Vec<u64>,
        aside_unknown: bool,
    ) -> std::result::Result<String, Error> {
        let (mut sites, mut places) = (Vec::new(), BTreeMap::new());
        each_site(&document, |bytes| {
            let site = read_site(bytes)?;
            // A copy that is the same to the letter counts once (docs/spec/trust.md).
            let place = *places.entry(site.id).or_insert(sites.len());
            if sites.get(place) != Some(&site) {
                sites.push(site);
            }
            Ok(())
        })?;
        let mut assessor = Assessor::new(self.basis(part), vault.key_set());
        // Trusted copies are not kept here: a new text of a value that nothing binds is a different one.
        sites.iter().for_each(|site| assessor.add(site, Sighting::default()));
        let unknown = aside_unknown.then_some(None);
        let aside = aside.into_iter().map(Some).chain(unknown);
        aside.for_each(|site| assessor.set_aside(site));
        let mut assessment = match part {
            true => assessor.finish_part(),
            false => assessor.finish(),
        };
        self.changed |= !assessment.advance(&mut self.pins).is_empty();
        // A first use is over with its first whole list.
        self.first_use &= part;
        let rows = self.rows(assessment.sites(), &sites);
        let rows = json::write(&rows)?;
        self.note(assessment.sites(), sites, part);
        Ok(rows)
    }

    /// Takes a site as it was assessed. Its row as JSON.
    ///
    /// # Errors
    /// `not-assessed`, `site-twice`, `unknown-site`, or `too-many-inputs`.
    pub fn accept(&mut self, vault: &Vault, site_id: u64) -> std::result::Result<String, Error> {
        let assessed = self.assessed.as_mut().ok_or_else(not_assessed)?;
        let found = assessed.0.get_mut(&site_id).ok_or_else(not_assessed)?;
        if found.findings.contains(&Finding::Tampered(Tampering::SiteTwice)) {
            let message = "the service lists two sites of this number: neither can be accepted";
            return Err(Error::new("site-twice", message));
        }
        match &found.site {
            Some(site) => self.pins.accept(site, vault.key_set())?,
            None if found.findings.contains(&Finding::Missing) => self.pins.accept_missing(site_id)?,
            None => {}
        }
        self.changed |= !found.findings.is_empty();
        *found = Found::default();
        json::write(&Row::new(site_id, &[], self.pins.get(site_id), None))
    }

    /// The sites that belong on a page. Rows as JSON.
    ///
    /// # Errors
    /// `not-assessed`.
    #[wasm_bindgen(js_name = sitesForPage)]
    pub fn sites_for_page(&self, page_url: &str) -> std::result::Result<String, Error> {
        let assessed = self.assessed.as_ref().ok_or_else(not_assessed)?;
        let Some(page) = Page::at(page_url) else {
            return json::write(&[(); 0]);
        };
        let pins = self.pins.iter().filter(|pin| page.takes(pin));
        let rows = pins.filter_map(|pin| {
            let id = pin.site_id();
            // What was in no list is not known today.
            let found = assessed.0.get(&id)?;
            Some(Row::new(id, &found.findings, Some(pin), None))
        });
        json::write(&rows.collect::<Vec<_>>())
    }

    /// The pins, sealed under the keyring's personal key; without a keyring under the first key.
    ///
    /// # Errors
    /// `no-key`, `retired`, `too-long`, or `random`.
    #[wasm_bindgen(js_name = toBytes)]
    pub fn to_bytes(&mut self, vault: &Vault) -> std::result::Result<Vec<u8>, Error> {
        let revision = self.revision + u64::from(self.changed || self.revision == 0);
        let record = vault.seal_pins(&self.pins, &self.account, revision)?;
        self.revision = revision;
        self.changed = false;
        Ok(record)
    }
}

impl Trust {
    /// A first use is that of the whole account: a part of it would leave the rest to be seen later.
    fn basis(&self, part: bool) -> Account<'_> {
        match self.pins.is_empty() {
            true if self.first_use && !part => Account::FirstUse,
            true => Account::Unanchored,
            false => Account::Pinned(&self.pins),
        }
    }

    /// The rows of sites that were assessed in this order; those after them are missing.
    fn rows<'a>(&'a self, verdicts: &'a [SiteVerdict], sites: &'a [Site]) -> Vec<Row<'a>> {
        let sites = sites.iter().map(Some).chain(std::iter::repeat(None));
        let rows = verdicts.iter().zip(sites);
        let row = |(verdict, site): (&'a SiteVerdict, Option<&'a Site>)| {
            Row::new(
                verdict.site_id(),
                verdict.findings(),
                self.pins.get(verdict.site_id()),
                site,
            )
        };
        rows.map(row).collect()
    }

    /// Keeps what `accept` and `sites_for_page` go by. A part adds to what was known of the whole.
    fn note(&mut self, verdicts: &[SiteVerdict], sites: Vec<Site>, part: bool) {
        let assessed = self.assessed.get_or_insert_default();
        if !part {
            *assessed = Assessed::default();
        }
        let sites = sites.into_iter().map(Some).chain(std::iter::repeat_with(|| None));
        verdicts
            .iter()
            .zip(sites)
            .for_each(|(verdict, site)| assessed.note(verdict, site));
    }
}

pub(crate) fn read_site(bytes: &[u8]) -> Result<Site> {
    // The reader's message may quote a value.
    let text = str::from_utf8(bytes).ok();
    let site = text.and_then(|text| serde_json::from_str(text).ok());
    site.ok_or_else(|| Error::new("malformed", "it is not a site of the API"))
}

fn not_assessed() -> Error {
    Error::new("not-assessed", "assess the account's sites first, this one among them")
}
