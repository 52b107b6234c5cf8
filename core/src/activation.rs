//! Activations: keys for a user who is activated, wrapped so that the server in between learns nothing.
//!
//! ```text
//! to a public key   0x01 || sender public(32) || encapsulated key(32) || ciphertext
//!                   HPKE auth mode; info = context, aad = the first 33 bytes
//! to a code         0x02 || salt(16) || Cobblestone-256(HKDF-SHA-512(code, salt, context), context, payload)
//! context           "zkvault.activation.v1", account, user id
//! ```
//!
//! ```
//! use std::sync::Arc;
//!
//! use zkvault_core::activation::{Activation, ActivationKey, ActivationPayload, ActivationTarget};
//! use zkvault_core::identity::Identity;
//! use zkvault_core::key::VaultKey;
//!
//! let (administrator, user) = (Identity::generate()?, Identity::generate()?);
//! let target = ActivationTarget::new("acme.logmeonce.com", 42)?;
//! let key = ActivationKey::new(Arc::new(VaultKey::generate()?), "shared".to_owned());
//! let payload = ActivationPayload::new(vec![key], 1_700_000_000, 1_700_003_600)?;
//! let sent = Activation::seal_to(&administrator, &user.public(), &target, &payload)?.to_string();
//!
//! let received: Activation = sent.parse()?;
//! let sender = administrator.public().fingerprint();
//! let opened = received.open(&user, &sender, &target, 1_700_000_060)?;
//! assert_eq!(opened.keys()[0].label, "shared");
//! // For another user it does not open.
//! let other = ActivationTarget::new("acme.logmeonce.com", 43)?;
//! assert!(received.open(&user, &sender, &other, 1_700_000_060).is_err());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The server stores the text and hands it to the user. It cannot open it, cannot make one that the user would
//! accept, and cannot give one user's to another: the account and the user's number are in the context
//! (docs/spec/activation.md; threat model, Z23). Two ways lead to the user, and each needs a second channel that the
//! server does not control: the sender's [`Fingerprint`] for a public identity, the [`ActivationCode`] itself for a
//! code.
//!
//! What is not here: whether the receiver wants the keys.
//! [`Keyring::plan_reception`](crate::keyring::Keyring::plan_reception) says what they would change, and a person
//! agrees first.
//!
//! # Limits
//! 1 to 64 keys with labels of at most 128 bytes make a payload of at most 11,410 bytes, and a text of at most 15,332
//! characters. A longer text is refused before it is decoded.

mod code;
mod payload;
mod target;

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::cobblestone;
use crate::error::{DecryptError, SealError};
use crate::hpke;
use crate::identity::{Fingerprint, IDENTITY_LEN, Identity, PublicIdentity, PublicIdentityError};
use crate::random;
use crate::secret::SecretBytes;

pub use crate::account::HostError;
pub use code::{ActivationCode, ActivationCodeError};
pub use payload::{ActivationKey, ActivationPayload, PayloadError};
pub use target::ActivationTarget;

const TO_IDENTITY: u8 = 1;
const TO_CODE: u8 = 2;
const SALT_LEN: usize = 16;
/// Bytes of the longest activation: the longest payload in its one Cobblestone chunk is the larger wrap.
const MAX_LEN: usize = 1 + SALT_LEN + cobblestone::HEADER_LEN + payload::MAX_PAYLOAD_LEN + cobblestone::TAG_LEN;
const MAX_TEXT_LEN: usize = MAX_LEN.div_ceil(3) * 4;

/// A wrapped activation: what is sent to the server, as base64.
///
/// Parsed, not opened: both public keys are canonical and of high order, and the lengths are possible. Nothing in it
/// is secret, so it may be printed and compared like any text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Activation(Form);

/// An activation for an identity and one with a code share nothing but the payload: there is no field by which one
/// could be taken for the other.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Form {
    ToIdentity {
        sender: PublicIdentity,
        encapped: PublicIdentity,
        ciphertext: Vec<u8>,
    },
    ToCode {
        salt: [u8; SALT_LEN],
        message: Vec<u8>,
    },
}

impl Activation {
    /// Wraps a payload for one recipient, who will see that it came from `sender`.
    ///
    /// HPKE in Auth mode (RFC 9180 §5.1.3): only the holder of the recipient's or of the sender's secret can have
    /// made it. The recipient could therefore forge one to themselves, and can prove to nobody that `sender` made it.
    ///
    /// # Errors
    /// [`SealError::Random`] when the operating system gives no random bytes for the ephemeral key.
    pub fn seal_to(
        sender: &Identity,
        recipient: &PublicIdentity,
        target: &ActivationTarget,
        payload: &ActivationPayload,
    ) -> Result<Self, SealError> {
        let aad = sender_header(&sender.public());
        let hpke::Sealed { encapped, ciphertext } =
            hpke::seal_auth(sender, recipient, &target.context(), &aad, &payload.to_bytes())?;
        Ok(Self(Form::ToIdentity {
            sender: sender.public(),
            // A multiple of the base point, as every public key that is made and not received.
            encapped: PublicIdentity::from_bytes(encapped).map_err(|_| SealError::TooLong)?,
            ciphertext,
        }))
    }

