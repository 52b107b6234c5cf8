//! Pins as one sealed record, for a place that keeps bytes and cannot be trusted (docs/spec/trust.md, "Sealed pins").

use super::json::{ReadPinsError, WritePinsError};
use super::set::PinSet;
use crate::activation::{HostError, one_form};
use crate::cobblestone;
use crate::context::{Context, Label};
use crate::error::{DecryptError, SealError};
use crate::key::{KeyId, KeySet, VaultKey};

const MAGIC: &[u8; 8] = b"ZKVPINS\x01";
const KEY_ID_LEN: usize = 4;
const REVISION_LEN: usize = 8;

impl PinSet {
    /// Seals the pins of the account at `host`:
    /// `"ZKVPINS" || 0x01 || key id || u64be(revision) || seal(vault key, context("zkvault.pins.v1", host, revision), JSON)`.
    ///
    /// # Errors
    /// [`SealPinsError`].
    pub fn seal(&self, key: &VaultKey, host: &str, revision: u64) -> Result<Vec<u8>, SealPinsError> {
        let context = context(&one_form(host)?, revision);
        let json = self.to_json()?;
        let mut record = MAGIC.to_vec();
        record.extend_from_slice(&key.id().to_bytes());
        record.extend_from_slice(&revision.to_be_bytes());
        cobblestone::seal_into(key.input_key(), &context, json.as_bytes(), &mut record)?;
        Ok(record)
    }

    /// Opens what [`Self::seal`] made for the same host, with its revision. Whether that is the latest, the record
    /// cannot tell: the caller compares the revision with one that it keeps elsewhere.
    ///
    /// # Errors
    /// [`OpenPinsError`].
    pub fn open(record: &[u8], host: &str, keys: &KeySet) -> Result<(Self, u64), OpenPinsError> {
        let host = one_form(host)?;
        let (id, revision, sealed) = parse(record)?;
        let mut error = OpenPinsError::NoKey(id);
        for key in keys.with_id(id) {
            match cobblestone::open(key.input_key(), &context(&host, revision), sealed) {
                Ok(json) => {
                    let json = str::from_utf8(json.expose_secret()).map_err(|_| OpenPinsError::Malformed)?;
                    return Ok((Self::from_json(json)?, revision));
                }
                Err(failed) => error = failed.into(),
            }
        }
        Err(error)
    }
}

fn parse(record: &[u8]) -> Result<(KeyId, u64, &[u8]), OpenPinsError> {
    let rest = record.strip_prefix(MAGIC).ok_or(OpenPinsError::Malformed)?;
    let (id, rest) = rest.split_first_chunk::<KEY_ID_LEN>().ok_or(OpenPinsError::Malformed)?;
    let (revision, sealed) = rest
        .split_first_chunk::<REVISION_LEN>()
        .ok_or(OpenPinsError::Malformed)?;
    Ok((KeyId::from_bytes(*id), u64::from_be_bytes(*revision), sealed))
}

fn context(host: &str, revision: u64) -> Context {
    Context::new(Label::PinsV1).text(host).integer(revision)
}

/// Pins were not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealPinsError {
    /// The account's host is none.
    #[error(transparent)]
    Host(#[from] HostError),
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
    /// The account's host is none.
    #[error(transparent)]
    Host(#[from] HostError),
    /// The bytes are no sealed pins, or of a later version.
    #[error("these are no sealed pins")]
    Malformed,
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
    use crate::model::Site;

    fn key(byte: u8) -> Arc<VaultKey> {
        Arc::new(VaultKey::from_slice(&[byte; 32]).unwrap())
    }

    fn keys(bytes: &[u8]) -> KeySet {
        let mut keys = KeySet::new();
        bytes.iter().for_each(|byte| keys.add(key(*byte), None));
        keys
    }

    fn pins() -> PinSet {
        let mut pins = PinSet::new();
        pins.accept(&Site::new(7), &KeySet::new()).unwrap();
        pins
    }

    #[test]
    fn pins_open_for_their_account_with_their_key() {
        let record = pins().seal(&key(1), "Acme.example", 3).unwrap();
        assert_eq!(PinSet::open(&record, "acme.example.", &keys(&[2, 1])), Ok((pins(), 3)));
        let open = |host, bytes: &[u8]| PinSet::open(&record, host, &keys(bytes)).unwrap_err();
        assert_eq!(open("acme.example", &[2]), OpenPinsError::NoKey(key(1).id()));
        assert_eq!(open("other.example", &[1]), OpenPinsError::Decrypt(DecryptError));
        assert_eq!(open("acme.example:443", &[1]), OpenPinsError::Host(HostError));
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let record = pins().seal(&key(1), "acme.example", 3).unwrap();
        for at in 0..record.len() {
            let mut changed = record.clone();
            changed[at] ^= 1;
            assert!(PinSet::open(&changed, "acme.example", &keys(&[1])).is_err(), "{at}");
            assert!(
                PinSet::open(&record[..at], "acme.example", &keys(&[1])).is_err(),
                "{at}"
            );
        }
    }

    #[test]
    fn the_record_is_the_specified_one() {
        let record = pins().seal(&key(1), "acme.example", 3).unwrap();
        let start = [&b"ZKVPINS\x01"[..], &key(1).id().to_bytes(), &[0, 0, 0, 0, 0, 0, 0, 3]].concat();
        assert_eq!(record.strip_prefix(&start[..]).map(<[u8]>::len), {
            let json = pins().to_json().unwrap().len();
            Some(json + 72)
        });
        let context = context("acme.example", 3);
        assert_eq!(
            context.as_bytes(),
            b"zkvault.pins.v1\0\0\0\0\x0cacme.example\0\0\0\x08\0\0\0\0\0\0\0\x03"
        );
    }

    /// Only a key holder can make these.
    #[test]
    fn what_was_sealed_must_be_pins() {
        for json in ["", "{}", "\u{0}"] {
            let mut record = MAGIC.to_vec();
            record.extend_from_slice(&key(1).id().to_bytes());
            record.extend_from_slice(&[0; 8]);
            let context = context("acme.example", 0);
            cobblestone::seal_into(key(1).input_key(), &context, json.as_bytes(), &mut record).unwrap();
            let opened = PinSet::open(&record, "acme.example", &keys(&[1]));
            assert!(matches!(opened, Err(OpenPinsError::Read(_))), "{json:?}");
        }
    }
}
