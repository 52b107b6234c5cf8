//! Where a path leads, and whether somebody else laid a trap there.
//!
//! In a folder in which everybody may put files, such as `/tmp`, another user can lay a symbolic link or a pipe under the
//! name to which something is about to be written. Linux refuses to follow such links where `fs.protected_symlinks` is
//! set; a program that resolves them by itself has to do the same.
//!
//! The links of a path are followed here one by one, as the system would, with one more rule: a link that belongs to a
//! different user, in a folder that everybody may write to, ends the way. Root's links are followed: root can write
//! anywhere. A folder without that permission is not looked at: its owner decides what is in it.
//!
//! `/dev/stdout` and the like lead to open files of this process by way of `/proc/self/fd`. What they lead to may be a
//! pipe of any user; it was handed to us, so it is written to.
//!
//! Between this look and the opening of the file the link may be exchanged. Where that matters, for what is no regular
//! file, the file is looked at again once it is open; a regular file is never opened here, but replaced by name in the
//! folder that was resolved (threat model, Z51).

use std::io;
use std::path::{Path, PathBuf};

/// What a path leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) path: PathBuf,
    /// Whether it is an open file of this process, under `/dev/fd` or `/proc`: the process that made it handed it to us.
    pub(super) is_inherited: bool,
    /// Whether nothing was there: then nobody needs to look again.
    pub(super) is_missing: bool,
}

/// Follows the symbolic links of a path; `None` where one of them belongs to somebody else, in a folder in which
/// everybody may put files. What does not exist yet is no error.
///
/// Reads links and opens nothing. A path of more than 40 links is refused, as Linux does it.
#[cfg(unix)]
pub(super) fn resolve(path: &Path) -> io::Result<Option<Place>> {
    use std::path::Component;

    /// As many links as Linux follows.
    const MAX_LINKS: usize = 40;

    let components = |path: &Path| -> Vec<PathBuf> {
        let parts = path.components().rev();
        parts.map(|part| PathBuf::from(part.as_os_str())).collect()
    };
    let (mut place, mut left, mut links) = (std::env::current_dir()?, components(path), 0);
    let mut is_missing = false;
    while let Some(part) = left.pop() {
        match part.components().next() {
            Some(Component::RootDir) => place = part,
            Some(Component::ParentDir) => {
                place.pop();
                is_missing = false;
            }
            Some(Component::Normal(_)) => match link(&place, &place.join(&part))? {
                none @ (Link::None | Link::Missing) => {
                    is_missing = matches!(none, Link::Missing);
                    place.push(part);
                }
                Link::Inherited => {
                    let path = place.join(part);
                    return Ok(Some(Place {
                        path,
                        is_inherited: true,
                        is_missing: false,
                    }));
                }
                Link::Foreign => return Ok(None),
                Link::To(target) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(io::Error::other("too many symbolic links"));
                    }
                    left.extend(components(&target));
                }
            },
            _ => {}
        }
    }
    Ok(Some(Place {
        path: place,
        is_inherited: false,
        is_missing,
    }))
}

/// What a name in a folder is a link to.
#[cfg(unix)]
enum Link {
    /// It is none.
    None,
    /// There is nothing of this name.
    Missing,
    To(PathBuf),
    /// To an open file of this process, which has no path.
    Inherited,
    /// Somebody else laid it there.
    Foreign,
}

/// What a name in a folder is a link to. Under `/proc` a link whose text leads nowhere, such as `pipe:[123]`, and that
/// still opens, is an open file.
#[cfg(unix)]
fn link(folder: &Path, name: &Path) -> io::Result<Link> {
    use std::os::unix::fs::MetadataExt as _;
    let metadata = match std::fs::symlink_metadata(name) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Link::Missing),
        metadata => metadata?,
    };
    if !metadata.is_symlink() {
        return Ok(Link::None);
    }
    let target = std::fs::read_link(name)?;
    let is_missing = |path: &Path| std::fs::symlink_metadata(path).is_err();
    if folder.starts_with("/proc") && is_missing(&folder.join(&target)) && std::fs::metadata(name).is_ok() {
        return Ok(Link::Inherited);
    }
    let is_shared = std::fs::metadata(folder)?.mode() & 0o002 != 0;
    Ok(match is_shared && !is_trusted(metadata.uid()) {
        true => Link::Foreign,
        false => Link::To(target),
    })
}

