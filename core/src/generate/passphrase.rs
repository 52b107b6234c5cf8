//! Passphrases of random words.
//!
//! A passphrase is for what a person types: the keyring, a machine's disk. Six words have 77.5 bits, which with
//! Argon2id are out of reach; more than the words themselves is not needed, and a digit is only for forms that want
//! one.

use zeroize::Zeroizing;

use super::{GenerateError, Generated, Uniform, check_length};
use crate::error::RandomError;
use crate::random;
use crate::secret::SecretText;

const LEAST_WORDS: usize = 3;
const MOST_WORDS: usize = 64;
const WORD_COUNT: u16 = 7776;
const LONGEST_WORD: usize = 9;

/// The words that passphrases are made of: 7776 different ones, one a line.
///
/// 7,776 is 6⁵: the list was made for five dice a word.
#[derive(Clone, Copy)]
pub struct WordList<'a>(&'a str);

impl WordList<'static> {
    /// The EFF's large wordlist (attribution: `core/NOTICE`).
    pub const EFF_LARGE: Self = Self(include_str!("eff_large_wordlist.txt"));
}

impl<'a> WordList<'a> {
    /// A list that is kept elsewhere, since it is 62 KB. None unless it has 7776 lines of at most 9 bytes, each after
    /// the one before in the order of bytes: with a word in it twice, some passphrases would be likelier than others.
    #[must_use]
    pub fn new(lines: &'a str) -> Option<Self> {
        let fits = |word: &str| (1..=LONGEST_WORD).contains(&word.len());
        let is_whole = lines.lines().count() == usize::from(WORD_COUNT) && lines.lines().all(fits);
        (is_whole && lines.lines().is_sorted_by(|before, after| before < after)).then_some(Self(lines))
    }

    fn word(self, index: usize) -> Option<&'a str> {
        self.0.lines().nth(index)
    }
}

/// Without the words.
impl std::fmt::Debug for WordList<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("WordList")
    }
}

/// What a random passphrase is made of: 3 to 64 words of the EFF's large wordlist (7776 words, 12.9 bits each).
///
/// The default is six words with `-` between them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PassphraseRules {
    /// How many words.
    pub words: usize,
    /// What stands between two words: no letter, digit or control character. `None` only with capitals, or
    /// one passphrase could be made of several lists of words and be likelier than others.
    pub separator: Option<char>,
    /// Write every word with a capital.
    pub capitalise: bool,
    /// Put a digit after one of the words.
    pub digit: bool,
}

impl Default for PassphraseRules {
    fn default() -> Self {
        Self {
            words: 6,
            separator: Some('-'),
            capitalise: false,
            digit: false,
        }
    }
}

impl PassphraseRules {
    /// A new passphrase: every one that the rules allow is equally likely.
    ///
    /// # Errors
    /// [`GenerateError`] when the number of words is out of limits, the words could not be told apart, or there
    /// are no random bytes.
    pub fn generate(&self) -> Result<Generated, GenerateError> {
        self.generate_of(WordList::EFF_LARGE)
    }

    /// As [`generate`](Self::generate), of the words of a list.
    ///
    /// # Errors
    /// As of [`generate`](Self::generate).
    pub fn generate_of(&self, words: WordList<'_>) -> Result<Generated, GenerateError> {
        self.generate_from(words, random::fill)
    }

    fn generate_from(
        &self,
        words: WordList<'_>,
        source: impl FnMut(&mut [u8]) -> Result<(), RandomError>,
    ) -> Result<Generated, GenerateError> {
        check_length("words", self.words, LEAST_WORDS, MOST_WORDS)?;
        let separable = match self.separator {
            Some(separator) => !separator.is_alphanumeric() && !separator.is_control(),
            None => self.capitalise,
        };
        if !separable {
            return Err(GenerateError::Separator);
        }
        Ok(Generated {
            text: self.draw(words, &mut Uniform::new(source))?,
            entropy_bits: self.entropy(),
        })
    }

