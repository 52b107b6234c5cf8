//! The settings there are, and what they can be.
//!
//! A setting is a word in the file, a kind of value, and a check that says no more than what the kind is. Paths are
//! absolute, because a program that is started in a different folder would otherwise read a different key. What a
//! setting means, and which option or variable comes before it, is the program's.
//!
//! ```
//! use zkvault::config::{Refusal, Setting};
//!
//! assert_eq!(Setting::find("clear-after"), Some(Setting::ClearAfter));
//! assert!(Setting::ClearAfter.check("45").is_ok());
//! assert!(matches!(Setting::KeyFile.check("keys/work.key"), Err(Refusal::Relative)));
//! assert!(matches!(Setting::Idle.check("two weeks"), Err(Refusal::Duration)));
//! ```

use std::ops::RangeInclusive;
use std::path::Path;

use crate::account::{AccountError, parse_address};
use crate::agent::Limits;
use crate::time;

/// For how many seconds a value may stay on the clipboard.
pub const CLEAR_AFTER: RangeInclusive<u64> = 1..=3600;

/// A setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Setting {
    /// The address of the LogMeOnce account.
    AccountUrl,
    /// The address of Loome Assist.
    LoomeUrl,
    /// The host of Loome Assist that gives tokens.
    LoomeIdentityUrl,
    /// The file of the key that opens and seals, in place of the keyring's.
    KeyFile,
    /// The file of the keyring.
    Keyring,
    /// The data repository of Loome Assist.
    Repo,
    /// The file with the address of a container and its token.
    SasFile,
    /// The file of layouts for the vendor's values.
    VendorLayouts,
    /// When to print in colours.
    Colour,
    /// Whether times are dates on a terminal too.
    Iso,
    /// After how long without use the agent locks.
    Idle,
    /// After how many seconds the clipboard is cleared.
    ClearAfter,
}

/// What a value of a setting is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// An address of a service: a URL, or a domain alone.
    Address,
    /// A file, by a path from the root of the file system.
    File,
    /// A data repository: `PROJECT/REPOSITORY`.
    Repository,
    /// `true` or `false`.
    Switch,
    /// How long an agent may keep a key, such as `15m`: see [`Limits`].
    Duration,
    /// A number of seconds in [`CLEAR_AFTER`].
    Seconds,
    /// One of these words.
    Choice(&'static [&'static str]),
}

/// Why a value is refused. It does not say the value: a secret may have been put there by mistake.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It is a list, a number or a table.
    #[error("it is text in quotation marks")]
    Type,
    /// There is nothing, or characters that cannot be seen.
    #[error("it is empty or has control characters")]
    Text,
    /// It is no address of a service.
    #[error("it is not an address of a service")]
    Address(#[source] AccountError),
    /// It is a path that depends on the folder in which zkv is started.
    #[error("it is not a path from the root of the file system")]
    Relative,
    /// It is an address where a file belongs.
    #[error("it is an address, and this is the path of a file")]
    NotAFile,
    /// It names no data repository.
    #[error("it is PROJECT/REPOSITORY, two ids as zkv repo list shows them")]
    Repository,
    /// It is no time for which an agent keeps a key.
    #[error("it is a time of 1s to 168h, such as 90s, 15m or 1h30m")]
    Duration,
    /// It is no number of seconds, or out of limits.
    #[error("it is a number of seconds from {} to {}", CLEAR_AFTER.start(), CLEAR_AFTER.end())]
    Seconds,
    /// It is none of the words.
    #[error("it is one of {}", .0.join(", "))]
    Choice(&'static [&'static str]),
}

impl Setting {
    /// Every setting, in the order of a list.
    pub const ALL: [Self; 12] = [
        Self::AccountUrl,
        Self::LoomeUrl,
        Self::LoomeIdentityUrl,
        Self::KeyFile,
        Self::Keyring,
        Self::Repo,
        Self::SasFile,
        Self::VendorLayouts,
        Self::Colour,
        Self::Iso,
        Self::Idle,
        Self::ClearAfter,
    ];

