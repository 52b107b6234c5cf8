//! The accounts in a keyring that have chains of backups.
//!
//! An account is added before its first backup is made, so that the keyring that lies in a backup names the account's
//! chains: a fresh machine then looks at those folders of a storage and at no others
//! (docs/spec/backup.md#fresh-machines).

use crate::account::AccountName;

/// The most accounts in a keyring.
pub const MAX_ACCOUNTS: usize = 64;

/// Up to 64 accounts, no two the same, in the order in which they were added. A keyring that comes out of a backup knows by
/// them which chains it has.
///
/// ```
/// # use zkvault_core::SecretText;
/// # use zkvault_core::kdf::KdfParams;
/// # use zkvault_core::keyring::Keyring;
/// use zkvault_core::account::AccountName;
/// use zkvault_core::backup::Chains;
///
/// # let passphrase = SecretText::from(String::from("clamp juror onyx"));
/// # let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
/// let account = AccountName::parse("acme.logmeonce.com")?;
/// keyring.accounts_mut().add(account.clone())?;
/// keyring.accounts_mut().add(account.clone())?;
/// assert_eq!(keyring.accounts().iter().collect::<Vec<_>>(), [&account], "once");
/// // One chain for each personal key: after a renewal there is a former one.
/// keyring.renew_personal_key()?;
/// let chains = Chains::of_keyring(&keyring);
/// assert_eq!(chains.iter().map(|chain| chain.is_former()).collect::<Vec<_>>(), [false, true]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Accounts(Vec<AccountName>);

impl Accounts {
    /// Every account.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &AccountName> {
        self.0.iter()
    }

    /// Whether this account is there.
    #[must_use]
    pub fn contains(&self, account: &AccountName) -> bool {
        self.0.contains(account)
    }

    /// Adds an account, unless it is there.
    ///
    /// # Errors
    /// [`AccountsFull`] when there are 64 others.
    pub fn add(&mut self, account: AccountName) -> Result<(), AccountsFull> {
        if self.contains(&account) {
            return Ok(());
        }
        if self.0.len() >= MAX_ACCOUNTS {
            return Err(AccountsFull);
        }
        self.0.push(account);
        Ok(())
    }

    /// Whether those that only `other` has fit in as well.
    pub(super) fn fits(&self, other: &Self) -> bool {
        let more = other.0.iter().filter(|account| !self.contains(account)).count();
        self.0.len() + more <= MAX_ACCOUNTS
    }
}

/// An account was not added.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the keyring has {MAX_ACCOUNTS} accounts, and takes no more")]
pub struct AccountsFull;
