//! Which layout an account's values are in, found by trying the whole family.
//!
//! The search is steered by nothing that a server says but the values themselves, and believes a layout only when it
//! gave enough: see [`Needs`]. A layout that a tag decides outranks one that nothing authenticates, and such a one is
//! not even tried when any tag decided anything.
//!
//! ```
//! use zkvault_core::key::VaultKey;
//! use zkvault_core::vendor::{catalog, discover::Samples};
//!
//! let key = VaultKey::from_slice(&[7; 32])?;
//! let sealed = catalog::find("vendor-cbc-hmac-128").ok_or("not in the catalogue")?;
//! let mut samples = Samples::new();
//! samples.add(&sealed.seal(&key, [1; 4], "hunter2")?);
//! samples.add(&sealed.seal(&key, [1; 4], "ann@example.com")?);
//! let found = samples.search(&key, &mut |_| true);
//! assert_eq!(found.hits[0].layout.description().cipher, sealed.description().cipher);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Each layout is tried on two values of every header, and on the others only when it opened one of these; `go_on` is
//! asked every 1,024 tries, so that a person can stop it and see how far it is.

mod evidence;
mod family;

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;

use self::evidence::{Evidence, KnownText, opened};
use super::key_form::KeyForms;
use super::layout::{Layout, Needs, Trust};
use super::open::LayoutKey;
use crate::envelope::{Envelope, Version};
use crate::secret::SecretText;
use crate::vault_key::VaultKey;

/// Values that are tried at most: the shortest, which cost least and tell as much.
pub const MAX_SAMPLES: usize = 64;
/// The longest value that is tried, in bytes before base64: 4 KiB.
pub const MAX_SAMPLE_LEN: usize = 4096;
/// Values of each header on which every layout is tried; the others only confirm.
const PROBES: usize = 2;
/// Tries between two reports of progress.
const STRIDE: u64 = 1024;

/// The values of an account among which a layout is looked for.
///
/// At most 64 values, the shortest, none of them twice: a long value costs more and proves no more. Values are
/// ciphertexts; a known text is wiped when this is dropped.
#[derive(Default)]
pub struct Samples {
    values: Vec<Sample>,
    known: Option<Known>,
    skipped: usize,
}

struct Sample {
    envelope: Vec<u8>,
    /// Whether it holds the key of a site, and no text.
    is_key: bool,
}

/// A value whose text is known.
struct Known {
    envelope: Vec<u8>,
    text: SecretText,
}

impl Known {
    /// The known text, and what the layout makes of its value.
    fn evidence<'a>(&'a self, prepared: &LayoutKey) -> KnownText<'a> {
        let opened = prepared.open_bytes(&self.envelope).ok();
        KnownText {
            text: &self.text,
            opened,
        }
    }
}

/// What a search found.
///
/// No hit means that no layout of the family fits this key, or that there are too few values to believe one.
#[derive(Debug, Default)]
pub struct Found {
    /// The layouts that gave enough, the best first.
    pub hits: Vec<Hit>,
    /// How many times a value was tried.
    pub tried: u64,
    /// Whether the search was ended before its end.
    pub interrupted: bool,
}

/// A description of values that gives away no value, no key and no check value of one.
///
/// For a bug report by somebody whose values no layout opens: it can be published.
///
/// ```
/// use zkvault_core::key::VaultKey;
/// use zkvault_core::vendor::{catalog, discover::Samples};
///
/// let key = VaultKey::generate()?;
/// let layout = catalog::find("vendor-gcm-16+pkcs7").ok_or("not in the catalogue")?;
/// let mut samples = Samples::new();
/// for text in ["ann@example.com", "hunter2", "a passphrase of more than a block"] {
///     samples.add(&layout.seal(&key, [1, 2, 3, 4], text)?);
/// }
/// samples.add("not a value");
/// let report = samples.report();
/// assert_eq!((report.values, report.skipped), (3, 1));
/// // Five bytes in front, the IV, one or three blocks, and the tag.
/// assert_eq!(report.lengths.into_iter().collect::<Vec<_>>(), [(53, 2), (85, 1)]);
/// assert_eq!(report.headers, [3], "all of one header, which is not shown");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How many values it is about.
    pub values: usize,
    /// How many were left out: too long, of another version, or more than [`MAX_SAMPLES`].
    pub skipped: usize,
    /// How many have which length, in bytes before base64.
    pub lengths: BTreeMap<usize, usize>,
    /// How many values share each header, the most common first; not the headers.
    pub headers: Vec<usize>,
}