    /// What the file calls it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AccountUrl => "account-url",
            Self::LoomeUrl => "loome-url",
            Self::LoomeIdentityUrl => "loome-identity-url",
            Self::KeyFile => "key-file",
            Self::Keyring => "keyring",
            Self::Repo => "repo",
            Self::SasFile => "sas-file",
            Self::VendorLayouts => "vendor-layouts",
            Self::Colour => "colour",
            Self::Iso => "iso",
            Self::Idle => "idle",
            Self::ClearAfter => "clear-after",
        }
    }

    /// The setting of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|setting| setting.name() == name)
    }

    /// What its values are.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::AccountUrl | Self::LoomeUrl | Self::LoomeIdentityUrl => Kind::Address,
            Self::KeyFile | Self::Keyring | Self::SasFile | Self::VendorLayouts => Kind::File,
            Self::Repo => Kind::Repository,
            Self::Colour => Kind::Choice(&["auto", "always", "never"]),
            Self::Iso => Kind::Switch,
            Self::Idle => Kind::Duration,
            Self::ClearAfter => Kind::Seconds,
        }
    }

    /// Whether it can have this value.
    ///
    /// Whether a file exists, or an address responds, is not looked at.
    ///
    /// # Errors
    ///
    /// [`Refusal`].
    pub fn check(self, value: &str) -> Result<(), Refusal> {
        if value.trim().is_empty() || value.chars().any(char::is_control) {
            return Err(Refusal::Text);
        }
        match self.kind() {
            Kind::Address => parse_address(value).map(drop).map_err(Refusal::Address),
            Kind::File if value.contains("://") => Err(Refusal::NotAFile),
            Kind::File => Path::new(value).is_absolute().then_some(()).ok_or(Refusal::Relative),
            Kind::Repository => is_repository(value).then_some(()).ok_or(Refusal::Repository),
            Kind::Switch => one_of(&["true", "false"], value),
            Kind::Duration => is_limit(value).then_some(()).ok_or(Refusal::Duration),
            Kind::Seconds => is_clear_after(value).then_some(()).ok_or(Refusal::Seconds),
            Kind::Choice(words) => one_of(words, value),
        }
    }
}

fn one_of(words: &'static [&'static str], value: &str) -> Result<(), Refusal> {
    words.contains(&value).then_some(()).ok_or(Refusal::Choice(words))
}

fn is_limit(value: &str) -> bool {
    time::parse_duration(value).is_some_and(|idle| Limits::new(idle, Limits::default().age()).is_ok())
}

fn is_clear_after(value: &str) -> bool {
    value.parse().is_ok_and(|seconds| CLEAR_AFTER.contains(&seconds))
}

fn is_repository(value: &str) -> bool {
    let is_id = |text: &str| text.parse::<zkvault_client::loome::LoomeId>().is_ok();
    value
        .split_once('/')
        .is_some_and(|(project, repository)| is_id(project) && is_id(repository))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_is_found_by_its_name() {
        for setting in Setting::ALL {
            assert_eq!(Setting::find(setting.name()), Some(setting));
        }
        assert_eq!(Setting::find("passphrase"), None);
    }

    #[test]
    fn values_are_checked_by_their_kind() {
        let absolute = std::env::temp_dir().join("file");
        for (setting, value) in [
            (Setting::AccountUrl, "company.logmeonce.com"),
            (Setting::LoomeUrl, "https://loome.example"),
            (Setting::Repo, "12/341"),
            (Setting::SasFile, absolute.to_str().unwrap()),
            (Setting::Colour, "never"),
            (Setting::Iso, "true"),
            (Setting::Idle, "90s"),
            (Setting::Idle, "1h30m"),
            (Setting::Idle, "168h"),
            (Setting::ClearAfter, "1"),
            (Setting::ClearAfter, "3600"),
        ] {
            assert!(setting.check(value).is_ok(), "{value}");
        }
        for (setting, value) in [
            (Setting::AccountUrl, "http://company.example"),
            (Setting::LoomeUrl, "https://user:password@loome.example"),
            (Setting::Repo, "12"),
            (Setting::Repo, "12/34/1"),
            (Setting::KeyFile, "vault.key"),
            (Setting::SasFile, "https://store.example/c?sig=abc"),
            (Setting::Colour, "Never"),
            (Setting::Iso, "yes"),
            (Setting::Colour, " "),
            (Setting::Idle, "15"),
            (Setting::Idle, "0s"),
            (Setting::Idle, "-5m"),
            (Setting::Idle, "169h"),
            (Setting::ClearAfter, "0"),
            (Setting::ClearAfter, "3601"),
            (Setting::ClearAfter, "45s"),
        ] {
            assert!(setting.check(value).is_err(), "{value}");
        }
    }
}
