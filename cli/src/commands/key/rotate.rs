//! `zkv key rotate`.

use std::sync::Arc;

use zkvault::time;
use zkvault::vendor::opening_keys;
use zkvault_core::SecretBuffer;
use zkvault_core::document::{InputFailure, SealAs, decrypt_site, encrypt_site};
use zkvault_core::key::{KeySet, VaultKey};
use zkvault_core::keyring::{Keyring, MAX_LABEL_LEN};

use super::hand_over::Offer;
use super::{KeyRow, print_keys};
use crate::args::KeyRotate;
use crate::commands::{decrypt, encrypt};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::{Content, Input};
use crate::output::escaped;
use crate::sealed_document::SealedDocument;
use crate::{keychain, keyring_file};
use zkvault::documents::SiteWork;

/// Asked on a terminal only: a key that was rotated by mistake is reinstated.
const HINT: &str = "give --yes to rotate the key without a question";

pub(crate) fn run(args: &KeyRotate, context: &Context<'_>) -> Result<Exit> {
    if args.dry_run {
        let keyring = keyring_file::unlock(context)?;
        let plan = Plan::new(args, &keyring)?;
        let offer = plan.offer(&keyring, context)?;
        let mut facts = plan.facts().into_iter().chain(offer.facts());
        facts.try_for_each(|fact| context.output.line(&escaped(&fact)))?;
        return Ok(Exit::Success);
    }
    let input = args
        .document
        .as_deref()
        .map(|path| document(Input::open(Some(path))?))
        .transpose()?;
    // The document is sealed first, but gets its name last: the new key must be saved before anything needs it.
    let (row, document, sealed) = keyring_file::change(context, |keyring| {
        let mut keys = opening_keys(keyring);
        keychain::add_files(&mut keys, &args.keys.paths)?;
        let plan = Plan::new(args, keyring)?;
        let offer = plan.offer(keyring, context)?;
        let asks = !args.yes && context.prompt.is_allowed();
        if asks {
            let facts = [plan.facts(), offer.facts()].concat();
            context.prompt.confirm(&facts, "Rotate the key?", HINT)?;
        }
        plan.carry_out(keyring)?;
        let new = keychain::find(keyring, Some(&plan.new))?;
        let sealed = offer.accept(keyring, new, asks, context)?;
        let document = input
            .map(|input| reseal(args, context, input, keys, Arc::clone(new.key())))
            .transpose()?;
        Ok((KeyRow::new(new, keyring), document, sealed))
    })?;
    let to_stdout = document.is_some() && args.destination.path().is_none();
    if let Some(document) = document {
        document.commit()?;
    }
    if !to_stdout {
        print_keys(context, std::slice::from_ref(&row), &row)?;
    }
    if let Some(sealed) = sealed {
        sealed.save_beside(row.label(), context)?;
    }
    Ok(Exit::Success)
}

fn document(input: Input) -> Result<Input> {
    match input.sniffed()? {
        Content::Document(input) => Ok(input),
        Content::Bare(input) => Err(input.refused("it is not a JSON document")),
    }
}

/// What a rotation does.
struct Plan {
    /// The label of the key that is retired.
    old: String,
    /// The label of the key that replaces it.
    new: String,
    /// Whether the new key seals from then on.
    is_default: bool,
}

impl Plan {
    fn new(args: &KeyRotate, keyring: &Keyring) -> Result<Self> {
        let old = keychain::find(keyring, args.key.as_deref())?.label().to_owned();
        let new = args.label.clone().unwrap_or_else(|| free_label(keyring, &old));
        let is_default = keyring.keys().default_label() == old;
        Ok(Self { old, new, is_default })
    }

    fn facts(&self) -> Vec<String> {
        let Self { old, new, is_default } = self;
        let mut facts = vec![
            format!("The key {old:?} is retired: it still opens what it sealed, and seals nothing more."),
            format!("A new key {new:?} replaces it."),
        ];
        if *is_default {
            facts.push(format!("{new:?} seals new values, files and backups."));
        }
        facts.push(format!(
            "From then on, a new value that comes sealed under {old:?} needs review before it is used."
        ));
        facts
    }

    /// Who was given the old key.
    fn offer(&self, keyring: &Keyring, context: &Context<'_>) -> Result<Offer> {
        Offer::new(keyring, keychain::find(keyring, Some(&self.old))?, context)
    }

    fn carry_out(&self, keyring: &mut Keyring) -> Result<()> {
        let rotated = keyring.keys_mut().rotate(&self.old, &self.new, time::now()?);
        rotated.map_err(|error| CliError::new(Exit::Other, "key", "the key was not rotated").cause(error))
    }
}

/// `vault-2` after `vault`, `vault-3` after `vault-2`, …
fn free_label(keyring: &Keyring, old: &str) -> String {
    let counted = old.rsplit_once('-').filter(|(_, number)| number.parse::<u32>().is_ok());
    let stem = counted.map_or(old, |(stem, _)| stem);
    // With room for the number in the longest label.
    let end = (0..=stem.len().min(MAX_LABEL_LEN - 11))
        .rev()
        .find(|end| stem.is_char_boundary(*end));
    let stem = stem.get(..end.unwrap_or_default()).unwrap_or_default();
    let taken = |label: &String| keyring.keys().iter().any(|entry| entry.label() == label);
    let mut labels = (2_u32..).map(|number| format!("{stem}-{number}"));
    labels.find(|label| !taken(label)).unwrap_or_default()
}

fn reseal(
    args: &KeyRotate,
    context: &Context<'_>,
    input: Input,
    keys: KeySet,
    new_key: Arc<VaultKey>,
) -> Result<SealedDocument> {
    let mut document = SealedDocument::create(args.destination.path(), args.destination.force)?;
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
    error.lists.failures = failed;
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
