//! Which backup is chosen: every rule decides between at least two that differ, and not in the order in which they lie
//! there.

use serde_json::value::RawValue;
use zkvault_core::account::AccountName;
use zkvault_core::backup::{ChainKey, Follows};
use zkvault_core::snapshot::{Manifest, SnapshotDigest};
use zkvault_core::trust::PinSet;

use super::*;
use crate::backup::capture::Captured;
use crate::backup::known::KnownHeads;
use crate::backup::prune::prunable;
use crate::backup::push::next;

const ACCOUNT: &str = "a.test";

fn access(accounts: &[&str]) -> Access {
    let mut keyring = crate::cheap::keyring();
    for account in accounts {
        keyring
            .accounts_mut()
            .add(AccountName::parse(account).unwrap())
            .unwrap();
    }
    // The chains of one account: the one in use, and a former one.
    keyring.renew_personal_key().unwrap();
    Access::of_keyring(keyring)
}

/// The chain of an account, by the age of its personal key.
fn chain<'a>(access: &'a Access, account: &str, age: usize) -> &'a ChainKey {
    let mut chains = access.chains.iter().filter(|chain| chain.account().as_str() == account);
    chains.nth(age).unwrap()
}

fn sealed(chain: &ChainKey, revision: u64, parent: Option<SnapshotHead>, device: &str) -> (Vec<u8>, BackupRecord) {
    let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
    let captured = Captured {
        host: chain.account().to_string(),
        synced: 1,
        sites: raw("[]"),
        users: raw("[]"),
        groups: raw("null"),
        pins: raw(&PinSet::new().to_json().unwrap()),
    };
    let manifest = Manifest {
        revision,
        parent: (revision > 1)
            .then(|| parent.map_or_else(|| SnapshotDigest::of_document(b"before"), |head| head.digest)),
        time: 2,
        device: device.to_owned(),
    };
    let recipe = bundle::Recipe {
        chain,
        follows: None::<Follows>,
        recipients: &[],
        keyring: None,
    };
    bundle::seal(captured, manifest, &recipe).unwrap()
}

/// Backups as a listing has them, in the order in which they were added.
#[derive(Default)]
struct Shelf(Listing);

impl Shelf {
    /// Adds one of each of these revisions, each following the one before.
    fn add(&mut self, chain: &ChainKey, revisions: &[u64], mut parent: Option<SnapshotHead>) -> Vec<SnapshotHead> {
        let mut heads = Vec::new();
        for revision in revisions {
            let (bytes, record) = sealed(chain, *revision, parent, "laptop");
            self.0.entries.push(CatalogEntry::of_bytes(&bytes, chain, *revision));
            parent = Some(record.head());
            heads.push(record.head());
        }
        heads
    }

    fn account(&self, access: &Access, chain: Option<ChainTag>) -> Result<OneAccount<'_>> {
        OneAccount::of(&self.0, &access.chains, chain)
    }
}

fn revision_of(chosen: Result<&CatalogEntry>) -> std::result::Result<u64, &'static str> {
    chosen.map(|entry| entry.revision).map_err(|error| error.code())
}

#[test]
fn a_revision_is_the_one_that_was_asked_for_and_without_one_it_is_the_newest() {
    let access = access(&[ACCOUNT]);
    // Neither the first nor the last that lies there is the newest.
    for order in [[2, 3, 1], [3, 1, 2], [1, 2, 3]] {
        let mut shelf = Shelf::default();
        shelf.add(chain(&access, ACCOUNT, 0), &order, None);
        let account = shelf.account(&access, None).unwrap();
        assert_eq!(revision_of(account.choose(None)), Ok(3), "{order:?}");
        for revision in 1..=3 {
            assert_eq!(revision_of(account.choose(Some(revision))), Ok(revision), "{order:?}");
        }
        for missing in [0, 4] {
            assert_eq!(
                revision_of(account.choose(Some(missing))),
                Err("not-found"),
                "{order:?}"
            );
            let error = account.choose(Some(missing)).unwrap_err();
            assert!(matches!(error, BackupError::NoSuch { revision } if revision == missing));
        }
    }
}

#[test]
fn where_there_is_none_nothing_is_chosen() {
    let access = access(&[ACCOUNT]);
    let tag = chain(&access, ACCOUNT, 0).tag();
    let mut shelf = Shelf::default();
    let none = |shelf: &Shelf, chain| {
        shelf
            .account(&access, chain)
            .and_then(|account| account.choose(Some(1)).map(|_| ()))
    };
    let cause = |error: BackupError| std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(cause(none(&shelf, None).unwrap_err()), "the repository has none");
    assert_eq!(cause(none(&shelf, Some(tag)).unwrap_err()), "the repository has none");
    // One that cannot be read counts for nothing, and is mentioned.
    let own = chain(&access, ACCOUNT, 0);
    let (bytes, _) = sealed(own, 1, None, "laptop");
    shelf.0.entries.push(CatalogEntry::of_bytes(&bytes, own, 2));
    shelf.0.entries.push(CatalogEntry::of_bytes(&bytes[..40], own, 1));
    assert_eq!(
        cause(none(&shelf, None).unwrap_err()),
        "2 are there, damaged or archived"
    );
}

