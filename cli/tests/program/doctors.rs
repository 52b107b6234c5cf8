//! `zkv doctor`: every fault that it looks for, made and found.

use serde_json::Value;
use zkvault_simulator::Fault;
use zkvault_test_support::{Desk, LoomeService, Service, StorageService, json_of};

/// The report's checks, and the exit code.
fn report(command: &mut assert_cmd::Command) -> (Vec<(String, String, String)>, i32) {
    let output = command.arg("--json").output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |check: &Value, name: &str| check[name].as_str().unwrap_or_default().to_owned();
    let checks = report.as_array().unwrap().iter();
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
    // What may be swapped is the machine's affair, the passphrase of a test costs as little as is allowed, and its key file
    // is as the machine makes files.
    let excused = |check: &str| ["swap", "passphrase", "secret file"].contains(&check);
    let all_ok = checks.iter().all(|(check, state, _)| state == "ok" || excused(check));
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
fn a_passphrase_that_costs_too_little_is_named_until_the_keyring_is_saved() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let checks = report(&mut service.zkv(&desk, &["doctor"])).0;
    let (now, detail) = state(&checks, "passphrase");
    assert!(now == "warn" && detail.contains("19 MiB and 2 passes") && detail.contains("zkv passphrase change"));
    desk.zkv(&["key", "rotate"]).assert().success();
    let checks = report(&mut service.zkv(&desk, &["doctor"])).0;
    let (now, detail) = state(&checks, "passphrase");
    assert!(now == "ok" && detail.contains("64 MiB and 3 passes"), "{detail}");
}

#[test]
fn what_the_service_does_wrong_is_named() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let doctor = || report(&mut service.zkv(&desk, &["doctor"]));
    let conditions = service.conditions();

    service.change_settings(|settings| settings.api_enabled = false);
    let (checks, code) = doctor();
    assert_eq!(
        (state(&checks, "token").0, state(&checks, "api").0, code),
        ("ok", "fail", 1)
    );
    assert!(state(&checks, "api").1.contains("support@logmeonce.com"));
    service.change_settings(|settings| settings.api_enabled = true);

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
    use std::os::unix::fs::PermissionsExt;
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
        json_of(&mut service.zkv(&nothing, &["doctor", "--json"]))[0]["state"],
        "ok"
    );
}

