//! One-time passwords of login pages (RFC 6238): from a seed, as services hand it out, and the time.
//!
//! ```
//! use zkvault_core::SecretText;
//! use zkvault_core::totp::Totp;
//!
//! let seed = SecretText::from(String::from("GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ"));
//! let code = Totp::parse(&seed)?.at(59);
//! assert_eq!((code.text.expose_secret(), code.seconds_left), ("287082", 1));
//! # Ok::<(), zkvault_core::totp::TotpError>(())
//! ```
//!
//! ```text
//! code = the last 6 to 8 decimal digits of the 31 bits that RFC 4226 §5.3 takes from HMAC(seed, u64be(time / period))
//! ```
//!
//! A seed is stored like a password and is as secret; a code is worth little after its 30 seconds. SHA-1 is what
//! nearly every service uses, and is no weakness here: the HMAC of a secret key is not broken by collisions. Codes
//! that count uses (HOTP) are refused, because two devices would get out of step.

use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use zeroize::Zeroizing;

use crate::secret::{SecretBytes, SecretText};
use crate::text::trimmed;

const SCHEME: &str = "otpauth://";
/// Of the two kinds of `otpauth` addresses, the one that counts time.
const TIMED: &str = "totp";
const STEAM_SCHEME: &str = "steam://";
const DECIMAL: &[u8] = b"0123456789";
const STEAM_ALPHABET: &[u8] = b"23456789BCDFGHJKMNPQRTVWXY";
const STEAM_DIGITS: u32 = 5;
const MAX_DIGITS: usize = 8;
const DEFAULT_DIGITS: u32 = 6;
const DEFAULT_PERIOD: u64 = 30;
const MAX_PERIOD: u64 = 24 * 3600;
/// The longest text that is read, in bytes. Real ones have some 200.
const MAX_LEN: usize = 4096;

/// The hash function under the HMAC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Algorithm {
    Sha1,
    Sha256,
    Sha512,
}

/// How the number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// 6 to 8 decimal digits.
    Digits(u32),
    /// Five letters and digits, as Steam shows them.
    Steam,
}

/// What makes the codes of one account.
///
/// The seed is wiped when it is dropped, and `Debug` does not show it.
///
/// ```
/// use zkvault_core::SecretText;
/// use zkvault_core::totp::{Totp, TotpError};
///
/// let parse = |text: &str| Totp::parse(&SecretText::from(text.to_owned()));
/// // RFC 6238, appendix B: SHA-1, eight digits, at 1111111109 seconds.
/// let seed = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
/// let address = format!("otpauth://totp/Example:ann?secret={seed}&digits=8&issuer=Example");
/// let code = parse(&address)?.at(1_111_111_109);
/// assert_eq!((code.text.expose_secret(), code.seconds_left, code.period), ("07081804", 1, 30));
/// assert!(parse(&format!("steam://{seed}"))?.at(0).text.expose_secret().len() == 5);
/// assert!(matches!(parse(&format!("otpauth://hotp/x?secret={seed}")), Err(TotpError::Counted)));
/// assert!(matches!(parse(&address.replace("digits=8", "digits=9")), Err(TotpError::Parameter("digits"))));
/// # Ok::<(), TotpError>(())
/// ```
#[derive(Debug)]
pub struct Totp {
    seed: SecretBytes,
    algorithm: Algorithm,
    form: Form,
    /// How long a code is valid, in seconds.
    period: u64,
}

/// A code, for as long as it is valid.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// What is typed into the page.
    pub text: SecretText,
    /// For how many seconds more it is valid, from 1.
    pub seconds_left: u64,
    /// For how many seconds a code is valid altogether.
    pub period: u64,
}

/// A text is not the seed of one-time passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TotpError {
    /// It is neither base32 nor an `otpauth` address.
    #[error("it is neither base32 text nor an otpauth://totp/ address")]
    Seed,
    /// It counts how often it was used (HOTP), which only one device can do.
    #[error("its codes are counted (otpauth://hotp/), not timed")]
    Counted,
    /// A parameter is unknown, repeated, or out of bounds.
    #[error("its {0} cannot be used")]
    Parameter(&'static str),
}

/// What an address says of these, which may be nothing.
const PARAMETERS: [&str; 5] = ["secret", "algorithm", "digits", "period", "encoder"];

