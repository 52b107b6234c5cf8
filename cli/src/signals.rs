//! Ctrl-C, termination and hang-up: unfinished files and folders are removed, the terminal is put right, and the exit
//! code is 128 plus the signal's number.

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{CliError, Result};

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
            let _held = zkvault::fs::abandon_unfinished();
            crate::platform::restore_terminal();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}
