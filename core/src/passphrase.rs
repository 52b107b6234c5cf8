//! Whether a passphrase is strong enough to be all that is between a stolen keyring and its keys, apart from Argon2id.
//!
//! One rule for the terminal, JavaScript and the extension, small enough for all of them: no dictionary, but the commonest
//! passwords and what words look like. It counts what a guesser would have to try who knows how people choose: words cost
//! as much as a word of a long list does, whatever their letters, and repeated or continued characters almost nothing.
//! Random characters and random words are judged close to what they are; what people make up, rather too low than too high.
//!
//! ```
//! use zkvault_core::passphrase::{LEAST_BITS, check, strength};
//!
//! assert!(check("Hunter2!1987").is_err());
//! assert!(check("clamp juror onyx radiator").is_ok());
//! assert!(strength("tree tree tree tree tree") < LEAST_BITS);
//! ```
//!
//! | part | bits |
//! |---|---|
//! | one of the commonest passwords, or a name of this program | 7, and 1 for letters put as digits or in capitals |
//! | letters that look like a word of a language | 2 + 2 for each letter, at most 13; from the tenth on 1.7 each; 1 or 3 for capitals |
//! | letters that do not | 4.7 each, 5.7 with capitals |
//! | digits | 3.3 each; a year 7; six or eight of them at most 17, as a date |
//! | a run of neighbours in the alphabet or on a keyboard, or of one character | 4 or 5, and the logarithm of its length |
//! | what was there before, and a space | 1 |
//! | any other character | 5 |
//!
//! Each guess costs an Argon2id: at a tenth of a second, 2^40 of them are 3,500 years of a processor. What is typed
//! is judged here and sent to no service.

mod common;

use common::{COMMON_BIGRAMS, COMMON_WORDS, KEYBOARD_ROWS};
use zeroize::Zeroizing;

use crate::text::unseen;

/// What a passphrase must have, in bits: 2^40 guesses. Four words of a list of 7,776, or seven random characters.
///
/// For what a person makes up the estimate is rather low, so that a good passphrase may be refused: six random words,
/// as [`crate::generate`] makes them, have 77 bits and pass.
pub const LEAST_BITS: f64 = 40.0;
/// Characters that are judged. Nobody types more, and more do not make it weaker.
const MAX_JUDGED: usize = 256;

/// A word that is in no list of common passwords, but in one of a language: as much as one of 7,776.
const WORD_BITS: f64 = 13.0;
/// One of the commonest passwords, or a name of this program.
const COMMON_BITS: f64 = 7.0;
/// Which run of neighbours in the alphabet, among digits or on a keyboard.
const SEQUENCE_BITS: f64 = 4.0;
/// A year of the last two centuries.
const YEAR_BITS: f64 = 7.0;
/// A day of one of them, in any of the ways in which days are written.
const DATE_BITS: f64 = 17.0;
const LETTER_BITS: f64 = 4.7;
const DIGIT_BITS: f64 = 3.3;
const SYMBOL_BITS: f64 = 5.0;
/// What was there before, once more; capitals at the usual places; a space between words.
const HABIT_BITS: f64 = 1.0;

/// A passphrase could be guessed. Nothing of it is repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum WeakPassphraseError {
    /// It has no characters.
    #[error("the passphrase is empty")]
    Empty,
    /// It has less than [`LEAST_BITS`].
    #[error("the passphrase is too easy to guess: about 2^{bits} guesses find it; six random words make a good one")]
    Guessable {
        /// Its strength in whole bits.
        bits: u32,
    },
    /// It has a character that nobody sees, so that what is seen of it, typed again, would open nothing.
    #[error("the passphrase has a character that cannot be seen: U+{:04X}", u32::from(*character))]
    Unseen {
        /// The first such character.
        character: char,
    },
}

