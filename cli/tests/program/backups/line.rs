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
        .map(|backup| &backup["line"])
        .collect();
    assert_eq!(lines, ["ok"; 4]);
    assert_eq!(listed[0]["head"], json!(heads[2]));
    office.zkv(&["backup", "verify", "--expect", &first]).assert().success();
}

/// A container and a device's files are lines of their own, without gaps.
#[test]
fn files_and_repositories_are_lines_of_their_own() {
    let office = Office::new();
    let file = office.desk.path("vault.zkvb");
    let to_file = ["backup", "push", "--force", "-o", file.to_str().unwrap()];
    let mut heads = Vec::new();
    for _ in 0..2 {
        heads.push(office.push(&office.desk));
        heads.push(stdout(&mut office.zkv(&to_file)));
    }
    let revisions: Vec<_> = heads.iter().map(|head| &head[..2]).collect();
    assert_eq!(revisions, ["1:", "1:", "2:", "2:"]);
    let listed = stdout(&mut office.zkv(&["backup", "list"]));
    assert_eq!(listed.matches("\tok\t").count(), 2, "{listed}");
    // An earlier one may be restored, and the newest stays what is expected.
    let fresh = Desk::new();
    office.at(&fresh, &["backup", "restore", "1"]).assert().success();
    assert!(office.push(&fresh).starts_with("3:"));
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
    // A person may decide.
    let decided = stdout(&mut office.zkv(&["backup", "push", "--accept"]));
    assert!(decided.starts_with("4:"), "{decided}");
    office.serve(&seen_by_us);
    assert_eq!(fails(&mut office.zkv(&["backup", "list"]), 10).0, "backup-older");
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
        assert!(listed.iter().all(|backup| backup["line"] == "ok"), "{listed:?}");
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
