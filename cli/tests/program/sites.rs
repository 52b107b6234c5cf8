//! `zkv site`: every endpoint of the page about sites, from the command line to what the service recorded.

use serde_json::{Value, json};
use zkvault_simulator::{Kind, Relation, Right, seed};
use zkvault_test_support::{Desk, Service, json_of, stdout};

const MAILCHIMP: u64 = 1_749_399;

#[test]
fn sites_are_listed_searched_and_listed_by_holder() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let all = stdout(&mut service.zkv(&desk, &["site", "list"]));
    assert_eq!(all.lines().count(), 12);
    assert!(
        all.starts_with("1749415\tAmazon Web Services\thttps://signin.aws.amazon.com/"),
        "{all}"
    );
    assert_eq!(service.asked(), ("GET /rest/sites".to_owned(), json!({})));

    let found = stdout(&mut service.zkv(&desk, &["site", "list", "--search", "goo & gle"]));
    assert_eq!(found, "");
    assert_eq!(service.asked().1, json!({"search": "goo & gle"}));
    assert_eq!(
        stdout(&mut service.zkv(&desk, &["site", "list", "--search", "mailchimp"]))
            .lines()
            .count(),
        1
    );

    let of_user = json_of(&mut service.zkv(&desk, &["site", "list", "--user", "1917", "--json"]));
    assert_eq!(service.asked().0, "GET /rest/users/1917/sites");
    let ids: Vec<_> = of_user.as_array().unwrap().iter().map(|site| &site["id"]).collect();
    assert_eq!(ids, [seed::GITHUB, seed::GOOGLE]);
    let of_group = stdout(&mut service.zkv(&desk, &["site", "list", "--group", "8762"]));
    assert_eq!(
        (service.asked().0.as_str(), of_group.lines().count()),
        ("GET /rest/groups/8762/sites", 3)
    );
}

#[test]
fn a_site_is_shown_with_members_that_nobody_knows() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    service.change(|organisation| {
        let site = organisation.get_mut(Kind::Site, seed::GOOGLE).unwrap();
        site.insert("colour".to_owned(), json!({"of": ["the", "sea"]}));
        site.insert("name".to_owned(), json!("Goo\u{1b}[2Jgle\tx"));
    });
    let id = seed::GOOGLE.to_string();
    let shown = stdout(&mut service.zkv(&desk, &["site", "get", &id]));
    assert_eq!(service.asked().0, format!("GET /rest/sites/{id}"));
    assert!(shown.contains("colour.of[1]\tsea\n"), "{shown}");
    assert!(shown.contains("name\tGoo\\u{1b}[2Jgle\\tx\n"), "{shown}");
    let document = json_of(&mut service.zkv(&desk, &["site", "get", &id, "--json"]));
    let stored = service.organisation().get(Kind::Site, seed::GOOGLE).cloned().unwrap();
    assert_eq!(document, Value::Object(stored));
}

#[test]
fn the_holders_of_a_site_are_listed() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let users = stdout(&mut service.zkv(&desk, &["site", "users", "1749398"]));
    assert_eq!(service.asked().0, "GET /rest/sites/1749398/users");
    assert!(
        users.contains("1917\tMateus Frey\tmateus@haldenfrey.example\tactive\n"),
        "{users}"
    );
    assert_eq!(users.lines().count(), 2);
    let groups = stdout(&mut service.zkv(&desk, &["site", "groups", "1749398"]));
    assert_eq!(
        (service.asked().0.as_str(), groups.as_str()),
        ("GET /rest/sites/1749398/groups", "8762\tMarketing\n")
    );
}

fn linked(service: &Service, relation: Relation, left: u64, right: u64) -> bool {
    service.organisation().rights(relation, left, right).is_some()
}

