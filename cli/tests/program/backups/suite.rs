//! What a backup is for: everything comes back.

use serde_json::{Value, json};
use zkvault_simulator::{Attack, Fault, Kind, seed};
use zkvault_test_support::{Desk, json_of, stdout};

use super::storage::{Office, fails, password};

const REFERENCE: [&str; 2] = ["read", "zkv://GitHub/password"];
const SECRET: &str = "compass-rose-Vector-31";

#[test]
fn passphrase_and_sas_alone_bring_everything_back() {
    let office = Office::new();
    let head = office.push(&office.desk);
    assert!(head.starts_with("1:") && head.len() == 66, "{head}");
    // The vendor is gone.
    office.service.conditions().inject(Fault::status(500), usize::MAX, "/");
    let fresh = Desk::new();
    let restored = json_of(
        office
            .at(&fresh, &["backup", "restore", "--expect", &head])
            .arg("--json"),
    );
    assert_eq!(
        (
            &restored["sites"],
            &restored["users"],
            &restored["groups"],
            &restored["head"]
        ),
        (&json!(12), &json!(9), &json!(5), &json!(head))
    );
    assert_eq!(password(&mut office.at(&fresh, &REFERENCE)), SECRET);
    let lists = [&["list"][..], &["show", "GitHub"]];
    for list in lists {
        let ours = stdout(&mut office.zkv(list)).replace("\tnew\n", "\tok\n");
        assert_eq!(stdout(&mut office.at(&fresh, list)), ours, "{list:?}");
    }
    let again = fails(&mut office.at(&fresh, &["backup", "restore"]), 1);
    assert_eq!(again.0, "exists");
    // The pins came back as well: a lie is found out at once, and an honest service is not accused.
    office.service.conditions().clear_faults();
    assert_eq!(
        json_of(office.at(&fresh, &["sync"]).arg("--json"))["verdicts"],
        json!({"ok": 12})
    );
    office
        .service
        .attack(Attack::url(seed::GITHUB, "https://github.com.evil.example/"));
    let synced = json_of(office.at(&fresh, &["sync"]).arg("--json"));
    assert_eq!(synced["attention"][0]["verdict"], json!("metadata-changed"));
}

#[test]
fn a_file_needs_no_network() {
    let office = Office::new();
    let file = office.desk.path("vault.zkvb");
    let file = file.to_str().unwrap();
    let head = stdout(&mut office.zkv(&["backup", "push", "-o", file, "--device", "old laptop"]));
    assert_eq!(fails(&mut office.zkv(&["backup", "push", "-o", file]), 1).0, "exists");
    let fresh = Desk::new();
    let verified = json_of(fresh.zkv(&["backup", "verify", "--file", file]).arg("--json"));
    assert_eq!(
        (&verified["device"], &verified["keyring"]),
        (&json!("old laptop"), &json!(true))
    );
    assert!(fresh.names().is_empty(), "nothing is written");
    fresh
        .zkv(&["backup", "restore", "--file", file, "--expect", head.trim()])
        .assert()
        .success();
    assert_eq!(password(&mut fresh.zkv(&REFERENCE)), SECRET);
    let wrong = fails(
        Desk::new()
            .zkv(&["backup", "restore", "--file", file])
            .env("ZKV_PASSPHRASE", "another one"),
        10,
    );
    assert_eq!(wrong.0, "wrong-passphrase");
    assert!(office.blobs().is_empty());
}

/// Anyone who has the key file could forge a backup under it.
#[test]
fn key_files_alone_make_no_backup_and_with_a_keyring_they_open_values() {
    let office = Office::new();
    let desk = Desk::new();
    desk.write("vault.key", office.desk.read("vault.key"));
    let zkv = |desk: &Desk, args: &[&str]| {
        let mut zkv = office.at(desk, args);
        zkv.env("ZKV_KEY_FILE", "vault.key");
        zkv
    };
    zkv(&desk, &["sync"]).assert().success();
    assert_eq!(fails(&mut zkv(&desk, &["backup", "push"]), 3).0, "personal-key");
    assert!(office.blobs().is_empty());
    desk.zkv(&["init"]).assert().success();
    let pushed = json_of(zkv(&desk, &["backup", "push"]).arg("--json"));
    assert_eq!(pushed["keyring"], json!(true));
    let fresh = Desk::new();
    fresh.write("vault.key", office.desk.read("vault.key"));
    zkv(&fresh, &["backup", "restore"]).assert().success();
    assert_eq!(password(&mut zkv(&fresh, &REFERENCE)), SECRET);
    assert!(fresh.keyring().exists());
}

