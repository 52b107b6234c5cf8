//! The people of a file of rows, as spreadsheets write them (docs/spec/onboarding.md#people).

use std::collections::HashMap;
use std::fmt;

use csv::{ReaderBuilder, StringRecord, Trim};
use zkvault_core::SecretBuffer;
use zkvault_core::identity::{Fingerprint, PublicIdentity};
use zkvault_core::text::{self, TextError, folded};

/// The longest file, in bytes.
pub const MAX_FILE_LEN: u64 = 8 << 20;
/// People of one file at most.
pub const MAX_PEOPLE: usize = 10_000;
/// Groups of one person at most.
const MAX_GROUPS: usize = 500;
/// Faults that are listed; of more, the number.
const MAX_FAULTS: usize = 20;
/// What separates cells, by what spreadsheets and their languages choose.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// How a person gets keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// Sealed to a public identity, whose fingerprint may be given.
    Identity(PublicIdentity, Option<Fingerprint>),
    /// Under a one-time code.
    Code,
}

/// Somebody who joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joiner {
    /// The line of the file.
    pub line: u64,
    /// An id, e-mail address, user name or full name.
    pub user: String,
    /// The groups to join.
    pub groups: Vec<String>,
    /// How to activate; `None` for one who is not to be activated.
    pub way: Option<Way>,
}

/// What a file says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct People {
    /// Everybody, in the order of the file.
    pub joiners: Vec<Joiner>,
    /// Columns that mean nothing here.
    pub ignored: Vec<String>,
}

/// Something in a line that cannot be meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFault {
    /// The line.
    pub line: u64,
    /// What is wrong.
    pub reason: String,
}

impl fmt::Display for LineFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.reason)
    }
}

/// All that is wrong, as far as it is listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineFaults {
    list: Vec<LineFault>,
    more: usize,
}

impl fmt::Display for LineFaults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let lines: Vec<String> = self.list.iter().map(ToString::to_string).collect();
        f.write_str(&lines.join("; "))?;
        match self.more {
            0 => Ok(()),
            more => write!(f, "; and {more} more"),
        }
    }
}

impl std::error::Error for LineFaults {}

/// A file of people cannot be used. Nothing of it is.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PeopleError {
    /// It is no text: neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("it is no text")]
    NotText(#[source] TextError),
    /// It is too long.
    #[error("it has more than {MAX_FILE_LEN} bytes")]
    TooLong,
    /// There are too many.
    #[error("it has more than {MAX_PEOPLE} people")]
    TooMany,
    /// No column says who it is.
    #[error("it has no column of users")]
    NoUsers,
    /// Two columns mean the same.
    #[error("two columns mean the same: {0}")]
    Twice(&'static str),
    /// Lines that cannot be meant.
    #[error("it says what cannot be meant")]
    Lines(#[source] LineFaults),
}

codes!(PeopleError {
    Self::NotText(_) | Self::NoUsers | Self::Twice(_) | Self::Lines(_) => "people-file",
    Self::TooLong | Self::TooMany => "too-large",
});

impl PeopleError {
    /// Of everything that is wrong, if something is.
    pub(super) fn of_lines(mut list: Vec<LineFault>) -> Option<Self> {
        let more = list.len().saturating_sub(MAX_FAULTS);
        list.truncate(MAX_FAULTS);
        (!list.is_empty()).then_some(Self::Lines(LineFaults { list, more }))
    }
}

/// What a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Column {
    User,
    Groups,
    Identity,
    Fingerprint,
    Code,
}

impl Column {
    const fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Groups => "groups",
            Self::Identity => "identity",
            Self::Fingerprint => "fingerprint",
            Self::Code => "code",
        }
    }

    /// By a heading, whatever the case of its letters and what is between its words.
    fn of(heading: &str) -> Option<Self> {
        let letters: String = folded(heading)
            .chars()
            .filter(|letter| letter.is_alphanumeric())
            .collect();
        match letters.as_str() {
            "user" | "username" | "email" | "mail" | "emailaddress" => Some(Self::User),
            "group" | "groups" => Some(Self::Groups),
            "identity" | "publicidentity" => Some(Self::Identity),
            "fingerprint" => Some(Self::Fingerprint),
            "code" | "onetimecode" => Some(Self::Code),
            _ => None,
        }
    }
}

