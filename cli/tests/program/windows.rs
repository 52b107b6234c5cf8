//! What Windows has in a way of its own: the agent's pipe, the clipboard with its histories, long paths, and the list of
//! programs of which Windows keeps no memory. The same is tested for Unix in agent.rs, clipboard.rs and hardening.rs.

use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use arboard::Clipboard;
use serde_json::Value;
use winsafe::co::RRF;
use winsafe::{HKEY, RegistryValue};
use zkvault_test_support::{Desk, Service, json_of};

use crate::shapes::is_as_documented;

const PASSWORD: &str = "compass-rose-Vector-31";
/// Seconds after which the clipboard is cleared: longer than a look at it takes, where the machine has time for it.
const LATE: u64 = 10;
/// Far longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(120);
/// The formats with which a program asks the clipboard's history, its copy in the cloud and its monitors to leave the value
/// alone (Microsoft's "Clipboard Formats").
const EXCLUSIONS: [&str; 3] = [
    "CanIncludeInClipboardHistory",
    "CanUploadToCloudClipboard",
    "ExcludeClipboardContentFromMonitorProcessing",
];
const EXCLUDED: &str = r"Software\Microsoft\Windows\Windows Error Reporting\ExcludedApplications";

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(50));
    }
}

fn office() -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.zkv(&desk, &["sync"]).assert().success();
    (desk, service)
}

/// What the clipboard has as text. Empty where another program has it open, or there is none.
fn pasted() -> String {
    let text = Clipboard::new().and_then(|mut clipboard| clipboard.get_text());
    text.unwrap_or_default()
}

fn has_format(name: &str) -> bool {
    let format = clipboard_win::register_format(name).unwrap();
    clipboard_win::is_format_avail(format.get())
}

/// One test, since there is one clipboard.
#[test]
fn a_copied_value_is_kept_out_of_histories_and_cleared() {
    let (desk, service) = office();
    // Into a file: who reads a pipe waits until the process that holds the value has ended, too.
    let copy = |seconds: u64| {
        let mut zkv = desk.zkv_std(&["copy", "github", "--json", "--clear-after", &seconds.to_string()]);
        zkv.envs(service.environment())
            .env("ZKV_KEY_FILE", desk.path("vault.key"))
            .stdin(Stdio::null())
            .stdout(std::fs::File::create(desk.path("copied.json")).unwrap())
            .stderr(Stdio::null());
        assert!(zkv.status().unwrap().success());
        serde_json::from_slice::<Value>(&desk.read("copied.json")).unwrap()
    };
    // Again if it was cleared before it was looked at, on a machine that is busy.
    wait_until("the clipboard has the value and its marks", || {
        let done = copy(LATE);
        assert_eq!(done, serde_json::json!({"copied_to": "clipboard", "clear_after": LATE}));
        is_as_documented("zkv copy", &done);
        pasted() == PASSWORD && EXCLUSIONS.into_iter().all(has_format)
    });

    copy(1);
    wait_until("the clipboard is cleared", || {
        pasted().is_empty() && !EXCLUSIONS.into_iter().any(has_format)
    });

    copy(1);
    let mut clipboard = Clipboard::new().unwrap();
    wait_until("something else is copied", || {
        clipboard.set_text("something else").is_ok()
    });
    sleep(Duration::from_secs(3));
    wait_until("what was copied meanwhile stays", || pasted() == "something else");
}

/// A keyring, and an agent that ends with the test.
struct Home(Desk);

impl Drop for Home {
    fn drop(&mut self) {
        let _ = self.locked(&["lock"]).output();
    }
}

impl Home {
    /// The program as somebody runs it who typed nothing.
    fn locked(&self, args: &[&str]) -> Command {
        let mut command = self.0.zkv_std(args);
        command.env_remove("ZKV_PASSPHRASE").stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn opens(&self) -> bool {
        let output = self.locked(&["key", "list"]).output().unwrap();
        match output.status.code() {
            Some(0) => true,
            Some(5) => false,
            _ => panic!("{output:?}"),
        }
    }

    fn status(&self) -> Value {
        json_of(&mut assert_cmd::Command::from_std(
            self.locked(&["agent", "status", "--json"]),
        ))
    }
}

/// `output` returns when nobody can write into its pipes any more: an agent that had inherited one would keep it waiting.
#[test]
fn a_passphrase_is_typed_once() {
    let home = Home(Desk::with_keyring());
    assert!(!home.opens());
    let began = Instant::now();
    home.0.zkv(&["unlock", "--idle", "10m"]).assert().success();
    assert!(
        began.elapsed() < PATIENCE,
        "the agent keeps the pipe of what started it"
    );
    assert!(home.opens() && home.opens());
    assert_eq!(home.status()["unlocked"], true);

    home.0
        .zkv(&["passphrase", "change"])
        .env("ZKV_NEW_PASSPHRASE", "otter-brisk-lantern-mosaic")
        .assert()
        .success();
    assert!(home.opens(), "the new key takes the place of the old one");
    home.locked(&["lock"]).output().unwrap();
    assert!(!home.opens());
    wait_until("the agent ends with its last key", || home.status()["running"] == false);
}

/// Longer than the 260 characters that a path may have without a prefix.
#[test]
fn long_paths_are_read_written_and_replaced() {
    let desk = Desk::with_keyring();
    let folder = desk.path(&"a".repeat(120)).join("b".repeat(120));
    std::fs::create_dir_all(&folder).unwrap();
    let (sealed, opened) = (folder.join("sealed.zkv"), folder.join("opened.txt"));
    assert!(sealed.as_os_str().len() > 260);
    let [from, to] = [&sealed, &opened].map(|path| path.to_str().unwrap());
    for content in ["first", "second"] {
        desk.write("plain.txt", content);
        desk.zkv(&["file", "encrypt", "plain.txt", "-o", from, "--force"])
            .assert()
            .success();
        desk.zkv(&["file", "decrypt", from, "-o", to, "--force"])
            .assert()
            .success();
        assert_eq!(std::fs::read_to_string(&opened).unwrap(), content);
    }
}

#[test]
fn the_first_run_puts_the_program_on_the_list_of_those_without_reports() {
    let folder = tempfile::tempdir().unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_zkv"))
        .arg("--version")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(run.status.success());
    let value = HKEY::CURRENT_USER.RegGetValue(Some(EXCLUDED), Some("zkv.exe"), RRF::RT_DWORD);
    assert!(matches!(value, Ok(RegistryValue::Dword(1))));
}

/// What roams with a user, and what stays on a machine.
#[test]
fn the_keyring_and_the_store_are_in_the_folders_of_windows() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let run = |args: &[&str]| {
        let mut zkv = service.zkv(&desk, args);
        zkv.env_remove("ZKV_CONFIG_DIR").env_remove("ZKV_DATA_DIR");
        zkv.env("APPDATA", desk.path("roaming"))
            .env("LOCALAPPDATA", desk.path("local"));
        zkv.assert().success();
    };
    run(&["init", "--kdf-memory", "19MiB", "--kdf-passes", "2"]);
    run(&["sync"]);
    assert!(desk.path(r"roaming\zkv\default\keyring.json").exists());
    assert!(desk.path(r"local\zkv\default\store.db").exists());
    assert!(!desk.path(r"roaming\zkv\default\store.db").exists());
}
