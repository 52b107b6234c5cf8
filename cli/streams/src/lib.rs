//! Which standard streams were closed when the program started, as `zkv … >&-` closes one.
//!
//! Before `main`, Rust's runtime opens `/dev/null` in place of a closed stream, so that no file that is opened later gets
//! its number and with it what was meant for the terminal. From then on, output that nobody asked to be thrown away
//! disappears, and every write of it succeeds. So this looks before the runtime does.

use std::sync::atomic::{AtomicU8, Ordering};

/// A bit for each stream that was closed.
static CLOSED: AtomicU8 = AtomicU8::new(0);

/// A standard stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard input.
    Input = 1,
    /// Standard output.
    Output = 2,
    /// Standard error.
    Error = 4,
}

impl Stream {
    /// Whether it was closed when the program started. Never so on other systems than Unix, where the runtime opens
    /// nothing and a write fails by itself.
    #[must_use]
    pub fn was_closed(self) -> bool {
        CLOSED.load(Ordering::Relaxed) & self as u8 != 0
    }
}

#[cfg(unix)]
ctor::declarative::ctor! {
    /// Three system calls and an atomic store: nothing that needs the runtime, which is not there yet.
    #[ctor(unsafe)]
    fn look() {
        use rustix::stdio::{stderr, stdin, stdout};
        let streams = [(Stream::Input, stdin()), (Stream::Output, stdout()), (Stream::Error, stderr())];
        for (stream, descriptor) in streams {
            if rustix::io::fcntl_getfd(descriptor).is_err() {
                CLOSED.fetch_or(stream as u8, Ordering::Relaxed);
            }
        }
    }
}
