//! From a tree to the JSON that the same answer would be. XML has no types: the known members have theirs from here.

use serde_json::{Map, Value};

use super::{Element, malformed};
use crate::document::json::{self, Kind};
use crate::error::ClientError;
use crate::refusal;

/// What an element stands for.
enum Type {
    Number,
    Flag,
    Text,
    List(&'static Type),
    /// The members whose type is known; the others are [`Unknown`](Type::Unknown).
    Object(&'static [(&'static str, Type)]),
    /// Whatever it looks like.
    Unknown,
}

const INPUT: Type = Type::Object(&[
    ("flags", Type::Number),
    ("name", Type::Text),
    ("type", Type::Text),
    ("value", Type::Text),
]);

const LOGIN: Type = Type::Object(&[
    ("Url", Type::Text),
    ("regex", Type::Text),
    ("inputs", Type::List(&INPUT)),
    ("match", Type::Object(&[("username", Type::Text), ("trim", Type::Text)])),
    ("action", Type::Object(&[("submit", Type::Text)])),
]);

const SITE: Type = Type::Object(&[
    ("id", Type::Number),
    ("name", Type::Text),
    ("updated", Type::Number),
    ("flags", Type::Number),
    ("image", Type::Text),
    ("icon", Type::Text),
    ("used", Type::Number),
    ("login", LOGIN),
]);

const USER: Type = Type::Object(&[
    ("id", Type::Number),
    ("active", Type::Flag),
    ("confirmed", Type::Flag),
    ("license", Type::Number),
    ("roles", Type::List(&Type::Unknown)),
]);

const GROUP: Type = Type::Object(&[("id", Type::Number)]);

const RIGHTS: Type = Type::Object(&[
    ("read", Type::Flag),
    ("update", Type::Flag),
    ("delete", Type::Flag),
    ("create", Type::Flag),
    ("assign", Type::Flag),
]);

const PRIVILEGE: Type = Type::Object(&[
    ("id", Type::Number),
    ("read", Type::Flag),
    ("update", Type::Flag),
    ("delete", Type::Flag),
    ("create", Type::Flag),
    ("assign", Type::Flag),
    ("inherited", RIGHTS),
]);

fn type_of(kind: Kind) -> &'static Type {
    match kind {
        Kind::Site => &SITE,
        Kind::User => &USER,
        Kind::Group => &GROUP,
        Kind::Privilege => &PRIVILEGE,
    }
}

impl Element {
    /// The list of a kind as a JSON array: the children of the element with the list's name, or of the root when
    /// it is the list itself.
    pub(crate) fn to_list(&self, kind: Kind) -> Result<String, ClientError> {
        let mut named = self.children.iter().filter(|child| child.name == kind.plural());
        let list = match (named.next(), named.next()) {
            (Some(list), None) => list,
            (None, _) if self.name == kind.plural() || self.children.iter().all(is_object) => self,
            (None, _) => match self.children.as_slice() {
                // What services put around it.
                [only] if json::is_envelope(&only.name) && !only.children.is_empty() => return only.to_list(kind),
                _ => return Err(malformed("its XML does not hold one list of what was asked for")),
            },
            _ => return Err(malformed("its XML does not hold one list of what was asked for")),
        };
        Ok(list.to_json(&Type::List(type_of(kind)))?.to_string())
    }

    /// The object of a kind as JSON: the root if it has an id, or else the root's only child.
    pub(crate) fn to_single(&self, kind: Kind) -> Result<String, ClientError> {
        let object = match self.children.as_slice() {
            [only] if is_object(only) => only,
            _ => self,
        };
        Ok(object.to_json(type_of(kind))?.to_string())
    }

    /// What stands beside the list of a kind.
    pub(crate) fn beside(&self, kind: Kind) -> Map<String, Value> {
        let mut beside = match self.children.as_slice() {
            _ if self.name == kind.plural() => Map::new(),
            [only] if json::is_envelope(&only.name) => only.beside(kind),
            _ => self
                .children
                .iter()
                .filter(|child| child.name != kind.plural())
                .map(|child| (child.name.clone(), child.described()))
                .collect(),
        };
        beside.extend(self.attributes());
        beside
    }

