//! A sync: what the service lists goes into the store, as far as it may be trusted. All of it, or nothing.

mod accept;
mod baseline;
mod intake;
mod restore;
mod settle;
#[cfg(test)]
mod tests;

use std::path::Path;

use zkvault_core::model::Site;
use zkvault_core::store::RecordKind;
use zkvault_core::trust::{Account, PinSet};

pub(crate) use self::accept::accept;
pub(crate) use self::baseline::Baseline;
pub(crate) use self::baseline::damage_error;
use self::intake::Intake;
pub(crate) use self::restore::{contradiction, fill};
pub(crate) use self::settle::{Changes, SettledSite};
use self::settle::{Settlement, head};
use crate::error::{CliError, Exit, Result};
use crate::keychain::StoreKeys;
use crate::store::{Head, KnownStores, Store, StoreLock};

/// Which account is synced, and into which store.
pub(crate) struct Target<'a> {
    /// The store's file.
    pub(crate) path: &'a Path,
    /// The account: the host of the service.
    pub(crate) host: &'a str,
    pub(crate) keys: &'a StoreKeys,
    pub(crate) known: &'a KnownStores,
    /// Write everything anew.
    pub(crate) rewrite: bool,
    /// Seconds since 1970.
    pub(crate) now: u64,
}

/// The lists that are kept whole: JSON, or nothing where the service does not show them to this account.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) users: Option<List>,
    pub(crate) groups: Option<List>,
}

/// A list as JSON, and how many are in it.
#[derive(Debug)]
pub(crate) struct List {
    pub(crate) json: Vec<u8>,
    pub(crate) count: u64,
}

/// What the account was before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Before {
    /// Never synced.
    FirstUse,
    /// Synced before, and the store is gone.
    Unanchored,
    /// In the store.
    Known,
}

/// What was synced.
#[derive(Debug)]
pub(crate) struct Synced {
    pub(crate) store: Store,
    pub(crate) before: Before,
    pub(crate) changes: Changes,
    /// Sites of which something was damaged in the store.
    pub(crate) damaged: Vec<u64>,
    /// Records that were not the store's own.
    pub(crate) strays: usize,
}

/// Takes what an account lists.
pub(crate) type Sink<'a> = dyn FnMut(&Site) -> Result<()> + 'a;

/// Syncs. `fetch` gives every site of the account to the sink, and returns the lists.
pub(crate) fn run(target: &Target<'_>, fetch: impl FnOnce(&mut Sink<'_>) -> Result<Lists>) -> Result<Synced> {
    let lock = StoreLock::take(target.path)?;
    let (mut store, before) = open(target, &lock)?;
    let mut baseline = match before {
        Before::Known => Baseline::load(&store)?,
        Before::FirstUse | Before::Unanchored => Baseline::default(),
    };
    let mut pins = std::mem::take(&mut baseline.pins);
    let (mut assessment, arrived, lists) = {
        let account = account(before, &pins);
        let mut intake = Intake::new(&store, &baseline.sites, account, &target.keys.opening, target.rewrite);
        let lists = fetch(&mut |site| intake.add(site))?;
        let (assessment, arrived) = intake.finish();
        (assessment, arrived, lists)
    };
    assessment.advance(&mut pins);
    let (damaged, strays) = (baseline.damaged.clone(), baseline.strays.len());
    let changes = Settlement::new(&store, &pins).settle(baseline, arrived, &assessment, target.rewrite)?;
    let head = head(store.head(), &changes, store.next_revision(), target.now);
    let head = put_lists(&store, head, lists)?;
    admit(&store, target.keys)?;
    store.commit(head)?;
    Ok(Synced {
        store,
        before,
        changes,
        damaged,
        strays,
    })
}

/// Opens the account's store, or makes one.
fn open(target: &Target<'_>, lock: &StoreLock) -> Result<(Store, Before)> {
    let Some(store) = Store::open_to_write(target.path, &target.keys.opening, lock)? else {
        let before = match target.known.knows(target.host) {
            true => Before::Unanchored,
            false => Before::FirstUse,
        };
        return Ok((Store::create(target.path, target.host, lock)?, before));
    };
    let Head { host, .. } = store.head();
    if host != target.host {
        return Err(other_account(host, target.host));
    }
    target.known.check(store.id(), store.head())?;
    Ok((store, Before::Known))
}

fn account(before: Before, pins: &PinSet) -> Account<'_> {
    match before {
        Before::FirstUse => Account::FirstUse,
        Before::Unanchored => Account::Unanchored,
        Before::Known => Account::Pinned(pins),
    }
}

fn other_account(stored: &str, asked: &str) -> CliError {
    CliError::new(
        Exit::Other,
        "other-account",
        format!("the local store of this profile is of {stored}, not of {asked}"),
    )
    .hint("zkv --profile NAME sync keeps another account beside it")
}

/// Writes the lists that changed.
fn put_lists(store: &Store, mut head: Head, lists: Lists) -> Result<Head> {
    let revision = store.next_revision();
    if let Some(users) = lists.users {
        if !store.part_is(RecordKind::Users, &users.json) {
            store.put_part(RecordKind::Users, &users.json)?;
            head.parts.users = revision;
        }
        head.users = users.count;
    }
    if let Some(groups) = lists.groups {
        if !store.part_is(RecordKind::Groups, &groups.json) {
            store.put_part(RecordKind::Groups, &groups.json)?;
            head.parts.groups = revision;
        }
        head.groups = groups.count;
    }
    Ok(head)
}

/// The keys at hand open the store from now on, and retired ones do not.
fn admit(store: &Store, keys: &StoreKeys) -> Result<()> {
    for key in &keys.sealing {
        store.admit(key)?;
    }
    for key in &keys.retired {
        store.dismiss(*key)?;
    }
    Ok(())
}
