//! What differs between operating systems.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::process::Command;

use crate::environment;

/// What a terminal is as wide as where nobody says.
const USUAL_COLUMNS: usize = 80;

/// How the terminal was before a prompt turned its echo off.
#[cfg(unix)]
static BEFORE_PROMPT: std::sync::Mutex<Option<rustix::termios::Termios>> = std::sync::Mutex::new(None);

/// Remembers the terminal's modes for [`restore_terminal`].
#[cfg(unix)]
pub(crate) fn remember_terminal() {
    set_before_prompt(open_terminal().and_then(|tty| rustix::termios::tcgetattr(tty).ok()));
}

/// The prompt ended and has put the terminal right by itself.
#[cfg(unix)]
pub(crate) fn forget_terminal() {
    set_before_prompt(None);
}

/// Turns the echo back on when a signal ends the program in the middle of a prompt.
#[cfg(unix)]
pub(crate) fn restore_terminal() {
    if let (Some(modes), Some(tty)) = (set_before_prompt(None), open_terminal()) {
        // The program ends here either way.
        let _ = rustix::termios::tcsetattr(tty, rustix::termios::OptionalActions::Now, &modes);
    }
}

#[cfg(unix)]
fn set_before_prompt(modes: Option<rustix::termios::Termios>) -> Option<rustix::termios::Termios> {
    let mut before = BEFORE_PROMPT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    std::mem::replace(&mut before, modes)
}

#[cfg(unix)]
fn open_terminal() -> Option<File> {
    File::open("/dev/tty").ok()
}

/// Whether a person can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(unix), expect(dead_code, reason = "consoles have no background"))]
pub(crate) enum Terminal {
    /// There is a terminal, and what is typed reaches this program.
    Ours,
    /// There is none.
    None,
    /// There is one, and reading from it would stop this program: another job of the shell has it.
    Background,
}

/// Whether this program has a terminal, wherever stdin, stdout and stderr go.
#[cfg(unix)]
pub(crate) fn own_terminal() -> Terminal {
    use rustix::process::getpgrp;
    match terminal().map(|(reader, _)| rustix::termios::tcgetpgrp(reader)) {
        Err(_) => Terminal::None,
        Ok(Ok(foreground)) if foreground != getpgrp() => Terminal::Background,
        Ok(_) => Terminal::Ours,
    }
}

/// Whether this program has a console.
#[cfg(not(unix))]
pub(crate) fn own_terminal() -> Terminal {
    use io::IsTerminal as _;
    match io::stdin().is_terminal() {
        true => Terminal::Ours,
        false => Terminal::None,
    }
}

/// The terminal itself, to read from and to write to, wherever stdin, stdout and stderr go.
#[cfg(unix)]
pub(crate) fn terminal() -> io::Result<(File, File)> {
    Ok((File::open("/dev/tty")?, File::options().write(true).open("/dev/tty")?))
}

#[cfg(not(unix))]
pub(crate) fn terminal() -> io::Result<(File, File)> {
    Ok((File::open("CONIN$")?, File::options().write(true).open("CONOUT$")?))
}

/// Passes a signal on to the program with this process id, if there is one (0 is none). Ctrl-C has reached it already where
/// there is a terminal: it is of our process group.
#[cfg(unix)]
pub(crate) fn pass_on(process: u32, signal: i32) -> bool {
    use rustix::process::{Pid, Signal, kill_process};
    let process = i32::try_from(process).ok().and_then(Pid::from_raw);
    let (Some(process), Some(signal)) = (process, Signal::from_named_raw(signal)) else {
        return false;
    };
    if signal != Signal::INT || open_terminal().is_none() {
        // It may have ended just now.
        let _ = kill_process(process, signal);
    }
    true
}

/// Consoles give every event to all their processes.
#[cfg(not(unix))]
pub(crate) fn pass_on(process: u32, _signal: i32) -> bool {
    process != 0
}

/// This program, to be started again: on Linux also after its file was replaced.
pub(crate) fn own_program() -> io::Result<PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok(PathBuf::from("/proc/self/exe")),
        false => std::env::current_exe(),
    }
}

/// Lets a program keep no folder in use. It leaves the terminal by itself, by [`leave_terminal`].
#[cfg(unix)]
pub(crate) fn detach(command: &mut Command) {
    command.current_dir("/");
}

/// Lets a program have no console, and keep none open.
#[cfg(windows)]
pub(crate) fn detach(command: &mut Command) {
    use std::os::windows::process::CommandExt as _;
    const DETACHED_PROCESS: u32 = 0x0000_0008;
    command.creation_flags(DETACHED_PROCESS);
}

/// Leaves the session of the terminal: neither its end nor Ctrl-C reaches this process then.
#[cfg(unix)]
pub(crate) fn leave_terminal() {
    // Fails where the process leads a group, as a shell's job does: then it stays in the session.
    let _ = rustix::process::setsid();
}

#[cfg(not(unix))]
pub(crate) fn leave_terminal() {}

/// Whether there may be a clipboard: on X11 and Wayland variables say where.
pub(crate) fn has_display() -> bool {
    let has = |name| environment::path(name).is_some();
    !cfg!(all(unix, not(target_os = "macos"))) || has("DISPLAY") || has("WAYLAND_DISPLAY")
}

/// Leaves the session of the terminal that started this process, and its stdout: Ctrl-C and a closed window are for others
/// now, and nobody waits for the end of what is printed.
#[cfg(unix)]
pub(crate) fn leave_session() -> io::Result<()> {
    leave_terminal();
    let nowhere = File::options().write(true).open("/dev/null")?;
    Ok(rustix::stdio::dup2_stdout(nowhere)?)
}

#[cfg(not(unix))]
pub(crate) fn leave_session() -> io::Result<()> {
    Ok(())
}

/// How many columns a table may have: the terminal's on stdout, else what `COLUMNS` says, else 80.
pub(crate) fn columns() -> usize {
    let named = || std::env::var("COLUMNS").ok()?.trim().parse().ok();
    let columns = stdout_columns().or_else(named).filter(|columns| *columns > 0);
    columns.map_or(USUAL_COLUMNS, usize::from)
}

#[cfg(unix)]
fn stdout_columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// How wide the terminal on stderr is, if it is one.
#[cfg(unix)]
pub(crate) fn stderr_columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stderr()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}

#[cfg(not(unix))]
fn stdout_columns() -> Option<u16> {
    None
}

/// Messages are not broken where this is unknown.
#[cfg(not(unix))]
pub(crate) fn stderr_columns() -> Option<usize> {
    None
}

/// Other systems reset the console when the program ends.
#[cfg(not(unix))]
pub(crate) fn remember_terminal() {}

#[cfg(not(unix))]
pub(crate) fn forget_terminal() {}

#[cfg(not(unix))]
pub(crate) fn restore_terminal() {}

/// What this machine is called, where that can be read from a file or the environment.
pub(crate) fn device_name() -> Option<String> {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let name = files.iter().find_map(|path| std::fs::read_to_string(path).ok());
    let name = name.or_else(|| std::env::var("COMPUTERNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
