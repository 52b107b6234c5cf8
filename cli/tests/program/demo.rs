//! `zkv demo`: it runs through, shows what it promises, and leaves nothing behind.

use std::process::Command;

use zkvault_test_support::Desk;

#[cfg(unix)]
mod served;

#[cfg(unix)]
const RUN: &str = "ingrid$ zkv run --env PW=zkv://GitHub/password -- sh -c 'echo a password of ${#PW} characters'\n";
#[cfg(windows)]
const RUN: &str = "ingrid$ zkv run --env PW=zkv://GitHub/password -- cmd /c";

/// Whether the temporary folder is as empty as it was.
fn is_clean(desk: &Desk) -> bool {
    std::fs::read_dir(desk.path("tmp")).unwrap().next().is_none()
}

fn demo(desk: &Desk, arguments: &[&str]) -> Command {
    std::fs::create_dir(desk.path("tmp")).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_zkv"));
    command.arg("demo").args(arguments).env("TMPDIR", desk.path("tmp"));
    // What the temporary folder is called on Windows.
    command.env("TMP", desk.path("tmp"));
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
        "ingrid$ zkv read git\n",
        "compass-rose-Vector-31",
        "ingrid$ zkv totp git\n",
        RUN,
        if cfg!(windows) {
            "a password"
        } else {
            "a password of 22 characters"
        },
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
        "ingrid$ zkv run --env PW=zkv://GitHub/password",
        "GitHub (1749412) may not be used as it is",
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
    let (_, code) = story.split_once("ingrid$ zkv totp git\n").unwrap();
    let code = code.lines().next().unwrap();
    assert!(
        code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()),
        "{code}"
    );
    assert!(!story.contains('\u{1b}'), "plain when piped");
    assert!(!story.contains("sig="), "{story}");
    assert!(is_clean(&desk));
    assert_eq!(desk.names(), ["tmp"]);
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
