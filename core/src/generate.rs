//! New passwords and passphrases, every one of them equally likely.
//!
//! ```
//! use zkvault_core::generate::{PassphraseRules, PasswordRules};
//!
//! let password = PasswordRules { length: 24, symbols: false, ..PasswordRules::default() }.generate()?;
//! assert_eq!(password.text.expose_secret().len(), 24);
//! let passphrase = PassphraseRules::default().generate()?;
//! assert!(passphrase.entropy_bits > 77.0);
//! # Ok::<(), zkvault_core::generate::GenerateError>(())
//! ```
//!
//! Randomness is the operating system's, made uniform by rejection: 16 bits are drawn and thrown away when they fall
//! into the incomplete last run, so that no character or word is likelier than another (threat model, Z44). Every
//! result that the rules allow is equally likely, so that the entropy is exact and not an estimate. Nothing here
//! keeps, shows or copies a result.

mod passphrase;
mod password;

use zeroize::Zeroizing;

use crate::error::RandomError;
use crate::secret::SecretText;

pub use passphrase::{PassphraseRules, WordList};
pub use password::PasswordRules;

/// A generated secret and how hard it is to guess by someone who knows the rules.
///
/// ```
/// use zkvault_core::generate::{GenerateError, PassphraseRules, PasswordRules};
///
/// let words = PassphraseRules { words: 4, separator: Some(' '), ..PassphraseRules::default() }.generate()?;
/// assert_eq!(words.text.expose_secret().split(' ').count(), 4);
/// assert!((words.entropy_bits - 4.0 * 7776_f64.log2()).abs() < 1e-9);
/// let pin = PasswordRules {
///     length: 6, lower: false, upper: false, symbols: false, ..PasswordRules::default()
/// }.generate()?;
/// assert!(pin.text.expose_secret().bytes().all(|byte| byte.is_ascii_digit()));
/// assert!((pin.entropy_bits - 1e6_f64.log2()).abs() < 1e-9);
/// // Words that run into each other would make some passphrases likelier.
/// let fused = PassphraseRules { separator: None, ..PassphraseRules::default() }.generate();
/// assert!(matches!(fused, Err(GenerateError::Separator)));
/// # Ok::<(), GenerateError>(())
/// ```
#[derive(Debug)]
pub struct Generated {
    /// The password or passphrase.
    pub text: SecretText,
    /// The base-two logarithm of how many results the rules allow, all of them equally likely.
    pub entropy_bits: f64,
}

/// Nothing was generated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum GenerateError {
    /// The length of the password or passphrase is out of limits.
    #[error("{value} {unit} were asked for: only {least} to {most} can be generated")]
    Length {
        /// What is counted: characters or words.
        unit: &'static str,
        /// How many were asked for.
        value: usize,
        /// The fewest.
        least: usize,
        /// The most.
        most: usize,
    },
    /// Every class of characters is switched off.
    #[error("a password needs at least one class of characters")]
    NoClass,
    /// The words could not be told apart: the separator is a letter, a digit or a control character, or there
    /// is none and the words are not capitalised.
    #[error("words need a separator that is no letter or digit, or capitals")]
    Separator,
    /// The operating system gave no random bytes.
    #[error(transparent)]
    Random(#[from] RandomError),
}

fn check_length(unit: &'static str, value: usize, least: usize, most: usize) -> Result<(), GenerateError> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(GenerateError::Length {
        unit,
        value,
        least,
        most,
    })
}

/// Uniform numbers out of random bytes, fetched a few at a time and wiped afterwards.
///
/// Generic over its source, so that tests drive it with fixed bytes and with a source that fails (threat model, Z11).
struct Uniform<F> {
    fill: F,
    bytes: Zeroizing<[u8; 64]>,
    used: usize,
}

impl<F: FnMut(&mut [u8]) -> Result<(), RandomError>> Uniform<F> {
    fn new(fill: F) -> Self {
        let bytes = Zeroizing::new([0; 64]);
        let used = bytes.len();
        Self { fill, bytes, used }
    }

