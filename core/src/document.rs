//! JSON documents of sites, as the LogMeOnce API gives them: every byte is copied through as it came, except
//! the `value` strings of `login.inputs[]`.
//!
//! Three documents are accepted: one site object, an array of sites, and an object with a member `sites` that
//! is an array of sites. A document passes through in two steps, so that memory stays flat and the second step
//! can run on many threads:
//!
//! 1. [`Framer`] takes the document in pieces of any size and cuts it into parts: bytes to copy, and whole
//!    sites. It checks the structure around the sites, and every member next to `sites`.
//! 2. [`decrypt_site`], [`encrypt_site`] and [`inspect_site`] take the bytes of one site and check its JSON.
//!
//! ```
//! # use zkvault_core::SecretBuffer;
//! # use zkvault_core::document::{Batch, Framer, InputFailure, Part, decrypt_site};
//! # use zkvault_core::key::KeySet;
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let (keys, document) = (KeySet::new(), br#"{"sites":[{"id":1,"login":{"inputs":[{"value":""}]}}]}"#);
//! let (mut framer, mut batch) = (Framer::new(), Batch::new());
//! let (mut output, mut failures) = (SecretBuffer::new(), Vec::<InputFailure>::new());
//! for piece in document.chunks(16) {
//!     framer.push(piece, &mut batch)?;
//!     for part in batch.parts() {
//!         match part {
//!             Part::Copy(bytes) => output.extend(bytes),
//!             Part::Site { bytes, .. } => decrypt_site(&keys, bytes, &mut output, &mut failures)?,
//!         }
//!     }
//! }
//! framer.finish()?;
//! assert_eq!(output.expose_secret(), document);
//! # Ok(())
//! # }
//! ```

mod batch;
mod decrypt;
mod encrypt;
mod error;
mod framer;
mod nest;
mod site;
mod sniff;
mod text;

pub use batch::{Batch, Part};
pub use decrypt::{DecryptReport, InputError, InputFailure, decrypt_site, inspect_site, inspect_site_key};
pub use encrypt::{EncryptSiteError, SealAs, SealInLayout, SealInputError, encrypt_site};
pub use error::{DocumentError, ShapeError};
pub use framer::{Framer, MAX_SITE_LEN};
pub use nest::MAX_DEPTH;
pub use site::{InputPlace, InputRef, MAX_INPUTS, SiteError};
pub use sniff::{Sniffed, sniff};

#[cfg(test)]
mod tests;
