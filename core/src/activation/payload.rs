//! What an activation carries: keys with labels, and the time for which it is good.
//!
//! ```text
//! payload = 0x01 || u64be(issued) || u64be(expires) || u8(count) || count × (u8(label length) || label || key(32))
//! ```
//!
//! Binary, and of a length that is known beforehand, so that a key is copied from its box to a buffer that is
//! wiped and to nowhere else.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::key::{KEY_LEN, VaultKey};

const VERSION: u8 = 1;
/// Keys in one activation.
pub(super) const MAX_KEYS: usize = 64;
/// Bytes of a label.
pub(super) const MAX_LABEL_LEN: usize = 128;
const HEADER_LEN: usize = 1 + 8 + 8 + 1;
/// Bytes of the longest payload.
pub(super) const MAX_PAYLOAD_LEN: usize = HEADER_LEN + MAX_KEYS * (1 + MAX_LABEL_LEN + KEY_LEN);

/// A key that an activation hands over, and what people call it.
#[derive(Debug, PartialEq, Eq)]
pub struct ActivationKey {
    /// The key.
    pub key: Arc<VaultKey>,
    /// Its name: 1 to 128 bytes of UTF-8 without control characters.
    pub label: String,
}

/// The content of an activation: 1 to 64 keys, and the time of issue and of expiry in seconds since 1970 (UTC).
#[derive(Debug, PartialEq, Eq)]
pub struct ActivationPayload {
    keys: Vec<ActivationKey>,
    issued: u64,
    expires: u64,
}

impl ActivationPayload {
    /// A payload of these keys.
    ///
    /// # Errors
    /// [`PayloadError`] when there are no or too many keys, a label cannot be shown, or it would expire before
    /// it is issued.
    pub fn new(keys: Vec<ActivationKey>, issued: u64, expires: u64) -> Result<Self, PayloadError> {
        if keys.is_empty() || keys.len() > MAX_KEYS {
            return Err(PayloadError::KeyCount { actual: keys.len() });
        }
        if let Some(index) = keys.iter().position(|key| !is_label(&key.label)) {
            return Err(PayloadError::Label { index });
        }
        if expires <= issued {
            return Err(PayloadError::Times);
        }
        Ok(Self { keys, issued, expires })
    }

    /// The keys, in the order in which they were given.
    #[must_use]
    pub fn keys(&self) -> &[ActivationKey] {
        &self.keys
    }

    /// The keys, taken out.
    #[must_use]
    pub fn into_keys(self) -> Vec<ActivationKey> {
        self.keys
    }

    /// When it was made, in seconds since 1970 (UTC).
    #[must_use]
    pub fn issued(&self) -> u64 {
        self.issued
    }

    /// The first second at which it is no longer good.
    #[must_use]
    pub fn expires(&self) -> u64 {
        self.expires
    }

    /// The wire form.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let entries = self.keys.iter().map(|key| 1 + key.label.len() + KEY_LEN);
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER_LEN + entries.sum::<usize>()));
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.issued.to_be_bytes());
        bytes.extend_from_slice(&self.expires.to_be_bytes());
        bytes.push(self.keys.len() as u8);
        for ActivationKey { key, label } in &self.keys {
            bytes.push(label.len() as u8);
            bytes.extend_from_slice(label.as_bytes());
            bytes.extend_from_slice(key.expose_secret());
        }
        bytes
    }

    /// Reads the wire form.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, PayloadError> {
        match bytes.first() {
            Some(&VERSION) => {}
            Some(&version) => return Err(PayloadError::Version(version)),
            None => return Err(PayloadError::Malformed),
        }
        // Before the first key is read: each takes a kilobyte of memory, with its cipher's round keys.
        match bytes.get(HEADER_LEN - 1) {
            Some(&count) if usize::from(count) > MAX_KEYS => Err(PayloadError::KeyCount {
                actual: usize::from(count),
            }),
            _ => {
                let (keys, issued, expires) = read(bytes).ok_or(PayloadError::Malformed)?;
                Self::new(keys, issued, expires)
            }
        }
    }
}

/// The fields in their order; `None` when the bytes end too early or too late, or a label is not UTF-8.
fn read(bytes: &[u8]) -> Option<(Vec<ActivationKey>, u64, u64)> {
    let (_version, rest) = bytes.split_first()?;
    let (issued, rest) = rest.split_first_chunk()?;
    let (expires, rest) = rest.split_first_chunk()?;
    let (count, mut rest) = rest.split_first()?;
    let mut keys = Vec::new();
    for _ in 0..*count {
        let (key, after) = read_key(rest)?;
        keys.push(key);
        rest = after;
    }
    let times = (u64::from_be_bytes(*issued), u64::from_be_bytes(*expires));
    rest.is_empty().then_some((keys, times.0, times.1))
}

fn read_key(bytes: &[u8]) -> Option<(ActivationKey, &[u8])> {
    let (length, rest) = bytes.split_first()?;
    let (label, rest) = rest.split_at_checked(usize::from(*length))?;
    let (key, rest) = rest.split_at_checked(KEY_LEN)?;
    let key = ActivationKey {
        key: Arc::new(VaultKey::from_slice(key).ok()?),
        label: std::str::from_utf8(label).ok()?.to_owned(),
    };
    Some((key, rest))
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_LABEL_LEN && !text.chars().any(char::is_control)
}

