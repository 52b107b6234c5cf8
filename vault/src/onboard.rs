//! Somebody joins: keys in an activation, groups, and a letter; one person after the other, resumable.
//!
//! ```no_run
//! # use zkvault::{account::Account, core::keyring::Keyring, profile::Profile};
//! # async fn example(account: &Account, keyring: &Keyring, profile: &Profile) -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault::onboard::{Onboarding, People};
//! use zkvault::recipients::Recipients;
//!
//! let client = account.logmeonce();
//! let people = People::read(b"user,groups,code\npriya@halden.example,Engineering,yes\n")?;
//! let (users, groups) = (client.users().await?.records, client.groups().await?.records);
//! let recipients = Recipients::at(profile.recipients_path());
//! let onboarding = Onboarding::new("letters".into(), &client.url().account(), keyring, &recipients);
//! for newcomer in onboarding.resolve(&people, &users, &groups)? {
//!     let joined = onboarding.join(&client, &newcomer, zkvault::time::now()?).await;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! What is sent to activate somebody is written down before it is sent. So a run that was cut off is continued by the same
//! call: who is active is not activated again, and who is not gets the very same activation. A one-time code is in a file
//! of its own, in another folder than the letter.

mod folder;
mod letter;
mod people;

pub use self::people::{Joiner, LineFault, LineFaults, MAX_FILE_LEN, MAX_PEOPLE, People, PeopleError, Way};

use std::path::PathBuf;

use zkvault_client::logmeonce::{LogMeOnce, Tie};
use zkvault_client::{ClientError, ErrorKind, Transport};
use zkvault_core::SecretText;
use zkvault_core::activation::{ActivationKey, ActivationTarget};
use zkvault_core::key::KeyId;
use zkvault_core::keyring::{KeyEntry, Keyring};
use zkvault_core::model::{Group, User};
use zkvault_core::resolve::Matching;

use self::folder::Folder;
use self::letter::Letter;
use crate::directory::{Kind, Listed, find};
use crate::fs::FileError;
use crate::handover::{self, HandOverError, Receiver};
use crate::org::UNCHANGED;
use crate::recipients::{Known, Person, Recipients, RecipientsError};

/// How long an activation may be used unless a caller says otherwise, in seconds: 14 days.
pub const LIFETIME: u64 = 14 * 86_400;

