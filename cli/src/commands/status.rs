//! `zkv status`.

use std::collections::BTreeMap;

use serde::Serialize;
use zkvault::agent::EntryStatus;

use crate::args::Status;
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keychain;
use crate::output::{Cell, Table};
use crate::profile::Profile;
use crate::{agent, key_source, keyring_file, passphrase};
use zkvault::keyring_file::KeyringFile;
use zkvault::store::{Entries, KnownStores, Standing, Store, StoreKeys};
use zkvault::sync::{Baseline, Parts, followed};
use zkvault_core::store::RecordKind;
use zkvault_core::vendor::Trust;

/// What is known, as other programs get it. What is sealed and was not opened is `null`.
#[derive(Debug, Serialize)]
struct Report {
    profile: String,
    /// Whether the agent has the key of the keyring.
    unlocked: bool,
    store: String,
    /// Whether the store's file is there.
    there: bool,
    bytes: Option<u64>,
    host: Option<String>,
    synced: Option<Stamp>,
    #[serde(flatten)]
    sealed: Option<Sealed>,
    /// What is to be known of the profile, and is said nowhere else.
    notes: Vec<String>,
}

/// What only the store's keys tell.
#[derive(Debug, Serialize)]
struct Sealed {
    revision: u64,
    sites: u64,
    users: u64,
    groups: u64,
    verdicts: BTreeMap<String, u64>,
    /// Sites that are trusted because they were there when the account was first synced.
    first_use: u64,
    /// Sites of which replaced values are accepted without a question; none where the store is damaged.
    followed: Option<usize>,
}

pub(crate) fn run(args: &Status, context: &Context<'_>) -> Result<Exit> {
    let profile = context.profile()?;
    let path = profile.store_path()?;
    let metadata = std::fs::metadata(&path).ok();
    let keys = match args.verify {
        true => Some(required_keys(args, context)?),
        false => keys_at_hand(args, &profile, context)?,
    };
    let known = KnownStores::read(&profile.known_stores_path(), None)?;
    let store = match &keys {
        Some(keys) => Store::open(&path, keys)?,
        None => None,
    };
    if let Some(store) = &store {
        known.check(store.id(), store.head())?;
    }
    let unlocked = agent::entry_of(context);
    let report = Report {
        profile: profile.name().to_owned(),
        unlocked: unlocked.is_some(),
        store: path.display().to_string(),
        // A file without a state in it is no store.
        there: metadata.is_some() && store.is_some() == keys.is_some(),
        bytes: metadata.map(|metadata| metadata.len()),
        host: known.last().map(|known| known.host.clone()),
        synced: known.last().map(|known| Stamp(known.synced)),
        sealed: store.as_ref().map(sealed).transpose()?,
        notes: notes(&profile, keys.as_ref()),
    };
    print(&report, unlocked.as_ref(), context)?;
    match store.filter(|_| args.verify) {
        Some(store) => verify(&store),
        None => Ok(Exit::Success),
    }
}

fn required_keys(args: &Status, context: &Context<'_>) -> Result<StoreKeys> {
    match key_source::selected(&args.keys.paths).as_slice() {
        [] => Ok(StoreKeys::of_keyring(&keyring_file::unlock(context)?)),
        files => keychain::store_keys_of_files(files),
    }
}

/// The keys for which nobody has to be asked.
fn keys_at_hand(args: &Status, profile: &Profile, context: &Context<'_>) -> Result<Option<StoreKeys>> {
    let from_file = !key_source::selected(&args.keys.paths).is_empty();
    let is_open = || Ok::<_, CliError>(passphrase::is_given()? || agent::entry_of(context).is_some());
    let from_keyring = profile.keyring_path().exists() && is_open()?;
    match from_file || from_keyring {
        true => required_keys(args, context).map(Some),
        false => Ok(None),
    }
}