#[test]
fn backups_of_another_account_are_not_among_them() {
    let access = access(&["a.test", "b.test"]);
    let (first, second) = (chain(&access, "a.test", 0), chain(&access, "b.test", 0));
    let mut shelf = Shelf::default();
    shelf.add(second, &[1, 2, 9], None);
    let heads = shelf.add(first, &[1, 2], None);
    let error = shelf.account(&access, None).unwrap_err();
    assert_eq!(error.code(), "ambiguous");
    let named = std::error::Error::source(&error).unwrap().to_string();
    assert_eq!(named, format!("b.test ({}), a.test ({})", second.tag(), first.tag()));
    let account = shelf.account(&access, Some(first.tag())).unwrap();
    assert_eq!(revision_of(account.choose(None)), Ok(2));
    assert_eq!(account.choose(Some(2)).unwrap().tag, first.tag());
    assert_eq!(
        account.records().iter().map(BackupRecord::head).collect::<Vec<_>>(),
        heads
    );
    assert!(account.superseded.is_empty());
    let account = shelf.account(&access, Some(second.tag())).unwrap();
    assert_eq!(revision_of(account.choose(None)), Ok(9));
    // The chain of an account may be named by its former personal key.
    let account = shelf.account(&access, Some(chain(&access, "a.test", 1).tag())).unwrap();
    assert_eq!(revision_of(account.choose(None)), Ok(2));
}

/// Anybody who learned the passphrase before it was renewed can make the chain of the former key longer.
#[test]
fn what_a_newer_chain_supersedes_is_neither_chosen_nor_counted() {
    let access = access(&[ACCOUNT]);
    let (own, former) = (chain(&access, ACCOUNT, 0), chain(&access, ACCOUNT, 1));
    let mut shelf = Shelf::default();
    let forged = shelf.add(former, &[1, 2, 3, 4], None);
    let renewed = shelf.add(own, &[3], Some(forged[1]));
    let account = shelf.account(&access, None).unwrap();
    let revisions =
        |those: &[(&CatalogEntry, &BackupRecord)]| those.iter().map(|(entry, _)| entry.revision).collect::<Vec<_>>();
    assert_eq!(revisions(&account.own), [1, 2, 3]);
    assert_eq!(revisions(&account.superseded), [3, 4]);
    assert_eq!(revision_of(account.choose(None)), Ok(3));
    assert_eq!(account.choose(Some(3)).unwrap().tag, own.tag());
    assert!(matches!(
        account.choose(Some(4)).unwrap_err(),
        BackupError::Superseded { revision: 4 }
    ));
    assert!(matches!(
        account.choose(Some(5)).unwrap_err(),
        BackupError::NoSuch { revision: 5 }
    ));
    assert_eq!(account.chains.iter().len(), 2);
    // Those before the newer chain count, and may go when enough are kept.
    let keep = |number| std::num::NonZeroUsize::new(number).unwrap();
    let mut newest_first = account;
    newest_first.own.reverse();
    assert_eq!(revisions(&prunable(&newest_first, keep(1), None)), [2, 1]);
    assert_eq!(revisions(&prunable(&newest_first, keep(2), None)), [1]);
    assert_eq!(revisions(&prunable(&newest_first, keep(1), Some(forged[1]))), [1]);
    assert_eq!(revisions(&prunable(&newest_first, keep(1), Some(renewed[0]))), [2, 1]);
}

/// Opens the backup of a chain that has these records beside it.
fn loaded(access: Access, own: &ChainKey, parents: [Option<SnapshotHead>; 2], devices: [&str; 2]) -> Loaded {
    let (bytes, record) = sealed(own, 7, parents[0], devices[0]);
    let (other, _) = sealed(own, 7, parents[1], devices[1]);
    let mut shelf = Shelf::default();
    for bytes in [&other, &bytes] {
        shelf.0.entries.push(CatalogEntry::of_bytes(bytes, own, 7));
    }
    let opened = bundle::open(&bytes, &access).unwrap();
    assert_eq!(opened.digest, record.digest);
    let account = shelf.account(&access, None).unwrap();
    let (records, tags) = (account.records(), [own.tag(); 2]);
    let loaded = account.loaded(opened, access, "place".to_owned());
    assert_eq!(loaded.records, records);
    assert_eq!(loaded.head(), record.head());
    assert_eq!(loaded.place.as_deref(), Some("place"));
    assert_eq!(
        records
            .iter()
            .filter_map(|record| loaded.tag_of(record.head()))
            .collect::<Vec<_>>(),
        tags
    );
    loaded
}

