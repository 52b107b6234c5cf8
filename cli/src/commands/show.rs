//! `zkv show`.

use serde::{Serialize, Serializer};
use zkvault_core::document::{DecryptReport, InputError, InputFailure, InputRef, decrypt_site};
use zkvault_core::model::Site;
use zkvault_core::site;
use zkvault_core::trust::{Explanation, Finding, readable_origin};
use zkvault_core::value::OpenedValue;
use zkvault_core::vendor::Trust;
use zkvault_core::{Coded as _, SecretBuffer, SecretText};

use super::copies::{self, Wanted};
use crate::args::Show;
use crate::clock::Stamp;
use crate::context::Context;
use crate::error::{CliError, Exit, FailedInput, Result};
use crate::output::{Cell, Table, escaped};
use crate::vault::{self, Vault};
use zkvault::store::{Entry, Slot, Standing, StoreError};

const MASK: &str = "********";

/// A site as other programs get it.
#[derive(Serialize)]
struct Shown<'a> {
    id: u64,
    name: Option<&'a str>,
    url: Option<&'a str>,
    origin: Option<&'a str>,
    updated: Option<Stamp>,
    verdict: &'static str,
    /// Whether replaced values are accepted without a question.
    followed: bool,
    findings: &'a [Finding],
    fields: Vec<Field>,
}

/// An input of the site.
#[derive(Serialize)]
struct Field {
    label: String,
    names: Vec<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The layout that it is sealed in, or why it does not open.
    layout: String,
    /// Whether that authenticates the value; none of one that did not open.
    trust: Option<Trust>,
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "exposed")]
    value: Option<SecretText>,
    #[serde(skip)]
    state: State,
}

/// Whether there is a value, and whether it opens.
#[derive(Clone, Copy)]
enum State {
    Absent,
    Opened,
    Failed,
}

/// Only the user name is kept until here, and the values that a person asked to see.
fn exposed<S: Serializer>(value: &Option<SecretText>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    value.as_ref().map(SecretText::expose_secret).serialize(serializer)
}

pub(crate) fn run(args: &Show, context: &Context<'_>) -> Result<Exit> {
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index();
    let entry = vault.contents.find(&index, &args.site)?;
    let findings = vault.contents.store.findings(&entry)?;
    let slot = slot(args, context, &vault, &entry, &findings)?;
    let site = vault.contents.store.site(entry.id, slot)?;
    let (fields, failures) = fields(&vault, &site, args.reveal)?;
    let followed = vault.contents.followed().is_ok_and(|sites| sites.contains(&entry.id));
    print(context, &entry, &site, (&findings, followed), fields)?;
    warn(context, &vault, &entry, &findings);
    vault.note_age(context)?;
    match failures.is_empty() || !args.reveal {
        true => Ok(Exit::Success),
        false => Err(not_opened(&failures, context)),
    }
}

/// The copy to show. Without its values a site that was tampered with is shown as well: to see what is there.
fn slot(args: &Show, context: &Context<'_>, vault: &Vault, entry: &Entry<'_>, findings: &[Finding]) -> Result<Slot> {
    let wanted = Wanted {
        trusted: args.trusted,
        secrets: args.reveal,
    };
    match args.reveal || entry.standing == Standing::ValueReplaced {
        true => copies::readable(entry, findings, &vault.contents, wanted, context),
        false => entry.copy().ok_or_else(|| StoreError::DamagedSite(entry.id).into()),
    }
}

/// The inputs, opened to learn whether they can be.
fn fields(vault: &Vault, site: &Site, reveal: bool) -> Result<(Vec<Field>, Vec<InputFailure>)> {
    let json = serde_json::to_vec(site)
        .map_err(|error| CliError::new(Exit::Other, "json", "the site was not written").cause(error))?;
    let (mut copy, mut opening) = (SecretBuffer::new(), Opening::default());
    decrypt_site(vault.contents.keys(), &json, &mut copy, &mut opening).map_err(CliError::malformed_site)?;
    let username = site::find_field(site, "username").map(|field| field.index).ok();
    let fields = site::fields(site).map(|field| {
        let opened = opening.values.iter_mut().find(|(place, ..)| *place == field.index);
        let (state, layout, trust, value) = match opened {
            None => (State::Absent, String::from("none"), None, None),
            Some((_, layout, trust, None)) => (State::Failed, std::mem::take(layout), *trust, None),
            Some((_, layout, trust, value)) => (State::Opened, std::mem::take(layout), *trust, value.take()),
        };
        Field {
            label: field.label(),
            names: field.names(),
            kind: field.input.input_type.clone(),
            layout,
            trust,
            value: value.filter(|_| reveal || username == Some(field.index)),
            state,
        }
    });
    let fields = fields.collect();
    Ok((fields, opening.failures))
}

