//! What is said when the chain of backups does not continue from the head that is known.

use zkvault_core::backup::{BackupLine, BackupLineError, LineProgress};
use zkvault_core::trust::Head;

use crate::error::{CliError, Exit, Result};

/// Refuses a newest backup that does not continue from the head that is known. Returns what else is to be said about it.
pub(crate) fn check(line: BackupLine<'_>, known: Option<Head>) -> Result<Option<&'static str>> {
    const HINT: &str = "zkv backup list shows what is there; push, verify and restore continue from it with --accept";
    match line.check(known) {
        Ok(LineProgress::Whole) => Ok(None),
        Ok(_) => Ok(Some(
            "backups between the last one that was known and the newest are missing",
        )),
        Err(error) => Err(refused(&error).hint(HINT)),
    }
}

/// Backups do not continue from where they were.
pub(crate) fn refused(error: &BackupLineError) -> CliError {
    let (code, message, cause) = match error {
        BackupLineError::Gone { known } => (
            "backup-older",
            "the backups are gone",
            format!("backup {known} was here before"),
        ),
        BackupLineError::Older { newest, known } => (
            "backup-older",
            "the newest backup is older than expected",
            format!("it is {newest}, and {known} was there before"),
        ),
        BackupLineError::Forked { newest, device } => (
            "backup-forked",
            "the backups have forked",
            format!(
                "backup {newest} of {device:?} does not follow the one that is known: two devices were shown different states"
            ),
        ),
        other => ("backup-forked", "the line of backups does not go on", other.to_string()),
    };
    CliError::new(Exit::Integrity, code, message).cause(cause)
}
