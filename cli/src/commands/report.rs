//! Where a report goes and in which form: rows, JSON, HTML or Markdown.

use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use zkvault::report::Report;

use crate::args::Destination;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::output::{Document, Format, Table, shown_path};
use crate::sink::Sink;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Rows,
    Json,
    Document(Document),
}

/// What a report is, in every form; one of them is made.
pub(super) trait Reported {
    /// As people read it in a browser or on paper.
    fn report(&self) -> Report;

    /// As programs get it.
    fn json(&self) -> impl Serialize;

    /// The rows that a spreadsheet gets.
    fn rows(&self) -> Table;

    /// What a person at a terminal gets before the rows.
    fn foreword(&self) -> Option<Table> {
        None
    }
}

/// The JSON of a report, which is made when it is printed.
struct AsJson<'a, R>(&'a R);

impl<R: Reported> Serialize for AsJson<'_, R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        self.0.json().serialize(serializer)
    }
}

/// A form and a place.
#[derive(Debug)]
pub(super) struct Delivery {
    form: Form,
    /// A file that appears when it is complete.
    file: Option<(Sink, PathBuf)>,
}

impl Delivery {
    /// Opens the place before anything is asked of a service: a file that is there ends the command.
    pub(super) fn open(destination: &Destination, context: &Context<'_>) -> Result<Self> {
        let path = destination.path();
        let form = form(path, context)?;
        let file = match path {
            Some(path) => Some((Sink::open(Some(path), destination.force)?, path.to_owned())),
            None => None,
        };
        Ok(Self { form, file })
    }

    /// Writes or prints the report.
    pub(super) fn deliver(self, reported: &impl Reported, context: &Context<'_>) -> Result<()> {
        let output = context.output;
        let Some((mut sink, path)) = self.file else {
            return match self.form {
                Form::Document(document) => output.bytes(document.of(&reported.report()).as_bytes()),
                Form::Json => output.json(&reported.json()),
                Form::Rows => {
                    if let Some(foreword) = reported.foreword().filter(|_| output.is_for_people()) {
                        output.table(&foreword)?;
                        output.line("")?;
                    }
                    output.rows(&reported.rows(), &AsJson(reported))
                }
            };
        };
        let bytes = match self.form {
            Form::Document(document) => document.of(&reported.report()).into_bytes(),
            Form::Json => output.json_bytes(&reported.json())?,
            Form::Rows => reported.rows().comma_separated().into_bytes(),
        };
        sink.write(&bytes)?;
        sink.commit()?;
        output.note(&format!("wrote {}", shown_path(&path)));
        Ok(())
    }
}

/// As was asked for, and otherwise by the end of the file's name.
fn form(path: Option<&Path>, context: &Context<'_>) -> Result<Form> {
    if let Some(document) = context.output.document() {
        return Ok(Form::Document(document));
    }
    let format = context.output.format();
    if let (None, Some(document)) = (format, path.and_then(Document::by_name)) {
        return Ok(Form::Document(document));
    }
    let end = path.and_then(Path::extension).map(|end| end.to_ascii_lowercase());
    let end = end.as_ref().and_then(|end| end.to_str());
    match (format, path, end) {
        (Some(Format::Json), ..) | (None, Some(_), Some("json")) => Ok(Form::Json),
        (_, None, _) | (Some(Format::Csv), ..) | (None, Some(_), Some("csv")) => Ok(Form::Rows),
        _ => Err(CliError::usage("a report is written as HTML, Markdown, CSV or JSON")
            .hint("end the file's name with .html, .md, .csv or .json, or give --format")),
    }
}
