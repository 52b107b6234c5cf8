//! Where a profile keeps its files: `<config folder>/<profile>/` and `<data folder>/<profile>/`, readable by its
//! owner only.
//!
//! `ZKV_CONFIG_DIR` and `ZKV_DATA_DIR` override the platform's folders, `ZKV_PROFILE` or `--profile` the name.

use std::path::PathBuf;

use etcetera::BaseStrategy;
use zkvault::agent::Socket;
use zkvault::config::Setting;
use zkvault::profile::Profile as Files;

use crate::error::{CliError, Exit, Result};
use crate::{environment, settings};

const DEFAULT_NAME: &str = "default";
const MAX_NAME_LEN: usize = 64;

/// One set of keyring and settings.
#[derive(Debug)]
pub(crate) struct Profile {
    name: String,
    /// Without the folder for data.
    files: Files,
}

impl Profile {
    /// The profile that was asked for: by flag, by environment, or the default one.
    pub(crate) fn select(flag: Option<&str>) -> Result<Self> {
        let name = match flag {
            Some(name) => Some(name.to_owned()),
            None => environment::text("ZKV_PROFILE")?,
        };
        let name = name.unwrap_or_else(|| DEFAULT_NAME.to_owned());
        if !is_profile_name(&name) {
            return Err(
                CliError::usage(format!("{name:?} is not a profile name")).cause(format!(
                    "a name is 1 to {MAX_NAME_LEN} letters, digits, '-', '_' or '.', not first a '.'"
                )),
            );
        }
        let files = Files::new(folder(Place::Config)?.join(&name));
        let files = match settings::path(Setting::Keyring) {
            Some(keyring) => files.with_keyring(keyring),
            None => files,
        };
        Ok(Self { files, name })
    }

    /// Reads the settings of the profile that was asked for. Where the profile's folder is unknown there are none; the
    /// commands that need the folder report that.
    pub(crate) fn load_settings(flag: Option<&str>) -> Result<()> {
        let file = Self::select(flag).ok().map(|profile| profile.config_path());
        settings::load(file.as_deref())
    }

    /// What it is called.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The keyring's path. The file may not exist yet.
    pub(crate) fn keyring_path(&self) -> PathBuf {
        self.files.keyring_path()
    }

    /// The file of the settings. It may not exist yet.
    pub(crate) fn config_path(&self) -> PathBuf {
        self.files.config_path()
    }

    /// The file of the identities to which keys were sealed. It may not exist yet.
    pub(crate) fn recipients_path(&self) -> PathBuf {
        self.files.recipients_path()
    }

    /// The file of the stores that are known. It may not exist yet.
    pub(crate) fn known_stores_path(&self) -> PathBuf {
        self.files.known_stores_path()
    }

    /// The file of the newest backups that are known. It may not exist yet.
    pub(crate) fn known_backups_path(&self) -> PathBuf {
        self.files.known_backups_path()
    }

    /// The local store's path. The file may not exist yet.
    pub(crate) fn store_path(&self) -> Result<PathBuf> {
        Ok(self.files()?.store_path())
    }

    /// All of its files. The platform's folder for data is needed for that.
    pub(crate) fn files(&self) -> Result<Files> {
        Ok(self.files.clone().with_data(folder(Place::Data)?.join(&self.name)))
    }

    /// The file of the containers that data repositories are. It may not exist yet.
    pub(crate) fn containers_path(&self) -> PathBuf {
        self.files.containers_path()
    }
}

/// A folder that holds the folders of all profiles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// What must not be lost.
    Config,
    /// What a sync fetches again.
    Data,
}

impl Place {
    /// The environment variable that names a different one.
    pub(crate) fn variable(self) -> &'static str {
        match self {
            Self::Config => "ZKV_CONFIG_DIR",
            Self::Data => "ZKV_DATA_DIR",
        }
    }
}

/// Where it is.
pub(crate) fn folder(place: Place) -> Result<PathBuf> {
    let variable = place.variable();
    if let Some(folder) = environment::path(variable) {
        return Ok(folder);
    }
    Ok(match place {
        Place::Config => platform_folders(variable, "the keyring")?.config_dir().join("zkv"),
        // Windows carries %APPDATA% from machine to machine; what a sync fetches again stays on this one.
        Place::Data if cfg!(windows) => platform_folders(variable, "the local store")?.cache_dir().join("zkv"),
        Place::Data => platform_folders(variable, "the local store")?.data_dir().join("zkv"),
    })
}

/// Where unfinished uploads are kept, whatever the profile: they are about files and containers.
pub(crate) fn uploads_folder() -> Result<PathBuf> {
    Ok(folder(Place::Data)?.join("uploads"))
}

/// Where the agent of this user listens, whatever the profile.
pub(crate) fn agent_place() -> Result<Socket> {
    let runtime = match cfg!(target_os = "macos") {
        true => Some(std::env::temp_dir()),
        false => environment::path("XDG_RUNTIME_DIR"),
    };
    Ok(Socket::choose(runtime.as_deref(), &data_folder()?))
}

/// The folder for data, from the root.
pub(crate) fn data_folder() -> Result<PathBuf> {
    let data = folder(Place::Data)?;
    Ok(std::path::absolute(&data).unwrap_or(data))
}

/// The platform's folders; `variable` names a different one for `content` where there are none.
fn platform_folders(variable: &str, content: &str) -> Result<impl BaseStrategy> {
    etcetera::choose_base_strategy().map_err(|error| {
        CliError::new(Exit::NotFound, "no-home", "the home folder is unknown")
            .cause(error)
            .hint(format!(
                "set {variable} to the folder that holds, or shall hold, {content}"
            ))
    })
}

fn is_profile_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=MAX_NAME_LEN).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_name_cannot_leave_its_folder() {
        for name in ["default", "work-2", "a.b_c"] {
            assert!(is_profile_name(name), "{name}");
        }
        for name in ["", ".", "..", ".hidden", "a/b", "a\\b", "a b", "ä", &"a".repeat(65)] {
            assert!(!is_profile_name(name), "{name}");
        }
    }
}
