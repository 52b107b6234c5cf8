//! Bodies that a server compressed without being asked (RFC 9110 §8.4.1), read as they come.
//!
//! What a body is shows in its first bytes as well as in its head: no JSON and no XML begins like gzip or zlib. So a
//! host that has decompressed a body already, as browsers do, is no special case.

use std::fmt;
use std::io::{self, Write as _};

use bytes::Bytes;
use flate2::write::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::HeaderMap;
use http::header::CONTENT_ENCODING;
use zeroize::Zeroizing;

use crate::transport::{Body, TransportError, TransportFault};
use crate::visible::visible;

/// Bytes that are decompressed at a time: a thousand times as many may come out.
const STEP: usize = 1024;
/// Bytes that show what a body is.
const SNIFFED: usize = 24;

/// A body without its compression.
pub struct Decoded<B> {
    body: B,
    /// What the head says.
    coding: Coding,
    decoder: Decoder,
    /// What came and is not decompressed yet.
    input: Bytes,
    /// Whether the body ended while it was looked at.
    ended: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Coding {
    None,
    Gzip,
    Deflate,
    /// One that is not read here, by its name.
    Other(String),
}

enum Decoder {
    /// Nothing came yet.
    Undecided,
    Plain,
    Gzip(Box<MultiGzDecoder<Vec<u8>>>),
    Zlib(Box<ZlibDecoder<Vec<u8>>>),
    Deflate(Box<DeflateDecoder<Vec<u8>>>),
    Ended,
}

impl<B> Decoded<B> {
    pub(crate) fn new(headers: &HeaderMap, body: B) -> Self {
        let coding = headers.get(CONTENT_ENCODING).and_then(|value| value.to_str().ok());
        let coding = match coding.map(|coding| coding.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "identity") => Coding::None,
            Some("gzip" | "x-gzip") => Coding::Gzip,
            Some("deflate") => Coding::Deflate,
            Some(other) => Coding::Other(visible(other)),
        };
        Self {
            body,
            coding,
            decoder: Decoder::Undecided,
            input: Bytes::new(),
            ended: false,
        }
    }

    /// By the first bytes, and where they leave it open by the head.
    fn decide(&mut self) -> Result<(), TransportError> {
        let start = self.input.get(..self.input.len().min(SNIFFED)).unwrap_or_default();
        self.decoder = match (start, &self.coding) {
            ([0x1f, 0x8b, ..], _) => Decoder::Gzip(Box::new(MultiGzDecoder::new(Vec::new()))),
            ([0x78, flags, ..], _) if (0x7800 + u32::from(*flags)) % 31 == 0 => {
                Decoder::Zlib(Box::new(ZlibDecoder::new(Vec::new())))
            }
            (_, Coding::Deflate) if !is_text(start) => Decoder::Deflate(Box::new(DeflateDecoder::new(Vec::new()))),
            (_, Coding::Other(coding)) if !is_text(start) => {
                let reason = format!("it is compressed by {coding:?}, which was not asked for and is not read");
                return Err(TransportError::new(TransportFault::Unreadable, reason));
            }
            _ => Decoder::Plain,
        };
        Ok(())
    }
}

/// Whether bytes are the beginning of text in any encoding: compressed ones are so by chance once in millions.
fn is_text(start: &[u8]) -> bool {
    let is_shown = |byte: &u8| matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~' | 0x80..);
    match start {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        start => {
            let first = start.iter().find(|byte| !byte.is_ascii_whitespace());
            let begins = first.is_none_or(|byte| matches!(byte, b'{' | b'[' | b'<' | b'"' | 0xef));
            begins && start.iter().all(is_shown)
        }
    }
}

impl Decoder {
    /// Decompresses some bytes.
    fn step(&mut self, input: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(decoder) => decoder.write_all(input).map(|()| std::mem::take(decoder.get_mut())),
            Self::Zlib(decoder) => decoder.write_all(input).map(|()| std::mem::take(decoder.get_mut())),
            Self::Deflate(decoder) => decoder.write_all(input).map(|()| std::mem::take(decoder.get_mut())),
            Self::Undecided | Self::Plain | Self::Ended => Ok(input.to_vec()),
        }
    }

    /// What is left when no more comes. Half of a compressed body is none.
    fn finish(&mut self) -> io::Result<Vec<u8>> {
        match std::mem::replace(self, Self::Ended) {
            Self::Gzip(decoder) => decoder.finish(),
            Self::Zlib(decoder) => decoder.finish(),
            Self::Deflate(decoder) => decoder.finish(),
            Self::Undecided | Self::Plain | Self::Ended => Ok(Vec::new()),
        }
    }
}

