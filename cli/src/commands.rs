//! One module for every command.

mod completions;
mod decrypt;
mod encrypt;
mod generate;
mod inspect;
mod man;

use crate::args::{Arguments, Command};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Output;

/// Does what was asked for.
pub(crate) fn run(arguments: &Arguments, output: Output) -> Result<Exit> {
    let context = Context { output };
    match &arguments.command {
        Command::Decrypt(args) => decrypt::run(args, &context),
        Command::Encrypt(args) => encrypt::run(args, &context),
        Command::Inspect(args) => inspect::run(args, &context),
        Command::Generate(args) => generate::run(args, &context),
        Command::Completions(args) => completions::run(args, output),
        Command::Man(args) => man::run(args, output),
    }
}
