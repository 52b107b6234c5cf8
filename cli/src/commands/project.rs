//! `zkv project`.

use super::loome;
use crate::args::ProjectCommand;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::session;

pub(crate) fn run(command: &ProjectCommand, context: &Context<'_>) -> Result<Exit> {
    let ProjectCommand::List(args) = command;
    let projects = session::loome(context)?.ask(async |client| client.projects(&args.email).await)?;
    loome::print_objects(context, &projects)
}