impl Totp {
    /// Reads a seed: base32 (upper or lower case, in groups or not, of any length), an address `otpauth://totp/…`, or
    /// `steam://` before base32. What an address does not say is SHA-1, six digits and 30 seconds.
    ///
    /// Bits at the end that fill no byte are dropped, and seeds shorter than the 128 bits of RFC 4226 are read:
    /// services hand both out, and a code either fits or does not.
    ///
    /// # Errors
    /// * [`TotpError::Seed`] when it is neither base32 nor an address with a `secret`, or has more than 4,096 bytes.
    /// * [`TotpError::Counted`] for `otpauth://hotp/` and other kinds.
    /// * [`TotpError::Parameter`] when `algorithm`, `digits`, `period` or `encoder` is unknown, repeated or out of
    ///   bounds: 6 to 8 digits, 1 second to a day.
    pub fn parse(text: &SecretText) -> Result<Self, TotpError> {
        let text = trimmed(text.expose_secret());
        if text.len() > MAX_LEN {
            return Err(TotpError::Seed);
        }
        if let Some(rest) = without_scheme(text, SCHEME) {
            return Self::from_address(rest);
        }
        let (form, seed) = match without_scheme(text, STEAM_SCHEME) {
            Some(seed) => (Form::Steam, seed),
            None => (Form::Digits(DEFAULT_DIGITS), text),
        };
        Ok(Self {
            seed: base32(seed)?,
            algorithm: Algorithm::Sha1,
            form,
            period: DEFAULT_PERIOD,
        })
    }

    /// Whether a text says by its scheme that it is such a seed.
    #[must_use]
    pub fn is_address(text: &SecretText) -> bool {
        let text = trimmed(text.expose_secret());
        [SCHEME, STEAM_SCHEME]
            .iter()
            .any(|scheme| without_scheme(text, scheme).is_some())
    }

    fn from_address(rest: &str) -> Result<Self, TotpError> {
        // Some leave the label out, with its slash.
        let Some(rest) = without_scheme(rest, TIMED).filter(|rest| rest.starts_with(['/', '?'])) else {
            return Err(TotpError::Counted);
        };
        let (_, query) = rest.split_once('?').ok_or(TotpError::Seed)?;
        let [secret, algorithm, digits, period, encoder] = parameters(query)?;
        let seed = percent_decode_str(secret.ok_or(TotpError::Seed)?).decode_utf8();
        let seed = Zeroizing::new(seed.map_err(|_| TotpError::Seed)?.into_owned());
        Ok(Self {
            seed: base32(&seed)?,
            algorithm: Algorithm::named(algorithm.unwrap_or_default())?,
            form: form(digits, encoder)?,
            period: number(period, DEFAULT_PERIOD, 1..=MAX_PERIOD, "period")?,
        })
    }

    /// The code at a time, in seconds since 1970 (UTC).
    ///
    /// A device whose clock is wrong by more than a period gets codes that the service refuses.
    #[must_use]
    pub fn at(&self, seconds: u64) -> Code {
        let passed = seconds % self.period;
        Code {
            text: self.form.write(self.number(seconds / self.period)),
            seconds_left: self.period - passed,
            period: self.period,
        }
    }

    /// The 31 bits of RFC 4226, section 5.3.
    fn number(&self, step: u64) -> u32 {
        let seed = self.seed.expose_secret();
        let mac = match self.algorithm {
            Algorithm::Sha1 => mac::<Hmac<Sha1>>(seed, step),
            Algorithm::Sha256 => mac::<Hmac<Sha256>>(seed, step),
            Algorithm::Sha512 => mac::<Hmac<Sha512>>(seed, step),
        };
        let bytes = mac.expose_secret();
        let start = bytes.last().map_or(0, |last| usize::from(last & 0x0f));
        let word = bytes.get(start..).and_then(|rest| rest.first_chunk());
        word.map_or(0, |word| u32::from_be_bytes(*word) & 0x7fff_ffff)
    }
}

fn mac<M: Mac + KeyInit>(seed: &[u8], step: u64) -> SecretBytes {
    // HMAC takes keys of any length.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(seed) else {
        return SecretBytes::from(Vec::new());
    };
    mac.update(&step.to_be_bytes());
    SecretBytes::from(mac.finalize().into_bytes().to_vec())
}

