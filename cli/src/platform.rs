//! What differs between operating systems.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::io;
use std::path::PathBuf;

use crate::environment;

#[cfg(unix)]
pub(crate) use self::unix::*;
#[cfg(windows)]
pub(crate) use self::windows::*;

/// What a terminal is as wide as where nobody says.
const USUAL_COLUMNS: usize = 80;
/// Nobody types a longer line.
const MAX_LINE_LEN: u64 = 4096;

/// Whether a person can be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(windows, expect(dead_code, reason = "consoles have no background"))]
pub(crate) enum Terminal {
    /// There is a terminal, and what is typed reaches this program.
    Ours,
    /// There is none.
    None,
    /// There is one, and reading from it would stop this program: another job of the shell has it.
    Background,
}

/// This program, to be started again: on Linux also after its file was replaced.
pub(crate) fn own_program() -> io::Result<PathBuf> {
    match cfg!(target_os = "linux") {
        true => Ok(PathBuf::from("/proc/self/exe")),
        false => std::env::current_exe(),
    }
}

/// Whether there may be a clipboard: on X11 and Wayland variables say where.
pub(crate) fn has_display() -> bool {
    let has = |name| environment::path(name).is_some();
    !cfg!(all(unix, not(target_os = "macos"))) || has("DISPLAY") || has("WAYLAND_DISPLAY")
}

/// How many columns a table may have: the terminal's on stdout, else what `COLUMNS` says, else 80.
pub(crate) fn columns() -> usize {
    let named = || std::env::var("COLUMNS").ok()?.trim().parse::<u16>().ok();
    let named = || named().map(usize::from).filter(|columns| *columns > 0);
    stdout_columns().or_else(named).unwrap_or(USUAL_COLUMNS)
}

/// What this machine is called, where that can be read from a file or the environment.
pub(crate) fn device_name() -> Option<String> {
    let files = ["/proc/sys/kernel/hostname", "/etc/hostname"];
    let name = files.iter().find_map(|path| std::fs::read_to_string(path).ok());
    let name = name.or_else(|| std::env::var("COMPUTERNAME").ok())?;
    Some(name.trim().to_owned()).filter(|name| !name.is_empty())
}
