//! Which backups may go.
//!
//! What stays, stays for a reason: the newest are the purpose of backups; what is on a printed sheet is what a new
//! machine will ask for; and a fork is evidence that a person has not looked at yet. Backups under former personal keys
//! that a newer chain supersedes are in [`OneAccount::superseded`], which is not looked at here.

use std::num::NonZeroUsize;

use zkvault_core::backup::{BackupChain, BackupRecord, BackupStanding};
use zkvault_core::snapshot::SnapshotHead;

use super::catalog::CatalogEntry;
use super::source::OneAccount;

/// Everything but the `keep` newest of the account at this place, what is on the last printed sheet and later, and what
/// does not belong to the chain as it continues.
///
/// The newest of them first. Nothing is deleted: [`Catalog::delete`](super::Catalog::delete) does that.
#[must_use]
pub fn prunable<'a>(
    account: &OneAccount<'a>,
    keep: NonZeroUsize,
    sheet: Option<SnapshotHead>,
) -> Vec<(&'a CatalogEntry, &'a BackupRecord)> {
    let records = account.records();
    let chain = BackupChain::new(&records);
    let is_on_a_sheet = |record: &BackupRecord| sheet.is_some_and(|head| record.manifest.revision >= head.revision);
    let old = account.own.get(keep.get()..).unwrap_or_default().iter();
    old.filter(|(_, record)| !is_on_a_sheet(record) && chain.standing(record, None) != BackupStanding::Forked)
        .copied()
        .collect()
}