/// Somebody was not onboarded.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OnboardError {
    /// The service refused, or cannot be reached.
    #[error(transparent)]
    Service(#[from] ClientError),
    /// The service confirmed something that is not so afterwards.
    #[error("{UNCHANGED}")]
    Unchanged,
    /// The keys were not sealed.
    #[error(transparent)]
    HandOver(#[from] HandOverError),
    /// It is not known who has which key.
    #[error(transparent)]
    Recipients(#[from] RecipientsError),
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(OnboardError {
    Self::Unchanged => "not-changed",
    ;
    Self::Service(error) => inner(error),
    Self::HandOver(error) => inner(error),
    Self::Recipients(error) => inner(error),
    Self::File(error) => inner(error),
});

/// Somebody who joins, as the service knows them.
#[derive(Debug, Clone)]
pub struct Newcomer {
    /// What the file says.
    pub joiner: Joiner,
    /// The API's number of the user.
    pub user: u64,
    /// What the user is called: the e-mail address, where there is one.
    pub name: String,
    is_active: bool,
    /// The groups to join, with their names.
    pub groups: Vec<(u64, String)>,
}

/// What became of an activation.
#[derive(Debug)]
pub enum Activated {
    /// The file asks for none.
    NotAsked,
    /// The user was active before anybody was onboarded here.
    Before,
    /// The user is active, by this run or an earlier one.
    Done,
    /// The user is not.
    Failed(OnboardError),
}

/// What became of memberships.
#[derive(Debug)]
pub enum Joined {
    /// The user is a member of all groups of the file.
    Done,
    /// The user is not.
    Failed(OnboardError),
    /// Nothing was tried, because the activation failed.
    NotTried,
}

/// What became of somebody who joins.
#[derive(Debug)]
pub struct Welcome {
    /// The activation.
    pub activated: Activated,
    /// The groups.
    pub joined: Joined,
    /// The letter, if one was written.
    pub letter: Option<PathBuf>,
}

impl Welcome {
    /// Why it failed, if it did.
    #[must_use]
    pub const fn error(&self) -> Option<&OnboardError> {
        match (&self.activated, &self.joined) {
            (Activated::Failed(error), _) | (_, Joined::Failed(error)) => Some(error),
            _ => None,
        }
    }

    /// Whether everybody after this one would fail in the same way.
    #[must_use]
    pub fn ends_all(&self) -> bool {
        let Some(OnboardError::Service(error)) = self.error() else {
            return matches!(self.error(), Some(OnboardError::File(_) | OnboardError::Recipients(_)));
        };
        matches!(
            error.kind(),
            ErrorKind::Unauthorized
                | ErrorKind::OAuth(_)
                | ErrorKind::RateLimited { .. }
                | ErrorKind::Network
                | ErrorKind::Timeout
                | ErrorKind::Request
        )
    }
}

/// What everybody of a file has in common.
#[derive(Debug)]
pub struct Onboarding<'a> {
    folder: Folder,
    account: String,
    keyring: &'a Keyring,
    recipients: &'a Recipients,
    keys: Vec<&'a KeyEntry>,
    lifetime: u64,
    parameter: String,
}

impl<'a> Onboarding<'a> {
    /// For an account, with letters in a folder that need not be there. Everybody gets a new key.
    #[must_use]
    pub fn new(folder: PathBuf, account: &str, keyring: &'a Keyring, recipients: &'a Recipients) -> Self {
        Self {
            folder: Folder::at(folder),
            account: account.to_owned(),
            keyring,
            recipients,
            keys: Vec::new(),
            lifetime: LIFETIME,
            parameter: "key".to_owned(),
        }
    }

    /// Everybody gets these keys of the keyring instead.
    #[must_use]
    pub fn with_keys(self, keys: Vec<&'a KeyEntry>) -> Self {
        Self { keys, ..self }
    }

    /// Activations may be used for so many seconds.
    #[must_use]
    pub fn with_lifetime(self, lifetime: u64) -> Self {
        Self { lifetime, ..self }
    }

    /// The name of the request's parameter for the key.
    #[must_use]
    pub fn with_parameter(self, parameter: &str) -> Self {
        let parameter = parameter.to_owned();
        Self { parameter, ..self }
    }

    /// Finds the users and groups of a file among those of the service, by whole names.
    ///
    /// # Errors
    ///
    /// [`PeopleError::Lines`] with everybody who is not found, or is in the file twice by different names.
    pub fn resolve(&self, people: &People, users: &[User], groups: &[Group]) -> Result<Vec<Newcomer>, PeopleError> {
        let listed: Vec<Listed> = users.iter().map(Listed::from).collect();
        let teams: Vec<Listed> = groups.iter().map(Listed::from).collect();
        let (mut newcomers, mut faults): (Vec<Newcomer>, Vec<LineFault>) = (Vec::new(), Vec::new());
        for joiner in &people.joiners {
            match newcomer(joiner, users, &listed, &teams) {
                Err(reason) => faults.push(LineFault {
                    line: joiner.line,
                    reason,
                }),
                Ok(newcomer) => match newcomers.iter().find(|known| known.user == newcomer.user) {
                    Some(first) => faults.push(LineFault {
                        line: joiner.line,
                        reason: format!("this user is in line {} already", first.joiner.line),
                    }),
                    None => newcomers.push(newcomer),
                },
            }
        }
        PeopleError::of_lines(faults).map_or(Ok(newcomers), Err)
    }

    /// Whether the identity of somebody is the one that was pinned before, or its fingerprint was given.
    ///
    /// # Errors
    ///
    /// [`RecipientsError`].
    pub fn identity(&self, newcomer: &Newcomer) -> Result<IdentityState, RecipientsError> {
        let Some(Way::Identity(identity, fingerprint)) = newcomer.joiner.way.filter(|_| !newcomer.is_active) else {
            return Ok(IdentityState::Sure);
        };
        if fingerprint.is_some_and(|given| given != identity.fingerprint()) {
            return Ok(IdentityState::OtherFingerprint);
        }
        Ok(
            match (self.recipients.look_up(self.person(newcomer), &identity)?, fingerprint) {
                (Known::Other(_), _) => IdentityState::Changed,
                (Known::Same, _) | (_, Some(_)) => IdentityState::Sure,
                (Known::Unknown, None) => IdentityState::Unknown,
            },
        )
    }

    fn person<'b>(&'b self, newcomer: &Newcomer) -> Person<'b> {
        Person {
            account: &self.account,
            user_id: newcomer.user,
        }
    }

    /// Activates somebody, writes the letter and adds memberships. The identity must be sure. `now` is in seconds since
    /// 1970.
    pub async fn join<T: Transport>(&self, client: &LogMeOnce<T>, newcomer: &Newcomer, now: u64) -> Welcome {
        let mut welcome = Welcome {
            activated: Activated::NotAsked,
            joined: Joined::NotTried,
            letter: None,
        };
        if let Some(way) = newcomer.joiner.way {
            welcome.activated = match self.activate(client, newcomer, way, now).await {
                Ok(None) => Activated::Before,
                Ok(Some(letter)) => {
                    welcome.letter = Some(letter);
                    Activated::Done
                }
                Err(error) => Activated::Failed(error),
            };
        }
        if !matches!(welcome.activated, Activated::Failed(_)) {
            welcome.joined = match self.groups(client, newcomer).await {
                Ok(()) => Joined::Done,
                Err(error) => Joined::Failed(error),
            };
        }
        welcome
    }

    /// Gives the letter; none for somebody who was active before anybody was onboarded here.
    async fn activate<T: Transport>(
        &self,
        client: &LogMeOnce<T>,
        newcomer: &Newcomer,
        way: Way,
        now: u64,
    ) -> Result<Option<PathBuf>, OnboardError> {
        let files = self.folder.files(newcomer.user, &newcomer.name);
        let prepared = files
            .activation()?
            .filter(|prepared| newcomer.is_active || prepared.is_fresh(now, self.lifetime));
        let prepared = match (prepared, newcomer.is_active) {
            (None, true) => return Ok(None),
            (Some(prepared), _) => prepared,
            (None, false) => {
                if let Way::Identity(identity, _) = way {
                    self.recipients.pin(self.person(newcomer), &identity, now)?;
                }
                let (activation, code) = self.seal(newcomer, way, now)?;
                // Before the activation is there: a later run cannot see which keys are in it.
                let given: Vec<KeyId> = self.keys.iter().map(|entry| entry.id()).collect();
                self.recipients.give(self.person(newcomer), &given, now)?;
                // The code first: an activation that is there has its code.
                files.prepare(&activation, code.as_ref(), now)?
            }
        };
        if !newcomer.is_active {
            let key = SecretText::from(prepared.text.clone());
            let sent = client.activate_user(newcomer.user, Some((&self.parameter, key))).await;
            // The service is not believed, and a response may have been lost.
            let is_active = client.user(newcomer.user).await?.active == Some(true);
            match (sent, is_active) {
                (_, true) => {}
                (Ok(()), false) => return Err(OnboardError::Unchanged),
                (Err(error), false) => return Err(error.into()),
            }
        }
        let letter = Letter {
            account: &self.account,
            newcomer,
            activation: &prepared.text,
            sender: match way {
                Way::Identity(..) => Some(self.keyring.identity().public()),
                Way::Code => None,
            },
            expires: prepared.made.saturating_add(self.lifetime),
        };
        Ok(Some(files.write_letter(&letter.report(now))?))
    }

    fn seal(&self, newcomer: &Newcomer, way: Way, now: u64) -> Result<(String, Option<SecretText>), HandOverError> {
        let target = ActivationTarget::new(&self.account, newcomer.user).map_err(|source| HandOverError::Target {
            account: self.account.clone(),
            user_id: newcomer.user,
            source,
        })?;
        let keys = match self.keys.as_slice() {
            [] => vec![ActivationKey::new(
                handover::new_key()?,
                format!("user-{}", newcomer.user),
            )],
            keys => handover::keys_of(self.keyring, keys),
        };
        let receiver = match way {
            Way::Identity(identity, _) => Receiver::Identity {
                sender: self.keyring.identity(),
                identity,
            },
            Way::Code => Receiver::Code,
        };
        let expires = now.saturating_add(self.lifetime);
        let (activation, code) = handover::seal_new(keys, receiver, &target, now, expires)?;
        Ok((activation.to_string(), code.map(|code| code.expose_text())))
    }

    async fn groups<T: Transport>(&self, client: &LogMeOnce<T>, newcomer: &Newcomer) -> Result<(), OnboardError> {
        if newcomer.groups.is_empty() {
            return Ok(());
        }
        let missing = missing_groups(client, newcomer).await?;
        if missing.is_empty() {
            return Ok(());
        }
        let sent = client.assign(Tie::UserGroups, newcomer.user, &missing).await;
        match (sent, missing_groups(client, newcomer).await?.is_empty()) {
            (_, true) => Ok(()),
            (Ok(()), false) => Err(OnboardError::Unchanged),
            (Err(error), false) => Err(error.into()),
        }
    }
}

