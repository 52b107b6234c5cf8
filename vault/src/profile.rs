//! Which files belong to one account on one device.
//!
//! ```
//! use std::path::Path;
//! use zkvault::profile::Profile;
//!
//! let profile = Profile::new("config/work").with_data("data/work");
//! assert_eq!(profile.keyring_path(), Path::new("config/work/keyring.json"));
//! assert!(profile.store_path().starts_with("data/work"));
//! ```
//!
//! A profile has paths and opens nothing. Programs choose the folders, as the platform says or as a person asks; the
//! table of all files is in docs/spec/store.md#files-of-a-profile. The two folders differ in what their loss means:
//! without `data` a sync is enough, and without `config` the keys are gone, unless a backup has the keyring.

use std::path::{Path, PathBuf};

/// The files of one account on one device: what must not be lost (the keyring and what is remembered) in one folder, and
/// what a sync fetches again in another. None of them has to exist yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    config: PathBuf,
    data: PathBuf,
    keyring: Option<PathBuf>,
}

impl Profile {
    /// Everything in one folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        let config = folder.into();
        Self {
            data: config.clone(),
            config,
            keyring: None,
        }
    }

    /// What a sync fetches again in a folder of its own.
    #[must_use]
    pub fn with_data(self, folder: impl Into<PathBuf>) -> Self {
        let data = folder.into();
        Self { data, ..self }
    }

    /// The keyring in a file of its own, wherever that is.
    #[must_use]
    pub fn with_keyring(self, path: impl Into<PathBuf>) -> Self {
        let keyring = Some(path.into());
        Self { keyring, ..self }
    }

    /// The folder of what must not be lost.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.config
    }

    /// The keyring.
    #[must_use]
    pub fn keyring_path(&self) -> PathBuf {
        let own = || self.config.join("keyring.json");
        self.keyring.clone().unwrap_or_else(own)
    }

    /// The settings.
    #[must_use]
    pub fn config_path(&self) -> PathBuf {
        self.config.join("config.toml")
    }

    /// The identities to which keys were sealed.
    #[must_use]
    pub fn recipients_path(&self) -> PathBuf {
        self.config.join("recipients.json")
    }

    /// The stores that are known.
    #[must_use]
    pub fn known_stores_path(&self) -> PathBuf {
        self.config.join("known-stores.json")
    }

    /// The newest backups that are known.
    #[must_use]
    pub fn known_backups_path(&self) -> PathBuf {
        self.config.join("known-backups.json")
    }

    /// The file of the containers that data repositories are.
    #[must_use]
    pub fn containers_path(&self) -> PathBuf {
        self.config.join("known-containers.json")
    }

    /// The journal of changes. The file before it and its lock have the same name with other ends.
    #[must_use]
    pub fn journal_path(&self) -> PathBuf {
        self.config.join("journal.zkvj")
    }

    /// What is remembered of the journal, in the other folder: so a copy of one folder that is put back is noticed.
    #[must_use]
    pub fn journal_head_path(&self) -> PathBuf {
        self.data.join("journal-head.zkvj")
    }

    /// The folder of what is remembered of people who left.
    #[must_use]
    pub fn leavings_path(&self) -> PathBuf {
        self.config.join("leavings")
    }

    /// The local store.
    #[must_use]
    pub fn store_path(&self) -> PathBuf {
        self.data.join("store.db")
    }
}
