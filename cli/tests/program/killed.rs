//! `kill -9` in the middle of everything that writes: what is there afterwards is the state before or after, whole.
//!
//! At moments spread over a whole run, and, where strace is there, before calls that change a file: some of each, or all
//! when `ZKV_KILL_RUNS` says how many moments (`scripts/test-kill`).

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::Instant;

use serde_json::Value;
use zkvault_test_support::{Desk, json_of, repository};

/// The calls before which a program is ended.
const CALLS: [&str; 8] = [
    "fsync",
    "fdatasync",
    "linkat",
    "rename,renameat,renameat2",
    "unlink,unlinkat",
    "pwrite64",
    "ftruncate",
    "mkdir",
];

/// What a run that was ended left behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Left {
    /// All as before.
    Before,
    /// A state from which the same command, run again, resumes; nothing is lost.
    Between,
    /// All as after a whole run.
    After,
}

/// Ends `command` in many places. After each, `look` checks that nothing is lost or half-written, says what is there,
/// and makes everything ready for the next run.
pub(crate) fn kill(scenario: &str, command: impl Fn() -> Command, mut look: impl FnMut() -> Left) {
    let started = Instant::now();
    assert!(
        quiet(command()).status().unwrap().success(),
        "{scenario}: not even undisturbed"
    );
    let whole = started.elapsed();
    assert_eq!(look(), Left::After, "{scenario}: the undisturbed run");
    let mut left = Vec::new();
    let runs = std::env::var("ZKV_KILL_RUNS").map_or(5, |runs| runs.parse().unwrap());
    for run in 0..runs {
        let mut child = quiet(command()).spawn().unwrap();
        // From the start to somewhat after the end, evenly, and nowhere twice.
        sleep((whole * run + whole * u32::from(random()) / 256) * 9 / 8 / runs);
        child.kill().unwrap();
        child.wait().unwrap();
        left.push(look());
    }
    let calls = at_calls(&command, || left.push(look()));
    let of = |state| left.iter().filter(|left| **left == state).count();
    println!(
        "{scenario}: {runs} random moments in {whole:?}, {calls} calls; before {}, between {}, after {}, lost 0",
        of(Left::Before),
        of(Left::Between),
        of(Left::After)
    );
}

/// Returns how many there were.
fn at_calls(command: &impl Fn() -> Command, mut look: impl FnMut()) -> usize {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("without strace there are no kills at the calls");
        return 0;
    }
    let mut places = 0;
    for name in CALLS {
        let count = count(&command(), name);
        look();
        for call in spread(count) {
            let _ = quiet(traced(&command(), name, call)).status().unwrap();
            look();
            places += 1;
        }
    }
    places
}

/// How often the thread that makes most calls of this name makes them: strace counts for each thread by itself.
fn count(command: &Command, name: &str) -> usize {
    let log = tempfile::NamedTempFile::new().unwrap();
    let mut counted = Command::new("strace");
    counted.args(["-f", "-qq", "-e"]).arg(format!("trace={name}"));
    counted.arg("-o").arg(log.path()).arg(command.get_program());
    inherit(&mut counted, command);
    assert!(quiet(counted).status().unwrap().success());
    let mut threads = BTreeMap::<String, usize>::new();
    for line in std::fs::read_to_string(log.path()).unwrap().lines() {
        let (thread, call) = line.split_once(' ').unwrap();
        if call.trim_start().starts_with(|first: char| first.is_ascii_lowercase()) {
            *threads.entry(thread.to_owned()).or_default() += 1;
        }
    }
    threads.into_values().max().unwrap_or(0)
}

/// The calls to end at, from the first to the last: all of them when runs are asked for, else three, evenly.
fn spread(count: usize) -> Vec<usize> {
    const SOME: usize = 3;
    if count <= SOME || std::env::var_os("ZKV_KILL_RUNS").is_some() {
        return (1..=count).collect();
    }
    (0..SOME).map(|n| 1 + n * (count - 1) / (SOME - 1)).collect()
}

/// The command under strace, which ends it before the call of that number.
fn traced(command: &Command, name: &str, call: usize) -> Command {
    let mut traced = Command::new("strace");
    traced.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
    traced.arg(format!("inject={name}:signal=KILL:when={call}"));
    traced.arg(command.get_program());
    inherit(&mut traced, command);
    traced
}

/// Gives a program that wraps another its arguments, folder and environment.
pub(crate) fn inherit(outer: &mut Command, inner: &Command) {
    outer.args(inner.get_args());
    if let Some(folder) = inner.get_current_dir() {
        outer.current_dir(folder);
    }
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => outer.env(name, value),
            None => outer.env_remove(name),
        };
    }
}

fn quiet(mut command: Command) -> Command {
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn random() -> u8 {
    let mut byte = [0];
    getrandom::fill(&mut byte).unwrap();
    byte[0]
}

/// The ids of the keyring's keys, which opens.
fn keys(desk: &Desk) -> BTreeSet<String> {
    let keys = json_of(&mut desk.zkv(&["key", "list", "--json"]));
    let id = |key: &Value| key["id"].as_str().unwrap().to_owned();
    keys.as_array().unwrap().iter().map(id).collect()
}

/// Compares the keys with those that were there before the run.
fn more_keys(desk: &Desk, known: &mut BTreeSet<String>) -> Left {
    let now = keys(desk);
    assert!(now.is_superset(known), "a key is lost: {known:?}, {now:?}");
    let added = now.len() - known.len();
    *known = now;
    match added {
        0 => Left::Before,
        1 => Left::After,
        _ => panic!("{added} keys by one command"),
    }
}

#[test]
fn r01_a_key_rotation_that_is_killed_loses_no_key() {
    let desk = Desk::with_keyring();
    let mut known = keys(&desk);
    let look = || more_keys(&desk, &mut known);
    kill("key rotate", || desk.zkv_std(&["key", "rotate"]), look);
}

#[test]
fn r01_a_key_import_that_is_killed_loses_no_key() {
    let desk = Desk::with_keyring();
    let mut known = keys(&desk);
    let another = || {
        let mut key = [0; 32];
        getrandom::fill(&mut key).unwrap();
        desk.write("another.key", key);
    };
    another();
    let look = || {
        another();
        more_keys(&desk, &mut known)
    };
    kill("key import", || desk.zkv_std(&["key", "import", "another.key"]), look);
}

#[test]
fn r01_an_encrypted_file_that_is_killed_is_the_old_one_or_the_new_one() {
    let desk = Desk::new();
    let key = repository("examples/example.key");
    let mut contents = [vec![1; 5 << 20], vec![2; 5 << 20]];
    desk.write("content", &contents[0]);
    desk.write("out", "");
    let encrypt = ["file", "encrypt", "content", "-o", "out", "--force", "--key-file", &key];
    let decrypt = ["file", "decrypt", "out", "-o", "plain", "--force", "--key-file", &key];
    let look = || {
        desk.zkv(&decrypt).assert().success();
        let is_new = desk.read("plain") == contents[0];
        assert!(is_new || desk.read("plain") == contents[1], "it is neither");
        // Drafts without a name are gone. One that was just being renamed is removed by the next command.
        assert_eq!(desk.names(), ["content", "out", "plain"]);
        if is_new {
            contents.swap(0, 1);
            desk.write("content", &contents[0]);
        }
        if is_new { Left::After } else { Left::Before }
    };
    kill("file encrypt", || desk.zkv_std(&encrypt), look);
}