/// Checks that a passphrase is strong enough for a keyring.
///
/// ```
/// use zkvault_core::passphrase::{WeakPassphraseError, check};
///
/// assert_eq!(check(""), Err(WeakPassphraseError::Empty));
/// for guessable in ["password123", "qwertyuiop", "Zkvault2026!", "aaaaaaaaaaaaaaaa", "P@ssw0rd P@ssw0rd"] {
///     assert!(matches!(check(guessable), Err(WeakPassphraseError::Guessable { bits: ..40 })), "{guessable}");
/// }
/// assert!(check("xK4)vq9#Lm2").is_ok());
/// ```
///
/// # Errors
/// [`WeakPassphraseError::Empty`]; [`WeakPassphraseError::Unseen`] for what [`unseen`] finds; and
/// [`WeakPassphraseError::Guessable`] below [`LEAST_BITS`].
pub fn check(passphrase: &str) -> Result<(), WeakPassphraseError> {
    if let Some(character) = unseen(passphrase) {
        return Err(WeakPassphraseError::Unseen { character });
    }
    match strength(passphrase) {
        _ if passphrase.is_empty() => Err(WeakPassphraseError::Empty),
        bits if bits < LEAST_BITS => Err(WeakPassphraseError::Guessable { bits: bits as u32 }),
        _ => Ok(()),
    }
}

/// Estimates how many guesses find a passphrase: the logarithm to base 2. Takes time in proportion to its length, and looks
/// at 256 characters at most.
///
/// It is no measure of a passphrase that a generator made: for that,
/// [`Generated::entropy_bits`](crate::generate::Generated::entropy_bits) is exact.
#[must_use]
pub fn strength(passphrase: &str) -> f64 {
    let characters: Zeroizing<Vec<char>> = Zeroizing::new(passphrase.chars().take(MAX_JUDGED).collect());
    let plain: Zeroizing<Vec<char>> = Zeroizing::new(characters.iter().copied().map(plain).collect());
    let (mut bits, mut place) = (0.0, 0);
    let mut seen: Vec<&[char]> = Vec::new();
    while place < characters.len() {
        let (length, cost) = part(&characters, &plain, place);
        let part = plain.get(place..place + length).unwrap_or_default();
        bits += match seen.contains(&part) {
            true => HABIT_BITS,
            false => cost,
        };
        seen.push(part);
        place += length;
    }
    bits
}

/// A character in lower case, and the letter that a symbol or digit often stands for.
fn plain(character: char) -> char {
    match character {
        '4' | '@' => 'a',
        '3' => 'e',
        '1' | '!' => 'i',
        '0' => 'o',
        '5' | '$' => 's',
        '7' => 't',
        other => other.to_ascii_lowercase(),
    }
}

/// Whether it may be part of a word. What is not ASCII is, in some language; tables that say of which are not worth their size.
const fn is_letter(character: &char) -> bool {
    character.is_ascii_alphabetic() || !character.is_ascii()
}

/// The part that begins at `place`: its length in characters, and its bits.
///
/// The first rule that fits decides: a pattern, letters up to the next pattern, digits, a space, any other character.
fn part(characters: &[char], plain: &[char], place: usize) -> (usize, f64) {
    let rest = characters.get(place..).unwrap_or_default();
    if let Some(found) = pattern(rest, plain.get(place..).unwrap_or_default()) {
        return found;
    }
    match rest.first() {
        Some(first) if is_letter(first) => {
            // Letters end where a pattern begins.
            let is_over = |ahead: &usize| {
                let at = place + ahead;
                let next = characters.get(at..).unwrap_or_default();
                !next.first().is_some_and(is_letter) || pattern(next, plain.get(at..).unwrap_or_default()).is_some()
            };
            let length = (1..=rest.len()).find(is_over).unwrap_or(1);
            (length, letters(rest.get(..length).unwrap_or_default()))
        }
        Some(first) if first.is_ascii_digit() => {
            let length = rest.iter().take_while(|next| next.is_ascii_digit()).count();
            (length, digits(rest.get(..length).unwrap_or_default()))
        }
        Some(' ') => (1, HABIT_BITS),
        _ => (1, SYMBOL_BITS),
    }
}

