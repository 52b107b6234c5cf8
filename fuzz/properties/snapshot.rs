//! Whatever is given as a snapshot: it is read in the one form in which it is written, byte for byte, and no small
//! input takes more memory than the limits allow.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use zkvault_core::snapshot::{ReadSnapshotError, Snapshot, SnapshotLimits};

use crate::heap;

const LIMITS: SnapshotLimits = SnapshotLimits {
    compressed: 64 * 1024,
    document: 256 * 1024,
};
/// As documented: twice the document, and its parts again; and what the decoder itself holds.
const MOST_MEMORY: usize = 4 * LIMITS.document + 64 * 1024;

pub(crate) fn check(data: &[u8]) {
    as_bytes(data);
    as_document(data);
    as_bytes(&[&gzip(data), data].concat());
    if let Ok(text) = str::from_utf8(data) {
        for member in ["sites", "users", "groups", "pins", "parent"] {
            as_member(member, text);
        }
        as_member("device", &serde_json::to_string(text).unwrap());
    }
    as_bomb(data);
}

fn gzip(document: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(document).unwrap();
    gzip.finish().unwrap()
}

/// The compressed bytes.
fn as_bytes(data: &[u8]) {
    if let Ok(snapshot) = heap::within(MOST_MEMORY, || Snapshot::decode(data, LIMITS)) {
        let mut document = Vec::new();
        GzDecoder::new(data).read_to_end(&mut document).unwrap();
        written_as(&document, &snapshot);
    }
}

/// The document, which is compressed as it should be.
fn as_document(document: &[u8]) {
    let compressed = gzip(document);
    match heap::within(MOST_MEMORY, || Snapshot::decode(&compressed, LIMITS)) {
        Ok(snapshot) => written_as(document, &snapshot),
        Err(error) => assert_ne!(error, ReadSnapshotError::Gzip),
    }
}

fn written_as(document: &[u8], snapshot: &Snapshot) {
    assert!(document.len() <= LIMITS.document);
    let encoded = snapshot.encode(LIMITS).unwrap();
    let mut again = Vec::new();
    GzDecoder::new(&*encoded).read_to_end(&mut again).unwrap();
    assert_eq!(again, document, "it has one form");
    let decoded = Snapshot::decode(&encoded, LIMITS).unwrap();
    assert_eq!(decoded.digest(), snapshot.digest());
    assert_eq!(decoded.manifest, snapshot.manifest);
}

/// The text as one member of a document that is well-formed otherwise.
fn as_member(member: &str, text: &str) {
    let get = |name: &str, else_: &'static str| {
        if name == member {
            text.to_owned()
        } else {
            else_.to_owned()
        }
    };
    let document = format!(
        r#"{{"format":"zkvault.snapshot","version":1,"manifest":{{"revision":2,"parent":{},"time":1700000000,"device":{}}},"sites":{},"users":{},"groups":{},"pins":{}}}"#,
        get("parent", "null"),
        get("device", "\"laptop\""),
        get("sites", "[]"),
        get("users", "[]"),
        get("groups", "[]"),
        get("pins", "{}"),
    );
    as_document(document.as_bytes());
}

/// The bytes, again and again until they are far more than a document may have.
fn as_bomb(data: &[u8]) {
    // To compress so much takes a while: not for every input.
    if !(1..=16).contains(&data.len()) {
        return;
    }
    let bomb = gzip(&data.repeat(2 * LIMITS.document / data.len()));
    let result = heap::within(MOST_MEMORY, || Snapshot::decode(&bomb, LIMITS).map(drop));
    assert!(result.is_err(), "it is twice as long as a document may be");
}
