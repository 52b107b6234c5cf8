//! Files on this machine and their names in a repository, in both directions.
//!
//! On the way up, a file's name is data that the storage will hold for years; on the way down, it is untrusted text
//! that becomes a path. [`RepositoryPath`] refuses what leads anywhere else (`..`, absolute paths, backslashes, control
//! characters) in both directions. Here are the rules that depend on the system or on who looks at the name: [`target`]
//! refuses names that Windows treats as devices or streams, there, and characters that turn the direction of text,
//! everywhere (`names_that_deceive_or_are_devices`).

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use zkvault_core::repository::RepositoryPath;

use super::Result;
use super::error::{Reason, TransferError};
use crate::fs::{FileAction, FileError};

/// A file to upload, and its name in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Where it is.
    pub path: PathBuf,
    /// What it is to be called.
    pub name: RepositoryPath,
}

/// What was found to upload.
///
/// A caller that uploads `items` reports `failed` and `left_out`: they are what a person gave and does not get.
#[derive(Debug, Default)]
pub struct Collected {
    /// The files, in the order of their names.
    pub items: Vec<Item>,
    /// What is not uploaded because it is no file.
    pub left_out: Vec<LeftOut>,
    /// What should be uploaded and cannot: what is not there or cannot be read, names that a repository does not hold,
    /// pipes and devices that were named. It is no reason to leave out the rest.
    pub failed: Vec<TransferError>,
}

/// Something in a folder that is no file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Where it is.
    pub path: PathBuf,
    /// Why it is left out, in words.
    pub reason: &'static str,
}

/// Collects the files that paths stand for. A folder keeps its own name, as with `cp -r`; with `name` the first path
/// gets that name instead, so give it with a single path only.
///
/// A link that is given is followed. Within folders a link to a file is a file, and one to a folder is left out, since
/// it may lead round in circles. Nothing is opened but folders. A file that is given twice is one file.
///
/// # Errors
///
/// [`TransferError`] when the only path is not there, or its name cannot be one in a repository; of several such paths,
/// each is in [`Collected::failed`]. And when two files would have one name.
pub fn collect(paths: &[PathBuf], name: Option<&str>) -> Result<Collected> {
    let mut found = Collected::default();
    for (path, name) in paths.iter().zip(std::iter::once(name).chain(std::iter::repeat(None))) {
        match (add(path, name, &mut found), paths) {
            (Err(error), [_]) => return Err(error),
            (added, _) => found.failed.extend(added.err()),
        }
    }
    found.items.sort_by(|one, other| one.name.cmp(&other.name));
    found
        .items
        .dedup_by(|next, one| next.name == one.name && is_same(&next.path, &one.path));
    let next = found.items.iter().skip(1);
    match found.items.iter().zip(next).find(|(one, next)| one.name == next.name) {
        Some((one, next)) => Err(TransferError::SameName {
            name: one.name.to_string(),
            source: Reason::new(format!("{} and {}", one.path.display(), next.path.display())),
        }),
        None => Ok(found),
    }
}

/// Adds what a path stands for that was given.
fn add(path: &Path, name: Option<&str>, found: &mut Collected) -> Result<()> {
    let metadata = fs::metadata(path).map_err(|error| not_read(path, error))?;
    let own = match name {
        Some(name) => name.to_owned(),
        None => own_name(path)?,
    };
    match metadata.is_dir() {
        true => walk(path, &own, found),
        false if metadata.is_file() => found.items.push(item(path, &own)?),
        // To open a pipe could wait for ever.
        false => found.failed.push(TransferError::NotAFile { path: path.to_owned() }),
    }
    Ok(())
}

/// Whether two paths lead to one file.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path| fs::canonicalize(path).ok();
    one == other || real(one).is_some_and(|one| real(other) == Some(one))
}

/// The last name of a path; nothing for `.`, whose files stand for themselves.
fn own_name(path: &Path) -> Result<String> {
    match path.file_name() {
        Some(_) => text(path),
        None => Ok(String::new()),
    }
}

/// Everything in a folder. What cannot be read, or cannot have its name, does not stop the rest. The depth is that of
/// the file system, which has no circles without links.
fn walk(folder: &Path, name: &str, found: &mut Collected) {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return found.failed.push(not_read(folder, error)),
    };
    for entry in entries {
        let entered = entry
            .map_err(|error| not_read(folder, error))
            .and_then(|entry| enter(&entry, name, found));
        found.failed.extend(entered.err());
    }
}

