//! Files that appear whole or not at all: written without a name (or under a temporary one) in the target's folder,
//! synced, then renamed. A full disk, Ctrl-C or a crash leaves what was there before.
//!
//! | | where files can be without a name (Linux) | elsewhere |
//! |---|---|---|
//! | while it is written | a file of the folder without a name | `.zkv-draft-` and six letters or digits, mode 0600 |
//! | commit, `Keep` | synced, linked to its name, which must be free | synced, renamed if the name is free |
//! | commit, `Replace` | synced, linked to a draft's name, renamed over the target | synced, renamed over the target |
//! | dropped, or `kill -9` | gone | dropped: removed; killed: swept by the next commit in that folder |
//!
//! The content is synced before the name, and the folder after it: a power failure may take the new name back, and
//! never leaves a name with half a file under it. Errors of the sync of a folder are ignored, because some file systems
//! cannot do it.
//!
//! A draft is locked while it is written (on Windows nobody else can open it), so that a sweep by a different process
//! leaves it alone, and removes it only once its writer is gone
//! (`drafts_of_killed_programs_are_swept_and_those_of_others_are_not`). Drafts may hold plaintext: a decrypted file on
//! its way.

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tempfile::{NamedTempFile, TempPath};

use super::place::{self, Place};
use super::private::create_private;
use super::unfinished::Unfinished;
use super::unnamed::{name_file, unnamed_file};
use super::{FileAction, FileError};

/// Begins the name of a file that is not complete.
const PREFIX: &str = ".zkv-draft-";
/// Letters and digits after that.
const SUFFIX_LEN: usize = 6;

/// A file on its way. Dropped without [`AtomicFile::commit`], it leaves no trace.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// use std::io::Write as _;
///
/// use zkvault::fs::{AtomicFile, Existing};
///
/// let path = folder.path().join("report");
/// std::fs::write(&path, "old")?;
/// let mut given_up = AtomicFile::create(&path, Existing::Replace)?;
/// given_up.write_all(b"half of the n")?;
/// drop(given_up);
/// assert_eq!(std::fs::read(&path)?, b"old");
///
/// let mut file = AtomicFile::create(&path, Existing::Replace)?;
/// file.write_all(b"new")?;
/// file.commit()?;
/// assert_eq!(std::fs::read(&path)?, b"new");
/// assert_eq!(std::fs::read_dir(folder.path())?.count(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct AtomicFile {
    target: PathBuf,
    existing: Existing,
    draft: Draft,
}

#[derive(Debug)]
enum Draft {
    /// Has no name: gone with the program, even after `kill -9`.
    Unnamed(File),
    /// For file systems that cannot do that.
    Named(NamedTempFile, Unfinished),
    /// A device or pipe, which is written as it is and must never be replaced.
    Direct(File),
}

/// What becomes of a file that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is written.
    Keep,
    /// The new one takes its place.
    Replace,
}

impl Existing {
    /// From what a person asked for: `--force`, `--overwrite`.
    #[must_use]
    pub const fn replace_if(wanted: bool) -> Self {
        if wanted { Self::Replace } else { Self::Keep }
    }
}

impl AtomicFile {
    /// Begins a file that only its owner will be able to read.
    ///
    /// A symbolic link stays, and the file that it leads to is replaced. A device, or a pipe of this user, is written
    /// as it is: nothing is atomic then, and `existing` means nothing.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`] and [`FileError::Foreign`], and what the operating system says.
    pub fn create(path: &Path, existing: Existing) -> Result<Self, FileError> {
        let write_error = |error: io::Error| FileError::system(FileAction::Write, path, error);
        let foreign = || FileError::Foreign { path: path.to_owned() };
        #[cfg(windows)]
        if super::windows::is_device(path) {
            let device = File::options().write(true).open(path).map_err(write_error)?;
            return Ok(Self {
                target: path.to_owned(),
                existing,
                draft: Draft::Direct(device),
            });
        }
        // A symbolic link stays, and what it points to is replaced.
        let place = place::resolve(path).map_err(write_error)?.ok_or_else(foreign)?;
        let there = match place.is_missing {
            true => None,
            false => std::fs::metadata(&place.path).ok(),
        };
        let draft = match there {
            Some(there) if there.is_dir() => return Err(write_error(io::ErrorKind::IsADirectory.into())),
            Some(there) if !there.is_file() => {
                let direct = Draft::direct(&place, &there).map_err(write_error)?;
                direct.ok_or_else(foreign)?
            }
            Some(_) if existing == Existing::Keep => return Err(exists(path)),
            _ => Draft::in_folder(folder_of(&place.path)).map_err(write_error)?,
        };
        let target = place.path;
        Ok(Self {
            target,
            existing,
            draft,
        })
    }

