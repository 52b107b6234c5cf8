//! What a pin knows that the site it was made of does not say, for a store that keeps the site anyway
//! (docs/spec/store.md): whether it is gone, what the keys said about its values, and its earlier values.
//!
//! ```text
//! history = flags(1) || value for the site's key, if it has one || value for each input || earlier digest(32), the oldest first …
//! flags     bit 0: the site is gone; bit 1: a person follows it; the others are zero
//! value   = 0 none | 1 unknown | 2 opened || fingerprint(16) of the key | 3 failed
//!         | 4 opened in a layout that does not authenticate || fingerprint(16)
//!         | 5 the site's key opened under a group's || fingerprint(16) of the root || u64be(group) || digest(32) of its key
//! ```
//!
//! A pin without its history is the site itself, so that a store which keeps the trusted copy needs only these few
//! bytes: one of flags and one for each input, 16 more where a key opened its value, and 32 for each value that was
//! replaced.

use super::pin::{Check, Pin, PinnedInput, ValueForm, earlier_limit, inputs_of};
use crate::digest::ValueDigest;
use crate::document::MAX_INPUTS;
use crate::key::{GroupId, KeyFingerprint};
use crate::model::{SealedValue, Site};
use crate::value::Version;

const DIGEST_LEN: usize = 32;
const FINGERPRINT_LEN: usize = 16;
const GONE: u8 = 1;
const FOLLOWED: u8 = 2;

impl Pin {
    /// Its history, which [`Self::restore`] takes together with the site that the pin was last moved to.
    ///
    /// ```
    /// use zkvault_core::key::KeySet;
    /// use zkvault_core::model::Site;
    /// use zkvault_core::trust::{Pin, PinSet};
    ///
    /// let site: Site = serde_json::from_str(r#"{"id":7,"name":"Mail","login":{"inputs":[{"name":"pw"}]}}"#)?;
    /// let mut pins = PinSet::new();
    /// pins.accept(&site, &KeySet::new())?;
    /// pins.follow(7, true)?;
    /// let pin = pins.get(7).ok_or("it was accepted")?;
    /// let history = pin.history();
    /// assert_eq!(history, [2, 0], "followed, and one input without a value");
    /// assert_eq!(Pin::restore(&site, &history)?, *pin);
    /// // It belongs to this site alone.
    /// let other: Site = serde_json::from_str(r#"{"id":7,"name":"Mail"}"#)?;
    /// assert!(Pin::restore(&other, &history).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn history(&self) -> Vec<u8> {
        let flag = |is_set: bool, flag: u8| if is_set { flag } else { 0 };
        let mut history = vec![flag(self.0.gone, GONE) | flag(self.0.follow, FOLLOWED)];
        if let Some(key) = self.0.key {
            history.push(match (key.root, key.group) {
                (None, _) => 1,
                (Some(_), None) => 2,
                (Some(_), Some(_)) => 5,
            });
            history.extend(key.root.map(KeyFingerprint::to_bytes).into_iter().flatten());
            if let Some(GroupId { id, digest }) = key.group {
                history.extend(id.to_be_bytes());
                history.extend(digest.to_bytes());
            }
        }
        for input in &self.0.inputs {
            history.push(check_byte(input));
            history.extend(input.key().map(KeyFingerprint::to_bytes).into_iter().flatten());
        }
        history.extend(self.0.earlier.iter().flat_map(|digest| digest.to_bytes()));
        history
    }

    /// Whether a pin with this history is followed: known without the site.
    #[must_use]
    pub fn history_is_followed(history: &[u8]) -> bool {
        history.first().is_some_and(|flags| flags & FOLLOWED != 0)
    }

    /// Whether nothing is left to compare at `site`, which is, to the letter, the one that the pin with this history was
    /// last moved to: [`restore`](Self::restore) would take the history, an assessment with whatever keys would find
    /// nothing by this site alone, and the pin would stay as it is
    /// (`a_settled_site_is_one_at_which_nothing_is_found`).
    ///
    /// What could depend on the keys is never settled: a site with a key of its own, and a value that no key opened
    /// before. Nor is a site that is gone.
    #[must_use]
    pub fn is_settled(site: &Site, history: &[u8]) -> bool {
        let inputs = inputs_of(site);
        let Some((flags, mut rest)) = history.split_first() else {
            return false;
        };
        if flags & !FOLLOWED != 0 || site.key.is_some() || inputs.len() > MAX_INPUTS {
            return false;
        }
        for input in inputs {
            match settled_value(input.value.as_ref(), rest) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        let is_short = || rest.len() <= DIGEST_LEN * earlier_limit(inputs.len());
        rest.is_empty() || (is_short() && Self::restore(site, history).is_ok())
    }

    /// The pin of `site`, the one that it was last moved to.
    ///
    /// # Errors
    /// [`HistoryError`] when it has another number of inputs, a flag or a byte that is unknown, a digest that is cut,
    /// or contradicts itself, as a value that was opened and is none.
    pub fn restore(site: &Site, history: &[u8]) -> Result<Self, HistoryError> {
        let mut pin = Self::observe(site).ok_or(HistoryError)?;
        let (flags, mut rest) = history.split_first().ok_or(HistoryError)?;
        if flags & !(GONE | FOLLOWED) != 0 {
            return Err(HistoryError);
        }
        (pin.0.gone, pin.0.follow) = (flags & GONE != 0, flags & FOLLOWED != 0);
        if let Some(key) = &mut pin.0.key {
            (key.root, key.group, rest) = read_root(rest)?;
        }
        for input in &mut pin.0.inputs {
            rest = set_check(input, rest)?;
        }
        let (earlier, nothing) = rest.as_chunks::<DIGEST_LEN>();
        pin.0.earlier = earlier.iter().copied().map(ValueDigest::from_bytes).collect();
        match nothing.is_empty() && pin.is_consistent() {
            true => Ok(pin),
            false => Err(HistoryError),
        }
    }
}

