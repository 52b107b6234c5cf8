//! The store's file, attacked from outside: every region deleted, swapped, put back and flipped.

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::Connection;
use zkvault_core::key::VaultKey;
use zkvault_core::keyring::{KeyOrigin, NewKey};

use super::*;
use crate::cheap::keyring;

/// A folder with a store in it, and the key that opens it.
struct Shelf {
    folder: tempfile::TempDir,
    key: Arc<VaultKey>,
}

fn key_set(key: &Arc<VaultKey>) -> StoreKeys {
    StoreKeys::of_keys(vec![Arc::clone(key)])
}

impl Shelf {
    /// A store of two sites with the numbers 1 and 2.
    fn new() -> Self {
        let shelf = Self {
            folder: tempfile::tempdir().unwrap(),
            key: Arc::new(VaultKey::generate().unwrap()),
        };
        let lock = StoreLock::take(&shelf.path()).unwrap();
        let mut store = Store::create(&shelf.path(), "acme.example", &key_set(&shelf.key), &lock).unwrap();
        shelf.write(&mut store, "one");
        shelf
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("data").join("store.db")
    }

    /// Writes a revision in which both sites have this name.
    fn write(&self, store: &mut Store, name: &str) {
        let (mut index, mut head) = (Writer::new(), store.head().clone());
        for id in [1, 2] {
            let json = format!(r#"{{"id":{id},"name":"{name}"}}"#);
            let slot = store.add(RecordKind::Site, id, json.as_bytes()).unwrap();
            index.add(&entry(id, slot, name));
        }
        let (index, details) = index.finish();
        store.put_part(RecordKind::Index, &index).unwrap();
        store.put_part(RecordKind::Details, &details).unwrap();
        store.put_part(RecordKind::Histories, b"\x01").unwrap();
        head.parts.index = store.next_revision();
        head.parts.details = store.next_revision();
        head.parts.histories = store.next_revision();
        store.commit(head).unwrap();
    }

    fn open(&self) -> Result<Option<Store>> {
        Store::open(&self.path(), &key_set(&self.key))
    }

    /// What a reader gets of both sites, or the code of the error that stops it.
    fn read(&self) -> [std::result::Result<String, &'static str>; 2] {
        let read = |id: usize| {
            let store = self.open().map_err(|error| error.code())?.ok_or("none")?;
            let index = store.index().map_err(|error| error.code())?;
            let entry = Entries::new(index.expose_secret(), None).nth(id).ok_or("no entry")?;
            let entry = entry.map_err(|_| "malformed")?;
            let site = store.site(entry.id, entry.candidate.unwrap());
            Ok(site.map_err(|error| error.code())?.name.unwrap())
        };
        [read(0), read(1)]
    }

    /// Does something to the file behind the store's back.
    fn attack(&self, statements: &str) {
        let connection = Connection::open(self.path()).unwrap();
        connection.execute_batch(statements).unwrap();
    }
}

fn entry(id: u64, slot: Slot, name: &str) -> Entry<'static> {
    Entry {
        id,
        standing: Standing::New,
        trusted: None,
        candidate: Some(slot),
        findings: None,
        updated: None,
        name: Some(name.to_owned().into()),
        url: None,
        origin: None,
    }
}

fn ok(name: &str) -> std::result::Result<String, &'static str> {
    Ok(name.to_owned())
}

#[test]
fn what_was_written_is_read_and_nothing_of_it_is_in_the_file() {
    let shelf = Shelf::new();
    assert_eq!(shelf.read(), [ok("one"), ok("one")]);
    let lock = StoreLock::take(&shelf.path()).unwrap();
    let mut store = Store::open_to_write(&shelf.path(), &key_set(&shelf.key), &lock)
        .unwrap()
        .unwrap();
    shelf.write(&mut store, "canary-c0ffee");
    drop(store);
    assert_eq!(shelf.read(), [ok("canary-c0ffee"), ok("canary-c0ffee")]);
    for file in std::fs::read_dir(shelf.path().parent().unwrap()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        for canary in [&b"canary"[..], b"acme.example", b"\"name\""] {
            assert!(
                !bytes.windows(canary.len()).any(|window| window == canary),
                "{canary:?}"
            );
        }
    }
}

