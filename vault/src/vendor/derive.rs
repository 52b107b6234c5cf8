//! The keys that a master password derives, in all ways that the public analyses name.
//!
//! ```
//! use zkvault::vendor::derivations;
//!
//! // Today's profile and the old one, each with the server's salt and without.
//! assert_eq!(derivations(None, true).len(), 4);
//! assert_eq!(derivations(Some(123_456), false).len(), 3);
//! ```
//!
//! Which way an account uses, nothing says; a wrong one gives a key that opens nothing. Each costs one run of PBKDF2,
//! so they run side by side. The old profile is weak: SHA-1 and few iterations.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use zkvault_core::SecretText;
use zkvault_core::kdf::{VendorKdf, VendorKeyError};
use zkvault_core::vendor::KeySource;

use super::TriedKey;
use crate::workers::workers;

/// One way from the master password to a key: one run of PBKDF2, whose result every layout and every form of the key
/// shares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Derivation {
    /// The profile.
    pub kdf: VendorKdf,
    /// Whether the server's salt takes part, or the user name alone.
    pub salted: bool,
}

/// The ways to try: today's profile with its usual iterations and with `iterations`, and the old one; each with the
/// server's salt, where there is one, and without.
#[must_use]
pub fn derivations(iterations: Option<u32>, has_server_salt: bool) -> Vec<Derivation> {
    let usual = VendorKdf::default();
    let given = iterations.map(|iterations| VendorKdf::Current { iterations });
    let kdfs = [
        given.filter(|given| *given != usual),
        Some(usual),
        Some(VendorKdf::Legacy),
    ];
    let salts: &[bool] = if has_server_salt { &[true, false] } else { &[false] };
    let all = |kdf| salts.iter().map(move |salted| Derivation { kdf, salted: *salted });
    kdfs.into_iter().flatten().flat_map(all).collect()
}

/// Derives the keys, on all processor cores, in the order of `ways`. `done` is called after each.
///
/// # Errors
/// [`VendorKeyError`], the first.
pub fn derive_all(
    ways: &[Derivation],
    username: &str,
    server_salt: Option<&str>,
    password: &SecretText,
    done: &(dyn Fn() + Sync),
) -> Result<Vec<TriedKey>, VendorKeyError> {
    let (next, results) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        loop {
            let place = next.fetch_add(1, Ordering::Relaxed);
            let Some(way) = ways.get(place) else { return };
            let key = way.derive(username, server_salt, password);
            results
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push((place, key));
            done();
        }
    };
    thread::scope(|scope| {
        for _ in 0..workers().min(ways.len()) {
            scope.spawn(work);
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(place, _)| *place);
    results.into_iter().map(|(_, key)| key).collect()
}

impl Derivation {
    /// Derives one key. The password is not kept; the key is wiped when the last handle to it is dropped.
    fn derive(
        self,
        username: &str,
        server_salt: Option<&str>,
        password: &SecretText,
    ) -> Result<TriedKey, VendorKeyError> {
        let salt = server_salt.filter(|_| self.salted);
        let key = self.kdf.derive_key(username, salt, password)?;
        Ok(TriedKey {
            key: Arc::new(key),
            label: self.label(),
            source: KeySource::Derived {
                kdf: self.kdf,
                salted: self.salted,
            },
        })
    }

    /// What it is called in output.
    #[must_use]
    pub fn label(self) -> String {
        let kdf = match self.kdf {
            VendorKdf::Current { iterations } => format!("PBKDF2-SHA-256, {iterations} iterations"),
            VendorKdf::Legacy => format!("PBKDF2-SHA-1, {} iterations (weak)", self.kdf.iterations()),
        };
        let salt = if self.salted {
            "server salt"
        } else {
            "user name as salt"
        };
        format!("{kdf}, {salt}")
    }
}
