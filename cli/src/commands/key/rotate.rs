//! `zkv key rotate`.

use std::sync::Arc;

use zkvault::time;
use zkvault_core::SecretBuffer;
use zkvault_core::document::{InputFailure, SealAs, decrypt_site, encrypt_site};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::keyring::Keyring;

use super::{KeyRow, print_keys};
use crate::args::KeyRotate;
use crate::commands::{decrypt, encrypt};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::{Content, Input};
use crate::sealed_document::SealedDocument;
use crate::{keychain, keyring_file};
use zkvault::documents::SiteWork;

pub(crate) fn run(args: &KeyRotate, context: &Context<'_>) -> Result<Exit> {
    let input = args
        .file
        .as_deref()
        .map(|path| document(Input::open(Some(path))?))
        .transpose()?;
    // The document is sealed first, but gets its name last: the new key must be saved before anything needs it.
    let (row, document) = keyring_file::change(context, |keyring| {
        let mut keys = keyring.keys().key_set();
        keychain::add_files(&mut keys, &args.keys.paths)?;
        rotate(keyring, args.label.as_deref())?;
        let document = input
            .map(|input| reseal(args, context, input, keys, keyring))
            .transpose()?;
        Ok((KeyRow::new(keychain::find(keyring, None)?, keyring), document))
    })?;
    let to_stdout = document.is_some() && args.destination.path().is_none();
    if let Some(document) = document {
        document.commit()?;
    }
    if !to_stdout {
        print_keys(context, std::slice::from_ref(&row), &row)?;
    }
    Ok(Exit::Success)
}

fn document(input: Input) -> Result<Input> {
    match input.sniffed()? {
        Content::Document(input) => Ok(input),
        Content::Bare(input) => Err(input.refused("it is not a JSON document")),
    }
}

fn rotate(keyring: &mut Keyring, label: Option<&str>) -> Result<()> {
    let label = label.map_or_else(|| free_label(keyring), str::to_owned);
    let rotated = keyring.keys_mut().rotate(&label, time::now()?);
    rotated.map_err(|error| CliError::new(Exit::Other, "key", "the key was not rotated").cause(error))
}

/// `vault-2`, `vault-3`, …
fn free_label(keyring: &Keyring) -> String {
    let taken = |label: &String| keyring.keys().iter().any(|entry| entry.label() == label);
    let mut labels = (2_u32..).map(|number| format!("vault-{number}"));
    labels.find(|label| !taken(label)).unwrap_or_default()
}

fn reseal(
    args: &KeyRotate,
    context: &Context<'_>,
    input: Input,
    keys: KeySet,
    keyring: &Keyring,
) -> Result<SealedDocument> {
    let mut document = SealedDocument::create(args.destination.path(), args.destination.force)?;
    let new_key = Arc::clone(keychain::find(keyring, None)?.key());
    let mut failed = Vec::new();
    input.each_site(ResealWork { keys, new_key }, |bytes, failures| {
        failed.extend(decrypt::named(&failures, context));
        document.write(bytes)
    })?;
    if failed.is_empty() {
        return Ok(document);
    }
    let mut error = CliError::new(Exit::Integrity, "values-failed", "nothing was changed")
        .cause(format!("values that did not open: {}", failed.len()));
    error.failures = failed;
    Err(error)
}

struct ResealWork {
    keys: KeySet,
    new_key: Arc<VaultKey>,
}

impl SiteWork for ResealWork {
    type Report = Vec<InputFailure>;
    type Error = CliError;

    fn site(&self, site: &[u8], output: &mut SecretBuffer, report: &mut Self::Report) -> Result<()> {
        let (mut opened, before) = (SecretBuffer::new(), report.len());
        decrypt_site(&self.keys, site, &mut opened, report).map_err(CliError::malformed_site)?;
        if report.len() > before {
            // Nothing will come out, but the other sites are still tried, so that all that fail are named.
            return Ok(());
        }
        let sealed = encrypt_site(SealAs::Bound(&self.new_key), opened.expose_secret(), output);
        sealed.map(drop).map_err(encrypt::not_sealed)
    }
}