#[test]
fn a_site_whose_record_is_gone_swapped_or_changed_is_damaged_and_the_other_is_not() {
    let bad = Err("site-damaged");
    let cases = [
        ("DELETE FROM record WHERE row = 1", [bad.clone(), ok("one")]),
        (
            "UPDATE record SET sealed = (SELECT sealed FROM record WHERE row = 2) WHERE row = 1",
            [bad.clone(), ok("one")],
        ),
        (
            "UPDATE record SET row = -row; UPDATE record SET row = 3 + row",
            [bad.clone(), bad.clone()],
        ),
        (
            "UPDATE record SET sealed = zeroblob(100) WHERE row = 2",
            [ok("one"), bad.clone()],
        ),
        ("UPDATE record SET sealed = x'' WHERE row = 2", [ok("one"), bad]),
        (
            "INSERT INTO record SELECT 9, sealed FROM record WHERE row = 1",
            [ok("one"), ok("one")],
        ),
    ];
    for (attack, expected) in cases {
        let shelf = Shelf::new();
        shelf.attack(attack);
        assert_eq!(shelf.read(), expected, "{attack}");
    }
}

#[test]
fn a_row_put_back_from_an_earlier_revision_is_damaged() {
    for table in ["record", "part"] {
        let shelf = Shelf::new();
        shelf.attack(&format!("CREATE TABLE old AS SELECT * FROM {table}"));
        let lock = StoreLock::take(&shelf.path()).unwrap();
        let mut store = Store::open_to_write(&shelf.path(), &key_set(&shelf.key), &lock)
            .unwrap()
            .unwrap();
        // In the same rows, as SQLite gives them out again.
        store.remove(1).unwrap();
        store.remove(2).unwrap();
        shelf.write(&mut store, "two");
        drop(store);
        assert_eq!(shelf.read(), [ok("two"), ok("two")]);
        let expected = match table {
            "record" => "site-damaged",
            _ => "store-damaged",
        };
        let back = match table {
            "record" => "UPDATE record SET sealed = (SELECT sealed FROM old WHERE old.row = record.row)",
            // The index alone, without the head that named it.
            _ => "UPDATE part SET sealed = (SELECT sealed FROM old WHERE kind = 2) WHERE kind = 2",
        };
        shelf.attack(back);
        assert_eq!(shelf.read(), [Err(expected), Err(expected)], "{table}");
    }
}

#[test]
fn without_its_parts_or_with_others_nothing_is_believed() {
    let cases = [
        ("DELETE FROM part WHERE kind = 1", "store-damaged"),
        ("DELETE FROM part WHERE kind = 2", "store-damaged"),
        (
            "UPDATE part SET sealed = (SELECT sealed FROM part WHERE kind = 1) WHERE kind = 2",
            "store-damaged",
        ),
        (
            "UPDATE part SET kind = -kind; UPDATE part SET kind = 7 + kind",
            "store-damaged",
        ),
        ("DELETE FROM store", "store-damaged"),
        ("UPDATE store SET store_id = zeroblob(16)", "no-key"),
        ("UPDATE store SET store_id = zeroblob(15)", "store-damaged"),
        ("DELETE FROM store_key", "no-key"),
        ("UPDATE store_key SET sealed = zeroblob(104)", "no-key"),
        ("UPDATE store_key SET key_id = x'00000000'", "no-key"),
        ("UPDATE store_key SET key_id = x'00'", "store-damaged"),
        ("DROP TABLE record", "store-damaged"),
        ("PRAGMA user_version = 6", "newer-store"),
        ("PRAGMA user_version = 4", "pre-release"),
        ("PRAGMA user_version = 1", "pre-release"),
        ("PRAGMA application_id = 1", "store-damaged"),
    ];
    for (attack, code) in cases {
        let shelf = Shelf::new();
        shelf.attack(attack);
        assert_eq!(shelf.read(), [Err(code), Err(code)], "{attack}");
    }
}

#[test]
fn every_flipped_byte_of_the_file_is_noticed_or_means_nothing() {
    let shelf = Shelf::new();
    let good = std::fs::read(shelf.path()).unwrap();
    for position in (0..good.len()).step_by(509) {
        let mut bad = good.clone();
        bad[position] ^= 0x55;
        std::fs::write(shelf.path(), bad).unwrap();
        for read in shelf.read() {
            assert!(read.is_err() || read == ok("one"), "byte {position}: {read:?}");
        }
        // SQLite may have begun a log beside it.
        for end in ["-wal", "-shm"] {
            let _ = std::fs::remove_file(shelf.path().with_extension(format!("db{end}")));
        }
    }
}

