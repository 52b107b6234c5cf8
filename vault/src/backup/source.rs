//! Which backup is read: a file, or one of a repository.
//!
//! Several accounts may have backups in one repository, and one account several chains, of which former ones are under
//! personal keys that somebody else may have by now. [`OneAccount::of`] parts them: what is of the wanted account, and
//! of that what counts. A former chain's backup counts only below the revision at which a newer chain begins; above it,
//! only somebody with the former key can have made it (docs/spec/backup.md#a-new-personal-key).

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use zkvault_core::backup::{
    BackupChain, BackupChainError, BackupHeader, BackupRecord, BackupStanding, ChainTag, Chains, is_superseded,
};
use zkvault_core::key::KeySet;
use zkvault_core::snapshot::SnapshotHead;
use zkvault_core::value::SealedGroupKey;

use super::Result;
use super::access::Access;
use super::bundle::{self, MAX_BACKUP_LEN, Opened};
use super::catalog::{Catalog, CatalogEntry, Listing};
use super::error::BackupError;
use crate::fs::{FileAction, FileError};
use crate::transfer::Reason;

/// Which backup of a repository is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Its revision; the newest if missing.
    pub revision: Option<u64>,
    /// A chain of its account; needed where there are backups of several accounts.
    pub chain: Option<ChainTag>,
}

/// An open backup, and what else was there.
#[derive(Debug)]
pub struct Loaded {
    /// The backup.
    pub opened: Opened,
    /// What opened it.
    pub access: Access,
    /// All backups of the account in the repository, but for those that are superseded; of a file its own.
    pub records: Vec<BackupRecord>,
    /// The repository's address.
    pub place: Option<String>,
    /// The chain of each backup that was there, by its head; none for a file.
    tags: Vec<(SnapshotHead, ChainTag)>,
}

impl Loaded {
    /// The backup's own head.
    #[must_use]
    pub fn head(&self) -> SnapshotHead {
        SnapshotHead {
            revision: self.opened.snapshot.manifest.revision,
            digest: self.opened.digest,
        }
    }

    /// The chain in which one of the backups is that were there.
    #[must_use]
    pub fn tag_of(&self, head: SnapshotHead) -> Option<ChainTag> {
        self.tags.iter().find(|(known, _)| *known == head).map(|(_, tag)| *tag)
    }

    /// What opens the values in it: the keys that opened it, and those of its groups.
    #[must_use]
    pub fn value_keys(&self) -> KeySet {
        let mut keys = self.access.keys.clone();
        keys.open_groups(&SealedGroupKey::list(self.opened.snapshot.groups.get().as_bytes()));
        keys
    }

    /// The chains of its account.
    #[must_use]
    pub fn chains(&self) -> Chains {
        self.access.chains.beside(self.opened.tag)
    }

    /// Refuses a backup of another chain than the newest, and one that a former personal key made: anyone who knew the
    /// passphrase before may have that key.
    ///
    /// To be called before a restore. A backup that a recipient opened has no record and passes; a caller that restores
    /// asks for the record first.
    ///
    /// # Errors
    ///
    /// [`BackupError::Chain`] or [`BackupError::Former`].
    pub fn check_own(&self) -> Result<()> {
        let Some(record) = &self.opened.record else {
            return Ok(());
        };
        if BackupChain::new(&self.records).standing(record, None) == BackupStanding::Forked {
            return Err(BackupChainError::forked(record).into());
        }
        match self.access.chains.generation(self.opened.tag) {
            Some(0) | None => Ok(()),
            Some(_) => Err(BackupError::Former),
        }
    }
}

/// A backup in a file.
#[derive(Debug)]
pub struct BackupFile {
    bytes: Vec<u8>,
    header: BackupHeader,
}

impl BackupFile {
    /// Reads it whole.
    ///
    /// Only its header is parsed.
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
        let header = bundle::parse(&bytes)?;
        Ok(Self { bytes, header })
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &BackupHeader {
        &self.header
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
            tags: Vec::new(),
            opened,
            access,
            place: None,
        })
    }
}

/// The backups of one account in a repository.
#[derive(Debug)]
pub struct OneAccount<'a> {
    /// Its chains.
    pub chains: Chains,
    /// Its backups that count, the highest revision first.
    pub own: Vec<(&'a CatalogEntry, &'a BackupRecord)>,
    /// Those under former personal keys that a newer chain supersedes.
    pub superseded: Vec<(&'a CatalogEntry, &'a BackupRecord)>,
}

