//! `zkv repo delete`.

use zkvault::repository::{RepositoryKeys, delete, find};
use zkvault_client::ShownRequest;
use zkvault_core::repository::RepositoryPath;

use super::outcome::Outcome;
use super::{not_found, parse_name};
use crate::args::RepoDelete;
use crate::commands::request;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::repo::{self, Container, Rights};

const HINT: &str = "give --yes to delete without being asked";
/// Files that are named in the question; of more only the number is told.
const MAX_NAMED: usize = 10;

pub(crate) fn run(args: &RepoDelete, context: &Context<'_>) -> Result<Exit> {
    let names = args
        .names
        .iter()
        .map(|name| parse_name(name))
        .collect::<Result<Vec<_>>>()?;
    if !args.yes && !args.dry_run {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let container = repo::open(&args.repository, Rights::Full, context)?;
    let keys = match args.plain {
        true => None,
        false => Some(repo::keys::for_opening(&args.keys.paths, context)?),
    };
    if args.dry_run {
        return dry_run(&container, &names, keys.as_ref(), context);
    }
    if !args.yes {
        confirm(&container, &names, context)?;
    }
    let outcome = repo::wait(&container, async {
        let mut outcome = Outcome::new();
        for name in &names {
            let deleted = match delete(&container, name, keys.as_ref()).await {
                Ok(true) => Ok(name.as_str().to_owned()),
                Ok(false) => Err(not_found(name)),
                Err(error) => Err(error.into()),
            };
            outcome.add(deleted)?;
        }
        Ok::<_, CliError>(outcome)
    })??;
    if context.output.is_json() {
        context.output.json(&outcome.done)?;
    }
    outcome.finish(context)
}

fn confirm(container: &Container, names: &[RepositoryPath], context: &Context<'_>) -> Result<()> {
    let mut facts = vec![format!("repository {}", container.url())];
    facts.extend(names.iter().take(MAX_NAMED).map(ToString::to_string));
    if let more @ 1.. = names.len().saturating_sub(MAX_NAMED) {
        facts.push(format!("and {more} more"));
    }
    context.prompt.confirm(&facts, "Delete them?", HINT)
}

/// Prints what would be sent.
fn dry_run(
    container: &Container,
    names: &[RepositoryPath],
    keys: Option<&RepositoryKeys>,
    context: &Context<'_>,
) -> Result<Exit> {
    let outcome = repo::wait(container, async {
        let mut outcome = Outcome::new();
        for name in names {
            let found = find(container, name, keys).await.map_err(CliError::from);
            outcome.add(found.and_then(|blobs| match blobs.is_empty() {
                true => Err(not_found(name)),
                false => Ok(blobs),
            }))?;
        }
        Ok::<_, CliError>(outcome)
    })??;
    let address = container.url();
    let blobs = outcome.done.iter().flatten();
    request::print(
        context,
        blobs.map(|blob| ShownRequest::delete(format!("{address}/{blob}"))),
    )?;
    outcome.finish(context)
}
