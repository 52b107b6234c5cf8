//! The public identities to which keys were sealed, one for each user of an account: a file of the profile that
//! notices when somebody names another identity for the same user (Z21).
//!
//! Nothing in it is secret. It is written under the profile's lock, and never shrinks by itself.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zkvault_core::identity::PublicIdentity;

use crate::fs::{FileError, LockHolder};
use crate::pinned_file::{self, Pins, PinsError, from_pins_error};
use crate::store::Cause;

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

from_pins_error!(RecipientsError);

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
        let document: Document = pinned_file::read(&self.path)?;
        let Some(pinned) = document.recipients.iter().find(|known| is_for(known, person)) else {
            return Ok(Known::Unknown);
        };
        let pinned: PublicIdentity = pinned
            .identity
            .parse()
            .map_err(|error| PinsError::unreadable(&self.path, error))?;
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
        let pinned = Recipient {
            host: person.account.to_owned(),
            user_id: person.user_id,
            identity: identity.to_string(),
            pinned: now,
        };
        Ok(pinned_file::change(&self.path, |document: &mut Document| {
            document.recipients.retain(|known| !is_for(known, person));
            document.recipients.push(pinned);
        })?)
    }
}

fn is_for(recipient: &Recipient, person: Person<'_>) -> bool {
    recipient.host == person.account && recipient.user_id == person.user_id
}

impl Pins for Document {
    const FORMAT: &'static str = "zkvault.recipients";
    const VERSION: u32 = 1;
    /// More than the users of any account.
    const MAX_FILE_LEN: u64 = 16 * 1024 * 1024;

    fn empty() -> Self {
        Self {
            format: Self::FORMAT.to_owned(),
            version: Self::VERSION,
            recipients: Vec::new(),
        }
    }

    fn head(&self) -> (&str, u32) {
        (&self.format, self.version)
    }
}

#[cfg(test)]
mod tests {
    use zkvault_core::identity::Identity;

    use super::*;
    use crate::keyring_file;

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
