//! The one place that prints. Data goes to stdout; errors, warnings and notes go to stderr.
//!
//! Data is a table on a terminal, tab-separated lines without a header off it, and JSON with `--json`; `--format` chooses.

mod csv;
mod format;
mod json;
mod layout;
mod lines;
mod patience;
mod progress;
#[cfg(feature = "demo")]
mod story;
mod table;

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use zkv_streams::Stream;
use zkvault::directory::Listed;

pub(crate) use self::format::{Document, Format};
pub(crate) use self::lines::Field;
pub(crate) use self::patience::Patience;
pub(crate) use self::progress::Progress;
#[cfg(feature = "demo")]
pub(crate) use self::story::Story;
pub(crate) use self::table::{Cell, Table};
use crate::clock::Times;
use crate::error::{CliError, Exit, FailedInput, Result};
pub(crate) use crate::escape::{escaped, escaped_lines, shown_path};
use crate::platform;

/// Whether nothing but results and errors is printed: `--json`, or `--quiet`.
static QUIET: AtomicBool = AtomicBool::new(false);

const ERROR: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const LABEL: Style = Style::new().bold();

/// How this run prints.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    format: Option<Format>,
    /// Times as they are, and not as ages.
    iso: bool,
    quiet: bool,
    terminal: bool,
}

impl Output {
    pub(crate) fn new(format: Option<Format>, iso: bool) -> Self {
        QUIET.store(format == Some(Format::Json), Ordering::Relaxed);
        Self {
            format,
            iso,
            quiet: false,
            terminal: io::stdout().is_terminal(),
        }
    }

    /// Prints no notes and no progress if `quiet`: results, warnings and errors stay.
    pub(crate) fn with_quiet(self, quiet: bool) -> Self {
        QUIET.fetch_or(quiet, Ordering::Relaxed);
        Self { quiet, ..self }
    }

    /// Prints times as dates if `iso`, as `--iso` does.
    pub(crate) fn with_iso(self, iso: bool) -> Self {
        let iso = self.iso || iso;
        Self { iso, ..self }
    }

    /// Whether one JSON document is printed: with `--json`.
    pub(crate) fn is_json(self) -> bool {
        self.format == Some(Format::Json)
    }

    /// Whether a person reads stdout.
    pub(crate) fn is_terminal(self) -> bool {
        self.terminal
    }

    /// Prints a text of our own and ends the line.
    pub(crate) fn line(self, text: &str) -> Result<()> {
        // In two writes, so that a secret is not copied into a buffer that nobody wipes.
        self.bytes(text.as_bytes())?;
        self.bytes(b"\n")
    }

    /// Prints a plaintext alone: exactly its bytes to a program, a harmless line to a person, a string in JSON.
    pub(crate) fn bare(self, text: &str) -> Result<()> {
        match (self.is_json(), self.terminal) {
            (true, _) => self.json(&text),
            (false, true) => self.line(&escaped_lines(text)),
            (false, false) => self.bytes(text.as_bytes()),
        }
    }

    /// Prints one JSON document.
    pub(crate) fn json(self, value: &impl Serialize) -> Result<()> {
        self.bytes(&self.json_bytes(value)?)
    }

    /// One JSON document, for a file.
    pub(crate) fn json_bytes(self, value: &impl Serialize) -> Result<Vec<u8>> {
        let mut bytes = json::pretty(value)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Prints a text of our own with its styles, where stdout takes them.
    pub(crate) fn styled(self, text: &str) -> Result<()> {
        styled_stdout(&text)
    }

    /// Prints bytes as they are.
    pub(crate) fn bytes(self, bytes: &[u8]) -> Result<()> {
        write_raw(bytes)
    }

    /// One line on stderr that is no error, such as a reply to what was just done. Silent with `--json` and `--quiet`.
    pub(crate) fn note(self, line: &str) {
        if !self.is_json() && !self.quiet {
            stderr_sentence(line);
        }
    }

    /// Something on stderr that a person has to do before the command can continue; with `--json` as well. Where nobody
    /// can see it, nobody is waited for.
    pub(crate) fn request(self, text: &str) -> Result<()> {
        let unseen = |error: &io::Error| CliError::io("cannot ask on standard error", error);
        if Stream::Error.was_closed() {
            return Err(unseen(&was_closed()));
        }
        let mut written = Ok(());
        progress::above(|| written = writeln!(anstream::stderr(), "{}", escaped_lines(text)));
        written.map_err(|error| unseen(&error))
    }

    /// A warning on stderr.
    pub(crate) fn warning(self, line: &str) {
        if !self.is_json() {
            stderr_sentence(&format!("{WARNING}warning:{WARNING:#} {line}"));
        }
    }

    /// Names an input that did not open while the others continue. With `--json` the error at the end names it.
    pub(crate) fn failed_input(self, input: &FailedInput) {
        if !self.is_json() {
            stderr_line(&format!("zkv: {}", escaped(&input.to_string())));
        }
    }

    /// Reports the error that ends the program. An interrupt and a closed pipe end it quietly.
    pub(crate) fn failure(self, error: &CliError) -> ExitCode {
        match error.exit {
            Exit::Interrupted | Exit::BrokenPipe => {}
            _ if self.is_json() => json_failure(error),
            _ => text_failure(error),
        }
        error.exit.into()
    }
}

/// Writes bytes to stdout as they are.
fn write_raw(bytes: &[u8]) -> Result<()> {
    let mut stdout = raw_stdout()?;
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(|error| stdout_error(&error))
}

/// Stdout without a buffer of its own: large documents bring theirs. Unlike the runtime's, it takes no write to a stream
/// that is closed, or open for reading only, for a success.
pub(crate) fn raw_stdout() -> Result<File> {
    let stdout = match Stream::Output.was_closed() {
        true => Err(was_closed()),
        false => duplicate_stdout(),
    };
    stdout.map_err(|error| stdout_error(&error))
}

/// What a stream says in whose place the runtime opened `/dev/null`.
pub(crate) fn was_closed() -> io::Error {
    io::Error::other("it was closed when zkv started; redirect it to /dev/null to do without it")
}

#[cfg(unix)]
fn duplicate_stdout() -> io::Result<File> {
    use std::os::fd::AsFd as _;
    Ok(io::stdout().as_fd().try_clone_to_owned()?.into())
}

#[cfg(windows)]
fn duplicate_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle as _;
    Ok(io::stdout().as_handle().try_clone_to_owned()?.into())
}

