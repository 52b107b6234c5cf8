//! The keys that are available when something is opened, and which of them replaced which.

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use super::{GroupKey, KeyFingerprint, KeyId, VaultKey};
use crate::order::sorted;
use crate::vendor::prepared::{Prepare, PreparedKey, PreparedKeys, prepare_chosen};
use crate::vendor::{Layout, guess};

/// A key, with what a set knows about it.
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
