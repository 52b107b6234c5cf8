//! Syncs without a network: what becomes of a store when honest and other servers list their sites.

mod accepted;
mod lists;

use std::sync::Arc;

use serde_json::{Value, json};
use zkvault_core::key::VaultKey;
use zkvault_core::store::StoreId;
use zkvault_core::trust::{Finding, FirstSeen};
use zkvault_core::value::{ValueContext, seal_bound};

use super::*;
use crate::store::{Entries, Entry, Histories, Standing};
use zkvault_core::model::{Record as _, Site};

/// What a service lists.
#[derive(Default)]
struct Account {
    sites: Vec<Value>,
    lists: Lists,
    /// Fails after the sites.
    breaks_off: bool,
}

impl Source for Account {
    async fn next_site(&mut self) -> Result<Option<Result<Site, OddRecord>>> {
        match (self.sites.is_empty(), self.breaks_off) {
            (true, true) => return Err(SyncError::NoPin(0)),
            (true, false) => return Ok(None),
            (false, _) => {}
        }
        Ok(Some(Site::from_json(&self.sites.remove(0).to_string())))
    }

    async fn lists(&mut self) -> Result<Lists> {
        Ok(std::mem::take(&mut self.lists))
    }
}

/// Nothing here waits, so a future is ready at once.
fn sync(target: &Target<'_>, mut account: Account) -> Result<Synced> {
    let synced = std::pin::pin!(run_from(target, &mut account));
    match synced.poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
        std::task::Poll::Ready(synced) => synced,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

struct World {
    folder: tempfile::TempDir,
    key: Arc<VaultKey>,
    sites: Vec<Value>,
}

impl World {
    /// Three sites, each with one bound value.
    fn new() -> Self {
        let mut world = Self {
            folder: tempfile::tempdir().unwrap(),
            key: Arc::new(VaultKey::generate().unwrap()),
            sites: Vec::new(),
        };
        world.sites = (1..=3).map(|id| world.site(id, 1000)).collect();
        world
    }

    fn site(&self, id: u64, updated: u64) -> Value {
        let place = ValueContext {
            site_id: id,
            input_type: "password",
            input_name: "[\"pass\"]",
        };
        json!({
            "id": id, "name": format!("Site {id}"), "updated": updated, "used": 0,
            "login": {"Url": format!("https://{id}.example/login"), "inputs": [{
                "name": place.input_name, "type": place.input_type,
                "value": seal_bound(&self.key, &place, "secret").unwrap(),
            }]},
        })
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("store.db")
    }

    fn memory(&self) -> std::path::PathBuf {
        self.folder.path().join("known.json")
    }

    fn keys(&self) -> StoreKeys {
        StoreKeys::of_keys(vec![Arc::clone(&self.key)])
    }

    fn lock(&self) -> StoreLock {
        StoreLock::take(&self.path()).unwrap()
    }

    /// Everything that a sync needs, with the lock held.
    fn places(&self) -> Places {
        Places {
            path: self.path(),
            keys: self.keys(),
            lock: self.lock(),
            known: KnownStores::read(&self.memory(), None).unwrap(),
            memory: self.memory(),
        }
    }

    fn sync_as(&self, host: &str, rewrite: bool) -> Result<Synced> {
        let mut places = self.places();
        let target = Target {
            host,
            rewrite,
            ..places.target()
        };
        let synced = sync(
            &target,
            Account {
                sites: self.sites.clone(),
                ..Account::default()
            },
        )?;
        let Places {
            known, memory, lock, ..
        } = &mut places;
        known
            .remember(synced.store.id(), synced.store.head(), memory, lock)
            .unwrap();
        Ok(synced)
    }

    fn sync(&self) -> Synced {
        self.sync_as("acme.example", false).unwrap()
    }

    fn attack(&self, statements: &str) {
        rusqlite::Connection::open(self.path())
            .unwrap()
            .execute_batch(statements)
            .unwrap();
    }
}

/// What a target borrows.
struct Places {
    path: std::path::PathBuf,
    keys: StoreKeys,
    lock: StoreLock,
    known: KnownStores,
    memory: std::path::PathBuf,
}

impl Places {
    /// A sync of the account at a time.
    fn target(&self) -> Target<'_> {
        Target {
            path: &self.path,
            host: "acme.example",
            keys: &self.keys,
            lock: &self.lock,
            known: &self.known,
            memory: &self.memory,
            rewrite: false,
            now: 5,
        }
    }
}

