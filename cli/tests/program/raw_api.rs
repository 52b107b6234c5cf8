//! `zkv api`: requests as they are given, answers as they come.

use serde_json::json;
use zkvault_simulator::{Fault, Kind, Relation};
use zkvault_test_support::{Desk, Service, json_of, stdout};

#[test]
fn answers_come_out_as_they_are() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let user = json_of(&mut service.zkv(&desk, &["api", "logmeonce", "GET", "/users/1917"]));
    assert_eq!(user["firstname"], "Mateus");
    let xml = stdout(&mut service.zkv(&desk, &["api", "logmeonce", "get", "/groups", "--accept", "xml"]));
    assert!(
        xml.starts_with('<') && xml.contains("<groups><group><id>5717</id>"),
        "{xml}"
    );
    let query = ["api", "logmeonce", "GET", "/sites", "--query", "search=mail & chimp"];
    service.zkv(&desk, &query).assert().success();
    assert_eq!(
        service.asked(),
        ("GET /rest/sites".to_owned(), json!({"search": "mail & chimp"}))
    );
    service
        .zkv(&desk, &["api", "logmeonce", "GET", "/groups", "-o", "groups.json"])
        .assert()
        .success()
        .stdout("");
    assert!(
        String::from_utf8(desk.read("groups.json"))
            .unwrap()
            .contains("Engineering")
    );
}

#[test]
fn an_answer_in_xml_is_no_json() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let xml = ["api", "logmeonce", "GET", "/groups", "--accept", "xml", "--json"];
    let refused = service.zkv(&desk, &xml).assert().code(2).stdout("");
    let error: serde_json::Value = serde_json::from_slice(&refused.get_output().stderr).unwrap();
    assert_eq!(error["code"], "usage");
    assert!(service.audit_log().is_empty());
}

#[test]
fn bodies_are_json_from_a_file_or_forms() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let path = "/groups/5719/users";
    let mut post = service.zkv(&desk, &["api", "logmeonce", "POST", path, "--data", "-"]);
    post.write_stdin(r#"{"add": [1919]}"#).assert().success();
    assert_eq!(
        service.asked(),
        ("POST /rest/groups/5719/users".to_owned(), json!({"add": [1919]}))
    );
    let form = [
        "api",
        "logmeonce",
        "POST",
        path,
        "--field",
        "add[]=1920",
        "--field",
        "add[]=1916",
    ];
    service.zkv(&desk, &form).assert().success();
    assert_eq!(service.asked().1, json!({"add": ["1920", "1916"]}));
    let members = service.organisation().linked(Relation::GroupUser, Kind::Group, 5719);
    assert_eq!(members, [1916, 1917, 1918, 1919, 1920]);
    let put = ["api", "logmeonce", "PUT", "/users/1917", "--field", "city=Łódź & more"];
    assert_eq!(json_of(&mut service.zkv(&desk, &put))["city"], "Łódź & more");
}

#[test]
fn errors_are_answers_with_an_exit_code() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let failed = service
        .zkv(&desk, &["api", "logmeonce", "GET", "/users/7"])
        .assert()
        .code(3);
    assert!(String::from_utf8_lossy(&failed.get_output().stdout).contains("there is no user 7"));
    service.conditions().inject(Fault::status(403), 1, "/rest");
    let args = ["api", "logmeonce", "GET", "/users", "-o", "users.json"];
    service.zkv(&desk, &args).assert().code(7);
    assert!(
        !desk.path("users.json").exists(),
        "an error is not what the file is for"
    );
    for path in [
        "users",
        "/users/../../oauth2/token",
        "/users?x=y",
        "https://evil.example/",
        "//evil.example/x y",
    ] {
        service.zkv(&desk, &["api", "logmeonce", "GET", path]).assert().code(2);
    }
}

#[test]
fn deletes_need_a_yes() {
    let desk = Desk::new();
    let service = Service::demo(&desk);
    let delete = ["api", "logmeonce", "DELETE", "/users/1917"];
    service.zkv(&desk, &delete).assert().code(5);
    assert!(service.conditions().requests().is_empty());
    service.zkv(&desk, &delete).arg("--yes").assert().success();
    assert!(service.organisation().get(Kind::User, 1917).is_none());
}
