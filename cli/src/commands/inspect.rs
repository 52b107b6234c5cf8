//! `zkv inspect`.

use serde::Serialize;
use zkvault_core::SecretBuffer;
use zkvault_core::document::{InputRef, inspect_site};
use zkvault_core::value::Envelope;
use zkvault_core::vendor::Trust;

use super::decrypt::{INPUT_HINT, MAX_BARE_LEN};
use crate::args::Inspect;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::{Content, Input};
use crate::output::Table;
use zkvault::documents::SiteWork;

/// What is known of a value without any key.
#[derive(Debug, Default, Serialize)]
struct Description {
    #[serde(flatten)]
    place: Option<Place>,
    version: Option<u8>,
    key_id: Option<String>,
    sealed_len: Option<usize>,
    layouts: Vec<LayoutLen>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

#[derive(Debug, Serialize)]
struct Place {
    site_id: Option<u64>,
    site_name: String,
    index: usize,
    #[serde(rename = "type")]
    input_type: String,
    name: String,
}

/// A layout that fits, and the bytes of plaintext under it (with padding, for the bound one).
#[derive(Debug, Serialize)]
struct LayoutLen {
    layout: String,
    /// Whether the layout authenticates the value.
    trust: Trust,
    plaintext_len: usize,
}

pub(crate) fn run(args: &Inspect, context: &Context<'_>) -> Result<Exit> {
    let values = match Input::open(args.file.as_deref())?.sniffed()? {
        Content::Bare(input) => vec![bare(input)?],
        Content::Document(input) => document(input)?,
    };
    context.output.rows(&table(&values), &values)?;
    let malformed = values.iter().filter(|value| value.error.is_some()).count();
    match malformed {
        0 => Ok(Exit::Success),
        _ => Err(CliError::new(
            Exit::Integrity,
            "malformed",
            format!("not a sealed value: {malformed} of {}", values.len()),
        )),
    }
}

fn bare(input: Input) -> Result<Description> {
    let value = input.read_base64(MAX_BARE_LEN)?;
    let envelope = Envelope::parse(value.expose_secret()).map_err(|error| {
        CliError::new(Exit::Integrity, "malformed", "not a sealed value")
            .cause(error)
            .hint(INPUT_HINT)
    })?;
    Ok(Description::of(&envelope))
}

fn document(input: Input) -> Result<Vec<Description>> {
    let mut values = Vec::new();
    input.each_site(InspectWork, |_, found| {
        values.extend(found);
        Ok(())
    })?;
    Ok(values)
}

struct InspectWork;

impl SiteWork for InspectWork {
    type Report = Vec<Description>;
    type Error = CliError;

    fn site(&self, site: &[u8], _output: &mut SecretBuffer, found: &mut Vec<Description>) -> Result<()> {
        let inspected = inspect_site(site, |input, envelope| {
            let mut description = match envelope {
                Ok(envelope) => Description::of(&envelope),
                Err(error) => Description {
                    error: Some(error.to_string()),
                    ..Description::default()
                },
            };
            description.place = Some(Place::of(input));
            found.push(description);
        });
        inspected.map_err(CliError::malformed_site)
    }
}

impl Description {
    fn of(envelope: &Envelope) -> Self {
        let layouts = envelope.candidates().map(|candidate| LayoutLen {
            layout: candidate.layout.to_string(),
            trust: candidate.layout.trust(),
            plaintext_len: candidate.plaintext_len,
        });
        Self {
            place: None,
            version: Some(envelope.version().number()),
            key_id: Some(envelope.key_id().to_string()),
            sealed_len: Some(envelope.sealed_len()),
            layouts: layouts.collect(),
            error: None,
        }
    }
}

impl Place {
    fn of(input: &InputRef<'_>) -> Self {
        Self {
            site_id: input.site_id(),
            site_name: input.site_name().to_owned(),
            index: input.index(),
            input_type: input.input_type().into_owned(),
            name: input.name().into_owned(),
        }
    }
}

fn table(values: &[Description]) -> Table {
    let header = &["SITE", "INPUT", "VERSION", "KEY ID", "BYTES", "LAYOUT:PLAINTEXT BYTES"];
    let mut table = Table::new(header).cut(&["INPUT"]).wrapped(&["LAYOUT:PLAINTEXT BYTES"]);
    for value in values {
        let place = value.place.as_ref();
        let layouts = value
            .layouts
            .iter()
            .map(|fit| format!("{}:{}", fit.layout, fit.plaintext_len));
        table.row([
            place
                .and_then(|place| place.site_id)
                .map(|id| id.to_string())
                .unwrap_or_default(),
            place.map(|place| place.name.clone()).unwrap_or_default(),
            value.version.map(|version| version.to_string()).unwrap_or_default(),
            value.key_id.clone().unwrap_or_default(),
            value.sealed_len.map(|length| length.to_string()).unwrap_or_default(),
            value
                .error
                .clone()
                .unwrap_or_else(|| layouts.collect::<Vec<_>>().join(" ")),
        ]);
    }
    table
}
