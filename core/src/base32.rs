//! Names of blobs as text: base32 in lower case, which every storage takes.
//!
//! Lower case, because some storages compare names without regard to case and none changes lower case. Without
//! padding: the callers have 10 or 20 bytes, which are 16 or 32 letters. The reverse is needed of tags alone and is
//! with them, in `chain.rs`; seeds of one-time codes have a lenient reader of their own.

/// Base32 (RFC 4648 §6) in lower case, of whole groups of 5 bytes.
///
/// A last group of fewer than 5 bytes would lose its place: no caller has one.
pub(crate) fn base32(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let groups = bytes.chunks(5).flat_map(|group| {
        let bits = group.iter().fold(0_u64, |bits, byte| bits << 8 | u64::from(*byte));
        (0..8).rev().map(move |place| (bits >> (5 * place)) as usize & 31)
    });
    groups
        .filter_map(|letter| LETTERS.get(letter))
        .copied()
        .map(char::from)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base32_as_published() {
        // RFC 4648 §10 has one vector of whole groups.
        assert_eq!(base32(b"fooba"), "mzxw6ytb");
        assert_eq!(base32(&[0xff; 20]), "7".repeat(32));
    }
}
