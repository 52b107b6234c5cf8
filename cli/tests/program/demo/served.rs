//! The demo's services, and its tour at a terminal: with signals, a shell and a pseudo-terminal.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use zkvault_test_support::Desk;

use super::{demo, is_clean};
use crate::pty::Pty;

/// Services that also end with a test that fails: they hold its output open.
struct Serving(Child);

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
    }
}

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

/// At a terminal the tour waits after each chapter, whose beginning is still on the screen then.
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
