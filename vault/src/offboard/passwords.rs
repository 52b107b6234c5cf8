//! The passwords of a site as digests: enough to see later whether one of them is still there.
//!
//! Ciphertexts alone would not do. Anyone who seals a site again, under a key that replaces a lost one for instance,
//! gives the same password a different ciphertext, and somebody who left still knows it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use zkvault_core::model::{Input, Site};
use zkvault_core::site::{Field, FieldKind, fields};
use zkvault_core::value::SiteKey;

use crate::vault::Contents;

/// What digests begin with.
const SEALED_PREFIX: &[u8] = b"zkvault.leaving.value.v1\0";
const TEXT_PREFIX: &[u8] = b"zkvault.leaving.text.v1\0";

/// Digests of one password, in base64.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Password {
    /// Of the ciphertext as it came.
    sealed: String,
    /// Of the text; `None` where no key opened it.
    text: Option<String>,
}

/// What became of passwords.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Compared {
    /// One of them is there.
    Same,
    /// None of them is.
    Different,
    /// Another ciphertext is there, and no key opened the old one or the new one.
    Unknown,
}

impl Password {
    /// Those of a site as it is in the store: its inputs of the type `password`, or all values where it has none.
    pub(super) fn of_site(site: &Site, contents: &Contents, salt: &str) -> Vec<Self> {
        let key = SiteKey::open(site.key.as_ref(), contents.keys());
        let text = |input: &Input| {
            let opened = contents.open_input(site.id, key.as_ref(), input, String::new());
            opened.ok().map(|opened| opened.text)
        };
        let digests = counted(site).filter_map(|input| {
            let value = input.value.as_ref().filter(|value| !value.is_empty())?;
            let text = text(input).map(|text| digest(TEXT_PREFIX, salt, text.expose_secret()));
            Some(Self {
                sealed: digest(SEALED_PREFIX, salt, value.as_str()),
                text,
            })
        });
        digests.collect()
    }

    /// Whether both are of one password; `None` where that cannot be known.
    fn is(&self, other: &Self) -> Option<bool> {
        match (&self.text, &other.text) {
            _ if self.sealed == other.sealed => Some(true),
            (Some(text), Some(other)) => Some(text == other),
            _ => None,
        }
    }
}

/// Whether any of the passwords that there were is among those that there are.
pub(super) fn compare(before: &[Password], now: &[Password]) -> Compared {
    let pairs = || now.iter().flat_map(|now| before.iter().map(|before| now.is(before)));
    if pairs().any(|same| same == Some(true)) {
        Compared::Same
    } else if pairs().all(|same| same == Some(false)) {
        Compared::Different
    } else {
        Compared::Unknown
    }
}

fn counted(site: &Site) -> impl Iterator<Item = &Input> {
    let is_password = |field: &Field<'_>| field.kind() == FieldKind::Password;
    let any = fields(site).any(|field| is_password(&field) && field.input.value.is_some());
    let counted = fields(site).filter(move |field| !any || is_password(field));
    counted.map(|field| field.input)
}

fn digest(prefix: &[u8], salt: &str, text: &str) -> String {
    let digest = Sha256::new()
        .chain_update(prefix)
        .chain_update(salt.as_bytes())
        .chain_update(text.as_bytes());
    STANDARD.encode(digest.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(sealed: &str, text: Option<&str>) -> Password {
        Password {
            sealed: digest(SEALED_PREFIX, "salt", sealed),
            text: text.map(|text| digest(TEXT_PREFIX, "salt", text)),
        }
    }

    #[test]
    fn a_password_is_the_same_by_its_ciphertext_or_its_text_and_different_only_if_both_opened() {
        let before = [password("a", Some("hunter2")), password("b", Some("swordfish"))];
        let compared = |now: &[Password]| compare(&before, now);
        assert_eq!(compared(&[password("c", Some("hunter3"))]), Compared::Different);
        assert_eq!(compared(&[]), Compared::Different);
        assert_eq!(
            compared(&[password("c", Some("new")), password("b", None)]),
            Compared::Same
        );
        assert_eq!(compared(&[password("c", Some("swordfish"))]), Compared::Same);
        assert_eq!(compared(&[password("c", None)]), Compared::Unknown);
        let unopened = [password("a", None)];
        assert_eq!(compare(&unopened, &[password("c", Some("new"))]), Compared::Unknown);
        assert_eq!(compare(&unopened, &[password("a", Some("new"))]), Compared::Same);
        assert_eq!(compare(&[], &[password("c", Some("new"))]), Compared::Different);
    }

    /// A text is no ciphertext, and digests of the same text under two salts have nothing in common.
    #[test]
    fn digests_differ_by_what_they_are_of_and_by_their_salt() {
        let all = [
            digest(SEALED_PREFIX, "salt", "text"),
            digest(TEXT_PREFIX, "salt", "text"),
            digest(TEXT_PREFIX, "tlas", "text"),
        ];
        assert!(all[0] != all[1] && all[1] != all[2] && all[0] != all[2]);
    }
}
