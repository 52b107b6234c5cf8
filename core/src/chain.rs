//! The keys of a chain of backups, which its person alone has (docs/spec/backup.md#chains).
//!
//! ```text
//! chain = sub("zkvault.personal.chain.v1", account)         seals records and file keys
//! names = sub("zkvault.personal.names.v1", account)         names the chain and its blobs
//! tag   = first 10 bytes of HMAC-SHA-256(names, context("zkvault.backup.tag.v1"))
//! blob  = "zkv-backup/" || base32(tag) || "/" || base32(first 20 bytes of
//!         HMAC-SHA-256(names, context("zkvault.backup.name.v2", revision))) || ".zkvb"
//! ```
//!
//! Colleagues have the same vault keys, so nothing of a backup is under one: a colleague could otherwise read it, or
//! make one that is believed (threat model, Z46). A storage sees how many chains there are and not whose, and
//! somebody who fills it with junk cannot guess a name that a chain will use (Z54).
//!
//! ```
//! use zkvault_core::account::AccountName;
//! use zkvault_core::backup::{ChainKey, ChainTag};
//! use zkvault_core::personal::PersonalKey;
//!
//! let account = AccountName::parse("acme.logmeonce.com")?;
//! let chain = ChainKey::derive(&PersonalKey::from_slice(&[1; 32])?, &account);
//! assert_eq!(chain.tag().to_string(), "enngyl6bu3nlp4yq");
//! let blob = chain.blob_name(7);
//! assert_eq!(blob, "zkv-backup/enngyl6bu3nlp4yq/brdsgudimwbft2i4pojjrbg62vfk52nl.zkvb");
//! assert_eq!(ChainTag::of_blob(&blob), Some(chain.tag()));
//! // The names are known beforehand: what else is in the folder is of somebody else.
//! assert!(chain.blob_names(10).any(|(name, revision)| (name, revision) == (blob.clone(), 7)));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use crate::account::AccountName;
use crate::base32::base32;
use crate::cobblestone::InputKey;
use crate::context::{Context, Label};
use crate::keyring::Keyring;
use crate::personal::{NameKey, PersonalKey};

/// What the names of all backups in a storage begin with.
pub const BACKUP_PREFIX: &str = "zkv-backup/";
const BACKUP_SUFFIX: &str = ".zkvb";
/// Bytes of a tag: 80 bits, 16 letters of base32.
pub(crate) const TAG_LEN: usize = 10;
/// Bytes of the HMAC in the name of a blob: 160 bits.
const NAME_LEN: usize = 20;

/// Names a chain of backups in a storage, and says nothing about whose it is.
///
/// 80 bits, 16 letters of base32: the tags of one person's chains have nothing in common. The order is that of the
/// bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainTag([u8; TAG_LEN]);

impl ChainTag {
    /// The folder of the chain's backups, with a slash at its end.
    #[must_use]
    pub fn folder(self) -> String {
        format!("{BACKUP_PREFIX}{self}/")
    }

    /// The chain in whose folder a blob lies.
    ///
    /// `None` for any other name. Anyone can put a blob into the folder: [`ChainKey::blob_names`] says which are of
    /// the chain.
    #[must_use]
    pub fn of_blob(blob: &str) -> Option<Self> {
        blob.strip_prefix(BACKUP_PREFIX)?.split_once('/')?.0.parse().ok()
    }

    pub(crate) const fn from_bytes(bytes: [u8; TAG_LEN]) -> Self {
        Self(bytes)
    }

    pub(crate) const fn to_bytes(self) -> [u8; TAG_LEN] {
        self.0
    }
}

/// Writes the 16 letters.
impl fmt::Display for ChainTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base32(&self.0))
    }
}

/// Reads what `Display` writes, and nothing else.
///
/// Upper case is refused: as the name of a folder it would be a different one.
impl FromStr for ChainTag {
    type Err = ChainTagError;

    fn from_str(text: &str) -> Result<Self, ChainTagError> {
        let mut bits: u128 = 0;
        for letter in text.bytes() {
            let value = match letter {
                b'a'..=b'z' => letter - b'a',
                b'2'..=b'7' => letter - b'2' + 26,
                _ => return Err(ChainTagError),
            };
            bits = bits << 5 | u128::from(value);
        }
        let [.., a, b, c, d, e, f, g, h, i, j] = bits.to_be_bytes();
        match text.len() == TAG_LEN * 8 / 5 {
            true => Ok(Self([a, b, c, d, e, f, g, h, i, j])),
            false => Err(ChainTagError),
        }
    }
}

