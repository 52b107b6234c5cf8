//! The header of a file: JSON in exactly one form.
//!
//! A header is read only if writing it again gives the same bytes. That one rule refuses white space, another
//! order, repeated members, other spellings of a number or a text, and base64 with stray bits.
//!
//! ```json
//! {"file_id":"<base64, 16 bytes>","block_size":8388608,"created":1700000000,"keys":[…],"meta":"<base64>"}
//! {"type":"chain","sealed":"<base64, 104 bytes>"}
//! {"type":"vault-key","key_id":"878694ff","sealed":"<base64, 104 bytes>"}
//! {"type":"recipient","encapped":"<base64, 32 bytes>","sealed":"<base64, 48 bytes>"}
//! ```
//!
//! The storage reads it as well. It learns key ids, the number of recipients and the time, and neither the name nor
//! who the recipients are (docs/spec/file.md#header).

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::key::{RECIPIENT_SEALED_LEN, VAULT_KEY_SEALED_LEN};
use super::layout::BlockSize;
use super::meta::MAX_META_LEN;
use super::prelude::PreludeError;
use crate::cobblestone;
use crate::hpke::ENCAPPED_LEN;
use crate::identity::PublicIdentity;
use crate::json;
use crate::key::KeyId;

/// Bytes of a file's random identifier.
pub(super) const FILE_ID_LEN: usize = 16;
/// Entries in the list of those who may open a file.
pub(super) const MAX_KEY_ENTRIES: usize = 64;

/// What a header says, checked.
///
/// `meta` is still sealed, and nothing here is authenticated: the first block that opens does that, by the digest of
/// the bytes that this was read from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) file_id: [u8; FILE_ID_LEN],
    pub(super) block_size: BlockSize,
    pub(super) created: u64,
    pub(super) keys: Vec<KeyEntry>,
    pub(super) meta: Vec<u8>,
}

/// The file key for one who may open the file.
///
/// Wrapped keys have one length each, which is checked when they are read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum KeyEntry {
    /// For the person whose chain of backups the file is in. Not named, and in front of the others.
    Chain {
        sealed: Vec<u8>,
    },
    VaultKey {
        key_id: KeyId,
        sealed: Vec<u8>,
    },
    /// Not named: each identity tries the entries, and the storage does not learn who the readers are.
    Recipient {
        encapped: [u8; ENCAPPED_LEN],
        sealed: Vec<u8>,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct HeaderJson {
    file_id: String,
    block_size: u32,
    created: u64,
    keys: Vec<KeyEntryJson>,
    meta: String,
}

/// The members of all kinds. An enum with a tag would be read into a tree first, which is much code in a module that
/// browsers fetch.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyEntryJson {
    #[serde(rename = "type")]
    kind: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    key_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    encapped: Option<String>,
    sealed: String,
}

const CHAIN: &str = "chain";
const VAULT_KEY: &str = "vault-key";
const RECIPIENT: &str = "recipient";

impl Header {
    pub(super) fn to_json(&self) -> Result<Vec<u8>, PreludeError> {
        let header = HeaderJson {
            file_id: STANDARD.encode(self.file_id),
            block_size: self.block_size.bytes(),
            created: self.created,
            keys: self.keys.iter().map(KeyEntry::to_json).collect(),
            meta: STANDARD.encode(&self.meta),
        };
        serde_json::to_vec(&header).map_err(|_| PreludeError::Json)
    }

    /// The caller limits the length of `json`.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, PreludeError> {
        let parsed: HeaderJson = json::read(json).ok_or(PreludeError::Json)?;
        let header = Self::from_parts(&parsed)?;
        if header.to_json()? == json {
            Ok(header)
        } else {
            Err(PreludeError::NotCanonical)
        }
    }

    /// A chain stands alone in front: were a vault key beside it, a colleague could open the backup and seal another
    /// in its place (threat model, Z46).
    fn from_parts(parsed: &HeaderJson) -> Result<Self, PreludeError> {
        if parsed.keys.is_empty() || parsed.keys.len() > MAX_KEY_ENTRIES {
            return Err(PreludeError::Field("keys"));
        }
        let is_chain = |entry: &KeyEntryJson| entry.kind == CHAIN;
        let mut rest = parsed.keys.iter().skip(1);
        if rest.any(|entry| is_chain(entry) || entry.kind == VAULT_KEY && parsed.keys.first().is_some_and(is_chain)) {
            return Err(PreludeError::Field("keys"));
        }
        let file_id = decode(&parsed.file_id).and_then(|id| id.try_into().ok());
        let meta = decode(&parsed.meta).filter(|meta| is_meta_len(meta.len()));
        Ok(Self {
            file_id: file_id.ok_or(PreludeError::Field("file_id"))?,
            block_size: BlockSize::new(parsed.block_size)?,
            created: parsed.created,
            keys: parsed.keys.iter().map(KeyEntry::from_json).collect::<Result<_, _>>()?,
            meta: meta.ok_or(PreludeError::Field("meta"))?,
        })
    }
}

impl KeyEntry {
    fn to_json(&self) -> KeyEntryJson {
        let entry = |kind: &str, sealed: &[u8]| KeyEntryJson {
            kind: kind.to_owned(),
            sealed: STANDARD.encode(sealed),
            ..KeyEntryJson::default()
        };
        match self {
            Self::Chain { sealed } => entry(CHAIN, sealed),
            Self::VaultKey { key_id, sealed } => KeyEntryJson {
                key_id: Some(key_id.to_string()),
                ..entry(VAULT_KEY, sealed)
            },
            Self::Recipient { encapped, sealed } => KeyEntryJson {
                encapped: Some(STANDARD.encode(encapped)),
                ..entry(RECIPIENT, sealed)
            },
        }
    }

    fn from_json(parsed: &KeyEntryJson) -> Result<Self, PreludeError> {
        let sealed = |length| decode_exact(&parsed.sealed, length).ok_or(PreludeError::Field("sealed"));
        match (parsed.kind.as_str(), &parsed.key_id, &parsed.encapped) {
            (CHAIN, None, None) => Ok(Self::Chain {
                sealed: sealed(VAULT_KEY_SEALED_LEN)?,
            }),
            (VAULT_KEY, Some(key_id), None) => Ok(Self::VaultKey {
                key_id: key_id.parse().map_err(|_| PreludeError::Field("key_id"))?,
                sealed: sealed(VAULT_KEY_SEALED_LEN)?,
            }),
            (RECIPIENT, None, Some(encapped)) => Ok(Self::Recipient {
                encapped: decode_public_key(encapped).ok_or(PreludeError::Field("encapped"))?,
                sealed: sealed(RECIPIENT_SEALED_LEN)?,
            }),
            _ => Err(PreludeError::Json),
        }
    }
}

fn is_meta_len(sealed_len: usize) -> bool {
    cobblestone::plaintext_len(sealed_len as u64).is_some_and(|length| length <= MAX_META_LEN as u64)
}

fn decode(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

fn decode_exact(text: &str, length: usize) -> Option<Vec<u8>> {
    decode(text).filter(|bytes| bytes.len() == length)
}

/// An encapsulated key is a public key, and no better when it is of low order.
fn decode_public_key(text: &str) -> Option<[u8; ENCAPPED_LEN]> {
    let bytes = decode(text)?.try_into().ok()?;
    PublicIdentity::from_bytes(bytes).ok().map(PublicIdentity::to_bytes)
}