#[test]
fn what_is_there_is_replaced_only_when_asked() {
    let office = Office::new();
    office.push(&office.desk);
    let other = Desk::with_keyring();
    let keyring = std::fs::read(other.keyring()).unwrap();
    assert_eq!(fails(&mut office.at(&other, &["backup", "restore"]), 1).0, "exists");
    assert_eq!(std::fs::read(other.keyring()).unwrap(), keyring);
    office.at(&other, &["list"]).assert().code(3);
    office.at(&other, &["backup", "restore", "--force"]).assert().success();
    assert_eq!(password(&mut office.at(&other, &REFERENCE)), SECRET);
    let kept = std::fs::read_dir(other.path("config/default")).unwrap();
    let kept = kept.map(|entry| std::fs::read(entry.unwrap().path()).unwrap());
    assert!(kept.into_iter().any(|file| file == keyring), "the old keyring is kept");
    // A store that is there as well, in one step.
    office.change(&office.desk, 77);
    office.push(&office.desk);
    office.at(&other, &["backup", "restore", "--force"]).assert().success();
    office.zkv(&["key", "list"]).assert().success();
    assert_eq!(stdout(&mut office.at(&other, &["backup", "diff"])), "");
    // The keyring that is here may be enough.
    std::fs::remove_dir_all(other.path("data")).unwrap();
    office
        .at(&other, &["backup", "restore", "--store-only"])
        .assert()
        .success();
    assert_eq!(password(&mut office.at(&other, &REFERENCE)), SECRET);
}

#[test]
fn recipients_open_it_and_nobody_else() {
    let office = Office::new();
    let [friend, stranger] = [(); 2].map(|()| Desk::with_keyring());
    let identity = stdout(&mut friend.zkv(&["identity", "show"]));
    let file = office.desk.path("vault.zkvb");
    let file = file.to_str().unwrap();
    office
        .zkv(&[
            "backup",
            "push",
            "-o",
            file,
            "--no-keyring",
            "--yes",
            "--recipient",
            identity.trim(),
        ])
        .assert()
        .success();
    let verified = json_of(friend.zkv(&["backup", "verify", "--file", file]).arg("--json"));
    assert_eq!(
        (&verified["sites"], &verified["authentic"]),
        (&json!(12), &json!(false))
    );
    // A recipient could have written it: it is not restored on the word of one.
    let refused = fails(
        &mut friend.zkv(&["backup", "restore", "--file", file, "--store-only"]),
        10,
    );
    assert_eq!(refused.0, "backup-not-authentic");
    assert_eq!(
        fails(&mut stranger.zkv(&["backup", "verify", "--file", file]), 10).0,
        "backup-not-opened"
    );
    // A recipient may look inside, also with every vault key; only its maker restores it.
    office.zkv(&["key", "export", "-o", "own.key"]).assert().success();
    friend.write("own.key", office.desk.read("own.key"));
    friend
        .zkv(&["key", "import", "own.key", "--label", "shared"])
        .assert()
        .success();
    let refused = fails(
        &mut friend.zkv(&["backup", "restore", "--file", file, "--store-only"]),
        10,
    );
    assert_eq!(refused.0, "backup-not-authentic");
}

#[test]
fn a_difference_is_named_and_no_secret_is_shown() {
    let office = Office::new();
    office.push(&office.desk);
    assert_eq!(stdout(&mut office.zkv(&["backup", "diff"])), "");
    office.service.change(|organisation| {
        let google = organisation.get(Kind::Site, seed::GOOGLE).unwrap()["login"]["inputs"][1]["value"].clone();
        let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
        site["login"]["inputs"][1]["value"] = google;
        site.insert("canary".to_owned(), json!("canary-in-clear"));
        site["updated"] = json!(2_000_000_000);
        let user = organisation.get_mut(Kind::User, 1917).unwrap();
        user.insert("phone".to_owned(), json!("canary-phone"));
    });
    office.zkv(&["sync"]).assert().code(10);
    office.zkv(&["trust", "GitHub", "--yes"]).output().unwrap();
    let found = json_of(office.zkv(&["backup", "diff"]).arg("--json"));
    let user = found
        .as_array()
        .unwrap()
        .iter()
        .find(|found| found["kind"] == "user")
        .unwrap();
    assert_eq!((&user["id"], &user["members"]), (&json!(1917), &json!(["phone"])));
    let text = stdout(&mut office.zkv(&["backup", "diff"]));
    for secret in ["canary-", SECRET] {
        assert!(!text.contains(secret) && !found.to_string().contains(secret), "{text}");
    }
    office.push(&office.desk);
    let between: Value = json_of(office.zkv(&["backup", "diff", "1", "2"]).arg("--json"));
    assert_eq!(between, found);
}

#[test]
fn the_storage_sees_no_names_and_no_values() {
    let office = Office::new();
    office.push(&office.desk);
    let blobs = office.blobs();
    let [(name, blob)] = blobs.as_slice() else {
        panic!("{}", blobs.len())
    };
    assert!(name.starts_with("zkv-backup/") && name.len() == 65, "{name}");
    let has = |text: &[u8]| blob.content.windows(text.len()).any(|window| window == text);
    for text in ["GitHub", "haldenfrey", "127.0.0.1", "github.com", SECRET, "logmeonce"] {
        assert!(!has(text.as_bytes()), "{text}");
    }
    // What it may guess at is there, and said to be: the keyring under the passphrase.
    assert!(has(b"zkvault.keyring"));
    let listed = json_of(office.zkv(&["backup", "list"]).arg("--json"));
    assert_eq!(
        (&listed[0]["revision"], &listed[0]["standing"]),
        (&json!(1), &json!("ok"))
    );
}
