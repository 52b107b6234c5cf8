//! Files without a name, and room on the disk: what differs between operating systems.
//!
//! Linux has files without a name (`O_TMPFILE`) on most of its file systems, and sets room aside (`fallocate`); the
//! other systems have neither, and give a draft a name and a length.

use std::fs::File;
use std::io;
use std::path::Path;

/// Makes a new file so long, with room for all of it where the file system can set that aside: a disk that is too full
/// is found before the first byte is written. In memory the room is looked for and not set aside: that would be to take
/// every page twice.
///
/// # Errors
///
/// What the operating system says; a full disk is [`io::ErrorKind::StorageFull`].
pub fn reserve(file: &File, len: u64) -> io::Result<()> {
    file.set_len(len)?;
    #[cfg(target_os = "linux")]
    if len > 0 {
        use rustix::fs::{FallocateFlags, fallocate};
        use rustix::io::Errno;
        if let Some(room) = room_in_memory(file)? {
            return if len <= room { Ok(()) } else { Err(Errno::NOSPC.into()) };
        }
        return match fallocate(file, FallocateFlags::empty(), 0, len) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL | Errno::NODEV) => Ok(()),
            Err(error) => Err(error.into()),
        };
    }
    Ok(())
}

/// Bytes that are free where the file is, if that is a file system in memory with a limit.
#[cfg(target_os = "linux")]
fn room_in_memory(file: &File) -> io::Result<Option<u64>> {
    /// `TMPFS_MAGIC` of linux/magic.h.
    const TMPFS: u64 = 0x0102_1994;
    let there = rustix::fs::fstatfs(file)?;
    let is_limited = there.f_type as u64 == TMPFS && there.f_blocks > 0;
    Ok(is_limited.then(|| there.f_bavail.saturating_mul(there.f_bsize as u64)))
}

/// A new file in `folder` that has no name yet, so that nothing is left of it however the program ends; `None`
/// where the file system cannot do that.
#[cfg(target_os = "linux")]
pub(super) fn unnamed_file(folder: &Path) -> Option<File> {
    use std::sync::LazyLock;

    use rustix::fs::{Mode, OFlags, open};
    /// Naming the file later goes through /proc, which is there or not as long as a program runs.
    static CAN_BE_NAMED: LazyLock<bool> = LazyLock::new(|| Path::new("/proc/self/fd").is_dir());

    if !*CAN_BE_NAMED {
        return None;
    }
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    open(folder, flags, Mode::RUSR | Mode::WUSR).ok().map(File::from)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn unnamed_file(_folder: &Path) -> Option<File> {
    None
}

/// Gives a file of [`unnamed_file`] its name, which must be free.
#[cfg(target_os = "linux")]
pub(super) fn name_file(file: &File, path: &Path) -> io::Result<()> {
    use std::os::fd::AsRawFd as _;

    use rustix::fs::{AtFlags, CWD, linkat};
    let unnamed = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(linkat(CWD, unnamed, CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn name_file(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reserved_file_has_its_length_and_one_that_cannot_be_is_refused() {
        let file = tempfile::tempfile().unwrap();
        reserve(&file, 5000).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 5000);
        reserve(&file, 0).unwrap();
        assert_eq!(file.metadata().unwrap().len(), 0);
        assert!(reserve(&file, u64::MAX).is_err());
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn room_in_memory_is_looked_for_and_not_taken() {
        // By what the system says of it, and not by what is tested.
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap();
        if !mounts.lines().any(|mount| mount.contains(" /dev/shm tmpfs ")) {
            return println!("left out: /dev/shm is not in memory");
        }
        let file = tempfile::tempfile_in("/dev/shm").unwrap();
        assert_eq!(reserve(&file, 1 << 50).unwrap_err().kind(), io::ErrorKind::StorageFull);
        reserve(&file, 5000).unwrap();
        let there = file.metadata().unwrap();
        assert_eq!((there.len(), std::os::unix::fs::MetadataExt::blocks(&there)), (5000, 0));
    }
}
