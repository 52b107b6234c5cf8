//! The public half of an identity, and the text in which people pass it on.
//!
//! ```text
//! text = bech32m("zkv", public key(32)) = "zkv1" + 52 characters of key + 6 of checksum
//! ```
//!
//! Bech32m (BIP 350) rather than bech32 (BIP 173), whose checksum does not notice an inserted or removed `q` before a
//! final `p`. One key has one text: upper case, spare bits and other encodings of a key are refused, because a
//! fingerprint or a pin of the second form would be that of a different identity.

use std::fmt;
use std::str::FromStr;

use bech32::primitives::decode::{CheckedHrpstring, CheckedHrpstringError};
use bech32::{Bech32m, Hrp};
use x25519_dalek::{PublicKey, StaticSecret};

use super::{Fingerprint, IDENTITY_LEN};

const PREFIX: &str = "zkv";
/// Characters of the text form: prefix, separator, 52 of key, 6 of checksum.
const TEXT_LEN: usize = 62;

/// Whom to wrap keys for: a 32-byte X25519 public key.
///
/// Written as bech32m (BIP 350) under the prefix `zkv`: 62 characters, `zkv1…`. A value of this type is in
/// canonical form (below 2^255 − 19) and not of low order, so a shared secret with it is never known in advance.
///
/// ```
/// use zkvault_core::identity::{PublicIdentity, PublicIdentityError};
///
/// let mut base_point = [0; 32];
/// base_point[0] = 9;
/// let public = PublicIdentity::from_bytes(base_point)?;
/// let text = "zkv1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqkg7gya";
/// assert_eq!(public.to_string(), text);
/// assert_eq!(text.replace('g', "f").parse::<PublicIdentity>(), Err(PublicIdentityError::Checksum));
/// assert_eq!(text.to_uppercase().parse::<PublicIdentity>(), Err(PublicIdentityError::Prefix));
/// // With this key every shared secret would be zero.
/// assert_eq!(PublicIdentity::from_bytes([0; 32]), Err(PublicIdentityError::LowOrder));
/// # Ok::<(), PublicIdentityError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicIdentity([u8; IDENTITY_LEN]);

impl PublicIdentity {
    /// A public identity from the 32 bytes of the key.
    ///
    /// # Errors
    /// * [`PublicIdentityError::NotCanonical`] when the number is 2²⁵⁵ − 19 or above, or its highest bit is set.
    /// * [`PublicIdentityError::LowOrder`] when it is one of the points that a clamped scalar sends to zero: the
    ///   shared secret would be known to everybody (threat model, Z24).
    pub fn from_bytes(bytes: [u8; IDENTITY_LEN]) -> Result<Self, PublicIdentityError> {
        if !is_canonical(&bytes) {
            return Err(PublicIdentityError::NotCanonical);
        }
        // A clamped scalar is a multiple of 8 and sends exactly the points of low order to zero, whatever
        // else it is. Nothing secret is in this product.
        let product = StaticSecret::from([1; IDENTITY_LEN]).diffie_hellman(&PublicKey::from(bytes));
        if product.was_contributory() {
            Ok(Self(bytes))
        } else {
            Err(PublicIdentityError::LowOrder)
        }
    }

    /// The public key of a secret: a multiple of the base point, hence canonical and of high order.
    pub(super) fn of_secret(public: PublicKey) -> Self {
        Self(public.to_bytes())
    }

    /// The 32 bytes of the key.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; IDENTITY_LEN] {
        self.0
    }

    /// The digits that two people compare to be sure that they mean the same identity.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self)
    }
}

/// Whether the little-endian number is below p = 2^255 − 19. RFC 7748 has receivers reduce larger ones, which
/// would give one key several texts and fingerprints.
fn is_canonical(bytes: &[u8; IDENTITY_LEN]) -> bool {
    let [first, middle @ .., last] = bytes;
    *last < 0x7f || (*last == 0x7f && (*first < 0xed || middle.iter().any(|byte| *byte != 0xff)))
}

impl fmt::Display for PublicIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        bech32::encode_lower_to_fmt::<Bech32m, _>(f, Hrp::parse_unchecked(PREFIX), &self.0).map_err(|_| fmt::Error)
    }
}

