//! `zkv sync`.

use std::collections::BTreeMap;

use serde::Serialize;
use zkvault::time;
use zkvault_client::ErrorKind;
use zkvault_core::model::{Group, User};
use zkvault_core::trust::Finding;

use crate::args::Sync;
use crate::backup;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keychain::StoreKeys;
use crate::keyring_file::OpenKeyring;
use crate::output::{Progress, Table, escaped};
use crate::session::{self, Client, Session};
use crate::store::KnownStores;
use crate::sync::{self, Before, List, Lists, SettledSite, Sink, Synced, Target};
use crate::{explain, key_source};

/// Sites that the table on a terminal names at most.
const MAX_NAMED: usize = 50;

pub(crate) fn run(args: &Sync, context: &Context<'_>) -> Result<Exit> {
    let (mut session, keys) = open(args, context)?;
    let profile = context.profile()?;
    let (path, memory) = (profile.store_path()?, profile.known_stores_path());
    let mut known = KnownStores::read(&memory, session.keyring())?;
    let host = session.url().host().to_owned();
    let target = Target {
        path: &path,
        host: &host,
        keys: &keys,
        known: &known,
        rewrite: args.full,
        now: time::now()?,
    };
    let mut progress = Progress::of_sites(context.output.is_json());
    let synced = sync::run(&target, |sink| {
        session.block_on(async |client| fetch(client, sink, &mut progress, context).await)
    })?;
    drop(progress);
    remember(&synced, &mut known, &mut session, &memory, context)?;
    report(&synced, context)?;
    let exit = finish(&synced)?;
    if args.check_backups {
        backup::check_repository(&keys.opening, context)?;
    }
    Ok(exit)
}

/// A session and the keys of the store; the keyring is opened once for both.
fn open<'a>(args: &Sync, context: &'a Context<'a>) -> Result<(Session<'a>, StoreKeys)> {
    match key_source::selected(&args.keys.paths).as_slice() {
        [] => {
            let keyring = OpenKeyring::unlock(context)?;
            let keys = StoreKeys::from_keyring(keyring.keyring())?;
            Ok((session::logmeonce_with(context, keyring)?, keys))
        }
        files => Ok((session::logmeonce(context)?, StoreKeys::from_files(files)?)),
    }
}

/// Fetches everything: the sites one by one, then the users and groups.
async fn fetch(client: &Client, sink: &mut Sink<'_>, progress: &mut Progress, context: &Context<'_>) -> Result<Lists> {
    let mut sites = client.sites(None).await?;
    while let Some(site) = sites.next().await? {
        sink(&site)?;
        progress.add(1);
    }
    let users = allowed("users", client.users().await, context)?;
    let groups = allowed("groups", client.groups().await, context)?;
    Ok(Lists {
        users: users.as_deref().map(list::<User>).transpose()?,
        groups: groups.as_deref().map(list::<Group>).transpose()?,
    })
}

/// An account that may read sites need not be one that may read users.
fn allowed<T>(
    what: &str,
    result: std::result::Result<T, zkvault_client::ClientError>,
    context: &Context<'_>,
) -> Result<Option<T>> {
    match result {
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            context
                .output
                .warning(&format!("the {what} were not fetched: the account may not read them"));
            Ok(None)
        }
        result => Ok(result.map(Some)?),
    }
}

fn list<T: Serialize>(items: &[T]) -> Result<List> {
    let json = serde_json::to_vec(items)
        .map_err(|error| CliError::new(Exit::Other, "json", "a list was not written").cause(error))?;
    Ok(List {
        json,
        count: items.len() as u64,
    })
}

/// Remembers the store outside itself. What the keyring cannot remember now it does after the next sync.
fn remember(
    synced: &Synced,
    known: &mut KnownStores,
    session: &mut Session<'_>,
    memory: &std::path::Path,
    context: &Context<'_>,
) -> Result<()> {
    let (id, head) = (synced.store.id(), synced.store.head());
    known.remember(id, head, memory)?;
    let kept = session.update_keyring(|keyring| known.remember_in(id, head, keyring));
    if let Err(error) = kept {
        let reason = error.cause.unwrap_or(error.message);
        context
            .output
            .warning(&escaped(&format!("the keyring does not remember this sync: {reason}")));
    }
    Ok(())
}

