//! In which form lists are printed, and the rest of what a command finds.

use std::path::Path;

use clap::ValueEnum;
use serde::Serialize;
use serde_json::value::RawValue;
use zkvault::report::Report;

use super::{Output, json, layout, styled_stdout};
use crate::clock::Times;
use crate::error::{CliError, Result};
use crate::output::Table;
use crate::platform;

/// Forms of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    // Not in comments of documentation: help with a line for each of them would be in every command's help.
    Table,
    Json,
    Ndjson,
    Csv,
    Tsv,
    Env,
    Html,
    Markdown,
}

/// Forms of a report that are documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Document {
    /// One page for a browser.
    Html,
    /// Markdown.
    Markdown,
}

impl Document {
    /// The form that the end of a file's name says.
    pub(crate) fn by_name(path: &Path) -> Option<Self> {
        let end = path.extension()?.to_str()?.to_ascii_lowercase();
        match end.as_str() {
            "html" | "htm" => Some(Self::Html),
            "md" | "markdown" => Some(Self::Markdown),
            _ => None,
        }
    }

    /// As [`Self::by_name`], where the file is nothing but such a document.
    pub(crate) fn named(path: &Path) -> Result<Self> {
        Self::by_name(path).ok_or_else(|| {
            CliError::usage("this is written as HTML or Markdown").hint("end the file's name with .html or .md")
        })
    }

    /// A report in this form.
    pub(crate) fn of(self, report: &Report) -> String {
        match self {
            Self::Html => report.html(),
            Self::Markdown => report.markdown(),
        }
    }
}

impl Output {
    /// Prints rows in the form that was asked for; `json` is what they are to programs.
    pub(crate) fn rows(self, table: &Table, json: &impl Serialize) -> Result<()> {
        match self.format {
            Some(Format::Json) => self.json(json),
            Some(Format::Ndjson) => self.bytes(&ndjson(json)?),
            _ => self.table(table),
        }
    }

    /// The form that was asked for.
    pub(crate) fn format(self) -> Option<Format> {
        self.format
    }

    /// The document that was asked for, which only reports can be.
    pub(crate) fn document(self) -> Option<Document> {
        match self.format? {
            Format::Html => Some(Document::Html),
            Format::Markdown => Some(Document::Markdown),
            Format::Table | Format::Json | Format::Ndjson | Format::Csv | Format::Tsv | Format::Env => None,
        }
    }

    /// Whether rows are laid out for people.
    pub(crate) fn is_for_people(self) -> bool {
        self.format.map_or(self.terminal, |format| format == Format::Table)
    }

    /// Whether a form was asked for that only rows have.
    pub(crate) fn is_tabular(self) -> bool {
        self.format.is_some_and(|format| format != Format::Json)
    }

    /// As [`Self::rows`], of a search: a person gets no heading above nothing.
    pub(crate) fn found(self, table: &Table, json: &impl Serialize) -> Result<()> {
        match self.is_for_people() && table.rows.is_empty() {
            true => Ok(()),
            false => self.rows(table, json),
        }
    }

    /// As [`Self::rows`], for programs first: JSON lines unless a form was asked for.
    pub(crate) fn records(self, table: &Table, json: &impl Serialize) -> Result<()> {
        match self.format {
            None => self.bytes(&ndjson(json)?),
            Some(_) => self.rows(table, json),
        }
    }

    /// Prints rows that have no JSON form of their own.
    pub(crate) fn table(self, table: &Table) -> Result<()> {
        match self.format {
            Some(Format::Csv) => self.bytes(table.comma_separated().as_bytes()),
            Some(Format::Env) => self.bytes(table.assignments().as_bytes()),
            Some(Format::Table) => self.laid_out(table),
            None if self.terminal => self.laid_out(table),
            _ => self.bytes(table.tab_separated().as_bytes()),
        }
    }

    fn laid_out(self, table: &Table) -> Result<()> {
        styled_stdout(&layout::laid_out(table, platform::columns(), Times::new(self.iso)))
    }
}

/// A line for each member of a list; a document that is none is one line.
fn ndjson(json: &impl Serialize) -> Result<Vec<u8>> {
    let mut line = json::line(json)?;
    if let Ok(list) = serde_json::from_slice::<Vec<&RawValue>>(&line) {
        let mut lines = Vec::with_capacity(line.len());
        for member in list {
            lines.extend_from_slice(member.get().as_bytes());
            lines.push(b'\n');
        }
        return Ok(lines);
    }
    line.push(b'\n');
    Ok(line)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_list_is_a_line_for_each_and_anything_else_is_one() {
        let lines = |json| String::from_utf8(ndjson(&json).unwrap()).unwrap();
        assert_eq!(lines(json!([{"a": "x\u{9b}"}, 2])), "{\"a\":\"x\\u009b\"}\n2\n");
        assert_eq!(lines(json!([])), "");
        assert_eq!(lines(json!({"a": [1]})), "{\"a\":[1]}\n");
    }
}
