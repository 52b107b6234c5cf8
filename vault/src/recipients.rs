//! The users who were given keys, one entry for each of an account: a file of the profile that notices when somebody names
//! another identity for the same user (Z21), and knows who needs the new key after a rotation.
//!
//! Nothing in it is secret. It is written under the profile's lock, and never shrinks by itself.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let folder = tempfile::tempdir()?;
//! use zkvault::core::identity::Identity;
//! use zkvault::recipients::{Known, Person, Recipients};
//!
//! let recipients = Recipients::at(folder.path().join("recipients.json"));
//! let ada = Person { account: "acme.logmeonce.com", user_id: 1917 };
//! let identity = Identity::generate()?.public();
//! // Two people compare the fingerprint once; from then on the identity is pinned.
//! assert_eq!(recipients.look_up(ada, &identity)?, Known::Unknown);
//! recipients.pin(ada, &identity, 1_700_000_000)?;
//! assert_eq!(recipients.look_up(ada, &identity)?, Known::Same);
//!
//! let other = Identity::generate()?.public();
//! assert_eq!(recipients.look_up(ada, &other)?, Known::Other(identity));
//! # Ok(())
//! # }
//! ```
//!
//! The format is that of docs/spec/recipients.md. A file that cannot be read stops everything that would be sealed to
//! somebody: an empty one in its place would make a substituted identity a first use.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use zkvault_core::identity::PublicIdentity;
use zkvault_core::key::KeyId;

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

/// A user who was given keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub account: String,
    /// The API's number of the user.
    pub user_id: u64,
    /// The identity that is pinned for the user; none of one who was given keys under a one-time code alone.
    pub identity: Option<PublicIdentity>,
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
    identity: Option<String>,
    /// When it was pinned, in seconds since 1970 (UTC).
    pinned: u64,
    /// The ids of the keys that the user was given. Every envelope shows the id of its key: it says nothing about the key.
    keys: Vec<String>,
}

impl Recipients {
    /// The file at `path`, which may not exist yet.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self { path }
    }

    /// Compares an identity with the one that is pinned for a user.
    ///
    /// Nothing is written: [`Self::pin`] does that, once a person has compared the fingerprint.
    ///
    /// # Errors
    ///
    /// [`RecipientsError::Unreadable`], and what the operating system says.
    pub fn look_up(&self, person: Person<'_>, identity: &PublicIdentity) -> Result<Known> {
        let document: Document = pinned_file::read(&self.path)?;
        let known = document.recipients.iter().find(|known| is_for(known, person));
        match known.map(|known| self.identity_of(known)).transpose()?.flatten() {
            None => Ok(Known::Unknown),
            Some(pinned) if pinned == *identity => Ok(Known::Same),
            Some(pinned) => Ok(Known::Other(pinned)),
        }
    }

    /// Pins an identity for a user, in place of the one that was. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// As [`Self::look_up`], and [`RecipientsError::Busy`].
    pub fn pin(&self, person: Person<'_>, identity: &PublicIdentity, now: u64) -> Result<()> {
        self.change(person, now, |recipient| {
            recipient.identity = Some(identity.to_string());
            recipient.pinned = now;
        })
    }

    /// Remembers that a user was given these keys. `now` is in seconds since 1970.
    ///
    /// To be called once the sealed keys are written: a rotation asks for everybody who was given the old key.
    ///
    /// # Errors
    ///
    /// As [`Self::pin`].
    pub fn give(&self, person: Person<'_>, keys: &[KeyId], now: u64) -> Result<()> {
        self.change(person, now, |recipient| {
            for key in keys.iter().map(KeyId::to_string) {
                if !recipient.keys.contains(&key) {
                    recipient.keys.push(key);
                }
            }
        })
    }

    /// The ids of the keys that a user was given.
    ///
    /// # Errors
    ///
    /// As [`Self::look_up`].
    pub fn keys_of(&self, person: Person<'_>) -> Result<Vec<String>> {
        let document: Document = pinned_file::read(&self.path)?;
        let known = document.recipients.into_iter().find(|known| is_for(known, person));
        Ok(known.map(|known| known.keys).unwrap_or_default())
    }

    /// Forgets which keys a user was given, so that nobody offers the user the keys that replace them: for one who left.
    /// The identity stays pinned.
    ///
    /// # Errors
    ///
    /// As [`Self::pin`].
    pub fn forget_keys(&self, person: Person<'_>) -> Result<()> {
        let document: Document = pinned_file::read(&self.path)?;
        let has_keys = |known: &Recipient| is_for(known, person) && !known.keys.is_empty();
        match document.recipients.iter().find(|known| has_keys(known)) {
            None => Ok(()),
            Some(known) => self.change(person, known.pinned, |recipient| recipient.keys.clear()),
        }
    }

    /// Those who were given one of `keys`, and none of `later`, in the order in which they came.
    ///
    /// A user without a pinned identity is among them: what is to be done about that is for a person to decide.
    ///
    /// # Errors
    ///
    /// As [`Self::look_up`].
    pub fn holders(&self, keys: &[KeyId], later: &[KeyId]) -> Result<Vec<Holder>> {
        let document: Document = pinned_file::read(&self.path)?;
        let has_any = |recipient: &Recipient, keys: &[KeyId]| {
            let mut keys = keys.iter().map(KeyId::to_string);
            keys.any(|key| recipient.keys.contains(&key))
        };
        let holders = document.recipients.iter();
        let holders = holders.filter(|recipient| has_any(recipient, keys) && !has_any(recipient, later));
        let holder = |recipient: &Recipient| {
            Ok(Holder {
                account: recipient.host.clone(),
                user_id: recipient.user_id,
                identity: self.identity_of(recipient)?,
            })
        };
        holders.map(holder).collect()
    }

    fn identity_of(&self, recipient: &Recipient) -> Result<Option<PublicIdentity>> {
        let parsed = recipient.identity.as_deref().map(str::parse).transpose();
        Ok(parsed.map_err(|error| PinsError::unreadable(&self.path, error))?)
    }

    /// Changes the entry of a user, or adds one, under the profile's lock.
    fn change(&self, person: Person<'_>, now: u64, change: impl FnOnce(&mut Recipient)) -> Result<()> {
        Ok(pinned_file::change(&self.path, |document: &mut Document| {
            let recipients = &mut document.recipients;
            match recipients.iter_mut().find(|known| is_for(known, person)) {
                Some(known) => change(known),
                None => {
                    let mut added = Recipient {
                        host: person.account.to_owned(),
                        user_id: person.user_id,
                        identity: None,
                        pinned: now,
                        keys: Vec::new(),
                    };
                    change(&mut added);
                    recipients.push(added);
                }
            }
        })?)
    }
}

