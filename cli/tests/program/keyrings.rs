//! What changes a keyring: its passphrase, its keys and its identity.

use serde_json::Value;
use zkvault_core::SecretText;
use zkvault_core::kdf::KdfParams;
use zkvault_core::keyring::{Keyring, SealedKeyring};
use zkvault_test_support::{Desk, PASSPHRASE, json_of, stdout};

const NEW: &str = "onyx-radiator-mulch-vixen-clamp";

fn opened(desk: &Desk, passphrase: &str) -> Option<Keyring> {
    let file = std::fs::read(desk.keyring()).unwrap();
    Keyring::unlock(&file, &SecretText::from(passphrase.to_owned())).ok()
}

fn fails(desk: &Desk, args: &[&str], code: i32) -> String {
    let failed = desk.zkv(args).assert().code(code);
    String::from_utf8(failed.get_output().stderr.clone()).unwrap()
}

fn keys(desk: &Desk) -> Vec<Value> {
    json_of(desk.zkv(&["key", "list"]).arg("--json"))
        .as_array()
        .unwrap()
        .clone()
}

#[test]
fn a_changed_passphrase_opens_the_keyring_and_the_old_one_does_not() {
    let desk = Desk::with_keyring();
    let before = opened(&desk, PASSPHRASE).unwrap();
    let report = json_of(
        desk.zkv(&["passphrase", "change", "--json"])
            .env("ZKV_NEW_PASSPHRASE", NEW),
    );
    assert_eq!((&report["serial"], &report["renewed"]), (&2.into(), &false.into()));
    assert!(opened(&desk, PASSPHRASE).is_none());
    let after = opened(&desk, NEW).unwrap();
    assert_eq!(after.identity().public(), before.identity().public());
    assert_eq!(after.personal_keys().len(), 1);
    assert!(!after.params().is_below_default(), "{:?}", after.params());
    assert_eq!(after.serial(), before.serial() + 1);
    fails(&desk, &["key", "list"], 10);
    desk.zkv(&["key", "list"]).env("ZKV_PASSPHRASE", NEW).assert().success();
}

#[test]
fn a_passphrase_that_somebody_knows_is_changed_with_a_new_personal_key() {
    let desk = Desk::with_keyring();
    let mut change = desk.zkv(&["passphrase", "change", "--renew"]);
    let changed = change.env("ZKV_NEW_PASSPHRASE", NEW).assert().success();
    let output = changed.get_output();
    let printed = String::from_utf8([&output.stdout[..], &output.stderr].concat()).unwrap();
    assert!(!printed.contains(NEW) && !printed.contains(PASSPHRASE), "{printed}");
    let said = String::from_utf8(changed.get_output().stderr.clone()).unwrap();
    for step in [
        "zkv key rotate",
        "zkv identity renew",
        "new API secrets",
        "zkv backup prune",
    ] {
        assert!(said.contains(step), "{step}: {said}");
    }
    assert_eq!(
        opened(&desk, NEW).unwrap().personal_keys().len(),
        2,
        "the one before stays"
    );
}

#[test]
fn a_passphrase_that_is_not_given_or_empty_changes_nothing() {
    let desk = Desk::with_keyring();
    let file = std::fs::read(desk.keyring()).unwrap();
    let said = fails(&desk, &["passphrase", "change"], 5);
    assert!(said.contains("ZKV_NEW_PASSPHRASE_FILE"), "{said}");
    desk.zkv(&["passphrase", "change"])
        .env("ZKV_NEW_PASSPHRASE", "")
        .assert()
        .code(5);
    let mut wrong = desk.zkv(&["passphrase", "change"]);
    wrong
        .env("ZKV_PASSPHRASE", "wrong")
        .env("ZKV_NEW_PASSPHRASE", NEW)
        .assert()
        .code(10);
    assert_eq!(std::fs::read(desk.keyring()).unwrap(), file);
}

