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
        (r#"{"id":"1"}"#, "invalid type: string \"1\", expected u64"),
        (r#"{"id":-1}"#, "invalid value: integer `-1`, expected u64"),
        (r#"{"id":1,"login":1}"#, "invalid type: integer `1`, expected an object"),
        (
            r#"{"id":1,"login":{"inputs":{}}}"#,
            "invalid type: map, expected a sequence",
        ),
        (
            r#"{"id":1,"login":{"inputs":[{"value":1}]}}"#,
            "invalid type: integer `1`, expected a string",
        ),
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
