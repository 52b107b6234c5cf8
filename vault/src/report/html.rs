//! A report as one HTML page.
//!
//! Its policy permits the one style and the one script that are in it, by their digests: whatever a name of a service
//! would inject could neither run nor load anything, even if the escaping had a fault.

use std::borrow::Cow;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};
use zkvault_core::time::rfc3339;

use super::model::{Bars, Cell, Column, ColumnKind, Fact, Finding, Layout, Part, Report, Step, Table};
use super::text::{html as text, html_lines};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// The longest bar, in the units of its drawing.
const BAR_LEN: u64 = 1000;
/// Things that a finding shows at once; more of them are behind a line that unfolds.
const SHOWN_ITEMS: usize = 5;

impl Report {
    /// The report as an HTML page in one file.
    #[must_use]
    pub fn html(&self) -> String {
        let mut page = Page::default();
        page.head(self);
        page.letterhead(self);
        page.out.push_str("<main>\n");
        self.parts.iter().for_each(|part| page.part(part));
        page.out.push_str("</main>\n");
        if self.layout == Layout::Page {
            page.out
                .push_str("<footer><p>This file loads nothing and sends nothing.</p></footer>\n");
            page.element("script", SCRIPT);
        }
        page.out.push_str("</body>\n</html>\n");
        page.out
    }
}

/// A page that is being written.
#[derive(Default)]
struct Page {
    out: String,
    /// Ids that were given.
    ids: usize,
}

