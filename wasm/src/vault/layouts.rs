//! The layouts of the vendor's values: those of a file that `zkv vendor export` writes, or else those that the keyring has
//! for the account.

use serde::Serialize;
use wasm_bindgen::prelude::wasm_bindgen;
#[cfg(feature = "vault")]
use zkvault_core::account::AccountName;
use zkvault_core::keyring::StoredLayout;
use zkvault_core::value::Layout as ValueLayout;
use zkvault_core::vendor::{Layout, LayoutDocument, Trust};

use super::{Source, Vault};
use crate::error::{Error, Result};
use crate::json;

/// In which layouts vendor values are opened.
#[derive(Debug, Default)]
pub(super) struct Layouts {
    /// Those of a file, in place of those of the keyring.
    chosen: Vec<Layout>,
    /// The account; the one of the keyring's credentials where nobody chose one.
    #[cfg(feature = "vault")]
    account: Option<AccountName>,
    /// Whether those that nothing authenticates are used, though no person allowed it for the account.
    unauthenticated: bool,
}

/// A layout as JavaScript sees it.
#[derive(Serialize)]
struct Row<'a> {
    name: &'a str,
    digest: String,
    authenticated: bool,
    usable: bool,
}

impl<'a> Row<'a> {
    fn new(layout: &'a Layout, usable: bool) -> Self {
        let name = layout.name();
        Self {
            name,
            digest: hex(layout),
            authenticated: layout.trust() == Trust::Authenticated,
            usable,
        }
    }
}

#[wasm_bindgen]
impl Vault {
    /// Opens vendor values in the layouts of this file, and in no others. With a `digest`, the file must have one layout
    /// alone, with this digest in lower-case hexadecimal digits. A layout that nothing authenticates is taken only where
    /// that was [allowed](Self::allow_unauthenticated): a changed value, or a wrong key, gives a text as well.
    ///
    /// # Errors
    /// `layout`.
    #[wasm_bindgen(js_name = setVendorLayouts)]
    pub fn set_vendor_layouts(&mut self, file: &str, digest: Option<String>) -> std::result::Result<(), Error> {
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
        if let Some(bare) = bare.filter(|_| !self.layouts.unauthenticated) {
            let name = bare.name();
            return Err(refused(&format!("nothing authenticates values in the layout {name}")));
        }
        self.layouts.chosen = layouts.to_vec();
        self.refresh();
        Ok(())
    }

    /// Uses layouts that nothing authenticates as well.
    #[wasm_bindgen(js_name = allowUnauthenticated)]
    pub fn allow_unauthenticated(&mut self) {
        self.layouts.unauthenticated = true;
        self.refresh();
    }

    /// The layouts that vendor values are opened in, as JSON.
    ///
    /// # Errors
    /// None in practice.
    #[wasm_bindgen(js_name = vendorLayouts)]
    pub fn vendor_layouts(&self) -> std::result::Result<String, Error> {
        let used = self.keys.vendor_layouts().iter();
        let rows = used.map(|layout| Row::new(layout, self.is_usable(layout)));
        json::write(&rows.collect::<Vec<_>>())
    }
}

#[cfg(feature = "vault")]
#[wasm_bindgen]
impl Vault {
    /// Uses the keyring's layouts of this account, in place of the account of its credentials.
    ///
    /// # Errors
    /// `host`.
    #[wasm_bindgen(js_name = setAccount)]
    pub fn set_account(&mut self, host: &str) -> std::result::Result<(), Error> {
        self.layouts.account = Some(AccountName::parse(host)?);
        self.refresh();
        Ok(())
    }
}

impl Vault {
    /// Gives the keys the layouts of the account.
    pub(super) fn use_layouts(&mut self) {
        let Layouts {
            chosen,
            unauthenticated,
            ..
        } = &self.layouts;
        let kept = self.kept_layouts();
        let used = kept.iter().filter(|kept| *unauthenticated || kept.is_usable());
        let used: Vec<_> = used.map(|kept| kept.layout().clone()).collect();
        match (chosen.is_empty(), kept.is_empty(), used.is_empty()) {
            (false, ..) => self.keys.set_vendor_layouts(chosen.clone()),
            (true, false, true) => self.keys.set_no_vendor_layout(),
            _ => self.keys.set_vendor_layouts(used),
        }
    }

    /// What the keyring has for the account.
    fn kept_layouts(&self) -> &[StoredLayout] {
        match &self.source {
            Source::Loose(_) => &[],
            #[cfg(feature = "vault")]
            Source::Keyring(keyring) => {
                let own = keyring.account();
                keyring
                    .vendor_layouts()
                    .of(self.layouts.account.as_ref().or(own.as_ref()))
            }
        }
    }

    /// Whether texts of this layout may be handed on: something authenticates them, or a person allowed it.
    fn is_usable(&self, layout: &Layout) -> bool {
        let mut kept = self.kept_layouts().iter().filter(|_| self.layouts.chosen.is_empty());
        match layout.trust() {
            Trust::Authenticated => true,
            Trust::Unauthenticated => match kept.find(|kept| kept.layout() == layout) {
                Some(kept) => kept.is_usable(),
                None => self.layouts.unauthenticated,
            },
        }
    }

    /// As [`Self::is_usable`], of the layout of any value.
    pub(super) fn is_value_usable(&self, layout: &ValueLayout) -> bool {
        match layout {
            ValueLayout::Vendor(layout) => self.is_usable(layout),
            _ => true,
        }
    }

    /// Where an account's layouts are known, nothing is sealed in a different one.
    pub(super) fn require_no_layouts(&self) -> Result<()> {
        match self.layouts.chosen.is_empty() && self.kept_layouts().is_empty() {
            true => Ok(()),
            false => Err(Error::new(
                "layout",
                "values of the vendor's layouts are only opened here: zkv encrypt seals in one that was confirmed",
            )),
        }
    }

    /// What is said of a vendor value that did not open.
    pub(super) fn not_opened(&self) -> Option<Error> {
        let message = match (self.keys.vendor_layouts(), self.kept_layouts()) {
            ([first, others @ ..], _) => {
                let names = others.iter();
                let names = names.fold(first.name().to_owned(), |names, layout| names + ", " + layout.name());
                format!(
                    "no key opens the value in the vendor layout {names}: it is under another key or in another layout, or was changed"
                )
            }
            ([], [kept, ..]) => {
                let name = kept.layout().name();
                format!(
                    "nothing authenticates values of the account's layout {name}: zkv vendor allow {name} allows them"
                )
            }
            _ => return None,
        };
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
