//! `zkv journal`: the changes that zkv made at LogMeOnce.

use serde::Serialize;
use serde_json::Value;
use zkvault::journal::{Entry, JournalFinding, JournalReading};

use super::consent;
use crate::args::{JournalCommand, JournalList, JournalShow, JournalVerify};
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;
use crate::output::{Cell, Table, escaped};

/// Findings that the error at the end names; of more, the number.
const MAX_NAMED: usize = 5;

pub(crate) fn run(command: &JournalCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        JournalCommand::List(args) => list(args, &read_and_warn(context)?, context),
        JournalCommand::Show(args) => show(args, &read_and_warn(context)?, context),
        JournalCommand::Export(_) => export(&read_and_warn(context)?, context),
        JournalCommand::Verify(args) => verify(args, context),
    }
}

fn read_and_warn(context: &Context<'_>) -> Result<JournalReading> {
    let reading = read(context)?;
    for finding in reading.findings.iter().filter(|finding| finding.is_fault()) {
        let warning = format!("the journal is damaged: {finding}; zkv journal verify");
        context.output.warning(&warning);
    }
    Ok(reading)
}

fn read(context: &Context<'_>) -> Result<JournalReading> {
    let keyring = keyring_file::unlock(context)?;
    Ok(JournalReading::of(&context.profile()?.files()?, &keyring)?)
}

/// A change as programs get it.
#[derive(Serialize)]
struct Row<'a> {
    number: u64,
    time: Stamp,
    account: &'a str,
    by: &'a str,
    text: String,
    outcome: &'static str,
    ended: Option<Stamp>,
    status: Option<u16>,
    code: Option<&'a str>,
    change: Value,
    names: Value,
}

impl<'a> Row<'a> {
    fn of(entry: &'a Entry) -> Self {
        Self {
            number: entry.number,
            time: Stamp(entry.time),
            account: &entry.account,
            by: &entry.by,
            text: entry.text(),
            outcome: entry.outcome(),
            ended: entry.ended.map(Stamp),
            status: entry.status,
            code: entry.code.as_deref(),
            change: entry.change_json(),
            names: entry.names.clone().into_iter().collect(),
        }
    }

    /// The outcome with what is known of its reason.
    fn ending(&self) -> String {
        let status = self.status.map(|status| format!("status {status}"));
        let why: Vec<String> = self.code.map(str::to_owned).into_iter().chain(status).collect();
        match why.is_empty() {
            true => self.outcome.to_owned(),
            false => format!("{} ({})", self.outcome, why.join(", ")),
        }
    }
}

fn list(args: &JournalList, reading: &JournalReading, context: &Context<'_>) -> Result<Exit> {
    let skipped = args
        .last
        .map_or(0, |last| reading.entries.len().saturating_sub(last.get()));
    let rows: Vec<Row<'_>> = reading.entries.iter().skip(skipped).map(Row::of).collect();
    let mut table = Table::new(&["NUMBER", "TIME", "CHANGE", "OUTCOME"]).wrapped(&["CHANGE", "OUTCOME"]);
    for row in &rows {
        let number = Cell::from(row.number.to_string());
        table.row([number, row.time.into(), row.text.as_str().into(), row.ending().into()]);
    }
    if rows.is_empty() {
        context.output.note("no changes are recorded");
    }
    context.output.found(&table, &rows)?;
    Ok(Exit::Success)
}

fn show(args: &JournalShow, reading: &JournalReading, context: &Context<'_>) -> Result<Exit> {
    let entry = reading.entries.iter().find(|entry| entry.number == args.number);
    let entry = entry.ok_or_else(|| {
        let message = format!("the journal has no change {}", args.number);
        CliError::new(Exit::NotFound, "no-such-change", message).hint("zkv journal list shows their numbers")
    })?;
    let row = Row::of(entry);
    let mut table = Table::pairs();
    table.row([Cell::from("change"), row.text.as_str().into()]);
    table.row([Cell::from("time"), row.time.into()]);
    table.row([Cell::from("account"), row.account.into()]);
    table.row([Cell::from("by"), row.by.into()]);
    table.row([Cell::from("outcome"), row.ending().into()]);
    table.row([Cell::from("recorded"), Cell::time(row.ended)]);
    for (thing, name) in &entry.names {
        table.row([Cell::from(thing.as_str()), name.as_str().into()]);
    }
    context.output.rows(&table, &row)?;
    Ok(Exit::Success)
}

