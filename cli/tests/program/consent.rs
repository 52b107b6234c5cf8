//! What a person is asked before something is done, and what a hostile name can do to the question: nothing.

use serde_json::json;
use zkvault_core::identity::Identity;
use zkvault_simulator::{Kind, seed};
use zkvault_test_support::{Desk, Service};

use crate::terminal::at_terminal;

/// A command line with the account in its environment.
fn with_account(service: &Service, command: &str) -> String {
    let settings: Vec<_> = service
        .environment()
        .into_iter()
        .map(|(name, value)| format!("export {name}='{value}'; "))
        .collect();
    format!("{}{command}", settings.concat())
}

#[test]
fn a_delete_shows_whom_and_where_and_takes_only_a_yes() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.change(|organisation| {
        let user = organisation.get_mut(Kind::User, 1917).unwrap();
        user.insert(
            "firstname".to_owned(),
            json!("Eve\u{1b}[2J\r\nDelete nobody? [y/N]: \u{202e}"),
        );
        user.insert("lastname".to_owned(), json!("x".repeat(5000)));
    });
    let command = with_account(&service, "zkv user delete 1917 1918 7");
    for refusal in ["n\n", "\n", "yess\n", "\u{4}"] {
        let Some((shown, code)) = at_terminal(&desk, &command, &[refusal]) else {
            return;
        };
        assert!(code == 1 && shown.contains("it was not confirmed"), "{shown}");
        assert!(
            shown.contains("account 127.0.0.1") && shown.contains("user 1918 (Noor Rahimi, noor@"),
            "{shown}"
        );
        assert!(shown.contains("user 7 (unknown to the service)"), "{shown}");
        assert!(
            !shown.contains("\u{1b}[2J") && !shown.contains('\u{202e}') && shown.len() < 2000,
            "{shown:?}"
        );
        assert!(shown.contains("\\u{1b}[2J\\r\\nDelete nobody?"), "{shown}");
    }
    assert!(service.organisation().get(Kind::User, 1917).is_some());
    let (shown, code) = at_terminal(&desk, &command, &["y\n"]).unwrap();
    assert_eq!(code, 11, "{shown}");
    assert!(service.organisation().get(Kind::User, 1917).is_none());
}

#[test]
fn a_change_of_rights_shows_both_ends() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let command = with_account(&service, "zkv site privileges 1749412 --user 1918 --allow read");
    let Some((shown, code)) = at_terminal(&desk, &command, &["no\n"]) else {
        return;
    };
    assert!(
        code == 1 && shown.contains("site 1749412 (GitHub), user 1918 (Noor Rahimi"),
        "{shown}"
    );
}

#[test]
fn a_fingerprint_is_compared_by_a_person_and_the_code_is_shown_once() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let to = Identity::generate().unwrap().public();
    let passphrase = format!("export ZKV_PASSPHRASE={}; ", zkvault_test_support::PASSPHRASE);
    let activate = with_account(&service, &format!("{passphrase}zkv user activate 1921 --to {to}"));
    let Some((shown, code)) = at_terminal(&desk, &activate, &["n\n"]) else {
        return;
    };
    assert!(
        code == 1 && shown.contains(&to.fingerprint().to_string()) && shown.contains("Priya Raman"),
        "{shown}"
    );
    assert!(service.organisation().activation_key(seed::NEW_USER).is_none());
    let (shown, code) = at_terminal(&desk, &activate, &["y\n"]).unwrap();
    assert!(code == 0 && shown.contains("User 1921 is activated"), "{shown}");

    let command = with_account(&service, "zkv user activate 1922 --code -o a.txt 2> said.txt");
    let (shown, code) = at_terminal(&desk, &command, &[]).unwrap();
    assert!(
        code == 0 && shown.contains("One-time code, shown this once: "),
        "{shown}"
    );
    let code = shown.split("this once: ").nth(1).unwrap().trim();
    assert!(
        !String::from_utf8(desk.read("said.txt")).unwrap().contains(code),
        "on the terminal and nowhere else"
    );
    desk.write("code.txt", code);
    let user = Desk::with_keyring();
    let mut activate = user.zkv(&["activate", "--host", &service.url(), "--user-id", "1922", "--code-file"]);
    activate
        .arg(desk.path("code.txt"))
        .arg(desk.path("a.txt"))
        .assert()
        .success();
}

#[test]
fn a_login_asks_for_what_is_missing() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let [(_, url), (_, key), (_, secret)] = service.environment();
    let passphrase = format!("export ZKV_PASSPHRASE={}; ", zkvault_test_support::PASSPHRASE);
    let lines = [url, key, secret.clone()].map(|line| format!("{line}\n"));
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let Some((shown, code)) = at_terminal(&desk, &format!("{passphrase}zkv auth login"), &lines) else {
        return;
    };
    assert!(code == 0 && shown.contains("Logged in to 127.0.0.1"), "{shown}");
    assert!(!shown.contains(&secret), "{shown}");
    desk.zkv(&["group", "list"]).assert().success();
}
