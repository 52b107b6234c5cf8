//! Tables on a terminal: columns that fit its width, times as ages, verdicts in colours.
//!
//! No word is broken. Where the columns are too wide together, the widest that may give way do, down to a least width;
//! what cannot give way continues past the terminal's edge.

use std::borrow::Cow;

use anstream::adapter::strip_str;
use anstyle::{AnsiColor, Style};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::table::{Cell, Column, Room, Table};
use crate::clock::Times;
use crate::escape::escaped;

/// Between two columns.
const GAP: usize = 2;
/// A column that is cut keeps at least this many characters.
const LEAST_CUT: usize = 10;
/// A column of sentences keeps at least this many, and its longest word up to the second number.
const LEAST_WRAPPED: usize = 16;
const LONGEST_WORD: usize = 64;

const HEADER: Style = Style::new().bold();
const PLAIN: Style = Style::new();
const GOOD: Style = AnsiColor::Green.on_default();
const NOTABLE: Style = AnsiColor::Yellow.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// A table for a terminal of so many columns, with the colours that the terminal may not want.
pub(super) fn laid_out(table: &Table, width: usize, times: Times) -> String {
    let shown = |place: &usize| is_shown(table, *place);
    let places: Vec<usize> = (0..table.columns.len()).filter(shown).collect();
    let columns: Vec<Column> = places
        .iter()
        .filter_map(|place| table.columns.get(*place).copied())
        .collect();
    let rows: Vec<Vec<Shown<'_>>> = table
        .rows
        .iter()
        .map(|row| {
            places
                .iter()
                .filter_map(|place| row.get(*place))
                .map(|cell| Shown::of(cell, times))
                .collect()
        })
        .collect();
    let header: Vec<Shown<'_>> = columns.iter().map(|column| Shown::new(column.name, HEADER)).collect();
    let header = (!table.pairs).then_some(header);
    let widths = widths(&columns, header.iter().chain(&rows), width);
    let mut text = String::new();
    for row in header.iter().chain(&rows) {
        add_row(&mut text, row, &columns, &widths);
    }
    text
}

/// Whether people see a column: not where it is for programs, or empty in every row.
fn is_shown(table: &Table, place: usize) -> bool {
    let room = table.columns.get(place).map(|column| column.room);
    let is_empty = |row: &Vec<Cell>| row.get(place).is_none_or(Cell::is_empty);
    room != Some(Room::Hidden) && (table.rows.is_empty() || !table.rows.iter().all(is_empty))
}

/// A cell as it is printed.
struct Shown<'a> {
    text: Cow<'a, str>,
    style: Style,
}

impl<'a> Shown<'a> {
    fn new(text: &'a str, style: Style) -> Self {
        let text = escaped(text);
        Self { text, style }
    }

    fn of(cell: &'a Cell, times: Times) -> Self {
        match cell {
            Cell::Text(text) => Self::new(text, PLAIN),
            Cell::State(state) => Self::new(state, style(state)),
            Cell::Time(seconds) => Self {
                text: Cow::Owned(times.shown(*seconds)),
                style: PLAIN,
            },
        }
    }
}

/// The colour of a verdict, or of what became of something.
fn style(state: &str) -> Style {
    match state {
        "ok" | "active" => GOOD,
        "tampered" | "rolled-back" | "failed" | "fail" => BAD,
        "inactive" | "-" | "" => PLAIN,
        _ => NOTABLE,
    }
}

