//! Whole listings by storages that are odd and can still be understood: what is there is listed once, or set aside, and
//! a listing that breaks off is an error, never a shorter one.

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use zkvault_client::blob::{BlobContainer, SasUrl};
use zkvault_client::{Body, Bytes, Request, Response, Transport, TransportError, TransportFault};
use zkvault_core::SecretText;

const SAS: &str = "https://a.blob.core.windows.net/c?sv=2025-11-05&sr=c&sp=rl&se=2099-01-01&sig=x";

/// What becomes of one page.
#[derive(Debug, Clone)]
enum Page {
    Read(Vec<Blob>),
    /// Read in the end, after something that a storage does now and then.
    Late(Passing, Vec<Blob>),
    /// Nothing more is listed.
    Refused(Refusal),
}

#[derive(Debug, Clone)]
enum Blob {
    Good,
    Odd(&'static str),
}

#[derive(Debug, Clone, Copy)]
enum Passing {
    Busy,
    Cut,
    Lost,
    Failed,
}

#[derive(Debug, Clone, Copy)]
enum Refusal {
    /// An HTML page of a proxy, under a status of 200.
    Page,
    Forbidden,
    Redirect,
    /// XML that ends early.
    Half,
    /// A success of which nothing follows.
    Empty,
    /// A success that says nothing of blobs.
    Other,
}

/// A storage in memory.
struct Made {
    pages: Vec<Page>,
    markers: Vec<String>,
    /// Pages of which the first try was answered.
    tried: Mutex<BTreeSet<usize>>,
    clock: AtomicU64,
}

struct Pieces(Vec<Result<Bytes, TransportError>>);

impl Body for Pieces {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        match self.0.is_empty() {
            true => Ok(None),
            false => self.0.remove(0).map(Some),
        }
    }
}

impl Transport for Made {
    type Body = Pieces;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Pieces>, TransportError> {
        let query = request.uri().query().unwrap().to_owned();
        let marker = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "marker");
        let marker = marker.unwrap().1.into_owned();
        let number = match marker.as_str() {
            "" => 0,
            marker => 1 + self.markers.iter().position(|known| known == marker).unwrap(),
        };
        let first = self.tried.lock().unwrap().insert(number);
        let broken = || TransportError::new(TransportFault::Broken, "reset");
        let (status, code, pieces) = match &self.pages[number] {
            Page::Late(Passing::Busy, _) if first => (503, "ServerBusy", vec![]),
            Page::Late(Passing::Failed, _) if first => (500, "InternalError", vec![]),
            Page::Late(Passing::Lost, _) if first => return Err(broken()),
            Page::Late(Passing::Cut, blobs) if first => (
                200,
                "",
                vec![Ok(self.document(number, blobs).slice(..30)), Err(broken())],
            ),
            Page::Late(_, blobs) | Page::Read(blobs) => (200, "", vec![Ok(self.document(number, blobs))]),
            Page::Refused(Refusal::Page) => (
                200,
                "",
                vec![Ok(Bytes::from_static(b"<html><body>Log in</body></html>"))],
            ),
            Page::Refused(Refusal::Forbidden) => (403, "AuthorizationPermissionMismatch", vec![]),
            Page::Refused(Refusal::Redirect) => (302, "", vec![]),
            Page::Refused(Refusal::Empty) => (200, "", vec![]),
            Page::Refused(Refusal::Other) => (200, "", vec![Ok(Bytes::from_static(b"{}"))]),
            Page::Refused(Refusal::Half) => {
                let document = self.document(number, &[Blob::Good]);
                (200, "", vec![Ok(document.slice(..document.len() - 12))])
            }
        };
        let mut response = Response::builder().status(status).header("x-ms-request-id", "1");
        if !code.is_empty() {
            response = response.header("x-ms-error-code", code);
        }
        Ok(response.body(Pieces(pieces)).unwrap())
    }

    async fn sleep(&self, duration: Duration) {
        self.clock.fetch_add(duration.as_secs() + 1, Ordering::Relaxed);
    }

    fn now(&self) -> u64 {
        self.clock.load(Ordering::Relaxed)
    }
}

