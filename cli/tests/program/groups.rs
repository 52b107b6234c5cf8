//! `zkv group`: every endpoint of the page about groups and members.

use serde_json::json;
use zkvault_simulator::{Kind, Relation, Right, seed};
use zkvault_test_support::{Desk, Service, json_of, stdout};

#[test]
fn groups_are_listed_and_shown() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let groups = stdout(&mut service.zkv(&desk, &["group", "list"]));
    assert_eq!(service.asked().0, "GET /rest/groups");
    assert!(groups.starts_with("5717\tEngineering\n"), "{groups}");
    assert_eq!(groups.lines().count(), 5);
    let group = stdout(&mut service.zkv(&desk, &["group", "get", "5717"]));
    assert_eq!(service.asked().0, "GET /rest/groups/5717");
    assert_eq!(
        group,
        "id\t5717\nname\tEngineering\ndescription\tEverybody who builds\n"
    );
    let users = stdout(&mut service.zkv(&desk, &["group", "users", "5717"]));
    assert_eq!(
        (service.asked().0.as_str(), users.lines().count()),
        ("GET /rest/groups/5717/users", 4)
    );
    assert!(
        users.contains("1924\tPedro Salgado\tpedro@haldenfrey.example\tinactive\n"),
        "{users}"
    );
    let sites = stdout(&mut service.zkv(&desk, &["group", "sites", "5717"]));
    assert_eq!(
        (service.asked().0.as_str(), sites.lines().count()),
        ("GET /rest/groups/5717/sites", 3)
    );
}

#[test]
fn groups_are_created_and_updated() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let args = [
        "group",
        "create",
        "Sales & more",
        "--description",
        "Group used for \"sales\"",
    ];
    let created = json_of(service.zkv(&desk, &args).arg("--json"));
    let sent = json!({"name": "Sales & more", "description": "Group used for \"sales\""});
    assert_eq!(service.asked(), ("POST /rest/groups".to_owned(), sent));
    let id = created["id"].as_u64().unwrap();
    let stored = |member| {
        let organisation = service.organisation();
        organisation.get(Kind::Group, id).unwrap()[member].clone()
    };
    assert_eq!(stored("name"), "Sales & more");

    let id = id.to_string();
    let updated = stdout(&mut service.zkv(&desk, &["group", "update", &id, "--name", "Verkauf"]));
    assert_eq!(
        service.asked(),
        (format!("PUT /rest/groups/{id}"), json!({"name": "Verkauf"}))
    );
    assert!(updated.contains("name\tVerkauf\n"), "{updated}");
    assert_eq!(
        (stored("name"), stored("description")),
        (json!("Verkauf"), sent_description())
    );
    service
        .zkv(&desk, &["group", "update", &id, "--description", "", "--form"])
        .assert()
        .success();
    assert_eq!(stored("description"), "");
    service.zkv(&desk, &["group", "update", &id]).assert().code(2);
    service.zkv(&desk, &["group", "create", "  "]).assert().code(1);
}

fn sent_description() -> serde_json::Value {
    json!("Group used for \"sales\"")
}

#[test]
fn members_are_added_and_removed() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let members = || {
        service
            .organisation()
            .linked(Relation::GroupUser, Kind::Group, seed::PLATFORM)
    };
    let added = stdout(&mut service.zkv(&desk, &["group", "add", "5719", "1919", "1920"]));
    assert_eq!(
        service.asked(),
        ("POST /rest/groups/5719/users".to_owned(), json!({"add": [1919, 1920]}))
    );
    assert_eq!(added, "1919\tgroup 5719\tadded\n1920\tgroup 5719\tadded\n");
    assert_eq!(members(), [1917, 1918, 1919, 1920]);
    let removed = stdout(&mut service.zkv(&desk, &["group", "remove", "5719", "1917"]));
    assert_eq!(
        service.asked(),
        ("POST /rest/groups/5719/users".to_owned(), json!({"remove": 1917}))
    );
    assert_eq!(removed, "1917\tgroup 5719\tremoved\n");
    assert_eq!(members(), [1918, 1919, 1920]);
}

#[test]
fn rights_of_members_and_of_groups_are_shown_and_changed() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let shown = stdout(&mut service.zkv(
        &desk,
        &["group", "privileges", "5717", "--user", "1917", "--user", "1918"],
    ));
    assert_eq!(
        service.asked(),
        (
            "POST /rest/groups/5717/users".to_owned(),
            json!({"privileges": [1917, 1918]})
        )
    );
    assert_eq!(shown, "5717\tuser 1917\tyes\tyes\n5717\tuser 1918\tno\tno\n");

    let change = [
        "group",
        "privileges",
        "5717",
        "5719",
        "--user",
        "1918",
        "--allow",
        "create",
        "--deny",
        "assign",
        "--yes",
    ];
    service.zkv(&desk, &change).assert().success();
    let sent = json!({"privileges": [5717, 5719], "create": 1, "assign": -1});
    assert_eq!(service.asked(), ("POST /rest/users/1918/groups".to_owned(), sent));
    let organisation = service.organisation();
    let rights = organisation.rights(Relation::GroupUser, seed::PLATFORM, 1918).unwrap();
    assert!(rights.has(Right::Create) && !rights.has(Right::Assign));

    let one = [
        "group",
        "privileges",
        "5717",
        "--user",
        "1917",
        "--deny",
        "create",
        "--yes",
        "--form",
    ];
    service.zkv(&desk, &one).assert().success();
    assert_eq!(service.asked().1, json!({"privileges": ["1917"], "create": "-1"}));
    let sites = [
        "group",
        "privileges",
        "5719",
        "--site",
        "1749415",
        "--allow",
        "delete",
        "--yes",
    ];
    service.zkv(&desk, &sites).assert().success();
    assert_eq!(
        service.asked(),
        (
            "POST /rest/groups/5719/sites".to_owned(),
            json!({"privileges": [1_749_415], "delete": 1})
        )
    );
    let of_groups = ["group", "privileges", "5719", "5720", "--site", "1749415"];
    service.zkv(&desk, &of_groups).assert().success();
    assert_eq!(
        service.asked(),
        (
            "POST /rest/sites/1749415/groups".to_owned(),
            json!({"privileges": [5719, 5720]})
        )
    );

    service
        .zkv(&desk, &["group", "privileges", "1", "--user", "2", "--site", "3"])
        .assert()
        .code(2);
    service
        .zkv(
            &desk,
            &["group", "privileges", "1", "--user", "2", "--allow", "read", "--yes"],
        )
        .assert()
        .code(2);
    // A right in a group in which the user is not.
    let untied = [
        "group",
        "privileges",
        "8763",
        "--user",
        "1917",
        "--allow",
        "create",
        "--yes",
    ];
    let refused = service.zkv(&desk, &untied).assert().code(1);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("are not assigned to each other"));
}
