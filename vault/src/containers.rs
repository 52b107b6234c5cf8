//! Which container each data repository of Loome Assist is, as it was first said: a file of the profile that notices
//! when the service names a different one (Z49). What is uploaded goes where the service says, and a service that is not
//! honest could take backups to a place of its own.
//!
//! Nothing in it is secret. It is written under the profile's lock, and never shrinks by itself.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use zkvault::client::blob::SasUrl;
//! use zkvault::containers::{Containers, DataRepository, KnownContainer};
//!
//! let containers = Containers::at(folder.path().join("known-containers.json"));
//! let (project, repository) = ("12".parse()?, "7".parse()?);
//! let repository = DataRepository { account: "acme.example", project: &project, repository: &repository };
//! let link = |account: &str| {
//!     let link = format!("https://{account}.blob.core.windows.net/data?sv=2021-08-06&sr=c&sp=racwdl&sig=abc");
//!     SasUrl::parse(&link.into())
//! };
//!
//! assert_eq!(containers.look_up(repository, &link("one")?)?, KnownContainer::Unknown);
//! containers.pin(repository, &link("one")?, 1_700_000_000)?;
//! let moved = containers.look_up(repository, &link("two")?)?;
//! assert_eq!(moved, KnownContainer::Other("https://one.blob.core.windows.net/data".to_owned()));
//! # Ok(())
//! # }
//! ```
//!
//! A caller asks a person before it pins a different one, or uses its link.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zkvault_client::blob::SasUrl;
use zkvault_client::loome::LoomeId;

use crate::fs::{FileError, LockHolder};
use crate::pinned_file::{self, Pins, PinsError, from_pins_error};
use crate::store::Cause;

/// The file of the containers cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ContainersError {
    /// It cannot be read. It may hold the pin that matters, so no link may be used.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// Where it is.
        path: PathBuf,
        /// What is wrong with it.
        source: Cause,
    },
    /// Another process is changing the profile.
    #[error("another zkv is changing this profile")]
    Busy(#[source] Option<LockHolder>),
    /// It could not be put into words. Cannot be.
    #[error("the container was not pinned")]
    NotPinned(#[source] serde_json::Error),
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(ContainersError {
    Self::Unreadable { .. } => "containers",
    Self::Busy(_) => "busy",
    Self::NotPinned(_) => "json",
    ;
    Self::File(error) => inner(error),
});

from_pins_error!(ContainersError);

type Result<T, E = ContainersError> = std::result::Result<T, E>;

/// A data repository of an account.
#[derive(Debug, Clone, Copy)]
pub struct DataRepository<'a> {
    /// The account, as [`ServiceUrl::account`](zkvault_client::ServiceUrl::account) names it.
    pub account: &'a str,
    /// The project.
    pub project: &'a LoomeId,
    /// The repository in the project.
    pub repository: &'a LoomeId,
}

impl std::fmt::Display for DataRepository<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            account,
            project,
            repository,
        } = self;
        write!(f, "{project}/{repository} of {account}")
    }
}

/// What is known of a repository's container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KnownContainer {
    /// No link was used before.
    Unknown,
    /// It is the one that was pinned.
    Same,
    /// A different one was pinned: its address, without a token.
    Other(String),
}

/// The file of the containers.
#[derive(Debug, Clone)]
pub struct Containers {
    path: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u32,
    containers: Vec<Pinned>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pinned {
    /// The account, as the address of its service names it.
    account: String,
    project: String,
    repository: String,
    /// The container's address, without a token.
    container: String,
    /// When it was first said, or accepted, in seconds since 1970 (UTC).
    pinned: u64,
}

impl Containers {
    /// The file at `path`, which may not exist yet.
    #[must_use]
    pub const fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Compares the container of a link with the one that is pinned for a repository.
    ///
    /// # Errors
    ///
    /// [`ContainersError::Unreadable`], and what the operating system says.
    pub fn look_up(&self, repository: DataRepository<'_>, link: &SasUrl) -> Result<KnownContainer> {
        let document: Document = pinned_file::read(&self.path)?;
        let pinned = document.containers.into_iter().find(|known| known.is_of(repository));
        Ok(match pinned {
            None => KnownContainer::Unknown,
            Some(known) if known.container == link.to_string() => KnownContainer::Same,
            Some(known) => KnownContainer::Other(known.container),
        })
    }

