//! The public identities to which keys were sealed, one for each user of an account: a file of the profile that
//! notices when somebody names another identity for the same user (Z21).
//!
//! Nothing in it is secret. It is written under the profile's lock, and never shrinks by itself.

use std::io::Read as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zkvault_core::identity::PublicIdentity;

use crate::fs::{self, FileAction, FileError, LockHolder};
use crate::keyring_file;
use crate::store::Cause;

const FORMAT: &str = "zkvault.recipients";
const VERSION: u32 = 1;
/// More than the users of any account.
const MAX_FILE_LEN: u64 = 16 * 1024 * 1024;

/// The file of the recipients cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RecipientsError {
    /// It cannot be read. It may hold the pin that matters, so nothing may be sealed.
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
    #[error("the recipient was not pinned")]
    NotPinned(#[source] serde_json::Error),
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(RecipientsError {
    Self::Unreadable { .. } => "recipients",
    Self::Busy(_) => "busy",
    Self::NotPinned(_) => "json",
    ;
    Self::File(error) => inner(error),
});

type Result<T, E = RecipientsError> = std::result::Result<T, E>;

/// A user of an account.
#[derive(Debug, Clone, Copy)]
pub struct Person<'a> {
    /// The account, as [`ServiceUrl::account`](zkvault_client::ServiceUrl::account) names it.
    pub account: &'a str,
    /// The API's number of the user.
    pub user_id: u64,
}

/// What is known of a user's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// Nothing was sealed to the user before.
    Unknown,
    /// It is the one that was pinned.
    Same,
    /// A different one was pinned: this one.
    Other(PublicIdentity),
}

/// The file of the recipients.
#[derive(Debug, Clone)]
pub struct Recipients {
    path: PathBuf,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u32,
    recipients: Vec<Recipient>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipient {
    /// The account, as the address of its service names it: two of one host are two.
    host: String,
    user_id: u64,
    identity: String,
    /// When it was pinned, in seconds since 1970 (UTC).
    pinned: u64,
}

impl Recipients {
    /// The file at `path`, which may not exist yet.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Compares an identity with the one that is pinned for a user.
    ///
    /// # Errors
    ///
    /// [`RecipientsError::Unreadable`], and what the operating system says.
    pub fn look_up(&self, person: Person<'_>, identity: &PublicIdentity) -> Result<Known> {
        let document = self.read()?;
        let Some(pinned) = document.recipients.iter().find(|known| is_for(known, person)) else {
            return Ok(Known::Unknown);
        };
        let pinned: PublicIdentity = pinned.identity.parse().map_err(|error| self.unreadable(error))?;
        match pinned == *identity {
            true => Ok(Known::Same),
            false => Ok(Known::Other(pinned)),
        }
    }

    /// Pins an identity for a user, in place of the one that was. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// As [`Self::look_up`], and [`RecipientsError::Busy`].
    pub fn pin(&self, person: Person<'_>, identity: &PublicIdentity, now: u64) -> Result<()> {
        let _held = keyring_file::lock_of(&self.path)?
            .ok_or_else(|| RecipientsError::Busy(keyring_file::holder_of(&self.path)))?;
        let mut document = self.read()?;
        document.recipients.retain(|known| !is_for(known, person));
        document.recipients.push(Recipient {
            host: person.account.to_owned(),
            user_id: person.user_id,
            identity: identity.to_string(),
            pinned: now,
        });
        let bytes = serde_json::to_vec(&document).map_err(RecipientsError::NotPinned)?;
        Ok(fs::write(&self.path, &bytes, true)?)
    }

    /// A file that is missing is an empty one; a file that cannot be read is not: it may hold the pin that matters.
    fn read(&self) -> Result<Document> {
        let mut bytes = Vec::new();
        let file = std::fs::File::open(&self.path);
        match file.and_then(|file| file.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes)) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Document::empty()),
            Err(error) => return Err(FileError::system(FileAction::Read, &self.path, error).into()),
            Ok(length) if length as u64 > MAX_FILE_LEN => return Err(self.unreadable("it is too long")),
            Ok(_) => {}
        }
        let document: Document = serde_json::from_slice(&bytes).map_err(|error| self.unreadable(error))?;
        match (document.format.as_str(), document.version) {
            (FORMAT, VERSION) => Ok(document),
            _ => Err(self.unreadable("it has another format or version")),
        }
    }

    fn unreadable(&self, source: impl Into<Cause>) -> RecipientsError {
        RecipientsError::Unreadable {
            path: self.path.clone(),
            source: source.into(),
        }
    }
}

fn is_for(recipient: &Recipient, person: Person<'_>) -> bool {
    recipient.host == person.account && recipient.user_id == person.user_id
}

impl Document {
    fn empty() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            recipients: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::identity::Identity;

    use super::*;

    fn target(user_id: u64) -> Person<'static> {
        Person {
            account: "acme.example",
            user_id,
        }
    }

    #[test]
    fn another_identity_for_the_same_user_is_noticed_and_a_file_that_cannot_be_read_is_not_an_empty_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("profile/recipients.json");
        let recipients = Recipients::at(path.clone());
        let [one, other] = [(); 2].map(|()| Identity::generate().unwrap().public());
        assert_eq!(recipients.look_up(target(1), &one).unwrap(), Known::Unknown);
        recipients.pin(target(1), &one, 5).unwrap();
        recipients.pin(target(2), &other, 6).unwrap();
        assert_eq!(recipients.look_up(target(1), &one).unwrap(), Known::Same);
        assert_eq!(recipients.look_up(target(1), &other).unwrap(), Known::Other(one));
        recipients.pin(target(1), &other, 7).unwrap();
        assert_eq!(recipients.look_up(target(1), &other).unwrap(), Known::Same);
        let held = keyring_file::lock_of(&path).unwrap();
        assert_eq!(recipients.pin(target(1), &one, 8).unwrap_err().code(), "busy");
        drop(held);
        for bad in [
            "",
            "{}",
            r#"{"format":"zkvault.recipients","version":2,"recipients":[]}"#,
        ] {
            std::fs::write(&path, bad).unwrap();
            assert_eq!(recipients.look_up(target(1), &one).unwrap_err().code(), "recipients");
            assert_eq!(recipients.pin(target(1), &one, 9).unwrap_err().code(), "recipients");
        }
    }
}
