//! Refusals under a status of 2xx: what a document says of itself, in the spellings of many services.
//!
//! The API's page shows no errors. A change that did not happen must not be taken for one that did, and a list that
//! was refused not for an account that lost its sites. What only looks like a refusal is none: `"error": null`,
//! `"errors": []`, `"success": 1`.

mod done;
mod names;
mod values;

use serde_json::{Map, Value};

pub(crate) use self::done::{Asked, unmade};
use self::names::{
    CODES, DEEDS, ENDED_TOKENS, ENVELOPES, ERRORS, LEFT_OUT, MESSAGES, OUTCOMES, REASONS, RECORD_NAMES, RESULTS,
    STATUSES,
};
#[cfg(feature = "xml")]
pub(crate) use self::values::names_an_error;
use self::values::{
    complains, denies, is_bad, is_failed, is_failure, is_good, is_no, is_of_errors, is_success, is_undone, number,
};
pub(crate) use self::values::{id, plain, says_something};
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
    let is_change = wanted == Wanted::Change;
    let leaves_out = || !is_named(members) && named(LEFT_OUT).any(says_something);
    if is_change && (leaves_out() || members.iter().any(is_failed_id)) {
        return true;
    }
    // An object of the API may have a state, a type or a description of its own.
    let is_record = is_record(members);
    let of_errors = members.iter().filter(|(name, _)| is_of_errors(name));
    if !is_record && of_errors.map(|(_, value)| value).any(says_something) {
        return true;
    }
    let is_value = wanted == Wanted::Value && !named(MESSAGES).any(says_something);
    let says_no = match is_record {
        true => is_change && of_outcome(members, named),
        false => !is_value && of_answer(members, named),
    };
    says_no
        || (depth > 1
            && inside(members, wanted).any(|value| match value {
                Value::Object(members) => of_object(members, wanted, depth - 1),
                Value::Array(items) => of_items(items, wanted, depth - 1),
                _ => false,
            }))
}

/// The members that are looked into.
fn inside(members: &Map<String, Value>, wanted: Wanted) -> impl Iterator<Item = &Value> {
    let is_inside = move |name: &str| {
        let known = plain(name);
        let known = known.as_str();
        let of_change = [OUTCOMES, DEEDS].iter().any(|names| names.contains(&known));
        ENVELOPES.contains(&known) || name.parse::<u64>().is_ok() || (wanted == Wanted::Change && of_change)
    };
    let members = members.iter().filter(move |(name, _)| is_inside(name));
    members.map(|(_, value)| value)
}

/// Whether an object is one of the API's: it has an id, which the id of a request is not, and a name.
fn is_record(members: &Map<String, Value>) -> bool {
    let id = members.iter().find(|(name, _)| plain(name) == "id");
    id.is_some_and(|(_, id)| number(id).is_some() || (says_something(id) && is_named(members)))
}

fn is_named(members: &Map<String, Value>) -> bool {
    let names = members
        .iter()
        .filter(|(name, _)| RECORD_NAMES.contains(&plain(name).as_str()));
    names
        .filter_map(|(_, value)| value.as_str())
        .any(|name| !name.trim().is_empty())
}

/// Whether a change says of one id that it failed, as in `{"101": false}`. An empty text, and 0, may say that there is no
/// error.
fn is_failed_id((name, value): (&String, &Value)) -> bool {
    let failed = match value {
        Value::Bool(truth) => !truth,
        Value::Number(number) => number.as_f64().is_some_and(|number| number < 0.0 || is_failure(number)),
        Value::String(text) => {
            let text = text.trim().to_ascii_lowercase();
            matches!(text.as_str(), "false" | "no" | "n") || is_failed(&text) || complains(&text)
        }
        _ => false,
    };
    failed && name.parse::<u64>().is_ok()
}

/// Whether an object with an id says how the change of one ended, and that it failed. One with a name may be the changed
/// object itself, whose state is not that of the change unless a reason stands beside it.
fn of_outcome<'a, I: Iterator<Item = &'a Value>>(
    members: &Map<String, Value>,
    named: impl Fn(&'static [&'static str]) -> I,
) -> bool {
    let says_why = named(REASONS).any(says_something);
    (says_why || !is_named(members)) && named(CODES).chain(named(RESULTS)).any(is_bad)
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
            [Value::Object(only)] => !only.keys().any(|name| plain(name) == "id") && of_object(only, wanted, 1),
            _ => false,
        },
    }
}

/// Whether what is an error says that a token is not, or no longer, good.
pub(crate) fn is_of_token(document: &Value) -> bool {
    kind(document) == ErrorKind::Unauthorized
}

/// What kind of refusal it is, where it has the number of one, or the word for a token that has ended.
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
        match value {
            Value::String(text) if named && ENDED_TOKENS.contains(&plain(text).as_str()) => Some(401),
            value => Some(number(value).filter(|code| named && is_failure(*code))? as u16),
        }
    });
    own.or_else(|| {
        (depth > 1)
            .then(|| members.values().find_map(|value| code(value, depth - 1)))
            .flatten()
    })
}

#[cfg(test)]
mod tests;
