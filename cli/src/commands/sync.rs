//! `zkv sync`.

use std::collections::BTreeMap;

use serde::Serialize;
use zkvault::account::Service;
use zkvault::store::StoreError;
use zkvault::sync::{Before, SettledSite, Synced, Withheld};
use zkvault::vault::{SyncOptions, Vault};
use zkvault_client::ErrorKind;
use zkvault_core::trust::{Finding, Verdict, gravity, headline};

use super::{set_aside, setup};
use crate::args::Sync;
use crate::backup;
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Cell, Progress, Table, escaped};
use crate::session::{self, Session};
use crate::{keyring_file, vault};

/// Sites that the table on a terminal names at most.
const MAX_NAMED: usize = 50;

pub(crate) fn run(args: &Sync, context: &Context<'_>) -> Result<Exit> {
    let (mut vault, keyring) = vault::unlock(&args.keys.paths, context)?;
    let mut session = match keyring {
        Some(keyring) => session::logmeonce_with(context, keyring)?,
        None => session::logmeonce(context)?,
    };
    if let Some(keyring) = session.keyring() {
        vault.recall(keyring)?;
    }
    let options = SyncOptions { rewrite: args.full };
    let progress = Progress::of_sites(context.output.is_json());
    let synced = session.block_on(async |client| Ok(vault.sync_with(client, options, &progress).await?))?;
    drop(progress);
    set_aside::warn(&synced.odd, context);
    withheld(&synced, context);
    remember(&synced, &mut vault, &mut session, context);
    report(&synced, context)?;
    setup::warn_without_key(&vault, context);
    let exit = finish(&synced)?;
    if args.check_backups {
        check_backups(&session, context)?;
    }
    Ok(exit)
}

/// The keyring is open already, unless key files open the store.
fn check_backups(session: &Session<'_>, context: &Context<'_>) -> Result<()> {
    match session.keyring() {
        Some(keyring) => backup::check_repository(keyring, context),
        None => backup::check_repository(&keyring_file::unlock(context)?, context),
    }
}

/// Says which lists were not fetched: an account may not be allowed to read them, or not have them at all.
fn withheld(synced: &Synced, context: &Context<'_>) {
    for Withheld { list, error } in &synced.withheld {
        let what = list.name();
        let reason = match error.kind() {
            ErrorKind::Forbidden => "the account may not read them".to_owned(),
            _ if error.is_not_offered() => format!("the service does not offer them ({error})"),
            _ => error.to_string(),
        };
        let warning = format!("the {what} were not fetched: {reason}");
        context.output.warning(&escaped(&warning));
    }
}

/// What the keyring cannot remember now it does after the next sync.
fn remember(synced: &Synced, vault: &mut Vault, session: &mut Session<'_>, context: &Context<'_>) {
    let heads = backup::known_heads(None, context);
    let kept = session.update_keyring(|keyring| {
        vault.remember_in(&synced.store, keyring)?;
        let mut heads = heads?;
        heads.recall(keyring);
        Ok(heads.remember_in(keyring)?)
    });
    if let Err(error) = kept {
        let reason = error.cause.unwrap_or(error.message);
        context
            .output
            .warning(&escaped(&format!("the keyring does not remember this sync: {reason}")));
    }
}

/// What was synced, as other programs get it.
#[derive(Serialize)]
struct Report<'a> {
    host: &'a str,
    revision: u64,
    synced: Stamp,
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
        synced: Stamp(head.synced),
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
    lead(&changes.attention, context);
    notes(&report, synced.before, context);
    let found = synced.found()?;
    let mut rows: Vec<_> = changes.attention.iter().zip(&found).collect();
    if context.output.is_terminal() {
        rows.truncate(MAX_NAMED);
    }
    if context.output.is_json() || !rows.is_empty() {
        context.output.rows(&table(&rows), &report)?;
    }
    let rest = found.len() - rows.len();
    if rest > 0 {
        context.output.note(&format!("and {rest} more: zkv trust lists them"));
    }
    Ok(())
}

/// The worst of what was found comes before everything else: which site, and where its password would go.
fn lead(attention: &[SettledSite], context: &Context<'_>) {
    let worst = attention
        .first()
        .filter(|site| gravity(&site.findings) > (false, Verdict::New));
    if let Some(site) = worst {
        let what = site.name.clone().unwrap_or_else(|| format!("site {}", site.id));
        context.output.warning(&escaped(&headline(&what, &site.findings)));
    }
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
            "this was the first sync of the account: its sites were trusted on first use",
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

fn table(sites: &[(&SettledSite, &String)]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "VERDICT", "FOUND"])
        .cut(&["NAME"])
        .wrapped(&["FOUND"]);
    for (site, found) in sites {
        table.row([
            Cell::from(site.id.to_string()),
            Cell::text(site.name.as_deref()),
            Cell::State(site.standing.name()),
            Cell::from(&***found),
        ]);
    }
    table
}

/// Ends with the failure that the findings are.
fn finish(synced: &Synced) -> Result<Exit> {
    if !synced.damaged.is_empty() || synced.strays > 0 {
        let damaged = StoreError::DamagedRecords {
            sites: synced.damaged.clone(),
            strays: synced.strays,
        };
        return Err(CliError::from(damaged)
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
        0 => return set_aside::finish(&synced.odd, Service::Logmeonce).and_then(|exit| complete(exit, synced)),
        1 => "1 site was tampered with or rolled back".to_owned(),
        many => format!("{many} sites were tampered with or rolled back"),
    };
    Err(CliError::new(Exit::Integrity, "sites-tampered", message)
        .cause("the local store keeps its copies of them")
        .hint("zkv trust shows what the service lists; accept it only if you know why it is so"))
}

/// The sites are stored, and something else could not be fetched that the account may well have.
fn complete(exit: Exit, synced: &Synced) -> Result<Exit> {
    let failed = |withheld: &&Withheld| {
        let Withheld { error, .. } = withheld;
        error.kind() != ErrorKind::Forbidden && !error.is_not_offered()
    };
    match synced.withheld.iter().find(failed) {
        None => Ok(exit),
        Some(Withheld { list, error }) => {
            let error = CliError::from(error.clone());
            let message = format!(
                "the sites are stored, and the {} were not fetched: {}",
                list.name(),
                error.message
            );
            Err(CliError {
                exit: Exit::PartlyFailed,
                code: "partly-failed",
                message,
                ..error
            })
        }
    }
}