/// How wide each column is.
fn widths<'a>(columns: &[Column], rows: impl Iterator<Item = &'a Vec<Shown<'a>>>, available: usize) -> Vec<usize> {
    let (mut widths, mut least) = (vec![0_usize; columns.len()], vec![0_usize; columns.len()]);
    for row in rows {
        for (((cell, column), width), least) in row.iter().zip(columns).zip(&mut widths).zip(&mut least) {
            let natural = cell.text.width();
            *width = (*width).max(natural);
            *least = (*least).max(match column.room {
                Room::Cut => natural.min(LEAST_CUT),
                Room::Wrapped => natural
                    .min(LEAST_WRAPPED)
                    .max(longest_word(&cell.text).min(LONGEST_WORD)),
                Room::Whole | Room::Hidden => natural,
            });
        }
    }
    let gaps = columns.len().saturating_sub(1) * GAP;
    let available = available.saturating_sub(gaps);
    // No column needs more than the whole terminal: what is left to do is short.
    for (width, least) in widths.iter_mut().zip(&least) {
        *width = (*width).min(available.max(*least));
    }
    while widths.iter().sum::<usize>() > available {
        let wide = widths.iter_mut().zip(&least).filter(|(width, least)| **width > **least);
        match wide.max_by_key(|(width, _)| **width) {
            Some((widest, _)) => *widest -= 1,
            None => break,
        }
    }
    widths
}

/// A line of a message in lines of at most so many columns that end at words. Its styles take no room.
pub(super) fn folded(text: &str, width: usize) -> String {
    let mut lines = String::with_capacity(text.len() + 8);
    let mut taken = 0;
    for (place, word) in text.split(' ').enumerate() {
        let room = strip_str(word).to_string().width();
        if place > 0 {
            let fits = taken + 1 + room <= width;
            lines.push(if fits { ' ' } else { '\n' });
            taken = if fits { taken + 1 } else { 0 };
        }
        lines.push_str(word);
        taken += room;
    }
    lines
}

fn longest_word(text: &str) -> usize {
    text.split(' ').map(str::width).max().unwrap_or_default()
}

