//! Which backup is read when several are there, and what is remembered of the others.

use serde_json::{Value, json};
use zkvault_simulator::{Kind, seed};
use zkvault_test_support::{Desk, json_of, stdout};

use super::storage::{Office, fails, keyring_in};

/// When the site was last updated in each state.
const STATES: [u64; 3] = [2_000_000_001, 2_000_000_002, 2_000_000_003];

/// The same as `zkv show` says it.
const SHOWN: [&str; 3] = ["2033-05-18T03:33:21Z", "2033-05-18T03:33:22Z", "2033-05-18T03:33:23Z"];

/// Three backups, each of a different state; and their heads.
fn three(office: &Office) -> Vec<String> {
    let push = |number: u64| {
        office.service.simulator.change(|organisation| {
            let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
            site["updated"] = number.into();
        });
        office.zkv(&["sync"]).assert().success();
        office.push(&office.desk)
    };
    STATES.map(push).to_vec()
}

/// What tells the states apart.
fn state(office: &Office, desk: &Desk) -> Value {
    json_of(office.at(desk, &["show", "GitHub"]).arg("--json"))["updated"].clone()
}

/// What a command that succeeds says besides its output.
fn says(office: &Office, desk: &Desk, args: &[&str]) -> String {
    let done = office.at(desk, args).assert().success();
    String::from_utf8_lossy(&done.get_output().stderr).into_owned()
}

#[test]
fn the_revision_that_was_asked_for_comes_back() {
    let office = Office::new();
    let heads = three(&office);
    for (revision, which) in [(Some("1"), 0), (Some("2"), 1), (Some("3"), 2), (None, 2)] {
        let head = &heads[which];
        let fresh = Desk::new();
        let mut restore = office.at(&fresh, &["backup", "restore"]);
        let restored = json_of(restore.args(revision).arg("--json"));
        assert_eq!(restored["head"], json!(head), "{revision:?}");
        assert_eq!(state(&office, &fresh), json!(SHOWN[which]), "{revision:?}");
        let mut verify = office.zkv(&["backup", "verify"]);
        let verified = json_of(verify.args(revision).arg("--json"));
        assert_eq!(verified["head"], json!(head), "{revision:?}");
        let mut diff = office.zkv(&["backup", "diff"]);
        let found = json_of(diff.args(revision).arg("--json"));
        match which {
            2 => assert_eq!(found, json!([]), "{revision:?}"),
            _ => assert_eq!(found[0]["members"], json!(["updated"]), "{revision:?}"),
        }
    }
    let between = json_of(office.zkv(&["backup", "diff", "2", "1"]).arg("--json"));
    assert_eq!(between[0]["name"], json!("GitHub"));
}

#[test]
fn a_backup_that_is_not_there_is_said_to_be_missing() {
    let office = Office::new();
    let missing = |args: &[&str]| {
        let (code, said) = fails(&mut office.zkv(args), 3);
        assert_eq!(code, "not-found", "{args:?}");
        said
    };
    for args in [&["backup", "verify"][..], &["backup", "verify", "1"]] {
        let said = missing(args);
        assert!(said.contains("the repository has none"), "{said}");
    }
    let (code, said) = fails(&mut office.at(&Desk::new(), &["backup", "restore"]), 3);
    assert!(
        code == "not-found" && said.contains("the repository has none"),
        "{said}"
    );
    office.push(&office.desk);
    let said = missing(&["backup", "verify", "7"]);
    assert!(said.contains("there is no backup 7"), "{said}");
    // Somebody else's are there, and count for nothing.
    let stranger = Desk::with_keyring();
    office.at(&stranger, &["sync"]).assert().success();
    for args in [
        &["backup", "verify"][..],
        &["backup", "verify", "1"],
        &["backup", "prune", "--keep", "1", "--yes"],
    ] {
        let (code, said) = fails(&mut office.at(&stranger, args), 3);
        assert!(code == "not-found", "{args:?} {said}");
    }
    assert_eq!(office.blobs().len(), 1);
    // One that is there and cannot be read is counted, and named by its revision.
    let mut blobs = office.blobs();
    blobs[0].1.content[40] ^= 1;
    office.serve(&blobs);
    let said = missing(&["backup", "verify"]);
    assert!(said.contains("1 are there, damaged or archived"), "{said}");
}

