//! `zkv key export`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use zeroize::Zeroizing;
use zkvault::fs;
use zkvault_core::key::KEY_LEN;
use zkvault_core::keyring::Keyring;

use crate::args::{KeyEncoding, KeyExport};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{keychain, keyring_file};

#[derive(Serialize)]
struct Exported<'a> {
    id: String,
    label: &'a str,
    key: &'a str,
}

pub(crate) fn run(args: &KeyExport, context: &Context<'_>) -> Result<Exit> {
    let output = context.output;
    let to_file = args.destination.path();
    if to_file.is_none() && output.is_terminal() && !args.reveal {
        return Err(CliError::usage("the key would be shown on the terminal")
            .hint("write it to a file with --output, or give --reveal to see it"));
    }
    let keyring = keyring_file::unlock(context)?;
    if args.personal {
        return personal(&keyring, args, context);
    }
    let entry = keychain::find(&keyring, args.key.as_deref())?;
    let text = written(entry.key().expose_secret(), args.encoding);
    match to_file {
        Some(path) => fs::write(path, &text, fs::Existing::replace_if(args.destination.force))?,
        None if output.is_json() => output.json(&Exported {
            id: entry.id().to_string(),
            label: entry.label(),
            key: std::str::from_utf8(&written(entry.key().expose_secret(), KeyEncoding::Hex))
                .unwrap_or_default()
                .trim_end(),
        })?,
        None => output.bytes(&text)?,
    }
    Ok(Exit::Success)
}

#[derive(Serialize)]
struct PersonalExported<'a> {
    key: &'a str,
}

/// The personal key in use. It has no id, and is shown under none.
fn personal(keyring: &Keyring, args: &KeyExport, context: &Context<'_>) -> Result<Exit> {
    let key = keyring.personal_keys().iter().next();
    let key = key.ok_or_else(|| CliError::new(Exit::Other, "internal", "the keyring has no personal key"))?;
    let text = written(key.expose_secret(), args.encoding);
    match args.destination.path() {
        Some(path) => fs::write(path, &text, fs::Existing::replace_if(args.destination.force))?,
        None if context.output.is_json() => context.output.json(&PersonalExported {
            key: std::str::from_utf8(&written(key.expose_secret(), KeyEncoding::Hex))
                .unwrap_or_default()
                .trim_end(),
        })?,
        None => context.output.bytes(&text)?,
    }
    Ok(Exit::Success)
}

/// The bytes of a key file.
pub(super) fn written(secret: &[u8; KEY_LEN], encoding: KeyEncoding) -> Zeroizing<Vec<u8>> {
    let mut text = Zeroizing::new(vec![b'\n'; KEY_LEN * 2 + 1]);
    // Neither can fail: there is room for the longest form.
    let length = match encoding {
        KeyEncoding::Raw => {
            text.truncate(KEY_LEN);
            text.copy_from_slice(secret);
            return text;
        }
        KeyEncoding::Hex => {
            let digits = text.get_mut(..KEY_LEN * 2).unwrap_or_default();
            let _ = hex::encode_to_slice(secret, digits);
            KEY_LEN * 2
        }
        KeyEncoding::Base64 => STANDARD.encode_slice(secret, &mut text).unwrap_or_default(),
    };
    text.truncate(length);
    text.push(b'\n');
    text
}
