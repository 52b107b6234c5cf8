//! A restore that is killed while it replaces a keyring and a store.

use std::process::Command;

use zkvault_test_support::Desk;

use super::storage::{Office, keyring_in};
use crate::killed::{Left, kill};

#[test]
fn r01_a_restore_that_is_killed_loses_neither_keyring_and_can_be_given_again() {
    let office = Office::new();
    office.zkv(&["backup", "push", "-o", "vault.zkvb"]).assert().success();
    let file = office.desk.path("vault.zkvb");
    let restore = ["backup", "restore", "--force", "--file", file.to_str().unwrap()];
    // A machine with a keyring and a store of its own.
    let other = Desk::with_keyring();
    other.write("vault.key", office.desk.read("vault.key"));
    office
        .at(&other, &["key", "import", "vault.key", "--label", "company"])
        .assert()
        .success();
    office.at(&other, &["sync"]).assert().success();
    let old = std::fs::read(other.keyring()).unwrap();
    let backup = std::fs::read(&file).unwrap();
    let new = backup[keyring_in(&backup)].to_vec();
    copy(&other, ["config", "data"], ["config.old", "data.old"]);

    let look = || {
        let now = std::fs::read(other.keyring()).unwrap();
        let works = office.at(&other, &["list"]).output().unwrap().status.success();
        let left = match (now == new, works) {
            (false, true) => Left::Before,
            (true, true) => Left::After,
            // The keyring is the backup's already, and the store that the other one opens is still there.
            (true, false) => Left::Between,
            (false, false) => panic!("the old keyring is there, and its store does not open"),
        };
        let mut kept = std::fs::read_dir(other.path("config/default")).unwrap();
        let kept = kept.any(|entry| std::fs::read(entry.unwrap().path()).is_ok_and(|file| file == old));
        assert!(kept, "the old keyring is lost");
        other.zkv(&restore).assert().success();
        assert_eq!(std::fs::read(other.keyring()).unwrap(), new);
        office.at(&other, &["list"]).assert().success();
        copy(&other, ["config.old", "data.old"], ["config", "data"]);
        left
    };
    kill("backup restore --force", || other.zkv_std(&restore), look);
}

fn copy(desk: &Desk, from: [&str; 2], to: [&str; 2]) {
    for (from, to) in from.into_iter().zip(to) {
        let (from, to) = (desk.path(from), desk.path(to));
        let _ = std::fs::remove_dir_all(&to);
        assert!(
            Command::new("cp")
                .arg("-a")
                .args([from, to])
                .status()
                .unwrap()
                .success()
        );
    }
}
