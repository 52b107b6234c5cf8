//! The settings that a person keeps in a file: `config.toml`, beside the keyring.
//!
//! The list of settings is closed: a name that is misspelled is an error, and there is no setting for a secret. What a
//! person wrote around the settings (comments, order) stays when one of them is changed.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! # let path = &folder.path().join("config.toml");
//! use zkvault::config::{Config, Setting};
//!
//! Config::change(path, |config| config.set(Setting::AccountUrl, "company.example"))?;
//! assert_eq!(Config::read(path)?.get(Setting::AccountUrl), Some("company.example"));
//! # Ok(())
//! # }
//! ```
//!
//! The file is TOML of at most 64 KiB, with one line for each setting and no tables. It is changed under the profile's
//! lock and replaced as a whole. What an environment variable or an option says comes before it; that is for the
//! program to decide, this module reads the file alone.
//!
//! An error names the line or the setting, and no value: somebody may have pasted a secret there by mistake
//! ([`Refusal`]).

mod setting;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use toml_edit::{DocumentMut, Item, TomlError, Value};

pub use self::setting::{CLEAR_AFTER, Kind, Refusal, Setting};
use crate::fs::{self, FileAction, FileError, LockHolder};
use crate::keyring_file;

/// More than all settings need, in bytes.
const MAX_FILE_LEN: u64 = 64 * 1024;

/// The settings cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file is no TOML.
    #[error("{} cannot be read", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it, and where.
        #[source]
        source: MalformedConfig,
    },
    /// The file has a setting that there is not.
    #[error("{} has a setting that there is not: {name}", path.display())]
    Unknown {
        /// The file.
        path: PathBuf,
        /// What the file calls it.
        name: String,
    },
    /// A setting has a value that it cannot have.
    #[error("{} cannot have this value", setting.name())]
    Refused {
        /// Which one.
        setting: Setting,
        /// Why.
        source: Refusal,
    },
    /// Another process is changing the profile.
    #[error("another zkv is changing this profile")]
    Busy(#[source] Option<LockHolder>),
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(ConfigError {
    Self::Malformed { .. } => "config",
    Self::Unknown { .. } => "unknown-setting",
    Self::Refused { .. } => "setting",
    Self::Busy(_) => "busy",
    ;
    Self::File(error) => inner(error),
});

/// What is wrong with a file of settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MalformedConfig {
    /// It is not written as TOML is.
    #[error("line {line}: {message}")]
    Toml {
        /// The line, from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// It is no text in UTF-8.
    #[error("it is not UTF-8 text")]
    NotText,
    /// It is too long.
    #[error("it is longer than {MAX_FILE_LEN} bytes")]
    TooLong,
}

type Result<T, E = ConfigError> = std::result::Result<T, E>;

/// The settings in a file. Those that are missing have their defaults.
#[derive(Debug, Default)]
pub struct Config {
    document: DocumentMut,
    /// The values that were checked, as text whatever their type in the file.
    values: BTreeMap<Setting, String>,
}

impl Config {
    /// Reads the file. One that is missing has no settings.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Malformed`], [`ConfigError::Unknown`], [`ConfigError::Refused`], and what the operating system
    /// says.
    pub fn read(path: &Path) -> Result<Self> {
        let document = read_document(path)?;
        let mut values = BTreeMap::new();
        for (name, item) in document.iter() {
            let setting = Setting::find(name).ok_or_else(|| unknown(path, name))?;
            let refused = |source| ConfigError::Refused { setting, source };
            let value = text_of(item).ok_or_else(|| refused(Refusal::Type))?;
            setting.check(&value).map_err(refused)?;
            values.insert(setting, value);
        }
        Ok(Self { document, values })
    }

    /// Changes the file, while nobody else does. It may not exist yet.
    ///
    /// When `change` fails, the file stays as it was. A file that has a mistake somewhere else cannot be changed before
    /// that is [removed](Self::remove).
    ///
    /// # Errors
    ///
    /// As [`Self::read`], what `change` returns, and [`ConfigError::Busy`].
    pub fn change<T>(path: &Path, change: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        locked(path, || {
            let mut config = Self::read(path)?;
            let result = change(&mut config)?;
            write(path, &config.document)?;
            Ok(result)
        })
    }

    /// Removes a line of the file by its name, also one that is no setting: so that a file with a mistake can be
    /// repaired. Returns whether there was one.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Malformed`], [`ConfigError::Busy`], and what the operating system says.
    pub fn remove(path: &Path, name: &str) -> Result<bool> {
        if !path.exists() {
            return Ok(false);
        }
        locked(path, || {
            let mut document = read_document(path)?;
            let was_there = document.remove(name).is_some();
            if was_there {
                write(path, &document)?;
            }
            Ok(was_there)
        })
    }

    /// The value of a setting, if the file has it.
    #[must_use]
    pub fn get(&self, setting: Setting) -> Option<&str> {
        self.values.get(&setting).map(String::as_str)
    }

    /// Gives a setting a value.
    ///
    /// # Errors
    ///
    /// [`ConfigError::Refused`].
    pub fn set(&mut self, setting: Setting, value: &str) -> Result<()> {
        setting
            .check(value)
            .map_err(|source| ConfigError::Refused { setting, source })?;
        let mut item = toml_edit::value(value);
        // A comment behind the value is about the setting, not about the value.
        let before = self.document.get(setting.name()).and_then(Item::as_value);
        if let (Some(before), Some(after)) = (before.map(Value::decor).cloned(), item.as_value_mut()) {
            *after.decor_mut() = before;
        }
        match self.document.get_mut(setting.name()) {
            // In its place: the comment above it stays.
            Some(kept) => *kept = item,
            None => {
                self.document.insert(setting.name(), item);
            }
        }
        self.values.insert(setting, value.to_owned());
        Ok(())
    }
}

/// Does something under the profile's lock, or reports who has it.
fn locked<T>(path: &Path, work: impl FnOnce() -> Result<T>) -> Result<T> {
    let _held = keyring_file::lock_of(path)?.ok_or_else(|| ConfigError::Busy(keyring_file::holder_of(path)))?;
    work()
}

fn write(path: &Path, document: &DocumentMut) -> Result<()> {
    Ok(fs::write(path, document.to_string().as_bytes(), fs::Existing::Replace)?)
}

/// The file with everything around its settings; empty where it is missing. A byte order mark at its start, as Windows
/// editors write it, is passed over.
fn read_document(path: &Path) -> Result<DocumentMut> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes));
    let malformed = |source| ConfigError::Malformed {
        path: path.to_owned(),
        source,
    };
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(DocumentMut::new()),
        Err(error) => return Err(FileError::system(FileAction::Read, path, error).into()),
        Ok(length) if length as u64 > MAX_FILE_LEN => return Err(malformed(MalformedConfig::TooLong)),
        Ok(_) => {}
    }
    let text = std::str::from_utf8(&bytes).map_err(|_| malformed(MalformedConfig::NotText))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    text.parse().map_err(|error| malformed(not_toml(text, &error)))
}

