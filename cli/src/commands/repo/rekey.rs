//! `zkv repo rekey`.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::stream::{self, StreamExt as _};
use tokio::runtime::Runtime;
use zkvault::repository::{ListedFile, RepositoryKey, RepositoryKeys, list_sealed};
use zkvault::transfer::{Candidate, Rekeyed, Rekeyer, prune};
use zkvault_core::key::VaultKey;
use zkvault_core::keyring::Keyring;
use zkvault_core::repository::RepositoryPath;

use super::ls::chosen;
use super::outcome::Outcome;
use super::{not_found, parse_selection};
use crate::args::RepoRekey;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{Progress, Table, escaped};
use crate::repo::{self, Container, Rights};
use crate::{keychain, keyring_file, opened_by, profile};

const HINT: &str = "give --yes to encrypt them without being asked, or --dry-run to see them";
/// Files that are named in the question; of more only the number is told.
const MAX_NAMED: usize = 10;
/// Files on their way at once. Each of several blocks takes several of them.
const PARALLEL_FILES: usize = 4;

pub(crate) fn run(args: &RepoRekey, context: &Context<'_>) -> Result<Exit> {
    let names = args.names.iter().map(|name| parse_selection(name));
    let names = names.collect::<Result<Vec<_>>>()?;
    if !args.yes && !args.dry_run {
        context.prompt.must_be_allowed("A confirmation", HINT)?;
    }
    let container = repo::open(&args.repository, Rights::Full, context)?;
    let keyring = keyring_file::unlock(context)?;
    let keys = repo::keys::of_keyring(&keyring, None)?;
    let from = keys_of(&args.from, &keyring)?;
    let runtime = repo::runtime()?;
    let found = runtime.block_on(list_sealed(&container, &keys))?;
    repo::warn(&found, context.output);
    let tasks = chosen(found.files, &names).into_iter();
    let tasks: Vec<_> = tasks.filter_map(|file| Task::new(file, &keys, &from)).collect();
    if args.dry_run || tasks.is_empty() {
        return plan(&tasks, context);
    }
    if !args.yes {
        let facts = facts(&container.url().to_string(), &tasks, &keyring);
        context.prompt.confirm(&facts, "Encrypt them anew?", HINT)?;
    }
    let outcome = carry_out(&tasks, &container, &keyring, &runtime, context)?;
    report(&outcome.done, &keyring, context)?;
    outcome.finish(context)
}

/// Encrypts the files anew, some at a time, and shows the progress.
fn carry_out(
    tasks: &[Task],
    container: &Container,
    keyring: &Keyring,
    runtime: &Runtime,
    context: &Context<'_>,
) -> Result<Outcome<Rekeyed>> {
    let sizes = tasks.iter().filter_map(|task| task.file.size);
    let progress = Progress::new(Some(sizes.fold(0, u64::saturating_add)), context.output.is_json());
    let sealing = Arc::clone(keychain::find(keyring, None)?.key());
    let mut rekeyer = Rekeyer::new(container, sealing, &progress);
    if let Ok(folder) = profile::uploads_folder() {
        prune(&folder);
        rekeyer = rekeyer.with_journals(folder);
    }
    runtime.block_on(async {
        let running = stream::iter(tasks).map(|task| task.carry_out(&rekeyer));
        let mut running = std::pin::pin!(running.buffer_unordered(PARALLEL_FILES));
        let mut outcome = Outcome::new();
        while let Some(done) = running.next().await {
            outcome.add(done)?;
        }
        outcome.done.sort_by(|one: &Rekeyed, other| one.name.cmp(&other.name));
        Ok(outcome)
    })
}

fn keys_of(names: &[String], keyring: &Keyring) -> Result<Vec<Arc<VaultKey>>> {
    let keys = names.iter().map(|name| keychain::find(keyring, Some(name)));
    keys.map(|entry| Ok(Arc::clone(entry?.key()))).collect()
}