/// Prints a row, in as many lines as its longest sentence needs.
fn add_row(text: &mut String, row: &[Shown<'_>], columns: &[Column], widths: &[usize]) {
    let cells = row.iter().zip(columns).zip(widths);
    let cells: Vec<Vec<Cow<'_, str>>> = cells
        .map(|((cell, column), width)| match column.room {
            Room::Cut => vec![cut(&cell.text, *width)],
            Room::Wrapped => wrapped(&cell.text, *width),
            Room::Whole | Room::Hidden => vec![Cow::Borrowed(&*cell.text)],
        })
        .collect();
    for line in 0..cells.iter().map(Vec::len).max().unwrap_or_default() {
        let mut missing = 0;
        for ((cell, lines), width) in row.iter().zip(&cells).zip(widths) {
            let part = lines.get(line).map(Cow::as_ref).unwrap_or_default();
            if !part.is_empty() {
                text.extend(std::iter::repeat_n(' ', missing));
                missing = 0;
                add_styled(text, part, cell.style);
            }
            missing += width.saturating_sub(part.width()) + GAP;
        }
        text.push('\n');
    }
}

fn add_styled(text: &mut String, part: &str, style: Style) {
    match style == PLAIN {
        true => text.push_str(part),
        false => text.push_str(&format!("{style}{part}{style:#}")),
    }
}

/// As much of a text as fits, and `…` for the rest.
fn cut(text: &str, width: usize) -> Cow<'_, str> {
    if text.width() <= width {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", beginning(text, width.saturating_sub(1)).trim_end()))
}

/// The longest beginning of a text that is not wider.
fn beginning(text: &str, width: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find(|(_, character)| {
        taken += character.width().unwrap_or_default();
        taken > width
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

/// A text in lines that end at words. A word that is wider than the column is cut.
fn wrapped(text: &str, width: usize) -> Vec<Cow<'_, str>> {
    let mut lines: Vec<Cow<'_, str>> = Vec::new();
    for word in text.split(' ') {
        let word = cut(word, width);
        match lines.last_mut() {
            Some(line) if line.width() + 1 + word.width() <= width => {
                let line = line.to_mut();
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    const TIMES: Times = Times::relative_to(1_000_000);

    fn text(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }

    fn sites() -> Table {
        let mut table = Table::new(&["ID", "NAME", "HOST", "URL", "UPDATED", "VERDICT"])
            .cut(&["NAME", "HOST"])
            .hidden(&["URL"]);
        let host = "a-host-with-a-very-long-name.of-a-company.example";
        let name = "Größte Bank der Welt mit einem langen Namen";
        let updated = Cell::Time(1_000_000 - 21 * 86_400 / 21);
        table.row([
            text("1749398"),
            text(name),
            text(host),
            text("u"),
            updated,
            Cell::State("ok"),
        ]);
        table.row([
            text("7"),
            text("大きさの銀行の名前はとても長いですからここで切ります"),
            text("a.example"),
            text("u"),
            Cell::Time(1_000_000),
            Cell::State("metadata-changed"),
        ]);
        table
    }

    /// Without colours, which take no room.
    fn bare(text: &str) -> String {
        strip_str(text).to_string()
    }

    #[test]
    fn names_and_hosts_are_cut_and_ids_and_verdicts_are_not() {
        for width in [72, 80, 100] {
            let shown = bare(&laid_out(&sites(), width, TIMES));
            assert_eq!(shown.lines().count(), 3, "{shown}");
            assert!(shown.lines().all(|line| line.width() <= width), "{width}:\n{shown}");
            assert!(
                shown.contains("1749398  ") && shown.contains("metadata-changed"),
                "{shown}"
            );
            assert!(shown.contains('…') && shown.contains("1 day ago"), "{shown}");
            assert!(!shown.contains("URL"), "{shown}");
        }
        let whole = bare(&laid_out(&sites(), 300, TIMES));
        assert!(!whole.contains('…'), "{whole}");
    }

    #[test]
    fn wide_characters_take_two_columns() {
        let shown = bare(&laid_out(&sites(), 80, TIMES));
        let column = |line: &str, of: &str| line.split(of).next().map(str::width);
        let lines: Vec<&str> = shown.lines().collect();
        assert_eq!(column(lines[1], "1 day ago"), column(lines[2], "just now"), "{shown}");
        assert_eq!(cut("大きさ", 4), "大…");
        assert_eq!(cut("大きさ", 6), "大きさ");
    }

    #[test]
    fn a_column_has_a_least_width_past_the_edge() {
        let shown = bare(&laid_out(&sites(), 10, TIMES));
        let first = shown.lines().nth(1).unwrap_or_default();
        assert!(first.contains("Größte Ba…") && first.contains("a-host-wi…"), "{shown}");
    }

    #[test]
    fn sentences_continue_at_words() {
        let mut table = Table::new(&["ID", "FOUND"]).wrapped(&["FOUND"]);
        table.row([text("1"), text("the login page is at another place than before")]);
        assert_eq!(
            bare(&laid_out(&table, 25, TIMES)),
            "ID  FOUND\n1   the login page is at\n    another place than\n    before\n"
        );
    }

    #[test]
    fn messages_end_their_lines_at_words() {
        let message = format!("{BAD}error:{BAD:#} its password would go to github.com");
        let lines = folded(&message, 22);
        assert_eq!(bare(&lines), "error: its password\nwould go to github.com");
        assert_eq!(folded("  an indented fact", 80), "  an indented fact");
        assert_eq!(folded("averylongword x", 5), "averylongword\nx");
    }

    #[test]
    fn a_secret_is_never_cut() {
        let mut table = Table::new(&["NAME", "VALUE"]).cut(&["NAME"]);
        let secret = "x".repeat(40);
        table.row([text(&"a long name ".repeat(10)), text(&secret)]);
        assert!(laid_out(&table, 20, TIMES).contains(&secret));
    }

    #[test]
    fn foreign_text_has_no_control_characters_and_verdicts_have_colours() {
        let mut table = Table::new(&["NAME", "VERDICT"]);
        table.row([text("\u{1b}[31mred"), Cell::State("tampered")]);
        let shown = laid_out(&table, 80, TIMES);
        assert!(
            shown.contains("\\u{1b}[31mred") && shown.contains(&format!("{BAD}tampered{BAD:#}")),
            "{shown:?}"
        );
    }

    #[test]
    fn pairs_have_no_header() {
        let mut pairs = Table::pairs();
        pairs.row(["name", "verdict"].map(text));
        pairs.row(["sites", "12"].map(text));
        assert_eq!(laid_out(&pairs, 80, TIMES), "name   verdict\nsites  12\n");
    }
}
