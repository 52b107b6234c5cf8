//! Ends that come early: the state before or after, never one between.

use std::process::Stdio;
use std::time::Instant;

use zkvault_simulator::Fault;
use zkvault_test_support::{ALL, Desk, stdout};

use super::storage::{Office, fails};

#[test]
fn killed_at_any_point_of_a_restore_it_can_be_given_again() {
    const KILLS: u32 = 12;
    let office = Office::new();
    let file = office.desk.path("vault.zkvb");
    let file = file.to_str().unwrap();
    office.zkv(&["backup", "push", "-o", file]).assert().success();
    let restore = |desk: &Desk| {
        let mut command = desk.zkv_std(&["backup", "restore", "--file", file]);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let started = Instant::now();
    assert!(restore(&Desk::new()).wait().unwrap().success());
    let step = started.elapsed() * 5 / 4 / KILLS;
    for kill in 0..KILLS {
        let fresh = Desk::new();
        let mut child = restore(&fresh);
        std::thread::sleep(step * kill);
        child.kill().unwrap();
        child.wait().unwrap();
        let listed = fresh.zkv(&["list"]).output().unwrap();
        match listed.status.code() {
            Some(0) => {}
            Some(3) => drop(fresh.zkv(&["backup", "restore", "--file", file]).assert().success()),
            other => panic!("kill {kill}: {other:?} {}", String::from_utf8_lossy(&listed.stderr)),
        }
        assert_eq!(stdout(&mut fresh.zkv(&["list"])).lines().count(), 12);
    }
}

#[test]
fn killed_at_any_point_of_a_push_the_line_goes_on() {
    const KILLS: u32 = 12;
    let office = Office::new();
    let push = || {
        let mut command = office.desk.zkv_std(&["backup", "push"]);
        command.env("ZKV_SAS", office.sas(ALL));
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    };
    let started = Instant::now();
    assert!(push().wait().unwrap().success());
    let step = started.elapsed() * 5 / 4 / KILLS;
    for kill in 0..KILLS {
        let mut child = push();
        std::thread::sleep(step * kill);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    office.push(&office.desk);
    let listed = stdout(&mut office.zkv(&["backup", "list"]));
    assert_eq!(listed.lines().count(), listed.matches("\tok\t").count(), "{listed}");
    assert_eq!(listed.lines().count(), office.blobs().len());
    office.zkv(&["backup", "verify"]).assert().success();
}

#[test]
fn a_storage_that_fails_leaves_no_half_of_anything() {
    let office = Office::new();
    let refuse = |path: &str| {
        office.storage.conditions().inject(Fault::status(403), usize::MAX, path);
    };
    refuse("");
    let (code, message) = fails(&mut office.zkv(&["backup", "push"]), 4);
    assert!(code == "sas-refused" && !message.contains("sig="), "{message}");
    office.storage.conditions().clear_faults();
    assert!(office.blobs().is_empty() && !office.desk.path("data/default/backup.draft").exists());
    office.push(&office.desk);
    refuse("");
    let fresh = Desk::new();
    fails(&mut office.at(&fresh, &["backup", "restore"]), 4);
    assert!(!fresh.keyring().exists());
    office.storage.conditions().clear_faults();
    office.storage.conditions().inject(Fault::Reset, 1, "");
    office.at(&fresh, &["backup", "restore"]).assert().success();
}

/// Nobody is asked to accept that the backups are gone.
#[test]
fn a_listing_that_says_nothing_is_no_place_without_backups() {
    let office = Office::new();
    office.push(&office.desk);
    for command in [
        &["backup", "list"][..],
        &["backup", "push"],
        &["backup", "verify"],
        &["sync", "--check-backups"],
    ] {
        office.storage.conditions().inject(Fault::Empty, usize::MAX, "");
        let (code, message) = fails(&mut office.zkv(command), 1);
        office.storage.conditions().clear_faults();
        assert!(
            code == "malformed-answer" && !message.contains("--accept"),
            "{command:?}: {message}"
        );
    }
    office.zkv(&["backup", "list"]).assert().success();
}
