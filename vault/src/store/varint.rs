//! Numbers and texts in the compact parts of the store: LEB128, the low seven bits first.
//!
//! The index and the details of a store are read on every lookup, so they are bytes and not JSON: an entry of a site
//! takes about 30 bytes. Reading is strict where it costs nothing: a number above 64 bits, a length beyond the end and
//! a text that is not UTF-8 are refused, and the caller reports the whole part as damaged. A number that is written
//! longer than necessary is accepted: the part is authenticated, so nobody but a holder of the store's key can have
//! written it.

/// Appends a number in its shortest form.
///
/// One byte below 128, two below 16,384, ten for the largest.
pub(super) fn put(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Appends a length and then the bytes.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Reads from the front of `bytes`. `None` where they end too early or a number does not fit.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How many bytes are left.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// The next byte.
    pub(super) fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.bytes.split_first()?;
        self.bytes = rest;
        Some(*byte)
    }

    /// The next number. The tenth byte has room for one bit of a `u64`; more than that is refused, not truncated.
    pub(super) fn number(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }

    /// A length, and then so many bytes: they are borrowed, so a false length allocates nothing.
    pub(super) fn bytes(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        let (bytes, rest) = self.bytes.split_at_checked(length)?;
        self.bytes = rest;
        Some(bytes)
    }

    /// As [`Self::bytes`], of UTF-8.
    pub(super) fn text(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_come_back() {
        for number in (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit]).chain([u64::MAX]) {
            let mut bytes = Vec::new();
            put(&mut bytes, number);
            let mut reader = Reader::new(&bytes);
            assert_eq!((reader.number(), reader.is_empty()), (Some(number), true));
            for cut in 0..bytes.len() {
                assert_eq!(Reader::new(&bytes[..cut]).number(), None, "{number} cut at {cut}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut too_large = [0xff; 10];
        too_large[9] = 2;
        assert_eq!(Reader::new(&too_large).number(), None);
        assert_eq!(Reader::new(&[0x80; 11]).number(), None);
        assert_eq!(Reader::new(&[5, b'a']).bytes(), None);
        assert_eq!(Reader::new(&[1, 0xff]).text(), None);
    }
}
