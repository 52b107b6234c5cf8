//! What every browser and Node have already, and native programs get from crates: the URL standard's parser, and Unicode's
//! normal form. Both need tables of Unicode that would be a tenth of a module.
//!
//! Native and wasm32 give the same results: `addresses.json` and `normal-forms.json` are checked with the crates, with
//! Node and with Chromium.

mod address;
#[cfg_attr(all(target_arch = "wasm32", target_os = "unknown"), path = "js.rs")]
mod native;

use zeroize::Zeroizing;

pub use address::{Address, AddressError, Host};

/// A text in Unicode's NFC (UAX #15), if it is not already.
///
/// What is returned is wiped when it is dropped. A browser also has a string of its own, of which nobody knows when it goes:
/// texts in ASCII, which are what they are in NFC, never get there.
#[must_use]
pub fn to_nfc(text: &str) -> Option<Zeroizing<String>> {
    if text.is_ascii() {
        return None;
    }
    native::to_nfc(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_normalised_as_everywhere_else() {
        let vectors: Vec<(String, String)> = serde_json::from_str(include_str!("../normal-forms.json")).unwrap();
        assert!(vectors.len() > 15);
        for (text, nfc) in vectors {
            let normal = to_nfc(&text);
            assert_eq!(
                normal.as_ref().map_or(text.as_str(), |normal| normal.as_str()),
                nfc,
                "{text:?}"
            );
            assert_eq!(normal.is_none(), text == nfc, "{text:?}");
            assert!(to_nfc(&nfc).is_none(), "{text:?}");
        }
    }

    #[test]
    fn what_is_normalised_never_outgrows_its_buffer() {
        // The characters that grow most in NFC: U+1D160 to twelve bytes of four, U+FB2C to six of three, …
        for character in ['\u{1d160}', '\u{fb2c}', '\u{0390}', '\u{1f82}', '\u{0344}', '\u{2adc}'] {
            let text = character.to_string().repeat(50);
            let Some(normal) = to_nfc(&text) else { continue };
            assert!(normal.len() <= text.len() * 3, "{character:?}");
            assert_eq!(normal.capacity(), text.len() * 3, "{character:?}");
        }
    }
}
