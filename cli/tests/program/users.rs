//! `zkv user`, but for activations: every endpoint of the page about users.

use serde_json::{Value, json};
use zkvault_simulator::{Fault, Kind, Relation};
use zkvault_test_support::{Desk, Service, json_of, stdout};

#[test]
fn users_are_listed_and_shown() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let users = stdout(&mut service.zkv(&desk, &["user", "list"]));
    assert_eq!(service.asked().0, "GET /rest/users");
    assert!(
        users.contains("1921\tPriya Raman\tpriya@haldenfrey.example\tinactive\n"),
        "{users}"
    );
    assert_eq!(users.lines().count(), 9);
    let user = json_of(&mut service.zkv(&desk, &["user", "get", "1917", "--json"]));
    assert_eq!(service.asked().0, "GET /rest/users/1917");
    let stored = service.organisation().get(Kind::User, 1917).cloned().unwrap();
    assert_eq!(user, Value::Object(stored));
    let sites = stdout(&mut service.zkv(&desk, &["user", "sites", "1917"]));
    assert_eq!(
        (service.asked().0.as_str(), sites.lines().count()),
        ("GET /rest/users/1917/sites", 2)
    );
    let groups = stdout(&mut service.zkv(&desk, &["user", "groups", "1917"]));
    assert_eq!(service.asked().0, "GET /rest/users/1917/groups");
    assert_eq!(groups, "5717\tEngineering\n5719\tPlatform\n");
    service.zkv(&desk, &["user", "get", "7"]).assert().code(3);
}

#[test]
fn every_field_of_the_page_can_be_updated() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let fields = [
        ("first-name", "firstName", "Ma & teus"),
        ("last-name", "lastName", "Frey-\"Halden\""),
        ("birthdate", "birthdate", "1980-02-29"),
        ("gender", "gender", "m"),
        ("address", "address", "Kai 1"),
        ("city", "city", "Łódź"),
        ("state", "state", "MR"),
        ("zip", "zip", "0011"),
        ("country", "country", "NO"),
        ("phone", "phone", "+47 70"),
        ("company", "company", "H&F"),
        ("job-title", "jobTitle", "Sailmaker"),
        ("website", "website", "https://haldenfrey.example"),
    ];
    let mut all = service.zkv(&desk, &["user", "update", "1917"]);
    for (flag, parameter, text) in fields {
        let flag = format!("--{flag}");
        service
            .zkv(&desk, &["user", "update", "1918", &flag, text])
            .assert()
            .success();
        assert_eq!(
            service.asked(),
            ("PUT /rest/users/1918".to_owned(), json!({parameter: text}))
        );
        all.args([&flag, text]);
    }
    assert_eq!(stdout(&mut all), "1917\tupdated\n");
    let organisation = service.organisation();
    let user = organisation.get(Kind::User, 1917).unwrap();
    for (_, parameter, text) in fields {
        assert_eq!(user[&parameter.to_lowercase()], text);
    }
}

#[test]
fn updates_that_make_no_sense_are_not_sent() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let cases: [&[&str]; 5] = [
        &["--birthdate", "1980-02-30"],
        &["--birthdate", "29.02.1980"],
        &["--city", "a\u{1b}[2J"],
        &["--email", "x@y.example"],
        &[],
    ];
    for case in cases {
        service
            .zkv(&desk, &[&["user", "update", "1917"], case].concat())
            .assert()
            .code(2);
    }
    assert!(service.conditions().requests().is_empty());
}

#[test]
fn users_are_deleted_one_by_one_after_a_yes() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.zkv(&desk, &["user", "delete", "1917"]).assert().code(5);
    assert!(
        service.conditions().requests().is_empty(),
        "not even a token was asked for"
    );
    let partly = service
        .zkv(&desk, &["user", "delete", "1917", "7", "1918", "--yes"])
        .assert()
        .code(11);
    let shown = String::from_utf8_lossy(&partly.get_output().stdout).into_owned();
    assert_eq!(
        shown,
        "1917\tdeleted\n7\tfailed: the service says: there is no user 7\n1918\tdeleted\n"
    );
    assert_eq!(service.asked(), ("DELETE /rest/users/1918".to_owned(), json!({})));
    assert!(service.organisation().get(Kind::User, 1917).is_none());
    // To run it again does no harm, and says that nobody is left.
    service
        .zkv(&desk, &["user", "delete", "1917", "1918", "--yes"])
        .assert()
        .code(3);
}

