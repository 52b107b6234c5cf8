//! Somebody leaves: what they could read, taking it away, and what has to change afterwards because they knew it.
//!
//! ```no_run
//! # use zkvault::{account::Account, core::keyring::Keyring, profile::Profile};
//! # async fn example(account: &Account, keyring: &Keyring, profile: Profile) -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault::offboard::{Departure, Known, Leavings, follow};
//! use zkvault::org;
//! use zkvault::progress::NoProgress;
//! use zkvault::recipients::Recipients;
//! use zkvault::vault::Vault;
//!
//! let client = account.logmeonce();
//! let recipients = Recipients::at(profile.recipients_path());
//! let leavings = Leavings::of(&profile, keyring.personal_keys());
//! let vault = Vault::open(profile, keyring)?;
//! let contents = vault.contents()?;
//! let known = Known { leavings: &leavings, recipients: &recipients, contents: Some(&contents) };
//! let reading = org::read_of_user(&client, 1920, &NoProgress).await?;
//! let account = client.url().account();
//! let mut departure = Departure::prepare(reading, 1920, &account, known, zkvault::time::now()?)?;
//! // A person agrees, and then:
//! departure.carry_out(&client, &leavings, &recipients, zkvault::time::now()?, &NoProgress).await?;
//! // Later, after passwords were changed and a sync:
//! let followed = follow(departure.leaving(), Some(&vault.contents()?), keyring)?;
//! # Ok(())
//! # }
//! ```
//!
//! What the user could read is written down before anything is taken away, with digests of the passwords; so a run that was
//! cut off is continued by the same call, and loses nothing of that. The user is deactivated first. The service is not
//! believed: [`org::apply_to_user`] reads the user's ties again, and the user has left only when they are gone.

mod passwords;
mod reach;
mod record;
mod report;
mod status;

pub use self::reach::Path;
pub use self::record::{KnownSite, Leaving, Leavings, ReadLeavings};
pub use self::report::report;
pub use self::status::{Followed, KeyState, SiteState, follow};

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::{ClientError, Transport};
use zkvault_core::generate::GenerateError;
use zkvault_core::local::SealLocalRecordError;
use zkvault_core::model::Site;

use crate::directory::Kind;
use crate::fs::{FileError, LockHolder};
use crate::org::{self, Applied, Change, Names, OrgError, Outcome, Person, Plan, Reading, Relation};
use crate::progress::Progress;
use crate::recipients::{self, Recipients, RecipientsError};
use crate::store::StoreError;
use crate::vault::Contents;