impl People {
    /// Reads a file: a header and a row for each person, separated by commas, semicolons or tabs, in UTF-8 or in UTF-16
    /// with a byte order mark. Empty rows are skipped.
    ///
    /// # Errors
    ///
    /// [`PeopleError`], with the line of everything that is wrong.
    pub fn read(file: &[u8]) -> Result<Self, PeopleError> {
        if file.len() as u64 > MAX_FILE_LEN {
            return Err(PeopleError::TooLong);
        }
        let mut buffer = SecretBuffer::new();
        let text = text::decode(file, &mut buffer).map_err(PeopleError::NotText)?;
        let (text, delimiter, skipped) = dialect(text);
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .trim(Trim::All)
            .from_reader(text.as_bytes());
        let (mut people, mut faults, mut columns) = (Self::default(), Vec::new(), None);
        let mut lines = Lines::of(text.as_bytes(), skipped);
        let mut record = StringRecord::new();
        // Reading text that is in memory does not fail.
        while reader.read_record(&mut record).unwrap_or(false) {
            let line = lines.at(record.position().map_or(0, csv::Position::byte));
            if record.iter().all(str::is_empty) {
                continue;
            }
            let Some(columns) = &columns else {
                columns = Some(people.columns(&record)?);
                continue;
            };
            match joiner(&record, columns, line) {
                Ok(joiner) => people.joiners.push(joiner),
                Err(reason) => faults.push(LineFault { line, reason }),
            }
            if people.joiners.len() > MAX_PEOPLE {
                return Err(PeopleError::TooMany);
            }
        }
        if columns.is_none() {
            return Err(PeopleError::NoUsers);
        }
        people.find_doubles(&mut faults);
        PeopleError::of_lines(faults).map_or(Ok(people), Err)
    }

    /// What each column means.
    fn columns(&mut self, header: &StringRecord) -> Result<HashMap<Column, usize>, PeopleError> {
        let mut columns = HashMap::new();
        for (place, heading) in header.iter().enumerate() {
            match Column::of(heading) {
                Some(column) if columns.contains_key(&column) => return Err(PeopleError::Twice(column.name())),
                Some(column) => {
                    columns.insert(column, place);
                }
                None if heading.is_empty() => {}
                None => self.ignored.push(heading.to_owned()),
            }
        }
        match columns.contains_key(&Column::User) {
            true => Ok(columns),
            false => Err(PeopleError::NoUsers),
        }
    }

    fn find_doubles(&self, faults: &mut Vec<LineFault>) {
        let mut lines = HashMap::new();
        for joiner in &self.joiners {
            if let Some(first) = lines.insert(folded(&joiner.user).into_owned(), joiner.line) {
                let (line, reason) = (joiner.line, format!("this user is in line {first} already"));
                faults.push(LineFault { line, reason });
            }
        }
        faults.sort_by_key(|fault| fault.line);
    }
}

/// Counts lines. The parser's own numbers are one too small after a line that ends with a carriage return and a line feed,
/// because it takes the line feed for a part of the next record.
struct Lines<'a> {
    rest: &'a [u8],
    passed: u64,
    line: u64,
}

impl<'a> Lines<'a> {
    const fn of(text: &'a [u8], skipped: u64) -> Self {
        Self {
            rest: text,
            passed: 0,
            line: 1 + skipped,
        }
    }

    /// The line of the first cell that begins at this byte or later. Bytes come in ascending order.
    fn at(&mut self, byte: u64) -> u64 {
        while let [text, rest @ ..] = self.rest
            && (self.passed < byte || matches!(text, b'\r' | b'\n'))
        {
            self.line += u64::from(*text == b'\n');
            self.passed += 1;
            self.rest = rest;
        }
        self.line
    }
}

/// What separates the cells, the text without a first line that only says so, and how many lines that were.
fn dialect(text: &str) -> (&str, u8, u64) {
    let first = text.lines().next().unwrap_or_default();
    if let Some(&[delimiter]) = first.trim().strip_prefix("sep=").map(str::as_bytes) {
        let rest = text.split_once('\n').map_or("", |(_, rest)| rest);
        return (rest, delimiter, 1);
    }
    let mut is_quoted = false;
    let mut counts = [0_usize; DELIMITERS.len()];
    for byte in first.bytes() {
        is_quoted ^= byte == b'"';
        for (count, delimiter) in counts.iter_mut().zip(DELIMITERS) {
            *count += usize::from(!is_quoted && byte == delimiter);
        }
    }
    let best = DELIMITERS.into_iter().zip(counts).rev().max_by_key(|(_, count)| *count);
    (text, best.map_or(b',', |(delimiter, _)| delimiter), 0)
}

fn joiner(record: &StringRecord, columns: &HashMap<Column, usize>, line: u64) -> Result<Joiner, String> {
    let cell = |column| {
        columns
            .get(&column)
            .and_then(|place| record.get(*place))
            .unwrap_or_default()
    };
    let user = cell(Column::User);
    if user.is_empty() {
        return Err("there is no user".to_owned());
    }
    let groups: Vec<String> = cell(Column::Groups)
        .split([';', ',', '|', '\n'])
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .map(str::to_owned)
        .collect();
    if groups.len() > MAX_GROUPS {
        return Err(format!("there are more than {MAX_GROUPS} groups"));
    }
    let way = way(cell(Column::Identity), cell(Column::Fingerprint), cell(Column::Code))?;
    Ok(Joiner {
        line,
        user: user.to_owned(),
        groups,
        way,
    })
}

