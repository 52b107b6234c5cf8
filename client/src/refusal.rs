//! Refusals under a status of 2xx: what a document says of itself, in the spellings of many services.
//!
//! The API's page shows no errors. A change that did not happen must not be taken for one that did, and a list that
//! was refused not for an account that lost its sites. What only looks like a refusal is none: `"error": null`,
//! `"errors": []`, `"success": 1`.

mod names;

use serde_json::{Map, Value};

use self::names::{CODES, COMPLAINTS, DEEDS, ENVELOPES, ERRORS, FAILED, MESSAGES, STATUSES, SUCCESS, SUCCESSES};
use crate::error::ErrorKind;

/// Objects and lists that are looked into, one within the other.
const MAX_DEPTH: usize = 6;

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
    let successes = || {
        members
            .iter()
            .filter(|(name, _)| is_success(name))
            .map(|(_, value)| value)
    };
    if named(ERRORS).any(says_something) || successes().any(denies) {
        return true;
    }
    // An object of the API may have a state, a type or a description of its own. The id of a request makes none of it.
    let is_record = members
        .iter()
        .any(|(name, id)| name.eq_ignore_ascii_case("id") && number(id).is_some());
    let of_errors = members.iter().filter(|(name, _)| is_of_errors(name));
    if !is_record && of_errors.map(|(_, value)| value).any(says_something) {
        return true;
    }
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
    if named(STATUSES).any(is_bad) || named(DEEDS).any(is_undone) {
        return true;
    }
    let has_message = named(MESSAGES).any(says_something);
    let codes: Vec<_> = named(CODES)
        .filter(|code| !code.is_object() && !code.is_array())
        .collect();
    let is_failed_text = |code: &Value| {
        code.as_str()
            .is_some_and(|text| is_failed(&text.trim().to_ascii_lowercase()))
    };
    if codes
        .iter()
        .any(|code| is_failed_text(code) || number(code).is_some_and(is_failure))
    {
        return true;
    }
    if has_message && codes.iter().any(|code| !is_good(code)) {
        return true;
    }
    // 0 and 1 mean one thing in one language and the other in another: then the words decide.
    let confirms = |value: &&Value| number(value).is_none_or(|number| number >= 200.0);
    let confirmed =
        members.keys().any(|name| is_success(name)) || named(STATUSES).chain(codes).any(|value| confirms(&value));
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

/// Whether a member says that it worked, or that it did not.
fn is_success(name: &str) -> bool {
    let name = plain(name);
    SUCCESSES.contains(&name.as_str()) || SUCCESS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a name that is not in the list of [`ERRORS`] is that of an error.
fn is_of_errors(name: &str) -> bool {
    let name = plain(name);
    let begins_or_ends = name.starts_with("error")
        || ["error", "errors", "exception", "failure", "failures"]
            .iter()
            .any(|ending| name.ends_with(ending));
    let others = [
        "url", "uri", "page", "redirect", "link", "handling", "policy", "mode", "level",
    ];
    begins_or_ends && !others.iter().any(|ending| name.ends_with(ending))
}

/// Whether the name of a document is that of an error, such as `ApiError`.
#[cfg(feature = "xml")]
pub(crate) fn names_an_error(name: &str) -> bool {
    ERRORS.contains(&plain(name).as_str()) || is_of_errors(name)
}

/// Whether a value stands for more than nothing.
pub(crate) fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            let is_zero = text.bytes().all(|byte| byte == b'0');
            !is_no(&text) && !is_zero && !matches!(text.as_str(), "ok" | "success" | "no error" | "no errors")
        }
        Value::Array(items) => items.iter().any(is_said),
        // A code of 0 says that there is no error, whatever stands beside it.
        Value::Object(members) => {
            let code = members.iter().find(|(name, _)| CODES.contains(&plain(name).as_str()));
            code.is_none_or(|(_, code)| !number(code).is_some_and(|code| code == 0.0)) && members.values().any(is_said)
        }
    }
}

/// As [`says_something`], of what is inside: there a text is one, also a curt one.
fn is_said(value: &Value) -> bool {
    let is_no_alone = value
        .as_str()
        .is_some_and(|text| matches!(text.trim().to_ascii_lowercase().as_str(), "no" | "n"));
    is_no_alone || says_something(value)
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

/// Whether something that was asked for was not done. A number may count what there was to do.
fn is_undone(deed: &Value) -> bool {
    match deed {
        Value::Bool(truth) => !truth,
        Value::String(text) => matches!(text.trim().to_ascii_lowercase().as_str(), "false" | "no" | "n"),
        _ => false,
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
        Value::Array(items) => items.iter().any(is_bad),
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
        Value::String(text) => text.split_whitespace().next().and_then(whole),
        _ => None,
    }
}

/// A number in digits, of which a fraction counts nothing.
fn whole(text: &str) -> Option<f64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let number = whole.parse::<i64>().ok()?;
    let is_number = fraction.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(number as f64)
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
mod tests;
