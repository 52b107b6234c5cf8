//! Where the address of a repository comes from, and the next token when one ends: a SAS that somebody was given, or
//! Loome Assist, which is asked for one.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zkvault::config::Setting;
use zkvault::time;
use zkvault_client::blob::{BlobContainer, RenewalError, SasUrl};
use zkvault_client::loome::{SasAccess, SasExpiry};
use zkvault_client::{NativeTransport, Timeouts};
use zkvault_core::SecretText;

use super::Container;
use crate::args::{Repository, RepositoryId};
use crate::containers;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::session::{self, LoomeClient};
use crate::{environment, passphrase, settings};

const SAS: &str = "ZKV_SAS";
const REPO: &str = "ZKV_REPO";
const HINT: &str = "set ZKV_SAS_FILE to a file that holds the address of a container with its SAS token, or ZKV_SAS; \
                    with a Loome Assist account also --repo PROJECT/REPOSITORY or ZKV_REPO";
/// Days that a token lives at least which we ask for: the page knows whole days alone.
const DAYS: u16 = 1;
/// How long a storage that has answered before is waited for.
pub(crate) const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// A block of up to 128 MiB has to pass within the last of these, also over a slow line with seven others.
const TIMEOUTS: Timeouts = Timeouts {
    connect: Duration::from_secs(10),
    idle: Duration::from_secs(30),
    whole: Duration::from_secs(1800),
};

/// What a token is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rights {
    /// Listing and reading.
    Read,
    /// Everything.
    Full,
}

/// The container that the command line names, or the environment.
pub(crate) fn open(args: &Repository, rights: Rights, context: &Context<'_>) -> Result<Container> {
    let container = container(args.id.as_ref(), rights, context)?;
    Ok(container.give_up_after(args.give_up_after))
}

/// The container of a data repository that was named, or else of `ZKV_SAS`, `ZKV_SAS_FILE` or `ZKV_REPO`, or else of the
/// settings.
pub(crate) fn container(named: Option<&RepositoryId>, rights: Rights, context: &Context<'_>) -> Result<Container> {
    let transport = NativeTransport::with_timeouts(TIMEOUTS);
    let container = match named.cloned() {
        Some(repository) => of_loome(transport, repository, rights, context)?,
        None => match given()? {
            Some(given) => of_given(transport, given)?,
            None => of_loome(transport, setting()?, rights, context)?,
        },
    };
    Ok(container.give_up_after(PATIENCE))
}

/// An address with its token: of the environment, or of the file that the settings name, where the environment names no
/// repository.
pub(crate) fn given() -> Result<Option<SecretText>> {
    if let Some(given) = passphrase::from_environment(SAS)? {
        return Ok(Some(given));
    }
    match (environment::text(REPO)?, settings::in_file(Setting::SasFile)) {
        (None, Some(file)) => passphrase::read_secret_file(Path::new(file)).map(Some),
        _ => Ok(None),
    }
}

fn setting() -> Result<RepositoryId> {
    let text = settings::text(Setting::Repo)?.ok_or_else(|| {
        CliError::new(Exit::InputNeeded, "input-needed", "there is no address of a repository").hint(HINT)
    })?;
    let parsed = text.parse();
    parsed.map_err(|error| CliError::usage(format!("{REPO} names no data repository")).cause(error))
}

/// With a file, somebody may put a new token there while the command runs.
fn of_given(transport: NativeTransport, given: SecretText) -> Result<Container> {
    if given.expose_secret().trim().is_empty() {
        return Err(CliError::usage("the address of the repository is empty").hint(HINT));
    }
    let url = SasUrl::parse(&given).map_err(|error| {
        CliError::usage("the address of the repository was refused")
            .cause(error)
            .hint(HINT)
    })?;
    if environment::secret(SAS)?.is_some() {
        return Ok(BlobContainer::new(transport, url));
    }
    let renew = move || std::future::ready(reread(&given));
    Ok(BlobContainer::with_renewal(transport, url, renew))
}

fn reread(before: &SecretText) -> std::result::Result<SasUrl, RenewalError> {
    match given() {
        Ok(Some(text)) if text != *before => SasUrl::parse(&text).map_err(RenewalError::new),
        Ok(_) => Err(RenewalError::new("ZKV_SAS_FILE holds no other one")),
        Err(error) => Err(RenewalError::new(error.message)),
    }
}

/// The first token is asked for at once, so that a login that does not work is told as what it is.
fn of_loome(
    transport: NativeTransport,
    repository: RepositoryId,
    rights: Rights,
    context: &Context<'_>,
) -> Result<Container> {
    let mut session = session::loome(context)?;
    let expiry = expiry();
    let first = session.ask(async |client| ask(client, &repository, expiry, rights).await)?;
    containers::check(context, repository.of(&session.account_name()), &first, false)?;
    let (client, repository) = (Arc::new(session.into_client()?), Arc::new(repository));
    let renew = move || {
        let (client, repository) = (Arc::clone(&client), Arc::clone(&repository));
        async move {
            let link = ask(&client, &repository, self::expiry(), rights).await;
            link.map_err(RenewalError::new)
        }
    };
    Ok(BlobContainer::with_renewal(transport, first, renew))
}

fn expiry() -> SasExpiry {
    // A clock before 1970 asks for a day that is long gone, and the service says so.
    SasExpiry::days_after(time::now().unwrap_or_default(), DAYS)
}

async fn ask(
    client: &LoomeClient,
    repository: &RepositoryId,
    expiry: SasExpiry,
    rights: Rights,
) -> std::result::Result<SasUrl, zkvault_client::ClientError> {
    client
        .shared_access_signature(
            &repository.project,
            &repository.repository,
            expiry,
            match rights {
                Rights::Read => SasAccess::ReadOnly,
                Rights::Full => SasAccess::Full,
            },
        )
        .await
}
