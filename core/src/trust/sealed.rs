//! Pins as one sealed record, for a place that keeps bytes and cannot be trusted (docs/spec/trust.md, "Sealed pins").
//!
//! ```text
//! offset  bytes
//!      0      7  "ZKVPINS"
//!      7      1  version, 0x02
//!      8      1  0 under a personal key, 1 under a vault key
//!      9      4  the id of the vault key, where it is one
//!   9/13      8  revision, big-endian
//!  17/21         seal(key, context("zkvault.pins.v2", account, revision), JSON)
//! ```
//!
//! The record proves its account and revision, and not that it is the latest: a caller remembers the highest revision
//! in another place and refuses a lower one, or an old record that is put back would undo what was noticed since
//! (threat model, Z42).

use super::json::{ReadPinsError, WritePinsError};
use super::set::PinSet;
use crate::account::AccountName;
use crate::cobblestone::{self, InputKey};
use crate::context::{Context, Label};
use crate::error::{DecryptError, SealError};
use crate::key::{KeyId, KeySet, VaultKey};
use crate::keyring::PersonalKeys;
use crate::personal::PersonalKey;

const MAGIC: &[u8; 7] = b"ZKVPINS";
const VERSION: u8 = 2;
/// The byte behind the version: which kind of key seals.
const PERSONAL: u8 = 0;
const VAULT_KEY: u8 = 1;
const KEY_ID_LEN: usize = 4;
const REVISION_LEN: usize = 8;

/// What seals pins.
#[derive(Debug, Clone, Copy)]
pub enum PinsKey<'a> {
    /// The personal key of a keyring, which no colleague has.
    Personal(&'a PersonalKey),
    /// A key file, where there is no keyring.
    VaultKey(&'a VaultKey),
}

/// What may have sealed pins. The kinds do not mix: pins of a keyring are never taken from the holder of a shared key.
#[derive(Debug, Clone, Copy)]
pub enum PinsKeys<'a> {
    /// The personal keys of a keyring.
    Personal(&'a PersonalKeys),
    /// Key files.
    VaultKeys(&'a KeySet),
}

impl PinSet {
    /// Seals the pins of an account: `"ZKVPINS" || 0x02 || kind || u64be(revision) || sealed`, where kind is 0 and sealed is
    /// `seal(sub("zkvault.personal.local.v1", account), context("zkvault.pins.v2", account, revision), JSON)` under a
    /// personal key, or 1, the key's id, and the same under a vault key.
    ///
    /// ```
    /// use zkvault_core::account::AccountName;
    /// use zkvault_core::key::{KeySet, VaultKey};
    /// use zkvault_core::trust::{OpenPinsError, PinSet, PinsKey, PinsKeys};
    ///
    /// let key = std::sync::Arc::new(VaultKey::generate()?);
    /// let (account, other) = (AccountName::parse("acme.logmeonce.com")?, AccountName::parse("example.com")?);
    /// let record = PinSet::new().seal(PinsKey::VaultKey(&key), &account, 7)?;
    /// let mut keys = KeySet::new();
    /// keys.add(key, None);
    /// assert_eq!(PinSet::open(&record, &account, PinsKeys::VaultKeys(&keys))?, (PinSet::new(), 7));
    /// let of_other = PinSet::open(&record, &other, PinsKeys::VaultKeys(&keys));
    /// assert!(matches!(of_other, Err(OpenPinsError::Decrypt(_))));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealPinsError::Write`] when the pins are longer than a reader accepts, and [`SealPinsError::Seal`] without
    /// random bytes.
    pub fn seal(&self, key: PinsKey<'_>, account: &AccountName, revision: u64) -> Result<Vec<u8>, SealPinsError> {
        let context = context(account, revision);
        let json = self.to_json()?;
        let mut record = [MAGIC, &[VERSION][..]].concat();
        match key {
            PinsKey::Personal(_) => record.push(PERSONAL),
            PinsKey::VaultKey(key) => {
                record.push(VAULT_KEY);
                record.extend_from_slice(&key.id().to_bytes());
            }
        }
        record.extend_from_slice(&revision.to_be_bytes());
        match key {
            PinsKey::Personal(key) => {
                cobblestone::seal_into(&key.local_key(Some(account)), &context, json.as_bytes(), &mut record)?;
            }
            PinsKey::VaultKey(key) => {
                cobblestone::seal_into(key.input_key(), &context, json.as_bytes(), &mut record)?;
            }
        }
        Ok(record)
    }

    /// Opens what [`Self::seal`] made for the same account, with its revision. Whether that is the latest, the record
    /// cannot tell: the caller compares the revision with one that it keeps elsewhere.
    ///
    /// # Errors
    /// * [`OpenPinsError::Malformed`] and [`OpenPinsError::PreRelease`] by the first bytes.
    /// * [`OpenPinsError::OtherKind`] when they are under a vault key and a keyring reads them, or the reverse: a
    ///   colleague has the vault key (threat model, Z46).
    /// * [`OpenPinsError::NoKey`] and [`OpenPinsError::Decrypt`]: no such key, or another account, another key,
    ///   changed bytes.
    /// * [`OpenPinsError::Read`] when what was sealed is in another form.
    pub fn open(record: &[u8], account: &AccountName, keys: PinsKeys<'_>) -> Result<(Self, u64), OpenPinsError> {
        let Parsed { id, revision, sealed } = parse(record)?;
        let context = context(account, revision);
        let mut error = OpenPinsError::Decrypt(DecryptError);
        let mut opened = None;
        let mut attempt = |key: &InputKey| match cobblestone::open(key, &context, sealed) {
            Ok(json) => opened = opened.take().or(Some(json)),
            Err(failed) => error = failed.into(),
        };
        match (keys, id) {
            (PinsKeys::Personal(keys), None) => keys.iter().for_each(|key| attempt(&key.local_key(Some(account)))),
            (PinsKeys::VaultKeys(keys), Some(id)) => {
                let mut matching = keys.with_id(id).peekable();
                if matching.peek().is_none() {
                    return Err(OpenPinsError::NoKey(id));
                }
                matching.for_each(|key| attempt(key.input_key()));
            }
            _ => return Err(OpenPinsError::OtherKind),
        }
        let json = opened.ok_or(error)?;
        let json = str::from_utf8(json.expose_secret()).map_err(|_| OpenPinsError::Malformed)?;
        Ok((Self::from_json(json)?, revision))
    }
}

struct Parsed<'a> {
    /// None of a personal key.
    id: Option<KeyId>,
    revision: u64,
    sealed: &'a [u8],
}

fn parse(record: &[u8]) -> Result<Parsed<'_>, OpenPinsError> {
    let rest = record.strip_prefix(MAGIC).ok_or(OpenPinsError::Malformed)?;
    let (id, rest) = match rest {
        [1, ..] => return Err(OpenPinsError::PreRelease),
        [VERSION, PERSONAL, rest @ ..] => (None, rest),
        [VERSION, VAULT_KEY, rest @ ..] => {
            let (id, rest) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(OpenPinsError::Malformed)?;
            (Some(KeyId::from_bytes(*id)), rest)
        }
        _ => return Err(OpenPinsError::Malformed),
    };
    let (revision, sealed) = rest
        .split_first_chunk::<REVISION_LEN>()
        .ok_or(OpenPinsError::Malformed)?;
    Ok(Parsed {
        id,
        revision: u64::from_be_bytes(*revision),
        sealed,
    })
}