impl Made {
    fn document(&self, number: usize, blobs: &[Blob]) -> Bytes {
        let blobs = blobs.iter().enumerate().map(|(place, blob)| match blob {
            Blob::Good => format!("<Blob><Name>{}</Name><Properties/></Blob>", name(number, place)),
            Blob::Odd(xml) => (*xml).to_owned(),
        });
        let marker = self.markers.get(number).map(String::as_str).unwrap_or_default();
        let marker = marker.replace('&', "&amp;").replace('<', "&lt;");
        let document = format!(
            "\u{feff}<?xml version=\"1.0\"?><EnumerationResults><Blobs>{}</Blobs><NextMarker>{marker}</NextMarker>\
             </EnumerationResults>",
            blobs.collect::<String>()
        );
        Bytes::from(document)
    }
}

fn name(page: usize, place: usize) -> String {
    format!("{page:03}/{place:03}")
}

fn blobs() -> impl Strategy<Value = Vec<Blob>> {
    let odd = prop::sample::select(vec![
        "<Blob/>",
        "<Blob><Name></Name></Blob>",
        "<Blob><Name>&unknown;</Name></Blob>",
        "<Blob><Name Encoded=\"true\">%80</Name></Blob>",
    ]);
    prop::collection::vec(prop_oneof![3 => Just(Blob::Good), 1 => odd.prop_map(Blob::Odd)], 0..5)
}

fn pages() -> impl Strategy<Value = Vec<Page>> {
    let passing = prop::sample::select(vec![Passing::Busy, Passing::Cut, Passing::Lost, Passing::Failed]);
    let refusal = prop::sample::select(vec![
        Refusal::Page,
        Refusal::Forbidden,
        Refusal::Redirect,
        Refusal::Half,
        Refusal::Empty,
        Refusal::Other,
    ]);
    let page = prop_oneof![
        6 => blobs().prop_map(Page::Read),
        3 => (passing, blobs()).prop_map(|(passing, blobs)| Page::Late(passing, blobs)),
        1 => refusal.prop_map(Page::Refused),
    ];
    prop::collection::vec(page, 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_there_is_listed_once_or_set_aside(pages in pages(), marker in "[ -~\u{e9}]{0,11}[!-~]") {
        let markers = (1..pages.len()).map(|number| format!("{number}!{marker}")).collect();
        let made = Made {
            markers,
            pages: pages.clone(),
            tried: Mutex::default(),
            clock: AtomicU64::new(1_700_000_000),
        };
        let container = BlobContainer::new(made, SasUrl::parse(&SecretText::from(SAS.to_owned())).unwrap());
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let (names, odd, ended) = runtime.block_on(async {
            let (mut names, mut odd) = (Vec::new(), 0);
            let mut listing = container.list("", "");
            loop {
                match listing.next_page().await {
                    Ok(Some(page)) => {
                        names.extend(page.blobs.into_iter().map(|blob| blob.name));
                        odd += page.odd_count;
                    }
                    Ok(None) => break (names, odd, true),
                    Err(_) => break (names, odd, false),
                }
            }
        });
        let read = pages.iter().map_while(|page| match page {
            Page::Read(blobs) | Page::Late(_, blobs) => Some(blobs),
            Page::Refused(_) => None,
        });
        let (mut expected, mut expected_odd) = (Vec::new(), 0);
        for (number, blobs) in read.enumerate() {
            let good = blobs.iter().enumerate().filter(|(_, blob)| matches!(blob, Blob::Good));
            expected.extend(good.map(|(place, _)| name(number, place)));
            expected_odd += blobs.iter().filter(|blob| matches!(blob, Blob::Odd(_))).count();
        }
        prop_assert_eq!(names, expected);
        prop_assert_eq!(odd, expected_odd);
        prop_assert_eq!(ended, !pages.iter().any(|page| matches!(page, Page::Refused(_))), "an end only at the end");
    }
}
