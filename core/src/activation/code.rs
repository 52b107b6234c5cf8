//! Activation codes: 128 random bits that one person reads out and another types in, once.
//!
//! ```text
//! code = 26 symbols of Crockford's base 32, most significant first, and a check symbol: the number modulo 37
//!        00000-00000-00000-00000-00001-4U is the number 36
//! ```
//!
//! 37 is prime and larger than the alphabet, so that the check symbol finds every single mistyped symbol and every
//! two neighbours that changed places. It protects against typing errors, not against guessing: that is what the 128
//! bits are for, which is why no key stretching is needed. The 26 symbols hold 130 bits; a number above 2¹²⁸ − 1 is
//! refused, so that each code has one text but for case, dashes and look-alikes (docs/spec/activation.md, "To a
//! code").

use std::fmt;
use std::str::FromStr;

use hkdf::Hkdf;
use sha2::Sha512;
use zeroize::Zeroizing;

use crate::cobblestone::InputKey;
use crate::context::Context;
use crate::error::RandomError;
use crate::secret::{SecretArray, SecretText};

const CODE_LEN: usize = 16;
/// Crockford's base 32, and after its 32 symbols the five that only a check symbol can be.
const SYMBOLS: &[u8; 37] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
/// 128 bits in symbols of five, the first of which holds only three.
const DATA_SYMBOLS: usize = 26;
const ALL_SYMBOLS: usize = DATA_SYMBOLS + 1;
const GROUP: usize = 5;

/// A one-time code of 128 random bits for one activation.
///
/// Written in Crockford's base 32, 26 symbols and a check symbol (the number modulo 37), in groups of five:
/// `XXXXX-XXXXX-XXXXX-XXXXX-XXXXX-XX`. It goes to the user through a channel other than the server.
///
/// The 16 bytes are wiped when it is dropped, and compared in constant time. There is no `Display`: showing it is
/// [`expose_text`](Self::expose_text), which nobody calls by accident.
///
/// ```
/// use zkvault_core::activation::{ActivationCode, ActivationCodeError};
///
/// let code: ActivationCode = "00000-00000-00000-00000-00001-4U".parse()?;
/// // As it may have been read out and typed in: other case, other groups, O for 0 and I for 1.
/// assert_eq!("ooooo 00000 ooooo 00000 0000i 4u".parse::<ActivationCode>()?, code);
/// assert_eq!(code.expose_text().expose_secret(), "00000-00000-00000-00000-00001-4U");
/// let mistyped = "00000-00000-00000-00000-00002-4U".parse::<ActivationCode>();
/// assert_eq!(mistyped, Err(ActivationCodeError::Check));
/// # Ok::<(), ActivationCodeError>(())
/// ```
#[derive(PartialEq, Eq)]
pub struct ActivationCode(SecretArray<CODE_LEN>);

impl ActivationCode {
    /// A new random code.
    ///
    /// # Errors
    /// [`RandomError`] when the operating system gives no random bytes.
    pub fn generate() -> Result<Self, RandomError> {
        SecretArray::generate().map(Self)
    }

    /// The code as it is shown, once.
    ///
    /// 32 characters: 27 symbols and five dashes. The text is wiped when it is dropped; the terminal's scrollback is
    /// not.
    #[must_use]
    pub fn expose_text(&self) -> SecretText {
        let number = Zeroizing::new(u128::from_be_bytes(*self.0.expose()));
        let data = (0..DATA_SYMBOLS)
            .rev()
            .map(|place| (*number >> (5 * place)) as usize % 32);
        let check = (*number % 37) as usize;
        let mut text = String::with_capacity(ALL_SYMBOLS + ALL_SYMBOLS / GROUP);
        for (place, value) in data.chain([check]).enumerate() {
            if place > 0 && place % GROUP == 0 {
                text.push('-');
            }
            text.extend(SYMBOLS.get(value).map(|symbol| char::from(*symbol)));
        }
        SecretText::from(text)
    }

    /// The key that seals one activation: `HKDF-SHA-512(ikm = code, salt, info = context)`, 32 bytes (RFC 5869).
    pub(super) fn derive_key(&self, salt: &[u8], context: &Context) -> InputKey {
        let mut key = SecretArray::<32>::zeroed();
        // Fails only beyond 255 blocks of output; this is half of one.
        let _always_ok = Hkdf::<Sha512>::new(Some(salt), self.0.expose()).expand(context.as_bytes(), key.expose_mut());
        InputKey::new(key.expose())
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("ActivationCode([REDACTED])")
    }
}

/// Reads a code in any case, with any dashes and spaces, taking `O` for `0` and `I` or `L` for `1`.
impl FromStr for ActivationCode {
    type Err = ActivationCodeError;

    fn from_str(text: &str) -> Result<Self, ActivationCodeError> {
        let mut number = Zeroizing::new(0_u128);
        let mut count = 0;
        let mut check_matches = false;
        for character in text
            .chars()
            .filter(|character| !character.is_whitespace() && *character != '-')
        {
            count += 1;
            let value = value_of(character).ok_or(ActivationCodeError::Symbol { position: count })?;
            match count {
                ..=DATA_SYMBOLS => {
                    *number = append(*number, value).ok_or(ActivationCodeError::Symbol { position: count })?
                }
                ALL_SYMBOLS => check_matches = *number % 37 == value,
                _ => return Err(ActivationCodeError::Length),
            }
        }
        match (count, check_matches) {
            (ALL_SYMBOLS, true) => Ok(Self::from_number(&number)),
            (ALL_SYMBOLS, false) => Err(ActivationCodeError::Check),
            _ => Err(ActivationCodeError::Length),
        }
    }
}

