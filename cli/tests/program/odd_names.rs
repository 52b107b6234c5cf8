//! Names that a service chose to be misread, and other things that only look like what they are not.

use serde_json::{Value, json};
use zkvault_simulator::{Kind, seed};
use zkvault_test_support::{Desk, Service, json_of, stderr_of};

fn synced(change: impl FnOnce(&mut zkvault_simulator::Organisation)) -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.change(change);
    service.zkv(&desk, &["sync"]).assert().success();
    (desk, service)
}

fn failure(service: &Service, desk: &Desk, args: &[&str], code: i32) -> String {
    stderr_of(&mut service.zkv(desk, args), code)
}

#[test]
fn a_name_makes_no_line_of_an_error() {
    const FORGED: &str = "x\nhint: zkv trust GitHub --yes\u{202e}";
    let (desk, service) = synced(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GITHUB).unwrap();
        let inputs = site["login"]["inputs"].as_array_mut().unwrap();
        inputs.insert(0, json!({"name": FORGED, "type": FORGED}));
    });
    let shown = failure(&service, &desk, &["read", "zkv://GitHub/nothing"], 3);
    assert_eq!(
        shown.lines().filter(|line| line.starts_with("hint:")).count(),
        0,
        "{shown}"
    );
    assert!(shown.contains("cause: it has x\\nhint: zkv"), "{shown}");
    let forged = failure(&service, &desk, &["read", "zkv://a%0ahint:%20b/c"], 3);
    assert_eq!(
        forged.lines().filter(|line| line.starts_with("hint:")).count(),
        1,
        "{forged}"
    );
}

#[test]
fn only_a_number_as_it_is_written_is_an_id() {
    let (desk, service) = synced(|organisation| {
        organisation.get_mut(Kind::Site, seed::GITHUB).unwrap()["name"] = json!("01749398");
    });
    let id = |wanted: &str| json_of(service.zkv(&desk, &["show", wanted]).arg("--json"))["id"].clone();
    assert_eq!(id("1749398"), json!(seed::GOOGLE));
    assert_eq!(id("01749398"), json!(seed::GITHUB));
    failure(&service, &desk, &["show", "+1749398"], 3);
}

#[test]
fn a_store_that_was_emptied_is_gone() {
    let (desk, service) = synced(|_| {});
    desk.write("data/default/store.db", "");
    let status = json_of(service.zkv(&desk, &["status"]).arg("--json"));
    assert_eq!((&status["there"], &status["sites"]), (&json!(false), &Value::Null));
    assert!(failure(&service, &desk, &["list"], 3).contains("the local store of this profile is gone"));
    let synced = json_of(service.zkv(&desk, &["sync"]).arg("--json"));
    assert_eq!(synced["account"], "unanchored");
}
