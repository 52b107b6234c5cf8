//! How the members that a type knows are read: as the API's page shows them, and as services write them otherwise.
//!
//! Programs in PHP and others without types write numbers as text, `0` and `1` for a truth value, `false` or an empty
//! text for nothing, and a list as an object whose names are numbers. Where only one meaning is possible, it is taken.
//!
//! | a member of type | is also read from |
//! |---|---|
//! | text | numbers, `true`; nothing from `null`, `false`, `[]` |
//! | number | a text of digits, a fraction's whole part below 2⁵³, `true` as 1; nothing from `null`, `false`, `""`, `[]` |
//! | truth value | 0 and 1, `yes`, `on`, `y`, `true` and their opposites in any case; nothing from `null`, `""`, `[]` |
//! | object | `[]` as an empty one; nothing from `null`, `false`, `""` |
//! | list | an object whose names are numbers, in their order; nothing from `null`, `false`, `""` |
//!
//! An id is read exactly: neither a fraction's whole part nor a truth value is one.

mod whole;

use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// Whole numbers that a floating-point number states exactly are smaller than this.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The type of a member.
///
/// Reading is by visitor and without a tree in between, for a module that browsers fetch; only where it fails,
/// `fault` reads the raw text once more to say what is wrong.
pub(super) trait Member: Sized {
    /// What an error says that was expected.
    const EXPECTED: &'static str;

    /// Reads the member; `None` where it says nothing.
    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error>;

    /// As [`read`](Self::read), for a member that says which object it is: nothing of it may be left out.
    fn read_exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        Self::read(deserializer)
    }

    /// As [`read`](Self::read), for a member that is only shown to people; `None` when it cannot be read.
    fn read_shown(raw: &RawValue) -> Option<Option<Self>> {
        Self::read(&mut serde_json::Deserializer::from_str(raw.get())).ok()
    }

    /// Where the member cannot be read, and why.
    fn fault(raw: &RawValue) -> Option<Fault> {
        let read = Self::read(&mut serde_json::Deserializer::from_str(raw.get()));
        read.is_err().then(|| Fault::here(raw, Self::EXPECTED))
    }

    /// As [`fault`](Self::fault), of a member that is read by [`read_exact`](Self::read_exact).
    fn fault_exact(raw: &RawValue) -> Option<Fault> {
        Self::fault(raw)
    }
}

/// A place at which something else was expected.
///
/// It never quotes what is there: a value may be a plaintext that a faulty service sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// The path below the member, such as `.inputs[1].value`.
    pub(super) path: String,
    /// What is there instead.
    pub(super) why: String,
}

impl Fault {
    fn here(raw: &RawValue, expected: &str) -> Self {
        Self {
            path: String::new(),
            why: format!("is {}, not {expected}", form(raw)),
        }
    }

    pub(super) fn below(self, parent: impl fmt::Display) -> Self {
        let path = format!("{parent}{}", self.path);
        Self { path, ..self }
    }
}

/// What a value is, without quoting it.
///
/// By its first byte, which is enough for text that a parser accepted.
pub(super) fn form(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b'"') if serde_json::from_str::<String>(raw.get()).is_err() => "a text with half of a surrogate pair",
        Some(b'"') => "a text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') => "null",
        _ => "a number",
    }
}

/// Reads a member from within an object.
pub(super) struct Read<T>(pub(super) PhantomData<T>);

impl<'de, T: Member> DeserializeSeed<'de> for Read<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read(deserializer)
    }
}

/// Reads a member that says which object it is.
pub(super) struct ReadExact<T>(pub(super) PhantomData<T>);

impl<'de, T: Member> DeserializeSeed<'de> for ReadExact<T> {
    type Value = Option<T>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<T>, D::Error> {
        T::read_exact(deserializer)
    }
}

impl Member for String {
    const EXPECTED: &'static str = "a text";

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(TextVisitor)
    }

    /// With the letters of a number as they came, and U+FFFD for half of a surrogate pair.
    fn read_shown(raw: &RawValue) -> Option<Option<Self>> {
        match raw.get().as_bytes().first() {
            Some(b'-' | b'0'..=b'9') => Some(Some(raw.get().to_owned())),
            Some(b'"') => serde_json::from_str::<Shown>(raw.get())
                .ok()
                .map(|Shown(text)| Some(text)),
            _ => Self::read(&mut serde_json::Deserializer::from_str(raw.get())).ok(),
        }
    }
}

struct TextVisitor;

impl<'de> Visitor<'de> for TextVisitor {
    type Value = Option<String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(String::EXPECTED)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<String>, E> {
        Ok(Some(text.to_owned()))
    }

