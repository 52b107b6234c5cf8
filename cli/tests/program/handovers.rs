//! Activations from the administrator's terminal to the user who reads a credential.

use serde_json::{Value, json};
use zkvault_core::identity::Identity;
use zkvault_core::key::VaultKey;
use zkvault_core::model::User;
use zkvault_simulator::{Fault, Kind, Organisation, seed};
use zkvault_test_support::{Desk, Service, stdout};

const USER: &str = "1921";

/// An administrator whose keyring has the key of the service's values, under the label `company`.
fn administrator() -> (Desk, Service) {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    desk.zkv(&["key", "import", "vault.key", "--label", "company"])
        .assert()
        .success();
    (desk, service)
}

fn identity(desk: &Desk) -> (String, String) {
    let show = |what| stdout(&mut desk.zkv(&["identity", what])).trim().to_owned();
    (show("show"), show("fingerprint"))
}

/// What an activation is issued for: the port of a test's service is not the scheme's own.
fn account(service: &Service) -> String {
    service.address().to_string()
}

/// What the service has for the user is what the user takes the keys out of.
fn received(service: &Service) -> String {
    let organisation: Organisation = service.organisation();
    organisation.activation_key(seed::NEW_USER).unwrap().to_owned()
}

/// The user opens a value of the service with what is in the user's own keyring.
fn reads_a_credential(user: &Desk, service: &Service, administrator: &Desk) {
    let site = stdout(&mut service.zkv(administrator, &["site", "get", &seed::GITHUB.to_string(), "--json"]));
    let opened = stdout(user.zkv(&["decrypt", "-", "--json"]).write_stdin(site));
    let opened: Value = serde_json::from_str(&opened).unwrap();
    let stored = service.organisation().get(Kind::Site, seed::GITHUB).cloned().unwrap();
    let value = |site: &Value| site["login"]["inputs"][1]["value"].as_str().unwrap().to_owned();
    assert_ne!(value(&opened), value(&Value::Object(stored)));
    assert!(value(&opened).len() < 30, "a password, and no ciphertext: {opened}");
}

#[test]
fn to_an_identity_from_the_administrator_to_the_users_credential() {
    let (desk, service) = administrator();
    let user = Desk::with_keyring();
    let ((theirs, fingerprint), (ours, our_fingerprint)) = (identity(&user), identity(&desk));
    let args = [
        "user",
        "activate",
        USER,
        "--to",
        &theirs,
        "--fingerprint",
        &fingerprint,
        "--key",
        "company",
    ];
    let done = service
        .zkv(&desk, &[&args[..], &["-o", "priya.txt"]].concat())
        .assert()
        .success();
    let said = String::from_utf8_lossy(&done.get_output().stderr).into_owned();
    assert_eq!(service.asked().0, format!("POST /rest/users/{USER}/activate"));
    assert_eq!(
        String::from_utf8(desk.read("priya.txt")).unwrap().trim(),
        received(&service)
    );
    assert!(said.contains(&our_fingerprint), "{said}");

    // Exactly what the administrator was told to pass on.
    let told = said.lines().find_map(|line| line.strip_prefix("  zkv ")).unwrap();
    assert_eq!(
        told,
        format!(
            "activate priya.txt --host {} --user-id {USER} --from {ours}",
            account(&service)
        )
    );
    user.write("priya.txt", received(&service));
    let told: Vec<_> = told.split(' ').collect();
    assert!(stdout(&mut user.zkv(&told)).contains("\tcompany\tactivation\tactive"));
    reads_a_credential(&user, &service, &desk);
}

#[test]
fn to_a_code_from_the_administrator_to_the_users_credential() {
    let (desk, service) = administrator();
    let user = Desk::with_keyring();
    let args = [
        "user",
        "activate",
        USER,
        "--code",
        "--code-file",
        "code.txt",
        "--key",
        "company",
        "--json",
    ];
    let report: Value = serde_json::from_str(&stdout(&mut service.zkv(&desk, &args))).unwrap();
    assert_eq!(report["activation"], received(&service));
    assert_eq!(report["keys"][0]["label"], "company");
    let code = String::from_utf8(desk.read("code.txt")).unwrap();
    assert!(!report.to_string().contains(code.trim()), "it is in its file only");
    for request in service.conditions().requests() {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        assert!(!body.contains(code.trim()), "the code never goes to the service");
    }
    user.write("a.txt", received(&service));
    user.write("code.txt", &code);
    let mut activate = user.zkv(&["activate", "a.txt", "--host", &account(&service), "--user-id", USER]);
    activate.args(["--code-file", "code.txt"]).assert().success();
    reads_a_credential(&user, &service, &desk);
    // A file that is there is not replaced, and nothing was sent then.
    let before = service.conditions().requests().len();
    service.zkv(&desk, &args).assert().code(1);
    assert_eq!(service.conditions().requests().len(), before);
}

