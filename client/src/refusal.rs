//! Refusals under a status of 2xx: what a document says of itself, in the spellings of many services.
//!
//! The API's page shows no errors. A change that did not happen must not be taken for one that did, and a list that
//! was refused not for an account that lost its sites. What only looks like a refusal is none: `"error": null`,
//! `"errors": []`, `"success": 1`.

use serde_json::{Map, Value};

use crate::error::ErrorKind;

/// Objects and lists that are looked into, one within the other.
const MAX_DEPTH: usize = 4;

/// There is an error, unless they say nothing.
const ERRORS: &[&str] = &[
    "error",
    "errors",
    "err",
    "errorcode",
    "errcode",
    "errno",
    "errormessage",
    "errormsg",
    "errmsg",
    "errordescription",
    "errorcount",
    "haserror",
    "haserrors",
    "iserror",
    "exception",
    "fault",
    "faultstring",
    "failure",
    "failures",
    "failed",
];
/// It worked, if they say so.
const SUCCESSES: &[&str] = &[
    "success",
    "succeeded",
    "successful",
    "issuccess",
    "issuccessful",
    "ok",
    "isok",
];
/// How it went; of an object of the API it could be a state of its own.
const STATUSES: &[&str] = &[
    "status", "stat", "state", "result", "outcome", "response", "type", "level",
];
const CODES: &[&str] = &[
    "code",
    "statuscode",
    "httpcode",
    "httpstatus",
    "resultcode",
    "responsecode",
    "status",
    "stat",
];
const MESSAGES: &[&str] = &[
    "message",
    "msg",
    "messages",
    "reason",
    "detail",
    "details",
    "description",
    "title",
    "text",
    "info",
];
/// What was asked for was done, unless they are `false`.
const DEEDS: &[&str] = &[
    "activated",
    "added",
    "assigned",
    "changed",
    "created",
    "deactivated",
    "deleted",
    "done",
    "joined",
    "removed",
    "saved",
    "unassigned",
    "updated",
];
/// What may be around the document proper.
const ENVELOPES: &[&str] = &[
    "data", "response", "result", "results", "body", "payload", "meta", "return", "d", "envelope",
];

/// Beginnings of words that say that something failed.
const FAILED: &[&str] = &[
    "err",
    "fail",
    "denied",
    "forbid",
    "unauth",
    "invalid",
    "reject",
    "refus",
    "exception",
    "fault",
    "nok",
    "not ok",
    "not_ok",
    "notok",
    "not found",
    "not_found",
    "notfound",
    "not allowed",
    "not_allowed",
    "not permitted",
    "bad request",
    "bad_request",
    "badrequest",
    "access denied",
    "access_denied",
    "accessdenied",
    "permission denied",
    "permission_denied",
];
/// What a message without anything else has in it when it is that of a failure.
const COMPLAINTS: &[&str] = &[
    "not allowed",
    "not permitted",
    "not authori",
    "not found",
    "not exist",
    "not enabled",
    "not possible",
    "not be ",
    "no permission",
    "denied",
    "forbidden",
    "unauthori",
    "invalid",
    "error",
    "fail",
    "cannot",
    "can't",
    "could not",
    "unable",
    "must ",
    "required",
    "refused",
    "rejected",
    "missing",
    "expired",
    "insufficient",
    "exceeded",
    "too many",
    "disabled",
    "unknown",
];

/// What a request wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// Something to be changed: also the parts of the response say whether it was.
    Change,
    /// Records to be read: they are not looked into.
    Records,
    /// A value to be read, which may be a bare one, or have a state of its own.
    Value,
}

/// Why a document refuses what was asked for, if it does.
pub(crate) fn find(document: &Value, wanted: Wanted) -> Option<ErrorKind> {
    let refused = match document {
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) if wanted == Wanted::Value => false,
        Value::Object(members) => of_object(members, wanted, MAX_DEPTH),
        Value::Array(items) => of_items(items, wanted, MAX_DEPTH),
        // A program that has nothing to say of a change has not made sure of it.
        Value::Null => wanted == Wanted::Change,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64().is_none_or(|number| number <= 0.0 || is_failure(number)),
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            is_no(&text) || is_failed(&text) || complains(&text)
        }
    };
    refused.then(|| kind(document))
}

