//! The agent of this user: asked before anybody types a passphrase, and started by `zkv unlock`.
//!
//! Nothing about an agent makes a command fail that can do without: it is worth a note at most.

mod start;

use std::ffi::OsString;
use std::io;
use std::thread::sleep;
use std::time::{Duration, Instant};

use zkvault::agent::{Agent, AgentError, EntryStatus, Limits, VERSION};
use zkvault::core::keyring::{Keyring, UnlockKeyId};
use zkvault::keyring_file::{KeyringFile, OpenKeyring};

#[cfg(windows)]
pub(crate) use self::start::launcher;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::{environment, platform, profile};

/// What the first argument of a process is that `zkv unlock` starts as an agent: no command of the command line, whose
/// parser would only take memory there.
const PROCESS: &str = "agent-process";
/// What a started agent prints when it listens.
pub(crate) const READY: &str = "ready";
/// How long an agent may take to start, or to end.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(20);
/// An agent may end just when it is asked to keep a key.
const ATTEMPTS: usize = 3;

/// Whether this process was started as an agent.
pub(crate) fn is_process(arguments: impl Iterator<Item = OsString>) -> bool {
    arguments.eq([PROCESS])
}

/// Whether `ZKV_AGENT=off` says that no agent is asked.
fn is_off() -> Result<bool> {
    let setting = environment::text("ZKV_AGENT")?;
    Ok(setting.is_some_and(|setting| matches!(setting.to_ascii_lowercase().as_str(), "off" | "0" | "false" | "no")))
}

/// The agent of this user, whether it runs or not; `None` when it is off, or there is no place for it.
pub(crate) fn find() -> Option<Agent> {
    required().ok()
}

/// As [`find`], for commands that are about the agent.
pub(crate) fn required() -> Result<Agent> {
    match is_off()? {
        false => profile::agent_place().map(Agent::new),
        true => Err(CliError::usage("the agent is off")
            .cause("ZKV_AGENT says so")
            .hint("unset ZKV_AGENT")),
    }
}

/// Opens a keyring with the key that the agent has; or gives the file back, for the passphrase. One that is in the
/// environment comes first, as it does everywhere.
pub(crate) fn open(file: KeyringFile, context: &Context<'_>) -> std::result::Result<OpenKeyring, Box<KeyringFile>> {
    let can_be_kept = !file.params().is_below_default();
    let agent = find().filter(|_| can_be_kept && !context.has_passphrase());
    let Some(agent) = agent else { return Err(Box::new(file)) };
    let id = file.unlock_key_id();
    match agent.key(id) {
        Ok(Some(key)) => file.unlock_with(key).inspect_err(|_| {
            context
                .output
                .note("the agent's key does not open the keyring; it is forgotten");
            note(agent.forget(id), context);
        }),
        Ok(None) => Err(Box::new(file)),
        Err(error) => {
            note(Err::<(), _>(error), context);
            Err(Box::new(file))
        }
    }
}

/// The keyring was saved under a new salt or passphrase: where it was unlocked it stays so, with its new key alone.
pub(crate) fn renew(before: UnlockKeyId, keyring: &Keyring, context: &Context<'_>) {
    let id = keyring.unlock_key_id();
    if let (true, Some(agent)) = (id != before, find()) {
        note(agent.replace(before, id, keyring.unlock_key()), context);
    }
}

/// The keyring is no longer there: nor is its key.
pub(crate) fn forget(id: UnlockKeyId, context: &Context<'_>) {
    if let Some(agent) = find() {
        note(agent.forget(id), context);
    }
}

/// What the agent knows of the profile's keyring; `None` when that is locked, or nothing can be found out.
pub(crate) fn entry_of(context: &Context<'_>) -> Option<EntryStatus> {
    let file = KeyringFile::open(&context.profile().ok()?.keyring_path()).ok()?;
    let status = find()?.status().ok()??;
    status
        .entries
        .into_iter()
        .find(|entry| entry.id == file.unlock_key_id())
}

fn note<T>(done: std::result::Result<T, AgentError>, context: &Context<'_>) {
    if let Err(error) = done.map_err(CliError::from)
        && error.code != "agent-unavailable"
    {
        let reason = error.cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        let hint = error.hint.map(|hint| format!(" ({hint})")).unwrap_or_default();
        let text = format!("the agent was not asked: {}{reason}{hint}", error.message);
        context.output.note(&escaped(&text));
    }
}

/// Has an agent run, and ends one of an earlier version for it.
pub(crate) fn ensure(agent: &Agent) -> Result<()> {
    match agent.status() {
        Ok(Some(_)) => Ok(()),
        Ok(None) => start::start(),
        Err(AgentError::OtherVersion { theirs }) if theirs < VERSION => {
            agent.stop()?;
            wait_until_gone(agent)?;
            start::start()
        }
        Err(error) => Err(error.into()),
    }
}

/// Has the agent keep the key of a keyring, and starts it if it ended meanwhile.
pub(crate) fn keep(agent: &Agent, keyring: &Keyring, limits: Limits) -> Result<()> {
    let mut last = AgentError::NotRunning;
    for _ in 0..ATTEMPTS {
        ensure(agent)?;
        match agent.put(keyring.unlock_key_id(), keyring.unlock_key(), limits) {
            Err(AgentError::NotRunning) => last = AgentError::NotRunning,
            kept => return Ok(kept?),
        }
    }
    Err(last.into())
}

fn wait_until_gone(agent: &Agent) -> Result<()> {
    let until = Instant::now() + PATIENCE;
    while !matches!(agent.status(), Ok(None)) {
        if Instant::now() > until {
            return Err(CliError::new(
                Exit::Other,
                "agent-running",
                "the agent of an earlier zkv does not end",
            ));
        }
        sleep(PAUSE);
    }
    Ok(())
}

/// Waits for the place of an agent, which a different agent may be about to leave; `None` when that one stays, which is as good.
pub(crate) fn listen_or_join<T>(
    agent: &Agent,
    listen: impl Fn() -> std::result::Result<T, AgentError>,
) -> std::result::Result<Option<T>, AgentError> {
    let until = Instant::now() + PATIENCE / 2;
    loop {
        match listen() {
            Err(AgentError::Running(_)) if matches!(agent.status(), Ok(Some(_))) => return Ok(None),
            Err(AgentError::Running(_)) if Instant::now() < until => sleep(PAUSE),
            listening => return listening.map(Some),
        }
    }
}

/// Leaves the terminal and the folder of the one who started this agent, after telling them that it listens.
pub(crate) fn detach() -> io::Result<()> {
    use std::io::Write as _;
    let mut stdout = io::stdout();
    writeln!(stdout, "{READY}")?;
    stdout.flush()?;
    std::env::set_current_dir("/")?;
    platform::leave_session()
}
