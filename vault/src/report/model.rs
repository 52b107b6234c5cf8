//! What is in a report, without a word on how it looks.

/// How a report is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// A page for the screen, with tables that sort and filter, which also prints.
    Page,
    /// A letter for one person: to print, and without a script.
    Letter,
}

/// How much something matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// As it should be.
    Good,
    /// Worth knowing.
    Note,
    /// Worth changing.
    Warning,
    /// To be changed soon.
    Critical,
}

impl Level {
    /// Its word, which reports show beside the colour.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }
}

/// A label and a value: a tile on a page, a line in a letter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub label: String,
    /// How much, or which.
    pub value: String,
    /// How much it matters; nothing for what is neither good nor bad.
    pub level: Option<Level>,
}

impl Fact {
    /// One that is neither good nor bad.
    #[must_use]
    pub fn new(label: &str, value: &str) -> Self {
        Self {
            label: label.to_owned(),
            value: value.to_owned(),
            level: None,
        }
    }

    /// With how much it matters.
    #[must_use]
    pub fn level(self, level: Level) -> Self {
        Self {
            level: Some(level),
            ..self
        }
    }
}

/// Something that was found, and of what it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How much it matters.
    pub level: Level,
    /// A sentence.
    pub text: String,
    /// The things that it was found of.
    pub items: Vec<String>,
}

/// Something to do, and the command for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub text: String,
    /// What to type for it.
    pub command: Option<String>,
}

/// What is in a column of a table: how it is aligned and sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Numbers.
    Number,
    /// Times.
    Time,
    /// Whether something is so.
    Flag,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its heading.
    pub name: String,
    /// What is in it.
    pub kind: ColumnKind,
}

impl Column {
    /// A column of text.
    #[must_use]
    pub fn text(name: &str) -> Self {
        Self::of(name, ColumnKind::Text)
    }

    /// A column of numbers.
    #[must_use]
    pub fn number(name: &str) -> Self {
        Self::of(name, ColumnKind::Number)
    }

    /// A column of times.
    #[must_use]
    pub fn time(name: &str) -> Self {
        Self::of(name, ColumnKind::Time)
    }

    /// A column that says whether something is so.
    #[must_use]
    pub fn flag(name: &str) -> Self {
        Self::of(name, ColumnKind::Flag)
    }

    fn of(name: &str, kind: ColumnKind) -> Self {
        Self {
            name: name.to_owned(),
            kind,
        }
    }
}

/// A cell of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    /// Nothing is known.
    Empty,
    /// A text.
    Text(String),
    /// A number.
    Number(u64),
    /// Seconds since 1970 (UTC).
    Time(u64),
    /// Whether something is so.
    Flag(bool),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(number: u64) -> Self {
        Self::Number(number)
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Number(number as u64)
    }
}

impl From<bool> for Cell {
    fn from(truth: bool) -> Self {
        Self::Flag(truth)
    }
}

impl<T: Into<Self>> From<Option<T>> for Cell {
    fn from(known: Option<T>) -> Self {
        known.map_or(Self::Empty, T::into)
    }
}

/// Rows of cells. The first column names what its row is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub(super) caption: String,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
}

impl Table {
    /// One without rows.
    #[must_use]
    pub fn new(caption: &str, columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            caption: caption.to_owned(),
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row. A cell that is missing is empty, and one without a column is left out.
    pub fn row(&mut self, cells: impl IntoIterator<Item = Cell>) {
        let cells = cells.into_iter().chain(std::iter::repeat(Cell::Empty));
        self.rows.push(cells.take(self.columns.len()).collect());
    }
}

/// A bar chart: a bar for each label, as long as its number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bars {
    /// What is counted.
    pub caption: String,
    /// Labels and numbers, in the order in which they are shown.
    pub bars: Vec<(String, u64)>,
}

/// A part of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// What the parts after it are about.
    Heading(String),
    /// A paragraph.
    Paragraph(String),
    /// Lines to type or to copy.
    Code(String),
    /// Labels and values.
    Facts(Vec<Fact>),
    /// What was found; the caller puts what matters most first.
    Findings(Vec<Finding>),
    /// What to do, one after the other.
    Steps(Vec<Step>),
    /// A table.
    Table(Table),
    /// A bar chart.
    Bars(Bars),
}

/// A report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub(super) title: String,
    pub(super) account: String,
    pub(super) made: u64,
    pub(super) layout: Layout,
    pub(super) parts: Vec<Part>,
}

impl Report {
    /// A page about an account, made at a time (seconds since 1970, UTC).
    #[must_use]
    pub fn new(title: &str, account: &str, made: u64) -> Self {
        Self {
            title: title.to_owned(),
            account: account.to_owned(),
            made,
            layout: Layout::Page,
            parts: Vec::new(),
        }
    }

    /// A letter to somebody of an account.
    #[must_use]
    pub fn letter(title: &str, account: &str, made: u64) -> Self {
        Self {
            layout: Layout::Letter,
            ..Self::new(title, account, made)
        }
    }

    /// Adds a part.
    pub fn part(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Adds a heading.
    pub fn heading(&mut self, text: &str) {
        self.part(Part::Heading(text.to_owned()));
    }

    /// Adds a paragraph.
    pub fn paragraph(&mut self, text: &str) {
        self.part(Part::Paragraph(text.to_owned()));
    }

    /// Adds lines to type or to copy.
    pub fn code(&mut self, text: &str) {
        self.part(Part::Code(text.to_owned()));
    }

    /// Adds labels and values.
    pub fn facts(&mut self, facts: impl IntoIterator<Item = Fact>) {
        self.part(Part::Facts(facts.into_iter().collect()));
    }

    /// Adds what was found.
    pub fn findings(&mut self, findings: impl IntoIterator<Item = Finding>) {
        self.part(Part::Findings(findings.into_iter().collect()));
    }

    /// Adds what to do.
    pub fn steps(&mut self, steps: impl IntoIterator<Item = Step>) {
        self.part(Part::Steps(steps.into_iter().collect()));
    }

    /// Adds a table.
    pub fn table(&mut self, table: Table) {
        self.part(Part::Table(table));
    }

    /// Adds a bar chart.
    pub fn bars(&mut self, caption: &str, bars: impl IntoIterator<Item = (String, u64)>) {
        self.part(Part::Bars(Bars {
            caption: caption.to_owned(),
            bars: bars.into_iter().collect(),
        }));
    }
}