/// Without the line itself, which `TomlError` shows: it may hold what somebody pasted there by mistake.
fn not_toml(text: &str, error: &TomlError) -> MalformedConfig {
    let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
    MalformedConfig::Toml {
        line: before.matches('\n').count() + 1,
        message: error.message().replace('\n', ", "),
    }
}

fn unknown(path: &Path, name: &str) -> ConfigError {
    ConfigError::Unknown {
        path: path.to_owned(),
        name: name.to_owned(),
    }
}

/// A text as it is; a switch or a number as it is written.
fn text_of(item: &Item) -> Option<String> {
    match item.as_value()? {
        Value::String(text) => Some(text.value().clone()),
        Value::Boolean(switch) => Some(switch.value().to_string()),
        Value::Integer(number) => Some(number.value().to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct File {
        _folder: tempfile::TempDir,
        path: PathBuf,
    }

    fn file(text: &str) -> File {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("config.toml");
        if !text.is_empty() {
            std::fs::write(&path, text).unwrap();
        }
        File { _folder: folder, path }
    }

    #[test]
    fn a_setting_is_kept_with_what_a_person_wrote_around_it() {
        let written = "# mine\naccount-url = \"a.example\" # the company\n\ncolour = \"never\"\n";
        let File { path, .. } = &file(written);
        Config::change(path, |config| config.set(Setting::AccountUrl, "b.example")).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        assert_eq!(text, written.replace("a.example", "b.example"));
        assert!(Config::remove(path, "colour").unwrap());
        assert!(!Config::remove(path, "colour").unwrap());
        let config = Config::read(path).unwrap();
        assert_eq!(config.get(Setting::Colour), None);
        assert_eq!(config.get(Setting::AccountUrl), Some("b.example"));
    }

    #[test]
    fn a_number_and_a_switch_may_be_written_as_in_toml() {
        let File { path, .. } = &file("clear-after = 20\niso = true\n");
        let config = Config::read(path).unwrap();
        assert_eq!(config.get(Setting::ClearAfter), Some("20"));
        assert_eq!(config.get(Setting::Iso), Some("true"));
        let File { path, .. } = &file("clear-after = 20.5\n");
        assert!(matches!(
            Config::read(path),
            Err(ConfigError::Refused {
                source: Refusal::Type,
                ..
            })
        ));
    }

    #[test]
    fn a_value_that_a_person_wrote_is_checked_as_one_that_is_set() {
        for text in [
            "colour = \"purple\"\n",
            "clear-after = \"soon\"\n",
            "key-file = \"relative.key\"\n",
        ] {
            let File { path, .. } = &file(text);
            assert_eq!(Config::read(path).unwrap_err().code(), "setting", "{text}");
        }
    }

    #[test]
    fn a_file_that_is_missing_has_no_settings_and_is_made_for_its_owner_alone() {
        let File { path, .. } = &file("");
        assert_eq!(Config::read(path).unwrap().get(Setting::Colour), None);
        assert!(!Config::remove(path, "colour").unwrap() && !path.exists());
        Config::change(path, |config| config.set(Setting::Colour, "always")).unwrap();
        assert_eq!(std::fs::read_to_string(path).unwrap(), "colour = \"always\"\n");
        assert!(fs::is_private(path).unwrap());
    }

    #[test]
    fn a_setting_that_there_is_not_is_named_and_can_be_removed() {
        for (text, name) in [
            ("color = \"never\"\n", "color"),
            ("[colour]\nx = 1\n[other]\n", "other"),
        ] {
            let File { path, .. } = &file(text);
            let error = match Config::read(path) {
                Err(error @ ConfigError::Unknown { .. }) => error,
                other => {
                    // A table where a text belongs comes first.
                    assert!(matches!(
                        other,
                        Err(ConfigError::Refused {
                            source: Refusal::Type,
                            ..
                        })
                    ));
                    continue;
                }
            };
            assert!(error.to_string().ends_with(name), "{error}");
            assert!(Config::remove(path, name).unwrap());
            assert!(Config::read(path).is_ok());
        }
    }

    #[test]
    fn a_refused_change_leaves_the_file_as_it_was() {
        let written = "account-url = \"a.example\"\n";
        let File { path, .. } = &file(written);
        for (setting, value) in [
            (Setting::Colour, "purple"),
            (Setting::AccountUrl, "http://a.example:x"),
            (Setting::KeyFile, "relative.key"),
            (Setting::SasFile, "https://a.example/c?sig=secret"),
            (Setting::AccountUrl, ""),
            (Setting::KeyFile, "/a\nb"),
        ] {
            let error = Config::change(path, |config| config.set(setting, value)).unwrap_err();
            assert_eq!(error.code(), "setting", "{value:?}");
            assert!(!format!("{error} {error:?}").contains("secret"), "{error:?}");
        }
        assert_eq!(std::fs::read_to_string(path).unwrap(), written);
    }

    #[test]
    fn what_is_no_toml_is_told_by_its_line_without_its_text() {
        let File { path, .. } = &file("colour = \"auto\"\naccount-url = canary canary\n");
        let Err(ConfigError::Malformed { source, .. }) = Config::read(path) else {
            panic!("it was read");
        };
        let text = source.to_string();
        assert!(text.starts_with("line 2: ") && !text.contains("canary"), "{text}");
        std::fs::write(path, b"\xff\xfe\xff").unwrap();
        assert_eq!(Config::read(path).unwrap_err().code(), "config");
        std::fs::write(path, vec![b'#'; MAX_FILE_LEN as usize + 1]).unwrap();
        assert_eq!(Config::read(path).unwrap_err().code(), "config");
    }

    #[test]
    fn two_processes_do_not_change_it_at_once() {
        let File { path, .. } = &file("");
        let _held = keyring_file::lock_of(path).unwrap().unwrap();
        let error = Config::change(path, |config| config.set(Setting::Colour, "always")).unwrap_err();
        assert_eq!(error.code(), "busy");
    }
}
