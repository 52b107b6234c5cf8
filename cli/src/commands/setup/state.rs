//! Which steps are done.

use zkvault::account::{Account, Service};
use zkvault_core::keyring::{KeyOrigin, Keyring};

use super::Step;
use crate::context::Context;
use crate::error::Result;
use crate::service::ServiceWords as _;
use crate::{agent, environment, key_source, keyring_file, passphrase};

/// What is there.
#[derive(Debug)]
pub(super) struct State {
    pub(super) keyring: bool,
    /// Unknown while the keyring is closed, as the next one.
    pub(super) account: Option<bool>,
    key: Option<bool>,
    pub(super) synced: bool,
    /// Whether the agent has the keyring's key.
    unlocked: bool,
}

impl State {
    /// The state, for which the keyring is opened.
    pub(super) fn of(context: &Context<'_>) -> Result<Self> {
        Self::with(context, true)
    }

    /// The state as far as it is known without a question.
    pub(super) fn without_asking(context: &Context<'_>) -> Result<Self> {
        Self::with(context, passphrase::is_given()?)
    }

    fn with(context: &Context<'_>, may_open: bool) -> Result<Self> {
        let profile = context.profile()?;
        let keyring = profile.keyring_path().exists();
        let opened = (keyring && may_open)
            .then(|| keyring_file::unlock(context))
            .transpose()?;
        let found = |find: fn(&Keyring) -> bool| match &opened {
            Some(opened) => Some(find(opened)),
            None if keyring => None,
            None => Some(false),
        };
        // The environment names an account by its API key, and a key by its file.
        let named = environment::text(&Service::Logmeonce.variable("KEY"))?.is_some();
        let has_file = !key_source::selected(&[]).is_empty();
        Ok(Self {
            keyring,
            account: if named { Some(true) } else { found(has_account) },
            key: if has_file { Some(true) } else { found(has_key) },
            synced: profile.store_path()?.exists(),
            unlocked: keyring && agent::entry_of(context).is_some(),
        })
    }

    pub(super) fn is_done(&self, step: Step) -> Option<bool> {
        match step {
            Step::Keyring => Some(self.keyring),
            Step::Account => self.account,
            Step::Key => self.key,
            Step::Sync => Some(self.synced),
            Step::Unlock => Some(self.unlocked),
        }
    }
}

fn has_account(keyring: &Keyring) -> bool {
    Account::of_keyring(Service::Logmeonce, keyring).is_ok()
}

/// A key from outside: those that were made here open nothing of an account that others use.
fn has_key(keyring: &Keyring) -> bool {
    keyring
        .keys()
        .iter()
        .any(|entry| entry.origin() != KeyOrigin::Generated)
}
