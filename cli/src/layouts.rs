//! The layouts of the vendor's values: those that the keyring has for the account, unless a file was given by
//! `--layouts` or `ZKV_VENDOR_LAYOUTS`.

use std::path::{Path, PathBuf};

use zkvault::config::Setting;
use zkvault_core::key::KeySet;
use zkvault_core::keyring::{Keyring, StoredLayout};
use zkvault_core::vendor::{Layout, LayoutDocument, MAX_LAYOUT_FILE_LEN, Trust, catalog};

use crate::args::Sealing;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::{Output, escaped, shown_path};
use crate::settings;

/// What is written when no layout is named.
const PLAINEST: &str = "vendor-gcm";

/// Gives keys the layouts of a file that was chosen. The keys of a keyring have those of the account already. A layout
/// that nothing authenticates is warned of.
pub(crate) fn choose(keys: &mut KeySet, flag: Option<&PathBuf>, output: Output) -> Result<()> {
    if let Some(path) = flag.cloned().or_else(|| settings::path(Setting::VendorLayouts)) {
        keys.set_vendor_layouts(read(&path)?);
    }
    let mut layouts = keys.vendor_layouts().iter();
    if let Some(bare) = layouts.find(|layout| layout.trust() == Trust::Unauthenticated) {
        output.warning(&format!(
            "nothing authenticates values of the layout {}: a changed value opens to a different text",
            bare.name()
        ));
    }
    Ok(())
}

/// Gives keys the layouts of a file that the environment or the settings name. Those of the keyring were chosen by a person, and
/// `zkv status` says what is to be known of them.
pub(crate) fn from_settings(keys: &mut KeySet, output: Output) -> Result<()> {
    match settings::path(Setting::VendorLayouts) {
        Some(_) => choose(keys, None, output),
        None => Ok(()),
    }
}

/// The layout that vendor values are sealed in: the one that a person confirmed for the account. One that is named needs
/// no confirmation, and where the account has none, the plainest of the catalogue is written with a warning.
pub(crate) fn to_seal(sealing: &Sealing, keyring: Option<&Keyring>, output: Output) -> Result<Layout> {
    let kept = keyring.map(|keyring| keyring.vendor_layouts().of(keyring.account().as_ref()));
    match kept.unwrap_or_default() {
        [first, ..] if sealing.unconfirmed.is_none() => {
            let mut kept = kept.unwrap_or_default().iter();
            let confirmed = kept.find(|stored| stored.require_sealing().is_ok());
            confirmed
                .map(|stored| stored.layout().clone())
                .ok_or_else(|| not_sealing(first))
        }
        _ => unconfirmed(sealing.unconfirmed.as_deref(), sealing.layouts.as_deref(), output),
    }
}

fn not_sealing(stored: &StoredLayout) -> CliError {
    let name = stored.layout().name();
    let message = format!("nothing is sealed in the account's layout {name}");
    let error = CliError::new(Exit::Other, "layout", message);
    let error = match stored.require_sealing() {
        Err(reason) => error.cause(reason),
        Ok(()) => error,
    };
    error.hint("zkv vendor confirm --help says how to confirm it; --unconfirmed NAME writes a layout of your choice")
}

/// The layout to seal in, which nobody has confirmed: by its name, in a file or in the catalogue.
///
/// Without a name it is the plainest of the catalogue, which the public evidence speaks against: that is warned of.
fn unconfirmed(name: Option<&str>, file: Option<&Path>, output: Output) -> Result<Layout> {
    let name = name.unwrap_or_else(|| {
        output.warning(&format!(
            "nobody has confirmed that the vendor reads the layout {PLAINEST}; --unconfirmed NAME writes a different one"
        ));
        PLAINEST
    });
    let layouts = file.map_or_else(|| Ok(catalog::all().to_vec()), read)?;
    let named = layouts.into_iter().find(|layout| layout.name() == name);
    named.ok_or_else(|| no_such_layout(name))
}

/// There is no layout of this name.
pub(crate) fn no_such_layout(name: &str) -> CliError {
    let message = format!("there is no layout named {}", escaped(name));
    CliError::new(Exit::NotFound, "no-such-layout", message).hint("zkv vendor show lists them")
}

/// Reads a file of layouts.
pub(crate) fn read(path: &Path) -> Result<Vec<Layout>> {
    let json = Input::open(Some(path))?.read_text(MAX_LAYOUT_FILE_LEN)?;
    let refused = |cause: String| {
        CliError::new(
            Exit::Other,
            "layouts",
            format!("{} is not a file of layouts", shown_path(path)),
        )
        .cause(cause)
        .hint("zkv vendor show --json prints one")
    };
    let document = LayoutDocument::parse(json.expose_secret()).map_err(|error| refused(error.to_string()))?;
    Ok(document.layouts().to_vec())
}