/// The newest is what a device expects from then on, whichever it restored or verified.
#[test]
fn what_was_seen_is_expected_from_then_on() {
    let office = Office::new();
    let first = {
        office.push(&office.desk);
        office.blobs()
    };
    let restored = Desk::new();
    office.at(&restored, &["backup", "restore"]).assert().success();
    let checked = Desk::new();
    office.at(&checked, &["backup", "restore"]).assert().success();
    let second = office.push(&office.desk);
    let everything = office.blobs();

    let fresh = Desk::new();
    office.at(&fresh, &["backup", "restore", "1"]).assert().success();
    office.at(&restored, &["backup", "verify", "1"]).assert().success();
    office.at(&checked, &["sync", "--check-backups"]).assert().success();
    office.serve(&first);
    for desk in [&fresh, &restored, &checked] {
        assert_eq!(fails(&mut office.at(desk, &["backup", "list"]), 10).0, "backup-older");
    }
    // A person decides that what is there counts; it is said, and then expected.
    let said = says(&office, &fresh, &["backup", "verify", "--accept"]);
    assert!(said.contains("older than expected"), "{said}");
    assert_eq!(says(&office, &fresh, &["backup", "verify"]), "");
    office.serve(&everything);
    let verified = json_of(office.at(&fresh, &["backup", "verify"]).arg("--json"));
    assert_eq!(verified["head"], json!(second));
}

/// A backup between the one that is known and the newest is missing: that is said, and no reason to stop.
#[test]
fn a_gap_is_said() {
    let office = Office::new();
    office.push(&office.desk);
    let known = Desk::new();
    office.at(&known, &["backup", "restore"]).assert().success();
    office.push(&office.desk);
    let two = office.blobs();
    office.push(&office.desk);
    let kept: Vec<_> = office.blobs().into_iter().filter(|blob| !two.contains(blob)).collect();
    assert_eq!(kept.len(), 1);
    office.serve(&kept);
    let said = says(&office, &known, &["backup", "verify"]);
    assert!(said.contains("are missing"), "{said}");
}

/// A keyring changes from backup to backup: each is restored with its own.
#[test]
fn a_backup_comes_back_with_the_keyring_of_its_time() {
    let office = Office::new();
    let push = || {
        let there = office.blobs();
        office.push(&office.desk);
        let mut made = office.blobs();
        made.retain(|(name, _)| !there.iter().any(|(other, _)| other == name));
        let content = &made[0].1.content;
        content[keyring_in(content)].to_vec()
    };
    let before = push();
    office.zkv(&["key", "rotate"]).assert().success();
    office.zkv(&["sync"]).assert().success();
    let after = push();
    assert_ne!(before, after);
    for (revision, keyring) in [("1", &before), ("2", &after), ("1", &before)] {
        let fresh = Desk::new();
        office.at(&fresh, &["backup", "restore", revision]).assert().success();
        assert!(std::fs::read(fresh.keyring()).unwrap() == *keyring, "{revision}");
        // The store is under that keyring's key.
        assert_eq!(
            stdout(&mut office.at(&fresh, &["list"])).lines().count(),
            12,
            "{revision}"
        );
    }
}

#[test]
fn a_restored_file_is_what_the_next_file_follows() {
    let office = Office::new();
    let path = |name: &str| office.desk.path(name).to_str().unwrap().to_owned();
    let (file, next) = (path("vault.zkvb"), path("next.zkvb"));
    let head = stdout(&mut office.zkv(&["backup", "push", "-o", &file]));
    let fresh = Desk::new();
    let restored = json_of(fresh.zkv(&["backup", "restore", "--file", &file]).arg("--json"));
    assert_eq!(restored["head"], json!(head.trim()));
    let pushed = json_of(office.at(&fresh, &["backup", "push", "-o", &next]).arg("--json"));
    assert_eq!((&pushed["revision"], pushed["parent"].is_string()), (&json!(2), true));
    assert!(office.blobs().is_empty());
    // The file before is of the chain, and older: to look at it is no harm, to restore it needs consent.
    fresh.zkv(&["backup", "verify", "--file", &file]).assert().success();
    let restore = ["backup", "restore", "--force", "--store-only", "--file", &file];
    assert_eq!(fails(&mut fresh.zkv(&restore), 10).0, "backup-older");
    fresh.zkv(&[&restore[..], &["--accept"]].concat()).assert().success();
    let (code, said) = fails(&mut fresh.zkv(&["backup", "verify", "--file", &path("none")]), 3);
    assert!(code == "not-found" && said.contains("cannot read"), "{said}");
    let large = std::fs::File::create(path("large")).unwrap();
    large.set_len(300 << 20).unwrap();
    let (code, said) = fails(&mut fresh.zkv(&["backup", "verify", "--file", &path("large")]), 10);
    assert!(
        code == "backup-not-opened" && said.contains("it has more than"),
        "{said}"
    );
}
