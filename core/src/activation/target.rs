//! For whom an activation is: a user of one account.
//!
//! The number alone would not do: with one vault key for two accounts, an administrator of one account could have an
//! activation opened by the user of the same number in the other.

use crate::account::{AccountName, AccountNameError};
use crate::context::{Context, Label};

/// The user who is activated, and the account where that happens.
///
/// Both ends must name the same ones. An account has one name, however its address is written, so that a difference in
/// writing does not make the wrap unreadable.
///
/// ```
/// use zkvault_core::activation::ActivationTarget;
///
/// let target = ActivationTarget::new("Acme.LogMeOnce.com/rest/", 42)?;
/// assert_eq!(target, ActivationTarget::new("acme.logmeonce.com", 42)?);
/// assert_eq!((target.account(), target.user_id()), ("acme.logmeonce.com", 42));
/// assert!(ActivationTarget::new("https://acme.logmeonce.com", 42).is_err(), "a name, not an address");
/// # Ok::<(), zkvault_core::account::AccountNameError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivationTarget {
    account: AccountName,
    user_id: u64,
}

impl ActivationTarget {
    /// A target from the name of an account, which is its host, and its port and path where they are not the usual ones;
    /// and from the API's number of the user. International names are given in their ASCII form and IPv6 addresses in
    /// brackets, as every URL parser returns them.
    ///
    /// # Errors
    /// [`AccountNameError`] when that is no account.
    pub fn new(account: &str, user_id: u64) -> Result<Self, AccountNameError> {
        let account = AccountName::parse(account)?;
        Ok(Self { account, user_id })
    }

    /// The account's name.
    #[must_use]
    pub fn account(&self) -> &str {
        self.account.as_str()
    }

    /// The API's number of the user.
    #[must_use]
    pub fn user_id(&self) -> u64 {
        self.user_id
    }

    /// `context("zkvault.activation.v1", account, user id)`: the `info` of HPKE, and what is derived and sealed with
    /// a code.
    pub(super) fn context(&self) -> Context {
        Context::new(Label::ActivationV1)
            .text(self.account())
            .integer(self.user_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_account_has_one_name() {
        let plain = ActivationTarget::new("api.example.com", 7).unwrap();
        for written in ["API.Example.COM", "api.example.com.", "api.example.com/rest/"] {
            assert_eq!(ActivationTarget::new(written, 7), Ok(plain.clone()), "{written}");
        }
        assert_eq!((plain.account(), plain.user_id()), ("api.example.com", 7));
        for written in ["[2001:db8::A]:8443/x/", "[2001:0db8:0:0:0:0:0:a]:8443/x"] {
            assert_eq!(
                ActivationTarget::new(written, 7).unwrap().account(),
                "[2001:db8::a]:8443/x",
                "{written}"
            );
        }
    }

    #[test]
    fn the_context_is_the_specified_one() {
        let context = ActivationTarget::new("a.example", 7).unwrap().context();
        let expected = b"zkvault.activation.v1\0\0\0\0\x09a.example\0\0\0\x08\0\0\0\0\0\0\0\x07";
        assert_eq!(context.as_bytes(), expected);
    }

    #[test]
    fn account_and_user_both_count() {
        let context = |account, user| ActivationTarget::new(account, user).unwrap().context();
        for other in ["b.example", "a.example:8443", "a.example/b", "a.example:8443/b"] {
            assert_ne!(context("a.example", 1), context(other, 1), "{other}");
        }
        assert_ne!(context("a.example", 1), context("a.example", 2));
    }
}
