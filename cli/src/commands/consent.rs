//! Asking before something is done that cannot be taken back, or that changes what others may do.

use super::lists::full_name;
use super::outcomes::{Kind, Subject};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::session::{Client, Session};

/// Things that are named in a question; of more only the number is told.
const MAX_NAMED: usize = 10;
const HINT: &str = "pass --yes to skip the confirmation, or --dry-run to see the requests";

/// Refuses early, before anything is asked of the service, when nobody could answer.
pub(super) fn must_be_possible(context: &Context<'_>) -> Result<()> {
    context.prompt.must_be_allowed("A confirmation", HINT)
}

/// Shows what it is about, by the names that the service has for it, and asks.
pub(super) fn ask(
    context: &Context<'_>,
    session: &mut Session<'_>,
    question: &str,
    subjects: &[Subject],
) -> Result<()> {
    let facts = facts(session, subjects)?;
    context.prompt.confirm(&facts, question, HINT)
}

/// The first lines of a list, and in a last one how many `things` more there are.
pub(super) fn first_of(lines: impl ExactSizeIterator<Item = String>, most: usize, things: &str) -> Vec<String> {
    let more = lines.len().saturating_sub(most);
    let mut first: Vec<String> = lines.take(most).collect();
    if more > 0 {
        first.push(format!("and {more} more{things}"));
    }
    first
}

/// The account, and what the service calls these things.
pub(super) fn facts(session: &mut Session<'_>, subjects: &[Subject]) -> Result<Vec<String>> {
    let named = subjects.get(..MAX_NAMED).unwrap_or(subjects);
    let mut facts = vec![format!("account {}", session.url().host())];
    facts.extend(session.block_on(async |client| describe(client, named).await)?);
    match subjects.len() - named.len() {
        0 => {}
        more => facts.push(format!("and {more} more")),
    }
    Ok(facts)
}

async fn describe(client: &Client, subjects: &[Subject]) -> Result<Vec<String>> {
    let mut lines = Vec::new();
    for Subject { of, with } in subjects {
        let mut line = name(client, *of).await?;
        if let Some(with) = with {
            line = format!("{line}, {}", name(client, *with).await?);
        }
        lines.push(line);
    }
    Ok(lines)
}

/// Such as `user 1917 (Mateus Frey, mateus@haldenfrey.example)`. What does not exist is named as well: it is the
/// service that says so when it is asked.
async fn name(client: &Client, (kind, id): (Kind, u64)) -> Result<String> {
    let name = match kind {
        Kind::Site => client.site(id).await.map(|site| site.name.unwrap_or_default()),
        Kind::Group => client.group(id).await.map(|group| group.name.unwrap_or_default()),
        Kind::User => client.user(id).await.map(|user| {
            let email = user.email.as_deref().or(user.username.as_deref()).unwrap_or_default();
            format!("{}, {email}", full_name(&user))
        }),
    };
    let name = match name.map_err(CliError::from) {
        Ok(name) => name,
        Err(error) if error.exit == Exit::NotFound => "unknown to the service".to_owned(),
        Err(error) => return Err(error),
    };
    Ok(format!("{} {id} ({name})", kind.name()))
}
