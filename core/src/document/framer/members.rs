//! What a framer keeps of the members around the sites.

use crate::document::error::{DocumentError, ShapeError};
use crate::secret_buffer::SecretBuffer;

/// Bytes that the members beside the sites of a list may have together: 1 MiB.
const MAX_BESIDE_LEN: usize = 1 << 20;

/// Which members the top object had so far; `last` is the key that was read last.
///
/// Names are compared after their escapes are resolved: `"s\u0069tes"` is `sites`.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) sites: bool,
    pub(super) login: bool,
    pub(super) id: bool,
    pub(super) last_is_sites: bool,
}

impl Members {
    /// # Errors
    /// [`ShapeError::Ambiguous`] for a second `sites`, and for `sites` beside `login`: one reader would take the
    /// object for a site and another for a list.
    pub(super) fn add(&mut self, key: &str) -> Result<(), ShapeError> {
        let twice = self.sites && key == "sites";
        self.sites |= key == "sites";
        self.login |= key == "login";
        self.id |= key == "id";
        self.last_is_sites = key == "sites";
        if twice || (self.sites && self.login) {
            return Err(ShapeError::Ambiguous);
        }
        Ok(())
    }
}

/// What is known of a list that a service answers, besides its sites.
///
/// Its members may be anything that a service says. They are kept as they came, up to 1 MiB, and read elsewhere.
#[derive(Debug, Default)]
pub(super) struct Listing {
    /// The list is written as an object.
    pub(super) numbered: bool,
    /// The name that was read last, as JSON.
    pub(super) key: Vec<u8>,
    /// `"name":value`, one after the other, with commas.
    beside: SecretBuffer,
}

impl Listing {
    /// Adds the value of the name that was read last.
    pub(super) fn add(&mut self, value: &[u8], offset: u64) -> Result<(), DocumentError> {
        if self.beside.len() + self.key.len() + value.len() > MAX_BESIDE_LEN {
            return Err(DocumentError::TooLarge { offset });
        }
        if !self.beside.is_empty() {
            self.beside.extend(b",");
        }
        self.beside.extend(&self.key);
        self.beside.extend(b":");
        self.beside.extend(value);
        Ok(())
    }

    pub(super) fn to_json(&self) -> SecretBuffer {
        let mut json = SecretBuffer::new();
        json.extend(b"{");
        json.extend(self.beside.expose_secret());
        json.extend(b"}");
        json
    }
}
