//! The header of a backup: what is in front of its file, read before anything is opened.

use super::record::{BackupRecord, context};
use super::{MAGIC, MAX_RECORD_LEN, VERSION};
use crate::chain::{ChainKey, ChainTag, TAG_LEN};
use crate::cobblestone;
use crate::file::{FilePrelude, ParsedPrelude, PreludeError};
use crate::keyring::MAX_KEYRING_LEN;

/// Bytes in front of the record: magic, version, tag, length.
const FIXED_LEN: usize = MAGIC.len() + 1 + TAG_LEN + 4;

/// The parsed header of a backup: still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupHeader {
    tag: ChainTag,
    record: Vec<u8>,
    keyring: Vec<u8>,
    prelude: FilePrelude,
    file_offset: usize,
}

/// What the first bytes of a backup were enough for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedBackup {
    /// The header is whole. What follows it in the bytes was not looked at.
    Whole(Box<BackupHeader>),
    /// The backup must be given again from its start with at least so many bytes.
    Needs(usize),
}

impl BackupHeader {
    /// Bytes that no header is longer than.
    pub const MAX_LEN: usize = FIXED_LEN + MAX_RECORD_LEN + 4 + MAX_KEYRING_LEN + FilePrelude::MAX_LEN;

    /// Parses the first bytes of a backup, as many as are available.
    ///
    /// # Errors
    /// [`BackupError`] as soon as the bytes cannot be the start of a backup.
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
    /// # Errors
    /// [`BackupError`].
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