#[test]
fn cut_empty_and_foreign_files_are_refused_or_no_store() {
    let shelf = Shelf::new();
    let good = std::fs::read(shelf.path()).unwrap();
    std::fs::write(shelf.path(), "").unwrap();
    assert!(shelf.open().unwrap().is_none(), "killed before the first commit");
    for length in [1, 50, 100, 4096, good.len() / 2, good.len() - 1] {
        std::fs::write(shelf.path(), &good[..length]).unwrap();
        for read in shelf.read() {
            assert!(read.is_err() || read == ok("one"), "{length}: {read:?}");
        }
    }

    std::fs::write(shelf.path(), "no database at all, and longer than a header of one").unwrap();
    assert_eq!(shelf.open().unwrap_err().code(), "store-damaged");
}

#[test]
fn another_key_does_not_open_it_and_one_that_was_admitted_does() {
    let shelf = Shelf::new();
    let other = Arc::new(VaultKey::generate().unwrap());
    assert_eq!(
        Store::open(&shelf.path(), &key_set(&other)).unwrap_err().code(),
        "no-key"
    );
    let both = StoreKeys::of_keys(vec![Arc::clone(&shelf.key), Arc::clone(&other)]);
    let lock = StoreLock::take(&shelf.path()).unwrap();
    let mut store = Store::open_to_write(&shelf.path(), &both, &lock).unwrap().unwrap();
    shelf.write(&mut store, "two");
    assert!(Store::open(&shelf.path(), &key_set(&other)).unwrap().is_some());
    assert!(shelf.open().unwrap().is_some());
}

