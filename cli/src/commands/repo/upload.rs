//! `zkv repo upload`.

use std::path::PathBuf;

use futures_util::stream::{self, StreamExt as _};
use indicatif::HumanBytes;
use zkvault::repository::RepositoryKeys;
use zkvault::transfer::{
    Collected, Item, Job, PARALLEL_FILES, TransferError, UploadOptions, Uploaded, Uploader, collect, prune,
};

use super::outcome::Outcome;
use crate::args::RepoUpload;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Progress, escaped};
use crate::profile;
use crate::repo::{self, Container, Rights};

pub(crate) fn run(args: &RepoUpload, context: &Context<'_>) -> Result<Exit> {
    let container = repo::open(&args.repository, Rights::Full, context)?;
    let keys = match args.plain {
        true => None,
        false => Some(repo::keys::for_sealing(&args.keys.paths, args.key.as_deref(), context)?),
    };
    if args.plain {
        context
            .output
            .warning("without encryption, anyone who can read the storage can read names and contents");
    }
    let Collected { items, failed, .. } = collected(args, context)?;
    let journals = profile::uploads_folder().ok();
    journals.iter().for_each(|folder| prune(folder));
    let job = match (&journals, items.len()) {
        (Some(folder), 2..) => Job::open(folder, &job_names(args, &container, keys.as_ref()))?,
        _ => None,
    };
    if items.is_empty() && failed.is_empty() {
        context.output.note("there is no file to upload");
    }
    let total = items
        .iter()
        .filter_map(|item| std::fs::metadata(&item.path).ok())
        .fold(0_u64, |sum, metadata| sum.saturating_add(metadata.len()));
    let progress = Progress::new(Some(total), context.output.is_json());
    let key = keys.as_ref().and_then(RepositoryKeys::sealing).cloned();
    let options = UploadOptions {
        key,
        rest_of_line: keys.as_ref().map(RepositoryKeys::rest_of_line).unwrap_or_default(),
        overwrite: args.overwrite,
        journals,
    };
    let uploader = Uploader::new(&container, options, &progress);
    let uploader = match &job {
        Some(job) => uploader.with_job(job),
        None => uploader,
    };
    let failure = |error| failure(error, &args.sources);
    let outcome = repo::runtime()?.block_on(upload_all(&uploader, &items, failed, failure))?;
    drop(progress);
    if let (true, Some(job)) = (outcome.is_success() || outcome.done.is_empty(), job) {
        job.remove();
    }
    warn_of_earlier(&outcome.done, context);
    report(&outcome.done, context)?;
    outcome.finish(context)
}

/// The files that the command names. What is left out of a folder is said.
fn collected(args: &RepoUpload, context: &Context<'_>) -> Result<Collected> {
    if args.name.is_some() && args.sources.len() > 1 {
        return Err(CliError::usage("--name is for a single file or folder"));
    }
    let found = collect(&args.sources, args.name.as_deref())?;
    for left_out in &found.left_out {
        let (path, reason) = (left_out.path.display(), left_out.reason);
        context
            .output
            .warning(&escaped(&format!("{path} is left out: {reason}")));
    }
    warn_of_unportable(&found.items, context);
    Ok(found)
}

/// The person who downloads it may sit at a different system. One warning, however many there are.
fn warn_of_unportable(items: &[Item], context: &Context<'_>) {
    let refused = |item: &Item| Some((item.name.clone(), item.name.check_portable().err()?));
    let all: Vec<_> = items.iter().filter_map(refused).collect();
    if let [(name, reason), others @ ..] = all.as_slice() {
        let more = match others.len() {
            0 => String::new(),
            1 => ", nor can one other".to_owned(),
            more => format!(", nor can {more} others"),
        };
        let text = format!("{name} cannot be downloaded on Windows{more}: {reason}");
        context.output.warning(&escaped(&text));
    }
}

/// Uploads files; others have failed before.
async fn upload_all(
    uploader: &Uploader<'_>,
    items: &[Item],
    failed: Vec<TransferError>,
    failure: impl Fn(TransferError) -> CliError,
) -> Result<Outcome<Uploaded>> {
    let uploads = stream::iter(items).map(|item| uploader.upload(item));
    let mut uploads = std::pin::pin!(uploads.buffer_unordered(PARALLEL_FILES));
    let mut outcome = Outcome::new();
    for error in failed {
        outcome.add(Err(failure(error)))?;
    }
    while let Some(result) = uploads.next().await {
        outcome.add(result.map_err(&failure))?;
    }
    outcome.done.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(outcome)
}

/// What to do about a file that was not uploaded. A `--name` is for the one file or folder that is given, and for nothing
/// in it.
fn failure(error: TransferError, sources: &[PathBuf]) -> CliError {
    let hint = match (&error, sources) {
        (TransferError::Name { path, .. } | TransferError::NotUtf8 { path }, _) if *sources != [path.as_path()] => {
            "rename it"
        }
        (_, [_]) => return error.into(),
        (TransferError::Exists { .. }, _) => "give --overwrite to replace it",
        (TransferError::ExistsInLine { .. }, _) => "give --overwrite to replace it under the new key",
        (TransferError::NotReplaceable { .. }, _) => "this SAS token cannot replace it: ask for one with permission w",
        _ => return error.into(),
    };
    CliError::from(error).hint(hint)
}

/// What makes a command the same when it is started again.
fn job_names(args: &RepoUpload, container: &Container, keys: Option<&RepositoryKeys>) -> Vec<String> {
    let key = keys.and_then(RepositoryKeys::sealing).map(|key| key.id().to_string());
    let mut names = vec![container.url().to_string(), key.unwrap_or_default()];
    names.push(args.name.clone().unwrap_or_default());
    names.extend(args.sources.iter().map(|path| {
        let absolute = std::path::absolute(path);
        absolute.as_deref().unwrap_or(path).to_string_lossy().into_owned()
    }));
    names
}

/// Names files that are replaced and still there under an earlier key.
fn warn_of_earlier(done: &[Uploaded], context: &Context<'_>) {
    for file in done.iter().filter(|file| file.earlier_left) {
        let name = &file.name;
        context.output.warning(&escaped(&format!(
            "{name} was uploaded, but its earlier version is still there under an earlier key: delete it with a token \
             that permits reading and deleting"
        )));
    }
}

fn report(done: &[Uploaded], context: &Context<'_>) -> Result<()> {
    if context.output.is_json() {
        return context.output.json(&done);
    }
    let bytes = done.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
    let resumed: u64 = done.iter().map(|file| file.resumed_blocks).sum();
    let what = match done {
        [] => return Ok(()),
        [file] => file.name.clone(),
        files => format!("{} files", files.len()),
    };
    let note = match resumed {
        0 => format!("uploaded {what}, {}", HumanBytes(bytes)),
        blocks => format!(
            "uploaded {what}, {}; {blocks} blocks were there already",
            HumanBytes(bytes)
        ),
    };
    context.output.note(&escaped(&note));
    Ok(())
}
