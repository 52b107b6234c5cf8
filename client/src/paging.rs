//! Lists that come in parts: what a response says of the rest of its list, and how the rest is asked for.
//!
//! The APIs' pages know no parts. A service that gives them says so in one of many ways; where the form is known, and
//! leads to no other place, the rest is fetched. Otherwise the list is refused: half of one must not look like all.

use http::HeaderMap;
use serde_json::{Map, Value};
use zkvault_host::Address;

use crate::refusal::{plain, says_something};

/// Parts of a list that are fetched at most.
pub(crate) const MAX_PARTS: usize = 10_000;

/// Objects that hold what is said of a list.
const INSIDE: &[&str] = &[
    "meta",
    "metadata",
    "pagination",
    "paging",
    "paginator",
    "page",
    "pageinfo",
    "links",
    "cursor",
];
const LINKS: &[&str] = &[
    "next",
    "nextlink",
    "nextpage",
    "nextpageurl",
    "nexturl",
    "nexthref",
    "odatanextlink",
];
/// Ways to continue that only the service's own documentation could explain.
const TOKENS: &[&str] = &[
    "nextcursor",
    "nexttoken",
    "nextpagetoken",
    "continuationtoken",
    "endcursor",
    "cursor",
];
const MORE: &[&str] = &[
    "hasmore",
    "more",
    "hasnext",
    "hasnextpage",
    "ismore",
    "moreresults",
    "truncated",
    "istruncated",
    "incomplete",
];
const LAST: &[&str] = &["last", "islast", "islastpage"];
const TOTALS: &[&str] = &[
    "total",
    "totalcount",
    "totalresults",
    "totalitems",
    "totalrecords",
    "totalelements",
    "totalhits",
    "recordstotal",
    "count",
    "odatacount",
];
const PAGE: &[&str] = &["page", "currentpage", "pagenumber", "pageno", "number"];
const PAGES: &[&str] = &["pages", "totalpages", "pagecount", "numpages", "lastpage"];
const OFFSET: &[&str] = &["offset", "start", "skip", "startindex"];
const LIMIT: &[&str] = &["limit", "perpage", "pagesize", "pagelimit", "maxresults", "top"];

/// A part of a list, as far as it has been read.
pub(crate) struct Part<'a> {
    /// The members beside the list.
    pub(crate) beside: &'a Map<String, Value>,
    pub(crate) headers: &'a HeaderMap,
    /// Records of this part, and of those before it.
    pub(crate) records: u64,
    pub(crate) before: u64,
    /// Where the list is: origin, and the path's end.
    pub(crate) origin: &'a str,
    pub(crate) path: &'a str,
    /// What this part was asked for with, if it is not the first one.
    pub(crate) asked: Option<&'a Next>,
}

/// How the next part is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// By the query of a link that the service gave.
    Query(Vec<(String, String)>),
    /// By the number of a page, in a parameter of this name.
    Page { name: String, number: u64 },
    /// By the number of records before it, and the length that parts have.
    Offset {
        name: String,
        offset: u64,
        limit: Option<(String, u64)>,
    },
}

impl Next {
    /// The parameters, in place of those of the same name.
    pub(crate) fn parameters(&self) -> Vec<(String, String)> {
        match self {
            Self::Query(pairs) => pairs.clone(),
            Self::Page { name, number } => vec![(name.clone(), number.to_string())],
            Self::Offset { name, offset, limit } => {
                let limit = limit.as_ref().map(|(name, limit)| (name.clone(), limit.to_string()));
                [(name.clone(), offset.to_string())].into_iter().chain(limit).collect()
            }
        }
    }
}

