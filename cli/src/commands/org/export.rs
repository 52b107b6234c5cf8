//! `zkv org export`.

use std::path::Path;

use zkvault::org::{self, FileFormat};

use super::tables;
use crate::args::OrgExport;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::shown_path;
use crate::session;
use crate::sink::Sink;

pub(crate) fn run(args: &OrgExport, context: &Context<'_>) -> Result<Exit> {
    let path = args.destination.path();
    if args.table.is_none() && context.output.is_tabular() {
        return Err(CliError::usage("an organisation is no table")
            .hint("choose one: --table users, groups, members, sites or assignments"));
    }
    // Before anything is asked of the service: a file that is there ends the command.
    let sink = match args.table {
        Some(_) => None,
        None => Some(Sink::open(path, args.destination.force)?),
    };
    let mut session = session::logmeonce(context)?;
    let reading = super::read(&mut session, context)?;
    match (sink, args.table) {
        (Some(mut sink), _) => {
            let account = session.url().account();
            let text = org::write(&account, &reading, format(path, context))?;
            sink.write(text.as_bytes())?;
            sink.commit()?;
            if let Some(path) = path {
                context.output.note(&format!("wrote {}", shown_path(path)));
            }
        }
        (None, Some(table)) => tables::print(table, &reading.organisation, context)?,
        (None, None) => {}
    }
    super::finish(&reading)
}

/// By the name of the file, and otherwise as the output is.
fn format(path: Option<&Path>, context: &Context<'_>) -> FileFormat {
    let is_json = match path {
        Some(path) => path.extension().is_some_and(|end| end.eq_ignore_ascii_case("json")),
        None => context.output.is_json(),
    };
    if is_json { FileFormat::Json } else { FileFormat::Yaml }
}
