//! Whatever the storage answers: listings, lists of blocks and errors are read or refused alike however they arrive,
//! names come back as they were written, and no error shows the token.
//!
//! The first byte chooses the request and the status; the rest is the body.

use http::StatusCode;
use zkvault_client::blob::{BlobContainer, BlobError, ListedPage, SasUrl, StoredBlock};
use zkvault_core::SecretText;

use crate::heap;
use crate::service::{self, Service};
use crate::xml;

const URL: &str = "https://a.blob.core.windows.net/c?se=2030-01-01&sp=r&sig=Canary8Canary8";
const CANARY: &str = "Canary8Canary8";
const STATUSES: [u16; 8] = [200, 200, 200, 403, 404, 409, 412, 503];

pub(crate) fn check(data: &[u8]) {
    let Some((&choice, body)) = data.split_first() else {
        return;
    };
    let status = StatusCode::from_u16(STATUSES[usize::from(choice) % STATUSES.len()]).unwrap();
    let whole = answers(status, body, body.len());
    for piece in [1, 7, 1000] {
        // Single bytes are slow, and short bodies have all that they could find.
        if piece > 1 || body.len() < 256 {
            assert_eq!(answers(status, body, piece), whole, "in pieces of {piece}");
        }
    }
    if let Ok(text) = str::from_utf8(body) {
        names_come_back(text);
    }
}

type Answers = (
    Result<Option<ListedPage>, BlobError>,
    Result<Vec<StoredBlock>, BlobError>,
    Result<Vec<StoredBlock>, BlobError>,
);

fn answers(status: StatusCode, body: &[u8], piece: usize) -> Answers {
    let service = Service {
        status,
        ..Service::new("application/xml", body, piece)
    };
    let container = BlobContainer::new(&service, SasUrl::parse(&SecretText::from(URL.to_owned())).unwrap());
    // An item of a list is some tens of bytes and its XML may be four. Each address is kept by the service, and what
    // was compressed takes a window.
    let limit = 128 * body.len() + 256 * 1024;
    let answers = (
        heap::within(limit, || service::run(container.list("", "zkv").next_page())),
        heap::within(limit, || service::run(container.committed_blocks("b"))),
        heap::within(limit, || service::run(container.uncommitted_blocks("b"))),
    );
    let errors = [
        answers.0.as_ref().err(),
        answers.1.as_ref().err(),
        answers.2.as_ref().err(),
    ];
    for error in errors.into_iter().flatten() {
        is_fit_to_show(error);
    }
    assert!(service.asked().len() < 64, "it is not asked for ever");
    answers
}

/// One line, without the token.
fn is_fit_to_show(error: &BlobError) {
    let shown = format!("{error} {error:?}");
    assert!(!shown.contains(CANARY), "{shown}");
    assert!(!error.to_string().chars().any(char::is_control), "{shown:?}");
    assert!(shown.len() < 4096, "{} bytes", shown.len());
}

/// Each line is the name of a blob.
fn names_come_back(text: &str) {
    let names = xml::lines(text);
    let mut page = String::from("<EnumerationResults><Blobs>");
    for (index, name) in names.iter().enumerate() {
        page += &format!("<Blob><Name>{}</Name></Blob>", xml::written(name, index % 3));
    }
    page += "</Blobs><NextMarker/></EnumerationResults>";
    let service = Service::new("application/xml", page.as_bytes(), page.len());
    let container = BlobContainer::new(&service, SasUrl::parse(&SecretText::from(URL.to_owned())).unwrap());
    let listed = service::run(container.list("", "zkv").next_page()).unwrap().unwrap();
    let named: Vec<_> = names.into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(
        listed.blobs.into_iter().map(|blob| blob.name).collect::<Vec<_>>(),
        named
    );
}
