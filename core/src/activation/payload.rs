//! What an activation carries: keys with labels, and the time for which it is good.
//!
//! ```text
//! payload = 0x02 || u64be(issued) || u64be(expires) || u8(count) || count × entry
//! entry   = u8(flags) || replaces(16) || u8(label length) || label || key(32)
//! flags     bit 0: the key is retired; bit 1: it becomes the default; the others are zero
//! ```
//!
//! Binary, and of a length that is known beforehand, so that a key is copied from its box to a buffer that is
//! wiped and to nowhere else.
//!
//! 18 bytes in front, and 50 for each key besides its label: at most 11,410 bytes, which fit in one Cobblestone chunk
//! of 16,384. The sender's word is checked twice, by the sender that makes the payload and by the receiver that reads
//! it: [`ActivationPayload::new`] is the only way to either.

use std::sync::Arc;

use zeroize::Zeroizing;

use crate::key::{FINGERPRINT_LEN, KEY_LEN, KeyFingerprint, VaultKey};

const VERSION: u8 = 2;
const RETIRED: u8 = 1;
const BECOMES_DEFAULT: u8 = 2;
/// What stands where a key replaces none.
const NOTHING: [u8; FINGERPRINT_LEN] = [0; FINGERPRINT_LEN];
/// Keys in one activation.
pub(super) const MAX_KEYS: usize = 64;
/// Bytes of a label.
pub(super) const MAX_LABEL_LEN: usize = 128;
const HEADER_LEN: usize = 1 + 8 + 8 + 1;
/// Bytes of a key with all that is said of it, but for its label.
const ENTRY_LEN: usize = 1 + FINGERPRINT_LEN + 1 + KEY_LEN;
/// Bytes of the longest payload.
pub(super) const MAX_PAYLOAD_LEN: usize = HEADER_LEN + MAX_KEYS * (ENTRY_LEN + MAX_LABEL_LEN);

/// A key that an activation hands over, and what people call it.
///
/// `is_retired`, `becomes_default` and `replaces` are what the sender says of the key. The receiver's keyring may
/// know better: see [`Keyring::plan_reception`](crate::keyring::Keyring::plan_reception).
#[derive(Debug, PartialEq, Eq)]
pub struct ActivationKey {
    /// The key.
    pub key: Arc<VaultKey>,
    /// Its name: 1 to 128 bytes of UTF-8 without control characters.
    pub label: String,
    /// Whether the key only opens what was sealed before.
    pub is_retired: bool,
    /// Whether it is to seal what the receiver seals from then on.
    pub becomes_default: bool,
    /// The key in whose place it is used, where there is one: an earlier key of the activation, or one that is not in it.
    pub replaces: Option<KeyFingerprint>,
}

impl ActivationKey {
    /// An active key that replaces none.
    #[must_use]
    pub fn new(key: Arc<VaultKey>, label: String) -> Self {
        Self {
            key,
            label,
            is_retired: false,
            becomes_default: false,
            replaces: None,
        }
    }

    fn flags(&self) -> u8 {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        flag(self.is_retired, RETIRED) | flag(self.becomes_default, BECOMES_DEFAULT)
    }
}