impl<B: Body> Body for Decoded<B> {
    async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
        while let Decoder::Undecided = self.decoder {
            match self.body.chunk().await? {
                Some(piece) => self.input = joined(&self.input, piece),
                None => self.ended = true,
            }
            if self.ended || self.input.len() >= SNIFFED {
                self.decide()?;
            }
        }
        loop {
            if self.input.is_empty() {
                match self.next_piece().await? {
                    Some(piece) => self.input = piece,
                    None => {
                        let rest = self
                            .decoder
                            .finish()
                            .map_err(|_| broken("its compressed body is cut off"))?;
                        return Ok((!rest.is_empty()).then(|| wiped(rest)));
                    }
                }
                continue;
            }
            if matches!(self.decoder, Decoder::Plain) {
                return Ok(Some(std::mem::take(&mut self.input)));
            }
            let step = self.input.split_to(self.input.len().min(STEP));
            let output = self.decoder.step(&step);
            let output = output.map_err(|_| broken("its compressed body cannot be read"))?;
            if !output.is_empty() {
                return Ok(Some(wiped(output)));
            }
        }
    }
}

impl<B: Body> Decoded<B> {
    async fn next_piece(&mut self) -> Result<Option<Bytes>, TransportError> {
        match self.ended {
            true => Ok(None),
            false => self.body.chunk().await,
        }
    }
}

fn joined(start: &Bytes, piece: Bytes) -> Bytes {
    match start.is_empty() {
        true => piece,
        false => wiped([start.as_ref(), piece.as_ref()].concat()),
    }
}

fn wiped(bytes: Vec<u8>) -> Bytes {
    Bytes::from_owner(Zeroizing::new(bytes))
}

fn broken(reason: &str) -> TransportError {
    TransportError::new(TransportFault::Broken, reason)
}

impl<B> fmt::Debug for Decoded<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            body: _,
            coding,
            decoder: _,
            input: _,
            ended: _,
        } = self;
        f.debug_struct("Decoded")
            .field("coding", coding)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use http::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    /// Pieces that come one after the other.
    struct Pieces(Vec<Bytes>);

    impl Body for Pieces {
        async fn chunk(&mut self) -> Result<Option<Bytes>, TransportError> {
            Ok((!self.0.is_empty()).then(|| self.0.remove(0)))
        }
    }

    fn read(coding: &'static str, body: &[u8], piece: usize) -> Result<Vec<u8>, TransportError> {
        let headers = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))]);
        let pieces = body.chunks(piece).map(Bytes::copy_from_slice).collect();
        let mut decoded = Decoded::new(&headers, Pieces(pieces));
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut whole = Vec::new();
            while let Some(piece) = decoded.chunk().await? {
                assert!(
                    piece.len() <= 2 * 1032 * STEP,
                    "one step gives no more than deflate can"
                );
                whole.extend_from_slice(&piece);
            }
            Ok(whole)
        })
    }

    fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn zlib(text: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    fn deflate(text: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    proptest! {
        #[test]
        fn every_coding_is_undone(text in " ?[{\\[<\"][a-z{}:,\\[\\]0-9 ]{0,3000}", piece in 1..700_usize) {
            let text = text.as_bytes();
            for (coding, body) in [
                ("gzip", gzip(text)),
                ("x-gzip", [gzip(&text[..1]), gzip(&text[1..])].concat()),
                ("deflate", zlib(text)),
                ("deflate", deflate(text)),
                ("identity", text.to_vec()),
                // The host did it already, or the head is wrong.
                ("gzip", text.to_vec()),
                ("br", text.to_vec()),
                ("identity", gzip(text)),
            ] {
                let whole = read(coding, &body, piece).unwrap();
                prop_assert_eq!(whole, text, "{}", coding);
            }
        }
    }

    #[test]
    fn half_of_a_compressed_body_is_none() {
        let text = b"{\"sites\":[]}".repeat(100);
        for body in [gzip(&text), zlib(&text)] {
            assert!(read("gzip", &body[..body.len() - 1], 100).is_err());
        }
        let mut flipped = gzip(&text);
        flipped[20] ^= 1;
        assert!(read("gzip", &flipped, 100).is_err());
        for coding in ["br", "zstd"] {
            let error = read(coding, b"\x8b\x05\x80abc", 3).unwrap_err();
            assert_eq!(error.fault(), TransportFault::Unreadable);
            assert!(error.to_string().contains(&format!("\"{coding}\"")), "{error}");
        }
        assert_eq!(read("gzip", b"", 1).unwrap(), b"");
    }

    #[test]
    fn a_bomb_comes_in_steps() {
        let bomb = gzip(&vec![b' '; 64 << 20]);
        assert!(bomb.len() < 100_000);
        assert_eq!(read("gzip", &bomb, bomb.len()).unwrap().len(), 64 << 20);
    }
}
