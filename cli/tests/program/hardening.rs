//! What others of the same user, a crash and the swap see of the program's memory: nothing.

use std::fs::read_to_string;
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value;
use zkvault_test_support::Desk;

use crate::person::{Person, is_root};

/// A program that waits, ended with the test.
struct Waiting(Child);

impl Waiting {
    fn start(mut command: Command) -> Self {
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let waiting = Self(command.spawn().unwrap());
        sleep(Duration::from_millis(300));
        waiting
    }

    /// A file in `/proc` about it.
    fn about(&self, name: &str) -> String {
        format!("/proc/{}/{name}", self.0.id())
    }

    fn kib(&self, field: &str) -> u64 {
        let status = read_to_string(self.about("status")).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(field)).unwrap();
        line.split_ascii_whitespace().next().unwrap().parse().unwrap()
    }

    /// Ends it as a crash does, and tells whether the system wrote a core dump.
    fn crash(mut self) -> bool {
        let id = self.0.id().to_string();
        let input = self.0.stdin.take();
        assert!(Command::new("kill").args(["-ABRT", &id]).status().unwrap().success());
        let status = self.0.wait().unwrap();
        drop(input);
        assert_eq!(status.signal(), Some(6), "{status:?}");
        status.core_dumped()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The arguments of a command that holds a key and waits for input.
const HOLDS_A_KEY: [&str; 7] = ["file", "encrypt", "-", "-o", "out", "--key-file", "vault.key"];

fn person() -> Person {
    let person = Person::new();
    person.desk.write("vault.key", [7; 32]);
    person.own("vault.key");
    person
}

fn doctor(output: &Output, check: &str) -> (String, String) {
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let checks = report.as_array().unwrap();
    let found = checks.iter().find(|found| found["check"] == check).unwrap();
    let text = |name: &str| found[name].as_str().unwrap().to_owned();
    (text("state"), text("detail"))
}

#[test]
fn z31_nobody_of_the_same_user_can_look_into_the_process() {
    let person = person();
    let zkv = Waiting::start(person.zkv(&HOLDS_A_KEY));
    let limits = read_to_string(zkv.about("limits")).unwrap();
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size"));
    let core: Vec<_> = core.unwrap().split_ascii_whitespace().collect();
    assert_eq!(core, ["0", "0", "bytes"]);

    let mut sleep = person.runs("sleep");
    sleep.arg("60");
    let other = Waiting::start(sleep);
    let reads = |path: String| person.runs("cat").arg(path).output().unwrap();
    assert!(
        reads(other.about("environ")).status.success(),
        "no control: nothing can be read anyway"
    );
    for name in ["environ", "mem", "maps", "auxv"] {
        let read = reads(zkv.about(name));
        let said = String::from_utf8_lossy(&read.stderr);
        assert!(said.contains("Permission denied"), "{name}: {said}");
    }
    // Where there is one, a debugger itself.
    let mut strace = person.runs("timeout");
    strace.args(["5", "strace", "-o", "/dev/null", "-p", &zkv.0.id().to_string()]);
    let attached = strace.output().unwrap();
    assert!(
        !attached.status.success() && attached.status.code() != Some(124),
        "{attached:?}"
    );
}

#[test]
fn z31_a_crash_leaves_no_core() {
    let person = person();
    let dumping = |command: &[&str]| {
        let mut shell = person.runs("sh");
        shell
            .args(["-c", "ulimit -S -c \"$(ulimit -H -c)\"; exec \"$@\"", "sh"])
            .args(command);
        Waiting::start(shell).crash()
    };
    if !dumping(&["sleep", "60"]) {
        println!("this machine writes no core dumps at all: nothing was shown here");
    }
    assert!(
        !dumping(&[&["./zkv"][..], &HOLDS_A_KEY].concat()),
        "a core dump was written"
    );
    let names = person.desk.names();
    let cores = names.iter().filter(|name| name.starts_with("core")).count();
    assert!(cores <= 1, "{names:?}");
}

#[test]
fn z31_memory_is_locked_where_that_is_allowed_and_nothing_fails_where_it_is_not() {
    let person = person();
    // With the cost of every keyring: 64 MiB, which is more than users may lock.
    let limited = |limit: &str, args: &[&str]| {
        let mut shell = person.runs("sh");
        shell
            .args(["-c", &format!("ulimit -l {limit} && exec \"$@\""), "sh", "./zkv"])
            .args(args);
        shell
    };
    for args in [&["init"][..], &["key", "list"]] {
        let ran = limited("64", args).output().unwrap();
        assert!(ran.status.success(), "{ran:?}");
    }
    assert_eq!(Waiting::start(limited("64", &HOLDS_A_KEY)).kib("VmLck:"), 0);
    let (state, detail) = doctor(&limited("64", &["doctor", "--json"]).output().unwrap(), "swap");
    assert!(detail.starts_with("memory is not locked"), "{state} {detail}");
    if !is_root() {
        println!("only root can show that memory is locked");
        return;
    }
    let desk = Desk::new();
    desk.write("vault.key", [7; 32]);
    let locked = Waiting::start(desk.zkv_std(&HOLDS_A_KEY));
    assert!(locked.kib("VmLck:") > 1000, "{} KiB", locked.kib("VmLck:"));
    let (state, detail) = doctor(&desk.zkv_std(&["doctor", "--json"]).output().unwrap(), "swap");
    assert_eq!((&*state, &*detail), ("ok", "all memory is locked, and never swapped"));
}

#[test]
fn z31_doctor_says_what_is_in_force() {
    let person = person();
    let report = person.zkv(&["doctor", "--json"]).output().unwrap();
    for (check, detail) in [("core dumps", "none is written"), ("debuggers", "cannot attach")] {
        let found = doctor(&report, check);
        assert!(found.0 == "ok" && found.1.contains(detail), "{found:?}");
    }
    let table = person.zkv(&["doctor"]).output().unwrap();
    assert!(String::from_utf8_lossy(&table.stdout).contains("core dumps"));
}

/// Who may not be looked into does not own its entries in `/proc` any more, and must find its own way there.
#[test]
fn z31_the_program_still_reaches_its_own_files() {
    let person = person();
    let through = |args: &[&str], input: &str| {
        let mut shell = person.runs("sh");
        shell
            .args(["-c", &format!("printf %s {input} | ./zkv \"$@\""), "sh"])
            .args(args);
        let output = shell.output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    // A file without a name gets one by /proc/self/fd, where the file system has such files.
    through(
        &["file", "encrypt", "/dev/stdin", "-o", "out", "--key-file", "vault.key"],
        "content",
    );
    through(
        &[
            "file",
            "encrypt",
            "-",
            "-o",
            "out",
            "--force",
            "--key-file",
            "vault.key",
        ],
        "content",
    );
    let content = through(
        &["file", "decrypt", "out", "-o", "-", "--key-file", "vault.key"],
        "nothing",
    );
    assert_eq!(content, b"content");
}

/// While a command works, the key that it works with is in memory, and nothing of how it came there.
#[test]
fn z30_a_command_at_work_keeps_its_key_and_neither_passphrase_nor_key_file() {
    if !is_root() {
        println!("only root may look into it");
        return;
    }
    let desk = Desk::new();
    let mut key = [0; 32];
    getrandom::fill(&mut key).unwrap();
    let (hex, passphrase) = (hex::encode(key), hex::encode(&key[..20]).replace(['1', 'a'], "x"));
    desk.write("vault.key", &hex);
    desk.write("passphrase", &passphrase);
    let zkv = |args: &[&str]| {
        let mut zkv = desk.zkv_std(args);
        zkv.env_remove("ZKV_PASSPHRASE")
            .env("ZKV_PASSPHRASE_FILE", "passphrase");
        zkv
    };
    for args in [&["init"][..], &["key", "import", "vault.key", "--default"]] {
        assert!(zkv(args).output().unwrap().status.success(), "{args:?}");
    }
    let keyring = ["file", "encrypt", "-", "-o", "out"];
    for args in [&keyring[..], &HOLDS_A_KEY] {
        let mut zkv = Waiting::start(zkv(args));
        // Argon2 takes its time; then some content to work on, and more to come.
        let content = zkv.0.stdin.as_mut().unwrap();
        content.write_all(&[0; 1 << 16]).unwrap();
        let found = |secret: &[u8]| zkvault_memory::traces(zkv.0.id(), secret).unwrap();
        let waited = (0..100).any(|_| {
            sleep(Duration::from_millis(100));
            !found(&key).is_empty()
        });
        assert!(waited, "{args:?}: not even the key is found");
        // The key is there a moment before the passphrase goes.
        sleep(Duration::from_secs(1));
        for (name, gone) in [("key file", &hex), ("passphrase", &passphrase)] {
            let traces = found(gone.as_bytes());
            assert!(traces.is_empty(), "{args:?}: {name}: {traces:?}");
        }
    }
}