/// A layout that is believed.
#[derive(Debug, Clone)]
pub struct Hit {
    /// The layout.
    pub layout: Layout,
    /// Values with the same header that it opened.
    pub opened: usize,
    /// Values with the same header.
    pub of: usize,
}

impl Hit {
    /// Whether it opens at least nine of ten values of its header: less may be one value of an insider's making.
    ///
    /// A colleague who shares a key can make a value in a layout of their choice, and one such value must not decide
    /// for all.
    #[must_use]
    pub fn is_general(&self) -> bool {
        self.opened * 10 >= self.of * 9
    }
}

impl Samples {
    /// No values yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds the base64 text of a value. One of another version, or longer than [`MAX_SAMPLE_LEN`], is only counted.
    pub fn add(&mut self, value: &str) {
        let envelope = (value.len() <= MAX_SAMPLE_LEN.div_ceil(3) * 4).then(|| STANDARD.decode(value).ok());
        match envelope.flatten() {
            Some(envelope) if envelope.first() == Some(&1) && envelope.len() <= MAX_SAMPLE_LEN => {
                self.insert(envelope, false);
            }
            _ => self.skipped += 1,
        }
    }

    /// Adds a value that was read already, as [`Self::add`] does.
    pub fn add_envelope(&mut self, envelope: &Envelope) {
        self.add_read(envelope, false);
    }

    /// Adds the sealed key of a site, which opens to 32 bytes and to no text.
    pub fn add_site_key(&mut self, envelope: &Envelope) {
        self.add_read(envelope, true);
    }

    fn add_read(&mut self, envelope: &Envelope, is_key: bool) {
        let bytes = envelope.bytes();
        match envelope.version() == Version::Vendor && bytes.len() <= MAX_SAMPLE_LEN {
            true => self.insert(bytes.to_vec(), is_key),
            false => self.skipped += 1,
        }
    }

    /// What can be said of the values without saying anything of them.
    #[must_use]
    pub fn report(&self) -> Report {
        let mut lengths = BTreeMap::new();
        let mut headers = BTreeMap::new();
        for sample in &self.values {
            *lengths.entry(sample.envelope.len()).or_default() += 1;
            *headers.entry(sample.envelope.get(..5)).or_default() += 1;
        }
        let mut headers: Vec<usize> = headers.into_values().collect();
        headers.sort_unstable_by(|left, right| right.cmp(left));
        Report {
            values: self.values.len(),
            skipped: self.skipped,
            lengths,
            headers,
        }
    }

    /// Keeps the shortest of the values, none of them twice.
    fn insert(&mut self, envelope: Vec<u8>, is_key: bool) {
        let order = |sample: &Sample| (sample.envelope.len(), &sample.envelope).cmp(&(envelope.len(), &envelope));
        if let Err(place) = self.values.binary_search_by(order) {
            self.values.insert(place, Sample { envelope, is_key });
        }
        if self.values.len() > MAX_SAMPLES {
            self.values.pop();
            self.skipped += 1;
        }
    }

    /// A value whose text is known, which also proves a layout that nothing authenticates if it fills a block.
    ///
    /// The strongest evidence there is: it disproves any layout under which it comes out differently.
    pub fn set_known(&mut self, value: &str, text: SecretText) {
        let envelope = STANDARD.decode(value).unwrap_or_default();
        self.known = Some(Known { envelope, text });
    }