/// A keyring that was made for a small machine, or by somebody else, costs as much to guess as a new one once it is saved.
#[test]
fn a_keyring_is_saved_with_at_least_todays_kdf() {
    let desk = Desk::with_keyring();
    let params = || {
        SealedKeyring::parse(&std::fs::read(desk.keyring()).unwrap())
            .unwrap()
            .params()
    };
    assert!(params().is_below_default());
    desk.zkv(&["key", "rotate"]).assert().success();
    let default = KdfParams::default();
    assert_eq!(params().memory_kib(), default.memory_kib());
    assert_eq!(params().iterations(), default.iterations());
}

#[test]
fn a_new_identity_takes_the_place_of_the_old_one_after_a_yes() {
    let desk = Desk::with_keyring();
    let before = stdout(&mut desk.zkv(&["identity", "show"]));
    fails(&desk, &["identity", "renew", "--no-input"], 5);
    assert_eq!(stdout(&mut desk.zkv(&["identity", "show"])), before);
    let after = stdout(&mut desk.zkv(&["identity", "renew", "--yes"]));
    assert_ne!(after, before);
    assert_eq!(stdout(&mut desk.zkv(&["identity", "show"])), after);
}

#[test]
fn a_retired_key_stays_retired_until_it_is_reinstated() {
    let desk = Desk::with_keyring();
    desk.write("other.key", [7; 32]);
    desk.zkv(&["key", "import", "other.key", "--label", "other"])
        .assert()
        .success();
    let said = fails(&desk, &["key", "retire", "vault"], 1);
    assert!(said.contains("zkv key rotate"), "{said}");
    desk.zkv(&["key", "retire", "other"]).assert().success();
    let listed = keys(&desk);
    assert_eq!(
        (&listed[1]["state"], listed[1]["retired"].is_string()),
        (&"retired".into(), true)
    );
    let said = fails(&desk, &["key", "import", "other.key", "--label", "again"], 1);
    assert!(said.contains("retired") && said.contains("zkv key reinstate"), "{said}");
    assert_eq!(keys(&desk), listed);
    desk.zkv(&["key", "reinstate", "other"]).assert().success();
    assert_eq!(keys(&desk)[1]["state"], "active");
}

#[test]
fn a_line_of_keys_is_made_by_rotation_and_by_import() {
    let desk = Desk::with_keyring();
    let plan = stdout(&mut desk.zkv(&["key", "rotate", "--dry-run"]));
    assert!(
        plan.contains("\"vault\" is retired") && plan.contains("\"vault-2\" replaces it"),
        "{plan}"
    );
    assert_eq!(keys(&desk).len(), 1, "nothing was changed");
    desk.zkv(&["key", "rotate"]).assert().success();
    desk.zkv(&["key", "rotate"]).assert().success();
    desk.write("next.key", [9; 32]);
    let import = ["key", "import", "next.key", "--label", "next", "--replaces", "vault-3"];
    desk.zkv(&import).assert().success();
    let lines: Vec<_> = keys(&desk)
        .iter()
        .map(|key| (key["label"].clone(), key["replaces"].clone()))
        .collect();
    let expected = [
        ("vault", None),
        ("vault-2", Some("vault")),
        ("vault-3", Some("vault-2")),
        ("next", Some("vault-3")),
    ];
    assert_eq!(lines, expected.map(|(label, replaces)| (label.into(), replaces.into())));
    desk.zkv(&["key", "rotate", "next", "--label", "last"])
        .assert()
        .success();
    let rotated = keys(&desk);
    assert_eq!(
        (&rotated[3]["state"], &rotated[4]["replaces"]),
        (&"retired".into(), &"next".into())
    );
    assert_eq!(rotated[2]["default"], true, "another key than the default was rotated");
    fails(&desk, &["key", "rotate", "next"], 1);
}

#[test]
fn a_keyring_of_a_pre_release_is_named_as_one() {
    let desk = Desk::with_keyring();
    let file = String::from_utf8(std::fs::read(desk.keyring()).unwrap()).unwrap();
    std::fs::write(desk.keyring(), file.replace("\"version\":2", "\"version\":1")).unwrap();
    let said = fails(&desk, &["key", "list"], 1);
    assert!(
        said.contains("made by a pre-release of zkvault: make it anew"),
        "{said}"
    );
    assert!(said.contains("zkv init"), "{said}");
}