/// A common word, or a run of equal or neighbouring characters, if one begins here.
fn pattern(rest: &[char], plain: &[char]) -> Option<(usize, f64)> {
    let case = |length: usize| {
        let changed = rest.iter().zip(plain).take(length).any(|(one, other)| one != other);
        if changed { HABIT_BITS } else { 0.0 }
    };
    if let Some(length) = common_word(rest, plain) {
        return Some((length, COMMON_BITS + case(length)));
    }
    let first = *rest.first()?;
    let equal = rest.iter().take_while(|next| **next == first).count();
    if equal >= 3 {
        return Some((equal, SYMBOL_BITS + (equal as f64).log2()));
    }
    let length = run_by_step(rest, 1).max(run_by_step(rest, -1)).max(on_keyboard(rest));
    (length >= 3).then(|| (length, SEQUENCE_BITS + (length as f64).log2()))
}

/// The length of the longest common word that begins here. Digits alone are no word, whatever letters they stand for.
fn common_word(rest: &[char], plain: &[char]) -> Option<usize> {
    let begins = |word: &&str| word.chars().zip(plain).filter(|(one, other)| one == *other).count() == word.len();
    let longest = COMMON_WORDS
        .split_ascii_whitespace()
        .filter(begins)
        .map(str::len)
        .max()?;
    let has_letter = rest.iter().take(longest).any(is_letter);
    has_letter.then_some(longest)
}

/// How many characters follow each other in Unicode, forwards or backwards.
fn run_by_step(rest: &[char], step: i64) -> usize {
    let follows = |pair: &[char]| match pair {
        [one, next] => i64::from(u32::from(*next)) - i64::from(u32::from(*one)) == step,
        _ => false,
    };
    1 + rest.windows(2).take_while(|pair| follows(pair)).count()
}

/// How many characters are beside each other on a keyboard, in either direction; at least four, since three may be a word.
fn on_keyboard(rest: &[char]) -> usize {
    let lower: String = rest.iter().take(12).map(|next| next.to_ascii_lowercase()).collect();
    let lower = Zeroizing::new(lower);
    let reversed = |row: &str| row.chars().rev().collect::<String>();
    let rows = KEYBOARD_ROWS.iter().flat_map(|row| [(*row).to_owned(), reversed(row)]);
    let begins = |row: String| {
        let first = lower.chars().next()?;
        let tail = row.get(row.find(first)?..)?;
        Some(
            tail.chars()
                .zip(lower.chars())
                .take_while(|(one, other)| one == other)
                .count(),
        )
    };
    rows.filter_map(begins)
        .max()
        .filter(|length| *length >= 4)
        .unwrap_or_default()
}

/// What letters cost: as words when they look like some, else each for itself.
fn letters(letters: &[char]) -> f64 {
    let count = letters.len() as f64;
    let capitals = letters.iter().filter(|letter| letter.is_ascii_uppercase()).count();
    let usual_case = capitals == 0
        || capitals == letters.len()
        || (capitals == 1 && letters.first().is_some_and(|first| first.is_ascii_uppercase()));
    if !looks_like_words(letters) {
        return count * if capitals == 0 { LETTER_BITS } else { LETTER_BITS + 1.0 };
    }
    let case = match (capitals, usual_case) {
        (0, _) => 0.0,
        (_, true) => HABIT_BITS,
        _ => 3.0,
    };
    // The first letter of a word says most; of several words in one, each has about seven.
    let one_word = (2.0 + 2.0 * count).min(WORD_BITS);
    one_word + (count - 9.0).max(0.0) * WORD_BITS / 7.5 + case
}

/// Whether most letters follow each other as in words. Letters outside of ASCII are those of some language.
fn looks_like_words(letters: &[char]) -> bool {
    let pairs = letters.windows(2);
    let count = pairs.len();
    let common = pairs.filter(|pair| is_common_pair(pair)).count();
    count > 0 && common * 5 >= count * 3
}

fn is_common_pair(pair: &[char]) -> bool {
    let place = |letter: char| u32::from(letter.to_ascii_lowercase()).checked_sub(u32::from('a'));
    let [Some(one), Some(next)] = [pair.first(), pair.get(1)].map(|letter| letter.copied().and_then(place)) else {
        return true;
    };
    match COMMON_BIGRAMS.get(one as usize) {
        Some(followers) if next < 26 => (followers >> next) & 1 == 1,
        _ => true,
    }
}

