//! A report as Markdown.

use std::fmt::Write as _;

use super::html::shown_time;
use super::model::{Bars, Cell, Column, ColumnKind, Fact, Finding, Part, Report, Step, Table};
use super::text::{fenced, markdown as text};

impl Report {
    /// The report as Markdown with tables (as GitHub has them).
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = format!(
            "# {}\n\n{} · {}\n",
            text(&self.title),
            text(&self.account),
            shown_time(self.made)
        );
        for part in &self.parts {
            // A blank line ends whatever came before.
            out.push('\n');
            write_part(&mut out, part);
        }
        out
    }
}

fn write_part(out: &mut String, part: &Part) {
    match part {
        Part::Heading(heading) => add(out, format_args!("## {}\n", text(heading))),
        Part::Paragraph(paragraph) => add(out, format_args!("{}\n", text(paragraph))),
        Part::Code(code) => out.push_str(&fenced(code)),
        Part::Facts(facts) => {
            for Fact { label, value, .. } in facts {
                add(out, format_args!("* {}: {}\n", text(label), text(value)));
            }
        }
        Part::Findings(findings) => findings.iter().for_each(|finding| write_finding(out, finding)),
        Part::Steps(steps) => {
            for (number, step) in (1..).zip(steps) {
                write_step(out, number, step);
            }
        }
        Part::Table(table) => write_table(out, table),
        Part::Bars(Bars { caption, bars }) => {
            let mut table = Table::new(caption, [Column::text(""), Column::number("")]);
            for (label, number) in bars {
                table.row([label.as_str().into(), Cell::Number(*number)]);
            }
            write_table(out, &table);
        }
    }
}

fn write_finding(out: &mut String, finding: &Finding) {
    add(
        out,
        format_args!("* **{}** {}\n", finding.level.name(), text(&finding.text)),
    );
    for item in &finding.items {
        add(out, format_args!("  * {}\n", text(item)));
    }
}

/// A command is within its step, as far as its number is wide.
fn write_step(out: &mut String, number: usize, step: &Step) {
    add(out, format_args!("{number}. {}\n", text(&step.text)));
    let Some(command) = &step.command else { return };
    let indent = " ".repeat(format!("{number}. ").len());
    out.push('\n');
    for line in fenced(command).lines() {
        add(out, format_args!("{indent}{line}\n"));
    }
    out.push('\n');
}

fn write_table(out: &mut String, table: &Table) {
    add(out, format_args!("**{}**\n\n", text(&table.caption)));
    if table.rows.is_empty() {
        out.push_str("None.\n");
        return;
    }
    write_row(out, table.columns.iter().map(|column| text(&column.name)));
    write_row(out, table.columns.iter().map(|column| rule(column.kind).to_owned()));
    for row in &table.rows {
        write_row(out, row.iter().map(cell));
    }
}

fn write_row(out: &mut String, cells: impl Iterator<Item = String>) {
    out.push('|');
    cells.for_each(|cell| add(out, format_args!(" {cell} |")));
    out.push('\n');
}

const fn rule(kind: ColumnKind) -> &'static str {
    match kind {
        ColumnKind::Number => "---:",
        ColumnKind::Text | ColumnKind::Time | ColumnKind::Flag => "---",
    }
}

fn cell(cell: &Cell) -> String {
    match cell {
        Cell::Empty => String::new(),
        Cell::Text(words) => text(words),
        Cell::Number(number) => number.to_string(),
        Cell::Time(seconds) => shown_time(*seconds).into_owned(),
        Cell::Flag(true) => "yes".to_owned(),
        Cell::Flag(false) => "no".to_owned(),
    }
}

fn add(out: &mut String, text: std::fmt::Arguments<'_>) {
    // A String takes everything.
    let _ = out.write_fmt(text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Level;

    #[test]
    fn every_part_is_written_and_no_text_is_markup() {
        let mut report = Report::new("Who | what", "acme.example", 1_586_452_560);
        report.heading("# Sites");
        report.facts([Fact::new("Sites", "2")]);
        report.findings([Finding {
            level: Level::Critical,
            text: "<b>one</b>".to_owned(),
            items: vec!["*Mail*".to_owned()],
        }]);
        report.steps([Step {
            text: "Rotate it".to_owned(),
            command: Some("zkv list\n```".to_owned()),
        }]);
        let mut table = Table::new(
            "Sites",
            [Column::text("Site"), Column::number("Readers"), Column::flag("Alone")],
        );
        table.row(["a|b".into(), 3_u64.into(), true.into()]);
        report.table(table);
        report.table(Table::new("Groups", [Column::text("Group")]));
        report.bars("Ages", [("old".to_owned(), 4)]);
        let expected = "# Who \\| what\n\nacme.example · 2020-04-09 17:16 UTC\n\n## \\# Sites\n\n* Sites: 2\n\n\
            * **critical** \\<b\\>one\\</b\\>\n  * \\*Mail\\*\n\n1. Rotate it\n\n   ````\n   zkv list\n   ```\n   ````\n\n\n\
            **Sites**\n\n| Site | Readers | Alone |\n| --- | ---: | --- |\n| a\\|b | 3 | yes |\n\n**Groups**\n\nNone.\n\n\
            **Ages**\n\n|  |  |\n| --- | ---: |\n| old | 4 |\n";
        assert_eq!(report.markdown(), expected);
    }
}
