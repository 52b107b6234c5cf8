//! What an assessment can find at a site, and what may still be done with it then.
//!
//! Verdicts are ordered, and the worst finding makes the verdict of a site; [`permission`] is the only place that
//! says what follows. Findings are serialised by stores, so that their names in kebab-case are part of a format.

use serde::{Deserialize, Serialize};

use super::pin::ValueForm;
use super::text::PinnedText;
use crate::key::KeyFingerprint;

/// The worst that was found at a site, the mildest first.
///
/// The order is that of the variants: `Ok` is the least and `Tampered` the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Verdict {
    /// It is as it was pinned, or its values were replaced by new ones.
    Ok,
    /// It was never seen before.
    New,
    /// A value of it was replaced by another text, as the vendor's client does it and as a lying service could.
    ValueReplaced,
    /// What says where its values go is not what was pinned.
    MetadataChanged,
    /// It was pinned and is not there.
    Missing,
    /// It is as it was at an earlier time.
    RolledBack,
    /// It is as no honest server would make it.
    Tampered,
}

impl Verdict {
    /// The verdict's name in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::New => "new",
            Self::ValueReplaced => "value-replaced",
            Self::MetadataChanged => "metadata-changed",
            Self::Missing => "missing",
            Self::RolledBack => "rolled-back",
            Self::Tampered => "tampered",
        }
    }
}

/// One thing that was found at a site. A site can have several.
///
/// It names keys by fingerprints and places by numbers, and quotes at most the texts that a pin holds anyway: no
/// secrets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Finding {
    /// It has no pin.
    New(FirstSeen),
    /// A value in a layout that is not bound to its place has another text than the trusted one.
    ValueReplaced {
        /// The input's number, from 0.
        input: usize,
    },
    /// A field of it changed.
    Changed(Change),
    /// A value is sealed under a key that does not follow the one before.
    KeyChanged {
        /// The input's number, from 0.
        input: usize,
        /// The key of the value before.
        pinned: KeyFingerprint,
        /// The key that opens it now.
        now: KeyFingerprint,
    },
    /// A value that was not pinned there opens with a retired key, which seals nothing more.
    RetiredKey {
        /// The input's number, from 0.
        input: usize,
        /// The key.
        key: KeyFingerprint,
        /// When the value was first seen: what comes [later](FirstSeen::Later) was sealed after the key was retired.
        seen: FirstSeen,
    },
    /// It is not there any more.
    Missing,
    /// It is older than what was seen.
    RolledBack(Rollback),
    /// It was tampered with.
    Tampered(Tampering),
}

impl Finding {
    /// The verdict that this finding alone makes.
    #[must_use]
    pub const fn verdict(&self) -> Verdict {
        match self {
            Self::New(_) => Verdict::New,
            Self::ValueReplaced { .. } => Verdict::ValueReplaced,
            Self::RetiredKey {
                seen: FirstSeen::Later, ..
            } => Verdict::Tampered,
            Self::Changed(_) | Self::KeyChanged { .. } | Self::RetiredKey { .. } => Verdict::MetadataChanged,
            Self::Missing => Verdict::Missing,
            Self::RolledBack(_) => Verdict::RolledBack,
            Self::Tampered(_) => Verdict::Tampered,
        }
    }
}

/// When a site was seen for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FirstSeen {
    /// At the account's first sync: there is nothing to compare it with, and a person asked for that sync.
    FirstUse,
    /// In an account whose pins are gone: it may be older than what was seen before.
    Unanchored,
    /// Anchored: in an account that has pins, so that its values were compared with all others.
    Later,
}

/// A field that changed. A field that was or is not there, or is empty, is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Which one.
    pub field: Field,
    /// The input's number, from 0: the pinned one's for [`Field::InputRemoved`], else the present one's.
    pub input: Option<usize>,
    /// What was pinned. For an input that came or went, its name.
    pub before: Option<PinnedText>,
    /// What there is now.
    pub after: Option<PinnedText>,
}

/// The fields that are pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Field {
    /// `name`: what a person picks the site by.
    SiteName,
    /// `flags` of the site.
    SiteFlags,
    /// `image`.
    Image,
    /// `icon`.
    Icon,
    /// Scheme, host and port of `login.Url`.
    LoginOrigin,
    /// `login.Url`.
    LoginUrl,
    /// `login.regex`.
    Regex,
    /// `login.match.username`.
    MatchUsername,
    /// `login.match.trim`.
    MatchTrim,
    /// `login.action.submit`.
    ActionSubmit,
    /// An input came.
    InputAdded,
    /// An input went.
    InputRemoved,
    /// `name` of an input with the value of another name.
    InputName,
    /// `flags` of an input.
    InputFlags,
    /// The inputs are in another order.
    InputOrder,
    /// `key`: the site's own key, sealed.
    SiteKey,
}