fn entries(store: &Store) -> Vec<Entry<'static>> {
    let (index, details) = (store.index().unwrap(), store.details().unwrap());
    Entries::new(index.expose_secret(), Some(details.expose_secret()))
        .map(|entry| entry.unwrap().into_owned())
        .collect()
}

fn standings(synced: &Synced) -> Vec<Standing> {
    entries(&synced.store).iter().map(|entry| entry.standing).collect()
}

fn rows(store: &Store) -> usize {
    let mut rows = 0;
    store
        .records(|_, _| {
            rows += 1;
            Ok(())
        })
        .unwrap();
    rows
}

#[test]
fn a_first_sync_trusts_and_the_second_writes_nothing_but_its_time() {
    let world = World::new();
    let first = world.sync();
    assert_eq!((first.before, first.changes.added), (Before::FirstUse, 3));
    assert_eq!(standings(&first), [Standing::FirstUse; 3]);
    drop(first);
    let second = world.sync();
    assert_eq!(
        (second.before, second.changes.added, second.changes.updated),
        (Before::Known, 0, 0)
    );
    assert_eq!(standings(&second), [Standing::Ok; 3]);
    assert!(second.changes.wrote_index && !second.changes.wrote_histories);
    drop(second);
    let third = world.sync();
    assert!(!third.changes.wrote_index && !third.changes.wrote_histories);
    assert_eq!((third.store.head().revision, rows(&third.store)), (3, 3));
    drop(third);
    let full = world.sync_as("acme.example", true).unwrap();
    assert!(full.changes.wrote_index && full.changes.updated == 0);
    let slots = entries(&full.store)
        .into_iter()
        .map(|entry| entry.trusted.unwrap().revision);
    assert_eq!(slots.collect::<Vec<_>>(), [4; 3]);
    assert_eq!(rows(&full.store), 3);
}

#[test]
fn an_honest_change_replaces_the_copy_and_a_redirected_site_is_kept_beside_it() {
    let mut world = World::new();
    drop(world.sync());
    world.sites[0] = world.site(1, 2000);
    world.sites[1]["login"]["Url"] = json!("https://evil.example/login");
    for round in 0..2 {
        let synced = world.sync();
        assert_eq!(
            standings(&synced),
            [Standing::Ok, Standing::MetadataChanged, Standing::Ok],
            "{round}"
        );
        assert_eq!(synced.changes.updated, u64::from(round == 0));
        let [one, two, _] = entries(&synced.store).try_into().unwrap();
        assert_eq!((one.candidate, one.updated), (None, Some(2000)));
        // The old copy is what is shown, and the other waits.
        assert_eq!(two.origin.as_deref(), Some("https://2.example"));
        let (trusted, candidate) = (two.trusted.unwrap(), two.candidate.unwrap());
        let url = |slot| synced.store.site(2, slot).unwrap().login.unwrap().url.unwrap();
        assert_eq!(
            (url(trusted).as_str(), url(candidate).as_str()),
            ("https://2.example/login", "https://evil.example/login")
        );
        assert_eq!(synced.store.findings(&two).unwrap().len(), 2, "origin and address");
        assert_eq!(rows(&synced.store), 5, "three copies, a candidate, findings");
        drop(synced);
    }
    // The server behaves again.
    world.sites[1]["login"]["Url"] = json!("https://2.example/login");
    let synced = world.sync();
    assert_eq!((standings(&synced), rows(&synced.store)), (vec![Standing::Ok; 3], 3));
}

#[test]
fn missing_rolled_back_swapped_and_repeated_sites_keep_their_copies() {
    let mut world = World::new();
    let original = world.sites.clone();
    drop(world.sync());
    world.sites[0] = world.site(1, 2000);
    drop(world.sync());
    world.sites[0] = original[0].clone();
    let value = world.sites[2]["login"]["inputs"][0]["value"].clone();
    world.sites[1]["login"]["inputs"][0]["value"] = value;
    world.sites.push(world.sites[2].clone());
    world.sites[3]["used"] = json!(7);
    let synced = world.sync();
    assert_eq!(
        standings(&synced),
        [Standing::RolledBack, Standing::Tampered, Standing::Tampered]
    );
    assert_eq!(entries(&synced.store)[0].updated, Some(2000));
    assert_eq!(synced.changes.attention.len(), 3);
    drop(synced);
    world.sites = vec![original[1].clone()];
    let synced = world.sync();
    assert_eq!(standings(&synced), [Standing::Missing, Standing::Ok, Standing::Missing]);
    assert_eq!(rows(&synced.store), 3);
    let copies = entries(&synced.store);
    assert!(
        copies
            .iter()
            .all(|entry| synced.store.site(entry.id, entry.trusted.unwrap()).is_ok())
    );
}

