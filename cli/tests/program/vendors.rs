//! The layouts of the vendor's values: found, kept for the account, confirmed, and handed on.

use std::fmt::Write as _;

use serde_json::{Value, json};
use zkvault_core::SecretText;
use zkvault_core::key::VaultKey;
use zkvault_core::keyring::Keyring;
use zkvault_core::vendor::{Layout, catalog};
use zkvault_simulator::{Kind, seed};
use zkvault_test_support::{Desk, PASSPHRASE, Service, json_of, stderr_of, stdout};

use crate::daily::RUN_WITH_GOOGLE;

pub(crate) fn layout(name: &str) -> &'static Layout {
    catalog::find(name).unwrap()
}

/// The desk's own key.
pub(crate) fn own_key(desk: &Desk) -> VaultKey {
    let file = std::fs::read(desk.keyring()).unwrap();
    let keyring = Keyring::unlock(&file, &SecretText::from(PASSPHRASE.to_owned())).unwrap();
    VaultKey::from_slice(keyring.keys().iter().next().unwrap().key().expose_secret()).unwrap()
}

/// A document with so many values of a layout under a key.
pub(crate) fn document(layout: &Layout, key: &VaultKey, count: usize) -> String {
    let mut sites = String::new();
    for index in 0..count {
        let value = layout.seal(key, [1, 2, 3, 4], &text(index)).unwrap();
        let separator = if index == 0 { "" } else { "," };
        let input = json!({"name": "p", "type": "password", "value": value});
        write!(
            sites,
            "{separator}{}",
            json!({"id": index + 1, "login": {"inputs": [input]}})
        )
        .unwrap();
    }
    format!("{{\"sites\":[{sites}]}}")
}

fn text(index: usize) -> String {
    format!("value number {index}")
}

/// What comes out of a document, in plaintext.
fn values(opened: &Value) -> Vec<&str> {
    let sites = opened["sites"].as_array().unwrap().iter();
    sites
        .map(|site| site["login"]["inputs"][0]["value"].as_str().unwrap())
        .collect()
}

fn kept(desk: &Desk) -> Value {
    json_of(&mut desk.zkv(&["vendor", "show", "--stored", "--json"]))
}

#[test]
fn a_layout_that_was_found_is_kept_and_every_command_opens_with_it() {
    let desk = Desk::with_keyring();
    let key = own_key(&desk);
    desk.write("sites.json", document(layout("vendor-cbc-hmac-128"), &key, 3));
    let decrypt = ["decrypt", "sites.json", "--json"];
    assert_eq!(desk.zkv(&decrypt).assert().get_output().status.code(), Some(10));
    let found = json_of(&mut desk.zkv(&["vendor", "discover", "sites.json", "--json"]));
    assert_eq!(
        (&found["layout"], &found["kdf"]),
        (&json!("vendor-cbc-hmac-128"), &json!("vault"))
    );
    assert_eq!(values(&json_of(&mut desk.zkv(&decrypt))), [text(0), text(1), text(2)]);
    let stored = kept(&desk);
    assert_eq!(stored.as_array().unwrap().len(), 1);
    let expected = json!({"account": null, "layout": "vendor-cbc-hmac-128", "trust": "authenticated", "kdf": "given",
        "opened": 3, "confirmed": false, "allowed": false});
    assert_eq!(stored[0], expected);
    // Exactly this one is tried now: what the catalogue would have opened stays.
    desk.write("other.json", document(layout("vendor-gcm"), &key, 1));
    desk.zkv(&["decrypt", "other.json"]).assert().code(10);
    desk.zkv(&["vendor", "forget", "vendor-cbc-hmac-128"])
        .assert()
        .success();
    desk.zkv(&["decrypt", "other.json"]).assert().success();
    desk.zkv(&decrypt).assert().code(10);
    stderr_of(&mut desk.zkv(&["vendor", "forget", "vendor-cbc-hmac-128"]), 3);
}