/// A leaving cannot be prepared, carried out or followed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OffboardError {
    /// Another process works on the leavings of this profile.
    #[error("another zkv works on people who leave")]
    Busy(#[source] Option<LockHolder>),
    /// What is remembered of the user does not open.
    #[error("{} does not open", .0.display())]
    Unreadable(PathBuf),
    /// The record was not sealed.
    #[error("the record of the leaving was not sealed")]
    NotSealed(#[source] SealLocalRecordError),
    /// The record could not be put into words. Cannot be.
    #[error("the record of the leaving was not made")]
    NotMade(#[source] serde_json::Error),
    /// The keyring has no personal key. Cannot be.
    #[error("the keyring has no personal key")]
    NoKey,
    /// The operating system gave no random bytes.
    #[error("the record of the leaving was not made")]
    NoSalt(#[source] GenerateError),
    /// The organisation cannot be read.
    #[error(transparent)]
    Org(#[from] OrgError),
    /// It is not known who has which key.
    #[error(transparent)]
    Recipients(#[from] RecipientsError),
    /// The local store cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The operating system refused.
    #[error(transparent)]
    File(#[from] FileError),
}

codes!(OffboardError {
    Self::Busy(_) => "busy",
    Self::Unreadable(_) => "leaving",
    Self::NotSealed(_) | Self::NoKey | Self::NoSalt(_) => "seal",
    Self::NotMade(_) => "json",
    ;
    Self::Org(error) => inner(error),
    Self::Recipients(error) => inner(error),
    Self::Store(error) => inner(error),
    Self::File(error) => inner(error),
});

/// What this device knows of people and sites.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Those who left, or are leaving.
    pub leavings: &'a Leavings,
    /// Who was given which key.
    pub recipients: &'a Recipients,
    /// The local store, if it is there and of this account.
    pub contents: Option<&'a Contents>,
}

/// A leaving that is prepared: what is known, and what is still to be taken away.
#[derive(Debug)]
pub struct Departure {
    leaving: Leaving,
    plan: Plan,
    reading: Reading,
}

impl Departure {
    /// Adds what an earlier run wrote down to what the organisation says, which was [read](org::read_of_user) of this
    /// user. Nothing is written. `now` is in seconds since 1970.
    ///
    /// # Errors
    ///
    /// [`OffboardError`].
    pub fn prepare(
        reading: Reading,
        user: u64,
        account: &str,
        known: Known<'_>,
        now: u64,
    ) -> Result<Self, OffboardError> {
        let plan = plan(&reading, user, account);
        let leaving = leaving(&reading, user, account, !plan.changes.is_empty(), known, now)?;
        Ok(Self { leaving, plan, reading })
    }

    /// What is known.
    #[must_use]
    pub const fn leaving(&self) -> &Leaving {
        &self.leaving
    }

    /// What is to be taken away.
    #[must_use]
    pub const fn plan(&self) -> &Plan {
        &self.plan
    }

    /// The organisation, as far as the user is concerned; with what could not be read.
    #[must_use]
    pub const fn reading(&self) -> &Reading {
        &self.reading
    }

    /// Writes down what is known, takes everything away, and looks whether it is gone. `progress` counts changes and then
    /// requests.
    ///
    /// # Errors
    ///
    /// [`OffboardError`] when what is known cannot be written: nothing was sent then, or everything. What happens at the
    /// service is in the outcomes.
    pub async fn carry_out<T: Transport>(
        &mut self,
        client: &LogMeOnce<T>,
        leavings: &Leavings,
        recipients: &Recipients,
        now: u64,
        progress: &dyn Progress,
    ) -> Result<Applied, OffboardError> {
        leavings.save(&self.leaving)?;
        // From here on the record has them, and a rotation offers this user nothing.
        recipients.forget_keys(recipients::Person {
            account: &self.leaving.account,
            user_id: self.leaving.user,
        })?;
        self.deactivate(client).await;
        let (user, organisation) = (self.leaving.user, &self.reading.organisation);
        let applied = org::apply_to_user(client, user, &self.plan, organisation, progress).await;
        if has_left(&applied) && self.leaving.left.is_none() {
            self.leaving.left = Some(now);
            leavings.save(&self.leaving)?;
        }
        Ok(applied)
    }

    /// Before anything else: what the user is tied to is of no use then. If that fails, the plan tries it again.
    async fn deactivate<T: Transport>(&mut self, client: &LogMeOnce<T>) {
        let user = self.leaving.user;
        if !self.plan.changes.contains(&Change::Deactivate { user }) {
            return;
        }
        let deactivated: Result<(), ClientError> = client.deactivate_user(user).await;
        if deactivated.is_ok()
            && let Some(person) = self.reading.organisation.users.get_mut(&user)
        {
            person.active = Some(false);
        }
    }
}

/// Whether everything is gone, and was seen to be.
fn has_left(applied: &Applied) -> bool {
    let is_done = |outcome: &Outcome| matches!(outcome, Outcome::Done | Outcome::Already);
    let is_whole = applied.after.as_ref().is_ok_and(|after| after.gaps.is_empty());
    is_whole && applied.outcomes.iter().all(is_done)
}

/// Everything that a user has to lose.
fn plan(reading: &Reading, user: u64, account: &str) -> Plan {
    let organisation = &reading.organisation;
    let is_active = organisation.users.get(&user).is_none_or(Person::may_be_active);
    let mut changes: Vec<Change> = is_active.then_some(Change::Deactivate { user }).into_iter().collect();
    for relation in [Relation::Membership, Relation::UserSite] {
        let ties = organisation
            .ties_of(relation)
            .filter(|(tie, _)| tie.user() == Some(user));
        changes.extend(ties.map(|(tie, rights)| Change::Untie { tie, rights }));
    }
    Plan {
        account: account.to_owned(),
        changes,
        limits: Vec::new(),
        existing: organisation.ties.len() + organisation.users.len(),
    }
}

/// What was known, with what is seen now. Somebody who had left and has something again leaves anew.
fn leaving(
    reading: &Reading,
    user: u64,
    account: &str,
    has_something: bool,
    known: Known<'_>,
    now: u64,
) -> Result<Leaving, OffboardError> {
    let names = Names::of(&reading.organisation);
    let before = known.leavings.find(account, user)?;
    let mut leaving = match before {
        Some(leaving) => leaving,
        None => Leaving::new(account, user, &names.name(Kind::User, user), now)?,
    };
    let is_back = has_something && leaving.left.is_some();
    if is_back {
        (leaving.begun, leaving.left) = (now, None);
    }
    let reached = reach::paths(&reading.organisation, user);
    let stored = known
        .contents
        .map(|contents| stored(contents, reached.keys().copied().collect()));
    let stored = stored.transpose()?.unwrap_or_default();
    for (id, paths) in reached {
        let name = names.name(Kind::Site, id);
        let site = stored.get(&id).and_then(Option::as_ref);
        let passwords = known
            .contents
            .zip(site)
            .map(|(contents, site)| leaving.passwords(site, contents));
        let place = leaving.sites.iter_mut().find(|site| site.id == id);
        match place {
            // What an earlier run saw is what the user knew.
            Some(site) if !is_back && site.is_followed() => {}
            Some(site) => *site = KnownSite::new(id, name, paths, passwords),
            None => leaving.sites.push(KnownSite::new(id, name, paths, passwords)),
        }
    }
    let person = recipients::Person { account, user_id: user };
    for key in known.recipients.keys_of(person)? {
        if !leaving.keys.contains(&key) {
            leaving.keys.push(key);
        }
    }
    Ok(leaving)
}

/// Of these sites, those that the local store has; `None` for one whose record is damaged.
fn stored(contents: &Contents, wanted: BTreeSet<u64>) -> Result<BTreeMap<u64, Option<Site>>, StoreError> {
    let (index, mut sites) = (contents.index(), BTreeMap::new());
    for entry in contents.entries(&index) {
        let entry = entry?;
        if wanted.contains(&entry.id) {
            sites.insert(entry.id, contents.site(&entry).ok());
        }
    }
    Ok(sites)
}
