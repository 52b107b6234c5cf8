//! Whether users may log in: activation, and the passwords of the password grant.

use serde_json::Value;

use super::{Kind, Organisation};

/// What the service knows of a user besides the document.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Account {
    activated_before: bool,
    activation_key: Option<String>,
    password: Option<String>,
}

impl Account {
    pub(super) fn new(activated_before: bool) -> Self {
        Self {
            activated_before,
            ..Self::default()
        }
    }
}

/// A user was not activated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActivateError {
    /// There is no such user.
    #[error("there is no such user")]
    UnknownUser,
    /// The first activation needs the encryption key.
    #[error("the user was never activated: the encryption key is needed")]
    KeyNeeded,
    /// The user was activated before, so the key would replace a different one.
    #[error("the user was activated before: there is a key already")]
    KeyKnown,
}

impl Organisation {
    /// Activates a user. The first time with the encryption key, later without. An active user stays active.
    ///
    /// # Errors
    /// [`ActivateError`] when the key is missing or one too many, or there is no such user.
    pub fn activate(&mut self, user: u64, key: Option<&str>) -> Result<(), ActivateError> {
        let account = self.accounts.get_mut(&user).ok_or(ActivateError::UnknownUser)?;
        match (account.activated_before, key) {
            (false, None) => return Err(ActivateError::KeyNeeded),
            (true, Some(_)) => return Err(ActivateError::KeyKnown),
            (true, None) => {}
            (false, Some(key)) => {
                account.activated_before = true;
                account.activation_key = Some(key.to_owned());
            }
        }
        self.set_active(user, true);
        Ok(())
    }

    /// Deactivates a user. Whether there is such a user.
    pub fn deactivate(&mut self, user: u64) -> bool {
        self.set_active(user, false)
    }

    fn set_active(&mut self, user: u64, active: bool) -> bool {
        let document = self.get_mut(Kind::User, user);
        document
            .map(|document| document.insert("active".to_owned(), Value::Bool(active)))
            .is_some()
    }

    /// The encryption key that a user was activated with, as it was sent. This is where the user's side gets it.
    #[must_use]
    pub fn activation_key(&self, user: u64) -> Option<&str> {
        self.accounts.get(&user)?.activation_key.as_deref()
    }

    /// Lets a user log in with the password grant.
    pub fn set_password(&mut self, user: u64, password: &str) {
        if let Some(account) = self.accounts.get_mut(&user) {
            account.password = Some(password.to_owned());
        }
    }

    /// Whether an active user has this name and password.
    pub(crate) fn logs_in(&self, username: &str, password: &str) -> bool {
        let mut users = self.all(Kind::User);
        users.any(|(id, user)| {
            let known = self.accounts.get(&id).and_then(|account| account.password.as_deref());
            let text = |member| user.get(member).and_then(Value::as_str);
            let active = user.get("active") == Some(&Value::Bool(true));
            active && known == Some(password) && text("username") == Some(username)
        })
    }
}
