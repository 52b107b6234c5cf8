//! Links to data repositories: "a link where you can access the SAS token", in whatever form it comes.

use serde_json::{Map, Value};
use zkvault_core::SecretText;
use zkvault_host::Address;

use super::answer::{Answer, SIGNATURE, is_named};
use crate::blob::SasUrl;
use crate::error::ClientError;

/// Objects that are looked into, one within the other.
const MAX_DEPTH: usize = 3;
/// Members that hold the address of a container.
const CONTAINERS: [&str; 8] = [
    "containerurl",
    "containeruri",
    "blobcontainerurl",
    "blobcontaineruri",
    "storagecontainerurl",
    "url",
    "uri",
    "link",
];
/// Members that hold the address of an account.
const ACCOUNTS: [&str; 9] = [
    "accounturl",
    "accounturi",
    "storageaccounturl",
    "storageaccounturi",
    "storageurl",
    "blobendpoint",
    "blobserviceurl",
    "bloburi",
    "endpoint",
];
/// The letters of everything but reading and listing.
const WRITING: &str = "acwdxytmeopi";

/// What a link to a data repository allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SasAccess {
    /// Listing and reading.
    ReadOnly,
    /// Everything.
    Full,
}

/// Reads a link: a text, in JSON or bare; or an object that holds it, or its parts.
///
/// A service on the network must not send this program to the services of this machine, so a link to the loopback
/// interface is refused unless the service is there itself.
pub(super) fn read(answer: &Answer, access: SasAccess, service_is_here: bool) -> Result<SasUrl, ClientError> {
    let url = link(answer)?;
    let leads_here = Address::parse(url.expose_secret()).is_ok_and(|address| address.host().is_loopback());
    if leads_here && !service_is_here {
        return Err(ClientError::malformed(
            "its link leads to this machine, and the service is not on it",
        ));
    }
    let url = SasUrl::parse(&url).map_err(|error| ClientError::malformed(error.to_string()))?;
    let allows_writing = url
        .permissions()
        .is_some_and(|letters| letters.contains(|letter| WRITING.contains(letter)));
    match access == SasAccess::ReadOnly && allows_writing {
        true => Err(ClientError::malformed(
            "only reading was asked for, and the link allows more",
        )),
        false => Ok(url),
    }
}

fn link(answer: &Answer) -> Result<SecretText, ClientError> {
    let text = answer.text()?.trim();
    if !answer.is_json() && !text.is_empty() {
        return Ok(SecretText::from(bare(text).to_owned()));
    }
    let found = match answer.json()? {
        Value::String(text) => Some(SecretText::from(text)),
        value => search(value, MAX_DEPTH),
    };
    found.ok_or_else(|| ClientError::malformed("it holds no link with a SAS token"))
}

/// A link that is no JSON: the text of an element, or between marks that are no part of it.
fn bare(text: &str) -> &str {
    let is_element = text.starts_with('<') && !text.starts_with("<http");
    let inner = || Some(text.split_once('>')?.1.rsplit_once("</")?.0);
    let text = inner().filter(|_| is_element).unwrap_or(text);
    text.trim_matches(|letter: char| {
        matches!(letter, '\u{2039}' | '\u{203a}' | '\u{ab}' | '\u{bb}') || letter.is_whitespace()
    })
}

/// A text that has a signature, what an object holds, or the same as the only item of a list.
fn search(value: Value, depth: usize) -> Option<SecretText> {
    match value {
        Value::String(text) if text.contains(SIGNATURE) => Some(SecretText::from(text)),
        Value::Object(members) => search_members(members, depth),
        Value::Array(items) if depth > 0 => match <[Value; 1]>::try_from(items) {
            Ok([item]) => search(item, depth - 1),
            Err(_) => None,
        },
        _ => None,
    }
}

/// The first text that is a whole link; or a link from its parts; or the same in an object within.
fn search_members(mut members: Map<String, Value>, depth: usize) -> Option<SecretText> {
    let is_link = |value: &Value| matches!(value, Value::String(text) if is_address(text) && text.contains(SIGNATURE));
    let name = members
        .iter()
        .find(|(_, value)| is_link(value))
        .map(|(name, _)| name.clone());
    if let Some(link) = name.and_then(|name| take(&mut members, &name)) {
        return Some(link);
    }
    if let Some(link) = from_parts(&mut members) {
        return Some(link);
    }
    let mut inner = members
        .into_iter()
        .filter(|(_, value)| depth > 1 && (value.is_object() || value.is_array()));
    inner.find_map(|(_, value)| search(value, depth - 1))
}

/// From the token, the container, and the account's address or name.
fn from_parts(members: &mut Map<String, Value>) -> Option<SecretText> {
    let is_token = |value: &Value| matches!(value, Value::String(text) if text.contains(SIGNATURE));
    let name = members
        .iter()
        .find(|(_, value)| is_token(value))
        .map(|(name, _)| name.clone())?;
    let token = take(members, &name)?;
    let token = token.expose_secret().trim_start_matches('?');
    let get = |names: &[&str]| {
        let mut texts = members.iter().filter(|(known, _)| is_named(known, names));
        texts.find_map(|(_, value)| value.as_str())
    };
    let whole = get(&CONTAINERS).filter(|address| is_address(address));
    if let Some(container) = whole {
        return Some(SecretText::from(format!("{}?{token}", container.trim_end_matches('/'))));
    }
    let container = get(&["containername", "container"])?;
    let account = get(&ACCOUNTS).map(|address| address.trim_end_matches('/').to_owned());
    let account = account.or_else(|| {
        let name = get(&["accountname", "storageaccountname", "storageaccount", "account"])?;
        let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_name.then(|| format!("https://{name}.blob.core.windows.net"))
    })?;
    Some(SecretText::from(format!("{account}/{container}?{token}")))
}

