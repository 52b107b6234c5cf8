//! Records: what they say, and how each becomes a line of the file.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest as _, Sha256};
use zkvault_client::logmeonce::ServiceChange;
use zkvault_client::{ClientError, ErrorKind};
use zkvault_core::keyring::PersonalKeys;
use zkvault_core::local::{LocalRecord, SealLocalRecordError};

/// The name under which records are sealed. It is also the version of the format.
const NAME: &str = "journal.v1";
/// What digests of lines begin with.
const LINE_PREFIX: &[u8] = b"zkvault.journal.line.v1\0";
/// The longest line, in bytes: some 500 ids with their names.
pub(super) const MAX_LINE_LEN: usize = 256 * 1024;

/// A digest of a line of the journal, without its line end: 32 bytes, in base64.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LineDigest([u8; 32]);

impl LineDigest {
    /// Of a line.
    pub(super) fn of(line: &[u8]) -> Self {
        let digest = Sha256::new().chain_update(LINE_PREFIX).chain_update(line);
        Self(digest.finalize().into())
    }
}

/// Writes the base64.
impl fmt::Display for LineDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for LineDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LineDigest({self})")
    }
}

impl Serialize for LineDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LineDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let bytes = STANDARD.decode(text).ok().and_then(|bytes| bytes.try_into().ok());
        bytes
            .map(Self)
            .ok_or_else(|| de::Error::custom("a digest is the base64 of 32 bytes"))
    }
}

/// One record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    /// Counts the records, from 1.
    pub(super) number: u64,
    /// The line that stood before it when it was written.
    pub(super) before: Option<LineDigest>,
    /// When it was written, in seconds since 1970 (UTC).
    pub(super) time: u64,
    /// How many faults the journal had then.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub(super) faults: u64,
    #[serde(flatten)]
    pub(super) event: Event,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

/// What a record is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Event {
    /// A change is about to be sent.
    Intent(Intent),
    /// What became of one.
    Outcome(Settled),
}

/// A change that is about to be sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Intent {
    pub(super) account: String,
    pub(super) by: String,
    pub(super) change: ServiceChange,
    /// What the things that it names were called, by kind and id.
    pub(super) names: BTreeMap<String, String>,
}

/// What became of a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Settled {
    /// The number of its intent.
    pub(super) of: u64,
    pub(super) result: Ending,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<u16>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<String>,
}

/// How a change ended, as far as its sender can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The service confirmed it.
    Confirmed,
    /// A raw request got a response, which the status describes.
    Answered,
    /// The service refused it, or it was not sent.
    Refused,
    /// It failed in a way in which the service may have made it: the connection broke, or the response was unusable.
    Uncertain,
}

impl Ending {
    /// Of an error.
    pub(super) fn of_error(error: &ClientError) -> Self {
        match error.kind() {
            ErrorKind::Network
            | ErrorKind::Timeout
            | ErrorKind::Server
            | ErrorKind::Malformed
            | ErrorKind::Foreign
            | ErrorKind::TooLarge => Self::Uncertain,
            _ => Self::Refused,
        }
    }

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Answered => "answered",
            Self::Refused => "refused",
            Self::Uncertain => "uncertain",
        }
    }
}

/// Why a record was not sealed.
#[derive(Debug, thiserror::Error)]
pub(super) enum SealError {
    #[error(transparent)]
    Json(#[from] serde_json::Error),
    #[error(transparent)]
    Sealed(#[from] SealLocalRecordError),
}

/// Seals what belongs to the journal under the personal key in use, as a line without its end.
pub(super) fn seal(keys: &PersonalKeys, name: &str, content: &impl Serialize) -> Result<String, SealError> {
    let json = serde_json::to_vec(content)?;
    let key = keys.iter().next().ok_or(SealLocalRecordError::Name)?;
    let sealed = LocalRecord { account: None, name }.seal(key, &json)?;
    Ok(STANDARD.encode(sealed))
}

/// Opens what [`seal`] made; `None` for everything else.
pub(super) fn open<T: de::DeserializeOwned>(keys: &PersonalKeys, name: &str, line: &[u8]) -> Option<T> {
    let sealed = STANDARD.decode(line).ok()?;
    let opened = LocalRecord { account: None, name }.open(keys, &sealed).ok()?;
    serde_json::from_slice(opened.expose_secret()).ok()
}

impl Record {
    /// As a line.
    pub(super) fn seal(&self, keys: &PersonalKeys) -> Result<String, SealError> {
        seal(keys, NAME, self)
    }

    /// From a line.
    pub(super) fn open(keys: &PersonalKeys, line: &[u8]) -> Option<Self> {
        (line.len() <= MAX_LINE_LEN).then(|| open(keys, NAME, line)).flatten()
    }
}
