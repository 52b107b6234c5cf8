//! Who gets keys: only whom a person named, whatever a service says of its users.

use std::sync::Arc;

use serde_json::{Value, json};
use zkvault_core::activation::{Activation, ActivationKey, ActivationPayload, ActivationTarget};
use zkvault_core::identity::{Identity, PublicIdentity};
use zkvault_core::key::VaultKey;
use zkvault_simulator::{Answer, Attack, Kind, Received, seed};
use zkvault_test_support::{Desk, Service, json_of, stdout};

use crate::network::Trap;

const USER: &str = "1921";

/// An administrator with a keyring that has the key of the service's values.
fn administrator() -> (Desk, Service) {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    desk.zkv(&["key", "import", "vault.key", "--label", "company"])
        .assert()
        .success();
    (desk, service)
}

fn zkv(desk: &Desk, service: &Service, args: &[&str]) -> assert_cmd::Command {
    let mut zkv = desk.zkv(args);
    zkv.envs(service.environment());
    zkv
}

/// A service that names a key of its own wherever a client might look for one.
fn names_itself(evil: &Identity) -> impl Fn(&Received, &mut Answer) + Send + Sync + 'static {
    let public = evil.public().to_string();
    move |_, answer| {
        let members = [
            "publicKey",
            "public_key",
            "identity",
            "recipient",
            "activationKey",
            "escrowKey",
            "to",
            "from",
        ];
        let name = |value: &mut Value| {
            if let Some(object) = value.as_object_mut() {
                members.iter().for_each(|member| {
                    object.insert((*member).to_owned(), json!(public));
                });
                object.insert("requireEscrow".to_owned(), json!(true));
            }
        };
        name(&mut answer.document);
        if let Some(users) = answer.document.get_mut("users").and_then(Value::as_array_mut) {
            users.iter_mut().for_each(name);
        }
    }
}

fn opens(evil: &Identity, sender: &PublicIdentity, account: &str, sealed: &str) -> bool {
    let target = ActivationTarget::new(account, 1921).unwrap();
    let activation: Activation = sealed.parse().unwrap();
    activation.open(evil, &sender.fingerprint(), &target, 0).is_ok()
}

#[test]
fn z17_a_recipient_that_the_service_names_gets_nothing() {
    let (desk, service) = administrator();
    let evil = Identity::generate().unwrap();
    let user = Desk::with_keyring();
    let show = |desk: &Desk, what: &str| stdout(&mut desk.zkv(&["identity", what])).trim().to_owned();
    let (to, fingerprint) = (show(&user, "show"), show(&user, "fingerprint"));
    service.conditions().set_rewriter(Some(Arc::new(names_itself(&evil))));
    // Without a person's word for it nothing is sealed, whatever the service offers.
    let activate = |more: &[&str]| zkv(&desk, &service, &[&["user", "activate", USER][..], more].concat());
    activate(&["--key", "company"]).assert().code(2);
    activate(&["--to", &evil.public().to_string(), "--key", "company"])
        .assert()
        .code(5);
    assert!(service.organisation().activation_key(seed::NEW_USER).is_none());
    activate(&["--to", &to, "--fingerprint", &fingerprint, "--key", "company"])
        .assert()
        .success();
    let sealed = service
        .organisation()
        .activation_key(seed::NEW_USER)
        .unwrap()
        .to_owned();
    let sender: PublicIdentity = show(&desk, "show").parse().unwrap();
    let account = service.address().to_string();
    assert!(!opens(&evil, &sender, &account, &sealed));
    user.write("a.txt", &sealed);
    user.zkv(&[
        "activate",
        "a.txt",
        "--host",
        &account,
        "--user-id",
        USER,
        "--from",
        &sender.to_string(),
    ])
    .assert()
    .success();
}

#[test]
fn z19_a_rotation_seals_to_nobody_the_service_adds() {
    let (desk, service) = administrator();
    zkv(&desk, &service, &["sync"]).assert().success();
    service.attack(Attack::AddMember {
        group: seed::ENGINEERING,
        user: seed::NEW_USER,
    });
    service.attack(Attack::ReplaceUser {
        user: seed::ACTIVE_USER,
        by: seed::NEW_USER,
    });
    zkv(&desk, &service, &["sync"]).assert().success();
    let files = desk.names();
    let before = service.conditions().requests().len();
    zkv(&desk, &service, &["key", "rotate"]).assert().success();
    assert_eq!(service.conditions().requests().len(), before, "it asks nobody");
    assert_eq!(desk.names(), files, "it writes the keyring and nothing else");
    // Nor does the next sync hand the new key on.
    zkv(&desk, &service, &["sync"]).assert().success();
    let requests = service.conditions().requests();
    let since = requests.get(before..).unwrap_or_default().iter();
    assert!(
        since
            .clone()
            .all(|request| request.method == "GET" || request.path.starts_with("/oauth2/"))
    );
}

