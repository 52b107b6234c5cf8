//! A pin: what is remembered of one site.
//!
//! What is pinned is what decides where a value goes, which one it is, and by what a person picks it;
//! docs/spec/trust.md#pins has the reason for each member. `used` and unknown members decide nothing. Of a value
//! there is its digest, its form, and which key opened it: a pin that leaks tells no password.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::origin::Origin;
use super::text::PinnedText;
use crate::digest::ValueDigest;
use crate::document::MAX_INPUTS;
use crate::key::{GroupId, KeyFingerprint};
use crate::model::{Input, SealedValue, Site};
use crate::order::sorted;
use crate::value::Version;

/// Earlier digests that a pin keeps for each input of its site, and at least for one.
pub const MAX_EARLIER_PER_INPUT: usize = 32;

/// What was last seen and trusted of a site, and which of its values were replaced since.
///
/// It holds everything that decides where a value goes and which one it is, and of the values themselves only
/// digests. It holds names and addresses in plaintext: keep it sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin(pub(super) Record);

/// The members in the order in which they are written.
///
/// Serialised as it stands here: the order of the fields is the order in the JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    pub(super) id: u64,
    /// A person accepted that the site is gone.
    pub(super) gone: bool,
    /// A person follows it: what replaces a value of the vendor's layouts is accepted without a question. Absent unless true.
    #[serde(default, skip_serializing_if = "is_false")]
    pub(super) follow: bool,
    pub(super) updated: Option<u64>,
    pub(super) name: Option<PinnedText>,
    pub(super) flags: Option<u64>,
    /// Absent when the site has no key of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<PinnedKey>,
    pub(super) image: Option<PinnedText>,
    pub(super) icon: Option<PinnedText>,
    #[serde(serialize_with = "write_origin", deserialize_with = "read_origin")]
    pub(super) origin: Option<Origin>,
    pub(super) url: Option<PinnedText>,
    pub(super) regex: Option<PinnedText>,
    pub(super) username: Option<PinnedText>,
    pub(super) trim: Option<PinnedText>,
    pub(super) submit: Option<PinnedText>,
    pub(super) inputs: Vec<PinnedInput>,
    /// Oldest first, no two the same, none of them a present one.
    pub(super) earlier: Vec<ValueDigest>,
}

/// What is remembered of an input.
///
/// `value` is none where the input has no value or an empty one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PinnedInput {
    #[serde(rename = "type")]
    pub(super) input_type: Option<PinnedText>,
    pub(super) name: Option<PinnedText>,
    pub(super) flags: Option<u64>,
    pub(super) value: Option<PinnedValue>,
}

/// What is remembered of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PinnedValue {
    pub(super) form: ValueForm,
    pub(super) check: Check,
    /// The key that opened it.
    pub(super) key: Option<KeyFingerprint>,
    pub(super) digest: ValueDigest,
}

/// What is remembered of a site's own key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PinnedKey {
    pub(super) digest: ValueDigest,
    /// The key of the keyring that opened it.
    pub(super) root: Option<KeyFingerprint>,
    /// The group's key that it is sealed under. Absent where it is sealed under a key of the keyring.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) group: Option<GroupId>,
}

/// How well a value is protected, the least first: it must not get less.
///
/// Ordered: a comparison refuses a lower form than the pinned one (threat model, Z08).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ValueForm {
    /// There is none.
    Absent,
    /// A text that is not an envelope.
    Malformed,
    /// Version 1, in a layout of the vendor that does not authenticate.
    VendorUnauthenticated,
    /// Version 1, the vendor's layout.
    Vendor,
    /// Version 2, bound to its input.
    Bound,
}

/// What the available keys said about a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Check {
    /// No key fits.
    Unknown,
    /// One opened it.
    Opened,
    /// It is bound, a key fits, and it does not open; a person accepted it all the same.
    Failed,
}

impl Pin {
    /// The API's number of the site.
    #[must_use]
    pub fn site_id(&self) -> u64 {
        self.0.id
    }

    /// Where the site's values may be filled in; none when its address is no login page's.
    #[must_use]
    pub fn origin(&self) -> Option<&Origin> {
        self.0.origin.as_ref()
    }

    /// Whether the values belong to `page`. Scheme, host and port must be equal: a subdomain is another page.
    #[must_use]
    pub fn belongs_to(&self, page: &Origin) -> bool {
        !self.0.gone && self.0.origin.as_ref() == Some(page)
    }

    /// What the site was called.
    #[must_use]
    pub fn name(&self) -> Option<&PinnedText> {
        self.0.name.as_ref()
    }

