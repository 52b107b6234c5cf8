//! The clipboard: a value is put on it, and taken off it again after a while.
//!
//! On X11 and Wayland a program that copies something has to run as long as it is on the clipboard, and on every system one
//! has to run to clear it. That is a detached process of this program ([`owner`]). It gets the value through a pipe, and
//! ends when the clipboard is cleared or, as far as the system reports that, when something else is copied. ADR 0020 says
//! why.

mod osc52;
pub(crate) mod owner;

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde::Serialize;
use zkvault_core::SecretText;

use crate::args::Clipboard;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::{environment, platform, settings};

/// What the first argument of the owner is, which only this module gives.
const OWNER: &str = "clipboard-owner";
/// Seconds after which the clipboard is cleared, unless a person says otherwise.
const CLEAR_AFTER: u64 = 45;
/// What the owner reports when the value is on the clipboard.
const READY: &str = "ready";
/// How long a display may take to accept a value.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest report of an owner, in bytes.
const MAX_REPORT: u64 = 4096;

/// What was done, as other programs get it.
#[derive(Serialize)]
struct Copied {
    copied_to: &'static str,
    /// Seconds; none where zkv cannot clear it.
    clear_after: Option<u64>,
}

/// Refuses what cannot work, before anybody is asked for a passphrase.
pub(crate) fn must_be_possible(wanted: &Clipboard) -> Result<()> {
    match wanted.osc52 {
        true => osc52::must_be_possible(),
        false if platform::has_display() => seconds(wanted).map(drop),
        false => Err(no_display()),
    }
}

/// Copies a value, and says what becomes of it. `what` names it for a person.
pub(crate) fn copy(text: &SecretText, what: &str, wanted: &Clipboard, context: &Context<'_>) -> Result<Exit> {
    must_be_possible(wanted)?;
    let (copied, becomes) = match wanted.osc52 {
        true => {
            osc52::send(text)?;
            let copied_to = Copied {
                copied_to: "terminal",
                clear_after: None,
            };
            (
                copied_to,
                String::from("sent to the terminal's clipboard, which zkv cannot clear"),
            )
        }
        false => {
            let seconds = seconds(wanted)?;
            hand_over(text, seconds)?;
            let copied_to = Copied {
                copied_to: "clipboard",
                clear_after: Some(seconds),
            };
            (copied_to, format!("on the clipboard for {seconds} seconds"))
        }
    };
    if context.output.is_json() {
        context.output.json(&copied)?;
    }
    context.output.note(&escaped(&format!("{what} is {becomes}")));
    Ok(Exit::Success)
}

/// After how long it is cleared.
fn seconds(wanted: &Clipboard) -> Result<u64> {
    match wanted.clear_after {
        Some(seconds) => Ok(seconds),
        None => Ok(settings::clear_after()?.unwrap_or(CLEAR_AFTER)),
    }
}

/// Starts an owner, and waits until the clipboard has the value.
fn hand_over(text: &SecretText, seconds: u64) -> Result<()> {
    let failed = |error: &std::io::Error| CliError::io("cannot start the process that holds the clipboard", error);
    let mut owner = command(seconds)
        .and_then(|mut command| command.spawn())
        .map_err(|error| failed(&error))?;
    let report = match (owner.stdin.take(), owner.stdout.take()) {
        (Some(mut stdin), Some(stdout)) => {
            // One that ended early has reported why, and that is read below.
            let _ = stdin.write_all(text.expose_secret().as_bytes());
            drop(stdin);
            report(stdout)
        }
        _ => None,
    };
    match report.as_deref() {
        Some(READY) => Ok(()),
        report => Err(refused(owner, report)),
    }
}

fn command(seconds: u64) -> std::io::Result<Command> {
    let mut command = Command::new(platform::own_program()?);
    command
        .args([OWNER, &seconds.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("ZKV_")) {
        command.env_remove(name);
    }
    platform::detach(&mut command);
    Ok(command)
}

/// The line that the owner reports; none where it takes too long, or ends without a word.
fn report(stdout: impl Read + Send + 'static) -> Option<String> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let read = BufReader::new(stdout.take(MAX_REPORT)).read_line(&mut line);
        // Nobody may be waiting any more.
        let _ = sender.send(read.map(|_| line.trim_end().to_owned()));
    });
    receiver
        .recv_timeout(PATIENCE)
        .ok()?
        .ok()
        .filter(|line| !line.is_empty())
}

fn refused(mut owner: Child, report: Option<&str>) -> CliError {
    // It may have ended already.
    let _ = owner.kill();
    let _ = owner.wait();
    let cause = report.unwrap_or("the display does not respond");
    CliError::new(Exit::Other, "clipboard", "the clipboard cannot be used")
        .cause(cause)
        .hint(way_out())
}

fn no_display() -> CliError {
    CliError::new(Exit::Other, "no-clipboard", "there is no clipboard here")
        .cause("neither DISPLAY nor WAYLAND_DISPLAY is set")
        .hint(way_out())
}

fn way_out() -> &'static str {
    match environment::path("SSH_CONNECTION") {
        Some(_) => "--osc52 sends it to the clipboard of your own terminal; zkv read prints it",
        None => "zkv read prints it; --osc52 sends it to the terminal's clipboard, if the terminal has one",
    }
}
