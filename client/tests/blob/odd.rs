//! Storages, and what stands in front of them, that answer otherwise than Azure's documents say, and can be understood.

use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use zkvault_client::blob::{BlobContainer, BlobErrorKind, BlockId, Condition, SasUrl};
use zkvault_client::{Body, Bytes, Request, Response, Transport, TransportError};
use zkvault_core::SecretText;

use crate::storage::options;

const SAS: &str = "https://a.blob.core.windows.net/c?sv=2025-11-05&sr=c&sp=racwdl&se=2099-01-01&sig=x";

/// The requests so far.
type Asked = Arc<Mutex<Vec<Request<Bytes>>>>;

/// Gives its answers in their order.
struct Scripted {
    answers: Mutex<Vec<Answer>>,
    asked: Asked,
}

struct Answer {
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: Bytes,
}

struct Whole(Option<Bytes>);

impl Body for Whole {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        Ok(self.0.take().filter(|body| !body.is_empty()))
    }
}

impl Transport for Scripted {
    type Body = Whole;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<Whole>, TransportError> {
        self.asked.lock().unwrap().push(request);
        let Answer { status, headers, body } = self.answers.lock().unwrap().remove(0);
        let response = headers.iter().fold(
            Response::builder().status(status).header("x-ms-request-id", "1"),
            |response, (name, value)| response.header(*name, *value),
        );
        Ok(response.body(Whole(Some(body))).unwrap())
    }

    async fn sleep(&self, _: Duration) {}

    fn now(&self) -> u64 {
        1_767_225_600
    }
}

type Headers = &'static [(&'static str, &'static str)];

fn scripted<const N: usize>(answers: [(u16, Headers, &[u8]); N]) -> BlobContainer<Scripted> {
    scripted_and_noted(answers).0
}