/// A storage that answers every request with the same head.
fn storage_with(head: &'static str) -> String {
    use std::io::{Read as _, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let answer = format!("HTTP/1.1 200 OK\r\n{head}content-length: 0\r\nconnection: close\r\n\r\n");
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/account/container?sv=1&sr=c&se=2099-01-01&sp=rl&sig=canary")
}

#[test]
fn a_sas_is_looked_at_before_it_is_used() {
    use zkvault_simulator::Sas;
    let desk = Desk::with_keyring();
    let service = StorageService::new("things");
    let (storage, url) = (&service.storage, service.url());
    let doctor = |token: &str, args: &[&str]| {
        let mut zkv = desk.zkv(&[&["doctor"], args].concat());
        let address = format!("{url}/{}/things?{token}", storage.account().name());
        let (checks, code) = report(zkv.env("ZKV_SAS", address));
        let failed = checks.iter().any(|(_, state, _)| state == "fail");
        assert_eq!(code, i32::from(failed), "who has no account needs none: {checks:?}");
        assert!(!format!("{checks:?}").contains("sig="), "{checks:?}");
        checks
    };
    let now = std::time::SystemTime::now();
    let hours = |hours: u64| now + std::time::Duration::from_secs(hours * 3600);
    let healthy = doctor(&storage.sas("things", "racwdl", hours(2)), &[]);
    for name in ["sas", "storage", "sas end"] {
        assert_eq!(state(&healthy, name).0, "ok", "{healthy:?}");
    }
    assert!(
        state(&healthy, "sas").1.contains("read, list, write, delete, create"),
        "{healthy:?}"
    );

    let soon = now + std::time::Duration::from_secs(600);
    let checks = doctor(&storage.sas("things", "cw", soon), &[]);
    assert!(state(&checks, "sas").1.contains("downloads need read"), "{checks:?}");
    assert!(state(&checks, "storage").0 == "ok" && state(&checks, "storage").1.contains("may not list"));
    assert_eq!(state(&checks, "sas end").0, "warn");

    // By the storage's clock, not ours.
    storage.conditions().set_clock_skew(3 * 3600);
    let checks = doctor(&storage.sas("things", "rl", hours(2)), &[]);
    assert_eq!(
        (state(&checks, "storage").0, state(&checks, "sas end").0),
        ("fail", "fail")
    );
    assert!(state(&checks, "storage").1.contains("expired at 20"), "{checks:?}");
    storage.conditions().set_clock_skew(0);

    let other = storage.account().sign(&Sas::container("other", "rl", hours(2)));
    assert!(state(&doctor(&other, &[]), "storage").1.contains("does not accept"));
    assert!(state(&doctor("nothing", &[]), "sas").0 == "fail");
    let pages = doctor(
        &storage.sas("things", "rl", hours(2)),
        &["--origin", "https://app.example"],
    );
    assert!(
        state(&pages, "cors")
            .1
            .contains("no rule lets pages of https://app.example in"),
        "{pages:?}"
    );
}

#[test]
fn what_pages_may_not_do_is_named() {
    const ALL: &str = "access-control-allow-origin: https://app.example\r\n";
    let desk = Desk::with_keyring();
    let cors = |head: &'static str| {
        let mut zkv = desk.zkv(&["doctor", "--origin", "https://app.example"]);
        let (checks, _) = report(zkv.env("ZKV_SAS", storage_with(head)));
        let (found, said) = state(&checks, "cors");
        (found.to_owned(), said.to_owned())
    };
    let (found, said) = cors(ALL);
    assert!(
        found == "fail" && said.contains("not exposed: content-length, content-range, date, etag, x-ms-error-code")
    );
    let (found, said) =
        cors("access-control-allow-origin: *\r\naccess-control-expose-headers: X-MS-*, ETag,Content-Range,date\r\n");
    assert!(
        found == "fail" && said.contains("not exposed: content-length"),
        "{said}"
    );
    let (found, said) = cors("access-control-allow-origin: *\r\naccess-control-expose-headers: *\r\n");
    assert_eq!(found, "ok", "{said}");
    let (found, said) = cors("access-control-allow-origin: https://other.example\r\n");
    assert!(found == "fail" && said.contains("no rule"), "{said}");
}

#[test]
fn an_account_of_loome_assist_is_looked_at_where_there_is_one() {
    let (desk, service) = (Desk::with_keyring(), LoomeService::demo());
    let loome = &service.simulator;
    let doctor = |secret: &str| {
        let mut zkv = service.zkv(&desk, &["doctor"]);
        report(zkv.env("ZKV_LOOME_SECRET", secret)).0
    };
    let checks = doctor("simulator-secret");
    for name in ["account", "network", "clock", "token", "api"] {
        assert_eq!(state(&checks, &format!("loome {name}")).0, "ok", "{checks:?}");
    }
    loome.conditions().set_clock_skew(-3600);
    let skewed = doctor("simulator-secret");
    assert_eq!(state(&skewed, "loome clock").0, "fail");
    assert!(
        state(&skewed, "loome clock").1.contains("ahead of the service's"),
        "{skewed:?}"
    );
    loome.conditions().set_clock_skew(0);
    assert_eq!(state(&doctor("wrong-secret"), "loome token").0, "fail");
    loome.conditions().inject_after(2, Fault::status(403), 1, "/");
    assert!(state(&doctor("simulator-secret"), "loome api").0 == "fail");
}

#[cfg(unix)]
#[test]
fn a_secret_file_that_others_may_read_is_named() {
    use std::os::unix::fs::PermissionsExt;

    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let file = desk.write("master.txt", "hunter2");
    for (mode, expected) in [(0o644, "warn"), (0o600, "ok")] {
        std::fs::set_permissions(&file, PermissionsExt::from_mode(mode)).unwrap();
        let mut zkv = service.zkv(&desk, &["doctor"]);
        let (checks, _) = report(zkv.env("ZKV_MASTER_PASSWORD_FILE", &file));
        let (now, detail) = state(&checks, "secret file");
        assert_eq!(now, expected, "{detail}");
        assert!(detail.contains("master.txt") && !detail.contains("hunter2"), "{detail}");
    }
}
