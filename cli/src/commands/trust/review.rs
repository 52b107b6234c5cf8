//! What a person sees of a site before they accept it, and the digest of exactly that.

use sha2::{Digest as _, Sha256};
use zkvault_core::key::KeyFingerprint;
use zkvault_core::model::Site;
use zkvault_core::trust::{Explanation, Finding, FirstSeen, Origin, Tampering, around_difference};

use super::Accepted;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keychain;
use crate::output::escaped;
use crate::vault::Vault;
use zkvault::store::{Entry, Standing};
use zkvault::vault::Index;

/// Findings that are shown of a site at most.
const MAX_FACTS: usize = 20;
/// Characters that are shown of a text before or after a change; with its indent it fits a line of a question.
const TEXT_WIDTH: usize = 120;
/// The longest name that somebody has to type.
const MAX_TYPED_CHARS: usize = 64;

/// A site that waits for a person.
pub(super) struct Review<'a> {
    pub(super) entry: Entry<'a>,
    findings: Vec<Finding>,
    trusted: Option<Site>,
    /// What would be accepted; none when the service does not list the site any more.
    served: Option<Site>,
}

/// The sites that were named, each once, without those that are as they were.
pub(super) fn of_sites<'a>(
    wanted: &[String],
    vault: &'a Vault,
    index: &'a Index,
    context: &Context<'_>,
) -> Result<Vec<Review<'a>>> {
    let mut reviews: Vec<Review<'a>> = Vec::new();
    for wanted in wanted {
        let entry = vault.contents.find_to_accept(index, wanted)?;
        if !entry.standing.needs_a_look() {
            let note = format!("{} is as it was", entry.label());
            context.output.note(&escaped(&note));
        } else if reviews.iter().all(|review| review.entry.id != entry.id) {
            reviews.push(Review::new(entry, vault)?);
        }
    }
    Ok(reviews)
}

/// The sites of which nothing was found but that they are under this retired key, since there was nothing to compare them
/// with.
pub(super) fn of_key<'a>(name: &str, vault: &'a Vault, index: &'a Index) -> Result<Vec<Review<'a>>> {
    let keyring = vault.keyring.as_ref().ok_or_else(|| {
        CliError::usage("--key names a key of the keyring").hint("leave --key-file out to use the keyring")
    })?;
    let key = keychain::find(keyring.keyring(), Some(name))?.key().fingerprint();
    let mut reviews = Vec::new();
    for entry in vault.contents.entries(index) {
        let entry = entry?;
        if entry.standing == Standing::MetadataChanged && is_only_under(key, &vault.contents.store.findings(&entry)?) {
            reviews.push(Review::new(entry, vault)?);
        }
    }
    match reviews.is_empty() {
        false => Ok(reviews),
        true => Err(CliError::new(
            Exit::NotFound,
            "no-such-site",
            format!("no site waits only because it is under the key {name:?}"),
        )
        .hint("zkv trust lists the sites that need review")),
    }
}

fn is_only_under(wanted: KeyFingerprint, findings: &[Finding]) -> bool {
    let fits = |finding: &Finding| match finding {
        Finding::RetiredKey { key, seen, .. } => *key == wanted && *seen != FirstSeen::Later,
        Finding::New(seen) => *seen != FirstSeen::Later,
        _ => false,
    };
    findings.iter().all(fits)
        && findings
            .iter()
            .any(|finding| matches!(finding, Finding::RetiredKey { .. }))
}

