//! `zkv setup`, as a person sees it at a terminal of 80 columns, and the first hour after it.

use std::os::unix::fs::PermissionsExt as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zkvault_core::key::VaultKey;
use zkvault_simulator::seed;
use zkvault_test_support::{Desk, PASSPHRASE, Service, json_of, stderr_of, stdout};

use crate::pty::Pty;

const SETUP: &str = "zkv setup --kdf-memory 19MiB --kdf-passes 2 --kdf-lanes 1";

/// A terminal at which nothing of an account is in the environment, and without an agent.
fn terminal(desk: &Desk, command: &str) -> Pty {
    Pty::run_with(desk, (24, 80), &[("ZKV_AGENT", "off")], command)
}

/// Types what logs in.
fn log_in(pty: &mut Pty, service: &Service) {
    let [(_, url), (_, key), (_, secret)] = service.environment();
    pty.reply("Enter runs zkv auth login, s leaves it out: ", "");
    pty.reply("Address of the account: ", &url);
    pty.reply("API key: ", &key);
    pty.reply("API secret: ", &secret);
}

/// From nothing to a program that gets a password, and a new start after a lock.
#[test]
fn a_persons_first_hour_takes_two_passphrases_at_the_creation_and_one_to_unlock() {
    let desk = Desk::new();
    let runtime = desk.path("runtime");
    std::fs::create_dir(&runtime).unwrap();
    std::fs::set_permissions(&runtime, std::fs::Permissions::from_mode(0o700)).unwrap();
    let service = Service::demo(&desk);
    let key = VaultKey::from_slice(&desk.read("vault.key")).unwrap();
    service.change(|organisation| seed::add_one_time_codes(organisation, &key).unwrap());
    let mut pty = Pty::run(&desk, 24, 80, SETUP);
    pty.reply("1/5 keyring", "");
    pty.reply("New passphrase: ", PASSPHRASE);
    pty.reply("The same again: ", PASSPHRASE);
    log_in(&mut pty, &service);
    pty.reply("Which one? [f/p/a/s]: ", "f");
    pty.reply("Path of the key file: ", "vault.key");
    pty.reply("Enter runs zkv sync, s leaves it out: ", "");
    pty.wait_for("synced 127.0.0.1:");
    pty.reply("Enter runs zkv unlock, s leaves it out: ", "");
    pty.wait_for("Ready: zkv list");
    let (code, written) = pty.end();
    assert_eq!(code, 0, "{written}");
    assert!(!written.contains(PASSPHRASE), "{written}");
    assert!(!written.contains("no key opens"), "{written}");
    assert_eq!(passphrases(&written), 2, "typed at the creation: {written}");

    let daily = "zkv sync && zkv list && zkv read github && zkv copy github --osc52 && zkv totp github && \
                 zkv run --env PW=zkv://GitHub/password -- sh -c 'echo ${#PW}'";
    let used = |command: &str| {
        let (code, written) = Pty::run(&desk, 24, 80, command).end();
        assert_eq!(code, 0, "{command}: {written}");
        written
    };
    let written = used(daily);
    assert!(
        written.contains("compass-rose-Vector-31") && written.contains("22"),
        "{written}"
    );
    // The terminal is told what to copy, which it decodes.
    let (_, copied) = written.split_once("\u{1b}]52;c;").unwrap();
    assert!(
        copied.starts_with(&STANDARD.encode("compass-rose-Vector-31")),
        "{written}"
    );
    let is_code = |line: &str| line.len() == 6 && line.bytes().all(|byte| byte.is_ascii_digit());
    assert!(written.lines().any(is_code), "{written}");
    assert_eq!(passphrases(&written), 0, "{written}");
    used("zkv lock");
    let mut pty = Pty::run(&desk, 24, 80, "zkv unlock");
    pty.reply("Passphrase: ", PASSPHRASE);
    let (code, written) = pty.end();
    assert_eq!((code, passphrases(&written)), (0, 1), "{written}");
    let written = used(daily);
    assert_eq!(passphrases(&written), 0, "{written}");
    used("zkv lock");
}

/// How often a passphrase was asked for.
fn passphrases(written: &str) -> usize {
    ["Passphrase: ", "New passphrase: ", "The same again: ", "try again: "]
        .iter()
        .map(|prompt| written.matches(prompt).count())
        .sum()
}

#[test]
fn steps_that_are_left_out_are_named_and_resumed() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let mut pty = terminal(&desk, SETUP);
    pty.reply("Enter runs zkv init, s leaves it out: ", "");
    pty.reply("New passphrase: ", PASSPHRASE);
    pty.reply("The same again: ", PASSPHRASE);
    pty.reply("Enter runs zkv auth login, s leaves it out: ", "s");
    pty.reply("[f/p/a/s]: ", "s");
    pty.wait_for("left out: this needs an account");
    pty.wait_for("left out: account, key, sync, unlock; zkv setup resumes there");
    assert_eq!(pty.end().0, 0);

    // It resumes at the account, and asks once for the passphrase.
    let mut pty = terminal(&desk, SETUP);
    pty.reply("Passphrase: ", PASSPHRASE);
    pty.wait_for("done already");
    log_in(&mut pty, &service);
    pty.reply("[f/p/a/s]: ", "s");
    pty.reply("Enter runs zkv sync, s leaves it out: ", "");
    // No key opens anything, and what helps is named.
    let warned = pty.wait_for("zkv vendor discover");
    for way in [
        "no key opens a value",
        "zkv key import",
        "zkv key derive",
        "zkv activate",
    ] {
        assert!(warned.replace("\r\n", "").contains(way), "{way:?} is not in {warned}");
    }
    let (code, written) = pty.end();
    assert_eq!((code, passphrases(&written)), (0, 1), "{written}");

    let mut pty = terminal(&desk, SETUP);
    pty.reply("Passphrase: ", PASSPHRASE);
    pty.reply("[f/p/a/s]: ", "f");
    pty.reply("Path of the key file: ", "missing.key");
    pty.wait_for("cannot open the key file missing.key");
    pty.reply("[f/p/a/s]: ", "f");
    pty.reply("Path of the key file: ", "'vault.key'");
    pty.wait_for("4/5 sync\r\ndone already");
    pty.wait_for("Ready: ");
    assert_eq!(pty.end().0, 0);
    assert_eq!(stdout(&mut desk.zkv(&["read", "github"])), "compass-rose-Vector-31");
}

