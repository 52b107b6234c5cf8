//! Arguments of the commands about the agent.

use std::time::Duration;

use clap::{Args, Subcommand};
use zkvault::time;

/// Type the passphrase once, for a while
#[derive(Debug, Args)]
#[command(after_help = "\
The agent, a process of yours, keeps the key that the passphrase gives, in
memory alone. Until it forgets the key, no command prompts for the passphrase,
and every program that runs as you can read everything. It forgets the key after
a time without use, at an age, when the machine was asleep, and with zkv lock.

Each zkv unlock prompts, and starts both times anew. ZKV_AGENT=off makes zkv do
without the agent.

Examples:
  zkv unlock
  zkv unlock --idle 1h --for 12h
  zkv config set idle 1h")]
pub(crate) struct Unlock {
    /// Lock after so long without use, such as 90s, 15m or 1h30m; 15m if neither this nor the setting idle is given
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) idle: Option<Duration>,
    /// Lock after so long in any case
    #[arg(long = "for", value_name = "DURATION", value_parser = duration, default_value = "8h")]
    pub(crate) age: Duration,
}

/// Forget every key that was unlocked
#[derive(Debug, Args)]
#[command(after_help = "\
Every profile is locked. An agent that zkv unlock started ends.

Example:
  zkv lock")]
pub(crate) struct Lock {}

/// Run the agent in the foreground, for systemd or launchd
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    after_help = "\
zkv unlock starts an agent by itself, which ends with its last key. This one
stays. packaging/ has a unit for systemd and an agent for launchd.

Examples:
  zkv agent
  zkv agent status"
)]
pub(crate) struct AgentArgs {
    #[command(subcommand)]
    pub(crate) command: Option<AgentCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AgentCommand {
    /// Show whether the agent runs, and what is unlocked until when
    #[command(after_help = "Examples:\n  zkv agent status\n  zkv agent status --json")]
    Status,
}

fn duration(text: &str) -> Result<Duration, &'static str> {
    time::parse_duration(text).ok_or("a duration is written 90s, 15m or 1h30m")
}