/// Two accounts of one host are two: an activation of the one opens nothing for the other.
#[test]
fn an_activation_is_for_one_account_of_its_host() {
    let (desk, service) = administrator();
    let args = [
        "user",
        "activate",
        USER,
        "--code",
        "--code-file",
        "code.txt",
        "--key",
        "company",
    ];
    let text = stdout(&mut service.zkv(&desk, &args));
    let user = Desk::with_keyring();
    user.write("a.txt", text);
    user.write("code.txt", desk.read("code.txt"));
    let open = |account: &str| {
        let mut zkv = user.zkv(&["activate", "a.txt", "--host", account, "--user-id", USER]);
        zkv.args(["--code-file", "code.txt"]).output().unwrap().status.code()
    };
    let ours = account(&service);
    for other in ["127.0.0.1", "127.0.0.1:1", &format!("{ours}/lmo"), "localhost"] {
        assert_eq!(open(other), Some(10), "{other}");
    }
    assert_eq!(open("a b"), Some(2));
    // Where the account is known, its host says enough.
    let mut known = user.zkv(&["activate", "a.txt", "--host", "127.0.0.1", "--user-id", USER]);
    known
        .args(["--code-file", "code.txt"])
        .env("ZKV_LOGMEONCE_URL", service.url());
    known.assert().success();
    assert_eq!(open(&format!("http://{ours}/rest/")), Some(0));
}

#[test]
fn a_new_key_for_the_user_needs_no_keyring() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let args = [
        "user",
        "activate",
        USER,
        "--code",
        "--code-file",
        "code.txt",
        "--expires",
        "1h",
    ];
    let text = stdout(&mut service.zkv(&desk, &args));
    assert_eq!(text.trim(), received(&service));
    assert!(!desk.keyring().exists());
    let user = Desk::with_keyring();
    user.write("a.txt", text);
    let mut activate = user.zkv(&[
        "activate",
        "a.txt",
        "--host",
        &service.url(),
        "--user-id",
        USER,
        "--code-file",
    ]);
    let keys = stdout(activate.arg(desk.path("code.txt")));
    assert!(keys.contains("\tuser-1921\tactivation\tactive"), "{keys}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(desk.path("code.txt")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}

#[test]
fn the_parameter_can_have_another_name() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.change_settings(|settings| settings.activation_key_parameter = "encryption_key".to_owned());
    let args = ["user", "activate", USER, "--code", "--code-file", "code.txt"];
    let refused = service.zkv(&desk, &args).assert().code(1);
    let said = String::from_utf8_lossy(&refused.get_output().stderr).into_owned();
    assert!(
        said.contains("--key-parameter") && !desk.path("code.txt").exists(),
        "{said}"
    );
    let named = [&args[..], &["--key-parameter", "encryption_key", "--form"]].concat();
    let text = stdout(&mut service.zkv(&desk, &named));
    assert_eq!(text.trim(), received(&service));
}

/// Makes the user one who was never activated.
fn again(service: &Service) {
    service.change(|organisation| {
        let user = organisation.get(Kind::User, seed::NEW_USER).cloned().unwrap();
        let mut user: User = serde_json::from_value(Value::Object(user)).unwrap();
        user.active = Some(false);
        organisation.remove(Kind::User, seed::NEW_USER);
        organisation.add_user(&user);
    });
}

