//! A sync: what the service lists goes into the store, as far as it may be trusted. All of it, or nothing.
//!
//! ```
//! # use zkvault::account::{Account, Service};
//! # use zkvault::core::{SecretText, kdf::KdfParams, keyring::Keyring};
//! # use zkvault::profile::Profile;
//! # use zkvault_simulator::{Attack, LogMeOnce, Server, Settings, seed};
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (folder, passphrase) = (tempfile::tempdir()?, SecretText::from(String::from("clamp juror onyx")));
//! # let keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
//! # let key = keyring.keys().iter().next().ok_or("a new keyring has a key")?.key();
//! # let service = LogMeOnce::new(Settings::default(), seed::demo(key)?);
//! # let server = Server::start(0, service.router()).await?;
//! # let secret = SecretText::from(String::from("simulator-secret"));
//! # let client = Account::new(Service::Logmeonce, &server.url(), "simulator-key", secret)?.logmeonce();
//! use zkvault::progress::NoProgress;
//! use zkvault::store::Standing;
//! use zkvault::sync::Before;
//! use zkvault::vault::Vault;
//!
//! let mut vault = Vault::open(Profile::new(folder.path()), &keyring)?;
//! // There is nothing to compare the first sync with.
//! assert_eq!(vault.sync(&client, &NoProgress).await?.before, Before::FirstUse);
//!
//! // Now the service sends the login of one site to a different page.
//! # service.attack(Attack::url(seed::GITHUB, "https://github.com.evil.example/"));
//! let synced = vault.sync(&client, &NoProgress).await?;
//! let [site] = synced.changes.attention.as_slice() else { panic!("one site needs review") };
//! assert_eq!((site.id, site.standing), (seed::GITHUB, Standing::MetadataChanged));
//! # drop(synced);
//!
//! // The copy that is trusted is still the one from before.
//! let (contents, lock) = (vault.contents()?, vault.lock()?);
//! let index = contents.index();
//! assert_eq!(contents.find(&index, "GitHub")?.origin.as_deref(), Some("https://github.com"));
//! drop(contents);
//!
//! // A person looked at it, and accepts what the service lists.
//! let mut contents = vault.contents_to_change(&lock)?;
//! contents.accept(&[seed::GITHUB])?;
//! vault.remember(&contents.store, &lock)?;
//! let index = contents.index();
//! assert_eq!(contents.find(&index, "GitHub")?.origin.as_deref(), Some("https://github.com.evil.example"));
//! # Ok(())
//! # }
//! ```
//!
//! # The steps, in their order
//!
//! 1. Under the [`StoreLock`] the store is opened to write, or created; its memory outside is compared
//!    ([`KnownStores::check`]). Nothing was sent yet.
//! 2. `baseline` opens every record of the store once: the digests of the sites, and what of them is damaged.
//! 3. The users and groups are fetched first, because the key of a site may be sealed under that of a group.
//! 4. The sites are fetched as a stream. Each is compared with its pin by [`zkvault_core::trust`] as it arrives, and
//!    its record is added unless the store has it already (`intake`). One that is, to the letter, what its pin was last
//!    moved to is not compared where that could find nothing
//!    ([`Pin::is_settled`](zkvault_core::trust::Pin::is_settled)).
//! 5. At the end of the stream the pins move where that is allowed, and `settle` decides for every site which copy is
//!    trusted, which is the candidate, and which records go.
//! 6. Index, details, histories and lists are written where they differ, then the head, and the transaction is
//!    committed. A new store of an account that is known is remembered before.
//! 7. The caller remembers the revision outside the store, and releases the lock;
//!    [`Vault::sync`](crate::vault::Vault::sync) does.
//!
//! An error or a kill before the commit leaves the store as it was, also when the stream breaks off in the middle
//! (`a_list_that_breaks_off_changes_nothing`): a list that is cut would look like sites that were deleted. A sync that
//! changes nothing writes the head alone, with its new time
//! (`a_first_sync_trusts_and_the_second_writes_nothing_but_its_time`).
//!
//! # Which copy is trusted afterwards
//!
//! | the service lists | trusted copy | candidate |
//! |---|---|---|
//! | the site as it is pinned, or a change that needs no consent | what it lists | none |
//! | a site that was never seen, at the first sync of the account | what it lists | none |
//! | a site that was never seen, later | none | what it lists |
//! | a changed address, an older state, a replaced or foreign value | the one from before | what it lists |
//! | nothing where a site is pinned | the one from before | none |
//! | a record that cannot be read | the one from before | the one from before |
//!
//! Users and groups are kept as they are listed, without pins: no key goes to anybody because of them (threat model,
//! Z22). Where an account may not list them, the store keeps the lists that it has ([`Synced::withheld`]).

