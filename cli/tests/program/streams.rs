//! Standard streams that are closed, or that take no output: what was to be printed is never lost with exit code 0.

use std::process::{Command, Output};

use serde_json::Value;
use zkvault_test_support::{Desk, Service, repository};

use crate::killed::inherit;

/// `zkv` with its streams as the shell's `redirections` leave them.
fn redirected(desk: &Desk, redirections: &str, args: &[&str]) -> Output {
    let zkv = desk.zkv_std(args);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("exec \"$@\" {redirections}"), "sh"]);
    shell.arg(zkv.get_program());
    inherit(&mut shell, &zkv);
    shell.output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// A desk with what the commands below read.
fn desk() -> (Desk, [String; 2]) {
    let desk = Desk::with_keyring();
    desk.write("content", b"content");
    (
        desk,
        [repository("examples/sites.json"), repository("examples/example.key")],
    )
}

/// A command of each kind of output: texts of clap, tables, JSON, documents, bytes.
fn printing<'a>(sites: &'a str, key: &'a str) -> Vec<Vec<&'a str>> {
    vec![
        vec!["--version"],
        vec!["--help"],
        vec!["help", "key"],
        vec!["generate"],
        vec!["generate", "--json"],
        vec!["key", "list"],
        vec!["key", "list", "--json"],
        vec!["identity", "show"],
        vec!["inspect", sites],
        vec!["decrypt", sites, "--key-file", key],
        vec!["decrypt", sites, "--key-file", key, "--json"],
        vec!["file", "encrypt", "content", "--key-file", key, "-o", "-"],
        vec!["completions", "bash"],
        vec!["man"],
        vec!["doctor"],
    ]
}

#[test]
fn output_that_cannot_be_written_is_an_error() {
    let (desk, [sites, key]) = desk();
    for args in printing(&sites, &key) {
        for redirections in [">&-", "1</dev/null", ">/dev/full"] {
            let output = redirected(&desk, redirections, &args);
            let said = said(&output);
            assert_eq!(output.status.code(), Some(1), "{redirections} {args:?}: {said}");
            assert!(
                said.contains("cannot write to standard output"),
                "{redirections} {args:?}: {said}"
            );
        }
        let unheard = redirected(&desk, ">&- 2>&-", &args);
        assert_eq!(unheard.status.code(), Some(1), "{args:?}");
    }
    let failure = redirected(&desk, ">&-", &["key", "list", "--json"]);
    let failure: Value = serde_json::from_slice(&failure.stderr).unwrap();
    assert_eq!(failure["code"], "io");
    assert!(
        failure["cause"].as_str().unwrap().contains("it was closed"),
        "{failure}"
    );
}

/// Nobody wants to hear of it, and all else is as it was.
#[test]
fn errors_that_nobody_hears_change_nothing_else() {
    let (desk, [sites, key]) = desk();
    for (args, code) in [
        (vec!["decrypt", &sites, "--key-file", &key, "--json"], 0),
        (vec!["inspect", &sites], 0),
        (vec!["decrypt", "nowhere.json", "--key-file", &key], 3),
        (vec!["decrypt", "nowhere.json", "--key-file", &key, "--json"], 3),
        (vec!["--nonsense"], 2),
        (vec!["--nonsense", "--json"], 2),
    ] {
        let open = redirected(&desk, "2>/dev/null", &args);
        for redirections in ["2>&-", "2</dev/null", "2>/dev/full"] {
            let output = redirected(&desk, redirections, &args);
            assert_eq!(output.status.code(), Some(code), "{redirections} {args:?}");
            assert_eq!(output.stdout, open.stdout, "{redirections} {args:?}");
        }
    }
}

/// What prints nothing to stdout needs none.
#[test]
fn a_closed_stdout_is_in_nobodys_way_who_prints_nothing() {
    let (desk, [_, key]) = desk();
    let args = ["file", "encrypt", "content", "--key-file", &key, "-o", "sealed"];
    let output = redirected(&desk, ">&-", &args);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let args = ["file", "decrypt", "sealed", "--key-file", &key, "-o", "opened"];
    assert_eq!(redirected(&desk, ">&- 2>&- <&-", &args).status.code(), Some(0));
    assert_eq!(desk.read("opened"), b"content");
}

/// A closed stdin is not an empty one.
#[test]
fn input_that_is_closed_is_an_error() {
    let (desk, [_, key]) = desk();
    for args in [
        vec!["file", "encrypt", "-", "--key-file", &key, "-o", "sealed"],
        vec!["decrypt", "-", "--key-file", &key],
        vec!["key", "import", "-"],
    ] {
        let output = redirected(&desk, "<&-", &args);
        let said = said(&output);
        assert!(matches!(output.status.code(), Some(1 | 2)), "{args:?}: {said}");
    }
    let output = redirected(
        &desk,
        "<&-",
        &["file", "encrypt", "-", "--key-file", &key, "-o", "sealed"],
    );
    assert!(
        said(&output).contains("cannot read standard input"),
        "{}",
        said(&output)
    );
    assert_eq!(desk.names(), ["content"]);
}

/// The address to open is the only way to continue: where nobody sees it, nobody is waited for.
#[test]
fn a_login_in_the_browser_that_nobody_can_see_ends_at_once() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let [(_, url), (_, api_key), (_, secret)] = service.environment();
    desk.write("secret.txt", secret);
    let args = [
        "auth",
        "login",
        "--grant",
        "authorization-code",
        "--url",
        &url,
        "--api-key",
        &api_key,
        "--secret-file",
        "secret.txt",
    ];
    let begun = std::time::Instant::now();
    let output = redirected(&desk, "2>&-", &args);
    assert_eq!(output.status.code(), Some(1));
    assert!(begun.elapsed().as_secs() < 20);
}
