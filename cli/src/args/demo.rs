//! Arguments of `zkv demo`.

use clap::Args;

/// Show what zkv does, with a simulated service and a throw-away profile
#[derive(Debug, Args)]
#[command(after_help = "\
No account is needed and nothing leaves this machine: the service listens on
127.0.0.1, everything else is in one temporary folder that is removed at the
end.

Examples:
  zkv demo
  zkv demo --serve")]
pub(crate) struct Demo {
    /// Skip the tour: keep the service up until Ctrl-C, and print the settings to use it
    #[arg(long)]
    pub(crate) serve: bool,
    /// The service's port; any free one when it is missing
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
}
