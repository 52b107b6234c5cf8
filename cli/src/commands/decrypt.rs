//! `zkv decrypt`.

mod listing;

use std::sync::Arc;

use zkvault_core::document::{InputFailure, decrypt_site};
use zkvault_core::key::KeySet;
use zkvault_core::value::{Envelope, MAX_ENVELOPE_LEN, OpenValueError};
use zkvault_core::{Coded as _, SecretBuffer};

use self::listing::{Listing, ListingWork};
use crate::args::Decrypt;
use crate::context::Context;
use crate::error::{CliError, Exit, FailedInput, Result};
use crate::input::{Content, Input};
use crate::sink::Sink;
use crate::{keychain, place};
use zkvault::documents::SiteWork;

/// Twice the longest base64 text of a value: it may be wrapped, or UTF-16.
pub(super) const MAX_BARE_LEN: usize = 2 * (MAX_ENVELOPE_LEN.div_ceil(3) * 4 + 4);
/// For a person who named the wrong file.
pub(super) const INPUT_HINT: &str = "the input is a base64 value, a site, an array of sites, or {\"sites\": […]}";

pub(crate) fn run(args: &Decrypt, context: &Context<'_>) -> Result<Exit> {
    match Input::open(args.file.as_deref())?.sniffed()? {
        Content::Bare(input) => bare(args, context, input),
        Content::Document(input) => {
            place::refuse(&args.place)?;
            let keys = Arc::new(keychain::for_opening(&args.keys.paths, args.layouts.as_ref(), context)?);
            match args.destination.path().is_none() && context.output.is_terminal() && !context.output.is_json() {
                true => list(args, context, input, keys),
                false => copy(args, context, input, keys),
            }
        }
    }
}

/// One value: its plaintext, and nothing else.
fn bare(args: &Decrypt, context: &Context<'_>, input: Input) -> Result<Exit> {
    let value = input.read_base64(MAX_BARE_LEN)?;
    let refused = |code, cause: String| CliError::new(Exit::Integrity, code, "the value did not open").cause(cause);
    let envelope = Envelope::parse(value.expose_secret())
        .map_err(|error| refused("malformed", error.to_string()).hint(INPUT_HINT))?;
    let keys = keychain::for_opening(&args.keys.paths, args.layouts.as_ref(), context)?;
    let place = place::context(&args.place);
    let opened = envelope.open(&keys, place.as_ref()).map_err(|error| match error {
        OpenValueError::NoContext => CliError::of(&error, "the value did not open")
            .cause(error)
            .hint("give --site-id, --type and --name of the input it belongs to"),
        OpenValueError::ControlCharacters => {
            refused(error.code(), error.to_string()).hint("zkv vendor discover finds the account's layout")
        }
        _ => refused(error.code(), error.to_string()).hint("try the key it was sealed under with --key-file"),
    })?;
    let text = opened.text.expose_secret();
    match args.destination.path() {
        None => context.output.bare(text)?,
        path => {
            let mut sink = Sink::open(path, args.destination.force)?;
            sink.write(text.as_bytes())?;
            sink.commit()?;
        }
    }
    Ok(Exit::Success)
}

/// The document as it came, with plaintext in place of every value that opens.
fn copy(args: &Decrypt, context: &Context<'_>, input: Input, keys: Arc<KeySet>) -> Result<Exit> {
    let mut sink = Sink::open(args.destination.path(), args.destination.force)?;
    let (mut failed, mut written) = (Vec::new(), 0);
    let done = input.each_site(CopyWork { keys }, |bytes, failures| {
        failed.extend(named(&failures, context));
        written += bytes.len();
        sink.write(bytes)
    });
    done.map_err(|error| match sink.is_stdout() && written > 0 {
        true => error.hint("what came out is not the whole document"),
        false => error,
    })?;
    sink.commit()?;
    finish(failed)
}

struct CopyWork {
    keys: Arc<KeySet>,
}

impl SiteWork for CopyWork {
    type Report = Vec<InputFailure>;
    type Error = CliError;

    fn site(&self, site: &[u8], output: &mut SecretBuffer, report: &mut Self::Report) -> Result<()> {
        decrypt_site(&self.keys, site, output, report).map_err(CliError::malformed_site)
    }
}

/// A table for the person at the terminal.
fn list(args: &Decrypt, context: &Context<'_>, input: Input, keys: Arc<KeySet>) -> Result<Exit> {
    let mut failed = Vec::new();
    let mut listing = Listing::new();
    let reveal = args.reveal;
    input.each_site(ListingWork { keys, reveal }, |_, report| {
        listing.add(report.rows);
        failed.extend(named(&report.failures, context));
        Ok(())
    })?;
    listing.print(context.output)?;
    finish(failed)
}

/// Names the inputs that did not open, at once unless the one JSON object at the end does.
pub(super) fn named<'a>(
    failures: &'a [InputFailure],
    context: &Context<'_>,
) -> impl Iterator<Item = FailedInput> + use<'a> {
    let output = context.output;
    failures.iter().map(move |failure| {
        let failed = FailedInput::from(failure);
        output.failed_input(&failed);
        failed
    })
}

fn finish(failed: Vec<FailedInput>) -> Result<Exit> {
    if failed.is_empty() {
        return Ok(Exit::Success);
    }
    let message = match failed.len() {
        1 => "1 value did not open and stays as it was".to_owned(),
        many => format!("{many} values did not open and stay as they were"),
    };
    let mut error = CliError::new(Exit::Integrity, "values-failed", message);
    error.lists.failures = failed;
    Err(error)
}
