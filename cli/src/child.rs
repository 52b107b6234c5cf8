//! A program that is started, its output and its end.

use std::io::{self, Read, Write};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;

use zeroize::Zeroizing;
use zkvault::delivery::Masker;

use crate::error::{CliError, Exit, Result};
use crate::signals;

/// For a program that ended in no way that has a number.
const NO_CODE: i32 = 126;
/// What is read at once, in bytes.
const PIECE: usize = 16 * 1024;

/// What is hidden in a program's output; nothing where it goes straight to ours.
pub(crate) struct Streams {
    pub(crate) stdout: Option<Masker>,
    pub(crate) stderr: Option<Masker>,
}

/// Runs a program, and ends as it does. Where its output is not changed it takes our place: signals, the terminal and the
/// exit code are its own.
pub(crate) fn run(command: &mut Command, streams: Streams) -> Result<Exit> {
    if streams.stdout.is_none() && streams.stderr.is_none() {
        let error = replace(command);
        return Err(not_started(command, &error));
    }
    let piped = |masker: &Option<Masker>| {
        if masker.is_some() {
            Stdio::piped()
        } else {
            Stdio::inherit()
        }
    };
    command.stdout(piped(&streams.stdout)).stderr(piped(&streams.stderr));
    let mut child = command.spawn().map_err(|error| not_started(command, &error))?;
    signals::pass_on(&child)?;
    let status = follow(&mut child, streams).map_err(|error| CliError {
        exit: Exit::NotRun,
        ..CliError::io("the output of the program was lost", &error)
    })?;
    std::process::exit(code_of(status))
}

/// Copies what the program prints until it ends.
fn follow(child: &mut Child, streams: Streams) -> io::Result<ExitStatus> {
    let stdout = child.stdout.take().zip(streams.stdout);
    let stderr = child.stderr.take().zip(streams.stderr);
    let stdout = stdout.map(|(from, masker)| copy(from, io::stdout(), masker));
    let stderr = stderr.map(|(from, masker)| copy(from, io::stderr(), masker));
    let status = child.wait();
    for copied in [stdout, stderr].into_iter().flatten() {
        // A reader that went away is the program's affair, which got the same signal or error.
        let _ = copied.join();
    }
    status
}

fn copy(
    mut from: impl Read + Send + 'static,
    mut to: impl Write + Send + 'static,
    mut masker: Masker,
) -> JoinHandle<io::Result<()>> {
    std::thread::spawn(move || {
        let mut piece = Zeroizing::new(vec![0; PIECE]);
        let mut shown = Vec::new();
        loop {
            let read = match from.read(&mut piece) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                read => read?,
            };
            match read {
                0 => masker.finish(&mut shown),
                read => masker.feed(piece.get(..read).unwrap_or_default(), &mut shown),
            }
            to.write_all(&shown)?;
            to.flush()?;
            shown.clear();
            if read == 0 {
                return Ok(());
            }
        }
    })
}

/// Comes back only when that failed.
#[cfg(unix)]
fn replace(command: &mut Command) -> io::Error {
    use std::os::unix::process::CommandExt as _;
    command.exec()
}

/// Other systems have no such call: we wait.
#[cfg(not(unix))]
fn replace(command: &mut Command) -> io::Error {
    match command.status() {
        Ok(status) => std::process::exit(code_of(status)),
        Err(error) => error,
    }
}

#[cfg(unix)]
fn code_of(status: ExitStatus) -> i32 {
    use std::os::unix::process::ExitStatusExt as _;
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .unwrap_or(NO_CODE)
}

#[cfg(not(unix))]
fn code_of(status: ExitStatus) -> i32 {
    status.code().unwrap_or(NO_CODE)
}

fn not_started(command: &Command, error: &io::Error) -> CliError {
    let program = command.get_program().to_string_lossy();
    let exit = match error.kind() {
        io::ErrorKind::NotFound => Exit::NoProgram,
        _ => Exit::CannotRun,
    };
    CliError::new(exit, "not-run", format!("{program} cannot be run")).cause(error)
}
