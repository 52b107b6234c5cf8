//! The container of a data repository, as the profile knows it: what is said and asked when the service names a
//! different one.

use zkvault::containers::{Containers, DataRepository, KnownContainer};
use zkvault::time;
use zkvault_client::blob::SasUrl;

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;

const HINT: &str =
    "ask who runs the service; if it is right, zkv repo sas REPOSITORY --project PROJECT --accept-container";

/// Compares a link with what is known of its repository. The first one is noted; a different one is asked about, or with
/// `accepts` taken in place of it.
pub(crate) fn check(context: &Context<'_>, repository: DataRepository<'_>, link: &SasUrl, accepts: bool) -> Result<()> {
    let containers = Containers::at(context.profile()?.containers_path());
    let known = containers.look_up(repository, link)?;
    match &known {
        KnownContainer::Same => return Ok(()),
        KnownContainer::Other(before) if !accepts => ask(context, repository, before, link)?,
        KnownContainer::Other(_) => {}
        KnownContainer::Unknown => {
            let note = format!("data repository {repository} is the container {link}");
            context.output.note(&escaped(&note));
        }
    }
    match (containers.pin(repository, link, time::now()?), known) {
        // Nothing was known before either: the next command says it again.
        (Err(error), KnownContainer::Unknown) => {
            let error = CliError::from(error);
            let reason = error.cause.unwrap_or(error.message);
            let warning = format!("the container of this repository is not remembered: {reason}");
            context.output.warning(&escaped(&warning));
            Ok(())
        }
        (pinned, _) => Ok(pinned?),
    }
}

fn ask(context: &Context<'_>, repository: DataRepository<'_>, before: &str, link: &SasUrl) -> Result<()> {
    let changed = CliError::new(
        Exit::Integrity,
        "container-changed",
        format!("the service says another container than before for data repository {repository}"),
    );
    let (before, now) = (format!("before  {before}"), format!("now     {link}"));
    if context.prompt.must_be_allowed("A confirmation", HINT).is_err() {
        return Err(changed.cause(format!("{before}; {now}")).hint(HINT));
    }
    let facts = [changed.message, before, now];
    context
        .prompt
        .confirm(&facts, "Use the new container from now on?", HINT)
}
