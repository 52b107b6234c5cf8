//! HPKE (RFC 9180) in one suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; one message per
//! encapsulation, in base mode and in auth mode.
//!
//! ```text
//! suite     KEM 0x0020 (X25519, HKDF-SHA256), KDF 0x0001 (HKDF-SHA256), AEAD 0x0002 (AES-256-GCM)
//! base      encapped(32), ciphertext(n + 16): file keys for recipients; no proof of the sender
//! auth      the same with the sender's key in the key schedule: activations
//! ```
//!
//! `info` is always a context of ours, which separates the uses of one identity. Each encapsulation seals one
//! message, so that sequence numbers are never needed. Which ciphers there are is fixed here and stored nowhere.
//!
//! The public keys come as [`PublicIdentity`], which has refused keys of low order and other encodings (threat model,
//! Z24).

use aes_gcm::aead::inout::InOutBuf;
use hpke::aead::{AeadTag, AesGcm256};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{
    Deserializable, HpkeError, Kem, OpModeR, OpModeS, Serializable, single_shot_open_inout_detached,
    single_shot_seal_inout_detached_with_rng,
};
use rand_core::{TryCryptoRng, TryRng};
use zeroize::Zeroizing;

use crate::context::Context;
use crate::error::{DecryptError, RandomError, SealError};
use crate::identity::{IDENTITY_LEN, Identity, PublicIdentity};
use crate::secret::{SecretArray, SecretBytes};

/// Bytes of an encapsulated key.
pub(crate) const ENCAPPED_LEN: usize = 32;
/// Bytes that a ciphertext is longer than its plaintext.
pub(crate) const TAG_LEN: usize = 16;

type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;

/// A sealed message: the encapsulated key and the ciphertext with its tag.
///
/// An encapsulated key is a public key, made for this message and forgotten.
pub(crate) struct Sealed {
    pub(crate) encapped: [u8; ENCAPPED_LEN],
    pub(crate) ciphertext: Vec<u8>,
}

/// Seals for a recipient, who will not know from whom it came.
pub(crate) fn seal_base(
    recipient: &PublicIdentity,
    info: &Context,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Sealed, SealError> {
    seal(&OpModeS::Base, recipient, info, aad, plaintext, Drawn::new()?)
}

/// Seals for a recipient, who will know that it came from `sender` and can prove it to nobody else.
pub(crate) fn seal_auth(
    sender: &Identity,
    recipient: &PublicIdentity,
    info: &Context,
    aad: &[u8],
    plaintext: &[u8],
) -> Result<Sealed, SealError> {
    seal(&sender_mode(sender)?, recipient, info, aad, plaintext, Drawn::new()?)
}

/// Opens what [`seal_base`] sealed.
pub(crate) fn open_base(
    recipient: &Identity,
    encapped: &[u8; ENCAPPED_LEN],
    info: &Context,
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<SecretBytes, DecryptError> {
    open(&OpModeR::Base, recipient, encapped, info, aad, ciphertext)
}

/// Opens what [`seal_auth`] sealed, if it was `sender` who did.
pub(crate) fn open_auth(
    recipient: &Identity,
    sender: &PublicIdentity,
    encapped: &[u8; ENCAPPED_LEN],
    info: &Context,
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<SecretBytes, DecryptError> {
    let mode = OpModeR::Auth(public_key(sender).map_err(|_| DecryptError)?);
    open(&mode, recipient, encapped, info, aad, ciphertext)
}

fn seal(
    mode: &OpModeS<'_, X25519HkdfSha256>,
    recipient: &PublicIdentity,
    info: &Context,
    aad: &[u8],
    plaintext: &[u8],
    mut drawn: Drawn,
) -> Result<Sealed, SealError> {
    let recipient = public_key(recipient).map_err(too_long)?;
    let mut ciphertext = Vec::with_capacity(plaintext.len() + TAG_LEN);
    ciphertext.resize(plaintext.len(), 0);
    let buffer = InOutBuf::new(plaintext, &mut ciphertext).map_err(|_| SealError::TooLong)?;
    let (encapped, tag) = single_shot_seal_inout_detached_with_rng::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        mode,
        &recipient,
        info.as_bytes(),
        buffer,
        aad,
        &mut drawn,
    )
    .map_err(too_long)?;
    drawn.check()?;
    ciphertext.extend_from_slice(&tag.to_bytes());
    Ok(Sealed {
        encapped: encapped.to_bytes().into(),
        ciphertext,
    })
}

/// The plaintext's buffer is wiped when opening fails; nothing of it was released.
fn open(
    mode: &OpModeR<'_, X25519HkdfSha256>,
    recipient: &Identity,
    encapped: &[u8; ENCAPPED_LEN],
    info: &Context,
    aad: &[u8],
    ciphertext: &[u8],
) -> Result<SecretBytes, DecryptError> {
    let (body, tag) = ciphertext.split_last_chunk::<TAG_LEN>().ok_or(DecryptError)?;
    let mut plaintext = Zeroizing::new(vec![0; body.len()]);
    let failed = |_: HpkeError| DecryptError;
    single_shot_open_inout_detached::<AesGcm256, HkdfSha256, X25519HkdfSha256>(
        mode,
        &private_key(recipient).map_err(failed)?,
        &<X25519HkdfSha256 as Kem>::EncappedKey::from_bytes(encapped).map_err(failed)?,
        info.as_bytes(),
        InOutBuf::new(body, &mut plaintext).map_err(|_| DecryptError)?,
        aad,
        &AeadTag::<AesGcm256>::from_bytes(tag).map_err(failed)?,
    )
    .map_err(failed)?;
    Ok(SecretBytes::from(std::mem::take(&mut *plaintext)))
}

fn sender_mode(sender: &Identity) -> Result<OpModeS<'static, X25519HkdfSha256>, SealError> {
    let secret = private_key(sender).map_err(too_long)?;
    let public = public_key(&sender.public()).map_err(too_long)?;
    Ok(OpModeS::Auth((secret, public)))
}

fn public_key(identity: &PublicIdentity) -> Result<PublicKey, HpkeError> {
    PublicKey::from_bytes(&identity.to_bytes())
}

fn private_key(identity: &Identity) -> Result<PrivateKey, HpkeError> {
    PrivateKey::from_bytes(identity.expose_secret())
}

/// With keys of the right length and high order, which the identity types vouch for, the length of the
/// plaintext is all that can be wrong.
fn too_long(_: HpkeError) -> SealError {
    SealError::TooLong
}

/// The 32 random bytes of one ephemeral key, drawn before `hpke` asks for them: its trait has no way to say
/// that there are none.
///
/// They are wiped when it is dropped.
struct Drawn {
    bytes: SecretArray<IDENTITY_LEN>,
    asked: usize,
}

impl Drawn {
    fn new() -> Result<Self, RandomError> {
        Ok(Self {
            bytes: SecretArray::generate()?,
            asked: 0,
        })
    }

    /// The bytes may have served for one key and nothing more.
    ///
    /// Were fewer bytes asked for, the key would not be the one that was drawn; were more, the rest would not be
    /// random.
    fn check(&self) -> Result<(), RandomError> {
        if self.asked == IDENTITY_LEN {
            Ok(())
        } else {
            Err(RandomError)
        }
    }
}

impl TryRng for Drawn {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, buffer: &mut [u8]) -> Result<(), Self::Error> {
        let left = self.bytes.expose().iter().skip(self.asked);
        for (to, from) in buffer.iter_mut().zip(left) {
            *to = *from;
        }
        self.asked = self.asked.saturating_add(buffer.len());
        Ok(())
    }
}

