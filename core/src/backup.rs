//! Backups: a snapshot as an encrypted file, and in front of it what a fresh machine needs to open it.
//!
//! ```text
//! backup = "ZKVBACK" || 0x02 || tag(10) || u32be(length) || record || u32be(length) || keyring || file
//! record = seal(chain, context("zkvault.backup.record.v2", tag, SHA-256(prelude of file), SHA-256(keyring)), JSON)
//! ```
//!
//! A chain is of one account and one personal key, so only its person can make a backup in it. The keyring is the
//! keyring's file as it is, sealed under the passphrase; it may be missing. Anyone who can open the file, as a recipient
//! can, could seal another content under the same prelude: the record says which content it is (docs/spec/backup.md).
//!
//! ```
//! use serde_json::value::RawValue;
//! use zkvault_core::account::AccountName;
//! use zkvault_core::backup::{BackupHeader, BackupRecord, ChainKey, ParsedBackup};
//! use zkvault_core::personal::PersonalKey;
//! use zkvault_core::snapshot::{Manifest, Snapshot, SnapshotLimits};
//!
//! let raw = |json: &str| RawValue::from_string(json.to_owned());
//! let manifest = Manifest { revision: 1, parent: None, time: 1_700_000_000, device: "laptop".to_owned() };
//! let snapshot = Snapshot {
//!     manifest: manifest.clone(), sites: raw("[]")?, users: raw("[]")?, groups: raw("[]")?, pins: raw("[]")?,
//! };
//! let content = snapshot.encode(SnapshotLimits::default())?;
//! let account = AccountName::parse("acme.logmeonce.com")?;
//! let chain = ChainKey::derive(&PersonalKey::from_slice(&[7; 32])?, &account);
//! let record = BackupRecord {
//!     account, synced: 1_700_000_000, keyring: None, follows: None, manifest, digest: snapshot.digest()?,
//! };
//!
//! let (sealer, mut backup) = record.create(&chain, &[], b"", content.len() as u64)?;
//! sealer.seal_block(0, true, &content, &mut backup)?;
//!
//! let ParsedBackup::Whole(header) = BackupHeader::parse(&backup)? else { panic!("the header is whole") };
//! assert_eq!(header.open(&chain)?, record);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ```text
//! offset  bytes
//!      0      7  "ZKVBACK"
//!      7      1  version, 0x02
//!      8     10  tag of the chain
//!     18      4  length of the record, at most 4,096
//!     22         record, then 4 bytes of length and the keyring, at most 2 MiB, or nothing
//!                then a file as in crate::file, the first entry of which is of type chain
//! ```
//!
//! [`BackupHeader`] reads everything in front of the file from the first bytes, [`BackupRecord`] is what it proves,
//! and [`BackupChain`] says whether the backups at one place continue what was seen before. Fetching, choosing
//! between places and asking a person are `vault`'s: nothing here knows where a backup is kept.

mod chain;
mod header;
mod record;
#[cfg(test)]
mod tests;

pub use crate::chain::{BACKUP_PREFIX, ChainKey, ChainTag, ChainTagError, Chains};
pub use chain::{BackupChain, BackupChainError, BackupStanding, ChainCheck, ChainProgress, KnownChain, is_superseded};
pub use header::{BackupError, BackupHeader, ParsedBackup};
pub use record::{BackupRecord, Follows, KeyringStamp};

const MAGIC: &[u8; 7] = b"ZKVBACK";
const VERSION: u8 = 2;
/// Bytes of a sealed record at most: an account, a manifest and digests, with room for escapes.
const MAX_RECORD_LEN: usize = 4096;
