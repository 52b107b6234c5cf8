//! Identities: X25519 key pairs (RFC 7748) that receive and send wrapped keys.
//!
//! ```
//! use zkvault_core::identity::{Fingerprint, Identity, PublicIdentity};
//!
//! let identity = Identity::generate()?;
//! let text = identity.public().to_string();
//! assert!(text.starts_with("zkv1"));
//! let public: PublicIdentity = text.parse()?;
//! // Two people compare these digits before one of them trusts the other's identity.
//! assert_eq!(public.fingerprint().to_string().parse::<Fingerprint>()?, identity.public().fingerprint());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An identity receives activations and files, and sends activations. It has three forms: the 32 bytes of the scalar,
//! which only the keyring holds; 62 characters of [`PublicIdentity`], which people pass on; and 35 digits of
//! [`Fingerprint`], which they compare over a channel that the server does not control (docs/spec/identity.md). A
//! server that exchanges a public identity is noticed by the digits (threat model, Z21).
//!
//! There are no signatures. Who sent an activation is proved to its recipient by HPKE's Auth mode, and to nobody
//! else; who made a file for an identity is not proved at all.

mod fingerprint;
mod public;
#[cfg(test)]
mod vectors;

use std::fmt;

use x25519_dalek::StaticSecret;

use crate::error::{KeyLengthError, RandomError};
use crate::secret::SecretArray;
use crate::stack::wipe_stack;

pub use fingerprint::{Fingerprint, FingerprintError};
pub use public::{PublicIdentity, PublicIdentityError};

/// Bytes of an X25519 key, secret or public.
pub const IDENTITY_LEN: usize = 32;

/// The secret half of an X25519 key pair.
///
/// The scalar is clamped (RFC 7748 §5) when it is taken in, so that one secret has one form.
///
/// The scalar is wiped when it is dropped, and so is what computing with it left on the stack. There is no `Clone`
/// and no `Serialize`.
///
/// ```
/// use zkvault_core::identity::Identity;
///
/// // The five bits that clamping fixes do not count: both are one identity.
/// let mut other = [0; 32];
/// (other[0], other[31]) = (0b111, 0b1000_0000);
/// assert_eq!(Identity::from_slice(&[0; 32])?, Identity::from_slice(&other)?);
/// assert!(Identity::from_slice(&[0; 31]).is_err());
/// let shown = format!("{:?}", Identity::from_slice(&[9; 32])?);
/// assert!(shown.contains("REDACTED"), "only the public half is shown");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Identity {
    secret: SecretArray<IDENTITY_LEN>,
    public: PublicIdentity,
}

impl Identity {
    /// A new random identity.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, RandomError> {
        SecretArray::generate().map(Self::from_secret)
    }

    /// An identity from the 32 bytes of its secret scalar, which the caller wipes.
    ///
    /// # Errors
    /// [`KeyLengthError`] when there are not exactly 32.
    pub fn from_slice(bytes: &[u8]) -> Result<Self, KeyLengthError> {
        SecretArray::from_slice(bytes).map(Self::from_secret)
    }

    fn from_secret(mut secret: SecretArray<IDENTITY_LEN>) -> Self {
        clamp(secret.expose_mut());
        let public = public_half(secret.expose());
        wipe_stack();
        Self { secret, public }
    }

    /// The same identity in another keyring.
    pub(crate) fn copy(&self) -> Self {
        Self {
            secret: self.secret.copy(),
            public: self.public,
        }
    }

    /// The public half, to be given to others.
    #[must_use]
    pub fn public(&self) -> PublicIdentity {
        self.public
    }

    /// The 32 bytes of the clamped scalar, for the keyring.
    #[must_use]
    pub fn expose_secret(&self) -> &[u8; IDENTITY_LEN] {
        self.secret.expose()
    }
}

/// Apart, so that the copies of the scalar that are passed on by value are below its caller.
#[inline(never)]
fn public_half(scalar: &[u8; IDENTITY_LEN]) -> PublicIdentity {
    PublicIdentity::of_secret((&StaticSecret::from(*scalar)).into())
}

/// Clears and sets the bits that RFC 7748 §5 fixes in an X25519 scalar.
///
/// Bits 0 to 2 are cleared, so that a small subgroup learns nothing; bit 255 is cleared and bit 254 set, so that all
/// scalars take the same steps.
fn clamp(scalar: &mut [u8; IDENTITY_LEN]) {
    let [first, .., last] = scalar;
    *first &= 0b1111_1000;
    *last = *last & 0b0111_1111 | 0b0100_0000;
}

/// Compares the secrets in constant time.
impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.secret == other.secret
    }
}

impl Eq for Identity {}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { secret, public } = self;
        f.debug_struct("Identity")
            .field("public", public)
            .field("secret", secret)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random;

    #[test]
    fn debug_shows_the_public_half_and_not_the_secret() {
        insta::assert_snapshot!(
            format!("{:?}", Identity::from_slice(&[7; 32]).unwrap()),
            @"Identity { public: PublicIdentity(zkv1zwlyl6h27gzv0lfntr7fcqrjrzqazap8sy5zylkxwneh7llf0dks27rfss), secret: [REDACTED] }"
        );
    }

    #[test]
    fn no_length_but_32_is_an_identity() {
        for length in [0, 31, 33, 64] {
            assert!(Identity::from_slice(&vec![1; length]).is_err());
        }
    }

    #[test]
    fn one_scalar_has_one_form() {
        let mut other = [7; 32];
        other[0] ^= 1;
        other[31] ^= 0x80;
        let (left, right) = (Identity::from_slice(&[7; 32]), Identity::from_slice(&other));
        assert_eq!(left, right);
        assert_eq!(left.unwrap().public(), right.unwrap().public());
    }

    #[test]
    fn two_generated_identities_differ() {
        assert_ne!(Identity::generate().unwrap(), Identity::generate().unwrap());
    }

    #[test]
    fn no_random_bytes_means_no_identity() {
        assert_eq!(random::failing::with(Identity::generate).unwrap_err(), RandomError);
    }
}
