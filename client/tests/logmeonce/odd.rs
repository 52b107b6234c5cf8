//! Whatever a service writes that can still be understood: no good record is lost, no odd one stops the others, and no
//! change that was refused is one that was done.

use std::io::Write as _;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::{Request, Response};
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::oauth::{Session, Token};
use zkvault_client::{Body, ClientError, ServiceUrl, Transport, TransportError};

use zkvault_test_support::secret;

use crate::world::credentials;

/// A service made of one function.
pub(crate) struct Made<F>(F, AtomicU64);

pub(crate) struct Pieces(Vec<Bytes>);

impl Body for Pieces {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        Ok((!self.0.is_empty()).then(|| self.0.remove(0)))
    }
}

impl<F: Fn(&Request<Bytes>) -> Response<Vec<u8>> + Send + Sync> Transport for Made<F> {
    type Body = Pieces;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Pieces>, TransportError> {
        let response = (self.0)(&request);
        Ok(response.map(|body| Pieces(body.chunks(1000).map(Bytes::copy_from_slice).collect())))
    }

    async fn sleep(&self, _duration: Duration) {}

    /// A second passes with each look, so that no limit on requests in one second is met.
    fn now(&self) -> u64 {
        self.1.fetch_add(1, Ordering::Relaxed)
    }
}

pub(crate) fn client<F: Fn(&Request<Bytes>) -> Response<Vec<u8>> + Send + Sync>(answer: F) -> LogMeOnce<Made<F>> {
    let token = r#"{"access":"abc","refresh":null,"grant":"client","expires_at":null,"renew_at":null}"#;
    let session = Session::new(credentials(), Some(Token::from_json(&secret(token)).unwrap()));
    let url = ServiceUrl::parse("https://acme.example/lmo").unwrap();
    LogMeOnce::new(Made(answer, AtomicU64::new(0)), url, session)
}

/// How a list is written.
#[derive(Debug, Clone, Copy)]
enum Shape {
    Named,
    Bare,
    Numbered,
}

/// How a document is written.
#[derive(Debug, Clone, Copy)]
enum Coding {
    Plain,
    Marked,
    Utf16,
    Gzip,
    Zlib,
    Deflate,
}

/// How many records a part has, and how the next one is named.
#[derive(Debug, Clone, Copy)]
enum Parts {
    One,
    Numbered(usize),
    Offsets(usize),
    Linked(usize),
}

fn encode(coding: Coding, text: &str) -> (Option<&'static str>, Vec<u8>) {
    let bytes = text.as_bytes();
    match coding {
        Coding::Plain => (None, bytes.to_vec()),
        Coding::Marked => (None, format!("\u{feff}{text}").into_bytes()),
        Coding::Utf16 => {
            let marked = format!("\u{feff}{text}");
            (None, marked.encode_utf16().flat_map(u16::to_be_bytes).collect())
        }
        Coding::Gzip => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            (Some("gzip"), encoder.finish().unwrap())
        }
        Coding::Zlib => {
            let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            (Some("deflate"), encoder.finish().unwrap())
        }
        Coding::Deflate => {
            let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
            encoder.write_all(bytes).unwrap();
            (Some("deflate"), encoder.finish().unwrap())
        }
    }
}

fn respond(coding: Coding, label: &str, text: &str) -> Response<Vec<u8>> {
    let (content_encoding, body) = encode(coding, text);
    let mut response = Response::builder().header("content-type", label);
    if let Some(coding) = content_encoding {
        response = response.header("content-encoding", coding);
    }
    response.body(body).unwrap()
}

/// One part of a list of records, as JSON text.
fn part(
    records: &[String],
    shape: Shape,
    parts: Parts,
    request: &Request<Bytes>,
    coding: Coding,
    label: &str,
) -> Response<Vec<u8>> {
    let query = |name: &str| {
        let pairs = form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes());
        pairs
            .filter(|(known, _)| known == name)
            .find_map(|(_, value)| value.parse::<usize>().ok())
    };
    let (start, size) = match parts {
        Parts::One => (0, records.len().max(1)),
        Parts::Numbered(size) | Parts::Linked(size) => (size * (query("page").unwrap_or(1) - 1), size),
        Parts::Offsets(size) => (query("offset").unwrap_or(0), size),
    };
    let chosen: Vec<&String> = records.iter().skip(start).take(size).collect();
    let more = start + size < records.len();
    let list = match shape {
        Shape::Numbered => {
            let numbered = chosen
                .iter()
                .enumerate()
                .map(|(index, record)| format!("\"{}\":{record}", 3 * index));
            format!("{{{}}}", numbered.collect::<Vec<_>>().join(","))
        }
        _ => format!(
            "[{}]",
            chosen
                .iter()
                .map(|record| record.as_str())
                .collect::<Vec<_>>()
                .join(",")
        ),
    };
    let beside = match parts {
        Parts::Numbered(_) => json!({"page": start / size + 1, "has_more": more}),
        Parts::Offsets(_) => json!({"offset": start.to_string(), "limit": size, "total": records.len()}),
        _ => json!({"error": null, "success": "1", "warnings": []}),
    };
    let text = match shape {
        Shape::Bare => list,
        _ => {
            let beside = beside.to_string();
            format!("{{\"sites\":{list},\"users\":{list},{}", &beside[1..])
        }
    };
    let mut response = respond(coding, label, &text);
    if let (Parts::Linked(_), true) = (parts, more) {
        let link = format!(
            "<https://acme.example/lmo{}?page={}>; rel=\"next\"",
            request.uri().path().trim_start_matches("/lmo"),
            start / size + 2
        );
        response.headers_mut().insert("link", link.parse().unwrap());
    }
    response
}

