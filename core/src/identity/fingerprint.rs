//! Fingerprints: what two people read to each other before they trust a public identity.
//!
//! ```text
//! fingerprint = int(first 16 bytes of SHA-256("zkvault.fingerprint.v1" || 0x00 || public key), big-endian) mod 10^35
//! shown         in seven groups of five digits, with leading zeros
//! ```
//!
//! The remainder makes some digits a little likelier than others: 2^128 is 3,402 times 10^35 and a part, so no
//! fingerprint is likelier than another by more than 1 in 3,402. An attacker who looks for a second key gains nothing
//! worth counting.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::PublicIdentity;
use crate::text::trimmed;

const PREFIX: &[u8] = b"zkvault.fingerprint.v1\0";
/// Decimal digits: every language has ten words for them, and over a telephone no two sound alike.
const DIGITS: usize = 35;
const GROUP: usize = 5;
/// 10^35, just over 2^116.
const MODULUS: u128 = 10_u128.pow(DIGITS as u32);

/// 35 decimal digits (116 bits) that stand for a public identity, shown in seven groups of five.
///
/// `int(SHA-256("zkvault.fingerprint.v1" || 0x00 || public key)[0..16], big-endian) mod 10^35`. Finding another
/// identity with the same digits takes about 2^116 tries. Compared in constant time.
///
/// ```
/// use zkvault_core::identity::{Fingerprint, Identity};
///
/// let public = Identity::generate()?.public();
/// let shown = public.fingerprint().to_string();
/// assert_eq!(shown.split(' ').map(str::len).collect::<Vec<_>>(), [5; 7]);
/// // As somebody typed it, or the identity itself, as somebody sent it.
/// assert_eq!(Fingerprint::of_text(&shown.replace(' ', "-"))?, public.fingerprint());
/// assert_eq!(Fingerprint::of_text(&format!(" {public}\n"))?, public.fingerprint());
/// assert_eq!("12345 67890".parse::<Fingerprint>().unwrap_err().count, 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct Fingerprint(u128);

impl Fingerprint {
    pub(super) fn of(identity: &PublicIdentity) -> Self {
        let digest = Sha256::new()
            .chain_update(PREFIX)
            .chain_update(identity.to_bytes())
            .finalize();
        let number = digest
            .iter()
            .take(16)
            .fold(0, |number, byte| number << 8 | u128::from(*byte));
        Self(number % MODULUS)
    }
}

impl PartialEq for Fingerprint {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_be_bytes().ct_eq(&other.0.to_be_bytes()).into()
    }
}

impl Eq for Fingerprint {}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = DIGITS / GROUP;
        for group in (0..groups).rev() {
            let digits = self.0 / 10_u128.pow((group * GROUP) as u32) % 10_u128.pow(GROUP as u32);
            let space = if group + 1 == groups { "" } else { " " };
            write!(f, "{space}{digits:0GROUP$}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Fingerprint {
    /// Reads what a person compares or was sent: a fingerprint, or the public identity of which it is one, with white space
    /// around it.
    ///
    /// For a command line: a person who was sent `zkv1…` need not have its digits computed first. It proves nothing
    /// then: only digits that came through a different channel do.
    ///
    /// # Errors
    /// [`FingerprintError`] when the text is neither.
    pub fn of_text(text: &str) -> Result<Self, FingerprintError> {
        match trimmed(text).parse::<PublicIdentity>() {
            Ok(identity) => Ok(identity.fingerprint()),
            Err(_) => trimmed(text).parse(),
        }
    }
}

/// Reads the digits, whatever white space and dashes stand between them.
impl FromStr for Fingerprint {
    type Err = FingerprintError;

    fn from_str(text: &str) -> Result<Self, FingerprintError> {
        let (mut number, mut count) = (0_u128, 0);
        for character in text.chars().filter(|character| !is_separator(*character)) {
            let digit = character.to_digit(10).ok_or(FingerprintError { count })?;
            count += 1;
            if count > DIGITS {
                return Err(FingerprintError { count });
            }
            number = number * 10 + u128::from(digit);
        }
        if count == DIGITS {
            Ok(Self(number))
        } else {
            Err(FingerprintError { count })
        }
    }
}

/// Hyphens and dashes as word processors and telephones put them in place of `-`.
fn is_separator(character: char) -> bool {
    character.is_whitespace() || matches!(character, '-' | '‐' | '‑' | '–')
}

/// A text is not a fingerprint.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a fingerprint is {DIGITS} decimal digits; {count} were read before the text ended or went wrong")]
pub struct FingerprintError {
    /// The digits that were read.
    pub count: usize,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fingerprint() -> Fingerprint {
        PublicIdentity::from_bytes([9; 32]).unwrap().fingerprint()
    }

    #[test]
    fn the_digits_are_fixed() {
        insta::assert_snapshot!(fingerprint(), @"91460 10032 64270 52987 67692 53559 93855");
        insta::assert_snapshot!(format!("{:?}", Fingerprint(7)), @"Fingerprint(00000 00000 00000 00000 00000 00000 00007)");
    }

    #[test]
    fn every_byte_of_the_key_counts() {
        for index in 0..32 {
            let mut bytes = [9; 32];
            bytes[index] ^= 2;
            // Not every number is a point that is accepted, but these are.
            let other = PublicIdentity::from_bytes(bytes).unwrap().fingerprint();
            assert_ne!(other, fingerprint(), "byte {index}");
        }
    }

    #[test]
    fn people_may_write_it_as_they_like() {
        let text = fingerprint().to_string();
        for written in [
            text.clone(),
            text.replace(' ', ""),
            text.replace(' ', "-"),
            text.replace(' ', " – "),
            format!("  {text}\n"),
        ] {
            assert_eq!(written.parse(), Ok(fingerprint()), "{written:?}");
        }
    }

    #[test]
    fn a_fingerprint_and_its_identity_are_the_same_text() {
        let identity = PublicIdentity::from_bytes([9; 32]).unwrap();
        for text in [
            format!("\u{feff}{identity} \r\n"),
            format!(" {}\u{200b}", fingerprint()),
            identity.to_string(),
        ] {
            assert_eq!(Fingerprint::of_text(&text), Ok(fingerprint()), "{text:?}");
        }
        let cut = &identity.to_string()[..61];
        assert_eq!(Fingerprint::of_text(cut), Err(FingerprintError { count: 0 }));
    }

    #[test]
    fn anything_but_35_digits_is_refused() {
        let text = fingerprint().to_string();
        let fault = |text: &str| text.parse::<Fingerprint>().unwrap_err().count;
        assert_eq!(fault(""), 0);
        assert_eq!(fault(&text[1..]), 34);
        assert_eq!(fault(&format!("{text}0")), 36);
        assert_eq!(fault(&"9".repeat(1000)), 36);
        assert_eq!(fault("12a45"), 2);
        assert_eq!(fault("+1"), 0);
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read(number in 0..MODULUS) {
            let fingerprint = Fingerprint(number);
            prop_assert_eq!(fingerprint.to_string().parse(), Ok(fingerprint));
        }

        #[test]
        fn any_text_is_an_answer_and_not_a_panic(text in "[0-9 x-]{0,60}") {
            let _ = text.parse::<Fingerprint>();
        }
    }
}
