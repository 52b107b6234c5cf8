//! `zkv`, the zkvault terminal program: opens and seals LogMeOnce site credentials on this machine.
//!
//! A command's way: `args` says what was asked, `commands` does it with `zkvault-core`, `output` prints.

mod agent;
mod args;
mod backup;
mod child;
mod clipboard;
mod clock;
mod commands;
mod completion;
mod containers;
mod context;
mod environment;
mod error;
mod escape;
mod failure;
mod hardening;
mod input;
mod key_source;
mod keychain;
mod keyring_file;
mod layouts;
mod opened_by;
mod output;
mod passphrase;
mod place;
mod platform;
mod profile;
mod prompt;
mod reference;
mod repo;
mod sealed_document;
mod service;
mod session;
mod settings;
mod shell;
mod signals;
mod sink;
mod vault;

use std::process::ExitCode;

use crate::args::Arguments;
use crate::clipboard::owner;
use crate::output::Output;

fn main() -> ExitCode {
    hardening::harden();
    if let Some(seconds) = owner::seconds(std::env::args_os().skip(1)) {
        let output = Output::new(None, false);
        return owner::run(seconds, output).map_or_else(|error| output.failure(&error), ExitCode::from);
    }
    if agent::is_process(std::env::args_os().skip(1)) {
        let output = Output::new(None, false);
        let ended = signals::watch().and_then(|()| commands::agent::detached(output));
        return ended.map_or_else(|error| output.failure(&error), ExitCode::from);
    }
    #[cfg(windows)]
    if agent::launcher::is_process(std::env::args_os().skip(1)) {
        let output = Output::new(None, false);
        return agent::launcher::run(output).map_or_else(|error| output.failure(&error), ExitCode::from);
    }
    let arguments = match Arguments::of_process() {
        Ok(arguments) => arguments,
        Err(error) => return output::usage(&error),
    };
    let output = Output::new(arguments.global.format(), arguments.global.iso).with_quiet(arguments.global.quiet);
    match signals::watch().and_then(|()| commands::run(&arguments, output)) {
        Ok(exit) => exit.into(),
        Err(error) => output.failure(&error),
    }
}