/// The content of an activation: 1 to 64 keys, and the time of issue and of expiry in seconds since 1970 (UTC).
///
/// A value of this type keeps the rules of docs/spec/activation.md, "Payload": labels can be shown, no key is there
/// twice, a replaced key comes before the one that replaces it, and at most one key, an active one, becomes the
/// default. The keys are wiped when the last holder of their `Arc` drops them.
///
/// ```
/// use std::sync::Arc;
///
/// use zkvault_core::activation::{ActivationKey, ActivationPayload, PayloadError};
/// use zkvault_core::key::VaultKey;
///
/// let key = |byte: u8, label: &str| -> Result<ActivationKey, Box<dyn std::error::Error>> {
///     Ok(ActivationKey::new(Arc::new(VaultKey::from_slice(&[byte; 32])?), label.to_owned()))
/// };
/// // A key that was rotated, and the one in its place, with which the receiver seals from then on.
/// let old = ActivationKey { is_retired: true, ..key(1, "team")? };
/// let new = ActivationKey { becomes_default: true, replaces: Some(old.key.fingerprint()), ..key(2, "team-2")? };
/// let payload = ActivationPayload::new(vec![old, new], 1_700_000_000, 1_700_086_400)?;
/// assert_eq!(payload.keys()[1].replaces, Some(payload.keys()[0].key.fingerprint()));
///
/// let twice = vec![key(1, "a")?, key(1, "b")?];
/// assert_eq!(ActivationPayload::new(twice, 1, 2), Err(PayloadError::Inconsistent));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// * [`PayloadError::KeyCount`] unless there are 1 to 64 keys.
    /// * [`PayloadError::Label`] when a label is not 1 to 128 bytes, or has control characters, which would change a
    ///   terminal.
    /// * [`PayloadError::Times`] when `expires` is not after `issued`.
    /// * [`PayloadError::Inconsistent`] when a key is there twice or replaces itself or a later one, when several
    ///   would become the default, or when a retired one would.
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
        if !are_consistent(&keys) {
            return Err(PayloadError::Inconsistent);
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
    ///
    /// The capacity is exact: a vector that grows leaves copies of keys behind that nobody wipes.
    pub(super) fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let entries = self.keys.iter().map(|key| ENTRY_LEN + key.label.len());
        let mut bytes = Zeroizing::new(Vec::with_capacity(HEADER_LEN + entries.sum::<usize>()));
        bytes.push(VERSION);
        bytes.extend_from_slice(&self.issued.to_be_bytes());
        bytes.extend_from_slice(&self.expires.to_be_bytes());
        bytes.push(self.keys.len() as u8);
        for entry in &self.keys {
            bytes.push(entry.flags());
            bytes.extend_from_slice(&entry.replaces.map_or(NOTHING, KeyFingerprint::to_bytes));
            bytes.push(entry.label.len() as u8);
            bytes.extend_from_slice(entry.label.as_bytes());
            bytes.extend_from_slice(entry.key.expose_secret());
        }
        bytes
    }

    /// Reads the wire form.
    ///
    /// # Errors
    /// [`PayloadError::Version`] and [`PayloadError::Malformed`] for the form, then as for [`Self::new`]. The caller
    /// has authenticated the bytes, so these name a faulty sender and no attacker.
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
    // No more room than the keys take: a list that grows is there twice while it does.
    let mut keys = Vec::with_capacity(usize::from(*count).min(rest.len() / ENTRY_LEN));
    for _ in 0..*count {
        let (key, after) = read_key(rest)?;
        keys.push(key);
        rest = after;
    }
    let times = (u64::from_be_bytes(*issued), u64::from_be_bytes(*expires));
    rest.is_empty().then_some((keys, times.0, times.1))
}

/// Unknown flags are refused by writing the known ones again and comparing, so that a later version can give them a
/// meaning.
fn read_key(bytes: &[u8]) -> Option<(ActivationKey, &[u8])> {
    let (flags, rest) = bytes.split_first()?;
    let (replaces, rest) = rest.split_first_chunk::<FINGERPRINT_LEN>()?;
    let (length, rest) = rest.split_first()?;
    let (label, rest) = rest.split_at_checked(usize::from(*length))?;
    let (key, rest) = rest.split_at_checked(KEY_LEN)?;
    let key = ActivationKey {
        key: Arc::new(VaultKey::from_slice(key).ok()?),
        label: std::str::from_utf8(label).ok()?.to_owned(),
        is_retired: flags & RETIRED != 0,
        becomes_default: flags & BECOMES_DEFAULT != 0,
        replaces: (*replaces != NOTHING).then(|| KeyFingerprint::from_bytes(*replaces)),
    };
    (*flags == key.flags()).then_some((key, rest))
}