    /// How many values are tried.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there is nothing to try.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.known.is_none()
    }

    /// How many values are not tried.
    #[must_use]
    pub fn skipped(&self) -> usize {
        self.skipped
    }

    /// Tries the whole family under one key. `go_on` hears how many tries were made since it was asked last, and ends
    /// the search by `false`.
    pub fn search(&self, key: &VaultKey, go_on: &mut dyn FnMut(u64) -> bool) -> Found {
        let mut run = Run::new(self, key, go_on);
        family::authenticated().for_each(|layout| run.try_layout(layout));
        if run.found.hits.is_empty() {
            family::unauthenticated().for_each(|layout| run.try_layout(layout));
        }
        run.finish()
    }

    /// Tries only these layouts under one key: what a file describes beside the family.
    pub fn search_among(&self, layouts: &[Layout], key: &VaultKey, go_on: &mut dyn FnMut(u64) -> bool) -> Found {
        let mut run = Run::new(self, key, go_on);
        layouts.iter().for_each(|layout| run.try_layout(layout.clone()));
        run.finish()
    }

    /// The values with the header of `of`.
    fn alike<'a>(&'a self, of: &'a [u8]) -> impl Iterator<Item = &'a Sample> {
        let header = of.get(..5);
        self.values
            .iter()
            .filter(move |sample| sample.envelope.get(..5) == header)
    }

    /// The values on which every layout is tried: of each header the shortest, and the known one.
    fn probes(&self) -> Vec<&[u8]> {
        let mut probes: Vec<&[u8]> = self.known.iter().map(|known| known.envelope.as_slice()).collect();
        for sample in &self.values {
            let same = probes.iter().filter(|probe| probe.get(..5) == sample.envelope.get(..5));
            if same.count() < PROBES {
                probes.push(&sample.envelope);
            }
        }
        probes
    }
}

impl fmt::Debug for Samples {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { values, known, skipped } = self;
        f.debug_struct("Samples")
            .field("values", &values.len())
            .field("known", &known.is_some())
            .field("skipped", skipped)
            .finish()
    }
}

/// A search on its way.
struct Run<'a> {
    samples: &'a Samples,
    keys: KeyForms<'a>,
    probes: Vec<&'a [u8]>,
    go_on: &'a mut dyn FnMut(u64) -> bool,
    reported: u64,
    found: Found,
}

impl<'a> Run<'a> {
    fn new(samples: &'a Samples, key: &'a VaultKey, go_on: &'a mut dyn FnMut(u64) -> bool) -> Self {
        Self {
            samples,
            keys: KeyForms::new(key),
            probes: samples.probes(),
            go_on,
            reported: 0,
            found: Found::default(),
        }
    }

    /// The key's form is derived once and shared by all layouts that use it.
    fn try_layout(&mut self, layout: Layout) {
        if self.found.interrupted || self.is_known(&layout) {
            return;
        }
        let formed = self.keys.get(layout.description().key);
        let prepared = LayoutKey::with_form(layout, formed);
        for index in 0..self.probes.len() {
            let Some(probe) = self.probes.get(index).copied() else {
                return;
            };
            self.count(1);
            if prepared.open_bytes(probe).is_ok() && !self.found.interrupted {
                self.confirm(&prepared, probe);
                return;
            }
        }
    }

    /// Whether a layout of the same cipher, key and parts was found already: it opens the same values.
    fn is_known(&self, layout: &Layout) -> bool {
        self.found.hits.iter().any(|hit| hit.layout.name() == layout.name())
    }

    /// Opens everything with the probe's header, and believes the layout if that is enough.
    fn confirm(&mut self, prepared: &LayoutKey, probe: &[u8]) {
        let alike: Vec<&Sample> = self.samples.alike(probe).collect();
        self.count(alike.len() as u64);
        let texts = opened(prepared, &alike);
        let (count, of) = (texts.len(), alike.len().max(1));
        let known = self.samples.known.as_ref().map(|known| known.evidence(prepared));
        let headers = alike.iter().map(|sample| sample.envelope.as_slice()).chain([probe]);
        let evidence = Evidence {
            texts: &texts,
            all: count == of,
            known: known.as_ref(),
        };
        if let Some(layout) = evidence.layout(prepared, headers) {
            self.found.hits.push(Hit {
                layout,
                opened: count,
                of,
            });
        }
    }

    fn count(&mut self, tries: u64) {
        self.found.tried += tries;
        if self.found.tried - self.reported >= STRIDE {
            let since = self.found.tried - self.reported;
            self.reported = self.found.tried;
            self.found.interrupted |= !(self.go_on)(since);
        }
    }

    /// Authenticated ones first, then by how many values they opened, then by how little it takes to believe them.
    fn finish(mut self) -> Found {
        let rank = |hit: &Hit| {
            let needs = match hit.layout.needs() {
                Needs::OneValue => 0,
                Needs::TwoValues => 1,
                Needs::ManyValues => 2,
            };
            (
                hit.layout.trust() == Trust::Unauthenticated,
                usize::MAX - hit.opened,
                needs,
            )
        };
        self.found.hits.sort_by_key(rank);
        self.found
    }
}

#[cfg(test)]
mod tests;
