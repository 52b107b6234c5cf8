//! Backups that were changed: nothing of them comes back.

use std::time::Duration;

use zkvault_test_support::{Desk, PASSPHRASE, json_of, stdout};

use super::storage::{Office, fails, keyring_in};

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
    let (theirs, ours) = (keyring_in(&other), keyring_in(&one));
    let mixed = [&other[..theirs.start], &one[ours], &other[theirs.end..]].concat();
    let fresh = Desk::new();
    let path = fresh.write("mixed.zkvb", mixed);
    let refused = fails(
        &mut fresh.zkv(&["backup", "restore", "--file", path.to_str().unwrap()]),
        10,
    );
    assert_eq!(refused.0, "backup-not-opened");
    assert!(!fresh.keyring().exists());
}

/// The tag of the only chain.
fn chain(office: &Office) -> String {
    let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
    listed[0]["chain"].as_str().unwrap().to_owned()
}

#[test]
fn rubbish_beside_the_backups_is_in_nobodys_way() {
    let office = Office::new();
    office.push(&office.desk);
    let mut blobs = office.blobs();
    let folder = format!("zkv-backup/{}", chain(&office));
    for (name, content) in [
        ("zkv-backup/empty".to_owned(), &b""[..]),
        ("zkv-backup/rubbish".to_owned(), b"rubbish"),
        (format!("{folder}/rubbish"), b"rubbish"),
        // The backup itself, under another name.
        (format!("{folder}/{}.zkvb", "a".repeat(32)), &blobs[0].1.content.clone()),
    ] {
        let mut blob = blobs[0].1.clone();
        blob.content = content.to_vec();
        blobs.push((name, blob));
    }
    // Another person's backup in the same container.
    office.serve(&blobs);
    let stranger = Desk::with_keyring();
    office.at(&stranger, &["sync"]).assert().success();
    office.push(&stranger);
    let listed = office.zkv(&["backup", "list"]).assert().success();
    let output = listed.get_output();
    assert_eq!(String::from_utf8_lossy(&output.stdout).lines().count(), 1);
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("2 blobs beside the backups"), "{said}");
    office.at(&Desk::new(), &["backup", "restore"]).assert().success();
    // Pruning stays in its chain.
    office
        .zkv(&["backup", "prune", "--keep", "1", "--yes"])
        .assert()
        .success();
    assert_eq!(office.blobs().len(), blobs.len() + 1);
}

/// One that is damaged or archived is a row, and the others are as good as before.
#[test]
fn one_backup_that_cannot_be_read_stops_nothing() {
    let office = Office::new();
    for _ in 0..3 {
        office.push(&office.desk);
    }
    let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
    let blob = |row: usize| listed[row]["blob"].as_str().unwrap().to_owned();
    let mut blobs = office.blobs();
    for (name, stored) in &mut blobs {
        if *name == blob(1) {
            stored.content.truncate(30);
        }
    }
    office.serve(&blobs);
    office.storage.archive("backups", &blob(2), true);
    let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
    let rows: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["revision"].as_u64().unwrap(), row["standing"].as_str().unwrap()))
        .collect();
    assert_eq!(rows, [(3, "ok"), (2, "damaged"), (1, "archived")]);
    office.zkv(&["backup", "verify"]).assert().success();
    office.at(&Desk::new(), &["backup", "restore"]).assert().success();
    assert!(office.push(&office.desk).starts_with("4:"));
    assert_eq!(fails(&mut office.zkv(&["backup", "verify", "2"]), 3).0, "not-found");
}

