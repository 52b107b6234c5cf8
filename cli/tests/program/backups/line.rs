//! One chain of backups, several devices, and a storage that forgets or lies.

use serde_json::json;
use zkvault_test_support::{Desk, json_of, stdout};

use super::storage::{Office, fails};

/// A second machine, restored from the newest backup.
fn second(office: &Office) -> Desk {
    let desk = Desk::new();
    office.at(&desk, &["backup", "restore"]).assert().success();
    desk
}

#[test]
fn devices_take_turns_in_one_line() {
    let office = Office::new();
    let first = office.push(&office.desk);
    let other = second(&office);
    let heads = [office.push(&other), office.push(&office.desk), office.push(&other)];
    for (revision, head) in (2..).zip(&heads) {
        assert!(head.starts_with(&format!("{revision}:")), "{head}");
    }
    let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
    let lines: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|backup| &backup["standing"])
        .collect();
    assert_eq!(lines, ["ok"; 4]);
    assert_eq!(listed[0]["head"], json!(heads[2]));
    office.zkv(&["backup", "verify", "--expect", &first]).assert().success();
}

/// A container and a disk in turn are one chain; each has every other backup of it.
#[test]
fn files_and_repositories_are_places_of_one_chain() {
    let office = Office::new();
    let file = office.desk.path("vault.zkvb");
    let to_file = ["backup", "push", "--force", "-o", file.to_str().unwrap()];
    let mut heads = Vec::new();
    for _ in 0..2 {
        heads.push(office.push(&office.desk));
        heads.push(stdout(&mut office.zkv(&to_file)));
    }
    let revisions: Vec<_> = heads.iter().map(|head| &head[..2]).collect();
    assert_eq!(revisions, ["1:", "2:", "3:", "4:"]);
    let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
    let standings: Vec<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|backup| &backup["standing"])
        .collect();
    assert_eq!(standings, ["parent-missing", "ok"], "the second one is on the disk");
    // The container is behind the disk: that is said, and a restore wants to hear that it is meant.
    let verified = office.zkv(&["backup", "verify"]).assert().success();
    let said = String::from_utf8_lossy(&verified.get_output().stderr).into_owned();
    assert!(said.contains("behind the chain"), "{said}");
    let restore = ["backup", "restore", "--force", "--store-only"];
    assert_eq!(fails(&mut office.zkv(&restore), 10).0, "backup-older");
    office.zkv(&[&restore[..], &["--accept"]].concat()).assert().success();
    let restore_file = [&restore[..], &["--file", file.to_str().unwrap()]].concat();
    office.zkv(&restore_file).assert().success();
    // An earlier one may be restored, and the newest stays what is expected.
    let fresh = Desk::new();
    office.at(&fresh, &["backup", "restore", "1"]).assert().success();
    assert!(office.push(&fresh).starts_with("4:"), "it has not seen the disk");
}

/// A copy of the container, or one that somebody names in its place.
#[test]
fn z49_a_place_that_never_had_the_chain_is_said_and_a_push_asks() {
    let office = Office::new();
    office.push(&office.desk);
    let old = office.blobs();
    office.push(&office.desk);
    let elsewhere = |args: &[&str]| {
        let mut zkv = office.zkv(args);
        zkv.env("ZKV_SAS", office.sas_of("elsewhere"));
        zkv
    };
    assert_eq!(fails(&mut elsewhere(&["backup", "push"]), 5).0, "input-needed");
    office.put_in("elsewhere", &old);
    for (command, is_new) in [("list", true), ("verify", false)] {
        let done = elsewhere(&["backup", command]).assert().success();
        let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
        assert!(said.contains("behind the chain"), "{command} {said}");
        assert_eq!(said.contains("never had one"), is_new, "{command} {said}");
    }
    office.put_in("another", &old);
    let mut restore = office.zkv(&["backup", "restore", "--force"]);
    restore.env("ZKV_SAS", office.sas_of("another"));
    assert_eq!(fails(&mut restore, 10).0, "backup-older");
    // From here on the place has shown backup 1, and the chain continues with 3.
    let pushed = stdout(&mut elsewhere(&["backup", "push"]));
    assert!(pushed.starts_with("3:"), "{pushed}");
    assert!(office.push(&office.desk).starts_with("4:"));
}

