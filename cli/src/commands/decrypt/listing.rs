//! The table of a document's values.

use std::sync::Arc;

use zeroize::Zeroizing;
use zkvault_core::document::{DecryptReport, InputError, InputFailure, InputRef, decrypt_site};
use zkvault_core::key::KeySet;
use zkvault_core::value::OpenedValue;
use zkvault_core::{Coded as _, SecretBuffer};

use crate::error::{CliError, Result};
use crate::output::{Output, Table};
use zkvault::documents::SiteWork;

const MASK: &str = "********";

/// Opens every value and keeps a row for it; nothing is copied.
pub(super) struct ListingWork {
    pub(super) keys: Arc<KeySet>,
    pub(super) reveal: bool,
}

/// The rows of one piece of the document, and the inputs that did not open.
#[derive(Default)]
pub(super) struct Report {
    pub(super) rows: Vec<Row>,
    pub(super) failures: Vec<InputFailure>,
}

/// One input.
pub(super) struct Row {
    site_id: Option<u64>,
    site_name: String,
    input_type: String,
    input_name: String,
    value: Zeroizing<String>,
    layout: String,
}

impl SiteWork for ListingWork {
    type Report = Report;
    type Error = CliError;

    fn site(&self, site: &[u8], output: &mut SecretBuffer, report: &mut Report) -> Result<()> {
        let mut collector = Collector {
            report,
            reveal: self.reveal,
        };
        decrypt_site(&self.keys, site, output, &mut collector).map_err(CliError::malformed_site)
    }
}

struct Collector<'a> {
    report: &'a mut Report,
    reveal: bool,
}

impl DecryptReport for Collector<'_> {
    fn opened(&mut self, input: &InputRef<'_>, value: OpenedValue) {
        let shown = match self.reveal {
            true => value.text.expose_secret(),
            false => MASK,
        };
        self.report.rows.push(row(input, shown, value.layout.name()));
    }

    fn failed(&mut self, input: &InputRef<'_>, error: InputError) {
        self.report.rows.push(row(input, "", error.code()));
        self.report.failures.failed(input, error);
    }
}

fn row(input: &InputRef<'_>, value: &str, layout: &str) -> Row {
    Row {
        site_id: input.site_id(),
        site_name: input.site_name().to_owned(),
        input_type: input.input_type().into_owned(),
        input_name: input.name().into_owned(),
        value: Zeroizing::new(value.to_owned()),
        layout: layout.to_owned(),
    }
}

/// The rows of the whole document.
pub(super) struct Listing {
    table: Table,
}

impl Listing {
    pub(super) fn new() -> Self {
        Self {
            table: Table::new(&["SITE", "NAME", "TYPE", "INPUT", "VALUE", "LAYOUT"]).cut(&["NAME", "INPUT"]),
        }
    }

    pub(super) fn add(&mut self, rows: Vec<Row>) {
        for mut row in rows {
            let site_id = row.site_id.map(|id| id.to_string()).unwrap_or_default();
            let value = std::mem::take(&mut *row.value);
            self.table.row([
                site_id,
                row.site_name,
                row.input_type,
                row.input_name,
                value,
                row.layout,
            ]);
        }
    }

    pub(super) fn print(&self, output: Output) -> Result<()> {
        output.table(&self.table)
    }
}
