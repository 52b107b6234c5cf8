//! The header of a backup: what is in front of its file, read before anything is opened.
//!
//! A fresh machine has only these bytes and a passphrase. So they are parsed without any key, in bounded memory, and
//! say how many more are needed; what they claim is proved by [`BackupHeader::open`] alone.

use super::record::{BackupRecord, context};
use super::{MAGIC, MAX_RECORD_LEN, VERSION};
use crate::chain::{ChainKey, ChainTag, TAG_LEN};
use crate::cobblestone;
use crate::file::{FilePrelude, ParsedPrelude, PreludeError};
use crate::keyring::MAX_KEYRING_LEN;

/// Bytes in front of the record: magic, version, tag, length.
const FIXED_LEN: usize = MAGIC.len() + 1 + TAG_LEN + 4;

/// The parsed header of a backup: still sealed.
///
/// Its parts have lengths that a backup can have. The tag is a claim: anyone who stores a blob can write one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupHeader {
    tag: ChainTag,
    record: Vec<u8>,
    keyring: Vec<u8>,
    prelude: FilePrelude,
    file_offset: usize,
}

/// What the first bytes of a backup were enough for.
///
/// The loop that a reader writes: fetch so many bytes, parse, and fetch more until the header is whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedBackup {
    /// The header is whole. What follows it in the bytes was not looked at.
    Whole(Box<BackupHeader>),
    /// The backup must be given again from its start with at least so many bytes.
    Needs(usize),
}

impl BackupHeader {
    /// Bytes that no header is longer than.
    ///
    /// 2,166,822 bytes: given so many, [`Self::parse`] never asks for more.
    pub const MAX_LEN: usize = FIXED_LEN + MAX_RECORD_LEN + 4 + MAX_KEYRING_LEN + FilePrelude::MAX_LEN;

    /// Parses the first bytes of a backup, as many as are available.
    ///
    /// ```
    /// # use serde_json::value::RawValue;
    /// # use zkvault_core::account::AccountName;
    /// # use zkvault_core::backup::{BackupRecord, ChainKey};
    /// # use zkvault_core::personal::PersonalKey;
    /// # use zkvault_core::snapshot::{Manifest, SnapshotDigest};
    /// use zkvault_core::backup::{BackupError, BackupHeader, ParsedBackup};
    ///
    /// # let account = AccountName::parse("acme.logmeonce.com")?;
    /// # let chain = ChainKey::derive(&PersonalKey::from_slice(&[7; 32])?, &account);
    /// # let manifest = Manifest { revision: 1, parent: None, time: 1_700_000_000, device: "laptop".to_owned() };
    /// # let digest = SnapshotDigest::of_document(b"a snapshot");
    /// # let record = BackupRecord { account, synced: 1_700_000_000, keyring: None, follows: None, manifest, digest };
    /// # let (sealer, mut backup) = record.create(&chain, &[], b"", 10)?;
    /// # sealer.seal_block(0, true, b"a snapshot", &mut backup)?;
    /// // `backup` is what a storage holds. It is read from its start until the header is whole.
    /// let (mut read, mut requests) = (0, 0);
    /// let header = loop {
    ///     match BackupHeader::parse(&backup[..read])? {
    ///         ParsedBackup::Whole(header) => break header,
    ///         ParsedBackup::Needs(more) => (read, requests) = (more, requests + 1),
    ///     }
    /// };
    /// assert!(requests <= 5);
    /// assert!(backup[header.file_offset()..].starts_with(b"ZKVAULT"));
    /// assert_eq!(header.tag(), chain.tag());
    /// assert_eq!(BackupHeader::parse(b"PK\x03\x04"), Err(BackupError::NotABackup));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// * [`BackupError::NotABackup`], [`BackupError::PreRelease`] and [`BackupError::Version`] by the first eight
    ///   bytes.
    /// * [`BackupError::Malformed`] when a length is above its limit: nothing is allocated by a length that was only
    ///   claimed.
    /// * [`BackupError::Prelude`] when what follows the keyring is no file.
    pub fn parse(bytes: &[u8]) -> Result<ParsedBackup, BackupError> {
        if !bytes.iter().zip(MAGIC).all(|(byte, expected)| byte == expected) {
            return Err(BackupError::NotABackup);
        }
        match bytes.get(MAGIC.len()) {
            Some(&version) if version < VERSION => return Err(BackupError::PreRelease),
            Some(&version) if version > VERSION => return Err(BackupError::Version(version)),
            _ => {}
        }
        let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED_LEN>() else {
            return Ok(ParsedBackup::Needs(FIXED_LEN));
        };
        let [.., a, b, c, d] = *fixed;
        let tag = fixed
            .get(MAGIC.len() + 1..)
            .and_then(|rest| rest.first_chunk().copied());
        let record_len = u32::from_be_bytes([a, b, c, d]) as usize;
        if record_len > MAX_RECORD_LEN {
            return Err(BackupError::Malformed);
        }
        let Some((record, Some((length, rest)))) = rest
            .split_at_checked(record_len)
            .map(|(record, rest)| (record, rest.split_first_chunk::<4>()))
        else {
            return Ok(ParsedBackup::Needs(FIXED_LEN + record_len + 4));
        };
        let keyring_len = u32::from_be_bytes(*length) as usize;
        if keyring_len > MAX_KEYRING_LEN {
            return Err(BackupError::Malformed);
        }
        let file_offset = FIXED_LEN + record_len + 4 + keyring_len;
        let Some((keyring, file)) = rest.split_at_checked(keyring_len) else {
            return Ok(ParsedBackup::Needs(file_offset));
        };
        Ok(match FilePrelude::parse(file)? {
            ParsedPrelude::Needs(more) => ParsedBackup::Needs(file_offset + more),
            ParsedPrelude::Whole(prelude) => ParsedBackup::Whole(Box::new(Self {
                tag: ChainTag::from_bytes(tag.ok_or(BackupError::Malformed)?),
                record: record.to_vec(),
                keyring: keyring.to_vec(),
                prelude,
                file_offset,
            })),
        })
    }