/// What was synced, as other programs get it.
#[derive(Serialize)]
struct Report<'a> {
    host: &'a str,
    revision: u64,
    synced: u64,
    /// `first-use`, `unanchored` or `known`.
    account: &'static str,
    sites: u64,
    added: u64,
    updated: u64,
    users: u64,
    groups: u64,
    verdicts: &'a BTreeMap<String, u64>,
    attention: Vec<Attention<'a>>,
    damaged: &'a [u64],
}

#[derive(Serialize)]
struct Attention<'a> {
    id: u64,
    name: Option<&'a str>,
    verdict: &'static str,
    findings: &'a [Finding],
}

fn report(synced: &Synced, context: &Context<'_>) -> Result<()> {
    let (head, changes) = (synced.store.head(), &synced.changes);
    let report = Report {
        host: &head.host,
        revision: head.revision,
        synced: head.synced,
        account: match synced.before {
            Before::FirstUse => "first-use",
            Before::Unanchored => "unanchored",
            Before::Known => "known",
        },
        sites: head.sites(),
        added: changes.added,
        updated: changes.updated,
        users: head.users,
        groups: head.groups,
        verdicts: &changes.standings,
        attention: changes.attention.iter().map(attention).collect(),
        damaged: &synced.damaged,
    };
    notes(&report, synced.before, context);
    let shown = match context.output.is_terminal() {
        true => changes.attention.get(..MAX_NAMED).unwrap_or(&changes.attention),
        false => &changes.attention,
    };
    if context.output.is_json() || !shown.is_empty() {
        context.output.rows(&table(shown), &report)?;
    }
    let rest = changes.attention.len() - shown.len();
    if rest > 0 {
        context.output.note(&format!("and {rest} more: zkv trust lists them"));
    }
    Ok(())
}

fn attention(site: &SettledSite) -> Attention<'_> {
    Attention {
        id: site.id,
        name: site.name.as_deref(),
        verdict: site.standing.name(),
        findings: &site.findings,
    }
}

fn notes(report: &Report<'_>, before: Before, context: &Context<'_>) {
    let Report {
        host,
        sites,
        added,
        updated,
        users,
        groups,
        ..
    } = report;
    let note = format!("synced {host}: {sites} sites ({added} new, {updated} updated), {users} users, {groups} groups");
    context.output.note(&escaped(&note));
    match before {
        Before::FirstUse => context.output.note(
            "this was the first sync of the account: its sites are believed as they are, there is nothing to compare them with",
        ),
        Before::Unanchored => context.output.warning(
            "this account was synced before, and its local store is gone: nothing is trusted until zkv trust accepts it",
        ),
        Before::Known => {}
    }
    let verdicts: Vec<String> = report
        .verdicts
        .iter()
        .map(|(verdict, count)| format!("{count} {verdict}"))
        .collect();
    if !report.attention.is_empty() {
        context.output.note(&format!(
            "verdicts: {}; zkv trust SITE shows what changed",
            verdicts.join(", ")
        ));
    }
}

fn table(sites: &[SettledSite]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "VERDICT", "FOUND"]).breakable(&["NAME", "FOUND"]);
    for site in sites {
        table.row([
            site.id.to_string(),
            site.name.clone().unwrap_or_default(),
            site.standing.name().to_owned(),
            explain::summary(&site.findings, None),
        ]);
    }
    table
}

/// Ends with the failure that the findings are.
fn finish(synced: &Synced) -> Result<Exit> {
    if !synced.damaged.is_empty() || synced.strays > 0 {
        return Err(sync::damage_error(&synced.damaged, synced.strays)
            .cause("what was damaged was fetched again")
            .hint("zkv trust shows the sites that are new by that, and accepts them"));
    }
    let attacks = synced
        .changes
        .attention
        .iter()
        .filter(|site| site.standing.is_an_attack())
        .count();
    let message = match attacks {
        0 => return Ok(Exit::Success),
        1 => "1 site was tampered with or rolled back".to_owned(),
        many => format!("{many} sites were tampered with or rolled back"),
    };
    Err(CliError::new(Exit::Integrity, "sites-tampered", message)
        .cause("the local store keeps its copies of them")
        .hint("zkv trust shows what the service lists; accept it only if you know why it is so"))
}
