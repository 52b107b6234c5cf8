//! A site's verdict as JavaScript sees it.

use serde::Serialize;
use zkvault_core::model::Site;
use zkvault_core::trust::{
    Explanation, Field, Finding, FirstSeen, Origin, Permission, Pin, PinnedText, Rollback, Tampering, Use, Verdict,
    permission,
};

use crate::api_id::ApiId;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Row<'a> {
    site_id: ApiId,
    name: Option<&'a str>,
    origin: Option<String>,
    verdict: &'static str,
    changes: Vec<Fact<'a>>,
    read: &'static str,
    fill: &'static str,
}

/// A finding, flat.
#[derive(Debug, Serialize)]
struct Fact<'a> {
    kind: &'static str,
    what: &'static str,
    /// The same in words.
    text: String,
    input: Option<usize>,
    #[serde(flatten)]
    texts: Option<Texts<'a>>,
}

/// What a changed field was and is.
#[derive(Debug, Serialize)]
struct Texts<'a> {
    before: Option<&'a str>,
    after: Option<&'a str>,
}

impl<'a> Row<'a> {
    /// What is shown is what is pinned. `listed` is what the service says, for the name of a site without a pin.
    pub(super) fn new(site_id: u64, findings: &'a [Finding], pin: Option<&'a Pin>, listed: Option<&'a Site>) -> Self {
        let pinned = pin.and_then(Pin::name).and_then(PinnedText::whole);
        let unpinned = listed.filter(|_| pin.is_none()).and_then(|site| site.name.as_deref());
        let is_pinned = pin.is_some_and(|pin| !pin.is_gone());
        let verdict = findings.iter().map(Finding::verdict).max().unwrap_or(Verdict::Ok);
        Self {
            site_id: ApiId(site_id),
            name: pinned.or(unpinned),
            origin: pin.and_then(Pin::origin).map(Origin::to_string),
            verdict: verdict.name(),
            changes: findings.iter().map(|finding| Fact::new(finding, listed)).collect(),
            read: name(permission(findings, Use::Read, is_pinned)),
            fill: name(permission(findings, Use::Fill, is_pinned)),
        }
    }
}

impl<'a> Fact<'a> {
    fn new(finding: &'a Finding, listed: Option<&Site>) -> Self {
        let (what, input) = match finding {
            Finding::New(seen) => (first_seen(*seen), None),
            Finding::Changed(change) => (field(change.field), change.input),
            Finding::RolledBack(rollback) => rolled_back(*rollback),
            Finding::Tampered(tampering) => tampered(*tampering),
            Finding::ValueReplaced { input } => ("value-replaced", Some(*input)),
            Finding::KeyChanged { input, .. } => ("key-changed", Some(*input)),
            Finding::RetiredKey { input, .. } => ("retired-key", Some(*input)),
            other => (other.verdict().name(), None),
        };
        let texts = match finding {
            Finding::Changed(change) => Some(Texts {
                before: change.before.as_ref().and_then(PinnedText::whole),
                after: change.after.as_ref().and_then(PinnedText::whole),
            }),
            _ => None,
        };
        let kind = match finding {
            Finding::Changed(_) => "changed",
            Finding::ValueReplaced { .. } | Finding::KeyChanged { .. } | Finding::RetiredKey { .. } => "key",
            other => other.verdict().name(),
        };
        Self {
            kind,
            what,
            text: Explanation::of(finding, listed).what,
            input,
            texts,
        }
    }
}

/// A use that has to be asked about is refused until the site is accepted.
fn name(permission: Permission) -> &'static str {
    match permission {
        Permission::Allowed => "allowed",
        Permission::Warned => "warned",
        _ => "refused",
    }
}

fn first_seen(seen: FirstSeen) -> &'static str {
    match seen {
        FirstSeen::FirstUse => "first-use",
        FirstSeen::Unanchored => "unanchored",
        _ => "later",
    }
}

/// The name under which core writes it.
fn field(field: Field) -> &'static str {
    match field {
        Field::SiteName => "site-name",
        Field::SiteFlags => "site-flags",
        Field::Image => "image",
        Field::Icon => "icon",
        Field::LoginOrigin => "login-origin",
        Field::LoginUrl => "login-url",
        Field::Regex => "regex",
        Field::MatchUsername => "match-username",
        Field::MatchTrim => "match-trim",
        Field::ActionSubmit => "action-submit",
        Field::InputAdded => "input-added",
        Field::InputRemoved => "input-removed",
        Field::InputName => "input-name",
        Field::InputFlags => "input-flags",
        Field::InputOrder => "input-order",
        Field::SiteKey => "site-key",
        _ => "other",
    }
}

fn rolled_back(rollback: Rollback) -> (&'static str, Option<usize>) {
    match rollback {
        Rollback::Updated { .. } => ("updated", None),
        Rollback::EarlierValue { input } => ("earlier-value", Some(input)),
        Rollback::EarlierSiteKey => ("earlier-site-key", None),
        Rollback::Resurrected => ("resurrected", None),
        _ => ("other", None),
    }
}

fn tampered(tampering: Tampering) -> (&'static str, Option<usize>) {
    match tampering {
        Tampering::BoundValueFails { input } => ("bound-value-fails", Some(input)),
        Tampering::UnknownValue { input } => ("unknown-value", Some(input)),
        Tampering::SameCiphertext { input, .. } => ("same-ciphertext", Some(input)),
        Tampering::Downgraded { input, .. } => ("downgraded", Some(input)),
        Tampering::TypeChanged { input } => ("type-changed", Some(input)),
        Tampering::SiteKeyLost => ("site-key-lost", None),
        Tampering::SiteKeyElsewhere { .. } => ("site-key-elsewhere", None),
        Tampering::SiteTwice => ("site-twice", None),
        Tampering::TooManyInputs { .. } => ("too-many-inputs", None),
        _ => ("other", None),
    }
}
