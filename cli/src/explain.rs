//! What was found at a site, in words.

use zkvault_core::model::Site;
use zkvault_core::trust::{Change, Field, Finding, FirstSeen, Place, Rollback, Tampering, ValueForm};

use crate::clock;
use crate::field;

/// One finding: what it is, and both sides of it where it has two.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Explanation {
    pub(crate) what: String,
    pub(crate) before: Option<String>,
    pub(crate) after: Option<String>,
}

/// Explains what was found. `site` is what the server serves, where that is known; it names the inputs.
pub(crate) fn explain(finding: &Finding, site: Option<&Site>) -> Explanation {
    match finding {
        Finding::New(first) => said(new(*first)),
        Finding::Changed(change) => changed(change, site),
        Finding::Missing => said("the service does not list it any more"),
        Finding::RolledBack(rollback) => rolled_back(rollback, site),
        Finding::Tampered(tampering) => tampered(tampering, site),
        // Newer than this program.
        _ => said("something is wrong that this program has no words for"),
    }
}

fn said(what: impl Into<String>) -> Explanation {
    Explanation {
        what: what.into(),
        before: None,
        after: None,
    }
}

fn new(first: FirstSeen) -> &'static str {
    match first {
        FirstSeen::FirstUse => "seen for the first time, when the account was first synced",
        FirstSeen::Unanchored => "not compared with anything: what was known of the account is gone",
        _ => "never seen before",
    }
}

fn changed(change: &Change, site: Option<&Site>) -> Explanation {
    let input = |what: &str| match change.input {
        Some(index) => format!("{what} of {}", named(index, site)),
        None => what.to_owned(),
    };
    let what = match change.field {
        Field::SiteName => "the name changed".to_owned(),
        Field::SiteFlags => "the flags changed".to_owned(),
        Field::Image => "the image changed".to_owned(),
        Field::Icon => "the icon changed".to_owned(),
        Field::LoginOrigin => "the login page is at another place".to_owned(),
        Field::LoginUrl => "the address of the login page changed".to_owned(),
        Field::Regex => "the pattern of its pages changed".to_owned(),
        Field::MatchUsername => "the selector of the user name changed".to_owned(),
        Field::MatchTrim => "what is cut off the user name changed".to_owned(),
        Field::ActionSubmit => "what is clicked changed".to_owned(),
        Field::InputAdded => input("an input was added: the place"),
        Field::InputRemoved => "an input was removed".to_owned(),
        Field::InputName => input("the name changed"),
        Field::InputFlags => input("the flags changed"),
        Field::InputOrder => "the inputs are in another order".to_owned(),
        field => format!("{} changed", field.path()),
    };
    Explanation {
        what,
        before: change.before.as_ref().map(ToString::to_string),
        after: change.after.as_ref().map(ToString::to_string),
    }
}

fn rolled_back(rollback: &Rollback, site: Option<&Site>) -> Explanation {
    match rollback {
        Rollback::Updated { pinned, now } => Explanation {
            what: "it is older than what was seen".to_owned(),
            before: Some(clock::shown(*pinned)),
            after: now.map(clock::shown),
        },
        Rollback::EarlierValue { input } => said(format!(
            "{} has a value again that was replaced before",
            named(*input, site)
        )),
        Rollback::Resurrected => said("it is back, after it was accepted that it is gone"),
        _ => said("it is as it was at an earlier time"),
    }
}

fn tampered(tampering: &Tampering, site: Option<&Site>) -> Explanation {
    match tampering {
        Tampering::BoundValueFails { input } => said(format!(
            "the value of {} was not sealed for this place",
            named(*input, site)
        )),
        Tampering::UnknownValue { input } => said(format!(
            "{} has a value that no key opens, in place of one that opened",
            named(*input, site)
        )),
        Tampering::SameCiphertext { input, other } => said(format!(
            "{} has the very value of {}",
            named(*input, site),
            elsewhere(*other)
        )),
        Tampering::Downgraded { input, pinned, now } => Explanation {
            what: format!("the value of {} is less protected than before", named(*input, site)),
            before: Some(form(*pinned).to_owned()),
            after: Some(form(*now).to_owned()),
        },
        Tampering::TypeChanged { input } => said(format!("{} has another type", named(*input, site))),
        Tampering::SiteTwice => said("the service lists two sites with this number"),
        Tampering::TooManyInputs { inputs } => said(format!("it has {inputs} inputs, more than are compared")),
        _ => said("it is as no honest service would make it"),
    }
}

fn named(index: usize, site: Option<&Site>) -> String {
    let input = site.and_then(|site| field::inputs(site).get(index));
    match input {
        Some(input) => format!("the field {:?}", field::label(input, index)),
        None => format!("input {}", index + 1),
    }
}

fn elsewhere(place: Place) -> String {
    match place.input {
        Some(input) => format!("input {} of site {}", input + 1, place.site_id),
        None => format!("site {} at an earlier time", place.site_id),
    }
}

fn form(form: ValueForm) -> &'static str {
    match form {
        ValueForm::Absent => "no value",
        ValueForm::Malformed => "not sealed",
        ValueForm::Vendor => "sealed, not bound to its place",
        ValueForm::Bound => "sealed and bound to its place",
        _ => "unknown",
    }
}

impl Explanation {
    /// In one line.
    pub(crate) fn line(&self) -> String {
        let Self { what, before, after } = self;
        match (before, after) {
            (None, None) => what.clone(),
            (before, after) => {
                let side = |side: &Option<String>| side.clone().unwrap_or_else(|| "nothing".to_owned());
                format!("{what}: {} → {}", side(before), side(after))
            }
        }
    }
}

/// All that was found, in one line: the worst, and how much more.
pub(crate) fn summary(findings: &[Finding], site: Option<&Site>) -> String {
    match findings {
        [] => String::new(),
        [only] => explain(only, site).line(),
        [worst, rest @ ..] => format!("{}, and {} more", explain(worst, site).line(), rest.len()),
    }
}
