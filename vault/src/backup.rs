//! Backups: a snapshot of the local store as an encrypted file, in a repository or on this machine
//! (docs/spec/backup.md).
//!
//! [`capture`] reads the store and [`seal`] makes a backup of it. A [`Catalog`] lists those of a repository, of which
//! [`load`] opens one; [`BackupFile`] is one in a file. [`KnownHeads`] remembers the newest of each chain and place,
//! and [`newest_in_chain`] notices an older state, or a different chain. A fresh machine [searches](Catalog::search).
//!
//! ```
//! # use zkvault::account::{Account, Service};
//! # use zkvault::core::{SecretText, kdf::KdfParams, keyring::Keyring};
//! # use zkvault::{profile::Profile, progress::NoProgress, vault::Vault};
//! # use zkvault_simulator::{LogMeOnce, Server, Settings, seed};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (folder, passphrase) = (tempfile::tempdir()?, SecretText::from(String::from("clamp juror onyx")));
//! # let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
//! # let key = keyring.keys().iter().next().ok_or("a new keyring has a key")?.key();
//! # let server = Server::start(0, LogMeOnce::new(Settings::default(), seed::demo(key)?).router()).await?;
//! # let secret = SecretText::from(String::from("simulator-secret"));
//! # let client = Account::new(Service::Logmeonce, &server.url(), "simulator-key", secret)?.logmeonce();
//! # let mut vault = Vault::open(Profile::new(folder.path()), &keyring)?;
//! # drop(vault.sync(&client, &NoProgress).await?);
//! use zkvault::backup::{Access, BackupFile, FILES, KnownHeads, Recipe, capture, next, seal};
//! use zkvault::core::{account::AccountName, backup::Chains, snapshot::Manifest};
//! use zkvault::fs::{self, Existing};
//! use zkvault::time;
//!
//! // The chain of this account, under the personal key of this keyring.
//! let contents = vault.contents()?;
//! let account = AccountName::parse(&contents.store.head().host)?;
//! keyring.accounts_mut().add(account.clone())?;
//! let chains = Chains::of_account(&keyring, &account);
//! let chain = chains.iter().next().ok_or("the keyring has no personal key")?;
//!
//! // The first backup: nothing is known of an earlier one.
//! let mut known = KnownHeads::read(&vault.profile().known_backups_path(), Some(&keyring))?;
//! let place = next(None, &chains, &known, FILES);
//! assert_eq!((place.revision, place.parent), (1, None));
//! let manifest = Manifest { revision: 1, parent: None, time: time::now()?, device: "laptop".to_owned() };
//! let recipe = Recipe { chain, follows: None, recipients: &[], keyring: None };
//! let (bytes, record) = seal(capture(&contents.store)?, manifest, &recipe)?;
//! let path = folder.path().join("backup.zkvb");
//! fs::write(&path, &bytes, Existing::Keep)?;
//! known.remember(chain.tag(), FILES, record.head(), false)?;
//!
//! // It opens with the keyring, and is the one that was made.
//! let loaded = BackupFile::read(&path)?.open(Access::of_keyring(keyring))?;
//! loaded.check_own()?;
//! assert_eq!(loaded.head(), record.head());
//! # Ok(())
//! # }
//! ```
//!
//! # Making one
//!
//! 1. Under the store's lock, look at what the place has ([`Catalog::list`], [`OneAccount::of`]), and refuse to
//!    continue a chain that is older than what is known, or forked ([`newest_in_chain`]).
//! 2. [`next`] says which revision comes, and which backup it follows.
//! 3. [`capture`] reads the store; a damaged one is not saved. [`seal`] makes one blob of snapshot, record and keyring.
//! 4. [`Catalog::put`] writes it under the name of its revision, if that name is free; for a file,
//!    [`fs::write`](crate::fs::write()) does.
//! 5. [`KnownHeads::remember`] notes the head, at last: a backup that was made and not noted is found again by the next
//!    listing.
//!
//! # Opening one
//!
//! A backup of the own chain is authentic: its record says who made it and what is in it, and nobody but the holder of
//! the personal key can write one. A recipient can open what is in it, and cannot know who put it there, so
//! [`Opened::record`] is missing and nothing restores it (threat model, Z46). What is restored goes into the store by
//! [`Restoring`](crate::sync::Restoring).
//!
//! The storage can withhold the newest backup and nothing else: it cannot make, change or combine one. Against that
//! there are the memory of a device, and for a new machine the head on a printed [`Sheet`] (threat model, Z15 and Z16).

mod access;
mod bundle;
mod capture;
mod catalog;
mod chain;
mod diff;
mod error;
mod fresh;
mod known;
mod prune;
mod pull;
mod push;
mod sheet;
mod source;

pub use self::access::Access;
pub use self::bundle::{MAX_BACKUP_LEN, Opened, Recipe, open, parse, seal};
pub use self::capture::{Captured, capture};
pub use self::catalog::{Catalog, CatalogEntry, Listing, Unread};
pub use self::chain::{ChainNote, NewestInChain, newest_in_chain};
pub use self::diff::{Contents, Difference, compare};
pub use self::error::{BackupError, Missing};
pub use self::fresh::{Watcher, is_costly};
pub use self::known::KnownHeads;
pub use self::prune::prunable;
pub use self::pull::{Pulled, pull};
pub use self::push::{Next, next};
pub use self::sheet::{Sheet, sheet};
pub use self::source::{BackupFile, Loaded, OneAccount, Wanted, load};

/// The place under which backups in files are remembered.
pub const FILES: &str = "file";

type Result<T> = std::result::Result<T, BackupError>;