fn of_object(members: &Map<String, Value>, wanted: Wanted, depth: usize) -> bool {
    let named = |names: &'static [&'static str]| {
        members
            .iter()
            .filter(move |(name, _)| names.contains(&plain(name).as_str()))
            .map(|(_, value)| value)
    };
    if named(ERRORS).any(says_something) || named(SUCCESSES).any(denies) {
        return true;
    }
    // An object of the API may have a state, a type or a description of its own.
    let is_record = members.keys().any(|name| name.eq_ignore_ascii_case("id"));
    let is_value = wanted == Wanted::Value && !named(MESSAGES).any(says_something);
    if !is_record && !is_value && of_answer(members, named) {
        return true;
    }
    depth > 1
        && members.iter().any(|(name, value)| {
            let inside = ENVELOPES.contains(&plain(name).as_str()) || name.parse::<u64>().is_ok();
            match value {
                Value::Object(members) if inside => of_object(members, wanted, depth - 1),
                Value::Array(items) if inside => of_items(items, wanted, depth - 1),
                _ => false,
            }
        })
}

/// Whether an object that is no record says that something failed.
fn of_answer<'a, I: Iterator<Item = &'a Value>>(
    members: &Map<String, Value>,
    named: impl Fn(&'static [&'static str]) -> I,
) -> bool {
    if named(STATUSES).any(is_bad) || named(DEEDS).any(|deed| deed == &Value::Bool(false)) {
        return true;
    }
    let has_message = named(MESSAGES).any(says_something);
    let codes: Vec<_> = named(CODES)
        .filter(|code| !code.is_object() && !code.is_array())
        .collect();
    if codes.iter().any(|code| number(code).is_some_and(is_failure)) {
        return true;
    }
    if has_message && codes.iter().any(|code| !is_good(code)) {
        return true;
    }
    // 0 and 1 mean one thing in one language and the other in another: then the words decide.
    let confirms = |value: &&Value| number(value).is_none_or(|number| number >= 200.0);
    let confirmed = named(SUCCESSES).next().is_some() || named(STATUSES).chain(codes).any(|value| confirms(&value));
    let says = |name: &str| [MESSAGES, CODES, STATUSES].iter().any(|names| names.contains(&name));
    let only_says = members.keys().all(|name| says(&plain(name)));
    // RFC 9457: a problem has a title and details.
    let is_problem = ["title", "detail"].iter().all(|name| members.contains_key(*name));
    let complaint = |value: &Value| value.as_str().is_some_and(|text| complains(&text.to_ascii_lowercase()));
    !confirmed && (is_problem || (only_says && named(MESSAGES).any(complaint)))
}

fn of_items(items: &[Value], wanted: Wanted, depth: usize) -> bool {
    let refused = |item: &Value| match item {
        Value::Object(members) => of_object(members, wanted, depth - 1),
        Value::Bool(truth) => !truth,
        _ => false,
    };
    match wanted {
        Wanted::Change => depth > 1 && items.iter().any(refused),
        // Some services put errors into a list of their own.
        Wanted::Records | Wanted::Value => match items {
            [Value::Object(only)] => !only.contains_key("id") && of_object(only, wanted, 1),
            _ => false,
        },
    }
}

/// A name without its case, `_` and `-`.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_ascii_alphanumeric());
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Whether a value stands for more than nothing.
pub(crate) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            !is_no(&text) && !matches!(text.as_str(), "ok" | "success" | "no error" | "no errors")
        }
        Value::Array(items) => items.iter().any(says_something),
        // A code of 0 says that there is no error, whatever stands beside it.
        Value::Object(members) => {
            let code = members.iter().find(|(name, _)| CODES.contains(&plain(name).as_str()));
            code.is_none_or(|(_, code)| !number(code).is_some_and(|code| code == 0.0))
                && members.values().any(says_something)
        }
    }
}

/// Whether a truth value is none, in any spelling.
fn denies(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64().is_none_or(|number| number <= 0.0 || is_failure(number)),
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            is_no(&text) || is_failed(&text)
        }
        Value::Array(_) | Value::Object(_) => false,
    }
}

/// Whether a status says that something failed.
fn is_bad(value: &Value) -> bool {
    match value {
        Value::Bool(truth) => !truth,
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            matches!(text.as_str(), "false" | "ko" | "no") || is_failed(&text)
        }
        _ => number(value).is_some_and(|number| number < 0.0 || is_failure(number)),
    }
}

/// Whether a code is one of success, or says nothing.
fn is_good(code: &Value) -> bool {
    match (number(code), code) {
        (Some(code), _) => code == 0.0 || code == 1.0 || (200.0..300.0).contains(&code),
        (None, Value::String(text)) => {
            let text = text.trim().to_ascii_lowercase();
            text.is_empty()
                || ["ok", "success", "succe", "done", "created", "accepted", "true"]
                    .iter()
                    .any(|good| text.starts_with(good))
        }
        (None, code) => !says_something(code) || code == &Value::Bool(true),
    }
}

