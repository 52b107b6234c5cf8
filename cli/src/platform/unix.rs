//! Unix: the terminal is a device, and signals reach processes.

use std::fs::File;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::Command;
use std::sync::{Mutex, PoisonError};

use rustix::termios::Termios;

use super::{MAX_LINE_LEN, Terminal};

/// How the terminal was before a prompt turned its echo off.
static BEFORE_PROMPT: Mutex<Option<Termios>> = Mutex::new(None);

/// Remembers the terminal's modes for [`restore_terminal`].
pub(crate) fn remember_terminal() {
    set_before_prompt(open_terminal().and_then(|tty| rustix::termios::tcgetattr(tty).ok()));
}

/// The prompt ended and has put the terminal right by itself.
pub(crate) fn forget_terminal() {
    set_before_prompt(None);
}

/// Turns the echo back on when a signal ends the program in the middle of a prompt.
pub(crate) fn restore_terminal() {
    if let (Some(modes), Some(tty)) = (set_before_prompt(None), open_terminal()) {
        // The program ends here either way.
        let _ = rustix::termios::tcsetattr(tty, rustix::termios::OptionalActions::Now, &modes);
    }
}

fn set_before_prompt(modes: Option<Termios>) -> Option<Termios> {
    let mut before = BEFORE_PROMPT.lock().unwrap_or_else(PoisonError::into_inner);
    std::mem::replace(&mut before, modes)
}

fn open_terminal() -> Option<File> {
    File::open("/dev/tty").ok()
}

/// Whether this program has a terminal, wherever stdin, stdout and stderr go.
pub(crate) fn own_terminal() -> Terminal {
    use rustix::process::getpgrp;
    match File::open("/dev/tty").map(rustix::termios::tcgetpgrp) {
        Err(_) => Terminal::None,
        Ok(Ok(foreground)) if foreground != getpgrp() => Terminal::Background,
        Ok(_) => Terminal::Ours,
    }
}

/// The terminal itself, to write to, wherever stdout and stderr go.
pub(crate) fn terminal() -> io::Result<File> {
    File::options().write(true).open("/dev/tty")
}

/// The line that is typed after a question; nothing for Ctrl-D.
pub(crate) fn typed(question: &str) -> io::Result<Option<String>> {
    let (reader, mut writer) = (File::open("/dev/tty")?, terminal()?);
    writer.write_all(question.as_bytes())?;
    writer.flush()?;
    let mut line = String::new();
    BufReader::new(reader.take(MAX_LINE_LEN)).read_line(&mut line)?;
    if line.is_empty() {
        // Ctrl-D leaves the cursor where it is.
        writer.write_all(b"\n")?;
        return Ok(None);
    }
    Ok(Some(line))
}

/// The secret that is typed after a question, without showing it.
pub(crate) fn typed_unseen(question: &str) -> io::Result<String> {
    rpassword::prompt_password(question)
}

/// Passes a signal on to the program with this process id, if there is one (0 is none). Ctrl-C has reached it already where
/// there is a terminal: it is of our process group.
pub(crate) fn pass_on(process: u32, signal: i32) -> bool {
    use rustix::process::{Pid, Signal, kill_process};
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let (Some(process), Some(signal)) = (process, Signal::from_named_raw(signal)) else {
        return false;
    };
    let is_typed = matches!(signal, Signal::INT | Signal::QUIT) && own_terminal() == Terminal::Ours;
    if !is_typed {
        // It may have ended just now.
        let _ = kill_process(process, signal);
    }
    true
}

/// Lets a program keep no folder in use. It leaves the terminal by itself, by [`leave_terminal`].
pub(crate) fn detach(command: &mut Command) {
    command.current_dir("/");
}

/// Leaves the session of the terminal: neither its end nor Ctrl-C reaches this process then.
pub(crate) fn leave_terminal() {
    // Fails where the process leads a group, as a shell's job does: then it stays in the session.
    let _ = rustix::process::setsid();
}

/// Leaves the session of the terminal that started this process, and its stdout: Ctrl-C and a closed window are for others
/// now, and nobody waits for the end of what is printed.
pub(crate) fn leave_session() -> io::Result<()> {
    leave_terminal();
    let nowhere = File::options().write(true).open("/dev/null")?;
    Ok(rustix::stdio::dup2_stdout(nowhere)?)
}

/// How wide the terminal on stdout is, if it is one.
pub(crate) fn stdout_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

/// How wide the terminal on stderr is, if it is one.
pub(crate) fn stderr_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
