//! JSON in which no text steers a terminal: what could is spelled `\\uXXXX`, which every reader takes for the same text.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{CompactFormatter, Formatter, PrettyFormatter};

use crate::error::{CliError, Exit, Result};
use zkvault_core::text::is_deceptive;

/// On several lines, for people to read as well.
pub(super) fn pretty(value: &impl Serialize) -> Result<Vec<u8>> {
    write(value, PrettyFormatter::new())
}

/// On one line, without its end.
pub(super) fn line(value: &impl Serialize) -> Result<Vec<u8>> {
    write(value, CompactFormatter)
}

fn write(value: &impl Serialize, formatter: impl Formatter) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    value
        .serialize(&mut Serializer::with_formatter(&mut bytes, Plain(formatter)))
        .map_err(|error| CliError::new(Exit::Other, "json", "cannot write JSON").cause(error))?;
    Ok(bytes)
}

/// Writes as another formatter does, and escapes more.
struct Plain<F>(F);

impl<F: Formatter> Formatter for Plain<F> {
    fn write_string_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        spell_out(writer, fragment, is_deceptive)
    }

    /// A value that is written as it came. White space outside of its texts is a control character too, and stays.
    fn write_raw_fragment<W: ?Sized + io::Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let is_space = |character| matches!(character, '\t' | '\r' | '\n');
        spell_out(writer, fragment, |character| {
            is_deceptive(character) && !is_space(character)
        })
    }

    fn begin_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_array(writer)
    }

    fn end_array<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array(writer)
    }

    fn begin_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_array_value(writer, first)
    }

    fn end_array_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_array_value(writer)
    }

    fn begin_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object(writer)
    }

    fn end_object<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object(writer)
    }

    fn begin_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        self.0.begin_object_key(writer, first)
    }

    fn end_object_key<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_key(writer)
    }

    fn begin_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.begin_object_value(writer)
    }

    fn end_object_value<W: ?Sized + io::Write>(&mut self, writer: &mut W) -> io::Result<()> {
        self.0.end_object_value(writer)
    }
}

/// Writes a part of JSON with these characters as escapes.
fn spell_out<W: ?Sized + io::Write>(
    writer: &mut W,
    fragment: &str,
    is_unsafe: impl Fn(char) -> bool,
) -> io::Result<()> {
    let mut rest = fragment;
    while let Some((at, character)) = rest.char_indices().find(|(_, character)| is_unsafe(*character)) {
        let (before, after) = rest.split_at(at);
        writer.write_all(before.as_bytes())?;
        for unit in character.encode_utf16(&mut [0; 2]) {
            write!(writer, "\\u{unit:04x}")?;
        }
        rest = after.get(character.len_utf8()..).unwrap_or_default();
    }
    writer.write_all(rest.as_bytes())
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;
    use serde_json::{Value, json};

    use super::*;

    const STEERING: &str = "a\u{9b}2J\u{7f}\u{202e}\u{200f}\u{e0041}\u{1b}[b\u{85}\u{2028}\u{feff}ü";

    #[test]
    fn nothing_steers_a_terminal_and_nothing_is_lost() {
        let value = json!({STEERING: [STEERING, {"x": STEERING}], "plain": "Größe 🦀 1"});
        for bytes in [pretty(&value).unwrap(), line(&value).unwrap()] {
            let text = String::from_utf8(bytes).unwrap();
            assert!(
                !text.contains(|character| character != '\n' && is_deceptive(character)),
                "{text:?}"
            );
            assert!(text.contains("Größe 🦀"), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
        }
    }

    #[test]
    fn values_as_they_came_are_spelled_out_too() {
        let raw = RawValue::from_string("{ \"a\":\t\"b\u{9b}\u{202e}\" }".to_owned()).unwrap();
        let text = String::from_utf8(line(&raw).unwrap()).unwrap();
        assert_eq!(text, "{ \"a\":\t\"b\\u009b\\u202e\" }");
        assert_eq!(pretty(&json!({"a": []})).unwrap(), b"{\n  \"a\": []\n}");
    }
}
