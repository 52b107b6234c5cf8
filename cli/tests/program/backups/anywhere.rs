//! What must hold of backups in every storage, the simulator's or Azurite.

use std::time::Duration;

use serde_json::json;
use zkvault_simulator::{Kind, seed};
use zkvault_test_support::{ALL, Desk, Repository, Service, json_of, stdout};

use super::storage::fails;

/// What a site gets, so that its backup has several blocks of 8 MiB: compression takes off a quarter of base64.
const BULK: usize = 11 << 20;

fn bulk() -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(Repository::content(BULK))
}

#[test]
fn a_backup_of_several_blocks_comes_back_and_old_ones_go() {
    let repository = Repository::new();
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
        site.insert("note".to_owned(), json!(bulk()));
    });
    let at = |desk: &Desk, args: &[&str]| {
        let mut zkv = desk.zkv(args);
        let sas = repository.sas(ALL, Ok(Duration::from_secs(3600)));
        zkv.env("ZKV_SAS", sas).envs(service.environment());
        zkv
    };
    let import = ["key", "import", "vault.key", "--label", "company"];
    at(&desk, &import).assert().success();
    at(&desk, &["sync"]).assert().success();

    let pushed = json_of(at(&desk, &["backup", "push"]).arg("--json"));
    assert!(pushed["bytes"].as_u64().unwrap() > 9 << 20, "two blocks: {pushed}");
    let head = stdout(&mut at(&desk, &["backup", "push"])).trim().to_owned();
    assert!(head.starts_with("2:"), "{head}");
    let listed = json_of(at(&desk, &["backup", "list"]).arg("--json"));
    assert_eq!(
        (&listed[0]["head"], &listed[1]["standing"]),
        (&json!(head), &json!("ok"))
    );
    at(&desk, &["backup", "verify", "--expect", &head]).assert().success();

    at(&desk, &["backup", "prune", "--keep", "1", "--yes"])
        .assert()
        .success();
    assert_eq!(stdout(&mut at(&desk, &["backup", "list"])).lines().count(), 1);
    let fresh = Desk::new();
    at(&fresh, &["backup", "restore", "--expect", &head]).assert().success();
    let secret = ["read", "zkv://GitHub/password"];
    assert_eq!(stdout(&mut at(&fresh, &secret)), stdout(&mut at(&desk, &secret)));
    assert_eq!(stdout(&mut at(&fresh, &["backup", "diff"])), "");

    let mut late = at(&fresh, &["backup", "push"]);
    late.env("ZKV_SAS", repository.sas(ALL, Err(Duration::from_secs(60))));
    let (code, message) = fails(&mut late, 4);
    assert!(code == "sas-expired" && message.contains("expired at"), "{message}");
}