impl fmt::Debug for PublicIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicIdentity({self})")
    }
}

/// Reads exactly what `Display` writes: lower case, bech32m and not bech32, padding bits zero.
///
/// # Errors
/// [`PublicIdentityError`]: first the prefix and the length, then the characters, the checksum, and the key itself,
/// so that the message is about what a person did: cut it, mistyped it, or pasted something else.
impl FromStr for PublicIdentity {
    type Err = PublicIdentityError;

    fn from_str(text: &str) -> Result<Self, PublicIdentityError> {
        if !text.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('1')) {
            return Err(PublicIdentityError::Prefix);
        }
        if text.len() != TEXT_LEN {
            return Err(PublicIdentityError::Length { actual: text.len() });
        }
        let checked = CheckedHrpstring::new::<Bech32m>(text).map_err(|error| match error {
            CheckedHrpstringError::Checksum(_) => PublicIdentityError::Checksum,
            _ => PublicIdentityError::Character,
        })?;
        let mut bytes = [0; IDENTITY_LEN];
        for (to, from) in bytes.iter_mut().zip(checked.byte_iter()) {
            *to = from;
        }
        let identity = Self::from_bytes(bytes)?;
        // The decoder drops the four bits that 52 characters hold beyond the key, and takes the last `1` for the
        // separator.
        if identity.to_string() == text {
            Ok(identity)
        } else {
            Err(PublicIdentityError::NotCanonical)
        }
    }
}

/// A text or 32 bytes are not a public identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PublicIdentityError {
    /// The text does not start with `zkv1` in lower case.
    #[error("a public identity starts with zkv1")]
    Prefix,
    /// The text has another length.
    #[error("a public identity is {TEXT_LEN} characters, this one is {actual}")]
    Length {
        /// The bytes of the text.
        actual: usize,
    },
    /// A character is outside the bech32 alphabet, or in upper case.
    #[error("a public identity has only the lower case letters and digits of bech32")]
    Character,
    /// The checksum is wrong, or that of bech32 instead of bech32m.
    #[error("the public identity's checksum is wrong: it was mistyped")]
    Checksum,
    /// The key or its text is not the one way to write it.
    #[error("the public identity is not in canonical form")]
    NotCanonical,
    /// The key is one of the few points with which every shared secret is zero.
    #[error("the public identity is a point of low order, which protects nothing")]
    LowOrder,
}

#[cfg(test)]
mod tests {
    use bech32::{Bech32, ByteIterExt, Fe32, Fe32IterExt};
    use proptest::prelude::*;

    use super::*;

    fn text() -> String {
        PublicIdentity::from_bytes([9; 32]).unwrap().to_string()
    }

    fn fault(text: &str) -> PublicIdentityError {
        text.parse::<PublicIdentity>().unwrap_err()
    }

    /// `9` and then 31 zero bytes is the base point.
    #[test]
    fn the_text_form_is_fixed() {
        let mut base_point = [0; 32];
        base_point[0] = 9;
        insta::assert_snapshot!(PublicIdentity::from_bytes(base_point).unwrap(), @"zkv1pyqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqkg7gya");
    }

    #[test]
    fn wrong_prefix() {
        let key = [9; 32];
        let other = bech32::encode::<Bech32m>(Hrp::parse_unchecked("age"), &key).unwrap();
        for wrong in [
            "",
            "zkv",
            "zkvx1",
            &other,
            &text().to_uppercase(),
            &format!(" {}", text()),
        ] {
            assert_eq!(fault(wrong), PublicIdentityError::Prefix, "{wrong:?}");
        }
    }

    #[test]
    fn wrong_length() {
        let encode = |key: &[u8]| bech32::encode::<Bech32m>(Hrp::parse_unchecked(PREFIX), key).unwrap();
        for wrong in [
            encode(&[9; 31]),
            encode(&[9; 33]),
            encode(&[]),
            text() + "\n",
            text() + " ",
        ] {
            assert_eq!(fault(&wrong), PublicIdentityError::Length { actual: wrong.len() });
        }
    }

