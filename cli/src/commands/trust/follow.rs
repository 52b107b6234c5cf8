//! `zkv trust --follow` and `--no-follow`.

use serde::Serialize;
use zkvault::store::StoreLock;
use zkvault_core::keyring::KeyState;

use crate::args::Trust;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Cell, Table};
use crate::{keychain, keyring_file, vault};

const HINT: &str = "give --yes to follow without a question";

/// What is followed now, or not any more, as other programs get it.
#[derive(Serialize)]
struct Followed {
    site: Option<u64>,
    key: Option<String>,
    followed: bool,
}

pub(super) fn run(args: &Trust, context: &Context<'_>) -> Result<Exit> {
    let rows = match &args.key {
        Some(key) => vec![of_key(key, args, context)?],
        None if args.sites.is_empty() => {
            return Err(CliError::usage("nothing to follow was named").hint("name sites, or a key with --key"));
        }
        None => of_sites(args, context)?,
    };
    let mut table = Table::new(&["WHAT", "FOLLOWED"]);
    for row in &rows {
        let site = row.site.map(|site| site.to_string());
        let what = site.or_else(|| row.key.clone()).unwrap_or_default();
        table.row([Cell::from(what), Cell::from(if row.followed { "yes" } else { "no" })]);
    }
    context.output.rows(&table, &rows)?;
    Ok(Exit::Success)
}

fn of_sites(args: &Trust, context: &Context<'_>) -> Result<Vec<Followed>> {
    let lock = StoreLock::take(&context.profile()?.store_path()?)?;
    let mut vault = vault::open_to_write(&args.keys.paths, context, &lock)?;
    let index = vault.contents.index();
    let (mut ids, mut labels) = (Vec::new(), Vec::new());
    for wanted in &args.sites {
        let entry = vault.contents.find(&index, wanted)?;
        if !ids.contains(&entry.id) {
            ids.push(entry.id);
            labels.push(entry.label());
        }
    }
    consent(args, &labels, context)?;
    vault.contents.follow(&ids, args.follow)?;
    vault.remember(&lock)?;
    let row = |id| Followed {
        site: Some(id),
        key: None,
        followed: args.follow,
    };
    Ok(ids.into_iter().map(row).collect())
}

fn of_key(name: &str, args: &Trust, context: &Context<'_>) -> Result<Followed> {
    let label = keyring_file::change(context, |keyring| {
        let entry = keychain::find(keyring, Some(name))?;
        let label = entry.label().to_owned();
        if args.follow && entry.state() == KeyState::Retired {
            let message = format!("the key {label:?} is retired: what comes under it is never followed");
            return Err(CliError::new(Exit::Other, "retired", message));
        }
        consent(args, &[format!("every site under the key {label:?}")], context)?;
        let followed = keyring.keys_mut().follow(&label, args.follow);
        followed.map_err(|error| CliError::new(Exit::Other, "key", "the key was not changed").cause(error))?;
        Ok(label)
    })?;
    Ok(Followed {
        site: None,
        key: Some(label),
        followed: args.follow,
    })
}

/// Asks, where that takes a question away.
fn consent(args: &Trust, followed: &[String], context: &Context<'_>) -> Result<()> {
    if !args.follow || args.yes.is_some() {
        return Ok(());
    }
    let mut facts: Vec<_> = followed.iter().map(|what| format!("follow {what}")).collect();
    facts.push("A password that the service exchanges there is then used without a question.".to_owned());
    facts.push("Changes of names, addresses and keys are found as before.".to_owned());
    context.prompt.confirm(&facts, "Follow?", HINT)
}