/// A failed write to stdout.
pub(crate) fn stdout_error(error: &io::Error) -> CliError {
    CliError::io("cannot write to standard output", error)
}

/// Reports what is wrong with the command line; help and version are no errors.
pub(crate) fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match styled_stdout(&error.render().ansi()) {
            Err(failed) if failed.exit != Exit::BrokenPipe => Output::new(None, false).failure(&failed),
            _ => Exit::Success.into(),
        };
    }
    if asks_for_json(std::env::args_os().skip(1)) {
        // The first paragraph says what is wrong, sometimes in a list; the usage comes after it.
        let text = error.to_string();
        let lines = text.lines().take_while(|line| !line.is_empty()).map(str::trim);
        let message = lines.collect::<Vec<_>>().join(" ");
        json_failure(&CliError::usage(message.trim_start_matches("error: ")).hint("zkv --help"));
    } else {
        // Nobody is left to hear about a stderr that is gone.
        let _ = error.print();
    }
    Exit::Usage.into()
}

/// Whether `--json` or `--format json` is on a command line that is wrong elsewhere.
fn asks_for_json(arguments: impl Iterator<Item = std::ffi::OsString>) -> bool {
    let arguments: Vec<_> = arguments.collect();
    let two = |pair: &[std::ffi::OsString]| matches!(pair, [name, value] if name == "--format" && value == "json");
    arguments
        .iter()
        .any(|argument| argument == "--json" || argument == "--format=json")
        || arguments.windows(2).any(two)
}

/// Prints a text of our own with its styles, which are dropped where stdout is no terminal or `NO_COLOR` is set.
fn styled_stdout(text: &impl std::fmt::Display) -> Result<()> {
    let mut stdout = anstream::AutoStream::auto(raw_stdout()?);
    write!(stdout, "{text}")
        .and_then(|()| stdout.flush())
        .map_err(|error| stdout_error(&error))
}

fn text_failure(error: &CliError) {
    stderr_sentence(&format!("{ERROR}error:{ERROR:#} {}", escaped(&error.message)));
    if !error.lists.candidates.is_empty() {
        let table = candidates(&error.lists.candidates);
        let text = layout::laid_out(&table, platform::columns(), Times::new(true));
        text.lines().for_each(stderr_line);
    }
    if let Some(cause) = &error.cause {
        stderr_sentence(&format!("{LABEL}cause:{LABEL:#} {}", escaped(cause)));
    }
    if let Some(hint) = &error.hint {
        // Whole: it has a command to copy.
        stderr_line(&format!("{LABEL}hint:{LABEL:#} {}", escaped(hint)));
    }
}

/// What a name may mean.
fn candidates(all: &[Listed]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "ADDRESS", "USER"]).cut(&["NAME", "ADDRESS"]);
    for Listed {
        id,
        name,
        address,
        username,
        ..
    } in all
    {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        table.row([id.to_string(), name.clone(), text(address), text(username)]);
    }
    table
}

#[derive(Serialize)]
struct JsonFailure<'a> {
    code: &'a str,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    failures: &'a [FailedInput],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    candidates: &'a [Listed],
}

fn json_failure(error: &CliError) {
    let failure = JsonFailure {
        code: error.code,
        message: &error.message,
        cause: error.cause.as_deref(),
        hint: error.hint.as_deref(),
        failures: &error.lists.failures,
        candidates: &error.lists.candidates,
    };
    if let Ok(line) = json::line(&failure) {
        stderr_line(&String::from_utf8_lossy(&line));
    }
}

/// Whether a person at a terminal is told what happens meanwhile.
fn tells() -> bool {
    !QUIET.load(Ordering::Relaxed) && io::stderr().is_terminal()
}

/// Says on a terminal what has nothing to do with the command; to a program it is no news.
pub(crate) fn aside(line: &str) {
    if tells() {
        stderr_line(&format!("zkv: {line}"));
    }
}

/// Says on a terminal what is being waited for; to a program it is no news.
pub(crate) fn waiting(reason: &str, pause: Option<Duration>) {
    if !tells() {
        return;
    }
    let reason = escaped(reason);
    stderr_line(&match pause {
        Some(pause) => format!("zkv: {reason}; trying again in {} s", pause.as_secs().max(1)),
        None => format!("zkv: {reason}; waiting (Ctrl-C stops)"),
    });
}

/// A sentence, in lines that end at words where stderr is a terminal.
fn stderr_sentence(line: &str) {
    let folded = platform::stderr_columns().map(|columns| layout::folded(line, columns));
    stderr_line(folded.as_deref().unwrap_or(line));
}

/// Styles are dropped where stderr is no terminal or `NO_COLOR` is set.
fn stderr_line(line: &str) {
    // Nobody is left to hear about a stderr that is gone.
    progress::above(|| drop(writeln!(anstream::stderr(), "{line}")));
}
