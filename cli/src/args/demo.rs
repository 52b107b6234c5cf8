//! Arguments of `zkv demo`.

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use zkvault_simulator::Quirk;

/// Show what zkv does, with simulated services and temporary profiles
#[derive(Debug, Args)]
#[command(after_help = "\
Needs no account, and nothing leaves this machine: the services listen on
127.0.0.1, and everything else is in one temporary folder that is removed at
the end.

At a terminal, each chapter waits for Enter. --serve also serves a login page to
fill with the browser extension, and prints its address.

Examples:
  zkv demo
  zkv demo --no-pause | less -R
  zkv demo --serve
  zkv demo --serve --quirk pages --quirk gzip")]
pub(crate) struct Demo {
    /// Skip the tour: keep the services running until Ctrl-C, and print the settings to use them
    #[arg(long)]
    pub(crate) serve: bool,
    /// Tell the whole story without waiting for Enter between its chapters
    #[arg(long, conflicts_with = "serve")]
    pub(crate) no_pause: bool,
    /// An oddity of real services that the simulated LogMeOnce has, too; may be given several times
    #[arg(long = "quirk", value_name = "NAME", value_parser = quirks(), requires = "serve")]
    pub(crate) quirks: Vec<Quirk>,
    /// The port of LogMeOnce; any free one if missing
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
}

fn quirks() -> impl TypedValueParser<Value = Quirk> {
    let names = Quirk::all().map(|quirk| PossibleValue::new(quirk.name()).help(quirk.description()));
    PossibleValuesParser::new(names).try_map(|name| name.parse::<Quirk>())
}
