//! The protocol by which docker asks a program for a login (docker-credential-helpers).
//!
//! ```
//! use zkvault::delivery::docker::origin;
//!
//! let registry = |server| origin(server).map(|origin| origin.to_string());
//! assert_eq!(registry("ghcr.io").as_deref(), Some("https://ghcr.io"));
//! assert_eq!(registry("https://index.docker.io/v1/").as_deref(), Some("https://index.docker.io"));
//! assert_eq!(registry("http://registry.example"), None);
//! ```
//!
//! Docker starts a program, writes one request to its input and reads one response: to `get`, the name of a registry
//! and a login as JSON; to `list`, all names. Which registry a site is for, the origin of its login page says.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize, Serializer};
use zkvault_core::SecretText;
use zkvault_core::trust::{Origin, Scheme};

/// What docker is told where there is no login: it looks for this very line.
pub const NOT_FOUND: &str = "credentials not found in native keychain";

/// The origin of a registry as docker names it: a host, or an address. None for addresses that are not `https`.
#[must_use]
pub fn origin(server: &str) -> Option<Origin> {
    let address = match server.contains("://") {
        true => server.to_owned(),
        false => format!("https://{server}"),
    };
    Origin::parse(&address)
        .ok()
        .filter(|origin| origin.scheme() == Scheme::Https)
}

/// A login, as docker reads and writes it.
#[derive(Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Credentials {
    /// The registry, as docker names it.
    #[serde(rename = "ServerURL")]
    pub server: String,
    /// The user name.
    #[serde(rename = "Username", serialize_with = "exposed", deserialize_with = "taken")]
    pub username: SecretText,
    /// The password or token.
    #[serde(rename = "Secret", serialize_with = "exposed", deserialize_with = "taken")]
    pub secret: SecretText,
}

impl Credentials {
    /// A login for a registry.
    #[must_use]
    pub fn new(server: String, username: SecretText, secret: SecretText) -> Self {
        Self {
            server,
            username,
            secret,
        }
    }
}

/// Docker asked for them.
fn exposed<S: Serializer>(text: &SecretText, serializer: S) -> Result<S::Ok, S::Error> {
    text.expose_secret().serialize(serializer)
}

/// From docker's JSON into memory that is wiped.
fn taken<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<SecretText, D::Error> {
    String::deserialize(deserializer).map(SecretText::from)
}

/// The registries that docker's own configuration names (`config.json`): those of logins, and those whose logins come from
/// the helper of this name. None for a text that is not a configuration.
///
/// Docker asks for the password of everything that a helper lists. So what is listed is only what docker knows of already.
#[must_use]
pub fn registries(config: &[u8], helper: &str) -> Option<BTreeSet<String>> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(default)]
        auths: BTreeMap<String, serde::de::IgnoredAny>,
        #[serde(default, rename = "credHelpers")]
        helpers: BTreeMap<String, String>,
    }
    let config: Config = serde_json::from_slice(config).ok()?;
    let ours = config.helpers.into_iter().filter(|(_, name)| name == helper);
    Some(config.auths.into_keys().chain(ours.map(|(server, _)| server)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn registries_are_hosts_or_addresses() {
        for (server, expected) in [
            ("ghcr.io", Some("https://ghcr.io")),
            ("registry.example:5000", Some("https://registry.example:5000")),
            ("https://index.docker.io/v1/", Some("https://index.docker.io")),
            ("registry.example/team", Some("https://registry.example")),
            ("http://registry.example", None),
            ("ftp://registry.example", None),
            ("ghcr.io@evil.example", None),
            ("", None),
        ] {
            assert_eq!(
                origin(server).map(|origin| origin.to_string()).as_deref(),
                expected,
                "{server:?}"
            );
        }
    }

    #[test]
    fn docker_names_its_registries_itself() {
        let config =
            br#"{"auths":{"ghcr.io":{}},"credHelpers":{"a.example":"zkv","b.example":"other"},"credsStore":"x"}"#;
        let named: Vec<_> = registries(config, "zkv").unwrap().into_iter().collect();
        assert_eq!(named, ["a.example", "ghcr.io"]);
        assert_eq!(registries(b"{}", "zkv").map(|named| named.len()), Some(0));
        assert_eq!(registries(b"[", "zkv"), None);
    }

    #[test]
    fn a_login_is_written_as_it_is_read() {
        let text = r#"{"ServerURL":"ghcr.io","Username":"ada","Secret":"hunter2"}"#;
        let login: Credentials = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&login).unwrap(), text);
        assert!(!format!("{login:?}").contains("hunter2"));
    }
}