/// Values that stand for nothing, or for what it was in another type: none of them makes a record odd.
fn harmless() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!(false)),
        Just(json!("")),
        Just(json!([])),
        any::<u32>().prop_map(|number| json!(number)),
        any::<u32>().prop_map(|number| json!(number.to_string())),
    ]
}

/// A record with an id, and whether it can be used.
fn record(id: u64) -> impl Strategy<Value = (u64, bool, String)> {
    let shown = prop_oneof![
        harmless(),
        Just(json!({"a": 1})),
        Just(json!([[1]])),
        Just(json!(-1.5)),
        Just(json!(true))
    ];
    let fatal = prop_oneof![
        Just(("login", json!("text"))),
        Just(("login", json!(7))),
        Just(("login", json!({"inputs": {"a": 1}}))),
        Just(("login", json!({"inputs": [{"value": {}}]}))),
        Just(("flags", json!(-1))),
    ];
    let texts = (
        harmless(),
        harmless(),
        prop::collection::vec(shown, 3),
        "[a-zé\u{301}😀 ]{0,8}",
    );
    (texts, prop::option::weighted(0.3, fatal), any::<bool>()).prop_map(
        move |((updated, flags, shown, name), fatal, id_as_text)| {
            let mut members = Map::new();
            members.insert(
                "id".to_owned(),
                if id_as_text { json!(id.to_string()) } else { json!(id) },
            );
            members.insert("name".to_owned(), json!(name));
            members.insert("updated".to_owned(), updated);
            members.insert("flags".to_owned(), flags);
            for (member, value) in ["image", "used", "icon"].into_iter().zip(shown) {
                members.insert(member.to_owned(), value);
            }
            members.insert(
                "login".to_owned(),
                json!({"Url": "https://a.example", "match": [], "inputs": {"1": {"name": 5}, "0": []}}),
            );
            let usable = fatal.is_none();
            if let Some((member, value)) = fatal {
                members.insert(member.to_owned(), value);
            }
            (id, usable, Value::Object(members).to_string())
        },
    )
}

fn records() -> impl Strategy<Value = Vec<(u64, bool, String)>> {
    (0..12_u64).prop_flat_map(|count| (1..=count).map(|id| record(id * 1000)).collect::<Vec<_>>())
}