/// A file that is sealed anew.
struct Task {
    file: ListedFile,
    path: RepositoryPath,
    from: Candidate,
    /// The keys under which it is removed afterwards.
    earlier: Vec<Arc<VaultKey>>,
}

impl Task {
    /// `None` of a file that stays as it is: under the default key alone, or under a key of a different line that was
    /// not named.
    fn new(file: ListedFile, keys: &RepositoryKeys, named: &[Arc<VaultKey>]) -> Option<Self> {
        let path = RepositoryPath::parse(&file.name).ok()?;
        let (key, sealing) = (keys.of_blob(&path, &file.blob)?, keys.sealing()?);
        let is_named = named.iter().any(|named| keys.are_in_line(named, key.key()));
        let is_sealed = key.key().fingerprint() == sealing.fingerprint();
        if !(is_named || keys.are_in_line(sealing, key.key())) || is_sealed && file.earlier.is_empty() {
            return None;
        }
        let line = keys.line_of(key.key()).map(RepositoryKey::key);
        let earlier = line.filter(|other| other.fingerprint() != sealing.fingerprint());
        let mut candidates = keys.candidates(&path).into_iter();
        Some(Self {
            from: candidates.find(|candidate| candidate.blob == file.blob)?,
            earlier: earlier.map(Arc::clone).collect(),
            path,
            file,
        })
    }

    async fn carry_out(&self, rekeyer: &Rekeyer<'_>) -> Result<Rekeyed> {
        let done = rekeyer.rekey(&self.path, &self.from, &self.earlier).await?;
        done.ok_or_else(|| not_found(&self.path))
    }
}

fn facts(address: &str, files: &[Task], keyring: &Keyring) -> Vec<String> {
    let mut facts = vec![format!("repository {address}")];
    let mut keys: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for task in files {
        if let Some(by) = &task.file.key {
            keys.entry(opened_by::name(by)).or_insert((0, by.is_retired())).0 += 1;
        }
    }
    for (key, (number, is_retired)) in keys {
        facts.push(match is_retired {
            true => format!("under {key}: {number}. Anyone who kept the key can have made or changed them"),
            false => format!("under {key}: {number}"),
        });
    }
    facts.extend(files.iter().take(MAX_NAMED).map(|task| task.path.to_string()));
    if let more @ 1.. = files.len().saturating_sub(MAX_NAMED) {
        facts.push(format!("and {more} more: --dry-run lists them"));
    }
    let default = keyring.keys().default_label();
    facts.push(format!(
        "They become files under {default:?}, as if you had made them, and are removed under the other key."
    ));
    facts
}

fn plan(files: &[Task], context: &Context<'_>) -> Result<Exit> {
    let mut table = Table::new(&["NAME", "SIZE", "KEY"]);
    for Task { file, .. } in files {
        let size = file.size.map(|size| size.to_string()).unwrap_or_default();
        table.row([
            file.name.clone(),
            size,
            file.key.as_ref().map(opened_by::name).unwrap_or_default(),
        ]);
    }
    let listed: Vec<_> = files.iter().map(|task| &task.file).collect();
    context.output.rows(&table, &listed)?;
    if files.is_empty() {
        context
            .output
            .note("every file of this line of keys is under the default key");
    }
    Ok(Exit::Success)
}

fn report(done: &[Rekeyed], keyring: &Keyring, context: &Context<'_>) -> Result<()> {
    for file in done.iter().filter(|file| file.earlier_left) {
        let warning = format!(
            "{} is still there under the earlier key too: delete it with a token that permits it",
            file.name
        );
        context.output.warning(&escaped(&warning));
    }
    if context.output.is_json() {
        return context.output.json(&done);
    }
    if !done.is_empty() {
        let default = keyring.keys().default_label();
        let files = match done.len() {
            1 => "1 file is".to_owned(),
            number => format!("{number} files are"),
        };
        context
            .output
            .note(&escaped(&format!("{files} now under the key {default:?}")));
    }
    Ok(())
}
