//! One module for every command.

mod activate;
mod completions;
mod decrypt;
mod encrypt;
mod file;
mod generate;
mod identity;
mod init;
mod inspect;
mod key;
mod man;
mod repo;

use crate::args::{Arguments, Command};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Output;

/// Does what was asked for.
pub(crate) fn run(arguments: &Arguments, output: Output) -> Result<Exit> {
    let context = Context::new(&arguments.global, output);
    match &arguments.command {
        Command::Init(args) => init::run(args, &context),
        Command::Key(command) => key::run(command, &context),
        Command::Identity(command) => identity::run(command, &context),
        Command::Decrypt(args) => decrypt::run(args, &context),
        Command::Encrypt(args) => encrypt::run(args, &context),
        Command::Inspect(args) => inspect::run(args, &context),
        Command::Activate(args) => activate::run(args, &context),
        Command::File(command) => file::run(command, &context),
        Command::Repo(command) => repo::run(command, &context),
        Command::Generate(args) => generate::run(args, &context),
        Command::Completions(args) => completions::run(args, output),
        Command::Man(args) => man::run(args, output),
    }
}
