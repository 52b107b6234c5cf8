//! Where a command's result goes: a file that appears when it is complete, or stdout.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::error::{CliError, Result};
use crate::output;
use zkvault::fs::{AtomicFile, Existing};

/// An open destination.
#[derive(Debug)]
pub(crate) enum Sink {
    /// What is written is out at once.
    Stdout(File),
    /// What is written is there after [`Sink::commit`] only.
    File(AtomicFile, PathBuf),
}

impl Sink {
    /// Opens `path`; `-` and `None` are stdout.
    pub(crate) fn open(path: Option<&Path>, overwrite: bool) -> Result<Self> {
        match path {
            Some(path) if path != Path::new("-") => Ok(Self::File(
                AtomicFile::create(path, Existing::replace_if(overwrite))?,
                path.to_owned(),
            )),
            _ => output::raw_stdout().map(Self::Stdout),
        }
    }

    /// Whether a failure that comes later leaves something behind.
    pub(crate) fn is_stdout(&self) -> bool {
        matches!(self, Self::Stdout(_))
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        match self {
            Self::Stdout(stdout) => stdout.write_all(bytes).map_err(|error| output::stdout_error(&error)),
            Self::File(file, path) => file
                .write_all(bytes)
                .map_err(|error| CliError::file("write", path, &error)),
        }
    }

    /// All was written.
    pub(crate) fn commit(self) -> Result<()> {
        match self {
            Self::Stdout(_) => Ok(()),
            Self::File(file, _) => Ok(file.commit()?),
        }
    }
}