impl Form {
    /// A number in its digits: decimal ones from the greatest to the least, Steam's in the other order.
    fn write(self, mut number: u32) -> SecretText {
        let (digits, alphabet) = match self {
            Self::Digits(digits) => (digits, DECIMAL),
            Self::Steam => (STEAM_DIGITS, STEAM_ALPHABET),
        };
        // As long as it gets, so that nothing is copied.
        let mut text = String::with_capacity(MAX_DIGITS);
        let base = alphabet.len() as u32;
        for _ in 0..digits {
            let digit = alphabet.get((number % base) as usize).copied().map_or('0', char::from);
            number /= base;
            match self {
                Self::Digits(_) => text.insert(0, digit),
                Self::Steam => text.push(digit),
            }
        }
        text.into()
    }
}

/// The values of [`PARAMETERS`] in a query; the issuer, a picture and the like say nothing.
fn parameters(query: &str) -> Result<[Option<&str>; 5], TotpError> {
    let mut said = [None; 5];
    let query = query.split_once('#').map_or(query, |(query, _)| query);
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let known = PARAMETERS.iter().zip(&mut said);
        if let Some((known, place)) = known.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name))
            && place.replace(value).is_some()
        {
            return Err(TotpError::Parameter(known));
        }
    }
    Ok(said)
}

impl Algorithm {
    /// By its name as services write it: with a hyphen or without, perhaps after `Hmac`. Nothing is SHA-1.
    fn named(name: &str) -> Result<Self, TotpError> {
        let plain = without_scheme(name, "HMAC").unwrap_or(name);
        let is = |names: [&str; 2]| names.iter().any(|known| known.eq_ignore_ascii_case(plain));
        if plain.is_empty() || is(["SHA1", "SHA-1"]) {
            Ok(Self::Sha1)
        } else if is(["SHA256", "SHA-256"]) {
            Ok(Self::Sha256)
        } else if is(["SHA512", "SHA-512"]) {
            Ok(Self::Sha512)
        } else {
            Err(TotpError::Parameter("algorithm"))
        }
    }
}

fn form(digits: Option<&str>, encoder: Option<&str>) -> Result<Form, TotpError> {
    match encoder {
        Some(steam) if steam.eq_ignore_ascii_case("steam") => Ok(Form::Steam),
        Some(_) => Err(TotpError::Parameter("encoder")),
        None => {
            let digits = number(digits, u64::from(DEFAULT_DIGITS), 6..=8, "digits")?;
            Ok(Form::Digits(u32::try_from(digits).unwrap_or(DEFAULT_DIGITS)))
        }
    }
}

fn number(
    said: Option<&str>,
    default: u64,
    bounds: std::ops::RangeInclusive<u64>,
    name: &'static str,
) -> Result<u64, TotpError> {
    let number = match said {
        None | Some("") => Some(default),
        Some(text) => text.parse().ok(),
    };
    number
        .filter(|number| bounds.contains(number))
        .ok_or(TotpError::Parameter(name))
}

fn without_scheme<'a>(text: &'a str, scheme: &str) -> Option<&'a str> {
    let (start, rest) = text.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// RFC 4648 base32 without regard to case, groups and padding. Bits that fill no byte are left out, as authenticators do.
fn base32(text: &str) -> Result<SecretBytes, TotpError> {
    // At once: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let (mut bits, mut held) = (0u32, 0u32);
    let text = text.trim_end_matches(|last: char| last == '=' || last.is_whitespace());
    for character in text.chars().filter(|c| !c.is_whitespace() && *c != '-') {
        let five = match character.to_ascii_uppercase() {
            letter @ 'A'..='Z' => letter as u32 - 'A' as u32,
            digit @ '2'..='7' => digit as u32 - '2' as u32 + 26,
            _ => return Err(TotpError::Seed),
        };
        held = (held << 5 | five) & 0xfff;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits) as u8);
        }
    }
    match bytes.is_empty() {
        true => Err(TotpError::Seed),
        false => Ok(SecretBytes::from(std::mem::take(&mut *bytes))),
    }
}

#[cfg(test)]
mod tests;
