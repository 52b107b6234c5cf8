//! When a layout is believed, and which padding and encoding its texts have.
//!
//! | the layout has | it takes |
//! |---|---|
//! | a tag of at least 12 bytes | one value that opens |
//! | a CCM tag of 8, or a MAC of at least 8 over IV and ciphertext | two |
//! | nothing of that | every value of the header, at least 16 with 128 bytes of printable text; or a known text of a block |
//!
//! A known text that comes out differently disproves a layout of any kind (docs/spec/vendor-layouts.md#trust).

use zeroize::Zeroizing;

use super::Sample;
use crate::secret::{SecretBytes, SecretText};
use crate::vault_key::KEY_LEN;
use crate::vendor::check;
use crate::vendor::fields::{Check, CheckEnd, CheckHash, KeyEncoding, Padding, TextEncoding};
use crate::vendor::layout::{Description, Layout, Needs};
use crate::vendor::open::{LayoutKey, decode_key, decode_text};
use crate::vendor::padding::{BLOCK_LEN, unpad};

/// How many values must open under a layout that nothing authenticates, and how many bytes of text they must have.
const MANY_VALUES: usize = 16;
const MANY_BYTES: usize = 128;

/// Paddings, the likeliest first: every text must have it.
const PADDINGS: [Padding; 5] = [
    Padding::Pkcs7,
    Padding::None,
    Padding::Iso7816,
    Padding::LengthPrefixed,
    Padding::Zero,
];
const ENCODINGS: [TextEncoding; 2] = [TextEncoding::Utf8, TextEncoding::Utf16Le];
const KEY_ENCODINGS: [KeyEncoding; 3] = [KeyEncoding::Raw, KeyEncoding::Hex, KeyEncoding::Base64];

/// What a layout leaves open until its values are looked at.
///
/// A tag is right or wrong whatever the padding is: that is found from the texts afterwards, and must be the same in
/// all.
#[derive(Clone, Copy)]
struct Form {
    padding: Padding,
    text: TextEncoding,
    keys: KeyEncoding,
}

/// What a value opened to.
///
/// Wiped when it is dropped: the texts of a search are passwords.
pub(super) struct Opened {
    pub(super) bytes: SecretBytes,
    /// Whether it is the key of a site.
    pub(super) is_key: bool,
}

/// What a layout made of the values that it opened.
pub(super) struct Evidence<'a> {
    /// Their bytes.
    pub(super) texts: &'a [Opened],
    /// Whether these are all values of the header.
    pub(super) all: bool,
    /// A value whose text is known.
    pub(super) known: Option<&'a KnownText<'a>>,
}

/// A text that is known, and what its value opened to, if it did.
pub(super) struct KnownText<'a> {
    pub(super) text: &'a SecretText,
    pub(super) opened: Option<SecretBytes>,
}

/// The bytes of those values that open.
pub(super) fn opened(prepared: &LayoutKey, values: &[&Sample]) -> Vec<Opened> {
    let open = |sample: &&Sample| {
        let bytes = prepared.open_bytes(&sample.envelope).ok()?;
        let is_key = sample.is_key;
        Some(Opened { bytes, is_key })
    };
    values.iter().filter_map(open).collect()
}

impl Evidence<'_> {
    /// The layout with the padding and encoding that every text has, if they are enough to believe it.
    pub(super) fn layout<'a>(&self, prepared: &LayoutKey, values: impl Iterator<Item = &'a [u8]>) -> Option<Layout> {
        let layout = prepared.layout();
        let Form { padding, text, keys } = self.forms(layout).find(|form| self.is_enough(layout.needs(), *form))?;
        let completed = match layout.description().padding {
            Padding::None if padding != Padding::None => layout.with_padding(padding)?,
            _ => layout.clone(),
        };
        let check = key_check(prepared.cipher(), values);
        Layout::new(Description {
            text,
            keys,
            check,
            ..completed.description().clone()
        })
        .ok()
    }

    /// Every form that the layout leaves open. How keys are written matters only where there are keys.
    fn forms(&self, layout: &Layout) -> impl Iterator<Item = Form> + use<> {
        let has_keys = self.texts.iter().any(|opened| opened.is_key);
        let encodings = if has_keys { KEY_ENCODINGS.len() } else { 1 };
        paddings(layout).flat_map(move |padding| {
            ENCODINGS.into_iter().flat_map(move |text| {
                let keys = KEY_ENCODINGS.into_iter().take(encodings);
                keys.map(move |keys| Form { padding, text, keys })
            })
        })
    }

    /// Random bytes are printable UTF-8 so seldom that 128 of them never are by chance; one value alone could be.
    fn is_enough(&self, needs: Needs, form: Form) -> bool {
        let Some((keys, lengths)) = lengths(self.texts, form) else {
            return false;
        };
        let known = self.known.map(|known| known.agrees(form.padding, form.text));
        match (needs, known) {
            // A known text that comes out differently disproves any layout.
            (_, Some(false)) => false,
            (Needs::OneValue, Some(true)) => true,
            (Needs::OneValue, None) => keys + lengths.len() >= 1,
            (Needs::TwoValues, Some(true)) => keys + lengths.len() >= 1,
            (Needs::TwoValues, None) => keys + lengths.len() >= 2,
            (Needs::ManyValues, Some(true)) => self.known.is_some_and(KnownText::fills_a_block),
            (Needs::ManyValues, None) => {
                self.all && lengths.len() >= MANY_VALUES && lengths.iter().sum::<usize>() >= MANY_BYTES
            }
        }
    }
}

