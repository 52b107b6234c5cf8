//! Tests of the models: the page's samples, members nobody knows, and faults.

use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::*;
use crate::value::EnvelopeError;

const SITES: &str = include_str!("../../tests/data/logmeonce-sites.json");
const USERS: &str = include_str!("../../tests/data/logmeonce-users.json");
const GROUPS: &str = include_str!("../../tests/data/logmeonce-groups.json");

fn read<T: DeserializeOwned>(json: &str) -> Result<T, String> {
    serde_json::from_str(json).map_err(|error| error.to_string())
}

/// Reads and writes; the text must come out as `serde_json` would write it, with every member in its place.
fn round_trip<T: DeserializeOwned + Serialize>(json: &str) -> String {
    let object: T = read(json).unwrap();
    serde_json::to_string(&object).unwrap()
}

/// The same text without white space, order kept. (`preserve_order` is on.)
fn compact(json: &str) -> String {
    read::<serde_json::Value>(json).unwrap().to_string()
}

#[test]
fn the_samples_of_the_api_page_round_trip_in_order() {
    assert_eq!(round_trip::<SiteList>(SITES), compact(SITES));
    assert_eq!(round_trip::<UserList>(USERS), compact(USERS));
    assert_eq!(round_trip::<GroupList>(GROUPS), compact(GROUPS));
}

