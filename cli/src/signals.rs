//! Ctrl-C, termination and hang-up: unfinished files and folders are removed, the terminal is put right, and the exit
//! code is 128 plus the signal's number.

use std::process::Child;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::error::{CliError, Result};

/// The process of the program that `zkv run` waits for; 0 when there is none.
static CHILD: AtomicU32 = AtomicU32::new(0);

/// From now on signals are for this program, and we end when it does.
pub(crate) fn pass_on(child: &Child) -> Result<()> {
    CHILD.store(child.id(), Ordering::Relaxed);
    system::pass_on_more().map_err(|error| CliError::io("cannot listen for signals", &error))
}

/// Starts the thread that waits for signals.
pub(crate) fn watch() -> Result<()> {
    let signals = system::Signals::new().map_err(|error| CliError::io("cannot listen for Ctrl-C", &error))?;
    std::thread::spawn(move || {
        signals.each(|signal| {
            if !crate::platform::pass_on(CHILD.load(Ordering::Relaxed), signal) {
                let _held = zkvault::fs::abandon_unfinished();
                crate::platform::restore_terminal();
                std::process::exit(128 + signal);
            }
        });
    });
    Ok(())
}

#[cfg(unix)]
mod system {
    use std::sync::atomic::Ordering;

    use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGXFSZ};

    use super::CHILD;

    pub(super) struct Signals(signal_hook::iterator::Signals);

    impl Signals {
        pub(super) fn new() -> std::io::Result<Self> {
            // A file that may not grow is an error of the write then, and no end without a word.
            let _ = signal_hook::flag::register(SIGXFSZ, std::sync::Arc::default());
            signal_hook::iterator::Signals::new([SIGINT, SIGTERM, SIGHUP]).map(Self)
        }

        /// Calls `act` with the number of each signal.
        pub(super) fn each(mut self, act: impl Fn(i32)) {
            self.0.forever().for_each(act);
        }
    }

    /// Those that mean nothing to us, and would end us.
    pub(super) fn pass_on_more() -> std::io::Result<()> {
        let mut signals = signal_hook::iterator::Signals::new([SIGQUIT, SIGUSR1, SIGUSR2])?;
        std::thread::spawn(move || {
            for signal in signals.forever() {
                crate::platform::pass_on(CHILD.load(Ordering::Relaxed), signal);
            }
        });
        Ok(())
    }
}

/// A console's events, by the numbers of the signals that they are like. After a closed window, and at the end of the session
/// or the system, Windows gives a program some seconds.
#[cfg(windows)]
mod system {
    use std::io;

    use tokio::runtime::{Builder, Runtime};
    use tokio::signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close, ctrl_logoff,
        ctrl_shutdown,
    };

    /// There are no others.
    pub(super) fn pass_on_more() -> io::Result<()> {
        Ok(())
    }

    const HANGUP: i32 = 1;
    const INTERRUPT: i32 = 2;
    const TERMINATE: i32 = 15;

    pub(super) struct Signals {
        runtime: Runtime,
        interrupt: CtrlC,
        stop: CtrlBreak,
        close: CtrlClose,
        logoff: CtrlLogoff,
        shutdown: CtrlShutdown,
    }

    impl Signals {
        pub(super) fn new() -> io::Result<Self> {
            let runtime = Builder::new_current_thread().build()?;
            let _inside = runtime.enter();
            Ok(Self {
                interrupt: ctrl_c()?,
                stop: ctrl_break()?,
                close: ctrl_close()?,
                logoff: ctrl_logoff()?,
                shutdown: ctrl_shutdown()?,
                runtime,
            })
        }

        /// Calls `act` with the number of each signal.
        pub(super) fn each(self, act: impl Fn(i32)) {
            let Self {
                runtime,
                mut interrupt,
                mut stop,
                mut close,
                mut logoff,
                mut shutdown,
            } = self;
            runtime.block_on(async {
                loop {
                    act(tokio::select! {
                        _ = interrupt.recv() => INTERRUPT,
                        _ = stop.recv() => INTERRUPT,
                        _ = close.recv() => HANGUP,
                        _ = logoff.recv() => TERMINATE,
                        _ = shutdown.recv() => TERMINATE,
                    });
                }
            });
        }
    }
}
