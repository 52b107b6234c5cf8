//! Parameters as JSON and as forms, in buffers that are wiped.

use zkvault_core::SecretBuffer;
use zkvault_core::SecretText;

use super::Parameter;

/// A JSON object, in a buffer that is wiped.
pub(super) fn to_json(parameters: &[(String, Parameter)], secret: impl Fn(&SecretText) -> &str) -> SecretBuffer {
    let mut buffer = SecretBuffer::new();
    for (name, value) in parameters {
        buffer.extend(if buffer.is_empty() { b"{" } else { b"," });
        // Texts and numbers always become JSON, and the buffer takes everything.
        let _ = serde_json::to_writer(&mut buffer, name);
        buffer.extend(b":");
        let _ = match value {
            Parameter::Id(id) => serde_json::to_writer(&mut buffer, id),
            Parameter::Ids(ids) => serde_json::to_writer(&mut buffer, ids),
            Parameter::Right(on) => serde_json::to_writer(&mut buffer, &sign(*on)),
            Parameter::Text(text) => serde_json::to_writer(&mut buffer, text),
            Parameter::Secret(text) => serde_json::to_writer(&mut buffer, secret(text)),
        };
    }
    buffer.extend(if buffer.is_empty() { b"{}" } else { b"}" });
    buffer
}

/// A form, as PHP reads lists.
pub(super) fn to_form(parameters: &[(String, Parameter)]) -> SecretBuffer {
    let mut buffer = SecretBuffer::new();
    let mut pair = |name: &str, value: &str| {
        if !buffer.is_empty() {
            buffer.extend(b"&");
        }
        let escape = |text: &str, buffer: &mut SecretBuffer| {
            form_urlencoded::byte_serialize(text.as_bytes()).for_each(|piece| buffer.extend(piece.as_bytes()));
        };
        escape(name, &mut buffer);
        buffer.extend(b"=");
        escape(value, &mut buffer);
    };
    for (name, value) in parameters {
        match value {
            Parameter::Id(id) => pair(name, &id.to_string()),
            Parameter::Ids(ids) => ids.iter().for_each(|id| pair(&format!("{name}[]"), &id.to_string())),
            Parameter::Right(on) => pair(name, &sign(*on).to_string()),
            Parameter::Text(text) => pair(name, text),
            Parameter::Secret(secret) => pair(name, secret.expose_secret()),
        }
    }
    buffer
}

fn sign(on: bool) -> i8 {
    if on { 1 } else { -1 }
}

/// The bytes of a request; wiped when the last of those who send them is done.
pub(super) struct Wiped(pub(super) SecretBuffer);

impl AsRef<[u8]> for Wiped {
    fn as_ref(&self) -> &[u8] {
        self.0.expose_secret()
    }
}