impl<'a> OneAccount<'a> {
    /// Those of the account that the chain is of; without a chain, those of the only account that has backups.
    ///
    /// Entries that were not read belong to no account, and are left out; [`Listing::entries`] has them.
    ///
    /// # Errors
    ///
    /// [`BackupError::SeveralAccounts`], and [`BackupError::NoneThere`] when there is none that opens.
    pub fn of(listing: &'a Listing, chains: &Chains, chain: Option<ChainTag>) -> Result<Self> {
        let opened = |entry: &'a CatalogEntry| Some((entry, entry.record()?));
        let all: Vec<_> = listing.entries.iter().filter_map(opened).collect();
        let tag = match chain {
            Some(tag) => tag,
            None => only_account(&all, listing)?,
        };
        let chains = chains.beside(tag);
        let mut own: Vec<_> = all
            .into_iter()
            .filter(|(entry, _)| chains.find(entry.tag).is_some())
            .collect();
        let age = |entry: &CatalogEntry| chains.generation(entry.tag).unwrap_or(usize::MAX);
        let aged: Vec<_> = own.iter().map(|(entry, record)| (age(entry), *record)).collect();
        let superseded = own
            .extract_if(.., |(entry, record)| is_superseded(record, age(entry), &aged))
            .collect();
        Ok(Self {
            chains,
            own,
            superseded,
        })
    }

    /// One of them, opened with everything else that was there.
    #[must_use]
    pub fn loaded(&self, opened: Opened, access: Access, place: String) -> Loaded {
        Loaded {
            records: self.records(),
            tags: self
                .own
                .iter()
                .map(|(entry, record)| (record.head(), entry.tag))
                .collect(),
            opened,
            access,
            place: Some(place),
        }
    }

    /// The records of those that count.
    #[must_use]
    pub fn records(&self) -> Vec<BackupRecord> {
        self.own.iter().map(|(_, record)| (*record).clone()).collect()
    }

    /// A revision, or the newest.
    ///
    /// # Errors
    ///
    /// [`BackupError::NoSuch`], [`BackupError::Superseded`] or [`BackupError::NoneThere`] when it is not there.
    pub fn choose(&self, revision: Option<u64>) -> Result<&'a CatalogEntry> {
        let is_wanted = |record: &BackupRecord| revision.is_none_or(|revision| record.manifest.revision == revision);
        let wanted = self.own.iter().filter(|(_, record)| is_wanted(record));
        if let Some((entry, _)) = wanted.max_by_key(|(_, record)| record.manifest.revision) {
            return Ok(entry);
        }
        Err(match revision {
            Some(revision) if self.superseded.iter().any(|(_, record)| is_wanted(record)) => {
                BackupError::Superseded { revision }
            }
            Some(revision) if !self.own.is_empty() => BackupError::NoSuch { revision },
            _ => none_there(0),
        })
    }
}

/// A chain of the only account of which there are backups.
fn only_account(all: &[(&CatalogEntry, &BackupRecord)], listing: &Listing) -> Result<ChainTag> {
    let mut chains: Vec<(String, ChainTag)> = Vec::new();
    for (entry, record) in all {
        let account = record.account.to_string();
        if !chains.iter().any(|(known, _)| *known == account) {
            chains.push((account, entry.tag));
        }
    }
    match chains.as_slice() {
        [] => Err(none_there(listing.entries.len())),
        [(_, tag)] => Ok(*tag),
        several => {
            let named: Vec<_> = several
                .iter()
                .map(|(account, tag)| format!("{account} ({tag})"))
                .collect();
            Err(BackupError::SeveralAccounts(Reason::new(named.join(", "))))
        }
    }
}

/// Fetches and opens the backup of a repository that is wanted.
///
/// # Errors
///
/// As for [`OneAccount::choose`], [`BackupError::SeveralAccounts`], [`BackupError::NotOpened`] when it does not open, and
/// [`BackupError::Storage`].
pub async fn load(catalog: &Catalog, listing: &Listing, wanted: Wanted, access: Access) -> Result<Loaded> {
    let account = OneAccount::of(listing, &access.chains, wanted.chain)?;
    let chosen = account.choose(wanted.revision)?;
    let access = match chosen.header() {
        Some(header) => access.with_keyring_of(header)?,
        None => access,
    };
    let opened = bundle::open(&catalog.fetch(chosen).await?, &access)?;
    Ok(account.loaded(opened, access, catalog.place()))
}

pub(super) fn none_there(others: usize) -> BackupError {
    BackupError::NoneThere(Reason::new(match others {
        0 => "the repository has none".to_owned(),
        others => format!("{others} are there, damaged or archived"),
    }))
}

#[cfg(test)]
mod tests;
