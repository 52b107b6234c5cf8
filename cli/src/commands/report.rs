//! Where a report goes and in which form: rows, JSON, HTML or Markdown.

use std::path::{Path, PathBuf};

use serde::Serialize;
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

/// What a report is, in every form; only one of them is made.
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
                Form::Document(document) => output.bytes(written(document, reported).as_bytes()),
                Form::Json => output.json(&reported.json()),
                Form::Rows => {
                    if let Some(foreword) = reported.foreword().filter(|_| output.is_for_people()) {
                        output.table(&foreword)?;
                        output.line("")?;
                    }
                    output.rows(&reported.rows(), &reported.json())
                }
            };
        };
        let bytes = match self.form {
            Form::Document(document) => written(document, reported).into_bytes(),
            Form::Json => output.json_bytes(&reported.json())?,
            Form::Rows => reported.rows().comma_separated().into_bytes(),
        };
        sink.write(&bytes)?;
        sink.commit()?;
        output.note(&format!("wrote {}", shown_path(&path)));
        Ok(())
    }
}

fn written(document: Document, reported: &impl Reported) -> String {
    match document {
        Document::Html => reported.report().html(),
        Document::Markdown => reported.report().markdown(),
    }
}

/// As was asked for, and otherwise by the end of the file's name.
fn form(path: Option<&Path>, context: &Context<'_>) -> Result<Form> {
    if let Some(document) = context.output.document() {
        return Ok(Form::Document(document));
    }
    let format = context.output.format();
    let end = path.and_then(Path::extension).map(|end| end.to_ascii_lowercase());
    let end = end.as_ref().and_then(|end| end.to_str());
    match (format, path, end) {
        (Some(Format::Json), ..) | (None, Some(_), Some("json")) => Ok(Form::Json),
        (_, None, _) | (Some(Format::Csv), ..) | (None, Some(_), Some("csv")) => Ok(Form::Rows),
        (None, Some(_), Some("html" | "htm")) => Ok(Form::Document(Document::Html)),
        (None, Some(_), Some("md" | "markdown")) => Ok(Form::Document(Document::Markdown)),
        _ => Err(CliError::usage("a report is written as HTML, Markdown, CSV or JSON")
            .hint("end the file's name with .html, .md, .csv or .json, or give --format")),
    }
}
