//! One site against its pin.
//!
//! In this order: what is older, what is elsewhere, which inputs came and went, the site's own key, and each value.
//! Every difference is a finding of its own, with both sides; the worst makes the verdict. The tests in `tests/` are
//! named after the attacks of docs/spec/trust.md#comparison.

mod keys;
mod site_key;

use super::finding::{Change, Field, Finding, FirstSeen, Rollback, Tampering};
use super::pairing::pair;
use super::pin::{Check, Pin, PinnedInput, Record, inputs_of};
use super::text::PinnedText;
use crate::digest::ValueDigest;
use crate::key::KeySet;
use crate::model::{Input, Site};
use crate::value::Rung;

use keys::{Opening, Tried, ValuePlace};

/// What a comparison gave.
///
/// `observed` is what would be pinned if somebody accepted the site now.
pub(super) struct Compared {
    /// What there is now, with the pin's history; none when it cannot be pinned.
    pub(super) observed: Option<Pin>,
    pub(super) findings: Vec<Finding>,
    /// The inputs, by number, whose value is not the one that is pinned there; none is the site's own key.
    pub(super) loose: Vec<(Option<usize>, ValueDigest)>,
    /// The digest of the group's key that the site's own is sealed under, where that is not the pinned one.
    pub(super) loose_group: Option<ValueDigest>,
}

/// Against what a site is compared.
///
/// `trusted` is a function, because reading a site from a store costs more than comparing it, and is seldom needed.
#[derive(Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) pin: Option<&'a Pin>,
    /// The site that the pin was last moved to, where it is kept: asked for only when a value has to be compared.
    pub(super) trusted: &'a dyn Fn() -> Option<Site>,
    /// When a value that the pin does not have was first seen.
    pub(super) seen: FirstSeen,
    pub(super) keys: &'a KeySet,
}

/// Compares a site with what is known of it. Every value that the pin does not vouch for is tried with the keys.
///
/// A site with too many inputs is not compared at all: that is one finding, and nothing of it is pinned.
pub(super) fn compare(site: &Site, known: Known<'_>) -> Compared {
    let pin = known.pin;
    let inputs = inputs_of(site);
    let Some(mut observed) = Pin::observe(site) else {
        let finding = Finding::Tampered(Tampering::TooManyInputs { inputs: inputs.len() });
        return Compared {
            observed: None,
            findings: vec![finding],
            loose: Vec::new(),
            loose_group: None,
        };
    };
    let pinned = pin.map(Pin::inputs).unwrap_or_default();
    let pairs = pair(pinned, &observed.0.inputs);
    let mut findings = Vec::new();
    if let Some(pin) = pin {
        compare_age(&pin.0, &observed.0, &mut findings);
        compare_fields(&pin.0, &observed.0, &mut findings);
        compare_list(pinned, &observed.0.inputs, &pairs, &mut findings);
    }
    let site_key = site_key::compare(site, known, &mut observed, &mut findings);
    let loose = compare_values(site, known, site_key.rung(), &pairs, &mut observed, &mut findings);
    let (loose_group, loose) = (site_key.loose_group(), site_key.loose(loose));
    if let Some(pin) = pin {
        find_earlier(pin, &loose, &mut findings);
        observed = observed.after(pin);
    }
    Compared {
        observed: Some(observed),
        findings,
        loose,
        loose_group,
    }
}

/// Compares each input with the pinned one that it is, tries its value, and returns those that are not pinned
/// there.
///
/// Values are loose when they are not pinned in their input, wherever else they may be: the caller looks for them
/// there.
fn compare_values(
    site: &Site,
    known: Known<'_>,
    rung: Rung<'_>,
    pairs: &[Option<usize>],
    observed: &mut Pin,
    findings: &mut Vec<Finding>,
) -> Vec<(Option<usize>, ValueDigest)> {
    let mut loose = Vec::new();
    let pinned = known.pin.map(Pin::inputs).unwrap_or_default();
    let inputs = observed.0.inputs.iter_mut().zip(inputs_of(site)).zip(pairs);
    for (index, ((now, input), pair)) in inputs.enumerate() {
        let before = pair.and_then(|place| pinned.get(place));
        let tried = try_value(site.id, input, now, before, known.keys, rung);
        findings.extend(value_finding(index, now, before, tried.check));
        let place = ValuePlace { index, pair: *pair };
        findings.extend(keys::finding(place, now, before, &tried, known));
        if let Some(value) = &mut now.value {
            (value.check, value.key) = (tried.check, tried.key);
            value.form = tried.form.unwrap_or(value.form);
        }
        if let Some(before) = before {
            compare_input(index, before, now, findings);
        }
        let own = before.and_then(PinnedInput::sealed);
        let replaced = now.sealed().filter(|_| now.sealed() != own);
        loose.extend(replaced.map(|digest| (Some(index), digest)));
    }
    loose
}

/// `updated` is the server's own word, so that a lower one is always its fault. A higher one proves nothing.
fn compare_age(pin: &Record, now: &Record, findings: &mut Vec<Finding>) {
    if let Some(pinned) = pin.updated
        && now.updated < Some(pinned)
    {
        let now = now.updated;
        findings.push(Finding::RolledBack(Rollback::Updated { pinned, now }));
    }
    if pin.gone {
        findings.push(Finding::RolledBack(Rollback::Resurrected));
    }
}