#[test]
fn z20_a_service_that_asks_for_keys_gets_none() {
    let (desk, service) = administrator();
    let trap = Trap::new();
    let url = trap.url.clone();
    service
        .conditions()
        .set_rewriter(Some(Arc::new(move |_: &Received, answer: &mut Answer| {
            if let Some(members) = answer.document.as_object_mut() {
                for member in ["keyConnectorUrl", "postKeyTo", "escrowUrl", "callback"] {
                    members.insert(member.to_owned(), json!(url));
                }
                members.insert("usesKeyConnector".to_owned(), json!(true));
            }
        })));
    for command in [
        &["sync"][..],
        &["user", "list"],
        &["key", "rotate"],
        &["user", "activate", "1917"],
        &["user", "deactivate", "1918"],
    ] {
        zkv(&desk, &service, command).assert().success();
    }
    // A list that continues at another address is not followed there.
    let url = trap.url.clone();
    service
        .conditions()
        .set_rewriter(Some(Arc::new(move |_: &Received, answer: &mut Answer| {
            if let Some(members) = answer.document.as_object_mut() {
                members.insert("next".to_owned(), json!(url));
            }
        })));
    zkv(&desk, &service, &["sync"]).assert().failure();
    trap.nobody_came();
}

/// A type that can be serialised can be posted by accident. This does not compile when one of these is.
#[test]
fn z20_secret_types_cannot_be_serialised() {
    macro_rules! is_not_serialisable {
        ($($secret:ty),+) => {$({
            trait Ambiguous<A> { fn choose() {} }
            impl<T: ?Sized> Ambiguous<()> for T {}
            struct Serialisable;
            impl<T: ?Sized + serde::Serialize> Ambiguous<Serialisable> for T {}
            <$secret as Ambiguous<_>>::choose()
        })+};
    }
    is_not_serialisable!(
        VaultKey,
        Identity,
        ActivationKey,
        ActivationPayload,
        zkvault_core::activation::ActivationCode,
        zkvault_core::SecretText,
        zkvault_core::SecretBytes,
        zkvault_core::SecretBuffer,
        zkvault_core::store::StoreKey,
        zkvault_client::oauth::Token
    );
}

#[test]
fn z21_a_substituted_recipient_stops_everything() {
    let (desk, service) = administrator();
    let [honest, evil] = [(); 2].map(|()| Identity::generate().unwrap().public());
    let activate = |to: &PublicIdentity, more: &[&str]| {
        let to = to.to_string();
        let all = [&["user", "activate", USER, "--key", "company", "--to", &to][..], more].concat();
        zkv(&desk, &service, &all).output().unwrap().status.code()
    };
    let digits = |identity: &PublicIdentity| identity.fingerprint().to_string();
    assert_eq!(activate(&evil, &[]), Some(5), "first use needs the fingerprint");
    assert_eq!(
        activate(&evil, &["--fingerprint", &digits(&honest)]),
        Some(10),
        "between the look and the seal"
    );
    let to = honest.to_string();
    let real = [
        "user",
        "activate",
        USER,
        "--key",
        "company",
        "--to",
        &to,
        "--fingerprint",
    ];
    zkv(&desk, &service, &real).arg(digits(&honest)).assert().success();
    zkv(&desk, &service, &real[..7]).arg("--dry-run").assert().success();
    assert_eq!(activate(&evil, &[]), Some(10), "after the pin");
    assert_eq!(
        activate(&evil, &["--fingerprint", &digits(&evil)]),
        Some(10),
        "also with a right fingerprint"
    );
    // After a new installation nothing is pinned: the fingerprint is asked for again, of both.
    std::fs::remove_file(desk.path("config/default/recipients.json")).unwrap();
    assert_eq!((activate(&evil, &[]), activate(&honest, &[])), (Some(5), Some(5)));
}

#[test]
fn z22_members_that_nobody_added_get_nothing() {
    let (desk, service) = administrator();
    zkv(&desk, &service, &["group", "get", &seed::ENGINEERING.to_string()])
        .assert()
        .success();
    // Between looking and sharing.
    service.attack(Attack::AddMember {
        group: seed::ENGINEERING,
        user: seed::NEW_USER,
    });
    let changes = || {
        let log = service.audit_log();
        log.iter().filter(|entry| entry.method != "GET").count()
    };
    let before = changes();
    for command in [
        &["sync"][..],
        &["group", "users", "5717"],
        &["user", "list"],
        &["site", "users", "1749412"],
    ] {
        zkv(&desk, &service, command).assert().success();
    }
    assert_eq!(changes(), before, "nothing is changed by looking");
    assert!(service.organisation().activation_key(seed::NEW_USER).is_none());
    // They are shown, so that a person can see them.
    let members = stdout(&mut zkv(&desk, &service, &["group", "users", "5717"]));
    assert!(members.contains(USER), "{members}");
}