    /// As JSON, without knowing anything about it: with all attributes, with the name of a root that says something by
    /// it, such as `<error>`, and with everything that is there twice.
    pub(crate) fn to_document(&self) -> Value {
        let described = match self.described() {
            // Empty: it says nothing.
            Value::Null => Value::Object(Map::new()),
            Value::String(text) if text.trim().is_empty() => Value::Object(Map::new()),
            other => other,
        };
        match self.name.to_ascii_lowercase().as_str() {
            name if refusal::names_an_error(name) => {
                let member = match described {
                    Value::Object(members) if members.is_empty() => Value::Bool(true),
                    // What stands in an error is no word for none.
                    Value::String(text) => Value::Array(vec![text.into()]),
                    described => described,
                };
                Value::Object(Map::from_iter([("error".to_owned(), member)]))
            }
            "success" | "status" | "result" | "ok" => Value::Object(Map::from_iter([(self.name.clone(), described)])),
            _ => described,
        }
    }

    /// With its attributes as members, and with what it has several times as lists.
    fn described(&self) -> Value {
        let text = self.text.as_str();
        let mut members: Map<String, Value> = self.attributes().collect();
        for child in &self.children {
            add(&mut members, child.name.clone(), child.described());
        }
        match (members.is_empty(), text.trim().is_empty()) {
            (true, _) if self.closed => Value::Null,
            (true, _) => text.into(),
            (false, true) => members.into(),
            (false, false) => {
                add(&mut members, "text".to_owned(), text.into());
                members.into()
            }
        }
    }

    fn attributes(&self) -> impl Iterator<Item = (String, Value)> {
        let texts = self.attributes.iter();
        texts.map(|(name, value)| (name.clone(), Value::String(value.clone())))
    }

    fn to_json(&self, known: &Type) -> Result<Value, ClientError> {
        let text = self.text.trim();
        match known {
            _ if self.closed && !matches!(known, Type::List(_)) => Ok(Value::Null),
            Type::Number | Type::Flag if text.is_empty() => Ok(Value::Null),
            // What is no number stays a text, which the reader then refuses.
            Type::Number => Ok(text.parse::<u64>().map_or_else(|_| text.into(), Value::from)),
            Type::Flag => Ok(match text {
                "true" | "1" => true.into(),
                "false" | "0" | "-1" => false.into(),
                other => other.into(),
            }),
            Type::Text if self.children.is_empty() => Ok(self.text.as_str().into()),
            Type::List(item) => self.children.iter().map(|child| child.to_json(item)).collect(),
            Type::Object(members) => self.to_object(members),
            Type::Text | Type::Unknown => self.to_unknown(),
        }
    }

    fn to_object(&self, members: &'static [(&'static str, Type)]) -> Result<Value, ClientError> {
        let mut object = Map::new();
        for child in &self.children {
            let known = members.iter().find(|(name, _)| *name == child.name);
            let value = child.to_json(known.map_or(&Type::Unknown, |(_, known)| known))?;
            if object.insert(child.name.clone(), value).is_some() {
                return Err(malformed("its XML has a member twice"));
            }
        }
        Ok(object.into())
    }

    /// Without children a text; a list when the children have one name and are several, or that of items; otherwise
    /// an object.
    fn to_unknown(&self) -> Result<Value, ClientError> {
        let Some(first) = self.children.first() else {
            return Ok(self.text.as_str().into());
        };
        let alike = self.children.iter().all(|child| child.name == first.name);
        match alike && (self.children.len() > 1 || first.name == "item") {
            true => self.to_json(&Type::List(&Type::Unknown)),
            false => self.to_object(&[]),
        }
    }
}

