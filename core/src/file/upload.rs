//! A file on its way into a storage that takes blocks and commits them as one blob, as Azure does: which parts it
//! becomes, the identifiers of their blocks, which of them a storage has, and what it must list at the end.
//!
//! ```text
//! part 0     = what is in front of block 0: the prelude, and in a backup what goes before it
//! part i + 1 = block i
//! identifier = tag(8) || u32be(part) || mark(12)
//! ```
//!
//! A file that is not encrypted has no part in front: its part `i` is its block `i`.
//!
//! Which requests carry them, and how many at once, is `client`'s. A writer that lost its connection lists the
//! uncommitted blocks of the blob and sends those that [`UploadPlan::stored`] does not know; after the commit it
//! compares the committed list with [`UploadPlan::is_complete`] (docs/spec/repository.md#layout-in-azure).
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::file::{BlockSize, FileMeta, FileSealer, PartMark, UploadPlan};
//! use zkvault_core::key::VaultKey;
//!
//! let keys = [Arc::new(VaultKey::generate()?)];
//! let sealer = FileSealer::new(&keys, &[], &FileMeta::default(), BlockSize::MIN, 1_700_000_000)?;
//! let content = vec![7; 20_000];
//! let plan = UploadPlan::of_file(&sealer, content.len() as u64)?;
//! assert_eq!(plan.parts(), 3, "the prelude and two blocks");
//!
//! // Part 1 arrived before the connection broke, and the storage says so.
//! let first = plan.part(1).ok_or("it is there")?;
//! let mark = PartMark::new(&sealer, 0, &content[..16_384]);
//! let id = plan.id(1, mark).to_base64();
//! let stored = plan.stored([(id.as_str(), first.stored_len), ("c29tZXRoaW5nIGVsc2U=", 5)]);
//! assert_eq!(stored.keys().collect::<Vec<_>>(), [&1]);
//! // The mark proves which content it has: had the source changed, it would be sent again.
//! assert_ne!(stored[&1].mark(), PartMark::new(&sealer, 0, &content[..100]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::layout::{BlockSize, FileExtent, FileLayout};
use super::sealer::FileSealer;
use crate::error::RandomError;
use crate::random;
use crate::secret::SecretBytes;

/// Blocks that a blob may have.
///
/// Azure's limit of committed blocks.
const MAX_PARTS: u32 = 50_000;
/// Blocks of content that a file is cut into at most: room is left for the part in front.
const MAX_BLOCKS: u64 = 49_000;
const MIB: u64 = 1 << 20;
const TAG_LEN: usize = 8;
const MARK_LEN: usize = 12;
const MARK_LABEL: &[u8] = b"zkvault.upload-mark.v1\0";

/// Eight bytes that no other upload's blocks begin with.
///
/// Blocks that another upload left behind at the same name are recognised by it, and not committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadTag([u8; TAG_LEN]);

impl UploadTag {
    /// The tag of an upload without encryption.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, RandomError> {
        random::array().map(Self)
    }

    /// The tag of an encrypted file: the first bytes of its prelude's digest.
    #[must_use]
    pub fn of_file(sealer: &FileSealer) -> Self {
        let mut tag = [0; TAG_LEN];
        let digest = sealer.prelude_digest().into_iter();
        tag.iter_mut().zip(digest).for_each(|(to, from)| *to = from);
        Self(tag)
    }

    /// A tag that was kept; `None` where these are not eight bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    /// Its bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The identifier of a part of its upload.
    #[must_use]
    pub const fn id(self, number: u32, mark: PartMark) -> PartId {
        let tag = self;
        PartId { tag, number, mark }
    }
}

/// What tells one content of a part from another: 12 bytes of a MAC of the content under a key of the file and the
/// part, so that a storage learns nothing from it. All zero where the source is known to be unchanged by other means.
///
/// A MAC and not a digest, because a storage could otherwise try which of a few likely contents a block has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PartMark([u8; MARK_LEN]);

impl PartMark {
    /// The mark of a block's content: `HMAC-SHA-256(mark key, content)`, cut off after 12 bytes.
    #[must_use]
    pub fn new(sealer: &FileSealer, index: u64, content: &[u8]) -> Self {
        // HMAC takes keys of any length.
        let mac = Hmac::<Sha256>::new_from_slice(sealer.mark_key(index).expose_secret());
        let mac = mac.map(|mac| mac.chain_update(content).finalize().into_bytes());
        Self::from_mac(&mac.unwrap_or_default()).unwrap_or_default()
    }