#[test]
fn the_layout_of_the_local_store_is_found_there_and_its_values_read() {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    let service = Service::of(seed::demo_in(layout("vendor-cbc-hmac-128"), &key).unwrap());
    desk.zkv(&["init", "--kdf-memory", "19MiB", "--kdf-passes", "2", "--kdf-lanes", "1"])
        .assert()
        .success();
    desk.write("site.key", hex(&key));
    desk.zkv(&["key", "import", "site.key", "--label", "site"])
        .assert()
        .success();
    let zkv = |args: &[&str]| {
        let mut zkv = desk.zkv(args);
        zkv.envs(service.environment());
        zkv
    };
    let login = ["auth", "login", "--url", &service.url(), "--api-key", "simulator-key"];
    desk.write("secret.txt", "simulator-secret");
    desk.zkv(&[&login[..], &["--secret-file", "secret.txt"]].concat())
        .assert()
        .success();
    zkv(&["sync"]).assert().success();
    let read = ["read", "zkv://Canva/password"];
    zkv(&read).assert().code(10);
    let found = json_of(&mut desk.zkv(&["vendor", "discover", "--json"]));
    assert_eq!(found["layout"], "vendor-cbc-hmac-128");
    assert_eq!((&found["kdf"], &found["values"]), (&json!("site"), &json!(7)));
    // Canva is shared: its values are under a key of its own, which the site's key of the keyring opens.
    assert_eq!(stdout(&mut zkv(&read)), "sailcloth-Blue-88");
    assert_eq!(kept(&desk)[0]["account"], service.url().trim_start_matches("http://"));
    let shown = json_of(zkv(&["show", "Canva", "--reveal"]).arg("--json"));
    assert_eq!(shown["fields"][1]["layout"], "vendor-cbc-hmac-128");
    zkv(&["sync"]).assert().success();
    let canva = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
        service.change(|organisation| change(organisation.get_mut(Kind::Site, 1_749_400).unwrap()));
    };
    let before = service.organisation().get(Kind::Site, 1_749_400).unwrap().clone();
    canva(&|site| drop(site.remove("key")));
    zkv(&["sync"]).assert().code(10);
    let shown = json_of(zkv(&["show", "Canva"]).arg("--json"));
    assert_eq!(shown["verdict"], "tampered");
    assert!(shown["findings"].to_string().contains("site-key-lost"), "{shown}");
    assert_eq!(stdout(&mut zkv(&read)), "sailcloth-Blue-88", "the trusted copy");
    canva(&|site| *site = before.clone());
    zkv(&["sync"]).assert().success();
    let report = json_of(&mut desk.zkv(&["vendor", "discover", "--report", "--json"]));
    assert_eq!(report["values"], 17);
}

