//! Backups: a snapshot as an encrypted file, and in front of it what a fresh machine needs to open it.
//!
//! ```text
//! backup = "ZKVBACK" || 0x01 || key id(4) || u32be(length) || record || u32be(length) || keyring || file
//! record = seal(vault key, context("zkvault.backup.record.v1", SHA-256(prelude of file), SHA-256(keyring)), JSON)
//! ```
//!
//! The keyring is the keyring's file as it is, sealed under the passphrase; it may be missing. Anyone who can open the
//! file, as a recipient can, could seal another content under the same prelude. The record says which content it is,
//! and only holders of the vault key can write one (docs/spec/backup.md).
//!
//! ```
//! use std::sync::Arc;
//!
//! use serde_json::value::RawValue;
//! use zkvault_core::backup::{BackupRecord, BackupStart, ParsedBackup};
//! use zkvault_core::key::{KeySet, VaultKey};
//! use zkvault_core::snapshot::{Manifest, Snapshot, SnapshotLimits};
//!
//! let raw = |json: &str| RawValue::from_string(json.to_owned());
//! let manifest = Manifest { revision: 1, parent: None, time: 1_700_000_000, device: "laptop".to_owned() };
//! let snapshot = Snapshot {
//!     manifest: manifest.clone(), sites: raw("[]")?, users: raw("[]")?, groups: raw("[]")?, pins: raw("[]")?,
//! };
//! let content = snapshot.encode(SnapshotLimits::default())?;
//! let record = BackupRecord {
//!     host: "acme.logmeonce.com".to_owned(), synced: 1_700_000_000, manifest, digest: snapshot.digest()?,
//! };
//!
//! let key = Arc::new(VaultKey::generate()?);
//! let (sealer, mut backup) = record.create(&[Arc::clone(&key)], &[], b"", content.len() as u64)?;
//! sealer.seal_block(0, true, &content, &mut backup)?;
//!
//! let mut keys = KeySet::new();
//! keys.add(key, None);
//! let ParsedBackup::Whole(start) = BackupStart::parse(&backup)? else { panic!("the start is whole") };
//! assert_eq!(start.open(&keys)?, record);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod line;
mod start;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::cobblestone;
use crate::context::{Context, Label};
use crate::error::SealError;
use crate::file::{BlockSize, CreateFileError, FileMeta, FileSealer};
use crate::identity::PublicIdentity;
use crate::json::{self, Object};
use crate::key::VaultKey;
use crate::snapshot::{Manifest, Snapshot, SnapshotDigest};
use crate::trust::Head;

pub use line::{BackupLine, BackupLineError, BackupStanding, LineProgress};
pub use start::{BackupError, BackupStart, ParsedBackup};

/// What the names of all backups in a storage begin with.
pub const BACKUP_PREFIX: &str = "zkv-backup/";
const BACKUP_SUFFIX: &str = ".zkvb";
const NAME_LABEL: &[u8] = b"zkvault.backup-name.v1\0";
/// Bytes of the HMAC in a name: 160 bits.
const NAME_LEN: usize = 20;
const MAGIC: &[u8; 7] = b"ZKVBACK";
const VERSION: u8 = 1;
/// Bytes of a sealed record at most: a host, a manifest and a digest, with room for escapes.
const MAX_RECORD_LEN: usize = 4096;
const CONTENT_TYPE: &str = "application/gzip";

/// What a backup is, by the word of a holder of the vault key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackupRecord {
    /// The host of the service whose account it is of.
    pub host: String,
    /// When the service was last asked for everything, in seconds since 1970 (UTC).
    pub synced: u64,
    /// The snapshot's manifest.
    pub manifest: Manifest,
    /// The snapshot's digest.
    pub digest: SnapshotDigest,
}

impl BackupRecord {
    /// Where the backup stands in the line.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            revision: self.manifest.revision,
            digest: self.digest,
        }
    }

    /// Whether it is the record of a snapshot, which has the digest `digest`.
    #[must_use]
    pub fn describes(&self, snapshot: &Snapshot, digest: SnapshotDigest) -> bool {
        self.digest == digest && self.manifest == snapshot.manifest
    }

    /// Begins a backup: what seals its file, and the bytes in front of block 0. The first key vouches for it. The
    /// snapshot takes `len` bytes when it is compressed.
    ///
    /// # Errors
    /// [`CreateFileError`], and as for [`Self::seal`].
    pub fn create(
        &self,
        keys: &[Arc<VaultKey>],
        recipients: &[PublicIdentity],
        keyring: &[u8],
        len: u64,
    ) -> Result<(FileSealer, Vec<u8>), CreateFileError> {
        let key = keys.first().ok_or(CreateFileError::KeyCount { actual: 0 })?;
        let meta = FileMeta {
            size: Some(len),
            content_type: Some(CONTENT_TYPE.to_owned()),
            ..FileMeta::default()
        };
        let sealer = FileSealer::new(keys, recipients, &meta, BlockSize::default(), self.manifest.time)?;
        let mut start = self.seal(key, keyring, &sealer.prelude_digest())?;
        start.extend_from_slice(sealer.prelude());
        Ok((sealer, start))
    }

    /// All of a backup up to its file, whose prelude has the digest `prelude`. `keyring` is a keyring's file, or empty.
    ///
    /// # Errors
    /// [`SealError`] when a text is too long for a reader, or there are no random bytes.
    pub fn seal(&self, key: &VaultKey, keyring: &[u8], prelude: &[u8; 32]) -> Result<Vec<u8>, SealError> {
        let json = Zeroizing::new(serde_json::to_vec(self).map_err(|_| SealError::TooLong)?);
        let record = cobblestone::seal(key.input_key(), &context(prelude, keyring), &json)?;
        let keyring_len = u32::try_from(keyring.len()).map_err(|_| SealError::TooLong)?;
        if record.len() > MAX_RECORD_LEN {
            return Err(SealError::TooLong);
        }
        let mut start = MAGIC.to_vec();
        start.push(VERSION);
        start.extend_from_slice(&key.id().to_bytes());
        start.extend_from_slice(&(record.len() as u32).to_be_bytes());
        start.extend_from_slice(&record);
        start.extend_from_slice(&keyring_len.to_be_bytes());
        start.extend_from_slice(keyring);
        Ok(start)
    }

    /// What was opened is authentic. A record in another form is the fault of its author.
    fn from_json(json: &[u8]) -> Option<Self> {
        let Object(record): Object<Self> = json::read(json)?;
        let written = Zeroizing::new(serde_json::to_vec(&record).ok()?);
        (*written == json).then_some(record)
    }
}

/// The blob of the backup of a revision: two devices that make one at the same time meet at the same name.
#[must_use]
pub fn backup_blob_name(key: &VaultKey, revision: u64) -> String {
    // HMAC takes keys of any length.
    let mac = Hmac::<Sha256>::new_from_slice(key.expose_secret()).map(|mac| {
        let mac = mac.chain_update(NAME_LABEL).chain_update(revision.to_be_bytes());
        mac.finalize().into_bytes()
    });
    let mac = mac.unwrap_or_default();
    let name = crate::repository::base32(mac.get(..NAME_LEN).unwrap_or_default());
    format!("{BACKUP_PREFIX}{name}{BACKUP_SUFFIX}")
}

fn context(prelude: &[u8; 32], keyring: &[u8]) -> Context {
    let keyring: [u8; 32] = Sha256::digest(keyring).into();
    Context::new(Label::BackupRecordV1).bytes(prelude).bytes(&keyring)
}