    /// The address of its login page, as it came.
    #[must_use]
    pub fn url(&self) -> Option<&PinnedText> {
        self.0.url.as_ref()
    }

    /// The service's pattern of the addresses that the login belongs to.
    #[must_use]
    pub fn regex(&self) -> Option<&PinnedText> {
        self.0.regex.as_ref()
    }

    /// The highest time of change that was trusted, in the server's seconds since 1970.
    #[must_use]
    pub fn updated(&self) -> Option<u64> {
        self.0.updated
    }

    /// Whether a person follows the site: what replaces a value of it in one of the vendor's authenticated layouts is accepted
    /// without a question.
    #[must_use]
    pub fn is_followed(&self) -> bool {
        self.0.follow
    }

    /// Whether a person accepted that the site is gone. The rest is as it was before.
    #[must_use]
    pub fn is_gone(&self) -> bool {
        self.0.gone
    }

    /// The inputs, in their order.
    #[must_use]
    pub fn inputs(&self) -> &[PinnedInput] {
        &self.0.inputs
    }

    /// What there is of a site now, its values not yet tried. None with more than [`MAX_INPUTS`] inputs.
    pub(super) fn observe(site: &Site) -> Option<Self> {
        let text = |text: &Option<String>| text.as_deref().and_then(PinnedText::of);
        let login = site.login.as_ref();
        let matches = login.and_then(|login| login.matches.as_ref());
        let action = login.and_then(|login| login.action.as_ref());
        let url = login.and_then(|login| login.url.as_deref());
        let inputs = inputs_of(site);
        if inputs.len() > MAX_INPUTS {
            return None;
        }
        Some(Self(Record {
            id: site.id,
            gone: false,
            follow: false,
            updated: site.updated,
            name: text(&site.name),
            flags: site.flags,
            key: PinnedKey::observe(site),
            image: text(&site.image),
            icon: text(&site.icon),
            origin: url.and_then(|url| Origin::parse(url).ok()),
            url: url.and_then(PinnedText::of),
            regex: login.and_then(|login| text(&login.regex)),
            username: matches.and_then(|matches| text(&matches.username)),
            trim: matches.and_then(|matches| text(&matches.trim)),
            submit: action.and_then(|action| text(&action.submit)),
            inputs: inputs.iter().map(PinnedInput::observe).collect(),
            earlier: Vec::new(),
        }))
    }

    /// This one in the place of `before`: the values that it replaces become earlier ones.
    ///
    /// Each digest is once in the history, at its latest place, and none of them is present, so that a value which
    /// returns is seen.
    pub(super) fn after(mut self, before: &Self) -> Self {
        self.0.follow = before.0.follow;
        let present = sorted(self.digests());
        let replaced = before.0.earlier.iter().copied().chain(before.digests());
        let replaced: Vec<ValueDigest> = replaced
            .filter(|digest| present.binary_search(digest).is_err())
            .collect();
        self.0.earlier = newest_of(&replaced, earlier_limit(self.0.inputs.len().max(before.0.inputs.len())));
        self
    }

    /// The digests of its present envelopes.
    pub(super) fn digests(&self) -> impl Iterator<Item = ValueDigest> {
        let key = self.0.key.map(|key| key.digest);
        self.0.inputs.iter().filter_map(PinnedInput::sealed).chain(key)
    }

    /// Whether it could have been made by [`Self::observe`] and [`Self::after`].
    pub(super) fn is_consistent(&self) -> bool {
        let Record { inputs, earlier, .. } = &self.0;
        let texts = self.texts().into_iter().flatten();
        let input_texts = inputs
            .iter()
            .flat_map(|input| [&input.input_type, &input.name])
            .flatten();
        let forms = inputs
            .iter()
            .filter_map(|input| input.value)
            .all(PinnedValue::is_consistent);
        let distinct = sorted(earlier.iter().copied());
        let repeats = distinct.array_windows().any(|[one, next]| one == next);
        let group = self.0.key.filter(|key| key.group.is_some());
        let is_rooted = group.is_none_or(|key| key.root.is_some());
        let returned = self.digests().any(|digest| distinct.binary_search(&digest).is_ok());
        texts.chain(input_texts).all(PinnedText::is_canonical)
            && forms
            && inputs.len() <= MAX_INPUTS
            && earlier.len() <= earlier_limit(MAX_INPUTS)
            && is_rooted
            && !repeats
            && !returned
    }

    fn texts(&self) -> [Option<&PinnedText>; 8] {
        let Record {
            id: _,
            gone: _,
            follow: _,
            updated: _,
            name,
            flags: _,
            key: _,
            image,
            icon,
            origin: _,
            url,
            regex,
            username,
            trim,
            submit,
            inputs: _,
            earlier: _,
        } = &self.0;
        [name, image, icon, url, regex, username, trim, submit].map(Option::as_ref)
    }
}