impl Page {
    fn head(&mut self, report: &Report) {
        let (class, scripts) = match report.layout {
            Layout::Page => ("page", format!("script-src {}; ", digest(SCRIPT))),
            Layout::Letter => ("letter", String::new()),
        };
        self.add(format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; {scripts}style-src {}; \
             base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
             <meta name=\"robots\" content=\"noindex\">\n<title>{}</title>\n",
            digest(STYLE),
            text(&report.title)
        ));
        self.element("style", STYLE);
        self.add(format_args!("</head>\n<body class=\"{class}\">\n"));
    }

    fn letterhead(&mut self, report: &Report) {
        let made = rfc3339(report.made);
        self.add(format_args!(
            "<header>\n<h1><bdi>{}</bdi></h1>\n<p><bdi>{}</bdi> · <time datetime=\"{made}\">{}</time></p>\n</header>\n",
            text(&report.title),
            text(&report.account),
            shown_time(report.made)
        ));
    }

    fn part(&mut self, part: &Part) {
        match part {
            Part::Heading(heading) => self.add(format_args!("<h2><bdi>{}</bdi></h2>\n", text(heading))),
            Part::Paragraph(paragraph) => self.add(format_args!("<p><bdi>{}</bdi></p>\n", text(paragraph))),
            Part::Code(code) => self.add(format_args!("<pre><code>{}</code></pre>\n", html_lines(code))),
            Part::Facts(facts) => self.facts(facts),
            Part::Findings(findings) => self.findings(findings),
            Part::Steps(steps) => self.steps(steps),
            Part::Table(table) => self.table(table),
            Part::Bars(bars) => self.bars(bars),
        }
    }

    fn facts(&mut self, facts: &[Fact]) {
        self.out.push_str("<dl class=\"facts\">\n");
        for Fact { label, value, level } in facts {
            let class = level.map_or("", |level| level.name());
            self.add(format_args!(
                "<div class=\"fact {class}\"><dt><bdi>{}</bdi></dt><dd><bdi>{}</bdi></dd></div>\n",
                text(label),
                text(value)
            ));
        }
        self.out.push_str("</dl>\n");
    }

    fn findings(&mut self, findings: &[Finding]) {
        self.out.push_str("<ul class=\"findings\">\n");
        for finding in findings {
            let name = finding.level.name();
            self.add(format_args!(
                "<li class=\"finding {name}\"><p><strong class=\"level\">{name}</strong> <bdi>{}</bdi></p>\n",
                text(&finding.text)
            ));
            let (shown, folded) = finding.items.split_at(finding.items.len().min(SHOWN_ITEMS));
            self.items(shown);
            if !folded.is_empty() {
                self.add(format_args!("<details><summary>{} more</summary>\n", folded.len()));
                self.items(folded);
                self.out.push_str("</details>\n");
            }
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ul>\n");
    }

    fn items(&mut self, items: &[String]) {
        if items.is_empty() {
            return;
        }
        self.out.push_str("<ul>\n");
        for item in items {
            self.add(format_args!("<li><bdi>{}</bdi></li>\n", text(item)));
        }
        self.out.push_str("</ul>\n");
    }

    fn steps(&mut self, steps: &[Step]) {
        self.out.push_str("<ol class=\"steps\">\n");
        for Step { text: what, command } in steps {
            self.add(format_args!("<li><bdi>{}</bdi>", text(what)));
            if let Some(command) = command {
                self.add(format_args!("\n<pre><code>{}</code></pre>", html_lines(command)));
            }
            self.out.push_str("</li>\n");
        }
        self.out.push_str("</ol>\n");
    }

    /// The table scrolls sideways where the page is too narrow, and takes the focus, so that the keyboard can do it.
    fn table(&mut self, table: &Table) {
        let id = self.id();
        self.add(format_args!(
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-labelledby=\"{id}\">\n<table>\n\
             <caption id=\"{id}\"><bdi>{}</bdi></caption>\n<thead><tr>",
            text(&table.caption)
        ));
        for Column { name, kind } in &table.columns {
            self.add(format_args!(
                "<th scope=\"col\" class=\"{}\"><bdi>{}</bdi></th>",
                kind.class(),
                text(name)
            ));
        }
        self.out.push_str("</tr></thead>\n<tbody>\n");
        for row in &table.rows {
            self.out.push_str("<tr>");
            for (at, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
                self.cell(cell, column.kind, at == 0);
            }
            self.out.push_str("</tr>\n");
        }
        self.out.push_str("</tbody>\n</table>\n</div>\n");
        if table.rows.is_empty() {
            self.out.push_str("<p class=\"none\">None.</p>\n");
        }
    }

    /// What a cell is sorted by is with it where its text does not say it.
    fn cell(&mut self, cell: &Cell, kind: ColumnKind, is_first: bool) {
        let (open, close) = match is_first {
            true => ("th scope=\"row\"", "th"),
            false => ("td", "td"),
        };
        let class = kind.class();
        match cell {
            Cell::Empty => self.add(format_args!("<{open} class=\"{class}\"></{close}>")),
            Cell::Text(words) => self.add(format_args!(
                "<{open} class=\"{class}\"><bdi>{}</bdi></{close}>",
                text(words)
            )),
            Cell::Number(number) => self.add(format_args!("<{open} class=\"{class}\">{number}</{close}>")),
            Cell::Time(seconds) => self.add(format_args!(
                "<{open} class=\"{class}\"><time datetime=\"{}\">{}</time></{close}>",
                rfc3339(*seconds),
                shown_time(*seconds)
            )),
            Cell::Flag(truth) => {
                let word = if *truth { "yes" } else { "no" };
                self.add(format_args!("<{open} class=\"{class} {word}\">{word}</{close}>"));
            }
        }
    }

    /// A list of labels and numbers, each with a drawing that says nothing else.
    fn bars(&mut self, bars: &Bars) {
        let id = self.id();
        self.add(format_args!(
            "<figure class=\"bars\" aria-labelledby=\"{id}\">\n<figcaption id=\"{id}\"><bdi>{}</bdi></figcaption>\n<dl>\n",
            text(&bars.caption)
        ));
        let longest = bars.bars.iter().map(|(_, number)| *number).max().unwrap_or_default();
        for (label, number) in &bars.bars {
            let length = bar_length(*number, longest);
            self.add(format_args!(
                "<div><dt><bdi>{}</bdi></dt><dd><svg aria-hidden=\"true\" viewBox=\"0 0 {BAR_LEN} 10\" \
                 preserveAspectRatio=\"none\"><rect width=\"{length}\" height=\"10\"/></svg><span>{number}</span></dd></div>\n",
                text(label)
            ));
        }
        self.out.push_str("</dl>\n</figure>\n");
    }

    /// An element that holds exactly the text of whose digest the policy speaks.
    fn element(&mut self, name: &str, content: &str) {
        self.add(format_args!("<{name}>{content}</{name}>\n"));
    }

    fn id(&mut self) -> String {
        self.ids += 1;
        format!("part-{}", self.ids)
    }

    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        // A String takes everything.
        let _ = self.out.write_fmt(text);
    }
}

impl ColumnKind {
    const fn class(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "number",
            Self::Time => "time",
            Self::Flag => "flag",
        }
    }
}

/// A number that is not zero has a bar that can be seen.
fn bar_length(number: u64, longest: u64) -> u128 {
    let scaled = u128::from(number) * u128::from(BAR_LEN) / u128::from(longest.max(1));
    scaled.max(u128::from(number > 0) * 5)
}

/// A source in a policy: an element with exactly this text.
fn digest(content: &str) -> String {
    format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(content)))
}

