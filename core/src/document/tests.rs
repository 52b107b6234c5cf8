//! The document as a whole: published sample, generated documents, and one fault at a time.

mod framing;
