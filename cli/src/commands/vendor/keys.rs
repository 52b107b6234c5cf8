//! The keys under which a layout is looked for.

use std::num::NonZero;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use zkvault_core::SecretText;
use zkvault_core::kdf::VendorKdf;
use zkvault_core::key::VaultKey;

use crate::args::VendorDiscover;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::{key_source, keyring_file, passphrase};

const HINT: &str = "set ZKV_MASTER_PASSWORD_FILE to a file that holds the master password, or ZKV_MASTER_PASSWORD";
/// The iterations of the vendor's current profile.
const USUAL_ITERATIONS: u32 = 600_000;

/// A key, and where it is from.
pub(super) struct TriedKey {
    pub(super) key: Arc<VaultKey>,
    pub(super) origin: String,
}

/// The keys of the key files, else of the keyring; those of the master password beside or instead of them.
pub(super) fn all(args: &VendorDiscover, context: &Context<'_>) -> Result<Vec<TriedKey>> {
    let mut keys = Vec::new();
    for file in key_source::selected(&args.keys.paths) {
        let origin = file.display().to_string();
        let key = key_source::read(&file)?;
        keys.push(TriedKey { key, origin });
    }
    if let Some(username) = &args.username {
        keys.extend(derived(username, args, context)?);
    } else if keys.is_empty() {
        let keyring = keyring_file::unlock(context)?;
        keys.extend(keyring.keys().iter().map(|entry| TriedKey {
            key: Arc::clone(entry.key()),
            origin: entry.label().to_owned(),
        }));
    }
    Ok(keys)
}

/// One way from the master password to a key.
struct Derivation {
    kdf: VendorKdf,
    salted: bool,
}

/// Every derivation that the public analyses name, on all processor cores.
fn derived(username: &str, args: &VendorDiscover, context: &Context<'_>) -> Result<Vec<TriedKey>> {
    let given = passphrase::from_environment("ZKV_MASTER_PASSWORD")?;
    let password = given.map_or_else(|| context.prompt.secret("Master password", HINT), Ok)?;
    context.output.note("deriving keys from the master password");
    let salt = args.server_salt.as_deref();
    let waiting = Mutex::new(derivations(args));
    let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).pop();
    let work = || {
        let derive = |way: Derivation| way.derive(username, salt, &password);
        std::iter::from_fn(next).map(derive).collect::<Result<Vec<_>>>()
    };
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let results: Vec<_> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().filter_map(|worker| worker.join().ok()).collect()
    });
    let keys = results.into_iter().collect::<Result<Vec<_>>>()?;
    Ok(keys.into_iter().flatten().collect())
}

fn derivations(args: &VendorDiscover) -> Vec<Derivation> {
    let mut kdfs = vec![
        VendorKdf::Legacy,
        VendorKdf::Current {
            iterations: USUAL_ITERATIONS,
        },
    ];
    let extra = args.iterations.filter(|iterations| *iterations != USUAL_ITERATIONS);
    kdfs.extend(extra.map(|iterations| VendorKdf::Current { iterations }));
    let salted: &[bool] = if args.server_salt.is_some() {
        &[false, true]
    } else {
        &[false]
    };
    kdfs.into_iter()
        .flat_map(|kdf| salted.iter().map(move |salted| Derivation { kdf, salted: *salted }))
        .collect()
}

impl Derivation {
    fn derive(&self, username: &str, server_salt: Option<&str>, password: &SecretText) -> Result<TriedKey> {
        let salt = server_salt.filter(|_| self.salted);
        let key = self.kdf.derive_key(username, salt, password);
        let key = key.map_err(|error| CliError::usage("no key was derived").cause(error))?;
        Ok(TriedKey {
            key: Arc::new(key),
            origin: self.name(),
        })
    }

    fn name(&self) -> String {
        let kdf = match self.kdf {
            VendorKdf::Current { iterations } => format!("PBKDF2-SHA-256, {iterations} iterations"),
            _ => "PBKDF2-SHA-1, 10000 iterations (weak)".to_owned(),
        };
        let salt = if self.salted {
            "server salt"
        } else {
            "user name as salt"
        };
        format!("{kdf}, {salt}")
    }
}
