//! A machine that is in the way: a full disk, folders that may not be written, a clock that jumps.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Output};

use serde_json::json;
use zkvault_test_support::{Desk, Service, json_of};

use crate::killed::inherit;
use crate::person::{Person, is_root};

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// `zkv` with files that may get no larger than so many blocks of 512 bytes, as on a disk that is full; the signal
/// for it is ignored.
fn cramped(desk: &Desk, blocks: u32, args: &[&str]) -> Output {
    let zkv = desk.zkv_std(args);
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\""), "sh"]);
    shell.arg(zkv.get_program());
    inherit(&mut shell, &zkv);
    shell.output().unwrap()
}

#[test]
fn r01_a_disk_that_is_full_changes_nothing_and_leaves_nothing() {
    let desk = Desk::with_keyring();
    let keyring = std::fs::read(desk.keyring()).unwrap();
    desk.write("content", vec![1; 1 << 20]);
    desk.write("out", "old");
    let failing: [&[&str]; 3] = [
        &["key", "rotate"],
        &["file", "encrypt", "content", "-o", "new"],
        &["file", "encrypt", "content", "-o", "out", "--force"],
    ];
    for args in failing {
        let output = cramped(&desk, 1, args);
        assert_eq!(output.status.code(), Some(1), "{args:?}: {}", said(&output));
        assert!(said(&output).contains("File too large"), "{args:?}: {}", said(&output));
    }
    assert_eq!(std::fs::read(desk.keyring()).unwrap(), keyring);
    assert_eq!(
        (desk.names(), desk.read("out")),
        (vec!["content".into(), "out".into()], b"old".to_vec())
    );
    let mut folder = std::fs::read_dir(desk.path("config/default")).unwrap();
    assert!(!folder.any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with(".zkv-")));
    desk.zkv(&["key", "rotate"]).assert().success();
}

/// A file system of 256 KiB, which only root can make.
#[test]
fn r01_a_file_system_without_room_is_named() {
    let desk = Desk::new();
    desk.write("vault.key", [7; 32]);
    desk.write("content", vec![1; 1 << 20]);
    let script = "mkdir full && mount -t tmpfs -o size=256k tmpfs full && printf old > full/out && \
                  { \"$@\"; code=$?; ls -A full; exit $code; }";
    let zkv = env!("CARGO_BIN_EXE_zkv");
    let mut unshare = Command::new("unshare");
    unshare.args(["--mount", "sh", "-c", script, "sh", zkv, "file", "encrypt", "content"]);
    unshare.args(["-o", "full/out", "--force", "--key-file", "vault.key"]);
    let output = unshare.current_dir(desk.path("")).output().unwrap();
    if output.status.code() == Some(32) || said(&output).contains("unshare failed") {
        println!("no file system could be mounted: {}", said(&output));
        return;
    }
    assert!(said(&output).contains("No space left on device"), "{}", said(&output));
    assert_eq!((output.status.code(), &*output.stdout), (Some(1), &b"out\n"[..]));
}

#[test]
fn r01_folders_that_may_not_be_written_are_named_and_can_be_read() {
    let person = Person::new();
    let cheap = ["init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"];
    assert!(person.zkv(&cheap).output().unwrap().status.success());
    let keyring = std::fs::read(person.desk.keyring()).unwrap();
    let modes = |mode| {
        for folder in ["config/default", "config"] {
            let path = person.desk.path(folder);
            std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
        }
    };
    modes(0o500);
    let list = person.zkv(&["key", "list"]).output().unwrap();
    assert!(list.status.success(), "{}", said(&list));
    for args in [&["key", "rotate"][..], &["sync"]] {
        let mut zkv = person.zkv(args);
        zkv.env("ZKV_DATA_DIR", person.desk.path("config/data"));
        let output = zkv.output().unwrap();
        assert!(!output.status.success(), "{args:?}");
        assert!(!said(&output).contains("panicked"), "{}", said(&output));
    }
    let rotate = person.zkv(&["key", "rotate"]).output().unwrap();
    assert_eq!(rotate.status.code(), Some(1));
    assert!(
        said(&rotate).contains("Permission denied") && said(&rotate).contains("config"),
        "{}",
        said(&rotate)
    );
    assert_eq!(std::fs::read(person.desk.keyring()).unwrap(), keyring);
    let fresh = person
        .zkv(&["init"])
        .env("ZKV_CONFIG_DIR", person.desk.path("config/new"))
        .output()
        .unwrap();
    assert!(said(&fresh).contains("Permission denied"), "{}", said(&fresh));
    modes(0o700);
    assert!(person.zkv(&["key", "rotate"]).output().unwrap().status.success());
    if is_root() {
        println!("as nobody: root may write everywhere");
    }
}

/// Needs faketime: a clock that is wrong loses nothing, and what was made under it is good under the right one.
#[test]
fn r01_a_clock_that_jumps_breaks_nothing() {
    if Command::new("faketime").arg("--version").output().is_err() {
        println!("without faketime the clock does not jump");
        return;
    }
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let import = ["key", "import", "vault.key", "--label", "company"];
    desk.zkv(&import).assert().success();
    let at = |time: &str, args: &[&str]| {
        let zkv = desk.zkv_std(args);
        let mut faketime = Command::new("faketime");
        faketime.args(["-f", time]).arg(zkv.get_program());
        inherit(&mut faketime, &zkv);
        faketime.envs(service.environment());
        faketime.output().unwrap()
    };
    let commands: [&[&str]; 6] = [
        &["sync"],
        &["list"],
        &["key", "rotate"],
        &["backup", "push", "-o", "backup", "--force"],
        &["backup", "verify", "--file", "backup"],
        &["status", "--verify"],
    ];
    for time in ["@2001-01-01 00:00:00", "@2099-12-31 23:59:59", "@2026-01-01 00:00:00"] {
        for args in commands {
            let output = at(time, args);
            assert!(output.status.success(), "{time} {args:?}: {}", said(&output));
        }
    }
    let before = at("@1965-01-01 00:00:00", &["key", "rotate"]);
    assert!(said(&before).contains("before 1970"), "{}", said(&before));
    let status = json_of(
        desk.zkv(&["status", "--verify"])
            .envs(service.environment())
            .arg("--json"),
    );
    assert_eq!(status["sites"], json!(12));
    let keys = json_of(&mut desk.zkv(&["key", "list", "--json"]));
    assert_eq!(keys.as_array().unwrap().len(), 5);
}
