//! Keyrings for tests, which need not wait for one.

use zkvault_core::SecretText;
use zkvault_core::kdf::KdfParams;
use zkvault_core::keyring::Keyring;

/// What costs as little as a new keyring may.
pub(crate) fn params() -> KdfParams {
    KdfParams::new(19_456, 2, 1).unwrap()
}

/// A new keyring, with the passphrase `x`.
pub(crate) fn keyring() -> Keyring {
    Keyring::create(&SecretText::from("x".to_owned()), params(), 0).unwrap()
}