impl PinnedKey {
    /// Only an envelope is a key that is sealed.
    fn observe(site: &Site) -> Option<Self> {
        let sealed = site.key.as_ref().filter(|key| key.envelope().is_ok())?;
        let digest = ValueDigest::of(sealed.as_str());
        Some(Self {
            digest,
            root: None,
            group: None,
        })
    }
}

impl PinnedInput {
    /// The input's `type`.
    #[must_use]
    pub fn input_type(&self) -> Option<&PinnedText> {
        self.input_type.as_ref()
    }

    /// The input's `name`.
    #[must_use]
    pub fn name(&self) -> Option<&PinnedText> {
        self.name.as_ref()
    }

    /// What kind of value it has.
    #[must_use]
    pub fn form(&self) -> ValueForm {
        self.value.map_or(ValueForm::Absent, |value| value.form)
    }

    /// The digest of its value, if it has one.
    #[must_use]
    pub fn digest(&self) -> Option<ValueDigest> {
        self.value.map(|value| value.digest)
    }

    /// The digest of its value if that is an envelope. Other texts are nobody's ciphertext: they may well be
    /// equal in several places and come and go.
    pub(super) fn sealed(&self) -> Option<ValueDigest> {
        self.digest().filter(|_| self.form() > ValueForm::Malformed)
    }

    /// The key that opened its value, if one did.
    #[must_use]
    pub fn key(&self) -> Option<KeyFingerprint> {
        self.value.and_then(|value| value.key)
    }

    fn observe(input: &Input) -> Self {
        let text = |text: &Option<String>| text.as_deref().and_then(PinnedText::of);
        let value = input.value.as_ref().filter(|value| !value.is_empty());
        Self {
            input_type: text(&input.input_type),
            name: text(&input.name),
            flags: input.flags,
            value: value.map(PinnedValue::observe),
        }
    }
}

impl PinnedValue {
    fn observe(value: &SealedValue) -> Self {
        let form = match value.envelope().map(|envelope| envelope.version()) {
            Ok(Version::Bound) => ValueForm::Bound,
            Ok(Version::Vendor) => ValueForm::Vendor,
            Err(_) => ValueForm::Malformed,
        };
        Self {
            form,
            check: Check::Unknown,
            key: None,
            digest: ValueDigest::of(value.as_str()),
        }
    }

    fn is_consistent(self) -> bool {
        let check = match self.form {
            ValueForm::Absent => false,
            ValueForm::Malformed => self.check == Check::Unknown,
            ValueForm::VendorUnauthenticated | ValueForm::Vendor => self.check != Check::Failed,
            ValueForm::Bound => true,
        };
        check && self.key.is_some() == (self.check == Check::Opened)
    }
}

/// The inputs of a site; none when it has no login.
pub(super) fn inputs_of(site: &Site) -> &[Input] {
    let login = site.login.as_ref();
    login.and_then(|login| login.inputs.as_deref()).unwrap_or_default()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// At 32 bytes each, the history of a site with three inputs has at most 3 KiB.
pub(super) fn earlier_limit(inputs: usize) -> usize {
    MAX_EARLIER_PER_INPUT * inputs.max(1)
}

/// The last `limit` different ones in their order, each at its last place.
///
/// The oldest go first when there are too many: a very old value may then return unnoticed, which the spec says.
fn newest_of(digests: &[ValueDigest], limit: usize) -> Vec<ValueDigest> {
    let mut is_last = vec![false; digests.len()];
    let places: Vec<(ValueDigest, usize)> = sorted(digests.iter().copied().zip(0..));
    for same in places.chunk_by(|(one, _), (next, _)| one == next) {
        let last = same.last().and_then(|&(_, place)| is_last.get_mut(place));
        last.into_iter().for_each(|is_last| *is_last = true);
    }
    let kept = digests.iter().zip(is_last).filter(|(_, is_last)| *is_last);
    let mut kept: Vec<ValueDigest> = kept.map(|(digest, _)| *digest).collect();
    kept.split_off(kept.len().saturating_sub(limit))
}

fn write_origin<S: Serializer>(origin: &Option<Origin>, serializer: S) -> Result<S::Ok, S::Error> {
    match origin {
        Some(origin) => serializer.collect_str(origin),
        None => serializer.serialize_none(),
    }
}

fn read_origin<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Origin>, D::Error> {
    let text = Option::<String>::deserialize(deserializer)?;
    text.map(|text| text.parse().map_err(de::Error::custom)).transpose()
}