/// With the requests.
fn scripted_and_noted<const N: usize>(answers: [(u16, Headers, &[u8]); N]) -> (BlobContainer<Scripted>, Asked) {
    let answers = answers.map(|(status, headers, body)| Answer {
        status,
        headers,
        body: Bytes::copy_from_slice(body),
    });
    let asked = Asked::default();
    let transport = Scripted {
        answers: Mutex::new(answers.into()),
        asked: Arc::clone(&asked),
    };
    let url = SasUrl::parse(&SecretText::from(SAS.to_owned())).unwrap();
    (BlobContainer::new(transport, url), asked)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

#[tokio::test]
async fn documents_are_read_that_were_compressed_on_the_way_and_blobs_are_as_they_are() {
    const GZIP: Headers = &[("content-encoding", "gzip")];
    let page = gzip("<EnumerationResults><Blobs><Blob><Name>a</Name></Blob></Blobs></EnumerationResults>");
    let blocks = gzip(
        "<BlockList><CommittedBlocks><Block><Name>YQ==</Name><Size>3</Size></Block></CommittedBlocks></BlockList>",
    );
    let refusal = gzip("<Error><Code>BlobArchived</Code></Error>");
    // Without the header: something on the way has removed it.
    for headers in [GZIP, &[]] {
        let container = scripted([(200, headers, &page), (200, headers, &blocks), (409, headers, &refusal)]);
        let listed = container.list("", "").next_page().await.unwrap().unwrap();
        assert_eq!(listed.blobs.first().unwrap().name, "a");
        assert_eq!(container.committed_blocks("b").await.unwrap().len(), 1);
        let refused = container.list("", "").next_page().await.unwrap_err();
        assert_eq!(refused.kind(), BlobErrorKind::Archived);
    }
    let blob = gzip("content");
    let range: &'static str = format!("bytes 0-{}/{}", blob.len() - 1, blob.len()).leak();
    let headers: Headers = [
        ("content-range", range),
        ("etag", "\"1\""),
        ("content-encoding", "gzip"),
    ]
    .to_vec()
    .leak();
    let (container, mut out) = (scripted([(206, headers, &blob)]), Vec::new());
    container.read_range("b", 0, 1000, None, &mut out).await.unwrap();
    assert_eq!(out, blob);
}

#[tokio::test]
async fn a_success_without_a_listing_is_no_empty_container() {
    for body in ["", "{}", "OK", "<?xml version=\"1.0\"?>", "<!-- -->", "<BlockList/>"] {
        let container = scripted([(200, &[], body.as_bytes())]);
        let error = container.list("", "").next_page().await.unwrap_err();
        assert_eq!(error.kind(), BlobErrorKind::Malformed, "{body}");
        let container = scripted([(200, &[], body.replace("BlockList", "Blocks").as_bytes())]);
        let error = container.uncommitted_blocks("b").await.unwrap_err();
        assert_eq!(error.kind(), BlobErrorKind::Malformed, "{body}");
    }
}

#[tokio::test]
async fn a_version_whose_mark_was_weakened_on_the_way_is_asked_for_by_its_own() {
    const START: Headers = &[("content-range", "Bytes 0-0/2"), ("etag", "W/\"0x8D\"")];
    let (container, asked) = scripted_and_noted([(206, START, b"x"), (206, START, b"x")]);
    let mut out = Vec::new();
    let properties = container.read_range("b", 0, 1, None, &mut out).await.unwrap();
    assert_eq!((properties.etag.as_str(), properties.len), ("\"0x8D\"", 2));
    container
        .read_range("b", 0, 1, Some(&properties.etag), &mut out)
        .await
        .unwrap();
    let asked = asked.lock().unwrap();
    assert_eq!(asked.last().unwrap().headers()["if-match"], "\"0x8D\"");
}

#[tokio::test]
async fn what_was_done_is_done_by_every_status_of_success() {
    const OWN: Headers = &[("content-length", "1"), ("etag", "\"1\""), ("x-ms-meta-mark", "1")];
    const FOREIGN: Headers = &[("content-length", "1"), ("etag", "\"2\""), ("x-ms-meta-mark", "2")];
    let put = options(Condition::Absent, "1");
    let (x, id) = (Bytes::from_static(b"x"), BlockId::new(b"1").unwrap());
    for status in [200, 201] {
        let container = scripted([
            (status, OWN, b""),
            (status, &[], b""),
            (200, OWN, b""),
            (status, &[], b""),
        ]);
        let etag = container.put_blob("b", x.clone(), &put).await.unwrap();
        assert_eq!(etag.as_str(), "\"1\"");
        // Without an ETag the blob itself tells whether it is this one.
        assert_eq!(container.put_blob("b", x.clone(), &put).await, Ok(etag));
        container.put_block("b", &id, x.clone()).await.unwrap();
    }
    for status in [200, 202, 204] {
        scripted([(status, &[], b"")]).delete("b").await.unwrap();
    }
    for there in [(200, FOREIGN, &b""[..]), (404, &[], b""), (403, &[], b"")] {
        let container = scripted([(201, &[], b""), there]);
        let error = container.put_blob("b", x.clone(), &put).await.unwrap_err();
        assert_eq!(error.kind(), BlobErrorKind::Malformed);
    }
    let refused = scripted([(206, OWN, b"")]).put_blob("b", x, &put).await.unwrap_err();
    assert_eq!(refused.kind(), BlobErrorKind::Malformed);
}

#[tokio::test]
async fn a_blob_is_empty_where_the_storage_says_so_twice() {
    const EMPTY: Headers = &[("content-length", "0"), ("etag", "\"1\"")];
    const FULL: Headers = &[("content-length", "9"), ("etag", "\"1\"")];
    for (properties, kind) in [(EMPTY, BlobErrorKind::Range), (FULL, BlobErrorKind::Malformed)] {
        let container = scripted([(416, &[], b""), (200, properties, b"")]);
        let error = container
            .read_range("b", 0, 9, None, &mut Vec::new())
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
    }
}
