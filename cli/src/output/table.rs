//! Rows of text, for people and for programs.

use comfy_table::{Cell, ColumnConstraint, ContentArrangement, presets};

use super::escape::escaped;

/// A column that continues in the next line keeps this many characters in a line.
const MIN_BROKEN_WIDTH: u16 = 16;
/// Empty columns beside a cell.
const PADDING: u16 = 2;

/// A header and rows; every row has as many cells as the header.
#[derive(Debug)]
pub(crate) struct Table {
    header: &'static [&'static str],
    breakable: &'static [&'static str],
    rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn new(header: &'static [&'static str]) -> Self {
        Self {
            header,
            breakable: &[],
            rows: Vec::new(),
        }
    }

    /// Lets the cells of these columns continue in the next line where the terminal is too narrow. All others stay
    /// whole: a secret that is broken into lines cannot be copied.
    pub(crate) fn breakable(self, columns: &'static [&'static str]) -> Self {
        let breakable = columns;
        Self { breakable, ..self }
    }

    /// Adds a row of cells, which may hold foreign text.
    pub(crate) fn row<const N: usize>(&mut self, cells: [String; N]) {
        debug_assert_eq!(N, self.header.len());
        self.rows.push(cells.into());
    }

    /// Aligned columns under a header, for a terminal of `width` columns where that is known. What cannot be
    /// broken continues past the terminal's edge.
    pub(super) fn for_terminal(&self, width: Option<u16>) -> String {
        let mut table = comfy_table::Table::new();
        table
            .load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic);
        table.set_header(self.header.iter().copied());
        for row in &self.rows {
            table.add_row(row.iter().map(|cell| Cell::new(escaped(cell))));
        }
        self.arrange(&mut table, width);
        format!("{}\n", table.trim_fmt())
    }

    fn arrange(&self, table: &mut comfy_table::Table, width: Option<u16>) {
        let mut least = 0_u16;
        let content = table.column_max_content_widths();
        for ((column, name), content) in table.column_iter_mut().zip(self.header).zip(content) {
            let kept = match self.breakable.contains(name) {
                true => content.min(MIN_BROKEN_WIDTH),
                false => {
                    column.set_constraint(ColumnConstraint::ContentWidth);
                    content
                }
            };
            least = least.saturating_add(kept).saturating_add(PADDING);
        }
        if let Some(width) = width {
            table.set_width(width.max(least));
        }
    }

    /// One line a row, cells separated by tabs. A tab or line end inside a cell is escaped, so that neither
    /// can end it.
    pub(super) fn tab_separated(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            for (place, cell) in row.iter().enumerate() {
                text.push_str(if place == 0 { "" } else { "\t" });
                text.push_str(&escaped(cell));
            }
            text.push('\n');
        }
        text
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
        let text = table().for_terminal(Some(80));
        assert!(text.starts_with(" id  name"), "{text}");
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn names_are_broken_to_the_terminal_and_secrets_are_not() {
        let mut table = Table::new(&["NAME", "VALUE"]).breakable(&["NAME"]);
        let (name, secret) = ("a long name ".repeat(10), "x".repeat(40));
        table.row([name, secret.clone()]);
        for (terminal, widest) in [(80, 80), (20, 60)] {
            let text = table.for_terminal(Some(terminal));
            assert!(text.contains(&secret), "{text}");
            assert!(text.lines().all(|line| line.len() <= widest), "{text}");
        }
        assert_eq!(table.for_terminal(None).lines().count(), 2);
    }
}