#[test]
fn a_login_that_fails_may_be_typed_again() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let [(_, url), (_, key), _] = service.environment();
    let mut pty = terminal(&desk, SETUP);
    pty.reply("Passphrase: ", PASSPHRASE);
    pty.reply("Enter runs zkv auth login, s leaves it out: ", "");
    pty.reply("Address of the account: ", &url);
    pty.reply("API key: ", &key);
    pty.reply("API secret: ", "wrong");
    pty.wait_for("(status 401)");
    log_in(&mut pty, &service);
    pty.reply("[f/p/a/s]: ", "s");
    // Ctrl-D ends it where it is.
    pty.reply("s leaves it out: ", "\u{4}");
    let (code, written) = pty.end();
    assert_eq!(code, 130, "{written}");
    assert!(stdout(&mut desk.zkv(&["auth", "status"])).contains("127.0.0.1"));
}

#[test]
fn every_step_fits_80_columns_and_a_screen() {
    let desk = Desk::with_keyring();
    let mut pty = terminal(&desk, SETUP);
    pty.reply("Passphrase: ", PASSPHRASE);
    pty.wait_for("2/5 account");
    pty.reply("s leaves it out: ", "s");
    pty.wait_for("3/5 key");
    pty.wait_for("[f/p/a/s]: ");
    let screen = pty.screen();
    let first = screen.iter().position(|row| row == "3/5 key");
    assert!(first.is_some(), "{screen:?}");
    assert!(screen.iter().any(|row| row.starts_with("f  a key file")), "{screen:?}");
    pty.reply("", "s");
    let (code, written) = pty.end();
    assert_eq!(code, 0, "{written}");
    let lines = written.lines();
    let too_long: Vec<&str> = lines.filter(|line| line.trim_end().chars().count() > 80).collect();
    assert!(too_long.is_empty(), "{too_long:?}");
    // That the passphrases of tests are cheap to try is said by zkv status, and by no command that opens a keyring.
    assert!(!written.contains("a guess at"), "{written}");
    let status = stdout(&mut desk.zkv(&["status"]));
    assert!(status.contains("a guess at the passphrase costs less"), "{status}");
}

#[test]
fn without_a_terminal_the_steps_and_their_commands_are_listed() {
    let desk = Desk::new();
    let listed = stdout(&mut desk.zkv(&["setup"]));
    assert_eq!(
        listed,
        "keyring\topen\tzkv init\n\
         account\topen\tzkv auth login --url URL --api-key KEY --secret-file FILE\n\
         key\topen\tzkv key import FILE --default\n\
         sync\topen\tzkv sync\n\
         unlock\topen\tzkv unlock\n"
    );
    assert!(!desk.keyring().exists());
    let desk = Desk::with_keyring();
    let states = |desk: &Desk, given: bool| -> Vec<Option<bool>> {
        let mut zkv = desk.zkv(&["setup", "--json"]);
        if !given {
            zkv.env_remove("ZKV_PASSPHRASE");
        }
        let steps = json_of(&mut zkv);
        let steps = steps.as_array().unwrap().iter();
        steps.map(|step| step["done"].as_bool()).collect()
    };
    assert_eq!(states(&desk, false), [Some(true), None, None, Some(false), Some(false)]);
    assert_eq!(
        states(&desk, true),
        [Some(true), Some(false), Some(false), Some(false), Some(false)]
    );
}

#[test]
fn every_dead_end_names_the_next_step() {
    let desk = Desk::new();
    for (args, code, next) in [
        (&["sync"][..], 3, "zkv setup"),
        (&["key", "list"], 3, "zkv init"),
        (&["backup", "push", "-o", "b"], 3, "zkv sync"),
        (&["read", "github"], 3, "zkv sync"),
        (&["user", "list"], 3, "zkv setup"),
    ] {
        let said = stderr_of(&mut desk.zkv(args), code);
        assert!(said.contains("hint: ") && said.contains(next), "{args:?}: {said}");
    }
    let desk = Desk::with_keyring();
    let said = stderr_of(&mut desk.zkv(&["sync"]), 4);
    assert!(said.contains("hint: zkv auth login"), "{said}");
    // The sites come, and no key opens them.
    let service = Service::demo(&desk);
    let synced = stderr_of(desk.zkv(&["sync"]).envs(service.environment()), 0);
    assert!(synced.contains("warning: no key opens a value"), "{synced}");
    let said = stderr_of(&mut desk.zkv(&["read", "github"]), 10);
    assert!(said.contains("zkv key import"), "{said}");
    stdout(&mut desk.zkv(&["key", "import", "vault.key", "--default"]));
    let synced = stderr_of(desk.zkv(&["sync"]).envs(service.environment()), 0);
    assert!(!synced.contains("no key opens"), "{synced}");
}
