//! Lists that come in parts: what a response says of the rest of its list, and how the rest is asked for.
//!
//! The APIs' pages know no parts. A service that gives them says so in one of many ways; where the form is known, and
//! leads to no other place, the rest is fetched. Otherwise the list is refused: half of one must not look like all.

mod head;
mod said;

use http::HeaderMap;
use serde_json::{Map, Value};
use zkvault_host::Address;

use self::said::{LAST, LIMIT, MORE, OFFSET, PAGE, PAGES, Said, TOKENS, TOTALS};

/// Parts of a list that are fetched at most.
pub(crate) const MAX_PARTS: usize = 10_000;

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
    let in_head = head::members(part.headers);
    let said = Said::of([part.beside, &in_head]);
    check_place(part, &said)?;
    let link = head::link(part.headers).or_else(|| said.link());
    let read = part.before + part.records;
    let page = said.number(PAGE);
    let ended = said.truth(MORE) == Some(false)
        || said.truth(LAST) == Some(true)
        || said.ends_by_null()
        || is_last_page(part, &said);
    let goes_on = link.is_some()
        || said.truth(MORE) == Some(true)
        || said.truth(LAST) == Some(false)
        || has_more_pages(part, page, said.number(PAGES))
        || (!ended && (said.has(TOKENS) || said.has_next() || said.number(TOTALS).is_some_and(|total| total > read)));
    if !goes_on {
        return Ok(None);
    }
    if part.records == 0 {
        return Err("an empty part of the list says that more follows");
    }
    if let Some(link) = link {
        return query_of(&link, part).map(|query| Some(Next::Query(query)));
    }
    let next_page = said.next_page();
    if said.has(TOKENS) || (said.has_next() && next_page.is_none() && !said.only_affirms_next()) {
        return Err("the rest of the list is behind a token whose use is not published");
    }
    let numbered = said.name(PAGE).zip(next_page.or(page.map(|page| page + 1)));
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

/// Whether the number of pages says that more follow. Without the number of this one it is the first.
fn has_more_pages(part: &Part<'_>, page: Option<u64>, pages: Option<u64>) -> bool {
    match (page, pages) {
        (Some(page), Some(pages)) => page < pages && !(page == 0 && pages == 1),
        (None, Some(pages)) => pages > 1 && part.asked.is_none(),
        (_, None) => false,
    }
}

