//! Which key a value opens with, and what follows from it (docs/spec/trust.md#keys).
//!
//! ```text
//! 1  K is retired, and not what was pinned            RetiredKey
//! 2  another key was pinned, and K does not follow it KeyChanged
//! 3  unbound, not followed, a text unlike the trusted ValueReplaced
//! 4  otherwise                                        an honest change
//! ```
//!
//! K is the key that opened the value, tried in the order: the pinned key, those that follow it, the rest of the set.
//! The first rule that fits decides. Rule 3 is what is left to a person, because nothing binds the vendor's values to
//! their place: an honest change by the vendor's client and a value that a server put there look the same (threat
//! model, Z47).

use super::super::finding::{Finding, FirstSeen};
use super::super::pin::{Check, Pin, PinnedInput, PinnedValue, ValueForm, inputs_of};
use super::Known;
use crate::key::{KeyFingerprint, KeySet};
use crate::model::{Input, Site};
use crate::secret::SecretBytes;
use crate::value::{Authentic, Envelope, Layout, OpenValueError, Rung, SiteKey};
use crate::vendor::Trust;

/// What the keys said about a value.
///
/// The bytes are kept for as long as the site is compared, and wiped.
pub(super) struct Tried {
    pub(super) check: Check,
    /// The key that opened it: the one of the keyring, where a site's own key did.
    pub(super) key: Option<KeyFingerprint>,
    /// How well its layout protects it, where that is known only since it opened.
    pub(super) form: Option<ValueForm>,
    /// What it holds, if it was opened just now.
    opened: Option<SecretBytes>,
}

impl Tried {
    /// As it was found before.
    pub(super) fn known(value: PinnedValue) -> Self {
        Self {
            check: value.check,
            key: value.key,
            form: Some(value.form),
            opened: None,
        }
    }

    /// Tries the keys, that of the value before and those that follow it first.
    pub(super) fn new(
        site_id: u64,
        input: &Input,
        form: ValueForm,
        pinned: Option<KeyFingerprint>,
        opening: Opening<'_>,
    ) -> Self {
        let opened = match envelope_of(input) {
            Some(envelope) => open(&envelope, site_id, input, pinned, opening),
            None => Err(Check::Unknown),
        };
        match opened {
            Ok(Authentic { bytes, key, layout }) => Self {
                check: Check::Opened,
                key: Some(key.fingerprint()),
                form: Some(form_of(&layout)),
                opened: Some(bytes),
            },
            Err(check) => Self {
                check: if form == ValueForm::Bound {
                    check
                } else {
                    Check::Unknown
                },
                key: None,
                form: None,
                opened: None,
            },
        }
    }
}

/// Known only once a layout opened it: before, every value of version 1 is taken for an authenticated one.
fn form_of(layout: &Layout) -> ValueForm {
    match layout {
        Layout::Bound => ValueForm::Bound,
        Layout::Vendor(layout) if layout.trust() == Trust::Unauthenticated => ValueForm::VendorUnauthenticated,
        Layout::Vendor(_) => ValueForm::Vendor,
    }
}

/// The keys that values are tried with, and whether the site has one of its own.
#[derive(Clone, Copy)]
pub(super) struct Opening<'a> {
    pub(super) keys: &'a KeySet,
    pub(super) rung: Rung<'a>,
}

fn envelope_of(input: &Input) -> Option<Envelope> {
    input.value.as_ref()?.envelope().ok()
}

/// Nothing of a vendor value says which key it is under, and without a commitment it may open with several: the one that
/// is expected comes first.
///
/// The line of the pinned key is a set of its own, so that a value which several keys could open is believed to be
/// under the expected one.
fn open<'a>(
    envelope: &Envelope,
    site_id: u64,
    input: &Input,
    pinned: Option<KeyFingerprint>,
    Opening { keys, rung }: Opening<'a>,
) -> Result<Authentic<'a>, Check> {
    let context = input.context(site_id);
    if let Some(pinned) = pinned {
        let line = keys.line_of(pinned);
        if let Ok(opened) = envelope.authenticate_in(&line, rung, Some(&context)) {
            let key = keys.get(opened.key.fingerprint()).ok_or(Check::Unknown)?;
            return Ok(Authentic { key, ..opened });
        }
    }
    envelope
        .authenticate_in(keys, rung, Some(&context))
        .map_err(|error| match error {
            OpenValueError::Decrypt(_) => Check::Failed,
            _ => Check::Unknown,
        })
}

/// Where a value stands: the number of its input, and that of the pinned one that it is.
#[derive(Clone, Copy)]
pub(super) struct ValuePlace {
    pub(super) index: usize,
    pub(super) pair: Option<usize>,
}

/// What follows from the key that opened a value just now. The rules are tried in this order; the first that fits decides.
pub(super) fn finding(
    place: ValuePlace,
    now: &PinnedInput,
    before: Option<&PinnedInput>,
    tried: &Tried,
    known: Known<'_>,
) -> Option<Finding> {
    let (input, keys) = (place.index, known.keys);
    let (key, opened) = (tried.key?, tried.opened.as_ref()?);
    let pinned = before.and_then(|before| before.value);
    let is_pinned = pinned.is_some_and(|pinned| Some(pinned.digest) == now.digest());
    if keys.is_retired(key) && !(is_pinned && pinned.and_then(|pinned| pinned.key) == Some(key)) {
        // What was pinned unopened was trusted before the key was known.
        let seen = if is_pinned { FirstSeen::Unanchored } else { known.seen };
        return Some(Finding::RetiredKey { input, key, seen });
    }
    if is_pinned {
        return None;
    }
    if let Some(pinned) = pinned.and_then(|pinned| pinned.key)
        && pinned != key
        && !keys.follows(key, pinned)
    {
        let now = key;
        return Some(Finding::KeyChanged { input, pinned, now });
    }
    // Of what nothing authenticates, nobody can follow the changes: anyone can make them.
    let authenticated = tried.form == Some(ValueForm::Vendor);
    let followed = authenticated && (known.pin.is_some_and(Pin::is_followed) || keys.is_followed(key));
    let unbound = matches!(now.form(), ValueForm::Vendor | ValueForm::VendorUnauthenticated);
    let asks = known.pin.is_some() && unbound && !followed;
    let replaced = asks && !has_trusted_text(place, before, opened, known);
    replaced.then_some(Finding::ValueReplaced { input })
}

/// Whether the trusted copy has the same text there, compared in constant time.
///
/// False where there is no trusted copy, or it does not open: then every text is a new one.
fn has_trusted_text(place: ValuePlace, before: Option<&PinnedInput>, opened: &SecretBytes, known: Known<'_>) -> bool {
    let text = |site: Site| {
        let input = inputs_of(&site).get(place.pair?)?;
        let pinned = before.and_then(PinnedInput::key);
        let site_key = SiteKey::open(site.key.as_ref(), known.keys);
        let rung = site_key.as_ref().map_or(Rung::Keyring, Rung::SiteFirst);
        let keys = known.keys;
        let trusted = open(&envelope_of(input)?, site.id, input, pinned, Opening { keys, rung });
        trusted.ok().map(|trusted| trusted.bytes)
    };
    let trusted = (known.trusted)().and_then(text);
    trusted.is_some_and(|trusted| trusted == *opened)
}