    /// Opens the record. That proves that keyring and prelude are those that it was written for, and that the person whose
    /// chain it is wrote it.
    ///
    /// The tag is compared first: nothing is decrypted for a chain of somebody else. A changed byte anywhere in front of
    /// the blocks fails, since tag, prelude and keyring are in the context (threat model, Z46).
    ///
    /// # Errors
    /// * [`BackupError::NoKey`] when the tag is that of a different chain.
    /// * [`BackupError::Decrypt`] when the record does not open: a forgery, or parts of different backups.
    /// * [`BackupError::Malformed`] when it opened and is not in its one form, or is of another account, keyring or
    ///   place in the chain than it can be.
    pub fn open(&self, chain: &ChainKey) -> Result<BackupRecord, BackupError> {
        if chain.tag() != self.tag {
            return Err(BackupError::NoKey);
        }
        let context = context(self.tag, &self.prelude.digest(), &self.keyring);
        let json = cobblestone::open(chain.input_key(), &context, &self.record).map_err(|_| BackupError::Decrypt)?;
        let record = BackupRecord::from_json(json.expose_secret(), chain, &self.keyring);
        record.ok_or(BackupError::Malformed)
    }

    /// The chain that it says it is in.
    #[must_use]
    pub fn tag(&self) -> ChainTag {
        self.tag
    }

    /// The keyring's file, if one came along. Nothing vouches for it before [`Self::open`] succeeds.
    ///
    /// Trying a passphrase on it costs what its own header says, which a stranger may have written: `vault` asks
    /// before it spends more than 1 GiB or a minute on one (docs/spec/backup.md#fresh-machines).
    #[must_use]
    pub fn keyring(&self) -> Option<&[u8]> {
        Some(self.keyring.as_slice()).filter(|keyring| !keyring.is_empty())
    }

    /// The prelude of the file.
    #[must_use]
    pub fn prelude(&self) -> &FilePrelude {
        &self.prelude
    }

    /// Where the file begins in the backup.
    #[must_use]
    pub fn file_offset(&self) -> usize {
        self.file_offset
    }
}

/// Bytes are no backup, or it does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BackupError {
    /// They do not begin as a backup.
    #[error("it is not a zkvault backup")]
    NotABackup,
    /// A program from before the first release wrote it.
    #[error("the backup was made by a pre-release of zkvault: make it anew")]
    PreRelease,
    /// A later program wrote it.
    #[error("a backup of version {0}: this program reads version {VERSION}")]
    Version(u8),
    /// It is not in the specified form.
    #[error("the backup is not in the specified form")]
    Malformed,
    /// The file in it is none.
    #[error(transparent)]
    Prelude(#[from] PreludeError),
    /// It is in another chain.
    #[error("it is in a chain of somebody else, or of another account")]
    NoKey,
    /// It is in the chain by its word, but record, keyring and file do not belong together, or somebody else made it.
    #[error("it was changed, forged, or put together from several backups")]
    Decrypt,
}