#[test]
fn a_backup_that_has_a_rival_or_is_under_a_former_key_is_refused() {
    let code = |age: usize, devices: [&str; 2]| {
        let access = access(&[ACCOUNT]);
        let own = ChainKey::derive(
            access.keyring.personal_keys().iter().nth(age).unwrap(),
            &AccountName::parse(ACCOUNT).unwrap(),
        );
        let loaded = loaded(access, &own, [None; 2], devices);
        assert_eq!(loaded.chains().iter().len(), 2);
        loaded.check_own().map_err(|error| error.code())
    };
    // The same backup under two names is no rival of itself.
    assert_eq!(code(0, ["laptop", "laptop"]), Ok(()));
    assert_eq!(code(0, ["laptop", "tablet"]), Err("backup-forked"));
    assert_eq!(code(1, ["laptop", "laptop"]), Err("former-key"));
    assert_eq!(code(1, ["laptop", "tablet"]), Err("backup-forked"));
}

#[test]
fn each_backup_is_named_with_the_chain_that_it_is_in() {
    let access = access(&[ACCOUNT]);
    let (own, former) = (chain(&access, ACCOUNT, 0), chain(&access, ACCOUNT, 1));
    let (own_tag, former_tag) = (own.tag(), former.tag());
    let mut shelf = Shelf::default();
    let before = shelf.add(former, &[1, 2], None);
    let (bytes, record) = sealed(own, 3, Some(before[1]), "laptop");
    shelf.0.entries.push(CatalogEntry::of_bytes(&bytes, own, 3));
    let opened = bundle::open(&bytes, &access).unwrap();
    let loaded = shelf
        .account(&access, None)
        .unwrap()
        .loaded(opened, access, String::new());
    assert_eq!(loaded.tag_of(record.head()), Some(own_tag));
    assert_eq!(loaded.tag_of(before[0]), Some(former_tag));
    assert_eq!(loaded.tag_of(before[1]), Some(former_tag));
    let elsewhere = SnapshotHead {
        revision: 3,
        digest: SnapshotDigest::of_document(b"another"),
    };
    assert_eq!(loaded.tag_of(elsewhere), None);
    assert_eq!(loaded.check_own().map_err(|error| error.code()), Ok(()));
}

#[test]
fn a_backup_in_a_file_stands_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("vault.zkvb");
    let access = access(&[ACCOUNT]);
    let (bytes, record) = sealed(chain(&access, ACCOUNT, 0), 5, None, "laptop");
    std::fs::write(&path, &bytes).unwrap();
    let loaded = BackupFile::read(&path).unwrap().open(access).unwrap();
    assert_eq!(loaded.records, std::slice::from_ref(&record));
    assert_eq!((loaded.head(), loaded.place.as_deref()), (record.head(), None));
    assert_eq!(loaded.tag_of(record.head()), None);
    let long = File::create(&path).unwrap();
    long.set_len(MAX_BACKUP_LEN + 1).unwrap();
    let cause = std::error::Error::source(&BackupFile::read(&path).unwrap_err())
        .unwrap()
        .to_string();
    assert!(cause.contains("it has more than"), "{cause}");
    assert_eq!(
        BackupFile::read(&folder.path().join("none")).unwrap_err().code(),
        "not-found"
    );
}

#[test]
fn a_chain_that_has_begun_anywhere_does_not_follow_a_former_one_again() {
    let folder = tempfile::tempdir().unwrap();
    let access = access(&[ACCOUNT]);
    let (own, former) = (chain(&access, ACCOUNT, 0), chain(&access, ACCOUNT, 1));
    let mut shelf = Shelf::default();
    let head = shelf.add(former, &[5], None)[0];
    let account = shelf.account(&access, None).unwrap();
    let mut known = KnownHeads::read(&folder.path().join("known.json"), None).unwrap();
    let next = |known: &KnownHeads| next(Some(&account), &access.chains, known, "here");
    let first = next(&known);
    let follows = first.follows.map(|follows| (follows.chain, follows.head));
    assert_eq!(
        (first.revision, first.parent, follows),
        (6, Some(head), Some((former.tag(), head)))
    );
    // At a different place it has: what somebody added to the former one counts as a backup of this account, and no more.
    let elsewhere = SnapshotHead { revision: 3, ..head };
    known.remember(own.tag(), "elsewhere", elsewhere, false).unwrap();
    let later = next(&known);
    assert_eq!((later.revision, later.parent), (6, Some(head)));
    assert!(later.follows.is_none());
}
