//! `zkv trust`.

use serde::Serialize;
use zkvault_core::model::Site;
use zkvault_core::trust::{Explanation, Finding, Origin, Tampering, summary};

use crate::args::Trust;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Table, escaped};
use crate::vault::{self, Vault};
use zkvault::store::{Entry, Standing, StoreLock};

pub(crate) fn run(args: &Trust, context: &Context<'_>) -> Result<Exit> {
    match args.sites.is_empty() {
        true => list(args, context),
        false => accept(args, context),
    }
}

const HINT: &str = "zkv trust SITE --yes accepts what is shown here";
/// Findings that are shown of a site at most.
const MAX_FACTS: usize = 20;

/// A site that is not as it was, as other programs get it.
#[derive(Serialize)]
struct Row {
    id: u64,
    name: Option<String>,
    verdict: &'static str,
    findings: Vec<Finding>,
}

fn list(args: &Trust, context: &Context<'_>) -> Result<Exit> {
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index()?;
    let mut rows = Vec::new();
    for entry in vault.contents.entries(&index) {
        let entry = entry?;
        if entry.standing.needs_a_look() {
            rows.push(Row {
                id: entry.id,
                verdict: entry.standing.name(),
                findings: vault.contents.store.findings(&entry)?,
                name: entry.name.map(std::borrow::Cow::into_owned),
            });
        }
    }
    vault.note_age(context)?;
    context.output.rows(&table(&rows), &rows)?;
    if rows.is_empty() {
        context.output.note("every site is as it was");
    }
    Ok(Exit::Success)
}

fn table(rows: &[Row]) -> Table {
    let mut table = Table::new(&["ID", "NAME", "VERDICT", "FOUND"]).breakable(&["NAME", "FOUND"]);
    for row in rows {
        table.row([
            row.id.to_string(),
            row.name.clone().unwrap_or_default(),
            row.verdict.to_owned(),
            summary(&row.findings, None),
        ]);
    }
    table
}

/// A site that was accepted, as other programs get it.
#[derive(Serialize)]
struct Accepted {
    id: u64,
    verdict: &'static str,
}

/// Shows what changed, asks, and accepts all of the sites or none.
fn accept(args: &Trust, context: &Context<'_>) -> Result<Exit> {
    // Held while the person reads: what is accepted is what was shown.
    let lock = StoreLock::take(&context.profile()?.store_path()?)?;
    let mut vault = vault::open_to_write(&args.keys.paths, context, &lock)?;
    let index = vault.contents.index()?;
    let mut accepted: Vec<Accepted> = Vec::new();
    for wanted in &args.sites {
        let entry = vault.contents.find_to_accept(&index, wanted)?;
        if !entry.standing.needs_a_look() {
            context
                .output
                .note(&escaped(&format!("{} is as it was", entry.label())));
        } else if accepted.iter().all(|other| other.id != entry.id) {
            ask(args, context, &vault, &entry)?;
            let verdict = match entry.standing {
                Standing::Missing => Standing::Gone,
                _ => Standing::Ok,
            };
            accepted.push(Accepted {
                id: entry.id,
                verdict: verdict.name(),
            });
        }
    }
    if !accepted.is_empty() {
        let ids: Vec<u64> = accepted.iter().map(|accepted| accepted.id).collect();
        vault.contents.accept(&ids)?;
        vault.remember()?;
    }
    let mut table = Table::new(&["ID", "VERDICT"]);
    accepted
        .iter()
        .for_each(|accepted| table.row([accepted.id.to_string(), accepted.verdict.to_owned()]));
    context.output.rows(&table, &accepted)?;
    Ok(Exit::Success)
}

fn ask(args: &Trust, context: &Context<'_>, vault: &Vault, entry: &Entry<'_>) -> Result<()> {
    let findings = vault.contents.store.findings(entry)?;
    if findings.contains(&Finding::Tampered(Tampering::SiteTwice)) {
        return Err(CliError::new(
            Exit::Integrity,
            "site-twice",
            format!("the service lists two sites as {}: neither can be accepted", entry.id),
        )
        .hint("one of them has to go at the service; then zkv sync"));
    }
    let served = match entry.candidate.or(entry.trusted) {
        Some(slot) if entry.standing != Standing::Missing => Some(vault.contents.store.site(entry.id, slot)?),
        _ => None,
    };
    let facts = facts(entry, &findings, served.as_ref());
    // Not by its name: a long one must not push the question off the screen.
    let question = match served {
        Some(_) => format!("Accept site {} as the service lists it", entry.id),
        None => format!("Accept that site {} is gone", entry.id),
    };
    let askable = context.prompt.must_be_allowed("A confirmation", HINT);
    if args.yes || askable.is_err() {
        facts.iter().for_each(|fact| context.output.note(&escaped(fact)));
    }
    match args.yes {
        true => Ok(()),
        false => askable.and_then(|()| context.prompt.confirm(&facts, &question, HINT)),
    }
}

/// What a person has to know, the most important first: where the values would go.
fn facts(entry: &Entry<'_>, findings: &[Finding], served: Option<&Site>) -> Vec<String> {
    let url = served
        .and_then(|site| site.login.as_ref())
        .and_then(|login| login.url.as_deref());
    let now = url.map(|url| Origin::parse(url).map_or_else(|_| "no web page".to_owned(), |origin| origin.to_string()));
    let before = entry.trusted.and(entry.origin.as_deref());
    let mut facts = vec![format!("{}: {}", entry.label(), entry.standing.name())];
    match (before, served.and(now.as_deref())) {
        (Some(before), Some(now)) if before != now => {
            facts.push(format!("  its values would go to {now}, no more to {before}"))
        }
        (before, now) => facts.extend(now.or(before).map(|origin| format!("  its values go to {origin}"))),
    }
    let shown = findings.get(..MAX_FACTS).unwrap_or(findings);
    facts.extend(
        shown
            .iter()
            .map(|finding| format!("  {}", Explanation::of(finding, served).line())),
    );
    if findings.len() > shown.len() {
        facts.push(format!("  and {} more", findings.len() - shown.len()));
    }
    facts
}