fn is_address(text: &str) -> bool {
    text.starts_with("https://") || text.starts_with("http://")
}

fn take(members: &mut Map<String, Value>, name: &str) -> Option<SecretText> {
    match members.remove(name) {
        Some(Value::String(text)) => Some(SecretText::from(text)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loome::answer::of;

    const TOKEN: &str = "sv=2025-11-05&sr=c&sp=rl&sig=CANARY%3D";
    const CONTAINER: &str = "https://acc.blob.core.windows.net/data";

    fn read_json(body: &str) -> Result<SasUrl, ClientError> {
        read(&of("application/json", body).unwrap(), SasAccess::ReadOnly, false)
    }

    #[test]
    fn links_are_found_in_every_form() {
        let escaped = TOKEN.replace('&', "\\u0026");
        let forms = [
            format!("\"{CONTAINER}?{TOKEN}\""),
            format!("\"{CONTAINER}?{escaped}\""),
            format!(r#"{{"sharedAccessSignature":"{CONTAINER}?{TOKEN}"}}"#),
            format!(r#"{{"data":{{"link":"{CONTAINER}?{escaped}","expires":"2030"}}}}"#),
            format!(r#"{{"url":"{CONTAINER}/","sasToken":"?{TOKEN}"}}"#),
            format!(r#"{{"accountName":"acc","containerName":"data","sasToken":"{TOKEN}"}}"#),
            format!(r#"["{CONTAINER}?{TOKEN}"]"#),
            format!(r#"[{{"url":"{CONTAINER}?{TOKEN}"}}]"#),
            format!(r#"{{"value":[{{"permissions":["r","l"],"url":"{CONTAINER}?{TOKEN}"}}]}}"#),
            format!(r#"{{"blobContainerUri":"{CONTAINER}","signature":"?{TOKEN}"}}"#),
            format!(
                r#"{{"storageAccountUrl":"https://acc.blob.core.windows.net","containerName":"data","sas":"{TOKEN}"}}"#
            ),
            format!(r#"{{"AccountUrl":"https://acc.blob.core.windows.net/","Container":"data","token":"{TOKEN}"}}"#),
        ];
        for form in forms {
            let url = read_json(&form).unwrap_or_else(|error| panic!("{error}: {form}"));
            assert_eq!(
                (url.to_string().as_str(), url.permissions()),
                (CONTAINER, Some("rl")),
                "{form}"
            );
        }
        let link = format!("{CONTAINER}?{TOKEN}");
        let in_html = link.replace('&', "&amp;");
        for bare in [
            format!("{link}\r\n"),
            format!("'{link}'"),
            format!("<{link}>"),
            format!("\u{2039}{link}\u{203a}"),
            format!(r#"<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">{in_html}</string>"#),
            format!("<?xml version=\"1.0\"?>\n<string>{in_html}</string>\n"),
        ] {
            let url = read(&of("text/plain", &bare).unwrap(), SasAccess::ReadOnly, false);
            let url = url.unwrap_or_else(|error| panic!("{error}: {bare}"));
            assert_eq!(
                (url.to_string().as_str(), url.permissions()),
                (CONTAINER, Some("rl")),
                "{bare}"
            );
        }
    }

    #[test]
    fn what_holds_no_link_is_refused_without_being_quoted() {
        for body in [
            "null",
            "[]",
            "{}",
            "\"CANARY\"",
            r#"["CANARY"]"#,
            r#"["https://a.blob.core.windows.net/c?sig=CANARY","https://a.blob.core.windows.net/c?sig=CANARY"]"#,
            r#"{"token":"sig=CANARY"}"#,
            r#"{"token":"sig=CANARY","container":"c"}"#,
            r#"{"token":"sig=CANARY","container":"c","account":"evil.example/"}"#,
            r#"{"url":"http://evil.example/c?sig=CANARY"}"#,
            r#"{"a":{"b":{"c":{"url":"https://a.blob.core.windows.net/c?sig=CANARY"}}}}"#,
        ] {
            let error = read_json(body).unwrap_err();
            assert!(!error.to_string().contains("CANARY"), "{error}: {body}");
        }
    }

    #[test]
    fn a_link_must_not_allow_more_than_was_asked_for() {
        let body = format!("\"{CONTAINER}?{}\"", TOKEN.replace("sp=rl", "sp=rlw"));
        assert!(read_json(&body).is_err());
        assert!(read(&of("application/json", &body).unwrap(), SasAccess::Full, false).is_ok());
    }

    #[test]
    fn only_a_service_of_this_machine_leads_to_it() {
        for host in ["127.0.0.1:10000", "localhost:10000", "[::1]:10000", "127.9.9.9"] {
            let answer = of("application/json", &format!("\"http://{host}/acc/data?{TOKEN}\"")).unwrap();
            assert!(read(&answer, SasAccess::ReadOnly, false).is_err(), "{host}");
            assert!(read(&answer, SasAccess::ReadOnly, true).is_ok(), "{host}");
            let answer = of("application/json", &format!("\"https://{host}/acc/data?{TOKEN}\"")).unwrap();
            assert!(read(&answer, SasAccess::ReadOnly, false).is_err(), "{host}");
        }
    }
}
