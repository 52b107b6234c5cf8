//! Files in an object storage: under names that tell nothing, each with a sealed entry that tells its path.
//!
//! ```text
//! blob name = "zkv/" || base32(first 20 bytes of HMAC-SHA-256(vault key, "zkvault.blob-name.v1" || 0x00 || path)) || ".zkv"
//! entry     = base64(key id || seal(vault key, context("zkvault.repository.entry.v1", blob name), JSON))
//! ```
//!
//! The same path always has the same name, so the storage itself can refuse to overwrite. The entry travels in the
//! blob's metadata: one listing shows every path to anyone who has the key (docs/spec/repository.md).
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::key::{KeySet, VaultKey};
//! use zkvault_core::repository::{RepositoryEntry, RepositoryPath, blob_name};
//!
//! let key = Arc::new(VaultKey::generate()?);
//! let path = RepositoryPath::parse("reports/2026/q3.pdf")?;
//! let name = blob_name(&key, &path);
//! assert!(!name.contains("report"));
//! let entry = RepositoryEntry { path: path.clone(), size: 1024, modified: None, prelude: [0; 32] };
//! let metadata = entry.seal(&key)?;
//!
//! let mut keys = KeySet::new();
//! keys.add(key, None);
//! assert_eq!(RepositoryEntry::open(&metadata, &name, &keys)?.path, path);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A storage learns how many files there are, how long each is, and when one is replaced; the key ids say which files
//! are under one key. It learns no path. What it can still do is to withhold a file or return an old version of one,
//! with its old entry: [`crate::snapshot`] and [`crate::backup`] say what belongs together (threat model, Z29).
//!
//! Requests, listings and conflicts between two writers are `client`'s and `vault`'s. Here are the names, the
//! entries, the order in which keys are tried ([`RepositoryKeys`]), and the check that entry, prelude and length are
//! of one file ([`StoredFile`]).

mod entry;
mod file;
mod keys;
mod path;
mod portable;

pub use entry::{EntryError, MAX_ENTRY_LEN, RepositoryEntry};
pub use file::{OpenStoredFileError, StoredFile};
pub use keys::{Candidate, RepositoryKey, RepositoryKeys};
pub use path::{RepositoryPath, RepositoryPathError};
pub use portable::Unportable;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::base32::base32;
use crate::key::VaultKey;

/// What the names of all sealed blobs begin with.
pub const BLOB_PREFIX: &str = "zkv/";
const BLOB_SUFFIX: &str = ".zkv";
const NAME_LABEL: &[u8] = b"zkvault.blob-name.v1\0";
/// Bytes of the HMAC in a name: 160 bits.
const NAME_LEN: usize = 20;

/// The blob under which a path is stored: 40 ASCII characters.
///
/// `"zkv/"`, 32 letters of base32 and `".zkv"`. 160 bits of HMAC: two paths never share a name, and without the key
/// no path can be tested against one.
///
/// ```
/// use zkvault_core::key::VaultKey;
/// use zkvault_core::repository::{RepositoryPath, blob_name};
///
/// let key = VaultKey::from_slice(&[1; 32])?;
/// let name = |path: &str| RepositoryPath::parse(path).map(|path| blob_name(&key, &path));
/// assert_eq!(name("docs/report.pdf")?, "zkv/7fkeqvoo2rmljx2gmx6336eu7orfsx5a.zkv");
/// // Byte for byte: another case is another file.
/// assert_ne!(name("docs/Report.pdf")?, name("docs/report.pdf")?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn blob_name(key: &VaultKey, path: &RepositoryPath) -> String {
    // HMAC takes keys of any length.
    let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).map(|mac| {
        let mac = mac.chain_update(NAME_LABEL).chain_update(path.as_str());
        mac.finalize().into_bytes()
    });
    let mac = mac.unwrap_or_default();
    let name = base32(mac.get(..NAME_LEN).unwrap_or_default());
    format!("{BLOB_PREFIX}{name}{BLOB_SUFFIX}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_depend_on_key_and_path_alone() {
        let [one, two] = [1, 2].map(|byte| VaultKey::from_slice(&[byte; 32]).unwrap());
        let path = |text: &str| RepositoryPath::parse(text).unwrap();
        let name = blob_name(&one, &path("docs/report.pdf"));
        // HMAC-SHA-256 computed with Python's hmac module.
        assert_eq!(name, "zkv/7fkeqvoo2rmljx2gmx6336eu7orfsx5a.zkv");
        assert_eq!(name.len(), 40);
        assert_ne!(name, blob_name(&two, &path("docs/report.pdf")));
        assert_ne!(name, blob_name(&one, &path("docs/report.pd")));
    }
}