/// 16 hexadecimal digits that stand for all that is shown, and for what would be accepted by it.
pub(super) fn digest(reviews: &[Review<'_>]) -> String {
    let mut digest = Sha256::new();
    for review in reviews {
        let shown = (review.entry.id, review.facts(), &review.findings, &review.served);
        let json = serde_json::to_vec(&shown).unwrap_or_default();
        digest.update((json.len() as u64).to_be_bytes());
        digest.update(&json);
    }
    let digest = digest.finalize();
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

impl<'a> Review<'a> {
    fn new(entry: Entry<'a>, vault: &Vault) -> Result<Self> {
        let findings = vault.contents.store.findings(&entry)?;
        if findings.contains(&Finding::Tampered(Tampering::SiteTwice)) {
            return Err(CliError::new(
                Exit::Integrity,
                "site-twice",
                format!("the service lists two sites as {}: neither can be accepted", entry.id),
            )
            .hint("one of them has to go at the service; then zkv sync"));
        }
        let site = |slot| vault.contents.store.site(entry.id, slot);
        let served = entry.candidate.or(entry.trusted);
        let served = served.filter(|_| entry.standing != Standing::Missing);
        Ok(Self {
            findings,
            trusted: entry.trusted.map(site).transpose()?,
            served: served.map(site).transpose()?,
            entry,
        })
    }

    pub(super) fn accepted(&self) -> Accepted {
        let verdict = match self.entry.standing {
            Standing::Missing => Standing::Gone,
            _ => Standing::Ok,
        };
        Accepted {
            id: self.entry.id,
            verdict: verdict.name(),
        }
    }

    /// Shows it and asks; for one that was tampered with, a yes is not enough.
    pub(super) fn ask(&self, context: &Context<'_>, hint: &str) -> Result<()> {
        let (facts, id) = (self.facts(), self.entry.id);
        if self.entry.standing == Standing::Tampered {
            let name = self.typed_name();
            let question = format!("To accept site {id} as the service lists it, type {name}");
            return context.prompt.confirm_typed(&facts, &question, &name, hint);
        }
        // Not by its name: a long one must not push the question off the screen.
        let question = match self.served {
            Some(_) => format!("Accept site {id} as the service lists it"),
            None => format!("Accept that site {id} is gone"),
        };
        context.prompt.confirm(&facts, &question, hint)
    }

    /// Its name, or its id where nobody would want to type the name.
    fn typed_name(&self) -> String {
        let name = self.entry.name.as_deref().unwrap_or_default();
        let usable = !name.trim().is_empty() && name.trim() == name && escaped(name) == name;
        match usable && name.chars().count() <= MAX_TYPED_CHARS {
            true => name.to_owned(),
            false => self.entry.id.to_string(),
        }
    }

    /// What a person has to know, the most important first: where the values would go. Every text is as a terminal may
    /// show it.
    pub(super) fn facts(&self) -> Vec<String> {
        let Self { entry, findings, .. } = self;
        let mut facts = vec![safe(&format!("{}: {}", entry.label(), entry.standing.name()))];
        facts.extend(self.destination());
        let shown = findings.get(..MAX_FACTS).unwrap_or(findings);
        facts.extend(shown.iter().flat_map(|finding| self.fact(finding)));
        if findings.len() > shown.len() {
            facts.push(format!("  and {} more", findings.len() - shown.len()));
        }
        facts
    }

    fn destination(&self) -> Option<String> {
        let url = self
            .served
            .as_ref()
            .and_then(|site| site.login.as_ref()?.url.as_deref());
        let origin = |url| Origin::parse(url).map_or_else(|_| "no web page".to_owned(), |origin| origin.to_string());
        let now = url.map(origin);
        let before = self.entry.trusted.and(self.entry.origin.as_deref());
        let line = match (before, now.as_deref()) {
            (Some(before), Some(now)) if before != now => {
                format!("  its values would go to {now}, no more to {before}")
            }
            (before, now) => format!("  its values go to {}", now.or(before)?),
        };
        Some(safe(&line))
    }

    /// What was found in one line, and what there was before and is now in a line each.
    fn fact(&self, finding: &Finding) -> Vec<String> {
        let explanation = Explanation::of(finding, self.served.as_ref());
        let what = safe(&format!("  {}", explanation.what));
        let (before, after) = (explanation.before, explanation.after);
        if before.is_none() && after.is_none() {
            return vec![what];
        }
        let whole = |site: &Option<Site>, text: Option<String>| match (finding, site) {
            (Finding::Changed(change), Some(site)) => change.field.text_in(site).map(str::to_owned).or(text),
            _ => text,
        };
        let texts = [whole(&self.trusted, before), whole(&self.served, after)];
        let [before, after] = texts.map(|text| text.map(|text| safe(&text)));
        let side = |text: &Option<String>| text.clone().unwrap_or_default();
        let (old, new) = around_difference(&side(&before), &side(&after), TEXT_WIDTH);
        let line = |sign: char, text: Option<String>, cut: String| match text {
            Some(_) => format!("    {sign} {cut}"),
            None => format!("    {sign} nothing"),
        };
        vec![what, line('-', before, old), line('+', after, new)]
    }
}

fn safe(text: &str) -> String {
    escaped(text).into_owned()
}