/// A text is not the tag of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the tag of a chain has 16 characters: a to z and 2 to 7")]
pub struct ChainTagError;

/// The keys of one chain: of an account, under one personal key.
///
/// Both derived keys are wiped when it is dropped. It is shared by `Arc`, as in [`Chains`], and never written
/// anywhere: the personal key in the keyring derives it again.
pub struct ChainKey {
    account: AccountName,
    tag: ChainTag,
    is_former: bool,
    input_key: InputKey,
    names: NameKey,
}

impl ChainKey {
    /// `chain = sub("zkvault.personal.chain.v1", account)`, `names = sub("zkvault.personal.names.v1", account)`, and
    /// `tag = first 10 bytes of HMAC-SHA-256(names, context("zkvault.backup.tag.v1"))`. The chain of the
    /// personal key that is in use; see [`former`](Self::former).
    #[must_use]
    pub fn derive(personal: &PersonalKey, account: &AccountName) -> Self {
        let of_account = |label| Context::new(label).text(account.as_str());
        let names = personal.subkey(&of_account(Label::PersonalNamesV1)).name_key();
        let [a, b, c, d, e, f, g, h, i, j, ..] = names.name(&Context::new(Label::BackupTagV1));
        Self {
            account: account.clone(),
            tag: ChainTag([a, b, c, d, e, f, g, h, i, j]),
            is_former: false,
            input_key: personal.subkey(&of_account(Label::PersonalChainV1)).input_key(),
            names,
        }
    }

    /// As the chain of a former personal key, which is read and made shorter, and never made longer.
    ///
    /// A program makes no backup with it; [`is_former`](Self::is_former) is what it asks.
    #[must_use]
    pub fn former(self) -> Self {
        Self {
            is_former: true,
            ..self
        }
    }

    /// The account whose backups these are.
    #[must_use]
    pub fn account(&self) -> &AccountName {
        &self.account
    }

    /// The chain's name in the storage.
    #[must_use]
    pub fn tag(&self) -> ChainTag {
        self.tag
    }

    /// Whether it is under a personal key that a newer one replaced.
    #[must_use]
    pub fn is_former(&self) -> bool {
        self.is_former
    }

    /// The blob of the backup of a revision: two devices that make one at the same time meet at the same name, and nobody
    /// else can tell which names a chain will have.
    ///
    /// 65 ASCII characters. The name depends on the revision alone, so that `If-None-Match: *` lets one of two
    /// devices win.
    #[must_use]
    pub fn blob_name(&self, revision: u64) -> String {
        let name = self.names.name(&Context::new(Label::BackupNameV2).integer(revision));
        let name = base32(name.get(..NAME_LEN).unwrap_or_default());
        format!("{}{name}{BACKUP_SUFFIX}", self.tag.folder())
    }

    /// The names that its backups up to a revision have, and no others: whatever else lies in the folder is of somebody else.
    ///
    /// One HMAC for each name, made when it is asked for.
    pub fn blob_names(&self, last: u64) -> impl Iterator<Item = (String, u64)> {
        (1..=last).map(|revision| (self.blob_name(revision), revision))
    }

    pub(crate) fn input_key(&self) -> &InputKey {
        &self.input_key
    }
}

impl fmt::Debug for ChainKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            account,
            tag,
            is_former,
            input_key: _,
            names: _,
        } = self;
        f.debug_struct("ChainKey")
            .field("account", account)
            .field("tag", tag)
            .field("is_former", is_former)
            .finish_non_exhaustive()
    }
}

/// The chains that a keyring has: for each account that of the personal key in use first, then those of the former ones.
///
/// For a restore, which finds in a listing the folders that are the person's own.
#[derive(Debug, Clone, Default)]
pub struct Chains(Vec<Arc<ChainKey>>);

