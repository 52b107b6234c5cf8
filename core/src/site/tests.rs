use super::*;
use crate::Coded as _;

fn site(inputs: &str) -> Site {
    serde_json::from_str(&format!(r#"{{"id":1,"login":{{"inputs":[{inputs}]}}}}"#)).unwrap()
}

fn form() -> Site {
    site(
        r#"{"name":"[\"identifier\", \"Email\"]","type":"text"},
           {"name":"[\"password\", \"Passwd\"]","type":"password"},
           {"name":"plain","type":"hidden"},
           {"name":"[1]","type":"hidden"},
           {"type":"otp"}"#,
    )
}

fn found(site: &Site, wanted: &str) -> Result<usize, &'static str> {
    find_field(site, wanted)
        .map(|field| field.index)
        .map_err(|error| error.code())
}

#[test]
fn fields_are_found_by_name_then_type_then_role() {
    let site = form();
    for (wanted, place) in [
        ("email", 0),
        ("IDENTIFIER", 0),
        (r#"["identifier", "Email"]"#, 0),
        ("text", 0),
        ("username", 0),
        ("User", 0),
        ("passwd", 1),
        ("password", 1),
        ("plain", 2),
        ("[1]", 3),
        ("otp", 4),
        ("input 1", 0),
        ("INPUT 5", 4),
    ] {
        assert_eq!(found(&site, wanted), Ok(place), "{wanted}");
    }
    assert_eq!(found(&site, "hidden"), Err("ambiguous-field"));
    assert_eq!(found(&site, "pin"), Err("no-such-field"));
    for nothing in [
        "", "input 0", "input 6", "input", "input -1", "input +1", "input 01", "input x",
    ] {
        assert_eq!(found(&site, nothing), Err("no-such-field"), "{nothing}");
    }
}

#[test]
fn url_is_the_address_of_the_site_unless_an_input_is_called_so() {
    let with = |inputs: &str| -> Site {
        serde_json::from_str(&format!(
            r#"{{"id":1,"login":{{"Url":"https://a.example/in","inputs":[{inputs}]}}}}"#
        ))
        .unwrap()
    };
    let plain = with(r#"{"name":"pin","type":"password"}"#);
    for wanted in ["url", "URL"] {
        assert!(
            matches!(find(&plain, wanted), Ok(Found::Address("https://a.example/in"))),
            "{wanted}"
        );
    }
    for input in [
        r#"{"name":"[\"server\",\"Url\"]","type":"text"}"#,
        r#"{"name":"server","type":"url"}"#,
    ] {
        let site = with(input);
        assert!(
            matches!(find(&site, "url"), Ok(Found::Input(Field { index: 0, .. }))),
            "{input}"
        );
    }
    let twice = with(r#"{"name":"url"},{"name":"URL"}"#);
    assert_eq!(find(&twice, "url").unwrap_err().code(), "ambiguous-field");
    let Err(FieldError::NotFound { fields, .. }) = find(&plain, "otp") else {
        panic!("it was found")
    };
    assert_eq!(fields, ["pin (password)", "url (the address of the site)"]);
    for without in [r#"{"id":1}"#, r#"{"id":1,"login":{"Url":""}}"#] {
        let site: Site = serde_json::from_str(without).unwrap();
        let Err(FieldError::NotFound { fields, .. }) = find(&site, "url") else {
            panic!("{without}")
        };
        assert!(fields.is_empty(), "{without}");
    }
}

#[test]
fn a_name_comes_before_a_type_and_two_user_names_are_none() {
    let site = site(r#"{"name":"password","type":"text"},{"name":"b","type":"password"},{"name":"c","type":"email"}"#);
    assert_eq!(found(&site, "password"), Ok(0));
    assert_eq!(found(&site, "username"), Err("ambiguous-field"));
}

#[test]
fn an_address_beside_the_user_name_is_not_taken_for_one() {
    let site = site(r#"{"name":"server","type":"url"},{"name":"login","type":"text"}"#);
    assert_eq!(found(&site, "username"), Ok(1));
}

#[test]
fn types_are_alike_in_upper_and_lower_case() {
    for (input_type, kind) in [
        ("text", FieldKind::Text),
        ("EMAIL", FieldKind::Text),
        ("Tel", FieldKind::Text),
        ("number", FieldKind::Text),
        ("password", FieldKind::Password),
        ("Password", FieldKind::Password),
        ("url", FieldKind::Text),
        ("Select", FieldKind::Choice),
        ("select-one", FieldKind::Choice),
        ("radio", FieldKind::Choice),
        ("checkbox", FieldKind::Choice),
        ("hidden", FieldKind::Other),
        ("passwords", FieldKind::Other),
        ("", FieldKind::Other),
    ] {
        assert_eq!(FieldKind::of_type(input_type), kind, "{input_type}");
    }
}

#[test]
fn names_are_read_as_the_vendor_writes_them() {
    for (name, names) in [
        (r#"["a","b"]"#, &["a", "b"][..]),
        (r#"["a",7,"",null,"b"]"#, &["a", "b"]),
        ("plain", &["plain"]),
        ("[1]", &["[1]"]),
        (r#"{"a":"b"}"#, &[r#"{"a":"b"}"#]),
        (r#""quoted""#, &[r#""quoted""#]),
        (r#"["cut"#, &[r#"["cut"#]),
        ("[]", &[]),
        ("", &[]),
    ] {
        assert_eq!(names_of(name), names, "{name}");
    }
}

#[test]
fn labels_and_lists_call_a_field_by_what_it_has() {
    let site = form();
    let labels: Vec<_> = fields(&site).map(|field| field.label()).collect();
    assert_eq!(labels, ["identifier", "password", "plain", "[1]", "otp"]);
    let unnamed = Input::default();
    let field = Field {
        index: 4,
        input: &unnamed,
    };
    assert_eq!(
        (field.label().as_str(), field.to_string().as_str()),
        ("input 5", "input 5 (no type)")
    );
    let error = find_field(&site, "pin").unwrap_err();
    let FieldError::NotFound { fields, .. } = &error else {
        panic!("{error}")
    };
    assert_eq!(fields[0], "identifier or Email (text)");
    assert_eq!(error.to_string(), r#"the site 1 has no field "pin""#);
}

#[test]
fn a_site_without_a_login_has_no_fields() {
    let site: Site = serde_json::from_str(r#"{"id":1}"#).unwrap();
    assert!(inputs(&site).is_empty());
    assert_eq!(found(&site, "password"), Err("no-such-field"));
}