/// Adds a member; several of one name become a list.
fn add(members: &mut Map<String, Value>, name: String, value: Value) {
    match members.get_mut(&name) {
        None => drop(members.insert(name, value)),
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

fn is_object(element: &Element) -> bool {
    element.children.iter().any(|child| child.name == "id")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::parse;
    use super::*;

    fn value(text: Result<String, ClientError>) -> Option<Value> {
        serde_json::from_str(&text.ok()?).ok()
    }

    fn list(xml: &str, kind: Kind) -> Option<Value> {
        value(parse(xml.as_bytes()).unwrap().to_list(kind))
    }

    #[test]
    fn the_items_of_a_list_may_have_any_name() {
        let expected = Some(json!([{"id": 1}, {"id": 2}]));
        for xml in [
            "<response><groups><group><id>1</id></group><group><id>2</id></group></groups></response>",
            "<r><total>2</total><groups><item><id> 1 </id></item><x><id>2</id></x></groups></r>",
            "<groups><a><id>1</id></a><a><id>2</id></a></groups>",
            "<r><a><id>1</id></a><a><id>2</id></a></r>",
            "<r><data><groups><g><id>1</id></g><g><id>2</id></g></groups></data></r>",
        ] {
            assert_eq!(list(xml, Kind::Group), expected, "{xml}");
        }
        for xml in ["<r><groups/></r>", "<r><groups></groups></r>", "<groups/>", "<r/>"] {
            assert_eq!(list(xml, Kind::Group), Some(json!([])), "{xml}");
        }
        for xml in [
            "<r><total>2</total></r>",
            "<r><groups/><groups/></r>",
            "<html><body>no</body></html>",
        ] {
            assert_eq!(list(xml, Kind::Group), None, "{xml}");
        }
    }

    #[test]
    fn known_members_have_their_types_and_others_stay() {
        let xml = "<r><users><user><id>7</id><active>true</active><confirmed>0</confirmed><license/><zip>00100</zip>\
                   <roles/><city></city><birthdate/><more><item>1</item></more><deep><a>1</a><b>2</b></deep></user></users></r>";
        let expected = json!([{
            "id": 7, "active": true, "confirmed": false, "license": null, "zip": "00100", "roles": [], "city": "",
            "birthdate": null, "more": ["1"], "deep": {"a": "1", "b": "2"},
        }]);
        assert_eq!(list(xml, Kind::User), Some(expected));
    }

    #[test]
    fn a_site_is_read_to_its_depth() {
        let xml = "<response><id>1</id><login><Url>https://a.example/?a=1&amp;b</Url><inputs><input><flags>3</flags>\
                   <name>[\"a\"]</name><value>Adh/</value></input></inputs><match></match></login></response>";
        let expected = json!({
            "id": 1,
            "login": {"Url": "https://a.example/?a=1&b", "inputs": [{"flags": 3, "name": "[\"a\"]", "value": "Adh/"}], "match": {}},
        });
        let bare = parse(xml.as_bytes()).unwrap();
        assert_eq!(value(bare.to_single(Kind::Site)), Some(expected.clone()));
        let wrapped = parse(format!("<r>{}</r>", xml.replace("response>", "site>")).as_bytes()).unwrap();
        assert_eq!(value(wrapped.to_single(Kind::Site)), Some(expected));
    }

    #[test]
    fn a_member_twice_is_refused() {
        assert_eq!(
            list("<r><groups><g><id>1</id><id>2</id></g></groups></r>", Kind::Group),
            None
        );
    }

    #[test]
    fn a_refusal_in_xml_is_one_in_every_spelling() {
        use crate::refusal::{Wanted, find};
        let refused = |xml: &str| find(&parse(xml.as_bytes()).unwrap().to_document(), Wanted::Change).is_some();
        for xml in [
            "<error>denied</error>",
            "<error/>",
            "<error code=\"403\"/>",
            "<response><error>denied</error></response>",
            "<response><errors><error>denied</error></errors></response>",
            "<response><success>false</success></response>",
            "<success>0</success>",
            "<response>false</response>",
            "<response status=\"error\"/>",
            "<rsp stat=\"fail\"><err code=\"98\" msg=\"denied\"/></rsp>",
            "<response><status>403</status><message>denied</message></response>",
            "<response><error>one</error><error>two</error></response>",
            "<response><message>a</message><error>denied</error><message>b</message></response>",
            "<response code=\"403\">Forbidden</response>",
            "<response><item><success>true</success></item><item><success>false</success></item></response>",
            "<response><result><status>failed</status><status>failed</status></result></response>",
            "<message type=\"error\">denied</message>",
            "<ApiError><Message>denied</Message></ApiError>",
            "<ns:Error xmlns:ns=\"urn:x\">no</ns:Error>",
            "<s:Envelope xmlns:s=\"u\"><s:Body><s:Fault><faultstring>denied</faultstring></s:Fault></s:Body></s:Envelope>",
        ] {
            assert!(refused(xml), "{xml}");
        }
        for xml in [
            "<response/>",
            "<response></response>",
            "<response><success>true</success></response>",
            "<success>1</success>",
            "<response>true</response>",
            "<response><error/></response>",
            "<response><errors></errors><status>ok</status></response>",
            "<rsp stat=\"ok\"/>",
            "<response><message>a</message><message>b</message></response>",
            "<response><error/><error></error></response>",
            "<message type=\"info\">User activated</message>",
            "<response><id>7</id><name>error</name><status>failed</status></response>",
        ] {
            assert!(!refused(xml), "{xml}");
        }
    }
}
