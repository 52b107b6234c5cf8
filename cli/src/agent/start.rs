//! Starts an agent that outlives this program, and waits until it listens.

#[cfg(windows)]
pub(crate) mod launcher;

use std::ffi::OsString;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use super::{PATIENCE, READY};
use crate::error::{CliError, Exit, Result};
use crate::profile;

/// What an agent is told of the environment: nothing that could hold a secret. Without the last, Windows opens no pipe.
const ENVIRONMENT: [&str; 5] = ["HOME", "TMPDIR", "XDG_RUNTIME_DIR", "LANG", "SystemRoot"];

/// What is started: the agent, or on Windows the program that starts it.
#[cfg(unix)]
const FIRST: &str = super::PROCESS;
#[cfg(windows)]
const FIRST: &str = launcher::PROCESS;
/// On Windows the launcher gives up first, and ends what it started.
const LIMIT: Duration = match cfg!(windows) {
    true => PATIENCE.saturating_add(PATIENCE),
    false => PATIENCE,
};

/// Has an agent run where there is none.
pub(super) fn start() -> Result<()> {
    let mut child = command()?.spawn().map_err(failed)?;
    let (tell, told) = mpsc::channel();
    if let Some(stdout) = child.stdout.take() {
        std::thread::spawn(move || tell.send(BufReader::new(stdout).lines().next()));
    }
    match told.recv_timeout(LIMIT) {
        Ok(Some(Ok(line))) if line == READY => Ok(()),
        Ok(Some(Ok(reason))) => Err(failed(reason)),
        Ok(_) => Err(failed("it ended without a word")),
        Err(_) => {
            let _ = child.kill();
            Err(failed(late()))
        }
    }
}

fn command() -> Result<Command> {
    let program = std::env::current_exe().map_err(failed)?;
    let mut command = Command::new(program);
    command
        .arg(FIRST)
        .env_clear()
        .envs(environment()?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    #[cfg(windows)]
    crate::platform::detach(&mut command);
    Ok(command)
}

fn environment() -> Result<impl Iterator<Item = (&'static str, OsString)>> {
    let data = profile::data_folder()?.into_os_string();
    let kept = ENVIRONMENT
        .into_iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    Ok(kept.chain([("ZKV_DATA_DIR", data)]))
}

fn failed(cause: impl ToString) -> CliError {
    CliError::new(Exit::Other, "agent-not-started", "the agent did not start").cause(cause.to_string())
}

fn late() -> String {
    format!("it was not ready after {} s", PATIENCE.as_secs())
}
