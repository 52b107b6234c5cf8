//! `zkv demo`: it runs through, shows what it promises, and leaves nothing behind.

use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::process::Child;
use std::process::{Command, Stdio};

use zkvault_test_support::Desk;

/// Whether the temporary folder is as empty as it was.
fn is_clean(desk: &Desk) -> bool {
    std::fs::read_dir(desk.path("tmp")).unwrap().next().is_none()
}

/// Services that also end with a test that fails: they hold its output open.
#[cfg(unix)]
struct Serving(Child);

#[cfg(unix)]
impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
    }
}

fn demo(desk: &Desk, arguments: &[&str]) -> Command {
    std::fs::create_dir(desk.path("tmp")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_zkv"));
    command.arg("demo").args(arguments).env("TMPDIR", desk.path("tmp"));
    // What somebody has set for daily use must not reach the demo.
    command
        .env("ZKV_KEY_FILE", "/nowhere")
        .env("ZKV_LOGMEONCE_URL", "https://real.example")
        .env("ZKV_NO_INPUT", "1");
    command
}

#[test]
fn the_tour_goes_from_an_empty_folder_to_a_lie_that_is_refused() {
    let desk = Desk::new();
    let output = demo(&desk, &[]).env("HOME", desk.path(".")).output().unwrap();
    let (story, errors) = (
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    );
    assert!(output.status.success() && errors.is_empty(), "{story}\n{errors}");
    let mut rest = story.as_str();
    for expected in [
        "ingrid$ zkv sync",
        "synced 127.0.0.1:",
        ": 12 sites (12 new",
        "1749412\tGitHub\thaldenfrey-bot\tgithub.com\t",
        "ingrid$ zkv read zkv://GitHub/password\n",
        "compass-rose-Vector-31",
        "ingrid$ zkv vendor discover\n",
        "vendor-cbc-hmac-128\tauthenticated\t7 of 7\tcompany",
        "ingrid$ zkv read zkv://Google/password\n",
        "Anchor7.Weigh.Dawn",
        "POST /sites/1749412/groups {\"assign\":8762}",
        "1749412\tgroup 8762\tassigned",
        "priya$ zkv activate priya.txt",
        "company\tactivation\tactive",
        "priya$ zkv read zkv://GitHub/password\n",
        "compass-rose-Vector-31",
        "1749412\tGitHub\ttampered",
        "its values would go to https://github.com.login.example, no more to https://github.com",
        "error: a confirmation is needed",
        "ingrid$ zkv read zkv://GitHub/password\n",
        "compass-rose-Vector-31",
        "ingrid$ zkv repo sas 341 --project 12 --full-access -o repository.sas",
        "backup 1 of 12 sites, 9 users and 5 groups",
        "ingrid-new-laptop$ zkv backup restore",
        "restored backup 1 of 127.0.0.1",
        "ingrid-new-laptop$ zkv read zkv://GitHub/password\n",
        "compass-rose-Vector-31",
    ] {
        let (_, after) = rest
            .split_once(expected)
            .unwrap_or_else(|| panic!("{expected:?} is not in {rest}"));
        rest = after;
    }
    assert!(!story.contains('\u{1b}'), "plain when piped");
    assert!(!story.contains("sig="), "{story}");
    assert!(is_clean(&desk));
    assert_eq!(desk.names(), ["tmp"]);
}

#[cfg(unix)]
#[test]
fn the_service_stays_up_until_it_is_interrupted_and_its_settings_work() {
    let desk = Desk::new();
    let mut serving = Serving(demo(&desk, &["--serve"]).stdout(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(serving.0.stdout.take().unwrap()).lines();
    let settings: Vec<String> = lines
        .map(Result::unwrap)
        .take_while(|line| !line.starts_with('#'))
        .collect();
    let zkv = env!("CARGO_BIN_EXE_zkv");
    let script = format!(
        "{}\n{zkv} sync && {zkv} repo sas 341 --project 12 --full-access -o \"$ZKV_SAS_FILE\" >/dev/null && {zkv} backup \
         push >/dev/null && {zkv} read zkv://GitHub/password",
        settings.join("\n")
    );
    let used = Command::new("sh").args(["-c", &script]).output().unwrap();
    assert_eq!(
        String::from_utf8(used.stdout).unwrap(),
        "compass-rose-Vector-31",
        "{settings:?}: {}",
        String::from_utf8_lossy(&used.stderr)
    );
    let pid = serving.0.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(serving.0.wait().unwrap().code(), Some(130));
    assert!(is_clean(&desk));
}

#[cfg(unix)]
#[test]
fn an_interrupted_tour_leaves_nothing_behind_either() {
    let desk = Desk::new();
    let mut touring = demo(&desk, &[]).stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(touring.stdout.take().unwrap()).lines();
    lines
        .find(|line| line.as_ref().unwrap().ends_with("zkv sync"))
        .unwrap()
        .unwrap();
    let pid = touring.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(touring.wait().unwrap().code(), Some(130));
    assert!(is_clean(&desk));
}

#[test]
fn a_port_that_is_taken_is_said() {
    let desk = Desk::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let output = demo(&desk, &["--port", &port]).output().unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(message.contains("hint: choose another --port"), "{message}");
    assert!(output.stdout.is_empty());
    assert!(is_clean(&desk));
}