/// Everything that the file has of sealed records, by its columns.
fn sealed_columns(shelf: &Shelf) -> Vec<Vec<u8>> {
    let connection = Connection::open(shelf.path()).unwrap();
    let all = "SELECT sealed FROM part UNION ALL SELECT sealed FROM record UNION ALL SELECT sealed FROM store_key";
    let mut query = connection.prepare(all).unwrap();
    let rows = query.query_map([], |row| row.get(0)).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn z46_a_store_of_key_files_becomes_personal_under_a_new_key_and_opens_with_no_vault_key_any_more() {
    let (shelf, mut keyring) = (Shelf::new(), keyring());
    let details = NewKey {
        label: "shared",
        origin: KeyOrigin::Imported,
        created: 0,
        vendor_id: None,
        replaces: None,
    };
    keyring.keys_mut().add(Arc::clone(&shelf.key), details).unwrap();
    let mut personal = StoreKeys::of_keyring(&keyring);
    let before = sealed_columns(&shelf);
    assert_eq!(Store::open(&shelf.path(), &personal).unwrap_err().code(), "no-key");

    let lock = StoreLock::take(&shelf.path()).unwrap();
    let change = |keys: &StoreKeys| {
        let mut store = Store::open_to_write(&shelf.path(), keys, &lock).unwrap().unwrap();
        assert_eq!(store.head().revision, if store.was_sealed_again() { 1 } else { 2 });
        let again = store.was_sealed_again();
        store.commit(store.head().clone()).unwrap();
        again
    };
    assert!(change(&personal));
    let read = |keys: &StoreKeys| {
        let store = Store::open(&shelf.path(), keys).map_err(|error| error.code())?.unwrap();
        let index = store.index().map_err(|error| error.code())?;
        let entry = Entries::new(index.expose_secret(), None).next().unwrap().unwrap();
        let site = store.site(1, entry.candidate.unwrap()).map_err(|error| error.code())?;
        Ok::<_, &str>(site.name.unwrap())
    };
    assert_eq!(read(&personal), Ok("one".to_owned()));
    assert_eq!(shelf.open().unwrap_err().code(), "no-key");
    let after = sealed_columns(&shelf);
    assert!(
        after.iter().all(|sealed| !before.contains(sealed)),
        "something was not sealed again"
    );
    assert!(!change(&personal), "once is enough");

    keyring.renew_personal_key().unwrap();
    let former = std::mem::replace(&mut personal, StoreKeys::of_keyring(&keyring));
    assert_eq!(read(&personal), Ok("one".to_owned()), "the former key still opens it");
    let mut store = Store::open_to_write(&shelf.path(), &personal, &lock).unwrap().unwrap();
    assert!(store.was_sealed_again());
    store.commit(store.head().clone()).unwrap();
    assert_eq!(read(&personal), Ok("one".to_owned()));
    assert_eq!(read(&former), Err("no-key"));
}

/// The id of a personal key would link what belongs to one person, so the file has none.
#[test]
fn a_personal_store_names_no_key_and_has_one_wrap_only() {
    let (shelf, keyring) = (Shelf::new(), keyring());
    let keys = StoreKeys::of_keyring(&keyring);
    let lock = StoreLock::take(&shelf.path()).unwrap();
    let mut store = Store::replace(&shelf.path(), "acme.example", &keys, &lock).unwrap();
    shelf.write(&mut store, "mine");
    drop(store);
    let (count, bytes): (i64, i64) = Connection::open(shelf.path())
        .unwrap()
        .query_row("SELECT count(*), sum(length(key_id)) FROM store_key", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .unwrap();
    assert_eq!((count, bytes), (1, 0));
    assert!(Store::open(&shelf.path(), &keys).unwrap().is_some());
    // A second wrap beside it, under a key that others have too.
    shelf.attack("INSERT INTO store_key SELECT x'01020304', sealed FROM store_key");
    assert_eq!(Store::open(&shelf.path(), &keys).unwrap_err().code(), "store-damaged");
}

#[test]
fn one_writes_while_others_read_the_state_before() {
    let shelf = Shelf::new();
    let lock = StoreLock::take(&shelf.path()).unwrap();
    assert_eq!(StoreLock::take(&shelf.path()).unwrap_err().code(), "busy");
    let reader = shelf.open().unwrap().unwrap();
    let mut store = Store::open_to_write(&shelf.path(), &key_set(&shelf.key), &lock)
        .unwrap()
        .unwrap();
    store.add(RecordKind::Site, 3, b"{}").unwrap();
    assert_eq!(shelf.read(), [ok("one"), ok("one")]);
    shelf.write(&mut store, "two");
    assert_eq!(shelf.read(), [ok("two"), ok("two")]);
    assert_eq!(reader.head().revision, 1, "a reader keeps the moment that it opened");
    assert!(reader.index().is_ok());
    drop(store);
    // Dropped without a commit: nothing happened.
    let store = Store::open_to_write(&shelf.path(), &key_set(&shelf.key), &lock)
        .unwrap()
        .unwrap();
    store.remove(1).unwrap();
    drop(store);
    assert_eq!(shelf.read(), [ok("two"), ok("two")]);
    drop(lock);
    assert!(StoreLock::take(&shelf.path()).is_ok());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_its_files() {
    use std::os::unix::fs::PermissionsExt as _;
    let shelf = Shelf::new();
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let _reader = shelf.open().unwrap();
    let folder = shelf.path().parent().unwrap().to_owned();
    assert_eq!(mode(&folder), 0o700);
    let names: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().path())
        .collect();
    assert!(names.len() > 1, "{names:?}");
    for name in names {
        assert_eq!(mode(&name), 0o600, "{name:?}");
    }
}

/// What was sealed to a key that is retired later should not lie about.
#[test]
fn what_was_removed_is_wiped_from_the_file() {
    let shelf = Shelf::new();
    let sealed: Vec<u8> = Connection::open(shelf.path())
        .unwrap()
        .query_row("SELECT sealed FROM record WHERE row = 1", [], |row| row.get(0))
        .unwrap();
    let is_there = || {
        let file = std::fs::read(shelf.path()).unwrap();
        file.windows(sealed.len()).any(|window| window == sealed)
    };
    assert!(is_there());
    let lock = StoreLock::take(&shelf.path()).unwrap();
    let mut store = Store::open_to_write(&shelf.path(), &key_set(&shelf.key), &lock)
        .unwrap()
        .unwrap();
    store.remove(1).unwrap();
    store.commit(store.head().clone()).unwrap();
    drop(store);
    assert!(!is_there());
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(12))]
    #[test]
    fn a_lookup_finds_what_a_whole_index_has(
        names in proptest::collection::vec("[aAbB\u{e9}\u{c9}\0]{0,2}|[a-z ]{300}", 1..400),
        step in 1_u64..4,
    ) {
        let shelf = Shelf::new();
        let lock = StoreLock::take(&shelf.path()).unwrap();
        let mut store = Store::open_to_write(&shelf.path(), &key_set(&shelf.key), &lock).unwrap().unwrap();
        let mut writer = Writer::new();
        let slot = Slot { row: 1, revision: 1 };
        let site = |(number, name): (u64, &String)| Entry {
            url: Some(format!("https://{number}.example/").into()),
            standing: if number % 7 == 3 { Standing::Gone } else { Standing::New },
            ..entry(10 + number * step, slot, name)
        };
        let entries: Vec<_> = (0..).zip(&names).map(site).collect();
        entries.iter().for_each(|entry| writer.add(entry));
        put(&mut store, writer);
        let mut lookup = store.lookup().unwrap();
        let listed: Vec<&Entry<'_>> = entries.iter().filter(|entry| !entry.is_gone()).collect();
        for id in (0..10 + names.len() as u64 * step + 2).chain([u64::MAX]) {
            let expected = listed.iter().find(|entry| entry.id == id).map(|entry| (*entry).clone());
            proptest::prop_assert_eq!(lookup.site(id).unwrap(), expected);
        }
        for name in names.iter().map(String::as_str).chain(["", "c", "\u{0}", "zzz"]) {
            let folded = zkvault_core::text::folded(name);
            let same = |entry: &Entry<'_>| zkvault_core::text::folded(entry.name.as_deref().unwrap()) == folded;
            let all = entries.iter().filter(|entry| same(entry)).count();
            let expected: Vec<_> = listed.iter().filter(|entry| same(entry)).map(|entry| (*entry).clone()).collect();
            let found = lookup.sites_named(&folded).unwrap();
            proptest::prop_assert_eq!(found, (all <= 100).then_some(expected));
        }
    }
}

