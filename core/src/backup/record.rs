//! The record of a backup: which one it is, by the word of the person whose chain it is in.
//!
//! ```json
//! {"account":"acme.logmeonce.com","synced":1700000000,"keyring":{"serial":7,"digest":"5891…"},"follows":null,
//!  "manifest":{"revision":2,"parent":"be7c…","time":1700000001,"device":"laptop"},"digest":"2cf2…"}
//! ```
//!
//! The members are in this order and without white space, so that one record has one form. Sealed, it takes at most
//! 4,096 bytes (docs/spec/backup.md).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use super::{MAGIC, MAX_RECORD_LEN, VERSION};
use crate::account::AccountName;
use crate::chain::{ChainKey, ChainTag};
use crate::cobblestone;
use crate::context::{Context, Label};
use crate::error::SealError;
use crate::file::{BlockSize, CreateFileError, FileMeta, FileSealer};
use crate::identity::PublicIdentity;
use crate::json::{self, Object};
use crate::keyring::MAX_KEYRING_LEN;
use crate::snapshot::SnapshotHead;
use crate::snapshot::{Manifest, Snapshot, SnapshotDigest};

const CONTENT_TYPE: &str = "application/gzip";

/// What a backup is, by the word of the person whose chain it is in.
///
/// The snapshot itself is not in it: [`Self::describes`] says whether a snapshot that was read is the one that was
/// meant. Anyone who can open the file could seal another content under its prelude, and the digest here is what
/// stops that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupRecord {
    /// The account.
    ///
    /// A record that names a different account than its chain's does not open.
    pub account: AccountName,
    /// When the service was last asked for everything, in seconds since 1970 (UTC).
    pub synced: u64,
    /// The keyring that came along; `None` where it was left out.
    pub keyring: Option<KeyringStamp>,
    /// What the first backup under a new personal key follows.
    pub follows: Option<Follows>,
    /// The snapshot's manifest.
    pub manifest: Manifest,
    /// The snapshot's digest.
    pub digest: SnapshotDigest,
}

/// A keyring's file.
///
/// Its digest is that of the file as it was copied into the backup, which is compared when the record is opened: a
/// keyring cannot be exchanged for a different one of the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyringStamp {
    /// How often it was saved: of two copies that with the higher serial is newer.
    pub serial: u64,
    /// SHA-256 of the file.
    digest: SnapshotDigest,
}

impl KeyringStamp {
    /// That of a file, with the serial that is sealed in it.
    #[must_use]
    pub fn new(serial: u64, file: &[u8]) -> Self {
        Self {
            serial,
            digest: SnapshotDigest::of_document(file),
        }
    }
}

/// The last backup of the chain before.
///
/// There is one after a renewal of the personal key only. It is written `enngyl6bu3nlp4yq 2:2cf2…`: the chain's tag,
/// a space and the head.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Follows {
    /// The chain.
    pub chain: ChainTag,
    /// Its newest backup.
    pub head: SnapshotHead,
}

/// Writes the tag, a space and the head.
impl fmt::Display for Follows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.chain, self.head)
    }
}

impl FromStr for Follows {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (chain, head) = text.split_once(' ').ok_or(())?;
        Ok(Self {
            chain: chain.parse().map_err(|_| ())?,
            head: head.parse().map_err(|_| ())?,
        })
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RecordJson {
    account: String,
    synced: u64,
    keyring: Option<KeyringStamp>,
    follows: Option<String>,
    manifest: Manifest,
    digest: SnapshotDigest,
}

impl BackupRecord {
    /// Where the backup stands in the chain.
    #[must_use]
    pub fn head(&self) -> SnapshotHead {
        SnapshotHead {
            revision: self.manifest.revision,
            digest: self.digest,
        }
    }

    /// Whether it is the record of a snapshot, which has the digest `digest`.
    ///
    /// Compare before anything of the snapshot is used: it was authenticated by the file's key alone, which
    /// recipients have.
    #[must_use]
    pub fn describes(&self, snapshot: &Snapshot, digest: SnapshotDigest) -> bool {
        self.digest == digest && self.manifest == snapshot.manifest
    }

