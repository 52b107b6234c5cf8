//! Names of blobs as text: base32 in lower case, which every storage takes.

/// Base32 (RFC 4648 §6) in lower case, of whole groups of 5 bytes.
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
