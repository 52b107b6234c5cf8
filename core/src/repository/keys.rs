//! The keys that name and open what is in a repository.
//!
//! Keys that replace one another are a line, and within a line one path is one file
//! (docs/spec/repository.md#one-path-one-file). After a rotation the files are still under the old key, so a reader
//! looks for a path under every key, and says so if only a retired one opens what it found: a former member may have
//! put it there (threat model, Z45).
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::key::VaultKey;
//! use zkvault_core::repository::{RepositoryKeys, RepositoryPath, blob_name};
//!
//! let [team, private] = [Arc::new(VaultKey::generate()?), Arc::new(VaultKey::generate()?)];
//! let keys = RepositoryKeys::new(vec![Arc::clone(&team), Arc::clone(&private)]);
//! let path = RepositoryPath::parse("docs/report.pdf")?;
//! // The first key seals. The file may be in one blob for each key, in the order in which they are tried.
//! assert_eq!(keys.sealing(), Some(&team));
//! let blobs: Vec<_> = keys.candidates(&path).into_iter().map(|candidate| candidate.blob).collect();
//! assert_eq!(blobs, [blob_name(&team, &path), blob_name(&private, &path)]);
//! // Neither key replaced the other: they are two lines, in which the path is two files.
//! assert_eq!(keys.lines(&path).len(), 2);
//! assert_eq!(keys.of_blob(&path, &blobs[1]).map(|key| key.key()), Some(&private));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::sync::Arc;

use super::{RepositoryPath, blob_name};
use crate::key::{KeyMember, KeySet, VaultKey};
use crate::keyring::{KeyEntry, KeyState, Keyring};
use crate::order::{by_number, sorted};

/// The available keys, in the order in which files are looked for: the one that seals, then the other active keys, then
/// the retired ones; of each kind those of the sealing key's line first, and the newest before the older.
///
/// The order is what decides between two blobs of one path. It is the same for every command, so that two of them
/// never mean two files.
#[derive(Debug, Clone)]
pub struct RepositoryKeys {
    keys: Vec<RepositoryKey>,
    /// All keys there are, also those that the files may not be under: which keys are of one line is seen from all.
    all: KeySet,
}

/// A blob that a file may be in, and the key that named it.
///
/// Whether there is such a blob is known when the storage was asked.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// What the storage calls it.
    pub blob: String,
    /// The key.
    pub key: KeyMember,
    /// What a person calls the key.
    pub label: Option<String>,
}

impl Candidate {
    /// The key alone.
    ///
    /// To open the blob with: no other key may ([`StoredFile::open`](super::StoredFile::open)).
    #[must_use]
    pub fn key_set(&self) -> KeySet {
        let mut keys = KeySet::new();
        keys.add_member(self.key.clone());
        keys
    }
}

/// One of the keys, as a person knows it.
#[derive(Debug, Clone)]
pub struct RepositoryKey {
    member: KeyMember,
    label: Option<String>,
}

impl RepositoryKey {
    /// The key.
    #[must_use]
    pub fn key(&self) -> &Arc<VaultKey> {
        &self.member.key
    }

    /// Whether it is retired.
    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.member.is_retired
    }

    /// The key with what a keyring knows about it.
    #[must_use]
    pub fn member(&self) -> &KeyMember {
        &self.member
    }

    /// What a person calls it, of a key in a keyring.
    #[must_use]
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    fn candidate(&self, path: &RepositoryPath) -> Candidate {
        Candidate {
            blob: blob_name(self.key(), path),
            key: self.member.clone(),
            label: self.label.clone(),
        }
    }
}

impl RepositoryKeys {
    /// These keys, each of a line of its own: the first one seals, all of them open.
    #[must_use]
    pub fn new(keys: Vec<Arc<VaultKey>>) -> Self {
        let member = |key| KeyMember {
            key,
            vendor_id: None,
            is_retired: false,
            replaces: None,
            is_followed: false,
        };
        let key = |key| RepositoryKey {
            member: member(key),
            label: None,
        };
        Self::of(keys.into_iter().map(key).collect())
    }

    /// A key of a keyring, and after it all others.
    ///
    /// `first` is the key that a person chose or the default. The rest is in the order of [`RepositoryKeys`].
    #[must_use]
    pub fn opening(first: &Arc<VaultKey>, keyring: &Keyring) -> Self {
        let set = keyring.keys().key_set();
        let rank = |entry: &&KeyEntry| {
            let fingerprint = entry.key().fingerprint();
            let is_other_line = !set.are_in_line(fingerprint, first.fingerprint());
            let is_other = fingerprint != first.fingerprint();
            let is_retired = entry.state() == KeyState::Retired;
            u64::from(is_other) << 2 | u64::from(is_retired) << 1 | u64::from(is_other_line)
        };
        // The newest first.
        let entries: Vec<_> = keyring.keys().iter().rev().collect();
        let order = by_number(entries.iter().map(rank)).into_iter();
        let ordered = order.filter_map(|(_, place)| entries.get(place));
        let keys = ordered.map(|entry| RepositoryKey {
            member: entry.member(),
            label: Some(entry.label().to_owned()),
        });
        Self::of(keys.collect())
    }

