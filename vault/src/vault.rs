//! What a device keeps of an account: the one thing that most programs need of this crate.
//!
//! ```
//! # use zkvault::account::{Account, Service};
//! # use zkvault::core::{SecretText, kdf::KdfParams, keyring::Keyring};
//! # use zkvault_simulator::{LogMeOnce, Server, Settings, seed};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (folder, passphrase) = (tempfile::tempdir()?, SecretText::from(String::from("clamp juror onyx")));
//! # let keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
//! # let key = keyring.keys().iter().next().ok_or("a new keyring has a key")?.key();
//! # let server = Server::start(0, LogMeOnce::new(Settings::default(), seed::demo(key)?).router()).await?;
//! # let secret = SecretText::from(String::from("simulator-secret"));
//! # let account = Account::new(Service::Logmeonce, &server.url(), "simulator-key", secret)?;
//! use zkvault::core::trust::Origin;
//! use zkvault::profile::Profile;
//! use zkvault::progress::NoProgress;
//! use zkvault::vault::{Vault, WantedLogin};
//!
//! let mut vault = Vault::open(Profile::new(folder.path()), &keyring)?;
//! assert_eq!(vault.contents().map_err(|error| error.code()).err(), Some("not-synced"));
//! vault.sync(&account.logmeonce(), &NoProgress).await?;
//!
//! // From here on no service is needed.
//! let contents = vault.contents()?;
//! let index = contents.index();
//! let mut names = Vec::new();
//! for entry in contents.entries(&index) {
//!     names.push(entry?.label());
//! }
//! assert!(names.iter().any(|name| name.starts_with("GitHub (")));
//!
//! let value = contents.read(&"zkv://GitHub/password".parse()?)?;
//! assert!(!value.text.expose_secret().is_empty());
//!
//! // For a program that knows the page and not the name.
//! let origin = Origin::parse("https://github.com")?;
//! let wanted = WantedLogin { origin: &origin, username: None, field: "password" };
//! let login = contents.login(&index, wanted)?.ok_or("no login of this page")?;
//! assert_eq!(login.password.text.expose_secret(), value.text.expose_secret());
//! # Ok(())
//! # }
//! ```
//!
//! # Who holds what
//!
//! A [`Vault`] has the keys and what is remembered of the store, and no open file. [`Contents`] are the store at one
//! moment: they stay what they are while another process syncs, so take new ones for a new look. To change something,
//! take the [lock](Vault::lock), open the contents [to change them](Vault::contents_to_change), change them, and have
//! the vault [remember](Vault::remember) the store: a store that is ahead of its memory is fine, one that is behind is
//! refused. A sync does all of that itself.
//!
//! # What is handed out
//!
//! Every read asks three things, in this order: which site is meant (`find`), whether what was found at it permits this
//! [use](zkvault_core::trust::Use), and whether the value opens in its place. The trusted copy is read where there is
//! one, so a service that changes a site cannot change what is read until a person accepts it. What permits a use and
//! still has to be said is in [`ReadValue::warnings`].
//!
//! Plaintext is a [`SecretText`](zkvault_core::SecretText), wiped when it is dropped. The index is a [`SecretBytes`];
//! names and addresses that are taken out of it are ordinary strings.

mod listed;
mod login;
mod probe;
mod read;
mod sorted;
mod totp;

