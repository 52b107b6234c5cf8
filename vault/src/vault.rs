//! What a device keeps of an account: the one thing that most programs need of this crate.

mod listed;
mod login;
mod probe;
mod read;
mod totp;

use std::sync::Arc;

use zkvault_client::Transport;
use zkvault_client::logmeonce::LogMeOnce;
use zkvault_core::SecretBytes;
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::keyring::Keyring;
use zkvault_core::model::{SealedValue, Site};
use zkvault_core::trust::{Finding, summary};
use zkvault_core::value::SealedGroupKey;
use zkvault_core::vendor::Layout;
use zkvault_core::vendor::discover::Samples;

pub use self::login::{Login, WantedLogin};
pub use self::probe::Opens;
pub use self::read::{Opened, ReadError, ReadValue, ValueNotOpened};
use crate::profile::Profile;
use crate::progress::Progress;
use crate::store::{Entries, Entry, KnownStores, Store, StoreError, StoreKeys, StoreLock};
use crate::sync::{self, SyncError, Synced, Target, groups};
use crate::time::{self, ClockError};
use crate::vendor;

/// The vault of one account on one device: its store, and the keys that open the store and the values in it.
///
/// Opening it reads what is remembered of the store, and not the store itself, which may not be there before the first
/// [`sync`](Self::sync).
#[derive(Debug)]
pub struct Vault {
    profile: Profile,
    keys: StoreKeys,
    known: KnownStores,
    /// The account's layouts whose texts may be handed on.
    usable: Vec<Layout>,
}

/// A vault cannot be opened or synced.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VaultError {
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The sync did not happen.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// The time is unknown.
    #[error(transparent)]
    Clock(#[from] ClockError),
}

codes!(VaultError {
    ;
    Self::Store(error) => inner(error),
    Self::Sync(error) => inner(error),
    Self::Clock(error) => inner(error),
});

/// How an account is synced.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SyncOptions {
    /// Write everything anew, also what did not change.
    pub rewrite: bool,
}

impl Vault {
    /// The vault whose keys a keyring has.
    ///
    /// # Errors
    ///
    /// [`StoreError::Memory`] when what is remembered of the store cannot be read.
    pub fn open(profile: Profile, keyring: &Keyring) -> Result<Self, StoreError> {
        Ok(Self {
            keys: StoreKeys::of_keyring(keyring),
            known: KnownStores::read(&profile.known_stores_path(), Some(keyring))?,
            profile,
            usable: vendor::usable_layouts(keyring),
        })
    }

    /// The vault that these keys open, as from key files.
    ///
    /// # Errors
    ///
    /// [`StoreError::Memory`] when what is remembered of the store cannot be read.
    pub fn with_keys(profile: Profile, keys: Vec<Arc<VaultKey>>) -> Result<Self, StoreError> {
        Ok(Self {
            keys: StoreKeys::of_keys(keys),
            known: KnownStores::read(&profile.known_stores_path(), None)?,
            profile,
            usable: Vec::new(),
        })
    }

    /// Takes what a keyring remembers of the store as well, for a vault whose keys are not from it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Memory`] when that cannot be read.
    pub fn recall(&mut self, keyring: &Keyring) -> Result<(), StoreError> {
        self.known = KnownStores::read(&self.profile.known_stores_path(), Some(keyring))?;
        Ok(())
    }

    /// Where its files are.
    #[must_use]
    pub fn profile(&self) -> &Profile {
        &self.profile
    }

    /// The keys that open the store and the values in it.
    #[must_use]
    pub fn keys(&self) -> &StoreKeys {
        &self.keys
    }

    /// The keys, to say how they open values of the vendor's own layouts.
    pub fn keys_mut(&mut self) -> &mut StoreKeys {
        &mut self.keys
    }

    /// Takes what the service lists into the store, as far as it may be trusted. `progress` counts sites.
    ///
    /// # Errors
    ///
    /// [`VaultError::Sync`]; the store is then as it was before.
    pub async fn sync<T: Transport>(
        &mut self,
        client: &LogMeOnce<T>,
        progress: &dyn Progress,
    ) -> Result<Synced, VaultError> {
        self.sync_with(client, SyncOptions::default(), progress).await
    }

    /// As [`Self::sync`], in another way.
    ///
    /// # Errors
    ///
    /// As [`Self::sync`].
    pub async fn sync_with<T: Transport>(
        &mut self,
        client: &LogMeOnce<T>,
        options: SyncOptions,
        progress: &dyn Progress,
    ) -> Result<Synced, VaultError> {
        let target = Target {
            path: &self.profile.store_path(),
            host: &client.url().account(),
            keys: &self.keys,
            known: &self.known,
            rewrite: options.rewrite,
            now: time::now()?,
        };
        let synced = sync::run(&target, client, progress).await?;
        self.remember(&synced.store)?;
        Ok(synced)
    }

    /// What the store holds at this moment.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotSynced`] and [`StoreError::Gone`] when there is no store, [`StoreError::Stale`] when it is not
    /// the one that was written last, and the other errors of a store.
    pub fn contents(&self) -> Result<Contents, StoreError> {
        self.contents_of(Store::open(&self.profile.store_path(), &self.keys)?)
    }

    /// As [`Self::contents`], to change the store.
    ///
    /// # Errors
    ///
    /// As [`Self::contents`].
    pub fn contents_to_change(&self, lock: &StoreLock) -> Result<Contents, StoreError> {
        self.contents_of(Store::open_to_write(&self.profile.store_path(), &self.keys, lock)?)
    }

    fn contents_of(&self, store: Option<Store>) -> Result<Contents, StoreError> {
        let Some(store) = store else {
            return Err(self.known.missing());
        };
        self.known.check(store.id(), store.head())?;
        let mut keys = self.keys.opening.clone();
        keys.open_groups(&SealedGroupKey::list(&groups::stored(&store)));
        Ok(Contents {
            store,
            keys,
            usable: self.usable.clone(),
        })
    }

