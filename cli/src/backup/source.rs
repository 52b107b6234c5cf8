//! Where a backup is read from: a file, or a repository.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zkvault_core::backup::{BackupLine, BackupRecord};
use zkvault_core::key::KeySet;
use zkvault_core::trust::Head;

use super::bundle::{self, MAX_BACKUP_LEN, Opened, not_opened};
use super::{Access, KnownHeads, Shelf, Shelved, check};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::repo::Rights;

/// A backup that was asked for.
pub(crate) enum Source<'a> {
    File(&'a Path),
    /// Of a repository: a revision, or the newest.
    Repository(Option<u64>),
}

/// An open backup, and what else was there.
#[derive(Debug)]
pub(crate) struct Loaded {
    pub(crate) opened: Opened,
    pub(crate) access: Access,
    /// All backups of the repository that the keys open; of a file its own.
    pub(crate) records: Vec<BackupRecord>,
    /// The repository's address.
    pub(crate) place: Option<String>,
}

impl Source<'_> {
    /// Fetches and opens it, with `access` or the keyring that came along.
    pub(crate) fn load(&self, access: Option<Access>, context: &Context<'_>) -> Result<Loaded> {
        match self {
            Self::File(path) => load_file(path, access, context),
            Self::Repository(revision) => load_shelved(*revision, access, context),
        }
    }
}

impl Loaded {
    /// The backup's own head.
    pub(crate) fn head(&self) -> Head {
        Head {
            revision: self.opened.snapshot.manifest.revision,
            digest: self.opened.digest,
        }
    }

    /// Compares the repository's newest backup with the one that is remembered, and remembers it when it continues from
    /// there. A file stands for itself.
    pub(crate) fn check_line(&self, known: &mut KnownHeads, accept: bool, context: &Context<'_>) -> Result<()> {
        let Some(place) = &self.place else { return Ok(()) };
        match newest_in_line(&self.records, known.at(place), accept, context)? {
            Some(newest) => known.remember(place, newest),
            None => Ok(()),
        }
    }
}

/// The newest backup, if the line goes on to it from the one that is known; or, with `accept`, whatever it is.
pub(crate) fn newest_in_line(
    records: &[BackupRecord],
    known: Option<Head>,
    accept: bool,
    context: &Context<'_>,
) -> Result<Option<Head>> {
    let line = BackupLine::new(records);
    match check(line, known) {
        Err(error) if !accept => return Err(error),
        Err(error) => context.output.warning(&error.message),
        Ok(Some(warning)) => context.output.warning(warning),
        Ok(None) => {}
    }
    Ok(line.newest().map(BackupRecord::head))
}

/// Compares what is in the repository with the newest backup that is remembered, and remembers how it continues.
pub(crate) fn check_repository(keys: &KeySet, context: &Context<'_>) -> Result<()> {
    let (shelf, mut known) = (Shelf::new(Rights::Read, context)?, KnownHeads::read(context)?);
    let (place, records) = (shelf.place(), Shelf::records(&shelf.list()?, keys));
    match newest_in_line(&records, known.at(&place), false, context)? {
        Some(newest) => known.remember(&place, newest),
        None => Ok(()),
    }
}

fn load_file(path: &Path, access: Option<Access>, context: &Context<'_>) -> Result<Loaded> {
    let bytes = read(path)?;
    let start = bundle::parse(&bytes)?;
    let access = match access {
        Some(access) => access,
        None => Access::fresh(std::iter::once(&start), context)?,
    };
    let opened = bundle::open(&bytes, &access)?;
    Ok(Loaded {
        records: opened.record.iter().cloned().collect(),
        opened,
        access,
        place: None,
    })
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(MAX_BACKUP_LEN + 1).read_to_end(&mut bytes));
    match read.map_err(|error| CliError::file("read", path, &error))? as u64 > MAX_BACKUP_LEN {
        true => Err(not_opened(format!("it has more than {MAX_BACKUP_LEN} bytes"))),
        false => Ok(bytes),
    }
}

fn load_shelved(revision: Option<u64>, access: Option<Access>, context: &Context<'_>) -> Result<Loaded> {
    let shelf = Shelf::new(Rights::Read, context)?;
    let backups = shelf.list()?;
    Shelf::warn(&backups, context.output);
    let access = match access {
        Some(access) => access,
        None if backups.is_empty() => return Err(none_there(0)),
        None => Access::fresh(backups.iter().filter_map(Shelved::start), context)?,
    };
    let own: Vec<(&Shelved, BackupRecord)> = backups
        .iter()
        .filter_map(|backup| Some((backup, backup.record(&access.keys)?)))
        .collect();
    let wanted = own
        .iter()
        .filter(|(_, record)| revision.is_none_or(|revision| record.manifest.revision == revision));
    let Some((chosen, _)) = wanted.max_by_key(|(_, record)| record.manifest.revision) else {
        return Err(match revision {
            Some(revision) if !own.is_empty() => no_such(revision),
            _ => none_there(backups.len()),
        });
    };
    let access = match chosen.start() {
        Some(start) => access.with_keyring_of(start)?,
        None => access,
    };
    Ok(Loaded {
        opened: bundle::open(&shelf.fetch(chosen)?, &access)?,
        records: own.iter().map(|(_, record)| record.clone()).collect(),
        access,
        place: Some(shelf.place()),
    })
}

/// The key files or the keyring, or an error that says how to give one.
pub(crate) fn local(files: &[PathBuf], context: &Context<'_>) -> Result<Access> {
    Access::local(files, context)?.ok_or_else(|| {
        CliError::new(Exit::NotFound, "no-keyring", "there is no keyring, and no key file")
            .hint("zkv backup restore brings the keyring back; --key-file gives a key")
    })
}

fn no_such(revision: u64) -> CliError {
    CliError::new(Exit::NotFound, "not-found", format!("there is no backup {revision}"))
        .hint("zkv backup list shows those that are there")
}

fn none_there(others: usize) -> CliError {
    let error = CliError::new(Exit::NotFound, "not-found", "there is no backup that opens");
    match others {
        0 => error.cause("the repository has none"),
        others => error.cause(format!("{others} are there, for other keys, damaged or archived")),
    }
}