mod accept;
mod baseline;
mod error;
pub(crate) mod groups;
mod intake;
mod restore;
mod service;
mod settle;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::value::RawValue;
use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::{ClientError, Transport};
use zkvault_core::model::OddRecord;
use zkvault_core::store::RecordKind;
use zkvault_core::trust::{Account, Assessment, Finding, Tampering, summary};
use zkvault_core::value::SealedGroupKey;

pub use self::accept::{accept, follow, followed};
pub use self::baseline::{Baseline, Damaged, KnownSite, Parts};
pub use self::error::SyncError;
use self::intake::{Intake, Taken};
pub use self::restore::Restoring;
use self::service::{Service, Source};
pub use self::settle::{Changes, SettledSite};
use self::settle::{Settlement, head};
use crate::progress::Progress;
use crate::store::{Entries, Entry, Head, KnownStores, Store, StoreError, StoreKeys, StoreLock};

type Result<T, E = SyncError> = std::result::Result<T, E>;

/// Which account is synced, and into which store.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// The store's file.
    pub path: &'a Path,
    /// The account: the host of the service, with its port and path where it has them.
    pub host: &'a str,
    /// The keys that open the store, and those that shall open it afterwards.
    pub keys: &'a StoreKeys,
    /// Held until the store is remembered.
    pub lock: &'a StoreLock,
    /// What is remembered of the stores that were written.
    pub known: &'a KnownStores,
    /// The file of that memory.
    pub memory: &'a Path,
    /// Write everything anew, also what did not change.
    pub rewrite: bool,
    /// Now, in seconds since 1970.
    pub now: u64,
}

/// The lists that are kept whole: JSON, or nothing where the service does not show them to this account. Nothing here
/// makes a sync fail: an account without the permission to list users still gets its sites.
#[derive(Debug, Default)]
struct Lists {
    users: Option<List>,
    groups: Option<List>,
    withheld: Vec<Withheld>,
    /// Users and groups that the service lists and that cannot be used.
    odd: Vec<OddRecord>,
}

/// A list as JSON, and how many are in it.
#[derive(Debug)]
struct List {
    json: Vec<u8>,
    count: u64,
    /// The ids, where they are known, of those that cannot be used: what is stored of them stays. An entry without an
    /// id keeps everything that is stored and not listed, since it may be any of it.
    odd: Vec<Option<u64>>,
}

/// A list that the service does not give to this account. The store keeps the one that it has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withheld {
    /// Which list.
    pub list: ListKind,
    /// What the service says, or why what it says cannot be used.
    pub error: ClientError,
}

/// A list that is kept whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKind {
    /// The users.
    Users,
    /// The groups.
    Groups,
}

impl ListKind {
    /// `users` or `groups`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "groups",
        }
    }
}

/// What the account was before.
///
/// It decides what a site without a pin means: trusted on first use, in need of review, or new since the last sync.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// Never synced.
    FirstUse,
    /// Synced before, and the store is gone.
    Unanchored,
    /// In the store.
    Known,
}

/// What was synced.
///
/// It holds the store open, as a reader of this revision.
#[derive(Debug)]
#[non_exhaustive]
pub struct Synced {
    /// The store as it is now. It has to be remembered outside itself: [`KnownStores::remember`].
    pub store: Store,
    /// What the account was before.
    pub before: Before,
    /// What changed.
    pub changes: Changes,
    /// Lists that the account may not read.
    pub withheld: Vec<Withheld>,
    /// Sites of which something was damaged in the store.
    pub damaged: Vec<u64>,
    /// Records that were not the store's own.
    pub strays: usize,
    /// Records that the service lists and that cannot be used. What the store has of them stays.
    pub odd: Vec<OddRecord>,
}

