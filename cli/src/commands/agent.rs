//! `zkv unlock`, `zkv lock` and `zkv agent`.

use serde::Serialize;
use zkvault::agent::{Agent, AgentError, Cache, EntryStatus, Limits, Stay, SystemClock, serve};
use zkvault::keyring_file::KeyringFile;

use crate::args::{AgentArgs, AgentCommand, Unlock};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Output, Table, shown_path};
use crate::{agent, clock, hardening, session, settings};

#[derive(Serialize)]
struct Unlocked {
    idle_seconds: u64,
    age_seconds: u64,
}

pub(crate) fn unlock(args: &Unlock, context: &Context<'_>) -> Result<Exit> {
    let limits = limits(args)?;
    let agent = agent::required()?;
    let path = context.profile()?.keyring_path();
    // Before anybody types a passphrase for nothing.
    KeyringFile::open(&path)?;
    agent::ensure(&agent)?;
    let mut open = context.with_passphrase(|passphrase| Ok(KeyringFile::open(&path)?.unlock(passphrase)?))?;
    if open.keyring().is_weak() {
        // The agent keeps the key under which the keyring is saved, which only a save makes the one that opens it.
        open.update(|_| Ok::<_, CliError>(()))?;
        context
            .output
            .note("a guess at this keyring's passphrase now costs as much as today's default");
    }
    agent::keep(&agent, open.keyring(), limits)?;
    let unlocked = Unlocked {
        idle_seconds: limits.idle().as_secs(),
        age_seconds: limits.age().as_secs(),
    };
    if context.output.is_json() {
        context.output.json(&unlocked)?;
    }
    context.output.note(&format!(
        "unlocked: locks after {} without use, and after {} in any case; zkv lock locks now",
        clock::span(unlocked.idle_seconds),
        clock::span(unlocked.age_seconds)
    ));
    Ok(Exit::Success)
}

fn limits(args: &Unlock) -> Result<Limits> {
    let idle = match args.idle {
        Some(idle) => Some(idle),
        None => settings::idle()?,
    };
    Limits::new(idle.unwrap_or(Limits::default().idle()), args.age)
        .map_err(|error| CliError::usage("--idle or --for is out of limits").cause(error))
}

#[derive(Serialize)]
struct Locked {
    agent: bool,
}

/// Unlike other commands, this one fails when the agent cannot be asked: something may still be unlocked.
pub(crate) fn lock(context: &Context<'_>) -> Result<Exit> {
    let agent = agent::required()?.lock()?;
    if context.output.is_json() {
        context.output.json(&Locked { agent })?;
    }
    context.output.note(match agent {
        true => "locked",
        false => "nothing was unlocked: no agent is running",
    });
    Ok(Exit::Success)
}

pub(crate) fn run(args: &AgentArgs, context: &Context<'_>) -> Result<Exit> {
    match &args.command {
        Some(AgentCommand::Status) => status(context),
        None => foreground(context),
    }
}

fn foreground(context: &Context<'_>) -> Result<Exit> {
    let agent = agent::required()?;
    session::runtime()?
        .block_on(async {
            let listener = agent.place().listen()?;
            let place = shown_path(agent.place().path());
            context.output.note(&format!("listening at {place}"));
            Ok(serve(&listener, Cache::new(SystemClock), Stay::Always, is_memory_locked()).await)
        })
        .and_then(ended)
}

/// As `zkv unlock` starts it: what went wrong is one line on stdout.
pub(crate) fn detached(output: Output) -> Result<Exit> {
    serve_detached().or_else(|error| {
        let cause = error.cause.map(|cause| format!(": {cause}")).unwrap_or_default();
        output.line(&format!("{}{cause}", error.message))?;
        Ok(error.exit)
    })
}

fn serve_detached() -> Result<Exit> {
    let agent = agent::required()?;
    // Apart from the runtime in which the agent runs, since the other one is asked here.
    let runtime = session::runtime()?;
    let listening = agent::listen_or_join(&agent, || {
        let _inside = runtime.enter();
        agent.place().listen()
    })?;
    agent::detach().map_err(|error| CliError::io("cannot leave the terminal", &error))?;
    let Some(listener) = listening else {
        return Ok(Exit::Success);
    };
    ended(runtime.block_on(serve(
        &listener,
        Cache::new(SystemClock),
        Stay::WhileNeeded,
        is_memory_locked(),
    )))
}

fn is_memory_locked() -> bool {
    hardening::is_memory_locked()
}

fn ended(served: std::io::Result<()>) -> Result<Exit> {
    match served {
        Ok(()) => Ok(Exit::Success),
        Err(error) => Err(AgentError::Unresponsive(error).into()),
    }
}

#[derive(Serialize)]
struct Report {
    running: bool,
    process: Option<u32>,
    socket: String,
    /// Keys of any profile.
    keys: usize,
    memory_locked: Option<bool>,
    /// Whether the profile's keyring is unlocked.
    unlocked: bool,
    idle_seconds_left: Option<u64>,
    age_seconds_left: Option<u64>,
}

fn status(context: &Context<'_>) -> Result<Exit> {
    let agent = agent::required()?;
    let report = report(&agent, context)?;
    let mut table = Table::pairs();
    let mut row = |what: &str, value: String| table.row([what.to_owned(), value]);
    row(
        "agent",
        match report.process {
            Some(process) => format!("running, process {process}"),
            None => "not running".to_owned(),
        },
    );
    row("socket", report.socket.clone());
    row(
        "this profile",
        match (report.idle_seconds_left, report.age_seconds_left) {
            (Some(idle), Some(age)) => until(idle, age),
            _ => "locked: zkv unlock unlocks it".to_owned(),
        },
    );
    if report.running {
        row("keys", report.keys.to_string());
    }
    if let Some(is_locked) = report.memory_locked {
        row(
            "memory",
            match is_locked {
                true => "never written to a swap".to_owned(),
                false => "may be written to a swap: the system does not let it be locked".to_owned(),
            },
        );
    }
    context.output.rows(&table, &report)?;
    Ok(Exit::Success)
}

/// Until when something is unlocked, in words.
fn until(idle: u64, age: u64) -> String {
    let (idle, age) = (clock::span(idle), clock::span(age));
    format!("unlocked: locks in {idle} without use, in {age} in any case")
}

/// As [`until`], for other commands.
pub(super) fn shown(entry: &EntryStatus) -> String {
    until(entry.idle_left.as_secs(), entry.age_left.as_secs())
}

fn report(agent: &Agent, context: &Context<'_>) -> Result<Report> {
    let status = agent.status()?;
    let entry = agent::entry_of(context);
    Ok(Report {
        running: status.is_some(),
        process: status.as_ref().map(|status| status.process),
        socket: agent.place().path().display().to_string(),
        keys: status.as_ref().map_or(0, |status| status.entries.len()),
        memory_locked: status.as_ref().map(|status| status.is_memory_locked),
        unlocked: entry.is_some(),
        idle_seconds_left: entry.map(|entry| entry.idle_left.as_secs()),
        age_seconds_left: entry.map(|entry| entry.age_left.as_secs()),
    })
}