use std::sync::{Arc, OnceLock};

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
pub use self::sorted::Sorted;
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
    /// The account's layouts whose texts may be handed on, and not only be shown: others are refused with
    /// [`ReadError::Unauthenticated`].
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
    /// The keys are copied out of the keyring, which may be dropped afterwards. One file is read, `known-stores.json`.
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
    /// Such a vault opens a store that was made with one of these keys, and none that is under a personal key.
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
    ///
    /// What was changed counts for contents that are opened afterwards.
    pub fn keys_mut(&mut self) -> &mut StoreKeys {
        &mut self.keys
    }

    /// Takes what the service lists into the store, as far as it may be trusted. `progress` counts sites.
    ///
    /// Takes the store's lock for as long as it lasts, from before the first request; readers are not in the way. The
    /// account is that of the client's address: a store of a different one is refused before anything is fetched. When
    /// it returns, the store is on the disk and remembered beside the keyring; [`Self::remember_in`] does the same in
    /// the keyring.
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
        // Until the store is remembered: a later sync that was remembered before would look as if it had been put back.
        let lock = self.lock()?;
        let target = Target {
            path: &self.profile.store_path(),
            host: &client.url().account(),
            keys: &self.keys,
            lock: &lock,
            known: &self.known,
            memory: &self.profile.known_stores_path(),
            rewrite: options.rewrite,
            now: time::now()?,
        };
        let synced = sync::run(&target, client, progress).await?;
        self.remember(&synced.store, &lock)?;
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

    /// Compares the store with its memory, and adds the keys of its groups to those that open values: the key of a site
    /// may be sealed under one of them. A list of groups that is damaged opens fewer values, and is no error here.
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
    /// For the moment after a renewal of the personal key: a sync would do it too, but until then the former key still
    /// opens the store.
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
        self.remember(&store, lock)?;
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

    /// Remembers a store outside itself, after it was written and while its lock is still held.
    ///
    /// # Errors
    ///
    /// [`StoreError::File`], and [`StoreError::Memory`] when what was remembered cannot be read any more.
    pub fn remember(&mut self, store: &Store, lock: &StoreLock) -> Result<(), StoreError> {
        let memory = self.profile.known_stores_path();
        self.known.remember(store.id(), store.head(), &memory, lock)
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
    /// Those of the vault, and of the groups that the store has.
    keys: KeySet,
    usable: Vec<Layout>,
}

/// The index of a store: it is opened as far as it is needed, and once.
#[derive(Debug, Default)]
pub struct Index {
    whole: OnceLock<(SecretBytes, SecretBytes)>,
}

impl Contents {
    /// The keys that open the values.
    #[must_use]
    pub fn keys(&self) -> &KeySet {
        &self.keys
    }

    /// The sites with all that is listed of them, for [`Self::entries`] and [`Self::find`], of which the second seldom
    /// needs all of it.
    #[must_use]
    pub fn index(&self) -> Index {
        Index::default()
    }

    /// Both parts of an index, which are opened when they are first asked for.
    fn whole<'a>(&self, index: &'a Index) -> Result<(&'a [u8], &'a [u8]), StoreError> {
        let (sites, details) = match index.whole.get() {
            Some(whole) => whole,
            None => {
                let whole = (self.store.index()?, self.store.details()?);
                index.whole.get_or_init(|| whole)
            }
        };
        Ok((sites.expose_secret(), details.expose_secret()))
    }

    /// The sites of an index, in the order of their ids, without those that a person accepted to be gone.
    ///
    /// An error is the last item: after it nothing of the index means anything.
    pub fn entries<'a>(&'a self, index: &'a Index) -> impl Iterator<Item = Result<Entry<'a>, StoreError>> {
        let (entries, error) = match self.whole(index) {
            Ok((sites, details)) => (Some(Entries::new(sites, Some(details))), None),
            Err(error) => (None, Some(error)),
        };
        let entries = entries.into_iter().flatten();
        let entries = entries.map(|entry| entry.map_err(|_| self.store.malformed_index()));
        let entries = entries.filter(|entry| !matches!(entry, Ok(entry) if entry.is_gone()));
        error.map(Err).into_iter().chain(entries)
    }

    /// Accepts sites as the service lists them, or that they are gone; all of them or none. The contents must have been
    /// opened [to change them](Vault::contents_to_change), and the vault has to [remember](Vault::remember) the store.
    ///
    /// What is accepted is what the store has under the lock. Show exactly that before: another process may have synced
    /// since a list was made.
    ///
    /// # Errors
    ///
    /// [`SyncError::NoSuchSites`] for ids that the store does not have, [`SyncError::NotAccepted`] for a site that no
    /// person can accept, and [`SyncError::Store`].
    pub fn accept(&mut self, ids: &[u64]) -> Result<(), SyncError> {
        sync::accept(&mut self.store, ids, &self.keys)
    }

    /// Follows sites, or does so no more: what replaces a value of one of them in an authenticated layout of the vendor is
    /// accepted without a question. All of them or none; the contents must have been opened
    /// [to change them](Vault::contents_to_change), and the vault has to [remember](Vault::remember) the store.
    ///
    /// # Errors
    ///
    /// [`SyncError::NoSuchSites`] for ids that the store does not have, [`SyncError::NotAccepted`] for a site without a
    /// trusted copy, and [`SyncError::Store`].
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
        let (index, mut samples) = (self.index(), Samples::new());
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
