//! `zkv repo download`.

use std::collections::BTreeMap;

use futures_util::stream::{self, StreamExt as _};
use zkvault::repository::{ListedFiles, RepositoryKeys, Selection, list_plain, list_sealed};
use zkvault::transfer::{DownloadOptions, Downloaded, Downloader, PARALLEL_DOWNLOADS, StorageError};
use zkvault_client::blob::BlobErrorKind;
use zkvault_core::repository::RepositoryPath;

use super::outcome::Outcome;
use super::{not_found, parse_selection};
use crate::args::RepoDownload;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::opened_by::{self, Required};
use crate::output::Progress;
use crate::repo::{self, Container, Rights};

pub(crate) fn run(args: &RepoDownload, context: &Context<'_>) -> Result<Exit> {
    let names = args.names.iter().map(|name| parse_selection(name));
    let names = names.collect::<Result<Vec<_>>>()?;
    let container = repo::open(&args.repository, Rights::Read, context)?;
    let keys = match args.plain {
        true => None,
        false => Some(repo::keys::for_download(&args.keys.paths, &args.required, context)?),
    };
    let (all_keys, required) = keys.unzip();
    let required = required.unwrap_or(Required::Nothing);
    if args.plain {
        context
            .output
            .warning("nothing tells who wrote a file that is not encrypted, or whether it is whole");
    }
    let progress = Progress::new(None, context.output.is_json());
    let options = DownloadOptions { overwrite: args.force };
    let downloads = Downloads {
        container: &container,
        keys: all_keys.as_ref().map(|keys| required.among_keys_of(keys)),
        all_keys,
        required,
        downloader: Downloader::new(&container, &args.to, options, &progress),
    };
    let (mut outcome, foreign) = repo::runtime()?.block_on(downloads.all(&names))?;
    outcome.done.sort_by(|one, other| one.name.cmp(&other.name));
    // Only what is on the disk is told of.
    drop(downloads);
    drop(progress);
    opened_by::report_all(
        context.output,
        outcome.done.iter().filter_map(|file| file.opened_by.as_ref()),
    );
    if foreign > 0 {
        let message = format!("{foreign} files of the repository were not looked at: they are for other keys");
        context.output.warning(&message);
    }
    match outcome.done.iter().filter(|file| file.present).count() {
        0 => {}
        1 => context.output.note("1 file was here already"),
        files => context.output.note(&format!("{files} files were here already")),
    }
    if context.output.is_json() {
        context.output.json(&outcome.done)?;
    }
    outcome.finish(context)
}

struct Downloads<'a> {
    container: &'a Container,
    /// The keys that may open files; none for files in plaintext.
    keys: Option<RepositoryKeys>,
    /// All keys that could.
    all_keys: Option<RepositoryKeys>,
    required: Required,
    downloader: Downloader<'a>,
}

impl Downloads<'_> {
    /// Downloads everything that is meant. Returns also how many files are for other keys, if a listing was needed.
    async fn all(&self, wanted: &[Selection]) -> Result<(Outcome<Downloaded>, usize)> {
        let mut outcome = Outcome::new();
        let names: Vec<_> = wanted.iter().map(Selection::name).collect();
        let missing = self.each(&names, &mut outcome).await?;
        if missing.is_empty() {
            return Ok((outcome, 0));
        }
        // What is no file may be a folder or a pattern.
        let found = self.listed().await?;
        let mut inside = BTreeMap::new();
        for odd in found
            .odd
            .iter()
            .filter(|odd| wanted.iter().any(|wanted| wanted.has_inside(&odd.name)))
        {
            outcome.add(Err(hostile(&odd.name).cause(odd.reason)))?;
        }
        for wanted in wanted.iter().filter(|wanted| missing.contains(wanted.name())) {
            let chosen = wanted.of(&found.files);
            if chosen.is_empty() {
                outcome.add(self.empty(wanted.name(), &found))?;
            }
            for file in chosen {
                match RepositoryPath::parse(&file.name) {
                    Ok(name) => drop(inside.insert(name, file.size.unwrap_or_default())),
                    Err(error) => outcome.add(Err(hostile(&file.name).cause(error)))?,
                }
            }
        }
        // A file that does not open has no name: it may be one of those that are meant.
        if found.changed > 0 && !inside.is_empty() {
            outcome.add(Err(changed(found.changed)))?;
        }
        let foreign = match inside.is_empty() {
            true => 0,
            false => found.foreign.saturating_sub(found.changed),
        };
        // Of a hundred thousand files this is tens of megabytes.
        drop(found);
        self.downloader
            .announce(inside.values().fold(0, |sum, size| sum.saturating_add(*size)));
        let names: Vec<_> = inside.keys().collect();
        for gone in self.each(&names, &mut outcome).await? {
            outcome.add(Err(not_found(&gone)))?;
        }
        Ok((outcome, foreign))
    }

    /// Downloads files of exactly these names. Returns those that are not there.
    async fn each(&self, names: &[&RepositoryPath], outcome: &mut Outcome<Downloaded>) -> Result<Vec<RepositoryPath>> {
        let downloads = stream::iter(names.iter().copied()).map(async |name| (name, self.one(name).await));
        let mut downloads = std::pin::pin!(downloads.buffer_unordered(PARALLEL_DOWNLOADS));
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
        let Some(keys) = &self.keys else {
            return Ok(self.downloader.plain(name).await?);
        };
        match self.downloader.sealed(name, &keys.candidates(name)).await? {
            None if self.is_there_otherwise(name).await? => Err(self.required.refused(name.as_str())),
            downloaded => Ok(downloaded),
        }
    }

    /// Whether a file is there under a key that is not a required one.
    async fn is_there_otherwise(&self, name: &RepositoryPath) -> Result<bool> {
        let Some(keys) = self.all_keys.as_ref().filter(|_| self.required != Required::Nothing) else {
            return Ok(false);
        };
        for candidate in keys.candidates(name) {
            match self.container.properties(&candidate.blob).await {
                Ok(_) => return Ok(true),
                Err(error) if error.kind() == BlobErrorKind::NotFound => {}
                Err(error) => return Err(StorageError::new(format!("{name} was not downloaded"), error).into()),
            }
        }
        Ok(false)
    }

    /// What has a name and no file in it: an empty folder, or nothing.
    fn empty(&self, name: &RepositoryPath, found: &ListedFiles) -> Result<Downloaded> {
        match found.folders.iter().any(|folder| folder == name.as_str()) {
            true => Ok(self.downloader.folder(name)?),
            false if found.changed > 0 => Err(not_found(name).cause(changed(found.changed).message)),
            false => Err(not_found(name)),
        }
    }

    /// All files in the repository.
    async fn listed(&self) -> Result<ListedFiles> {
        Ok(match &self.keys {
            Some(keys) => list_sealed(self.container, keys).await?,
            None => list_plain(self.container).await?,
        })
    }
}

/// Blobs of encrypted files that do not open with the keys that they are for.
fn changed(count: usize) -> CliError {
    let message = format!("{count} files of the repository do not open and have no name: they were changed");
    CliError::new(Exit::Integrity, "decrypt", message)
}

/// The storage's word for a file that is not encrypted.
fn hostile(name: &str) -> CliError {
    CliError::new(Exit::Other, "hostile-name", format!("{name} cannot be written here"))
}