#[test]
fn nothing_is_sealed_to_an_identity_that_nobody_vouched_for() {
    let (desk, service) = administrator();
    let (theirs, other) = (
        Identity::generate().unwrap().public(),
        Identity::generate().unwrap().public(),
    );
    let (identity, fingerprint) = (theirs.to_string(), theirs.fingerprint().to_string());
    let to = ["user", "activate", USER, "--to", &identity];
    let run = |more: &[&str], code| {
        let assert = service.zkv(&desk, &[&to[..], more].concat()).assert().code(code);
        String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
    };
    assert!(run(&[], 5).contains("--fingerprint"));
    assert!(run(&["--fingerprint", "12345"], 2).contains("is not a fingerprint"));
    assert!(run(&["--fingerprint", &other.fingerprint().to_string()], 10).contains("another fingerprint"));
    assert!(run(&["--code"], 2).contains("cannot be used with"));
    service
        .zkv(&desk, &["user", "activate", USER, "--to", "zkv1wrong"])
        .assert()
        .code(2);
    service
        .zkv(&desk, &["user", "activate", USER, "1922", "--code", "--code-file", "c"])
        .assert()
        .code(2);
    service
        .zkv(&desk, &["user", "activate", USER, "--key", "company"])
        .assert()
        .code(2);
    service
        .zkv(&desk, &["user", "activate", USER, "--code"])
        .assert()
        .code(5);
    assert!(service.organisation().activation_key(seed::NEW_USER).is_none());
    assert!(service.audit_log().is_empty(), "the service was asked for nothing");

    // A first time that the service does not answer, and then the pinned identity without a fingerprint.
    service.conditions().inject(Fault::status(500), 1, "/rest");
    let uncertain = run(&["--fingerprint", &fingerprint, "-o", "a.txt"], 8);
    assert!(
        uncertain.contains("keep the activation") && desk.path("a.txt").exists(),
        "{uncertain}"
    );

    service
        .conditions()
        .inject(Fault::Truncated, 1, "/rest/users/1921/activate");
    let answer_lost = service.zkv(&desk, &[&to[..], &["--json"]].concat()).assert().failure();
    let report: Value = serde_json::from_slice(&answer_lost.get_output().stdout).unwrap();
    assert_eq!(
        (&report["result"], &report["activation"]),
        (&json!("uncertain"), &json!(received(&service)))
    );
    again(&service);

    // Another identity for the same user: a hard stop, also with its right fingerprint.
    let (swapped, digits) = (other.to_string(), other.fingerprint().to_string());
    let swap = ["user", "activate", USER, "--to", &swapped, "--fingerprint", &digits];
    let stopped = service.zkv(&desk, &swap).assert().code(10);
    let said = String::from_utf8_lossy(&stopped.get_output().stderr).into_owned();
    assert!(said.contains(&fingerprint) && said.contains(&digits), "{said}");
    assert!(service.organisation().activation_key(seed::NEW_USER).is_none());

    // A pin that cannot be read is not a missing one.
    let pins = desk.path("config/default/recipients.json");
    let good = std::fs::read(&pins).unwrap();
    std::fs::write(&pins, "{}").unwrap();
    service.zkv(&desk, &swap).assert().code(10);
    std::fs::write(&pins, good).unwrap();
    assert!(run(&[], 0).contains("is activated"), "pinned before");

    again(&service);
    service
        .zkv(&desk, &[&swap[..], &["--replace-recipient"]].concat())
        .assert()
        .success();
}

#[test]
fn keys_never_leave_in_clear() {
    let (desk, service) = administrator();
    let key: VaultKey = VaultKey::from_slice(&desk.read("vault.key")).unwrap();
    let args = [
        "user",
        "activate",
        USER,
        "--code",
        "--code-file",
        "code.txt",
        "--key",
        "company",
    ];
    let output = service.zkv(&desk, &args).output().unwrap();
    assert!(output.status.success());
    let mut seen = vec![output.stdout, output.stderr];
    seen.extend(service.conditions().requests().into_iter().map(|request| request.body));
    let text = received(&service);
    seen.push(text.into_bytes());
    for secret in zkvault_test_support::spellings(key.expose_secret()) {
        for bytes in &seen {
            assert!(!bytes.windows(secret.len()).any(|window| window == secret.as_slice()));
        }
    }
    assert_eq!(service.asked().1, json!({"key": "[withheld]"}));
}

#[test]
fn a_dry_run_refuses_what_would_be_refused_and_changes_nothing() {
    let (desk, service) = administrator();
    let (theirs, fingerprint) = identity(&Desk::with_keyring());
    let others = identity(&Desk::with_keyring()).1;
    desk.write("there.txt", "x");
    let dry = |args: &[&str]| {
        let mut zkv = service.zkv(&desk, &[&["user", "activate", USER, "--dry-run"], args].concat());
        zkv.assert().get_output().status.code()
    };
    let to = ["--to", &theirs, "--fingerprint", &fingerprint];
    assert_eq!(dry(&to), Some(0));
    let refused: [(&[&str], i32); 6] = [
        (&["--to", &theirs, "--fingerprint", &others], 10),
        (&["--to", &theirs], 5),
        (&["--code"], 5),
        (&[&to[..], &["--key", "nobody's"]].concat(), 3),
        (&[&to[..], &["-o", "there.txt"]].concat(), 1),
        (&["--code", "--code-file", "there.txt"], 1),
    ];
    for (args, exit) in refused {
        assert_eq!(dry(args), Some(exit), "{args:?}");
    }
    assert!(
        service
            .conditions()
            .requests()
            .iter()
            .all(|request| request.method != "POST" || !request.path.contains("activate"))
    );
    assert_eq!(desk.read("there.txt"), b"x");
    // Nothing was pinned either: the fingerprint is still needed.
    assert_eq!(dry(&["--to", &theirs]), Some(5));
}
