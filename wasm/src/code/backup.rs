//! The words of backups.

use zkvault_core::backup::{BackupError, BackupLineError};
use zkvault_core::snapshot::{ContradictionError, ReadSnapshotError, WriteSnapshotError};
use zkvault_core::trust::HeadError;

use super::{Coded, OTHER};

one_code! {
    ContradictionError => "backup-malformed",
    HeadError => "argument",
}

impl Coded for BackupError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotABackup | Self::Malformed | Self::Prelude(_) => "backup-not-opened",
            Self::Version(_) => "unsupported-version",
            Self::NoKey => "no-key",
            Self::Decrypt => "decrypt",
            _ => OTHER,
        }
    }
}

impl Coded for BackupLineError {
    fn code(&self) -> &'static str {
        match self {
            Self::Gone { .. } | Self::Older { .. } => "backup-older",
            Self::Forked { .. } => "backup-forked",
            _ => OTHER,
        }
    }
}

impl Coded for ReadSnapshotError {
    fn code(&self) -> &'static str {
        match self {
            Self::CompressedTooLong { .. } | Self::DocumentTooLong { .. } => "too-large",
            Self::Gzip | Self::Malformed(_) => "backup-not-opened",
            Self::UnsupportedVersion(_) => "unsupported-version",
            _ => OTHER,
        }
    }
}

impl Coded for WriteSnapshotError {
    fn code(&self) -> &'static str {
        match self {
            Self::Device { .. } | Self::TooLong { .. } => "too-long",
            Self::Json => "malformed",
            _ => OTHER,
        }
    }
}