impl Field {
    /// Where the field is in a site's JSON.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::SiteName => "name",
            Self::SiteFlags => "flags",
            Self::Image => "image",
            Self::Icon => "icon",
            Self::LoginOrigin | Self::LoginUrl => "login.Url",
            Self::Regex => "login.regex",
            Self::MatchUsername => "login.match.username",
            Self::MatchTrim => "login.match.trim",
            Self::ActionSubmit => "login.action.submit",
            Self::InputAdded | Self::InputRemoved | Self::InputOrder => "login.inputs",
            Self::InputName => "login.inputs.name",
            Self::InputFlags => "login.inputs.flags",
            Self::SiteKey => "key",
        }
    }

    /// Whether the field only decides how the site is drawn. No value goes elsewhere because of a picture, and
    /// services replace theirs without asking.
    #[must_use]
    pub const fn is_decoration(self) -> bool {
        matches!(self, Self::Image | Self::Icon)
    }
}

/// A way in which a site is older than what was seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Rollback {
    /// Its time of change is before the pinned one, or gone.
    Updated {
        /// What was pinned.
        pinned: u64,
        /// What there is now.
        now: Option<u64>,
    },
    /// An input has a value that was replaced before.
    EarlierValue {
        /// The input's number, from 0.
        input: usize,
    },
    /// The site has a key of its own again that was replaced before.
    EarlierSiteKey,
    /// A person accepted that the site is gone, and it is back.
    Resurrected,
}

/// A way in which a site was tampered with. Inputs are numbered from 0, as they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Tampering {
    /// A bound value does not open in this input, though a key with its identifier is available.
    BoundValueFails {
        /// The input.
        input: usize,
    },
    /// A value that no available key opens took the place of one that was opened.
    UnknownValue {
        /// The input.
        input: usize,
    },
    /// The same ciphertext is, or was, somewhere else. No two honest ones are equal.
    SameCiphertext {
        /// The input.
        input: usize,
        /// Where else.
        other: Place,
    },
    /// A value is less protected than the pinned one.
    Downgraded {
        /// The input.
        input: usize,
        /// What was pinned.
        pinned: ValueForm,
        /// What there is now.
        now: ValueForm,
    },
    /// An input has another type: a password that is shown as text.
    TypeChanged {
        /// The input.
        input: usize,
    },
    /// The site's own key is gone, or does not open as the one before did.
    SiteKeyLost,
    /// The site's own key is, or was, a ciphertext of another place. No two honest ones are equal.
    SiteKeyElsewhere {
        /// Where else.
        other: Place,
    },
    /// Two sites have this number.
    SiteTwice,
    /// It has more inputs than are compared.
    TooManyInputs {
        /// How many.
        inputs: usize,
    },
}

/// Where a ciphertext is or was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The API's number of the site.
    pub site_id: u64,
    /// The input's number, from 0; none for a value that the site had earlier, and for its own key.
    pub input: Option<usize>,
}

/// What someone wants to do with a site's values.
///
/// `Read` is to show a value to a person, who sees the warning with it. In all others a program acts on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Use {
    /// Show one to a person.
    Read,
    /// Fill them into a page.
    Fill,
    /// Put one on the clipboard.
    Copy,
    /// Give them to a program that is started.
    Run,
    /// Write them into a template.
    Inject,
    /// Write them to a file for another program.
    Export,
}

/// Whether a use is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Permission {
    /// It is.
    Allowed,
    /// It is, and the findings must be shown.
    Warned,
    /// It is after a person said yes to it, which is asked at that moment.
    Asked,
    /// It is not, until a person accepts the site as it is.
    Refused,
}

/// The refusal rule: what the findings at a site leave allowed. `has_trusted` says whether there is a trusted copy of the
/// site.
///
/// Nothing found allows everything. A person may always read, and is warned; of a site that was tampered with only its
/// trusted copy. The uses in which no person looks at the findings are refused, except when the account is used for the
/// first time or only decoration changed; when a value was replaced, a person is asked.
///
/// | found | read | everything else |
/// |---|---|---|
/// | nothing | allowed | allowed |
/// | only decoration changed, or first use | warned | warned |
/// | a value was replaced | warned | asked |
/// | tampered with, no trusted copy | refused | refused |
/// | anything else | warned | refused |
///
/// ```
/// use zkvault_core::trust::{Finding, FirstSeen, Permission, Use, permission};
///
/// assert_eq!(permission(&[], Use::Fill, false), Permission::Allowed);
/// let replaced = Finding::ValueReplaced { input: 0 };
/// assert_eq!(permission(std::slice::from_ref(&replaced), Use::Copy, true), Permission::Asked);
/// // The worst of several decides.
/// let findings = [replaced, Finding::New(FirstSeen::Later)];
/// assert_eq!(permission(&findings, Use::Run, false), Permission::Refused);
/// assert_eq!(permission(&findings, Use::Read, false), Permission::Warned);
/// ```
#[must_use]
pub fn permission(findings: &[Finding], usage: Use, has_trusted: bool) -> Permission {
    let after = |finding: &Finding| match (finding, usage) {
        (_, Use::Read) if finding.verdict() == Verdict::Tampered && !has_trusted => Permission::Refused,
        (_, Use::Read) | (Finding::New(FirstSeen::FirstUse), _) => Permission::Warned,
        (Finding::Changed(change), _) if change.field.is_decoration() => Permission::Warned,
        (Finding::ValueReplaced { .. }, _) => Permission::Asked,
        (_, Use::Fill | Use::Copy | Use::Run | Use::Inject | Use::Export) => Permission::Refused,
    };
    findings.iter().map(after).max().unwrap_or(Permission::Allowed)
}
