//! Sealing by the specification alone (docs/spec/conventions.md), so that any plaintext gets past the seal and to
//! the parser behind it. The product itself seals only what it could also read.

use aes_gcm::aead::{Aead, KeyInit};
use aes_gcm::{Aes256Gcm, Nonce};
use hkdf::Hkdf;
use sha2::Sha512;

const CHUNK_LEN: usize = 16 * 1024;
const INFO: &[u8] = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0";

/// `label || 0x00 || for each field: u32be(length) || bytes`
pub(crate) fn context(label: &str, fields: &[&[u8]]) -> Vec<u8> {
    let mut context = [label.as_bytes(), &[0]].concat();
    for field in fields {
        context.extend(u32::try_from(field.len()).unwrap().to_be_bytes());
        context.extend_from_slice(field);
    }
    context
}

/// A message under a salt that is always the same: nothing that is sealed here is secret.
pub(crate) fn seal(key: &[u8; 32], context: &[u8], plaintext: &[u8]) -> Vec<u8> {
    let salt = [7; 24];
    let mut keys = [0; 32 + 12 + 32];
    let info = [INFO, &salt, context].concat();
    let hkdf = Hkdf::<Sha512>::from_prk(&padded(key)).unwrap();
    hkdf.expand(&info, &mut keys).unwrap();
    let (aes_key, rest) = keys.split_at(32);
    let (base_nonce, commitment) = rest.split_at(12);
    let gcm = Aes256Gcm::new_from_slice(aes_key).unwrap();
    let mut message = [&salt, commitment].concat();
    for (index, start) in (0..=plaintext.len()).step_by(CHUNK_LEN).enumerate() {
        let chunk = &plaintext[start..plaintext.len().min(start + CHUNK_LEN)];
        let mut nonce: [u8; 12] = base_nonce.try_into().unwrap();
        for (byte, counter) in nonce.iter_mut().rev().zip(index.to_le_bytes()) {
            *byte ^= counter;
        }
        message.extend(gcm.encrypt(&Nonce::from(nonce), chunk).unwrap());
    }
    message
}

/// HMAC pads a key with zeros, so this is the same key, of a length that HKDF takes for a pseudorandom one.
fn padded(key: &[u8; 32]) -> [u8; 64] {
    let mut padded = [0; 64];
    padded[..32].copy_from_slice(key);
    padded
}
