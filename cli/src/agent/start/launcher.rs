//! Windows: the program between the one that needs an agent and the agent.
//!
//! The standard library hands a child every open handle that can be inherited: an agent would keep the pipes of a shell open,
//! and a reader of our output would wait until it ends. winsafe starts a program without handles, but passes on freed memory
//! for an environment (0.0.29). So the standard library starts this with the environment that an agent may have, this starts
//! the agent with no handles and the same environment, reports in a line whether it listens, and ends.

use std::ffi::OsString;
use std::thread::sleep;
use std::time::Instant;

use winsafe::co::CREATE;
use winsafe::guard::CloseHandlePiGuard;
use winsafe::{CreateProcess, STARTUPINFO};

use super::super::{PATIENCE, PAUSE, PROCESS as AGENT, READY, required};
use crate::error::{Exit, Result};
use crate::output::Output;

/// Its only argument, which no help and no completion has.
pub(super) const PROCESS: &str = "agent-launcher";
/// What the system says of a process that runs.
const STILL_ACTIVE: u32 = 259;

/// Whether this process was started as a launcher.
pub(crate) fn is_process(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.eq([PROCESS])
}

/// Starts an agent, waits until it listens, and reports that or why it does not.
pub(crate) fn run(output: Output) -> Result<Exit> {
    let report = launch();
    output.line(report.as_ref().map_or_else(String::as_str, |()| READY))?;
    Ok(report.map_or(Exit::Other, |()| Exit::Success))
}

fn launch() -> std::result::Result<(), String> {
    let agent = required().map_err(|error| error.message)?;
    let process = started()?;
    let until = Instant::now() + PATIENCE;
    while Instant::now() < until {
        if matches!(agent.status(), Ok(Some(_))) {
            return Ok(());
        }
        let code = process
            .hProcess
            .GetExitCodeProcess()
            .map_err(|error| error.to_string())?;
        if code != STILL_ACTIVE {
            return Err("it ended without a word: zkv agent says why".to_owned());
        }
        sleep(PAUSE);
    }
    let _ = process.hProcess.TerminateProcess(1);
    Err(super::late())
}

/// The agent, in the root of its disk, so that no folder is held.
fn started() -> std::result::Result<CloseHandlePiGuard, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let command = format!("\"{}\" {AGENT}", program.display());
    let root = program.ancestors().last().and_then(|root| root.to_str());
    let started = CreateProcess(
        None,
        Some(&command),
        None,
        None,
        false,
        CREATE::DETACHED_PROCESS,
        &[],
        root,
        &mut STARTUPINFO::default(),
    );
    started.map_err(|error| error.to_string())
}
