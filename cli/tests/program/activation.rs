//! Activations from the issue to the keyring. The issuer is the core library.

use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use zkvault_core::activation::{Activation, ActivationCode, ActivationKey, ActivationPayload, ActivationTarget};
use zkvault_core::identity::Identity;
use zkvault_core::key::VaultKey;
use zkvault_test_support::{Desk, json_of, stderr_of, stdout};

const HOST: &str = "company.logmeonce.com";
const WHERE: [&str; 6] = ["activate", "a.txt", "--host", HOST, "--user-id", "42"];

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

fn payload(labels: &[&str], age: u64) -> ActivationPayload {
    let key = |label: &&str| ActivationKey::new(Arc::new(VaultKey::generate().unwrap()), (*label).to_owned());
    ActivationPayload::new(labels.iter().map(key).collect(), now() - age, now() - age + 3600).unwrap()
}

pub(crate) fn with_code(labels: &[&str], age: u64) -> (String, String) {
    let (code, target) = (
        ActivationCode::generate().unwrap(),
        ActivationTarget::new(HOST, 42).unwrap(),
    );
    let activation = Activation::seal_with_code(&code, &target, &payload(labels, age)).unwrap();
    (activation.to_string(), code.expose_text().expose_secret().to_owned())
}

#[test]
fn a_code_from_a_file_or_the_environment_opens_it() {
    let desk = Desk::with_keyring();
    let (activation, code) = with_code(&["shared", "vault"], 0);
    desk.write("a.txt", format!("{activation}\n"));
    desk.write("code.txt", format!("{code}\n"));
    let added = stdout(desk.zkv(&WHERE).args(["--code-file", "code.txt"]));
    assert!(added.contains("\tshared\tactivation\tactive"), "{added}");
    assert!(
        added.contains("\tactivation-"),
        "the label that is taken gives way: {added}"
    );

    // The same once more changes nothing.
    let again = stdout(desk.zkv(&WHERE).env("ZKV_ACTIVATION_CODE", code.to_lowercase()));
    assert_eq!(again, added);
    assert_eq!(stdout(&mut desk.zkv(&["key", "list"])).lines().count(), 3);
}

#[test]
fn what_is_wrong_leaves_the_keyring_as_it_was() {
    let desk = Desk::with_keyring();
    let before = std::fs::read(desk.keyring()).unwrap();
    let (activation, code) = with_code(&["shared"], 0);
    let (expired, old_code) = with_code(&["shared"], 7200);
    let other = with_code(&["shared"], 0).1;
    let cases = [
        (&activation, Some(&other), "42", 10, "decryption failed"),
        (&activation, Some(&code), "43", 10, "decryption failed"),
        (&expired, Some(&old_code), "42", 10, "it expired at"),
        (&activation, None, "42", 5, "is needed"),
    ];
    for (activation, code, user, exit, message) in cases {
        desk.write("a.txt", activation);
        let mut zkv = desk.zkv(&["activate", "a.txt", "--host", HOST, "--user-id", user]);
        let failed = zkv
            .envs(code.map(|code| ("ZKV_ACTIVATION_CODE", code)))
            .assert()
            .code(exit);
        let stderr = String::from_utf8_lossy(&failed.get_output().stderr).into_owned();
        assert!(stderr.contains(message), "{message}: {stderr}");
    }
    assert_eq!(std::fs::read(desk.keyring()).unwrap(), before);
}

#[test]
fn a_code_that_was_mistyped_is_no_code() {
    let desk = Desk::with_keyring();
    let (activation, code) = with_code(&["shared"], 0);
    desk.write("a.txt", activation);
    let mistyped = code.replacen(|_: char| true, if code.starts_with('7') { "8" } else { "7" }, 1);
    let failed = desk.zkv(&WHERE).env("ZKV_ACTIVATION_CODE", &mistyped).assert().code(1);
    assert!(!String::from_utf8_lossy(&failed.get_output().stderr).contains(&mistyped));
}