impl KnownText<'_> {
    fn agrees(&self, padding: Padding, encoding: TextEncoding) -> bool {
        let opened = self.opened.as_ref().and_then(|bytes| text(bytes, padding, encoding));
        opened.is_some_and(|text| text == *self.text)
    }

    fn fills_a_block(&self) -> bool {
        self.text.expose_secret().len() >= BLOCK_LEN
    }
}

/// The paddings that a layout leaves open; its own, where it has one.
fn paddings(layout: &Layout) -> impl Iterator<Item = Padding> + use<> {
    let is_open = layout.description().padding == Padding::None;
    PADDINGS
        .into_iter()
        .filter(move |padding| is_open || *padding == Padding::None)
}

/// The number of keys and the lengths of the texts, if all of them are: keys of 32 bytes, and printable texts.
///
/// `None` as soon as one is not what it should be: a layout that opens nine of ten texts to words is not the right
/// one.
fn lengths(opened: &[Opened], form: Form) -> Option<(usize, Vec<usize>)> {
    let (keys, texts): (Vec<_>, Vec<_>) = opened.iter().partition(|opened| opened.is_key);
    let is_key = |opened: &&Opened| {
        let plain = unpad(form.padding, opened.bytes.expose_secret());
        plain.is_ok_and(|plain| decode_key(form.keys, plain, &mut Zeroizing::new([0; KEY_LEN])).is_ok())
    };
    if !keys.iter().all(is_key) {
        return None;
    }
    let length = |opened: &Opened| {
        let text = text(&opened.bytes, form.padding, form.text)?;
        Some(text.expose_secret().len())
    };
    let lengths = texts.into_iter().map(length).collect::<Option<_>>()?;
    Some((keys.len(), lengths))
}

/// The text in `bytes`, if it is one that a person can have typed or pasted.
fn text(bytes: &SecretBytes, padding: Padding, encoding: TextEncoding) -> Option<SecretText> {
    let plain = unpad(padding, bytes.expose_secret()).ok()?;
    let decoded = decode_text(encoding, SecretBytes::from(plain.to_vec())).ok()?;
    let text = SecretText::from_utf8(decoded).ok()?;
    if encoding == TextEncoding::Utf16Le && !is_mostly_western(text.expose_secret()) {
        return None;
    }
    let is_odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    (!text.expose_secret().contains(is_odd)).then_some(text)
}

/// Whether at least half of the characters are of the first 256. Almost any bytes are UTF-16, of rare characters: a text
/// in which most are common ones is what tells the encoding from noise.
fn is_mostly_western(text: &str) -> bool {
    let common = text.chars().filter(|c| u32::from(*c) < 0x100).count();
    2 * common >= text.chars().count()
}

/// The check value that all headers hold, if they hold one of the key.
///
/// All headers must hold the same kind of check; else the four bytes are a number.
fn key_check<'a>(key: &[u8], values: impl Iterator<Item = &'a [u8]>) -> Check {
    let stated = values.map(|value| value.get(1..5).and_then(|bytes| bytes.try_into().ok()));
    let Some(stated) = stated.collect::<Option<Vec<[u8; 4]>>>() else {
        return Check::Number;
    };
    let hashes = [
        CheckHash::Crc32,
        CheckHash::Sha256,
        CheckHash::Sha1,
        CheckHash::Sha512,
        CheckHash::AesZero,
    ];
    let checks = hashes
        .into_iter()
        .flat_map(|hash| [CheckEnd::First, CheckEnd::Last].map(|end| Check::Key { hash, end }));
    let mut fitting = checks.filter(|check| stated.iter().all(|stated| check::fits(*check, key, *stated)));
    fitting.next().unwrap_or_default()
}
