//! Windows: who may use a file, and names that the system treats in a way of its own.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::windows::fs::OpenOptionsExt as _;
use std::os::windows::io::AsRawHandle;
use std::path::{Component, Path, PathBuf, Prefix};
use std::time::Duration;

use windows_permissions::constants::{SeObjectType, SecurityInformation};
use windows_permissions::utilities::current_process_sid;
use windows_permissions::wrappers::{
    ConvertSecurityDescriptorToStringSecurityDescriptor, ConvertSidToStringSid, GetSecurityInfo, SetSecurityInfo,
};
use windows_permissions::{LocalBox, SecurityDescriptor};

use super::descriptor;

const READ_CONTROL: u32 = 0x0002_0000;
const WRITE_DAC: u32 = 0x0004_0000;
const GENERIC_READ: u32 = 0x8000_0000;
const GENERIC_WRITE: u32 = 0x4000_0000;
const FILE_SHARE_DELETE: u32 = 0x0000_0004;
/// Without it no folder is opened.
const FILE_FLAG_BACKUP_SEMANTICS: u32 = 0x0200_0000;
/// Longer paths need the prefix that turns the old limit of 260 off: a draft's name comes after it.
const LONG: usize = 200;
/// A virus scanner or a backup may have a file open for a moment.
const ATTEMPTS: u32 = 10;
const PAUSE: Duration = Duration::from_millis(20);
const ERROR_ACCESS_DENIED: i32 = 5;
const ERROR_SHARING_VIOLATION: i32 = 32;

/// A file that is opened to be read, written and closed to others.
pub(super) fn private_options() -> OpenOptions {
    let mut options = File::options();
    options.read(true).write(true);
    options.access_mode(GENERIC_READ | GENERIC_WRITE | READ_CONTROL | WRITE_DAC);
    options
}

/// A new file that nobody else can read or write while it is open here, and that only this user can open later. It can be
/// removed and renamed.
pub(super) fn create_private(path: &Path) -> io::Result<File> {
    let mut options = private_options();
    let mut file = options.create_new(true).share_mode(FILE_SHARE_DELETE).open(path)?;
    close_to_others(&mut file, false)?;
    Ok(file)
}

/// Creates one folder that only this user may enter.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    std::fs::create_dir(path)?;
    let mut options = File::options();
    let options = options.access_mode(READ_CONTROL | WRITE_DAC);
    let mut folder = options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)?;
    close_to_others(&mut folder, true)
}

/// Lets this user alone use an open file or folder, whatever the folder above says.
pub(super) fn close_to_others(file: &mut File, is_folder: bool) -> io::Result<()> {
    let [user, _] = me()?;
    let list: LocalBox<SecurityDescriptor> = descriptor::owner_only(&user, is_folder).parse()?;
    let what = SecurityInformation::Dacl | SecurityInformation::ProtectedDacl;
    SetSecurityInfo(file, SeObjectType::SE_FILE_OBJECT, what, None, None, list.dacl(), None)
}

/// Whether only this user, the system and the administrators may use what is at `path`.
pub(super) fn is_private(path: &Path) -> io::Result<bool> {
    let mut options = File::options();
    let options = options.access_mode(READ_CONTROL);
    let file = options.custom_flags(FILE_FLAG_BACKUP_SEMANTICS).open(path)?;
    let descriptor = described(&file, SeObjectType::SE_FILE_OBJECT)?;
    Ok(descriptor::keeps_others_out(&descriptor, &me()?))
}

/// The owner and the list of something that is open, as text.
pub(crate) fn described<H: AsRawHandle>(handle: &H, kind: SeObjectType) -> io::Result<String> {
    let what = SecurityInformation::Owner | SecurityInformation::Dacl;
    text(&*GetSecurityInfo(handle, kind, what)?)
}

/// Whether the owner of something that is open, a pipe, is this user.
pub(crate) fn is_mine<H: AsRawHandle>(handle: &H) -> io::Result<bool> {
    let descriptor = described(handle, SeObjectType::SE_KERNEL_OBJECT)?;
    let me = me()?;
    Ok(descriptor::owner(&descriptor).is_some_and(|owner| me.iter().any(|name| name == owner)))
}