fn put(store: &mut Store, writer: Writer) {
    let (index, details) = writer.finish();
    store.put_part(RecordKind::Index, &index).unwrap();
    store.put_part(RecordKind::Details, &details).unwrap();
    let mut head = store.head().clone();
    (head.parts.index, head.parts.details) = (store.next_revision(), store.next_revision());
    store.commit(head).unwrap();
}

/// A lookup opens pieces alone: what is wrong with others it cannot know, and what it finds is right all the same.
#[test]
fn a_lookup_needs_its_own_pieces_and_believes_no_other() {
    let shelf = Shelf::new();
    let lock = StoreLock::take(&shelf.path()).unwrap();
    let mut store = Store::open_to_write(&shelf.path(), &key_set(&shelf.key), &lock)
        .unwrap()
        .unwrap();
    let mut writer = Writer::new();
    let slot = Slot { row: 1, revision: 1 };
    (0..2000).for_each(|id| writer.add(&entry(id, slot, &format!("Site {id:05} {}", "x".repeat(50)))));
    put(&mut store, writer);
    drop((store, lock));
    let sealed: Vec<u8> = Connection::open(shelf.path())
        .unwrap()
        .query_row("SELECT sealed FROM part WHERE kind = 2", [], |row| row.get(0))
        .unwrap();
    let found = |id: u64| {
        let store = shelf.open().unwrap().unwrap();
        let found = store.lookup().and_then(|mut lookup| lookup.site(id));
        (
            found
                .map(|entry| entry.map(|entry| entry.id))
                .map_err(|error| error.code()),
            store.index().is_ok(),
        )
    };
    let (piece, header) = (16 * 1024 + 16, 24 + 32);
    assert!(sealed.len() > 6 * piece);
    let write = |bytes: &[u8]| {
        let update = Connection::open(shelf.path()).unwrap();
        update
            .execute("UPDATE part SET sealed = ?1 WHERE kind = 2", [bytes])
            .unwrap();
    };
    assert_eq!(
        [found(0), found(1999), found(2000)],
        [(Ok(Some(0)), true), (Ok(Some(1999)), true), (Ok(None), true)]
    );
    let swapped = [
        &sealed[..header + 4 * piece],
        &sealed[header + 5 * piece..header + 6 * piece],
    ]
    .concat();
    let swapped = [
        &swapped[..],
        &sealed[header + 4 * piece..header + 5 * piece],
        &sealed[header + 6 * piece..],
    ]
    .concat();
    write(&swapped);
    assert_eq!([found(0), found(1999)], [(Ok(Some(0)), false), (Ok(Some(1999)), false)]);
    assert_eq!(found(1000), (Err("store-damaged"), false));
    let mut flipped = sealed.clone();
    flipped[header] ^= 1;
    write(&flipped);
    assert_eq!(found(1999), (Err("store-damaged"), false));
    write(&sealed[..header + 2 * piece]);
    assert_eq!(found(1999), (Err("store-damaged"), false));
}