impl TryCryptoRng for Drawn {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rand_core::Rng;
    use serde::Deserialize;

    use super::*;
    use crate::context::Label;
    use crate::random;

    #[derive(Deserialize)]
    #[allow(non_snake_case, reason = "the names of RFC 9180")]
    struct Vector {
        mode: u8,
        info: String,
        ikmE: String,
        skRm: String,
        skSm: Option<String>,
        pkRm: String,
        pkSm: Option<String>,
        enc: String,
        encryptions: Vec<Encryption>,
    }

    #[derive(Deserialize)]
    struct Encryption {
        aad: String,
        ct: String,
        pt: String,
    }

    fn vectors() -> Vec<Vector> {
        let json = include_str!("../../tests/vectors/hpke-x25519-sha256-aes256gcm.json");
        serde_json::from_str(json).unwrap()
    }

    fn unhex(text: &str) -> Vec<u8> {
        hex::decode(text).unwrap()
    }

    fn drawn(hex: &str) -> Drawn {
        Drawn {
            bytes: SecretArray::from_slice(&unhex(hex)).unwrap(),
            asked: 0,
        }
    }

    #[test]
    fn rfc_9180_vectors_both_ways() {
        let mut modes = Vec::new();
        for vector in vectors() {
            let recipient = Identity::from_slice(&unhex(&vector.skRm)).unwrap();
            assert_eq!(recipient.public().to_bytes()[..], unhex(&vector.pkRm));
            let sender = vector
                .skSm
                .as_ref()
                .map(|secret| Identity::from_slice(&unhex(secret)).unwrap());
            let sender_public = sender.as_ref().map(|sender| sender.public().to_bytes().to_vec());
            assert_eq!(sender_public, vector.pkSm.as_deref().map(unhex));

            let info = Context::from_raw(&unhex(&vector.info));
            let [message] = &vector.encryptions[..] else {
                panic!("one message per vector")
            };
            let (aad, plaintext) = (unhex(&message.aad), unhex(&message.pt));
            let mode = sender
                .as_ref()
                .map_or(OpModeS::Base, |sender| sender_mode(sender).unwrap());
            let sealed = seal(&mode, &recipient.public(), &info, &aad, &plaintext, drawn(&vector.ikmE)).unwrap();
            assert_eq!(sealed.encapped[..], unhex(&vector.enc));
            assert_eq!(sealed.ciphertext, unhex(&message.ct));

            let opened = match &sender {
                None => open_base(&recipient, &sealed.encapped, &info, &aad, &sealed.ciphertext),
                Some(sender) => open_auth(
                    &recipient,
                    &sender.public(),
                    &sealed.encapped,
                    &info,
                    &aad,
                    &sealed.ciphertext,
                ),
            };
            assert_eq!(opened.unwrap().expose_secret(), plaintext);
            modes.push(vector.mode);
        }
        assert_eq!(modes, [0, 2]);
    }