/// A number, also one at the beginning of a text, as in `403 Forbidden`.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.split_whitespace().next()?.parse().ok(),
        _ => None,
    }
}

/// A status of HTTP that is an error.
fn is_failure(number: f64) -> bool {
    (400.0..600.0).contains(&number)
}

fn is_no(text: &str) -> bool {
    matches!(
        text,
        "" | "0" | "false" | "no" | "n" | "off" | "none" | "null" | "nil" | "undefined"
    )
}

fn is_failed(text: &str) -> bool {
    text == "ko" || FAILED.iter().any(|beginning| text.starts_with(beginning))
}

fn complains(text: &str) -> bool {
    COMPLAINTS.iter().any(|complaint| text.contains(complaint))
}

/// What kind of refusal it is, where it has the number of one.
fn kind(document: &Value) -> ErrorKind {
    match code(document, MAX_DEPTH) {
        Some(401) => ErrorKind::Unauthorized,
        Some(403) => ErrorKind::Forbidden,
        Some(404) => ErrorKind::NotFound,
        Some(409) => ErrorKind::Conflict,
        Some(429) => ErrorKind::RateLimited { retry_after: None },
        Some(500..) => ErrorKind::Server,
        _ => ErrorKind::Rejected,
    }
}

fn code(document: &Value, depth: usize) -> Option<u16> {
    let Value::Object(members) = document else { return None };
    let own = members.iter().find_map(|(name, value)| {
        let named = [CODES, ERRORS]
            .iter()
            .any(|names| names.contains(&plain(name).as_str()));
        let code = number(value).filter(|code| named && is_failure(*code))?;
        Some(code as u16)
    });
    own.or_else(|| {
        (depth > 1)
            .then(|| members.values().find_map(|value| code(value, depth - 1)))
            .flatten()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(json: &str, wanted: Wanted) -> bool {
        find(&serde_json::from_str(json).unwrap(), wanted).is_some()
    }

    /// However a service spells it.
    const REFUSALS: &[&str] = &[
        r#"{"error":"permission_denied","error_description":"denied"}"#,
        r#"{"Error":true}"#,
        r#"{"error":1}"#,
        r#"{"error":{"code":403,"message":"denied"}}"#,
        r#"{"errors":["denied"]}"#,
        r#"{"errors":[{"message":"denied"}]}"#,
        r#"{"errors":{"name":["is taken"]}}"#,
        r#"{"error_code":12}"#,
        r#"{"errorMessage":"denied"}"#,
        r#"{"hasErrors":true}"#,
        r#"{"success":false}"#,
        r#"{"success":0}"#,
        r#"{"success":"false"}"#,
        r#"{"success":"0"}"#,
        r#"{"success":"no"}"#,
        r#"{"success":null}"#,
        r#"{"Success":"False","id":7}"#,
        r#"{"ok":false}"#,
        r#"{"isSuccess":false}"#,
        r#"{"status":"error"}"#,
        r#"{"status":"fail"}"#,
        r#"{"status":"FAILED"}"#,
        r#"{"status":false}"#,
        r#"{"status":403}"#,
        r#"{"status":"403 Forbidden"}"#,
        r#"{"stat":"fail"}"#,
        r#"{"status":{"code":500,"message":"denied"},"error":{"code":500}}"#,
        r#"{"result":"error"}"#,
        r#"{"type":"error","message":"denied"}"#,
        r#"{"code":403,"message":"denied"}"#,
        r#"{"code":"permission_denied","message":"denied"}"#,
        r#"{"code":17,"msg":"denied"}"#,
        r#"{"title":"Forbidden","detail":"denied"}"#,
        r#"{"type":"about:blank","title":"Forbidden","status":403}"#,
        r#"{"message":"You are not allowed to do this"}"#,
        r#"{"status":0,"message":"You are not allowed to do this"}"#,
        r#"{"data":{"error":"denied"}}"#,
        r#"{"response":{"success":false}}"#,
        r#"{"data":{"result":{"status":"error"}}}"#,
        r#"[{"message":"denied","errorCode":"FORBIDDEN"}]"#,
        r#"{"results":[{"id":1,"success":true},{"id":2,"success":false}]}"#,
        r#"{"results":{"1":{"success":true},"2":{"error":"denied"}}}"#,
        r#"{"deleted":false}"#,
        r#"{"id":7,"error":"denied"}"#,
        "false",
        "null",
        "0",
        "-1",
        "403",
        r#""error""#,
        r#""false""#,
        r#""Access denied""#,
        r#""""#,
    ];

    /// What only looks like a refusal.
    const SUCCESSES: &[&str] = &[
        "{}",
        "[]",
        "true",
        "1",
        "200",
        r#""ok""#,
        r#""Deleted""#,
        r#"{"success":true}"#,
        r#"{"success":1}"#,
        r#"{"success":"true"}"#,
        r#"{"success":"1"}"#,
        r#"{"success":"Group created"}"#,
        r#"{"success":{"message":"done"}}"#,
        r#"{"error":null}"#,
        r#"{"error":""}"#,
        r#"{"error":false}"#,
        r#"{"error":0}"#,
        r#"{"error":"0"}"#,
        r#"{"error":[]}"#,
        r#"{"error":{}}"#,
        r#"{"error":{"code":0,"message":"OK"}}"#,
        r#"{"errors":[]}"#,
        r#"{"errors":[null]}"#,
        r#"{"errors":0,"success":true}"#,
        r#"{"status":"ok"}"#,
        r#"{"status":"success","message":"the user was removed, no error"}"#,
        r#"{"status":200}"#,
        r#"{"status":1}"#,
        r#"{"status":0}"#,
        r#"{"status":"inactive"}"#,
        r#"{"code":0,"message":"success"}"#,
        r#"{"code":200,"message":"OK"}"#,
        r#"{"code":"201","msg":"created"}"#,
        r#"{"message":"User deleted"}"#,
        r#"{"message":""}"#,
        r#"{"id":7,"name":"error","status":"failed","type":"error","description":"forbidden"}"#,
        r#"{"data":{"id":7,"name":"X"}}"#,
        r#"{"data":null}"#,
        r#"{"failed":[],"done":[1,2]}"#,
        r#"{"deleted":true}"#,
        r#"{"affected_rows":0}"#,
        r#"[{"id":1,"status":"error"}]"#,
    ];

    #[test]
    fn a_refusal_is_found_in_every_spelling() {
        for json in REFUSALS {
            assert!(refused(json, Wanted::Change), "{json}");
        }
    }

    #[test]
    fn what_only_looks_like_a_refusal_is_none() {
        for json in SUCCESSES {
            assert!(!refused(json, Wanted::Change), "{json}");
        }
    }

    #[test]
    fn records_are_not_looked_into_when_they_are_what_was_asked_for() {
        for json in [
            r#"{"users":[{"id":1,"error":"x","success":false}]}"#,
            r#"[{"id":1,"success":false}]"#,
            r#"{"users":[],"error":null,"success":true}"#,
            "null",
        ] {
            assert!(!refused(json, Wanted::Records), "{json}");
        }
        for json in [
            r#"{"users":[],"error":"permission_denied"}"#,
            r#"{"users":[],"success":false}"#,
            r#"{"status":"error","message":"denied"}"#,
            r#"[{"errorCode":"FORBIDDEN","message":"denied"}]"#,
            "false",
        ] {
            assert!(refused(json, Wanted::Records), "{json}");
        }
    }

    #[test]
    fn a_value_may_be_bare_and_have_a_state() {
        for json in [
            "false",
            "null",
            "0",
            r#""error""#,
            r#"{"state":"Failed","dnsName":"a"}"#,
            r#"{"nameAvailable":false,"message":"taken"}"#,
        ] {
            assert!(!refused(json, Wanted::Value), "{json}");
        }
        for json in [
            r#"{"error":"denied"}"#,
            r#"{"status":"error","message":"denied"}"#,
            r#"{"success":false}"#,
        ] {
            assert!(refused(json, Wanted::Value), "{json}");
        }
    }

    #[test]
    fn a_number_says_which_kind_of_refusal_it_is() {
        let kind = |json: &str| find(&serde_json::from_str(json).unwrap(), Wanted::Change);
        assert_eq!(kind(r#"{"error":{"code":403}}"#), Some(ErrorKind::Forbidden));
        assert_eq!(kind(r#"{"status":"404 Not Found"}"#), Some(ErrorKind::NotFound));
        assert_eq!(kind(r#"{"success":false,"code":409}"#), Some(ErrorKind::Conflict));
        assert_eq!(kind(r#"{"success":false,"code":12}"#), Some(ErrorKind::Rejected));
    }
}
