//! Windows: the terminal is a console, which a program opens as `CONIN$` and `CONOUT$`.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::windows::process::CommandExt as _;
use std::process::Command;

use rpassword::ConfigBuilder;
use terminal_size::terminal_size_of;

use super::{MAX_LINE_LEN, Terminal};

/// Lets a program have no console.
const DETACHED_PROCESS: u32 = 0x0000_0008;

/// rpassword puts the console right when it returns, and a shell does when a program ends.
pub(crate) fn remember_terminal() {}

pub(crate) fn forget_terminal() {}

pub(crate) fn restore_terminal() {}

/// Whether this program has a console, wherever stdin, stdout and stderr go. A console has no background.
pub(crate) fn own_terminal() -> Terminal {
    match File::options().read(true).write(true).open("CONIN$") {
        Ok(_) => Terminal::Ours,
        Err(_) => Terminal::None,
    }
}

/// The console, to write to, wherever stdout and stderr go. A standard stream that is a console comes first: the standard
/// library converts its text to UTF-16, while what is written to `CONOUT$` itself is read by the console's code page.
pub(crate) fn terminal() -> io::Result<Box<dyn Write>> {
    if io::stderr().is_terminal() {
        return Ok(Box::new(io::stderr()));
    }
    if io::stdout().is_terminal() {
        return Ok(Box::new(io::stdout()));
    }
    // To read as well, as the console wants it.
    Ok(Box::new(File::options().read(true).write(true).open("CONOUT$")?))
}

/// The line that is typed after a question; nothing for Ctrl-D or Ctrl-Z. A program reads a console in UTF-16 or in its code
/// page; rpassword does the first, and shows every character that it is told to show.
pub(crate) fn typed(question: &str) -> io::Result<Option<String>> {
    let shown = ConfigBuilder::new().password_feedback_partial_mask('*', MAX_LINE_LEN as usize);
    match asked(question, shown) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        line => line.map(Some),
    }
}

/// The secret that is typed after a question, without showing it.
pub(crate) fn typed_unseen(question: &str) -> io::Result<String> {
    asked(question, ConfigBuilder::new())
}

fn asked(question: &str, config: ConfigBuilder) -> io::Result<String> {
    let mut writer = terminal()?;
    writer.write_all(question.as_bytes())?;
    writer.flush()?;
    rpassword::read_password_with_config(config.build())
}

/// Whether a program that runs ends us with it: a console gives every event to all its processes.
pub(crate) fn pass_on(process: u32, _signal: i32) -> bool {
    process != 0
}

/// Lets a program have no console, and keep none open.
pub(crate) fn detach(command: &mut Command) {
    command.creation_flags(DETACHED_PROCESS);
}

/// What was started by [`detach`] has no console.
pub(crate) fn leave_terminal() {}

/// As [`leave_terminal`].
pub(crate) fn leave_session() -> io::Result<()> {
    Ok(())
}

/// How wide the console on stdout is, if it is one.
pub(crate) fn stdout_columns() -> Option<usize> {
    terminal_size_of(io::stdout()).map(|(width, _)| usize::from(width.0))
}

/// How wide the console on stderr is, if it is one.
pub(crate) fn stderr_columns() -> Option<usize> {
    terminal_size_of(io::stderr()).map(|(width, _)| usize::from(width.0))
}
