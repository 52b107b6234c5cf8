//! A backup as bytes: sealed from what was captured, and opened again with every check that there is.
//!
//! The parts of a backup and what binds them (docs/spec/backup.md): the record is sealed under the chain's key in a
//! context of the chain's tag, the digest of the file's prelude, and the digest of the keyring, so that no part can be
//! exchanged for that of a different backup. The record names the snapshot by its digest: a recipient, who has the
//! file's key, cannot put different content under the same prelude (`a_content_that_is_not_the_records_is_refused`).
//!
//! A backup is in memory as a whole while it is sealed or opened: that of 100,000 sites has about 30 MB.

use zeroize::Zeroizing;
use zkvault_core::backup::{BackupHeader, BackupRecord, ChainKey, ChainTag, Follows, KeyringStamp, ParsedBackup};
use zkvault_core::file::FileOpener;
use zkvault_core::identity::PublicIdentity;
use zkvault_core::snapshot::{Manifest, Snapshot, SnapshotDigest, SnapshotLimits};

use super::Result;
use super::access::Access;
use super::capture::Captured;
use super::error::{BackupError, Missing};
use crate::transfer::Reason;

/// Bytes of the longest backup that is read: the longest snapshot, what encryption adds, and the header.
pub const MAX_BACKUP_LEN: u64 = (256 << 20) + (1 << 20) + BackupHeader::MAX_LEN as u64;

/// For whom a backup is sealed, and what goes along.
///
/// Vault keys open no backup: people share them, and a backup is one person's.
#[derive(Debug)]
pub struct Recipe<'a> {
    /// The chain that it is in.
    pub chain: &'a ChainKey,
    /// What the first one under a new personal key follows.
    pub follows: Option<Follows>,
    /// Who else may open it, without the values in it.
    pub recipients: &'a [PublicIdentity],
    /// The keyring's file and its serial, or nothing.
    pub keyring: Option<(&'a [u8], u64)>,
}

/// An open backup.
#[derive(Debug)]
pub struct Opened {
    /// What the person whose chain it is in says of it; a recipient cannot open that.
    pub record: Option<BackupRecord>,
    /// The chain that it says it is in.
    pub tag: ChainTag,
    /// What is in it.
    pub snapshot: Snapshot,
    /// The digest of that.
    pub digest: SnapshotDigest,
    /// The file of the keyring that came along.
    pub keyring: Option<Vec<u8>>,
}

/// Seals a backup: its bytes, and what it is.
///
/// The manifest is the caller's: [`next`](super::next) says its revision and parent. The same captured store gives
/// different bytes each time, because the file has a key of its own.
///
/// # Errors
///
/// [`BackupError::NotSealed`].
pub fn seal(captured: Captured, manifest: Manifest, recipe: &Recipe<'_>) -> Result<(Vec<u8>, BackupRecord)> {
    let Captured {
        host: _,
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
        account: recipe.chain.account().clone(),
        synced,
        keyring: recipe.keyring.map(|(file, serial)| KeyringStamp::new(serial, file)),
        follows: recipe.follows,
        manifest: snapshot.manifest,
        digest,
    };
    let keyring = recipe.keyring.map(|(file, _)| file).unwrap_or_default();
    let begun = record.create(recipe.chain, recipe.recipients, keyring, content.len() as u64);
    let (sealer, mut bytes) = begun.map_err(not_sealed)?;
    let block_len = sealer.layout().block_size().bytes() as usize;
    let blocks = content.len().div_ceil(block_len) as u64;
    for (index, block) in (0..).zip(content.chunks(block_len)) {
        let sealed = sealer.seal_block(index, index + 1 == blocks, block, &mut bytes);
        sealed.map_err(not_sealed)?;
    }
    Ok((bytes, record))
}

/// Parses the header of a whole backup.
///
/// # Errors
///
/// [`BackupError::NotOpened`].
pub fn parse(bytes: &[u8]) -> Result<BackupHeader> {
    match BackupHeader::parse(bytes).map_err(BackupError::unreadable)? {
        ParsedBackup::Whole(header) => Ok(*header),
        ParsedBackup::Needs(_) => Err(BackupError::not_opened("it is cut off")),
    }
}

