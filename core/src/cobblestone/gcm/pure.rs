//! In Rust.

use aes_gcm::Aes256Gcm;
use aes_gcm::aead::inout::InOutBuf;
use aes_gcm::aead::{AeadInOut, KeyInit};

use super::{KEY_LEN, NONCE_LEN, TAG_LEN};

/// A key with its schedule, which `aes` wipes when it is dropped.
pub(in super::super) struct Gcm(Aes256Gcm);

impl Gcm {
    /// The key is copied; the caller wipes its own.
    pub(in super::super) fn new(key: &[u8; KEY_LEN]) -> Self {
        Self(Aes256Gcm::new(key.into()))
    }

    /// Seals in place, and returns the tag. `None` for more than AES-GCM takes.
    pub(in super::super) fn seal(&self, nonce: [u8; NONCE_LEN], in_out: &mut [u8]) -> Option<[u8; TAG_LEN]> {
        let sealed = self.0.encrypt_inout_detached(&nonce.into(), &[], in_out.into());
        sealed.ok().map(Into::into)
    }

    /// Opens into `plaintext`, which is as long as `sealed`. Where it fails, nothing of the message is in there.
    pub(in super::super) fn open(
        &self,
        nonce: [u8; NONCE_LEN],
        sealed: &[u8],
        tag: &[u8; TAG_LEN],
        plaintext: &mut [u8],
    ) -> bool {
        InOutBuf::new(sealed, plaintext).is_ok_and(|buffers| {
            self.0
                .decrypt_inout_detached(&nonce.into(), &[], buffers, tag.into())
                .is_ok()
        })
    }
}