fn read<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(work)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_good_record_is_lost_and_no_odd_one_unnamed(
        records in records(),
        shape in prop::sample::select(vec![Shape::Named, Shape::Bare, Shape::Numbered]),
        coding in prop::sample::select(vec![
            Coding::Plain, Coding::Marked, Coding::Utf16, Coding::Gzip, Coding::Zlib, Coding::Deflate,
        ]),
        parts in prop_oneof![
            Just(Parts::One),
            (1..5_usize).prop_map(Parts::Numbered),
            (1..5_usize).prop_map(Parts::Offsets),
            (1..5_usize).prop_map(Parts::Linked),
        ],
        label in prop::sample::select(vec!["application/json", "text/html; charset=utf-8", "text/plain"]),
    ) {
        // A bare list has no place for what would say that it is a part.
        let parts = match (shape, parts) {
            (Shape::Bare, Parts::Numbered(_) | Parts::Offsets(_)) => Parts::One,
            (_, parts) => parts,
        };
        let texts: Vec<String> = records.iter().map(|(_, _, text)| text.clone()).collect();
        let client = client(|request| part(&texts, shape, parts, request, coding, label));
        let (mut good, mut odd) = (Vec::new(), Vec::new());
        read(async {
            let mut sites = client.sites(None).await?;
            while let Some(site) = sites.next().await? {
                match site {
                    Ok(site) => good.push(site.id),
                    Err(record) => odd.push(record.id()),
                }
            }
            Ok::<_, ClientError>(())
        }).map_err(|error| TestCaseError::fail(error.to_string()))?;
        let ids = |usable: bool| records.iter().filter(move |record| record.1 == usable).map(|record| record.0);
        prop_assert_eq!(&good, &ids(true).collect::<Vec<_>>());
        prop_assert_eq!(odd, ids(false).map(Some).collect::<Vec<_>>());
        // Nothing of a user decides anything but its id.
        let users = read(client.users()).map_err(|error| TestCaseError::fail(error.to_string()))?;
        prop_assert_eq!((users.records.len(), users.odd.len()), (records.len(), 0));
    }

    /// A list that is cut anywhere is an error, and never a shorter list.
    #[test]
    fn a_part_of_a_body_is_no_list(records in records(), at in 0.0..1.0_f64, coding in prop::sample::select(vec![Coding::Plain, Coding::Gzip, Coding::Utf16])) {
        let list = records.iter().map(|(_, _, text)| text.as_str()).collect::<Vec<_>>().join(",");
        let text = format!("{{\"sites\":[{list}]}}");
        let whole = encode(coding, &text).1;
        let end = (whole.len() as f64 * at) as usize;
        let client = client(|_| respond(coding, "application/json", &text).map(|mut body| { body.truncate(end); body }));
        let ended = read(async {
            let mut sites = client.sites(None).await?;
            while sites.next().await?.is_some() {}
            Ok::<_, ClientError>(())
        });
        prop_assert!(ended.is_err(), "{end} of {}", whole.len());
    }

    /// However a service says no, and whatever else it says.
    #[test]
    fn a_refused_change_is_never_done(
        mark in prop::sample::select(vec![
            ("error", json!("denied")), ("Error", json!(true)), ("ERRORS", json!(["x"])), ("errors", json!({"name": ["taken"]})),
            ("error_code", json!(7)), ("errorMessage", json!("denied")), ("success", json!(false)), ("success", json!("0")),
            ("Success", json!("FALSE")), ("isSuccess", json!(0)), ("ok", json!("no")), ("status", json!("error")),
            ("status", json!("Failed")), ("status", json!(403)), ("statusCode", json!("500")), ("result", json!(false)),
            ("deleted", json!(false)), ("activated", json!("false")), ("wasSuccessful", json!(false)), ("successCount", json!(0)),
            ("errorMessages", json!(["x"])), ("ApiError", json!({"text": "denied"})), ("return_code", json!("FAIL")),
            ("exceptionType", json!("Denied")), ("status", json!("Unsuccessful")), ("ack", json!("failure")),
            ("messages", json!([{"type": "error", "text": "x"}])), ("status", json!({"code": 403, "text": "denied"})),
        ]),
        others in prop::collection::btree_map("[a-z]{9,12}", harmless(), 0..4),
        nested in 0..3_usize,
        coding in prop::sample::select(vec![Coding::Plain, Coding::Marked, Coding::Utf16, Coding::Gzip]),
        label in prop::sample::select(vec!["application/json", "text/html", "text/plain"]),
    ) {
        let mut members: Map<String, Value> = others.into_iter().collect();
        members.insert(mark.0.to_owned(), mark.1);
        let mut document = Value::Object(members);
        for envelope in ["data", "response"].into_iter().take(nested) {
            document = json!({envelope: document});
        }
        let asked = AtomicUsize::new(0);
        let client = client(|_| {
            asked.fetch_add(1, Ordering::Relaxed);
            respond(coding, label, &document.to_string())
        });
        prop_assert!(read(client.delete_user(7)).is_err(), "{document}");
        prop_assert!(read(client.activate_user(7, Some(("key", secret("k"))))).is_err(), "{document}");
        prop_assert!(read(client.create_group("x", None)).is_err(), "{document}");
        prop_assert_eq!(asked.into_inner(), 3, "none is sent again");
    }

    /// What only looks like a refusal, and whatever else it says.
    #[test]
    fn a_change_that_was_done_is_no_failure(
        members in prop::collection::btree_map(
            prop::sample::select(vec!["error", "errors", "error_description", "failed", "hasErrors", "warnings", "abcdefghij"]),
            prop::sample::select(vec![json!(null), json!(""), json!([]), json!({}), json!(false), json!(0), json!("0"), json!("none")]),
            0..5,
        ),
        success in prop::option::of(prop::sample::select(vec![json!(true), json!(1), json!("true"), json!("1"), json!("ok"), json!("Deleted")])),
        status in prop::option::of(prop::sample::select(vec![json!("ok"), json!("SUCCESS"), json!(200), json!("204 No Content"), json!(true)])),
        coding in prop::sample::select(vec![Coding::Plain, Coding::Marked, Coding::Utf16, Coding::Gzip]),
    ) {
        let mut document: Map<String, Value> = members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        document.extend(success.map(|value| ("success".to_owned(), value)));
        document.extend(status.map(|value| ("status".to_owned(), value)));
        let document = Value::Object(document).to_string();
        let client = client(|_| respond(coding, "text/html", &document));
        prop_assert!(read(client.delete_user(7)).is_ok(), "{document}");
    }
}