impl Synced {
    /// What was found at the sites that need review, each in a line that names its inputs by their names, in the order of
    /// [`Changes::attention`].
    ///
    /// The texts are those of the copy that the service lists, which is untrusted: escape control characters before a
    /// terminal shows them.
    ///
    /// # Errors
    ///
    /// [`SyncError::Store`].
    pub fn found(&self) -> Result<Vec<String>> {
        let index = self.store.index()?;
        let entries = Entries::new(index.expose_secret(), None);
        let entries: BTreeMap<u64, Entry<'_>> = entries
            .filter_map(|entry| Some((entry.as_ref().ok()?.id, entry.ok()?)))
            .collect();
        let line = |site: &SettledSite| {
            let entry = entries.get(&site.id);
            let served = entry.and_then(|entry| self.store.site(site.id, entry.served()?).ok());
            summary(&site.findings, served.as_ref())
        };
        Ok(self.changes.attention.iter().map(line).collect())
    }
}

/// Syncs: takes every site of the account from the service, compares it with its pin, and writes what changed.
/// `progress` counts sites, and expects as many as there were the last time.
///
/// [`SyncError::Service`] and a store that is busy are worth another attempt later; the client has repeated what may be
/// repeated. Memory grows with the number of sites: their entries, pins and digests are held, their other members are
/// not.
///
/// # Errors
///
/// [`SyncError`]; the store is then as it was before.
pub async fn run<T: Transport>(target: &Target<'_>, client: &LogMeOnce<T>, progress: &dyn Progress) -> Result<Synced> {
    run_from(target, &mut Service::new(client, progress)).await
}

/// The same from any source: tests give lists that no service would.
async fn run_from(target: &Target<'_>, source: &mut impl Source) -> Result<Synced> {
    let (mut store, before) = open(target)?;
    let parts = match before {
        Before::Known => Parts::open(&store)?,
        Before::FirstUse | Before::Unanchored => Parts::default(),
    };
    let mut baseline = match before {
        Before::Known => Baseline::records(&store, &parts)?,
        Before::FirstUse | Before::Unanchored => Baseline::default(),
    };
    // Before a record is added: the numbers of these rows are given out again.
    let lost: BTreeSet<u64> = baseline.damaged().rows.into_iter().collect();
    store.remove_all(baseline.strays.iter().chain(&lost))?;
    source.expect(store.head().sites());
    let mut odd = Vec::new();
    // Before the sites: the key of a site may be sealed under the one of a group.
    let mut lists = source.lists().await?;
    let mut keys = target.keys.opening.clone();
    keys.open_groups(&SealedGroupKey::list(&listed_groups(&store, &lists)));
    let taken = {
        let mut intake = Intake::new(&mut store, &mut baseline.sites, account(before), &keys, target.rewrite);
        while let Some(site) = source.next_site().await? {
            match site {
                Ok(site) => intake.add(&site)?,
                Err(site) => {
                    intake.set_aside(&site);
                    odd.push(site);
                }
            }
        }
        intake.finish()?
    };
    odd.extend(lists.odd.iter().cloned());
    let Taken {
        assessment,
        moved,
        arrived,
        unchanged,
        aside,
    } = taken;
    if has_lost_keys(&assessment) {
        // The trusted copies open with the groups that are stored.
        lists.groups = None;
    }
    let (damaged, strays) = (baseline.damaged(), baseline.strays.len());
    // Those of which the record opens, and the pin cannot be made.
    store.remove_all(damaged.rows.iter().filter(|row| !lost.contains(row)))?;
    let settled = settle::Before {
        parts: &parts,
        sites: baseline.sites,
        rewrite: target.rewrite,
    };
    let settlement = Settlement::new(&store, &moved, &aside);
    let changes = settlement.settle(settled, arrived, unchanged, &assessment)?;
    let head = head(store.head(), &changes, store.next_revision(), target.now);
    let withheld = lists.withheld.clone();
    let head = put_lists(&store, head, lists)?;
    if before == Before::Unanchored {
        KnownStores::announce(&store, &head, target.memory, target.lock)?;
    }
    store.commit(head)?;
    Ok(Synced {
        store,
        before,
        changes,
        withheld,
        damaged: damaged.sites,
        strays,
        odd,
    })
}

