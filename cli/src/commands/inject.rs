//! `zkv inject`.

use std::path::Path;

use serde::Serialize;
use zkvault::core::text;
use zkvault::core::trust::Use;
use zkvault::delivery::Template;
use zkvault_core::SecretBuffer;

use super::used::Values;
use crate::args::Inject;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output;
use crate::sink::Sink;
use crate::vault;

/// The longest template, in bytes: 16 MiB. It is in memory as a whole, with its values.
const MAX_TEMPLATE: usize = 16 << 20;

/// What `--check` and a written file answer to other programs.
#[derive(Serialize)]
struct Done<'a> {
    references: Vec<&'a str>,
    output: Option<&'a Path>,
}

pub(crate) fn run(args: &Inject, context: &Context<'_>) -> Result<Exit> {
    let mut input = Input::open(args.input.as_deref())?;
    let bytes = input.read_all(MAX_TEMPLATE)?;
    let mut buffer = SecretBuffer::new();
    let text = text::decode(bytes.expose_secret(), &mut buffer).map_err(|error| input.refused(error))?;
    let template = Template::parse(text).map_err(|error| {
        CliError::usage(format!("{} has a reference that cannot be read", input.name()))
            .cause(error)
            .hint("{{ zkv://SITE/FIELD }}, where %2F stands for / and %25 for %")
    })?;
    let values = open(args, &template, context)?;
    let filled = template.fill(|reference| values.get(reference))?;
    let path = args.destination.path();
    let done = Done {
        references: values.names().collect(),
        output: path,
    };
    if args.check {
        return checked(&done, context);
    }
    if let Some(path) = path {
        note(&done, &output::shown_path(path), context);
    }
    let mut sink = Sink::open(path, args.destination.force)?;
    sink.write(filled.expose_secret())?;
    sink.commit()?;
    if path.is_some() && context.output.is_json() {
        context.output.json(&done)?;
    }
    Ok(Exit::Success)
}

/// A template without references needs no store, and no passphrase.
fn open(args: &Inject, template: &Template<'_>, context: &Context<'_>) -> Result<Values> {
    if template.references().next().is_none() {
        return Ok(Values::default());
    }
    let vault = vault::open(&args.keys.paths, context)?;
    Values::open(&vault, template.references(), Use::Inject, context)
}

fn checked(done: &Done<'_>, context: &Context<'_>) -> Result<Exit> {
    if context.output.is_json() {
        context.output.json(done)?;
    } else {
        for reference in &done.references {
            context.output.line(reference)?;
        }
    }
    Ok(Exit::Success)
}

/// Which values go where: the template may be a stranger's.
fn note(done: &Done<'_>, place: &str, context: &Context<'_>) {
    match done.references.as_slice() {
        [] => context.output.note("the template has no references"),
        references => context.output.note(&format!("{place} gets {}", references.join(", "))),
    }
}