/// Chains of other people, and keyrings that a storage made up, are in front of the own one.
#[test]
fn z54_a_fresh_machine_finds_its_chain_among_others_and_junk() {
    let office = Office::new();
    let head = office.push(&office.desk);
    let tag = chain(&office);
    let (mut blobs, mut junks) = (office.blobs(), Vec::new());
    let own = blobs[0].1.clone();
    // Each claims another chain and another salt; none opens. Some are too costly to be tried without a question.
    let mut last = own.clone();
    for number in 0..12_u8 {
        let mut junk = own.clone();
        junk.content = with_keyring(&own.content, |keyring| {
            let at = keyring.find("\"salt\":\"").unwrap() + 8;
            let salted = format!("{}JUNKJUNK{}", &keyring[..at], &keyring[at + 8..]);
            match number % 3 {
                // Nobody can be asked whether to spend so much.
                0 => salted.replace("\"memory_kib\":", "\"memory_kib\":41"),
                _ => salted,
            }
        });
        // Never the own chain, whose first byte may be any.
        junk.content[8] ^= number + 1;
        let letter = char::from(b'a' + number);
        junks.push((
            format!("zkv-backup/{}/{letter}.zkvb", tag_of(&junk.content)),
            junk.clone(),
        ));
        last = junk;
    }
    // The own keyring in a folder that is not its chain's: it opens, and leads to its chain.
    let mut moved = own;
    moved.content[8..18].copy_from_slice(&last.content[8..18]);
    blobs.push((format!("zkv-backup/{}/z.zkvb", tag_of(&moved.content)), moved));
    office.serve(&blobs);
    // A storage tells time in seconds, and what comes last is looked at first.
    std::thread::sleep(Duration::from_millis(1100));
    for (name, junk) in junks {
        office.storage.put("backups", &name, junk);
    }
    let fresh = Desk::new();
    let done = office
        .at(&fresh, &["backup", "restore", "--expect", &head])
        .assert()
        .success();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert_eq!(said.matches("it was left out").count(), 4, "{said}");
    assert!(said.contains("trying keyring 2"), "{said}");
    // With the tag it goes straight there, and a wrong one finds nothing.
    let straight = Desk::new();
    let done = office
        .at(&straight, &["backup", "restore", "--chain", &tag])
        .assert()
        .success();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert!(!said.contains("trying keyring"), "{said}");
    let elsewhere = ["backup", "restore", "--chain", "aaaaaaaaaaaaaaaa"];
    assert_eq!(fails(&mut office.at(&Desk::new(), &elsewhere), 3).0, "not-found");
}

/// A backup with another text in place of its keyring.
fn with_keyring(backup: &[u8], change: impl FnOnce(&str) -> String) -> Vec<u8> {
    let place = keyring_in(backup);
    let keyring = change(std::str::from_utf8(&backup[place.clone()]).unwrap());
    let length = (keyring.len() as u32).to_be_bytes();
    [
        &backup[..place.start - 4],
        &length,
        keyring.as_bytes(),
        &backup[place.end..],
    ]
    .concat()
}

/// As the storage calls the folder of a backup.
fn tag_of(backup: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bits = backup[8..18]
        .iter()
        .fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let letter = |place: u32| char::from(LETTERS[(bits >> (5 * place)) as usize & 31]);
    (0..16).rev().map(letter).collect()
}

/// A colleague has the same vault keys, a keyring of their own, and may write to the container.
#[test]
fn z46_a_colleague_with_the_shared_key_forges_no_backup_and_reads_no_store() {
    let office = Office::new();
    office.push(&office.desk);
    let colleague = Desk::with_keyring();
    office.zkv(&["key", "export", "-o", "shared.key"]).assert().success();
    for file in ["shared.key", "vault.key"] {
        colleague.write(file, office.desk.read(file));
        let import = ["key", "import", file, "--label", file, "--default"];
        office.at(&colleague, &import).assert().success();
    }
    // The store: neither with the colleague's keyring nor with the key as a file.
    copy(&office.desk.path("data"), &colleague.path("data"));
    assert_eq!(fails(&mut office.at(&colleague, &["list"]), 10).0, "no-key");
    let with_file = ["list", "--key-file", "shared.key"];
    assert_eq!(fails(&mut office.at(&colleague, &with_file), 10).0, "no-key");
    // A backup: there is no chain of theirs that anybody else looks at, and none without a keyring.
    std::fs::remove_dir_all(colleague.path("data")).unwrap();
    office.at(&colleague, &["sync"]).assert().success();
    for _ in 0..3 {
        office.push(&colleague);
    }
    let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
    assert_eq!(listed.as_array().unwrap().len(), 1);
    // The desks of these tests have one passphrase, so that only the chain tells the two apart.
    let restore = ["backup", "restore", "--chain", &chain(&office)];
    let restored = json_of(office.at(&Desk::new(), &restore).arg("--json"));
    assert_eq!(restored["head"], listed[0]["head"]);
    let alone = Desk::new();
    alone.write("shared.key", office.desk.read("shared.key"));
    office
        .at(&alone, &["sync", "--key-file", "shared.key"])
        .assert()
        .code(0);
    let refused = fails(
        &mut office.at(&alone, &["backup", "push", "--key-file", "shared.key"]),
        3,
    );
    assert!(
        refused.0 == "personal-key" && refused.1.contains("forge"),
        "{refused:?}"
    );
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        match from.is_dir() {
            true => copy(&from, &to),
            false => drop(std::fs::copy(from, to).unwrap()),
        }
    }
}

