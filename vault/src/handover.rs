//! Hands a key over to the people who were given a key that it replaces.
//!
//! After a rotation the people who had the old key need the new one. Who they are is not asked of the service, which
//! could name anybody, but of this device's [`Recipients`]: those to whom it gave the old key, under the identities
//! that were pinned then (threat model, Z19; `z19_a_rotation_seals_to_nobody_the_service_adds`). For each, [`seal`]
//! makes an activation, which opens for that person alone and says who made it.
//!
//! [`holders`] are the people who lack the new key, [`holders_of_line`] all who would need the next one.

use std::sync::Arc;

use zkvault_core::SealError;
use zkvault_core::account::AccountNameError;
use zkvault_core::activation::{
    Activation, ActivationCode, ActivationKey, ActivationPayload, ActivationTarget, PayloadError,
};
use zkvault_core::identity::{Identity, PublicIdentity};
use zkvault_core::key::{KeyId, VaultKey};
use zkvault_core::keyring::{KeyEntry, KeyState, Keyring};

use crate::recipients::{Holder, Recipients, RecipientsError};

/// A key was not handed over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HandOverError {
    /// Who has which key is not known.
    #[error(transparent)]
    Recipients(#[from] RecipientsError),
    /// The account that is remembered of a user cannot be named in an activation.
    #[error("the keys were not sealed for user {user_id} of {account}")]
    Target {
        /// The account.
        account: String,
        /// The user.
        user_id: u64,
        /// Why.
        source: AccountNameError,
    },
    /// The keys do not make an activation.
    #[error("the keys were not sealed")]
    Payload(#[from] PayloadError),
    /// They were not sealed.
    #[error("the keys were not sealed")]
    NotSealed(#[from] SealError),
}

codes!(HandOverError {
    Self::Target { .. } | Self::Payload(_) | Self::NotSealed(_) => "seal",
    ;
    Self::Recipients(error) => inner(error),
});

/// The keys that an activation hands over, with all that the keyring says of them: each once and in the keyring's order, so
/// that no key comes before one that it replaces.
#[must_use]
pub fn keys_of(keyring: &Keyring, chosen: &[&KeyEntry]) -> Vec<ActivationKey> {
    let is_chosen = |entry: &&KeyEntry| chosen.iter().any(|chosen| chosen.key() == entry.key());
    let entries = keyring.keys().iter().filter(is_chosen);
    entries
        .map(|entry| ActivationKey {
            is_retired: entry.state() == KeyState::Retired,
            replaces: entry.replaces(),
            ..ActivationKey::new(Arc::clone(entry.key()), entry.label().to_owned())
        })
        .collect()
}

/// The users who were given a key that `key` replaces, at once or by way of others, and not `key` itself.
///
/// # Errors
///
/// [`RecipientsError`].
pub fn holders(recipients: &Recipients, keyring: &Keyring, key: &KeyEntry) -> Result<Vec<Holder>, RecipientsError> {
    let before: Vec<KeyId> = before(keyring, key).iter().map(|entry| entry.id()).collect();
    recipients.holders(&before, &[key.id()])
}

/// The users who were given `key` or one that it replaces, and need another when it is replaced itself.
///
/// # Errors
///
/// [`RecipientsError`].
pub fn holders_of_line(
    recipients: &Recipients,
    keyring: &Keyring,
    key: &KeyEntry,
) -> Result<Vec<Holder>, RecipientsError> {
    let mut keys: Vec<KeyId> = before(keyring, key).iter().map(|entry| entry.id()).collect();
    keys.push(key.id());
    recipients.holders(&keys, &[])
}

/// Seals `key` for a user, with the keys that it replaces as the keyring has them: the user's keyring then retires
/// those as well, and knows that what was under them may be under the new one. It becomes the default there where it is
/// here; the user is asked about both.
///
/// Nothing is sealed for a user whose identity is not known: `None`. Nothing is written: the caller notes with
/// [`Recipients::give`] who was given what. `issued` and `expires` are in seconds since 1970; an activation is refused
/// after it has expired.
///
/// # Errors
///
/// [`HandOverError`].
pub fn seal(
    keyring: &Keyring,
    key: &KeyEntry,
    holder: &Holder,
    issued: u64,
    expires: u64,
) -> Result<Option<Activation>, HandOverError> {
    let Some(identity) = &holder.identity else {
        return Ok(None);
    };
    let target = ActivationTarget::new(&holder.account, holder.user_id).map_err(|source| HandOverError::Target {
        account: holder.account.clone(),
        user_id: holder.user_id,
        source,
    })?;
    let mut chosen = before(keyring, key);
    chosen.push(key);
    let mut keys = keys_of(keyring, &chosen);
    let is_default = keyring.keys().default_label() == key.label();
    for handed in keys.iter_mut().filter(|handed| handed.key == *key.key()) {
        handed.becomes_default = is_default;
    }
    let payload = ActivationPayload::new(keys, issued, expires)?;
    Ok(Some(Activation::seal_to(
        keyring.identity(),
        identity,
        &target,
        &payload,
    )?))
}

/// Who opens an activation.
#[derive(Debug, Clone, Copy)]
pub enum Receiver<'a> {
    /// The holder of an identity, who is told who sealed it.
    Identity {
        /// Who seals.
        sender: &'a Identity,
        /// For whom.
        identity: PublicIdentity,
    },
    /// The holder of a one-time code, which is made with it.
    Code,
}

/// Seals keys for a user, with the code that opens them where that is how. `issued` and `expires` are in seconds since
/// 1970.
///
/// # Errors
///
/// [`HandOverError`].
pub fn seal_new(
    keys: Vec<ActivationKey>,
    receiver: Receiver<'_>,
    target: &ActivationTarget,
    issued: u64,
    expires: u64,
) -> Result<(Activation, Option<ActivationCode>), HandOverError> {
    let payload = ActivationPayload::new(keys, issued, expires)?;
    match receiver {
        Receiver::Identity { sender, identity } => {
            Ok((Activation::seal_to(sender, &identity, target, &payload)?, None))
        }
        Receiver::Code => {
            let code = ActivationCode::generate().map_err(SealError::from)?;
            let activation = Activation::seal_with_code(&code, target, &payload)?;
            Ok((activation, Some(code)))
        }
    }
}

/// A key that nobody has yet.
///
/// # Errors
///
/// [`HandOverError::NotSealed`] without random bytes.
pub fn new_key() -> Result<Arc<VaultKey>, HandOverError> {
    Ok(Arc::new(VaultKey::generate().map_err(SealError::from)?))
}

/// The keys of the keyring that a key follows.
fn before<'a>(keyring: &'a Keyring, key: &KeyEntry) -> Vec<&'a KeyEntry> {
    let keys = keyring.keys().key_set();
    let (new, entries) = (key.key().fingerprint(), keyring.keys().iter());
    entries
        .filter(|entry| keys.follows(new, entry.key().fingerprint()))
        .collect()
}