/// The values by the numbers of their inputs, and those that did not open.
#[derive(Default)]
struct Opening {
    values: Vec<(usize, String, Option<Trust>, Option<SecretText>)>,
    failures: Vec<InputFailure>,
}

impl DecryptReport for Opening {
    fn opened(&mut self, input: &InputRef<'_>, value: OpenedValue) {
        let (layout, trust) = (value.layout.to_string(), value.layout.trust());
        self.values.push((input.index(), layout, Some(trust), Some(value.text)));
    }

    fn failed(&mut self, input: &InputRef<'_>, error: InputError) {
        self.values.push((input.index(), error.code().to_owned(), None, None));
        self.failures.failed(input, error);
    }
}

fn print(
    context: &Context<'_>,
    entry: &Entry<'_>,
    site: &Site,
    (findings, followed): (&[Finding], bool),
    fields: Vec<Field>,
) -> Result<()> {
    let url = site.login.as_ref().and_then(|login| login.url.as_deref());
    let shown = Shown {
        id: site.id,
        name: site.name.as_deref(),
        url,
        origin: entry.origin.as_deref(),
        updated: site.updated.map(Stamp),
        verdict: entry.standing.name(),
        followed,
        findings,
        fields,
    };
    context.output.rows(&table(&shown), &shown)
}

fn table(shown: &Shown<'_>) -> Table {
    let mut table = Table::pairs();
    table.row([Cell::from("name"), Cell::text(shown.name)]);
    table.row([Cell::from("id"), Cell::from(shown.id.to_string())]);
    table.row([Cell::from("url"), Cell::text(shown.url)]);
    table.row([Cell::from("host"), Cell::text(shown.origin.map(readable_origin))]);
    table.row([Cell::from("updated"), Cell::time(shown.updated)]);
    table.row([Cell::from("verdict"), Cell::State(shown.verdict)]);
    if shown.followed {
        table.row([Cell::from("followed"), Cell::from("yes")]);
    }
    for field in &shown.fields {
        table.row([field.label.clone(), field.shown()]);
    }
    table
}

impl Field {
    fn shown(&self) -> String {
        match (self.state, &self.value) {
            (_, Some(value)) => value.expose_secret().to_owned(),
            (State::Opened, None) => MASK.to_owned(),
            (State::Failed, None) => format!("does not open: {}", self.layout),
            (State::Absent, None) => String::new(),
        }
    }
}

/// Says what was found, and what to do about it.
fn warn(context: &Context<'_>, vault: &Vault, entry: &Entry<'_>, findings: &[Finding]) {
    // Either was said when the copy was chosen, or is said by the sync, and by zkv status.
    let said = matches!(entry.standing, Standing::ValueReplaced | Standing::FirstUse);
    let served = entry
        .served()
        .and_then(|slot| vault.contents.store.site(entry.id, slot).ok());
    for finding in findings.iter().filter(|_| !said) {
        let line = Explanation::of(finding, served.as_ref()).line();
        context.output.warning(&escaped(&line));
    }
    if entry.standing.needs_a_look() {
        context.output.note(&format!(
            "zkv trust {} shows what the service lists, and accepts it",
            entry.id
        ));
    }
}

fn not_opened(failures: &[InputFailure], context: &Context<'_>) -> CliError {
    let failures: Vec<FailedInput> = failures.iter().map(FailedInput::from).collect();
    failures.iter().for_each(|failure| context.output.failed_input(failure));
    let message = match failures.len() {
        1 => "1 value did not open".to_owned(),
        many => format!("{many} values did not open"),
    };
    let mut error = CliError::new(Exit::Integrity, "values-failed", message);
    error.lists.failures = failures;
    error
}