/// Opens a whole backup. In a chain of the keyring it is the one that its person made; a recipient has the word of anyone
/// who could open it.
///
/// In this order: the header within its limits, the record in its context, the file's key, each block, the limits of
/// the snapshot, and its digest against the record. Nothing of it is written anywhere. One error covers every failure
/// of a key; [`Missing`](super::Missing) says which keyring would help, where that can be known.
///
/// # Errors
///
/// [`BackupError::NotOpened`].
pub fn open(bytes: &[u8], access: &Access) -> Result<Opened> {
    let header = parse(bytes)?;
    let (record, opener) = match access.chains.find(header.tag()) {
        Some(chain) => {
            let record = header.open(chain).map_err(BackupError::not_opened)?;
            let opener = header.prelude().unlock_with_chain(chain);
            (Some(record), opener.map_err(BackupError::not_opened)?)
        }
        None => (None, unlock_as_recipient(&header, access)?),
    };
    let file = bytes.get(header.file_offset()..).unwrap_or_default();
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
        tag: header.tag(),
        snapshot,
        digest,
        keyring: header.keyring().map(<[u8]>::to_vec),
    })
}

/// For a backup of a chain that is not ours: the file's key, if the identity of the keyring is among its recipients.
fn unlock_as_recipient(header: &BackupHeader, access: &Access) -> Result<FileOpener> {
    let unlocked = header.prelude().unlock_with_identity(access.keyring.identity());
    unlocked.map_err(|error| BackupError::missing(error, Missing::Profile))
}

/// The compressed snapshot, every block of it authenticated, in memory that is wiped.
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
    use zkvault_core::account::AccountName;
    use zkvault_core::identity::Identity;
    use zkvault_core::keyring::Keyring;
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

    fn keyring() -> Keyring {
        let mut keyring = crate::cheap::keyring();
        let account = AccountName::parse("a.test").unwrap();
        keyring.accounts_mut().add(account).unwrap();
        keyring
    }

    /// A recipient has the file's key, and may put another content of the same length under the same prelude.
    #[test]
    fn a_content_that_is_not_the_records_is_refused() {
        let recipient = Identity::generate().unwrap();
        let access = Access::of_keyring(keyring());
        let recipe = Recipe {
            chain: access.chains.iter().next().unwrap(),
            follows: None,
            recipients: &[recipient.public()],
            keyring: None,
        };
        let Captured {
            sites,
            users,
            groups,
            pins,
            ..
        } = captured();
        let snapshot = |device: &str| Snapshot {
            manifest: manifest(device),
            sites: sites.clone(),
            users: users.clone(),
            groups: groups.clone(),
            pins: pins.clone(),
        };
        let encode = |device: &str| snapshot(device).encode(SnapshotLimits::default()).unwrap();
        let record = BackupRecord {
            account: recipe.chain.account().clone(),
            synced: 1,
            keyring: None,
            follows: None,
            manifest: manifest("laptop"),
            digest: snapshot("laptop").digest().unwrap(),
        };
        let (sealer, start) = record
            .create(recipe.chain, recipe.recipients, b"", encode("laptop").len() as u64)
            .unwrap();
        let sealed = |device: &str| {
            let mut bytes = start.clone();
            // Compressed it may have another length, which the file's description does not allow.
            sealer.seal_block(0, true, &encode(device), &mut bytes).ok()?;
            Some(bytes)
        };
        let opened = open(&sealed("laptop").unwrap(), &access).unwrap();
        assert_eq!(opened.record.unwrap().digest, opened.digest);
        let forged = ["tablet", "phones", "deskto", "lapton"].iter().any(|device| {
            let Some(forged) = sealed(device) else { return false };
            let error = open(&forged, &access).unwrap_err();
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains("not the one that it was made of"));
            true
        });
        assert!(forged, "none of the contents had the right length");
    }

    /// Another person's keyring has no chain with that tag, and the shared vault keys in it are of no use.
    #[test]
    fn a_colleague_opens_nothing() {
        let access = Access::of_keyring(keyring());
        let recipe = Recipe {
            chain: access.chains.iter().next().unwrap(),
            follows: None,
            recipients: &[],
            keyring: None,
        };
        let (bytes, _) = seal(captured(), manifest("laptop"), &recipe).unwrap();
        let mut colleague = keyring();
        let shared = std::sync::Arc::clone(access.keyring.keys().iter().next().unwrap().key());
        let details = zkvault_core::keyring::NewKey {
            label: "shared",
            origin: zkvault_core::keyring::KeyOrigin::Imported,
            created: 0,
            vendor_id: None,
            replaces: None,
        };
        colleague.keys_mut().add(shared, details).unwrap();
        assert_eq!(
            open(&bytes, &Access::of_keyring(colleague)).unwrap_err().code(),
            "backup-not-opened"
        );
    }
}
