//! `zkv repo delete`.

use zkvault_core::{BLOB_PREFIX, RepositoryPath};

use super::outcome::Outcome;
use super::parse_name;
use crate::args::RepoDelete;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::repo::{self, Container, RepositoryKeys, Rights, failed, is_missing};

const HINT: &str = "give --yes to delete without being asked";
/// Files that are named in the question; of more only the number is told.
const MAX_NAMED: usize = 10;

pub(crate) fn run(args: &RepoDelete, context: &Context<'_>) -> Result<Exit> {
    let names = args
        .names
        .iter()
        .map(|name| parse_name(name))
        .collect::<Result<Vec<_>>>()?;
    if !args.yes {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let container = repo::container(args.repository.id.as_ref(), Rights::Full, context)?;
    let keys = match args.plain {
        true => None,
        false => Some(RepositoryKeys::for_opening(&args.keys.paths, context)?),
    };
    if !args.yes {
        confirm(&container, &names, context)?;
    }
    let outcome = repo::runtime()?.block_on(async {
        let mut outcome = Outcome::new();
        for name in &names {
            let deleted = delete(&container, name, keys.as_ref()).await;
            outcome.add(deleted.map(|()| name.as_str().to_owned()))?;
        }
        Ok::<_, CliError>(outcome)
    })?;
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

async fn delete(container: &Container, name: &RepositoryPath, keys: Option<&RepositoryKeys>) -> Result<()> {
    let blobs: Vec<_> = match keys {
        Some(keys) => keys.blob_names(name).collect(),
        None if name.as_str().starts_with(BLOB_PREFIX) => Vec::new(),
        None => vec![name.as_str().to_owned()],
    };
    for blob in blobs {
        match container.delete(&blob).await {
            Err(error) if is_missing(&error) => {}
            deleted => return deleted.map_err(|error| failed(format!("{name} was not deleted"), &error)),
        }
    }
    Err(
        CliError::new(Exit::NotFound, "not-found", format!("{name} is not in the repository"))
            .hint("zkv repo ls shows what is; another key has other files"),
    )
}
