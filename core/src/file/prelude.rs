//! The prelude: the first bytes of a file, which need no key to be read and say who has one.
//!
//! The loop of a reader: give as many bytes as are available, get more when it says how many it needs, at most
//! 65,548. A prelude that was parsed is no proof of anything. Its digest goes into the context of every block, so
//! that the first block that opens proves all of it.

use sha2::{Digest, Sha256};

use super::header::{Header, KeyEntry};
use super::layout::{BlockSizeError, FileLayout};
use crate::key::KeyId;

const MAGIC: &[u8; 7] = b"ZKVAULT";
const VERSION: u8 = 1;
/// Bytes in front of the header: magic, version, length.
const FIXED_LEN: usize = MAGIC.len() + 1 + 4;
/// Bytes of the longest header.
const MAX_HEADER_LEN: usize = 65_536;

/// The parsed prelude of a file: still sealed, and authenticated only by opening a block.
///
/// Two with equal digests are the same bytes. A repository's entry and a backup's record name a file by this digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePrelude {
    pub(super) header: Header,
    pub(super) digest: [u8; 32],
    pub(super) layout: FileLayout,
}

/// What the bytes at the start of a file were enough for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedPrelude {
    /// The prelude is whole. What follows it in the bytes was not looked at.
    Whole(FilePrelude),
    /// The file must be given again from its start with at least so many bytes.
    Needs(usize),
}

impl FilePrelude {
    /// Bytes that no prelude is longer than.
    ///
    /// 65,548: 12 in front, and the longest header.
    pub const MAX_LEN: usize = FIXED_LEN + MAX_HEADER_LEN;

    /// Parses the first bytes of a file, as many as are available.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use zkvault_core::file::{BlockSize, FileMeta, FilePrelude, FileSealer, ParsedPrelude, PreludeError};
    /// use zkvault_core::key::VaultKey;
    ///
    /// let key = Arc::new(VaultKey::from_slice(&[1; 32])?);
    /// let sealer = FileSealer::new(&[key], &[], &FileMeta::default(), BlockSize::default(), 1_700_000_000)?;
    /// let bytes = sealer.prelude();
    /// assert_eq!(FilePrelude::parse(&[])?, ParsedPrelude::Needs(12));
    /// assert_eq!(FilePrelude::parse(&bytes[..12])?, ParsedPrelude::Needs(bytes.len()));
    /// let ParsedPrelude::Whole(prelude) = FilePrelude::parse(bytes)? else { panic!("that is all of it") };
    /// assert_eq!(prelude.vault_key_ids().map(|id| id.to_string()).collect::<Vec<_>>(), ["878694ff"]);
    /// assert_eq!((prelude.created(), prelude.recipient_count()), (1_700_000_000, 0));
    /// assert_eq!(FilePrelude::parse(b"%PDF-1.7"), Err(PreludeError::NotAFile));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// * [`PreludeError::NotAFile`] and [`PreludeError::Version`] by the first eight bytes, also of fewer.
    /// * [`PreludeError::HeaderLength`] above 65,536, before so much is asked for.
    /// * [`PreludeError::Json`], [`PreludeError::NotCanonical`], [`PreludeError::Field`] and
    ///   [`PreludeError::BlockSize`] when the header is whole and wrong.
    pub fn parse(bytes: &[u8]) -> Result<ParsedPrelude, PreludeError> {
        if !bytes.iter().zip(MAGIC).all(|(byte, expected)| byte == expected) {
            return Err(PreludeError::NotAFile);
        }
        let Some((fixed, rest)) = bytes.split_first_chunk::<FIXED_LEN>() else {
            return match bytes.get(MAGIC.len()) {
                Some(&version) if version != VERSION => Err(PreludeError::Version(version)),
                _ => Ok(ParsedPrelude::Needs(FIXED_LEN)),
            };
        };
        let [.., version, a, b, c, d] = *fixed;
        if version != VERSION {
            return Err(PreludeError::Version(version));
        }
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        if length > MAX_HEADER_LEN {
            return Err(PreludeError::HeaderLength { actual: length });
        }
        match rest.get(..length) {
            None => Ok(ParsedPrelude::Needs(FIXED_LEN + length)),
            Some(json) => {
                let header = Header::from_json(json)?;
                Ok(ParsedPrelude::Whole(Self::from_header(header, json)))
            }
        }
    }

    fn from_header(header: Header, json: &[u8]) -> Self {
        let prelude = frame(json);
        Self {
            layout: FileLayout::new(prelude.len() as u32, header.block_size),
            digest: Sha256::digest(&prelude).into(),
            header,
        }
    }

    /// The prelude of a new file, and its bytes.
    pub(super) fn create(header: Header) -> Result<(Self, Vec<u8>), PreludeError> {
        let json = header.to_json()?;
        let bytes = frame(&json);
        Ok((Self::from_header(header, &json), bytes))
    }

    /// Where the blocks lie.
    #[must_use]
    pub fn layout(&self) -> FileLayout {
        self.layout
    }

    /// When the file was sealed, in seconds since 1970 (UTC), by the clock of the machine that did.
    ///
    /// It is authenticated with the prelude and believed no further: the clock may have been wrong.
    #[must_use]
    pub fn created(&self) -> u64 {
        self.header.created
    }

    /// The identifiers of the vault keys that open the file.
    ///
    /// Read before anything is opened, so that a program can say which key is missing.
    pub fn vault_key_ids(&self) -> impl Iterator<Item = KeyId> {
        self.header.keys.iter().filter_map(|entry| match entry {
            KeyEntry::VaultKey { key_id, .. } => Some(*key_id),
            KeyEntry::Chain { .. } | KeyEntry::Recipient { .. } => None,
        })
    }

    /// SHA-256 of the prelude, to which every block is bound.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// How many identities open the file. Which ones cannot be seen.
    #[must_use]
    pub fn recipient_count(&self) -> usize {
        let recipients = self.header.keys.iter();
        recipients
            .filter(|entry| matches!(entry, KeyEntry::Recipient { .. }))
            .count()
    }
}

/// `"ZKVAULT" || 0x01 || u32be(length) || header`. A header that is read was found short enough before, and with
/// the most keys and the longest description a new one has less than half of [`MAX_HEADER_LEN`].
fn frame(json: &[u8]) -> Vec<u8> {
    let length = (json.len() as u32).to_be_bytes();
    [MAGIC, &[VERSION][..], &length, json].concat()
}

/// Bytes are not the prelude of a file that can be read here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PreludeError {
    /// The bytes do not start with `ZKVAULT`.
    #[error("this is not an encrypted zkvault file")]
    NotAFile,
    /// The file comes from a newer program.
    #[error("the file has version {0}, which is not known here")]
    Version(u8),
    /// The header is longer than any can be.
    #[error("a file's header has at most {MAX_HEADER_LEN} bytes, this one {actual}")]
    HeaderLength {
        /// The bytes that it claims to have.
        actual: usize,
    },
    /// The header is not JSON with the members of a header.
    #[error("the file's header is not JSON of the specified form")]
    Json,
    /// The header's JSON is not in its one form: white space, another order, repeated members.
    #[error("the file's header is not in canonical form")]
    NotCanonical,
    /// A member of the header cannot be what it is.
    #[error("the member {0:?} of the file's header is malformed")]
    Field(&'static str),
    /// The block size is outside its limits.
    #[error(transparent)]
    BlockSize(#[from] BlockSizeError),
}
