//! The layouts of the vendor's values, as `zkv vendor export` writes them.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
use zkvault_core::vendor::{Layout, LayoutDocument, Trust};

use super::Vault;
use crate::error::{Error, Result};
use crate::json;

/// A layout as JavaScript sees it.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    digest: String,
    authenticated: bool,
}

#[wasm_bindgen]
impl Vault {
    /// Opens vendor values in the layouts of this file, and in no others. With a `digest`, the file must have one layout
    /// alone, with this digest in lower-case hexadecimal digits. A layout that nothing authenticates is taken only where
    /// `unauthenticated` says so: a changed value, or a wrong key, gives a text as well.
    ///
    /// # Errors
    /// `layout`.
    #[wasm_bindgen(js_name = setVendorLayouts)]
    pub fn set_vendor_layouts(
        &mut self,
        file: &str,
        digest: Option<String>,
        unauthenticated: bool,
    ) -> std::result::Result<(), Error> {
        let document = LayoutDocument::parse(file).map_err(|error| refused(&error.to_string()))?;
        let layouts = document.layouts();
        if layouts.is_empty() {
            return Err(refused("the file has no layout"));
        }
        if digest.is_some_and(|wanted| !matches!(layouts, [only] if hex(only) == wanted)) {
            return Err(refused(
                "the file does not have one layout alone, with the given digest",
            ));
        }
        let bare = layouts.iter().find(|layout| layout.trust() == Trust::Unauthenticated);
        if let Some(bare) = bare.filter(|_| !unauthenticated) {
            let name = bare.name();
            return Err(refused(&format!("nothing authenticates values in the layout {name}")));
        }
        self.layouts = layouts.to_vec();
        self.refresh();
        Ok(())
    }

    /// The layouts that were chosen, as JSON.
    ///
    /// # Errors
    /// None in practice.
    #[wasm_bindgen(js_name = vendorLayouts)]
    pub fn vendor_layouts(&self) -> std::result::Result<String, Error> {
        let rows = self.layouts.iter().map(|layout| Row {
            name: layout.name(),
            digest: hex(layout),
            authenticated: layout.trust() == Trust::Authenticated,
        });
        json::write(&rows.collect::<Vec<_>>())
    }
}

impl Vault {
    /// Where layouts were chosen, nothing is sealed in a different one; and nobody confirmed these.
    pub(super) fn require_no_layouts(&self) -> Result<()> {
        match self.layouts.is_empty() {
            true => Ok(()),
            false => Err(refused(
                "values are opened in vendorLayout, not sealed: nobody has confirmed it",
            )),
        }
    }

    /// What is said of a vendor value that did not open.
    pub(super) fn not_opened(&self) -> Option<Error> {
        let [first, others @ ..] = self.layouts.as_slice() else {
            return None;
        };
        let names = others
            .iter()
            .fold(first.name().to_owned(), |names, layout| names + ", " + layout.name());
        let message = format!(
            "no key opens the value in the vendor layout {names}: it is under another key or in another layout, or was changed"
        );
        Some(Error::new("decrypt", message))
    }
}

fn hex(layout: &Layout) -> String {
    let digest = layout.digest().to_bytes();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn refused(reason: &str) -> Error {
    Error::new("layout", format!("vendorLayout is refused: {reason}"))
}