/// Whether a user can be trusted with where we write: it is our own, or the system's.
#[cfg(unix)]
fn is_trusted(user: u32) -> bool {
    user == 0 || user == rustix::process::geteuid().as_raw()
}

/// Whether something that is no regular file may be written to. Only the system makes devices; everybody makes pipes.
#[cfg(unix)]
pub(super) fn is_ours(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
    let kind = metadata.file_type();
    kind.is_char_device() || kind.is_block_device() || is_trusted(metadata.uid())
}

/// Windows lets only administrators, or users in its mode for developers, make links, and has no pipes in folders. A path
/// without links stays as it is: what the system makes of one with links is not what people write.
#[cfg(windows)]
pub(super) fn resolve(path: &Path) -> io::Result<Option<Place>> {
    let path = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => std::fs::canonicalize(path)?,
        _ => super::windows::long(path)?,
    };
    let (is_inherited, is_missing) = (false, false);
    Ok(Some(Place {
        path,
        is_inherited,
        is_missing,
    }))
}

#[cfg(windows)]
pub(super) fn is_ours(_metadata: &std::fs::Metadata) -> bool {
    true
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, lchown, symlink};

    use super::*;

    /// Somebody else.
    const OTHER: u32 = 65_534;

    fn path_of(path: &Path) -> Option<PathBuf> {
        resolve(path).unwrap().map(|place| place.path)
    }

    #[test]
    fn paths_are_resolved_as_the_system_does() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        std::fs::create_dir_all(root.join("a/b")).unwrap();
        std::fs::write(root.join("a/file"), "x").unwrap();
        symlink("a/b", root.join("relative")).unwrap();
        symlink(root.join("a"), root.join("absolute")).unwrap();
        symlink("../file", root.join("a/b/up")).unwrap();
        symlink("round", root.join("round")).unwrap();
        for path in [
            "a/file",
            "relative/up",
            "absolute/b/../file",
            "./a/./file",
            "relative",
            "a/b/..",
        ] {
            let path = root.join(path);
            assert_eq!(path_of(&path), std::fs::canonicalize(&path).ok(), "{}", path.display());
        }
        assert_eq!(path_of(&root.join("relative/new")), Some(root.join("a/b/new")));
        assert!(resolve(&root.join("round")).is_err());
        let is_missing = |path: &str| resolve(&root.join(path)).unwrap().unwrap().is_missing;
        for path in ["a", "a/b", "relative", "a/nothing/..", "a/nothing/../b"] {
            assert!(!is_missing(path), "{path}");
        }
        assert!(is_missing("a/nothing") && is_missing("relative/new") && is_missing("nothing/at/all"));
    }

    #[test]
    fn open_files_of_this_process_are_found() {
        use std::os::fd::AsRawFd as _;
        let (reader, _writer) = io::pipe().unwrap();
        let place = resolve(Path::new(&format!("/dev/fd/{}", reader.as_raw_fd())))
            .unwrap()
            .unwrap();
        assert!(place.is_inherited && std::fs::metadata(place.path).is_ok());
    }

    #[test]
    fn links_of_others_are_followed_only_where_nobody_else_can_lay_them() {
        let folder = tempfile::tempdir().unwrap();
        let shared = folder.path().join("shared");
        std::fs::create_dir(&shared).unwrap();
        let (target, link) = (folder.path().join("precious"), shared.join("link"));
        std::fs::write(&target, "x").unwrap();
        symlink(&target, &link).unwrap();
        // Only root can give a link to somebody else, and not in a namespace that has nobody else.
        let Ok(()) = lchown(&link, Some(OTHER), Some(OTHER)) else {
            return;
        };
        for (mode, followed) in [(0o755, true), (0o1777, false), (0o777, false)] {
            std::fs::set_permissions(&shared, PermissionsExt::from_mode(mode)).unwrap();
            assert_eq!(path_of(&link).is_some(), followed, "{mode:o}");
        }
        lchown(&link, Some(0), Some(0)).unwrap();
        assert!(path_of(&link).is_some(), "our own");
    }
}
