//! The journal of one upload: what a run after a crash needs to send only what is missing.
//!
//! A line of JSON says what was begun, from which state of the source; then a line for every part that the storage
//! has taken. It holds no content, and no key that is not wrapped. Lines that were lost mean parts sent twice.
//!
//! What is begun is the prelude of the sealed file, with its key wrapped under the vault key, or the tag of a plain
//! one: Azure gives uncommitted blocks back to nobody, so without it they would be lost with the process. The file is
//! `<32 hex digits>.upload`, mode 0600, locked while a run has it, and named by a digest of container, blob and source:
//! it says nothing to somebody who finds it.
//!
//! The first line is synced before the first part is sent; the others are not, and cost no more than a part sent again.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::Result;
use crate::fs::{FileAction, FileError, create_private_folder, open_private};

/// The version of the first line. A journal of a different one is begun anew, and what was sent is sent again.
const VERSION: u32 = 2;
/// Bytes of a journal: a line for each of 50,000 parts, and the first.
const MAX_LEN: u64 = 2 << 20;
/// How long the storage keeps blocks that were not committed, and a day.
const KEPT: Duration = Duration::from_secs(8 * 86_400);

/// `S` says which state of the source it is of: a file's stamp, or the version of a blob.
#[derive(Serialize, Deserialize)]
struct Head<S> {
    version: u32,
    stamp: S,
    /// The prelude or the tag, in base64.
    begun: String,
}

/// A journal that this run alone writes.
#[derive(Debug)]
pub(super) struct Journal {
    path: PathBuf,
    file: File,
}

/// The journal of a file, if it has one, for several blocks at once.
#[derive(Debug)]
pub(super) struct SharedJournal(Mutex<Option<Journal>>);

impl SharedJournal {
    pub(super) fn new(journal: Option<Journal>) -> Self {
        Self(Mutex::new(journal))
    }

    /// Works on the journal, if there is one.
    pub(super) fn with(&self, work: impl FnOnce(&mut Journal) -> Result<()>) -> Result<()> {
        let mut journal = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        journal.as_mut().map_or(Ok(()), work)
    }

    /// Removes the journal: the file is there, or will never be.
    pub(super) fn forget(&self) {
        let mut journal = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        journal.take().into_iter().for_each(Journal::remove);
    }
}

/// What an earlier run left.
#[derive(Debug)]
pub(super) struct Earlier {
    pub(super) begun: Vec<u8>,
    /// Parts that the storage took.
    pub(super) stored: BTreeSet<u32>,
}

impl Journal {
    /// Opens the journal of an upload, which these texts name. Nothing when another run has it: that one can continue,
    /// and this one does without.
    pub(super) fn open(folder: &Path, names: &[&str]) -> Result<Option<Self>> {
        create_private_folder(folder)?;
        let path = folder.join(format!("{}.upload", file_name(names)));
        let file = open_private(&path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { path, file })),
            Err(_) => Ok(None),
        }
    }

    /// What an earlier run left about a source in this very state.
    ///
    /// `None` as well for a first line that was cut off. Lines that are no number are skipped: a number that is too
    /// high is dropped by the plan, and one that is wrong is found by the storage's own list or by the commit.
    pub(super) fn earlier<S: DeserializeOwned + PartialEq>(&mut self, stamp: &S) -> Option<Earlier> {
        self.file.seek(SeekFrom::Start(0)).ok()?;
        let mut lines = BufReader::new((&self.file).take(MAX_LEN))
            .lines()
            .map_while(std::result::Result::ok);
        let head: Head<S> = serde_json::from_str(&lines.next()?).ok()?;
        if head.version != VERSION || head.stamp != *stamp {
            return None;
        }
        Some(Earlier {
            begun: STANDARD.decode(head.begun).ok()?,
            stored: lines.filter_map(|line| line.parse().ok()).collect(),
        })
    }

    /// Forgets what was, and begins anew. On the disk before the first part is sent.
    pub(super) fn begin(&mut self, stamp: &impl Serialize, begun: &[u8]) -> Result<()> {
        let head = Head {
            version: VERSION,
            stamp,
            begun: STANDARD.encode(begun),
        };
        let begun = self.file.set_len(0).and_then(|()| {
            self.file.seek(SeekFrom::Start(0))?;
            serde_json::to_writer(&self.file, &head)?;
            self.file.write_all(b"\n")?;
            self.file.sync_data()
        });
        Ok(begun.map_err(|error| self.error(error))?)
    }

    /// Notes a part that the storage has taken.
    pub(super) fn stored(&mut self, part: u64) -> Result<()> {
        let noted = self.file.seek(SeekFrom::End(0));
        let noted = noted.and_then(|_| self.file.write_all(format!("{part}\n").as_bytes()));
        Ok(noted.map_err(|error| self.error(error))?)
    }

    /// The upload is done, or will never be.
    fn remove(self) {
        // What is left is found to be of no use later.
        let _ = std::fs::remove_file(&self.path);
    }

    fn error(&self, error: std::io::Error) -> FileError {
        FileError::system(FileAction::Write, &self.path, error)
    }
}

