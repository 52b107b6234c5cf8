//! What native programs have: crates.

use icu_normalizer::ComposingNormalizerBorrowed;
use zeroize::Zeroizing;

/// The canonical form of an absolute address of any scheme.
pub(crate) fn canonical(text: &str) -> Option<String> {
    url::Url::parse(text).ok().map(String::from)
}

/// The text in NFC, unless it is already.
pub(crate) fn to_nfc(text: &str) -> Option<Zeroizing<String>> {
    let nfc = ComposingNormalizerBorrowed::new_nfc();
    if nfc.is_normalized(text) {
        return None;
    }
    // NFC is at most three times as long in UTF-8 (Unicode FAQ on normalisation): the string never grows out
    // of this buffer, so it leaves no unwiped one behind.
    let mut normal = Zeroizing::new(String::with_capacity(text.len() * 3));
    // Text fails only where the writer fails, and a string does not.
    let _infallible = nfc.normalize_to(text, &mut *normal);
    Some(normal)
}
