//! Rows of text, for people and for programs.

use comfy_table::{Cell, ContentArrangement, presets};

use super::escape::escaped;

/// A header and rows; every row has as many cells as the header.
#[derive(Debug)]
pub(crate) struct Table {
    header: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &'static [&'static str]) -> Self {
        Self {
            header,
            rows: Vec::new(),
        }
    }

    /// Adds a row of cells, which may hold foreign text.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.header.len());
        self.rows.push(cells.into());
    }

    /// Aligned columns under a header.
    pub(super) fn for_terminal(&self) -> String {
        let mut table = comfy_table::Table::new();
        // Long cells go on over the terminal's edge: a secret that is broken into lines cannot be copied.
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Disabled);
        table.set_header(self.header.iter().copied());
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| Cell::new(escaped(cell))));
        }
        format!("{}\n", table.trim_fmt())
    }

    /// One line a row, cells separated by tabs. A tab or line end inside a cell is escaped, so that neither
    /// can end it.
    pub(super) fn tab_separated(&self) -> String {
        let line = |row: &Vec<String>| row.iter().map(|cell| escaped(cell)).collect::<Vec<_>>().join("\t") + "\n";
        self.rows.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["id", "name"]);
        table.row(["1".to_owned(), "a\tb\nc".to_owned()]);
        table.row(["20".to_owned(), "\u{1b}[31mred".to_owned()]);
        table
    }

    #[test]
    fn a_program_gets_one_line_a_row_and_no_header() {
        assert_eq!(table().tab_separated(), "1\ta\\tb\\nc\n20\t\\u{1b}[31mred\n");
    }

    #[test]
    fn a_person_gets_a_header_and_no_control_characters() {
        let text = table().for_terminal();
        assert!(text.starts_with(" id  name"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }
}