/// Whether the key of a site does not open any more.
///
/// The list of groups is not replaced then: a service that drops or exchanges the key of a group would otherwise make
/// the trusted copies of its sites unreadable (threat model, Z62).
fn has_lost_keys(assessment: &Assessment) -> bool {
    let lost = Finding::Tampered(Tampering::SiteKeyLost);
    assessment.sites().iter().any(|site| site.findings().contains(&lost))
}

/// The groups that the service lists, or where it does not those that the store has.
fn listed_groups(store: &Store, lists: &Lists) -> Vec<u8> {
    match &lists.groups {
        Some(groups) => groups.json.clone(),
        None => groups::stored(store),
    }
}

/// Opens the account's store, or makes one.
///
/// A store that is gone of an account that is remembered is made anew without trust ([`Before::Unanchored`]): deleting
/// a file must not make every site count as seen for the first time.
fn open(target: &Target<'_>) -> Result<(Store, Before)> {
    let Target { lock, .. } = *target;
    let Some(store) = Store::open_to_write(target.path, target.keys, lock)? else {
        let before = match target.known.knows(target.host) {
            true => Before::Unanchored,
            false => Before::FirstUse,
        };
        return Ok((Store::create(target.path, target.host, target.keys, lock)?, before));
    };
    let Head { host, .. } = store.head();
    if host != target.host {
        return Err(SyncError::OtherAccount {
            stored: host.clone(),
            asked: target.host.to_owned(),
        });
    }
    target.known.check(store.id(), store.head())?;
    Ok((store, Before::Known))
}

fn account(before: Before) -> Account<'static> {
    match before {
        Before::FirstUse => Account::FirstUse,
        Before::Unanchored => Account::Unanchored,
        Before::Known => Account::Stored,
    }
}

/// Writes the lists that changed.
fn put_lists(store: &Store, mut head: Head, lists: Lists) -> Result<Head, StoreError> {
    let revision = store.next_revision();
    if let Some(users) = lists.users {
        let users = with_kept(store, RecordKind::Users, users)?;
        if !store.part_is(RecordKind::Users, &users.json) {
            store.put_part(RecordKind::Users, &users.json)?;
            head.parts.users = revision;
        }
        head.users = users.count;
    }
    if let Some(groups) = lists.groups {
        let groups = with_kept(store, RecordKind::Groups, groups)?;
        if !store.part_is(RecordKind::Groups, &groups.json) {
            store.put_part(RecordKind::Groups, &groups.json)?;
            head.parts.groups = revision;
        }
        head.groups = groups.count;
    }
    Ok(head)
}

/// A list with what is stored of those that the service lists and that cannot be used.
fn with_kept(store: &Store, kind: RecordKind, list: List) -> Result<List, StoreError> {
    let stored = match list.odd.is_empty() {
        true => None,
        false => store.list(kind)?,
    };
    let Some(stored) = stored else { return Ok(list) };
    let read = |json: &[u8]| serde_json::from_slice::<Vec<Box<RawValue>>>(json).map_err(StoreError::json("a list"));
    let mut items = read(&list.json)?;
    let known: Vec<Option<u64>> = items.iter().map(|item| id_of(item)).collect();
    let any = list.odd.contains(&None);
    items.extend(read(stored.expose_secret())?.into_iter().filter(|item| {
        let id = id_of(item);
        !known.contains(&id) && (any || list.odd.contains(&id))
    }));
    Ok(List {
        json: serde_json::to_vec(&items).map_err(StoreError::json("a list"))?,
        count: items.len() as u64,
        odd: list.odd,
    })
}

fn id_of(record: &RawValue) -> Option<u64> {
    #[derive(serde::Deserialize)]
    struct Numbered {
        id: u64,
    }
    serde_json::from_str::<Numbered>(record.get())
        .ok()
        .map(|numbered| numbered.id)
}
