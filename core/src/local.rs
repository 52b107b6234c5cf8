//! Records that a program keeps on a device for its person, in a place that is not trusted (docs/spec/keyring.md#local-records).
//!
//! They are sealed under the person's own key and not under a vault key, which colleagues have too: a colleague neither reads
//! them nor makes one that is believed.
//!
//! ```
//! # use zkvault_core::SecretText;
//! # use zkvault_core::kdf::KdfParams;
//! # use zkvault_core::keyring::Keyring;
//! use zkvault_core::local::LocalRecord;
//!
//! # let passphrase = SecretText::from(String::from("clamp juror onyx"));
//! # let keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
//! let settings = LocalRecord { account: None, name: "settings" };
//! let in_use = keyring.personal_keys().iter().next().ok_or("there is always one")?;
//! let record = settings.seal(in_use, b"{}")?;
//! assert_eq!(settings.open(keyring.personal_keys(), &record)?.expose_secret(), b"{}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ```text
//! record  = "ZKVLOCAL" || 0x01 || seal(sub("zkvault.personal.local.v1", account), context, content)
//! context = context("zkvault.local.record.v1", account, name)
//! ```
//!
//! 81 bytes more than the content, and 16 for every 16,384 of it. For programs with no database: the extension keeps
//! its credentials, new passwords and a copy of the last listing this way. A place that returns an older record of
//! the same name is not noticed by the record; sealed pins, where that matters, have a revision.

use crate::account::AccountName;
use crate::cobblestone;
use crate::context::{Context, Label};
use crate::error::{DecryptError, SealError};
use crate::keyring::PersonalKeys;
use crate::personal::PersonalKey;
use crate::secret::SecretBytes;

const MAGIC: &[u8; 8] = b"ZKVLOCAL";
const VERSION: u8 = 1;
/// Bytes of a record's name at most.
pub const MAX_NAME_LEN: usize = 256;

/// Which record it is. A record opens only as what it was sealed as.
///
/// ```
/// # use zkvault_core::SecretText;
/// # use zkvault_core::account::AccountName;
/// # use zkvault_core::kdf::KdfParams;
/// # use zkvault_core::keyring::Keyring;
/// use zkvault_core::local::{LocalRecord, OpenLocalRecordError};
///
/// # let passphrase = SecretText::from(String::from("clamp juror onyx"));
/// # let keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
/// # let key = keyring.personal_keys().iter().next().ok_or("there is always one")?;
/// let account = AccountName::parse("acme.logmeonce.com")?;
/// let copy = LocalRecord { account: Some(&account), name: "copy" };
/// let record = copy.seal(key, b"[]")?;
/// // Neither under another name nor for another account.
/// let renamed = LocalRecord { name: "kept", ..copy }.open(keyring.personal_keys(), &record);
/// assert!(matches!(renamed, Err(OpenLocalRecordError::Decrypt(_))));
/// let of_none = LocalRecord { account: None, ..copy }.open(keyring.personal_keys(), &record);
/// assert!(matches!(of_none, Err(OpenLocalRecordError::Decrypt(_))));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalRecord<'a> {
    /// The account that it belongs to; `None` when it belongs to none.
    pub account: Option<&'a AccountName>,
    /// What the program calls it: 1 to 256 bytes.
    pub name: &'a str,
}

impl LocalRecord<'_> {
    /// Seals a content under a personal key, the one in use: `"ZKVLOCAL" || 0x01 || seal(sub("zkvault.personal.local.v1", account),
    /// context("zkvault.local.record.v1", account, name), content)`, where the account is empty when there is none.
    ///
    /// Nothing tells an old record from the last one: a caller that must know keeps a number elsewhere.
    ///
    /// # Errors
    /// [`SealLocalRecordError::Name`] when the name is empty or above 256 bytes, and [`SealLocalRecordError::Seal`]
    /// without random bytes.
    pub fn seal(&self, key: &PersonalKey, content: &[u8]) -> Result<Vec<u8>, SealLocalRecordError> {
        let context = self.context().ok_or(SealLocalRecordError::Name)?;
        let mut record = [&MAGIC[..], &[VERSION]].concat();
        cobblestone::seal_into(&key.local_key(self.account), &context, content, &mut record)?;
        Ok(record)
    }

    /// Opens what [`Self::seal`] made, with the key in use or a former one.
    ///
    /// Every personal key is tried, at most 16, since a record does not say which one made it.
    ///
    /// # Errors
    /// [`OpenLocalRecordError::Name`], [`OpenLocalRecordError::Malformed`] when the bytes do not begin as a record of
    /// this version, and [`OpenLocalRecordError::Decrypt`] for everything else.
    pub fn open(&self, keys: &PersonalKeys, record: &[u8]) -> Result<SecretBytes, OpenLocalRecordError> {
        let context = self.context().ok_or(OpenLocalRecordError::Name)?;
        let sealed = match record.strip_prefix(MAGIC) {
            Some([VERSION, sealed @ ..]) => sealed,
            _ => return Err(OpenLocalRecordError::Malformed),
        };
        let open = |key: &PersonalKey| cobblestone::open(&key.local_key(self.account), &context, sealed).ok();
        let mut opened = keys.iter().filter_map(|key| open(key));
        opened.next().ok_or(OpenLocalRecordError::Decrypt(DecryptError))
    }

    fn context(&self) -> Option<Context> {
        let account = self.account.map(AccountName::as_str).unwrap_or_default();
        let is_name = (1..=MAX_NAME_LEN).contains(&self.name.len());
        is_name.then(|| Context::new(Label::LocalRecordV1).text(account).text(self.name))
    }
}

