//! What the members of a document say of a list, in the names of many services.

use serde_json::{Map, Value};

use crate::refusal::{plain, says_something};

/// Objects that hold what is said of a list.
const INSIDE: &[&str] = &[
    "meta",
    "metadata",
    "pagination",
    "paging",
    "paginator",
    "pager",
    "page",
    "pageinfo",
    "pageable",
    "links",
    "cursor",
    "cursors",
    "listinfo",
    "resultinfo",
    "responsemetadata",
    "searchmetadata",
];
const LINKS: &[&str] = &[
    "next",
    "nextlink",
    "nextlinks",
    "nextpage",
    "nextpagelink",
    "nextpageurl",
    "nextpageuri",
    "nexturl",
    "nexturi",
    "nexthref",
    "odatanextlink",
];
/// What holds the address in a link that is an object.
const TARGETS: &[&str] = &["href", "url", "uri", "link"];
/// Ways to continue that only the service's own documentation could explain.
pub(super) const TOKENS: &[&str] = &[
    "nextcursor",
    "nexttoken",
    "nextpagetoken",
    "nextmarker",
    "nextoffset",
    "nextstart",
    "nextskip",
    "nextindex",
    "nextfrom",
    "nextkey",
    "nextid",
    "nextbatch",
    "nextrecordsurl",
    "continuation",
    "continuationtoken",
    "endcursor",
    "cursor",
    "marker",
    "scrollid",
    "bookmark",
    "resumptiontoken",
    "lastevaluatedkey",
];
pub(super) const MORE: &[&str] = &[
    "hasmore",
    "more",
    "hasnext",
    "hasnextpage",
    "hasmoreitems",
    "hasmorepages",
    "hasmorerecords",
    "hasmoreresults",
    "ismore",
    "moreavailable",
    "moreitems",
    "morepages",
    "morerecords",
    "moreresults",
    "remaining",
    "truncated",
    "istruncated",
    "incomplete",
    "incompleteresults",
];
pub(super) const LAST: &[&str] = &["last", "islast", "islastpage", "iscomplete"];
pub(super) const TOTALS: &[&str] = &[
    "total",
    "totalcount",
    "totalresults",
    "totalitems",
    "totalrecords",
    "totalrows",
    "totalelements",
    "totalhits",
    "totalfound",
    "recordstotal",
    "numfound",
    "count",
    "odatacount",
];
pub(super) const PAGE: &[&str] = &["page", "currentpage", "pagenumber", "pageno", "number"];
pub(super) const PAGES: &[&str] = &["pages", "totalpages", "pagecount", "pagescount", "numpages", "lastpage"];
pub(super) const OFFSET: &[&str] = &["offset", "start", "skip", "startindex"];
pub(super) const LIMIT: &[&str] = &["limit", "perpage", "pagesize", "pagelimit", "maxresults", "top"];

/// Everything that is said of a list, wherever it stands: each member's name, its plain form, and its value.
pub(super) struct Said<'a>(Vec<(&'a str, String, &'a Value)>);

impl<'a> Said<'a> {
    pub(super) fn of(places: [&'a Map<String, Value>; 2]) -> Self {
        let mut all = Vec::new();
        places
            .into_iter()
            .for_each(|members| Self::collect(members, 2, &mut all));
        Self(all)
    }

    fn collect(members: &'a Map<String, Value>, depth: usize, all: &mut Vec<(&'a str, String, &'a Value)>) {
        for (name, value) in members {
            let known = plain(name);
            match value {
                Value::Object(inner) if depth > 0 && INSIDE.contains(&known.as_str()) => {
                    Self::collect(inner, depth - 1, all);
                }
                // `"links": [{"rel": "next", "href": "…"}]`
                Value::Array(links) if known == "links" => {
                    let next = links.iter().filter(|link| is_next(link));
                    all.extend(next.map(|link| (name.as_str(), "next".to_owned(), link)));
                }
                value => all.push((name, known, value)),
            }
        }
    }

    fn named(&self, names: &'static [&'static str]) -> impl Iterator<Item = &(&'a str, String, &'a Value)> {
        self.0.iter().filter(|(_, known, _)| names.contains(&known.as_str()))
    }