/// One site goes to the site's endpoint, several to the holder's: all four endpoints are used.
#[test]
fn sites_are_assigned_and_unassigned_at_every_endpoint() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let run = |args: &[&str]| stdout(&mut service.zkv(&desk, args));
    let one = ["site", "assign", "1749399"];

    let done = run(&[&one[..], &["--user", "1918", "--user", "1919"]].concat());
    assert_eq!(done, "1749399\tuser 1918\tassigned\n1749399\tuser 1919\tassigned\n");
    assert_eq!(
        service.asked(),
        (
            "POST /rest/sites/1749399/users".to_owned(),
            json!({"assign": [1918, 1919]})
        )
    );
    assert!(
        linked(&service, Relation::UserSite, 1918, MAILCHIMP) && linked(&service, Relation::UserSite, 1919, MAILCHIMP)
    );

    run(&[&one[..], &["--group", "5717"]].concat());
    assert_eq!(
        service.asked(),
        ("POST /rest/sites/1749399/groups".to_owned(), json!({"assign": 5717}))
    );
    assert!(linked(&service, Relation::GroupSite, 5717, MAILCHIMP));

    run(&["site", "assign", "1749399", "1749400", "--user", "1920"]);
    let expected = json!({"assign": [1_749_399, 1_749_400]});
    assert_eq!(
        service.asked(),
        ("POST /rest/users/1920/sites".to_owned(), expected.clone())
    );
    run(&["site", "assign", "1749399", "1749400", "--group", "5719"]);
    assert_eq!(service.asked(), ("POST /rest/groups/5719/sites".to_owned(), expected));

    let left = run(&[
        "site", "unassign", "1749399", "1749400", "--group", "5719", "--user", "1920", "--json",
    ]);
    let left: Value = serde_json::from_str(&left).unwrap();
    assert_eq!(left.as_array().unwrap().len(), 4);
    assert_eq!(
        left[0],
        json!({"site": 1_749_399, "user": 1920, "result": "unassigned"})
    );
    assert!(
        !linked(&service, Relation::UserSite, 1920, MAILCHIMP)
            && !linked(&service, Relation::GroupSite, 5719, MAILCHIMP)
    );
    run(&["site", "unassign", "1749399", "--user", "1918"]);
    assert_eq!(
        service.asked(),
        ("POST /rest/sites/1749399/users".to_owned(), json!({"unassign": 1918}))
    );
}

#[test]
fn forms_say_the_same_as_json() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let args = [
        "site", "assign", "1749399", "--user", "1918", "--user", "1919", "--form",
    ];
    service.zkv(&desk, &args).assert().success();
    let sent = service.conditions().requests().pop().unwrap();
    assert_eq!(sent.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(service.asked().1, json!({"assign": ["1918", "1919"]}));
    assert!(linked(&service, Relation::UserSite, 1919, MAILCHIMP));
}

#[test]
fn privileges_are_shown_and_changed() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let shown = stdout(&mut service.zkv(&desk, &["site", "privileges", "1749412", "--user", "1917"]));
    assert_eq!(shown, "1749412\tuser 1917\tyes\tyes\tno\tread\n");
    assert_eq!(
        service.asked(),
        (
            "POST /rest/sites/1749412/users".to_owned(),
            json!({"privileges": [1917]})
        )
    );
    let before = service.organisation();

    let change = [
        "site",
        "privileges",
        "1749412",
        "1749398",
        "--user",
        "1917",
        "--allow",
        "read,delete",
        "--deny",
        "update",
    ];
    let refused = service.zkv(&desk, &change).assert().code(5);
    assert!(String::from_utf8_lossy(&refused.get_output().stderr).contains("--yes"));
    assert!(service.organisation() == before, "nothing without a confirmation");
    let done = stdout(service.zkv(&desk, &change).arg("--yes"));
    assert_eq!(done, "1749412\tuser 1917\tchanged\n1749398\tuser 1917\tchanged\n");
    let sent = json!({"privileges": [1_749_412, 1_749_398], "read": 1, "update": -1, "delete": 1});
    assert_eq!(service.asked(), ("POST /rest/users/1917/sites".to_owned(), sent));
    let organisation = service.organisation();
    let rights = organisation.rights(Relation::UserSite, 1917, seed::GITHUB).unwrap();
    assert!(rights.has(Right::Read) && rights.has(Right::Delete) && !rights.has(Right::Update));

    // The same at the group's and the site's own endpoint.
    let group = [
        "site",
        "privileges",
        "1749415",
        "--group",
        "5719",
        "--allow",
        "delete",
        "--yes",
    ];
    service.zkv(&desk, &group).assert().success();
    assert_eq!(
        service.asked(),
        (
            "POST /rest/sites/1749415/groups".to_owned(),
            json!({"privileges": [5719], "delete": 1})
        )
    );
    let groups = ["site", "privileges", "1749415", "1749416", "--group", "5719", "--json"];
    let told = json_of(&mut service.zkv(&desk, &groups));
    assert_eq!(service.asked().0, "POST /rest/groups/5719/sites");
    assert_eq!(told[0]["delete"], json!(true));
    assert_eq!(told[0]["inherited"]["read"], json!(false));
}

