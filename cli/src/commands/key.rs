//! `zkv key`.

mod derive;
mod export;
mod hand_over;
mod import;
mod rotate;
mod state;

use std::sync::Arc;

use serde::Serialize;
use zkvault::time;
use zkvault_core::key::{KeyFingerprint, VaultKey};
use zkvault_core::keyring::{AddKeyError, KeyEntry, KeyOrigin, Keyring, NewKey};

use crate::args::{KeyCommand, NewEntry};
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::{Cell, Table};
use crate::{keychain, keyring_file};

pub(crate) fn run(command: &KeyCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        KeyCommand::List => list(context),
        KeyCommand::Import(args) => import::run(args, context),
        KeyCommand::Derive(args) => derive::run(args, context),
        KeyCommand::Export(args) => export::run(args, context),
        KeyCommand::Rotate(args) => rotate::run(args, context),
        KeyCommand::HandOver(args) => hand_over::run(args, context),
        KeyCommand::Retire { key } => state::retire(key, context),
        KeyCommand::Reinstate { key } => state::reinstate(key, context),
    }
}

/// What is shown of a key: everything but the key.
#[derive(Debug, Serialize)]
pub(crate) struct KeyRow {
    id: String,
    vendor_id: Option<String>,
    label: String,
    origin: &'static str,
    state: &'static str,
    default: bool,
    /// Whether replaced values under it are accepted without a question.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    followed: bool,
    created: Stamp,
    retired: Option<Stamp>,
    /// The label of the key in whose place it is used, or the fingerprint of one that is not in the keyring.
    replaces: Option<String>,
}

impl KeyRow {
    pub(crate) fn new(entry: &KeyEntry, keyring: &Keyring) -> Self {
        Self {
            id: entry.id().to_string(),
            vendor_id: entry.vendor_id().map(|id| id.to_string()),
            label: entry.label().to_owned(),
            origin: entry.origin().name(),
            state: entry.state().name(),
            default: entry.label() == keyring.keys().default_label(),
            followed: entry.is_followed(),
            created: Stamp(entry.created()),
            retired: entry.retired().map(Stamp),
            replaces: entry.replaces().map(|replaced| named(replaced, keyring)),
        }
    }
}

impl KeyRow {
    /// What the key is called.
    fn label(&self) -> &str {
        &self.label
    }
}

fn named(key: KeyFingerprint, keyring: &Keyring) -> String {
    let mut entries = keyring.keys().iter();
    let entry = entries.find(|entry| entry.key().fingerprint() == key);
    entry.map_or_else(|| key.to_string(), |entry| entry.label().to_owned())
}

fn list(context: &Context<'_>) -> Result<Exit> {
    let keyring = keyring_file::unlock(context)?;
    let rows: Vec<_> = keyring
        .keys()
        .iter()
        .map(|entry| KeyRow::new(entry, &keyring))
        .collect();
    print_keys(context, &rows, &rows)?;
    Ok(Exit::Success)
}

/// Prints keys as rows, or `json` in place of them.
pub(crate) fn print_keys(context: &Context<'_>, rows: &[KeyRow], json: &impl Serialize) -> Result<()> {
    let header = &[
        "ID",
        "VENDOR ID",
        "LABEL",
        "ORIGIN",
        "STATE",
        "DEFAULT",
        "CREATED",
        "REPLACES",
    ];
    let mut table = Table::new(header).cut(&["LABEL"]);
    for row in rows {
        table.row([
            Cell::from(&*row.id),
            Cell::text(row.vendor_id.as_deref()),
            Cell::from(&*row.label),
            Cell::from(row.origin),
            match row.followed {
                true => Cell::from(format!("{}, followed", row.state)),
                false => Cell::State(row.state),
            },
            Cell::from(if row.default { "default" } else { "" }),
            Cell::from(row.created),
            Cell::text(row.replaces.as_deref()),
        ]);
    }
    context.output.rows(&table, json)
}

/// Adds a key from outside as the command line says, and prints it.
fn add_and_print(context: &Context<'_>, key: Arc<VaultKey>, entry: &NewEntry, origin: KeyOrigin) -> Result<Exit> {
    let created = time::now()?;
    let row = keyring_file::change(context, |keyring| {
        let replaced = entry.replaces.as_deref();
        let replaced = replaced.map(|name| keychain::find(keyring, Some(name)));
        let details = NewKey {
            label: "",
            origin,
            created,
            vendor_id: entry.key_id,
            replaces: replaced.transpose()?.map(|entry| entry.key().fingerprint()),
        };
        add(keyring, key, entry.label.as_deref(), details, entry.default)
    })?;
    print_keys(context, std::slice::from_ref(&row), &row)?;
    Ok(Exit::Success)
}

/// Adds a key under the label that was asked for, which must be free, or under one made from its origin and id.
fn add(
    keyring: &mut Keyring,
    key: Arc<VaultKey>,
    label: Option<&str>,
    details: NewKey<'_>,
    make_default: bool,
) -> Result<KeyRow> {
    let made_up = details.origin.label_for(&key);
    let label = label.unwrap_or(&made_up);
    let added = keyring.keys_mut().add(key, NewKey { label, ..details });
    added.map_err(not_added)?;
    if make_default {
        let changed = keyring.keys_mut().set_default(label);
        changed.map_err(|error| CliError::new(Exit::Other, "key", "the default key was not changed").cause(error))?;
    }
    keychain::find(keyring, Some(label)).map(|entry| KeyRow::new(entry, keyring))
}

fn not_added(error: AddKeyError) -> CliError {
    let retired = match &error {
        AddKeyError::KeyRetired { label } => Some(format!("zkv key reinstate {label:?} makes it active again")),
        _ => None,
    };
    let error = CliError::new(Exit::Other, "key", "the key was not added").cause(error);
    match retired {
        Some(hint) => error.hint(hint),
        None => error,
    }
}