fn hex(key: &VaultKey) -> String {
    key.expose_secret().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[test]
fn only_a_confirmed_layout_is_written() {
    let desk = Desk::with_keyring();
    let key = own_key(&desk);
    let found = layout("vendor-gcm-16+pkcs7");
    desk.write("sites.json", document(found, &key, 2));
    desk.write(
        "plain.json",
        r#"{"sites":[{"id":1,"login":{"inputs":[{"name":"p","type":"password","value":"new"}]}}]}"#,
    );
    let encrypt = ["encrypt", "plain.json", "--layout", "vendor"];
    desk.zkv(&encrypt).assert().success();
    desk.zkv(&["vendor", "discover", "sites.json"]).assert().success();
    let refused = stderr_of(&mut desk.zkv(&encrypt), 1);
    assert!(refused.contains("nobody has confirmed"), "{refused}");
    let named = [&encrypt[..], &["--unconfirmed", "vendor-gcm-16+pkcs7"]].concat();
    assert!(opens(found, &key, &stdout(&mut desk.zkv(&named))));
    let asked = stderr_of(&mut desk.zkv(&["vendor", "confirm", "vendor-gcm-16+pkcs7"]), 5);
    assert!(asked.contains("--yes"), "{asked}");
    desk.zkv(&["vendor", "confirm", "vendor-gcm-16+pkcs7", "--yes"])
        .assert()
        .success();
    assert!(opens(found, &key, &stdout(&mut desk.zkv(&encrypt))));
    assert_eq!(kept(&desk)[0]["confirmed"], true);
    stderr_of(&mut desk.zkv(&["vendor", "confirm", "vendor-gcm", "--yes"]), 3);
}

#[test]
fn a_site_with_a_key_of_its_own_is_sealed_under_that_key_or_not_at_all() {
    let desk = Desk::with_keyring();
    let (own, site_key) = (own_key(&desk), VaultKey::generate().unwrap());
    let padded = layout("vendor-gcm-16+pkcs7");
    let encrypt = [
        "encrypt",
        "plain.json",
        "--layout",
        "vendor",
        "--unconfirmed",
        "vendor-gcm-16+pkcs7",
    ];
    let plain = |root: &VaultKey| {
        let sealed = padded.seal_key(root, [1, 2, 3, 4], &site_key).unwrap();
        let input = json!({"name": "p", "type": "password", "value": "new"});
        json!({"sites": [{"id": 1, "key": sealed, "login": {"inputs": [input]}}]}).to_string()
    };
    desk.write("plain.json", plain(&own));
    let sealed = stdout(&mut desk.zkv(&encrypt));
    assert!(opens(padded, &site_key, &sealed) && !opens(padded, &own, &sealed));
    // From a key file alike, and what was written opens again.
    desk.write("own.key", hex(&own));
    let of_file = stdout(&mut desk.zkv(&[&encrypt[..], &["--key-file", "own.key"]].concat()));
    assert!(opens(padded, &site_key, &of_file));
    desk.write("sealed.json", &sealed);
    desk.zkv(&["vendor", "discover", "sealed.json"]).assert().success();
    let opened = json_of(&mut desk.zkv(&["decrypt", "sealed.json", "--json"]));
    assert_eq!(values(&opened), ["new"]);
    desk.write("plain.json", plain(&VaultKey::generate().unwrap()));
    let refused = stderr_of(&mut desk.zkv(&encrypt), 10);
    assert!(refused.contains("a key of its own"), "{refused}");
}

fn opens(layout: &Layout, key: &VaultKey, document: &str) -> bool {
    let document: Value = serde_json::from_str(document).unwrap();
    layout
        .open_text(key, values(&document)[0])
        .is_ok_and(|text| text.expose_secret() == "new")
}

#[test]
fn an_exported_layout_is_imported_elsewhere_and_replaces_nothing_that_is_trusted_more() {
    let (desk, other) = (Desk::with_keyring(), Desk::with_keyring());
    let key = own_key(&desk);
    desk.write("sites.json", document(layout("vendor-cbc-hmac-128"), &key, 2));
    desk.zkv(&["vendor", "discover", "sites.json"]).assert().success();
    let exported = stdout(&mut desk.zkv(&["vendor", "export"]));
    desk.zkv(&["vendor", "export", "-o", "out.json"]).assert().success();
    assert_eq!(
        serde_json::from_str::<Value>(&exported).unwrap(),
        serde_json::from_slice::<Value>(&desk.read("out.json")).unwrap()
    );
    other.write("layouts.json", &exported);
    other.zkv(&["vendor", "import", "layouts.json"]).assert().success();
    let stored = kept(&other);
    assert_eq!(
        (&stored[0]["layout"], &stored[0]["opened"]),
        (&json!("vendor-cbc-hmac-128"), &json!(0))
    );
    let unseen = stderr_of(
        &mut other.zkv(&["vendor", "confirm", "vendor-cbc-hmac-128", "--yes"]),
        1,
    );
    assert!(unseen.contains("has opened no value"), "{unseen}");

    // A stranger's file: the same name with another padding, and one that nothing authenticates.
    let changed = exported.replace("\"pkcs7\"", "\"zero\"");
    desk.write("stranger.json", &changed);
    let refused = stderr_of(&mut desk.zkv(&["vendor", "import", "stranger.json"]), 1);
    assert!(refused.contains("trusted more"), "{refused}");
    desk.write(
        "bare.json",
        stdout(&mut desk.zkv(&["vendor", "show", "vendor-cbc", "--json"])),
    );
    stderr_of(&mut desk.zkv(&["vendor", "import", "bare.json"]), 1);
    assert_eq!(kept(&desk).as_array().unwrap().len(), 1);
    let nothing = Desk::with_keyring();
    stderr_of(&mut nothing.zkv(&["vendor", "export"]), 3);
}

#[test]
fn a_layout_that_nothing_authenticates_is_warned_of_and_never_written() {
    let desk = Desk::with_keyring();
    let key = own_key(&desk);
    desk.write("one.json", document(layout("vendor-cbc"), &key, 1));
    stderr_of(&mut desk.zkv(&["vendor", "discover", "one.json"]), 3);
    desk.write("sites.json", document(layout("vendor-cbc"), &key, 16));
    let found = json_of(&mut desk.zkv(&["vendor", "discover", "sites.json", "--json"]));
    assert_eq!(found["trust"], "unauthenticated");
    let decrypted = desk.zkv(&["decrypt", "sites.json"]).assert().success();
    let said = String::from_utf8_lossy(&decrypted.get_output().stderr).into_owned();
    assert!(
        said.contains("nothing authenticates values of the layout vendor-cbc"),
        "{said}"
    );
    let refused = stderr_of(&mut desk.zkv(&["vendor", "confirm", "vendor-cbc", "--yes"]), 1);
    assert!(refused.contains("only read"), "{refused}");
    desk.zkv(&["vendor", "allow", "vendor-cbc", "--yes"]).assert().success();
    assert_eq!(kept(&desk)[0]["allowed"], true);
}

/// The account's values are in a layout without a tag, which a person chose.
#[cfg(unix)]
#[test]
fn z60_what_nothing_authenticates_is_handed_on_only_once_it_is_allowed() {
    let desk = Desk::with_keyring();
    let key = own_key(&desk);
    let service = Service::sealed_with(&key);
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GOOGLE).unwrap();
        let input = &mut site["login"]["inputs"][1];
        input["value"] = json!(
            layout("vendor-cbc")
                .seal(&key, [1, 2, 3, 4], "tidal lantern 42")
                .unwrap()
        );
    });
    desk.write("sites.json", document(layout("vendor-cbc"), &key, 16));
    desk.zkv(&["vendor", "discover", "sites.json"]).assert().success();
    let zkv = |args: &[&str]| {
        let mut zkv = desk.zkv(args);
        zkv.envs(service.environment());
        zkv
    };
    for _ in 0..2 {
        zkv(&["sync"]).assert().success();
    }
    desk.write("app.tmpl", "{{ zkv://Google/password }}");
    let run = [
        "run",
        "--env",
        "V=zkv://Google/password",
        "--",
        "sh",
        "-c",
        "test \"$V\" = 'tidal lantern 42'",
    ];
    let inject = ["inject", "-i", "app.tmpl"];
    for (args, code) in [(&run[..], 125), (&inject, 10)] {
        let refused = stderr_of(&mut zkv(args), code);
        assert!(refused.contains("zkv vendor allow vendor-cbc"), "{refused}");
        assert!(!refused.contains("tidal"), "{refused}");
    }
    let shown = stdout(&mut zkv(&["read", "zkv://Google/password"]));
    assert_eq!(shown, "tidal lantern 42", "to a person");
    let fields = json_of(&mut zkv(&["show", "Google", "--json"]))["fields"].clone();
    let trust = |field: usize| (&fields[field]["layout"], &fields[field]["trust"]);
    assert_eq!(trust(1), (&json!("vendor-cbc"), &json!("unauthenticated")));
    assert_eq!(
        trust(0).1,
        &json!(null),
        "it does not open in the account's layout: {fields}"
    );
    desk.zkv(&["vendor", "allow", "vendor-cbc", "--yes"]).assert().success();
    zkv(&run).assert().success();
    assert_eq!(stdout(&mut zkv(&inject)), "tidal lantern 42");
}

