//! How the vendor's own client seals values, described as data (docs/spec/vendor-layouts.md).
//!
//! The vendor publishes no format. What is public narrows it down to a family: a version byte, four bytes that
//! may be a check of the key, an initialisation vector, and a padded ciphertext with a tag or a MAC. A [`Layout`]
//! describes one member of that family. The [`catalog`] holds the ones that the evidence suggests, and a file adds
//! others without a new release.
//!
//! Two kinds of layout are told apart by [`Layout::trust`]. An authenticated one cannot give a wrong text. One
//! without a tag or MAC gives some text for every key, so it takes many values to believe it: [`discover`] asks for
//! them, and nothing else ever tries such a layout unless it was chosen.
//!
//! ```
//! use zkvault_core::key::VaultKey;
//! use zkvault_core::vendor::catalog;
//!
//! let key = VaultKey::from_slice(&[7; 32])?;
//! let layout = catalog::find("vendor-gcm-16+pkcs7").ok_or("not in the catalogue")?;
//! let value = layout.seal(&key, [0xd8, 0x7f, 0x7e, 0x0c], "hunter2")?;
//! assert_eq!(layout.open_text(&key, &value)?.expose_secret(), "hunter2");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! ```text
//! envelope = 0x01 || check(4) || parts          parts: IV, ciphertext, and tag or MAC, in one of four orders
//! ```
//!
//! | | |
//! |---|---|
//! | [`Description`] | a layout as data: closed lists, no expressions; [`Layout`] is one that makes sense |
//! | [`LayoutDocument`] | a file of them, of at most 64 KiB |
//! | [`catalog`] | what the evidence suggests; three entries are tried when nothing is known of an account |
//! | [`discover`] | the search of the whole family, and how much it takes to believe a layout |
//!
//! Nothing that a service says chooses a layout (threat model, Z58), a file replaces nothing that is trusted more
//! (Z61), every failure is one and the same [`DecryptError`](crate::DecryptError), and a padding is removed in a time
//! that depends on the length alone (Z59).

pub mod catalog;
pub mod discover;

mod check;
mod cipher;
mod document;
mod fields;
pub(crate) mod guess;
mod key_form;
mod layout;
mod ocb2;
mod open;
mod padding;
pub(crate) mod prepared;
mod seal;
mod source;
#[cfg(test)]
mod tests;

pub use document::{LayoutDocument, LayoutDocumentError, MAX_LAYOUT_FILE_LEN, MAX_LAYOUTS};
pub use fields::{
    Aad, Check, CheckEnd, CheckHash, Cipher, Covers, Hash, KeyEncoding, KeyForm, Mac, MacKey, Padding, PartOrder,
    TextEncoding,
};
pub use layout::{Description, Layout, LayoutDigest, LayoutError, MAX_LAYOUT_NAME_LEN, Needs, Trust};
pub use open::MAX_VENDOR_LEN;
pub use seal::SealLayoutError;
pub use source::{KeySource, KeySourceError};
