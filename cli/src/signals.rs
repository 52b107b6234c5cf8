//! Ctrl-C, termination and hang-up: unfinished files and folders are removed, the terminal is put right, and the exit
//! code is 128 plus the signal's number.

use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::error::{CliError, Result};

/// The process of the program that `zkv run` waits for; 0 when there is none.
static CHILD: AtomicU32 = AtomicU32::new(0);

/// From now on signals end this program, and we end when it does.
pub(crate) fn pass_on(child: &Child) {
    CHILD.store(child.id(), Ordering::Relaxed);
}

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
        for signal in signals.forever() {
            if crate::platform::pass_on(CHILD.load(Ordering::Relaxed), signal) {
                continue;
            }
            let _held = zkvault::fs::abandon_unfinished();
            crate::platform::restore_terminal();
            std::process::exit(128 + signal);
        }
    });
    Ok(())
}