    /// Pins the container of a link for a repository, in place of the one that was. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// As [`Self::look_up`], and [`ContainersError::Busy`].
    pub fn pin(&self, repository: DataRepository<'_>, link: &SasUrl, now: u64) -> Result<()> {
        let pinned = Pinned {
            account: repository.account.to_owned(),
            project: repository.project.to_string(),
            repository: repository.repository.to_string(),
            // Without its token.
            container: link.to_string(),
            pinned: now,
        };
        Ok(pinned_file::change(&self.path, |document: &mut Document| {
            document.containers.retain(|known| !known.is_of(repository));
            document.containers.push(pinned);
        })?)
    }
}

impl Pinned {
    fn is_of(&self, repository: DataRepository<'_>) -> bool {
        self.account == repository.account
            && self.project == repository.project.as_str()
            && self.repository == repository.repository.as_str()
    }
}

impl Pins for Document {
    const FORMAT: &'static str = "zkvault.containers";
    const VERSION: u32 = 1;
    /// More than the repositories of any account.
    const MAX_FILE_LEN: u64 = 4 * 1024 * 1024;

    fn empty() -> Self {
        Self {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            containers: Vec::new(),
        }
    }

    fn head(&self) -> (&str, u32) {
        (&self.format, self.version)
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::SecretText;

    use super::*;

    fn link(account: &str, token: &str) -> SasUrl {
        let text = format!("https://{account}.blob.core.windows.net/data?sv=2021-08-06&sr=c&sp=racwdl&sig={token}");
        SasUrl::parse(&SecretText::from(text)).unwrap()
    }

    #[test]
    fn a_repository_that_moves_is_noticed_and_its_token_is_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known-containers.json");
        let containers = Containers::at(path.clone());
        let ids: [LoomeId; 2] = ["12", "7"].map(|id| id.parse().unwrap());
        let repository = DataRepository {
            account: "acme.example",
            project: &ids[0],
            repository: &ids[1],
        };
        let look_up = |link| containers.look_up(repository, &link).unwrap();
        assert_eq!(look_up(link("one", "abc")), KnownContainer::Unknown);
        containers.pin(repository, &link("one", "abc"), 7).unwrap();
        assert_eq!(look_up(link("one", "def")), KnownContainer::Same, "another token");
        let before = "https://one.blob.core.windows.net/data".to_owned();
        assert_eq!(look_up(link("two", "abc")), KnownContainer::Other(before));
        assert!(!std::fs::read_to_string(&path).unwrap().contains("abc"));
        for other in [
            DataRepository {
                account: "b.example",
                ..repository
            },
            DataRepository {
                project: &ids[1],
                ..repository
            },
            DataRepository {
                repository: &ids[0],
                ..repository
            },
        ] {
            let known = containers.look_up(other, &link("two", "abc")).unwrap();
            assert_eq!(known, KnownContainer::Unknown);
        }
        containers.pin(repository, &link("two", "abc"), 8).unwrap();
        assert_eq!(look_up(link("two", "abc")), KnownContainer::Same);
        let document: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        assert_eq!(document["containers"].as_array().map(Vec::len), Some(1));
        assert_eq!(document["containers"][0]["pinned"], 8);
    }

    #[test]
    fn what_cannot_be_read_is_not_taken_for_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("known-containers.json");
        let id: LoomeId = "12".parse().unwrap();
        let repository = DataRepository {
            account: "acme.example",
            project: &id,
            repository: &id,
        };
        let whole = r#"{"format":"zkvault.containers","version":1,"containers":[]}"#;
        for (text, code) in [
            (whole.to_owned(), None),
            (whole.replace("containers\"", "container\""), Some("containers")),
            (whole.replace('1', "2"), Some("containers")),
            (String::new(), Some("containers")),
            (
                whole.to_owned() + &" ".repeat(Document::MAX_FILE_LEN as usize),
                Some("containers"),
            ),
        ] {
            std::fs::write(&path, &text).unwrap();
            let known = Containers::at(path.clone()).look_up(repository, &link("one", "abc"));
            assert_eq!(known.err().map(|error| error.code()), code);
        }
    }
}
