//! The keys that are available when something is opened, and which of them replaced which.
//!
//! Values in the vendor's layouts do not say which key they are under, so the order matters: the first key that opens
//! one is believed to be its key. Bound values, files and entries name their key by its identifier, and commit to it.

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use super::{GroupKey, KeyFingerprint, KeyId, VaultKey};
use crate::order::sorted;
use crate::vendor::prepared::{Prepare, PreparedKey, PreparedKeys, prepare_chosen};
use crate::vendor::{Layout, guess};

/// A key, with what a set knows about it.
///
/// As a keyring's entry has it, without its label: see [`KeyEntry::member`](crate::keyring::KeyEntry::member).
#[derive(Debug, Clone)]
pub struct KeyMember {
    /// The key.
    pub key: Arc<VaultKey>,
    /// The number under which vendor values name it, where that is known.
    pub vendor_id: Option<KeyId>,
    /// Whether it only opens what was sealed before it was retired.
    pub is_retired: bool,
    /// The key in whose place it is used, where there is one.
    pub replaces: Option<KeyFingerprint>,
    /// Whether a person follows it: what replaces a value of the vendor's layouts under it is accepted without a question.
    pub is_followed: bool,
}

/// The available keys, in the order in which they are tried.
///
/// Cloning is cheap: keys are shared, and so are the forms that layouts derived from them.
///
/// ```
/// use std::sync::Arc;
///
/// use zkvault_core::key::{KeyMember, KeySet, VaultKey};
///
/// let [old, new, other] = [1, 2, 3].map(|byte| VaultKey::from_slice(&[byte; 32]).map(Arc::new));
/// let (old, new, other) = (old?, new?, other?);
/// let mut keys = KeySet::new();
/// keys.add_member(KeyMember {
///     key: Arc::clone(&new),
///     vendor_id: None,
///     is_retired: false,
///     replaces: Some(old.fingerprint()),
///     is_followed: false,
/// });
/// keys.add(Arc::clone(&other), Some("d87f7e0c".parse()?));
/// // The new key follows the old one, which need not be here.
/// assert!(keys.follows(new.fingerprint(), old.fingerprint()));
/// assert!(keys.are_in_line(old.fingerprint(), new.fingerprint()));
/// assert!(!keys.are_in_line(other.fingerprint(), new.fingerprint()));
/// assert_eq!(keys.members().map(|member| member.key.id()).collect::<Vec<_>>(), [new.id(), other.id()]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct KeySet {
    entries: Vec<Entry>,
    layouts: Vec<Layout>,
    prepare: Prepare,
    /// The keys of groups that were opened; none where nobody said which groups there are.
    groups: Option<Vec<Arc<GroupKey>>>,
}

impl Default for KeySet {
    fn default() -> Self {
        Self {
            entries: Vec::new(),
            layouts: Vec::new(),
            prepare: guess::prepare,
            groups: None,
        }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    member: KeyMember,
    /// The forms of the key that layouts use, made when the first vendor value is opened.
    prepared: Arc<OnceLock<PreparedKeys>>,
}

impl KeySet {
    /// No keys yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an active key that replaces none; `vendor_id` is the number under which vendor values name it, if that is
    /// known.
    ///
    /// A key that was added before is tried twice: the caller adds each once.
    pub fn add(&mut self, key: Arc<VaultKey>, vendor_id: Option<KeyId>) {
        self.add_member(KeyMember {
            key,
            vendor_id,
            is_retired: false,
            replaces: None,
            is_followed: false,
        });
    }

    /// Adds a key with all that is known about it.
    pub fn add_member(&mut self, member: KeyMember) {
        self.entries.push(Entry {
            member,
            prepared: Arc::default(),
        });
    }

    /// Chooses the layouts of vendor values: exactly these are tried from now on, in this order. Without any, the
    /// catalogue's authenticated ones are.
    ///
    /// The layouts come from a person's search or import, and never from a service (threat model, Z58).
    pub fn set_vendor_layouts(&mut self, layouts: Vec<Layout>) {
        self.prepare = if layouts.is_empty() {
            guess::prepare
        } else {
            prepare_chosen
        };
        self.layouts = layouts;
        for entry in &mut self.entries {
            entry.prepared = Arc::default();
        }
    }

    /// Opens no vendor value from now on: the account has layouts, and none of them may be used.
    ///
    /// Not the same as an empty list, for which the catalogue's layouts would be guessed.
    pub fn set_no_vendor_layout(&mut self) {
        self.set_vendor_layouts(Vec::new());
        self.prepare = prepare_chosen;
    }