/// A record was not sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SealLocalRecordError {
    /// Its name is empty or too long.
    #[error("the name of a record has 1 to {MAX_NAME_LEN} bytes")]
    Name,
    /// Sealing failed.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// A record was not opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenLocalRecordError {
    /// Its name is empty or too long.
    #[error("the name of a record has 1 to {MAX_NAME_LEN} bytes")]
    Name,
    /// The bytes are no record, or of a later version.
    #[error("this is no local record")]
    Malformed,
    /// It is a different person's, of a different account or name, or was changed.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kdf::KdfParams;
    use crate::keyring::Keyring;
    use crate::secret::SecretText;

    fn keyring() -> Keyring {
        let params = KdfParams::new(19_456, 2, 1).unwrap();
        Keyring::create(&SecretText::from("x".to_owned()), params, 0).unwrap()
    }

    fn open(
        keyring: &Keyring,
        account: Option<&str>,
        name: &str,
        record: &[u8],
    ) -> Result<Vec<u8>, OpenLocalRecordError> {
        let account = account.map(|account| AccountName::parse(account).unwrap());
        let what = LocalRecord {
            account: account.as_ref(),
            name,
        };
        let opened = what.open(keyring.personal_keys(), record);
        opened.map(|content| content.expose_secret().to_vec())
    }

    fn sealed(keyring: &Keyring) -> Vec<u8> {
        let account = AccountName::parse("acme.example").unwrap();
        let what = LocalRecord {
            account: Some(&account),
            name: "copy",
        };
        what.seal(keyring.personal_keys().iter().next().unwrap(), b"content")
            .unwrap()
    }

    #[test]
    fn a_record_opens_as_what_it_was_sealed_as() {
        let mut keyring = keyring();
        let record = sealed(&keyring);
        assert_eq!(
            open(&keyring, Some("Acme.example."), "copy", &record).unwrap(),
            b"content"
        );
        let refused = Err(OpenLocalRecordError::Decrypt(DecryptError));
        for (account, name) in [
            (Some("other.example"), "copy"),
            (None, "copy"),
            (Some("acme.example"), "kept"),
        ] {
            assert_eq!(open(&keyring, account, name, &record), refused, "{account:?} {name}");
        }
        keyring.renew_personal_key().unwrap();
        assert_eq!(
            open(&keyring, Some("acme.example"), "copy", &record).unwrap(),
            b"content",
            "a former key opens"
        );
        for length in [0, MAX_NAME_LEN + 1] {
            let opened = open(&keyring, None, &"n".repeat(length), &record);
            assert_eq!(opened, Err(OpenLocalRecordError::Name), "{length}");
        }
    }

    /// A colleague has every vault key, and no personal one.
    #[test]
    fn z46_a_colleague_neither_opens_a_record_nor_makes_one() {
        let (own, mut colleague) = (keyring(), keyring());
        for entry in own.keys().iter() {
            let details = crate::keyring::NewKey {
                label: "shared",
                origin: crate::keyring::KeyOrigin::Imported,
                created: 0,
                vendor_id: None,
                replaces: None,
            };
            colleague.keys_mut().add(entry.key().clone(), details).unwrap();
        }
        let refused = Err(OpenLocalRecordError::Decrypt(DecryptError));
        assert_eq!(open(&colleague, Some("acme.example"), "copy", &sealed(&own)), refused);
        assert_eq!(open(&own, Some("acme.example"), "copy", &sealed(&colleague)), refused);
        // The same bytes under the shared key itself.
        let shared = own.keys().iter().next().unwrap().key().clone();
        let context = Context::new(Label::LocalRecordV1).text("acme.example").text("copy");
        let mut forged = b"ZKVLOCAL\x01".to_vec();
        cobblestone::seal_into(shared.input_key(), &context, b"content", &mut forged).unwrap();
        assert_eq!(open(&own, Some("acme.example"), "copy", &forged), refused);
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_noticed() {
        let keyring = keyring();
        let record = sealed(&keyring);
        for at in 0..record.len() {
            let mut changed = record.clone();
            changed[at] ^= 1;
            assert!(open(&keyring, Some("acme.example"), "copy", &changed).is_err(), "{at}");
            assert!(
                open(&keyring, Some("acme.example"), "copy", &record[..at]).is_err(),
                "{at}"
            );
        }
    }
}
