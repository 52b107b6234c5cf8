//! The agent: a passphrase is typed once, and everything that may be in its place or in its way.

use std::fs::Permissions;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::{JoinHandle, sleep, spawn};
use std::time::{Duration, Instant};

use serde_json::Value;
use zkvault_test_support::{Desk, PASSPHRASE, json_of};

use crate::person::is_root;

const NOBODY: u32 = 65_534;

/// A desk with a keyring and a folder for sockets, whose agent ends with the test.
struct Home(Desk);

impl Drop for Home {
    fn drop(&mut self) {
        let _ = self.locked(&["lock"]).output();
    }
}

impl Home {
    fn new() -> Self {
        let home = Self(Desk::with_keyring());
        home.make_runtime(0o700);
        home
    }

    fn make_runtime(&self, mode: u32) {
        let runtime = self.0.path("runtime");
        std::fs::create_dir_all(&runtime).unwrap();
        std::fs::set_permissions(&runtime, Permissions::from_mode(mode)).unwrap();
    }

    fn unlocked() -> Self {
        let home = Self::new();
        home.unlock(&[]);
        home
    }

    fn unlock(&self, args: &[&str]) {
        self.0.zkv(&[&["unlock"], args].concat()).assert().success();
    }

    /// The program as somebody runs it who typed nothing.
    fn locked(&self, args: &[&str]) -> Command {
        let mut command = self.0.zkv_std(args);
        command
            .arg("--no-input")
            .env_remove("ZKV_PASSPHRASE")
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn output(&self, args: &[&str]) -> Output {
        self.locked(args).output().unwrap()
    }

    #[track_caller]
    fn opens(&self) -> bool {
        let output = self.output(&["key", "list"]);
        match output.status.code() {
            Some(0) => true,
            Some(5) => false,
            _ => panic!("{output:?}"),
        }
    }

    fn status(&self) -> Value {
        let mut command = assert_cmd::Command::from_std(self.locked(&["agent", "status", "--json"]));
        json_of(&mut command)
    }

    fn process(&self) -> Option<u32> {
        self.status()["process"]
            .as_u64()
            .map(|process| u32::try_from(process).unwrap())
    }

    fn socket(&self) -> PathBuf {
        self.0.path("runtime/zkv/agent.sock")
    }
}

/// Waits for what takes a moment.
#[track_caller]
fn eventually(what: &str, is_so: impl Fn() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < until, "{what}");
        sleep(Duration::from_millis(50));
    }
}

fn is_alive(process: u32) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"));
    status.is_ok_and(|status| !status.contains("State:\tZ"))
}