    /// The layouts that were chosen.
    #[must_use]
    pub fn vendor_layouts(&self) -> &[Layout] {
        &self.layouts
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the key is here and retired.
    ///
    /// False for a key that is not here: nothing can be under it that opens.
    #[must_use]
    pub fn is_retired(&self, key: KeyFingerprint) -> bool {
        self.find(key).is_some_and(|member| member.is_retired)
    }

    /// Whether the key is here and a person follows it.
    #[must_use]
    pub fn is_followed(&self, key: KeyFingerprint) -> bool {
        self.find(key).is_some_and(|member| member.is_followed)
    }

    /// Whether `newer` replaces `older`, or replaces a key of this set that follows it.
    ///
    /// The steps in between must all be in the set, but for `older` itself.
    #[must_use]
    pub fn follows(&self, newer: KeyFingerprint, older: KeyFingerprint) -> bool {
        self.distance(newer, older).is_some()
    }

    /// Whether two keys belong to one line: they are the same, or one follows the other.
    #[must_use]
    pub fn are_in_line(&self, one: KeyFingerprint, other: KeyFingerprint) -> bool {
        one == other || self.follows(one, other) || self.follows(other, one)
    }

    /// How many keys lie between the two, where one follows the other.
    ///
    /// No more steps than there are keys, so that a circle ends.
    fn distance(&self, newer: KeyFingerprint, older: KeyFingerprint) -> Option<usize> {
        let replaced = |key| self.find(key).and_then(|member| member.replaces);
        let line = std::iter::successors(replaced(newer), |key| replaced(*key));
        // A keyring has no circles; a set that somebody put together could.
        line.take(self.entries.len()).position(|key| key == older)
    }

    /// The key and those that follow it, in the order in which they are tried for what was last seen under that key: the
    /// key itself, then the others, the newest first.
    pub(crate) fn line_of(&self, key: KeyFingerprint) -> Self {
        let distance = |entry: &Entry| self.distance(entry.member.key.fingerprint(), key);
        let followers = self.entries.iter().zip(0_usize..);
        let followers = followers.filter_map(|(entry, place)| Some((Reverse(distance(entry)?), place)));
        let followers = sorted(followers).into_iter();
        let followers = followers.filter_map(|(_, place)| self.entries.get(place));
        let itself = self.entries.iter().find(|entry| entry.member.key.fingerprint() == key);
        let mut line = Self {
            entries: itself.into_iter().chain(followers).cloned().collect(),
            layouts: self.layouts.clone(),
            prepare: self.prepare,
            groups: None,
        };
        let groups = self.groups().iter().filter(|group| line.get(group.root).is_some());
        line.groups = self.knows_groups().then(|| groups.cloned().collect());
        line
    }

    /// The keys of groups, in the order in which they were added.
    pub(crate) fn groups(&self) -> &[Arc<GroupKey>] {
        self.groups.as_deref().unwrap_or_default()
    }

    /// Whether somebody said which groups there are.
    pub(crate) fn knows_groups(&self) -> bool {
        self.groups.is_some()
    }

    /// Takes the keys of the account's groups, which were opened with keys of this set.
    pub(crate) fn set_groups(&mut self, groups: Vec<Arc<GroupKey>>) {
        self.groups = Some(groups);
    }

    /// A set of this key alone, which opens vendor values in the same layouts.
    pub(crate) fn with_key_alone(&self, key: Arc<VaultKey>) -> Self {
        let mut alone = Self {
            entries: Vec::new(),
            layouts: self.layouts.clone(),
            prepare: self.prepare,
            groups: None,
        };
        alone.add(key, None);
        alone
    }

    /// The key with that fingerprint.
    pub(crate) fn get(&self, key: KeyFingerprint) -> Option<&VaultKey> {
        self.find(key).map(|member| &*member.key)
    }

    fn find(&self, key: KeyFingerprint) -> Option<&KeyMember> {
        let mut members = self.entries.iter().map(|entry| &entry.member);
        members.find(|member| member.key.fingerprint() == key)
    }

    /// The keys whose own identifier is `id`.
    pub(crate) fn with_id(&self, id: KeyId) -> impl Iterator<Item = &Arc<VaultKey>> {
        self.members_with_id(id).map(|member| &member.key)
    }

    pub(crate) fn members_with_id(&self, id: KeyId) -> impl Iterator<Item = &KeyMember> {
        self.members().filter(move |member| member.key.id() == id)
    }

    /// Every key with what is known about it, in the order in which they are tried.
    pub fn members(&self) -> impl Iterator<Item = &KeyMember> {
        self.entries.iter().map(|entry| &entry.member)
    }

    /// Every key with its forms, those first that were imported under the vendor's number `id`.
    ///
    /// A number is an attacker's to choose, so it changes the order and leaves no key out.
    pub(crate) fn prepared_for(&self, id: KeyId) -> impl Iterator<Item = (&VaultKey, &[Box<dyn PreparedKey>])> {
        let named = move |entry: &&Entry| entry.member.vendor_id == Some(id);
        let first = self.entries.iter().filter(named);
        let then = self.entries.iter().filter(move |entry| !named(entry));
        first.chain(then).map(|entry| {
            let key = &*entry.member.key;
            let prepared = entry.prepared.get_or_init(|| (self.prepare)(&self.layouts, key));
            (key, &**prepared)
        })
    }
}
