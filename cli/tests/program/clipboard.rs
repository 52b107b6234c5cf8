//! The clipboard, of real displays: Xvfb with xclip, and sway without a screen with wl-clipboard. A test leaves itself out
//! where its display is missing.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use zkvault_simulator::{Attack, seed};
use zkvault_test_support::{Desk, Service, json_of, stderr_of};

use crate::person::Person;
use crate::shapes::is_as_documented;
use crate::terminal::at_terminal;

const PASSWORD: &str = "compass-rose-Vector-31";
/// Far longer than any machine needs.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until something is so.
#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(20));
    }
}

/// An X server without a screen, which ends with the test.
struct Display {
    server: Child,
    name: String,
}

impl Drop for Display {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Display {
    /// None where there is no Xvfb or no xclip.
    fn start() -> Option<Self> {
        if Command::new("xclip").arg("-version").output().is_err() {
            println!("left out: there is no xclip");
            return None;
        }
        let mut server = Command::new("Xvfb");
        server.args([
            "-displayfd",
            "1",
            "-screen",
            "0",
            "64x64x8",
            "-nolisten",
            "tcp",
            "-noreset",
        ]);
        let Ok(mut server) = server.stdout(Stdio::piped()).stderr(Stdio::null()).spawn() else {
            println!("left out: there is no Xvfb");
            return None;
        };
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap())
            .read_line(&mut number)
            .unwrap();
        let name = format!(":{}", number.trim());
        Some(Self { server, name })
    }