    /// Seals the store under a new key where it is under one that shall open it no more, such as a former personal key.
    /// Says whether it did.
    ///
    /// # Errors
    ///
    /// As [`Self::contents`].
    pub fn seal_again(&mut self, lock: &StoreLock) -> Result<bool, StoreError> {
        let path = self.profile.store_path();
        let Some(mut store) = Store::open_to_write(&path, &self.keys, lock)? else {
            return Ok(false);
        };
        self.known.check(store.id(), store.head())?;
        if !store.was_sealed_again() {
            return Ok(false);
        }
        store.commit(store.head().clone())?;
        self.remember(&store)?;
        Ok(true)
    }

    /// Takes the store's lock, to change it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Busy`].
    pub fn lock(&self) -> Result<StoreLock, StoreError> {
        StoreLock::take(&self.profile.store_path())
    }

    /// Remembers a store outside itself, after it was written.
    ///
    /// # Errors
    ///
    /// [`StoreError::File`].
    pub fn remember(&mut self, store: &Store) -> Result<(), StoreError> {
        let memory = self.profile.known_stores_path();
        self.known.remember(store.id(), store.head(), &memory)
    }

    /// The same, in a keyring that is saved afterwards.
    ///
    /// # Errors
    ///
    /// [`StoreError::NotRemembered`] when the keyring is full.
    pub fn remember_in(&mut self, store: &Store, keyring: &mut Keyring) -> Result<(), StoreError> {
        self.known.remember_in(store.id(), store.head(), keyring)
    }
}

/// What the store holds at one moment: other processes may change it, and this does not see it.
#[derive(Debug)]
pub struct Contents {
    /// The store itself.
    pub store: Store,
    keys: KeySet,
    usable: Vec<Layout>,
}

/// The opened index of a store.
#[derive(Debug)]
pub struct Index {
    index: SecretBytes,
    details: SecretBytes,
}

impl Contents {
    /// The keys that open the values.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// The sites with all that is listed of them, for [`Self::entries`].
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn index(&self) -> Result<Index, StoreError> {
        Ok(Index {
            index: self.store.index()?,
            details: self.store.details()?,
        })
    }

    /// The sites of an index, in the order of their ids, without those that a person accepted to be gone.
    pub fn entries<'a>(&'a self, index: &'a Index) -> impl Iterator<Item = Result<Entry<'a>, StoreError>> {
        let details = Some(index.details.expose_secret());
        let entries = Entries::new(index.index.expose_secret(), details);
        let entries = entries.map(|entry| entry.map_err(|_| self.store.malformed_index()));
        entries.filter(|entry| !matches!(entry, Ok(entry) if entry.is_gone()))
    }

    /// Accepts sites as the service lists them, or that they are gone; all of them or none. The contents must have been
    /// opened [to change them](Vault::contents_to_change), and the vault has to [remember](Vault::remember) the store.
    ///
    /// # Errors
    ///
    /// [`SyncError::NotAccepted`] for a site that no person can accept, and [`SyncError::Store`].
    pub fn accept(&mut self, ids: &[u64]) -> Result<(), SyncError> {
        sync::accept(&mut self.store, ids, &self.keys)
    }

    /// Follows sites, or does so no more: what replaces a value of one of them in an authenticated layout of the vendor is
    /// accepted without a question. All of them or none; the contents must have been opened
    /// [to change them](Vault::contents_to_change), and the vault has to [remember](Vault::remember) the store.
    ///
    /// # Errors
    ///
    /// [`SyncError::NotAccepted`] for a site without a trusted copy, and [`SyncError::Store`].
    pub fn follow(&mut self, ids: &[u64], follow: bool) -> Result<(), SyncError> {
        sync::follow(&mut self.store, ids, follow)
    }

    /// The sites that are followed, in the order of their ids.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn followed(&self) -> Result<Vec<u64>, StoreError> {
        sync::followed(&self.store)
    }

    /// Values among which the account's layout is looked for. A site whose record is damaged is left out.
    ///
    /// # Errors
    ///
    /// [`StoreError::Damaged`].
    pub fn vendor_samples(&self) -> Result<Samples, StoreError> {
        let (index, mut samples) = (self.index()?, Samples::new());
        for group in SealedGroupKey::list(&groups::stored(&self.store)) {
            if let Ok(envelope) = group.key().envelope() {
                samples.add_site_key(&envelope);
            }
        }
        for entry in self.entries(&index) {
            let Ok(site) = self.site(&entry?) else { continue };
            if let Some(Ok(envelope)) = site.key.as_ref().map(SealedValue::envelope) {
                samples.add_site_key(&envelope);
            }
            for input in site.login.and_then(|login| login.inputs).unwrap_or_default() {
                if let Some(Ok(envelope)) = input.value.as_ref().map(SealedValue::envelope) {
                    samples.add_envelope(&envelope);
                }
            }
        }
        Ok(samples)
    }

    /// What was found at a site, in a line that names its inputs by their names: the worst, and how much more.
    #[must_use]
    pub fn found(&self, entry: &Entry<'_>, findings: &[Finding]) -> String {
        let served = entry.served().and_then(|slot| self.store.site(entry.id, slot).ok());
        summary(findings, served.as_ref())
    }

    /// A site whole: the trusted copy where there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError::DamagedSite`] when its record is missing or changed.
    pub fn site(&self, entry: &Entry<'_>) -> Result<Site, StoreError> {
        let slot = entry.copy().ok_or(StoreError::DamagedSite(entry.id))?;
        self.store.site(entry.id, slot)
    }
}
