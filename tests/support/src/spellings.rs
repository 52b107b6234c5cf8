//! The ways in which a secret may be spelled in what a program sends, prints or writes, and a search for them.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use memchr::memmem;

/// As much of a gzip member is looked at.
const MAX_INFLATED_LEN: u64 = 64 << 20;

/// A secret as it is; in hexadecimal digits; in base64 of both alphabets at any place; as a URL and as JSON have it;
/// in UTF-16 of both orders.
pub fn spellings(secret: &[u8]) -> Vec<Vec<u8>> {
    let hex = hex::encode(secret);
    let mut all = vec![secret.to_vec(), hex.to_uppercase().into_bytes(), hex.into_bytes()];
    for padding in 0..3 {
        let padded = [&vec![0; padding][..], secret].concat();
        for text in [STANDARD.encode(&padded), URL_SAFE.encode(&padded)] {
            // The letters at both ends depend on the neighbours as well.
            all.push(text.as_bytes()[4..text.len() - 4].to_vec());
        }
    }
    let each = |spell: &dyn Fn(u8) -> String| secret.iter().map(|byte| spell(*byte)).collect::<String>().into_bytes();
    let plain = |byte: u8| byte.is_ascii_alphanumeric();
    all.push(each(&|byte| {
        if plain(byte) {
            char::from(byte).into()
        } else {
            format!("%{byte:02X}")
        }
    }));
    all.push(each(&|byte| {
        if plain(byte) {
            char::from(byte).into()
        } else {
            format!("%{byte:02x}")
        }
    }));
    if let Ok(text) = str::from_utf8(secret) {
        let json = serde_json::to_string(text).unwrap();
        all.push(json.as_bytes()[1..json.len() - 1].to_vec());
        all.push(each(&|byte| format!("\\u{byte:04x}")));
        all.push(text.encode_utf16().flat_map(u16::to_le_bytes).collect());
        all.push(text.encode_utf16().flat_map(u16::to_be_bytes).collect());
    }
    all.sort_unstable();
    all.dedup();
    all
}

/// Secrets by name, with all their spellings.
#[derive(Debug, Default)]
pub struct Canaries(Vec<(String, Vec<Vec<u8>>)>);

impl Canaries {
    /// Adds a secret of at least 12 bytes.
    pub fn add(&mut self, name: &str, secret: &[u8]) {
        assert!(secret.len() >= 12, "{name} is found by chance");
        self.0.push((name.to_owned(), spellings(secret)));
    }

    /// The names of what is in some bytes, or in a gzip member in them.
    pub fn found_in(&self, bytes: &[u8]) -> Vec<&str> {
        let mut layers = vec![bytes.to_vec()];
        layers.extend(memmem::find_iter(bytes, &[0x1f, 0x8b, 8]).map(|at| inflated(&bytes[at..])));
        let is_found = |spelling: &Vec<u8>| layers.iter().any(|layer| memmem::find(layer, spelling).is_some());
        let found = self.0.iter().filter(|(_, spellings)| spellings.iter().any(is_found));
        found.map(|(name, _)| name.as_str()).collect()
    }
}

/// As much of a gzip member as can be read.
fn inflated(member: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut decoder = flate2::read::GzDecoder::new(member).take(MAX_INFLATED_LEN);
    let mut piece = [0; 4096];
    while let Ok(count @ 1..) = decoder.read(&mut piece) {
        bytes.extend_from_slice(&piece[..count]);
    }
    bytes
}

/// A search that finds nothing is worth nothing unless it finds what is there.
#[test]
fn z33_every_spelling_of_a_secret_is_found() {
    use std::io::Write as _;
    let secret = b"c\"nary/+ \\ 7f1c%9d";
    let mut canaries = Canaries::default();
    canaries.add("canary", secret);
    canaries.add("other", b"another secret");
    let text = str::from_utf8(secret).unwrap();
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let mut carriers = vec![
        secret.to_vec(),
        hex::encode(secret).into_bytes(),
        hex::encode_upper(secret).into_bytes(),
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC)
            .to_string()
            .into_bytes(),
        serde_json::to_vec(&[text]).unwrap(),
        text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        text.bytes()
            .map(|byte| format!("\\u{byte:04x}"))
            .collect::<String>()
            .into_bytes(),
    ];
    for before in ["", "a", "ab", "abc"] {
        let around = [before.as_bytes(), secret, b"and after"].concat();
        carriers.extend([STANDARD.encode(&around), URL_SAFE.encode(&around)].map(String::into_bytes));
    }
    for carrier in &carriers {
        let inside = [&[b'a'; 2000][..], carrier, b"noise"].concat();
        assert_eq!(canaries.found_in(&inside), ["canary"], "{carrier:?}");
        let compressed = [b"noise", &gzip(&inside)[..], b"noise"].concat();
        assert!(
            memmem::find(&compressed, carrier).is_none(),
            "it is hidden by the compression"
        );
        assert_eq!(canaries.found_in(&compressed), ["canary"], "in gzip: {carrier:?}");
    }
    assert!(canaries.found_in(b"nothing of it").is_empty());
}
