//! Services as they are: refusals under status 200, records of the wrong types, lists in parts, and two accounts of one
//! host. The simulator has these oddities on demand.

use std::sync::Arc;

use serde_json::{Value, json};
use zkvault_simulator::{Answer, Attack, Quirk, Received, seed};

use zkvault_test_support::{Desk, Service, json_of, stderr_of as failure, stdout};

fn have(service: &Service, quirks: &[Quirk]) {
    service.conditions().set_quirks(quirks);
}

/// The verdict of every site in the local store, by its id.
fn verdicts(desk: &Desk, service: &Service) -> Vec<(u64, String)> {
    let list = json_of(&mut service.zkv(desk, &["list", "--json"]));
    let rows = list.as_array().unwrap().iter();
    rows.map(|row| (row["id"].as_u64().unwrap(), row["verdict"].as_str().unwrap().to_owned()))
        .collect()
}

#[test]
fn no_change_that_was_refused_under_status_200_is_reported_as_done() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    have(&service, &[Quirk::RefusalUnder200]);
    let google = seed::GOOGLE.to_string();
    let new_user = seed::NEW_USER.to_string();
    for command in [
        &["user", "delete", "1917", "--yes"][..],
        &["user", "deactivate", "1917"],
        &["user", "activate", "1917"],
        &[
            "user",
            "activate",
            &new_user,
            "--code",
            "--code-file",
            "code.txt",
            "-o",
            "handed.txt",
        ],
        &["user", "update", "1917", "--city", "Hull"],
        &["user", "join", "1917", "5719"],
        &["user", "leave", "1917", "5717"],
        &["site", "assign", &google, "--user", "1917"],
        &["site", "unassign", &google, "--group", "5717"],
        &["group", "create", "Sales"],
        &["group", "update", "5717", "--name", "Sales"],
        &["group", "add", "5719", "1917"],
        &["api", "logmeonce", "POST", "/users/1917/deactivate"],
    ] {
        let mut zkv = service.zkv(&desk, command);
        let output = zkv.output().unwrap();
        let (out, said) = (
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        );
        // Commands that the program does not have in this form would prove nothing.
        assert_ne!(output.status.code(), Some(2), "{command:?}: {said}");
        assert_ne!(output.status.code(), Some(0), "{command:?}: {out}{said}");
        let all = format!("{out}{said}");
        assert!(all.contains("You are not allowed"), "{command:?}: {all}");
        for done in ["deleted", "deactivated", "assigned", "created", "added"] {
            assert!(!out.contains(&format!("\t{done}")), "{command:?}: {out}");
        }
    }
    let users = service.organisation();
    assert!(users.get(zkvault_simulator::Kind::User, 1917).is_some());
}

/// Answers every request of this method whose path ends so with this, whatever the service did.
fn answer(service: &Service, method: &'static str, path: &'static str, status: u16, document: &Value) {
    let document = document.clone();
    let rewrite = move |received: &Received, answer: &mut Answer| {
        if received.method == method && received.path.ends_with(path) {
            *answer = Answer::new(status, document.clone());
        }
    };
    service.conditions().set_rewriter(Some(Arc::new(rewrite)));
}

#[test]
fn no_change_is_reported_as_done_that_the_response_does_not_confirm() {
    let desk = Desk::with_keyring();
    let service = Service::demo(&desk);
    let google = seed::GOOGLE.to_string();
    for document in [
        json!({"1917": false}),
        json!({"assigned": [999]}),
        json!({"not_found": [1917]}),
        json!({"users": [{"id": 1917, "error": "denied"}]}),
        json!({"status": "queued"}),
    ] {
        answer(&service, "POST", "/sites/1749398/users", 200, &document);
        let mut assign = service.zkv(&desk, &["site", "assign", &google, "--user", "1917"]);
        let output = assign.assert().code(1).get_output().clone();
        let out = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(!out.contains("\tassigned"), "{document}: {out}");
    }
}

#[test]
fn a_token_that_has_ended_is_no_list_that_the_account_may_not_read() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    answer(&service, "GET", "/rest/users", 403, &json!({"error": "invalid_token"}));
    let said = failure(&mut service.zkv(&desk, &["user", "list"]), 4);
    assert!(said.contains("does not accept the access token (status 403)"), "{said}");
    let said = failure(&mut service.zkv(&desk, &["sync"]), 11);
    assert!(!said.contains("may not read"), "{said}");
}