#[test]
fn what_few_values_of_a_header_open_with_is_not_kept_unasked() {
    let desk = Desk::with_keyring();
    let key = own_key(&desk);
    let stranger = VaultKey::generate().unwrap();
    let mine: Value = serde_json::from_str(&document(layout("vendor-gcm"), &key, 1)).unwrap();
    let mut all: Value = serde_json::from_str(&document(layout("vendor-gcm-16"), &stranger, 9)).unwrap();
    all["sites"].as_array_mut().unwrap().push(mine["sites"][0].clone());
    desk.write("sites.json", all.to_string());
    let refused = stderr_of(&mut desk.zkv(&["vendor", "discover", "sites.json"]), 3);
    assert!(refused.contains("1 of 10 values"), "{refused}");
    assert_eq!(kept(&desk), json!([]));
}

#[test]
fn a_key_of_the_old_profile_seals_nothing() {
    let desk = Desk::with_keyring();
    let password = SecretText::from("tidal lantern".to_owned());
    let key = zkvault_core::kdf::VendorKdf::Legacy
        .derive_key("ann@example.com", None, &password)
        .unwrap();
    desk.write("sites.json", document(layout("vendor-gcm-16+pkcs7"), &key, 2));
    let mut discover = desk.zkv(&["vendor", "discover", "sites.json", "--username", "ann@example.com"]);
    discover.env("ZKV_MASTER_PASSWORD", "tidal lantern").assert().success();
    assert_eq!(kept(&desk)[0]["kdf"], "pbkdf2-sha1:10000:user-name");
    let refused = stderr_of(&mut desk.zkv(&["vendor", "confirm", "vendor-gcm-16+pkcs7", "--yes"]), 1);
    assert!(refused.contains("SHA-1"), "{refused}");
}

