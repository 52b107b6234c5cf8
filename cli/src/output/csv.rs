//! Cells of comma-separated values (RFC 4180), safe to open in a spreadsheet.

use super::escape::escaped;

/// A cell. Control characters are escaped; a text that a spreadsheet would calculate gets an apostrophe in front.
pub(crate) fn csv_cell(text: &str) -> String {
    let text = escaped(text);
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    let quoted = text.replace('"', "\"\"");
    match (is_formula, quoted.contains(['"', ',', ' ', '\''])) {
        (true, _) => format!("\"'{quoted}\""),
        (false, true) => format!("\"{quoted}\""),
        (false, false) => quoted,
    }
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
        ] {
            assert_eq!(csv_cell(text), cell);
        }
    }
}
