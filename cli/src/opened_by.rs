//! Which key opened a file, in words; and the files that are refused because of it.

use std::collections::BTreeMap;

use zkvault::repository::{RepositoryKey, RepositoryKeys};
use zkvault::transfer::OpenedBy;
use zkvault_core::key::{KeyFingerprint, KeySet};
use zkvault_core::keyring::Keyring;

use crate::args::RequireKey;
use crate::error::{CliError, Exit, Result};
use crate::keychain;
use crate::output::{Output, escaped};

/// Which key has to open a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Required {
    /// Any, and the identity as well.
    Nothing,
    /// A vault key that is not retired.
    Active,
    /// This key.
    Key(KeyFingerprint),
}

impl Required {
    /// What the command line says; `keyring` is none where the keys come from files.
    pub(crate) fn new(args: &RequireKey, keyring: Option<&Keyring>) -> Result<Self> {
        match (&args.require_key, keyring) {
            (None, _) => Ok(Self::Nothing),
            (Some(None), _) => Ok(Self::Active),
            (Some(Some(name)), Some(keyring)) => {
                let entry = keychain::find(keyring, Some(name))?;
                Ok(Self::Key(entry.key().fingerprint()))
            }
            (Some(Some(_)), None) => {
                let refused = CliError::usage("--require-key names a key of the keyring, and the keys come from files");
                Err(refused.hint("give --require-key alone: no other key than that of the file opens anything"))
            }
        }
    }

    /// Of these keys those that may open the file.
    pub(crate) fn among(self, keys: &KeySet) -> KeySet {
        let mut allowed = KeySet::new();
        for member in keys.members() {
            if self.allows(member.key.fingerprint(), member.is_retired) {
                allowed.add_member(member.clone());
            }
        }
        allowed
    }

    /// The same of the keys of a repository.
    pub(crate) fn among_keys_of(self, keys: &RepositoryKeys) -> RepositoryKeys {
        keys.only(|key: &RepositoryKey| self.allows(key.key().fingerprint(), key.is_retired()))
    }

    fn allows(self, key: KeyFingerprint, is_retired: bool) -> bool {
        match self {
            Self::Nothing => true,
            Self::Active => !is_retired,
            Self::Key(required) => required == key,
        }
    }

    /// A file that is there, and that none of the required keys opens.
    pub(crate) fn refused(self, what: &str) -> CliError {
        let cause = match self {
            Self::Key(_) => "it is not under the key of --require-key",
            Self::Nothing | Self::Active => "it is not under an active vault key, as --require-key demands",
        };
        CliError::new(Exit::Integrity, "required-key", format!("{what} was refused")).cause(cause)
    }
}

/// A key as a person knows it.
pub(crate) fn name(by: &OpenedBy) -> String {
    match by {
        OpenedBy::VaultKey {
            label: Some(label),
            state,
            ..
        } => format!("the {state} key {label:?}"),
        OpenedBy::VaultKey { key_id, .. } => format!("the key {key_id} of a key file"),
        OpenedBy::Identity => "your identity".to_owned(),
        OpenedBy::Chain => "the key of a chain of backups".to_owned(),
    }
}

/// Says which key opened a file, and warns where that proves little.
pub(crate) fn report(output: Output, by: &OpenedBy) {
    output.note(&escaped(&format!("decrypted with {}", name(by))));
    match by {
        OpenedBy::Identity => {
            output.warning("it proves no sender: anyone who knows your public identity can have made this file");
        }
        by if by.is_retired() => {
            output.warning("the key is retired: anyone who kept it can have made or changed this file");
        }
        OpenedBy::VaultKey { .. } | OpenedBy::Chain => {}
    }
}

/// The same for several files of a repository.
pub(crate) fn report_all<'a>(output: Output, files: impl Iterator<Item = &'a OpenedBy>) {
    let mut counts: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for by in files {
        let count = counts.entry(name(by)).or_insert((0, by.is_retired()));
        count.0 += 1;
    }
    for (name, (count, is_retired)) in counts {
        let files = match count {
            1 => "1 file".to_owned(),
            count => format!("{count} files"),
        };
        output.note(&escaped(&format!("{files} decrypted with {name}")));
        if is_retired {
            let warning = format!("only {name} opens {files}: anyone who kept it can have made or changed them");
            output.warning(&escaped(&warning));
        }
    }
}