#[test]
fn hints_about_a_login_need_no_token() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    for (status, document, code, hint) in [
        (404, json!({"error": "not_found"}), 4, "check the account's address"),
        (401, json!({}), 4, "check the API key and its secret"),
        (200, json!({"token": "none"}), 1, "check the account's address"),
        (
            400,
            json!({"error": {"code": "invalid_client"}}),
            4,
            "check the API key and its secret",
        ),
    ] {
        answer(&service, "POST", "/oauth2/token", status, &document);
        let said = failure(&mut service.zkv(&desk, &["group", "list"]), code);
        assert!(said.contains(hint) && !said.contains("GET PATH"), "{document}: {said}");
    }
}

#[test]
fn an_odd_permission_hides_no_other() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let told = json!({"privileges": [{"id": seed::GOOGLE, "read": "maybe"}, {"id": "1749412", "read": 1}]});
    answer(&service, "POST", "/users/1917/sites", 200, &told);
    let google = seed::GOOGLE.to_string();
    let mut zkv = service.zkv(&desk, &["site", "privileges", &google, "1749412", "--user", "1917"]);
    let output = zkv.assert().code(11).get_output().clone();
    let (out, said) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(out.contains("1749412\t") && !out.contains(&google), "{out}");
    assert!(
        said.contains(&format!("permission {google}: it says neither yes nor no to \"read\"")),
        "{said}"
    );
}

#[test]
fn an_odd_site_is_set_aside_and_its_copy_stays() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    // After the second sync nothing is new any more.
    service.zkv(&desk, &["sync"]).assert().success();
    service.zkv(&desk, &["sync"]).assert().success();
    let before = verdicts(&desk, &service);
    assert!(before.iter().all(|(_, verdict)| verdict == "ok"), "{before:?}");

    have(&service, &[Quirk::OddSite]);
    let said = failure(&mut service.zkv(&desk, &["sync"]), 11);
    assert!(said.contains("its member \"login\" is a text, not an object"), "{said}");
    assert_eq!(verdicts(&desk, &service), before, "none is missing, and none is gone");
    let list = failure(&mut service.zkv(&desk, &["site", "list"]), 11);
    assert!(list.contains("set") || list.contains("cannot be used"), "{list}");
    let document: Value =
        serde_json::from_slice(&service.zkv(&desk, &["--json", "site", "list"]).output().unwrap().stdout).unwrap();
    assert_eq!(document.as_array().unwrap().len(), before.len() - 1);

    have(&service, &[]);
    service.zkv(&desk, &["sync"]).assert().success();
    assert_eq!(verdicts(&desk, &service), before);

    // A machine that has never seen it stores the others.
    let fresh = Desk::new();
    std::fs::copy(desk.path("vault.key"), fresh.path("vault.key")).unwrap();
    have(&service, &[Quirk::OddSite]);
    failure(&mut service.zkv(&fresh, &["sync"]), 11);
    assert_eq!(verdicts(&fresh, &service).len(), before.len() - 1);
}

#[test]
fn a_site_that_nests_too_deep_keeps_no_other_from_being_synced() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let deep = (0..100).fold(Value::Null, |inside, _| Value::Array(vec![inside]));
    let attack = Attack::change(seed::GITHUB, "/icon", deep);
    service.attack(attack.clone());
    let said = failure(&mut service.zkv(&desk, &["sync"]), 11);
    assert!(
        said.contains("set aside: site 1749412 (\"GitHub\"): it is nested deeper than 64 levels")
            && said.contains("zkv api logmeonce GET PATH"),
        "{said}"
    );
    assert_eq!(verdicts(&desk, &service).len(), 11);
    let list = failure(&mut service.zkv(&desk, &["site", "list"]), 11);
    assert!(list.contains("nested deeper than 64 levels"), "{list}");

    service.behave();
    service.zkv(&desk, &["sync"]).assert().success();
    service.attack(attack);
    failure(&mut service.zkv(&desk, &["sync"]), 11);
    assert_eq!(verdicts(&desk, &service).len(), 12, "its copy stays");
}