    fn of(keys: Vec<RepositoryKey>) -> Self {
        let mut all = KeySet::new();
        keys.iter().for_each(|key| all.add_member(key.member.clone()));
        Self { keys, all }
    }

    /// Of these keys those that `wanted` chooses. The others still tell which keys are of one line.
    #[must_use]
    pub fn only(&self, wanted: impl Fn(&RepositoryKey) -> bool) -> Self {
        let mut keys = self.keys.clone();
        keys.retain(wanted);
        let all = self.all.clone();
        Self { keys, all }
    }

    /// The key that seals.
    ///
    /// `None` when there is no key, or [`only`](Self::only) left none.
    #[must_use]
    pub fn sealing(&self) -> Option<&Arc<VaultKey>> {
        self.keys.first().map(RepositoryKey::key)
    }

    /// Every key, in the order in which files are looked for.
    pub fn iter(&self) -> impl Iterator<Item = &RepositoryKey> {
        self.keys.iter()
    }

    /// All of them.
    #[must_use]
    pub fn set(&self) -> KeySet {
        let mut set = KeySet::new();
        self.keys.iter().for_each(|key| set.add_member(key.member.clone()));
        set
    }

    /// The blobs that a file may be in, one for every key.
    #[must_use]
    pub fn candidates(&self, path: &RepositoryPath) -> Vec<Candidate> {
        self.keys.iter().map(|key| key.candidate(path)).collect()
    }

    /// The same, line by line.
    ///
    /// A writer asks for the whole line of its key, and overwrites none of them unasked.
    #[must_use]
    pub fn lines(&self, path: &RepositoryPath) -> Vec<Vec<Candidate>> {
        let mut lines: Vec<(&RepositoryKey, Vec<Candidate>)> = Vec::new();
        for key in &self.keys {
            let mut same = lines.iter_mut();
            match same.find(|(first, _)| self.are_in_line(first.key(), key.key())) {
                Some((_, line)) => line.push(key.candidate(path)),
                None => lines.push((key, vec![key.candidate(path)])),
            }
        }
        lines.into_iter().map(|(_, line)| line).collect()
    }

    /// The key that names a blob of this path; `None` when it is none of these.
    #[must_use]
    pub fn of_blob(&self, path: &RepositoryPath, blob: &str) -> Option<&RepositoryKey> {
        self.keys.iter().find(|key| blob_name(key.key(), path) == blob)
    }

    /// Whether two keys are of one line, in which one path is one file.
    #[must_use]
    pub fn are_in_line(&self, one: &VaultKey, other: &VaultKey) -> bool {
        self.all.are_in_line(one.fingerprint(), other.fingerprint())
    }

    /// The keys of a line, in the order in which files are looked for.
    pub fn line_of<'a>(&'a self, key: &'a VaultKey) -> impl Iterator<Item = &'a RepositoryKey> {
        self.keys.iter().filter(|other| self.are_in_line(key, other.key()))
    }

    /// Files in the order of their names, and of one path within a line the file under the key that is tried first.
    /// `replaced` is told of each of the others, with the file in front of it.
    ///
    /// For a listing. Two files of one path in two lines are both kept: two teams may share a container.
    pub fn one_of_each_line<T>(
        &self,
        files: Vec<(&RepositoryKey, T)>,
        name: impl Fn(&T) -> &str,
        replaced: impl Fn(&mut T, T),
    ) -> Vec<T> {
        let place = |key: &RepositoryKey| self.keys.iter().position(|other| other.key() == key.key());
        let order = files.iter().zip(0_usize..);
        let order = order.map(|((key, file), at)| (name(file).to_owned(), place(key), at));
        let order: Vec<_> = sorted(order);
        let mut files: Vec<_> = files.into_iter().map(Some).collect();
        let mut kept: Vec<(&RepositoryKey, T)> = Vec::new();
        let taken = order.into_iter().filter_map(|(.., at)| files.get_mut(at)?.take());
        for (key, file) in taken {
            let same_name = kept
                .iter_mut()
                .rev()
                .take_while(|(_, other)| name(other) == name(&file));
            let mut same_line = same_name.filter(|(other, _)| self.are_in_line(other.key(), key.key()));
            match same_line.next() {
                Some((_, newest)) => replaced(newest, file),
                None => kept.push((key, file)),
            }
        }
        kept.into_iter().map(|(_, file)| file).collect()
    }

