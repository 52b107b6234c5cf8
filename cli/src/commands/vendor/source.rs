//! What a search needs: the values of a document or of the local store, and keys to try.

use std::sync::{Arc, Mutex, PoisonError};

use zkvault::documents::SiteWork;
use zkvault::keyring_file::OpenKeyring;
use zkvault::vendor::{TriedKey, derivations, derive_all};
use zkvault_core::SecretBuffer;
use zkvault_core::document::{inspect_site, inspect_site_key};
use zkvault_core::vendor::KeySource;
use zkvault_core::vendor::discover::Samples;

use crate::args::VendorDiscover;
use crate::commands::decrypt::MAX_BARE_LEN;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::input::{Content, Input};
use crate::{key_source, keyring_file, passphrase, vault};

const HINT: &str = "set ZKV_MASTER_PASSWORD_FILE to a file that holds the master password, or ZKV_MASTER_PASSWORD";

/// The values and keys of a search.
pub(super) struct Source {
    pub(super) samples: Samples,
    pub(super) keys: Vec<TriedKey>,
    /// Where a layout is kept; none when the keys are from key files, and when there is no keyring.
    pub(super) keyring: Option<OpenKeyring>,
}

impl Source {
    pub(super) fn open(args: &VendorDiscover, context: &Context<'_>) -> Result<Self> {
        let (samples, keyring) = samples(args, context)?;
        let keyring = match keyring {
            Some(keyring) => Some(keyring),
            None => open_keyring(args, context)?,
        };
        let keys = keys(args, keyring.as_ref(), context)?;
        Ok(Self { samples, keys, keyring })
    }
}

/// The values, as many as a search takes; and the keyring, if that had to be opened for them.
pub(super) fn samples(args: &VendorDiscover, context: &Context<'_>) -> Result<(Samples, Option<OpenKeyring>)> {
    let (mut samples, keyring) = match &args.file {
        Some(_) => (of_document(args)?, None),
        None => {
            let vault = vault::open(&args.keys.paths, context)?;
            (vault.contents.vendor_samples()?, vault.keyring)
        }
    };
    if let (Some(value), Some(file)) = (&args.known_value, &args.known_file) {
        samples.set_known(value, passphrase::read_secret(file)?);
    }
    Ok((samples, keyring))
}

fn of_document(args: &VendorDiscover) -> Result<Samples> {
    let samples = Arc::new(Mutex::new(Samples::new()));
    match Input::open(args.file.as_deref())?.sniffed()? {
        Content::Bare(input) => {
            let value = input.read_base64(MAX_BARE_LEN)?;
            locked(&samples).add(value.expose_secret());
        }
        Content::Document(input) => input.each_site(Collect(Arc::clone(&samples)), |_, ()| Ok(()))?,
    }
    Ok(std::mem::take(&mut *locked(&samples)))
}

/// The keyring, where its keys are tried or what is found can be kept in it.
fn open_keyring(args: &VendorDiscover, context: &Context<'_>) -> Result<Option<OpenKeyring>> {
    if !key_source::selected(&args.keys.paths).is_empty() {
        return Ok(None);
    }
    match args.username.is_some() && !context.profile()?.keyring_path().exists() {
        true => Ok(None),
        false => keyring_file::open(context).map(Some),
    }
}

/// The keys of the key files, else those that the master password derives, else those of the keyring.
fn keys(args: &VendorDiscover, keyring: Option<&OpenKeyring>, context: &Context<'_>) -> Result<Vec<TriedKey>> {
    let mut keys = Vec::new();
    for file in key_source::selected(&args.keys.paths) {
        keys.push(TriedKey {
            label: file.display().to_string(),
            key: key_source::read(&file)?,
            source: KeySource::Given,
        });
    }
    if let Some(username) = &args.username {
        keys.extend(derived(username, args, context)?);
    }
    let entries = keyring.into_iter().flat_map(|keyring| keyring.keyring().keys().iter());
    keys.extend(entries.map(|entry| TriedKey {
        key: Arc::clone(entry.key()),
        label: entry.label().to_owned(),
        source: KeySource::Given,
    }));
    Ok(keys)
}

/// Every derivation that the public analyses name: each runs once.
fn derived(username: &str, args: &VendorDiscover, context: &Context<'_>) -> Result<Vec<TriedKey>> {
    let given = passphrase::from_environment("ZKV_MASTER_PASSWORD")?;
    let password = given.map_or_else(|| context.prompt.secret("Master password", HINT), Ok)?;
    let salt = args.server_salt.as_deref();
    let ways = derivations(args.iterations, salt.is_some());
    context.output.note(&format!(
        "deriving keys from the master password: {} runs of PBKDF2",
        ways.len()
    ));
    let keys = derive_all(&ways, username, salt, &password, &|| {});
    keys.map_err(|error| CliError::usage("no key was derived").cause(error))
}

fn locked(samples: &Mutex<Samples>) -> std::sync::MutexGuard<'_, Samples> {
    samples.lock().unwrap_or_else(PoisonError::into_inner)
}

struct Collect(Arc<Mutex<Samples>>);

impl SiteWork for Collect {
    type Report = ();
    type Error = CliError;

    fn site(&self, site: &[u8], _output: &mut SecretBuffer, (): &mut ()) -> Result<()> {
        let inspected = inspect_site(site, |_, envelope| {
            if let Ok(envelope) = envelope {
                locked(&self.0).add_envelope(&envelope);
            }
        });
        inspected.map_err(CliError::malformed_site)?;
        if let Some(key) = inspect_site_key(site).map_err(CliError::malformed_site)? {
            locked(&self.0).add_site_key(&key);
        }
        Ok(())
    }
}