fn digits(digits: &[char]) -> f64 {
    let usual = digits.len() as f64 * DIGIT_BITS;
    match digits {
        ['1', '9', _, _] | ['2', '0', _, _] => YEAR_BITS,
        _ if matches!(digits.len(), 6 | 8) => usual.min(DATE_BITS),
        _ => usual,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;
    use crate::generate::{PassphraseRules, PasswordRules};

    #[derive(Deserialize)]
    struct Vectors {
        weak: Vec<String>,
        strong: Vec<String>,
    }

    #[test]
    fn every_vector_is_judged_as_it_says() {
        let vectors: Vectors = serde_json::from_str(include_str!("../../tests/vectors/passphrases.json")).unwrap();
        let judged = |passphrase: &String| format!("{passphrase}: {:.1}", strength(passphrase));
        let wrong: Vec<_> = vectors
            .weak
            .iter()
            .filter(|weak| check(weak).is_ok())
            .map(judged)
            .collect();
        assert_eq!(wrong, [""; 0], "weak ones that pass");
        let wrong: Vec<_> = vectors
            .strong
            .iter()
            .filter(|strong| check(strong).is_err())
            .map(judged)
            .collect();
        assert_eq!(wrong, [""; 0], "strong ones that do not");
    }

    #[test]
    fn what_the_generator_makes_is_strong() {
        for words in 5..8 {
            for separator in ['-', ' ', '.'] {
                let rules = PassphraseRules {
                    words,
                    separator: Some(separator),
                    ..PassphraseRules::default()
                };
                let made = rules.generate().unwrap();
                assert!(
                    check(made.text.expose_secret()).is_ok(),
                    "{}",
                    made.text.expose_secret()
                );
            }
        }
        for length in [14, 20, 40] {
            let made = PasswordRules {
                length,
                ..PasswordRules::default()
            }
            .generate()
            .unwrap();
            assert!(
                check(made.text.expose_secret()).is_ok(),
                "{}",
                made.text.expose_secret()
            );
        }
    }

    #[test]
    fn the_message_says_how_weak_it_is_and_not_what_it_is() {
        let error = check("hunter2").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the passphrase is too easy to guess: about 2^10 guesses find it; six random words make a good one"
        );
        assert_eq!(check(""), Err(WeakPassphraseError::Empty));
    }

    #[test]
    fn what_is_not_seen_is_refused_however_strong_the_rest_is() {
        for character in ['\u{200b}', '\u{a0}', '\0', '\n', '\u{feff}'] {
            for passphrase in [
                format!("clamp juror onyx radiator{character}"),
                format!("clamp juror{character}onyx radiator"),
            ] {
                assert_eq!(check(&passphrase), Err(WeakPassphraseError::Unseen { character }));
            }
        }
        let error = check("clamp juror onyx radiator\u{200b}").unwrap_err();
        assert_eq!(
            error.to_string(),
            "the passphrase has a character that cannot be seen: U+200B"
        );
    }

    #[test]
    fn words_of_common_passwords_are_in_lower_case_and_have_four_letters() {
        let fits = |word: &str| word.len() >= 4 && word.bytes().all(|byte| byte.is_ascii_lowercase());
        assert!(
            COMMON_WORDS
                .split_ascii_whitespace()
                .filter(|word| *word != "zkv")
                .all(fits)
        );
    }

    proptest! {
        #[test]
        fn whatever_is_typed_is_judged_at_once(passphrase in ".{0,300}") {
            prop_assert!(strength(&passphrase).is_finite());
            prop_assert!(strength(&passphrase) >= 0.0);
        }

        #[test]
        fn repeating_it_adds_almost_nothing(word in "[a-z]{4,9}") {
            let once = strength(&word);
            let thrice = strength(&format!("{word}-{word}-{word}"));
            prop_assert!(thrice < once + 20.0);
        }
    }
}