#[test]
fn an_odd_user_keeps_nothing_from_being_synced() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let before = json_of(&mut service.zkv(&desk, &["sync", "--json"]))["users"].as_u64();
    have(&service, &[Quirk::OddUser]);
    let said = failure(&mut service.zkv(&desk, &["sync"]), 11);
    assert!(said.contains("its member \"id\" is a number"), "{said}");
    assert_eq!(verdicts(&desk, &service).len(), 12);
    let status = json_of(&mut service.zkv(&desk, &["status", "--json"]));
    assert_eq!(status["users"].as_u64(), before, "what was known of the user stays");
}

#[test]
fn what_a_service_does_not_offer_keeps_no_site_from_being_synced() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    have(&service, &[Quirk::NoGroups, Quirk::NoUsers]);
    let said = failure(&mut service.zkv(&desk, &["sync"]), 0);
    assert!(
        said.contains("the users were not fetched") && said.contains("the groups were not fetched"),
        "{said}"
    );
    assert_eq!(verdicts(&desk, &service).len(), 12);
}

#[test]
fn half_a_list_is_no_sync_and_no_site_is_missing() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    have(&service, &[Quirk::Pages]);
    service.zkv(&desk, &["sync"]).assert().success();
    let before = verdicts(&desk, &service);
    assert_eq!(before.len(), 12, "all pages were fetched");
    have(&service, &[Quirk::HalfLists]);
    let said = failure(&mut service.zkv(&desk, &["sync"]), 1);
    assert!(said.contains("the list is not whole"), "{said}");
    assert_eq!(verdicts(&desk, &service), before);
    let said = failure(&mut service.zkv(&desk, &["site", "list"]), 1);
    assert!(!said.contains("proxy"), "{said}");
}

#[test]
fn two_accounts_of_one_host_are_two() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let other = Service::of(seed::demo(&zkvault_core::key::VaultKey::generate().unwrap()).unwrap());
    service.zkv(&desk, &["sync"]).assert().success();
    let before = stdout(&mut service.zkv(&desk, &["list"]));
    let said = failure(&mut other.zkv(&desk, &["sync"]), 1);
    assert!(
        said.contains("is of 127.0.0.1:") && said.contains("not of 127.0.0.1:"),
        "{said}"
    );
    assert_eq!(stdout(&mut service.zkv(&desk, &["list"])), before);
}

#[cfg(unix)]
#[test]
fn another_zkv_is_named_by_its_number() {
    use zkvault::fs::FileLock;

    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.zkv(&desk, &["sync"]).assert().success();
    let held = FileLock::try_take(&desk.path("data/default/store.lock"))
        .unwrap()
        .unwrap();
    let said = failure(&mut service.zkv(&desk, &["sync"]), 1);
    let number = format!("it is process {}, which has held the lock for ", std::process::id());
    assert!(said.contains(&number), "{said}");
    drop(held);
    service.zkv(&desk, &["sync"]).assert().success();
}

/// Ids are whole numbers of 64 bits, to the last one; a larger one is no id, and nobody is called missing for it.
#[test]
fn ids_at_the_limit_are_kept_and_beyond_it_set_aside() {
    use serde_json::json;
    use zkvault_simulator::Attack;
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.zkv(&desk, &["sync"]).assert().success();
    let before = verdicts(&desk, &service).len();
    // Its values are bound to the number that it had.
    service.attack(Attack::change(seed::GITHUB, "/id", u64::MAX));
    service.zkv(&desk, &["sync"]).assert().code(10);
    let now = verdicts(&desk, &service);
    assert!(now.contains(&(u64::MAX, "tampered".to_owned())), "{now:?}");
    assert!(now.contains(&(seed::GITHUB, "missing".to_owned())), "{now:?}");

    let fresh = Desk::new();
    std::fs::copy(desk.path("vault.key"), fresh.path("vault.key")).unwrap();
    service.behave();
    service.zkv(&fresh, &["sync"]).assert().success();
    service.attack(Attack::change(
        seed::GITHUB,
        "/id",
        json!(18_446_744_073_709_551_616.0_f64),
    ));
    let said = failure(&mut service.zkv(&fresh, &["sync"]), 11);
    assert!(
        said.contains("(\"GitHub\")") && said.contains("its member \"id\" is a number"),
        "{said}"
    );
    let now = verdicts(&fresh, &service);
    assert_eq!(now.len(), before);
    assert!(now.iter().all(|(_, verdict)| verdict != "missing"), "{now:?}");
}
