//! Takes the keyring that came along with a backup into the one that is here.
//!
//! For two devices that each made keys: neither copy of the keyring has all of them. The merge is core's; a key that is
//! retired in one copy is retired afterwards (threat model, Z56). The test for a copy is a personal key that both have,
//! which no colleague has.

use zkvault_core::key::KeyFingerprint;
use zkvault_core::keyring::{Keyring, LineConflict};

use super::Result;
use super::error::BackupError;

/// What a keyring got from another copy of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pulled {
    /// Vault keys that were not here.
    pub keys: usize,
    /// Keys that are retired now and were not.
    pub retired: usize,
    /// Personal keys that were not here.
    pub personal_keys: usize,
    /// Accounts that were not here.
    pub accounts: usize,
}

/// Merges another copy of a keyring into it. `decide` is asked what a key replaces where the copies differ. The keyring has
/// to be saved afterwards; on an error nothing has changed.
///
/// # Errors
///
/// [`BackupError::OtherKeyring`] when it is no copy of this one, and [`BackupError::NotMerged`].
pub fn pull(
    keyring: &mut Keyring,
    theirs: Keyring,
    decide: impl FnMut(&LineConflict<'_>) -> KeyFingerprint,
) -> Result<Pulled> {
    let is_a_copy = |key| theirs.personal_keys().iter().any(|other| other == key);
    if !keyring.personal_keys().iter().any(is_a_copy) {
        return Err(BackupError::OtherKeyring);
    }
    let counts = |keyring: &Keyring| {
        let retired = keyring.keys().iter().filter(|entry| entry.retired().is_some()).count();
        let keys = keyring.keys().iter().count();
        [
            keys,
            retired,
            keyring.personal_keys().len(),
            keyring.accounts().iter().count(),
        ]
    };
    let before = counts(keyring);
    keyring.merge(theirs, decide).map_err(BackupError::NotMerged)?;
    let after = counts(keyring);
    let more = |at: usize| {
        let of = |counts: &[usize; 4]| counts.get(at).copied().unwrap_or_default();
        of(&after).saturating_sub(of(&before))
    };
    Ok(Pulled {
        keys: more(0),
        retired: more(1),
        personal_keys: more(2),
        accounts: more(3),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cheap::keyring;

    /// The tag of a chain and a passphrase are all that it takes to get at a keyring of somebody else.
    #[test]
    fn a_keyring_without_a_personal_key_of_this_one_is_no_copy() {
        let mut keyring = keyring();
        let refused = pull(&mut keyring, crate::cheap::keyring(), |conflict| conflict.newer);
        assert!(matches!(refused, Err(BackupError::OtherKeyring)));
        assert_eq!((keyring.keys().len(), keyring.personal_keys().len()), (1, 1));
    }
}