fn sealed(store: &Store) -> Result<Sealed> {
    let (head, index) = (store.head(), store.index()?);
    let first_use = Entries::new(index.expose_secret(), None).flatten();
    let first_use = first_use.filter(|entry| entry.standing == Standing::FirstUse).count();
    Ok(Sealed {
        revision: head.revision,
        sites: head.sites(),
        users: head.users,
        groups: head.groups,
        verdicts: head.standings.clone(),
        first_use: first_use as u64,
        followed: followed(store).ok().map(|sites| sites.len()),
    })
}

/// A passphrase that costs less to guess than it need, and layouts that a person chose although nothing authenticates them:
/// no other command warns of these each time.
fn notes(profile: &Profile, keys: Option<&StoreKeys>) -> Vec<String> {
    let keyring = KeyringFile::open(&profile.keyring_path()).ok();
    let weak = keyring.filter(|keyring| keyring.params().is_below_default()).map(|_| {
        "a guess at the passphrase costs less than today's default: zkv passphrase change raises it".to_owned()
    });
    let layouts = keys.into_iter().flat_map(|keys| keys.opening.vendor_layouts());
    let bare = layouts.filter(|layout| layout.trust() == Trust::Unauthenticated);
    let bare = bare.map(|layout| format!("nothing authenticates values of the layout {}", layout.name()));
    weak.into_iter().chain(bare).collect()
}

fn print(report: &Report, unlocked: Option<&EntryStatus>, context: &Context<'_>) -> Result<()> {
    let mut table = Table::pairs();
    row(&mut table, "profile", report.profile.clone());
    if let Some(entry) = unlocked {
        row(&mut table, "keyring", super::agent::shown(entry));
    }
    add_store(&mut table, report);
    match &report.sealed {
        Some(sealed) => add_sealed(&mut table, sealed),
        None if report.there => row(&mut table, "sites", "sealed: zkv unlock, or give --key-file".to_owned()),
        None => {}
    }
    for note in &report.notes {
        row(&mut table, "note", note.clone());
    }
    context.output.rows(&table, report)
}

fn row(table: &mut Table, what: &str, value: String) {
    table.row([what.to_owned(), value]);
}

/// What is known of the store without its key.
fn add_store(table: &mut Table, report: &Report) {
    row(table, "store", report.store.clone());
    let missing = match (&report.host, report.there) {
        (_, true) => None,
        (None, false) => Some(("synced", "never: zkv sync fetches what the account has")),
        (Some(_), false) => Some(("store is", "gone: put it back, or zkv sync and accept every site anew")),
    };
    if let Some((what, words)) = missing {
        row(table, what, words.to_owned());
    }
    if let (Some(host), Some(synced)) = (&report.host, report.synced) {
        row(table, "account", host.clone());
        table.row([Cell::from("synced"), Cell::from(synced)]);
    }
}

/// What the opened store says.
fn add_sealed(table: &mut Table, sealed: &Sealed) {
    row(table, "sites", sealed.sites.to_string());
    row(table, "users", sealed.users.to_string());
    row(table, "groups", sealed.groups.to_string());
    let verdicts = sealed.verdicts.iter();
    let verdicts = verdicts.map(|(verdict, count)| format!("{count} {verdict}"));
    row(table, "verdicts", verdicts.collect::<Vec<_>>().join(", "));
    if sealed.first_use > 0 {
        let count = sealed.first_use;
        let words = format!("{count} sites trusted on first use; the next zkv sync compares them");
        row(table, "note", words);
    }
    if let Some(followed @ 1..) = sealed.followed {
        row(table, "followed", followed.to_string());
    }
}

/// Opens everything that a backup would need.
fn verify(store: &Store) -> Result<Exit> {
    let parts = Parts::open(store)?;
    let (baseline, _pins) = Baseline::load(store, &parts)?;
    baseline.check().map_err(|error| {
        CliError::from(error).hint("zkv sync fetches the sites again; they are then new and need review")
    })?;
    for kind in [RecordKind::Users, RecordKind::Groups] {
        store
            .list(kind)
            .map_err(|error| CliError::from(error).hint("zkv sync fetches users and groups again"))?;
    }
    Ok(Exit::Success)
}