/// Each device is shown a state of its own: Z15.
#[test]
fn two_lines_are_found_out_as_soon_as_they_meet() {
    let office = Office::new();
    office.push(&office.desk);
    let other = second(&office);
    let common = office.blobs();
    let ours = office.push(&office.desk);
    let seen_by_us = office.blobs();
    office.serve(&common);
    office.change(&other, 5);
    office.push(&other);
    // The other line is shown to us: same revision, another digest.
    for command in [
        &["backup", "list"][..],
        &["backup", "push"],
        &["backup", "verify"],
        &["sync", "--check-backups"],
    ] {
        let (code, message) = fails(&mut office.zkv(command), 10);
        assert_eq!(code, "backup-forked", "{command:?} {message}");
    }
    // It continued: the parent is unknown.
    office.push(&other);
    assert_eq!(fails(&mut office.zkv(&["backup", "push"]), 10).0, "backup-forked");
    let fresh = fails(
        &mut office.at(&Desk::new(), &["backup", "restore", "--expect", &ours]),
        10,
    );
    assert_eq!(fresh.0, "backup-forked");
    // A person may decide. The other device has saved the keyring meanwhile.
    let behind = fails(&mut office.zkv(&["backup", "push", "--accept"]), 1);
    assert_eq!(behind.0, "keyring-behind");
    office.zkv(&["keyring", "pull", "--accept"]).assert().success();
    let decided = stdout(&mut office.zkv(&["backup", "push", "--accept"]));
    assert!(decided.starts_with("4:"), "{decided}");
    office.serve(&seen_by_us);
    assert_eq!(fails(&mut office.zkv(&["backup", "list"]), 10).0, "backup-older");
}

/// What is on the page is enough, with the passphrase and a token.
#[test]
fn the_printed_sheet_says_what_to_type_and_nothing_secret() {
    let office = Office::new();
    let first = office.push(&office.desk);
    let path = office.desk.path("sheet.html");
    let sheet = ["backup", "sheet", "-o", path.to_str().unwrap()];
    let printed = office.zkv(&sheet).assert().success();
    let said = String::from_utf8_lossy(&printed.get_output().stderr).into_owned();
    assert!(said.contains("keeps backup 1"), "{said}");
    let page = String::from_utf8(office.desk.read("sheet.html")).unwrap();
    assert!(!page.contains("sig=") && !page.contains("<script"), "{page}");
    let fingerprint = stdout(&mut office.zkv(&["identity", "fingerprint"]));
    assert!(page.contains(fingerprint.trim()) && page.contains("/backups"), "{page}");
    let typed = page
        .split("zkv backup restore ")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    let typed: Vec<_> = typed.split_whitespace().collect();
    assert_eq!((typed[0], typed[2], typed[3]), ("--chain", "--expect", first.as_str()));
    let fresh = Desk::new();
    let restore = [&["backup", "restore"][..], &typed].concat();
    office.at(&fresh, &restore).assert().success();
    assert_eq!(fails(&mut office.zkv(&sheet), 1).0, "exists");
}

