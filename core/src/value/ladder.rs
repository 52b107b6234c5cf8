//! The vendor's ladder of keys: a site that is shared has a key of its own, which is sealed like a value, under a key of the
//! keyring or under the key of a group (docs/spec/value.md#keys-of-sites).
//!
//! ```text
//! key of the keyring ─┬─ opens values
//!                     ├─ opens a site's key ── opens the values of the site
//!                     └─ opens a group's key ── opens a site's key ── opens the values of the site
//! ```
//!
//! What a site's key opens counts as opened by the key of the keyring at the root, so that rules about keys, such as
//! retirement, hold for it. There is no further level, and values of version 2 are never under a site's key.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Authentic, OpenValueError, vendor};
use crate::digest::ValueDigest;
use crate::envelope::{Envelope, ValueContext, Version};
use crate::error::DecryptError;
use crate::key::{GroupId, GroupKey, KeyFingerprint, KeySet, VaultKey};
use crate::model::SealedValue;

/// Groups whose keys are tried at most: each is tried on every site's key that no other key opens.
///
/// A service lists as many groups as it likes; without a limit it would choose how much work a site's key is.
pub const MAX_GROUP_KEYS: usize = 256;

/// The opened key of a site: in memory only, and wiped when it is dropped.
///
/// ```
/// use std::sync::Arc;
///
/// use zkvault_core::key::{KeySet, VaultKey};
/// use zkvault_core::model::SealedValue;
/// use zkvault_core::value::{Envelope, SiteKey};
/// use zkvault_core::vendor::catalog;
///
/// let layout = catalog::find("vendor-gcm-16").ok_or("not in the catalogue")?;
/// let (mine, of_site) = (Arc::new(VaultKey::generate()?), VaultKey::generate()?);
/// let sealed = SealedValue::new(layout.seal_key(&mine, [0; 4], &of_site)?)?;
/// let value = Envelope::parse(&layout.seal(&of_site, [0; 4], "hunter2")?)?;
///
/// let mut keys = KeySet::new();
/// keys.add(Arc::clone(&mine), None);
/// assert!(value.open(&keys, None).is_err(), "it is under the site's key");
/// let site_key = SiteKey::open(Some(&sealed), &keys).ok_or("my key opens it")?;
/// assert_eq!(site_key.root(), mine.fingerprint());
/// assert_eq!(value.open_in(&keys, Some(&site_key), None)?.text.expose_secret(), "hunter2");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct SiteKey {
    /// The key alone, with the layouts of the set that opened it.
    keys: KeySet,
    root: KeyFingerprint,
    group: Option<GroupId>,
}

impl KeySet {
    /// Opens the sealed keys of the account's groups with the keys of this set, for the keys of sites that are sealed under
    /// them. Those that do not open, and more than [`MAX_GROUP_KEYS`], are left out. Layouts are chosen before.
    ///
    /// Until it is called, a set does not know which groups there are, and what is pinned of groups is left as it is.
    pub fn open_groups<'a>(&mut self, groups: impl IntoIterator<Item = &'a SealedGroupKey>) {
        let opened = groups.into_iter().filter_map(|group| open_group(group, self));
        let opened = opened.take(MAX_GROUP_KEYS).map(Arc::new).collect();
        self.set_groups(opened);
    }
}

/// The sealed key of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedGroupKey {
    /// The API's number of the group.
    id: u64,
    key: SealedValue,
}

impl SealedGroupKey {
    /// Those of an array of groups in JSON. Groups without a key, what is no group, and a text that is no array have none.
    ///
    /// The list is a service's: an odd group in it is left out and stops nothing.
    #[must_use]
    pub fn list(groups: &[u8]) -> Vec<Self> {
        #[derive(Deserialize)]
        struct Keyed {
            id: u64,
            key: String,
        }
        // Most accounts have none: then nothing is read.
        let has_keys = groups.windows(5).any(|bytes| bytes == b"\"key\"");
        let json = str::from_utf8(groups).ok().filter(|_| has_keys).unwrap_or_default();
        let listed: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
        let keyed = |raw: &RawValue| {
            let Keyed { id, key } = serde_json::from_str(raw.get()).ok()?;
            let key = SealedValue::new(key).ok()?;
            Some(Self { id, key })
        };
        listed.into_iter().filter_map(keyed).collect()
    }

    /// The key, which opens like a value.
    #[must_use]
    pub fn key(&self) -> &SealedValue {
        &self.key
    }
}