fn is_for(recipient: &Recipient, person: Person<'_>) -> bool {
    recipient.host == person.account && recipient.user_id == person.user_id
}

impl Pins for Document {
    const FORMAT: &'static str = "zkvault.recipients";
    const VERSION: u32 = 2;
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
            r#"{"format":"zkvault.recipients","version":1,"recipients":[]}"#,
        ] {
            std::fs::write(&path, bad).unwrap();
            assert_eq!(recipients.look_up(target(1), &one).unwrap_err().code(), "recipients");
            assert_eq!(recipients.pin(target(1), &one, 9).unwrap_err().code(), "recipients");
        }
    }

    #[test]
    fn a_file_is_read_up_to_its_limit_and_no_longer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("recipients.json");
        let recipients = Recipients::at(path.clone());
        let identity = Identity::generate().unwrap().public();
        recipients.pin(target(1), &identity, 5).unwrap();
        // White space after the document is part of it.
        let mut text = std::fs::read(&path).unwrap();
        text.resize(Document::MAX_FILE_LEN as usize, b' ');
        std::fs::write(&path, &text).unwrap();
        assert_eq!(recipients.look_up(target(1), &identity).unwrap(), Known::Same);
        text.push(b' ');
        std::fs::write(&path, &text).unwrap();
        assert_eq!(
            recipients.look_up(target(1), &identity).unwrap_err().code(),
            "recipients"
        );
    }

    #[test]
    fn who_was_given_a_key_and_none_that_came_after_it_is_known() {
        let folder = tempfile::tempdir().unwrap();
        let recipients = Recipients::at(folder.path().join("recipients.json"));
        let identity = Identity::generate().unwrap().public();
        let key = |name: &str| name.parse::<KeyId>().unwrap();
        let (old, new, other) = (key("0000000a"), key("0000000b"), key("0000000c"));
        assert_eq!(recipients.holders(&[old], &[]).unwrap(), []);
        recipients.pin(target(1), &identity, 5).unwrap();
        recipients.give(target(1), &[old, other], 5).unwrap();
        recipients.give(target(2), &[old], 6).unwrap();
        recipients.give(target(3), &[other], 7).unwrap();
        let users = |keys: &[KeyId], later: &[KeyId]| -> Vec<_> {
            let holders = recipients.holders(keys, later).unwrap().into_iter();
            holders.map(|holder| (holder.user_id, holder.identity)).collect()
        };
        assert_eq!(users(&[old], &[new]), [(1, Some(identity)), (2, None)]);
        assert_eq!(users(&[new], &[]), []);
        // A key that is given again is given once; who has the new one needs nothing.
        recipients.give(target(1), &[old, new], 8).unwrap();
        assert_eq!(users(&[old], &[new]), [(2, None)]);
        assert_eq!(recipients.look_up(target(1), &identity).unwrap(), Known::Same);
        // An identity is pinned later, or replaced: the keys stay given.
        recipients.pin(target(2), &identity, 9).unwrap();
        assert_eq!(users(&[old], &[new]), [(2, Some(identity))]);
        let text = std::fs::read_to_string(folder.path().join("recipients.json")).unwrap();
        assert!(text.contains(r#""keys":["0000000a","0000000c","0000000b"]"#), "{text}");
    }
}