    /// What the clipboard has, as a type of content. Empty where nobody offers it.
    fn paste(&self, target: &str) -> String {
        // It waits for ever for a program that ends before it responds.
        let mut xclip = Command::new("timeout");
        xclip.args(["10", "xclip", "-selection", "clipboard", "-o", "-t", target]);
        let output = xclip.env("DISPLAY", &self.name).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn text(&self) -> String {
        self.paste("UTF8_STRING")
    }

    /// As another program that copies something.
    fn copy(&self, text: &str) {
        let mut xclip = Command::new("xclip");
        xclip.args(["-selection", "clipboard", "-i"]).env("DISPLAY", &self.name);
        let piped = xclip.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut xclip = piped.spawn().unwrap();
        xclip.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        assert!(xclip.wait().unwrap().success());
    }
}

/// A desk that knows the account, on a display.
fn office() -> Option<(Display, Desk, Service)> {
    let display = Display::start()?;
    let desk = Desk::new();
    let service = Service::demo(&desk);
    for _ in 0..2 {
        service.zkv(&desk, &["sync"]).assert().success();
    }
    Some((display, desk, service))
}

fn zkv(display: &Display, desk: &Desk, args: &[&str]) -> assert_cmd::Command {
    let mut command = desk.zkv(args);
    command
        .env("ZKV_KEY_FILE", "vault.key")
        .env("DISPLAY", &display.name)
        .env_remove("WAYLAND_DISPLAY");
    command
}

/// Seconds that outlast a test, another number for each test of each run: an owner is known by it.
fn long(test: u64) -> u64 {
    1000 + (u64::from(std::process::id()) * 8 + test) % 2500
}

/// The processes that hold a clipboard for this many seconds: a test takes a number of its own.
fn owners(seconds: u64) -> Vec<PathBuf> {
    let arguments = format!("clipboard-owner\0{seconds}\0");
    let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
    let is_owner = |path: &PathBuf| {
        let line = std::fs::read(path.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).ends_with(&arguments)
    };
    processes.filter(is_owner).collect()
}

#[test]
fn z32_the_clipboard_is_cleared_and_histories_are_asked_to_leave_it_out() {
    let Some((display, desk, _service)) = office() else {
        return;
    };
    let copied = zkv(&display, &desk, &["copy", "github", "--clear-after", "2"])
        .output()
        .unwrap();
    assert!(copied.status.success() && copied.stdout.is_empty(), "{copied:?}");
    let told = String::from_utf8(copied.stderr).unwrap();
    assert!(
        told.contains("password of GitHub") && told.contains("2 seconds"),
        "{told}"
    );
    assert!(!told.contains(PASSWORD), "{told}");
    // A slow machine finds it cleared already.
    let found = display.text();
    assert!(found == PASSWORD || found.is_empty(), "{found}");
    wait_until("the clipboard is cleared", || display.text().is_empty());
    wait_until("its owner ends", || owners(2).is_empty());

    zkv(
        &display,
        &desk,
        &["copy", "github", "username", "--clear-after", &long(1).to_string()],
    )
    .assert()
    .success();
    assert_eq!(display.text(), "haldenfrey-bot");
    assert_eq!(display.paste("x-kde-passwordManagerHint"), "secret");
    display.copy("something else");
    wait_until("an owner whose value was replaced ends", || owners(long(1)).is_empty());
    assert_eq!(display.text(), "something else", "and leaves what replaced it");
}

#[test]
fn the_time_on_the_clipboard_comes_from_a_flag_the_environment_or_the_settings() {
    let Some((display, desk, _service)) = office() else {
        return;
    };
    let seconds = |variables: &[(&str, &str)], args: &[&str]| {
        let args = [&["copy", "github", "username", "--json"], args].concat();
        json_of(zkv(&display, &desk, &args).envs(variables.iter().copied()))["clear_after"].clone()
    };
    assert_eq!(seconds(&[], &[]), 45);
    let set = long(6).to_string();
    desk.zkv(&["config", "set", "clear-after", &set]).assert().success();
    assert_eq!(seconds(&[], &[]), long(6));
    // The process that holds it was told so.
    wait_until("its owner has that time", || owners(long(6)).len() == 1);
    assert_eq!(seconds(&[("ZKV_CLEAR_AFTER", "20")], &[]), 20);
    assert_eq!(seconds(&[("ZKV_CLEAR_AFTER", "20")], &["--clear-after", "3"]), 3);
    wait_until("it is cleared after that time", || display.text().is_empty());
    for value in ["0", "3601", "45s"] {
        desk.zkv(&["config", "set", "clear-after", value]).assert().code(2);
        let mut refused = zkv(&display, &desk, &["copy", "github"]);
        let refused = stderr_of(refused.env("ZKV_CLEAR_AFTER", value), 2);
        assert!(refused.contains("ZKV_CLEAR_AFTER cannot be used"), "{refused}");
    }
}

#[test]
fn z32_what_is_copied_meanwhile_is_not_cleared() {
    let Some((display, desk, _service)) = office() else {
        return;
    };
    zkv(&display, &desk, &["copy", "github", "--clear-after", "3"])
        .assert()
        .success();
    zkv(
        &display,
        &desk,
        &["copy", "Google", "--clear-after", &long(2).to_string()],
    )
    .assert()
    .success();
    let google = display.text();
    wait_until("the first owner ends", || owners(3).is_empty());
    sleep(Duration::from_secs(4));
    assert!(google != PASSWORD && !google.is_empty());
    assert_eq!(
        display.text(),
        google,
        "the clipboard was another owner's after three seconds"
    );
}

#[test]
fn z32_the_owner_of_the_clipboard_has_the_value_in_its_memory_only() {
    let Some((display, desk, _service)) = office() else {
        return;
    };
    zkv(
        &display,
        &desk,
        &["copy", "github", "--clear-after", &long(3).to_string()],
    )
    .assert()
    .success();
    let [owner] = owners(long(3)).try_into().unwrap();
    for file in ["cmdline", "environ"] {
        let text = std::fs::read(owner.join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        assert!(!text.contains(PASSWORD) && !text.contains("ZKV_"), "{file}: {text}");
    }
    let limits = std::fs::read_to_string(owner.join("limits")).unwrap();
    let core = limits
        .lines()
        .find(|line| line.starts_with("Max core file size"))
        .unwrap();
    assert!(
        core.split_whitespace().filter(|word| *word == "0").count() == 2,
        "{core}"
    );
    let stat = std::fs::read_to_string(owner.join("stat")).unwrap();
    let process = owner.file_name().unwrap().to_str().unwrap();
    let (_, after) = stat.rsplit_once(") ").unwrap();
    // State, parent, group, session.
    assert_eq!(
        after.split(' ').nth(3),
        Some(process),
        "it leads a session of its own: {stat}"
    );
    assert_eq!(
        std::fs::metadata(&owner).unwrap().uid(),
        0,
        "nobody but root may look into it"
    );
    for name in desk.names() {
        let bytes = std::fs::read(desk.path(&name)).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&bytes).contains(PASSWORD), "{name}");
    }
    // A signal ends it, and what it held is gone with it.
    assert!(Command::new("kill").arg(process).status().unwrap().success());
    wait_until("the value is gone", || {
        display.text().is_empty() && owners(long(3)).is_empty()
    });
}