/// Whether no key is there twice or replaces itself or a later one, and at most one, which is active, becomes the default.
fn are_consistent(keys: &[ActivationKey]) -> bool {
    let fingerprints: Vec<_> = keys.iter().map(|key| key.key.fingerprint()).collect();
    let mut defaults = keys.iter().filter(|key| key.becomes_default);
    let default = defaults.next();
    let place = |wanted| fingerprints.iter().position(|fingerprint| *fingerprint == wanted);
    let is_in_order = |(at, key): (usize, &ActivationKey)| {
        let replaced = key.replaces.and_then(place);
        place(key.key.fingerprint()) == Some(at) && replaced.is_none_or(|replaced| replaced < at)
    };
    defaults.next().is_none() && default.is_none_or(|key| !key.is_retired) && keys.iter().enumerate().all(is_in_order)
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
    /// A key is there twice or replaces a later one, several would become the default, or a retired one would.
    #[error("what the activation says of its keys contradicts itself")]
    Inconsistent,
    /// It comes from a newer program, or from a pre-release.
    #[error("the keys in the activation are in version {0}, which is not known here: it has to be made anew")]
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
        ActivationKey::new(Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap()), label.to_owned())
    }

    /// A retired key, and the one that replaces it and becomes the default.
    fn rotated() -> Vec<ActivationKey> {
        let old = ActivationKey {
            is_retired: true,
            ..key(1, "team")
        };
        let new = ActivationKey {
            becomes_default: true,
            replaces: Some(old.key.fingerprint()),
            ..key(2, "team-2")
        };
        vec![old, new]
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
        insta::assert_snapshot!(format!("{:?}", ActivationPayload::new(vec![key(1, "home")], 1, 2).unwrap()), @r#"ActivationPayload { keys: [ActivationKey { key: VaultKey { id: KeyId(878694ff), secret: [REDACTED], .. }, label: "home", is_retired: false, becomes_default: false, replaces: None }], issued: 1, expires: 2 }"#);
    }

    #[test]
    fn the_wire_form_is_the_specified_one() {
        let bytes = ActivationPayload::new(rotated(), 1, 2).unwrap().to_bytes();
        let mut expected = b"\x02\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\x02\x02".to_vec();
        expected.push(1);
        expected.extend([0; 16]);
        expected.extend(b"\x04team");
        expected.extend([1; 32]);
        expected.push(2);
        expected.extend(hex::decode("46b7767005b2e689c578d53d0be0a186").unwrap());
        expected.extend(b"\x06team-2");
        expected.extend([2; 32]);
        assert_eq!(*bytes, expected);
        assert_eq!(bytes.capacity(), bytes.len());
        assert_eq!(ActivationPayload::parse(&bytes).unwrap().keys(), rotated());
    }

    #[test]
    fn unknown_flags() {
        for flag in 2..8 {
            assert_eq!(fault(|bytes| bytes[18] |= 1 << flag), PayloadError::Malformed, "{flag}");
        }
    }

    #[test]
    fn keys_that_contradict_one_another() {
        let refused = |change: fn(&mut Vec<ActivationKey>)| {
            let mut keys = rotated();
            change(&mut keys);
            assert_eq!(ActivationPayload::new(keys, 1, 2), Err(PayloadError::Inconsistent));
        };
        refused(|keys| keys[0].becomes_default = true);
        refused(|keys| keys[1].is_retired = true);
        refused(|keys| keys.swap(0, 1));
        refused(|keys| keys[0].replaces = Some(keys[0].key.fingerprint()));
        refused(|keys| keys.push(key(1, "again")));
        refused(|keys| {
            keys[0].is_retired = false;
            keys[0].becomes_default = true;
        });
        let outside = ActivationKey {
            replaces: Some(key(9, "x").key.fingerprint()),
            ..key(1, "a")
        };
        assert!(ActivationPayload::new(vec![outside], 1, 2).is_ok());
    }

    #[test]
    fn the_longest_payload_is_as_long_as_stated() {
        let label = "x".repeat(MAX_LABEL_LEN);
        let keys = (0..MAX_KEYS).map(|number| key(number as u8, &label)).collect();
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
        for version in [0, 1, 3] {
            assert_eq!(fault(|bytes| bytes[0] = version), PayloadError::Version(version));
        }
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
        assert_eq!(fault(|bytes| bytes[36] = 0xff), PayloadError::Malformed);
    }

    #[test]
    fn control_character_in_a_label() {
        assert_eq!(fault(|bytes| bytes[36] = 0x1b), PayloadError::Label { index: 0 });
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
            keys in proptest::collection::btree_map(any::<u8>(), "[^\\p{Cc}]{1,32}", 1..5),
            issued in 0..u64::MAX,
        ) {
            let mut keys: Vec<_> = keys.iter().map(|(byte, label)| key(*byte, label)).collect();
            for at in 1..keys.len() {
                keys[at].replaces = Some(keys[at - 1].key.fingerprint());
                keys[at - 1].is_retired = true;
            }
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