/// What follows a part, or why its list cannot be read whole.
pub(crate) fn next(part: &Part<'_>) -> Result<Option<Next>, &'static str> {
    let said = Said::of(part.beside);
    check_place(part, &said)?;
    let link = link_header(part.headers).or_else(|| said.link());
    let read = part.before + part.records;
    let ended = said.truth(MORE) == Some(false) || said.truth(LAST) == Some(true) || said.ends_by_null();
    let total = said.number(TOTALS).or_else(|| total_header(part.headers));
    let page = said.number(PAGE);
    let more_pages = page
        .zip(said.number(PAGES))
        .is_some_and(|(page, pages)| page < pages && !(page == 0 && pages == 1));
    let goes_on = link.is_some()
        || said.has(TOKENS)
        || said.next_page().is_some()
        || said.truth(MORE) == Some(true)
        || said.truth(LAST) == Some(false)
        || more_pages
        || (!ended && total.is_some_and(|total| total > read));
    if !goes_on {
        return Ok(None);
    }
    if part.records == 0 {
        return Err("an empty part of the list says that more follows");
    }
    if let Some(link) = link {
        return query_of(&link, part).map(|query| Some(Next::Query(query)));
    }
    if said.has(TOKENS) {
        return Err("the rest of the list is behind a token whose use is not published");
    }
    let numbered = said.name(PAGE).zip(said.next_page().or(page.map(|page| page + 1)));
    if let Some((name, number)) = numbered {
        return Ok(Some(Next::Page { name, number }));
    }
    if let Some(name) = said.name(OFFSET) {
        let limit = said.name(LIMIT).zip(said.number(LIMIT));
        return Ok(Some(Next::Offset {
            name,
            offset: read,
            limit,
        }));
    }
    Err("more records follow, and it does not say how to get them")
}

/// Whether this is the part that was asked for: one in the middle is not the beginning of the list, and a service that
/// does not know the parameter gives the first part again.
fn check_place(part: &Part<'_>, said: &Said<'_>) -> Result<(), &'static str> {
    let (page, offset) = (said.number(PAGE), said.number(OFFSET));
    let fits = match part.asked {
        Some(Next::Page { number, .. }) => page == Some(*number),
        Some(Next::Offset { offset: asked, .. }) => offset == Some(*asked),
        Some(Next::Query(_)) => true,
        None => page.is_none_or(|page| page <= 1) && offset.is_none_or(|offset| offset <= 1),
    };
    match fits {
        true => Ok(()),
        false => Err("it is another part of the list than the one that was asked for"),
    }
}

/// Everything that is said of a list, wherever it stands.
struct Said<'a>(Vec<(&'a str, String, &'a Value)>);

impl<'a> Said<'a> {
    fn of(beside: &'a Map<String, Value>) -> Self {
        let mut all = Vec::new();
        Self::collect(beside, 2, &mut all);
        Self(all)
    }

    fn collect(members: &'a Map<String, Value>, depth: usize, all: &mut Vec<(&'a str, String, &'a Value)>) {
        for (name, value) in members {
            let known = plain(name);
            match value {
                Value::Object(inner) if depth > 0 && INSIDE.contains(&known.as_str()) => {
                    Self::collect(inner, depth - 1, all);
                }
                value => all.push((name, known, value)),
            }
        }
    }

    fn named(&self, names: &'static [&'static str]) -> impl Iterator<Item = &(&'a str, String, &'a Value)> {
        self.0.iter().filter(|(_, known, _)| names.contains(&known.as_str()))
    }

    fn number(&self, names: &'static [&'static str]) -> Option<u64> {
        self.named(names).find_map(|(_, _, value)| number(value))
    }

    /// The service's own spelling of a member that is a number.
    fn name(&self, names: &'static [&'static str]) -> Option<String> {
        let mut numbers = self.named(names).filter(|(_, _, value)| number(value).is_some());
        numbers.next().map(|(name, _, _)| (*name).to_owned())
    }

    fn truth(&self, names: &'static [&'static str]) -> Option<bool> {
        self.named(names).find_map(|(_, _, value)| match value {
            Value::Bool(truth) => Some(*truth),
            Value::Number(_) => number(value).filter(|number| *number < 2).map(|number| number == 1),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" => Some(true),
                "false" | "0" | "no" => Some(false),
                _ => None,
            },
            _ => None,
        })
    }

    fn has(&self, names: &'static [&'static str]) -> bool {
        self.named(names).any(|(_, _, value)| says_something(value))
    }

    fn link(&self) -> Option<String> {
        self.named(LINKS).find_map(|(_, _, value)| {
            let text = match value {
                Value::String(text) => text.as_str(),
                Value::Object(members) => members.get("href").or_else(|| members.get("url"))?.as_str()?,
                _ => return None,
            };
            let is_link = ["http://", "https://", "/", "?"]
                .iter()
                .any(|start| text.starts_with(start));
            is_link.then(|| text.to_owned())
        })
    }

    /// The number of the next page, where that is how it continues.
    fn next_page(&self) -> Option<u64> {
        self.named(LINKS)
            .find_map(|(_, _, value)| number(value))
            .filter(|number| *number > 0)
    }

    /// Whether a link to the next part is there, and says that there is none.
    fn ends_by_null(&self) -> bool {
        self.named(LINKS).next().is_some() && !self.has(LINKS)
    }
}