impl ActivationCode {
    fn from_number(number: &u128) -> Self {
        let mut code = SecretArray::zeroed();
        for (place, byte) in code.expose_mut().iter_mut().rev().enumerate() {
            *byte = (number >> (8 * place)) as u8;
        }
        Self(code)
    }
}

/// `number * 32 + value`, unless `value` is for check symbols only or the number outgrows 128 bits.
///
/// The first of 26 symbols holds only three bits, so that the last multiplication may overflow: that is a number
/// above 2¹²⁸ − 1.
fn append(number: u128, value: u128) -> Option<u128> {
    if value >= 32 {
        return None;
    }
    number.checked_mul(32)?.checked_add(value)
}

/// The value of a symbol from 0 to 36. `U` is the check symbol 36 and never a data symbol.
fn value_of(character: char) -> Option<u128> {
    let symbol = match character.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let value = SYMBOLS.iter().position(|known| char::from(*known) == symbol)?;
    u128::try_from(value).ok()
}

/// A text is not an activation code. Nothing of the text is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActivationCodeError {
    /// There are not 27 symbols.
    #[error("an activation code has {ALL_SYMBOLS} letters and digits")]
    Length,
    /// A symbol cannot stand in its place.
    #[error("symbol {position} cannot be part of an activation code")]
    Symbol {
        /// Its place, counted from 1 without dashes and spaces.
        position: usize,
    },
    /// Every symbol is possible, but the check symbol says that one was mistyped.
    #[error("the activation code's check symbol is wrong: it was mistyped")]
    Check,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn code(number: u128) -> ActivationCode {
        ActivationCode::from_number(&number)
    }

    fn text(number: u128) -> String {
        code(number).expose_text().expose_secret().to_owned()
    }

    fn fault(text: &str) -> ActivationCodeError {
        text.parse::<ActivationCode>().unwrap_err()
    }

    #[test]
    fn debug_shows_no_secret() {
        insta::assert_snapshot!(format!("{:?}", code(1)), @"ActivationCode([REDACTED])");
    }

    /// 2^128 - 1 is 32 modulo 37.
    #[test]
    fn the_text_form_is_fixed() {
        assert_eq!(text(0), "00000-00000-00000-00000-00000-00");
        assert_eq!(text(36), "00000-00000-00000-00000-00001-4U");
        assert_eq!(text(u128::MAX), "7ZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-ZZZZZ-Z*");
    }

    #[test]
    fn people_may_type_it_as_they_like() {
        let written = text(32);
        assert_eq!(written, "00000-00000-00000-00000-00001-0*");
        for typed in [
            written.replace('1', "l").replacen('0', "O", 7).replacen('0', "o", 7),
            written.replace('1', "I").replace('-', ""),
            written.replace('-', " – ").replace('–', "--") + "\n",
            written.chars().map(|symbol| format!("-{symbol}")).collect(),
        ] {
            assert_eq!(typed.parse::<ActivationCode>().as_ref(), Ok(&code(32)), "{typed}");
        }
        let letters = text(u128::MAX);
        assert_eq!(letters.to_lowercase().parse::<ActivationCode>(), Ok(code(u128::MAX)));
    }

    #[test]
    fn wrong_length() {
        for wrong in [&text(7)[1..], &format!("{}0", text(7)), "", "-", &"0".repeat(10_000)] {
            assert_eq!(fault(wrong), ActivationCodeError::Length, "{wrong:.40}");
        }
    }

    #[test]
    fn wrong_check_symbol() {
        let mut wrong = text(7);
        wrong.pop();
        assert_eq!(fault(&format!("{wrong}8")), ActivationCodeError::Check);
    }

    #[test]
    fn wrong_symbol() {
        for symbol in ["U", "*", "!", "é", "u"] {
            let wrong = text(7).replacen('0', symbol, 1);
            assert_eq!(fault(&wrong), ActivationCodeError::Symbol { position: 1 }, "{symbol}");
        }
    }

    #[test]
    fn more_than_128_bits() {
        let wrong = text(7).replacen('0', "8", 1);
        assert_eq!(fault(&wrong), ActivationCodeError::Symbol { position: 26 });
    }

    #[test]
    fn no_random_bytes_means_no_code() {
        assert!(crate::random::failing::with(ActivationCode::generate).is_err());
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read(number in any::<u128>()) {
            prop_assert_eq!(text(number).parse::<ActivationCode>(), Ok(code(number)));
        }

        #[test]
        fn one_wrong_or_two_swapped_symbols_are_noticed(number in any::<u128>(), place in 0usize..26, by in 1u8..32) {
            let plain: Vec<char> = text(number).chars().filter(|symbol| *symbol != '-').collect();
            let read = |symbols: &[char]| symbols.iter().collect::<String>().parse::<ActivationCode>();
            let mut wrong = plain.clone();
            let value = value_of(plain[place]).unwrap() as usize;
            wrong[place] = char::from(SYMBOLS[(value + by as usize) % 32]);
            prop_assert!(read(&wrong).is_err());
            let mut swapped = plain.clone();
            swapped.swap(place, place + 1);
            prop_assert!(swapped == plain || read(&swapped).is_err());
        }

        #[test]
        fn any_text_is_an_answer_and_not_a_panic(text in ".{0,60}") {
            let _ = text.parse::<ActivationCode>();
        }
    }
}