/// Such as `2020-04-09 17:16 UTC`.
pub(super) fn shown_time(seconds: u64) -> Cow<'static, str> {
    let whole = rfc3339(seconds);
    match whole
        .split_once('T')
        .and_then(|(day, time)| Some((day, time.get(..5)?)))
    {
        Some((day, time)) => format!("{day} {time} UTC").into(),
        None => whole.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Level;

    const HOSTILE: [&str; 6] = [
        "</script><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "gpj.\u{202e}exe",
        "a\u{0}b\u{1b}[31m\r\n",
        "</title></style><base href=//evil>",
        "&lt;b&gt; 'x'",
    ];

    /// A report in which every text is the same.
    fn filled(hostile: &str, layout: Layout) -> Report {
        let mut report = Report::new(hostile, hostile, 1_767_225_600);
        report.layout = layout;
        report.heading(hostile);
        report.paragraph(hostile);
        report.code(hostile);
        report.facts([Fact::new(hostile, hostile).level(Level::Critical)]);
        let items = vec![hostile.to_owned(); 9];
        let (level, text) = (Level::Warning, hostile.to_owned());
        report.findings([Finding { level, text, items }]);
        report.steps([Step {
            text: hostile.to_owned(),
            command: Some(hostile.to_owned()),
        }]);
        let mut table = Table::new(
            hostile,
            [Column::text(hostile), Column::number("Number"), Column::time("Time")],
        );
        table.row([hostile.into(), 7_u64.into(), Cell::Time(1_586_452_560)]);
        table.row([hostile.into()]);
        report.table(table);
        report.bars(hostile, [(hostile.to_owned(), 3)]);
        report
    }

    /// The page without what this program wrote itself.
    fn tags(page: &str) -> Vec<&str> {
        let inside = page.replace(STYLE, "").replace(SCRIPT, "");
        let count = |tag: &&&str| inside.contains(**tag);
        [
            "<img",
            "<base",
            "<script>alert",
            "onerror=alert(1)>",
            "\u{202e}",
            "\u{0}",
            "\u{1b}",
            "\r",
        ]
        .iter()
        .filter(count)
        .copied()
        .collect()
    }

    #[test]
    fn no_text_of_a_report_becomes_markup() {
        let harmless = filled("name", Layout::Page).html();
        for hostile in HOSTILE {
            let page = filled(hostile, Layout::Page).html();
            assert_eq!(tags(&page), [""; 0], "{hostile:?}");
            // The hostile page has the markup of the harmless one, and nothing more.
            for mark in ['<', '>', '"'] {
                assert_eq!(
                    page.matches(mark).count(),
                    harmless.matches(mark).count(),
                    "{hostile:?}"
                );
            }
        }
    }

    #[test]
    fn the_policy_permits_exactly_the_style_and_script_that_are_there() {
        let page = filled("name", Layout::Page).html();
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'; \
             require-trusted-types-for 'script'; trusted-types 'none'",
            digest(SCRIPT),
            digest(STYLE)
        );
        assert!(page.contains(&format!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">"
        )));
        assert!(
            page.contains(&format!("<script>{SCRIPT}</script>")) && page.contains(&format!("<style>{STYLE}</style>"))
        );
        assert!(page.find("http-equiv") < page.find("<style>"), "the policy comes first");
        for text in [STYLE, SCRIPT] {
            // What a browser's parser would change is not what the digest is of, and nothing is loaded.
            assert!(!text.contains('\r') && !text.contains("</") && !text.contains("<!--"));
            assert!(!text.contains("url(") && !text.contains("@import") && !text.contains("//"));
        }
    }

    #[test]
    fn a_letter_has_no_script() {
        let letter = filled("name", Layout::Letter).html();
        assert!(!letter.contains("<script") && !letter.contains("script-src"));
        assert!(letter.contains("<body class=\"letter\">"));
    }

    #[test]
    fn the_same_report_is_the_same_page() {
        assert_eq!(filled("name", Layout::Page).html(), filled("name", Layout::Page).html());
    }

    #[test]
    fn a_page_grows_with_its_rows() {
        let of = |rows: u64| {
            let mut report = Report::new("Long", "acme.example", 0);
            let mut table = Table::new("Rows", [Column::text("Name"), Column::number("Number")]);
            (0..rows).for_each(|row| table.row(["</td>".into(), (10_000 + row).into()]));
            report.table(table);
            report.html().len()
        };
        let (none, some, many) = (of(0), of(1_000), of(10_000));
        // A page without rows says so.
        let none = none - "<p class=\"none\">None.</p>\n".len();
        assert_eq!((some - none) * 10, many - none);
    }

    #[test]
    fn a_small_number_has_a_bar_and_none_has_none() {
        assert_eq!(
            [0, 1, 500, 1_000_000].map(|number| bar_length(number, 1_000_000)),
            [0, 5, 5, 1000]
        );
        assert_eq!(bar_length(0, 0), 0);
        assert_eq!(bar_length(u64::MAX, u64::MAX), 1000);
        assert_eq!(shown_time(1_586_452_560), "2020-04-09 17:16 UTC");
        assert_eq!(shown_time(u64::MAX), u64::MAX.to_string());
    }
}