    /// From an HMAC-SHA-256 that was made elsewhere; `None` when it is shorter than a mark.
    #[must_use]
    pub fn from_mac(mac: &[u8]) -> Option<Self> {
        mac.first_chunk().copied().map(Self)
    }
}

impl FileSealer {
    /// The 32-byte key of the marks of block `index`, for hosts whose own HMAC is faster than ours:
    /// `HMAC-SHA-256(file key, "zkvault.upload-mark.v1" || 0x00 || SHA-256(prelude) || u64be(index))`.
    #[must_use]
    pub fn mark_key(&self, index: u64) -> SecretBytes {
        // HMAC takes keys of any length.
        let mac = Hmac::<Sha256>::new_from_slice(self.file_key().expose()).map(|mac| {
            let mac = mac.chain_update(MARK_LABEL).chain_update(self.prelude_digest());
            mac.chain_update(index.to_be_bytes()).finalize().into_bytes()
        });
        SecretBytes::from(mac.unwrap_or_default().to_vec())
    }
}

/// The identifier of a part's block: 24 bytes. Azure wants those of one blob to have the same length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartId {
    tag: UploadTag,
    number: u32,
    mark: PartMark,
}

impl PartId {
    /// Its bytes.
    #[must_use]
    pub fn to_bytes(self) -> Vec<u8> {
        [&self.tag.0[..], &self.number.to_be_bytes(), &self.mark.0].concat()
    }

    /// As a storage lists it.
    #[must_use]
    pub fn to_base64(self) -> String {
        STANDARD.encode(self.to_bytes())
    }

    /// An identifier that a storage lists; `None` when it is of another kind.
    #[must_use]
    pub fn from_base64(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text).ok()?;
        let (tag, rest) = bytes.split_first_chunk()?;
        let (number, mark) = rest.split_first_chunk()?;
        Some(Self {
            tag: UploadTag(*tag),
            number: u32::from_be_bytes(*number),
            mark: PartMark(mark.try_into().ok()?),
        })
    }

    /// The upload that it belongs to.
    #[must_use]
    pub const fn tag(&self) -> UploadTag {
        self.tag
    }

    /// What its content is recognised by.
    #[must_use]
    pub const fn mark(&self) -> PartMark {
        self.mark
    }
}

/// The parts of one upload whose length is known.
///
/// Copied freely: it holds numbers and no keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadPlan {
    tag: UploadTag,
    form: Form,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// What is in front takes the place of the prelude in the layout.
    Sealed(FileExtent),
    Plain {
        len: u64,
        block_len: u64,
    },
}

/// One part of an upload.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The block of the file that it is; none for the part in front.
    pub block: Option<u64>,
    /// Whether it is the last one.
    pub last: bool,
    /// Where its content starts in the source.
    pub offset: u64,
    /// Its bytes of content.
    pub content_len: u64,
    /// Its bytes in the storage.
    pub stored_len: u64,
}

impl UploadPlan {
    /// The block size for a content of so many bytes: 8 MiB, or as many more as it takes to have few enough blocks.
    ///
    /// # Errors
    /// [`FileTooLargeError`] above 49,000 blocks of 128 MiB.
    pub fn block_size(content_len: u64) -> Result<BlockSize, FileTooLargeError> {
        let bytes = content_len.div_ceil(MAX_BLOCKS).div_ceil(MIB).max(8) * MIB;
        let size = u32::try_from(bytes).ok().and_then(|bytes| BlockSize::new(bytes).ok());
        size.ok_or(FileTooLargeError)
    }

    /// An encrypted file with `front_len` bytes in front of block 0, of which the prelude is the end.
    ///
    /// # Errors
    /// [`FileTooLargeError`] when it has too many blocks.
    pub fn sealed(
        tag: UploadTag,
        front_len: u32,
        block_size: BlockSize,
        content_len: u64,
    ) -> Result<Self, FileTooLargeError> {
        let extent = FileLayout::new(front_len, block_size).extent(content_len);
        Self::of_form(tag, Form::Sealed(extent.ok_or(FileTooLargeError)?))
    }

    /// An encrypted file that is nothing but its prelude and its blocks.
    ///
    /// # Errors
    /// [`FileTooLargeError`] when it has too many blocks.
    pub fn of_file(sealer: &FileSealer, content_len: u64) -> Result<Self, FileTooLargeError> {
        let extent = sealer.layout().extent(content_len).ok_or(FileTooLargeError)?;
        Self::of_form(UploadTag::of_file(sealer), Form::Sealed(extent))
    }

