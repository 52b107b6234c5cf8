//! `zkv doctor`: every fault that it looks for, made and found.

use serde_json::Value;
use zkvault_simulator::Fault;

use crate::service::{Service, json_of};
use crate::support::Desk;

/// The report's checks, and the exit code.
fn report(command: &mut assert_cmd::Command) -> (Vec<(String, String, String)>, i32) {
    let output = command.arg("--json").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = report["checks"].as_array().unwrap().iter();
    let checks = checks.map(|check| {
        let detail = format!("{} {}", text(check, "detail"), text(check, "hint"));
        (text(check, "check"), text(check, "state"), detail)
    });
    (checks.collect(), output.status.code().unwrap())
}

fn state<'a>(checks: &'a [(String, String, String)], name: &str) -> (&'a str, &'a str) {
    let check = checks
        .iter()
        .find(|(check, ..)| check == name)
        .unwrap_or_else(|| panic!("{name}: {checks:?}"));
    (&check.1, &check.2)
}

#[test]
fn a_healthy_installation_has_nothing_to_report() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let (checks, code) = report(&mut service.zkv(&desk, &["doctor"]));
    // What may be swapped is the machine's affair.
    let all_ok = checks.iter().all(|(check, state, _)| state == "ok" || check == "swap");
    assert!(all_ok, "{checks:?}");
    for name in [
        "config folder",
        "keyring",
        "account",
        "network",
        "clock",
        "token",
        "api",
    ] {
        state(&checks, name);
    }
    assert_eq!(code, 0);
}

#[test]
fn what_the_service_does_wrong_is_named() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let doctor = || report(&mut service.zkv(&desk, &["doctor"]));
    let conditions = service.simulator.conditions();

    service
        .simulator
        .change_settings(|settings| settings.api_enabled = false);
    let (checks, code) = doctor();
    assert_eq!(
        (state(&checks, "token").0, state(&checks, "api").0, code),
        ("ok", "fail", 1)
    );
    assert!(state(&checks, "api").1.contains("support@logmeonce.com"));
    service
        .simulator
        .change_settings(|settings| settings.api_enabled = true);

    for (skew, expected, code) in [(30, "ok", 0), (-300, "warn", 0), (3600, "fail", 1)] {
        conditions.set_clock_skew(skew);
        let (checks, exit) = doctor();
        assert_eq!(
            (state(&checks, "clock").0, exit),
            (expected, code),
            "{skew}: {checks:?}"
        );
    }
    conditions.set_clock_skew(0);

    conditions.inject(Fault::HtmlPage, 1, "/rest");
    assert!(state(&doctor().0, "api").1.contains("HTML page"));

    let mut wrong = service.zkv(&desk, &["doctor"]);
    let (checks, code) = report(wrong.env("ZKV_LOGMEONCE_SECRET", "canary-wrong"));
    assert_eq!(
        (state(&checks, "network").0, state(&checks, "token").0, code),
        ("ok", "fail", 1)
    );
    assert!(!format!("{checks:?}").contains("canary-wrong"));

    let mut nobody = service.zkv(&desk, &["doctor"]);
    let (checks, code) = report(nobody.env("ZKV_LOGMEONCE_URL", "http://127.0.0.1:9"));
    assert_eq!((state(&checks, "network").0, code), ("fail", 1));
}

#[cfg(unix)]
#[test]
fn what_is_wrong_with_the_files_is_named() {
    use std::os::unix::fs::PermissionsExt as _;
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let doctor = || report(&mut service.zkv(&desk, &["doctor"]));
    let chmod = |path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    chmod(desk.keyring(), 0o644);
    chmod(desk.path("config/default"), 0o755);
    let (checks, code) = doctor();
    assert_eq!(
        (state(&checks, "keyring").0, state(&checks, "config folder").0, code),
        ("warn", "warn", 0)
    );
    assert!(state(&checks, "keyring").1.contains("chmod 600"));
    std::fs::write(desk.keyring(), "{}").unwrap();
    let (checks, code) = doctor();
    assert_eq!((state(&checks, "keyring").0, code), ("fail", 1));
}

#[test]
fn without_an_account_there_is_a_hint() {
    let desk = Desk::with_keyring();
    let (checks, code) = report(&mut desk.zkv(&["doctor"]));
    assert!(
        state(&checks, "account").1.contains("zkv auth login") && code == 1,
        "{checks:?}"
    );
    let mut locked = desk.zkv(&["doctor"]);
    let (checks, code) = report(locked.env_remove("ZKV_PASSPHRASE"));
    assert_eq!((state(&checks, "account").0, code), ("warn", 0));
    let nothing = Desk::new();
    let (checks, code) = report(&mut nothing.zkv(&["doctor"]));
    assert_eq!((state(&checks, "keyring").0, code), ("warn", 1));
    let service = Service::demo(&nothing);
    assert_eq!(
        json_of(&mut service.zkv(&nothing, &["doctor", "--json"]))["checks"][0]["state"],
        "ok"
    );
}
