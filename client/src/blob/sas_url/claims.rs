//! What a token says of itself. The service alone knows whether it is true.

use percent_encoding::percent_decode_str;

use super::SasUrlError;
use crate::time::seconds;

/// Read from a copy: the token itself is sent as it is.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) starts_at: Option<u64>,
    pub(super) expires_at: Option<u64>,
    pub(super) permissions: Option<String>,
    /// `si`: a stored access policy says the rest.
    pub(super) policy: bool,
    /// `sip`.
    pub(super) addresses: Option<String>,
    /// `sr`, of a service SAS.
    resource: Option<String>,
    /// `srt`, of an account SAS.
    resource_types: Option<String>,
}

impl Claims {
    /// Reads a token. Its characters must be those of a query, so that it can be sent as it is.
    pub(super) fn read(token: &str) -> Result<Self, SasUrlError> {
        let is_sent_as_it_is = |byte: u8| byte.is_ascii_graphic() && !b"\"#<>'\\^`{|}".contains(&byte);
        if !token.bytes().all(is_sent_as_it_is) {
            return Err(SasUrlError::Malformed);
        }
        let get = |name| value(token, name);
        match get("sig") {
            None => return Err(SasUrlError::NoToken),
            Some(signature) if signature.is_empty() => return Err(SasUrlError::NoToken),
            Some(signature) if !is_base64(&signature) => return Err(SasUrlError::NoSignature),
            Some(_) => {}
        }
        let claims = Self {
            starts_at: get("st").as_deref().and_then(time),
            expires_at: ["se", "ske"].iter().filter_map(|end| time(&get(end)?)).min(),
            permissions: get("sp"),
            policy: get("si").is_some(),
            addresses: get("sip"),
            resource: get("sr"),
            resource_types: get("srt"),
        };
        match (claims.resource.as_deref(), get("ss")) {
            (Some("b" | "bs" | "bv"), _) => Err(SasUrlError::NotAContainer),
            (Some("f" | "s"), _) => Err(SasUrlError::OtherService),
            (None, Some(services)) if !services.contains('b') => Err(SasUrlError::OtherService),
            _ => Ok(claims),
        }
    }

    /// Whether it is for a folder of a hierarchical namespace.
    pub(super) fn is_for_folder(&self) -> bool {
        self.resource.as_deref() == Some("d")
    }

    /// Whether it is an account's, and not for this type of resource.
    pub(super) fn lacks_resource(&self, letter: char) -> bool {
        self.resource_types
            .as_deref()
            .is_some_and(|types| !types.contains(letter))
    }
}

/// Whether a text has only letters of base64, and its padding at the end: one that lost some of it, or got more of what
/// stands behind it, is none.
fn is_base64(text: &str) -> bool {
    let letters = text.trim_end_matches('=');
    !letters.is_empty()
        && letters
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"+/-_".contains(&byte))
}

/// The decoded value of a parameter.
pub(super) fn value(token: &str, name: &str) -> Option<String> {
    let mut pairs = token.split('&').filter_map(|pair| pair.split_once('='));
    let (_, value) = pairs.find(|(known, _)| *known == name)?;
    percent_decode_str(value)
        .decode_utf8()
        .ok()
        .map(|value| value.into_owned())
}

/// The forms of Azure, in which a time may be left out, its seconds or their fraction; without a zone it is UTC.
fn time(text: &str) -> Option<u64> {
    let has_zone = |clock: &str| clock.ends_with(['Z', 'z']) || clock.contains(['+', '-']);
    match text.trim().split_at_checked(10)? {
        (date, "") => seconds(&format!("{date}T00:00Z")),
        (date, clock) if has_zone(clock) => seconds(&format!("{date}{clock}")),
        (date, clock) => seconds(&format!("{date}{clock}Z")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_documented_form() {
        let start = 1_893_456_000;
        for (text, expected) in [
            ("2030-01-01", start),
            ("2030-01-01T00:01Z", start + 60),
            ("2030-01-01T00:01:02Z", start + 62),
            ("2030-01-01T00:01:02.1234567Z", start + 62),
            ("2030-01-01T02:01:02+02:00", start + 62),
            ("2029-12-31T22:01-02:00", start + 60),
            ("2030-01-01T00:01:02", start + 62),
            ("2030-01-01T00:01", start + 60),
        ] {
            assert_eq!(time(text), Some(expected), "{text}");
        }
        for wrong in [
            "",
            "2030",
            "2030-13-01",
            "2030-01-01T25:00Z",
            "tomorrow at noon",
            "1/1/2030 00:00",
        ] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_time_that_is_encoded_is_read() {
        let claims = Claims::read("st=2030-01-01T02%3A00%3A00%2B02%3A00&se=2030-01-01T00%3A01%3A02.5Z&sig=x").unwrap();
        assert_eq!(
            (claims.starts_at, claims.expires_at),
            (Some(1_893_456_000), Some(1_893_456_062))
        );
    }

    #[test]
    fn what_stands_behind_a_signature_is_no_part_of_it() {
        for good in ["x", "a%2Bb%2Fc%3D", "a+b/c==", "a-b_c"] {
            assert!(Claims::read(&format!("sv=1&sig={good}")).is_ok(), "{good}");
        }
        for wrong in ["a%3D,2099-01-01", "a%3D%2Band%2Bmore", "%3D", "a.b", "a%2Gb", "a;b"] {
            let read = Claims::read(&format!("sv=1&sig={wrong}"));
            assert_eq!(read, Err(SasUrlError::NoSignature), "{wrong}");
        }
    }

    #[test]
    fn tokens_of_other_things_than_containers_are_refused() {
        for (token, error) in [
            ("sr=b&sp=r&sig=x", SasUrlError::NotAContainer),
            ("sr=bs&sp=r&sig=x", SasUrlError::NotAContainer),
            ("sr=s&sp=r&sig=x", SasUrlError::OtherService),
            ("ss=fq&srt=co&sp=r&sig=x", SasUrlError::OtherService),
        ] {
            assert_eq!(Claims::read(token), Err(error), "{token}");
        }
        for token in ["sr=c&sig=x", "sr=d&sdd=1&sig=x", "ss=bf&srt=o&sig=x", "si=p&sig=x"] {
            assert!(Claims::read(token).is_ok(), "{token}");
        }
    }
}