/// An old state is given for the newest: Z16.
#[test]
fn an_older_backup_is_refused_where_a_newer_one_is_known() {
    let office = Office::new();
    office.push(&office.desk);
    let old = office.blobs();
    office.change(&office.desk, 9);
    let head = office.push(&office.desk);
    office.serve(&old);
    for command in [
        &["backup", "list"][..],
        &["backup", "push"],
        &["backup", "verify"],
        &["sync", "--check-backups"],
    ] {
        assert_eq!(fails(&mut office.zkv(command), 10).0, "backup-older", "{command:?}");
    }
    office.zkv(&["sync"]).assert().success();
    let fresh = Desk::new();
    let refused = fails(&mut office.at(&fresh, &["backup", "restore", "--expect", &head]), 10);
    assert_eq!(refused.0, "backup-older");
    assert!(!fresh.keyring().exists());
    // Without an expectation a fresh machine cannot know, and says so.
    let restored = office.at(&fresh, &["backup", "restore"]).assert().success();
    let said = String::from_utf8_lossy(&restored.get_output().stderr).into_owned();
    assert!(said.contains("not compared with an expected head"), "{said}");
    office.serve(&[]);
    assert_eq!(fails(&mut office.zkv(&["backup", "push"]), 10).0, "backup-older");
}

#[test]
fn a_token_that_may_only_write_is_enough_to_push() {
    let office = Office::new();
    office.push(&office.desk);
    let mut push = office.zkv(&["backup", "push"]);
    let pushed = push.env("ZKV_SAS", office.sas("cw")).assert().success();
    let said = String::from_utf8_lossy(&pushed.get_output().stderr).into_owned();
    assert!(said.contains("were not looked at"), "{said}");
    // Another device has made the third meanwhile, and nobody could see it.
    let other = second(&office);
    office.push(&other);
    let mut push = office.zkv(&["backup", "push"]);
    push.env("ZKV_SAS", office.sas("cw"));
    assert_eq!(fails(&mut push, 1).0, "conflict");
    let mut push = office.zkv(&["backup", "push"]);
    push.env("ZKV_SAS", office.sas("rl"));
    assert_eq!(fails(&mut push, 7).0, "forbidden");
}

#[test]
fn pruning_keeps_the_newest_and_a_line_without_gaps() {
    let office = Office::new();
    for _ in 0..4 {
        office.push(&office.desk);
    }
    let revisions = || {
        let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
        let listed = listed.as_array().unwrap().clone();
        assert!(listed.iter().all(|backup| backup["standing"] == "ok"), "{listed:?}");
        listed
            .iter()
            .map(|backup| backup["revision"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        fails(&mut office.zkv(&["backup", "prune", "--keep", "2"]), 5).0,
        "input-needed"
    );
    office
        .zkv(&["backup", "prune", "--keep", "0", "--yes"])
        .assert()
        .code(2);
    let dry = json_of(
        office
            .zkv(&["backup", "prune", "--keep", "3", "--dry-run"])
            .arg("--json"),
    );
    assert_eq!((&dry[0]["revision"], &dry[0]["deleted"]), (&json!(1), &json!(false)));
    assert_eq!(revisions(), [4, 3, 2, 1]);
    office
        .zkv(&["backup", "prune", "--keep", "2", "--yes"])
        .assert()
        .success();
    assert_eq!(revisions(), [4, 3]);
    office
        .zkv(&["backup", "prune", "--keep", "9", "--yes"])
        .assert()
        .success();
    assert_eq!(revisions(), [4, 3]);
    // What is on the printed sheet stays, and everything after it.
    let sheet = office.desk.path("sheet.html");
    let sheet = sheet.to_str().unwrap();
    office.zkv(&["backup", "sheet", "-o", sheet]).assert().success();
    office.push(&office.desk);
    office
        .zkv(&["backup", "prune", "--keep", "1", "--yes"])
        .assert()
        .success();
    assert_eq!(revisions(), [5, 4]);
    // A newest one that does not open deletes nothing.
    let mut blobs = office.blobs();
    for (_, blob) in &mut blobs {
        *blob.content.last_mut().unwrap() ^= 1;
    }
    office.serve(&blobs);
    let refused = fails(&mut office.zkv(&["backup", "prune", "--keep", "1", "--yes"]), 10);
    assert_eq!(refused.0, "backup-not-opened");
    assert_eq!(office.blobs().len(), 2);
}