    pub(super) fn number(&self, names: &'static [&'static str]) -> Option<u64> {
        self.named(names).find_map(|(_, _, value)| number(value))
    }

    /// The service's own spelling of a member that is a number.
    pub(super) fn name(&self, names: &'static [&'static str]) -> Option<String> {
        let mut numbers = self.named(names).filter(|(_, _, value)| number(value).is_some());
        numbers.next().map(|(name, _, _)| (*name).to_owned())
    }

    /// A truth value. A number is one where it counts what is to come, which only those of [`MORE`] do.
    pub(super) fn truth(&self, names: &'static [&'static str]) -> Option<bool> {
        let counts = names == MORE;
        let of_number = |value: &Value| {
            number(value)
                .filter(|number| counts || *number < 2)
                .map(|number| number > 0)
        };
        self.named(names).find_map(|(_, _, value)| match value {
            Value::Bool(truth) => Some(*truth),
            Value::Number(_) => of_number(value),
            Value::String(text) => match text.trim().to_ascii_lowercase().as_str() {
                "true" | "yes" => Some(true),
                "false" | "no" => Some(false),
                _ => of_number(value),
            },
            _ => None,
        })
    }

    pub(super) fn has(&self, names: &'static [&'static str]) -> bool {
        self.named(names).any(|(_, _, value)| says_something(value))
    }

    /// Whether it says in any way that there is a next part.
    pub(super) fn has_next(&self) -> bool {
        self.has(LINKS)
    }

    /// The address of the next part.
    pub(super) fn link(&self) -> Option<String> {
        self.named(LINKS).find_map(|(_, _, value)| {
            let text = match value {
                Value::String(text) => text.as_str(),
                Value::Object(members) => {
                    let is_target = |name: &str| TARGETS.contains(&plain(name).as_str());
                    let mut targets = members.iter().filter(|(name, _)| is_target(name));
                    targets.find_map(|(_, target)| target.as_str())?
                }
                _ => return None,
            };
            is_link(text.trim()).then(|| text.trim().to_owned())
        })
    }

    /// The number of the next page, where that is how it continues.
    pub(super) fn next_page(&self) -> Option<u64> {
        self.named(LINKS)
            .find_map(|(_, _, value)| number(value))
            .filter(|number| *number > 0)
    }

    /// Whether what stands for the next part only says that there is one.
    pub(super) fn only_affirms_next(&self) -> bool {
        let mut said = self.named(LINKS).filter(|(_, _, value)| says_something(value));
        said.all(|(_, _, value)| matches!(value, Value::Bool(true)))
    }

    /// Whether a link to the next part is there, and says that there is none.
    pub(super) fn ends_by_null(&self) -> bool {
        self.named(LINKS).next().is_some() && !self.has(LINKS)
    }
}

/// Whether a text leads somewhere, and is no token or number.
fn is_link(text: &str) -> bool {
    text.contains("://") || text.starts_with('/') || text.contains('?')
}

/// Whether an object is a link of the relation `next`.
fn is_next(link: &Value) -> bool {
    let is = |rel: &Value| rel.as_str().is_some_and(|rel| rel.eq_ignore_ascii_case("next"));
    match link.get("rel") {
        Some(Value::Array(rels)) => rels.iter().any(is),
        rel => rel.is_some_and(is),
    }
}

/// A whole number from 0, also as a text or with a fraction of zeros.
fn number(value: &Value) -> Option<u64> {
    let whole = |number: f64| (number >= 0.0 && number.fract() == 0.0 && number < 1e15).then_some(number as u64);
    match value {
        Value::Number(number) => number.as_u64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            let digits = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
            text.parse()
                .ok()
                .or_else(|| whole(text.parse().ok().filter(|_| digits)?))
        }
        _ => None,
    }
}
