//! What a person at a terminal sees and is asked, through util-linux's `script`.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread::{sleep, spawn};
use std::time::Duration;

use zkvault_simulator::{Attack, Fault, seed};
use zkvault_test_support::{Desk, PASSPHRASE, Service, repository};

/// Runs a shell command on a terminal of its own and types `lines`, one after the other; `None` where there
/// is no `script`. Returns what the terminal showed and the exit code.
pub(crate) fn at_terminal(desk: &Desk, command: &str, lines: &[&str]) -> Option<(String, i32)> {
    let present = Command::new("script").arg("--version").output();
    if present.is_err() {
        return None;
    }
    let zkv = desk.zkv_std(&[]);
    // Whatever waits for ever fails here.
    let mut script = Command::new("timeout");
    script.args([
        "20",
        "script",
        "-qec",
        &format!(
            "stty cols 200; zkv() {{ '{}' \"$@\"; }}; {command}",
            env!("CARGO_BIN_EXE_zkv")
        ),
        "/dev/null",
    ]);
    script
        .envs(zkv.get_envs().filter_map(|(name, value)| Some((name, value?))))
        .env_remove("ZKV_PASSPHRASE")
        .env_remove("ZKV_NO_INPUT");
    script
        .env("SHELL", "/bin/sh")
        .env("TERM", "xterm")
        .env("ZKV", env!("CARGO_BIN_EXE_zkv"))
        .env("NO_COLOR", "1")
        .current_dir(desk.path(""));
    let mut child = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let (mut stdout, shown) = (child.stdout.take().unwrap(), Arc::new(Mutex::new(Vec::new())));
    let reader = {
        let shown = Arc::clone(&shown);
        spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(read @ 1..) = stdout.read(&mut bytes) {
                shown.lock().unwrap().extend_from_slice(&bytes[..read]);
            }
        })
    };
    for line in lines {
        wait_for_prompt(&shown);
        stdin.write_all(line.as_bytes()).unwrap();
        stdin.flush().unwrap();
    }
    let status = child.wait().unwrap();
    reader.join().unwrap();
    drop(stdin);
    let shown = String::from_utf8_lossy(&shown.lock().unwrap()).into_owned();
    Some((shown, status.code().unwrap()))
}

/// Waits until a prompt stands there, or long enough for a program that does not prompt; and a little more, for
/// the echo to be off.
fn wait_for_prompt(shown: &Mutex<Vec<u8>>) {
    for _ in 0..40 {
        sleep(Duration::from_millis(50));
        if shown.lock().unwrap().ends_with(b": ") {
            break;
        }
    }
    sleep(Duration::from_millis(100));
    // So that the next wait is for the next prompt.
    shown.lock().unwrap().push(b'\n');
}

fn decrypt() -> String {
    format!(
        "zkv decrypt {} --key-file {}",
        repository("examples/sites.json"),
        repository("examples/example.key")
    )
}

#[test]
fn a_document_is_a_table_with_masked_secrets() {
    let desk = Desk::new();
    let Some((shown, code)) = at_terminal(&desk, &decrypt(), &[]) else {
        return;
    };
    assert_eq!(code, 0);
    assert!(shown.contains("SITE  NAME"), "{shown}");
    assert!(shown.contains("Größte Bank") && shown.contains("********"), "{shown}");
    assert!(!shown.contains("correct horse"), "{shown}");
}

