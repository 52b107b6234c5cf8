//! Arguments of `zkv setup`.

use clap::Args;

use super::keys::KdfCost;

/// Set up zkv step by step: keyring, account, key, sync, unlock
#[derive(Debug, Args)]
#[command(after_help = "\
At a terminal, zkv explains each step, asks, and runs the command that it
shows. Each step can be left out, and steps that are done are not repeated, so
zkv setup resumes where it was. Without a terminal, and with --json, it lists
the steps and their commands, and changes nothing.

Examples:
  zkv setup
  zkv setup --profile work")]
pub(crate) struct Setup {
    #[command(flatten)]
    pub(crate) kdf: KdfCost,
}
