//! Passwords of random characters.
//!
//! A password is for what a program fills in: 20 characters of 90 have 129 bits.

use zeroize::Zeroizing;

use super::{GenerateError, Generated, Uniform, check_length};
use crate::error::RandomError;
use crate::random;
use crate::secret::SecretText;

const LEAST_LENGTH: usize = 4;
const MOST_LENGTH: usize = 1024;
const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &str = "0123456789";
/// Without quotes, backslash and space, which too many forms and shells mangle.
///
/// 28 characters.
const SYMBOLS: &str = "!#$%&()*+,-./:;<=>?@[]^_{|}~";
const AMBIGUOUS: &str = "Il1|O0";

/// What a random password is made of: 4 to 1024 characters, at least one of every class that is on.
///
/// The default is 20 characters of all four classes.
///
/// One of every class is what most forms demand; whole candidates are drawn until one has it, so that all stay
/// equally likely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordRules {
    /// How many characters.
    pub length: usize,
    /// Use `a` to `z`.
    pub lower: bool,
    /// Use `A` to `Z`.
    pub upper: bool,
    /// Use `0` to `9`.
    pub digits: bool,
    /// Use ASCII punctuation, without quotes and backslash.
    pub symbols: bool,
    /// Leave out the characters that are easily taken for one another: `I l 1 | O 0`.
    pub exclude_ambiguous: bool,
}

impl Default for PasswordRules {
    fn default() -> Self {
        Self {
            length: 20,
            lower: true,
            upper: true,
            digits: true,
            symbols: true,
            exclude_ambiguous: false,
        }
    }
}

impl PasswordRules {
    /// A new password: every one that the rules allow is equally likely.
    ///
    /// # Errors
    /// [`GenerateError::Length`] outside of 4 to 1,024 characters, [`GenerateError::NoClass`] when every class is
    /// off, and [`GenerateError::Random`] without random bytes.
    pub fn generate(&self) -> Result<Generated, GenerateError> {
        self.generate_from(random::fill)
    }

    fn generate_from(
        &self,
        source: impl FnMut(&mut [u8]) -> Result<(), RandomError>,
    ) -> Result<Generated, GenerateError> {
        check_length("characters", self.length, LEAST_LENGTH, MOST_LENGTH)?;
        let classes = self.classes();
        if classes.is_empty() {
            return Err(GenerateError::NoClass);
        }
        let sizes: Vec<usize> = classes.iter().map(Vec::len).collect();
        Ok(Generated {
            text: draw(&classes, self.length, &mut Uniform::new(source))?,
            entropy_bits: entropy(&sizes, self.length),
        })
    }

    fn classes(&self) -> Vec<Vec<char>> {
        let usable = |character: &char| !self.exclude_ambiguous || !AMBIGUOUS.contains(*character);
        [
            (self.lower, LOWER),
            (self.upper, UPPER),
            (self.digits, DIGITS),
            (self.symbols, SYMBOLS),
        ]
        .iter()
        .filter(|(on, _)| *on)
        .map(|(_, class)| class.chars().filter(usable).collect())
        .collect()
    }
}

/// Draws whole passwords until one has every class in it. Placing a character of each class by hand would make
/// some passwords likelier than others.
fn draw<F>(classes: &[Vec<char>], length: usize, uniform: &mut Uniform<F>) -> Result<SecretText, RandomError>
where
    F: FnMut(&mut [u8]) -> Result<(), RandomError>,
{
    let alphabet = classes.concat();
    let bound = u16::try_from(alphabet.len()).map_err(|_| RandomError)?;
    let mut candidate = Zeroizing::new(String::with_capacity(length));
    // Four classes in four characters come together in one draw of 15; 10,000 in vain mean a broken generator.
    for _ in 0..10_000 {
        candidate.clear();
        for _ in 0..length {
            candidate.push(*alphabet.get(uniform.below(bound)?).ok_or(RandomError)?);
        }
        if classes.iter().all(|class| candidate.contains(class.as_slice())) {
            return Ok(SecretText::from(std::mem::take(&mut *candidate)));
        }
    }
    Err(RandomError)
}

