//! The start of a backup, read before anything is opened.

use super::{BackupRecord, MAGIC, MAX_RECORD_LEN, VERSION, context};
use crate::cobblestone;
use crate::file::{FilePrelude, ParsedPrelude, PreludeError};
use crate::key::{KeyId, KeySet};
use crate::keyring::MAX_KEYRING_LEN;

const KEY_ID_LEN: usize = 4;
/// Bytes in front of the record: magic, version, key id, length.
const FIXED_LEN: usize = MAGIC.len() + 1 + KEY_ID_LEN + 4;

/// The parsed start of a backup: still sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupStart {
    key_id: KeyId,
    record: Vec<u8>,
    keyring: Vec<u8>,
    prelude: FilePrelude,
    file_offset: usize,
}

/// What the bytes at the start of a backup were enough for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedBackup {
    /// The start is whole. What follows it in the bytes was not looked at.
    Whole(Box<BackupStart>),
    /// The backup must be given again from its start with at least so many bytes.
    Needs(usize),
}

impl BackupStart {
    /// Bytes that no start is longer than.
    pub const MAX_LEN: usize = FIXED_LEN + MAX_RECORD_LEN + 4 + MAX_KEYRING_LEN + FilePrelude::MAX_LEN;

    /// Parses the first bytes of a backup, as many as are available.
    ///
    /// # Errors
    /// [`BackupError`] as soon as the bytes cannot be the start of a backup.
    pub fn parse(bytes: &[u8]) -> Result<ParsedBackup, BackupError> {
        if !bytes.iter().zip(MAGIC).all(|(byte, expected)| byte == expected) {
            return Err(BackupError::NotABackup);
        }
        let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED_LEN>() else {
            return Ok(ParsedBackup::Needs(FIXED_LEN));
        };
        let [.., version, id0, id1, id2, id3, a, b, c, d] = *fixed;
        if version != VERSION {
            return Err(BackupError::Version(version));
        }
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
                key_id: KeyId::from_bytes([id0, id1, id2, id3]),
                record: record.to_vec(),
                keyring: keyring.to_vec(),
                prelude,
                file_offset,
            })),
        })
    }

    /// Opens the record. That proves that keyring and prelude are those that it was written for.
    ///
    /// # Errors
    /// [`BackupError`].
    pub fn open(&self, keys: &KeySet) -> Result<BackupRecord, BackupError> {
        let context = context(&self.prelude.digest(), &self.keyring);
        let mut error = BackupError::NoKey;
        for key in keys.with_id(self.key_id) {
            match cobblestone::open(key.input_key(), &context, &self.record) {
                Ok(json) => return BackupRecord::from_json(json.expose_secret()).ok_or(BackupError::Malformed),
                Err(_) => error = BackupError::Decrypt,
            }
        }
        Err(error)
    }

    /// The identifier of the key that opens the record.
    #[must_use]
    pub fn key_id(&self) -> KeyId {
        self.key_id
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
    /// A later program wrote it.
    #[error("a backup of version {0}: this program reads version {VERSION}")]
    Version(u8),
    /// It is not in the specified form.
    #[error("the backup is not in the specified form")]
    Malformed,
    /// The file in it is none.
    #[error(transparent)]
    Prelude(#[from] PreludeError),
    /// No available key is the one that it was made with.
    #[error("it is for none of the available keys")]
    NoKey,
    /// An available key has the right identifier, but record, keyring and file do not belong together.
    #[error("it was changed, or put together from several backups")]
    Decrypt,
}
