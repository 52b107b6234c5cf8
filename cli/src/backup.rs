//! Backups for the commands: with the keys, the passphrase and the storage of this terminal, and what is said about them.

mod catalog;

use std::path::{Path, PathBuf};

use zkvault::backup::{Access, BackupFile, ChainNote, KnownHeads, Loaded, keyrings, newest_in_chain};
use zkvault_core::backup::BackupRecord;
use zkvault_core::key::KeySet;
use zkvault_core::trust::Head;

pub(crate) use self::catalog::{TerminalCatalog, problem};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::repo::Rights;
use crate::{key_source, keychain, keyring_file};

/// A backup that was asked for.
pub(crate) enum Source<'a> {
    File(&'a Path),
    /// Of a repository: a revision, or the newest.
    Repository(Option<u64>),
}

impl Source<'_> {
    /// Fetches and opens it, with `access` or the keyring that came along.
    pub(crate) fn load(&self, access: Option<Access>, context: &Context<'_>) -> Result<Loaded> {
        match self {
            Self::File(path) => {
                let file = BackupFile::read(path)?;
                let access = match access {
                    Some(access) => access,
                    None => file.keyrings()?.unlock(&*context.passphrase()?)?,
                };
                Ok(file.open(access)?)
            }
            Self::Repository(revision) => {
                let catalog = TerminalCatalog::new(Rights::Read, context)?;
                let backups = catalog.list(context.output)?;
                let access = match access {
                    Some(access) => access,
                    None => keyrings(&backups)?.unlock(&*context.passphrase()?)?,
                };
                catalog.load(&backups, *revision, access)
            }
        }
    }
}

/// Key files that were given, or the profile's keyring; nothing where there is neither.
pub(crate) fn find_access(files: &[PathBuf], context: &Context<'_>) -> Result<Option<Access>> {
    let files = key_source::selected(files);
    if !files.is_empty() {
        let keys = keychain::store_keys_of_files(&files)?.opening;
        return Ok(Some(Access::new(keys, None)));
    }
    match context.profile()?.keyring_path().exists() {
        true => Ok(Some(Access::of_keyring(keyring_file::unlock(context)?))),
        false => Ok(None),
    }
}

/// The key files or the keyring, or an error that says how to give one.
pub(crate) fn access(files: &[PathBuf], context: &Context<'_>) -> Result<Access> {
    find_access(files, context)?.ok_or_else(|| {
        CliError::new(Exit::NotFound, "no-keyring", "there is no keyring, and no key file")
            .hint("zkv backup restore brings the keyring back; --key-file gives a key")
    })
}

/// What the profile remembers of the newest backups.
pub(crate) fn known_heads(context: &Context<'_>) -> Result<KnownHeads> {
    Ok(KnownHeads::read(&context.profile()?.known_backups_path())?)
}

/// The newest backup, if the chain continues to it from the one that is known; or, with `accept`, whatever it is.
pub(crate) fn newest(
    records: &[BackupRecord],
    known: Option<Head>,
    accept: bool,
    context: &Context<'_>,
) -> Result<Option<Head>> {
    let (newest, note) = newest_in_chain(records, known, accept)?;
    match note {
        None => {}
        Some(ChainNote::Accepted(error)) => context.output.warning(&error.to_string()),
        Some(_) => context
            .output
            .warning("backups between the last one that was known and the newest are missing"),
    }
    Ok(newest)
}

/// Compares the repository's newest backup with the one that is remembered, and remembers it when it continues from
/// there. A file stands for itself.
pub(crate) fn check_chain(loaded: &Loaded, known: &mut KnownHeads, accept: bool, context: &Context<'_>) -> Result<()> {
    let Some(place) = &loaded.place else { return Ok(()) };
    match newest(&loaded.records, known.at(place), accept, context)? {
        Some(newest) => Ok(known.remember(place, newest)?),
        None => Ok(()),
    }
}

/// Compares what is in the repository with the newest backup that is remembered, and remembers how it continues.
pub(crate) fn check_repository(keys: &KeySet, context: &Context<'_>) -> Result<()> {
    let (catalog, mut known) = (TerminalCatalog::new(Rights::Read, context)?, known_heads(context)?);
    let (place, records) = (catalog.place(), catalog.records(keys)?);
    match newest(&records, known.at(&place), false, context)? {
        Some(newest) => Ok(known.remember(&place, newest)?),
        None => Ok(()),
    }
}

/// Reads a head as `zkv backup push` prints it: `12:be7c…`.
pub(crate) fn parse_head(text: &str) -> Result<Head> {
    text.parse().map_err(|error| {
        CliError::usage(format!("{text:?} is not the head of a backup"))
            .cause(error)
            .hint("zkv backup push prints one, and list shows them")
    })
}
