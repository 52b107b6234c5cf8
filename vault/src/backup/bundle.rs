//! A backup as bytes: sealed from what was captured, and opened again with every check that there is.

use std::sync::Arc;

use zeroize::Zeroizing;
use zkvault_core::backup::{BackupError as OpenError, BackupRecord, BackupStart, ParsedBackup};
use zkvault_core::file::{FileOpener, UnlockFileError};
use zkvault_core::identity::PublicIdentity;
use zkvault_core::key::{KeyId, VaultKey};
use zkvault_core::snapshot::{Manifest, Snapshot, SnapshotDigest, SnapshotLimits};

use super::Result;
use super::access::Access;
use super::capture::Captured;
use super::error::{BackupError, Missing};
use crate::transfer::Reason;

/// Bytes of the longest backup that is read: the longest snapshot, what encryption adds, and the start.
pub const MAX_BACKUP_LEN: u64 = (256 << 20) + (1 << 20) + BackupStart::MAX_LEN as u64;

/// For whom a backup is sealed, and what goes along.
#[derive(Debug)]
pub struct Recipe<'a> {
    /// The vault keys that open it; the first one vouches for it.
    pub keys: &'a [Arc<VaultKey>],
    /// Who else may open it, without the values in it.
    pub recipients: &'a [PublicIdentity],
    /// The keyring's file, or nothing.
    pub keyring: &'a [u8],
}

/// An open backup.
#[derive(Debug)]
pub struct Opened {
    /// What a holder of the vault key says of it; a recipient cannot open that.
    pub record: Option<BackupRecord>,
    /// The identifier of the vault key that the record is under.
    pub key_id: KeyId,
    /// What is in it.
    pub snapshot: Snapshot,
    /// The digest of that.
    pub digest: SnapshotDigest,
    /// The file of the keyring that came along.
    pub keyring: Option<Vec<u8>>,
}

/// Seals a backup: its bytes, and what it is.
///
/// # Errors
///
/// [`BackupError::NotSealed`].
pub fn seal(captured: Captured, manifest: Manifest, recipe: &Recipe<'_>) -> Result<(Vec<u8>, BackupRecord)> {
    let Captured {
        host,
        synced,
        sites,
        users,
        groups,
        pins,
    } = captured;
    let snapshot = Snapshot {
        manifest,
        sites,
        users,
        groups,
        pins,
    };
    let content = snapshot.encode(SnapshotLimits::default()).map_err(not_sealed)?;
    let digest = snapshot.digest().map_err(not_sealed)?;
    let record = BackupRecord {
        host,
        synced,
        manifest: snapshot.manifest,
        digest,
    };
    let begun = record.create(recipe.keys, recipe.recipients, recipe.keyring, content.len() as u64);
    let (sealer, mut bytes) = begun.map_err(not_sealed)?;
    let block_len = sealer.layout().block_size().bytes() as usize;
    let blocks = content.len().div_ceil(block_len) as u64;
    for (index, block) in (0..).zip(content.chunks(block_len)) {
        let sealed = sealer.seal_block(index, index + 1 == blocks, block, &mut bytes);
        sealed.map_err(not_sealed)?;
    }
    Ok((bytes, record))
}

/// Parses the start of a whole backup.
///
/// # Errors
///
/// [`BackupError::NotOpened`].
pub fn parse(bytes: &[u8]) -> Result<BackupStart> {
    match BackupStart::parse(bytes).map_err(BackupError::not_opened)? {
        ParsedBackup::Whole(start) => Ok(*start),
        ParsedBackup::Needs(_) => Err(BackupError::not_opened("it is cut off")),
    }
}

