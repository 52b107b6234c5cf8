//! Entries: what a listing says about a file to those who have the key.
//!
//! ```text
//! entry = base64(key id(4) || seal(vault key, context("zkvault.repository.entry.v1", blob name), JSON))
//! JSON  = {"path":"docs/report.pdf","size":1048576,"modified":1700000000,"prelude":"<base64, 32 bytes>"}
//! ```
//!
//! The members are in this order and without white space; `modified` may be missing. In Azure it is the header
//! `x-ms-meta-zkv`, so that one listing shows every path without a request for each file. The blob's name in the
//! context keeps an entry with its blob, and the prelude's digest in it keeps a file with its path
//! (docs/spec/repository.md#entries).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::blob_name;
use super::path::RepositoryPath;
use crate::cobblestone;
use crate::context::{Context, Label};
use crate::error::SealError;
use crate::json;
use crate::key::{KeyId, KeyMember, KeySet, VaultKey};

/// Characters of the longest entry; a storage takes 8 KiB of metadata.
///
/// A longer text is refused before it is decoded.
pub const MAX_ENTRY_LEN: usize = 4096;
const KEY_ID_LEN: usize = 4;

/// Path, size and time of a file in a repository, and which file it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryEntry {
    /// Where the file belongs.
    pub path: RepositoryPath,
    /// Bytes of content.
    pub size: u64,
    /// The last change of the source, in seconds since 1970 (UTC).
    pub modified: Option<i64>,
    /// SHA-256 of the file's prelude: the file and no other belongs to this path.
    pub prelude: [u8; 32],
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct EntryJson {
    path: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    modified: Option<i64>,
    prelude: String,
}

impl RepositoryEntry {
    /// Seals the entry for the blob of its path, as text for the blob's metadata.
    ///
    /// The key is the one that names the blob: under any other, no reader believes the entry.
    ///
    /// # Errors
    /// [`SealError`] when the operating system gives no random bytes.
    pub fn seal(&self, key: &VaultKey) -> Result<String, SealError> {
        let json = self.to_json().ok_or(SealError::TooLong)?;
        let name = blob_name(key, &self.path);
        let mut sealed = key.id().to_bytes().to_vec();
        cobblestone::seal_into(key.input_key(), &context(&name), &json, &mut sealed)?;
        Ok(STANDARD.encode(sealed))
    }

    /// Opens the entry of the blob `name`.
    ///
    /// The same entry under another name does not open: it cannot be copied to another blob.
    ///
    /// # Errors
    /// * [`EntryError::Malformed`] when it is too long, not canonical base64, or opened to something else than this
    ///   JSON.
    /// * [`EntryError::NoKey`] when no key has its identifier, and [`EntryError::Decrypt`] when one has and does not
    ///   open it.
    /// * [`EntryError::Path`] when it is authentic, and its path is none or is not the one that has this name: a
    ///   holder of the key made it wrongly, or on purpose.
    pub fn open(text: &str, name: &str, keys: &KeySet) -> Result<Self, EntryError> {
        Self::open_keyed(text, name, keys).map(|(entry, _)| entry)
    }

    /// Opens the entry of the blob `name`, and returns the key that it is under: the one that names the blob.
    ///
    /// # Errors
    /// As for [`Self::open`].
    pub fn open_keyed(text: &str, name: &str, keys: &KeySet) -> Result<(Self, KeyMember), EntryError> {
        let (id, sealed) = parse(text).ok_or(EntryError::Malformed)?;
        let mut error = EntryError::NoKey;
        for member in keys.members_with_id(id) {
            let key = &member.key;
            match cobblestone::open(key.input_key(), &context(name), &sealed) {
                Ok(json) => return Ok((Self::from_json(json.expose_secret(), name, key)?, member.clone())),
                Err(_) => error = EntryError::Decrypt,
            }
        }
        Err(error)
    }

    fn to_json(&self) -> Option<Zeroizing<Vec<u8>>> {
        let json = EntryJson {
            path: self.path.as_str().to_owned(),
            size: self.size,
            modified: self.modified,
            prelude: STANDARD.encode(self.prelude),
        };
        serde_json::to_vec(&json).map(Zeroizing::new).ok()
    }