/// The origin and the whole address are compared apart: a new path on the same host is not a new place for a
/// password.
fn compare_fields(pin: &Record, now: &Record, findings: &mut Vec<Finding>) {
    let origin = |record: &Record| PinnedText::of(&record.origin.as_ref()?.to_string());
    let numbers = [(Field::SiteFlags, pin.flags, now.flags)];
    let texts = [
        (Field::SiteName, &pin.name, &now.name),
        (Field::Image, &pin.image, &now.image),
        (Field::Icon, &pin.icon, &now.icon),
        (Field::LoginOrigin, &origin(pin), &origin(now)),
        (Field::LoginUrl, &pin.url, &now.url),
        (Field::Regex, &pin.regex, &now.regex),
        (Field::MatchUsername, &pin.username, &now.username),
        (Field::MatchTrim, &pin.trim, &now.trim),
        (Field::ActionSubmit, &pin.submit, &now.submit),
    ];
    findings.extend(
        numbers
            .into_iter()
            .filter_map(|(field, before, after)| number_change(field, None, before, after)),
    );
    findings.extend(
        texts
            .into_iter()
            .filter_map(|(field, before, after)| text_change(field, None, before, after)),
    );
}

/// Which inputs came and went, and whether the others are in their order: a program may take the first
/// password that it finds.
fn compare_list(pinned: &[PinnedInput], now: &[PinnedInput], pairs: &[Option<usize>], findings: &mut Vec<Finding>) {
    let change = |field, input, before: Option<PinnedText>, after: Option<PinnedText>| {
        Finding::Changed(Change {
            field,
            input,
            before,
            after,
        })
    };
    let mut stays = vec![false; pinned.len()];
    for place in pairs.iter().flatten() {
        if let Some(stays) = stays.get_mut(*place) {
            *stays = true;
        }
    }
    let removed = pinned.iter().zip(&stays).enumerate().filter(|(_, (_, stays))| !**stays);
    findings
        .extend(removed.map(|(index, (input, _))| change(Field::InputRemoved, Some(index), input.name.clone(), None)));
    let added = now
        .iter()
        .zip(pairs)
        .enumerate()
        .filter(|(_, (_, pair))| pair.is_none());
    findings.extend(added.map(|(index, (input, _))| change(Field::InputAdded, Some(index), None, input.name.clone())));
    if !pairs.iter().flatten().is_sorted() {
        findings.push(change(Field::InputOrder, None, None, None));
    }
}

/// A weaker form is tampering even where the value opens (threat model, Z08), and so is a different type (Z04).
fn compare_input(index: usize, before: &PinnedInput, now: &PinnedInput, findings: &mut Vec<Finding>) {
    findings.extend(text_change(Field::InputName, Some(index), &before.name, &now.name));
    findings.extend(number_change(Field::InputFlags, Some(index), before.flags, now.flags));
    if before.input_type != now.input_type {
        findings.push(Finding::Tampered(Tampering::TypeChanged { input: index }));
    }
    if now.form() < before.form() {
        findings.push(Finding::Tampered(Tampering::Downgraded {
            input: index,
            pinned: before.form(),
            now: now.form(),
        }));
    }
}

/// What the keys say about a value. One that was checked in this place before is not opened again.
///
/// Opening is skipped only where digest, name and type are the pinned ones: that is where it was opened before. A
/// value that was never opened is tried again, since a key may have come.
fn try_value(
    site_id: u64,
    input: &Input,
    now: &PinnedInput,
    before: Option<&PinnedInput>,
    keys: &KeySet,
    rung: Rung<'_>,
) -> Tried {
    if let Some(before) = before
        && let Some(value) = before.value
        && value.check != Check::Unknown
        && (now.digest(), &now.name, &now.input_type) == (Some(value.digest), &before.name, &before.input_type)
    {
        return Tried::known(value);
    }
    let pinned = before.and_then(PinnedInput::key);
    Tried::new(site_id, input, now.form(), pinned, Opening { keys, rung })
}

/// What no key opens is no finding by itself: the key may be on another device. In the place of a value that was
/// opened, it is.
fn value_finding(index: usize, now: &PinnedInput, before: Option<&PinnedInput>, check: Check) -> Option<Finding> {
    let pinned = before.and_then(|before| before.value);
    let accepted = pinned.is_some_and(|pinned| pinned.check == Check::Failed && now.digest() == Some(pinned.digest));
    let was_opened = pinned.is_some_and(|pinned| pinned.check == Check::Opened && now.digest() != Some(pinned.digest));
    match check {
        Check::Failed if !accepted => Some(Finding::Tampered(Tampering::BoundValueFails { input: index })),
        Check::Unknown if was_opened && now.sealed().is_some() => {
            Some(Finding::Tampered(Tampering::UnknownValue { input: index }))
        }
        Check::Failed | Check::Unknown | Check::Opened => None,
    }
}

/// Values that were replaced at this site before.
///
/// An old value under a new date is a rollback too (threat model, Z14).
fn find_earlier(pin: &Pin, loose: &[(Option<usize>, ValueDigest)], findings: &mut Vec<Finding>) {
    if loose.is_empty() {
        return;
    }
    let mut earlier = pin.0.earlier.clone();
    earlier.sort_unstable();
    let returned = loose.iter().filter(|(_, digest)| earlier.binary_search(digest).is_ok());
    findings.extend(returned.map(|&(input, _)| {
        Finding::RolledBack(match input {
            Some(input) => Rollback::EarlierValue { input },
            None => Rollback::EarlierSiteKey,
        })
    }));
}

fn text_change(
    field: Field,
    input: Option<usize>,
    before: &Option<PinnedText>,
    after: &Option<PinnedText>,
) -> Option<Finding> {
    let change = || Change {
        field,
        input,
        before: before.clone(),
        after: after.clone(),
    };
    (before != after).then(change).map(Finding::Changed)
}

fn number_change(field: Field, input: Option<usize>, before: Option<u64>, after: Option<u64>) -> Option<Finding> {
    text_change(
        field,
        input,
        &before.map(PinnedText::number),
        &after.map(PinnedText::number),
    )
}