/// This user's name in descriptors: the whole one, and the short one that Windows writes for users that every machine has.
pub(crate) fn me() -> io::Result<[String; 2]> {
    let sid = ConvertSidToStringSid(&*current_process_sid()?)?
        .to_string_lossy()
        .into_owned();
    let owned: LocalBox<SecurityDescriptor> = format!("O:{sid}").parse()?;
    let text = text(&owned)?;
    let short = descriptor::owner(&text).unwrap_or_default().to_owned();
    Ok([sid, short])
}

/// Without what stands after the end of the text.
fn text(descriptor: &SecurityDescriptor) -> io::Result<String> {
    let what = SecurityInformation::Owner | SecurityInformation::Dacl;
    let text = ConvertSecurityDescriptorToStringSecurityDescriptor(descriptor, what)?;
    Ok(text.to_string_lossy().trim_end_matches('\0').to_owned())
}

/// Renames a file in place of the one that is there, which may be open elsewhere.
pub(super) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    let mut attempt = 1;
    loop {
        match std::fs::rename(from, to) {
            Err(error) if attempt < ATTEMPTS && is_passing(&error) => {
                attempt += 1;
                std::thread::sleep(PAUSE);
            }
            renamed => return renamed,
        }
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(
        error.raw_os_error(),
        Some(ERROR_ACCESS_DENIED | ERROR_SHARING_VIOLATION)
    )
}

/// Whether a path is that of a device: what is written there goes to nobody or to a console.
pub(super) fn is_device(path: &Path) -> bool {
    let text = path.to_string_lossy();
    ["NUL", "CON", "CONOUT$"]
        .iter()
        .any(|device| text.eq_ignore_ascii_case(device))
        || text.starts_with(r"\\.\")
}

/// A path from the root, which may be longer than 260 characters.
pub(super) fn long(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    Ok(match path.components().next() {
        _ if path.as_os_str().len() < LONG => path,
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::Disk(_) => PathBuf::from(format!(r"\\?\{}", path.display())),
            Prefix::UNC(..) => match path.display().to_string().strip_prefix(r"\\") {
                Some(share) => PathBuf::from(format!(r"\\?\UNC\{share}")),
                None => path,
            },
            _ => path,
        },
        _ => path,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_apart_from_files() {
        for device in ["NUL", "nul", "CON", "conout$", r"\\.\pipe\x", r"\\.\NUL"] {
            assert!(is_device(Path::new(device)), "{device}");
        }
        for file in ["null", "NUL.txt", r"C:\NULL", r"docs\con"] {
            assert!(!is_device(Path::new(file)), "{file}");
        }
    }

    #[test]
    fn long_paths_are_marked_as_such() {
        let name = "x".repeat(LONG);
        let long = |path: &str| long(Path::new(path)).unwrap().display().to_string();
        assert_eq!(long(r"C:\a"), r"C:\a");
        assert_eq!(long(&format!(r"C:\a\..\{name}")), format!(r"\\?\C:\{name}"));
        assert_eq!(
            long(&format!(r"\\server\share\{name}")),
            format!(r"\\?\UNC\server\share\{name}")
        );
    }

    #[test]
    fn this_user_has_a_name() {
        let [sid, short] = me().unwrap();
        assert!(sid.starts_with("S-1-5-"), "{sid}");
        assert!(!short.is_empty());
    }

    #[test]
    fn a_private_file_cannot_be_opened_meanwhile() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = create_private(&path).unwrap();
        assert!(File::open(&path).is_err());
        drop(file);
        assert!(File::open(&path).is_ok());
        assert!(create_private(&path).is_err(), "it is there already");
    }

    /// Without this a draft that is dropped, or that Ctrl-C ends, would stay.
    #[test]
    fn a_private_file_can_be_removed_while_it_is_open() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        let file = create_private(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        drop(file);
        assert!(!path.exists());
    }
}