#[test]
fn the_samples_of_the_api_page_are_read() {
    let sites: SiteList = read(SITES).unwrap();
    let site = &sites.sites[0];
    let login = site.login.as_ref().unwrap();
    assert_eq!(
        (site.id, site.name.as_deref(), site.updated),
        (1_749_398, Some("Google"), Some(1_586_452_560))
    );
    assert!(login.url.as_ref().unwrap().starts_with("https://accounts.google.com/"));
    assert_eq!(login.matches.as_ref().unwrap().trim.as_deref(), Some("@gmail.com"));
    assert_eq!(
        login.action.as_ref().unwrap().submit.as_deref(),
        Some("#identifierNext, #passwordNext")
    );
    let inputs = login.inputs.as_ref().unwrap();
    let context = inputs[1].context(site.id);
    assert_eq!(
        (context.input_type, context.input_name),
        ("password", r#"["password", "Passwd"]"#)
    );
    for input in inputs {
        let envelope = input.value.as_ref().unwrap().envelope().unwrap();
        assert_eq!(envelope.key_id().to_string(), "d87f7e0c");
    }

    let users: UserList = read(USERS).unwrap();
    let user = &users.users[0];
    assert_eq!(
        (user.id, user.active, user.confirmed, user.license),
        (1, Some(true), Some(false), Some(102))
    );
    let groups: GroupList = read(GROUPS).unwrap();
    assert_eq!(
        groups.groups.iter().map(|group| group.id).collect::<Vec<_>>(),
        [5717, 5719, 8762]
    );
}

#[test]
fn unknown_members_keep_their_letters_and_their_place() {
    let json = r#"{"z":1.0e+2,"id":7,"a":{"b": [1, 2 ],"b":"\/"},"name":null,"login":{"Url":"u","url":"v","inputs":[{"x":12345678901234567890123,"value":""}],"match":[]}}"#;
    assert_eq!(round_trip::<Site>(json), json);
}

#[test]
fn what_is_changed_stays_in_place_and_what_is_new_comes_last() {
    let mut site: Site = read(r#"{"name":"a","x":1,"id":7,"updated":5}"#).unwrap();
    site.name = Some("b".to_owned());
    site.updated = None;
    site.login = Some(Login::new());
    assert_eq!(
        serde_json::to_string(&site).unwrap(),
        r#"{"name":"b","x":1,"id":7,"updated":null,"login":{}}"#
    );
    let mut group = Group::new(1);
    group.name = Some("Sales".to_owned());
    assert_eq!(serde_json::to_string(&group).unwrap(), r#"{"id":1,"name":"Sales"}"#);
}

#[test]
fn an_empty_array_is_an_empty_object_until_something_is_set() {
    let mut site: Site = read(r#"{"id":1,"login":{"match":[],"action":[]}}"#).unwrap();
    let action = site.login.as_mut().and_then(|login| login.action.as_mut()).unwrap();
    action.submit = Some("#go".to_owned());
    assert_eq!(
        serde_json::to_string(&site).unwrap(),
        r##"{"id":1,"login":{"match":[],"action":{"submit":"#go"}}}"##
    );
}

#[test]
fn faulty_objects_are_refused() {
    let faults = [
        ("{}", "missing field `id`"),
        (r#"{"id":null}"#, "missing field `id`"),
        ("[]", "missing field `id`"),
        ("[1]", "an array is not an object"),
        (r#"{"id":1,"id":1}"#, "duplicate field \"id\""),
        (r#"{"id":1,"x":1,"\u0078":1}"#, "duplicate field \"x\""),
        (r#"{"id":-1}"#, "invalid type: integer `-1`, expected a whole number"),
        (r#"{"id":1,"login":1}"#, "invalid type: integer `1`, expected an object"),
        (r#"{"id":1,"login":{"inputs":{"a":{}}}}"#, "a member is no number"),
    ];
    for (json, expected) in faults {
        let error = read::<Site>(json).unwrap_err();
        assert!(error.starts_with(expected), "{json}: {error}");
    }
}

#[test]
fn many_members_cost_no_square() {
    let members: Vec<String> = (0..200_000).map(|number| format!("\"{number}\":0")).collect();
    let json = format!("{{\"id\":1,{}}}", members.join(","));
    assert_eq!(round_trip::<Site>(&json), json);
}

#[test]
fn an_input_takes_envelopes_only_and_keeps_what_the_service_sent() {
    assert_eq!(SealedValue::new("hunter2".to_owned()), Err(EnvelopeError::NotBase64));
    assert_eq!(SealedValue::new(String::new()), Err(EnvelopeError::Empty));
    let input: Input = read(r#"{"value":"hunter2"}"#).unwrap();
    assert_eq!(input.value.as_ref().unwrap().envelope(), Err(EnvelopeError::NotBase64));
    assert_eq!(serde_json::to_string(&input).unwrap(), r#"{"value":"hunter2"}"#);
    insta::assert_snapshot!(
        format!("{input:?}"),
        @"Input { flags: None, name: None, input_type: None, value: Some(SealedValue(7 characters)), members: [\"value\"] }"
    );
}

/// What services without types write, and what it can only mean.
#[test]
fn members_are_read_in_the_types_that_services_write() {
    let json = r#"{"id":"101","name":7,"updated":"1586452560","flags":"3","used":"0","image":false,"icon":null,"login":{
        "Url":"https://a.example","regex":false,"match":false,"action":"","inputs":{"2":{"name":5,"type":"text","value":""},
        "0":{"flags":true,"name":"[\"a\"]","value":null}}}}"#;
    let site = Site::from_json(json).unwrap();
    assert_eq!(
        (site.id, site.name.as_deref(), site.updated),
        (101, Some("7"), Some(1_586_452_560))
    );
    assert_eq!(
        (site.flags, site.used, &site.image, &site.icon),
        (Some(3), Some(0), &None, &None)
    );
    let login = site.login.as_ref().unwrap();
    assert_eq!((&login.regex, &login.matches, &login.action), (&None, &None, &None));
    let inputs = login.inputs.as_ref().unwrap();
    assert_eq!(inputs.len(), 2);
    assert_eq!((inputs[0].name.as_deref(), inputs[0].flags), (Some("[\"a\"]"), Some(1)));
    assert_eq!(inputs[1].name.as_deref(), Some("5"), "in the order of their numbers");
    let again = serde_json::to_string(&site).unwrap();
    assert_eq!(
        Site::from_json(&again).as_ref(),
        Ok(&site),
        "written in the page's types: {again}"
    );
    assert!(
        again.starts_with(r#"{"id":101,"name":"7","updated":1586452560,"#),
        "{again}"
    );

    let user = User::from_json(r#"{"id":7,"active":0,"confirmed":"1","license":"","zip":12345,"city":false}"#).unwrap();
    assert_eq!(
        (user.active, user.confirmed, user.license),
        (Some(false), Some(true), None)
    );
    assert_eq!((user.zip.as_deref(), &user.city), (Some("12345"), &None));
    for number in ["1586452560.75", "\"1586452560.0\"", "1.58645256e9", "\" 1586452560 \""] {
        let site = Site::from_json(&format!(r#"{{"id":1,"updated":{number}}}"#)).unwrap();
        assert_eq!(site.updated, Some(1_586_452_560), "{number}");
    }
}

/// A member that decides nothing is kept as it came where it cannot be read.
#[test]
fn what_is_only_shown_keeps_no_record_from_being_used() {
    let json = r#"{"id":1,"name":{"en":"x"},"image":[1],"used":-3,"login":null,"icon":"\ud83dx"}"#;
    let site = Site::from_json(json).unwrap();
    assert_eq!(
        (&site.name, &site.image, site.used, &site.login),
        (&None, &None, None, &None)
    );
    assert_eq!(site.icon.as_deref(), Some("\u{fffd}x"), "half of a surrogate pair");
    let written = serde_json::to_string(&site).unwrap();
    assert!(
        written.contains(r#""name":{"en":"x"},"image":[1],"used":-3"#),
        "{written}"
    );
    let mut named = site;
    named.name = Some("n".to_owned());
    assert!(
        serde_json::to_string(&named)
            .unwrap()
            .starts_with(r#"{"id":1,"name":"n","image":[1]"#)
    );
    let user = User::from_json(r#"{"id":2,"email":["a"],"active":"maybe","roles":[],"license":-1}"#).unwrap();
    assert_eq!((&user.email, user.active, user.license), (&None, None, None));
}

#[test]
fn an_odd_record_names_itself_and_the_member() {
    let cases = [
        (
            r#"{"id":101,"name":"Google","login":"x"}"#,
            "site 101 (\"Google\"): its member \"login\" is a text, not an object",
        ),
        (
            r#"{"id":1,"login":{"inputs":[{},{"value":{"v":1}}]}}"#,
            "site 1: its member \"login.inputs[1].value\" is an object, not a text",
        ),
        (
            r#"{"id":1,"login":{"inputs":{"0":{},"9":7}}}"#,
            "site 1: its member \"login.inputs[1]\" is a number, not an object",
        ),
        (
            r#"{"id":1,"login":{"inputs":true}}"#,
            "site 1: its member \"login.inputs\" is true or false, not a list",
        ),
        (
            r#"{"id":1,"login":{"Url":["a"]}}"#,
            "site 1: its member \"login.Url\" is a list, not a text",
        ),
        (
            r#"{"id":1,"flags":"soon"}"#,
            "site 1: its member \"flags\" is a text, not a whole number from 0 to 18446744073709551615",
        ),
        (
            r#"{"id":18446744073709551616,"name":"n"}"#,
            "a site without a usable id (\"n\"): its member \"id\" is a number, not a whole number from 0 to 18446744073709551615",
        ),
        (
            r#"{"id":-1}"#,
            "a site without a usable id: its member \"id\" is a number, not a whole number from 0 to 18446744073709551615",
        ),
        (
            r#"{"id":1.5e300}"#,
            "a site without a usable id: its member \"id\" is a number, not a whole number from 0 to 18446744073709551615",
        ),
        (
            r#"{"id":1.5}"#,
            "a site without a usable id: its member \"id\" is a number, not a whole number from 0 to 18446744073709551615",
        ),
        (
            r#"{"id":true}"#,
            "a site without a usable id: its member \"id\" is true or false, not a whole number from 0 to 18446744073709551615",
        ),
        (
            r#"{"id":"1.5"}"#,
            "a site without a usable id: its member \"id\" is a text, not a whole number from 0 to 18446744073709551615",
        ),
        (r#"{"name":"n"}"#, "a site without a usable id (\"n\"): it has no id"),
        (r#"{"id":1,"id":2}"#, "site 1: its member \"id\" is there twice"),
        (r#"{"id":1,"secret":1,"secret":2}"#, "site 1: it has a member twice"),
        (
            r#"{"id":1,"login":{"Url":"a","Url":"b"}}"#,
            "site 1: it has a member twice, in one of its objects",
        ),
        (
            r#"{"id":1,"login":{"inputs":[{"name":"\ud800"}]}}"#,
            "site 1: its member \"login.inputs[0].name\" is a text with half of a surrogate pair, not a text",
        ),
        ("5", "a site without a usable id: it is a number, not an object"),
        ("null", "a site without a usable id: it is null, not an object"),
        ("{", "a site without a usable id: it is not valid JSON"),
    ];
    for (json, expected) in cases {
        assert_eq!(Site::from_json(json).unwrap_err().to_string(), expected, "{json}");
    }
    let odd = User::from_json(r#"{"id":{},"email":"a@b.example"}"#).unwrap_err();
    assert_eq!(
        (odd.kind(), odd.id(), odd.name(), odd.member()),
        ("user", None, Some("a@b.example"), Some("id"))
    );
    let long = format!(r#"{{"id":1,"name":"{}","login":1}}"#, "x".repeat(10_000));
    assert!(Site::from_json(&long).unwrap_err().to_string().len() < 300);
}

proptest! {
    /// Whatever is in a record: it is read and means the same when written, or it is named.
    #[test]
    fn any_record_is_read_or_set_aside(
        members in prop::collection::btree_map(
            prop::sample::select(vec!["id", "name", "updated", "flags", "used", "image", "login", "x"]),
            prop_oneof![
                "-?[0-9]{1,25}(\\.[0-9]{1,3})?",
                "\"[a-z0-9]{0,4}\"",
                Just("\"\\ud83d\"".to_owned()),
                Just("true".to_owned()),
                Just("false".to_owned()),
                Just("null".to_owned()),
                Just("[]".to_owned()),
                Just("{}".to_owned()),
                Just("[[1]]".to_owned()),
                Just(r#"{"Url":7,"inputs":{"1":{"name":3}}}"#.to_owned()),
                Just(r#"{"inputs":[1]}"#.to_owned()),
            ],
            0..8,
        ),
    ) {
        let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let json = format!("{{{}}}", members.join(","));
        // A number such as 007 is no JSON.
        prop_assume!(serde_json::from_str::<&serde_json::value::RawValue>(&json).is_ok());
        match Site::from_json(&json) {
            Ok(site) => {
                let written = serde_json::to_string(&site).unwrap();
                let again = Site::from_json(&written).unwrap();
                prop_assert_eq!(serde_json::to_string(&again).unwrap(), written);
                prop_assert_eq!(again.id, site.id);
            }
            Err(odd) => prop_assert!(odd.member().is_some() || odd.reason() == "it has no id", "{json}: {odd}"),
        }
    }
}

/// An object of some of `known`, in any order, among members that nobody knows.
fn object(known: &'static [(&'static str, &'static str)]) -> impl Strategy<Value = String> {
    let some = prop::sample::subsequence(known, 0..=known.len()).prop_map(|members| {
        let pairs = members
            .into_iter()
            .map(|(key, value)| (key.to_string(), value.to_string()));
        pairs.collect::<Vec<_>>()
    });
    let value = prop_oneof![
        "-?[1-9]{1,30}(\\.[0-9]{1,3})?",
        "\"[a-z é]{0,5}\"",
        "\\[\\]|null|\\{\"id\": 1\\}"
    ];
    let unknown = prop::collection::btree_map("x[a-z]{0,3}", value, 0..5);
    let all = (some, unknown).prop_map(|(mut all, unknown)| {
        all.extend(unknown);
        all
    });
    all.prop_shuffle().prop_map(|members| {
        let members: Vec<_> = members
            .iter()
            .map(|(key, value)| format!("\"{key}\":{value}"))
            .collect();
        format!("{{{}}}", members.join(","))
    })
}

const INPUT: &[(&str, &str)] = &[
    ("flags", "3"),
    ("name", "\"[\\\"a\\\"]\""),
    ("type", "null"),
    ("value", "\"\""),
];
const USER: &[(&str, &str)] = &[
    ("email", "\"a@b\""),
    ("active", "true"),
    ("license", "102"),
    ("zip", "null"),
];

proptest! {
    #[test]
    fn members_among_unknown_ones_stay_in_order(input in object(INPUT), user in object(USER), action in object(&[])) {
        prop_assert_eq!(round_trip::<Input>(&input), input.as_str());
        let user = user.replacen('{', "{\"id\":1,", 1).replace(",}", "}");
        prop_assert_eq!(round_trip::<User>(&user), user.as_str());
        let site = format!(r#"{{"login":{{"action":{action},"inputs":[{input}]}},"id":1}}"#);
        prop_assert_eq!(round_trip::<SiteList>(&format!(r#"{{"a":1,"sites":[{site}]}}"#)), format!(r#"{{"a":1,"sites":[{site}]}}"#));
    }
}

#[test]
fn a_date_that_is_no_number_of_seconds_is_unknown_and_kept() {
    for date in [
        r#""2020-04-09T18:16:00Z""#,
        r#""2020-04-09 18:16:00""#,
        r#""0000-00-00 00:00:00""#,
        r#""\/Date(1586452560000)\/""#,
        r#""Thu, 09 Apr 2020 18:16:00 GMT""#,
        r#"{"date":"2020-04-09","timezone":"UTC"}"#,
        "-1",
    ] {
        let json = format!(r#"{{"id":1,"updated":{date},"name":"a"}}"#);
        let mut site = Site::from_json(&json).unwrap();
        assert_eq!(site.updated, None, "{date}");
        assert_eq!(serde_json::to_string(&site).unwrap(), json);
        site.name = Some("b".to_owned());
        assert_eq!(serde_json::to_string(&site).unwrap(), json.replace("\"a\"}", "\"b\"}"));
    }
}

#[test]
fn a_record_that_was_cut_off_is_named_by_what_is_whole() {
    for (start, said) in [
        (r#"{"id":7,"name":"Ba,nk","x":["#, "site 7 (\"Ba,nk\"): it is too long"),
        (r#"{"login":{"id":9,"a":"b"},"id":"7","x":"#, "site 7: it is too long"),
        (r#"{"x":"\\\"","id":7,"#, "site 7: it is too long"),
        (r#"{"id":7"#, "a site without a usable id: it is too long"),
        ("[1,2,", "a site without a usable id: it is too long"),
        ("", "a site without a usable id: it is too long"),
    ] {
        let odd = OddRecord::cut_off::<Site>(start.as_bytes(), "is too long");
        assert_eq!(odd.to_string(), said, "{start}");
    }
    let cut = [br#"{"id":7,"name":"B"#.as_slice(), b"\xc3"].concat();
    assert_eq!(OddRecord::cut_off::<Site>(&cut, "is too long").id(), Some(7));
    assert_eq!(
        OddRecord::new("object", None, "is odd").to_string(),
        "an object without a usable id: it is odd"
    );
    assert_eq!(
        OddRecord::not_utf8::<User>().to_string(),
        "a user without a usable id: it is not UTF-8"
    );
}