fn open_group(SealedGroupKey { id, key: sealed }: &SealedGroupKey, keys: &KeySet) -> Option<GroupKey> {
    let (key, root) = open_vendor_key(&sealed.envelope().ok()?, keys)?;
    let digest = ValueDigest::of(sealed.as_str());
    Some(GroupKey {
        keys: keys.with_key_alone(Arc::new(key)),
        root,
        id: GroupId { id: *id, digest },
    })
}

fn open_vendor_key(envelope: &Envelope, keys: &KeySet) -> Option<(VaultKey, KeyFingerprint)> {
    match envelope.version() {
        Version::Vendor => vendor::open_key(envelope.key_id(), envelope.bytes(), keys),
        Version::Bound => None,
    }
}

impl SiteKey {
    /// Opens the sealed key of a site with whichever of `keys` fits, or else with the key of a group, in the layouts of vendor
    /// values. None when there is no key there, it does not open, or it holds anything but 32 bytes.
    ///
    /// Whose key it is does not show here: [`crate::trust`] pins it like a value (threat model, Z62).
    #[must_use]
    pub fn open(sealed: Option<&SealedValue>, keys: &KeySet) -> Option<Self> {
        let envelope = sealed?.envelope().ok()?;
        Self::of_envelope(&envelope, keys)
    }

    pub(crate) fn of_envelope(envelope: &Envelope, keys: &KeySet) -> Option<Self> {
        let alone = |key| keys.with_key_alone(Arc::new(key));
        if let Some((key, root)) = open_vendor_key(envelope, keys) {
            return Some(Self {
                keys: alone(key),
                root,
                group: None,
            });
        }
        keys.groups().iter().find_map(|group| {
            let (key, _) = open_vendor_key(envelope, &group.keys)?;
            Some(Self {
                keys: alone(key),
                root: group.root,
                group: Some(group.id),
            })
        })
    }

    /// The group whose key it is sealed under.
    pub(crate) fn group(&self) -> Option<GroupId> {
        self.group
    }

    /// The key itself.
    pub(crate) fn key(&self) -> Option<&VaultKey> {
        self.keys.members().next().map(|member| &*member.key)
    }

    /// The key of the keyring that it was opened with: the ladder's root.
    #[must_use]
    pub fn root(&self) -> KeyFingerprint {
        self.root
    }
}

/// Under which keys the vendor's values of a site may be.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rung<'a> {
    /// The site has no key.
    Keyring,
    /// The site's key, or those of the keyring: nothing is known of the site.
    SiteFirst(&'a SiteKey),
    /// The site's key alone: the site was pinned with one. None where it has none that opens.
    SiteOnly(Option<&'a SiteKey>),
}

impl Envelope {
    /// As [`Self::open`], for a value of a site that may have a key of its own.
    ///
    /// The site's key is tried first and the keys of the set after it.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_in(
        &self,
        keys: &KeySet,
        site_key: Option<&SiteKey>,
        context: Option<&ValueContext<'_>>,
    ) -> Result<super::OpenedValue, OpenValueError> {
        let rung = site_key.map_or(Rung::Keyring, Rung::SiteFirst);
        self.authenticate_in(keys, rung, context)?.into_text()
    }

    /// As [`Self::authenticate`]. The key of what a site's key opens is the one at the ladder's root.
    pub(crate) fn authenticate_in<'a>(
        &self,
        keys: &'a KeySet,
        rung: Rung<'_>,
        context: Option<&ValueContext<'_>>,
    ) -> Result<Authentic<'a>, OpenValueError> {
        match (self.version(), rung) {
            (Version::Vendor, Rung::SiteOnly(site)) => self.open_with(site.ok_or(DecryptError)?, keys),
            (Version::Vendor, Rung::SiteFirst(site)) => match self.open_with(site, keys) {
                Err(OpenValueError::Decrypt(_)) => self.authenticate(keys, context),
                opened => opened,
            },
            _ => self.authenticate(keys, context),
        }
    }

    fn open_with<'a>(&self, site: &SiteKey, keys: &'a KeySet) -> Result<Authentic<'a>, OpenValueError> {
        let Authentic { bytes, layout, .. } = vendor::open(self.key_id(), self.bytes(), &site.keys)?;
        let key = keys.get(site.root).ok_or(DecryptError)?;
        Ok(Authentic { bytes, layout, key })
    }
}
