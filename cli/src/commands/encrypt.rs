//! `zkv encrypt`.

use std::fmt;

use zkvault_core::document::{EncryptSiteError, SealAs, SealInLayout, SealInputError, encrypt_site};
use zkvault_core::value::{Envelope, MAX_VALUE_LEN, ValueContext, seal_bound};
use zkvault_core::{SecretBuffer, text};

use crate::args::Encrypt;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::{Content, Input};
use crate::keychain::{self, SealingKey};
use crate::place;
use crate::sealed_document::SealedDocument;
use crate::sink::Sink;
use zkvault::documents::SiteWork;

pub(crate) fn run(args: &Encrypt, context: &Context<'_>) -> Result<Exit> {
    let input = Input::open(args.file.as_deref())?;
    // A plaintext may look like anything, even like a document.
    if let Some(place) = place::context(&args.place) {
        return bare(args, context, input, &place);
    }
    match input.sniffed()? {
        Content::Document(input) => document(args, context, input),
        Content::Bare(input) => Err(input
            .refused("it is not a JSON document")
            .hint("to seal a single plaintext, give --site-id, --type and --name of the input it belongs to")),
    }
}

fn bare(args: &Encrypt, context: &Context<'_>, mut input: Input, place: &ValueContext<'_>) -> Result<Exit> {
    let bytes = input.read_all(MAX_VALUE_LEN)?;
    let mut buffer = SecretBuffer::new();
    let text = text::decode(bytes.expose_secret(), &mut buffer)
        .map_err(|error| CliError::of(&error, "the plaintext cannot be sealed").cause(error))?;
    let text = without_line_end(text);
    if Envelope::parse(text).is_ok() {
        return Err(sealed_already("the value is encrypted already"));
    }
    let key = keychain::for_sealing(&args.sealing, context)?;
    let not_sealed = |error: &dyn fmt::Display| CliError::new(Exit::Other, "seal", "nothing was sealed").cause(error);
    let sealed = match &key.layout {
        None => seal_bound(&key.key, place, text).map_err(|error| not_sealed(&error))?,
        Some(layout) => {
            let sealed = layout.seal(&key.key, key.vendor_id.to_bytes(), text);
            sealed.map_err(|error| not_sealed(&error))?
        }
    };
    match args.destination.path() {
        None if context.output.is_json() => context.output.json(&sealed)?,
        path => {
            let mut sink = Sink::open(path, args.destination.force)?;
            sink.write(format!("{sealed}\n").as_bytes())?;
            sink.commit()?;
        }
    }
    Ok(Exit::Success)
}

/// A shell's `echo` adds a line end to a password. In a text of several lines the last one belongs to it.
fn without_line_end(text: &str) -> &str {
    let line = text.strip_suffix('\n').unwrap_or(text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    match line.contains('\n') {
        true => text,
        false => line,
    }
}

fn document(args: &Encrypt, context: &Context<'_>, input: Input) -> Result<Exit> {
    let key = keychain::for_sealing(&args.sealing, context)?;
    let mut document = SealedDocument::create(args.destination.path(), args.destination.force)?;
    input.each_site(SealWork(key), |bytes, ()| document.write(bytes))?;
    document.commit()?;
    Ok(Exit::Success)
}

struct SealWork(SealingKey);

impl SiteWork for SealWork {
    type Report = ();
    type Error = CliError;

    fn site(&self, site: &[u8], output: &mut SecretBuffer, (): &mut ()) -> Result<()> {
        let SealingKey {
            key,
            vendor_id,
            layout,
            ladder,
        } = &self.0;
        let seal = match layout {
            None => SealAs::Bound(key),
            Some(layout) => SealAs::Layout(SealInLayout {
                layout,
                key,
                number: *vendor_id,
                keys: ladder,
            }),
        };
        encrypt_site(seal, site, output).map(drop).map_err(not_sealed)
    }
}

pub(super) fn not_sealed(error: EncryptSiteError) -> CliError {
    match error {
        EncryptSiteError::Site(error) => CliError::malformed_site(error),
        EncryptSiteError::Input {
            error: SealInputError::AlreadySealed,
            ..
        } => sealed_already(&error.to_string()),
        EncryptSiteError::Input {
            error: SealInputError::SiteKey,
            ..
        } => CliError::new(Exit::Integrity, "site-key", "nothing was sealed")
            .cause(error)
            .hint("--layout bound seals under your own key; the key that the site's key is sealed under opens it"),
        error => CliError::new(Exit::Other, "seal", "a value cannot be sealed").cause(error),
    }
}

fn sealed_already(cause: &str) -> CliError {
    CliError::new(Exit::Other, "already-sealed", "nothing was sealed")
        .cause(cause)
        .hint("zkv decrypt opens it; zkv key rotate seals a sealed document under a new key")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_end_after_one_line_is_not_part_of_the_plaintext() {
        for (given, meant) in [
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n", "hunter2"),
            ("hunter2", "hunter2"),
            ("hunter2 ", "hunter2 "),
            ("\n", ""),
            ("a\nb\n", "a\nb\n"),
            ("a\n\n", "a\n\n"),
        ] {
            assert_eq!(without_line_end(given), meant, "{given:?}");
        }
    }
}
