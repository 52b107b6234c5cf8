//! Which container each data repository of Loome Assist is, as it was first said: a file of the profile that notices
//! when the service names a different one (Z49). What is uploaded goes where the service says, and a service that is not
//! honest could take backups to a place of its own.
//!
//! Nothing in it is secret. It is written under the profile's lock, and never shrinks by itself.

use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use zkvault::fs::FileLock;
use zkvault::keyring_file::KeyringFileError;
use zkvault::{fs, time};
use zkvault_client::blob::SasUrl;

use crate::args::RepositoryId;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;

const FORMAT: &str = "zkvault.containers";
const VERSION: u32 = 1;
/// More than the repositories of any account.
const MAX_FILE_LEN: u64 = 4 * 1024 * 1024;
const HINT: &str =
    "ask who runs the service; if it is right, zkv repo sas REPOSITORY --project PROJECT --accept-container";

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u32,
    containers: Vec<Known>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    /// The account, as the address of its service names it.
    account: String,
    project: String,
    repository: String,
    /// The container's address, without a token.
    container: String,
    /// When it was first said, or accepted, in seconds since 1970 (UTC).
    pinned: u64,
}

/// A data repository of an account.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    pub(crate) account: &'a str,
    pub(crate) repository: &'a RepositoryId,
}

impl Place<'_> {
    fn is(&self, known: &Known) -> bool {
        known.account == self.account
            && known.project == self.repository.project.as_str()
            && known.repository == self.repository.repository.as_str()
    }

    fn shown(&self) -> String {
        let RepositoryId { project, repository } = self.repository;
        format!("{project}/{repository} of {}", self.account)
    }
}

/// Compares a link with what is known of its repository. The first one is noted; a different one is asked about, or with
/// `accepts` taken in place of it.
pub(crate) fn check(context: &Context<'_>, place: Place<'_>, link: &SasUrl, accepts: bool) -> Result<()> {
    let path = context.profile()?.containers_path();
    let container = link.to_string();
    let document = read(&path)?;
    let known = document.containers.iter().find(|known| place.is(known));
    match known {
        Some(known) if known.container == container => return Ok(()),
        Some(known) if !accepts => ask(context, place, known, &container)?,
        Some(_) => {}
        None => {
            let note = format!("data repository {} is the container {container}", place.shown());
            context.output.note(&escaped(&note));
        }
    }
    let pinned = pin(place, container, &path);
    match (pinned, known) {
        // Nothing was known before either: the next command says it again.
        (Err(error), None) => {
            let reason = error.cause.unwrap_or(error.message);
            let warning = format!("the container of this repository is not remembered: {reason}");
            context.output.warning(&escaped(&warning));
            Ok(())
        }
        (pinned, _) => pinned,
    }
}

fn ask(context: &Context<'_>, place: Place<'_>, known: &Known, container: &str) -> Result<()> {
    let changed = CliError::new(
        Exit::Integrity,
        "container-changed",
        format!(
            "the service says another container than before for data repository {}",
            place.shown()
        ),
    );
    let (before, now) = (format!("before  {}", known.container), format!("now     {container}"));
    if context.prompt.must_be_allowed("A confirmation", HINT).is_err() {
        return Err(changed.cause(format!("{before}; {now}")).hint(HINT));
    }
    let facts = [changed.message, before, now];
    context
        .prompt
        .confirm(&facts, "Use the new container from now on?", HINT)
}

fn pin(place: Place<'_>, container: String, path: &Path) -> Result<()> {
    let lock = path.with_file_name("lock");
    let _held = FileLock::try_take(&lock)?.ok_or_else(|| KeyringFileError::Busy(FileLock::holder(&lock)))?;
    let mut document = read(path)?;
    document.containers.retain(|known| !place.is(known));
    document.containers.push(Known {
        account: place.account.to_owned(),
        project: place.repository.project.to_string(),
        repository: place.repository.repository.to_string(),
        container,
        pinned: time::now()?,
    });
    let bytes = serde_json::to_vec(&document)
        .map_err(|error| CliError::new(Exit::Other, "json", "the container was not pinned").cause(error))?;
    Ok(fs::write(path, &bytes, true)?)
}

/// A file that is missing is an empty one; a file that cannot be read is not: it may hold the pin that matters.
fn read(path: &Path) -> Result<Document> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Ok(Document {
                format: FORMAT.to_owned(),
                version: VERSION,
                containers: Vec::new(),
            });
        }
        Err(error) => return Err(CliError::file("read", path, &error)),
        Ok(length) if length as u64 > MAX_FILE_LEN => return Err(unreadable(path, "it is too long")),
        Ok(_) => {}
    }
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    match (document.format.as_str(), document.version) {
        (FORMAT, VERSION) => Ok(document),
        _ => Err(unreadable(path, "it has another format or version")),
    }
}

fn unreadable(path: &Path, cause: &str) -> CliError {
    let message = format!("{} cannot be read", path.display());
    CliError::new(Exit::Integrity, "containers", message)
        .cause(cause)
        .hint("restore the file: without it zkv cannot tell whether a repository still is the same container")
}
