//! Whether the backups at a place continue from the newest one that is known.

use zkvault_core::backup::{BackupLine, BackupRecord, LineProgress};
use zkvault_core::trust::Head;

use super::Result;
use super::error::BackupError;

/// What is worth a word about backups that continue from the known one, or that a person accepts.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChainNote {
    /// Backups between the last one that was known and the newest are missing.
    Gap,
    /// They do not continue from the known one, and a person accepts that.
    Accepted(BackupError),
}

/// The newest backup, if the chain continues to it from the one that is known; or, with `accept`, whatever it is.
///
/// # Errors
///
/// [`BackupError::Chain`].
pub fn newest_in_chain(
    records: &[BackupRecord],
    known: Option<Head>,
    accept: bool,
) -> Result<(Option<Head>, Option<ChainNote>)> {
    let chain = BackupLine::new(records);
    let note = match chain.check(known) {
        Ok(LineProgress::Whole) => None,
        Ok(_) => Some(ChainNote::Gap),
        Err(error) if accept => Some(ChainNote::Accepted(error.into())),
        Err(error) => return Err(error.into()),
    };
    Ok((chain.newest().map(BackupRecord::head), note))
}