#[test]
fn secrets_are_shown_when_asked_for() {
    let desk = Desk::new();
    let Some((shown, _)) = at_terminal(&desk, &format!("{} --reveal", decrypt()), &[]) else {
        return;
    };
    assert!(shown.contains("correct horse battery staple"), "{shown}");
    assert!(shown.contains(r"Two lines:\nthis"), "{shown}");
    let (shown, _) = at_terminal(&desk, &format!("{} --json", decrypt()), &[]).unwrap();
    assert!(shown.contains(r#""value": "correct horse battery staple""#), "{shown}");
}

#[test]
fn foreign_text_cannot_steer_the_terminal() {
    let desk = Desk::new();
    let name = r"\u001b]0;owned\u0007\u202e";
    let document = format!(r#"{{"id":1,"name":"{name}","login":{{"inputs":[{{"name":"{name}","value":"x"}}]}}}}"#);
    desk.write("evil.json", document);
    let key = repository("examples/example.key");
    for command in [
        "zkv inspect evil.json",
        &format!("zkv decrypt evil.json --key-file {key}"),
    ] {
        let Some((shown, code)) = at_terminal(&desk, command, &[]) else {
            return;
        };
        assert_eq!(code, 10);
        assert!(!shown.contains("\u{1b}]0;") && !shown.contains('\u{202e}'), "{shown:?}");
        assert!(shown.contains("\\u{1b}"), "{shown:?}");
    }
}

#[test]
fn a_keyring_is_made_and_opened_with_a_typed_passphrase() {
    let desk = Desk::new();
    let init = "zkv init --kdf-memory 19MiB --kdf-passes 2 --kdf-lanes 1";
    let typed = format!("{PASSPHRASE}\n");
    let weak = ["letmein\n"; 6];
    let Some((shown, code)) = at_terminal(&desk, init, &weak) else {
        return;
    };
    assert!(code == 1 && shown.contains("too easy to guess"), "{shown}");
    assert!(!desk.keyring().exists());
    // The third try is the last one.
    let tries = [&typed, "something else\n", weak[0], weak[0], &typed, &typed];
    let (shown, code) = at_terminal(&desk, init, &tries).unwrap();
    assert!(code == 0 && !shown.contains(PASSPHRASE), "{shown}");
    assert!(
        shown.contains("the two passphrases differ") && shown.contains("too easy to guess"),
        "{shown}"
    );
    assert_eq!(shown.matches("New passphrase: ").count(), 3, "{shown}");
    let (shown, code) = at_terminal(&desk, "zkv key list", &[&typed]).unwrap();
    assert!(
        code == 0 && shown.contains("generated") && !shown.contains(PASSPHRASE),
        "{shown}"
    );
    // What goes to stdout is the data alone: the prompt is on the terminal itself.
    let (_, code) = at_terminal(&desk, "zkv key list > out.txt", &[&typed]).unwrap();
    assert_eq!(code, 0);
    assert!(
        String::from_utf8(desk.read("out.txt"))
            .unwrap()
            .starts_with(|first: char| first.is_ascii_hexdigit())
    );
    let (shown, code) = at_terminal(&desk, "zkv key list --no-input", &[]).unwrap();
    assert!(code == 5 && shown.contains("hint: "), "{shown}");
    assert!(shown.contains("cause: --no-input is given"), "{shown}");
    let (shown, code) = at_terminal(&desk, "zkv key export", &[]).unwrap();
    assert!(code == 2 && shown.contains("--reveal"), "{shown}");
}

#[test]
fn a_passphrase_may_be_mistyped_twice() {
    let desk = Desk::with_keyring();
    let (right, wrong) = (format!("{PASSPHRASE}\n"), "another passphrase\n");
    for command in ["zkv key list", "zkv key rotate --yes"] {
        let Some((shown, code)) = at_terminal(&desk, command, &[wrong, wrong, &right]) else {
            return;
        };
        assert!(code == 0 && shown.contains("default"), "{shown}");
        assert_eq!(shown.matches("Passphrase: ").count(), 1, "{shown}");
        assert_eq!(shown.matches("Wrong passphrase, try again: ").count(), 2, "{shown}");
        let (shown, code) = at_terminal(&desk, command, &[wrong, wrong, wrong]).unwrap();
        assert!(code == 10 && shown.contains("did not open"), "{shown}");
    }
    // What the environment gives is not typed, and tried once.
    let (shown, code) = at_terminal(&desk, "ZKV_PASSPHRASE=wrong zkv key list", &[]).unwrap();
    assert!(code == 10 && !shown.contains("try again"), "{shown}");
}

#[test]
fn a_pipe_on_stdin_is_data_and_forbids_no_prompt() {
    let desk = Desk::with_keyring();
    let typed = format!("{PASSPHRASE}\n");
    desk.write("new.key", "07".repeat(32));
    for command in [
        "zkv key list < /dev/null",
        "cat new.key | zkv key import - --label piped",
        "zkv key list < /dev/null | grep piped",
    ] {
        let Some((shown, code)) = at_terminal(&desk, command, &[&typed]) else {
            return;
        };
        assert!(code == 0 && shown.contains("Passphrase: "), "{command}: {shown}");
    }
    let (shown, code) = at_terminal(&desk, "ZKV_NO_INPUT=1 zkv key list < /dev/null", &[]).unwrap();
    assert!(code == 5 && shown.contains("cause: ZKV_NO_INPUT is set"), "{shown}");
    // A program without a terminal of its own, as cron starts one.
    let (shown, code) = at_terminal(&desk, "setsid -w \"$ZKV\" key list < /dev/null", &[]).unwrap();
    assert!(code == 5 && shown.contains("cause: there is no terminal"), "{shown}");
}

#[test]
fn a_job_in_the_background_is_not_stopped_by_a_prompt() {
    let desk = Desk::with_keyring();
    let command = "set -m; zkv key list & wait $!; echo code $?";
    let Some((shown, _)) = at_terminal(&desk, command, &[]) else {
        return;
    };
    assert!(
        shown.contains("code 5") && shown.contains("in the background"),
        "{shown}"
    );
}

#[test]
fn quiet_leaves_results_and_errors() {
    let desk = Desk::new();
    let init = "zkv init --kdf-memory 19MiB --kdf-passes 2 --kdf-lanes 1";
    let typed = format!("{PASSPHRASE}\n");
    let Some((shown, code)) = at_terminal(&desk, &format!("{init} -q"), &[&typed, &typed]) else {
        return;
    };
    assert!(
        code == 0 && shown.contains("IDENTITY") && !shown.contains("Keep a copy"),
        "{shown}"
    );
    let (shown, code) = at_terminal(&desk, &format!("{init} --quiet"), &[]).unwrap();
    assert!(
        code == 1 && shown.contains("exists already") && shown.contains("hint: "),
        "{shown}"
    );
}

#[test]
fn ctrl_d_at_a_prompt_is_no_answer() {
    let desk = Desk::with_keyring();
    let Some((shown, code)) = at_terminal(&desk, "zkv key list", &["\u{4}"]) else {
        return;
    };
    assert!(code == 5 && shown.contains("none was given"), "{shown}");
}

#[test]
fn a_sealed_file_does_not_go_to_the_terminal() {
    let desk = Desk::new();
    desk.write("x", "content");
    let command = format!(
        "zkv file encrypt x -o - --key-file {}",
        repository("examples/example.key")
    );
    let Some((shown, code)) = at_terminal(&desk, &command, &[]) else {
        return;
    };
    assert!(code == 2 && !shown.contains("ZKVAULT"), "{shown}");
    let (shown, code) = at_terminal(&desk, &format!("{command} | wc -c"), &[]).unwrap();
    assert_eq!(code, 0, "{shown}");
}

#[test]
fn a_table_fits_a_terminal_of_80_columns() {
    let desk = Desk::new();
    let command = format!("stty cols 80; zkv inspect {}", repository("examples/sites.json"));
    let Some((shown, code)) = at_terminal(&desk, &command, &[]) else {
        return;
    };
    assert!(code == 0 && shown.contains("vendor-sjcl-ccm:21"), "{shown}");
    assert!(
        shown.lines().all(|line| line.trim_end().chars().count() <= 80),
        "{shown}"
    );
}

#[test]
fn ctrl_c_at_a_prompt_ends_it_and_gives_the_echo_back() {
    let desk = Desk::with_keyring();
    let command = "zkv key list; echo code $?; stty -a | grep -o ' -\\?echo '";
    let Some((shown, _)) = at_terminal(&desk, command, &["\u{3}"]) else {
        return;
    };
    assert!(shown.contains("code 130"), "{shown}");
    assert!(shown.contains(" echo ") && !shown.contains(" -echo "), "{shown}");
}

#[test]
fn nothing_waits_for_input_that_nobody_announced() {
    let desk = Desk::new();
    for command in ["zkv decrypt", "zkv encrypt", "zkv inspect"] {
        let Some((shown, code)) = at_terminal(&desk, command, &[]) else {
            return;
        };
        assert!(code == 2 && shown.contains("no input was given"), "{shown}");
    }
    let pasted = ["Adh/fgxV90+BoMboA+DojRSxAb7BhGpz26IrF+Nxj49QPOjc5f8swFBcpgLBKG3rRasAkf0=\n\u{4}"];
    let (shown, code) = at_terminal(&desk, "zkv inspect -", &pasted).unwrap();
    assert!(code == 0 && shown.contains("d87f7e0c"), "{shown}");
}

#[test]
fn trust_shows_where_the_values_would_go_and_asks() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.zkv(&desk, &["sync"]).assert().success();
    let evil = "https://github.com.evil.example/\u{1b}[2J";
    service.attack(Attack::url(seed::GITHUB, "https://evil.example/"));
    service.attack(Attack::change(seed::GITHUB, "/name", evil));
    service.zkv(&desk, &["sync"]).assert().success();
    for (answer, exit, verdict) in [
        ("n\n", 1, "metadata-changed"),
        ("\n", 1, "metadata-changed"),
        ("yes\n", 0, "ok"),
    ] {
        let Some((shown, code)) = at_terminal(&desk, "zkv trust GitHub --key-file vault.key", &[answer]) else {
            return;
        };
        assert_eq!(code, exit, "{shown}");
        let [site, first, ..] = shown.lines().collect::<Vec<_>>()[..] else {
            panic!("{shown}");
        };
        assert!(site.contains("GitHub (1749412): metadata-changed"), "{shown}");
        assert!(
            first.contains("would go to https://evil.example, no more to https://github.com"),
            "{shown}"
        );
        assert!(
            shown.contains("Accept site 1749412 as the service lists it [y/N]: "),
            "{shown}"
        );
        assert!(!shown.contains('\u{1b}'), "{shown}");
        let listed = zkvault_test_support::stdout(&mut service.zkv(&desk, &["search", "1749412"]));
        assert!(listed.ends_with(&format!("\t{verdict}\n")), "{listed}");
    }
}

#[test]
fn a_person_is_told_what_is_waited_for() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let settings = service.environment().map(|(name, value)| format!("{name}='{value}'"));
    for (quiet, tells) in [("", true), ("-q", false)] {
        // Some hundred bytes.
        let pause = Duration::from_millis(12);
        service
            .conditions()
            .inject(Fault::SlowLoris { pause }, 1, "/rest/groups");
        let command = format!("{} zkv group list {quiet}", settings.join(" "));
        let Some((shown, code)) = at_terminal(&desk, &command, &[]) else {
            return;
        };
        assert!(code == 0 && shown.contains("On call"), "{shown}");
        let told = shown.contains("zkv: still waiting for a response of 127.0.0.1");
        assert_eq!(told, tells, "{shown}");
    }
}
