//! What single values and names say: that something failed, that it did not, or nothing.

use serde_json::Value;

use super::names::{CODES, COMPLAINTS, FAILED, SUCCESS, SUCCESSES};

/// A name without its case, `_` and `-`.
pub(crate) fn plain(name: &str) -> String {
    let letters = name.chars().filter(|letter| letter.is_ascii_alphanumeric());
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

/// Whether a member says that it worked, or that it did not.
pub(super) fn is_success(name: &str) -> bool {
    let name = plain(name);
    SUCCESSES.contains(&name.as_str()) || SUCCESS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a name that is not in the list of errors is that of one.
pub(super) fn is_of_errors(name: &str) -> bool {
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
    super::names::ERRORS.contains(&plain(name).as_str()) || is_of_errors(name)
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
pub(super) fn denies(value: &Value) -> bool {
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
pub(super) fn is_undone(deed: &Value) -> bool {
    match deed {
        Value::Bool(truth) => !truth,
        Value::String(text) => matches!(text.trim().to_ascii_lowercase().as_str(), "false" | "no" | "n"),
        _ => false,
    }
}

/// Whether a status says that something failed.
pub(super) fn is_bad(value: &Value) -> bool {
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
pub(super) fn is_good(code: &Value) -> bool {
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

/// An id: a number from 0, also as a text.
pub(crate) fn id(value: &Value) -> Option<u64> {
    value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())
}

/// A number, also one at the beginning of a text, as in `403 Forbidden`.
pub(super) fn number(value: &Value) -> Option<f64> {
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
pub(super) fn is_failure(number: f64) -> bool {
    (400.0..600.0).contains(&number)
}

pub(super) fn is_no(text: &str) -> bool {
    matches!(
        text,
        "" | "0" | "false" | "no" | "n" | "off" | "none" | "null" | "nil" | "undefined"
    )
}

pub(super) fn is_failed(text: &str) -> bool {
    text == "ko" || FAILED.iter().any(|beginning| text.starts_with(beginning))
}

pub(super) fn complains(text: &str) -> bool {
    COMPLAINTS.iter().any(|complaint| text.contains(complaint))
}
