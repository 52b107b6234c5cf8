//! By AWS-LC.

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};

use super::{KEY_LEN, NONCE_LEN, TAG_LEN};

/// A key with its schedule, in memory of AWS-LC, which overwrites it when it is freed.
///
/// There is none only where memory has run out; then nothing is sealed or opened.
pub(in super::super) struct Gcm(Option<LessSafeKey>);

impl Gcm {
    /// The key is copied; the caller wipes its own.
    pub(in super::super) fn new(key: &[u8; KEY_LEN]) -> Self {
        Self(UnboundKey::new(&AES_256_GCM, key).ok().map(LessSafeKey::new))
    }

    /// Seals in place, and returns the tag. `None` for more than AES-GCM takes.
    pub(in super::super) fn seal(&self, nonce: [u8; NONCE_LEN], in_out: &mut [u8]) -> Option<[u8; TAG_LEN]> {
        let nonce = Nonce::assume_unique_for_key(nonce);
        let tag = self
            .0
            .as_ref()?
            .seal_in_place_separate_tag(nonce, Aad::empty(), in_out)
            .ok()?;
        tag.as_ref().try_into().ok()
    }

    /// Opens into `plaintext`, which is as long as `sealed`. Where it fails, nothing of the message is in there.
    pub(in super::super) fn open(
        &self,
        nonce: [u8; NONCE_LEN],
        sealed: &[u8],
        tag: &[u8; TAG_LEN],
        plaintext: &mut [u8],
    ) -> bool {
        let nonce = Nonce::assume_unique_for_key(nonce);
        self.0.as_ref().is_some_and(|key| {
            key.open_separate_gather(nonce, Aad::empty(), sealed, tag, plaintext)
                .is_ok()
        })
    }
}
