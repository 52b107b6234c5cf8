//! What a store on a device seals its records with (docs/spec/store.md): a random key of its own, wrapped under a
//! personal key, or under the keys of key files.
//!
//! ```
//! use zkvault_core::personal::PersonalKey;
//! use zkvault_core::store::{RecordKind, RecordName, StoreKey};
//!
//! let personal_key = PersonalKey::from_slice(&[7; 32])?;
//! let store_key = StoreKey::generate()?;
//! let name = RecordName { kind: RecordKind::Users, number: 0, revision: 1 };
//! let (wrapped, sealed) = (store_key.wrap_for_person(&personal_key)?, store_key.seal(name, b"{}")?);
//!
//! let again = StoreKey::unwrap_for_person(store_key.store_id(), &wrapped, &personal_key)?;
//! assert_eq!(again.open(name, &sealed)?.expose_secret(), b"{}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ```text
//! store key = 32 random bytes
//! wrap      = seal(sub("zkvault.personal.store.v1", store id) or vault key, context("zkvault.store.key.v1", store id), store key)
//! record    = seal(store key, context("zkvault.store.record.v1", kind, number, revision), content)
//! ```
//!
//! The database is not trusted: another program, a backup or a thief may change, delete, replace or copy records
//! (threat model, Z42). The name in the context stops a record from being put in another's place, the revision stops
//! an older one, and the head, of which the current revision is noted elsewhere too, says which records there must
//! be. What a record holds is `vault`'s to say.

mod reader;

use std::fmt;

pub use self::reader::RecordReader;
use crate::cobblestone::{self, InputKey};
use crate::context::{Context, Label};
use crate::error::{DecryptError, RandomError, SealError};
use crate::key::{KEY_LEN, KeyId, KeySet, VaultKey};
use crate::personal::PersonalKey;
use crate::random;
use crate::secret::{SecretArray, SecretBytes};

/// Bytes of a store's identifier.
const STORE_ID_LEN: usize = 16;

/// Names one store: 16 random bytes, not secret, shown as 32 hexadecimal digits.
///
/// A copy of a whole store under another identifier does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct StoreId([u8; STORE_ID_LEN]);

impl StoreId {
    /// An identifier from its 16 bytes.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; STORE_ID_LEN]) -> Self {
        Self(bytes)
    }

    /// The 16 bytes.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; STORE_ID_LEN] {
        self.0
    }
}

/// Writes the 32 hexadecimal digits.
impl fmt::Display for StoreId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// What a record of a store is. Two records of one kind differ in their number.
///
/// The word of each is part of the context of its records, and never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RecordKind {
    /// What the store is, and which of the other parts are current.
    Head,
    /// What every site is called, and which records it has.
    Index,
    /// What else is listed of every site.
    Details,
    /// What the pins know and the sites do not say.
    Histories,
    /// The users.
    Users,
    /// The groups.
    Groups,
    /// What a person chose for sites, on this device.
    Choices,
    /// A site as it came, numbered by its id.
    Site,
    /// What was found at a site, numbered by its id.
    Findings,
}

impl RecordKind {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Index => "index",
            Self::Details => "details",
            Self::Histories => "histories",
            Self::Users => "users",
            Self::Groups => "groups",
            Self::Choices => "choices",
            Self::Site => "site",
            Self::Findings => "findings",
        }
    }
}

/// Which record of a store one is. A record opens only as what it was sealed as.
///
/// ```
/// use zkvault_core::store::{RecordKind, RecordName, StoreKey};
///
/// let key = StoreKey::generate()?;
/// let name = RecordName { kind: RecordKind::Site, number: 7, revision: 3 };
/// let record = key.seal(name, br#"{"id":7}"#)?;
/// assert_eq!(record.len(), 72 + 8);
/// // Neither in the place of another site, nor as a newer state of the same.
/// assert!(key.open(RecordName { number: 8, ..name }, &record).is_err());
/// assert!(key.open(RecordName { revision: 4, ..name }, &record).is_err());
/// assert_eq!(key.open(name, &record)?.expose_secret(), br#"{"id":7}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RecordName {
    /// What it is.
    pub kind: RecordKind,
    /// Which of its kind; 0 where there is only one.
    pub number: u64,
    /// The store's revision in which it was written; 0 for the head.
    pub revision: u64,
}

