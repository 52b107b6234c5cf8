//! The encodings: found by the first bytes, decoded piece by piece.
//!
//! | first bytes | encoding |
//! |---|---|
//! | `EF BB BF` | UTF-8 |
//! | `FE FF` | UTF-16, big-endian |
//! | `FF FE`, and not `00 00` after it | UTF-16, little-endian |
//! | `FF FE 00 00`, `00 00 FE FF` | UTF-32: refused |
//! | a character of ASCII and a zero byte, twice, in either order | UTF-16 without a mark: refused, since its order is a guess |
//! | anything else | UTF-8 |

use std::fmt;

use zeroize::Zeroizing;

use super::TextError;
use crate::secret_buffer::SecretBuffer;

const UTF8_MARK: &[u8] = b"\xef\xbb\xbf";
/// Bytes that decide between the encodings in every case.
const DECISIVE_LEN: usize = 4;

/// Reads text that arrives in pieces, in any of the encodings of [`decode`](super::decode), as UTF-8.
///
/// UTF-8 passes through without being copied or checked, apart from its byte order mark: the caller checks its
/// own part. Holds back at most three bytes.
///
/// ```
/// use zkvault_core::SecretBuffer;
/// use zkvault_core::text::Decoder;
///
/// // UTF-16 in pieces that end within a character.
/// let (mut decoder, mut buffer, mut text) = (Decoder::new(), SecretBuffer::new(), Vec::new());
/// for piece in [&b"\xfe"[..], b"\xff\0p\0", b"\xe4\0s\0s"] {
///     text.extend_from_slice(decoder.decode(piece, &mut buffer)?);
/// }
/// text.extend_from_slice(&decoder.finish()?);
/// assert_eq!(text, "päss".as_bytes());
/// # Ok::<(), zkvault_core::text::TextError>(())
/// ```
#[derive(Default)]
pub struct Decoder {
    form: Form,
    /// First bytes that decide nothing yet.
    first: Zeroizing<Vec<u8>>,
}

#[derive(Default)]
enum Form {
    #[default]
    Undecided,
    Utf8,
    Utf16(Utf16),
}

impl Decoder {
    /// Ready for the first piece.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes the next piece. What is returned is the piece itself or is in `buffer`, which is overwritten; it may be empty.
    ///
    /// # Errors
    /// [`TextError`], which may be any but [`NotUtf8`](TextError::NotUtf8). `buffer` then contains the text before the fault.
    pub fn decode<'a>(&mut self, piece: &'a [u8], buffer: &'a mut SecretBuffer) -> Result<&'a [u8], TextError> {
        buffer.clear();
        match &mut self.form {
            Form::Utf8 => Ok(piece),
            Form::Utf16(utf16) => {
                utf16.decode(piece, buffer)?;
                Ok(buffer.expose_secret())
            }
            Form::Undecided if self.first.is_empty() => match Decided::by(piece)? {
                Some(decided) => {
                    self.form = decided.form;
                    self.decode(piece.get(decided.mark_len..).unwrap_or_default(), buffer)
                }
                None => {
                    self.first = Zeroizing::new(piece.to_vec());
                    Ok(&[])
                }
            },
            Form::Undecided => {
                self.continue_first(piece, buffer)?;
                Ok(buffer.expose_secret())
            }
        }
    }

    /// Says that no piece follows, and gives what was held back.
    ///
    /// # Errors
    /// [`TextError::BrokenUtf16`] when the text ends within a character.
    pub fn finish(self) -> Result<Zeroizing<Vec<u8>>, TextError> {
        match self.form {
            Form::Undecided => Decided::by_all(self.first),
            Form::Utf8 => Ok(Zeroizing::default()),
            Form::Utf16(utf16) => utf16.finish().map(|()| Zeroizing::default()),
        }
    }

    /// Decodes all bytes of a text into `buffer`, which is overwritten.
    pub(super) fn decode_all(mut self, bytes: &[u8], buffer: &mut SecretBuffer) -> Result<(), TextError> {
        let mut decoded = SecretBuffer::new();
        buffer.clear();
        buffer.extend(self.decode(bytes, &mut decoded)?);
        buffer.extend(&self.finish()?);
        Ok(())
    }

    /// As [`decode`](Self::decode), while the first pieces were too short to decide anything.
    fn continue_first(&mut self, piece: &[u8], buffer: &mut SecretBuffer) -> Result<(), TextError> {
        let mut start = SecretBuffer::new();
        start.extend(&self.first);
        start.extend(piece);
        let Some(decided) = Decided::by(start.expose_secret())? else {
            self.first = Zeroizing::new(start.expose_secret().to_vec());
            return Ok(());
        };
        self.form = decided.form;
        self.first = Zeroizing::default();
        let text = start.expose_secret().get(decided.mark_len..).unwrap_or_default();
        match &mut self.form {
            Form::Utf16(utf16) => utf16.decode(text, buffer),
            _ => {
                buffer.extend(text);
                Ok(())
            }
        }
    }
}

