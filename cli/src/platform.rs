//! What differs between operating systems.

use std::fs::File;
use std::io;
use std::path::Path;

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

/// The terminal itself, to read from and to write to, wherever stdin, stdout and stderr go.
#[cfg(unix)]
pub(crate) fn terminal() -> io::Result<(File, File)> {
    Ok((File::open("/dev/tty")?, File::options().write(true).open("/dev/tty")?))
}

#[cfg(not(unix))]
pub(crate) fn terminal() -> io::Result<(File, File)> {
    Ok((File::open("CONIN$")?, File::options().write(true).open("CONOUT$")?))
}

/// How wide the terminal on stdout is.
#[cfg(unix)]
pub(crate) fn stdout_columns() -> Option<u16> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    Some(size.ws_col).filter(|columns| *columns > 0)
}

/// Tables are not broken where this is unknown.
#[cfg(not(unix))]
pub(crate) fn stdout_columns() -> Option<u16> {
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

/// Creates a folder, and those above it, that only its owner may enter.
pub(crate) fn create_private_dir(path: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)
}

/// Whether only the owner may read what is at `path`.
#[cfg(unix)]
pub(crate) fn is_private(path: &Path) -> io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(std::fs::metadata(path)?.permissions().mode() & 0o077 == 0)
}

/// Folders of a user are private by inheritance where there are no modes.
#[cfg(not(unix))]
pub(crate) fn is_private(path: &Path) -> io::Result<bool> {
    std::fs::metadata(path).map(|_| true)
}

/// Opens a lock file that only its owner may touch, creating it when it is missing.
pub(crate) fn open_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a new file so long, with room for all of it where the file system can set that aside: a disk that is too full
/// is found before the first byte is fetched.
pub(crate) fn reserve(file: &File, len: u64) -> io::Result<()> {
    file.set_len(len)?;
    #[cfg(target_os = "linux")]
    if len > 0 {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        return match fallocate(file, FallocateFlags::empty(), 0, len) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::NODEV) => Ok(()),
            Err(error) => Err(error.into()),
        };
    }
    Ok(())
}

/// A new file in `folder` that has no name yet, so that nothing is left of it however the program ends; `None`
/// where the file system cannot do that.
#[cfg(target_os = "linux")]
pub(crate) fn unnamed_file(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags, open};
    // Naming the file later goes through /proc.
    if !Path::new("/proc/self/fd").is_dir() {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    open(folder, flags, Mode::RUSR | Mode::WUSR).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn unnamed_file(_folder: &Path) -> Option<File> {
    None
}

/// Gives a file of [`unnamed_file`] its name, which must be free.
#[cfg(target_os = "linux")]
pub(crate) fn name_file(file: &File, path: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD, linkat};
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn name_file(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
