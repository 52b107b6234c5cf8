//! Sites, users and groups by what people call them: which one is meant, and what is asked of the service for it.

use serde_json::{Value, json};
use zkvault_simulator::{Kind, Relation, seed};
use zkvault_test_support::{Desk, Service, json_of, stderr_of, stdout};

fn office() -> (Desk, Service) {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    (desk, service)
}

fn rename(service: &Service, kind: Kind, id: u64, member: &str, name: &str) {
    service.change(|organisation| {
        organisation
            .get_mut(kind, id)
            .unwrap()
            .insert(member.to_owned(), json!(name));
    });
}

#[test]
fn what_is_looked_at_is_named_in_any_way() {
    let (desk, service) = office();
    for name in [
        "priya@haldenfrey.example",
        "Priya Raman",
        "PRIYA RAMAN",
        "priya",
        "raman",
        "1921",
    ] {
        let user = json_of(&mut service.zkv(&desk, &["user", "get", name, "--json"]));
        assert_eq!(user["id"], 1921, "{name}");
    }
    let members = stdout(&mut service.zkv(&desk, &["group", "users", "platf"]));
    assert!(members.starts_with("1917\t"), "{members}");
    for (args, path) in [
        (&["group", "get", "on call"][..], "/rest/groups/"),
        (&["group", "sites", "Engineering"], "/rest/groups/5717/sites"),
        (&["user", "groups", "mateus"], "/rest/users/1917/groups"),
        (&["user", "sites", "mateus"], "/rest/users/1917/sites"),
        (&["site", "get", "github.com"], "/rest/sites/1749412"),
        (
            &["site", "users", "https://github.com/login"],
            "/rest/sites/1749412/users",
        ),
        (&["site", "groups", "GitHub"], "/rest/sites/1749412/groups"),
        (&["site", "list", "--user", "mateus"], "/rest/users/1917/sites"),
        (&["site", "list", "--group", "engineering"], "/rest/groups/5717/sites"),
        (
            &["site", "privileges", "github", "--user", "mateus"],
            "POST /rest/sites/1749412/users",
        ),
    ] {
        service.zkv(&desk, args).assert().success();
        let asked = service.asked().0;
        assert!(asked.contains(path), "{args:?}: {asked}");
    }
}

#[test]
fn an_id_is_looked_up_nowhere_and_a_name_in_one_list() {
    let (desk, service) = office();
    let before = service.audit_log().len();
    service.zkv(&desk, &["user", "get", "1917"]).assert().success();
    assert_eq!(service.audit_log().len() - before, 1);
    service.zkv(&desk, &["user", "get", "mateus"]).assert().success();
    let asked: Vec<_> = service
        .audit_log()
        .iter()
        .skip(before + 1)
        .map(|entry| entry.path.clone())
        .collect();
    assert_eq!(asked, ["/rest/users", "/rest/users/1917"]);
}

