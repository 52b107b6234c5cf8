//! `zkv completions`.

use clap::CommandFactory as _;

use crate::args::{Arguments, Completions};
use crate::error::{Exit, Result};
use crate::output::Output;

pub(crate) fn run(args: &Completions, output: Output) -> Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Arguments::command(), "zkv", &mut script);
    output.bytes(&script)?;
    Ok(Exit::Success)
}
