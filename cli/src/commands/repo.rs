//! `zkv repo`.

mod delete;
mod download;
mod ls;
mod outcome;
mod rekey;
mod sas;
mod service;
mod upload;

use zkvault::repository::Selection;
use zkvault_core::repository::RepositoryPath;

use crate::args::RepoCommand;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};

pub(crate) fn run(command: &RepoCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        RepoCommand::List(args) => service::list(args, context),
        RepoCommand::Create(args) => service::create(args, context),
        RepoCommand::CheckName(args) => service::check_name(args, context),
        RepoCommand::Sas(args) => sas::run(args, context),
        RepoCommand::Network(args) => service::network(args, context),
        RepoCommand::Upload(args) => upload::run(args, context),
        RepoCommand::Ls(args) => ls::run(args, context),
        RepoCommand::Download(args) => download::run(args, context),
        RepoCommand::Rekey(args) => rekey::run(args, context),
        RepoCommand::Delete(args) => delete::run(args, context),
    }
}

/// A name as it was given.
fn parse_name(name: &str) -> Result<RepositoryPath> {
    RepositoryPath::parse(name)
        .map_err(|error| CliError::usage(format!("{name:?} is no name in a repository")).cause(error))
}

/// A name or a pattern as it was given.
fn parse_selection(text: &str) -> Result<Selection> {
    Selection::parse(text).map_err(|error| CliError::usage(format!("{text:?} is no name in a repository")).cause(error))
}

fn not_found(name: &RepositoryPath) -> CliError {
    CliError::new(Exit::NotFound, "not-found", format!("{name} is not in the repository"))
        .hint("zkv repo ls shows what is; another key has other files")
}
