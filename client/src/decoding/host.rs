//! Bodies as the host gives them: browsers have decompressed them already.

use std::fmt;

use bytes::Bytes;
use http::HeaderMap;

use crate::transport::{Body, TransportError};

/// A body.
pub struct Decoded<B>(B);

impl<B> Decoded<B> {
    pub(crate) fn new(_headers: &HeaderMap, body: B) -> Self {
        Self(body)
    }
}

impl<B: Body> Body for Decoded<B> {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        self.0.chunk().await
    }
}

impl<B> fmt::Debug for Decoded<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(_) = self;
        f.write_str("Decoded")
    }
}
