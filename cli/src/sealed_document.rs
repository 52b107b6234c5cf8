//! A sealed document on its way out: it appears whole, on stdout too, because half of one could be taken for
//! all of it.

use std::path::Path;

use zkvault_core::SecretBuffer;

use crate::error::Result;
use crate::sink::Sink;

/// What was sealed so far, and where it will go.
#[derive(Debug)]
pub(crate) struct SealedDocument {
    sink: Sink,
    /// What stdout must wait for. Not secret once it is complete, but a document holds more than values.
    held: SecretBuffer,
}

impl SealedDocument {
    /// For `path`; `-` and `None` are stdout.
    pub(crate) fn create(path: Option<&Path>, overwrite: bool) -> Result<Self> {
        Ok(Self {
            sink: Sink::open(path, overwrite)?,
            held: SecretBuffer::new(),
        })
    }

    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if self.sink.is_stdout() {
            self.held.extend(bytes);
            return Ok(());
        }
        self.sink.write(bytes)
    }

    /// Every value was sealed.
    pub(crate) fn commit(mut self) -> Result<()> {
        self.sink.write(self.held.expose_secret())?;
        self.sink.commit()
    }
}