fn export(reading: &JournalReading, context: &Context<'_>) -> Result<Exit> {
    let rows: Vec<Row<'_>> = reading.entries.iter().map(Row::of).collect();
    let mut table = Table::new(&[
        "NUMBER", "TIME", "ACCOUNT", "BY", "CHANGE", "OUTCOME", "ENDED", "STATUS", "CODE",
    ]);
    for row in &rows {
        table.row([
            Cell::from(row.number.to_string()),
            row.time.into(),
            row.account.into(),
            row.by.into(),
            row.text.as_str().into(),
            row.outcome.into(),
            Cell::time(row.ended),
            row.status.map(|status| status.to_string()).unwrap_or_default().into(),
            Cell::text(row.code),
        ]);
    }
    context.output.records(&table, &rows)?;
    Ok(Exit::Success)
}

/// A journal's state as programs get it.
#[derive(Serialize)]
struct Verification {
    changes: usize,
    records: u64,
    first: Option<u64>,
    head: Option<String>,
    damaged: bool,
    findings: Vec<Found>,
}

#[derive(Serialize)]
struct Found {
    code: &'static str,
    text: String,
}

fn verify(args: &JournalVerify, context: &Context<'_>) -> Result<Exit> {
    let expected = args.expect.as_deref().map(parse_head).transpose()?;
    let reading = read(context)?;
    let head = reading.last().map(|(number, digest)| format!("{number}:{digest}"));
    let mut table = Table::pairs();
    table.row(["changes".to_owned(), reading.entries.len().to_string()]);
    table.row(["records".to_owned(), reading.records.to_string()]);
    if let Some(first) = reading.first().filter(|first| *first > 1) {
        table.row(["first".to_owned(), first.to_string()]);
    }
    if let Some(head) = &head {
        table.row(["head".to_owned(), head.clone()]);
    }
    let found = |finding: &JournalFinding| Found {
        code: finding.code(),
        text: finding.to_string(),
    };
    let verification = Verification {
        changes: reading.entries.len(),
        records: reading.records,
        first: reading.first(),
        head,
        damaged: reading.is_damaged(),
        findings: reading.findings.iter().map(found).collect(),
    };
    context.output.rows(&table, &verification)?;
    for finding in reading.findings.iter().filter(|finding| !finding.is_fault()) {
        context.output.warning(&finding.to_string());
    }
    judge(&reading)?;
    expected.map_or(Ok(Exit::Success), |(number, digest)| compare(&reading, number, digest))
}

/// The failure that faults are.
fn judge(reading: &JournalReading) -> Result<()> {
    let faults: Vec<String> = reading
        .findings
        .iter()
        .filter(|finding| finding.is_fault())
        .map(JournalFinding::to_string)
        .collect();
    if faults.is_empty() {
        return Ok(());
    }
    let named = consent::first_of(faults.into_iter(), MAX_NAMED, "");
    Err(CliError::new(
        Exit::Integrity,
        "journal-damaged",
        "the journal is not as it was written",
    )
    .cause(named.join("; "))
    .hint("zkv journal export prints what can be read; compare it with an earlier export or a copy of the file"))
}

/// `82:q83v…`.
fn parse_head(text: &str) -> Result<(u64, &str)> {
    let parts = text.split_once(':');
    let parsed = parts.and_then(|(number, digest)| Some((number.parse().ok()?, digest)));
    parsed.ok_or_else(|| {
        CliError::usage(format!("{} is not the head of a journal", escaped(text)))
            .hint("give it as zkv journal verify prints it: NUMBER:DIGEST")
    })
}

fn compare(reading: &JournalReading, number: u64, digest: &str) -> Result<Exit> {
    let message = match reading.matches(number, digest) {
        Some(true) => return Ok(Exit::Success),
        Some(false) => format!("record {number} is not the one that was noted"),
        None if reading.first().is_some_and(|first| number < first) => {
            format!("record {number} is older than the journal, which begins later")
        }
        None => format!("there is no record {number}: the journal was cut off or replaced"),
    };
    Err(CliError::new(Exit::Integrity, "journal-forked", message)
        .hint("compare zkv journal export with an earlier export"))
}