/// Who kept a key that was retired, and anyone who knew the passphrase before it changed.
#[test]
fn z45_a_former_member_makes_no_backup_that_counts() {
    let office = Office::new();
    let first = office.push(&office.desk);
    // A copy of everything, from before: what somebody who knew the passphrase has.
    let former = Desk::new();
    office.at(&former, &["backup", "restore"]).assert().success();
    let change = |args: &[&str]| {
        let mut zkv = office.zkv(args);
        zkv.env("ZKV_NEW_PASSPHRASE", "clamp juror onyx radiator mulch vixen");
        zkv.assert().success();
    };
    change(&["passphrase", "change", "--renew"]);
    let at = |args: &[&str]| {
        let mut zkv = office.zkv(args);
        zkv.env("ZKV_PASSPHRASE", "clamp juror onyx radiator mulch vixen");
        zkv
    };
    at(&["list"]).assert().success();
    let pushed = json_of(at(&["backup", "push"]).arg("--json"));
    assert_eq!(pushed["revision"], 2);
    assert_eq!(pushed["parent"].as_str(), first.split(':').nth(1));
    // The former chain continues beside it, and nothing of it counts.
    for _ in 0..3 {
        office.push(&former);
    }
    let listed = json_of(at(&["backup", "list"]).arg("--json"));
    let rows: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["revision"].as_u64().unwrap(), row["standing"].as_str().unwrap()))
        .collect();
    assert_eq!(
        rows.iter().filter(|(_, standing)| *standing == "ok").count(),
        2,
        "{rows:?}"
    );
    assert_eq!(
        rows.iter().filter(|(_, standing)| *standing == "superseded").count(),
        3,
        "{rows:?}"
    );
    let verified = json_of(at(&["backup", "verify"]).arg("--json"));
    assert_eq!(verified["head"], pushed["head"]);
    assert_eq!(fails(&mut at(&["backup", "verify", "3"]), 10).0, "backup-forked");
    // What was made before the change is there, and needs consent.
    assert_eq!(fails(&mut at(&["backup", "verify", "1"]), 10).0, "former-key");
    at(&["backup", "verify", "1", "--accept"]).assert().success();
    let fresh = Desk::new();
    let mut restore = office.at(&fresh, &["backup", "restore"]);
    restore.env("ZKV_PASSPHRASE", "clamp juror onyx radiator mulch vixen");
    assert_eq!(json_of(restore.arg("--json"))["head"], pushed["head"]);
    // What counts is pruned, of both chains; what does not is evidence, and stays.
    at(&["backup", "prune", "--keep", "1", "--yes"]).assert().success();
    let listed = json_of(at(&["backup", "list"]).arg("--json"));
    assert_eq!(listed.as_array().unwrap().len(), 4);
}

/// A keyring from before a rotation, in the newest place: it changes nothing that a newer copy decided.
#[test]
fn z56_an_old_keyring_that_is_put_back_brings_no_retired_key_back() {
    let office = Office::new();
    office.push(&office.desk);
    let old = backup(&office);
    office.zkv(&["key", "rotate", "--yes"]).assert().success();
    office.zkv(&["sync"]).assert().success();
    office.push(&office.desk);
    let old = office.desk.write("old.zkvb", old);
    let pulled = json_of(
        office
            .zkv(&["keyring", "pull", "--file", old.to_str().unwrap()])
            .arg("--json"),
    );
    assert_eq!((&pulled["keys"], &pulled["retired"]), (&0.into(), &0.into()));
    let keys = json_of(office.zkv(&["key", "list"]).arg("--json"));
    let states: Vec<_> = keys.as_array().unwrap().iter().map(|key| &key["state"]).collect();
    assert_eq!(
        states.iter().filter(|state| **state == "retired").count(),
        1,
        "{states:?}"
    );
    // Put back as the file itself, it makes no backup in place of the newer one.
    let bytes = std::fs::read(&old).unwrap();
    std::fs::write(office.desk.keyring(), &bytes[keyring_in(&bytes)]).unwrap();
    let (code, said) = fails(&mut office.zkv(&["backup", "push"]), 1);
    assert!(code == "keyring-behind" && said.contains("zkv keyring pull"), "{said}");
    office.zkv(&["keyring", "pull"]).assert().success();
    let keys = stdout(&mut office.zkv(&["key", "list"]));
    assert_eq!(keys.matches("retired").count(), 1, "{keys}");
    office.push(&office.desk);
}