/// The logarithm of how many words of `length` over all classes have a character of every class, by
/// inclusion and exclusion: `log2 Σ over sets S of classes of (-1)^|S| · (all - |characters in S|)^length`.
fn entropy(sizes: &[usize], length: usize) -> f64 {
    let all = sizes.iter().sum::<usize>() as f64;
    // The share of words that avoid a set of classes, with its sign, class by class.
    let mut avoiding = vec![(1.0, 0.0)];
    for size in sizes {
        let with_this: Vec<_> = avoiding.iter().map(|(sign, out)| (-sign, out + *size as f64)).collect();
        avoiding.extend(with_this);
    }
    let share: f64 = avoiding
        .iter()
        .map(|(sign, out)| sign * ((all - out) / all).powi(length as i32))
        .sum();
    length as f64 * all.log2() + share.log2()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{chi_squared, stream};
    use super::*;

    #[test]
    fn every_class_is_always_there_and_no_other() {
        let rules = |bits: u8, exclude_ambiguous| PasswordRules {
            length: 4,
            lower: bits & 1 != 0,
            upper: bits & 2 != 0,
            digits: bits & 4 != 0,
            symbols: bits & 8 != 0,
            exclude_ambiguous,
        };
        for (bits, exclude_ambiguous) in (1..16).flat_map(|bits| [(bits, false), (bits, true)]) {
            let rules = rules(bits, exclude_ambiguous);
            let mut random = stream(u64::from(bits));
            for _ in 0..50 {
                let generated = rules.generate_from(&mut random).unwrap();
                let text = generated.text.expose_secret();
                assert_eq!(text.len(), 4);
                for (on, class) in [
                    (rules.lower, LOWER),
                    (rules.upper, UPPER),
                    (rules.digits, DIGITS),
                    (rules.symbols, SYMBOLS),
                ] {
                    assert_eq!(text.contains(|c| class.contains(c)), on, "{text} {rules:?}");
                }
                assert!(
                    !exclude_ambiguous || !text.contains(|c| AMBIGUOUS.contains(c)),
                    "{text}"
                );
            }
        }
    }

    /// Had a character of each class been put in by hand, some places or characters would be favoured.
    #[test]
    fn every_place_has_every_character_as_often() {
        let rules = PasswordRules {
            length: 4,
            upper: false,
            symbols: false,
            ..PasswordRules::default()
        };
        let mut random = stream(1);
        let (mut digits_by_place, mut by_digit, mut by_letter) = ([0; 4], [0; 10], [0; 26]);
        for _ in 0..10_000 {
            let generated = rules.generate_from(&mut random).unwrap();
            for (place, byte) in generated.text.expose_secret().bytes().enumerate() {
                if byte.is_ascii_digit() {
                    digits_by_place[place] += 1;
                    by_digit[usize::from(byte - b'0')] += 1;
                } else {
                    by_letter[usize::from(byte - b'a')] += 1;
                }
            }
        }
        assert!(chi_squared(&digits_by_place) < 4.0, "{digits_by_place:?}");
        assert!(chi_squared(&by_digit) < 4.0, "{by_digit:?}");
        assert!(chi_squared(&by_letter) < 4.0, "{by_letter:?}");
        // Σ k·C(4,k)·10^k·26^(4-k) for k = 1 to 3, over 36⁴ - 10⁴ - 26⁴ passwords: 1.506 digits on average.
        let digits: u32 = by_digit.iter().sum();
        let average = f64::from(digits) / 10_000.0;
        assert!((average - 1.506).abs() < 0.02, "{average}");
    }

    #[test]
    fn entropy_counts_the_passwords() {
        let counted = |sizes: &[usize], length: u32| {
            let all: usize = sizes.iter().sum();
            let class = |mut character: usize| {
                let below = |size: &&usize| {
                    let inside = character < **size;
                    character = character.wrapping_sub(**size);
                    !inside
                };
                sizes.iter().take_while(below).count()
            };
            let words = (0..all.pow(length)).filter(|word| {
                let places = (0..length).map(|place| class(word / all.pow(place) % all));
                let places: Vec<_> = places.collect();
                (0..sizes.len()).all(|wanted| places.contains(&wanted))
            });
            (words.count() as f64).log2()
        };
        for (sizes, length) in [
            (&[5][..], 4),
            (&[1, 2], 3),
            (&[2, 3], 5),
            (&[1, 2, 3], 4),
            (&[1, 1, 1, 1], 4),
        ] {
            let difference = entropy(sizes, length as usize) - counted(sizes, length);
            assert!(difference.abs() < 1e-9, "{sizes:?} {length}: {difference}");
        }
        let bits = |rules: PasswordRules| rules.generate().unwrap().entropy_bits;
        insta::assert_snapshot!(format!("{:.3}", bits(PasswordRules::default())), @"129.689");
        let longest = PasswordRules {
            length: 1024,
            ..PasswordRules::default()
        };
        assert!((bits(longest) - 1024.0 * 90f64.log2()).abs() < 1e-6);
    }

    #[test]
    fn lengths_and_classes_have_limits() {
        let sized = |length| {
            PasswordRules {
                length,
                ..PasswordRules::default()
            }
            .generate()
        };
        for length in [4, 1024] {
            assert_eq!(sized(length).unwrap().text.expose_secret().len(), length);
        }
        for length in [0, 3, 1025, usize::MAX] {
            assert!(matches!(sized(length), Err(GenerateError::Length { value, .. }) if value == length));
        }
        let none = PasswordRules {
            lower: false,
            upper: false,
            digits: false,
            symbols: false,
            ..PasswordRules::default()
        };
        assert_eq!(none.generate().unwrap_err(), GenerateError::NoClass);
    }

    #[test]
    fn a_broken_generator_gives_no_password() {
        let rules = PasswordRules::default();
        let failed = random::failing::with(|| rules.generate()).unwrap_err();
        assert_eq!(failed, GenerateError::Random(RandomError));
        let stuck = rules.generate_from(|buffer: &mut [u8]| {
            buffer.fill(0);
            Ok(())
        });
        assert_eq!(stuck.unwrap_err(), GenerateError::Random(RandomError));
    }
}
