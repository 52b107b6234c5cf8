use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;

use super::gzip::decompress;
use super::*;

const DOCUMENT: &str = concat!(
    r#"{"format":"zkvault.snapshot","version":1,"manifest":{"revision":2,"#,
    r#""parent":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","time":1700000000,"#,
    r#""device":"laptop"},"sites":[ {"id": 1.50, "x":"\u0041","id":2} ],"users":[],"groups":null,"pins":{}}"#
);
const LIMITS: SnapshotLimits = SnapshotLimits {
    compressed: 10_000,
    document: 10_000,
};

fn gzip(document: &[u8]) -> Vec<u8> {
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    gzip.write_all(document).unwrap();
    gzip.finish().unwrap()
}

fn decode(document: &str) -> Result<Snapshot, ReadSnapshotError> {
    Snapshot::decode(&gzip(document.as_bytes()), LIMITS)
}

#[test]
fn parts_are_kept_byte_for_byte() {
    let snapshot = decode(DOCUMENT).unwrap();
    assert_eq!(snapshot.manifest.revision, 2);
    assert_eq!(snapshot.manifest.device, "laptop");
    assert_eq!(snapshot.sites.get(), r#"[ {"id": 1.50, "x":"\u0041","id":2} ]"#);
    assert_eq!(
        snapshot.digest().unwrap(),
        SnapshotDigest::of_document(DOCUMENT.as_bytes())
    );
    assert_eq!(snapshot.to_document(DOCUMENT.len()).unwrap(), DOCUMENT.as_bytes());
    let encoded = snapshot.encode(LIMITS).unwrap();
    assert_eq!(decompress(&encoded, LIMITS).unwrap(), DOCUMENT.as_bytes());
}

#[test]
fn the_digest_is_the_documents() {
    let expected: [u8; 32] = Sha256::digest(DOCUMENT).into();
    let digest = decode(DOCUMENT).unwrap().digest().unwrap();
    assert_eq!(digest.to_bytes(), expected);
    assert_eq!(digest.to_string(), hex::encode(expected));
    assert_eq!(digest.to_string().parse(), Ok(digest));
}

/// The vector of docs/spec/snapshot.md, whose digest was computed with Python.
#[test]
fn the_specified_document_has_the_specified_digest() {
    let document = concat!(
        r#"{"format":"zkvault.snapshot","version":1,"manifest":{"revision":1,"parent":null,"time":1700000000,"#,
        r#""device":"laptop"},"sites":[],"users":[],"groups":[],"pins":{}}"#
    );
    let digest = decode(document).unwrap().digest().unwrap().to_string();
    assert_eq!(
        digest,
        "be7c020c841585834886236da788b7363dcef096409864103ef6d44eaed19814"
    );
}

#[test]
fn digests_have_one_form() {
    let good = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(good.parse::<SnapshotDigest>().unwrap().to_string(), good);
    for wrong in [
        "",
        "2c",
        &good[1..],
        &good.to_uppercase(),
        &good.replace("2c", " +"),
        &format!("{good}0"),
    ] {
        assert_eq!(wrong.parse::<SnapshotDigest>(), Err(SnapshotDigestError), "{wrong:?}");
    }
}

#[test]
fn a_document_with_one_fault_is_malformed() {
    let faults = [
        ("another_format", "zkvault.snapshot", "zkvault.snap"),
        ("version_twice", r#""version":1"#, r#""version":1,"version":1"#),
        ("version_as_text", r#""version":1"#, r#""version":"1""#),
        ("unknown_member", r#""users""#, r#""note":1,"users""#),
        ("member_missing", r#""users":[],"#, ""),
        ("sites_twice", r#""sites""#, r#""sites":[],"sites""#),
        ("manifest_as_array", r#"{"revision":2"#, r#"[{"revision":2"#),
        ("manifest_member_unknown", r#""revision":2"#, r#""revision":2,"x":1"#),
        ("revision_negative", r#""revision":2"#, r#""revision":-2"#),
        ("revision_fraction", r#""revision":2"#, r#""revision":2.0"#),
        ("parent_upper_case", "2cf24dba", "2CF24DBA"),
        ("parent_short", "2cf24dba", "2cf24d"),
        (
            "parent_missing",
            r#""parent":"2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824","#,
            "",
        ),
        ("white_space", r#""version":1"#, r#""version": 1"#),
        ("order", r#""users":[],"groups":null"#, r#""groups":null,"users":[]"#),
        ("escape", "laptop", "\\u006captop"),
        ("trailing_space", "{}}", "{}} "),
        ("two_documents", "{}}", "{}}{}"),
        ("cut", "{}}", "{}"),
    ];
    for (name, from, to) in faults {
        let changed = DOCUMENT.replacen(from, to, 1);
        assert_ne!(changed, DOCUMENT, "{name}");
        let error = decode(&changed).unwrap_err();
        assert!(matches!(error, ReadSnapshotError::Malformed(_)), "{name}: {error}");
    }
    let other = decode(&DOCUMENT.replace("zkvault.snapshot", "zkvault.snap")).unwrap_err();
    assert_eq!(other, ReadSnapshotError::Malformed("it has another format"));
    let array = DOCUMENT.replace(r#"{"format":"#, "[").replace("{}}", "{}]");
    assert!(decode(&array).is_err());
    assert!(decode(&DOCUMENT.replace("laptop", &"x".repeat(129))).is_err());
    assert!(decode(&DOCUMENT.replace("laptop", &"x".repeat(128))).is_ok());
}

#[test]
fn a_first_snapshot_has_no_parent() {
    let parent = r#""2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824""#;
    let snapshot = decode(&DOCUMENT.replace(parent, "null")).unwrap();
    assert_eq!(snapshot.manifest.parent, None);
}

#[test]
fn a_later_version_is_told() {
    let later = DOCUMENT.replace(r#""version":1"#, r#""version":2,"extra":[]"#);
    assert_eq!(decode(&later).unwrap_err(), ReadSnapshotError::UnsupportedVersion(2));
}

#[test]
fn a_bomb_is_refused_at_the_limit() {
    let bomb = gzip(&vec![b' '; 1 << 20]);
    assert!(bomb.len() < 2_000);
    let error = Snapshot::decode(&bomb, LIMITS).unwrap_err();
    assert_eq!(error, ReadSnapshotError::DocumentTooLong { limit: 10_000 });

    let document = DOCUMENT.len();
    let compressed = gzip(DOCUMENT.as_bytes());
    let none = SnapshotLimits {
        compressed: usize::MAX,
        document: usize::MAX,
    };
    assert!(Snapshot::decode(&compressed, none).is_ok());
    let exact = SnapshotLimits {
        compressed: compressed.len(),
        document,
    };
    assert!(Snapshot::decode(&compressed, exact).is_ok());
    let smaller = SnapshotLimits {
        document: document - 1,
        ..exact
    };
    let error = Snapshot::decode(&compressed, smaller).unwrap_err();
    assert_eq!(error, ReadSnapshotError::DocumentTooLong { limit: document - 1 });
    let smaller = SnapshotLimits {
        compressed: compressed.len() - 1,
        ..exact
    };
    let error = Snapshot::decode(&compressed, smaller).unwrap_err();
    assert!(matches!(error, ReadSnapshotError::CompressedTooLong { .. }));
}

#[test]
fn bytes_that_are_not_one_whole_gzip_member_are_refused() {
    let good = gzip(DOCUMENT.as_bytes());
    let mut checksum = good.clone();
    let at = good.len() - 8;
    checksum[at] ^= 1;
    let twice = [good.clone(), good.clone()].concat();
    let trailing = [good.as_slice(), b"\0"].concat();
    for wrong in [
        &[],
        &good[..good.len() - 1],
        &good[..20],
        &checksum,
        &twice,
        &trailing,
        DOCUMENT.as_bytes(),
    ] {
        assert_eq!(Snapshot::decode(wrong, LIMITS).unwrap_err(), ReadSnapshotError::Gzip);
    }
}

#[test]
fn what_no_reader_would_take_is_not_written() {
    let mut snapshot = decode(DOCUMENT).unwrap();
    let smaller = SnapshotLimits {
        document: DOCUMENT.len() - 1,
        ..LIMITS
    };
    let document = DOCUMENT.len();
    assert_eq!(snapshot.encode(smaller), Err(WriteSnapshotError::TooLong { document }));
    let smaller = SnapshotLimits {
        compressed: 10,
        ..LIMITS
    };
    assert_eq!(snapshot.encode(smaller), Err(WriteSnapshotError::TooLong { document }));
    let short = snapshot.to_document(document - 1);
    assert_eq!(short, Err(WriteSnapshotError::TooLong { document }));
    snapshot.manifest.device = "x".repeat(129);
    let device = snapshot.to_document(LIMITS.document);
    assert_eq!(device, Err(WriteSnapshotError::Device { bytes: 129 }));
    assert_eq!(snapshot.encode(LIMITS), Err(WriteSnapshotError::Device { bytes: 129 }));
}

proptest! {
    #[test]
    fn what_was_written_reads_back(revision: u64, time: u64, device in "\\PC{0,30}", sites: Vec<String>) {
        let manifest = Manifest { revision, parent: None, time, device };
        let part = |value: &Vec<String>| serde_json::value::to_raw_value(value).unwrap();
        let empty = part(&Vec::new());
        let snapshot = Snapshot {
            manifest,
            sites: part(&sites),
            users: empty.clone(),
            groups: empty.clone(),
            pins: empty,
        };
        let bytes = snapshot.encode(SnapshotLimits::default()).unwrap();
        let again = Snapshot::decode(&bytes, SnapshotLimits::default()).unwrap();
        prop_assert_eq!(&again.manifest, &snapshot.manifest);
        prop_assert_eq!(again.sites.get(), snapshot.sites.get());
        prop_assert_eq!(again.digest(), snapshot.digest());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(Snapshot::decode(&bytes, LIMITS).is_err());
        prop_assert!(Snapshot::decode(&gzip(&bytes), LIMITS).is_err());
    }
}

/// A snapshot of these sites, with the pins of those that were accepted.
fn snapshot_of(sites: &str, accepted: &[&str], lists: [&str; 2]) -> Snapshot {
    let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
    let mut pins = crate::trust::PinSet::new();
    for site in accepted {
        let site = serde_json::from_str(site).unwrap();
        pins.accept(&site, &crate::key::KeySet::new()).unwrap();
    }
    Snapshot {
        sites: raw(sites),
        users: raw(lists[0]),
        groups: raw(lists[1]),
        pins: raw(&pins.to_json().unwrap()),
        ..decode(DOCUMENT).unwrap()
    }
}

#[test]
fn the_parts_belong_together() {
    let (one, two) = (r#"{"id":1,"name":"a"}"#, r#"{"id":2,"extra":[1.50]}"#);
    let both = format!("[{two}, {one}]");
    let snapshot = snapshot_of(&both, &[one], ["null", r#"[{"id":9}]"#]);
    let contents = snapshot.contents().unwrap();
    let (ids, jsons): (Vec<_>, Vec<_>) = contents.sites.iter().map(|(id, saved)| (*id, saved.json.get())).unzip();
    assert_eq!((ids, jsons), (vec![1, 2], vec![one, two]));
    assert_eq!(contents.pins.len(), 1);

    let error = |sites: &str, accepted: &[&str], lists| snapshot_of(sites, accepted, lists).contents().unwrap_err();
    let lists = ["[]", "[]"];
    assert_eq!(error("{}", &[], lists), ContradictionError::List);
    assert_eq!(error("[]", &[], ["{}", "[]"]), ContradictionError::List);
    assert_eq!(error("[]", &[], ["[]", "1"]), ContradictionError::List);
    assert_eq!(error("[{}]", &[], lists), ContradictionError::Site);
    assert_eq!(
        error(&format!("[{one},{one}]"), &[], lists),
        ContradictionError::SiteTwice(1)
    );
    assert_eq!(error(&format!("[{two}]"), &[one], lists), ContradictionError::NoSite(1));
    let changed = one.replace('a', "b");
    assert_eq!(
        error(&format!("[{changed}]"), &[one], lists),
        ContradictionError::OtherSite(1)
    );
    let mut without = snapshot_of("[]", &[], lists);
    without.pins = RawValue::from_string("{}".to_owned()).unwrap();
    assert_eq!(without.contents().unwrap_err(), ContradictionError::Pins);
}
