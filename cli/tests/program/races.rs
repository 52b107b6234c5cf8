//! Two of them at once: one waits its turn or says so, and what either did is there.
//!
//! `ZKV_RACE_RUNS` says how many meetings (`scripts/test-kill`).

use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

use serde_json::{Value, json};
use zkvault_simulator::{Kind, seed};
use zkvault_test_support::{Desk, Service, json_of};

fn meetings() -> u32 {
    std::env::var("ZKV_RACE_RUNS").map_or(10, |runs| runs.parse().unwrap())
}

fn start(mut command: Command) -> Child {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

/// Starts both, the second somewhat later, and tells whether each did its work; one that did not must have said that
/// another zkv is at work.
fn together(first: Command, later: Duration, second: Command) -> [bool; 2] {
    let first = start(first);
    std::thread::sleep(later);
    let second = start(second);
    [first, second].map(|child| done(&child.wait_with_output().unwrap()))
}

fn done(output: &Output) -> bool {
    let stderr = String::from_utf8_lossy(&output.stderr);
    match output.status.code() {
        Some(0) => true,
        Some(1) => {
            assert!(stderr.contains("another zkv"), "{stderr}");
            false
        }
        code => panic!("{code:?}: {stderr}"),
    }
}

/// From at once to after the first has ended.
fn later(meeting: u32, whole: Duration) -> Duration {
    whole * (meeting % 16) / 12
}

#[test]
fn r03_two_changes_of_a_keyring_lose_none() {
    let desk = Desk::with_keyring();
    let rotate = |number: u32| desk.zkv_std(&["key", "rotate", "--label", &format!("key-{number}")]);
    let labels = || {
        let keys = json_of(&mut desk.zkv(&["key", "list", "--json"]));
        let label = |key: &Value| key["label"].as_str().unwrap().to_owned();
        keys.as_array().unwrap().iter().map(label).collect::<Vec<_>>()
    };
    let (mut expected, mut refused) = (labels(), 0);
    let started = std::time::Instant::now();
    labels();
    let whole = started.elapsed();
    for meeting in 0..meetings() {
        let numbers = [2 * meeting, 2 * meeting + 1];
        let outcomes = together(rotate(numbers[0]), later(meeting, whole), rotate(numbers[1]));
        assert_ne!(outcomes, [false; 2], "neither had its turn");
        for (number, done) in numbers.into_iter().zip(outcomes) {
            match done {
                true => expected.push(format!("key-{number}")),
                false => refused += 1,
            }
        }
        let mut now = labels();
        now.sort();
        expected.sort();
        assert_eq!(now, expected);
    }
    println!("keyring: {} meetings, {refused} refused, lost 0", meetings());
}

#[test]
fn r03_two_syncs_and_a_reader_see_whole_states() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    for _ in 0..2 {
        service.zkv(&desk, &["sync"]).assert().success();
    }
    let zkv = |args: &[&str]| {
        let mut command = desk.zkv_std(args);
        command.envs(service.environment()).env("ZKV_KEY_FILE", "vault.key");
        command
    };
    let started = std::time::Instant::now();
    service.zkv(&desk, &["sync"]).assert().success();
    let whole = started.elapsed();
    let mut refused = 0;
    for meeting in 0..meetings() {
        service.change(|organisation| {
            organisation.get_mut(Kind::Site, seed::GITHUB).unwrap()["used"] = json!(meeting);
        });
        let reader = start(zkv(&["list", "--json"]));
        let outcomes = together(zkv(&["sync"]), later(meeting, whole), zkv(&["sync", "--full"]));
        assert_ne!(outcomes, [false; 2], "neither had its turn");
        refused += outcomes.iter().filter(|done| !**done).count();
        let read = reader.wait_with_output().unwrap();
        assert!(done(&read), "readers need no lock");
        let sites: Value = serde_json::from_slice(&read.stdout).unwrap();
        assert_eq!(sites.as_array().unwrap().len(), 12);
        let status = json_of(service.zkv(&desk, &["status", "--verify"]).arg("--json"));
        assert_eq!(status["verdicts"], json!({"ok": 12}));
    }
    println!("store: {} meetings, {refused} refused, lost 0", meetings());
}
