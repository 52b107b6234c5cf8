//! Ctrl-C, termination and hang-up: unfinished files and folders are removed, the terminal is put right, and the exit
//! code is 128 plus the signal's number.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{CliError, Result};

/// Files and folders that must not outlive an interrupted command.
static UNFINISHED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());

/// Starts the thread that waits for signals.
pub(crate) fn watch() -> Result<()> {
    #[cfg(unix)]
    let signals = Signals::new([SIGINT, SIGTERM, signal_hook::consts::SIGHUP]);
    #[cfg(not(unix))]
    let signals = Signals::new([SIGINT, SIGTERM]);
    // A file that may not grow is an error of the write then, and no end without a word.
    #[cfg(unix)]
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, std::sync::Arc::default());
    let mut signals = signals.map_err(|error| CliError::io("cannot listen for Ctrl-C", &error))?;
    std::thread::spawn(move || {
        if let Some(signal) = signals.forever().next() {
            let files = unfinished();
            for path in files.iter() {
                remove(path);
            }
            crate::platform::restore_terminal();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}

/// Nothing more can be done about what will not go away.
fn remove(path: &Path) {
    if !path.is_dir() {
        let _ = std::fs::remove_file(path);
        return;
    }
    // A program that we started may still be writing there for a moment.
    for _ in 0..20 {
        if std::fs::remove_dir_all(path).is_ok() {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

/// Keeps `path` on the list of unfinished files until dropped.
#[derive(Debug)]
pub(crate) struct Unfinished(PathBuf);

impl Unfinished {
    pub(crate) fn new(path: &Path) -> Self {
        unfinished().push(path.to_owned());
        Self(path.to_owned())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        unfinished().retain(|path| *path != self.0);
    }
}

fn unfinished() -> MutexGuard<'static, Vec<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}
