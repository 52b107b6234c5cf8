//! `zkv demo`: it runs through, shows what it promises, and leaves nothing behind.

use std::io::{BufRead as _, BufReader};
#[cfg(unix)]
use std::process::Child;
use std::process::{Command, Stdio};

use zkvault_test_support::Desk;

#[cfg(unix)]
use crate::pty::Pty;

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
        "ingrid$ zkv read git\n",
        "compass-rose-Vector-31",
        "ingrid$ zkv run --env PW=zkv://GitHub/password -- sh -c 'echo a password of ${#PW} characters'\n",
        "a password of 22 characters",
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

/// At a terminal the tour waits after each chapter, whose beginning is still on the screen then.
#[cfg(unix)]
#[test]
fn each_chapter_fits_a_terminal_and_waits_for_enter() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("tmp")).unwrap();
    let folder = desk.path("tmp");
    let variables = [("TMPDIR", folder.to_str().unwrap()), ("ZKV_KEY_FILE", "/nowhere")];
    let mut pty = Pty::run_with(&desk, (24, 80), &variables, "zkv demo");
    for chapter in 1..=11 {
        pty.wait_for("q ends the tour: ");
        let screen = pty.screen();
        let start = format!("{chapter}. ");
        assert!(
            screen.iter().any(|row| row.starts_with(&start)),
            "{chapter}: {screen:#?}"
        );
        pty.reply("", "");
    }
    pty.wait_for("That was it");
    let (code, written) = pty.end();
    assert_eq!(code, 0, "{written}");
    assert!(is_clean(&desk));
}

#[cfg(unix)]
#[test]
fn the_tour_may_be_left_and_does_not_wait_without_pauses() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("tmp")).unwrap();
    let folder = desk.path("tmp");
    let variables = [("TMPDIR", folder.to_str().unwrap())];
    let mut pty = Pty::run_with(&desk, (24, 80), &variables, "zkv demo");
    pty.reply("q ends the tour: ", "q");
    let (code, written) = pty.end();
    assert!(code == 0 && !written.contains("zkv sync"), "{written}");
    assert!(is_clean(&desk));
    let pty = Pty::run_with(&desk, (24, 80), &variables, "zkv demo --no-pause");
    let (code, written) = pty.end();
    assert!(code == 0 && written.contains("That was it"), "{written}");
    assert!(!written.contains("q ends the tour"), "{written}");
}

/// A page that is there to be filled: it takes the login that its site holds, and no other.
#[cfg(unix)]
#[test]
fn a_login_page_is_served_for_the_site_that_fills_it() {
    let desk = Desk::new();
    let mut serving = Serving(demo(&desk, &["--serve"]).stdout(Stdio::piped()).spawn().unwrap());
    let mut lines = BufReader::new(serving.0.stdout.take().unwrap())
        .lines()
        .map(Result::unwrap);
    let settings: Vec<String> = lines.by_ref().take_while(|line| !line.starts_with('#')).collect();
    assert!(
        settings.iter().any(|line| line == "export ZKV_KEY_FILE=''"),
        "{settings:?}"
    );
    let page = lines.find(|line| line.contains("a login page to fill")).unwrap();
    let url = page.rsplit(' ').next().unwrap().to_owned();
    let zkv = env!("CARGO_BIN_EXE_zkv");
    let read = format!(
        "{}\n{zkv} sync 2>/dev/null; {zkv} read zkv://practice/username; echo; {zkv} read practice",
        settings.join("\n")
    );
    let read = Command::new("sh").args(["-c", &read]).output().unwrap();
    let read = String::from_utf8(read.stdout).unwrap();
    let (user, password) = read.split_once('\n').unwrap();
    let form = |password: &str| format!("username={}&password={password}", user.replace('@', "%40"));
    assert!(http(&url, None).contains("autocomplete=\"current-password\""));
    assert!(
        http(&url, Some(&form(password))).contains("You are logged in"),
        "{read}"
    );
    assert!(http(&url, Some(&form("wrong"))).contains("This is not the login"));
}

/// A response whole.
#[cfg(unix)]
fn http(url: &str, form: Option<&str>) -> String {
    use std::io::{Read as _, Write as _};
    let host = url.trim_start_matches("http://").trim_end_matches('/');
    let mut stream = std::net::TcpStream::connect(host).unwrap();
    let method = if form.is_some() { "POST" } else { "GET" };
    let body = form.unwrap_or_default();
    let kind = "application/x-www-form-urlencoded";
    let request = format!(
        "{method} / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut response = String::new();
    stream.read_to_string(&mut response).unwrap();
    response
}