fn number(value: &Value) -> Option<u64> {
    match value {
        Value::Number(number) => number.as_u64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// The target of `Link: <…>; rel="next"` (RFC 8288).
fn link_header(headers: &HeaderMap) -> Option<String> {
    let values = headers.get_all(http::header::LINK).into_iter();
    let mut links = values.filter_map(|value| value.to_str().ok()).flat_map(links);
    links.find_map(|(target, parameters)| {
        let is_next = parameters.split(';').any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let value = value.trim().trim_matches('"').to_ascii_lowercase();
            name.trim().eq_ignore_ascii_case("rel") && value.split_whitespace().any(|rel| rel == "next")
        });
        is_next.then(|| target.to_owned())
    })
}

/// The links of one header: target and parameters. A target may have commas in it.
fn links(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value.split('<').skip(1).filter_map(|link| link.split_once('>'))
}

fn total_header(headers: &HeaderMap) -> Option<u64> {
    let plain = ["x-total-count", "x-total", "total-count"];
    let plain = plain
        .iter()
        .find_map(|name| headers.get(*name)?.to_str().ok()?.trim().parse().ok());
    // `items 0-24/66`
    let range = || {
        headers
            .get("content-range")?
            .to_str()
            .ok()?
            .rsplit_once('/')?
            .1
            .trim()
            .parse()
            .ok()
    };
    plain.or_else(range)
}

