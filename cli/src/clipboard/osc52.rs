//! OSC 52: the sequence by which a program asks the terminal to put something on the clipboard of the machine in front of
//! the person, also over SSH. Terminals do not confirm it, and zkv cannot read that clipboard, so it cannot clear it either.

use std::io::{self, Write as _};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;
use zkvault_core::SecretText;

use crate::error::{CliError, Exit, Result};
use crate::platform;

/// Bytes of the longest value: many terminals ignore sequences of more than 100,000 characters.
const MAX_LEN: usize = 74_994;

pub(super) fn must_be_possible() -> Result<()> {
    platform::terminal().map(drop).map_err(|error| no_terminal(&error))
}

/// Sends a value to the terminal, wherever standard output goes.
pub(super) fn send(text: &SecretText) -> Result<()> {
    let text = text.expose_secret();
    if text.len() > MAX_LEN {
        let message = format!(
            "a terminal takes at most {MAX_LEN} bytes, and the value has {}",
            text.len()
        );
        return Err(CliError::new(Exit::Other, "too-long", message));
    }
    let sequence = sequence(text);
    let written = platform::terminal().and_then(|mut terminal| {
        terminal.write_all(sequence.as_bytes())?;
        terminal.flush()
    });
    written.map_err(|error| no_terminal(&error))
}

fn sequence(text: &str) -> Zeroizing<String> {
    const BEFORE: &str = "\u{1b}]52;c;";
    // All at once: a string that grows leaves copies behind.
    let mut sequence = Zeroizing::new(String::with_capacity(BEFORE.len() + text.len().div_ceil(3) * 4 + 1));
    sequence.push_str(BEFORE);
    STANDARD.encode_string(text, &mut sequence);
    sequence.push('\u{7}');
    sequence
}

fn no_terminal(error: &io::Error) -> CliError {
    CliError::new(Exit::Other, "no-clipboard", "there is no terminal to send the value to")
        .cause(error)
        .hint("run it in a terminal, without --no-tty and the like; zkv read prints the value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_encoded_and_moved_nowhere_while_it_is() {
        for (text, expected) in [
            ("", "\u{1b}]52;c;\u{7}"),
            ("håndkle\n", "\u{1b}]52;c;aMOlbmRrbGUK\u{7}"),
        ] {
            let sequence = sequence(text);
            assert_eq!(*sequence, expected);
            assert_eq!(sequence.capacity(), sequence.len(), "it did not grow");
        }
    }
}