/// The groups of the file that somebody is not a member of.
async fn missing_groups<T: Transport>(client: &LogMeOnce<T>, newcomer: &Newcomer) -> Result<Vec<u64>, ClientError> {
    let members = client.groups_of_user(newcomer.user).await?.records;
    let is_member = |id: u64| members.iter().any(|group| group.id == id);
    let wanted = newcomer.groups.iter().map(|(id, _)| *id);
    Ok(wanted.filter(|id| !is_member(*id)).collect())
}

/// What is known of an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdentityState {
    /// It is pinned, its fingerprint was given, or nothing is sealed to it.
    Sure,
    /// Nobody has compared its fingerprint.
    Unknown,
    /// A different one is pinned for the user.
    Changed,
    /// It does not have the fingerprint that was given.
    OtherFingerprint,
}

fn newcomer(joiner: &Joiner, users: &[User], listed: &[Listed], teams: &[Listed]) -> Result<Newcomer, String> {
    let found = find(Kind::User, &joiner.user, listed, Matching::Whole).map_err(|error| error.to_string())?;
    let user = users.iter().find(|user| user.id == found.id);
    let mut groups = Vec::new();
    for group in &joiner.groups {
        let found = find(Kind::Group, group, teams, Matching::Whole).map_err(|error| error.to_string())?;
        groups.push((found.id, found.name));
    }
    groups.sort();
    groups.dedup();
    Ok(Newcomer {
        joiner: joiner.clone(),
        user: found.id,
        name: found.called().to_owned(),
        is_active: user.is_some_and(|user| user.active == Some(true)),
        groups,
    })
}