fn way(identity: &str, fingerprint: &str, code: &str) -> Result<Option<Way>, String> {
    let wants_code = match folded(code).as_ref() {
        "" | "no" | "n" | "false" | "0" => false,
        "yes" | "y" | "true" | "1" | "x" => true,
        _ => return Err(format!("{code:?} says neither yes nor no to a one-time code")),
    };
    match (identity, wants_code) {
        ("", _) if !fingerprint.is_empty() => Err("there is a fingerprint and no identity".to_owned()),
        ("", true) => Ok(Some(Way::Code)),
        ("", false) => Ok(None),
        (_, true) => Err("there are an identity and a one-time code: give one of them".to_owned()),
        (identity, false) => {
            let identity = identity.parse::<PublicIdentity>();
            let identity = identity.map_err(|error| format!("this is no identity: {error}"))?;
            let fingerprint: Option<Fingerprint> = match fingerprint {
                "" => None,
                text => {
                    let fingerprint = text.parse::<Fingerprint>();
                    Some(fingerprint.map_err(|error| format!("this is no fingerprint: {error}"))?)
                }
            };
            Ok(Some(Way::Identity(identity, fingerprint)))
        }
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::identity::Identity;

    use super::*;

    fn users(file: &[u8]) -> Vec<(u64, String, Vec<String>)> {
        let people = People::read(file).unwrap();
        let joiners = people.joiners.into_iter();
        joiners
            .map(|joiner| (joiner.line, joiner.user, joiner.groups))
            .collect()
    }

    fn error(file: &str) -> String {
        match People::read(file.as_bytes()).unwrap_err() {
            PeopleError::Lines(faults) => faults.to_string(),
            error => error.to_string(),
        }
    }

    #[test]
    fn files_of_every_spreadsheet_say_the_same() {
        let expected = vec![
            (
                2,
                "priya@x.example".to_owned(),
                vec!["Sales".to_owned(), "On call".to_owned()],
            ),
            (4, "jo".to_owned(), vec![]),
        ];
        let comma = "E-Mail,Groups,Code\r\npriya@x.example,\"Sales; On call\",\r\n,,\r\njo,,no\r\n";
        let semicolon = "email;groups;code\r\npriya@x.example;\"Sales;On call\";\r\n;;\r\njo;;\r\n";
        let tab = "user\tgroups\npriya@x.example\tSales, On call\n\t\njo\t\n";
        let utf16: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(semicolon.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        for file in [comma.as_bytes(), semicolon.as_bytes(), tab.as_bytes(), &utf16] {
            assert_eq!(users(file), expected);
        }
        assert_eq!(users(format!("\u{feff}{comma}").as_bytes()), expected);
        let said = users(format!("sep=;\r\n{semicolon}").as_bytes());
        assert_eq!(said.iter().map(|(line, ..)| *line).collect::<Vec<_>>(), [3, 5]);
    }

    #[test]
    fn what_cannot_be_meant_is_said_with_its_line_and_nothing_is_used() {
        let identity = Identity::generate().unwrap().public();
        let file = format!(
            "user,identity,fingerprint,code,city\na,,,maybe,\n,{identity},,,\nb,zkv1x,,,\nc,{identity},,yes,\nd,,1234,,\nA,,,,\na,,,,\n"
        );
        let said = error(&file);
        for line in [
            "line 2:",
            "line 3:",
            "line 4:",
            "line 5:",
            "line 6:",
            "line 8: this user is in line 7",
        ] {
            assert!(said.contains(line), "{line} in {said}");
        }
        assert!(error("groups\nSales\n").contains("no column of users"));
        assert!(error("").contains("no column of users"));
        assert!(error("user,email\na,b\n").contains("two columns"));
        assert!(matches!(
            People::read(b"user\n\xff\xfe\n"),
            Err(PeopleError::NotText(_))
        ));
        let long = vec![b'a'; MAX_FILE_LEN as usize + 1];
        assert!(matches!(People::read(&long), Err(PeopleError::TooLong)));
        let many = format!(
            "user\n{}",
            (0..=MAX_PEOPLE).map(|id| format!("{id}\n")).collect::<String>()
        );
        assert!(matches!(People::read(many.as_bytes()), Err(PeopleError::TooMany)));
    }

    #[test]
    fn the_header_decides_and_unknown_columns_are_named() {
        let identity = Identity::generate().unwrap().public();
        let file = format!("City,code,Public Identity,User name\nOslo,,{identity},a\nBergen,yes,,b\nBodø,,,c\n");
        let people = People::read(file.as_bytes()).unwrap();
        let ways: Vec<_> = people.joiners.iter().map(|joiner| joiner.way).collect();
        assert_eq!(ways, [Some(Way::Identity(identity, None)), Some(Way::Code), None]);
        assert_eq!(people.ignored, ["City"]);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_a_file_or_an_error(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let _ = People::read(&bytes);
            let _ = People::read(&[b"user;groups\n", bytes.as_slice()].concat());
        }
    }
}
