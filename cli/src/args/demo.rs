//! Arguments of `zkv demo`.

use clap::Args;

/// Show what zkv does, with simulated services and temporary profiles
#[derive(Debug, Args)]
#[command(after_help = "\
Needs no account, and nothing leaves this machine: the services listen on
127.0.0.1, and everything else is in one temporary folder that is removed at
the end.

Examples:
  zkv demo
  zkv demo --serve")]
pub(crate) struct Demo {
    /// Skip the tour: keep the services running until Ctrl-C, and print the settings to use them
    #[arg(long)]
    pub(crate) serve: bool,
    /// The port of LogMeOnce; any free one if missing
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
}