#[test]
fn for_an_identity_the_sender_must_be_named_and_right() {
    let desk = Desk::with_keyring();
    let recipient = stdout(&mut desk.zkv(&["identity", "show"])).trim().parse().unwrap();
    let (sender, target) = (Identity::generate().unwrap(), ActivationTarget::new(HOST, 42).unwrap());
    let activation = Activation::seal_to(&sender, &recipient, &target, &payload(&["shared"], 0)).unwrap();
    desk.write("a.txt", activation.to_string());
    let fingerprint = sender.public().fingerprint().to_string();

    let unnamed = desk.zkv(&WHERE).assert().code(2);
    assert!(String::from_utf8_lossy(&unnamed.get_output().stderr).contains(&fingerprint));
    let stranger = Identity::generate().unwrap().public().to_string();
    desk.zkv(&WHERE).args(["--from", &stranger]).assert().code(10);
    desk.zkv(&WHERE).args(["--from", "nobody"]).assert().code(2);
    assert_eq!(stdout(&mut desk.zkv(&["key", "list"])).lines().count(), 1);

    assert!(stdout(desk.zkv(&WHERE).args(["--from", &fingerprint])).contains("\tshared\t"));
    assert!(stdout(desk.zkv(&WHERE).args(["--from", &sender.public().to_string()])).contains("\tshared\t"));
    assert_eq!(stdout(&mut desk.zkv(&["key", "list"])).lines().count(), 2);
}

/// An activation under a code that retires `old` and puts `new` in its place, as the default.
fn rotation(old: &VaultKey, new: &VaultKey) -> (String, String) {
    let key = |key: &VaultKey, label: &str| {
        let key = VaultKey::from_slice(key.expose_secret()).unwrap();
        ActivationKey::new(Arc::new(key), label.to_owned())
    };
    let keys = vec![
        ActivationKey {
            is_retired: true,
            ..key(old, "team")
        },
        ActivationKey {
            becomes_default: true,
            replaces: Some(old.fingerprint()),
            ..key(new, "team-2")
        },
    ];
    let payload = ActivationPayload::new(keys, now(), now() + 3600).unwrap();
    let (code, target) = (
        ActivationCode::generate().unwrap(),
        ActivationTarget::new(HOST, 42).unwrap(),
    );
    let activation = Activation::seal_with_code(&code, &target, &payload).unwrap();
    (activation.to_string(), code.expose_text().expose_secret().to_owned())
}

#[test]
fn what_changes_the_keys_of_a_person_is_shown_and_needs_a_yes() {
    let desk = Desk::with_keyring();
    let [old, new] = [1, 2].map(|byte| VaultKey::from_slice(&[byte; 32]).unwrap());
    desk.write("old.key", old.expose_secret());
    desk.zkv(&["key", "import", "old.key", "--label", "ours", "--default"])
        .assert()
        .success();
    let (activation, code) = rotation(&old, &new);
    desk.write("a.txt", activation);
    let before = std::fs::read(desk.keyring()).unwrap();
    let said = stderr_of(desk.zkv(&WHERE).env("ZKV_ACTIVATION_CODE", &code), 5);
    for fact in [
        "Your key \"ours\" is retired",
        "The key \"team-2\" is added",
        "\"team-2\" replaces your key \"ours\"",
        "\"team-2\" seals new values",
        "--yes",
    ] {
        assert!(said.contains(fact), "{fact}: {said}");
    }
    assert_eq!(std::fs::read(desk.keyring()).unwrap(), before);

    desk.zkv(&WHERE)
        .arg("--yes")
        .env("ZKV_ACTIVATION_CODE", &code)
        .assert()
        .success();
    let keys = json_of(&mut desk.zkv(&["key", "list", "--json"]));
    let shown = |index: usize| {
        let key = &keys[index];
        (
            key["label"].clone(),
            key["state"].clone(),
            key["default"].clone(),
            key["replaces"].clone(),
        )
    };
    assert_eq!(
        shown(1),
        ("ours".into(), "retired".into(), false.into(), serde_json::Value::Null)
    );
    assert_eq!(shown(2), ("team-2".into(), "active".into(), true.into(), "ours".into()));
}