/// Whether it names itself as the last page. A total that is larger then counts what is not in the list, such as what the
/// account may not see; unless it is full, and the total needs more pages of its length.
fn is_last_page(part: &Part<'_>, said: &Said<'_>) -> bool {
    let is_last = said.number(PAGE).zip(said.number(PAGES));
    let needs_more = said
        .number(LIMIT)
        .zip(said.number(TOTALS))
        .is_some_and(|(limit, total)| part.records >= limit && total > part.before + part.records);
    is_last.is_some_and(|(page, pages)| pages > 0 && page >= pages) && !needs_more
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

/// The parameters of a link to another part of the same list: the same origin, and the same path.
fn query_of(link: &str, part: &Part<'_>) -> Result<Vec<(String, String)>, &'static str> {
    const ELSEWHERE: &str = "the rest of the list is at another address, to which no token is sent";
    let (target, query) = link.split_once('?').unwrap_or((link, ""));
    let query = query.split('#').next().unwrap_or_default();
    let has_scheme = target.starts_with("//") || target.contains(':');
    let path = match target {
        "" => part.path.to_owned(),
        target if target.starts_with('/') && !has_scheme => target.to_owned(),
        // Relative to the list: its last names, which have to be the same.
        target if !has_scheme => {
            let target = target.trim_start_matches("./").trim_matches('/');
            return match part.path.ends_with(target) || target.ends_with(part.path.trim_matches('/')) {
                true => Ok(pairs(query)),
                false => Err(ELSEWHERE),
            };
        }
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
    Ok(pairs(query))
}

fn pairs(query: &str) -> Vec<(String, String)> {
    let pairs = form_urlencoded::parse(query.as_bytes());
    pairs
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect()
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::HeaderName;

    use super::*;

    fn ask(
        json: &str,
        headers: &[(&'static str, &str)],
        asked: Option<&Next>,
    ) -> Result<Option<Vec<(String, String)>>, &'static str> {
        let beside: Map<String, Value> = serde_json::from_str(json).unwrap();
        let headers = headers.iter().map(|(name, value)| {
            let value = HeaderValue::from_bytes(value.as_bytes()).unwrap();
            (HeaderName::from_static(name), value)
        });
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, value);
        }
        let part = Part {
            beside: &beside,
            headers: &map,
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
            r#"{"page":1,"pages":1,"total":57}"#,
            r#"{"page":1,"pages":1,"per_page":100,"total":57}"#,
            r#"{"links":{"next":null},"meta":{"current_page":1,"last_page":1,"total":10}}"#,
            r#"{"next_page_url":"","total":10}"#,
            r#"{"nextCursor":""}"#,
            r#"{"total":"10.0","totalPages":1.0}"#,
            r#"{"pageInfo":{"endCursor":"abc","hasNextPage":false}}"#,
            r#"{"page":1,"pages":1,"next_page":null}"#,
            r#"{"links":[{"rel":"self","href":"/rest/sites"}],"total":10}"#,
            r#"{"next":false,"total":10}"#,
            r#"{"remaining":0,"more":0}"#,
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
            (r#"{"next":"HTTPS://A.example/rest/sites?page=2"}"#, "page=2"),
            (r#"{"next":" sites?page=2 "}"#, "page=2"),
            (r#"{"next":"rest/sites?page=2"}"#, "page=2"),
            (r#"{"next":"./sites?page=2#top"}"#, "page=2"),
            (r#"{"next":{"Url":"?page=2"}}"#, "page=2"),
            (
                r#"{"links":[{"rel":"prev","href":"?p=0"},{"rel":"next","href":"?p=2"}]}"#,
                "p=2",
            ),
            (r#"{"_links":[{"rel":["next"],"uri":"?p=2"}]}"#, "p=2"),
            (r#"{"result_info":{"page":1,"total_pages":3}}"#, "page=2"),
            (r#"{"page":1,"next":true}"#, "page=2"),
            (r#"{"page":1,"remaining":5}"#, "page=2"),
            (r#"{"page":1.0,"total":11.0}"#, "page=2"),
        ] {
            assert_eq!(next_of(json).as_deref(), Some(query), "{json}");
        }
        for (headers, query) in [
            (
                &[(
                    "link",
                    "</rest/sites?page=9>; rel=last, </rest/sites?page=2,3>; title=x; rel=\"next\"",
                )][..],
                "page=2,3",
            ),
            // As most services write it: the link to the next part first.
            (
                &[(
                    "link",
                    "<https://a.example/rest/sites?page=2>; rel=\"next\", <https://a.example/rest/sites?page=9>; rel=\"last\"",
                )],
                "page=2",
            ),
            (&[("link", "<?page=2>;rel=next,<?page=9>;rel=last")], "page=2"),
            (&[("link", "<?page=2>; REL='Next'")], "page=2"),
            (
                &[("link", "<?page=2>; title=\"a, <b>; rel=x\"; rel=\"prefetch next\"")],
                "page=2",
            ),
            (
                &[
                    ("link", "<?page=0>; rel=prev"),
                    ("link", "<?page=2&q=\u{e4}>; rel=next"),
                ],
                "page=2&q=\u{e4}",
            ),
            (&[("x-page", "1"), ("x-next-page", "2"), ("x-per-page", "10")], "page=2"),
            (
                &[("x-pagination", r#"{"CurrentPage":1,"TotalPages":3,"HasNext":true}"#)],
                "CurrentPage=2",
            ),
            (
                &[("x-pagination-current-page", "1"), ("x-pagination-page-count", "2")],
                "page=2",
            ),
        ] {
            let pairs = ask("{}", headers, None).unwrap().unwrap();
            let pairs: Vec<_> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(pairs.join("&"), query, "{headers:?}");
        }
        let whole = [("x-page", "2"), ("x-next-page", ""), ("x-total-pages", "2")];
        let second = Next::Page {
            name: "page".to_owned(),
            number: 2,
        };
        assert_eq!(ask("{}", &whole, Some(&second)), Ok(None));
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
            r#"{"next":"b3BhcXVl"}"#,
            r#"{"next":{"cursor":"abc"}}"#,
            r#"{"next":"page=2"}"#,
            r#"{"next":"users?page=2"}"#,
            r#"{"next":"ftp:sites?page=2"}"#,
            r#"{"nextOffset":10}"#,
            r#"{"nextPageToken":"x","count":10}"#,
            r#"{"response_metadata":{"next_cursor":"x"}}"#,
            r#"{"totalPages":3}"#,
            r#"{"total":11.0}"#,
            r#"{"has_more":"true"}"#,
            r#"{"is_complete":false}"#,
            r#"{"page":2,"pages":2}"#,
            r#"{"offset":10,"limit":10}"#,
        ] {
            assert!(ask(json, &[], None).is_err(), "{json}");
        }
        assert!(ask("{}", &[("content-range", "items 0-9/66")], None).is_err());
        // The last page that is full, of a list that is longer: what follows has to be asked for.
        assert_eq!(
            next_of(r#"{"page":1,"pages":1,"per_page":10,"total":57}"#).as_deref(),
            Some("page=2")
        );
        for header in [
            ("x-total-count", "66"),
            ("x-wp-totalpages", "2"),
            ("x-next-cursor", "abc"),
            ("x-ms-continuation", "abc"),
            ("x-has-more", "true"),
            (
                "link",
                "<https://evil.example/rest/sites?page=2>; rel=\"next\", <?page=9>; rel=\"last\"",
            ),
        ] {
            assert!(ask("{}", &[header], None).is_err(), "{header:?}");
        }
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