impl Chains {
    /// Those of every account of a keyring.
    #[must_use]
    pub fn of_keyring(keyring: &Keyring) -> Self {
        let accounts = keyring.accounts().iter();
        Self(
            accounts
                .flat_map(|account| Self::of_account(keyring, account).0)
                .collect(),
        )
    }

    /// Those of one account, which need not have backups yet.
    #[must_use]
    pub fn of_account(keyring: &Keyring, account: &AccountName) -> Self {
        let keys = keyring.personal_keys().iter().enumerate();
        let chains = keys.map(|(place, key)| {
            let chain = ChainKey::derive(key, account);
            Arc::new(if place == 0 { chain } else { chain.former() })
        });
        Self(chains.collect())
    }

    /// Every chain.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<ChainKey>> {
        self.0.iter()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The chain with that tag.
    #[must_use]
    pub fn find(&self, tag: ChainTag) -> Option<&Arc<ChainKey>> {
        self.0.iter().find(|chain| chain.tag == tag)
    }

    /// Those of the account that the chain with that tag is of.
    ///
    /// Empty when no chain has the tag.
    #[must_use]
    pub fn beside(&self, tag: ChainTag) -> Self {
        let account = self.find(tag).map(|chain| &chain.account);
        Self(
            self.0
                .iter()
                .filter(|chain| Some(&chain.account) == account)
                .cloned()
                .collect(),
        )
    }

    /// How old the personal key of a chain is: 0 for the one in use. `None` for a chain that is not here.
    ///
    /// The age of a chain in the sense of [`is_superseded`](crate::backup::is_superseded).
    #[must_use]
    pub fn generation(&self, tag: ChainTag) -> Option<usize> {
        let account = &self.find(tag)?.account;
        self.0
            .iter()
            .filter(|chain| chain.account == *account)
            .position(|chain| chain.tag == tag)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> PersonalKey {
        PersonalKey::from_slice(&[byte; 32]).unwrap()
    }

    fn account(name: &str) -> AccountName {
        AccountName::parse(name).unwrap()
    }

    #[test]
    fn a_tag_has_one_text() {
        let tag = ChainKey::derive(&key(1), &account("acme.logmeonce.com")).tag();
        assert_eq!(tag.to_string().parse(), Ok(tag));
        assert_eq!(ChainTag::of_blob(&format!("{}x.zkvb", tag.folder())), Some(tag));
        let text = tag.to_string();
        for wrong in [
            "",
            &text[1..],
            &text.to_uppercase(),
            &format!("{text}a"),
            "aaaaaaaaaaaaaaa1",
        ] {
            assert_eq!(wrong.parse::<ChainTag>(), Err(ChainTagError), "{wrong:?}");
        }
        for wrong in ["zkv-backup/x.zkvb", "zkv-backup/short/x", "elsewhere/x"] {
            assert_eq!(ChainTag::of_blob(wrong), None, "{wrong}");
        }
    }

    /// Computed with Python's hmac and base64 modules (docs/spec/backup.md has them as well).
    #[test]
    fn tags_and_names_are_the_specified_ones() {
        let chain = ChainKey::derive(&key(1), &account("acme.logmeonce.com"));
        assert_eq!(chain.tag().to_string(), TAG);
        assert_eq!(chain.blob_name(7), NAME_OF_7);
    }

    const TAG: &str = "enngyl6bu3nlp4yq";
    const NAME_OF_7: &str = "zkv-backup/enngyl6bu3nlp4yq/brdsgudimwbft2i4pojjrbg62vfk52nl.zkvb";

    #[test]
    fn each_account_and_each_personal_key_has_a_chain_of_its_own() {
        let names: std::collections::HashSet<_> = [1, 2]
            .iter()
            .flat_map(|byte| ["a.example", "b.example"].map(|name| (*byte, name)))
            .flat_map(|(byte, name)| {
                let chain = ChainKey::derive(&key(byte), &account(name));
                [chain.blob_name(1), chain.blob_name(2), chain.tag().to_string()]
            })
            .collect();
        assert_eq!(names.len(), 12);
    }

    #[test]
    fn a_chain_shows_no_key() {
        let chain = ChainKey::derive(&key(1), &account("a.example")).former();
        let shown = format!("{chain:?}");
        assert!(shown.ends_with("is_former: true, .. }"), "{shown}");
    }
}