/// Something in a folder. A link to a file is a file; a link to a folder could lead round in circles.
fn enter(entry: &fs::DirEntry, folder: &str, found: &mut Collected) -> Result<()> {
    let path = entry.path();
    let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
    let name = || match folder {
        "" => text(&path),
        folder => text(&path).map(|name| format!("{folder}/{name}")),
    };
    let reason = match fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() && !is_link => {
            walk(&path, &name()?, found);
            return Ok(());
        }
        Ok(metadata) if metadata.is_file() => {
            found.items.push(item(&path, &name()?)?);
            return Ok(());
        }
        Ok(metadata) if metadata.is_dir() => "it is a link to a folder, which is not followed",
        Ok(_) => "it is neither a file nor a folder",
        Err(_) if is_link => "it is a link to nothing",
        Err(error) => return Err(not_read(&path, error)),
    };
    found.left_out.push(LeftOut { path, reason });
    Ok(())
}

fn not_read(path: &Path, error: io::Error) -> TransferError {
    FileError::system(FileAction::Read, path, error).into()
}

fn item(path: &Path, name: &str) -> Result<Item> {
    let path = path.to_owned();
    match RepositoryPath::parse(name) {
        Ok(name) => Ok(Item { path, name }),
        Err(source) => Err(TransferError::Name { path, source }),
    }
}

/// The last name of a path.
fn text(path: &Path) -> Result<String> {
    let text = path.file_name().and_then(|name| name.to_str()).map(str::to_owned);
    text.ok_or_else(|| TransferError::NotUtf8 { path: path.to_owned() })
}

/// Whether a storage keeps a name as it is. Azure drops dots at the ends of names; the names of encrypted files have none.
pub(super) fn must_be_kept(name: &RepositoryPath) -> Result<()> {
    match name.names().any(|name| name.ends_with('.')) {
        true => Err(TransferError::HostileName {
            name: name.to_string(),
            source: Reason::new("a storage drops the dot at the end of a name: use a different name, or encrypt it"),
        }),
        false => Ok(()),
    }
}

/// Where a file of that name goes in `folder`.
///
/// ```
/// use std::path::Path;
///
/// use zkvault::core::repository::RepositoryPath;
/// use zkvault::transfer::target;
///
/// let path = |name| Ok::<_, Box<dyn std::error::Error>>(target(Path::new("out"), &RepositoryPath::parse(name)?)?);
/// assert_eq!(path("reports/2026.pdf")?, Path::new("out/reports/2026.pdf"));
/// // It is shown as `annexexe.pdf`.
/// assert!(path("annex\u{202e}fdp.exe").is_err());
/// assert!(path("../outside").is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// [`TransferError::HostileName`] when this system, or a person who reads it, would take it for something else.
pub fn target(folder: &Path, name: &RepositoryPath) -> Result<PathBuf> {
    match unusable(name, cfg!(windows)) {
        Some(reason) => Err(TransferError::HostileName {
            name: name.to_string(),
            source: Reason::new(reason),
        }),
        None => Ok(name.names().fold(folder.to_owned(), |folder, name| folder.join(name))),
    }
}

/// Why a path cannot be a file's on this system. That it leads nowhere else, its type says.
fn unusable(path: &RepositoryPath, windows: bool) -> Option<String> {
    // Marks that turn the direction of text, or are not seen: a name should be what it looks like.
    let deceiving =
        |character| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if path.as_str().contains(deceiving) {
        return Some("its name has characters that change the direction of text".to_owned());
    }
    let unportable = path.check_portable().err().filter(|_| windows);
    unportable.map(|reason| reason.to_string())
}

/// The files of one run, on a system that does not distinguish upper and lower case: the second of two names that are one
/// there would replace the first, or be taken for it.
#[derive(Debug, Default)]
pub(super) struct Taken(HashMap<String, RepositoryPath>);