    #[test]
    fn wrong_character() {
        let mixed = text().replacen('p', "P", 1);
        assert_ne!(mixed, text());
        assert_eq!(fault(&mixed), PublicIdentityError::Character);
        for letter in ["b", "i", "o", "é"] {
            let cut = &text()[..TEXT_LEN - letter.len()];
            assert_eq!(
                fault(&format!("{cut}{letter}")),
                PublicIdentityError::Character,
                "{letter}"
            );
        }
    }

    #[test]
    fn bech32_instead_of_bech32m() {
        let wrong = bech32::encode::<Bech32>(Hrp::parse_unchecked(PREFIX), &[9; 32]).unwrap();
        assert_eq!(fault(&wrong), PublicIdentityError::Checksum);
    }

    /// The last `1` separates, so this checksum is right, for another prefix that only begins like ours.
    #[test]
    fn a_second_separator() {
        let wrong = bech32::encode::<Bech32m>(Hrp::parse_unchecked("zkv1qqqqqq"), &[9; 28]).unwrap();
        assert_eq!(wrong.len(), TEXT_LEN);
        assert_eq!(fault(&wrong), PublicIdentityError::NotCanonical);
    }

    #[test]
    fn padding_bits_set() {
        let mut letters: Vec<Fe32> = [9; 32].into_iter().bytes_to_fes().collect();
        *letters.last_mut().unwrap() = Fe32::from_char('l').unwrap();
        let wrong: String = letters
            .into_iter()
            .with_checksum::<Bech32m>(&Hrp::parse_unchecked(PREFIX))
            .chars()
            .collect();
        assert_eq!(fault(&wrong), PublicIdentityError::NotCanonical);
    }

    fn number(low: u8, rest: u8, high: u8) -> [u8; 32] {
        let mut bytes = [rest; 32];
        bytes[0] = low;
        bytes[31] = high;
        bytes
    }

    #[test]
    fn not_canonical_keys() {
        for low in 0xed..=0xff {
            let result = PublicIdentity::from_bytes(number(low, 0xff, 0x7f));
            assert_eq!(result, Err(PublicIdentityError::NotCanonical), "{low:02x}");
        }
        let top_bit = PublicIdentity::from_bytes(number(9, 0, 0x80));
        assert_eq!(top_bit, Err(PublicIdentityError::NotCanonical));
        assert!(PublicIdentity::from_bytes(number(0xeb, 0xff, 0x7f)).is_ok());
        assert!(PublicIdentity::from_bytes(number(0xff, 0xff, 0x7e)).is_ok());
    }

    /// The five canonical points whose order divides 8, on the curve and on its twist.
    #[test]
    fn low_order_keys() {
        for point in [
            "0000000000000000000000000000000000000000000000000000000000000000",
            "0100000000000000000000000000000000000000000000000000000000000000",
            "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
            "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        ] {
            let bytes = hex::decode(point).unwrap();
            let result = PublicIdentity::from_bytes(bytes.as_slice().try_into().unwrap());
            assert_eq!(result, Err(PublicIdentityError::LowOrder), "{point}");
            let text = bech32::encode::<Bech32m>(Hrp::parse_unchecked(PREFIX), &bytes).unwrap();
            assert_eq!(fault(&text), PublicIdentityError::LowOrder, "{point}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes in any::<[u8; 32]>()) {
            if let Ok(identity) = PublicIdentity::from_bytes(bytes) {
                prop_assert_eq!(identity.to_string().len(), TEXT_LEN);
                prop_assert_eq!(identity.to_string().parse(), Ok(identity));
            }
        }

        #[test]
        fn one_wrong_letter_is_noticed(at in 4usize..TEXT_LEN, letter in "[qpzry9x8gf2tvdw0s3jn54khce6mua7l]") {
            let mut wrong = text();
            wrong.replace_range(at..=at, &letter);
            prop_assume!(wrong != text());
            prop_assert_eq!(fault(&wrong), PublicIdentityError::Checksum);
        }

        #[test]
        fn any_text_is_an_answer_and_not_a_panic(text in ".{0,80}") {
            let _ = text.parse::<PublicIdentity>();
            let _ = format!("zkv1{text}").parse::<PublicIdentity>();
        }
    }
}