fn kill(signal: &str, process: u32) {
    let killed = Command::new("kill")
        .args([signal, &process.to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_passphrase_is_typed_once() {
    let home = Home::new();
    assert!(!home.opens());
    home.unlock(&[]);
    assert!(home.opens());
    home.0.write(
        "site.json",
        r#"{"id":1,"inputs":[{"type":"password","name":"p","value":"secret"}]}"#,
    );
    let sealed = home.output(&["encrypt", "site.json", "-o", "sealed.json"]);
    assert!(sealed.status.success(), "{sealed:?}");
    let opened = home.output(&["decrypt", "sealed.json"]);
    assert!(
        String::from_utf8_lossy(&opened.stdout).contains("\"secret\""),
        "{opened:?}"
    );
    assert!(
        home.output(&["key", "rotate", "--yes"]).status.success(),
        "it is saved, too"
    );
    assert!(home.opens(), "a save leaves it unlocked");
    let process = home.process().unwrap();
    let locked = home.output(&["lock"]);
    assert!(stderr(&locked).contains("locked"), "{locked:?}");
    assert!(!home.opens());
    eventually("it ends with its last key", || !is_alive(process));
    assert!(!home.socket().exists());
    let again = home.output(&["lock"]);
    assert!(
        again.status.success() && stderr(&again).contains("nothing was unlocked"),
        "{again:?}"
    );
}

#[test]
fn the_status_says_what_is_unlocked_until_when() {
    let home = Home::new();
    let status = home.status();
    assert_eq!(
        (&status["running"], &status["unlocked"]),
        (&false.into(), &false.into())
    );
    home.unlock(&["--idle", "10m", "--for", "2h"]);
    let status = home.status();
    assert_eq!((&status["running"], &status["unlocked"]), (&true.into(), &true.into()));
    let (idle, age) = (
        status["idle_seconds_left"].as_u64(),
        status["age_seconds_left"].as_u64(),
    );
    assert!(
        (1..=600).contains(&idle.unwrap()) && (601..=7200).contains(&age.unwrap()),
        "{status}"
    );
    let shown = String::from_utf8(home.output(&["agent", "status"]).stdout).unwrap();
    assert!(
        shown.contains("unlocked: locks in") && shown.contains("agent.sock"),
        "{shown}"
    );
    let of_profile = json_of(&mut assert_cmd::Command::from_std(home.locked(&["status", "--json"])));
    assert_eq!(of_profile["unlocked"], true);
    let other = home.output(&["--profile", "other", "agent", "status", "--json"]);
    assert!(
        String::from_utf8_lossy(&other.stdout).contains("\"unlocked\": false"),
        "{other:?}"
    );
}

#[test]
fn it_can_be_done_without() {
    let home = Home::unlocked();
    let off = home.locked(&["key", "list"]).env("ZKV_AGENT", "off").output().unwrap();
    assert_eq!(off.status.code(), Some(5), "{off:?}");
    let refused = home.0.zkv_std(&["unlock"]).env("ZKV_AGENT", "off").output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("unset ZKV_AGENT"), "{refused:?}");
}

#[test]
fn times_have_limits() {
    let home = Home::new();
    for (idle, age) in [("0s", "1h"), ("15m", "8d"), ("500ms", "1h")] {
        let refused = home
            .0
            .zkv_std(&["unlock", "--idle", idle, "--for", age])
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
    }
    home.unlock(&["--idle", "1s", "--for", "1h"]);
    eventually("it locks without use", || home.process().is_none());
    assert!(!home.opens());
}

#[test]
fn a_wrong_passphrase_unlocks_nothing() {
    let home = Home::new();
    let refused = home
        .0
        .zkv_std(&["unlock"])
        .env("ZKV_PASSPHRASE", "wrong")
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(10), "{refused:?}");
    assert!(!home.opens());
}

#[test]
fn a_changed_passphrase_takes_the_old_key_out_and_puts_the_new_one_in() {
    let home = Home::unlocked();
    let before = home.0.read("config/default/keyring.json");
    let changed = home
        .locked(&["passphrase", "change"])
        .env("ZKV_NEW_PASSPHRASE", "gravel-otter-minuet-lapel")
        .output()
        .unwrap();
    assert!(changed.status.success(), "{changed:?}");
    assert!(home.opens());
    assert_eq!(home.status()["keys"], 1, "the old key is forgotten");
    // The file of before: its salt is not known to the agent any more.
    let after = home.0.read("config/default/keyring.json");
    std::fs::write(home.0.keyring(), before).unwrap();
    assert!(!home.opens());
    let typed = home.0.zkv_std(&["key", "list"]).output().unwrap();
    assert!(typed.status.success(), "the passphrase opens it: {typed:?}");
    std::fs::write(home.0.keyring(), after).unwrap();
    assert!(home.opens());
}

#[test]
fn a_passphrase_that_changes_while_it_is_locked_unlocks_nothing() {
    let home = Home::new();
    let changed = home
        .0
        .zkv_std(&["passphrase", "change"])
        .env("ZKV_NEW_PASSPHRASE", "gravel-otter-minuet-lapel")
        .output()
        .unwrap();
    assert!(changed.status.success(), "{changed:?}");
    assert!(!home.opens() && home.process().is_none());
}

/// The key is for the salt of this file, and the rest of the file is not what it was.
#[test]
fn a_key_that_does_not_open_is_no_dead_end() {
    let home = Home::unlocked();
    let file = String::from_utf8(home.0.read("config/default/keyring.json")).unwrap();
    let mut changed: Value = serde_json::from_str(&file).unwrap();
    let sealed = changed["sealed"].as_str().unwrap().replacen('A', "B", 1);
    changed["sealed"] = sealed.into();
    std::fs::write(home.0.keyring(), changed.to_string()).unwrap();
    let refused = home.output(&["key", "list"]);
    assert_eq!(
        refused.status.code(),
        Some(5),
        "it asks for the passphrase: {refused:?}"
    );
    assert!(stderr(&refused).contains("does not open the keyring"), "{refused:?}");
    std::fs::write(home.0.keyring(), file).unwrap();
    assert!(!home.opens(), "it was forgotten");
}

#[test]
fn twenty_commands_at_once_are_served() {
    let home = Home::unlocked();
    let commands: Vec<_> = (0..20)
        .map(|_| {
            let mut command = home.locked(&["key", "list"]);
            command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for command in commands {
        let output = command.wait_with_output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    }
}

#[test]
fn twenty_commands_at_once_on_a_locked_agent_ask_for_the_passphrase() {
    let home = Home::new();
    let agent = Foreground::start(&home);
    let commands: Vec<_> = (0..20)
        .map(|_| home.locked(&["key", "list"]).stderr(Stdio::null()).spawn().unwrap())
        .collect();
    for mut command in commands {
        assert_eq!(command.wait().unwrap().code(), Some(5));
    }
    assert_eq!(home.process(), Some(agent.0.id()));
}

#[test]
fn several_unlocks_at_once_leave_one_agent() {
    let home = Home::new();
    // Once, so that none of them has to save the keyring.
    home.unlock(&[]);
    assert!(home.output(&["lock"]).status.success());
    let unlocks: Vec<_> = (0..5)
        .map(|_| home.0.zkv_std(&["unlock"]).stderr(Stdio::piped()).spawn().unwrap())
        .collect();
    for unlock in unlocks {
        let output = unlock.wait_with_output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    assert!(home.opens());
    let process = home.process().unwrap();
    assert!(home.output(&["lock"]).status.success());
    eventually("it was the only one", || !is_alive(process));
    assert!(home.process().is_none());
}

#[test]
fn a_killed_agent_leaves_nothing_in_the_way() {
    let home = Home::unlocked();
    let process = home.process().unwrap();
    kill("-KILL", process);
    eventually("it is gone", || !is_alive(process));
    assert!(home.socket().exists(), "the socket is left behind");
    let locked = home.output(&["key", "list"]);
    assert_eq!(locked.status.code(), Some(5));
    assert!(
        !stderr(&locked).contains("agent was not asked"),
        "that is no fault: {locked:?}"
    );
    home.unlock(&[]);
    assert!(home.opens() && home.process() != Some(process));
    // And one that is ended politely takes its socket along.
    let process = home.process().unwrap();
    kill("-TERM", process);
    eventually("it is gone", || !is_alive(process));
    assert!(!home.socket().exists());
}

#[test]
fn a_stopped_agent_is_waited_for_briefly() {
    let home = Home::unlocked();
    let process = home.process().unwrap();
    kill("-STOP", process);
    let output = home.output(&["key", "list"]);
    kill("-CONT", process);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    assert!(stderr(&output).contains("the agent did not respond"), "{output:?}");
    assert!(home.opens(), "it is well again");
}

#[test]
fn the_time_without_use_comes_from_a_flag_the_environment_or_the_settings() {
    let home = Home::new();
    let seconds = |variables: &[(&str, &str)], args: &[&str]| {
        let args = [&["unlock", "--json"], args].concat();
        let told = json_of(home.0.zkv(&args).envs(variables.iter().copied()));
        told["idle_seconds"].as_u64().unwrap()
    };
    assert_eq!(seconds(&[], &[]), 15 * 60);
    home.0.zkv(&["config", "set", "idle", "30m"]).assert().success();
    assert_eq!(seconds(&[], &[]), 30 * 60);
    let left = home.status()["idle_seconds_left"].as_u64().unwrap();
    assert!((15 * 60 + 1..=30 * 60).contains(&left), "the agent knows of it: {left}");
    assert_eq!(seconds(&[("ZKV_IDLE", "20m")], &[]), 20 * 60);
    assert_eq!(seconds(&[("ZKV_IDLE", "20m")], &["--idle", "5m"]), 5 * 60);
    home.0.zkv(&["config", "set", "idle", "2s"]).assert().success();
    home.unlock(&[]);
    // To ask for the key would be a use.
    eventually("it locks itself", || home.status()["unlocked"] == false);
    assert!(!home.opens());
    for value in ["15", "0s", "169h", "soon"] {
        home.0.zkv(&["config", "set", "idle", value]).assert().code(2);
        let refused = home.0.zkv_std(&["unlock"]).env("ZKV_IDLE", value).output().unwrap();
        assert_eq!(refused.status.code(), Some(2), "{refused:?}");
        assert!(stderr(&refused).contains("ZKV_IDLE cannot be used"), "{refused:?}");
    }
}

/// Other programs of this user, a core dump and the environment have no key and no passphrase.
#[cfg(target_os = "linux")]
#[test]
fn the_agent_keeps_what_it_has_to_itself() {
    let home = Home::unlocked();
    let process = home.process().unwrap();
    let about = |name: &str| std::fs::read(format!("/proc/{process}/{name}"));
    if is_root() {
        let environment = String::from_utf8_lossy(&about("environ").unwrap()).into_owned();
        assert!(
            !environment.contains(PASSPHRASE) && !environment.contains("ZKV_PASSPHRASE"),
            "{environment}"
        );
    }
    let limits = String::from_utf8(about("limits").unwrap()).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert!(core.split_ascii_whitespace().any(|word| word == "0"), "{core}");
    assert_eq!(
        std::fs::read_link(format!("/proc/{process}/cwd")).unwrap(),
        Path::new("/")
    );
    // A session of its own: a closed terminal is no end.
    let stat = String::from_utf8(about("stat").unwrap()).unwrap();
    let session = stat.rsplit_once(") ").unwrap().1.split(' ').nth(3).unwrap().to_owned();
    assert_eq!(session, process.to_string());
}

/// `zkv agent` as systemd runs it, ended with the test.
struct Foreground(Child);

impl Foreground {
    fn start(home: &Home) -> Self {
        let child = home.locked(&["agent"]).stderr(Stdio::null()).spawn().unwrap();
        let agent = Self(child);
        eventually("it listens", || home.process().is_some());
        agent
    }
}

impl Drop for Foreground {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_agent_in_the_foreground_stays() {
    let home = Home::new();
    let agent = Foreground::start(&home);
    assert!(!home.opens());
    home.unlock(&[]);
    assert!(home.opens());
    assert_eq!(home.process(), Some(agent.0.id()), "unlock starts no second one");
    assert!(home.output(&["lock"]).status.success());
    assert!(!home.opens());
    assert_eq!(home.process(), Some(agent.0.id()));
    let second = home.output(&["agent"]);
    assert_eq!(second.status.code(), Some(1), "{second:?}");
    assert!(stderr(&second).contains("running already"), "{second:?}");
}

/// Something that listens in the agent's place, notes the kinds of requests, and says that it is of a version.
fn impostor(home: &Home, version: u8, requests: usize) -> JoinHandle<Vec<u8>> {
    let folder = home.0.path("runtime/zkv");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    let listener = UnixListener::bind(home.socket()).unwrap();
    std::fs::set_permissions(home.socket(), Permissions::from_mode(0o600)).unwrap();
    let socket = home.socket();
    spawn(move || {
        let mut kinds = Vec::new();
        for _ in 0..requests {
            let (mut stream, _) = listener.accept().unwrap();
            let mut header = [0; 8];
            stream.read_exact(&mut header).unwrap();
            let len = usize::from(u16::from_be_bytes([header[6], header[7]]));
            stream.read_exact(&mut vec![0; len]).unwrap();
            kinds.push(header[5]);
            // Done to what every version understands, and a different version to the rest.
            let kind = if header[5] < 2 { 0 } else { 2 };
            stream
                .write_all(&[b'z', b'k', b'v', b'a', version, kind, 0, 0])
                .unwrap();
        }
        drop(listener);
        std::fs::remove_file(socket).unwrap();
        kinds
    })
}

const STOP: u8 = 0;
const LOCK: u8 = 1;
const GET: u8 = 2;
const STATUS: u8 = 6;

#[test]
fn an_agent_of_an_earlier_version_is_replaced_by_unlock_alone() {
    let home = Home::new();
    home.unlock(&[]);
    assert!(home.output(&["lock"]).status.success());
    eventually("it ended", || !home.socket().exists());
    let earlier = impostor(&home, 0, 3);
    let output = home.output(&["key", "list"]);
    assert_eq!(output.status.code(), Some(5), "{output:?}");
    assert!(stderr(&output).contains("version 0"), "{output:?}");
    home.unlock(&[]);
    assert_eq!(earlier.join().unwrap(), [GET, STATUS, STOP]);
    assert!(home.opens(), "by an agent of this version");
}

#[test]
fn an_agent_of_a_later_version_is_left_alone_and_can_be_locked() {
    let home = Home::new();
    home.unlock(&[]);
    assert!(home.output(&["lock"]).status.success());
    eventually("it ended", || !home.socket().exists());
    let later = impostor(&home, 9, 3);
    assert!(!home.opens());
    let refused = home.0.zkv_std(&["unlock"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(stderr(&refused).contains("version 9"), "{refused:?}");
    assert!(home.output(&["lock"]).status.success());
    assert_eq!(later.join().unwrap(), [GET, STATUS, LOCK], "nobody ends it");
}

/// What is not trusted gets no request, and the passphrase opens the keyring as before.
#[track_caller]
fn assert_distrusted(home: &Home, why: &str) {
    let locked = home.output(&["key", "list"]);
    assert_eq!(locked.status.code(), Some(5), "{locked:?}");
    assert!(
        stderr(&locked).contains("not trusted with keys") && stderr(&locked).contains(why),
        "{locked:?}"
    );
    let typed = home.0.zkv_std(&["key", "list"]).output().unwrap();
    assert!(typed.status.success(), "{typed:?}");
    for args in [["unlock"], ["lock"]] {
        let refused = home.0.zkv_std(&args).output().unwrap();
        assert_eq!(refused.status.code(), Some(10), "{args:?}: {refused:?}");
    }
}

/// A home whose agent ended, so that something else can be put in its place.
fn left() -> Home {
    let home = Home::unlocked();
    assert!(home.output(&["lock"]).status.success());
    eventually("it ended", || !home.socket().exists());
    home
}

#[test]
fn a_planted_link_is_not_followed() {
    let home = left();
    let (folder, elsewhere) = (home.0.path("runtime/zkv"), home.0.path("elsewhere"));
    std::fs::rename(&folder, &elsewhere).unwrap();
    symlink(&elsewhere, &folder).unwrap();
    assert_distrusted(&home, "is a link");
    assert!(
        std::fs::read_dir(&elsewhere)
            .unwrap()
            .all(|entry| entry.unwrap().file_name() == "agent.lock")
    );
    std::fs::remove_file(&folder).unwrap();
    std::fs::rename(&elsewhere, &folder).unwrap();
    symlink("/dev/null", home.socket()).unwrap();
    assert_distrusted(&home, "is a link");
}

#[test]
fn a_folder_or_socket_that_others_may_use_is_not_trusted() {
    let home = left();
    let folder = home.0.path("runtime/zkv");
    std::fs::set_permissions(&folder, Permissions::from_mode(0o777)).unwrap();
    assert_distrusted(&home, "its mode is 0777");
    std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    home.unlock(&[]);
    std::fs::set_permissions(home.socket(), Permissions::from_mode(0o666)).unwrap();
    let locked = home.output(&["key", "list"]);
    assert_eq!(locked.status.code(), Some(5), "{locked:?}");
    assert!(stderr(&locked).contains("its mode is 0666"), "{locked:?}");
    std::fs::set_permissions(home.socket(), Permissions::from_mode(0o600)).unwrap();
    assert!(home.opens());
}

/// The folder for sockets itself is not of this user alone: a different place is taken.
#[test]
fn a_runtime_folder_that_others_may_use_is_passed_over() {
    let home = Home::new();
    home.make_runtime(0o755);
    let socket = home.status()["socket"].as_str().unwrap().to_owned();
    assert!(
        !socket.contains("/runtime/") && !socket.starts_with("/tmp/zkv"),
        "{socket}"
    );
}

/// A private folder of somebody else.
fn folder_of_others(home: &Home) -> PathBuf {
    if !is_root() {
        return PathBuf::from("/root");
    }
    let folder = home.0.path("others");
    std::fs::create_dir(&folder).unwrap();
    std::fs::set_permissions(&folder, Permissions::from_mode(0o700)).unwrap();
    chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
    folder
}

#[test]
fn a_runtime_folder_of_a_different_user_is_passed_over() {
    let home = Home::unlocked();
    let folder = folder_of_others(&home);
    let elsewhere = |args: &[&str]| {
        let mut command = home.locked(args);
        command.env("XDG_RUNTIME_DIR", &folder);
        command
    };
    let mut status = assert_cmd::Command::from_std(elsewhere(&["agent", "status", "--json"]));
    let socket = json_of(&mut status)["socket"].as_str().unwrap().to_owned();
    assert!(!Path::new(&socket).starts_with(&folder), "{socket}");
    // The agent is in our own folder, and is not found from there.
    assert_eq!(elsewhere(&["key", "list"]).output().unwrap().status.code(), Some(5));
    assert!(home.opens());
}

/// Only root can give files to somebody else, and run an agent as somebody else.
#[test]
fn an_agent_of_a_different_user_gets_nothing() {
    let home = left();
    assert!(!home.opens(), "nobody listens");
    if !is_root() {
        println!("left out: only root can run an agent as a different user");
        return;
    }
    let folder = home.0.path("runtime/zkv");
    chown(&folder, Some(NOBODY), Some(NOBODY)).unwrap();
    assert_distrusted(&home, "it belongs to user 65534");
    chown(&folder, Some(0), Some(0)).unwrap();

    // Their agent listens, and everything that can be seen of the socket says that it is ours.
    let theirs = Command::new("setpriv")
        .args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"])
        .arg(copy_for_all(&home))
        .arg("agent")
        .env_clear()
        .env("XDG_RUNTIME_DIR", home.0.path("theirs"))
        .env("ZKV_DATA_DIR", home.0.path("theirs"))
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let _theirs = Foreground(theirs);
    let their_socket = home.0.path("theirs/zkv/agent.sock");
    eventually("it listens", || their_socket.exists());
    std::fs::rename(&their_socket, home.socket()).unwrap();
    chown(home.socket(), Some(0), Some(0)).unwrap();
    let locked = home.output(&["key", "list"]);
    assert_eq!(locked.status.code(), Some(5), "{locked:?}");
    assert!(
        stderr(&locked).contains("the process that listens there is of user 65534"),
        "{locked:?}"
    );
    let refused = home.0.zkv_std(&["unlock"]).output().unwrap();
    assert_eq!(refused.status.code(), Some(10), "{refused:?}");
}

/// Root is no exception: an agent gives nothing to it.
#[test]
fn root_gets_nothing_from_the_agent_of_a_user() {
    // Whom it belongs to gets a response to the same question.
    let home = Home::unlocked();
    let response = status_of(&home.socket());
    assert!(response.starts_with(b"zkva"), "{response:?}");
    if !is_root() {
        println!("left out: only root can run an agent as a different user, and ask it as root");
        return;
    }
    let runtime = home.0.path("theirs");
    let program = copy_for_all(&home);
    let as_nobody = |args: &[&str]| {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups", "--"]);
        command.arg(&program).args(args).env_clear();
        command
            .env("XDG_RUNTIME_DIR", &runtime)
            .env("ZKV_DATA_DIR", &runtime)
            .env("ZKV_CONFIG_DIR", &runtime);
        command.env("ZKV_PASSPHRASE", PASSPHRASE);
        command
    };
    assert!(as_nobody(&["init"]).output().unwrap().status.success());
    let unlocked = as_nobody(&["unlock"]).output().unwrap();
    assert!(unlocked.status.success(), "{unlocked:?}");
    let socket = runtime.join("zkv/agent.sock");
    let response = status_of(&socket);
    assert!(response.is_empty(), "{response:?}");
    assert!(as_nobody(&["lock"]).output().unwrap().status.success());
}

/// What an agent says of itself to whom asks it: nothing to a stranger.
fn status_of(socket: &Path) -> Vec<u8> {
    let mut stream = std::os::unix::net::UnixStream::connect(socket).unwrap();
    // "zkva", version 1, the status.
    let _ = stream.write_all(b"zkva\x01\x06\0\0");
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut response = Vec::new();
    let _ = stream.read_to_end(&mut response);
    response
}

/// The program where another user can run it, and a folder for that user.
fn copy_for_all(home: &Home) -> PathBuf {
    let (program, theirs) = (home.0.path("zkv"), home.0.path("theirs"));
    std::fs::copy(env!("CARGO_BIN_EXE_zkv"), &program).unwrap();
    std::fs::set_permissions(home.0.path(""), Permissions::from_mode(0o755)).unwrap();
    std::fs::create_dir_all(&theirs).unwrap();
    std::fs::set_permissions(&theirs, Permissions::from_mode(0o700)).unwrap();
    chown(&theirs, Some(NOBODY), Some(NOBODY)).unwrap();
    program
}

#[test]
fn garbage_ends_nothing() {
    let home = Home::unlocked();
    for garbage in [
        b"zkva\x01\x02\xff\xff".to_vec(),
        vec![0xff; 200_000],
        b"zkva\x01\x63\0\0".to_vec(),
    ] {
        let mut stream = std::os::unix::net::UnixStream::connect(home.socket()).unwrap();
        let _ = stream.write_all(&garbage);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        assert!(response.len() <= 8, "{response:?}");
    }
    assert!(home.opens());
}
