//! The backups of the repository that the environment names.

use std::path::Path;

use tokio::runtime::Runtime;
use zkvault::backup::{Access, Catalog, CatalogEntry, Loaded, Unread, load};
use zkvault_core::backup::BackupRecord;
use zkvault_core::key::KeySet;

use crate::context::Context;
use crate::error::Result;
use crate::output::{Output, Progress, escaped};
use crate::repo::{self, Rights};

/// A catalog, and a runtime on which this thread waits for it.
#[derive(Debug)]
pub(crate) struct TerminalCatalog {
    catalog: Catalog,
    runtime: Runtime,
}

impl TerminalCatalog {
    /// The container of `ZKV_SAS`, `ZKV_SAS_FILE` or `ZKV_REPO`. The storage is not asked yet.
    pub(crate) fn new(rights: Rights, context: &Context<'_>) -> Result<Self> {
        Ok(Self {
            catalog: Catalog::new(repo::container(None, rights, context)?),
            runtime: repo::runtime()?,
        })
    }

    /// The address of the container, without its token.
    pub(crate) fn place(&self) -> String {
        self.catalog.place()
    }

    /// All backups, the latest first; those that were not read are said.
    pub(crate) fn list(&self, output: Output) -> Result<Vec<CatalogEntry>> {
        let backups = self.runtime.block_on(self.catalog.list())?;
        warn(&backups, output);
        Ok(backups)
    }

    /// What the backups are that the keys open.
    pub(crate) fn records(&self, keys: &KeySet) -> Result<Vec<BackupRecord>> {
        let backups = self.runtime.block_on(self.catalog.list())?;
        Ok(Catalog::records(&backups, keys))
    }

    /// Fetches and opens a revision, or the newest.
    pub(crate) fn load(&self, backups: &[CatalogEntry], revision: Option<u64>, access: Access) -> Result<Loaded> {
        Ok(self.runtime.block_on(load(&self.catalog, backups, revision, access))?)
    }

    /// Fetches a backup whole.
    pub(crate) fn fetch(&self, backup: &CatalogEntry) -> Result<Vec<u8>> {
        Ok(self.runtime.block_on(self.catalog.fetch(backup))?)
    }

    /// Uploads a backup.
    pub(crate) fn put(&self, bytes: &[u8], blob: &str, draft: &Path, quiet: bool) -> Result<()> {
        let progress = Progress::new(Some(bytes.len() as u64), quiet);
        Ok(self.runtime.block_on(self.catalog.put(bytes, blob, draft, &progress))?)
    }

    /// Deletes a backup.
    pub(crate) fn delete(&self, blob: &str) -> Result<()> {
        Ok(self.runtime.block_on(self.catalog.delete(blob))?)
    }
}

/// In a word, why a backup was not read; nothing where it was.
pub(crate) fn problem(backup: &CatalogEntry) -> Option<&'static str> {
    backup.unread().map(|unread| match unread {
        Unread::Archived => "archived",
        Unread::Damaged(_) => "damaged",
        _ => "unread",
    })
}

/// Warns of backups that were not read for a reason that can be changed.
fn warn(backups: &[CatalogEntry], output: Output) {
    let archived = backups
        .iter()
        .filter(|backup| backup.unread() == Some(&Unread::Archived))
        .count();
    if archived > 0 {
        output.warning(&format!(
            "{archived} backups are in the archive tier, and were not read"
        ));
    }
    for backup in backups {
        if let Some(Unread::Refused(reason)) = backup.unread() {
            output.warning(&escaped(&format!("the backup {} was not read: {reason}", backup.blob)));
        }
    }
}