#[test]
fn copies_that_are_the_same_to_the_letter_count_once() {
    let mut world = World::new();
    let copies = world.sites.clone();
    world.sites.extend(copies);
    let first = world.sync();
    assert_eq!(standings(&first), [Standing::FirstUse; 3]);
    assert_eq!((first.changes.added, rows(&first.store)), (3, 3));
    drop(first);
    for rewrite in [false, true] {
        let synced = world.sync_as("acme.example", rewrite).unwrap();
        assert_eq!((standings(&synced), rows(&synced.store)), (vec![Standing::Ok; 3], 3));
    }
    // Also of a copy that waits for a person.
    for place in [0, 3] {
        world.sites[place]["login"]["Url"] = json!("https://evil.example/login");
    }
    for _ in 0..2 {
        let synced = world.sync();
        assert_eq!(standings(&synced)[0], Standing::MetadataChanged);
    }
}

#[test]
fn a_copy_that_differs_from_the_first_is_tampering_whatever_follows_it() {
    for order in [[0, 1, 0], [0, 1, 1], [1, 0, 0], [0, 0, 1]] {
        let mut world = World::new();
        let mut other = world.sites[0].clone();
        other["used"] = json!(7);
        let copies = [world.sites.remove(0), other];
        world.sites.extend(order.map(|copy| copies[copy].clone()));
        for _ in 0..2 {
            let synced = world.sync();
            assert_eq!(standings(&synced)[0], Standing::Tampered, "{order:?}");
        }
    }
}

#[test]
fn a_site_that_comes_later_is_not_trusted_and_goes_again_without_a_trace() {
    let mut world = World::new();
    drop(world.sync());
    world.sites.push(world.site(4, 1));
    let synced = world.sync();
    let new = entries(&synced.store).pop().unwrap();
    assert_eq!(
        (new.standing, new.trusted, new.candidate.is_some()),
        (Standing::New, None, true)
    );
    assert_eq!(new.name.as_deref(), Some("Site 4"));
    assert_eq!(synced.store.findings(&new).unwrap(), [Finding::New(FirstSeen::Later)]);
    drop(synced);
    assert_eq!(standings(&world.sync())[3], Standing::New);
    world.sites.pop();
    let synced = world.sync();
    assert_eq!(
        (standings(&synced).len(), rows(&synced.store), synced.changes.dropped),
        (3, 3, 1)
    );
}

#[test]
fn an_account_whose_store_is_gone_is_not_trusted_again() {
    let world = World::new();
    drop(world.sync());
    std::fs::remove_file(world.path()).unwrap();
    for before in [Before::Unanchored, Before::Known, Before::Known] {
        let synced = world.sync();
        assert_eq!(
            (synced.before, standings(&synced)),
            (before, vec![Standing::Unanchored; 3])
        );
        assert!(entries(&synced.store).iter().all(|entry| entry.trusted.is_none()));
    }
}

#[test]
fn an_older_store_and_another_account_are_refused() {
    let world = World::new();
    drop(world.sync());
    let older = std::fs::read(world.path()).unwrap();
    drop(world.sync());
    assert_eq!(
        world.sync_as("other.example", false).unwrap_err().code(),
        "other-account"
    );
    std::fs::write(world.path(), older).unwrap();
    assert_eq!(world.sync_as("acme.example", false).unwrap_err().code(), "store-stale");
}

