//! The same data in XML.

use quick_xml::Reader;
use quick_xml::events::Event;
use reqwest::Method;
use reqwest::header::ACCEPT;
use serde_json::json;
use zkvault_test_support::send;

use crate::world::World;

/// The texts of the elements at a path, joined by `/`.
fn texts(xml: &str, path: &str) -> Vec<String> {
    let mut reader = Reader::from_str(xml);
    let (mut at, mut found) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                at.push(tag.name().as_ref().to_owned());
                if at.join("/") == path {
                    found.push(String::new());
                }
            }
            Event::End(_) => drop(at.pop()),
            Event::Text(text) if at.join("/") == path => found.last_mut().unwrap().push_str(&text),
            Event::GeneralRef(name) if at.join("/") == path => {
                let text = quick_xml::escape::resolve_predefined_entity(&name).unwrap();
                found.last_mut().unwrap().push_str(text);
            }
            Event::Eof => return found,
            _ => {}
        }
    }
}

#[tokio::test]
async fn lists_hold_the_same_in_xml_and_in_json() {
    let world = World::demo().await;
    for (list, item, member) in [
        ("sites", "site", "name"),
        ("users", "user", "email"),
        ("groups", "group", "name"),
    ] {
        let path = format!("/rest/{list}");
        let json = world.get(&path).await.json();
        let xml = world.get_xml(&path).await;
        assert_eq!(xml.header("content-type"), "application/xml");
        let expected: Vec<_> = json[list]
            .as_array()
            .unwrap()
            .iter()
            .map(|item| item[member].as_str().unwrap())
            .collect();
        assert_eq!(texts(xml.text(), &format!("response/{list}/{item}/{member}")), expected);
    }
    let json = world.get("/rest/sites/1749398").await.json();
    let got = world.get_xml("/rest/sites/1749398").await;
    let xml = got.text();
    assert_eq!(
        texts(xml, "response/login/regex"),
        [json["login"]["regex"].as_str().unwrap()]
    );
    assert_eq!(
        texts(xml, "response/login/inputs/input/name"),
        [r#"["identifier", "Email"]"#, r#"["password", "Passwd"]"#]
    );
}

#[tokio::test]
async fn errors_and_results_come_in_xml_too() {
    let world = World::demo().await;
    let got = world.get_xml("/rest/sites/1").await;
    assert_eq!((got.status, got.header("content-type")), (404, "application/xml"));
    assert_eq!(texts(got.text(), "response/error"), ["not_found"]);
    let request = world
        .request(Method::POST, "/rest/users/1917/sites")
        .header(ACCEPT, "application/xml");
    let got = send(request.json(&json!({"privileges": [1_749_412]}))).await;
    assert_eq!(
        texts(got.text(), "response/privileges/privilege/inherited/read"),
        ["true"]
    );
}
