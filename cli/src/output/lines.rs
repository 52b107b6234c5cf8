//! Rows that are printed as they come, for programs: a list of 100,000 sites is never in memory as a table.

use std::fs::File;
use std::io::Write as _;

use super::{Cell, Format, Output, escaped, raw_stdout, stdout_error};
use crate::clock::{Stamp, shown};
use crate::error::Result;

/// Bytes that are written at once.
const BUFFER_LEN: usize = 64 * 1024;

/// What is in one place of a row, borrowed from what it is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field<'a> {
    /// Text, which may be foreign, or nothing.
    Text(Option<&'a str>),
    /// A number of ours, as it is written.
    Number(u64),
    /// A time, or nothing.
    Time(Option<Stamp>),
    /// A word of ours about how something is, which has a colour.
    State(&'static str),
}

impl From<Field<'_>> for Cell {
    fn from(field: Field<'_>) -> Self {
        match field {
            Field::Text(text) => Self::text(text),
            Field::Number(number) => Self::from(number.to_string()),
            Field::Time(time) => Self::time(time),
            Field::State(state) => Self::State(state),
        }
    }
}

/// Writes rows as [`Table::tab_separated`](super::Table) does, a buffer at a time.
#[derive(Debug)]
pub(crate) struct Lines {
    stdout: File,
    buffer: Vec<u8>,
}

impl Output {
    /// Where rows are tab-separated lines: a writer of them.
    pub(crate) fn lines(self) -> Result<Option<Lines>> {
        match self.format {
            Some(Format::Tsv) => {}
            None if !self.terminal => {}
            _ => return Ok(None),
        }
        Ok(Some(Lines {
            stdout: raw_stdout()?,
            buffer: Vec::with_capacity(BUFFER_LEN),
        }))
    }
}

impl Lines {
    /// Adds a row.
    pub(crate) fn row<const N: usize>(&mut self, fields: [Field<'_>; N]) -> Result<()> {
        for (place, field) in fields.into_iter().enumerate() {
            if place > 0 {
                self.buffer.push(b'\t');
            }
            match field {
                Field::Text(text) => self.text(text.unwrap_or_default()),
                Field::Number(number) => self.text(&number.to_string()),
                Field::Time(time) => self.text(&time.map(|Stamp(seconds)| shown(seconds)).unwrap_or_default()),
                Field::State(state) => self.text(state),
            }
        }
        self.buffer.push(b'\n');
        match self.buffer.len() < BUFFER_LEN {
            true => Ok(()),
            false => self.write(),
        }
    }

    /// Writes what is left.
    pub(crate) fn finish(mut self) -> Result<()> {
        self.write()
    }

    /// A tab or line end inside a cell is escaped, so that neither can end it.
    fn text(&mut self, text: &str) {
        self.buffer.extend_from_slice(escaped(text).as_bytes());
    }

    fn write(&mut self) -> Result<()> {
        let written = self.stdout.write_all(&self.buffer).and_then(|()| self.stdout.flush());
        self.buffer.clear();
        written.map_err(|error| stdout_error(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Table;
    use super::*;

    /// What a writer of lines wrote, and the same rows as a table writes them.
    fn both(rows: &[[Field<'_>; 3]]) -> [String; 2] {
        let file = tempfile::NamedTempFile::new().unwrap();
        let (mut lines, mut table) = (
            Lines {
                stdout: file.reopen().unwrap(),
                buffer: Vec::new(),
            },
            Table::new(&["A", "B", "C"]),
        );
        for row in rows {
            lines.row(*row).unwrap();
            table.row(row.map(Cell::from));
        }
        lines.finish().unwrap();
        [std::fs::read_to_string(file.path()).unwrap(), table.tab_separated()]
    }

    #[test]
    fn lines_are_those_of_a_table() {
        let rows = [
            [Field::Number(0), Field::Text(Some("a\tb\n\u{1b}")), Field::Time(None)],
            [
                Field::Number(u64::MAX),
                Field::Text(None),
                Field::Time(Some(Stamp(1_586_452_560))),
            ],
            [Field::Number(1_749_398), Field::Text(Some("Größe")), Field::State("ok")],
        ];
        let [lines, table] = both(&rows);
        assert_eq!(lines, table);
        // More than a buffer.
        let many: Vec<_> = rows.iter().cycle().take(5000).copied().collect();
        let [lines, table] = both(&many);
        assert!(lines.len() > BUFFER_LEN && lines == table);
    }
}