    /// Wraps a payload for the holder of the code.
    ///
    /// The same code must not be used for a second activation: a code is read out for one message, and one that is
    /// read out again is known to more people than meant.
    ///
    /// ```
    /// use std::sync::Arc;
    ///
    /// use zkvault_core::activation::{
    ///     Activation, ActivationCode, ActivationKey, ActivationPayload, ActivationTarget, OpenActivationError,
    /// };
    /// use zkvault_core::key::VaultKey;
    ///
    /// let code = ActivationCode::generate()?;
    /// let target = ActivationTarget::new("acme.logmeonce.com", 42)?;
    /// let key = ActivationKey::new(Arc::new(VaultKey::generate()?), "shared".to_owned());
    /// let payload = ActivationPayload::new(vec![key], 1_700_000_000, 1_700_003_600)?;
    /// let sent = Activation::seal_with_code(&code, &target, &payload)?;
    ///
    /// let typed: ActivationCode = code.expose_text().expose_secret().to_lowercase().parse()?;
    /// assert_eq!(sent.open_with_code(&typed, &target, 1_700_000_060)?.keys().len(), 1);
    /// // An hour later it is of no use any more.
    /// let expired = OpenActivationError::Expired { expires: 1_700_003_600 };
    /// assert_eq!(sent.open_with_code(&typed, &target, 1_700_003_600), Err(expired));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`SealError::Random`] when the operating system gives no random bytes for the salts.
    pub fn seal_with_code(
        code: &ActivationCode,
        target: &ActivationTarget,
        payload: &ActivationPayload,
    ) -> Result<Self, SealError> {
        let (salt, context) = (random::array()?, target.context());
        let key = code.derive_key(&salt, &context);
        let message = cobblestone::seal(&key, &context, &payload.to_bytes())?;
        Ok(Self(Form::ToCode { salt, message }))
    }

    /// Who claims to have sent it; `None` when it was wrapped with a code. The claim is proved by opening.
    #[must_use]
    pub fn sender(&self) -> Option<PublicIdentity> {
        match &self.0 {
            Form::ToIdentity { sender, .. } => Some(*sender),
            Form::ToCode { .. } => None,
        }
    }

    /// Opens an activation that `sender` wrapped for `recipient`, at the time `now` in seconds since 1970 (UTC).
    ///
    /// The sender's fingerprint comes through a channel other than the activation: without it anyone could have sent
    /// keys that they know.
    ///
    /// # Errors
    /// * [`OpenActivationError::NeedsCode`] when it was wrapped with a code, and [`OpenActivationError::Sender`] when
    ///   it names a different sender. Nothing was decrypted in either case.
    /// * [`OpenActivationError::Decrypt`] when it is for a different recipient, account or user, or was changed.
    ///   These are not told apart.
    /// * [`OpenActivationError::Payload`] when the sender made it wrongly, and [`OpenActivationError::Expired`] when
    ///   `now` is not before its expiry. Both are said only of what is authentic.
    pub fn open(
        &self,
        recipient: &Identity,
        sender: &Fingerprint,
        target: &ActivationTarget,
        now: u64,
    ) -> Result<ActivationPayload, OpenActivationError> {
        let Form::ToIdentity {
            sender: claimed,
            encapped,
            ciphertext,
        } = &self.0
        else {
            return Err(OpenActivationError::NeedsCode);
        };
        if claimed.fingerprint() != *sender {
            return Err(OpenActivationError::Sender {
                claimed: claimed.fingerprint(),
            });
        }
        let (aad, encapped) = (sender_header(claimed), encapped.to_bytes());
        let opened = hpke::open_auth(recipient, claimed, &encapped, &target.context(), &aad, ciphertext)?;
        current_payload(&opened, now)
    }

    /// Opens an activation that was wrapped with `code`, at the time `now` in seconds since 1970 (UTC).
    ///
    /// # Errors
    /// * [`OpenActivationError::NeedsIdentity`] when it was wrapped for an identity. Nothing was derived.
    /// * [`OpenActivationError::Decrypt`] for a wrong code, account or user, and for changed bytes.
    /// * [`OpenActivationError::Payload`] and [`OpenActivationError::Expired`] as for [`Self::open`].
    pub fn open_with_code(
        &self,
        code: &ActivationCode,
        target: &ActivationTarget,
        now: u64,
    ) -> Result<ActivationPayload, OpenActivationError> {
        let Form::ToCode { salt, message } = &self.0 else {
            return Err(OpenActivationError::NeedsIdentity);
        };
        let context = target.context();
        let key = code.derive_key(salt, &context);
        current_payload(&cobblestone::open(&key, &context, message)?, now)
    }

    fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Form::ToIdentity {
                sender,
                encapped,
                ciphertext,
            } => [&sender_header(sender), &encapped.to_bytes()[..], ciphertext].concat(),
            Form::ToCode { salt, message } => [&[TO_CODE], &salt[..], message].concat(),
        }
    }
}

/// The version byte and the sender: the first bytes on the wire, and what HPKE authenticates besides.
fn sender_header(sender: &PublicIdentity) -> [u8; 1 + IDENTITY_LEN] {
    let mut header = [TO_IDENTITY; 1 + IDENTITY_LEN];
    let [_version, key @ ..] = &mut header;
    *key = sender.to_bytes();
    header
}

/// Expiry is looked at after authentication, so that the time in the error is the sender's. The clock is the
/// caller's: core has none.
fn current_payload(opened: &SecretBytes, now: u64) -> Result<ActivationPayload, OpenActivationError> {
    let payload = ActivationPayload::parse(opened.expose_secret())?;
    if now >= payload.expires() {
        return Err(OpenActivationError::Expired {
            expires: payload.expires(),
        });
    }
    Ok(payload)
}

/// Standard base64 with padding.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&STANDARD.encode(self.to_bytes()))
    }
}

/// Reads canonical standard base64, and nothing around it.
impl FromStr for Activation {
    type Err = ActivationError;

    fn from_str(text: &str) -> Result<Self, ActivationError> {
        if text.len() > MAX_TEXT_LEN {
            return Err(ActivationError::TooLong { actual: text.len() });
        }
        let bytes = STANDARD.decode(text).map_err(|_| ActivationError::Base64)?;
        match bytes.split_first().ok_or(ActivationError::TooShort)? {
            (&TO_IDENTITY, rest) => parse_to_identity(rest).map(Self),
            (&TO_CODE, rest) => parse_to_code(rest).map(Self),
            (&version, _) => Err(ActivationError::Version(version)),
        }
    }
}

/// Low order and non-canonical keys are refused here, before any secret meets them (threat model, Z24).
fn parse_to_identity(bytes: &[u8]) -> Result<Form, ActivationError> {
    let (sender, rest) = bytes.split_first_chunk().ok_or(ActivationError::TooShort)?;
    let (encapped, ciphertext) = rest.split_first_chunk().ok_or(ActivationError::TooShort)?;
    if ciphertext.len() < hpke::TAG_LEN {
        return Err(ActivationError::TooShort);
    }
    Ok(Form::ToIdentity {
        sender: PublicIdentity::from_bytes(*sender)?,
        encapped: PublicIdentity::from_bytes(*encapped)?,
        ciphertext: ciphertext.to_vec(),
    })
}

fn parse_to_code(bytes: &[u8]) -> Result<Form, ActivationError> {
    let (salt, message) = bytes.split_first_chunk().ok_or(ActivationError::TooShort)?;
    if cobblestone::plaintext_len(message.len() as u64).is_none() {
        return Err(ActivationError::TooShort);
    }
    Ok(Form::ToCode {
        salt: *salt,
        message: message.to_vec(),
    })
}

/// A text is not an activation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActivationError {
    /// The text is longer than any activation.
    #[error("an activation is at most {MAX_TEXT_LEN} characters, this text has {actual}")]
    TooLong {
        /// The bytes of the text.
        actual: usize,
    },
    /// The text is not canonical base64.
    #[error("the activation is not base64")]
    Base64,
    /// It comes from a newer program, or is something else.
    #[error("the activation has version {0}, which is not known here")]
    Version(u8),
    /// It ends before its fields do.
    #[error("the activation was cut short")]
    TooShort,
    /// One of its two public keys is not acceptable.
    #[error("the activation holds a bad public key: {0}")]
    PublicKey(#[from] PublicIdentityError),
}

/// An activation did not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenActivationError {
    /// It was wrapped with a code and not for an identity.
    #[error("this activation opens with a code")]
    NeedsCode,
    /// It was wrapped for an identity and not with a code.
    #[error("this activation opens with the identity it was made for, not with a code")]
    NeedsIdentity,
    /// It does not claim to come from the expected sender. Nothing was decrypted.
    #[error("this activation comes from another sender, whose fingerprint is {claimed}")]
    Sender {
        /// The sender that it names.
        claimed: Fingerprint,
    },
    /// Wrong recipient, code, host or user, or the data was changed.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// It is authentic, but its content is not usable.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// It is authentic, but too old.
    #[error("this activation has expired")]
    Expired {
        /// When it expired, in seconds since 1970 (UTC).
        expires: u64,
    },
}

#[cfg(test)]
mod tests;