/// Opens a whole backup. With a vault key it is the one that its maker sealed; a recipient has the word of anyone who
/// could open it.
///
/// # Errors
///
/// [`BackupError::NotOpened`].
pub fn open(bytes: &[u8], access: &Access) -> Result<Opened> {
    let start = parse(bytes)?;
    let (record, opener) = match start.open(&access.keys) {
        Ok(record) => (
            Some(record),
            start.prelude().unlock(&access.keys).map_err(BackupError::not_opened)?,
        ),
        Err(OpenError::NoKey) => (None, unlock_as_recipient(&start, access)?),
        Err(error) => return Err(BackupError::not_opened(error)),
    };
    let file = bytes.get(start.file_offset()..).unwrap_or_default();
    let content = content(&opener, file)?;
    let snapshot = Snapshot::decode(&content, SnapshotLimits::default()).map_err(BackupError::not_opened)?;
    let digest = snapshot.digest().map_err(BackupError::not_opened)?;
    if record
        .as_ref()
        .is_some_and(|record| !record.describes(&snapshot, digest))
    {
        return Err(BackupError::not_opened(
            "its content is not the one that it was made of",
        ));
    }
    Ok(Opened {
        record,
        key_id: start.key_id(),
        snapshot,
        digest,
        keyring: start.keyring().map(<[u8]>::to_vec),
    })
}

fn unlock_as_recipient(start: &BackupStart, access: &Access) -> Result<FileOpener> {
    let unlocked = match &access.keyring {
        Some(keyring) => start.prelude().unlock_with_identity(keyring.identity()),
        None => Err(UnlockFileError::NoKey),
    };
    unlocked.map_err(|error| BackupError::missing(error, Missing::KeyOrProfile))
}

fn content(opener: &FileOpener, file: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
    let extent = opener
        .extent_of_file(file.len() as u64)
        .map_err(BackupError::not_opened)?;
    let mut content = Zeroizing::new(Vec::new());
    for index in 0..extent.block_count() {
        let span = extent
            .block(index)
            .ok_or_else(|| BackupError::not_opened("it is cut off"))?;
        let (from, len) = (span.offset as usize, span.sealed_len as usize);
        let sealed = file.get(from..from.saturating_add(len)).unwrap_or_default();
        let opened = opener.open_block(index, span.last, sealed, &mut content);
        opened.map_err(|error| BackupError::not_opened(format!("block {index}: {error}")))?;
    }
    Ok(content)
}

fn not_sealed(cause: impl ToString) -> BackupError {
    BackupError::NotSealed(Reason::new(cause))
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use zkvault_core::file::FileSealer;
    use zkvault_core::identity::Identity;
    use zkvault_core::key::KeySet;
    use zkvault_core::trust::PinSet;

    use super::*;

    fn captured() -> Captured {
        let raw = |json: &str| RawValue::from_string(json.to_owned()).unwrap();
        Captured {
            host: "a.test".to_owned(),
            synced: 1,
            sites: raw("[]"),
            users: raw("[]"),
            groups: raw("null"),
            pins: raw(&PinSet::new().to_json().unwrap()),
        }
    }

    fn manifest(device: &str) -> Manifest {
        Manifest {
            revision: 1,
            parent: None,
            time: 2,
            device: device.to_owned(),
        }
    }

    /// A recipient has the file's key, and may put another content of the same length under the same prelude.
    #[test]
    fn a_content_that_is_not_the_records_is_refused() {
        let (key, recipient) = (Arc::new(VaultKey::generate().unwrap()), Identity::generate().unwrap());
        let recipe = Recipe {
            keys: &[Arc::clone(&key)],
            recipients: &[recipient.public()],
            keyring: b"",
        };
        let (bytes, _) = seal(captured(), manifest("laptop"), &recipe).unwrap();
        let mut keys = KeySet::new();
        keys.add(key, None);
        let access = Access::new(keys.clone(), None);
        let opened = open(&bytes, &access).unwrap();
        assert_eq!(opened.record.unwrap().digest, opened.digest);

        let start = parse(&bytes).unwrap();
        let prelude_end = start.file_offset() + start.prelude().layout().prelude_len() as usize;
        let sealer = FileSealer::resume(&bytes[start.file_offset()..prelude_end], &keys).unwrap();
        let forged = ["tablet", "phones", "deskto", "lapton"].iter().any(|device| {
            let snapshot = Snapshot {
                manifest: manifest(device),
                ..opened.snapshot.clone()
            };
            let content = snapshot.encode(SnapshotLimits::default()).unwrap();
            let mut forged = bytes[..prelude_end].to_vec();
            if sealer.seal_block(0, true, &content, &mut forged).is_err() {
                // Compressed it has another length, which the file's description does not allow.
                return false;
            }
            let error = open(&forged, &access).unwrap_err();
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains("not the one that it was made of"));
            true
        });
        assert!(forged, "none of the contents had the right length");
    }
}