#[test]
fn what_is_printed_elsewhere_can_be_copied_instead() {
    let Some((display, desk, _service)) = office() else {
        return;
    };
    let copies = |args: &[&str]| {
        let output = zkv(&display, &desk, args).output().unwrap();
        assert!(
            output.status.success() && output.stdout.is_empty(),
            "{args:?}: {output:?}"
        );
        display.text()
    };
    assert_eq!(
        copies(&[
            "read",
            "-c",
            "zkv://GitHub/username",
            "--clear-after",
            &long(4).to_string()
        ]),
        "haldenfrey-bot"
    );
    let generated = copies(&[
        "generate",
        "--length",
        "31",
        "--copy",
        "--clear-after",
        &long(4).to_string(),
    ]);
    assert_eq!(generated.chars().count(), 31);
    let done = json_of(&mut zkv(
        &display,
        &desk,
        &["copy", "github", "--json", "--clear-after", &long(4).to_string()],
    ));
    assert_eq!(
        done,
        serde_json::json!({"copied_to": "clipboard", "clear_after": long(4)})
    );
    is_as_documented("zkv copy", &done);
    assert_eq!(display.text(), PASSWORD);
    for (args, told) in [
        (&["read", "github", "--clear-after", "5"][..], "--copy"),
        (&["read", "github", "Google", "-c"], "one value"),
        (&["copy", "zkv://GitHub/password", "password"], "FIELD"),
        (&["copy", "github", "--clear-after", "0"], "3600"),
    ] {
        let wrong = stderr_of(&mut zkv(&display, &desk, args), 2);
        assert!(wrong.contains(told), "{wrong}");
    }
    display.copy("the end");
    wait_until("the owners end", || owners(long(4)).is_empty());
}

#[test]
fn z32_a_site_that_was_tampered_with_is_not_copied() {
    let Some((display, desk, service)) = office() else {
        return;
    };
    display.copy("as it was");
    service.attack(Attack::input_type(seed::GITHUB, 1, "text"));
    service.zkv(&desk, &["sync"]).assert().code(10);
    for args in [&["copy", "github"][..], &["read", "-c", "github"]] {
        let refused = stderr_of(&mut zkv(&display, &desk, args), 10);
        assert!(refused.contains(&format!("zkv trust {}", seed::GITHUB)), "{refused}");
        assert!(!refused.contains(PASSWORD), "{refused}");
    }
    assert_eq!(display.text(), "as it was");
}

#[test]
fn without_a_display_nobody_is_asked_for_a_passphrase() {
    let desk = Desk::with_keyring();
    for (name, hint) in [("SSH_CONNECTION", "your own terminal"), ("UNRELATED", "zkv read")] {
        let mut command = desk.zkv(&["copy", "github"]);
        command
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .env_remove("SSH_CONNECTION");
        let failed = stderr_of(command.env_remove("ZKV_PASSPHRASE").env(name, "x"), 1);
        assert!(failed.contains("no clipboard") && failed.contains(hint), "{failed}");
    }
    let mut command = desk.zkv(&["generate", "-c"]);
    let failed = stderr_of(command.env("DISPLAY", ":63997").env_remove("WAYLAND_DISPLAY"), 1);
    assert!(failed.contains("the clipboard cannot be used"), "{failed}");
}

