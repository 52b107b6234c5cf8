//! Which backup is read: a file, or one of a repository.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zkvault_core::backup::{BackupRecord, BackupStart};
use zkvault_core::trust::Head;

use super::Result;
use super::access::{Access, Keyrings};
use super::bundle::{self, MAX_BACKUP_LEN, Opened};
use super::catalog::{Catalog, CatalogEntry};
use super::error::BackupError;
use crate::fs::{FileAction, FileError};
use crate::transfer::Reason;

/// An open backup, and what else was there.
#[derive(Debug)]
pub struct Loaded {
    /// The backup.
    pub opened: Opened,
    /// What opened it.
    pub access: Access,
    /// All backups of the repository that the keys open; of a file its own.
    pub records: Vec<BackupRecord>,
    /// The repository's address.
    pub place: Option<String>,
}

impl Loaded {
    /// The backup's own head.
    #[must_use]
    pub fn head(&self) -> Head {
        Head {
            revision: self.opened.snapshot.manifest.revision,
            digest: self.opened.digest,
        }
    }
}

/// A backup in a file.
#[derive(Debug)]
pub struct BackupFile {
    bytes: Vec<u8>,
    start: BackupStart,
}

impl BackupFile {
    /// Reads it whole.
    ///
    /// # Errors
    ///
    /// [`BackupError::File`], or [`BackupError::NotOpened`] when it is none or too long.
    pub fn read(path: &Path) -> Result<Self> {
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MAX_BACKUP_LEN + 1).read_to_end(&mut bytes));
        let len = read.map_err(|error| FileError::system(FileAction::Read, path, error))?;
        if len as u64 > MAX_BACKUP_LEN {
            return Err(BackupError::not_opened(format!(
                "it has more than {MAX_BACKUP_LEN} bytes"
            )));
        }
        let start = bundle::parse(&bytes)?;
        Ok(Self { bytes, start })
    }

    /// The keyring that came along.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`] when there is none.
    pub fn keyrings(&self) -> Result<Keyrings<'_>> {
        Keyrings::of([&self.start])
    }

    /// Opens it.
    ///
    /// # Errors
    ///
    /// [`BackupError::NotOpened`].
    pub fn open(&self, access: Access) -> Result<Loaded> {
        let opened = bundle::open(&self.bytes, &access)?;
        Ok(Loaded {
            records: opened.record.iter().cloned().collect(),
            opened,
            access,
            place: None,
        })
    }
}

/// The keyrings that came along with the backups of a repository.
///
/// # Errors
///
/// [`BackupError::NoneThere`] when there is no backup, [`BackupError::NotOpened`] when there is no keyring.
pub fn keyrings(backups: &[CatalogEntry]) -> Result<Keyrings<'_>> {
    match backups.is_empty() {
        true => Err(none_there(0)),
        false => Keyrings::of(backups.iter().filter_map(CatalogEntry::start)),
    }
}

/// Fetches and opens a revision, or the newest, of the backups in a catalog.
///
/// # Errors
///
/// [`BackupError::NoSuch`] or [`BackupError::NoneThere`] when it is not there, [`BackupError::NotOpened`] when it does
/// not open, and [`BackupError::Storage`].
pub async fn load(
    catalog: &Catalog,
    backups: &[CatalogEntry],
    revision: Option<u64>,
    access: Access,
) -> Result<Loaded> {
    let own: Vec<(&CatalogEntry, BackupRecord)> = backups
        .iter()
        .filter_map(|backup| Some((backup, backup.record(&access.keys)?)))
        .collect();
    let wanted = own
        .iter()
        .filter(|(_, record)| revision.is_none_or(|revision| record.manifest.revision == revision));
    let Some((chosen, _)) = wanted.max_by_key(|(_, record)| record.manifest.revision) else {
        return Err(match revision {
            Some(revision) if !own.is_empty() => BackupError::NoSuch { revision },
            _ => none_there(backups.len()),
        });
    };
    let access = match chosen.start() {
        Some(start) => access.with_keyring_of(start)?,
        None => access,
    };
    Ok(Loaded {
        opened: bundle::open(&catalog.fetch(chosen).await?, &access)?,
        records: own.iter().map(|(_, record)| record.clone()).collect(),
        access,
        place: Some(catalog.place()),
    })
}

fn none_there(others: usize) -> BackupError {
    BackupError::NoneThere(Reason::new(match others {
        0 => "the repository has none".to_owned(),
        others => format!("{others} are there, for other keys, damaged or archived"),
    }))
}
