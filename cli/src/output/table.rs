//! Rows of cells, and how programs get them: comma-separated, tab-separated, or as assignments of a shell.
//! How people get them is in [`super::layout`].

use std::borrow::Cow;

use zkvault_core::time::rfc3339;

use super::csv::csv_cell;
use crate::clock::Stamp;
use crate::escape::escaped;

/// Every variable of `--format env` begins with it, and is in lower case: no name that a service chose is one that a
/// shell or a program looks up.
const VARIABLE: &str = "zkv_";

/// What is in one place of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    /// Text, which may be foreign.
    Text(String),
    /// Seconds since 1970.
    Time(u64),
    /// A word of ours about how something is, which has a colour.
    State(&'static str),
}

impl Cell {
    /// A time, or nothing.
    pub(crate) fn time(time: Option<Stamp>) -> Self {
        time.map_or_else(|| Self::Text(String::new()), Self::from)
    }

    /// Text, or nothing.
    pub(crate) fn text(text: Option<&str>) -> Self {
        Self::Text(text.unwrap_or_default().to_owned())
    }

    /// Whether nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Self::Text(text) if text.is_empty()) || matches!(self, Self::State(""))
    }

    /// As programs get it: the same tomorrow.
    fn plain(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Time(seconds) => Cow::Owned(rfc3339(*seconds)),
            Self::State(state) => Cow::Borrowed(state),
        }
    }
}

impl From<Stamp> for Cell {
    fn from(Stamp(seconds): Stamp) -> Self {
        Self::Time(seconds)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

/// What gives way where a terminal is too narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Room {
    /// Nothing: an id, a verdict, a secret that is to be copied.
    Whole,
    /// The end of the text, for which `…` stands.
    Cut,
    /// Nothing: the text continues in the next line, at a word.
    Wrapped,
    /// The whole column: only programs get it.
    Hidden,
}

/// A name and what of its cells gives way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) room: Room,
}

/// Rows under a header; every row has a cell for each column.
#[derive(Debug)]
pub(crate) struct Table {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// Whether a row is what one thing is called and is; people need no header above that.
    pub(super) pairs: bool,
}

