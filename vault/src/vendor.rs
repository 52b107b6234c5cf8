//! The layouts of the vendor's values: looked for with every key at once, and kept in the keyring for an account.
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault::core::key::VaultKey;
//! use zkvault::core::vendor::{KeySource, catalog, discover::Samples};
//! use zkvault::vendor::{TriedKey, discover};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let key = Arc::new(VaultKey::generate()?);
//! let sealed = catalog::find("vendor-gcm-16+pkcs7").ok_or("not in the catalogue")?;
//! let mut samples = Samples::new();
//! samples.add(&sealed.seal(&key, [1; 4], "hunter2")?);
//! let tried = TriedKey { key, label: "vault".to_owned(), source: KeySource::Given };
//! let found = discover(&samples, &[tried], &[], &|_| true);
//! assert_eq!(found.hits[0].hit.layout.name(), sealed.name());
//! # Ok(())
//! # }
//! ```
//!
//! The vendor's API reference does not say how values are sealed (docs/adr/0002). Core has a family of layouts, each a
//! complete description; here they are tried. A layout is looked for once, by a person who asks for it, and is kept in
//! the keyring for the account ([`keep`]); from then on exactly the kept ones are tried, and nothing that a service
//! sends chooses one (threat model, Z58). Keys are tried side by side, one for each processor core.

mod derive;
mod kept;

use std::cmp::Reverse;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use zkvault_core::key::VaultKey;
use zkvault_core::vendor::discover::{Found, Hit, Samples};
use zkvault_core::vendor::{KeySource, Layout};

pub use self::derive::{Derivation, derivations, derive_all};
pub(crate) use self::kept::usable_layouts;
pub use self::kept::{keep, opening_keys};
use crate::workers::workers;

/// A key under which layouts are looked for.
#[derive(Debug, Clone)]
pub struct TriedKey {
    /// The key.
    pub key: Arc<VaultKey>,
    /// What a person calls it.
    pub label: String,
    /// Where it is from.
    pub source: KeySource,
}

/// A layout that opened values under one of the keys.
#[derive(Debug, Clone)]
pub struct KeyHit {
    /// What a person calls the key.
    pub label: String,
    /// Where the key is from.
    pub source: KeySource,
    /// The layout, and how many values it opened.
    pub hit: Hit,
}

/// What was found under all keys.
#[derive(Debug, Default)]
pub struct Discovery {
    /// The best first.
    pub hits: Vec<KeyHit>,
    /// How many times a value was tried.
    pub tried: u64,
}

impl Discovery {
    /// The hits that open at least nine of ten values of their header, each layout once.
    #[must_use]
    pub fn general(&self) -> Vec<&KeyHit> {
        let mut general: Vec<&KeyHit> = Vec::new();
        for found in self.hits.iter().filter(|found| found.hit.is_general()) {
            let twin = |known: &&KeyHit| known.hit.layout.name() == found.hit.layout.name();
            if !general.iter().any(twin) {
                general.push(found);
            }
        }
        general
    }
}

/// Tries the whole family of layouts and `extra` ones with every key, on all processor cores. `go_on` hears how many tries
/// were made since it was called last, from any thread, and ends the search by `false`.
///
/// A layout that nothing authenticates counts only where no authenticated one opened anything, under whichever key.
#[must_use]
pub fn discover(
    samples: &Samples,
    keys: &[TriedKey],
    extra: &[Layout],
    go_on: &(dyn Fn(u64) -> bool + Sync),
) -> Discovery {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(tried) = keys.get(place) else { return };
            let mut go_on = |tries| go_on(tries);
            let family = samples.search(&tried.key, &mut go_on);
            let extra = samples.search_among(extra, &tried.key, &mut go_on);
            let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
            results.push((place, tried, [family, extra]));
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers().min(keys.len()) {
            scope.spawn(work);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(place, ..)| *place);
    let mut discovery = Discovery::default();
    for (_, tried, found) in results {
        found.into_iter().for_each(|found| discovery.add(tried, found));
    }
    discovery.rank();
    discovery
}

impl Discovery {
    /// Adds what was found under one key.
    fn add(&mut self, key: &TriedKey, found: Found) {
        self.tried += found.tried;
        self.hits.extend(found.hits.into_iter().map(|hit| KeyHit {
            label: key.label.clone(),
            source: key.source,
            hit,
        }));
    }

    /// Drops what nothing authenticates where something is authenticated, and puts what opens most first; of equals, what
    /// was tried first.
    fn rank(&mut self) {
        let best = self.hits.iter().map(|found| found.hit.layout.trust()).max();
        self.hits.retain(|found| Some(found.hit.layout.trust()) == best);
        self.hits.sort_by_key(|found| Reverse(found.hit.opened));
    }
}

#[cfg(test)]
mod tests;