/// Shows no byte of the text.
impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { form, first: _ } = self;
        let form = match form {
            Form::Undecided => "undecided",
            Form::Utf8 => "UTF-8",
            Form::Utf16(_) => "UTF-16",
        };
        write!(f, "Decoder({form})")
    }
}

/// The usual case of a whole text: the text without its mark when it is UTF-8, and `None` when it needs a [`Decoder`].
pub(super) fn skip_utf8_mark(bytes: &[u8]) -> Option<&[u8]> {
    match Decided::by(bytes) {
        Ok(Some(Decided {
            form: Form::Utf8,
            mark_len,
        })) => bytes.get(mark_len..),
        _ => None,
    }
}

/// An encoding, and the bytes of its mark.
///
/// Four bytes decide always; with fewer, another byte could still make it something else.
struct Decided {
    form: Form,
    mark_len: usize,
}

impl Decided {
    /// What the first bytes of a text say; `None` when more of them could say something else.
    fn by(first: &[u8]) -> Result<Option<Self>, TextError> {
        let decided = |form, mark_len| Ok(Some(Self { form, mark_len }));
        match *first {
            [0xef, 0xbb, 0xbf, ..] => decided(Form::Utf8, UTF8_MARK.len()),
            [0xfe, 0xff, ..] => decided(Form::Utf16(Utf16::new(true)), 2),
            [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(TextError::Utf32),
            [0xff, 0xfe, third, ..] if third != 0 => decided(Form::Utf16(Utf16::new(false)), 2),
            [0xff, 0xfe, _, _, ..] => decided(Form::Utf16(Utf16::new(false)), 2),
            // Two characters of ASCII: no text in UTF-8 begins with a character and a zero, twice.
            [a, 0, b, 0, ..] | [0, a, 0, b, ..] if is_shown(a) && is_shown(b) => Err(TextError::UnmarkedUtf16),
            _ if first.len() < DECISIVE_LEN && could_be_marked(first) => Ok(None),
            _ => decided(Form::Utf8, 0),
        }
    }

    /// The text of which these are all bytes.
    fn by_all(bytes: Zeroizing<Vec<u8>>) -> Result<Zeroizing<Vec<u8>>, TextError> {
        match bytes.as_slice() {
            [] | [0xff, 0xfe] => Ok(Zeroizing::default()),
            [0xff, 0xfe, ..] => Err(TextError::BrokenUtf16),
            _ => Ok(bytes),
        }
    }
}

const fn is_shown(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\r' | b'\n' | b' '..=b'~')
}

/// Whether bytes that are too few can still begin with a mark, or be UTF-16 without one.
fn could_be_marked(first: &[u8]) -> bool {
    match *first {
        [] | [0, ..] | [_, 0, ..] => true,
        [byte] => matches!(byte, 0xef | 0xfe | 0xff) || is_shown(byte),
        [0xef, 0xbb] | [0xff, 0xfe] | [0xff, 0xfe, 0] => true,
        _ => false,
    }
}

/// UTF-16 in one of its byte orders (RFC 2781).
struct Utf16 {
    is_big_endian: bool,
    /// The first byte of a unit whose second one is in the next piece.
    half: Option<u8>,
    /// The first unit of a surrogate pair.
    high: Option<u16>,
}

impl Utf16 {
    const fn new(is_big_endian: bool) -> Self {
        Self {
            is_big_endian,
            half: None,
            high: None,
        }
    }

    fn decode(&mut self, bytes: &[u8], output: &mut SecretBuffer) -> Result<(), TextError> {
        for byte in bytes {
            let Some(first) = self.half.take() else {
                self.half = Some(*byte);
                continue;
            };
            let unit = match self.is_big_endian {
                true => u16::from_be_bytes([first, *byte]),
                false => u16::from_le_bytes([first, *byte]),
            };
            self.take_unit(unit, output)?;
        }
        Ok(())
    }

    fn take_unit(&mut self, unit: u16, output: &mut SecretBuffer) -> Result<(), TextError> {
        let character = match (self.high.take(), unit) {
            (None, 0xd800..=0xdbff) => {
                self.high = Some(unit);
                return Ok(());
            }
            (Some(high), 0xdc00..=0xdfff) => {
                char::from_u32(0x1_0000 + (u32::from(high - 0xd800) << 10) + u32::from(unit - 0xdc00))
            }
            (Some(_), _) => None,
            (None, _) => char::from_u32(u32::from(unit)),
        };
        let character = character.ok_or(TextError::BrokenUtf16)?;
        output.extend(character.encode_utf8(&mut [0; 4]).as_bytes());
        Ok(())
    }

    fn finish(self) -> Result<(), TextError> {
        match (self.half, self.high) {
            (None, None) => Ok(()),
            _ => Err(TextError::BrokenUtf16),
        }
    }
}
