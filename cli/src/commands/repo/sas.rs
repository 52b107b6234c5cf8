//! `zkv repo sas`.

use serde::Serialize;
use zkvault::containers::DataRepository;
use zkvault::{fs, time};
use zkvault_client::blob::SasUrl;
use zkvault_client::loome::{SasAccess, SasExpiry};
use zkvault_core::SecretText;

use crate::args::RepoSas;
use crate::containers;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::Table;
use crate::{clock, session};

/// Days that a link is good for at least, unless told.
const DAYS: u16 = 1;

pub(super) fn run(args: &RepoSas, context: &Context<'_>) -> Result<Exit> {
    let (project, repository) = (&args.place.project, &args.repository);
    let now = time::now()?;
    let expiry = args.expires.unwrap_or_else(|| SasExpiry::days_after(now, DAYS));
    let access = match args.full_access {
        true => SasAccess::Full,
        false => SasAccess::ReadOnly,
    };
    let mut session = session::loome(context)?;
    let link = session.ask(async |client| {
        client
            .shared_access_signature(project, repository, expiry, access)
            .await
    })?;
    let place = DataRepository {
        account: &session.account_name(),
        project,
        repository,
    };
    containers::check(context, place, &link, args.accept_container)?;
    let whole = link.to_secret();
    if let Some(path) = args.destination.path() {
        let line = SecretText::from(format!("{}\n", whole.expose_secret()));
        fs::write(
            path,
            line.expose_secret().as_bytes(),
            fs::Existing::replace_if(args.destination.force),
        )?;
    }
    match args.reveal {
        true if !context.output.is_json() => context.output.line(whole.expose_secret())?,
        reveal => print(&link, reveal.then_some(&whole), context)?,
    }
    Ok(Exit::Success)
}

/// What is told about a link.
#[derive(Serialize)]
struct Described<'a> {
    host: &'a str,
    container: &'a str,
    permissions: Option<&'a str>,
    expires: Option<String>,
    /// The link itself, only when it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<&'a str>,
}

fn print(link: &SasUrl, revealed: Option<&SecretText>, context: &Context<'_>) -> Result<()> {
    let address = link.to_string();
    let described = Described {
        host: link.host(),
        container: address.rsplit('/').next().unwrap_or_default(),
        permissions: link.permissions(),
        expires: link.expires_at().map(clock::shown),
        link: revealed.map(SecretText::expose_secret),
    };
    let mut table = Table::pairs();
    for (what, value) in [
        ("host", Some(described.host)),
        ("container", Some(described.container)),
        ("permissions", described.permissions),
        ("expires", described.expires.as_deref()),
    ] {
        table.row([what.to_owned(), value.unwrap_or_default().to_owned()]);
    }
    context.output.rows(&table, &described)
}
