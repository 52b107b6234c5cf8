//! The files of a journal: two of lines, and what is remembered of them.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use zkvault_core::keyring::PersonalKeys;

use super::JournalError;
use super::chain::{Chain, JournalFinding, JournalHead, Verified};
use super::record::{self, LineDigest, Record};
use crate::fs::{self, Existing, FileAction, FileError, FileLock, create_private_folder, open_private, settle_folder};
use crate::profile::Profile;

/// Bytes of a file after which the next one is begun: some 25,000 records.
const MAX_FILE_LEN: u64 = 16 << 20;
/// The name under which the head is sealed.
const HEAD: &str = "journal-head.v1";
/// More than a head has.
const MAX_HEAD_LEN: u64 = 4096;
/// How long a lock is waited for. It is held for one record, and never while a person or a service is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where they are.
#[derive(Debug, Clone)]
pub(super) struct Files {
    /// The newer lines.
    pub(super) current: PathBuf,
    /// The lines before those.
    pub(super) older: PathBuf,
    head: PathBuf,
    lock: PathBuf,
    /// Bytes of a file after which the next one is begun.
    pub(super) limit: u64,
}

/// The state of the files at one moment.
#[derive(Debug)]
pub(super) struct State {
    pub(super) verified: Verified,
    /// Bytes of the newer file.
    pub(super) len: u64,
    /// Whether the newer file ends in the middle of a line.
    pub(super) is_cut: bool,
    /// The number of the first record in the newer file.
    pub(super) current_first: Option<u64>,
}

impl Files {
    pub(super) fn of(profile: &Profile) -> Self {
        Self {
            current: profile.journal_path(),
            older: profile.journal_path().with_extension("before.zkvj"),
            head: profile.journal_head_path(),
            lock: profile.journal_path().with_extension("lock"),
            limit: MAX_FILE_LEN,
        }
    }

    /// Keeps others from writing.
    pub(super) fn lock(&self) -> Result<FileLock, JournalError> {
        FileLock::take_within(&self.lock, PATIENCE)?.ok_or_else(|| JournalError::Busy(FileLock::holder(&self.lock)))
    }

    /// Reads and verifies everything, giving each record that opens to `visit`.
    pub(super) fn read(
        &self,
        keys: &PersonalKeys,
        visit: &mut dyn FnMut(Record, LineDigest),
    ) -> Result<State, FileError> {
        let head = self.read_head(keys)?;
        let mut chain = Chain::new(head.as_ref().copied().ok().flatten());
        let (older, is_older_long) = read_file(&self.older)?;
        let (current, is_current_long) = read_file(&self.current)?;
        let mut current_first = None;
        for (bytes, is_current) in [(&older, false), (&current, true)] {
            let lines = bytes.split(|byte| *byte == b'\n');
            for line in lines.filter(|line| !line.is_empty()) {
                let record = Record::open(keys, line);
                chain.line(line, record.as_ref());
                if let Some(record) = record {
                    if is_current {
                        current_first.get_or_insert(record.number);
                    }
                    visit(record, LineDigest::of(line));
                }
            }
        }
        let mut verified = chain.finish();
        if is_older_long || is_current_long {
            verified.findings.push(JournalFinding::TooLong);
        }
        if head.is_err() {
            let findings = &mut verified.findings;
            findings.retain(|finding| *finding != JournalFinding::Unremembered);
            findings.push(JournalFinding::HeadUnreadable);
        }
        Ok(State {
            verified,
            len: current.len() as u64,
            is_cut: current.last().is_some_and(|last| *last != b'\n'),
            current_first,
        })
    }

    /// What is remembered; an error when that does not open.
    fn read_head(&self, keys: &PersonalKeys) -> Result<Result<Option<JournalHead>, ()>, FileError> {
        let mut bytes = Vec::new();
        match File::open(&self.head).and_then(|file| file.take(MAX_HEAD_LEN).read_to_end(&mut bytes)) {
            Ok(_) => Ok(record::open(keys, HEAD, bytes.trim_ascii_end()).map(Some).ok_or(())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Ok(None)),
            Err(error) => Err(FileError::system(FileAction::Read, &self.head, error)),
        }
    }

    /// Remembers the head. To be called after the line is on the disk: a journal that is ahead of its head is in order.
    pub(super) fn write_head(&self, keys: &PersonalKeys, head: &JournalHead) -> Result<(), JournalError> {
        let line = record::seal(keys, HEAD, head)? + "\n";
        if let Some(folder) = self.head.parent() {
            create_private_folder(folder)?;
        }
        Ok(fs::write(&self.head, line.as_bytes(), Existing::Replace)?)
    }

    /// Bytes of the newer file.
    pub(super) fn len(&self) -> u64 {
        std::fs::metadata(&self.current).map_or(0, |metadata| metadata.len())
    }

    /// Begins a new file. What was in the one before the last is gone.
    pub(super) fn rotate(&self) -> Result<(), FileError> {
        let renamed = std::fs::rename(&self.current, &self.older);
        renamed.map_err(|error| FileError::system(FileAction::Write, &self.older, error))?;
        self.current.parent().into_iter().for_each(settle_folder);
        Ok(())
    }

    /// Puts a line at the end of the newer file, and on the disk. A line that was cut off is ended first. Gives the
    /// file's new length.
    pub(super) fn append(&self, line: &str, is_cut: bool) -> Result<u64, FileError> {
        let is_new = !self.current.exists();
        let mut file = open_private(&self.current)?;
        let text = format!("{}{line}\n", if is_cut { "\n" } else { "" });
        let written = file.seek(SeekFrom::End(0)).and_then(|end| {
            file.write_all(text.as_bytes())?;
            file.sync_data()?;
            Ok(end + text.len() as u64)
        });
        let len = written.map_err(|error| FileError::system(FileAction::Write, &self.current, error))?;
        if is_new {
            self.current.parent().into_iter().for_each(settle_folder);
        }
        Ok(len)
    }
}

/// A whole file, which may not exist, and whether it is longer than any that is written.
fn read_file(path: &Path) -> Result<(Vec<u8>, bool), FileError> {
    // The line at which a file is full is still in it.
    let limit = MAX_FILE_LEN + 2 * record::MAX_LINE_LEN as u64;
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(limit + 1).read_to_end(&mut bytes)) {
        Ok(_) => {
            let is_long = bytes.len() as u64 > limit;
            Ok((bytes, is_long))
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok((bytes, false)),
        Err(error) => Err(FileError::system(FileAction::Read, path, error)),
    }
}
