//! The process that holds a value on the clipboard, and clears it. It reads the value from standard input, reports on
//! standard output, and ends with the value.

use std::ffi::OsString;
use std::io::{self, Read as _};
use std::time::{Duration, Instant};

use arboard::{Clipboard, Error};
use zeroize::Zeroizing;
use zkvault_core::SecretText;

use super::{OWNER, READY};
use crate::error::{Exit, Result};
use crate::output::Output;
use crate::platform;
use offer::Offer;

/// How often a clipboard that is occupied is looked at again, and how long between: for five seconds.
const ATTEMPTS: usize = 50;
const PAUSE: Duration = Duration::from_millis(100);
/// Bytes of the longest value: 1 MiB, more than a site has.
const MAX_LEN: usize = 1 << 20;

/// For how many seconds this process has to be the owner, if it is one. That is no command of the command line, so that no
/// help and no completion has it.
pub(crate) fn seconds(arguments: impl Iterator<Item = OsString>) -> Option<u64> {
    let [owner, seconds] = arguments.collect::<Vec<_>>().try_into().ok()?;
    (owner == OWNER).then(|| seconds.to_str()?.parse().ok()).flatten()
}

/// What the owner does. Errors are reported in a line, which the waiting command shows.
pub(crate) fn run(seconds: u64, output: Output) -> Result<Exit> {
    platform::leave_terminal();
    let deadline = Instant::now() + Duration::from_secs(seconds);
    let held = read().map_err(|error| error.to_string()).and_then(|text| {
        let put = Offer::put(&text, deadline).map_err(|error| error.to_string());
        put.map(|offer| (offer, text))
    });
    let (offer, text) = match held {
        Ok(held) => held,
        Err(error) => {
            output.line(&error)?;
            return Ok(Exit::Other);
        }
    };
    output.line(READY)?;
    offer.end(&text, deadline);
    Ok(Exit::Success)
}

fn read() -> io::Result<SecretText> {
    // As large as it may become: a buffer that grows leaves copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_LEN + 1));
    io::stdin().take(MAX_LEN as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > MAX_LEN {
        return Err(io::Error::other(format!(
            "a value of more than {MAX_LEN} bytes is not copied"
        )));
    }
    match std::str::from_utf8(&bytes) {
        Ok(text) => Ok(SecretText::from(text.to_owned())),
        Err(_) => Err(io::Error::other("the value is not UTF-8 text")),
    }
}

/// Tries again what fails because a different program has the clipboard open for a moment.
fn patiently<T>(mut act: impl FnMut() -> std::result::Result<T, Error>) -> std::result::Result<T, Error> {
    for _ in 1..ATTEMPTS {
        match act() {
            Err(Error::ClipboardOccupied) => std::thread::sleep(PAUSE),
            done => return done,
        }
    }
    act()
}

/// Clears the clipboard if it still has the text: what was copied meanwhile is somebody else's.
fn clear(clipboard: &mut Clipboard, text: &SecretText) {
    let now = patiently(|| clipboard.get_text()).map(SecretText::from);
    if now.is_ok_and(|now| now == *text) {
        // There is nobody left to tell.
        let _ = patiently(|| clipboard.clear());
    }
}

/// X11 and Wayland, where a value is on the clipboard as long as the program that put it there serves it.
#[cfg(all(unix, not(target_os = "macos")))]
mod offer {
    use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
    use std::time::{Duration, Instant};

    use arboard::{Clipboard, Error, SetExtLinux as _};
    use zkvault_core::SecretText;

    use super::clear;

    /// How often it is looked whether the display has taken the value, and how long between.
    const LOOKS: usize = 1000;
    const BETWEEN: Duration = Duration::from_millis(5);
    /// How soon a display that is gone, or on Wayland something else that was copied, is noticed.
    const SECOND: Duration = Duration::from_secs(1);

    /// Without this variable the library does not look for a compositor.
    fn may_be_wayland() -> bool {
        std::env::var_os("WAYLAND_DISPLAY").is_some()
    }

    /// Whether the clipboard has this text now.
    fn has(clipboard: &mut Clipboard, text: &SecretText) -> bool {
        let now = clipboard.get_text().map(SecretText::from);
        now.is_ok_and(|now| now == *text)
    }

    pub(super) struct Offer {
        clipboard: Clipboard,
        /// Something is received, or the sender is gone, when the value is on the clipboard no more.
        served: Receiver<Result<(), Error>>,
    }

    impl Offer {
        /// Returns when the value is on the clipboard.
        pub(super) fn put(text: &SecretText, deadline: Instant) -> Result<Self, Error> {
            let mut clipboard = Clipboard::new()?;
            let (sender, served) = mpsc::channel();
            let held = text.expose_secret().to_owned();
            std::thread::spawn(move || {
                // A second handle to the same connection: this call returns only when something else was copied.
                let served = Clipboard::new()
                    .and_then(|mut clipboard| clipboard.set().exclude_from_history().wait_until(deadline).text(held));
                let _ = sender.send(served);
            });
            for _ in 0..LOOKS {
                match served.recv_timeout(BETWEEN) {
                    Ok(Err(error)) => return Err(error),
                    Err(RecvTimeoutError::Timeout) if !has(&mut clipboard, text) => {}
                    // On Wayland the library serves in a thread of its own, and does not wait.
                    _ => return Ok(Self { clipboard, served }),
                }
            }
            Err(Error::ClipboardOccupied)
        }

        /// Waits for the deadline, and clears. Ends before where something else is copied, or the display is gone.
        pub(super) fn end(mut self, text: &SecretText, deadline: Instant) {
            loop {
                let left = deadline.saturating_duration_since(Instant::now());
                match self.served.recv_timeout(left.min(SECOND)) {
                    // On Wayland the library does not wait, and the sender is gone soon.
                    Err(RecvTimeoutError::Disconnected) => std::thread::sleep(left.min(SECOND)),
                    Ok(_) if left > SECOND && !may_be_wayland() => return,
                    _ => {}
                }
                if left <= SECOND {
                    clear(&mut self.clipboard, text);
                    // A program that asked just before gets a response: without one, some wait for ever.
                    return std::thread::sleep(SECOND);
                }
                if !has(&mut self.clipboard, text) {
                    return;
                }
            }
        }
    }
}

/// macOS and Windows, which keep the value themselves.
#[cfg(not(all(unix, not(target_os = "macos"))))]
mod offer {
    use std::time::Instant;

    #[cfg(target_os = "macos")]
    use arboard::SetExtApple as _;
    #[cfg(windows)]
    use arboard::SetExtWindows as _;
    use arboard::{Clipboard, Error};
    use zkvault_core::SecretText;

    use super::{clear, patiently};

    pub(super) struct Offer(Clipboard);

    impl Offer {
        pub(super) fn put(text: &SecretText, _: Instant) -> Result<Self, Error> {
            let mut clipboard = Clipboard::new()?;
            patiently(|| {
                let set = clipboard.set().exclude_from_history();
                #[cfg(windows)]
                let set = set.exclude_from_cloud().exclude_from_monitoring();
                set.text(text.expose_secret())
            })?;
            Ok(Self(clipboard))
        }

        pub(super) fn end(mut self, text: &SecretText, deadline: Instant) {
            std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
            clear(&mut self.0, text);
        }
    }
}