    /// What was opened is authentic. An entry in another form is the fault of its author.
    fn from_json(json: &[u8], name: &str, key: &VaultKey) -> Result<Self, EntryError> {
        let parsed: EntryJson = json::read(json).ok_or(EntryError::Malformed)?;
        let prelude = STANDARD
            .decode(&parsed.prelude)
            .ok()
            .and_then(|digest| digest.try_into().ok());
        let entry = Self {
            path: RepositoryPath::parse(&parsed.path).map_err(|_| EntryError::Path)?,
            size: parsed.size,
            modified: parsed.modified,
            prelude: prelude.ok_or(EntryError::Malformed)?,
        };
        if entry.to_json().is_none_or(|written| *written != json) {
            return Err(EntryError::Malformed);
        }
        match blob_name(key, &entry.path) == name {
            true => Ok(entry),
            false => Err(EntryError::Path),
        }
    }
}

fn parse(text: &str) -> Option<(KeyId, Vec<u8>)> {
    if text.len() > MAX_ENTRY_LEN {
        return None;
    }
    let bytes = STANDARD.decode(text).ok()?;
    let (id, sealed) = bytes.split_first_chunk::<KEY_ID_LEN>()?;
    Some((KeyId::from_bytes(*id), sealed.to_vec()))
}

fn context(name: &str) -> Context {
    Context::new(Label::RepositoryEntryV1).text(name)
}

/// An entry did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// It is for none of the available keys.
    #[error("it is for none of the available keys")]
    NoKey,
    /// An available key has the right identifier, but the entry belongs to another blob, or was changed.
    #[error("it belongs to another blob, or was changed")]
    Decrypt,
    /// It is authentic, but its path is none, or not that of its blob.
    #[error("its path is not acceptable")]
    Path,
    /// It is no entry, or not in the specified form.
    #[error("it is not in the specified form")]
    Malformed,
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn key(byte: u8) -> Arc<VaultKey> {
        Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
    }

    fn keys(bytes: &[u8]) -> KeySet {
        let mut keys = KeySet::new();
        bytes.iter().for_each(|byte| keys.add(key(*byte), None));
        keys
    }

    fn entry(path: &str) -> RepositoryEntry {
        RepositoryEntry {
            path: RepositoryPath::parse(path).unwrap(),
            size: 5,
            modified: Some(1_700_000_000),
            prelude: [7; 32],
        }
    }

    #[test]
    fn an_entry_opens_with_its_key_at_its_blob() {
        let entry = entry("Größe/\"a\".txt");
        let (sealed, name) = (entry.seal(&key(1)).unwrap(), blob_name(&key(1), &entry.path));
        assert_eq!(RepositoryEntry::open(&sealed, &name, &keys(&[2, 1])), Ok(entry.clone()));
        let none = RepositoryEntry::open(&sealed, &name, &keys(&[2]));
        assert_eq!(none, Err(EntryError::NoKey));
        let other = RepositoryEntry::open(&sealed, "zkv/other.zkv", &keys(&[1]));
        assert_eq!(other, Err(EntryError::Decrypt));
        for wrong in ["", "AAAA", "no base64", &sealed[4..], &"A".repeat(MAX_ENTRY_LEN + 4)] {
            let opened = RepositoryEntry::open(wrong, &name, &keys(&[1]));
            assert!(
                matches!(opened, Err(EntryError::Malformed | EntryError::NoKey)),
                "{wrong}"
            );
        }
    }

    #[test]
    fn the_longest_path_fits_into_an_entry() {
        let path = ["\"".repeat(255).as_str(); 4].join("/");
        let sealed = entry(&path).seal(&key(1)).unwrap();
        assert!(sealed.len() <= MAX_ENTRY_LEN, "{}", sealed.len());
    }

    /// Only a key holder can make these.
    #[test]
    fn authentic_entries_in_another_form_are_refused() {
        let seal = |json: &str, name: &str| {
            let key = key(1);
            let mut sealed = key.id().to_bytes().to_vec();
            cobblestone::seal_into(key.input_key(), &context(name), json.as_bytes(), &mut sealed).unwrap();
            RepositoryEntry::open(&STANDARD.encode(sealed), name, &keys(&[1]))
        };
        let digest = STANDARD.encode([7; 32]);
        let name = blob_name(&key(1), &RepositoryPath::parse("a").unwrap());
        let good = format!(r#"{{"path":"a","size":5,"prelude":"{digest}"}}"#);
        assert!(seal(&good, &name).is_ok());
        assert_eq!(seal(&good, "zkv/b.zkv"), Err(EntryError::Path));
        assert_eq!(seal(&good.replace("\"a\"", "\"../a\""), &name), Err(EntryError::Path));
        for (from, to) in [
            (",", ", "),
            ("5", "5.0"),
            ("\"size\"", "\"other\""),
            ("BwcH", "BwcH\\u0042"),
        ] {
            assert_eq!(
                seal(&good.replacen(from, to, 1), &name),
                Err(EntryError::Malformed),
                "{from}"
            );
        }
    }
}
