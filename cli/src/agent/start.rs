//! Starts an agent that outlives this program, and waits until it listens.

use std::ffi::OsString;

use zkvault::agent::Agent;

use super::{PATIENCE, PROCESS};
use crate::error::{CliError, Exit, Result};
use crate::profile;

/// What an agent is told of the environment: nothing that could hold a secret. Without the last, Windows opens no pipe.
const ENVIRONMENT: [&str; 5] = ["HOME", "TMPDIR", "XDG_RUNTIME_DIR", "LANG", "SystemRoot"];

/// Has an agent run where there is none.
#[cfg_attr(unix, expect(unused_variables, reason = "it reports by itself that it listens"))]
pub(super) fn start(agent: &Agent) -> Result<()> {
    #[cfg(unix)]
    return unix::start();
    #[cfg(windows)]
    return windows::start(agent);
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

fn late() -> CliError {
    failed(format!("it was not ready after {} s", PATIENCE.as_secs()))
}

#[cfg(unix)]
mod unix {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    use std::sync::mpsc;

    use super::super::{PATIENCE, READY};
    use super::{PROCESS, environment, failed, late};
    use crate::error::Result;

    pub(super) fn start() -> Result<()> {
        let program = std::env::current_exe().map_err(failed)?;
        let child = Command::new(program)
            .arg(PROCESS)
            .env_clear()
            .envs(environment()?)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut child = child.map_err(failed)?;
        let (tell, told) = mpsc::channel();
        if let Some(stdout) = child.stdout.take() {
            std::thread::spawn(move || tell.send(BufReader::new(stdout).lines().next()));
        }
        match told.recv_timeout(PATIENCE) {
            Ok(Some(Ok(line))) if line == READY => Ok(()),
            Ok(Some(Ok(reason))) => Err(failed(reason)),
            Ok(_) => Err(failed("it ended without a word")),
            Err(_) => {
                let _ = child.kill();
                Err(late())
            }
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::thread::sleep;
    use std::time::Instant;

    use winsafe::co::CREATE;
    use winsafe::{CreateProcess, STARTUPINFO};
    use zkvault::agent::Agent;

    use super::super::{PATIENCE, PAUSE};
    use super::{PROCESS, environment, failed, late};
    use crate::error::Result;

    /// What the system says of a process that runs.
    const STILL_ACTIVE: u32 = 259;

    /// The standard library would hand the agent every open handle that can be inherited: a reader of our output would then
    /// wait until the agent ends. So it gets none, and is asked whether it listens.
    pub(super) fn start(agent: &Agent) -> Result<()> {
        let program = std::env::current_exe().map_err(failed)?;
        let command = format!("\"{}\" {PROCESS}", program.display());
        let environment: Vec<_> = environment()?
            .filter_map(|(name, value)| Some((name, value.into_string().ok()?)))
            .collect();
        let environment: Vec<_> = environment
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        let root = program.ancestors().last().and_then(|root| root.to_str());
        let started = CreateProcess(
            None,
            Some(&command),
            None,
            None,
            false,
            CREATE::DETACHED_PROCESS,
            &environment,
            root,
            &mut STARTUPINFO::default(),
        );
        let process = started.map_err(failed)?;
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if matches!(agent.status(), Ok(Some(_))) {
                return Ok(());
            }
            if process.hProcess.GetExitCodeProcess().map_err(failed)? != STILL_ACTIVE {
                return Err(failed("it ended without a word").hint("zkv agent says why"));
            }
            sleep(PAUSE);
        }
        let _ = process.hProcess.TerminateProcess(1);
        Err(late())
    }
}
