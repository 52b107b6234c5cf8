//! Files of layouts: by `--layouts`, else by `ZKV_VENDOR_LAYOUTS`.

use std::path::{Path, PathBuf};

use zkvault_core::vendor::{Layout, LayoutDocument, MAX_LAYOUT_FILE_LEN, Trust, catalog};

use crate::environment;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::output::{Output, escaped, shown_path};

/// What is written when no layout is named.
const PLAINEST: &str = "vendor-gcm";

/// The layouts that vendor values are opened with, where some were chosen. A layout that nothing authenticates is
/// warned of.
pub(crate) fn selected(flag: Option<&PathBuf>, output: Output) -> Result<Vec<Layout>> {
    let Some(path) = flag.cloned().or_else(|| environment::path("ZKV_VENDOR_LAYOUTS")) else {
        return Ok(Vec::new());
    };
    let layouts = read(&path)?;
    if let Some(bare) = layouts.iter().find(|layout| layout.trust() == Trust::Unauthenticated) {
        output.warning(&format!(
            "nothing authenticates values of the layout {}: a changed value opens to a different text",
            bare.name()
        ));
    }
    Ok(layouts)
}

/// The layout to seal in, which nobody has confirmed: by its name, in a file or in the catalogue.
///
/// Without a name it is the plainest of the catalogue, which the public evidence speaks against: that is warned of.
pub(crate) fn unconfirmed(name: Option<&str>, file: Option<&Path>, output: Output) -> Result<Layout> {
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
    let bytes = Input::open(Some(path))?.read_all(MAX_LAYOUT_FILE_LEN)?;
    let refused = |cause: String| {
        CliError::new(
            Exit::Other,
            "layouts",
            format!("{} is not a file of layouts", shown_path(path)),
        )
        .cause(cause)
        .hint("zkv vendor show --json prints one")
    };
    let json = std::str::from_utf8(bytes.expose_secret()).map_err(|error| refused(error.to_string()))?;
    let document = LayoutDocument::parse(json).map_err(|error| refused(error.to_string()))?;
    Ok(document.layouts().to_vec())
}