impl Taken {
    /// Takes a name.
    pub(super) fn take(&mut self, name: &RepositoryPath) -> Result<()> {
        let first = self.0.entry(name.folded()).or_insert_with(|| name.clone());
        if first == name {
            return Ok(());
        }
        let reason =
            format!("{first} is the same name on this system, which does not distinguish upper and lower case");
        Err(TransferError::HostileName {
            name: name.to_string(),
            source: Reason::new(reason),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_a_storage_changes_are_refused() {
        let kept = |name: &str| must_be_kept(&RepositoryPath::parse(name).unwrap()).is_ok();
        assert!(kept("docs/a.txt") && kept(".hidden/..a"));
        for name in ["a.", "docs./a", "docs/..."] {
            assert!(!kept(name), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_uploaded_does_not_stop_the_rest() {
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::net::UnixListener;
        let folder = tempfile::tempdir().unwrap();
        let docs = folder.path().join("docs");
        fs::create_dir(&docs).unwrap();
        fs::write(docs.join("a.txt"), "a").unwrap();
        fs::write(docs.join("back\\slash"), "b").unwrap();
        fs::write(docs.join("esc\u{1b}"), "c").unwrap();
        fs::write(docs.join(std::ffi::OsStr::from_bytes(b"latin-\xe4")), "d").unwrap();
        let _socket = UnixListener::bind(docs.join("socket")).unwrap();
        let found = collect(std::slice::from_ref(&docs), None).unwrap();
        let names: Vec<_> = found.items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!(
            (names, found.failed.len(), found.left_out.len()),
            (vec!["docs/a.txt"], 3, 1)
        );
        // Named, it is a failure: somebody wanted it.
        let named = collect(&[docs.join("socket"), docs.join("a.txt")], None).unwrap();
        assert!(matches!(&named.failed[..], [TransferError::NotAFile { .. }]));
        assert_eq!(named.items.len(), 1);
        // As a shell names them with `*`: they stop the rest no more than in a folder.
        let odd = [
            docs.join(std::ffi::OsStr::from_bytes(b"latin-\xe4")),
            docs.join("back\\slash"),
            docs.join("gone"),
        ];
        let all = [&odd[..], &[docs.join("a.txt"), docs.clone()]].concat();
        let found = collect(&all, None).unwrap();
        assert!(matches!(
            &found.failed[..3],
            [
                TransferError::NotUtf8 { .. },
                TransferError::Name { .. },
                TransferError::File(_)
            ]
        ));
        let names: Vec<_> = found.items.iter().map(|item| item.name.as_str()).collect();
        assert_eq!((names, found.failed.len()), (vec!["a.txt", "docs/a.txt"], 6));
        for alone in odd {
            assert!(
                collect(std::slice::from_ref(&alone), None).is_err(),
                "{}",
                alone.display()
            );
        }
    }

    #[test]
    fn names_that_deceive_or_are_devices() {
        let unusable = |name: &str, windows| unusable(&RepositoryPath::parse(name).unwrap(), windows);
        for name in ["a.txt", "CON", "a:b", "x.", "com1"] {
            assert_eq!(unusable(name, false), None, "{name}");
        }
        for windows in [false, true] {
            assert!(unusable("docs/gpj.\u{202e}exe", windows).is_some());
            assert_eq!(unusable("docs/Größe.txt", windows), None);
        }
        assert!(unusable("docs/con.txt", true).unwrap().contains("device"));
        assert!(unusable("docs/a:b", true).unwrap().contains("Windows has no names"));
    }

    #[test]
    fn the_first_of_two_names_that_are_one_keeps_it() {
        let mut taken = Taken::default();
        let mut take = |name: &str| taken.take(&RepositoryPath::parse(name).unwrap());
        take("docs/A.txt").unwrap();
        take("docs/a.txt.bak").unwrap();
        for _ in 0..2 {
            let error = take("Docs/a.TXT").unwrap_err();
            assert_eq!(error.code(), "hostile-name");
            let reason = std::error::Error::source(&error).unwrap().to_string();
            assert!(reason.starts_with("docs/A.txt is the same name"), "{reason}");
        }
        take("docs/A.txt").unwrap();
    }

    #[test]
    fn a_folder_keeps_its_name_and_links_lead_to_files_only() {
        let folder = tempfile::tempdir().unwrap();
        let docs = folder.path().join("docs");
        fs::create_dir_all(docs.join("inner")).unwrap();
        fs::write(docs.join("a b.txt"), "a").unwrap();
        fs::write(docs.join("inner/ä.txt"), "b").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&docs, docs.join("round")).unwrap();
            std::os::unix::fs::symlink("nothing", docs.join("dangling")).unwrap();
        }
        let names = |name| {
            let found = collect(std::slice::from_ref(&docs), name).unwrap();
            assert_eq!(found.left_out.len(), if cfg!(unix) { 2 } else { 0 });
            found
                .items
                .into_iter()
                .map(|item| item.name.to_string())
                .collect::<Vec<_>>()
        };
        assert_eq!(names(None), ["docs/a b.txt", "docs/inner/ä.txt"]);
        assert_eq!(names(Some("x/y")), ["x/y/a b.txt", "x/y/inner/ä.txt"]);
        let file = docs.join("a b.txt");
        let twice = collect(&[file.clone(), file.clone(), docs.join("inner/../a b.txt")], None).unwrap();
        assert_eq!((twice.items.len(), twice.failed.len()), (1, 0), "one file is one file");
        let other = docs.join("inner/a b.txt");
        fs::write(&other, "another").unwrap();
        let two = collect(&[file, other], None).unwrap_err();
        assert!(matches!(two, TransferError::SameName { .. }), "{two}");
    }
}
