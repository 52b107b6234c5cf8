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
//!
//! Decrypting changes nothing but values that open: white space, the order of members and what zkvault does not know
//! come out as they went in (docs/spec/document.md). What does not open stays and is reported, so that one odd value
//! never stops the rest (threat model, R08). Encrypting is the reverse, and all or nothing for each site.
//!
//! Two parsers that read one document differently are an attack (Z38). So a member that is read must not be there
//! twice, a document that could be two things is refused, and no error quotes it.
//!
//! What a service sends is read more leniently than a document from a person:
//!
//! ```
//! use zkvault_core::document::{Batch, DocumentError, Framer, ShapeError};
//!
//! let (mut framer, mut batch) = (Framer::of_listing(), Batch::new());
//! framer.push(br#"{"sites":{"0":{"id":1},"1":"odd"},"total":2}"#, &mut batch)?;
//! framer.end()?;
//! assert_eq!(framer.beside_sites().expose_secret(), br#"{"total":2}"#);
//! // A document from a person is read strictly.
//! let refused = Framer::new().push(br#"{"sites":{"0":{"id":1}}}"#, &mut batch);
//! assert_eq!(refused, Err(DocumentError::Shape(ShapeError::SitesNotAnArray)));
//! # Ok::<(), DocumentError>(())
//! ```
//!
//! # Limits
//! A site, or another member next to `sites`, has at most 16 MiB and 64 levels of nesting; a site has at most 4,096
//! inputs. Documents of any length pass through in the memory of their largest site and of one piece. A site of a list
//! beyond these limits is [cut](Batch::cut_sites), and the others are read.

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
pub use framer::{CutSite, Framer, MAX_SITE_LEN};
pub use nest::MAX_DEPTH;
pub use site::{InputPlace, InputRef, MAX_INPUTS, SiteError};
pub use sniff::{Sniffed, sniff};

#[cfg(test)]
mod tests;