    /// Begins a backup: what seals its file, and the bytes in front of block 0. The snapshot takes `len` bytes when it is
    /// compressed.
    ///
    /// See the [module's example](crate::backup). The file has one block size, the default of 8 MiB, and for metadata
    /// its length and `application/gzip` alone: a name would say which account it is of.
    ///
    /// # Errors
    /// [`CreateFileError`], and as for [`Self::seal`].
    pub fn create(
        &self,
        chain: &ChainKey,
        recipients: &[PublicIdentity],
        keyring: &[u8],
        len: u64,
    ) -> Result<(FileSealer, Vec<u8>), CreateFileError> {
        let meta = FileMeta {
            size: Some(len),
            content_type: Some(CONTENT_TYPE.to_owned()),
            ..FileMeta::default()
        };
        let sealer = FileSealer::for_chain(chain, recipients, &meta, BlockSize::default(), self.manifest.time)?;
        let mut start = self.seal(chain, keyring, &sealer.prelude_digest())?;
        start.extend_from_slice(sealer.prelude());
        Ok((sealer, start))
    }

    /// All of a backup up to its file, whose prelude has the digest `prelude`. `keyring` is a keyring's file, or empty.
    ///
    /// Nothing of the file is needed but that digest, so that a program that seals blocks by itself can make a backup
    /// as well.
    ///
    /// # Errors
    /// [`SealError::TooLong`] when the sealed record has more than 4,096 bytes, as with a device whose name is very
    /// long, or the keyring more than [`MAX_KEYRING_LEN`] bytes: neither would be read again. [`SealError::Random`] without
    /// random bytes.
    pub fn seal(&self, chain: &ChainKey, keyring: &[u8], prelude: &[u8; 32]) -> Result<Vec<u8>, SealError> {
        let json = self.to_json()?;
        let record = cobblestone::seal(chain.input_key(), &context(chain.tag(), prelude, keyring), &json)?;
        if record.len() > MAX_RECORD_LEN || keyring.len() > MAX_KEYRING_LEN {
            return Err(SealError::TooLong);
        }
        let mut start = MAGIC.to_vec();
        start.push(VERSION);
        start.extend_from_slice(&chain.tag().to_bytes());
        start.extend_from_slice(&(record.len() as u32).to_be_bytes());
        start.extend_from_slice(&record);
        start.extend_from_slice(&(keyring.len() as u32).to_be_bytes());
        start.extend_from_slice(keyring);
        Ok(start)
    }

    fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, SealError> {
        let record = RecordJson {
            account: self.account.as_str().to_owned(),
            synced: self.synced,
            keyring: self.keyring,
            follows: self.follows.map(|follows| follows.to_string()),
            manifest: self.manifest.clone(),
            digest: self.digest,
        };
        let json = serde_json::to_vec(&record).map_err(|_| SealError::TooLong)?;
        Ok(Zeroizing::new(json))
    }

    /// What was opened is authentic. A record in another form, of another account, or of another keyring than the one
    /// beside it is the fault of its author.
    pub(super) fn from_json(json: &[u8], chain: &ChainKey, keyring: &[u8]) -> Option<Self> {
        let Object(read): Object<RecordJson> = json::read(json)?;
        let record = Self {
            account: AccountName::parse(&read.account).ok()?,
            synced: read.synced,
            keyring: read.keyring,
            follows: read.follows.map(|text| text.parse()).transpose().ok()?,
            manifest: read.manifest,
            digest: read.digest,
        };
        let has_keyring = match &record.keyring {
            Some(stamp) => !keyring.is_empty() && *stamp == KeyringStamp::new(stamp.serial, keyring),
            None => keyring.is_empty(),
        };
        let holds = *record.to_json().ok()? == json
            && record.account == *chain.account()
            && has_keyring
            && record.has_its_place(chain.tag());
        holds.then_some(record)
    }

    /// Revisions count from 1, which alone has no parent; what is followed is the parent, in another chain.
    fn has_its_place(&self, chain: ChainTag) -> bool {
        let Manifest { revision, parent, .. } = &self.manifest;
        let follows = self.follows.is_none_or(|Follows { chain: before, head }| {
            before != chain && head.revision.checked_add(1) == Some(*revision) && *parent == Some(head.digest)
        });
        *revision >= 1 && (*revision == 1) == parent.is_none() && follows
    }
}

/// `context("zkvault.backup.record.v2", tag, SHA-256(prelude), SHA-256(keyring))`; an absent keyring counts as no
/// bytes.
pub(super) fn context(tag: ChainTag, prelude: &[u8; 32], keyring: &[u8]) -> Context {
    let keyring: [u8; 32] = Sha256::digest(keyring).into();
    Context::new(Label::BackupRecordV2)
        .bytes(&tag.to_bytes())
        .bytes(prelude)
        .bytes(&keyring)
}