    /// A file that is stored as it is.
    ///
    /// # Errors
    /// [`FileTooLargeError`] when it has too many blocks.
    pub fn plain(tag: UploadTag, len: u64) -> Result<Self, FileTooLargeError> {
        let block_len = u64::from(Self::block_size(len)?.bytes());
        Self::of_form(tag, Form::Plain { len, block_len })
    }

    fn of_form(tag: UploadTag, form: Form) -> Result<Self, FileTooLargeError> {
        let parts = match form {
            Form::Sealed(extent) => extent.block_count().saturating_add(1),
            Form::Plain { len, block_len } => len.div_ceil(block_len),
        };
        match parts <= u64::from(MAX_PARTS) {
            true => Ok(Self { tag, form }),
            false => Err(FileTooLargeError),
        }
    }

    /// What tells its blocks from those of other uploads.
    #[must_use]
    pub const fn tag(&self) -> UploadTag {
        self.tag
    }

    /// The number of parts.
    #[must_use]
    pub const fn parts(&self) -> u32 {
        // `of_form` has seen that there are no more than 50,000.
        match self.form {
            Form::Sealed(extent) => extent.block_count() as u32 + 1,
            Form::Plain { len, block_len } => len.div_ceil(block_len) as u32,
        }
    }

    /// Bytes in the storage.
    #[must_use]
    pub const fn blob_len(&self) -> u64 {
        match self.form {
            Form::Sealed(extent) => extent.file_len(),
            Form::Plain { len, .. } => len,
        }
    }

    /// Whether it is so small that one request carries all of it.
    #[must_use]
    pub const fn is_single(&self) -> bool {
        match self.form {
            Form::Sealed(extent) => extent.block_count() == 1,
            Form::Plain { len, block_len } => len <= block_len,
        }
    }

    /// A part; `None` when there are not so many.
    #[must_use]
    pub fn part(&self, number: u32) -> Option<Part> {
        let last = number + 1 == self.parts();
        match (self.form, number) {
            (Form::Sealed(extent), 0) => Some(Part {
                block: None,
                last,
                offset: 0,
                content_len: 0,
                stored_len: extent.layout().prelude_len(),
            }),
            (Form::Sealed(extent), number) => {
                let span = extent.block(u64::from(number) - 1)?;
                Some(Part {
                    block: Some(span.index),
                    last,
                    offset: span.index * u64::from(extent.layout().block_size().bytes()),
                    content_len: span.plaintext_len,
                    stored_len: span.sealed_len,
                })
            }
            (Form::Plain { len, block_len }, number) => {
                let offset = u64::from(number) * block_len;
                let part_len = len.checked_sub(offset).filter(|left| *left > 0)?.min(block_len);
                Some(Part {
                    block: Some(u64::from(number)),
                    last,
                    offset,
                    content_len: part_len,
                    stored_len: part_len,
                })
            }
        }
    }

    /// The identifier of a part.
    #[must_use]
    pub const fn id(&self, number: u32, mark: PartMark) -> PartId {
        self.tag.id(number, mark)
    }

    /// The parts that a storage has, among the blocks that it lists with their lengths. Those of other uploads, and
    /// those of a wrong length, are none.
    ///
    /// With the marks that they were sent with, which the caller compares with those of its source.
    pub fn stored<'a>(&self, listed: impl IntoIterator<Item = (&'a str, u64)>) -> BTreeMap<u32, PartId> {
        let found = listed.into_iter().filter_map(|(id, len)| {
            let id = PartId::from_base64(id).filter(|id| id.tag == self.tag)?;
            let part = self.part(id.number)?;
            (part.stored_len == len).then_some((id.number, id))
        });
        found.collect()
    }

    /// Whether a blob of `blob_len` bytes that consists of these blocks, in this order, is what was sent: every part
    /// once, each with the mark that it was sent with, and nothing else.
    ///
    /// False also where blocks are missing or in another order: a blob that was committed by somebody else in between
    /// (threat model, Z29).
    pub fn is_complete<'a>(
        &self,
        blob_len: u64,
        listed: impl ExactSizeIterator<Item = (&'a str, u64)>,
        mark: impl Fn(u32) -> PartMark,
    ) -> bool {
        let is_part = |(number, (id, len)): (u32, (&str, u64))| {
            self.id(number, mark(number)).to_base64() == id
                && self.part(number).is_some_and(|part| part.stored_len == len)
        };
        blob_len == self.blob_len() && listed.len() == self.parts() as usize && (0..).zip(listed).all(is_part)
    }
}

/// A file has more blocks than a blob can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the file is larger than a blob can be")]
pub struct FileTooLargeError;
