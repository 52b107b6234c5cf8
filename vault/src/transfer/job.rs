//! The job of one command with several files: which of them a run that was cut off had already uploaded.
//!
//! Without it, starting again would find its own files in the way. It goes when all files are there.
//!
//! A job is a file of the folder of journals, named by a digest of what the command was asked to do: `<32 hex
//! digits>.job`. It has a line of JSON for each file that is in the storage: its name, the stamp of its source, and the
//! ETag of its blob. A file whose stamp is still the same and whose blob is still of this version is skipped;
//! everything else is uploaded.
//!
//! Lines are appended and not synced. After a kill they are all there; after a power failure the last ones may be
//! missing, and their files are then found in the way like any other. A line that cannot be read says nothing.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::Result;
use super::journal::{file_name, remove_if_empty};
use super::source::Stamp;
use crate::fs::{FileAction, FileError, create_private_folder, open_private};

/// Bytes of a job: a million files.
const MAX_LEN: u64 = 512 << 20;

/// A file that was uploaded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Finished {
    name: String,
    pub(super) stamp: Stamp,
    /// The version of the blob.
    pub(super) etag: String,
}

/// The list of files that were uploaded; this run alone writes it.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use zkvault::transfer::Job;
///
/// let names = ["https://acme.blob.core.windows.net/vault".to_owned(), "/home/ada/reports".to_owned()];
/// let job = Job::open(folder.path(), &names)?.ok_or("no other run has it")?;
/// assert!(Job::open(folder.path(), &names)?.is_none(), "this run has it");
/// drop(job);
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 0, "nothing was uploaded: nothing is left");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Job {
    path: PathBuf,
    file: Mutex<File>,
    /// What earlier runs noted, by the names of the files; the last line of a name counts.
    earlier: HashMap<String, Finished>,
}

impl Job {
    /// Opens the job that these texts name, in a folder of journals. `None` when a different run has it.
    ///
    /// `names` are everything that makes two runs the same, such as the address of the container and the paths that
    /// were given. At most 512 MiB of an earlier run are read.
    ///
    /// # Errors
    ///
    /// [`TransferError::File`](super::TransferError::File).
    pub fn open(folder: &Path, names: &[String]) -> Result<Option<Self>> {
        create_private_folder(folder)?;
        let path = folder.join(format!("{}.job", file_name(names)));
        let open_error = |error| FileError::system(FileAction::Open, &path, error);
        let mut file = open_private(&path)?;
        if file.try_lock().is_err() {
            return Ok(None);
        }
        let lines = BufReader::new((&file).take(MAX_LEN))
            .lines()
            .map_while(std::result::Result::ok);
        let finished = lines.filter_map(|line| serde_json::from_str::<Finished>(&line).ok());
        let earlier = finished.map(|finished| (finished.name.clone(), finished)).collect();
        // A line that was cut off must not run into the next one.
        let ended = file
            .seek(SeekFrom::End(0))
            .and_then(|end| if end > 0 { file.write_all(b"\n") } else { Ok(()) });
        ended.map_err(open_error)?;
        let file = Mutex::new(file);
        Ok(Some(Self { path, file, earlier }))
    }

    /// Whether an earlier run uploaded a file of this name.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.earlier.contains_key(name)
    }

    /// What an earlier run did about a file that is still the same.
    pub(super) fn earlier(&self, name: &str, stamp: &Stamp) -> Option<&Finished> {
        self.earlier.get(name).filter(|finished| finished.stamp == *stamp)
    }

    /// Notes a file that is in the storage.
    pub(super) fn finished(&self, name: &str, stamp: &Stamp, etag: &str) -> Result<()> {
        let finished = Finished {
            name: name.to_owned(),
            stamp: stamp.clone(),
            etag: etag.to_owned(),
        };
        let mut line = serde_json::to_vec(&finished).unwrap_or_default();
        line.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let written = file.write_all(&line);
        Ok(written.map_err(|error| FileError::system(FileAction::Write, &self.path, error))?)
    }

    /// All of it is done, or none.
    ///
    /// Call it when all files are in the storage, or when the run is not to be resumed.
    pub fn remove(self) {
        // What is left is found to be of no use later.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Nothing was uploaded: nothing is left.
impl Drop for Job {
    fn drop(&mut self) {
        let file = self.file.get_mut().unwrap_or_else(PoisonError::into_inner);
        remove_if_empty(&self.path, file);
    }
}
