//! What the head of a response says of a list.

use std::borrow::Cow;

use http::HeaderMap;
use http::header::{CONTENT_RANGE, LINK};
use serde_json::{Map, Value};

/// Headers, and the members of a document that would say the same. That of a page is also the parameter that asks for one.
const MEMBERS: &[(&str, &str)] = &[
    ("x-total-count", "total"),
    ("x-total", "total"),
    ("total-count", "total"),
    ("x-total-results", "total"),
    ("x-wp-total", "total"),
    ("x-pagination-total-count", "total"),
    ("x-page", "page"),
    ("x-current-page", "page"),
    ("x-pagination-current-page", "page"),
    ("x-next-page", "next_page"),
    ("x-per-page", "per_page"),
    ("x-pagination-per-page", "per_page"),
    ("x-total-pages", "pages"),
    ("x-page-count", "pages"),
    ("x-pagination-page-count", "pages"),
    ("x-wp-totalpages", "pages"),
    ("x-has-more", "has_more"),
    ("x-next", "next"),
    ("x-next-link", "next_link"),
    ("x-next-cursor", "next_cursor"),
    ("x-next-token", "next_token"),
    ("x-continuation-token", "continuation_token"),
    ("x-ms-continuation", "continuation_token"),
    ("x-ms-continuationtoken", "continuation_token"),
];
/// The header that holds them as JSON.
const PAGINATION: &str = "x-pagination";

/// What the headers say, as members of a document.
pub(super) fn members(headers: &HeaderMap) -> Map<String, Value> {
    let known = MEMBERS.iter().filter_map(|(header, member)| {
        let text = text(headers.get(*header)?).trim().to_owned();
        Some(((*member).to_owned(), Value::String(text)))
    });
    let mut members: Map<String, Value> = known.collect();
    // `items 0-24/66`
    let range = headers.get(CONTENT_RANGE).map(text);
    if let Some((_, total)) = range.as_deref().and_then(|range| range.rsplit_once('/')) {
        members.insert("total_count".to_owned(), total.into());
    }
    let json = headers.get(PAGINATION).map(text);
    if let Some(Ok(said)) = json.map(|json| serde_json::from_str::<Map<String, Value>>(&json)) {
        members.insert("pagination".to_owned(), said.into());
    }
    members
}

/// The target of `Link: <…>; rel="next"` (RFC 8288).
pub(super) fn link(headers: &HeaderMap) -> Option<String> {
    let values: Vec<_> = headers.get_all(LINK).into_iter().map(text).collect();
    let mut links = values.iter().flat_map(|value| Links(value));
    links.find_map(|(target, parameters)| {
        let is_next = apart(parameters, ';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches(['"', '\'']).to_ascii_lowercase();
            name.trim().eq_ignore_ascii_case("rel") && value.split_whitespace().any(|rel| rel == "next")
        });
        is_next.then(|| target.to_owned())
    })
}

/// A header's value. Services put UTF-8 where only ASCII is allowed.
fn text(value: &http::HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// The links of one header: target and parameters. A target may have commas in it, and so may a text in quotation marks.
struct Links<'a>(&'a str);

impl<'a> Iterator for Links<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let (target, rest) = self.0.split_once('<')?.1.split_once('>')?;
        let parameters = apart(rest, ',').next().unwrap_or_default();
        self.0 = rest.get(parameters.len()..).unwrap_or_default();
        Some((target, parameters))
    }
}

/// The pieces between separators that are not in quotation marks.
fn apart(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |letter| {
        quoted ^= letter == '"';
        letter == separator && !quoted
    })
}
