use super::*;

fn secret() -> SecretText {
    SecretText::from("the \"key\"".to_owned())
}

fn sent(call: &Call, encoding: Encoding) -> String {
    let (_, bytes) = call.encode(encoding).unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn calls_are_shown_as_they_are_sent() {
    let shown = [
        Call::sites(None).to_string(),
        Call::sites(Some("a b&c")).to_string(),
        Call::assign(Tie::UserSites, 1, &[2]).unwrap().to_string(),
        Call::unassign(Tie::GroupUsers, 1, &[2, 3]).unwrap().to_string(),
        Call::privileges(Tie::SiteGroups, 1, &[2]).unwrap().to_string(),
        Call::update_group(1, None, Some("a \"b\"")).unwrap().to_string(),
        Call::activate_user(1, Some(("key", secret()))).to_string(),
        Call::deactivate_user(1).to_string(),
        Call::raw(
            Method::PATCH,
            "/a",
            vec![],
            Some(RawBody::new(Encoding::Form, b"a=b".to_vec().into())),
        )
        .unwrap()
        .to_string(),
    ];
    let expected = [
        "GET /sites",
        "GET /sites?search=a+b%26c",
        r#"POST /users/1/sites {"assign":2}"#,
        r#"POST /groups/1/users {"remove":[2,3]}"#,
        r#"POST /sites/1/groups {"privileges":[2]}"#,
        r#"PUT /groups/1 {"description":"a \"b\""}"#,
        r#"POST /users/1/activate {"key":"[withheld]"}"#,
        "POST /users/1/deactivate",
        "PATCH /a (3 bytes of application/x-www-form-urlencoded)",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn both_encodings_say_the_same() {
    let rights = Rights::Sharing {
        read: Some(true),
        update: Some(false),
        delete: None,
    };
    let call = Call::set_privileges(Tie::UserSites, 1, &[2, 3], rights).unwrap();
    assert_eq!(
        sent(&call, Encoding::Json),
        r#"{"privileges":[2,3],"read":1,"update":-1}"#
    );
    assert_eq!(
        sent(&call, Encoding::Form),
        "privileges%5B%5D=2&privileges%5B%5D=3&read=1&update=-1"
    );
    let call = Call::activate_user(1, Some(("a key", secret())));
    assert_eq!(sent(&call, Encoding::Json), r#"{"a key":"the \"key\""}"#);
    assert_eq!(sent(&call, Encoding::Form), "a+key=the+%22key%22");
    assert!(Call::activate_user(1, None).encode(Encoding::Json).is_none());
}

#[test]
fn json_is_json_whatever_the_texts() {
    let group = Call::create_group("\u{1}\"\\ü", Some(""));
    let value: serde_json::Value = serde_json::from_str(&sent(&group, Encoding::Json)).unwrap();
    assert_eq!(value, serde_json::json!({"name": "\u{1}\"\\ü", "description": ""}));
}

#[test]
fn calls_without_effect_are_not_made() {
    assert_eq!(Call::assign(Tie::UserSites, 1, &[]).unwrap_err(), CallError::NoIds);
    assert_eq!(Call::update_group(1, None, None).unwrap_err(), CallError::NoChange);
    assert_eq!(
        Call::update_user(1, &UserUpdate::default()).unwrap_err(),
        CallError::NoChange
    );
    let none = Rights::Membership {
        create: None,
        assign: None,
    };
    assert_eq!(
        Call::set_privileges(Tie::GroupUsers, 1, &[1], none).unwrap_err(),
        CallError::NoRights
    );
    assert_eq!(
        Call::set_privileges(Tie::UserSites, 1, &[1], none).unwrap_err(),
        CallError::OtherRights
    );
}

#[test]
fn raw_paths_stay_below_rest() {
    let taken = |path| Call::raw(Method::GET, path, vec![], None).is_ok();
    for path in ["/", "/sites", "/a%20b", "/a/...", "/.well", "//a"] {
        assert!(taken(path), "{path}");
    }
    for path in [
        "",
        "sites",
        "/..",
        "/a/../b",
        "/%2e%2E/x",
        "/.%2e",
        "/./a",
        "/a?b",
        "/a#b",
        "/a b",
        "/\\",
        "/ä",
    ] {
        assert!(!taken(path), "{path}");
    }
    assert!(!taken(&format!("/{}", "a".repeat(2048))));
}

#[test]
fn every_call_that_changes_something_says_what_and_holds_no_value() {
    let rights = Rights::Membership {
        create: Some(true),
        assign: Some(false),
    };
    let update = UserUpdate {
        city: Some("Bergen".to_owned()),
        ..UserUpdate::default()
    };
    let raw = |method: Method| Call::raw(method, "/a", vec![("q".to_owned(), "hush".to_owned())], None).unwrap();
    let changing = [
        Call::assign(Tie::UserSites, 1, &[2]).unwrap(),
        Call::unassign(Tie::GroupUsers, 1, &[2, 3]).unwrap(),
        Call::set_privileges(Tie::GroupUsers, 1, &[2], rights).unwrap(),
        Call::update_user(1, &update).unwrap(),
        Call::delete_user(1),
        Call::activate_user(1, Some(("key", SecretText::from("hush".to_owned())))),
        Call::deactivate_user(1),
        Call::create_group("Sales", None),
        Call::update_group(1, None, Some("hush")).unwrap(),
        raw(Method::PATCH),
    ];
    let shown: Vec<String> = changing
        .iter()
        .map(|call| serde_json::to_string(call.change().unwrap()).unwrap())
        .collect();
    let expected = [
        r#"{"do":"assign","tie":"user-sites","owner":1,"ids":[2]}"#,
        r#"{"do":"unassign","tie":"group-users","owner":1,"ids":[2,3]}"#,
        r#"{"do":"set-privileges","tie":"group-users","owner":1,"ids":[2],"allow":["create"],"deny":["assign"]}"#,
        r#"{"do":"update-user","id":1,"fields":["city"]}"#,
        r#"{"do":"delete-user","id":1}"#,
        r#"{"do":"activate-user","id":1,"with_key":true}"#,
        r#"{"do":"deactivate-user","id":1}"#,
        r#"{"do":"create-group","name":"Sales"}"#,
        r#"{"do":"update-group","id":1,"fields":["description"]}"#,
        r#"{"do":"other","method":"PATCH","path":"/a"}"#,
    ];
    assert_eq!(shown, expected);
    for asking in [
        Call::sites(None),
        Call::user(1),
        Call::tied(Tie::UserSites, 1),
        Call::privileges(Tie::UserSites, 1, &[2]).unwrap(),
        raw(Method::GET),
    ] {
        assert!(asking.change().is_none(), "{asking}");
    }
}