    /// Puts the file on the disk under its name.
    ///
    /// Returns when the content and the name are on the disk, as far as the file system says so. Drafts of killed
    /// programs in the same folder are removed.
    ///
    /// # Errors
    ///
    /// [`FileError::Exists`] when somebody else took the name meanwhile, and what the operating system says. Nothing is
    /// left then.
    pub fn commit(self) -> Result<(), FileError> {
        if let Some(folder) = self.commit_unsynced()? {
            settle_folder(&folder);
        }
        Ok(())
    }

    /// As [`AtomicFile::commit`], but for the folder, which the caller gives to [`settle_folder`] when it has put more
    /// files there: until then a power failure may take the name back, never leave half a file under it.
    ///
    /// # Errors
    ///
    /// As [`AtomicFile::commit`].
    pub fn commit_unsynced(self) -> Result<Option<PathBuf>, FileError> {
        self.sync()?;
        self.name()
    }

    /// Puts the content on the disk. It has no name yet.
    pub(super) fn sync(&self) -> Result<(), FileError> {
        let synced = match &self.draft {
            Draft::Unnamed(file) => file.sync_all(),
            Draft::Named(file, _) => file.as_file().sync_all(),
            Draft::Direct(_) => Ok(()),
        };
        synced.map_err(|error| FileError::system(FileAction::Write, &self.target, error))
    }

    /// Gives a file whose content is on the disk its name. Returns the folder of the name; `None` of a device or pipe.
    pub(super) fn name(self) -> Result<Option<PathBuf>, FileError> {
        let write_error = |error: io::Error| FileError::system(FileAction::Write, &self.target, error);
        let place_error = |error: io::Error| match error.kind() {
            io::ErrorKind::AlreadyExists => exists(&self.target),
            _ => write_error(error),
        };
        let folder = folder_of(&self.target);
        let named = match self.draft {
            Draft::Direct(mut file) => return file.flush().map(|()| None).map_err(write_error),
            Draft::Named(file, _unfinished) => file.into_temp_path(),
            Draft::Unnamed(file) if self.existing == Existing::Keep => {
                // Straight to its name, which must be free.
                name_file(&file, &self.target).map_err(place_error)?;
                return Ok(Some(folder.to_owned()));
            }
            Draft::Unnamed(file) => {
                keep_from_sweep(&file);
                let mut names = tempfile::Builder::new();
                let named = names.prefix(PREFIX).make_in(folder, |path| name_file(&file, path));
                named.map_err(write_error)?.into_temp_path()
            }
        };
        let renamed = match self.existing == Existing::Replace {
            true => replace(named, &self.target),
            false => named.persist_noclobber(&self.target).map_err(|error| error.error),
        };
        renamed.map_err(place_error)?;
        Ok(Some(folder.to_owned()))
    }

