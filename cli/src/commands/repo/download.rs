//! `zkv repo download`.

use futures_util::stream::{self, StreamExt as _};
use zkvault_core::RepositoryPath;

use super::outcome::Outcome;
use super::parse_name;
use crate::args::RepoDownload;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Progress;
use crate::repo::{self, Container, RepositoryKeys, Rights};
use crate::transfer::{Downloaded, Downloader, PARALLEL_FILES};

pub(crate) fn run(args: &RepoDownload, context: &Context<'_>) -> Result<Exit> {
    let names = args
        .names
        .iter()
        .map(|name| parse_name(name.trim_end_matches('/')))
        .collect::<Result<Vec<_>>>()?;
    let container = repo::container(args.repository.id.as_ref(), Rights::Read, context)?;
    let keys = match args.plain {
        true => None,
        false => Some(RepositoryKeys::for_opening(&args.keys.paths, context)?),
    };
    if args.plain {
        context
            .output
            .warning("nothing tells who wrote a file that is not encrypted, or whether it is whole");
    }
    let progress = Progress::new(None, context.output.is_json());
    let downloads = Downloads {
        container: &container,
        keys: keys.as_ref(),
        downloader: Downloader::new(&container, &args.to, args.force, progress),
    };
    let outcome = repo::runtime()?.block_on(downloads.all(&names))?;
    if context.output.is_json() {
        context.output.json(&outcome.done)?;
    }
    outcome.finish(context)
}

struct Downloads<'a> {
    container: &'a Container,
    keys: Option<&'a RepositoryKeys>,
    downloader: Downloader<'a>,
}

impl Downloads<'_> {
    async fn all(&self, names: &[RepositoryPath]) -> Result<Outcome<Downloaded>> {
        let mut outcome = Outcome::new();
        let missing = self.each(names, &mut outcome).await?;
        if missing.is_empty() {
            return Ok(outcome);
        }
        // What is no file may be a folder.
        let listed = self.names().await?;
        for folder in missing {
            let prefix = format!("{folder}/");
            let inside: Vec<_> = listed
                .iter()
                .filter(|name| name.as_str().starts_with(&prefix))
                .cloned()
                .collect();
            if inside.is_empty() {
                outcome.add(Err(not_found(&folder)))?;
            }
            for gone in self.each(&inside, &mut outcome).await? {
                outcome.add(Err(not_found(&gone)))?;
            }
        }
        Ok(outcome)
    }

    /// Downloads files of exactly these names. Returns those that are not there.
    async fn each(&self, names: &[RepositoryPath], outcome: &mut Outcome<Downloaded>) -> Result<Vec<RepositoryPath>> {
        let downloads = stream::iter(names).map(async |name| (name, self.one(name).await));
        let mut downloads = std::pin::pin!(downloads.buffer_unordered(PARALLEL_FILES));
        let mut missing = Vec::new();
        while let Some((name, result)) = downloads.next().await {
            match result.transpose() {
                Some(result) => outcome.add(result)?,
                None => missing.push(name.clone()),
            }
        }
        Ok(missing)
    }

    async fn one(&self, name: &RepositoryPath) -> Result<Option<Downloaded>> {
        match self.keys {
            Some(keys) => self.downloader.sealed(name, keys.blob_names(name), &keys.set()).await,
            None => self.downloader.plain(name).await,
        }
    }

    /// All names in the repository that can be names of files here.
    async fn names(&self) -> Result<Vec<RepositoryPath>> {
        let listed = match self.keys {
            Some(keys) => repo::list_sealed(self.container, &keys.set()).await?.0,
            None => repo::list_plain(self.container).await?,
        };
        Ok(listed
            .iter()
            .filter_map(|file| RepositoryPath::parse(&file.name).ok())
            .collect())
    }
}

fn not_found(name: &RepositoryPath) -> CliError {
    CliError::new(Exit::NotFound, "not-found", format!("{name} is not in the repository"))
        .hint("zkv repo ls shows what is; another key has other files")
}
