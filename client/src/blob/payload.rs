//! What is sent: bytes, and the checksum by which the service sees that they arrived unchanged.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;

use super::checksum::Checksum;

/// The content of a block or blob, with its checksum.
///
/// Made from [`Bytes`] alone, the checksum is computed then. Where the bytes are made piece by piece it costs less to
/// sum each piece while it is in the processor's cache: see [`Payload::summed`].
#[derive(Debug, Clone)]
pub struct Payload {
    bytes: Bytes,
    crc64: u64,
}

impl Payload {
    /// Bytes that were summed already. A sum of other bytes makes the service refuse them.
    #[must_use]
    pub fn summed(bytes: Bytes, checksum: &Checksum) -> Self {
        let crc64 = checksum.sum();
        Self { bytes, crc64 }
    }

    /// As Azure writes it: base64 of the checksum's bytes, the lowest first.
    pub(super) fn checksum(&self) -> String {
        STANDARD.encode(self.crc64.to_le_bytes())
    }

    pub(super) fn into_bytes(self) -> Bytes {
        self.bytes
    }
}

impl From<Bytes> for Payload {
    fn from(bytes: Bytes) -> Self {
        let mut checksum = Checksum::default();
        checksum.update(&bytes);
        Self::summed(bytes, &checksum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_its_published_check_value_however_it_is_cut() {
        let published = STANDARD.encode(0xae8b_1486_0a79_9888_u64.to_le_bytes());
        assert_eq!(Payload::from(Bytes::from_static(b"123456789")).checksum(), published);
        let mut checksum = Checksum::default();
        checksum.update(b"1234");
        checksum.update(b"56789");
        assert_eq!(Payload::summed(Bytes::new(), &checksum).checksum(), published);
    }
}
