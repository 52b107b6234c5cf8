//! The four bytes that may be a check of the key.
//!
//! The four bytes behind the version differ between accounts and agree within one. A number of the key would do that,
//! and so would a hash of it: which it is, a search finds by computing them all.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherEncrypt as _, KeyInit as _};
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq as _;

use super::fields::{Check, CheckEnd, CheckHash};

/// Bytes of a check value.
pub(super) const CHECK_LEN: usize = 4;

/// Whether `stated` can be the check value of a cipher's key. A number says nothing about the key.
///
/// Compared in constant time, though four bytes of a hash are little: they are of a key.
pub(super) fn fits(check: Check, key: &[u8], stated: [u8; CHECK_LEN]) -> bool {
    match check {
        Check::Number => true,
        Check::Key { hash, end } => value(hash, end, key).ct_eq(&stated).into(),
    }
}

/// The check value of a cipher's key.
pub(super) fn value(hash: CheckHash, end: CheckEnd, key: &[u8]) -> [u8; CHECK_LEN] {
    match hash {
        CheckHash::Crc32 => crc32(key).to_be_bytes(),
        CheckHash::Sha1 => cut(end, &Sha1::digest(key)),
        CheckHash::Sha256 => cut(end, &Sha256::digest(key)),
        CheckHash::Sha512 => cut(end, &Sha512::digest(key)),
        CheckHash::AesZero => cut(end, &aes_of_zeros(key)),
    }
}

fn cut(end: CheckEnd, whole: &[u8]) -> [u8; CHECK_LEN] {
    let kept = match end {
        CheckEnd::First => whole.first_chunk(),
        CheckEnd::Last => whole.last_chunk(),
    };
    kept.copied().unwrap_or_default()
}

/// A key of 16 bytes is too short for this check, and has the value of none.
fn aes_of_zeros(key: &[u8]) -> [u8; 16] {
    let mut block = Array::from([0; 16]);
    if let Ok(cipher) = Aes256::new_from_slice(key) {
        cipher.encrypt_block(&mut block);
    }
    block.into()
}

/// CRC-32 as in zlib, bit by bit: it is computed once for a key.
///
/// The reversed polynomial 0xEDB88320, all ones at both ends.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
    !bytes.iter().fold(!0_u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_values() {
        // The check value of the CRC catalogue, and FIPS 197's cipher over zeros (NIST CAVP, ECBVarKey256 count 0 of
        // zero keys).
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(hex::encode(aes_of_zeros(&[0; 32])), "dc95c078a2408989ad48a21492842087");
        assert_eq!(
            hex::encode(value(CheckHash::Sha256, CheckEnd::First, b"abc")),
            "ba7816bf"
        );
        assert_eq!(
            hex::encode(value(CheckHash::Sha256, CheckEnd::Last, b"abc")),
            "f20015ad"
        );
        assert_eq!(hex::encode(value(CheckHash::Sha1, CheckEnd::First, b"abc")), "a9993e36");
        assert_eq!(
            hex::encode(value(CheckHash::Sha512, CheckEnd::First, b"abc")),
            "ddaf35a1"
        );
    }

    #[test]
    fn a_number_fits_every_key_and_a_check_value_one() {
        let check = Check::Key {
            hash: CheckHash::Sha256,
            end: CheckEnd::First,
        };
        assert!(fits(Check::Number, b"abc", [0; 4]));
        assert!(fits(check, b"abc", [0xba, 0x78, 0x16, 0xbf]));
        assert!(!fits(check, b"abc", [0xba, 0x78, 0x16, 0xbe]));
        assert!(!fits(check, b"abd", [0xba, 0x78, 0x16, 0xbf]));
    }
}