fn context(account: &AccountName, revision: u64) -> Context {
    Context::new(Label::PinsV2).text(account.as_str()).integer(revision)
}

/// Pins were not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealPinsError {
    /// They are too many.
    #[error(transparent)]
    Write(#[from] WritePinsError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Sealed pins were not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenPinsError {
    /// The bytes are no sealed pins, or of a later version.
    #[error("these are no sealed pins")]
    Malformed,
    /// A program from before the first release sealed them.
    #[error("the pins were sealed by a pre-release of zkvault: accept the sites anew")]
    PreRelease,
    /// They are under a vault key where only a personal key is believed, or the reverse.
    #[error("the pins are sealed under a key of another kind: those of a keyring are under its personal key")]
    OtherKind,
    /// They are under a key that is not available.
    #[error("the pins are sealed under the key {0}, which is not available")]
    NoKey(KeyId),
    /// They are of another account, or were changed.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// What was sealed are no pins.
    #[error(transparent)]
    Read(#[from] ReadPinsError),
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::kdf::KdfParams;
    use crate::keyring::Keyring;
    use crate::model::Site;
    use crate::secret::SecretText;

    fn key(byte: u8) -> Arc<VaultKey> {
        Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
    }

    fn keys(bytes: &[u8]) -> KeySet {
        let mut keys = KeySet::new();
        bytes.iter().for_each(|byte| keys.add(key(*byte), None));
        keys
    }

    fn account(name: &str) -> AccountName {
        AccountName::parse(name).unwrap()
    }

    fn pins() -> PinSet {
        let mut pins = PinSet::new();
        pins.accept(&Site::new(7), &KeySet::new()).unwrap();
        pins
    }

    fn keyring() -> Keyring {
        let params = KdfParams::new(19_456, 2, 1).unwrap();
        Keyring::create(&SecretText::from("x".to_owned()), params, 0).unwrap()
    }

    #[test]
    fn pins_open_for_their_account_with_their_key() {
        let record = pins()
            .seal(PinsKey::VaultKey(&key(1)), &account("Acme.example"), 3)
            .unwrap();
        let open = |name, bytes: &[u8]| PinSet::open(&record, &account(name), PinsKeys::VaultKeys(&keys(bytes)));
        assert_eq!(open("acme.example.", &[2, 1]), Ok((pins(), 3)));
        assert_eq!(open("acme.example", &[2]), Err(OpenPinsError::NoKey(key(1).id())));
        for other in ["other.example", "acme.example:8443", "acme.example/vault"] {
            assert_eq!(open(other, &[1]), Err(OpenPinsError::Decrypt(DecryptError)), "{other}");
        }
    }

    #[test]
    fn z46_pins_of_a_keyring_are_under_its_personal_key_and_never_under_a_shared_one() {
        let (mut keyring, acme) = (keyring(), account("acme.example"));
        let of_keyring = |keyring: &Keyring, record: &[u8], name: &str| {
            PinSet::open(record, &account(name), PinsKeys::Personal(keyring.personal_keys()))
        };
        let personal = keyring.personal_keys().iter().next().unwrap();
        let record = pins().seal(PinsKey::Personal(personal), &acme, 3).unwrap();
        assert!(record.starts_with(b"ZKVPINS\x02\x00\0\0\0\0\0\0\0\x03"));
        assert_eq!(of_keyring(&keyring, &record, "acme.example"), Ok((pins(), 3)));
        assert_eq!(
            of_keyring(&keyring, &record, "other.example"),
            Err(OpenPinsError::Decrypt(DecryptError))
        );
        keyring.renew_personal_key().unwrap();
        assert_eq!(
            of_keyring(&keyring, &record, "acme.example"),
            Ok((pins(), 3)),
            "a former key opens"
        );
        // A colleague has every vault key.
        let shared = Arc::clone(keyring.keys().iter().next().unwrap().key());
        let forged = pins().seal(PinsKey::VaultKey(&shared), &acme, 4).unwrap();
        assert_eq!(
            of_keyring(&keyring, &forged, "acme.example"),
            Err(OpenPinsError::OtherKind)
        );
        let opened = PinSet::open(&record, &acme, PinsKeys::VaultKeys(&keyring.keys().key_set()));
        assert_eq!(opened, Err(OpenPinsError::OtherKind));
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let keyring = keyring();
        let personal = keyring.personal_keys().iter().next().unwrap();
        let (file, all) = (key(1), keys(&[1]));
        for (key, keys) in [
            (PinsKey::VaultKey(&file), PinsKeys::VaultKeys(&all)),
            (PinsKey::Personal(personal), PinsKeys::Personal(keyring.personal_keys())),
        ] {
            let record = pins().seal(key, &account("acme.example"), 3).unwrap();
            for at in 0..record.len() {
                let mut changed = record.clone();
                changed[at] ^= 1;
                assert!(PinSet::open(&changed, &account("acme.example"), keys).is_err(), "{at}");
                assert!(
                    PinSet::open(&record[..at], &account("acme.example"), keys).is_err(),
                    "{at}"
                );
            }
        }
    }

    #[test]
    fn the_record_is_the_specified_one() {
        let record = pins()
            .seal(PinsKey::VaultKey(&key(1)), &account("acme.example"), 3)
            .unwrap();
        let start = [
            &b"ZKVPINS\x02\x01"[..],
            &key(1).id().to_bytes(),
            &[0, 0, 0, 0, 0, 0, 0, 3],
        ]
        .concat();
        assert_eq!(record.strip_prefix(&start[..]).map(<[u8]>::len), {
            let json = pins().to_json().unwrap().len();
            Some(json + 72)
        });
        let context = context(&account("acme.example"), 3);
        assert_eq!(
            context.as_bytes(),
            b"zkvault.pins.v2\0\0\0\0\x0cacme.example\0\0\0\x08\0\0\0\0\0\0\0\x03"
        );
        let old = [&b"ZKVPINS\x01"[..], &[0; 100]].concat();
        let opened = PinSet::open(&old, &account("acme.example"), PinsKeys::VaultKeys(&keys(&[1])));
        assert_eq!(opened, Err(OpenPinsError::PreRelease));
    }

    /// Only a key holder can make these.
    #[test]
    fn what_was_sealed_must_be_pins() {
        for json in ["", "{}", "\u{0}"] {
            let mut record = b"ZKVPINS\x02\x01".to_vec();
            record.extend_from_slice(&key(1).id().to_bytes());
            record.extend_from_slice(&[0; 8]);
            let context = context(&account("acme.example"), 0);
            cobblestone::seal_into(key(1).input_key(), &context, json.as_bytes(), &mut record).unwrap();
            let opened = PinSet::open(&record, &account("acme.example"), PinsKeys::VaultKeys(&keys(&[1])));
            assert!(matches!(opened, Err(OpenPinsError::Read(_))), "{json:?}");
        }
    }
}
