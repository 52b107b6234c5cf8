//! Files that are written and wait for their names.
//!
//! To put a file on a disk takes longer than to receive a small one. So while a group of files is being put on the disk,
//! those that are written meanwhile wait, and are the next group: the slower the disk, the larger the groups. Where there
//! is nothing to wait for, as on a file system in memory, each file is a group of its own, and gets its name at once on
//! the thread that wrote it.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot::Sender;

use super::Result;
use crate::fs::{AtomicFile, commit_group};

/// The files that are written; one thread at a time gives them their names.
#[derive(Default)]
pub(super) struct Naming(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: Vec<Waiting>,
    is_busy: bool,
}

/// A file that is written.
pub(super) struct Waiting {
    pub(super) draft: AtomicFile,
    /// Bytes of content.
    pub(super) size: u64,
    /// Hears when the file has its name. A file that nobody waits for any more gets none.
    pub(super) named: Sender<Result<Named>>,
}

/// A file that has its name.
pub(super) struct Named {
    /// Bytes of content.
    pub(super) size: u64,
    /// Where its name is, if it is still to be put on the disk.
    pub(super) folder: Option<PathBuf>,
    /// Whether an earlier run gave it.
    pub(super) present: bool,
}

impl Named {
    /// A file that an earlier run put here.
    pub(super) const fn present(size: u64) -> Self {
        Self {
            size,
            folder: None,
            present: true,
        }
    }
}

/// Nobody else would give the rest their names: who waits for one hears that nobody will.
struct Watch<'a>(&'a Naming);

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            *self.0.lock() = State::default();
        }
    }
}

impl Naming {
    /// Adds a file. Unless a different thread is about to, gives all files that wait their names.
    ///
    /// Waits for the disk, so call it on a worker.
    pub(super) fn add(&self, file: Waiting) {
        {
            let mut state = self.lock();
            state.waiting.push(file);
            if std::mem::replace(&mut state.is_busy, true) {
                return;
            }
        }
        let _watch = Watch(self);
        while let Some(group) = self.next_group() {
            commit(group);
        }
    }

    /// All that wait.
    fn next_group(&self) -> Option<Vec<Waiting>> {
        let mut state = self.lock();
        state.is_busy = !state.waiting.is_empty();
        state.is_busy.then(|| std::mem::take(&mut state.waiting))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn commit(group: Vec<Waiting>) {
    let wanted = group.into_iter().filter(|file| !file.named.is_closed());
    let (drafts, waiting): (Vec<_>, Vec<_>) = wanted.map(|file| (file.draft, (file.size, file.named))).unzip();
    for ((size, named), result) in waiting.into_iter().zip(commit_group(drafts)) {
        let present = false;
        let result = result.map(|folder| Named { size, folder, present });
        // It has its name, even if nobody waits for it.
        let _ = named.send(result.map_err(Into::into));
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::path::Path;
    use std::sync::Arc;

    use tokio::sync::oneshot::{self, Receiver};

    use super::*;
    use crate::fs::{Existing, FileError};
    use crate::transfer::TransferError;

    fn written(folder: &Path, name: &str) -> (Waiting, Receiver<Result<Named>>) {
        let mut draft = AtomicFile::create(&folder.join(name), Existing::Keep).unwrap();
        draft.write_all(name.as_bytes()).unwrap();
        let (named, result) = oneshot::channel();
        (Waiting { draft, size: 1, named }, result)
    }

    #[test]
    fn one_file_of_a_group_that_fails_does_not_keep_the_others_from_their_names() {
        let folder = tempfile::tempdir().unwrap();
        let (waiting, mut results): (Vec<_>, Vec<_>) = ["a", "taken", "given up", "d"]
            .map(|name| written(folder.path(), name))
            .into_iter()
            .unzip();
        std::fs::write(folder.path().join("taken"), "theirs").unwrap();
        drop(results.remove(2));
        let naming = Naming::default();
        naming.lock().waiting = waiting;
        let (last, result) = written(folder.path(), "last");
        results.push(result);
        // They are there already, so this is a group of all.
        naming.add(last);
        let results = results.into_iter().map(|result| result.blocking_recv().unwrap());
        let exists = |error: TransferError| matches!(error, TransferError::File(FileError::Exists { .. }));
        let named: Vec<_> = results
            .map(|result| result.map(|named| named.folder).map_err(exists))
            .collect();
        let there = Ok(Some(folder.path().to_owned()));
        assert_eq!(named, [there.clone(), Err(true), there.clone(), there]);
        let mut files: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        files.sort();
        assert_eq!(files, ["a", "d", "last", "taken"]);
        for name in ["a", "d", "last"] {
            assert_eq!(std::fs::read(folder.path().join(name)).unwrap(), name.as_bytes());
        }
        assert_eq!(std::fs::read(folder.path().join("taken")).unwrap(), b"theirs");
    }

    #[test]
    fn whoever_adds_a_file_gets_its_name_also_when_others_give_it() {
        let folder = tempfile::tempdir().unwrap();
        let naming = Arc::new(Naming::default());
        let results: Vec<_> = (0..4)
            .map(|thread| {
                let (naming, folder) = (Arc::clone(&naming), folder.path().to_owned());
                std::thread::spawn(move || {
                    let add = |number| {
                        let (file, result) = written(&folder, &format!("{thread}-{number}"));
                        naming.add(file);
                        result
                    };
                    (0..50).map(add).collect::<Vec<_>>()
                })
            })
            .flat_map(|thread| thread.join().unwrap())
            .collect();
        assert_eq!(results.len(), 200);
        for result in results {
            assert!(result.blocking_recv().unwrap().is_ok());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 200);
        assert!(!naming.lock().is_busy);
    }
}