    /// The other keys of the line of the key that seals.
    ///
    /// Under which a file is removed once it was written under the sealing key.
    #[must_use]
    pub fn rest_of_line(&self) -> Vec<Arc<VaultKey>> {
        let Some(sealing) = self.sealing() else {
            return Vec::new();
        };
        let others = self.line_of(sealing).map(RepositoryKey::key);
        let others = others.filter(|key| key.fingerprint() != sealing.fingerprint());
        others.map(Arc::clone).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kdf::KdfParams;
    use crate::keyring::{KeyOrigin, NewKey};
    use crate::secret::SecretText;

    /// `vault` → `vault-2` → `vault-3`, the default; `other` → `other-2`; `lone`, retired.
    fn keyring() -> Keyring {
        let params = KdfParams::new(19_456, 2, 1).unwrap();
        let mut keyring = Keyring::create(&SecretText::from("x".to_owned()), params, 0).unwrap();
        let keys = keyring.keys_mut();
        for label in ["other", "lone"] {
            let details = NewKey {
                label,
                origin: KeyOrigin::Generated,
                created: 0,
                vendor_id: None,
                replaces: None,
            };
            keys.add(Arc::new(VaultKey::generate().unwrap()), details).unwrap();
        }
        keys.rotate("vault", "vault-2", 1).unwrap();
        keys.rotate("other", "other-2", 1).unwrap();
        keys.rotate("vault-2", "vault-3", 2).unwrap();
        keys.retire("lone", 3).unwrap();
        keyring
    }

    fn sealing(keyring: &Keyring) -> RepositoryKeys {
        let default = keyring.keys().find(keyring.keys().default_label()).unwrap();
        RepositoryKeys::opening(default.key(), keyring)
    }

    fn labels<'a>(keys: impl Iterator<Item = &'a RepositoryKey>) -> Vec<String> {
        keys.filter_map(|key| key.label.clone()).collect()
    }

    #[test]
    fn active_keys_go_first_and_then_the_line_the_newest_first() {
        let keyring = keyring();
        let keys = sealing(&keyring);
        let expected = ["vault-3", "other-2", "vault-2", "vault", "lone", "other"];
        assert_eq!(labels(keys.iter()), expected);
        let first = Arc::clone(keys.sealing().unwrap());
        assert_eq!(labels(keys.line_of(&first)), ["vault-3", "vault-2", "vault"]);
        assert_eq!(keys.rest_of_line().len(), 2);

        let other = keyring.keys().find("other-2").unwrap().key();
        let keys = RepositoryKeys::opening(other, &keyring);
        assert_eq!(labels(keys.iter())[..3], ["other-2", "vault-3", "other"]);
        assert_eq!(labels(keys.line_of(other)), ["other-2", "other"]);
    }

    #[test]
    fn lines_are_seen_across_keys_that_were_not_chosen() {
        let keys = sealing(&keyring());
        let ends = keys.only(|key| matches!(key.label.as_deref(), Some("vault" | "vault-3")));
        let first = Arc::clone(ends.sealing().unwrap());
        assert_eq!(labels(ends.line_of(&first)), ["vault-3", "vault"]);
    }

    #[test]
    fn a_blob_has_one_key() {
        let keys = sealing(&keyring());
        let path = RepositoryPath::parse("a/b").unwrap();
        for (key, candidate) in keys.iter().zip(keys.candidates(&path)) {
            let found = keys.of_blob(&path, &candidate.blob).unwrap();
            assert_eq!(found.key(), key.key());
        }
        assert!(keys.of_blob(&path, "zkv/other.zkv").is_none());
    }

    #[test]
    fn one_path_is_one_file_within_a_line_and_not_across_lines() {
        let keys = sealing(&keyring());
        let under = |label: &str| keys.iter().find(|key| key.label() == Some(label)).unwrap();
        let files = vec![
            (under("vault"), ("b", vec!["old"])),
            (under("other"), ("a", vec!["of another line, older"])),
            (under("vault-3"), ("b", vec!["new"])),
            (under("lone"), ("b", vec!["lone"])),
            (under("other-2"), ("a", vec!["of another line"])),
            (under("vault-2"), ("b", vec!["middle"])),
        ];
        let shown = keys.one_of_each_line(
            files,
            |(name, _)| name,
            |(_, versions), (_, replaced)| versions.extend(replaced),
        );
        let expected = [
            ("a", vec!["of another line", "of another line, older"]),
            ("b", vec!["new", "middle", "old"]),
            ("b", vec!["lone"]),
        ];
        assert_eq!(shown, expected);
    }
}