#[test]
fn over_ssh_the_terminal_gets_it_only_when_asked() {
    let desk = Desk::new();
    let Some((shown, code)) = at_terminal(&desk, "zkv generate --length 12 --osc52 > out", &[]) else {
        return println!("left out: there is no script");
    };
    assert_eq!(code, 0, "{shown}");
    let (_, sent) = shown.split_once("\u{1b}]52;c;").unwrap();
    let (sent, note) = sent.split_once('\u{7}').unwrap();
    assert_eq!(sent.len(), 16, "twelve characters in base64");
    assert!(note.contains("cannot clear"), "{note}");
    assert!(desk.read("out").is_empty());
}

/// A Wayland compositor without a screen. It refuses to be root's.
struct Compositor(Child);

impl Drop for Compositor {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Compositor {
    /// None where there is no sway, or no wl-paste.
    fn start(person: &Person) -> Option<Self> {
        if [("sway", "--version"), ("wl-paste", "--version")]
            .iter()
            .any(|(program, version)| Command::new(program).arg(version).output().is_err())
        {
            println!("left out: there is no sway or no wl-clipboard");
            return None;
        }
        person.desk.write("sway.conf", "");
        std::fs::create_dir(person.desk.path("runtime")).unwrap();
        std::fs::set_permissions(
            person.desk.path("runtime"),
            std::os::unix::fs::PermissionsExt::from_mode(0o700),
        )
        .unwrap();
        person.own("runtime");
        let mut sway = person.runs("sway");
        on_wayland(&mut sway, person).args(["-c", "sway.conf"]);
        sway.env_remove("WAYLAND_DISPLAY")
            .env("WLR_BACKENDS", "headless")
            .env("WLR_RENDERER", "pixman")
            .env("WLR_LIBINPUT_NO_DEVICES", "1");
        let compositor = Self(sway.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap());
        wait_until("sway listens", || person.desk.path("runtime/wayland-1").exists());
        Some(compositor)
    }
}

fn on_wayland<'a>(command: &'a mut Command, person: &Person) -> &'a mut Command {
    command
        .env("XDG_RUNTIME_DIR", person.desk.path("runtime"))
        .env("WAYLAND_DISPLAY", "wayland-1")
        .env_remove("DISPLAY")
}

#[test]
fn z32_on_wayland_the_clipboard_is_cleared_by_a_timer_of_our_own() {
    let person = Person::new();
    let Some(_compositor) = Compositor::start(&person) else {
        return;
    };
    let paste = |mime: &str| {
        let mut paste = person.runs("wl-paste");
        let paste = on_wayland(&mut paste, &person).args(["--no-newline", "--type", mime]);
        String::from_utf8(paste.output().unwrap().stdout).unwrap()
    };
    let copy = |seconds: &str| {
        let mut copy = person.zkv(&["generate", "--length", "33", "--copy", "--clear-after", seconds]);
        let output = on_wayland(&mut copy, &person).output().unwrap();
        assert!(output.status.success(), "{output:?}");
    };
    copy(&long(5).to_string());
    let value = paste("text/plain");
    assert_eq!(value.chars().count(), 33);
    assert_eq!(paste("x-kde-passwordManagerHint"), "secret");
    copy("5");
    assert_ne!(paste("text/plain"), value);
    wait_until("the clipboard is cleared", || {
        paste("text/plain").is_empty() && owners(5).is_empty()
    });
    for owner in owners(long(5)) {
        let process = owner.file_name().unwrap().to_str().unwrap();
        assert!(Command::new("kill").arg(process).status().unwrap().success());
    }
}
