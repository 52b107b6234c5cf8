//! Documents as XML. The vendor does not publish its element names: these are a guess, told in the README.

use quick_xml::escape::escape;
use serde_json::Value;

const ROOT: &str = "response";
/// What an item of a list is called when the list has no known plural.
const ITEM: &str = "item";
/// What a member is called whose name cannot be an element's.
const MEMBER: &str = "member";

/// Writes a document under the root element `response`.
pub(crate) fn write(document: &Value) -> String {
    let mut output = String::from(r#"<?xml version="1.0" encoding="UTF-8"?>"#);
    element(&mut output, ROOT, document);
    output
}

fn element(output: &mut String, name: &str, value: &Value) {
    let (open, tag) = if is_name(name) {
        (name.to_owned(), name)
    } else {
        (format!(r#"{MEMBER} name="{}""#, text(name)), MEMBER)
    };
    if value.is_null() {
        output.push_str(&format!("<{open}/>"));
        return;
    }
    output.push_str(&format!("<{open}>"));
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| element(output, name, value)),
        Value::Array(items) => items.iter().for_each(|value| element(output, singular(name), value)),
        Value::String(string) => output.push_str(&text(string)),
        plain => output.push_str(&plain.to_string()),
    }
    output.push_str(&format!("</{tag}>"));
}

fn singular(list: &str) -> &'static str {
    match list {
        "sites" => "site",
        "users" => "user",
        "groups" => "group",
        "inputs" => "input",
        "roles" => "role",
        "privileges" => "privilege",
        _ => ITEM,
    }
}

/// Whether a member's name is surely an XML name too. Only ASCII ones are.
fn is_name(name: &str) -> bool {
    let mut letters = name.bytes();
    let first = letters
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_');
    first && letters.all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// Escaped, with the characters replaced that XML 1.0 cannot hold at all.
fn text(string: &str) -> String {
    let allowed = |letter: char| matches!(letter, '\t' | '\n' | '\r' | ' '..='\u{fffd}' | '\u{10000}'..);
    let kept: String = string
        .chars()
        .map(|letter| if allowed(letter) { letter } else { '\u{fffd}' })
        .collect();
    // A carriage return would be read back as a line feed.
    escape(&kept).replace('\r', "&#13;")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn body(document: Value) -> String {
        write(&document).replace(r#"<?xml version="1.0" encoding="UTF-8"?>"#, "")
    }

    #[test]
    fn lists_name_their_items() {
        let document = json!({"sites": [{"id": 1, "login": {"inputs": [{"flags": 3}], "match": {}}}], "more": [true]});
        assert_eq!(
            body(document),
            "<response><sites><site><id>1</id><login><inputs><input><flags>3</flags></input></inputs>\
             <match></match></login></site></sites><more><item>true</item></more></response>"
        );
    }

    #[test]
    fn what_xml_cannot_hold_is_escaped_or_replaced() {
        let document = json!({"a": "<&>\"'\r\n\u{0}\u{ffff}", "1 \"b\"": null, "scope": null});
        assert_eq!(
            body(document),
            "<response><a>&lt;&amp;&gt;&quot;&apos;&#13;\n\u{fffd}\u{fffd}</a>\
             <member name=\"1 &quot;b&quot;\"/><scope/></response>"
        );
    }
}
