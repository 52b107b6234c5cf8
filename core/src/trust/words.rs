//! What was found at a site, in words.
//!
//! One wording for the terminal, `--json`, npm and the extension. Sentences name inputs by their labels where the
//! site is known, and by their numbers where it is not.

use super::finding::{Change, Field, Finding, FirstSeen, Place, Rollback, Tampering, Verdict};
use super::pin::ValueForm;
use super::text::PinnedText;
use crate::model::Site;
use crate::site;
use crate::time::rfc3339;

/// One finding: what it is, and both sides of it where it has two.
///
/// The texts are those that a service sent: escape them before they are printed to a terminal.
///
/// ```
/// use zkvault_core::trust::{Explanation, Finding, FirstSeen, Rollback};
///
/// let finding = Finding::RolledBack(Rollback::Updated { pinned: 1_586_452_560, now: None });
/// assert_eq!(Explanation::of(&finding, None).line(), "it is older than what was seen: 2020-04-09T17:16:00Z → nothing");
/// assert_eq!(Explanation::of(&Finding::New(FirstSeen::Later), None).line(), "never seen before");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// What it is, as a part of a sentence: lower case, no full stop.
    pub what: String,
    /// What was pinned.
    pub before: Option<String>,
    /// What there is now.
    pub after: Option<String>,
}

impl Explanation {
    /// Explains what was found. `site` is what the server serves, where that is known; it names the inputs.
    #[must_use]
    pub fn of(finding: &Finding, site: Option<&Site>) -> Self {
        match finding {
            Finding::New(first) => said(new(*first)),
            Finding::ValueReplaced { input } => said(format!(
                "the value of {} was replaced, and nothing binds the new one to this place",
                named(*input, site)
            )),
            Finding::KeyChanged { input, .. } => said(format!(
                "{} is sealed under a key that does not replace the one before",
                named(*input, site)
            )),
            Finding::RetiredKey { input, seen, .. } => said(format!(
                "{} is sealed under a retired key{}",
                named(*input, site),
                match seen {
                    FirstSeen::Later => ", and came after it was retired",
                    FirstSeen::FirstUse | FirstSeen::Unanchored => "",
                }
            )),
            Finding::Changed(change) => changed(change, site),
            Finding::Missing => said("the service does not list it any more"),
            Finding::RolledBack(rollback) => rolled_back(*rollback, site),
            Finding::Tampered(tampering) => tampered(*tampering, site),
        }
    }

