//! Key files: 32 bytes as they are, as 64 hexadecimal digits, or as base64; one line end after them is allowed.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use zeroize::Zeroizing;
use zkvault_core::key::{KEY_LEN, VaultKey};

use crate::environment;
use crate::error::{CliError, Exit, Result};
use crate::output::shown_path;

/// The longest form is 64 digits and a line end. One byte more is read to notice a longer file.
const MAX_FILE_LEN: usize = 66;

/// The key files that were asked for: by flag, else by `ZKV_KEY_FILE`, else none.
pub(crate) fn selected(flags: &[PathBuf]) -> Vec<PathBuf> {
    if flags.is_empty() {
        return environment::path("ZKV_KEY_FILE").into_iter().collect();
    }
    flags.to_vec()
}

/// Reads one key file.
pub(crate) fn read(path: &Path) -> Result<Arc<VaultKey>> {
    let file = File::open(path).map_err(|error| CliError::file("open the key file", path, &error))?;
    read_from(file, path)
}

/// As [`read`], from anything that can be read; `path` is only its name.
pub(crate) fn read_from(reader: impl Read, path: &Path) -> Result<Arc<VaultKey>> {
    // Room for everything from the start: a buffer that grows leaves copies behind.
    let mut text = Zeroizing::new(Vec::with_capacity(MAX_FILE_LEN + 1));
    let read = reader.take(MAX_FILE_LEN as u64 + 1).read_to_end(&mut text);
    read.map_err(|error| CliError::file("read the key file", path, &error))?;
    parse(&text).map_err(|problem| {
        CliError::new(
            Exit::Other,
            "key-file",
            format!("{} is not a key file", shown_path(path)),
        )
        .cause(problem)
        .hint("a key file holds 32 bytes: raw, as 64 hexadecimal digits, or as 44 base64 characters")
    })
}

/// Reads the key out of a key file's bytes. The error says what they are instead, and nothing of them.
fn parse(file: &[u8]) -> std::result::Result<Arc<VaultKey>, String> {
    if file.len() > MAX_FILE_LEN {
        return Err(format!("it is longer than {MAX_FILE_LEN} bytes"));
    }
    if let Ok(key) = VaultKey::from_slice(file) {
        return Ok(Arc::new(key));
    }
    let line = file.strip_suffix(b"\n").unwrap_or(file);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let mut decoded = Zeroizing::new([0; MAX_FILE_LEN]);
    let bytes = match line.len() {
        0 => return Err("it is empty".to_owned()),
        KEY_LEN => line,
        _ => decode(line, decoded.as_mut_slice()).ok_or_else(|| format!("it holds {} bytes", line.len()))?,
    };
    VaultKey::from_slice(bytes)
        .map(Arc::new)
        .map_err(|error| format!("{error} as text"))
}

/// Decodes hexadecimal digits or base64 into `decoded`, and returns the part that was filled.
fn decode<'a>(text: &[u8], decoded: &'a mut [u8]) -> Option<&'a [u8]> {
    // 44 characters are a padded base64 key, even if all of them happen to be digits.
    let is_hex = text.len().is_multiple_of(2) && text.iter().all(u8::is_ascii_hexdigit) && text.len() != 44;
    let length = if is_hex {
        hex::decode_to_slice(text, decoded.get_mut(..text.len() / 2)?).ok()?;
        text.len() / 2
    } else {
        let config = GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);
        let standard = GeneralPurpose::new(&alphabet::STANDARD, config);
        let url_safe = GeneralPurpose::new(&alphabet::URL_SAFE, config);
        let by_standard = standard.decode_slice(text, decoded);
        by_standard.or_else(|_| url_safe.decode_slice(text, decoded)).ok()?
    };
    decoded.get(..length)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEX: &str = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    const BASE64: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    fn raw() -> Vec<u8> {
        (0..32).collect()
    }

    #[test]
    fn every_form_with_every_line_end_is_the_same_key() {
        let forms: [&[u8]; 5] = [
            &raw(),
            HEX.as_bytes(),
            BASE64.as_bytes(),
            BASE64.trim_end_matches('=').as_bytes(),
            &HEX.to_uppercase().into_bytes(),
        ];
        for form in forms {
            for end in ["", "\n", "\r\n"] {
                let file = [form, end.as_bytes()].concat();
                assert_eq!(parse(&file).unwrap().expose_secret().as_slice(), raw(), "{file:?}");
            }
        }
    }

    #[test]
    fn a_raw_key_may_end_in_a_line_end_of_its_own() {
        let mut bytes = raw();
        bytes[31] = b'\n';
        assert_eq!(parse(&bytes).unwrap().expose_secret().as_slice(), bytes);
    }

    #[test]
    fn base64url_is_read_too() {
        let standard = "+/8CAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
        let url_safe = standard.replace('+', "-").replace('/', "_");
        assert!(parse(standard.as_bytes()).unwrap() == parse(url_safe.as_bytes()).unwrap());
    }

    #[test]
    fn any_other_length_is_refused_with_its_number() {
        let message = |file: &[u8]| parse(file).unwrap_err();
        assert_eq!(message(b""), "it is empty");
        assert_eq!(message(&raw()[..31]), "it holds 31 bytes");
        assert_eq!(message(&[0xff; 34]), "it holds 34 bytes");
        assert_eq!(
            message(&HEX.as_bytes()[..62]),
            "a key of 32 bytes is needed, 31 were given as text"
        );
        assert_eq!(
            message(&[b'0'; 66]),
            "a key of 32 bytes is needed, 33 were given as text"
        );
        assert_eq!(message(&[b'0'; 67]), "it is longer than 66 bytes");
        assert_eq!(
            message("x".repeat(64).as_bytes()),
            "a key of 32 bytes is needed, 48 were given as text"
        );
        let two_line_ends = format!("{HEX}\n\n");
        assert!(parse(two_line_ends.as_bytes()).is_err());
    }

    #[test]
    fn base64_with_stray_bits_is_refused() {
        let stray = BASE64.replace("8=", "9=");
        assert!(parse(stray.as_bytes()).is_err());
    }
}