    fn info() -> Context {
        Context::new(Label::FileRecipientV1)
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let (sender, recipient) = (Identity::generate().unwrap(), Identity::generate().unwrap());
        let sealed = seal_auth(&sender, &recipient.public(), &info(), b"aad", b"secret").unwrap();
        let open = |encapped: &[u8; 32], aad: &[u8], ciphertext: &[u8]| {
            open_auth(&recipient, &sender.public(), encapped, &info(), aad, ciphertext)
        };
        assert!(open(&sealed.encapped, b"aad", &sealed.ciphertext).is_ok());
        for bit in 0..256 {
            let mut encapped = sealed.encapped;
            encapped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                open(&encapped, b"aad", &sealed.ciphertext),
                Err(DecryptError),
                "bit {bit}"
            );
        }
        for bit in 0..sealed.ciphertext.len() * 8 {
            let mut ciphertext = sealed.ciphertext.clone();
            ciphertext[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(
                open(&sealed.encapped, b"aad", &ciphertext),
                Err(DecryptError),
                "bit {bit}"
            );
        }
        assert_eq!(open(&sealed.encapped, b"aae", &sealed.ciphertext), Err(DecryptError));
        for length in 0..sealed.ciphertext.len() {
            assert_eq!(
                open(&sealed.encapped, b"aad", &sealed.ciphertext[..length]),
                Err(DecryptError)
            );
        }
    }

    #[test]
    fn a_low_order_encapsulated_key_does_not_open() {
        let recipient = Identity::generate().unwrap();
        let result = open_base(&recipient, &[0; 32], &info(), b"", &[0; 48]);
        assert_eq!(result, Err(DecryptError));
    }

    #[test]
    fn another_recipient_sender_info_or_mode_does_not_open() {
        let [sender, recipient, other] = std::array::from_fn(|_| Identity::generate().unwrap());
        let Sealed { encapped, ciphertext } = seal_auth(&sender, &recipient.public(), &info(), b"", b"secret").unwrap();
        let open = |recipient: &Identity, sender: &Identity, info: &Context| {
            open_auth(recipient, &sender.public(), &encapped, info, b"", &ciphertext)
        };
        assert!(open(&recipient, &sender, &info()).is_ok());
        assert_eq!(open(&other, &sender, &info()), Err(DecryptError));
        assert_eq!(open(&recipient, &other, &info()), Err(DecryptError));
        assert_eq!(open(&recipient, &sender, &info().integer(1)), Err(DecryptError));
        assert_eq!(
            open_base(&recipient, &encapped, &info(), b"", &ciphertext),
            Err(DecryptError)
        );
    }

    #[test]
    fn no_random_bytes_means_no_message() {
        let recipient = Identity::generate().unwrap().public();
        let result = random::failing::with(|| seal_base(&recipient, &info(), b"", b"secret"));
        assert!(matches!(result, Err(SealError::Random(_))));
    }

    /// Should `hpke` ever ask for more bytes than were drawn, nothing may be sealed with what it made of them.
    #[test]
    fn drawn_bytes_serve_once() {
        assert_eq!(Drawn::new().unwrap().check(), Err(RandomError), "nothing was asked for");
        for ask_again in [
            |drawn: &mut Drawn| u64::from(drawn.next_u32()),
            |drawn: &mut Drawn| drawn.next_u64(),
        ] {
            let mut drawn = Drawn::new().unwrap();
            drawn.fill_bytes(&mut [0; 32]);
            assert_eq!(drawn.check(), Ok(()));
            ask_again(&mut drawn);
            assert_eq!(drawn.check(), Err(RandomError));
        }

        let (recipient, mut used) = (Identity::generate().unwrap().public(), Drawn::new().unwrap());
        used.asked = 1;
        let sealed = seal(&OpModeS::Base, &recipient, &info(), b"", b"secret", used);
        assert!(matches!(sealed, Err(SealError::Random(_))));
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens(plaintext in proptest::collection::vec(any::<u8>(), 0..200)) {
            let recipient = Identity::generate().unwrap();
            let sealed = seal_base(&recipient.public(), &info(), b"aad", &plaintext).unwrap();
            let opened = open_base(&recipient, &sealed.encapped, &info(), b"aad", &sealed.ciphertext).unwrap();
            prop_assert_eq!(opened.expose_secret(), &plaintext);
        }
    }
}
