//! What is remembered of somebody who leaves: a sealed file for each (docs/spec/leaving.md).

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zkvault_core::account::AccountName;
use zkvault_core::generate::PasswordRules;
use zkvault_core::keyring::PersonalKeys;
use zkvault_core::local::LocalRecord;
use zkvault_core::model::Site;

use super::passwords::{Compared, Password, compare};
use super::{OffboardError, reach};
use crate::fs::{self, Existing, FileAction, FileError, FileLock};
use crate::profile::Profile;
use crate::vault::Contents;

/// The name under which a leaving is sealed, and the version of the format.
const NAME: &str = "leaving.v2";
const SALT_LEN: usize = 24;
const EXTENSION: &str = "zkvl";
/// Bytes of a file: some 100,000 sites.
const MAX_FILE_LEN: u64 = 64 << 20;
/// Files of a profile at most: more people than leave in years.
const MAX_FILES: usize = 10_000;

/// Somebody who leaves, or has left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaving {
    /// The account.
    pub account: String,
    /// The API's number of the user.
    pub user: u64,
    /// What the user was called: the e-mail address, where there is one.
    pub name: String,
    /// When it began, in seconds since 1970 (UTC).
    pub begun: u64,
    /// When everything was taken away and seen to be so; `None` while something is left.
    pub left: Option<u64>,
    /// What digests of values are made with: 24 random letters and digits.
    salt: String,
    /// The sites that the user could read.
    pub sites: Vec<KnownSite>,
    /// The ids of the keys that the user was handed.
    pub keys: Vec<String>,
}

/// A site that the user could read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KnownSite {
    /// The API's number of the site.
    pub id: u64,
    /// What it was called.
    pub name: String,
    /// How the user could read it.
    pub paths: Vec<reach::Path>,
    /// The passwords that it had then; `None` where the local store did not have the site.
    passwords: Option<Vec<Password>>,
}

impl KnownSite {
    pub(super) fn new(id: u64, name: String, paths: Vec<reach::Path>, passwords: Option<Vec<Password>>) -> Self {
        Self {
            id,
            name,
            paths,
            passwords,
        }
    }

    /// Whether the passwords that it had then are known.
    pub(super) const fn is_followed(&self) -> bool {
        self.passwords.is_some()
    }

    /// What became of the passwords that it had; `None` where those are not known.
    pub(super) fn compared(&self, now: &[Password]) -> Option<Compared> {
        self.passwords.as_deref().map(|before| compare(before, now))
    }
}

impl Leaving {
    /// Of a user of whom nothing is known yet.
    pub(super) fn new(account: &str, user: u64, name: &str, now: u64) -> Result<Self, OffboardError> {
        let rules = PasswordRules {
            length: SALT_LEN,
            symbols: false,
            ..PasswordRules::default()
        };
        let salt = rules.generate().map_err(OffboardError::NoSalt)?;
        Ok(Self {
            account: account.to_owned(),
            user,
            name: name.to_owned(),
            begun: now,
            left: None,
            salt: salt.text.expose_secret().to_owned(),
            sites: Vec::new(),
            keys: Vec::new(),
        })
    }

    /// The passwords of a site as it is in the store.
    pub(super) fn passwords(&self, site: &Site, contents: &Contents) -> Vec<Password> {
        Password::of_site(site, contents, &self.salt)
    }
}

/// The leavings of a profile.
#[derive(Debug, Clone)]
pub struct Leavings {
    folder: PathBuf,
    keys: PersonalKeys,
}

/// All that are there.
#[derive(Debug, Default)]
pub struct ReadLeavings {
    /// Those that open, the oldest first.
    pub leavings: Vec<Leaving>,
    /// Files that do not: of a different keyring, or damaged.
    pub unreadable: Vec<PathBuf>,
}

impl Leavings {
    /// Those of a profile, which a keyring opens.
    #[must_use]
    pub fn of(profile: &Profile, keys: &PersonalKeys) -> Self {
        Self {
            folder: profile.leavings_path(),
            keys: keys.clone(),
        }
    }