#[test]
fn a_damaged_site_is_named_and_new_and_the_others_are_as_before() {
    for attack in [
        "DELETE FROM record WHERE row = 2",
        "UPDATE record SET sealed = x'00' WHERE row = 2",
    ] {
        let world = World::new();
        drop(world.sync());
        world.attack(attack);
        let synced = world.sync();
        assert_eq!((&synced.damaged[..], synced.strays), (&[2][..], 0), "{attack}");
        assert_eq!(standings(&synced), [Standing::Ok, Standing::New, Standing::Ok]);
        assert_eq!(rows(&synced.store), 3);
        drop(synced);
        let again = world.sync();
        assert!(again.damaged.is_empty());
        assert_eq!(standings(&again), [Standing::Ok, Standing::New, Standing::Ok]);
    }
    // The number of the last row is given out again.
    let world = World::new();
    drop(world.sync());
    world.attack("DELETE FROM record WHERE row = 3");
    assert_eq!(world.sync().damaged, [3]);
    assert!(world.sync().damaged.is_empty());
    let world = World::new();
    drop(world.sync());
    world.attack("INSERT INTO record SELECT 9, sealed FROM record WHERE row = 1");
    let synced = world.sync();
    assert_eq!((synced.damaged.len(), synced.strays, rows(&synced.store)), (0, 1, 3));
    drop(synced);
    for part in [3, 6, 2] {
        world.attack(&format!("DELETE FROM part WHERE kind = {part}"));
        assert_eq!(
            world.sync_as("acme.example", false).unwrap_err().code(),
            "store-damaged"
        );
    }
}

#[test]
fn a_list_that_breaks_off_changes_nothing() {
    let world = World::new();
    drop(world.sync());
    let places = world.places();
    let target = Target {
        rewrite: true,
        now: 9,
        ..places.target()
    };
    let account = Account {
        sites: vec![world.site(1, 9000)],
        breaks_off: true,
        ..Account::default()
    };
    assert_eq!(sync(&target, account).unwrap_err().code(), "internal");
    let store = Store::open(&places.path, &places.keys).unwrap().unwrap();
    assert_eq!((store.head().revision, rows(&store), store.head().synced), (1, 3, 5));
}

#[test]
fn what_a_full_sync_replaced_takes_no_room_for_long() {
    let mut world = World::new();
    world.sites = (1..=400).map(|id| world.site(id, 1000)).collect();
    let size = || std::fs::metadata(world.path()).unwrap().len();
    drop(world.sync());
    let before = size();
    drop(world.sync_as("acme.example", true).unwrap());
    assert!(size() < before * 5 / 4, "{} after {before}", size());
}

#[test]
fn a_history_without_a_site_is_damage() {
    let world = World::new();
    world.sync();
    let lock = StoreLock::take(&world.path()).unwrap();
    let store = Store::open_to_write(&world.path(), &world.keys(), &lock).unwrap();
    let mut store = store.unwrap();
    let load = |store: &Store| {
        let parts = Parts::open(store)?;
        Baseline::load(store, &parts).map(|(_, pins)| pins.len())
    };
    assert_eq!(load(&store).unwrap(), 3);
    let mut part = store.histories().unwrap().expose_secret().to_vec();
    Histories::add(&mut part, &[0, 2]);
    store.put_part(RecordKind::Histories, &part).unwrap();
    let mut head = store.head().clone();
    head.parts.histories = store.next_revision();
    store.commit(head).unwrap();
    assert_eq!(load(&store).unwrap_err().code(), "store-damaged");
}

#[test]
fn a_new_store_of_a_known_account_is_remembered_before_it_is_there() {
    let world = World::new();
    // The keyring was on a different machine, which has a store of this account.
    let mut keyring = crate::cheap::keyring();
    let (elsewhere, head) = (StoreId::from_bytes([1; 16]), Head::new("acme.example"));
    let mut known = KnownStores::default();
    known.remember_in(elsewhere, &head, &mut keyring).unwrap();
    let known = || KnownStores::read(&world.memory(), Some(&keyring)).unwrap();
    let lock = world.lock();
    // Killed before the first commit: nothing is there, and the next sync begins anew.
    let store = Store::create(&world.path(), "acme.example", &world.keys(), &lock).unwrap();
    KnownStores::announce(&store, &head, &world.memory(), &lock).unwrap();
    drop(store);
    let sync = |known: &KnownStores| {
        let target = Target {
            path: &world.path(),
            host: "acme.example",
            keys: &world.keys(),
            lock: &lock,
            known,
            memory: &world.memory(),
            rewrite: false,
            now: 5,
        };
        sync(&target, Account::default())
    };
    assert_eq!(sync(&known()).unwrap().before, Before::Unanchored);
    // Killed after it: the store is the one that is expected.
    assert_eq!(sync(&known()).unwrap().before, Before::Known);
}