#[test]
fn z23_keys_of_strangers_and_for_others_do_not_come_in() {
    let desk = Desk::with_keyring();
    let ours: PublicIdentity = stdout(&mut desk.zkv(&["identity", "show"])).trim().parse().unwrap();
    let (known, stranger) = (Identity::generate().unwrap(), Identity::generate().unwrap());
    let before = std::fs::read(desk.keyring()).unwrap();
    let issue = |sender: &Identity, to: &PublicIdentity, host: &str, user: u64| {
        let key = ActivationKey::new(Arc::new(VaultKey::generate().unwrap()), "evil".to_owned());
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs();
        let payload = ActivationPayload::new(vec![key], now, now + 3600).unwrap();
        let target = ActivationTarget::new(host, user).unwrap();
        Activation::seal_to(sender, to, &target, &payload).unwrap().to_string()
    };
    let activate = |text: &str, from: &Identity| {
        desk.write("a.txt", text);
        let from = from.public().to_string();
        let all = [
            "activate",
            "a.txt",
            "--host",
            "company.example",
            "--user-id",
            "42",
            "--from",
            &from,
        ];
        desk.zkv(&all).output().unwrap().status.code()
    };
    let good = issue(&known, &ours, "company.example", 42);
    for (what, text) in [
        ("an unknown sender", issue(&stranger, &ours, "company.example", 42)),
        ("another tenant", issue(&known, &ours, "other.example", 42)),
        ("another user", issue(&known, &ours, "company.example", 43)),
        (
            "another recipient",
            issue(&known, &stranger.public(), "company.example", 42),
        ),
        ("cut", good[..good.len() - 4].to_owned()),
        ("nothing", String::new()),
        ("null", "null".to_owned()),
    ] {
        assert!(matches!(activate(&text, &known), Some(1 | 10)), "{what}");
        assert_eq!(std::fs::read(desk.keyring()).unwrap(), before, "{what}");
    }
    assert_eq!(activate(&good, &known), Some(0));
}

/// Values that no key opens, or that are missing, make no new key: somebody would be glad to read what it seals.
#[test]
fn z23_a_missing_key_is_never_replaced_by_a_new_one() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let keys = stdout(&mut desk.zkv(&["key", "list"]));
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GOOGLE).unwrap();
        site["login"]["inputs"][1]["value"] = Value::Null;
    });
    zkv(&desk, &service, &["sync"]).assert().success();
    zkv(&desk, &service, &["read", "zkv://GitHub/password"])
        .assert()
        .failure()
        .stdout("");
    desk.write(
        "null.json",
        json!([{"id": 1, "login": {"inputs": [{"name": "a", "type": "b", "value": null}]}}]).to_string(),
    );
    let document = json_of(&mut desk.zkv(&["decrypt", "null.json", "--json"]));
    assert_eq!(document[0]["login"]["inputs"][0]["value"], Value::Null);
    assert_eq!(stdout(&mut desk.zkv(&["key", "list"])), keys);
}

#[test]
fn z25_what_is_sealed_after_a_rotation_is_not_for_the_old_key() {
    let (desk, _service) = administrator();
    desk.zkv(&["key", "export", "vault", "-o", "removed-member.key"])
        .assert()
        .success();
    let place = ["--site-id", "7", "--type", "password", "--name", "pw"];
    desk.write(
        "plain.json",
        r#"[{"id":7,"login":{"inputs":[{"name":"pw","type":"password","value":"secret"}]}}]"#,
    );
    desk.zkv(&["encrypt", "plain.json", "-o", "sealed.json"])
        .assert()
        .success();
    desk.zkv(&["decrypt", "sealed.json", "--json", "--key-file", "removed-member.key"])
        .assert()
        .success();
    desk.zkv(&["key", "rotate", "--document", "sealed.json", "-o", "again.json"])
        .assert()
        .success();
    let stolen = ["--key-file", "removed-member.key"];
    desk.zkv(&["decrypt", "again.json", "--json"])
        .args(stolen)
        .assert()
        .code(10);
    assert!(stdout(&mut desk.zkv(&["decrypt", "again.json", "--json"])).contains("\"secret\""));
    // New values go to the new key, and the old one does not seal any more.
    let sealed = stdout(desk.zkv(&["encrypt"]).args(place).write_stdin("later"));
    desk.zkv(&["decrypt", "--key-file", "removed-member.key"])
        .args(place)
        .write_stdin(sealed.clone())
        .assert()
        .code(10);
    assert_eq!(stdout(desk.zkv(&["decrypt"]).args(place).write_stdin(sealed)), "later");
    desk.zkv(&["encrypt", "--key", "vault"])
        .args(place)
        .write_stdin("later")
        .assert()
        .failure()
        .stdout("");
}
