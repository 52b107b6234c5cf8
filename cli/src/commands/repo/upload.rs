//! `zkv repo upload`.

use futures_util::stream::{self, StreamExt as _};
use indicatif::HumanBytes;

use super::outcome::Outcome;
use crate::args::RepoUpload;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Progress;
use crate::profile;
use crate::repo::{self, Container, Item, RepositoryKeys, Rights};
use crate::transfer::{Job, PARALLEL_FILES, Uploaded, Uploader, prune};

pub(crate) fn run(args: &RepoUpload, context: &Context<'_>) -> Result<Exit> {
    let container = repo::open(&args.repository, Rights::Full, context)?;
    let keys = match args.plain {
        true => None,
        false => Some(RepositoryKeys::for_sealing(
            &args.keys.paths,
            args.key.as_deref(),
            context,
        )?),
    };
    if args.plain {
        context
            .output
            .warning("without encryption, whoever can read the storage reads names and contents");
    }
    let items = repo::collect(&args.sources, args.name.as_deref(), context.output)?;
    let journals = profile::uploads_folder().ok();
    journals.iter().for_each(|folder| prune(folder));
    let job = match (&journals, items.len()) {
        (Some(folder), 2..) => Job::open(folder, &job_names(args, &container, keys.as_ref()))?,
        _ => None,
    };
    let total = items
        .iter()
        .filter_map(|item| std::fs::metadata(&item.path).ok())
        .fold(0_u64, |sum, metadata| sum.saturating_add(metadata.len()));
    let progress = Progress::new(Some(total), context.output.is_json());
    let key = keys.as_ref().and_then(RepositoryKeys::sealing).cloned();
    let uploader = Uploader::new(&container, key, args.overwrite, journals, job.as_ref(), progress);
    let outcome = repo::runtime()?.block_on(upload_all(&uploader, &items))?;
    drop(uploader);
    if let (true, Some(job)) = (outcome.is_success() || outcome.done.is_empty(), job) {
        job.remove();
    }
    report(&outcome.done, context)?;
    outcome.finish(context)
}

async fn upload_all(uploader: &Uploader<'_>, items: &[Item]) -> Result<Outcome<Uploaded>> {
    let uploads = stream::iter(items).map(|item| uploader.upload(item));
    let mut uploads = std::pin::pin!(uploads.buffer_unordered(PARALLEL_FILES));
    let mut outcome = Outcome::new();
    while let Some(result) = uploads.next().await {
        outcome.add(result)?;
    }
    outcome.done.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(outcome)
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
    context.output.note(&crate::output::escaped(&note));
    Ok(())
}
