//! Files that get their names as a group: a disk is waited for once, and not once for each.
//!
//! What is promised of each file is what [`AtomicFile::commit`] promises: its own content was synced, without an error,
//! before it got its own name. A program that ends in between leaves some of the names, each with the whole file under
//! it. One file that fails does not keep the others from their names.
//!
//! What a sync takes on a disk is the wait until the disk has emptied its cache, and the file system its journal. Both do
//! that once for all who ask at the same time, so the files of a group are synced by several threads: a third to a tenth
//! of the time (docs/performance.md). `syncfs`, one call for a whole file system, is faster still and is not used: it
//! waits for what all other programs have written, too, and does not tell which file failed.

use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use super::{AtomicFile, FileError};

/// Threads that sync at once. More of them gain nothing.
const MAX_SYNCS: usize = 16;
/// Nobody waits for a disk that syncs a file in less: to start a thread takes a part of it.
const QUICK: Duration = Duration::from_micros(200);

/// Puts files on the disk, and then gives each its name. Returns for each what
/// [`AtomicFile::commit_unsynced`] returns, in the order of `files`: the folder is left for
/// [`settle_folder`](super::settle_folder).
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use std::io::Write as _;
///
/// use zkvault::fs::{AtomicFile, Existing, commit_group};
///
/// std::fs::write(folder.path().join("b"), "mine")?;
/// let mut files = Vec::new();
/// for name in ["a", "b", "c"] {
///     files.push(AtomicFile::create(&folder.path().join(name), Existing::Replace)?);
/// }
/// files.iter_mut().try_for_each(|file| file.write_all(b"new"))?;
/// assert!(commit_group(files).iter().all(Result::is_ok));
/// assert_eq!(std::fs::read(folder.path().join("b"))?, b"new");
/// # Ok(())
/// # }
/// ```
pub fn commit_group(files: Vec<AtomicFile>) -> Vec<Result<Option<PathBuf>, FileError>> {
    let mut synced: Vec<_> = std::iter::repeat_with(|| None).take(files.len()).collect();
    sync(&files, &mut synced);
    let named = files.into_iter().zip(synced).map(|(file, synced)| {
        // Where a thread could not be started, its files are left.
        synced.unwrap_or_else(|| file.sync())?;
        file.name()
    });
    named.collect()
}

/// Whether a file was synced, once that is known.
type Synced = Option<Result<(), FileError>>;

/// Syncs one file after the other, until that takes time; then the rest at once.
fn sync(files: &[AtomicFile], synced: &mut [Synced]) {
    let (mut files, mut synced) = (files, synced);
    while let ([file, rest @ ..], [slot, slots @ ..]) = (files, synced) {
        let began = Instant::now();
        *slot = Some(file.sync());
        (files, synced) = (rest, slots);
        if began.elapsed() >= QUICK {
            return sync_at_once(files, synced);
        }
    }
}

fn sync_at_once(files: &[AtomicFile], synced: &mut [Synced]) {
    let each = files.len().div_ceil(MAX_SYNCS).max(1);
    thread::scope(|scope| {
        for (files, slots) in files.chunks(each).zip(synced.chunks_mut(each)) {
            let sync = move || {
                files
                    .iter()
                    .zip(slots)
                    .for_each(|(file, slot)| *slot = Some(file.sync()))
            };
            if thread::Builder::new().spawn_scoped(scope, sync).is_err() {
                return;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;
    use crate::fs::Existing;

    #[test]
    fn every_file_is_synced_and_named_however_many_there_are() {
        let folder = tempfile::tempdir().unwrap();
        for count in [0, 1, 2, 15, 16, 17, 64] {
            let name = |number| folder.path().join(format!("{count}-{number}"));
            let files: Vec<_> = (0..count)
                .map(|number| {
                    let mut file = AtomicFile::create(&name(number), Existing::Keep).unwrap();
                    file.write_all(&[number as u8; 100]).unwrap();
                    file
                })
                .collect();
            let mut synced: Vec<Synced> = (0..count).map(|_| None).collect();
            sync_at_once(&files, &mut synced);
            assert!(synced.iter().all(|synced| matches!(synced, Some(Ok(())))), "{count}");
            let named = commit_group(files);
            assert!(named.len() == count && named.iter().all(|folder| matches!(folder, Ok(Some(_)))));
            for number in 0..count {
                assert_eq!(std::fs::read(name(number)).unwrap(), [number as u8; 100]);
            }
        }
    }

    #[test]
    fn a_file_whose_name_was_taken_fails_alone() {
        let folder = tempfile::tempdir().unwrap();
        let name = |number: usize| folder.path().join(number.to_string());
        let begin = |number| AtomicFile::create(&name(number), Existing::Keep).unwrap();
        let files: Vec<_> = (0..5).map(begin).collect();
        std::fs::write(name(2), "theirs").unwrap();
        let named = commit_group(files);
        let codes: Vec<_> = named
            .iter()
            .map(|named| named.as_ref().err().map(FileError::code))
            .collect();
        assert_eq!(codes, [None, None, Some("exists"), None, None]);
        assert_eq!(std::fs::read(name(2)).unwrap(), b"theirs");
    }
}