    /// Sets the time of the last change of the content.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn set_modified(&mut self, time: SystemTime) -> io::Result<()> {
        self.file().set_modified(time)
    }

    /// Another handle to the same file, to write at any place from any thread. The commit puts on the disk what it
    /// wrote, too.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn handle(&mut self) -> io::Result<File> {
        self.file().try_clone()
    }

    /// The draft, whichever kind it is.
    fn file(&mut self) -> &mut File {
        match &mut self.draft {
            Draft::Unnamed(file) | Draft::Direct(file) => file,
            Draft::Named(file, _) => file.as_file_mut(),
        }
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

impl Draft {
    /// What is written as it is; nothing where it is somebody else's. Looked at again once it is open, since it may have
    /// been put there in between.
    fn direct(place: &Place, existing: &std::fs::Metadata) -> io::Result<Option<Self>> {
        let may_be_written = |metadata: &std::fs::Metadata| place.is_inherited || place::is_ours(metadata);
        if !may_be_written(existing) {
            return Ok(None);
        }
        let file = File::options().write(true).open(&place.path)?;
        let opened = file.metadata()?;
        let is_same = !opened.is_file() && may_be_written(&opened);
        Ok(is_same.then_some(Self::Direct(file)))
    }

    fn in_folder(folder: &Path) -> io::Result<Self> {
        if let Some(file) = unnamed_file(folder) {
            return Ok(Self::Unnamed(file));
        }
        Self::named(folder)
    }

    /// A draft with a name of its own from the start, on the list of [`Unfinished`] ones as long as it has it.
    fn named(folder: &Path) -> io::Result<Self> {
        // The message of `tempfile` would name the draft, of which nobody has heard, and its kind has no words for too many
        // open files.
        let mut number = None;
        let file = tempfile::Builder::new().prefix(PREFIX).make_in(folder, |path| {
            create_private(path).inspect_err(|error| number = error.raw_os_error())
        });
        let file = file.map_err(|error| number.map_or_else(|| error.kind().into(), io::Error::from_raw_os_error))?;
        keep_from_sweep(file.as_file());
        let unfinished = Unfinished::new(file.path());
        Ok(Self::Named(file, unfinished))
    }
}

/// Writes `bytes` as the whole of a private file.
///
/// # Errors
///
/// [`FileError::Exists`] for [`Existing::Keep`], and what the operating system says.
pub fn write(path: &Path, bytes: &[u8], existing: Existing) -> Result<(), FileError> {
    let mut file = AtomicFile::create(path, existing)?;
    file.write_all(bytes)
        .map_err(|error| FileError::system(FileAction::Write, path, error))?;
    file.commit()
}

#[cfg(unix)]
fn replace(draft: TempPath, target: &Path) -> io::Result<()> {
    draft.persist(target).map_err(|error| error.error)
}

/// With the call of the standard library: it also replaces a file that is open elsewhere, and knows long paths.
#[cfg(windows)]
fn replace(mut draft: TempPath, target: &Path) -> io::Result<()> {
    super::windows::replace(&draft, target)?;
    // Its name is free again, and perhaps somebody else's.
    draft.disable_cleanup(true);
    Ok(())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Puts the names of new files on the disk, once for all of them, and sweeps what killed programs left beside them.
///
/// Failures are not reported: what could be lost is a name after a power failure, and what could stay is a draft that
/// the next call removes.
pub fn settle_folder(folder: &Path) {
    sync_folder(folder);
    sweep(folder);
}

/// A name is on the disk only when its folder is. Not every file system can say so.
fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Marks a draft as being worked on, for as long as it is open. On Windows nobody else can open it then, and a lock would
/// keep this process itself from reading it.
fn keep_from_sweep(draft: &File) {
    if cfg!(unix) {
        let _ = draft.try_lock();
    }
}

/// Removes the drafts of programs that were killed: in the moment between a draft's own name and the target's, and
/// wherever drafts have names from the start. They may hold plaintext.
fn sweep(folder: &Path) {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let is_draft = |entry: &std::fs::DirEntry| {
        is_draft_name(entry.file_name().as_encoded_bytes()) && entry.file_type().is_ok_and(|kind| kind.is_file())
    };
    for draft in entries.filter(is_draft) {
        if File::open(draft.path()).is_ok_and(|file| file.try_lock().is_ok()) {
            // It is sealed or private; the next one tries again.
            let _ = std::fs::remove_file(draft.path());
        }
    }
}

/// Whether a name is one that we gave, and nobody else would give.
fn is_draft_name(name: &[u8]) -> bool {
    let suffix = name.strip_prefix(PREFIX.as_bytes());
    suffix.is_some_and(|suffix| suffix.len() == SUFFIX_LEN && suffix.iter().all(u8::is_ascii_alphanumeric))
}

fn exists(path: &Path) -> FileError {
    FileError::Exists { path: path.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(folder: &Path) -> Vec<String> {
        let names = std::fs::read_dir(folder).unwrap();
        names
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    #[test]
    fn nothing_has_a_name_before_the_commit_and_only_the_target_after() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let mut file = AtomicFile::create(&path, Existing::Keep).unwrap();
        file.write_all(b"new").unwrap();
        assert!(!path.exists());
        file.commit().unwrap();
        assert_eq!(entries(folder.path()), ["out"]);
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[cfg(unix)]
    #[test]
    fn the_system_says_why_a_draft_was_not_made() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let refused = Draft::named(&folder.path().join("gone")).err().unwrap();
        assert_eq!(refused.kind(), io::ErrorKind::NotFound);
        assert!(
            refused.raw_os_error().is_some() && !refused.to_string().contains("gone"),
            "{refused}"
        );
        let draft = Draft::named(folder.path()).unwrap();
        let mode = |file: &NamedTempFile| file.as_file().metadata().unwrap().permissions().mode() & 0o777;
        assert!(matches!(&draft, Draft::Named(file, _) if mode(file) == 0o600));
    }

    #[test]
    fn a_dropped_draft_leaves_the_old_file_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, "old").unwrap();
        let mut file = AtomicFile::create(&path, Existing::Replace).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(entries(folder.path()), ["out"]);
    }

    #[test]
    fn an_existing_file_is_replaced_only_when_asked() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        std::fs::write(&path, "old").unwrap();
        assert_eq!(write(&path, b"new", Existing::Keep).unwrap_err().code(), "exists");
        write(&path, b"new", Existing::Replace).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn a_file_that_appeared_meanwhile_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let file = AtomicFile::create(&path, Existing::Keep).unwrap();
        std::fs::write(&path, "theirs").unwrap();
        assert_eq!(file.commit().unwrap_err().code(), "exists");
        assert_eq!(std::fs::read(&path).unwrap(), b"theirs");
    }

    #[test]
    fn a_file_system_without_unnamed_files_does_as_well() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("out");
        let begin = |existing| AtomicFile {
            target: target.clone(),
            existing,
            draft: Draft::named(folder.path()).unwrap(),
        };
        drop(begin(Existing::Replace));
        assert!(entries(folder.path()).is_empty());
        for existing in [Existing::Keep, Existing::Replace] {
            let mut file = begin(existing);
            file.write_all(if existing == Existing::Replace { b"new" } else { b"old" })
                .unwrap();
            file.commit().unwrap();
        }
        assert_eq!(begin(Existing::Keep).commit().unwrap_err().code(), "exists");
        assert_eq!(entries(folder.path()), ["out"]);
        assert_eq!(std::fs::read(&target).unwrap(), b"new");
    }

    #[test]
    fn drafts_of_killed_programs_are_swept_and_those_of_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let name = |name: &str| folder.path().join(name);
        for name in [".zkv-draft-ki11ed", ".zkv-draft-of-mine", ".zkv-backup", "zkv-mine"].map(name) {
            std::fs::write(name, "x").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(name("zkv-mine"), name(".zkv-draft-a1link")).unwrap();
        let others = Draft::named(folder.path()).unwrap();
        let Draft::Named(file, _) = &others else { panic!() };
        let others_name = file.path().file_name().unwrap().to_str().unwrap().to_owned();
        write(&name("out"), b"new", Existing::Replace).unwrap();
        let mut left = entries(folder.path());
        left.sort();
        let mut expected = vec![&others_name, ".zkv-draft-of-mine", ".zkv-backup", "out", "zkv-mine"];
        if cfg!(unix) {
            expected.push(".zkv-draft-a1link");
        }
        expected.sort();
        assert_eq!(left, expected);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_it_and_a_link_stays_a_link() {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("out"), folder.path().join("link"));
        std::fs::write(&path, "old").unwrap();
        std::os::unix::fs::symlink(&path, &link).unwrap();
        write(&link, b"new", Existing::Replace).unwrap();
        assert!(link.is_symlink());
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    /// Only root can give a pipe to somebody else.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_or_link_of_somebody_else_gets_nothing() {
        use std::os::unix::fs::{PermissionsExt, lchown, symlink};
        const OTHER: Option<u32> = Some(65_534);
        let folder = tempfile::tempdir().unwrap();
        std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o1777)).unwrap();
        let (pipe, link, precious) = ("pipe", "link", "precious");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path(precious), "old").unwrap();
        symlink(path(precious), path(link)).unwrap();
        let mode = rustix::fs::Mode::from_raw_mode(0o666);
        rustix::fs::mkfifoat(rustix::fs::CWD, path(pipe), mode).unwrap();
        for name in [pipe, link] {
            // Only root can give it to somebody else, and not in a namespace that has nobody else.
            let Ok(()) = lchown(path(name), OTHER, OTHER) else {
                return;
            };
            for existing in [Existing::Keep, Existing::Replace] {
                let error = write(&path(name), b"secret", existing).unwrap_err();
                assert_eq!(error.code(), "foreign-file", "{name}");
            }
        }
        assert_eq!(std::fs::read(path(precious)).unwrap(), b"old");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_pipe_of_our_own_is_written_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).unwrap();
        let reader = std::thread::spawn({
            let pipe = pipe.clone();
            move || std::fs::read(pipe).unwrap()
        });
        write(&pipe, b"new", Existing::Keep).unwrap();
        assert_eq!(reader.join().unwrap(), b"new");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_device_is_written_and_never_replaced() {
        let error = write(Path::new("/dev/full"), b"new", Existing::Replace).unwrap_err();
        let cause = std::error::Error::source(&error).unwrap().to_string();
        assert!(cause.contains("No space left"), "a full disk is named: {cause}");
        write(Path::new("/dev/null"), b"new", Existing::Keep).unwrap();
    }
}
