//! Which backups may go.

use std::num::NonZeroUsize;

use zkvault_core::backup::{BackupChain, BackupRecord, BackupStanding};
use zkvault_core::snapshot::SnapshotHead;

use super::catalog::CatalogEntry;
use super::source::OneAccount;

/// Everything but the `keep` newest of the account at this place, what is on the last printed sheet and later, and what
/// does not belong to the chain as it continues.
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
