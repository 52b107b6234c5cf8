//! `zkv audit`: the health of the passwords, without one of them in the report.

use serde_json::{Value, json};
use zkvault_core::key::VaultKey;
use zkvault_core::value::{ValueContext, seal_bound};
use zkvault_simulator::Kind;
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

/// Of the demo's sites: GitHub.
const GITHUB_PASSWORD: &str = "compass-rose-Vector-31";

/// A desk with a synced account, where Jira has GitHub's password and is `http`.
fn office() -> (Desk, Service) {
    let desk = Desk::new();
    let key = VaultKey::generate().unwrap();
    desk.write("vault.key", key.expose_secret());
    let service = Service::sealed_with(&key);
    service.change(|organisation| {
        let jira = organisation.get_mut(Kind::Site, 1_749_413).unwrap();
        jira["login"]["Url"] = json!("http://jira.example/login");
        let inputs = jira["login"]["inputs"].as_array_mut().unwrap();
        let input = inputs.iter_mut().find(|input| input["type"] == "password").unwrap();
        let place = ValueContext {
            site_id: 1_749_413,
            input_type: "password",
            input_name: input["name"].as_str().unwrap(),
        };
        let value = seal_bound(&key, &place, GITHUB_PASSWORD).unwrap();
        input["value"] = json!(value);
    });
    for _ in 0..2 {
        service.zkv(&desk, &["sync"]).assert().success();
    }
    (desk, service)
}

fn of<'a>(report: &'a Value, site: &str) -> &'a Value {
    let all = report["passwords"].as_array().unwrap();
    all.iter().find(|password| password["site"] == site).unwrap()
}

/// The SHA-1 of GitHub's password, as `printf %s compass-rose-Vector-31 | sha1sum` has it.
const GITHUB_HASH: &str = "828BE4DAFF232011B88AA59732C6CD50DCA40EDF";

#[test]
fn reused_plaintext_and_old_passwords_are_found_and_no_password_is_told() {
    let (desk, service) = office();
    let report = json_of(&mut service.zkv(&desk, &["audit", "--json"]));
    let (github, jira) = (of(&report, "GitHub"), of(&report, "Jira"));
    assert!(github["reuse"].is_number());
    assert_eq!(github["reuse"], jira["reuse"]);
    assert_eq!(
        (&jira["plaintext"], &github["plaintext"]),
        (&true.into(), &false.into())
    );
    assert_eq!((&github["breached"], &github["people"]), (&Value::Null, &Value::Null));
    let counts = &report["counts"];
    assert_eq!((&counts["reused"], &counts["plaintext"]), (&2.into(), &1.into()));
    assert_eq!((&counts["breached"], &counts["unopened"]), (&Value::Null, &0.into()));
    assert_eq!(counts["old"], counts["sites"], "the demo's sites are of 2020");
    let young = json_of(&mut service.zkv(&desk, &["audit", "--json", "--old-after", "36500"]));
    assert_eq!(young["counts"]["old"], 0);
    // No request was sent for any of it.
    service.zkv(&desk, &["audit", "-o", "health.html"]).assert().success();
    let sent = service.requests("/").len();
    service.zkv(&desk, &["audit", "-o", "health.md"]).assert().success();
    assert_eq!(service.requests("/").len(), sent);
    let page = String::from_utf8(desk.read("health.html")).unwrap();
    assert!(page.contains("Passwords used at several sites: 2"), "{page}");
    for text in [
        page,
        report.to_string(),
        String::from_utf8(desk.read("health.md")).unwrap(),
    ] {
        for secret in [GITHUB_PASSWORD, &GITHUB_HASH[..10], &GITHUB_HASH.to_lowercase()[..10]] {
            assert!(!text.contains(secret), "{secret}");
        }
    }
}

#[test]
fn breached_passwords_are_found_in_a_list_that_is_in_order() {
    let (desk, service) = office();
    let mut lines = vec![format!("{GITHUB_HASH}:37")];
    lines.extend((0..500_u32).map(|number| format!("{number:08X}{}:{number}", "0".repeat(32))));
    lines.sort_unstable();
    desk.write("breached.txt", lines.join("\r\n"));
    let report = json_of(&mut service.zkv(&desk, &["audit", "--json", "--hibp", "breached.txt"]));
    assert_eq!(
        (&of(&report, "GitHub")["breached"], &of(&report, "Jira")["breached"]),
        (&37.into(), &37.into())
    );
    assert_eq!(
        (&of(&report, "Google")["breached"], &report["counts"]["breached"]),
        (&0.into(), &2.into())
    );
    let rows = stdout(&mut service.zkv(&desk, &["audit", "--hibp", "breached.txt"]));
    let jira = rows.lines().find(|line| line.starts_with("Jira")).unwrap();
    assert!(
        jira.contains("breached 37 times, sent in plaintext, reused (1)"),
        "{jira}"
    );
    let cut_off = service
        .zkv(&desk, &["audit", "--hibp", "breached.txt"])
        .output()
        .unwrap();
    assert!(String::from_utf8(cut_off.stderr).unwrap().contains("it was cut off"));
    lines.push(format!("{}:1", "F".repeat(40)));
    desk.write("whole.txt", lines.join("\r\n"));
    let whole = service.zkv(&desk, &["audit", "--hibp", "whole.txt"]).output().unwrap();
    assert!(!String::from_utf8(whole.stderr).unwrap().contains("cut off"));
    desk.write("empty.txt", "");
    assert!(stderr_of(&mut service.zkv(&desk, &["audit", "--hibp", "empty.txt"]), 1).contains("is empty"));
    desk.write("other.txt", "password\n");
    let errors = stderr_of(&mut service.zkv(&desk, &["audit", "--hibp", "other.txt"]), 1);
    assert!(
        errors.contains("other.txt: byte 0 begins no line of a SHA-1 hash"),
        "{errors}"
    );
}

#[test]
fn people_are_counted_by_a_file_of_the_organisation() {
    let (desk, service) = office();
    service
        .zkv(&desk, &["org", "export", "-o", "org.yaml"])
        .assert()
        .success();
    let report = json_of(&mut service.zkv(&desk, &["audit", "--json", "--org", "org.yaml", "--many", "4"]));
    assert_eq!(
        (&of(&report, "GitHub")["people"], &of(&report, "GitHub")["many"]),
        (&4.into(), &true.into())
    );
    assert_eq!(
        (&of(&report, "Google")["people"], &of(&report, "Google")["many"]),
        (&3.into(), &false.into())
    );
}

#[test]
fn the_service_of_breached_passwords_gets_five_digits_and_only_if_asked() {
    let (desk, service) = office();
    let mut zkv = service.zkv(&desk, &["audit", "--json", &format!("--hibp-online={}", service.url())]);
    // The simulated service has no such list: it refuses, and what it was sent is looked at.
    zkv.assert().failure();
    let asked = service.requests("/range/");
    assert!(!asked.is_empty());
    for request in &asked {
        let start = request.path.strip_prefix("/range/").unwrap();
        assert!(
            start.len() == 5 && start.bytes().all(|byte| byte.is_ascii_hexdigit()),
            "{start}"
        );
        assert!(
            request
                .headers
                .iter()
                .any(|(name, value)| name == "add-padding" && value == "true")
        );
        assert!(request.headers.iter().all(|(name, _)| name != "authorization"));
        assert!(request.body.is_empty());
    }
    stderr_of(
        &mut service.zkv(&desk, &["audit", "--hibp-online=http://mirror.example"]),
        2,
    );
}
