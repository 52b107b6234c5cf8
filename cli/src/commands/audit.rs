//! `zkv audit`: the health of the passwords in the local store.

mod health;
mod page;

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;

use zkvault::audit::{self, Audited, HashList, HashListError, Options, ranges};
use zkvault::client::ServiceUrl;
use zkvault::org::OrgFile;
use zkvault::time;

use self::health::Health;
use super::org::input;
use super::report::Delivery;
use crate::args::Audit;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Progress, shown_path};
use crate::session::{runtime, transport};
use crate::vault;

const DAY: u64 = 24 * 3600;

pub(crate) fn run(args: &Audit, context: &Context<'_>) -> Result<Exit> {
    let delivery = Delivery::open(&args.destination, context)?;
    let people = args.org.as_deref().map(people).transpose()?;
    let mirror = args.hibp_online.as_deref().map(service).transpose()?;
    // Before anybody types a passphrase: a list that cannot be used ends the command.
    let list = args.hibp.as_deref().map(|path| hash_list(path, context)).transpose()?;
    let vault = vault::open(&args.keys.paths, context)?;
    vault.note_age(context)?;
    let options = Options {
        hashes: list.is_some() || mirror.is_some(),
    };
    let progress = Progress::of_sites(context.output.is_json());
    let mut audited = audit::audit(&vault.contents, &options, &progress)?;
    drop(progress);
    if let Some((mut list, path)) = list {
        look_up(&mut list, &mut audited).map_err(|error| list_error(path, error))?;
    }
    if let Some(url) = &mirror {
        let progress = Progress::of_requests(context.output.is_json());
        let passwords = &mut audited.passwords;
        let requests = runtime()?.block_on(ranges::look_up(&transport(), url, passwords, &progress))?;
        drop(progress);
        context
            .output
            .note(&format!("asked {} in {requests} requests", url.host()));
    }
    let now = time::now()?;
    let account = vault.contents.store.head().host.clone();
    let health = Health {
        account: &account,
        made: now,
        audited: &audited,
        old_before: now.saturating_sub(args.old_after.saturating_mul(DAY)),
        old_after: args.old_after,
        is_looked_up: options.hashes,
        people: people.as_ref(),
        many: args.many,
    };
    delivery.deliver(&health, context)?;
    finish(&audited)
}

fn people(path: &Path) -> Result<BTreeMap<u64, u64>> {
    let bytes = input::bytes(path)?;
    let file = OrgFile::read(&bytes).map_err(|error| input::named(path, error.into()))?;
    Ok(audit::people(&file))
}

fn service(url: &str) -> Result<ServiceUrl> {
    ServiceUrl::parse(url).map_err(|error| CliError::usage("this is no address of a service").cause(error))
}

/// A list of a person's own ends anywhere; one that was cut off finds nothing from there on, and nobody would notice.
fn hash_list<'p>(path: &'p Path, context: &Context<'_>) -> Result<(HashList<File>, &'p Path)> {
    let file = File::open(path).map_err(|error| CliError::file("read", path, &error))?;
    let list = HashList::new(file).map_err(|error| list_error(path, error))?;
    if let Some(end) = list.ends_early() {
        context.output.warning(&format!(
            "{} ends with hashes that begin with {end}, and the whole list of Have I Been Pwned with FFFF: unless it is a \
             list of your own, it was cut off, and passwords beyond its end are not found",
            shown_path(path)
        ));
    }
    Ok((list, path))
}

fn list_error(path: &Path, error: HashListError) -> CliError {
    CliError::from(error).about(shown_path(path))
}

fn look_up(list: &mut HashList<File>, audited: &mut Audited) -> std::result::Result<(), HashListError> {
    for password in &mut audited.passwords {
        if let Some(hash) = password.hash() {
            password.breached = Some(list.count(hash)?);
        }
    }
    Ok(())
}

/// Ends with the failure that values are which did not open: the rest was judged.
fn finish(audited: &Audited) -> Result<Exit> {
    match audited.unopened.len() {
        0 => Ok(Exit::Success),
        count => Err(CliError::new(
            Exit::PartlyFailed,
            "partly-failed",
            format!("{count} sites or passwords did not open, and were not judged"),
        )
        .hint("the report names them; zkv status shows what needs review")),
    }
}