#[test]
fn a_change_takes_whole_names_and_says_what_they_mean() {
    let (desk, service) = office();
    let part = stderr_of(&mut service.zkv(&desk, &["user", "deactivate", "noor"]), 3);
    assert!(
        part.contains("did you mean 1918 (Noor Rahimi, noor@haldenfrey.example)?"),
        "{part}"
    );
    assert!(
        service.audit_log().iter().all(|entry| entry.method != "POST"),
        "nothing was changed"
    );
    let done = service
        .zkv(&desk, &["user", "deactivate", "noor@haldenfrey.example"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(done.stdout).unwrap(), "1918\tdeactivated\n");
    let told = String::from_utf8(done.stderr).unwrap();
    assert!(told.contains("user 1918 (Noor Rahimi"), "{told}");

    let assign = [
        "site",
        "assign",
        "GitHub",
        "--user",
        "Aiko Tanaka",
        "--group",
        "marketing",
    ];
    service.zkv(&desk, &assign).assert().success();
    let organisation = service.organisation();
    assert!(organisation.rights(Relation::UserSite, 1923, seed::GITHUB).is_some());
    let joined = stdout(&mut service.zkv(&desk, &["user", "join", "aiko@haldenfrey.example", "On call", "5719"]));
    assert_eq!(joined.lines().count(), 2, "{joined}");
    let dry = ["user", "delete", "Aiko Tanaka", "--dry-run"];
    assert_eq!(stdout(&mut service.zkv(&desk, &dry)), "DELETE /users/1923\n");
}

#[test]
fn of_several_the_candidates_are_shown_and_none_is_taken() {
    let (desk, service) = office();
    rename(&service, Kind::User, 1923, "firstname", "Noor");
    rename(&service, Kind::User, 1923, "lastname", "Rahimi");
    let several = stderr_of(&mut service.zkv(&desk, &["user", "deactivate", "Noor Rahimi"]), 6);
    for shown in ["2 users fit", "1918", "1923", "aiko@haldenfrey.example", "ADDRESS"] {
        assert!(several.contains(shown), "{several}");
    }
    let json = stderr_of(&mut service.zkv(&desk, &["user", "get", "noor rahimi", "--json"]), 6);
    let failure: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(failure["code"], "ambiguous-user");
    let first = json!({"id": 1918, "name": "Noor Rahimi", "address": "noor@haldenfrey.example"});
    assert_eq!(failure["candidates"][0], first);
    assert!(service.audit_log().iter().all(|entry| entry.method == "GET"));
    let none = stderr_of(&mut service.zkv(&desk, &["group", "get", "Enginering"]), 3);
    assert!(none.contains("did you mean 5717 (Engineering)?"), "{none}");

    // Of sites, also what they call the person.
    for _ in 0..2 {
        service.zkv(&desk, &["sync"]).assert().success();
    }
    rename(&service, Kind::Site, seed::GOOGLE, "name", "GitHub");
    service.zkv(&desk, &["sync"]).output().unwrap();
    service
        .zkv(&desk, &["trust", &seed::GOOGLE.to_string(), "--yes"])
        .assert()
        .success();
    let several = stderr_of(&mut service.zkv(&desk, &["read", "GitHub"]), 6);
    assert!(
        several.contains("haldenfrey-bot") && several.contains("https://accounts.google.com"),
        "{several}"
    );
}

#[test]
fn the_local_store_knows_the_names_of_its_own_account() {
    let (desk, service) = office();
    service.zkv(&desk, &["sync"]).assert().success();
    rename(&service, Kind::Group, 5717, "name", "Builders");
    let before = service.audit_log().len();
    service.zkv(&desk, &["group", "get", "Engineering"]).assert().success();
    assert_eq!(service.audit_log().len() - before, 1, "no list was asked for");
    service.zkv(&desk, &["group", "get", "Builders"]).assert().success();
    // An id of one account is somebody else in another.
    let other = Service::demo(&Desk::new());
    rename(&other, Kind::Group, 5717, "name", "Strangers");
    other.zkv(&desk, &["group", "get", "Engineering"]).assert().code(3);
    other.zkv(&desk, &["group", "get", "Strangers"]).assert().success();
}

#[cfg(target_os = "linux")]
#[test]
fn a_person_is_asked_before_somebody_is_deactivated_or_gets_other_permissions() {
    use crate::terminal::at_terminal;

    let (desk, service) = office();
    let settings = service
        .environment()
        .map(|(name, value)| format!("export {name}='{value}'; "))
        .concat();
    let deactivate = format!("{settings}zkv user deactivate 'Noor Rahimi'");
    let Some((shown, code)) = at_terminal(&desk, &deactivate, &["n\n"]) else {
        return;
    };
    assert!(code == 1 && shown.contains("user 1918 (Noor Rahimi, noor@"), "{shown}");
    assert!(
        service
            .audit_log()
            .iter()
            .all(|entry| !entry.path.ends_with("deactivate"))
    );
    let (shown, code) = at_terminal(&desk, &format!("{deactivate} --yes"), &[]).unwrap();
    assert!(code == 0 && !shown.contains("[y/N]"), "{shown}");
    let change = format!("{settings}zkv site privileges GitHub --user 1919 --allow read,update --deny delete");
    let (shown, code) = at_terminal(&desk, &change, &["n\n"]).unwrap();
    assert!(
        code == 1 && shown.contains("grant read, grant update, revoke delete"),
        "{shown}"
    );
}

#[test]
fn a_reference_names_a_site_wherever_one_is_wanted() {
    let (desk, service) = office();
    for _ in 0..2 {
        service.zkv(&desk, &["sync"]).assert().success();
    }
    let shown = json_of(&mut service.zkv(&desk, &["show", "zkv://GitHub/password", "--json"]));
    assert_eq!(shown["id"], seed::GITHUB);
    let values = stdout(&mut service.zkv(&desk, &["read", "github", "zkv://GitHub/username"]));
    assert_eq!(values, "compass-rose-Vector-31\nhaldenfrey-bot\n");
    let values = json_of(&mut service.zkv(&desk, &["read", "github", "zkv://GitHub/username", "--json"]));
    let texts: Vec<_> = values.as_array().unwrap().iter().map(|value| &value["value"]).collect();
    assert_eq!(texts, ["compass-rose-Vector-31", "haldenfrey-bot"]);
}
