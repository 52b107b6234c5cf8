//! File keys, and how they are wrapped for those who may open the file.
//!
//! The wraps are bound to the file's id and to nothing else of it: anyone who can open a file can make another file
//! with the same entries. docs/spec/file.md, "Who made a file", says what follows from that.

use std::fmt;

use super::header::{FILE_ID_LEN, KeyEntry};
use crate::chain::ChainKey;
use crate::cobblestone::{self, InputKey};
use crate::context::{Context, Label};
use crate::error::{DecryptError, RandomError, SealError};
use crate::hpke;
use crate::identity::{Identity, PublicIdentity};
use crate::key::VaultKey;
use crate::secret::{SecretArray, SecretBytes};

const FILE_KEY_LEN: usize = 32;

/// The 32-byte random key of one file: of its description and its blocks.
///
/// Never used for two files. It is wiped when it is dropped, and no wrap of it is under another file's id.
pub(super) struct FileKey {
    secret: SecretArray<FILE_KEY_LEN>,
    input_key: InputKey,
}

impl FileKey {
    pub(super) fn generate() -> Result<Self, RandomError> {
        SecretArray::generate().map(Self::from_secret)
    }

    fn from_secret(secret: SecretArray<FILE_KEY_LEN>) -> Self {
        Self {
            input_key: InputKey::new(secret.expose()),
            secret,
        }
    }

    /// What was unwrapped is authentic; a wrong length is the fault of its author.
    fn from_opened(opened: &SecretBytes) -> Result<Self, DecryptError> {
        let secret = SecretArray::from_slice(opened.expose_secret()).map_err(|_| DecryptError)?;
        Ok(Self::from_secret(secret))
    }

    pub(super) fn input_key(&self) -> &InputKey {
        &self.input_key
    }

    /// For the keys of marks ([`FileSealer::mark_key`](super::FileSealer::mark_key)) alone.
    pub(super) fn expose(&self) -> &[u8; FILE_KEY_LEN] {
        self.secret.expose()
    }

    /// `sealed = Cobblestone-256(vault key, context("zkvault.file.key.v1", file id), file key)`.
    pub(super) fn wrap_for_vault_key(
        &self,
        key: &VaultKey,
        file_id: &[u8; FILE_ID_LEN],
    ) -> Result<KeyEntry, SealError> {
        let context = vault_key_context(file_id);
        let sealed = cobblestone::seal(key.input_key(), &context, self.secret.expose())?;
        Ok(KeyEntry::VaultKey {
            key_id: key.id(),
            sealed,
        })
    }

    /// # Errors
    /// [`DecryptError`], also for a wrap of a key that has not 32 bytes: only its author can have made that.
    pub(super) fn unwrap_with_vault_key(
        key: &VaultKey,
        file_id: &[u8; FILE_ID_LEN],
        sealed: &[u8],
    ) -> Result<Self, DecryptError> {
        let opened = cobblestone::open(key.input_key(), &vault_key_context(file_id), sealed)?;
        Self::from_opened(&opened)
    }

    /// `sealed = Cobblestone-256(chain, context("zkvault.file.key.v1", file id), file key)`.
    pub(super) fn wrap_for_chain(&self, chain: &ChainKey, file_id: &[u8; FILE_ID_LEN]) -> Result<KeyEntry, SealError> {
        let sealed = cobblestone::seal(chain.input_key(), &vault_key_context(file_id), self.secret.expose())?;
        Ok(KeyEntry::Chain { sealed })
    }

    pub(super) fn unwrap_with_chain(
        chain: &ChainKey,
        file_id: &[u8; FILE_ID_LEN],
        sealed: &[u8],
    ) -> Result<Self, DecryptError> {
        let opened = cobblestone::open(chain.input_key(), &vault_key_context(file_id), sealed)?;
        Self::from_opened(&opened)
    }