    /// The place of the digit is drawn first, then the words in their order.
    fn draw<F>(&self, words: WordList<'_>, uniform: &mut Uniform<F>) -> Result<SecretText, RandomError>
    where
        F: FnMut(&mut [u8]) -> Result<(), RandomError>,
    {
        // Room for the longest result: a string that grows leaves unwiped copies behind.
        let most = self.words * (LONGEST_WORD + char::MAX.len_utf8()) + 1;
        let mut text = Zeroizing::new(String::with_capacity(most));
        let digit = self.draw_digit(uniform)?;
        for place in 0..self.words {
            if let (Some(separator), true) = (self.separator, place > 0) {
                text.push(separator);
            }
            let word = words.word(uniform.below(WORD_COUNT)?).ok_or(RandomError)?;
            self.push_word(&mut text, word);
            if let Some((_, digit)) = digit.filter(|(chosen, _)| *chosen == place) {
                text.push(digit);
            }
        }
        Ok(SecretText::from(std::mem::take(&mut *text)))
    }

    /// The place of the word that gets a digit, and the digit.
    fn draw_digit<F>(&self, uniform: &mut Uniform<F>) -> Result<Option<(usize, char)>, RandomError>
    where
        F: FnMut(&mut [u8]) -> Result<(), RandomError>,
    {
        if !self.digit {
            return Ok(None);
        }
        let words = u16::try_from(self.words).map_err(|_| RandomError)?;
        let place = uniform.below(words)?;
        let digit = "0123456789".chars().nth(uniform.below(10)?).ok_or(RandomError)?;
        Ok(Some((place, digit)))
    }

    fn push_word(&self, text: &mut String, word: &str) {
        let mut letters = word.chars();
        if let (true, Some(first)) = (self.capitalise, letters.next()) {
            text.push(first.to_ascii_uppercase());
            text.push_str(letters.as_str());
        } else {
            text.push_str(word);
        }
    }

    /// `words · log2 7776`, and with a digit `log2(words · 10)` more.
    fn entropy(&self) -> f64 {
        let digit = if self.digit {
            (self.words as f64 * 10.0).log2()
        } else {
            0.0
        };
        self.words as f64 * f64::from(WORD_COUNT).log2() + digit
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::testing::stream;
    use super::*;

    const WORDS: &str = WordList::EFF_LARGE.0;

    #[test]
    fn the_list_is_the_effs() {
        let words: HashSet<_> = WORDS.lines().collect();
        assert_eq!(WORDS.lines().count(), usize::from(WORD_COUNT));
        assert_eq!(words.len(), usize::from(WORD_COUNT));
        assert!(
            words
                .iter()
                .all(|word| word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-'))
        );
        assert_eq!(words.iter().map(|word| word.len()).max(), Some(LONGEST_WORD));
        assert_eq!(words.iter().map(|word| word.len()).min(), Some(3));
        let ends = (WORDS.lines().next(), WORDS.lines().nth(1295), WORDS.lines().next_back());
        // 11111, 16666 and 66666 on the EFF's dice.
        assert_eq!(ends, (Some("abacus"), Some("copilot"), Some("zoom")));
    }

    #[test]
    fn a_list_from_elsewhere_is_whole_and_has_no_word_twice() {
        assert!(WordList::new(WORDS).is_some());
        let twice = WORDS.replacen("abdomen", "abacus", 1);
        let long = WORDS.replacen("abacus", "abacus-abacus", 1);
        for list in ["", &WORDS[7..], &format!("{WORDS}zoomer\n"), &twice, &long] {
            assert!(WordList::new(list).is_none());
        }
    }

    /// Four words have a hyphen in them. None can be read as two words of the list.
    #[test]
    fn hyphens_never_make_a_passphrase_ambiguous() {
        let words: HashSet<_> = WORDS.lines().collect();
        let mut seen = 0;
        for (left, right) in WORDS.lines().filter_map(|word| word.split_once('-')) {
            assert!(!words.contains(left) || !words.contains(right), "{left}-{right}");
            seen += 1;
        }
        assert_eq!(seen, 4);
    }

    #[test]
    fn a_fixed_stream_gives_fixed_passphrases() {
        let mut random = stream(7);
        let mut next = |rules: PassphraseRules| {
            let generated = rules.generate_from(WordList::EFF_LARGE, &mut random).unwrap();
            format!("{} {:.3}", generated.text.expose_secret(), generated.entropy_bits)
        };
        let rules = PassphraseRules::default();
        insta::assert_snapshot!(next(rules), @"reflux-treble-speed-prodigy-ellipse-desolate 77.549");
        let capitalise = true;
        insta::assert_snapshot!(next(PassphraseRules { separator: None, capitalise, ..rules }), @"ReciteTwineObtuseDroveSlawLimb 77.549");
        let (separator, digit) = (Some('·'), true);
        insta::assert_snapshot!(next(PassphraseRules { words: 3, separator, digit, ..rules }), @"brussels·stunner·marbles9 43.681");
    }

    #[test]
    fn every_word_can_get_the_digit_and_every_digit_comes() {
        let rules = PassphraseRules {
            words: 3,
            digit: true,
            ..PassphraseRules::default()
        };
        let mut random = stream(1);
        let (mut places, mut digits) = (HashSet::new(), HashSet::new());
        for _ in 0..200 {
            let generated = rules.generate_from(WordList::EFF_LARGE, &mut random).unwrap();
            let text = generated.text.expose_secret();
            let found: Vec<_> = text.char_indices().filter(|(_, c)| c.is_ascii_digit()).collect();
            assert_eq!(found.len(), 1, "{text}");
            digits.insert(found[0].1);
            let spaced = text.replace(found[0].1, "");
            assert!(spaced.len() == text.len() - 1);
            places.insert((text[..found[0].0].matches('-').count(), text.ends_with(found[0].1)));
        }
        assert_eq!(digits.len(), 10);
        assert!(places.len() >= 3, "{places:?}");
    }

    #[test]
    fn the_string_never_outgrows_its_buffer() {
        let rules = PassphraseRules {
            words: MOST_WORDS,
            separator: Some('\u{1f511}'),
            digit: true,
            capitalise: true,
        };
        let longest = rules.words * (LONGEST_WORD + char::MAX.len_utf8()) + 1;
        let text = rules.generate().unwrap().text;
        assert!(text.expose_secret().len() <= longest);
    }

    #[test]
    fn words_that_run_together_are_refused() {
        let separated = |separator, capitalise| {
            PassphraseRules {
                separator,
                capitalise,
                ..PassphraseRules::default()
            }
            .generate()
            .map(|_| ())
        };
        for separator in [None, Some('a'), Some('É'), Some('7'), Some('\n'), Some('\0')] {
            assert_eq!(
                separated(separator, false),
                Err(GenerateError::Separator),
                "{separator:?}"
            );
        }
        for separator in ['-', ' ', '.', '_', '🔑'] {
            assert_eq!(separated(Some(separator), false), Ok(()));
        }
        assert_eq!(separated(None, true), Ok(()));
        assert_eq!(separated(Some('a'), true), Err(GenerateError::Separator));
    }

    #[test]
    fn the_number_of_words_has_limits() {
        let sized = |words| {
            PassphraseRules {
                words,
                ..PassphraseRules::default()
            }
            .generate()
        };
        assert!(sized(3).is_ok());
        assert!(sized(64).is_ok());
        for words in [0, 2, 65, usize::MAX] {
            let error = sized(words).unwrap_err();
            assert!(matches!(error, GenerateError::Length { value, .. } if value == words));
        }
        insta::assert_snapshot!(sized(2).unwrap_err(), @"2 words were asked for: only 3 to 64 can be generated");
    }

    #[test]
    fn no_random_bytes_means_no_passphrase() {
        let failed = random::failing::with(|| PassphraseRules::default().generate());
        assert_eq!(failed.unwrap_err(), GenerateError::Random(RandomError));
    }
}
