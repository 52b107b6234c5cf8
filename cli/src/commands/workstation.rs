//! `zkv workstation`.

use super::loome;
use crate::args::WorkstationCommand;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::session;

pub(crate) fn run(command: &WorkstationCommand, context: &Context<'_>) -> Result<Exit> {
    let mut session = session::loome(context)?;
    match command {
        WorkstationCommand::List(args) => {
            let workstations = session.ask(async |client| client.workstations(&args.project).await)?;
            loome::print_objects(context, &workstations)
        }
        WorkstationCommand::Network(args) => {
            let (project, workstation) = (&args.place.project, &args.workstation);
            let network = session.ask(async |client| client.workstation_network(project, workstation).await)?;
            loome::print_network(context, &network)
        }
    }
}