/// What follows in a history behind the check of this value, if a key said something about the value that stays.
fn settled_value<'a>(value: Option<&SealedValue>, history: &'a [u8]) -> Option<&'a [u8]> {
    let (check, rest) = history.split_first()?;
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return (*check == 0).then_some(rest);
    };
    let (version, after_key) = (value.envelope().ok()?.version(), rest.get(FINGERPRINT_LEN..));
    match (check, version) {
        (2, _) | (4, Version::Vendor) => after_key,
        (3, Version::Bound) => Some(rest),
        _ => None,
    }
}

fn check_byte(input: &PinnedInput) -> u8 {
    match input.value.map(|value| (value.check, value.form)) {
        None => 0,
        Some((Check::Unknown, _)) => 1,
        Some((Check::Opened, ValueForm::VendorUnauthenticated)) => 4,
        Some((Check::Opened, _)) => 2,
        Some((Check::Failed, _)) => 3,
    }
}

type Root<'a> = (Option<KeyFingerprint>, Option<GroupId>, &'a [u8]);

/// Reads which key opened the site's own, and returns the rest.
fn read_root(history: &[u8]) -> Result<Root<'_>, HistoryError> {
    let (byte, rest) = history.split_first().ok_or(HistoryError)?;
    if *byte == 1 {
        return Ok((None, None, rest));
    }
    let (key, rest) = rest.split_first_chunk().ok_or(HistoryError)?;
    let key = Some(KeyFingerprint::from_bytes(*key));
    match byte {
        2 => Ok((key, None, rest)),
        5 => {
            let (id, rest) = rest.split_first_chunk().ok_or(HistoryError)?;
            let (digest, rest) = rest.split_first_chunk().ok_or(HistoryError)?;
            let (id, digest) = (u64::from_be_bytes(*id), ValueDigest::from_bytes(*digest));
            Ok((key, Some(GroupId { id, digest }), rest))
        }
        _ => Err(HistoryError),
    }
}

