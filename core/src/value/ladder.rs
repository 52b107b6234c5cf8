//! The vendor's ladder of keys: a site that is shared has a key of its own, which is sealed like a value
//! (docs/spec/value.md#keys-of-sites).

use std::sync::Arc;

use super::{Authentic, Envelope, OpenValueError, ValueContext, Version, vendor};
use crate::error::DecryptError;
use crate::key::{KeyFingerprint, KeySet, VaultKey};
use crate::model::SealedValue;

/// The opened key of a site: in memory only, and wiped when it is dropped.
#[derive(Debug, Clone)]
pub struct SiteKey {
    /// The key alone, with the layouts of the set that opened it.
    keys: KeySet,
    root: KeyFingerprint,
}

impl SiteKey {
    /// Opens the sealed key of a site with whichever of `keys` fits, in the layouts of vendor values. None when there is
    /// no key there, it does not open, or it holds anything but 32 bytes.
    #[must_use]
    pub fn open(sealed: Option<&SealedValue>, keys: &KeySet) -> Option<Self> {
        let envelope = sealed?.envelope().ok()?;
        Self::of_envelope(&envelope, keys)
    }

    pub(crate) fn of_envelope(envelope: &Envelope, keys: &KeySet) -> Option<Self> {
        if envelope.version() != Version::Vendor {
            return None;
        }
        let (key, root) = vendor::open_key(envelope.key_id(), envelope.bytes(), keys)?;
        Some(Self {
            keys: keys.with_key_alone(Arc::new(key)),
            root,
        })
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
