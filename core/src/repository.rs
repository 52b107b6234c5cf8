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