impl Table {
    /// A list of things, a row for each.
    pub(crate) fn new(names: &[&'static str]) -> Self {
        let room = Room::Whole;
        Self {
            columns: names.iter().map(|name| Column { name, room }).collect(),
            rows: Vec::new(),
            pairs: false,
        }
    }

    /// One thing, a row for each of its members.
    pub(crate) fn pairs() -> Self {
        let pairs = Self {
            pairs: true,
            ..Self::new(&["FIELD", "VALUE"])
        };
        pairs.wrapped(&["VALUE"])
    }

    /// Lets these columns be cut: names and hosts, of which the beginning says enough.
    pub(crate) fn cut(self, names: &[&str]) -> Self {
        self.with(names, Room::Cut)
    }

    /// Lets the sentences in these columns continue in the next line.
    pub(crate) fn wrapped(self, names: &[&str]) -> Self {
        self.with(names, Room::Wrapped)
    }

    /// Keeps these columns for programs.
    pub(crate) fn hidden(self, names: &[&str]) -> Self {
        self.with(names, Room::Hidden)
    }

    fn with(mut self, names: &[&str], room: Room) -> Self {
        debug_assert!(
            names
                .iter()
                .all(|name| self.columns.iter().any(|column| column.name == *name))
        );
        let named = self.columns.iter_mut().filter(|column| names.contains(&column.name));
        named.for_each(|column| column.room = room);
        self
    }

    /// Adds a row.
    pub(crate) fn row<C: Into<Cell>, const N: usize>(&mut self, cells: [C; N]) {
        debug_assert_eq!(N, self.columns.len());
        self.rows.push(cells.into_iter().map(Into::into).collect());
    }

    /// Adds a row with as many cells as there are columns.
    pub(crate) fn cells(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells: Vec<Cell> = cells.into_iter().collect();
        debug_assert_eq!(cells.len(), self.columns.len());
        self.rows.push(cells);
    }

    /// One line a row, cells separated by tabs. A tab or line end inside a cell is escaped, so that neither can end it.
    pub(super) fn tab_separated(&self) -> String {
        self.lines(|text, cell| text.push_str(&escaped(cell)), '\t', "\n")
    }

    /// A header, and one record a row (RFC 4180).
    pub(crate) fn comma_separated(&self) -> String {
        let names: Vec<String> = self.columns.iter().map(|column| variable(column.name)).collect();
        let records = self.lines(|text, cell| text.push_str(&csv_cell(cell)), ',', "\r\n");
        format!("{}\r\n{records}", names.join(","))
    }

    fn lines(&self, add: impl Fn(&mut String, &str), separator: char, end: &str) -> String {
        let mut text = String::new();
        for row in &self.rows {
            for (place, cell) in row.iter().enumerate() {
                if place > 0 {
                    text.push(separator);
                }
                add(&mut text, &cell.plain());
            }
            text.push_str(end);
        }
        text
    }

    /// Assignments that a shell reads: those of a row in a line, or each member of one thing in a line of its own.
    pub(super) fn assignments(&self) -> String {
        let mut text = String::new();
        for row in &self.rows {
            let assigned: Vec<String> = match row.as_slice() {
                [name, value] if self.pairs => vec![assignment(&name.plain(), value)],
                cells => {
                    let named = self.columns.iter().zip(cells);
                    named.map(|(column, cell)| assignment(column.name, cell)).collect()
                }
            };
            text.push_str(&assigned.join(" "));
            text.push('\n');
        }
        text
    }
}

/// `zkv_name='a value'`.
fn assignment(name: &str, value: &Cell) -> String {
    let value = value.plain();
    format!(
        "{VARIABLE}{}='{}'",
        variable(name),
        escaped(&value).replace('\'', r"'\''")
    )
}

/// A name in lower case, with `_` for what a variable's name cannot have.
fn variable(name: &str) -> String {
    let fits = |character: char| match character.is_ascii_alphanumeric() {
        true => character.to_ascii_lowercase(),
        false => '_',
    };
    name.chars().map(fits).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["ID", "FULL NAME", "UPDATED"]).hidden(&["FULL NAME"]);
        let text = |text: &str| Cell::Text(text.to_owned());
        table.row([text("1"), text("a\tb\nc"), Cell::Time(0)]);
        table.row([text("20"), text("\u{1b}[31mit's, =red"), Cell::time(None)]);
        table
    }

    #[test]
    fn a_program_gets_one_line_a_row_and_times_that_do_not_change() {
        assert_eq!(
            table().tab_separated(),
            "1\ta\\tb\\nc\t1970-01-01T00:00:00Z\n20\t\\u{1b}[31mit's, =red\t\n"
        );
    }

    #[test]
    fn a_spreadsheet_gets_a_header() {
        let text = table().comma_separated();
        let lines: Vec<&str> = text.split("\r\n").collect();
        assert_eq!(lines[0], "id,full_name,updated");
        assert_eq!(lines[1], "1,a\\tb\\nc,1970-01-01T00:00:00Z");
        assert!(lines[2].starts_with("20,\"") && lines[3].is_empty(), "{lines:?}");
    }

    #[test]
    fn a_shell_gets_assignments_to_names_that_nothing_else_reads() {
        assert_eq!(
            table().assignments(),
            "zkv_id='1' zkv_full_name='a\\tb\\nc' zkv_updated='1970-01-01T00:00:00Z'\n\
             zkv_id='20' zkv_full_name='\\u{1b}[31mit'\\''s, =red' zkv_updated=''\n"
        );
        let mut pairs = Table::pairs();
        pairs.row(["PATH".to_owned(), "/evil".to_owned()]);
        pairs.row(["a b;c\u{e9}".to_owned(), "$(id)".to_owned()]);
        assert_eq!(pairs.assignments(), "zkv_path='/evil'\nzkv_a_b_c_='$(id)'\n");
    }
}
