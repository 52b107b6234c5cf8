//! `zkv org`.

mod apply;
mod export;
pub(super) mod input;
mod plan;
mod tables;

use zkvault::account::Service;
use zkvault::org::{self, Reading};

pub(super) use self::apply::ChangeRow;
use super::set_aside;
use crate::args::OrgCommand;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{Progress, escaped};
use crate::session::Session;

pub(crate) fn run(command: &OrgCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        OrgCommand::Export(args) => export::run(args, context),
        OrgCommand::Plan(args) => plan::run(args, context),
        OrgCommand::Apply(args) => apply::run(args, context),
    }
}

/// Reads the organisation, and says how much that was.
pub(super) fn read(session: &mut Session<'_>, context: &Context<'_>) -> Result<Reading> {
    let progress = Progress::of_requests(context.output.is_json());
    let reading = session.block_on(async |client| Ok(org::read(client, &progress).await?))?;
    drop(progress);
    let organisation = &reading.organisation;
    context.output.note(&format!(
        "read {} users, {} groups, {} sites and {} ties between them in {} requests",
        organisation.users.len(),
        organisation.groups.len(),
        organisation.sites.len(),
        organisation.ties.len(),
        reading.requests
    ));
    warn(&reading, context);
    Ok(reading)
}

/// Names what could not be read.
pub(super) fn warn(reading: &Reading, context: &Context<'_>) {
    for missing in missing(reading) {
        context.output.warning(&escaped(&missing));
    }
}

/// What could not be read, in words.
pub(super) fn missing(reading: &Reading) -> impl Iterator<Item = String> {
    let odd = reading.odd.iter().map(|odd| format!("set aside: {odd}"));
    reading.gaps.iter().map(ToString::to_string).chain(odd)
}

/// Ends with the failure that gaps are: the rest was done.
pub(super) fn finish(reading: &Reading) -> Result<Exit> {
    let missing: Vec<String> = missing(reading).collect();
    match missing.len() {
        0 => Ok(Exit::Success),
        count => {
            let message = format!("{count} lists or records of the service cannot be used");
            Err(set_aside::partly(message, missing.iter(), Service::Logmeonce))
        }
    }
}
