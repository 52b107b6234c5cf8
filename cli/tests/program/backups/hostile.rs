//! Backups that were changed: nothing of them comes back.

use zkvault_test_support::{Desk, stdout};

use super::storage::{Office, fails};

/// A backup as bytes.
fn backup(office: &Office) -> Vec<u8> {
    let path = office.desk.path("vault.zkvb");
    office
        .zkv(&["backup", "push", "--force", "-o", path.to_str().unwrap()])
        .assert()
        .success();
    std::fs::read(path).unwrap()
}

#[test]
fn truncated_changed_and_mixed_backups_do_not_open() {
    let office = Office::new();
    let one = backup(&office);
    office.change(&office.desk, 3);
    let other = backup(&office);
    let file = |bytes: &[u8]| bytes.windows(7).position(|window| window == b"ZKVAULT").unwrap();
    let (at, there) = (file(&one), file(&other));
    let flip = |at: usize| {
        let mut bytes = one.clone();
        bytes[at] ^= 1;
        bytes
    };
    let cases = [
        ("empty", Vec::new()),
        ("cut in the start", one[..100].to_vec()),
        ("without the file", one[..at].to_vec()),
        ("cut in the prelude", one[..at + 20].to_vec()),
        ("cut in the content", one[..one.len() - 1].to_vec()),
        ("longer", [&one[..], b"x"].concat()),
        ("the file of another", [&one[..at], &other[there..]].concat()),
        ("the start of another", [&other[..there], &one[at..]].concat()),
        ("the record", flip(60)),
        ("the keyring", flip(at - 10)),
        ("the content", flip(one.len() - 40)),
    ];
    for (name, bytes) in cases {
        let fresh = Desk::new();
        let path = fresh.write("bad.zkvb", bytes);
        let path = path.to_str().unwrap();
        for command in ["verify", "restore"] {
            let (code, _) = fails(&mut fresh.zkv(&["backup", command, "--file", path]), 10);
            assert!(
                ["backup-not-opened", "wrong-passphrase"].contains(&code.as_str()),
                "{name}: {code}"
            );
        }
        assert!(!fresh.keyring().exists(), "{name}");
        fresh.zkv(&["list"]).assert().code(3);
    }
}

/// The keyring of one backup with the rest of another is not taken, though the passphrase opens it.
#[test]
fn an_older_keyring_is_not_slipped_in() {
    let office = Office::new();
    let one = backup(&office);
    office.zkv(&["key", "rotate"]).assert().success();
    office.zkv(&["sync"]).assert().success();
    let other = backup(&office);
    let parts = |bytes: &[u8]| {
        let record = u32::from_be_bytes(bytes[12..16].try_into().unwrap()) as usize;
        let keyring = u32::from_be_bytes(bytes[16 + record..20 + record].try_into().unwrap()) as usize;
        (16 + record, 20 + record + keyring)
    };
    let ((_, _), (from, to)) = (parts(&one), parts(&other));
    let (keyring_from, keyring_to) = parts(&one);
    let mixed = [&other[..from], &one[keyring_from..keyring_to], &other[to..]].concat();
    let fresh = Desk::new();
    let path = fresh.write("mixed.zkvb", mixed);
    let refused = fails(
        &mut fresh.zkv(&["backup", "restore", "--file", path.to_str().unwrap()]),
        10,
    );
    assert_eq!(refused.0, "backup-not-opened");
    assert!(!fresh.keyring().exists());
}

#[test]
fn rubbish_beside_the_backups_is_in_nobodys_way() {
    let office = Office::new();
    office.push(&office.desk);
    let mut blobs = office.blobs();
    for (name, content) in [("zkv-backup/empty", &b""[..]), ("zkv-backup/rubbish", b"rubbish")] {
        let mut blob = blobs[0].1.clone();
        blob.content = content.to_vec();
        blobs.push((name.to_owned(), blob));
    }
    // Another person's backup in the same container.
    office.serve(&blobs);
    let stranger = Desk::with_keyring();
    office.at(&stranger, &["sync"]).assert().success();
    office.push(&stranger);
    let listed = stdout(&mut office.zkv(&["backup", "list"]));
    for (line, count) in [("\tok\t", 1), ("\tdamaged\t", 2), ("\tforeign\t", 1)] {
        assert_eq!(listed.matches(line).count(), count, "{line} {listed}");
    }
    office.at(&Desk::new(), &["backup", "restore"]).assert().success();
}

/// Who kept the key that was retired can make a backup with it, and put it where ours are.
#[test]
fn z45_a_backup_under_a_retired_key_is_refused_until_somebody_accepts_it() {
    let office = Office::new();
    let old = backup(&office);
    office.zkv(&["key", "rotate"]).assert().success();
    office.zkv(&["sync"]).assert().success();
    let old = office.desk.write("old.zkvb", old);
    let file = ["--file", old.to_str().unwrap()];
    let restore = ["backup", "restore", "--force", "--store-only"];
    for command in [&["backup", "verify"][..], &restore, &["backup", "restore", "--force"]] {
        let args = [command, &file].concat();
        assert_eq!(fails(&mut office.zkv(&args), 10).0, "retired-key", "{args:?}");
    }
    let new = backup(&office);
    let new = office.desk.write("new.zkvb", new);
    office
        .zkv(&["backup", "verify", "--file", new.to_str().unwrap()])
        .assert()
        .success();
    office
        .zkv(&[&restore[..], &file, &["--accept"]].concat())
        .assert()
        .success();
}