#[test]
fn what_contradicts_itself_is_refused_before_anything_is_sent() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let cases: [&[&str]; 8] = [
        &[
            "site",
            "privileges",
            "1",
            "--user",
            "2",
            "--allow",
            "read",
            "--deny",
            "read",
            "--yes",
        ],
        &["site", "privileges", "1", "--user", "2", "--allow", "create", "--yes"],
        &["site", "privileges", "1", "--user", "2", "--allow", "own", "--yes"],
        &["site", "privileges", "1", "--allow", "read", "--yes"],
        &["site", "assign", "1"],
        &["site", "assign", " ", "--user", "1"],
        &["site", "assign", "-", "--user", "1"],
        &["site", "list", "--user", "1", "--group", "2"],
    ];
    for args in cases {
        service.zkv(&desk, args).write_stdin("").assert().code(2);
    }
    assert!(service.conditions().requests().is_empty());
}

#[test]
fn one_wrong_id_does_not_stop_the_others() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let ids: String = (1_749_398..=1_749_403)
        .chain([7])
        .map(|id| format!("{id}\tname\n"))
        .collect();
    let mut zkv = service.zkv(&desk, &["site", "assign", "-", "--user", "1923"]);
    let partly = zkv.write_stdin(ids.clone()).assert().code(11);
    let output = partly.get_output();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert_eq!(shown.matches("\tassigned\n").count(), 6, "{shown}");
    assert!(
        shown.contains("7\tuser 1923\tfailed: the service says: there is no site 7\n"),
        "{shown}"
    );
    assert!(String::from_utf8_lossy(&output.stderr).contains("1 of 7 were not done"));
    assert_eq!(
        service
            .organisation()
            .linked(Relation::UserSite, Kind::User, 1923)
            .len(),
        6
    );

    let mut zkv = service.zkv(&desk, &["site", "assign", "-", "--user", "1923", "--json"]);
    let again = zkv.write_stdin(ids).assert().code(11);
    let rows: Value = serde_json::from_slice(&again.get_output().stdout).unwrap();
    let failed = json!({"site": 7, "user": 1923, "result": "failed", "code": "not-found",
        "message": "the service says: there is no site 7"});
    assert_eq!(rows[6], failed);
    let error: Value = serde_json::from_slice(&again.get_output().stderr).unwrap();
    assert_eq!(error["code"], "partly-failed");

    // Where the holder is to blame, one request tells.
    let before = service.conditions().requests().len();
    let mut zkv = service.zkv(&desk, &["site", "assign", "1749398", "1749399", "--user", "7"]);
    zkv.assert().code(3);
    let requests = service.conditions().requests().len() - before;
    assert_eq!(requests, 3, "a token, the attempt, and a look at the user");
}