    /// Keeps others from changing them.
    ///
    /// # Errors
    ///
    /// [`OffboardError::Busy`], and what the operating system says.
    pub fn lock(&self) -> Result<FileLock, OffboardError> {
        let path = self.folder.join("lock");
        FileLock::try_take(&path)?.ok_or_else(|| OffboardError::Busy(FileLock::holder(&path)))
    }

    /// The leaving of a user, if there is one.
    ///
    /// # Errors
    ///
    /// [`OffboardError::Unreadable`]: one that does not open may hold what was known.
    pub fn find(&self, account: &str, user: u64) -> Result<Option<Leaving>, OffboardError> {
        let path = self.path(account, user);
        match read(&path)? {
            None => Ok(None),
            Some(bytes) => match self.open(&bytes) {
                Some(leaving) => Ok(Some(leaving)),
                None => Err(OffboardError::Unreadable(path)),
            },
        }
    }

    /// All of them. One that does not open hides no other.
    ///
    /// # Errors
    ///
    /// What the operating system says.
    pub fn all(&self) -> Result<ReadLeavings, OffboardError> {
        let mut found = ReadLeavings::default();
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(found),
            Err(error) => return Err(FileError::system(FileAction::Read, &self.folder, error).into()),
        };
        let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
        paths.retain(|path| path.extension().is_some_and(|extension| extension == EXTENSION));
        paths.sort();
        for path in paths.into_iter().take(MAX_FILES) {
            match read(&path)?.and_then(|bytes| self.open(&bytes)) {
                Some(leaving) => found.leavings.push(leaving),
                None => found.unreadable.push(path),
            }
        }
        found.leavings.sort_by_key(|leaving| (leaving.begun, leaving.user));
        Ok(found)
    }

    /// Writes a leaving, in place of what was known of this user.
    ///
    /// # Errors
    ///
    /// [`OffboardError::NotSealed`], and what the operating system says.
    pub fn save(&self, leaving: &Leaving) -> Result<(), OffboardError> {
        let json = serde_json::to_vec(leaving).map_err(OffboardError::NotMade)?;
        let key = self.keys.iter().next().ok_or(OffboardError::NoKey)?;
        let record = LocalRecord {
            account: None,
            name: NAME,
        };
        let sealed = record.seal(key, &json).map_err(OffboardError::NotSealed)?;
        fs::create_private_folder(&self.folder)?;
        Ok(fs::write(
            &self.path(&leaving.account, leaving.user),
            &sealed,
            Existing::Replace,
        )?)
    }

    fn open(&self, bytes: &[u8]) -> Option<Leaving> {
        let record = LocalRecord {
            account: None,
            name: NAME,
        };
        let opened = record.open(&self.keys, bytes).ok()?;
        let leaving: Leaving = serde_json::from_slice(opened.expose_secret()).ok()?;
        AccountName::parse(&leaving.account).ok()?;
        Some(leaving)
    }

    /// A name that says nothing to somebody who sees the folder.
    fn path(&self, account: &str, user: u64) -> PathBuf {
        let digest = Sha256::new()
            .chain_update(b"zkvault.leaving.name.v1\0")
            .chain_update(account.as_bytes())
            .chain_update([0])
            .chain_update(user.to_be_bytes());
        let name = hex::encode(digest.finalize().get(..16).unwrap_or_default());
        self.folder.join(name).with_extension(EXTENSION)
    }
}

/// A file, if it is there. One that is longer than any that is written does not open.
fn read(path: &Path) -> Result<Option<Vec<u8>>, FileError> {
    let mut bytes = Vec::new();
    match File::open(path).and_then(|file| file.take(MAX_FILE_LEN).read_to_end(&mut bytes)) {
        Ok(_) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(FileError::system(FileAction::Read, path, error)),
    }
}