/// The parameters of a link to another part of the same list: the same origin, and the same path.
fn query_of(link: &str, part: &Part<'_>) -> Result<Vec<(String, String)>, &'static str> {
    const ELSEWHERE: &str = "the rest of the list is at another address, to which no token is sent";
    let (target, query) = link.split_once('?').unwrap_or((link, ""));
    let query = query.split('#').next().unwrap_or_default();
    let path = match target {
        "" => part.path.to_owned(),
        target if target.starts_with('/') && !target.starts_with("//") => target.to_owned(),
        target => {
            let address = Address::parse(target).map_err(|_| ELSEWHERE)?;
            if address.origin() != part.origin || address.names_user() {
                return Err(ELSEWHERE);
            }
            address.path().to_owned()
        }
    };
    if !path.trim_end_matches('/').ends_with(part.path) {
        return Err(ELSEWHERE);
    }
    let pairs = form_urlencoded::parse(query.as_bytes());
    Ok(pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::{HeaderName, LINK};

    use super::*;

    fn ask(
        json: &str,
        headers: &[(&'static str, &str)],
        asked: Option<&Next>,
    ) -> Result<Option<Vec<(String, String)>>, &'static str> {
        let beside: Map<String, Value> = serde_json::from_str(json).unwrap();
        let headers = headers
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()));
        let part = Part {
            beside: &beside,
            headers: &headers.collect(),
            records: 10,
            before: if asked.is_some() { 10 } else { 0 },
            origin: "https://a.example",
            path: "/rest/sites",
            asked,
        };
        Ok(next(&part)?.map(|next| next.parameters()))
    }

    fn next_of(json: &str) -> Option<String> {
        let pairs = ask(json, &[], None).unwrap()?;
        let pairs = pairs.iter().map(|(name, value)| format!("{name}={value}"));
        Some(pairs.collect::<Vec<_>>().join("&"))
    }

    #[test]
    fn a_whole_list_has_no_rest() {
        for json in [
            "{}",
            r#"{"total":10}"#,
            r#"{"total":9,"count":10}"#,
            r#"{"count":10,"next":null,"previous":null}"#,
            r#"{"total":50,"next":null}"#,
            r#"{"total":50,"has_more":false}"#,
            r#"{"page":1,"pages":1,"per_page":100}"#,
            r#"{"page":0,"total_pages":1,"last":true}"#,
            r#"{"offset":0,"limit":100,"total":"10"}"#,
            r#"{"links":{"next":null},"meta":{"current_page":1,"last_page":1,"total":10}}"#,
            r#"{"next_page_url":"","total":10}"#,
            r#"{"nextCursor":""}"#,
        ] {
            assert_eq!(next_of(json), None, "{json}");
        }
        assert_eq!(
            ask(
                "{}",
                &[("link", "</rest/sites?page=1>; rel=\"prev\""), ("x-total-count", "10")],
                None
            ),
            Ok(None)
        );
    }

    #[test]
    fn the_rest_is_asked_for_in_the_form_that_the_service_has() {
        for (json, query) in [
            (r#"{"next":"/rest/sites?page=2&x=a%26b"}"#, "page=2&x=a&b"),
            (r#"{"next":"https://a.example/rest/sites?page=2"}"#, "page=2"),
            (r#"{"next":"?cursor=abc"}"#, "cursor=abc"),
            (r#"{"_links":{"next":{"href":"/rest/sites?p=2"}}}"#, "p=2"),
            (
                r#"{"@odata.nextLink":"https://a.example/rest/sites?$skip=10"}"#,
                "$skip=10",
            ),
            (r#"{"page":1,"has_more":true}"#, "page=2"),
            (r#"{"page":"1","pages":"3"}"#, "page=2"),
            (r#"{"currentPage":1,"total":11}"#, "currentPage=2"),
            (r#"{"page":1,"next_page":2}"#, "page=2"),
            (r#"{"meta":{"pagination":{"page":1,"total":30}}}"#, "page=2"),
            (r#"{"number":0,"last":false,"totalPages":2}"#, "number=1"),
            (r#"{"offset":0,"limit":10,"total":25}"#, "offset=10&limit=10"),
            (r#"{"skip":0,"hasMore":1}"#, "skip=10"),
        ] {
            assert_eq!(next_of(json).as_deref(), Some(query), "{json}");
        }
        let link = (
            "link",
            "</rest/sites?page=9>; rel=last, </rest/sites?page=2,3>; title=x; rel=\"next\"",
        );
        let pairs = ask("{}", &[link], None).unwrap().unwrap();
        assert_eq!(pairs, [("page".to_owned(), "2,3".to_owned())]);
        assert_eq!(LINK.as_str(), "link");
    }

    #[test]
    fn a_rest_that_cannot_be_had_refuses_the_list() {
        for json in [
            r#"{"total":11}"#,
            r#"{"has_more":true}"#,
            r#"{"next":"https://evil.example/rest/sites?page=2"}"#,
            r#"{"next":"http://a.example/rest/sites?page=2"}"#,
            r#"{"next":"//evil.example/rest/sites?page=2"}"#,
            r#"{"next":"https://a.example@evil.example/rest/sites?page=2"}"#,
            r#"{"next":"/rest/users?page=2"}"#,
            r#"{"next_cursor":"abc"}"#,
            r#"{"page":2,"pages":2}"#,
            r#"{"offset":10,"limit":10}"#,
        ] {
            assert!(ask(json, &[], None).is_err(), "{json}");
        }
        assert!(ask("{}", &[("content-range", "items 0-9/66")], None).is_err());
        assert!(ask("{}", &[("x-total-count", "66")], None).is_err());
    }

    /// A service that does not know the parameter answers with the first part for ever.
    #[test]
    fn the_part_must_be_the_one_that_was_asked_for() {
        let page = Next::Page {
            name: "page".to_owned(),
            number: 2,
        };
        assert!(ask(r#"{"page":1,"pages":2}"#, &[], Some(&page)).is_err());
        assert!(ask("{}", &[], Some(&page)).is_err());
        assert_eq!(ask(r#"{"page":2,"pages":2}"#, &[], Some(&page)), Ok(None));
        let offset = Next::Offset {
            name: "offset".to_owned(),
            offset: 10,
            limit: None,
        };
        assert!(ask(r#"{"offset":0,"total":20}"#, &[], Some(&offset)).is_err());
        assert_eq!(ask(r#"{"offset":10,"total":20}"#, &[], Some(&offset)), Ok(None));
    }
}
