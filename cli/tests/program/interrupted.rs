//! Ends that come early: signals, full disks, readers that go away. What was there before is there after.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::sleep;
use std::time::Duration;

use zkvault_test_support::{Desk, repository};

/// Begins to write `out`, and waits for input that does not come.
fn writing(desk: &Desk, args: &[&str]) -> Child {
    let mut zkv = desk.zkv_std(args);
    zkv.args([
        "-o",
        "out",
        "--force",
        "--key-file",
        &repository("examples/example.key"),
    ]);
    let mut child = zkv.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let site = format!(r#"{{"id":1,"name":"{}"}},"#, "n".repeat(1000)).repeat(1000);
    let stdin = child.stdin.as_mut().unwrap();
    stdin.write_all(b"[").unwrap();
    stdin.write_all(site.as_bytes()).unwrap();
    stdin.flush().unwrap();
    sleep(Duration::from_millis(200));
    child
}

fn end(mut child: Child, signal: &str) -> ExitStatus {
    let id = child.id().to_string();
    // Waiting closes a child's input, and its end is not what shall end this one.
    let stdin = child.stdin.take();
    assert!(Command::new("kill").args([signal, &id]).status().unwrap().success());
    let status = child.wait().unwrap();
    drop(stdin);
    status
}

#[test]
fn a_signal_leaves_the_old_file_and_nothing_else() {
    for (signal, code) in [
        ("-INT", Some(130)),
        ("-TERM", Some(143)),
        ("-HUP", Some(129)),
        ("-KILL", None),
    ] {
        for args in [
            &["decrypt"][..],
            &["encrypt"],
            &["file", "encrypt", "-", "--block-size", "16KiB"],
        ] {
            let desk = Desk::new();
            desk.write("out", "old");
            let status = end(writing(&desk, args), signal);
            assert_eq!(status.code(), code, "{signal} {args:?}: {status:?}");
            if code.is_none() {
                assert_eq!(status.signal(), Some(9));
            }
            assert_eq!(desk.read("out"), b"old");
            let mut names = desk.names();
            if code.is_none() {
                // Where a file system has no unnamed files, nobody is left to remove the named one.
                names.retain(|name| !name.starts_with(".zkv-"));
            }
            assert_eq!(names, ["out"], "{signal} {args:?}");
        }
    }
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let desk = Desk::new();
    let site = format!(r#"{{"id":1,"name":"{}"}},"#, "n".repeat(1000)).repeat(4000);
    desk.write("sites.json", format!(r#"[{site}{{"id":2}}]"#));
    let key = repository("examples/example.key");
    for args in [
        vec!["decrypt", "sites.json", "--key-file", &key],
        vec!["completions", "zsh"],
    ] {
        let mut zkv = desk.zkv_std(&args);
        let mut child = zkv.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        if args.len() > 2 {
            let mut some = [0; 100];
            child.stdout.as_mut().unwrap().read_exact(&mut some).unwrap();
        }
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(matches!(output.status.code(), Some(0 | 141)), "{:?}", output.status);
        assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_named() {
    let desk = Desk::new();
    let (sites, key) = (repository("examples/sites.json"), repository("examples/example.key"));
    let cases: [&[&str]; 6] = [
        &["decrypt", &sites, "--key-file", &key],
        &["inspect", &sites],
        &["generate"],
        &["man"],
        &["--version"],
        &["file", "encrypt", &sites, "-o", "-", "--key-file", &key],
    ];
    for args in cases {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = desk.zkv_std(args).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(
            String::from_utf8_lossy(&output.stderr).contains("No space left"),
            "{args:?}"
        );
    }
}

#[test]
fn two_changes_at_once_do_not_lose_one() {
    let desk = Desk::with_keyring();
    let lock = File::options()
        .write(true)
        .open(desk.path("config/default/lock"))
        .unwrap();
    lock.try_lock().unwrap();
    let failed = desk.zkv(&["key", "rotate"]).assert().code(1);
    assert!(String::from_utf8_lossy(&failed.get_output().stderr).contains("another zkv"));
    desk.zkv(&["key", "list"]).assert().success();
    drop(lock);
    desk.zkv(&["key", "rotate"]).assert().success();
}