/// Reads what the keys said about one value, and returns the rest.
///
/// An input without a value has the byte 0, and every other byte needs one.
fn set_check<'a>(input: &mut PinnedInput, history: &'a [u8]) -> Result<&'a [u8], HistoryError> {
    let (byte, rest) = history.split_first().ok_or(HistoryError)?;
    let (key, rest) = match byte {
        2 | 4 => rest
            .split_first_chunk()
            .map(|(key, rest)| (Some(*key), rest))
            .ok_or(HistoryError)?,
        _ => (None, rest),
    };
    let (value, check) = match (&mut input.value, byte) {
        (None, 0) => return Ok(rest),
        (Some(value), 1) => (value, Check::Unknown),
        (Some(value), 2) => (value, Check::Opened),
        (Some(value), 4) if value.form == ValueForm::Vendor => {
            value.form = ValueForm::VendorUnauthenticated;
            (value, Check::Opened)
        }
        (Some(value), 3) => (value, Check::Failed),
        _ => return Err(HistoryError),
    };
    (value.check, value.key) = (check, key.map(KeyFingerprint::from_bytes));
    Ok(rest)
}

/// A history does not belong to the site.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the history of a pin does not belong to its site")]
pub struct HistoryError;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::VaultKey;
    use crate::value::{ValueContext, seal_bound};

    fn site(json: &str) -> Site {
        serde_json::from_str(json).unwrap()
    }

    const SITE: &str = r#"{"id":7,"login":{"inputs":[{"name":"a","value":"x"},{"name":"b"}]}}"#;

    #[test]
    fn only_a_history_of_the_site_is_taken() {
        let site = site(SITE);
        let digest = [9; 32];
        let long = |bytes: &[u8], digests: usize| [bytes, &digest.repeat(digests)].concat();
        for good in [
            long(&[0, 1, 0], 0),
            long(&[1, 1, 0], 0),
            long(&[1, 1, 0], 1),
            long(&[2, 1, 0], 0),
            long(&[3, 1, 0], 1),
        ] {
            assert_eq!(Pin::restore(&site, &good).unwrap().history(), good);
        }
        let own = Pin::observe(&site).unwrap().0.inputs[0].digest().unwrap().to_bytes();
        // A malformed value may be earlier and present: it is nobody's ciphertext.
        assert!(Pin::restore(&site, &long(&[0, 1, 0], 0)).is_ok());
        let bad = [
            ("empty", vec![]),
            ("checks missing", vec![0, 1]),
            ("no such flag", vec![4, 1, 0]),
            ("a value without a check", vec![0, 0, 0]),
            ("a check without a value", vec![0, 1, 1]),
            ("a malformed value that opened", [&[0, 2][..], &[9; 16], &[0]].concat()),
            ("no such check", vec![0, 4, 0]),
            ("half a digest", vec![0, 1, 0, 9]),
            ("a digest twice", long(&[0, 1, 0], 2)),
        ];
        for (fault, history) in bad {
            assert_eq!(Pin::restore(&site, &history), Err(HistoryError), "{fault}");
        }
        assert!(Pin::restore(&site, &[&[0, 1, 0][..], &own].concat()).is_ok());
    }

    /// Also that a person accepted a bound value that does not open: forgotten, it would count as never tried.
    #[test]
    fn what_the_keys_said_comes_back() {
        let context = ValueContext {
            site_id: 7,
            input_type: "password",
            input_name: "a",
        };
        let value = seal_bound(&VaultKey::from_slice(&[1; 32]).unwrap(), &context, "x").unwrap();
        let site = site(&SITE.replace("\"x\"", &format!("{value:?}")));
        let opened = [&[0, 2][..], &[9; 16], &[0]].concat();
        let histories = [
            (vec![0, 1, 0], Check::Unknown, None),
            (opened.clone(), Check::Opened, Some([9; 16])),
            (vec![0, 3, 0], Check::Failed, None),
        ];
        for (history, check, key) in histories {
            let pin = Pin::restore(&site, &history).unwrap();
            assert_eq!(pin.inputs()[0].value.unwrap().check, check);
            assert_eq!(pin.inputs()[0].key(), key.map(KeyFingerprint::from_bytes));
            assert_eq!(pin.history(), history);
        }
        assert_eq!(Pin::restore(&site, &opened[..17]), Err(HistoryError), "half a key");
    }
}