#[test]
fn users_are_deactivated_and_activated_again() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let active = |id| service.organisation().get(Kind::User, id).unwrap()["active"].clone();
    let members = stdout(&mut service.zkv(&desk, &["group", "users", "5719"]));
    let mut deactivate = service.zkv(&desk, &["user", "deactivate", "-"]);
    assert_eq!(
        stdout(deactivate.write_stdin(members)),
        "1917\tdeactivated\n1918\tdeactivated\n"
    );
    assert_eq!(
        service.asked(),
        ("POST /rest/users/1918/deactivate".to_owned(), json!({}))
    );
    assert_eq!((active(1917), active(1918)), (json!(false), json!(false)));
    let again = stdout(&mut service.zkv(&desk, &["user", "activate", "1917", "1918"]));
    assert_eq!(again, "1917\tactivated\n1918\tactivated\n");
    assert_eq!(
        service.asked(),
        ("POST /rest/users/1918/activate".to_owned(), json!({}))
    );
    assert_eq!((active(1917), active(1918)), (json!(true), json!(true)));
}

#[test]
fn memberships_are_joined_and_left() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let groups = || service.organisation().linked(Relation::GroupUser, Kind::User, 1923);
    let joined = json_of(
        service
            .zkv(&desk, &["user", "join", "1923", "5717", "5719"])
            .arg("--json"),
    );
    assert_eq!(
        service.asked(),
        ("POST /rest/users/1923/groups".to_owned(), json!({"join": [5717, 5719]}))
    );
    assert_eq!(joined[0], json!({"group": 5717, "user": 1923, "result": "joined"}));
    assert_eq!(groups(), [5717, 5719]);
    assert_eq!(
        stdout(&mut service.zkv(&desk, &["user", "leave", "1923", "5719"])),
        "5719\tuser 1923\tleft\n"
    );
    assert_eq!(
        service.asked(),
        ("POST /rest/users/1923/groups".to_owned(), json!({"leave": 5719}))
    );
    assert_eq!(groups(), [5717]);
}

#[test]
fn what_ends_all_requests_ends_a_bulk_command() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.conditions().inject(Fault::status(401), 2, "/rest/users/1917");
    let args = ["user", "delete", "1916", "1917", "1918", "--yes"];
    let partly = service.zkv(&desk, &args).assert().code(11);
    let shown = String::from_utf8_lossy(&partly.get_output().stdout).into_owned();
    assert!(shown.starts_with("1916\tdeleted\n1917\tfailed: "), "{shown}");
    assert!(shown.ends_with("1918\tnot tried\n"), "{shown}");
    assert!(service.organisation().get(Kind::User, 1918).is_some());
}

/// What can be shown needs no account, and nothing is sent.
#[test]
fn a_dry_run_prints_requests_and_sends_none() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let cases: [(&[&str], &str); 11] = [
        (
            &["user", "delete", "1917", "1918"],
            "DELETE /users/1917\nDELETE /users/1918\n",
        ),
        (&["user", "deactivate", "1917"], "POST /users/1917/deactivate\n"),
        (&["user", "activate", "1917"], "POST /users/1917/activate\n"),
        (
            &["user", "update", "1917", "--city", "Bergen"],
            "PUT /users/1917 {\"city\":\"Bergen\"}\n",
        ),
        (
            &["user", "join", "1917", "5717"],
            "POST /users/1917/groups {\"join\":5717}\n",
        ),
        (&["group", "create", "A"], "POST /groups {\"name\":\"A\"}\n"),
        (
            &["group", "update", "1", "--name", "B"],
            "PUT /groups/1 {\"name\":\"B\"}\n",
        ),
        (
            &["group", "remove", "1", "2", "3"],
            "POST /groups/1/users {\"remove\":[2,3]}\n",
        ),
        (
            &["site", "assign", "1", "--group", "2"],
            "POST /sites/1/groups {\"assign\":2}\n",
        ),
        (
            &["site", "privileges", "1", "--user", "2", "--deny", "read"],
            "POST /sites/1/users {\"privileges\":[2],\"read\":-1}\n",
        ),
        (&["api", "logmeonce", "DELETE", "/users/1"], "DELETE /users/1\n"),
    ];
    for (args, expected) in cases {
        assert_eq!(stdout(desk.zkv(args).arg("--dry-run")), expected, "{args:?}");
        service.zkv(&desk, args).arg("--dry-run").assert().success();
    }
    // An activation is for an account, whose name is in it.
    let handover = [
        "user",
        "activate",
        "1921",
        "--code",
        "--code-file",
        "code.txt",
        "--dry-run",
    ];
    let expected = "POST /users/1921/activate {\"key\":\"[withheld]\"}\n";
    assert_eq!(stdout(&mut service.zkv(&desk, &handover)), expected);
    assert!(!desk.path("code.txt").exists());
    assert!(service.conditions().requests().is_empty());
    let shown = json_of(&mut desk.zkv(&["user", "delete", "1", "--dry-run", "--json"]));
    assert_eq!(shown, json!([{"method": "DELETE", "path": "/users/1", "body": null}]));
}