#[cfg(unix)]
#[test]
fn every_command_of_the_guide_succeeds_in_its_order() {
    use crate::shell::{commands_below, run};

    let (desk, key) = (Desk::with_keyring(), VaultKey::generate().unwrap());
    let service = Service::of(seed::demo_in(layout("vendor-cbc-hmac-128"), &key).unwrap());
    desk.write("site.key", hex(&key));
    desk.write("secret.txt", "simulator-secret");
    let login = format!(
        "auth login --url {} --api-key simulator-key --secret-file secret.txt",
        service.url()
    );
    for before in ["key import site.key --label site", &login] {
        let args: Vec<&str> = before.split(' ').collect();
        desk.zkv(&args).assert().success();
    }
    let commands = commands_below(
        "docs/guide-vendor.md",
        "# The vendor's layouts: find out which one your account uses",
    );
    assert!(commands.len() >= 6, "{commands:?}");
    let environment = [
        ("SALT", "c2FsdHNhbHRzYWx0c2FsdA".to_owned()),
        ("ZKV_MASTER_PASSWORD", "the master password".to_owned()),
    ];
    let printed = run(&desk, &commands, &environment);
    assert!(printed[1].starts_with("vendor-cbc-hmac-128\t"), "{printed:?}");
}

/// The vendor seals the key of a site that a group has under the key of the group.
#[test]
fn the_key_of_a_site_may_be_under_that_of_a_group_which_is_pinned_with_it() {
    let desk = Desk::with_keyring();
    let key = own_key(&desk);
    let service = Service::sealed_with(&key);
    let (plain, number) = (layout("vendor-gcm"), [1, 2, 3, 4]);
    let [group_key, site_key, insider] = [(); 3].map(|()| VaultKey::generate().unwrap());
    let give_group = |root: &VaultKey, sealed: &VaultKey| {
        service.change(|organisation| {
            let group = organisation.get_mut(Kind::Group, seed::PLATFORM).unwrap();
            group.insert("key".to_owned(), json!(plain.seal_key(root, number, sealed).unwrap()));
        });
    };
    give_group(&key, &group_key);
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GOOGLE).unwrap();
        let sealed = plain.seal_key(&group_key, number, &site_key).unwrap();
        site.insert("key".to_owned(), json!(sealed));
        for (index, text) in [(0, "maria"), (1, "tidal lantern 42")] {
            site["login"]["inputs"][index]["value"] = json!(plain.seal(&site_key, number, text).unwrap());
        }
    });
    let zkv = |args: &[&str]| {
        let mut zkv = desk.zkv(args);
        zkv.envs(service.environment());
        zkv
    };
    zkv(&["sync"]).assert().success();
    let read = ["read", "zkv://Google/password"];
    assert_eq!(stdout(&mut zkv(&read)), "tidal lantern 42");
    zkv(&RUN_WITH_GOOGLE).assert().success();
    zkv(&["sync"]).assert().success();
    // The backup of it is checked with the groups that are in it.
    zkv(&["backup", "push", "-o", "vault.zkvb"]).assert().success();
    zkv(&["backup", "verify", "--file", "vault.zkvb"]).assert().success();

    // Somebody who has the vault's key puts a key of their own there: the trusted copy stays, and opens.
    give_group(&key, &insider);
    zkv(&["sync"]).assert().code(10);
    let shown = json_of(&mut zkv(&["show", "Google", "--json"]));
    assert_eq!(shown["verdict"], "tampered");
    assert_eq!(stdout(&mut zkv(&read)), "tidal lantern 42");
    zkv(&RUN_WITH_GOOGLE).assert().code(125);
    // The same key, sealed anew, needs a person.
    give_group(&key, &group_key);
    zkv(&["sync"]).assert().success();
    let shown = json_of(&mut zkv(&["show", "Google", "--json"]));
    assert_eq!(shown["verdict"], "metadata-changed");
    zkv(&["trust", "Google", "--yes"]).assert().success();
    zkv(&["sync"]).assert().success();
    assert_eq!(stdout(&mut zkv(&read)), "tidal lantern 42");
}