    /// A number below `bound`, every one equally likely: draws 16 bits, and draws again when they fall into
    /// the incomplete last run of `bound` numbers.
    ///
    /// The largest bound is 7,776, for which 3,328 of 65,536 draws are thrown away.
    fn below(&mut self, bound: u16) -> Result<usize, RandomError> {
        let unfair = (u32::from(u16::MAX) + 1) % u32::from(bound);
        // Half of all draws are fair at the very least, so a working generator never gets to the end of this.
        for _ in 0..1000 {
            let drawn = self.next()?;
            if u32::from(drawn) <= u32::from(u16::MAX) - unfair {
                return Ok(usize::from(drawn % bound));
            }
        }
        Err(RandomError)
    }

    fn next(&mut self) -> Result<u16, RandomError> {
        if self.used >= self.bytes.len() {
            (self.fill)(self.bytes.as_mut_slice())?;
            self.used = 0;
        }
        let pair = self.bytes.get(self.used..).and_then(|rest| rest.first_chunk::<2>());
        self.used += 2;
        pair.map(|pair| u16::from_be_bytes(*pair)).ok_or(RandomError)
    }
}

#[cfg(test)]
mod testing {
    use sha2::{Digest, Sha256};

    use super::*;

    /// An endless stream of bytes that is the same in every run.
    pub(super) fn stream(seed: u64) -> impl FnMut(&mut [u8]) -> Result<(), RandomError> {
        let mut counter = 0u64;
        move |buffer| {
            for part in buffer.chunks_mut(32) {
                let block = Sha256::new()
                    .chain_update(seed.to_be_bytes())
                    .chain_update(counter.to_be_bytes());
                part.copy_from_slice(&block.finalize()[..part.len()]);
                counter += 1;
            }
            Ok(())
        }
    }

    /// Pearson's χ² of the counts against all being equally likely, in standard deviations from its mean.
    pub(super) fn chi_squared(counts: &[u32]) -> f64 {
        let total: u32 = counts.iter().sum();
        let expected = f64::from(total) / counts.len() as f64;
        let statistic: f64 = counts
            .iter()
            .map(|count| (f64::from(*count) - expected).powi(2) / expected)
            .sum();
        let freedom = (counts.len() - 1) as f64;
        (statistic - freedom) / (2.0 * freedom).sqrt()
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{chi_squared, stream};
    use super::*;

    #[test]
    fn numbers_are_uniform() {
        for (bound, draws) in [
            (7776u16, 400_000),
            (90, 90_000),
            (10, 10_000),
            (1, 10),
            (60_000, 600_000),
        ] {
            let mut uniform = Uniform::new(stream(u64::from(bound)));
            let mut counts = vec![0; usize::from(bound)];
            for _ in 0..draws {
                counts[uniform.below(bound).unwrap()] += 1;
            }
            assert!(
                bound == 1 || chi_squared(&counts).abs() < 4.0,
                "{bound}: {}",
                chi_squared(&counts)
            );
        }
    }

    /// A stream of these 16-bit numbers, over and over.
    fn repeating(numbers: &'static [u16]) -> impl FnMut(&mut [u8]) -> Result<(), RandomError> {
        let mut endless = numbers.iter().cycle();
        move |buffer| {
            for pair in buffer.chunks_exact_mut(2) {
                pair.copy_from_slice(&endless.next().unwrap().to_be_bytes());
            }
            Ok(())
        }
    }

    #[test]
    fn the_incomplete_last_run_is_drawn_again() {
        // 65536 = 8 × 7776 + 3328: 62207 is the last fair number.
        let mut uniform = Uniform::new(repeating(&[65535, 62208, 62207, 0]));
        assert_eq!(uniform.below(7776), Ok(7775));
        assert_eq!(uniform.below(7776), Ok(0));
        // 256 divides 65536: nothing is drawn again.
        let mut uniform = Uniform::new(repeating(&[65535]));
        assert_eq!(uniform.below(256), Ok(255));
    }

    #[test]
    fn a_stuck_generator_is_an_error_and_no_endless_loop() {
        assert_eq!(Uniform::new(repeating(&[65535])).below(7776), Err(RandomError));
        assert_eq!(Uniform::new(|_: &mut [u8]| Err(RandomError)).below(2), Err(RandomError));
    }

    #[test]
    fn debug_shows_no_secret() {
        let generated = Generated {
            text: SecretText::from("hunter2".to_owned()),
            entropy_bits: 10.5,
        };
        insta::assert_snapshot!(
            format!("{generated:?}"),
            @"Generated { text: SecretText([REDACTED]), entropy_bits: 10.5 }"
        );
    }
}
