//! Cells of comma-separated values (RFC 4180), safe to open in a spreadsheet whatever it takes for a separator.
//!
//! In much of Europe a spreadsheet separates cells at `;`, others are told to at tabs or `|`, and quotation marks count
//! only at the beginning of a cell. So what follows any of these must not begin a formula either.

use crate::escape::escaped;

/// What spreadsheets separate cells at.
const SEPARATORS: [char; 4] = [',', ';', '|', '\t'];
/// What begins a formula: also in full width, which East Asian locales calculate.
const FORMULAS: [char; 8] = ['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];
/// What makes text of it.
const APOSTROPHE: char = '\'';

/// A cell. Control characters are escaped; a text that a spreadsheet would calculate, at its beginning or after any
/// separator, gets an apostrophe in front.
pub(super) fn csv_cell(text: &str) -> String {
    let text = as_text(&escaped(text));
    let quoted = text.replace('"', "\"\"");
    let needs_quotes = |character: char| {
        SEPARATORS.contains(&character) || matches!(character, '"' | APOSTROPHE) || character.is_whitespace()
    };
    match quoted.contains(needs_quotes) {
        true => format!("\"{quoted}\""),
        false => quoted,
    }
}

/// With an apostrophe before everything that begins a formula.
fn as_text(text: &str) -> String {
    let mut safe = String::with_capacity(text.len() + 2);
    // At a cell's beginning, as far as any spreadsheet could see one. White space and quotation marks before it are cut off by some.
    let mut begins = true;
    for character in text.chars() {
        if begins && FORMULAS.contains(&character) {
            safe.push(APOSTROPHE);
        }
        safe.push(character);
        begins = SEPARATORS.contains(&character) || (begins && (character.is_whitespace() || character == '"'));
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_formulas_are_text() {
        for (text, cell) in [
            ("GitHub", "GitHub"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=cmd|' /C calc'!A0", "\"'=cmd|' /C calc'!A0\""),
            ("+1", "\"'+1\""),
            ("-1", "\"'-1\""),
            ("@SUM(A1)", "\"'@SUM(A1)\""),
            ("a\r\nb", "a\\r\\nb"),
            ("\t=1", "\\t=1"),
            ("", ""),
            ("a-b=c", "a-b=c"),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }

    #[test]
    fn no_separator_begins_a_formula() {
        for (text, cell) in [
            ("x;=1", "\"x;'=1\""),
            ("x|+1", "\"x|'+1\""),
            ("x,-1", "\"x,'-1\""),
            ("x; \u{3000}@A", "\"x; \u{3000}'@A\""),
            ("x;\"=1", "\"x;\"\"'=1\""),
            ("\u{ff1d}1", "\"'\u{ff1d}1\""),
            ("a;;\u{ff20}b", "\"a;;'\u{ff20}b\""),
            ("https://a.example/;=1+1", "\"https://a.example/;'=1+1\""),
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }
}