    fn visit_string<E: Error>(self, text: String) -> Result<Option<String>, E> {
        Ok(Some(text))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Option<String>, E> {
        Ok(truth.then(|| "true".to_owned()))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<String>, E> {
        Ok(Some(number.to_string()))
    }

    fn visit_unit<E: Error>(self) -> Result<Option<String>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<String>, A::Error> {
        empty(seq)
    }
}

/// A text that people see, with U+FFFD for what is no character.
///
/// Such texts come from services that count UTF-16 units and cut names in the middle of a character.
struct Shown(String);

impl<'de> Deserialize<'de> for Shown {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(ShownVisitor).map(Self)
    }
}

struct ShownVisitor;

impl Visitor<'_> for ShownVisitor {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(String::EXPECTED)
    }

    /// Half of a surrogate pair comes as three bytes, none of which is a character's.
    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<String, E> {
        let mut text = String::with_capacity(bytes.len());
        let mut open = false;
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            open &= chunk.valid().is_empty();
            if !open && !chunk.invalid().is_empty() {
                text.push('\u{fffd}');
            }
            open = !chunk.invalid().is_empty();
        }
        Ok(text)
    }
}

impl Member for u64 {
    const EXPECTED: &'static str = "a whole number from 0 to 18446744073709551615";

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(NumberVisitor { is_exact: false })
    }

    /// Not a fraction's whole part, and no truth value: that could be the number of a different object.
    fn read_exact<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(NumberVisitor { is_exact: true })
    }

    fn fault_exact(raw: &RawValue) -> Option<Fault> {
        let read = Self::read_exact(&mut serde_json::Deserializer::from_str(raw.get()));
        read.is_err().then(|| Fault::here(raw, Self::EXPECTED))
    }
}

struct NumberVisitor {
    is_exact: bool,
}

impl<'de> Visitor<'de> for NumberVisitor {
    type Value = Option<u64>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(u64::EXPECTED)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<u64>, E> {
        Ok(Some(number))
    }

    /// Times come with fractions of seconds, which count nothing.
    fn visit_f64<E: Error>(self, number: f64) -> Result<Option<u64>, E> {
        match (0.0..EXACT).contains(&number) && !(self.is_exact && number.fract() != 0.0) {
            true => Ok(Some(number as u64)),
            false => Err(E::custom(u64::EXPECTED)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<u64>, E> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        whole(text, self.is_exact)
            .map(Some)
            .ok_or_else(|| E::custom(u64::EXPECTED))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Option<u64>, E> {
        match truth && self.is_exact {
            true => Err(E::custom(u64::EXPECTED)),
            false => Ok(truth.then_some(1)),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Option<u64>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<u64>, A::Error> {
        empty(seq)
    }
}

/// A number in digits, of which a fraction counts nothing, or must be nothing where the number is to be exact. Read as text: a reader of floating-point numbers is as long as
/// all of these.
fn whole(text: &str, is_exact: bool) -> Option<u64> {
    let Some((whole, fraction)) = text.split_once('.') else {
        return digits(text)?.parse().ok();
    };
    let zero_if_empty = if whole.is_empty() { "0" } else { digits(whole)? };
    let counts_nothing = |digit: u8| {
        if is_exact {
            digit == b'0'
        } else {
            digit.is_ascii_digit()
        }
    };
    let is_fraction = fraction.bytes().all(counts_nothing) && text.len() > 1;
    let number = zero_if_empty.parse().ok().filter(|_| is_fraction)?;
    ((number as f64) < EXACT).then_some(number)
}

fn digits(text: &str) -> Option<&str> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then_some(text)
}

impl Member for bool {
    const EXPECTED: &'static str = "true or false";

    fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Self>, D::Error> {
        deserializer.deserialize_any(TruthVisitor)
    }
}

struct TruthVisitor;

impl<'de> Visitor<'de> for TruthVisitor {
    type Value = Option<bool>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(bool::EXPECTED)
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Option<bool>, E> {
        Ok(Some(truth))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Option<bool>, E> {
        match number {
            0 | 1 => Ok(Some(number == 1)),
            _ => Err(E::custom(bool::EXPECTED)),
        }
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Option<bool>, E> {
        match text.trim().to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "1" | "true" | "yes" | "y" | "on" => Ok(Some(true)),
            "0" | "false" | "no" | "n" | "off" => Ok(Some(false)),
            _ => Err(E::custom(bool::EXPECTED)),
        }
    }

    fn visit_unit<E: Error>(self) -> Result<Option<bool>, E> {
        Ok(None)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Option<bool>, A::Error> {
        empty(seq)
    }
}

/// An empty list says nothing; any other is refused.
fn empty<'de, A: SeqAccess<'de>, T>(mut seq: A) -> Result<Option<T>, A::Error> {
    match seq.next_element::<IgnoredAny>()? {
        None => Ok(None),
        Some(_) => Err(A::Error::custom("a list was not expected")),
    }
}
