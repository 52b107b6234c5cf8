//! Responses as documents: what JSON and XML have in common, and how each is read.
//!
//! Both services answer in either, under names that their pages do not fix, so nothing here belongs to one of them.

pub(crate) mod json;
#[cfg(feature = "xml")]
pub(crate) mod xml;
#[cfg(not(feature = "xml"))]
#[path = "document/no_xml.rs"]
pub(crate) mod xml;
