//! OCB 2.0 with AES-256, as SJCL implements it, to decrypt only.
//!
//! The mode is broken: tags can be forged and plaintexts recovered (Inoue, Iwata, Minematsu, Poettering, IACR ePrint
//! 2019/311). It is here to find out whether an account's values are in it, and is never believed by its tag.
//!
//! ```text
//! delta_1 = 2·E(iv)      plain_i = delta_i xor D(cipher_i xor delta_i)      delta_(i+1) = 2·delta_i
//! last    : plain = cipher xor E(delta xor length in bits)                  tag = E(3·delta xor checksum)
//! ```
//!
//! Doubling is in GF(2¹²⁸) with the polynomial x¹²⁸ + x⁷ + x² + x + 1, most significant bit first.

use aes::Aes256;
use aes::cipher::{Array, BlockCipherDecrypt as _, BlockCipherEncrypt as _};
use subtle::ConstantTimeEq as _;

use super::padding::BLOCK_LEN;
use crate::error::DecryptError;

type Block = [u8; BLOCK_LEN];

/// Decrypts `text` in place, and compares the first bytes of the tag.
pub(super) fn decrypt(cipher: &Aes256, iv: &Block, text: &mut [u8], tag: &[u8]) -> Result<(), DecryptError> {
    let mut delta = double(encrypt(cipher, *iv));
    let mut checksum = [0; BLOCK_LEN];
    let last_len = match text.len() % BLOCK_LEN {
        0 if text.is_empty() => 0,
        0 => BLOCK_LEN,
        rest => rest,
    };
    let (blocks, last) = text.split_at_mut(text.len() - last_len);
    for block in blocks.chunks_exact_mut(BLOCK_LEN) {
        let input = xor(delta, block);
        let plain = xor(delta, &raw_decrypt(cipher, input));
        checksum = xor(checksum, &plain);
        block.copy_from_slice(&plain);
        delta = double(delta);
    }
    let computed = finish(cipher, delta, checksum, last);
    let stated = computed.get(..tag.len()).ok_or(DecryptError)?;
    if stated.ct_eq(tag).into() {
        Ok(())
    } else {
        Err(DecryptError)
    }
}

/// Decrypts the last block, which may be short or empty, and returns the tag.
///
/// A last block of any length, 0 to 16 bytes, is a stream under one block of pad.
fn finish(cipher: &Aes256, delta: Block, checksum: Block, last: &mut [u8]) -> Block {
    let mut length = [0; BLOCK_LEN];
    let bits = u64::try_from(last.len() * 8).unwrap_or_default();
    length
        .iter_mut()
        .rev()
        .zip(bits.to_le_bytes())
        .for_each(|(to, from)| *to = from);
    let pad = encrypt(cipher, xor(delta, &length));
    last.iter_mut().zip(pad).for_each(|(byte, pad)| *byte ^= pad);
    // The checksum takes the text, filled up with the pad.
    let mut filled = pad;
    filled.iter_mut().zip(last.iter()).for_each(|(to, from)| *to = *from);
    let checksum = xor(checksum, &filled);
    encrypt(cipher, xor(xor(delta, &double(delta)), &checksum))
}

fn encrypt(cipher: &Aes256, block: Block) -> Block {
    let mut block = Array::from(block);
    cipher.encrypt_block(&mut block);
    block.into()
}

fn raw_decrypt(cipher: &Aes256, block: Block) -> Block {
    let mut block = Array::from(block);
    cipher.decrypt_block(&mut block);
    block.into()
}

fn xor(mut left: Block, right: &[u8]) -> Block {
    left.iter_mut().zip(right).for_each(|(left, right)| *left ^= right);
    left
}

/// Doubles an element of GF(2¹²⁸), in the same time for each.
fn double(block: Block) -> Block {
    let number = u128::from_be_bytes(block);
    ((number << 1) ^ (0x87 & (number >> 127).wrapping_neg())).to_be_bytes()
}
