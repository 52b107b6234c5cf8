//! What `zkv repo` asks the Loome Assist API: data repositories, their names and their networks.

use serde_json::{Map, Value, json};
use zkvault_client::loome::LoomeCall;

use crate::args::{InProject, RepoCheckName, RepoCreate, RepoNetwork};
use crate::commands::{loome, request};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::{Table, escaped};
use crate::session;

/// Bytes of the longest file of details.
const MAX_DETAILS_LEN: usize = 1024 * 1024;

pub(super) fn list(args: &InProject, context: &Context<'_>) -> Result<Exit> {
    let repositories = session::loome(context)?.ask(async |client| client.repositories(&args.project).await)?;
    loome::print_objects(context, &repositories)
}

pub(super) fn network(args: &RepoNetwork, context: &Context<'_>) -> Result<Exit> {
    let (project, repository) = (&args.place.project, &args.repository);
    let network = session::loome(context)?.ask(async |client| client.repository_network(project, repository).await)?;
    loome::print_network(context, &network)
}

/// A name that is taken is an answer, and an exit code of its own makes it one for scripts.
pub(super) fn check_name(args: &RepoCheckName, context: &Context<'_>) -> Result<Exit> {
    let answer = session::loome(context)?.ask(async |client| client.check_name(&args.name).await)?;
    let (available, message) = (answer.is_available(), answer.message());
    let mut table = Table::new(&["NAME", "AVAILABLE", "MESSAGE"]).wrapped(&["MESSAGE"]);
    let shown = if available { "yes" } else { "no" };
    table.row([args.name.clone(), shown.to_owned(), message.clone().unwrap_or_default()]);
    let document = json!({"name": args.name, "available": available, "message": message, "answer": answer});
    context.output.rows(&table, &document)?;
    Ok(if available { Exit::Success } else { Exit::Other })
}

pub(super) fn create(args: &RepoCreate, context: &Context<'_>) -> Result<Exit> {
    let (project, details) = (&args.place.project, details(args)?);
    if args.dry_run {
        let call = LoomeCall::create_repository(&session::loome_paths()?, project, &args.name, details);
        return request::print(context, &[call]);
    }
    let created = session::loome(context)?
        .ask(async |client| client.create_repository(project, &args.name, details).await)
        .map_err(|error| taken(error, &args.name))?;
    match created {
        Some(created) => loome::print_object(context, &created),
        None => {
            context
                .output
                .note("The data repository was created; the service does not tell its id: zkv repo list shows it.");
            Ok(Exit::Success)
        }
    }
}

fn taken(error: CliError, name: &str) -> CliError {
    match error.code {
        "conflict" => error.hint(format!("zkv repo check-name {} says more", escaped(name))),
        _ => error,
    }
}

/// Members besides the name.
fn details(args: &RepoCreate) -> Result<Map<String, Value>> {
    let mut details = match &args.details {
        None => Map::new(),
        Some(path) => {
            let mut input = Input::open(Some(path))?;
            let text = input.read_text(MAX_DETAILS_LEN)?;
            let object = serde_json::from_str(text.expose_secret());
            object.map_err(|_| input.refused("it holds no JSON object"))?
        }
    };
    if details.contains_key("name") {
        return Err(CliError::usage("the name is an argument: leave it out of --details"));
    }
    if let Some(description) = &args.description {
        details.insert("description".to_owned(), description.as_str().into());
    }
    Ok(details)
}