/// Two devices changed one keyring, and each has what the other did after a pull.
#[test]
fn a_keyring_is_pulled_from_the_newest_backup_of_another_device() {
    let office = Office::new();
    office.push(&office.desk);
    let other = Desk::new();
    office.at(&other, &["backup", "restore"]).assert().success();
    other.write("more.key", [9; 32]);
    office
        .at(&other, &["key", "import", "more.key", "--label", "more"])
        .assert()
        .success();
    office.push(&other);
    assert_eq!(fails(&mut office.zkv(&["backup", "push"]), 1).0, "keyring-behind");
    let pulled = json_of(office.zkv(&["keyring", "pull"]).arg("--json"));
    assert_eq!(pulled["keys"], 1);
    assert!(stdout(&mut office.zkv(&["key", "list"])).contains("more"));
    office.push(&office.desk);
    // A keyring of somebody else is no copy, wherever it lies.
    let stranger = Desk::with_keyring();
    office.at(&stranger, &["sync"]).assert().success();
    let path = stranger.path("theirs.zkvb");
    office
        .at(&stranger, &["backup", "push", "-o", path.to_str().unwrap()])
        .assert()
        .success();
    let refused = fails(
        &mut office.zkv(&["keyring", "pull", "--file", path.to_str().unwrap()]),
        10,
    );
    assert_eq!(refused.0, "other-keyring");
    // A renewed personal key is in a chain that the other device does not know yet.
    let passphrase = "clamp juror onyx radiator mulch vixen";
    let mut change = office.at(&other, &["passphrase", "change", "--renew"]);
    change.env("ZKV_NEW_PASSPHRASE", passphrase).assert().success();
    let mut push = office.at(&other, &["backup", "push"]);
    let pushed = push.env("ZKV_PASSPHRASE", passphrase).arg("--json").assert();
    // It has to take in what the first device pushed meanwhile.
    let refused = pushed.code(1);
    drop(refused);
    let mut pull = office.at(&other, &["keyring", "pull"]);
    pull.env("ZKV_PASSPHRASE", passphrase)
        .env("ZKV_BACKUP_PASSPHRASE", PASSPHRASE);
    pull.assert().success();
    let mut push = office.at(&other, &["backup", "push"]);
    let tag = json_of(push.env("ZKV_PASSPHRASE", passphrase).arg("--json"))["chain"].clone();
    let pull = ["keyring", "pull", "--chain", tag.as_str().unwrap()];
    let mut pull = office.zkv(&pull);
    let pulled = json_of(pull.env("ZKV_BACKUP_PASSPHRASE", passphrase).arg("--json"));
    assert_eq!(pulled["personal_keys"], 1);
    office.zkv(&["sync"]).assert().success();
    office.push(&office.desk);
}

/// Without the keyring in it a backup needs the personal key, which is exported and imported by itself.
#[test]
fn a_backup_without_a_keyring_opens_with_the_exported_personal_key() {
    let office = Office::new();
    let path = office.desk.path("vault.zkvb");
    let path = path.to_str().unwrap();
    let push = ["backup", "push", "-o", path, "--no-keyring"];
    assert_eq!(fails(&mut office.zkv(&push), 5).0, "input-needed");
    office.zkv(&[&push[..], &["--yes"]].concat()).assert().success();
    office
        .zkv(&["key", "export", "--personal", "-o", "personal.key"])
        .assert()
        .success();
    let fresh = Desk::with_keyring();
    let restore = ["backup", "restore", "--store-only", "--file", path];
    assert_eq!(fails(&mut fresh.zkv(&restore), 10).0, "backup-not-opened");
    fresh.write("personal.key", office.desk.read("personal.key"));
    fresh
        .zkv(&["key", "import", "personal.key", "--personal"])
        .assert()
        .success();
    office.at(&fresh, &["sync"]).assert().success();
    office
        .at(&fresh, &["backup", "push", "-o", "own.zkvb"])
        .assert()
        .success();
    // The keyring names the account now. What the imported key made needs consent: others may have it.
    std::fs::remove_dir_all(fresh.path("data")).unwrap();
    assert_eq!(fails(&mut fresh.zkv(&restore), 10).0, "former-key");
    fresh.zkv(&[&restore[..], &["--accept"]].concat()).assert().success();
    assert_eq!(stdout(&mut fresh.zkv(&["list"])).lines().count(), 12);
}
