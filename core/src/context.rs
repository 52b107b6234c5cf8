//! Contexts: what a sealed message is, and where it belongs. A message opens only in the context it was
//! sealed in.
//!
//! `context = label || 0x00 || for each field: u32be(length) || bytes` (docs/spec/conventions.md). The labels
//! stand here and nowhere else; a label is never reused, and a new version of an object gets a new one.
//!
//! ```text
//! context("zkvault.store.record.v1", "site", 7, 3) =
//!     "zkvault.store.record.v1" 00
//!     00000004 "site"
//!     00000008 0000000000000007
//!     00000008 0000000000000003
//! ```
//!
//! The lengths in front of the fields make the encoding injective: `("ab", "c")` and `("a", "bc")` differ. That is
//! what keeps a value from being moved between inputs whose names were chosen for it (threat model, Z01 and Z02). A
//! context is never secret and never stored: both sides put it together from what they believe the message to be.

/// Every label that zkvault puts under a key.
///
/// The names here are for the code; what is written is [`Self::as_str`]. docs/spec/conventions.md has the same table,
/// with every field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Label {
    /// A bound site value: header, site id, input type, input name.
    ValueV2,
    /// The keyring: the fields of its KDF header.
    KeyringV2,
    /// A user activation: account, user id.
    ActivationV1,
    /// One block of a file: digest of the prelude, block number, 1 for the last block.
    FileBlockV1,
    /// A file key under a vault key: file id.
    FileKeyV1,
    /// A file key for a recipient: file id.
    FileRecipientV1,
    /// The sealed description of a file: file id.
    FileMetaV1,
    /// The entry of a file in a repository: name of its blob.
    RepositoryEntryV1,
    /// The record of a backup: tag of its chain, digests of the file's prelude and of the keyring.
    BackupRecordV2,
    /// The tag of a chain of backups.
    BackupTagV1,
    /// The name of a backup in a storage: revision.
    BackupNameV2,
    /// The key of a store on a device, under a vault key or a person's own: store id.
    StoreKeyV1,
    /// A record of a store: kind, number, revision.
    StoreRecordV1,
    /// The pins of an account: account, revision.
    PinsV2,
    /// What a program keeps on a device for its person: account or nothing, name of the record.
    LocalRecordV1,
    /// From a personal key to the key that wraps the key of a store: store id.
    PersonalStoreV1,
    /// From a personal key to the key of the records that a device keeps: account.
    PersonalLocalV1,
    /// From a personal key to the key of a chain of backups: account.
    PersonalChainV1,
    /// From a personal key to the key that names a chain and its backups: account.
    PersonalNamesV1,
    /// The name of a keyring's unlock key for an agent: the fields of its KDF header. Nothing is sealed under it.
    AgentEntryV1,
}

impl Label {
    const fn as_str(self) -> &'static str {
        match self {
            Self::ValueV2 => "zkvault.value.v2",
            Self::KeyringV2 => "zkvault.keyring.v2",
            Self::ActivationV1 => "zkvault.activation.v1",
            Self::FileBlockV1 => "zkvault.file.block.v1",
            Self::FileKeyV1 => "zkvault.file.key.v1",
            Self::FileRecipientV1 => "zkvault.file.recipient.v1",
            Self::FileMetaV1 => "zkvault.file.meta.v1",
            Self::RepositoryEntryV1 => "zkvault.repository.entry.v1",
            Self::BackupRecordV2 => "zkvault.backup.record.v2",
            Self::BackupTagV1 => "zkvault.backup.tag.v1",
            Self::BackupNameV2 => "zkvault.backup.name.v2",
            Self::StoreKeyV1 => "zkvault.store.key.v1",
            Self::StoreRecordV1 => "zkvault.store.record.v1",
            Self::PinsV2 => "zkvault.pins.v2",
            Self::LocalRecordV1 => "zkvault.local.record.v1",
            Self::PersonalStoreV1 => "zkvault.personal.store.v1",
            Self::PersonalLocalV1 => "zkvault.personal.local.v1",
            Self::PersonalChainV1 => "zkvault.personal.chain.v1",
            Self::PersonalNamesV1 => "zkvault.personal.names.v1",
            Self::AgentEntryV1 => "zkvault.agent.entry.v1",
        }
    }
}

/// The encoded context of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Context(Vec<u8>);

impl Context {
    /// A context without fields yet.
    ///
    /// Room for 128 bytes: the longest usual one, of a bound value, fits without growing.
    pub(crate) fn new(label: Label) -> Self {
        let mut bytes = Vec::with_capacity(128);
        bytes.extend_from_slice(label.as_str().as_bytes());
        bytes.push(0);
        Self(bytes)
    }

    /// Adds a field of bytes. A field is at most `u32::MAX` bytes; every caller's limit is far below that, and
    /// a longer one is cut in the length prefix but not in the bytes, so it can collide with nothing valid.
    pub(crate) fn bytes(mut self, field: &[u8]) -> Self {
        let length = u32::try_from(field.len()).unwrap_or(u32::MAX);
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(field);
        self
    }

    /// Adds a field of text, as its UTF-8 bytes.
    ///
    /// Byte for byte: two texts that look alike but are composed differently are two contexts.
    pub(crate) fn text(self, field: &str) -> Self {
        self.bytes(field.as_bytes())
    }

    /// Adds an integer field: 8 bytes, big-endian.
    pub(crate) fn integer(self, field: u64) -> Self {
        self.bytes(&field.to_be_bytes())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Any bytes as a context, for published vectors.
    #[cfg(test)]
    pub(crate) fn from_raw(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_encoding_is_the_specified_one() {
        let context = Context::new(Label::FileKeyV1).text("ab").integer(3);
        let expected = b"zkvault.file.key.v1\0\0\0\0\x02ab\0\0\0\x08\0\0\0\0\0\0\0\x03";
        assert_eq!(context.as_bytes(), expected);
    }

    proptest::proptest! {
        #[test]
        fn a_moved_field_boundary_changes_the_context(text in "[a-c]{2,8}", a in 0usize..8, b in 0usize..8) {
            let split = |at: usize| {
                let (left, right) = text.split_at(at.min(text.len()));
                Context::new(Label::ValueV2).text(left).text(right)
            };
            let same = a.min(text.len()) == b.min(text.len());
            proptest::prop_assert_eq!(split(a) == split(b), same);
        }
    }
}