impl RecordName {
    fn context(self) -> Context {
        Context::new(Label::StoreRecordV1)
            .text(self.kind.as_str())
            .integer(self.number)
            .integer(self.revision)
    }
}

/// The 32-byte random key of one store.
///
/// Wiped when it is dropped. A key of its own, so that records are sealed once though several vault keys may open the
/// store.
pub struct StoreKey {
    id: StoreId,
    secret: SecretArray<KEY_LEN>,
    input_key: InputKey,
}

/// A store's key under another key.
///
/// A personal key is not named because its name would link what belongs to one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrappedStoreKey {
    /// Which vault key opens it; `None` for a personal key, which is not named.
    pub key_id: Option<KeyId>,
    /// The sealed message of 104 bytes.
    pub sealed: Vec<u8>,
}

impl StoreKey {
    /// The key of a new store.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, RandomError> {
        let id = StoreId(random::array()?);
        Ok(Self::new(id, SecretArray::generate()?))
    }

    /// Another key for the same store, whose records have to be sealed again.
    ///
    /// What somebody copied earlier opens with the key before, and what is sealed from now on does not.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random bytes.
    pub fn renew(&self) -> Result<Self, RandomError> {
        Ok(Self::new(self.id, SecretArray::generate()?))
    }

    fn new(id: StoreId, secret: SecretArray<KEY_LEN>) -> Self {
        Self {
            id,
            input_key: InputKey::new(secret.expose()),
            secret,
        }
    }

    /// The store that it is for.
    #[must_use]
    pub fn store_id(&self) -> StoreId {
        self.id
    }

    /// `sealed = seal(vault key, context("zkvault.store.key.v1", store id), store key)`.
    ///
    /// # Errors
    /// [`SealError::Random`] when the operating system gives no random bytes.
    pub fn wrap(&self, key: &VaultKey) -> Result<WrappedStoreKey, SealError> {
        let sealed = cobblestone::seal(key.input_key(), &key_context(self.id), self.secret.expose())?;
        Ok(WrappedStoreKey {
            key_id: Some(key.id()),
            sealed,
        })
    }

    /// `sealed = seal(sub("zkvault.personal.store.v1", store id), context("zkvault.store.key.v1", store id), store key)`.
    ///
    /// # Errors
    /// [`SealError::Random`] when the operating system gives no random bytes.
    pub fn wrap_for_person(&self, key: &PersonalKey) -> Result<WrappedStoreKey, SealError> {
        let key = personal_wrap(key, self.id);
        let sealed = cobblestone::seal(&key, &key_context(self.id), self.secret.expose())?;
        Ok(WrappedStoreKey { key_id: None, sealed })
    }

    /// The key of the store `id`, from its wrapping under a personal key.
    ///
    /// # Errors
    /// [`DecryptError`] when it is under another personal key, of another store, or under a vault key.
    pub fn unwrap_for_person(id: StoreId, wrapped: &WrappedStoreKey, key: &PersonalKey) -> Result<Self, DecryptError> {
        if wrapped.key_id.is_some() {
            return Err(DecryptError);
        }
        let opened = cobblestone::open(&personal_wrap(key, id), &key_context(id), &wrapped.sealed)?;
        Self::from_opened(id, &opened)
    }

    fn from_opened(id: StoreId, opened: &SecretBytes) -> Result<Self, DecryptError> {
        let secret = SecretArray::from_slice(opened.expose_secret()).map_err(|_| DecryptError)?;
        Ok(Self::new(id, secret))
    }

    /// The key of the store `id`, from one of its wrappings under vault keys.
    ///
    /// Wraps under personal keys are passed over: what is under one is never opened with a key that colleagues have
    /// (Z46).
    ///
    /// # Errors
    /// [`DecryptError`] when no key opens any of them.
    pub fn unwrap(id: StoreId, wrapped: &[WrappedStoreKey], keys: &KeySet) -> Result<Self, DecryptError> {
        let context = key_context(id);
        let candidates = wrapped
            .iter()
            .filter_map(|wrapped| Some((wrapped.key_id?, &wrapped.sealed)))
            .flat_map(|(id, sealed)| keys.with_id(id).map(move |key| (key, sealed)));
        let opened = candidates.map(|(key, sealed)| cobblestone::open(key.input_key(), &context, sealed));
        let opened = opened.filter_map(Result::ok).next().ok_or(DecryptError)?;
        Self::from_opened(id, &opened)
    }

    /// `seal(store key, context("zkvault.store.record.v1", kind, number, revision), plaintext)`: 72 bytes longer
    /// than the plaintext, and 16 more for every 16,384 bytes of it.
    ///
    /// # Errors
    /// [`SealError`] when the operating system gives no random bytes, or the plaintext is longer than 64 bits
    /// can count.
    pub fn seal(&self, name: RecordName, plaintext: &[u8]) -> Result<Vec<u8>, SealError> {
        cobblestone::seal(&self.input_key, &name.context(), plaintext)
    }

    /// Opens a record.
    ///
    /// # Errors
    /// [`DecryptError`] when it is not this record of this store.
    pub fn open(&self, name: RecordName, sealed: &[u8]) -> Result<SecretBytes, DecryptError> {
        cobblestone::open(&self.input_key, &name.context(), sealed)
    }
}