/// A payload cannot be made, or an authentic one cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PayloadError {
    /// There are no keys, or too many.
    #[error("an activation holds 1 to {MAX_KEYS} keys, not {actual}")]
    KeyCount {
        /// How many there are.
        actual: usize,
    },
    /// A label is empty, too long, or has control characters.
    #[error("the label of key {index} is not 1 to {MAX_LABEL_LEN} bytes of printable text")]
    Label {
        /// The key's place, counted from 0.
        index: usize,
    },
    /// It expires before or when it is issued.
    #[error("the activation expires before it is issued")]
    Times,
    /// It comes from a newer program.
    #[error("the activation has version {0}, which is not known here")]
    Version(u8),
    /// The fields do not fill the payload exactly.
    #[error("the activation is authentic but malformed")]
    Malformed,
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    pub(crate) fn key(byte: u8, label: &str) -> ActivationKey {
        ActivationKey {
            key: Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap()),
            label: label.to_owned(),
        }
    }

    fn payload() -> ActivationPayload {
        ActivationPayload::new(vec![key(1, "home"), key(2, "büro")], 1000, 2000).unwrap()
    }

    fn fault(change: impl FnOnce(&mut Vec<u8>)) -> PayloadError {
        let mut bytes = payload().to_bytes().to_vec();
        change(&mut bytes);
        ActivationPayload::parse(&bytes).unwrap_err()
    }

    #[test]
    fn debug_shows_no_key() {
        insta::assert_snapshot!(format!("{:?}", ActivationPayload::new(vec![key(1, "home")], 1, 2).unwrap()), @r#"ActivationPayload { keys: [ActivationKey { key: VaultKey { id: KeyId(878694ff), secret: [REDACTED], .. }, label: "home" }], issued: 1, expires: 2 }"#);
    }

    #[test]
    fn the_wire_form_is_the_specified_one() {
        let bytes = ActivationPayload::new(vec![key(3, "ab")], 1, 2).unwrap().to_bytes();
        let mut expected = b"\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\x01\x02ab".to_vec();
        expected.extend([3; 32]);
        assert_eq!(*bytes, expected);
        assert_eq!(bytes.capacity(), bytes.len());
    }

    #[test]
    fn the_longest_payload_is_as_long_as_stated() {
        let label = "x".repeat(MAX_LABEL_LEN);
        let keys = (0..MAX_KEYS).map(|_| key(1, &label)).collect();
        let longest = ActivationPayload::new(keys, 1, 2).unwrap();
        assert_eq!(longest.to_bytes().len(), MAX_PAYLOAD_LEN);
        assert_eq!(ActivationPayload::parse(&longest.to_bytes()), Ok(longest));
    }

    #[test]
    fn what_was_put_in_is_taken_out() {
        let payload = payload();
        assert_eq!((payload.issued(), payload.expires()), (1000, 2000));
        let keys = [key(1, "home"), key(2, "büro")];
        assert_eq!(payload.keys(), keys);
        assert_eq!(payload.into_keys(), keys);
    }

    #[test]
    fn unknown_version() {
        assert_eq!(fault(|bytes| bytes[0] = 2), PayloadError::Version(2));
    }

    #[test]
    fn cut_anywhere() {
        let whole = payload().to_bytes();
        for length in 0..whole.len() {
            assert_eq!(
                fault(|bytes| bytes.truncate(length)),
                PayloadError::Malformed,
                "{length}"
            );
        }
    }

    #[test]
    fn trailing_byte() {
        assert_eq!(fault(|bytes| bytes.push(0)), PayloadError::Malformed);
    }

    #[test]
    fn label_not_utf8() {
        assert_eq!(fault(|bytes| bytes[19] = 0xff), PayloadError::Malformed);
    }

    #[test]
    fn control_character_in_a_label() {
        assert_eq!(fault(|bytes| bytes[19] = 0x1b), PayloadError::Label { index: 0 });
    }

    #[test]
    fn empty_or_long_label() {
        for label in [String::new(), "x".repeat(MAX_LABEL_LEN + 1)] {
            let result = ActivationPayload::new(vec![key(1, "ok"), key(1, &label)], 1, 2);
            assert_eq!(result, Err(PayloadError::Label { index: 1 }));
        }
    }

    #[test]
    fn no_or_too_many_keys() {
        for actual in [0, MAX_KEYS + 1] {
            let keys = (0..actual).map(|_| key(1, "x")).collect();
            assert_eq!(
                ActivationPayload::new(keys, 1, 2),
                Err(PayloadError::KeyCount { actual })
            );
        }
        let mut none = payload().to_bytes()[..HEADER_LEN].to_vec();
        none[HEADER_LEN - 1] = 0;
        assert_eq!(
            ActivationPayload::parse(&none),
            Err(PayloadError::KeyCount { actual: 0 })
        );
    }

    #[test]
    fn expires_when_or_before_it_is_issued() {
        for expires in [0, 999, 1000_u64] {
            let result = fault(|bytes| bytes[9..17].copy_from_slice(&expires.to_be_bytes()));
            assert_eq!(result, PayloadError::Times, "{expires}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(
            keys in proptest::collection::vec((any::<u8>(), "[^\\p{Cc}]{1,32}"), 1..5),
            issued in 0..u64::MAX,
        ) {
            let keys = keys.iter().map(|(byte, label)| key(*byte, label)).collect();
            let payload = ActivationPayload::new(keys, issued, issued + 1).unwrap();
            prop_assert_eq!(ActivationPayload::parse(&payload.to_bytes()), Ok(payload));
        }

        #[test]
        fn any_bytes_are_an_answer_and_what_is_read_is_written(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            if let Ok(payload) = ActivationPayload::parse(&bytes) {
                prop_assert_eq!(&*payload.to_bytes(), &bytes);
            }
        }
    }
}