    /// In one line: `the name changed: "GitHub" → "Git Hub"`.
    #[must_use]
    pub fn line(&self) -> String {
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

/// All that was found, in one line: the worst, and how much more. Empty when nothing was.
///
/// ```
/// use zkvault_core::trust::{Finding, Tampering, summary};
///
/// let findings = [Finding::Tampered(Tampering::SiteKeyLost), Finding::ValueReplaced { input: 0 }];
/// let line = summary(&findings, None);
/// assert_eq!(line, "its own key is gone, or opens with no key any more, and 1 more");
/// ```
#[must_use]
pub fn summary(findings: &[Finding], site: Option<&Site>) -> String {
    match findings {
        [] => String::new(),
        [only] => Explanation::of(only, site).line(),
        [worst, rest @ ..] => format!("{}, and {} more", Explanation::of(worst, site).line(), rest.len()),
    }
}

/// What matters most of what was found, in a sentence about `what`: where its password would go now, if that is a different
/// place, else the worst. Empty when nothing was found.
///
/// ```
/// use zkvault_core::trust::{Finding, headline};
///
/// assert_eq!(headline("GitHub", &[Finding::Missing]), "GitHub: the service does not list it any more");
/// ```
#[must_use]
pub fn headline(what: &str, findings: &[Finding]) -> String {
    let destination = findings.iter().find_map(destination);
    match (findings, destination) {
        ([], _) => String::new(),
        (_, Some((before, now))) => format!("{what}: its password would now go to {now} (was {before})"),
        (_, None) => format!("{what}: {}", summary(findings, None)),
    }
}

/// By what the sites that need review are sorted, the greatest first: whether values would go to a different place, then
/// the verdict.
///
/// `true` sorts after `false`: a site whose password would go elsewhere comes first, even before one that was
/// tampered with.
#[must_use]
pub fn gravity(findings: &[Finding]) -> (bool, Verdict) {
    let worst = findings.iter().map(Finding::verdict).max().unwrap_or(Verdict::Ok);
    (findings.iter().any(|finding| destination(finding).is_some()), worst)
}

/// The hosts before and now, where a site's login page is at a different one.
fn destination(finding: &Finding) -> Option<(String, String)> {
    let Finding::Changed(change) = finding else { return None };
    let host = |text: &Option<PinnedText>| match text {
        None => "nowhere".to_owned(),
        Some(text) => match text.whole() {
            Some(origin) => origin.strip_prefix("https://").unwrap_or(origin).to_owned(),
            None => text.to_string(),
        },
    };
    (change.field == Field::LoginOrigin).then(|| (host(&change.before), host(&change.after)))
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
        FirstSeen::Later => "never seen before",
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
        Field::SiteKey => "the site has a different key of its own".to_owned(),
    };
    Explanation {
        what,
        before: change.before.as_ref().map(PinnedText::to_string),
        after: change.after.as_ref().map(PinnedText::to_string),
    }
}

fn rolled_back(rollback: Rollback, site: Option<&Site>) -> Explanation {
    match rollback {
        Rollback::Updated { pinned, now } => Explanation {
            what: "it is older than what was seen".to_owned(),
            before: Some(rfc3339(pinned)),
            after: now.map(rfc3339),
        },
        Rollback::EarlierValue { input } => said(format!(
            "{} has a value again that was replaced before",
            named(input, site)
        )),
        Rollback::EarlierSiteKey => said("it has a key of its own again that was replaced before"),
        Rollback::Resurrected => said("it is back, after it was accepted that it is gone"),
    }
}

fn tampered(tampering: Tampering, site: Option<&Site>) -> Explanation {
    match tampering {
        Tampering::BoundValueFails { input } => said(format!(
            "the value of {} was not sealed for this place",
            named(input, site)
        )),
        Tampering::UnknownValue { input } => said(format!(
            "{} has a value that no key opens, in place of one that opened",
            named(input, site)
        )),
        Tampering::SameCiphertext { input, other } => said(format!(
            "{} has the very value of {}",
            named(input, site),
            elsewhere(other)
        )),
        Tampering::Downgraded { input, pinned, now } => Explanation {
            what: format!("the value of {} is less protected than before", named(input, site)),
            before: Some(form(pinned).to_owned()),
            after: Some(form(now).to_owned()),
        },
        Tampering::TypeChanged { input } => said(format!("{} has another type", named(input, site))),
        Tampering::SiteKeyLost => said("its own key is gone, or opens with no key any more"),
        Tampering::SiteKeyElsewhere { other } => said(format!("its own key is the very value of {}", elsewhere(other))),
        Tampering::SiteTwice => said("the service lists two sites with this number"),
        Tampering::TooManyInputs { inputs } => said(format!("it has {inputs} inputs, more than are compared")),
    }
}

fn named(index: usize, site: Option<&Site>) -> String {
    let field = site.and_then(|site| site::fields(site).nth(index));
    match field {
        Some(field) => format!("the field {:?}", field.label()),
        None => format!("input {}", index + 1),
    }
}

fn elsewhere(place: Place) -> String {
    match place.input {
        Some(input) => format!("input {} of site {}", input + 1, place.site_id),
        None => format!("site {} at an earlier time, or its own key", place.site_id),
    }
}

fn form(form: ValueForm) -> &'static str {
    match form {
        ValueForm::Absent => "no value",
        ValueForm::Malformed => "not sealed",
        ValueForm::VendorUnauthenticated => "sealed, not authenticated",
        ValueForm::Vendor => "sealed, not bound to its place",
        ValueForm::Bound => "sealed and bound to its place",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(finding: Finding) -> String {
        let site =
            serde_json::from_str(r#"{"id":1,"login":{"inputs":[{"type":"text"},{"name":"pw","type":"password"}]}}"#);
        Explanation::of(&finding, Some(&site.unwrap())).line()
    }

    fn text(text: &str) -> Option<PinnedText> {
        PinnedText::of(text)
    }

    #[test]
    fn every_change_names_what_changed_and_both_sides() {
        let change = |field, input| {
            Finding::Changed(Change {
                field,
                input,
                before: text("a"),
                after: None,
            })
        };
        for (field, words) in [
            (Field::SiteName, "the name changed: \"a\" → nothing"),
            (Field::SiteFlags, "the flags changed: \"a\" → nothing"),
            (Field::Image, "the image changed: \"a\" → nothing"),
            (Field::Icon, "the icon changed: \"a\" → nothing"),
            (
                Field::LoginOrigin,
                "the login page is at another place: \"a\" → nothing",
            ),
            (
                Field::LoginUrl,
                "the address of the login page changed: \"a\" → nothing",
            ),
            (Field::Regex, "the pattern of its pages changed: \"a\" → nothing"),
            (
                Field::MatchUsername,
                "the selector of the user name changed: \"a\" → nothing",
            ),
            (
                Field::MatchTrim,
                "what is cut off the user name changed: \"a\" → nothing",
            ),
            (Field::ActionSubmit, "what is clicked changed: \"a\" → nothing"),
            (Field::InputRemoved, "an input was removed: \"a\" → nothing"),
            (
                Field::SiteKey,
                "the site has a different key of its own: \"a\" → nothing",
            ),
            (Field::InputOrder, "the inputs are in another order: \"a\" → nothing"),
        ] {
            assert_eq!(line(change(field, None)), words);
        }
        assert_eq!(
            line(change(Field::InputName, Some(1))),
            "the name changed of the field \"pw\": \"a\" → nothing"
        );
        assert_eq!(
            line(change(Field::InputFlags, Some(0))),
            "the flags changed of the field \"text\": \"a\" → nothing"
        );
        assert_eq!(
            line(change(Field::InputFlags, Some(7))),
            "the flags changed of input 8: \"a\" → nothing"
        );
    }

    #[test]
    fn what_was_tampered_with_is_named() {
        let place = |input| Place { site_id: 9, input };
        let (pinned, now) = (ValueForm::Bound, ValueForm::Vendor);
        for (tampering, words) in [
            (
                Tampering::BoundValueFails { input: 1 },
                "the value of the field \"pw\" was not sealed for this place",
            ),
            (
                Tampering::UnknownValue { input: 1 },
                "the field \"pw\" has a value that no key opens, in place of one that opened",
            ),
            (
                Tampering::SameCiphertext {
                    input: 1,
                    other: place(Some(0)),
                },
                "the field \"pw\" has the very value of input 1 of site 9",
            ),
            (
                Tampering::SameCiphertext {
                    input: 1,
                    other: place(None),
                },
                "the field \"pw\" has the very value of site 9 at an earlier time, or its own key",
            ),
            (
                Tampering::SiteKeyLost,
                "its own key is gone, or opens with no key any more",
            ),
            (
                Tampering::SiteKeyElsewhere { other: place(Some(0)) },
                "its own key is the very value of input 1 of site 9",
            ),
            (
                Tampering::Downgraded { input: 1, pinned, now },
                "the value of the field \"pw\" is less protected than before: sealed and bound to its place → sealed, not bound to its place",
            ),
            (Tampering::TypeChanged { input: 1 }, "the field \"pw\" has another type"),
            (Tampering::SiteTwice, "the service lists two sites with this number"),
            (
                Tampering::TooManyInputs { inputs: 5000 },
                "it has 5000 inputs, more than are compared",
            ),
        ] {
            assert_eq!(line(Finding::Tampered(tampering)), words);
        }
    }

    #[test]
    fn a_headline_says_where_a_password_would_go() {
        let moved = |after| {
            Finding::Changed(Change {
                field: Field::LoginOrigin,
                input: None,
                before: text("https://github.com"),
                after,
            })
        };
        let findings = [Finding::Missing, moved(text("https://github.com.login.example"))];
        assert_eq!(
            headline("GitHub", &findings),
            "GitHub: its password would now go to github.com.login.example (was github.com)"
        );
        let open = headline("GitHub", &[moved(text("http://github.com"))]);
        assert!(
            open.ends_with("would now go to http://github.com (was github.com)"),
            "{open}"
        );
        assert!(headline("GitHub", &[moved(None)]).contains("now go to nowhere"));
        assert_eq!(headline("GitHub", &[]), "");
        let tampered = [Finding::Tampered(Tampering::SiteTwice)];
        assert!(gravity(&findings) > gravity(&tampered) && gravity(&tampered) > gravity(&[Finding::Missing]));
    }

    #[test]
    fn a_summary_is_the_worst_and_how_much_more() {
        let missing = Finding::Missing;
        assert_eq!(summary(&[], None), "");
        assert_eq!(
            summary(std::slice::from_ref(&missing), None),
            "the service does not list it any more"
        );
        let two = [Finding::RolledBack(Rollback::EarlierValue { input: 0 }), missing];
        assert_eq!(
            summary(&two, None),
            "input 1 has a value again that was replaced before, and 1 more"
        );
        assert_eq!(
            line(Finding::RolledBack(Rollback::Resurrected)),
            "it is back, after it was accepted that it is gone"
        );
    }
}