fn key_context(id: StoreId) -> Context {
    Context::new(Label::StoreKeyV1).bytes(&id.0)
}

/// What a person's own key wraps the key of a store under.
///
/// `sub("zkvault.personal.store.v1", store id)`: another store has another key, even under the same personal key.
fn personal_wrap(key: &PersonalKey, id: StoreId) -> InputKey {
    key.subkey(&Context::new(Label::PersonalStoreV1).bytes(&id.0))
        .input_key()
}

impl fmt::Debug for StoreKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            id,
            secret,
            input_key: _,
        } = self;
        f.debug_struct("StoreKey")
            .field("id", id)
            .field("secret", secret)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    const SITE: RecordName = RecordName {
        kind: RecordKind::Site,
        number: 7,
        revision: 3,
    };

    fn keys(key: &Arc<VaultKey>) -> KeySet {
        let mut keys = KeySet::new();
        keys.add(Arc::clone(key), None);
        keys
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = StoreKey::new(StoreId([1; 16]), SecretArray::generate().unwrap());
        insta::assert_snapshot!(
            format!("{key:?}"),
            @"StoreKey { id: StoreId([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1]), secret: [REDACTED], .. }"
        );
        assert_eq!(key.store_id().to_string(), "01".repeat(16));
    }

    #[test]
    fn a_record_opens_only_as_what_it_was_sealed_as() {
        let key = StoreKey::generate().unwrap();
        let sealed = key.seal(SITE, b"{}").unwrap();
        assert_eq!(key.open(SITE, &sealed).unwrap().expose_secret(), b"{}");
        let other = StoreKey::generate().unwrap();
        assert_eq!(other.open(SITE, &sealed), Err(DecryptError));
        for name in [
            RecordName { number: 8, ..SITE },
            RecordName { revision: 4, ..SITE },
            RecordName {
                number: 3,
                revision: 7,
                ..SITE
            },
        ] {
            assert_eq!(key.open(name, &sealed), Err(DecryptError), "{name:?}");
        }
    }

    #[test]
    fn no_two_kinds_share_a_context() {
        use RecordKind::{Choices, Details, Findings, Groups, Head, Histories, Index, Site, Users};
        let key = StoreKey::generate().unwrap();
        let kinds = [Head, Index, Details, Histories, Users, Groups, Choices, Site, Findings];
        for sealed_as in kinds {
            let sealed = key
                .seal(
                    RecordName {
                        kind: sealed_as,
                        ..SITE
                    },
                    b"x",
                )
                .unwrap();
            for kind in kinds {
                let opened = key.open(RecordName { kind, ..SITE }, &sealed);
                assert_eq!(opened.is_ok(), kind == sealed_as, "{sealed_as:?} as {kind:?}");
            }
        }
    }

    #[test]
    fn any_of_the_vault_keys_unwraps_it_for_its_own_store_only() {
        let [one, two, stranger] = [(); 3].map(|()| Arc::new(VaultKey::generate().unwrap()));
        let key = StoreKey::generate().unwrap();
        let wrapped = [key.wrap(&one).unwrap(), key.wrap(&two).unwrap()];
        assert_eq!(wrapped[0].sealed.len(), 104);
        for vault_key in [&one, &two] {
            let unwrapped = StoreKey::unwrap(key.store_id(), &wrapped, &keys(vault_key)).unwrap();
            assert!(unwrapped.secret == key.secret);
        }
        assert!(StoreKey::unwrap(key.store_id(), &wrapped, &keys(&stranger)).is_err());
        assert!(StoreKey::unwrap(StoreId([0; 16]), &wrapped, &keys(&one)).is_err());
        assert!(StoreKey::unwrap(key.store_id(), &[], &keys(&one)).is_err());
    }

    #[test]
    fn a_personal_key_unwraps_it_for_its_own_store_only_and_is_not_named() {
        let [one, other] = [1, 2].map(|byte| PersonalKey::from_slice(&[byte; 32]).unwrap());
        let key = StoreKey::generate().unwrap();
        let wrapped = key.wrap_for_person(&one).unwrap();
        assert_eq!((wrapped.key_id, wrapped.sealed.len()), (None, 104));
        let unwrapped = StoreKey::unwrap_for_person(key.store_id(), &wrapped, &one).unwrap();
        assert!(unwrapped.secret == key.secret);
        assert!(StoreKey::unwrap_for_person(key.store_id(), &wrapped, &other).is_err());
        assert!(StoreKey::unwrap_for_person(StoreId([0; 16]), &wrapped, &one).is_err());
        // The same 32 bytes as a vault key: one of the two kinds opens no wrap of the other.
        let vault_key = Arc::new(VaultKey::from_slice(&[1; 32]).unwrap());
        assert!(StoreKey::unwrap(key.store_id(), &[wrapped], &keys(&vault_key)).is_err());
        let shared = key.wrap(&vault_key).unwrap();
        assert!(StoreKey::unwrap_for_person(key.store_id(), &shared, &one).is_err());
    }

    #[test]
    fn a_renewed_key_is_another_one_for_the_same_store() {
        let key = StoreKey::generate().unwrap();
        let renewed = key.renew().unwrap();
        assert_eq!(renewed.store_id(), key.store_id());
        let sealed = key.seal(SITE, b"{}").unwrap();
        assert_eq!(renewed.open(SITE, &sealed), Err(DecryptError));
    }

    #[test]
    fn what_was_wrapped_must_be_a_key() {
        let vault_key = Arc::new(VaultKey::generate().unwrap());
        let id = StoreId([5; 16]);
        for length in [0, 31, 33] {
            let sealed = cobblestone::seal(vault_key.input_key(), &key_context(id), &vec![1; length]).unwrap();
            let wrapped = WrappedStoreKey {
                key_id: Some(vault_key.id()),
                sealed,
            };
            assert!(StoreKey::unwrap(id, &[wrapped], &keys(&vault_key)).is_err(), "{length}");
        }
    }
}