/// Removes what uploads left that nobody resumes: the storage keeps blocks for a week only. What another run has
/// open stays.
///
/// A journal is old after eight days without a change. Failures are ignored: the next run tries again.
pub fn prune(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let is_ours = path.extension().is_some_and(|end| end == "upload" || end == "job");
        let age = path.metadata().and_then(|metadata| metadata.modified());
        let is_old = age.is_ok_and(|time| time.elapsed().is_ok_and(|age| age > KEPT));
        let is_free = || open_private(&path).is_ok_and(|file| file.try_lock().is_ok());
        if is_ours && is_old && is_free() {
            // What is left is found to be of no use later.
            let _ = std::fs::remove_file(&path);
        }
    }
}

/// Nothing was begun: nothing is left.
impl Drop for Journal {
    fn drop(&mut self) {
        remove_if_empty(&self.path, &self.file);
    }
}

/// Removes a file that says nothing. One that stays is of no use, and of no harm.
pub(super) fn remove_if_empty(path: &Path, file: &File) {
    if file.metadata().is_ok_and(|metadata| metadata.len() == 0) {
        let _ = std::fs::remove_file(path);
    }
}

/// A name that tells nothing, of everything that makes an upload the same.
pub(super) fn file_name(names: &[impl AsRef<str>]) -> String {
    let mut digest = Sha256::new();
    for name in names.iter().map(AsRef::as_ref) {
        digest.update((name.len() as u64).to_be_bytes());
        digest.update(name);
    }
    let digest = digest.finalize();
    hex::encode(digest.get(..16).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::super::source::{Source, Stamp};
    use super::*;

    fn stamp(path: &Path) -> Stamp {
        Source::open(path).unwrap().stamp
    }

    #[test]
    fn a_journal_is_found_again_for_the_same_source_only() {
        let folder = tempfile::tempdir().unwrap();
        let source = folder.path().join("source");
        std::fs::write(&source, "one").unwrap();
        let open = || Journal::open(folder.path(), &["container", "name"]).unwrap();
        let mut journal = open().unwrap();
        assert!(open().is_none(), "another run has it");
        assert!(journal.earlier(&stamp(&source)).is_none());
        journal.begin(&stamp(&source), b"begun").unwrap();
        journal.stored(3).unwrap();
        journal.stored(0).unwrap();
        // A crash in the middle of a line.
        journal.file.write_all(b"1x").unwrap();
        drop(journal);

        let mut journal = open().unwrap();
        let earlier = journal.earlier(&stamp(&source)).unwrap();
        assert_eq!(
            (earlier.begun, earlier.stored),
            (b"begun".to_vec(), BTreeSet::from([0, 3]))
        );
        std::fs::write(&source, "two").unwrap();
        assert!(journal.earlier(&stamp(&source)).is_none());
        journal.begin(&stamp(&source), b"anew").unwrap();
        assert_eq!(journal.earlier(&stamp(&source)).unwrap().stored.len(), 0);
        journal.remove();
        drop(open());
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "only the source is left"
        );
        assert!(open().unwrap().earlier(&stamp(&source)).is_none());
    }

    #[test]
    fn what_nobody_goes_on_with_is_removed_after_a_week() {
        let folder = tempfile::tempdir().unwrap();
        let days = |days: u64| std::time::SystemTime::now() - Duration::from_secs(days * 86_400);
        for (name, time) in [
            ("old.upload", days(9)),
            ("old.job", days(9)),
            ("young.upload", days(7)),
            ("other", days(9)),
        ] {
            let file = File::create(folder.path().join(name)).unwrap();
            file.set_modified(time).unwrap();
        }
        let mut busy = Journal::open(folder.path(), &["busy"]).unwrap().unwrap();
        busy.file.write_all(b"x").unwrap();
        busy.file.set_modified(days(9)).unwrap();
        prune(folder.path());
        let names = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
        names.sort();
        let busy = format!("{}.upload", file_name(&["busy"]));
        let mut expected = vec![busy, "other".to_owned(), "young.upload".to_owned()];
        expected.sort();
        assert_eq!(names, expected);
    }

    #[test]
    fn other_uploads_have_other_journals() {
        assert_ne!(file_name(&["ab", "c"]), file_name(&["a", "bc"]));
        assert_eq!(file_name(&["a"]).len(), 32);
    }
}