    /// `encapped, sealed = HPKE base mode(recipient, info = context("zkvault.file.recipient.v1", file id), file key)`.
    pub(super) fn wrap_for_recipient(
        &self,
        recipient: &PublicIdentity,
        file_id: &[u8; FILE_ID_LEN],
    ) -> Result<KeyEntry, SealError> {
        let info = recipient_context(file_id);
        let hpke::Sealed { encapped, ciphertext } = hpke::seal_base(recipient, &info, &[], self.secret.expose())?;
        Ok(KeyEntry::Recipient {
            encapped,
            sealed: ciphertext,
        })
    }

    pub(super) fn unwrap_with_identity(
        identity: &Identity,
        file_id: &[u8; FILE_ID_LEN],
        encapped: &[u8; hpke::ENCAPPED_LEN],
        sealed: &[u8],
    ) -> Result<Self, DecryptError> {
        let opened = hpke::open_base(identity, encapped, &recipient_context(file_id), &[], sealed)?;
        Self::from_opened(&opened)
    }
}

/// Bytes of a file key under a vault key.
///
/// 104: 56 in front, 32 and a tag. A wrap for a chain is as long.
pub(super) const VAULT_KEY_SEALED_LEN: usize = cobblestone::HEADER_LEN + FILE_KEY_LEN + cobblestone::TAG_LEN;
/// Bytes of a file key for a recipient.
///
/// 48: HPKE's encapsulated key stands beside it.
pub(super) const RECIPIENT_SEALED_LEN: usize = FILE_KEY_LEN + hpke::TAG_LEN;

fn vault_key_context(file_id: &[u8; FILE_ID_LEN]) -> Context {
    Context::new(Label::FileKeyV1).bytes(file_id)
}

fn recipient_context(file_id: &[u8; FILE_ID_LEN]) -> Context {
    Context::new(Label::FileRecipientV1).bytes(file_id)
}

impl fmt::Debug for FileKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret, input_key: _ } = self;
        f.debug_tuple("FileKey").field(secret).finish()
    }
}

/// What the two kinds of wrap are bound to.
#[cfg(test)]
pub(super) fn contexts(file_id: &[u8; FILE_ID_LEN]) -> [Context; 2] {
    [vault_key_context(file_id), recipient_context(file_id)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_no_secret() {
        insta::assert_snapshot!(format!("{:?}", FileKey::generate().unwrap()), @"FileKey([REDACTED])");
    }

    #[test]
    fn the_file_id_is_bound() {
        let (key, vault_key) = (FileKey::generate().unwrap(), VaultKey::generate().unwrap());
        let KeyEntry::VaultKey { sealed, .. } = key.wrap_for_vault_key(&vault_key, &[1; 16]).unwrap() else {
            panic!("an entry for a vault key");
        };
        assert_eq!(sealed.len(), VAULT_KEY_SEALED_LEN);
        assert!(FileKey::unwrap_with_vault_key(&vault_key, &[1; 16], &sealed).is_ok());
        assert!(FileKey::unwrap_with_vault_key(&vault_key, &[2; 16], &sealed).is_err());

        let identity = Identity::generate().unwrap();
        let KeyEntry::Recipient { encapped, sealed } = key.wrap_for_recipient(&identity.public(), &[1; 16]).unwrap()
        else {
            panic!("an entry for a recipient");
        };
        assert_eq!(sealed.len(), RECIPIENT_SEALED_LEN);
        assert!(FileKey::unwrap_with_identity(&identity, &[1; 16], &encapped, &sealed).is_ok());
        assert!(FileKey::unwrap_with_identity(&identity, &[2; 16], &encapped, &sealed).is_err());
    }

    #[test]
    fn what_was_wrapped_must_be_a_key() {
        for length in [0, 31, 33] {
            assert!(
                FileKey::from_opened(&SecretBytes::from(vec![1; length])).is_err(),
                "{length}"
            );
        }
    }
}
