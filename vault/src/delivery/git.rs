//! The protocol by which git asks a program for a login (gitcredentials(7), git-credential(1)).
//!
//! ```
//! use zkvault::delivery::git::Request;
//!
//! let request = Request::parse("protocol=https\nhost=git.example.com:8443\nusername=ada\n\n");
//! let origin = request.origin().map(|origin| origin.to_string());
//! assert_eq!(origin.as_deref(), Some("https://git.example.com:8443"));
//! assert_eq!(request.username.as_deref(), Some("ada"));
//! assert!(Request::parse("protocol=http\nhost=git.example.com\n").origin().is_none());
//! ```
//!
//! Git writes `name=value` lines to the program's input and reads the same back. A request for `http` gets no login,
//! since git would send it in plaintext, and neither does a host with anything in it that could end a host in a URL:
//! git takes these from addresses that somebody else wrote, such as those of submodules.

use zeroize::Zeroizing;
use zkvault_core::SecretText;
use zkvault_core::trust::{Origin, Scheme};

/// What git wants a login for. Members that are not known are left alone, as the protocol demands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// `https`, `ssh`, `smtp`, …
    pub protocol: Option<String>,
    /// The host, with its port.
    pub host: Option<String>,
    /// The user name, where the address of the repository or the configuration has one.
    pub username: Option<String>,
}

impl Request {
    /// Reads `name=value` lines up to the first empty one. The last of several with one name counts.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let mut request = Self::default();
        for line in text.lines().take_while(|line| !line.is_empty()) {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let member = match name {
                "protocol" => &mut request.protocol,
                "host" => &mut request.host,
                "username" => &mut request.username,
                _ => continue,
            };
            *member = Some(value.to_owned()).filter(|value| !value.is_empty());
        }
        request
    }

    /// The origin that a login is wanted for: of `https` only, because git would send it in plaintext over `http`.
    #[must_use]
    pub fn origin(&self) -> Option<Origin> {
        let (protocol, host) = (self.protocol.as_deref()?, self.host.as_deref()?);
        // What the address of a page could have behind its host, a host has not.
        if protocol != Scheme::Https.as_str() || host.contains(['/', '?', '#', '\\', '@']) {
            return None;
        }
        Origin::parse(&format!("https://{host}")).ok()
    }
}

/// What git is given, or none where the login has a character that ends a line of the protocol.
///
/// ```
/// use zkvault::core::SecretText;
/// use zkvault::delivery::git::response;
///
/// let text = |text: &str| SecretText::from(text.to_owned());
/// let login = response(Some(&text("ada")), &text("hunter2"));
/// assert_eq!(login.as_ref().map(SecretText::expose_secret), Some("username=ada\npassword=hunter2\n"));
/// assert!(response(None, &text("hunter2\nhost=evil.example")).is_none());
/// ```
#[must_use]
pub fn response(username: Option<&SecretText>, password: &SecretText) -> Option<SecretText> {
    let members = [("username=", username), ("password=", Some(password))];
    let members = members.map(|(name, value)| Some((name, value?.expose_secret())));
    let members = || members.iter().flatten();
    if members().any(|(_, value)| value.contains(['\n', '\r', '\0'])) {
        return None;
    }
    // All at once: a string that grows leaves copies behind.
    let length = members().map(|(name, value)| name.len() + value.len() + 1).sum();
    let mut text = Zeroizing::new(String::with_capacity(length));
    for (name, value) in members() {
        text.push_str(name);
        text.push_str(value);
        text.push('\n');
    }
    Some(SecretText::from(std::mem::take(&mut *text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Option<String> {
        Request::parse(text).origin().map(|origin| origin.to_string())
    }

    #[test]
    fn only_https_hosts_have_an_origin() {
        for (text, expected) in [
            ("protocol=https\nhost=github.com\n", Some("https://github.com")),
            (
                "host=GitHub.com:443\nprotocol=https\npath=a/b.git\nwwwauth[]=Basic realm=\"x=y\"",
                Some("https://github.com"),
            ),
            (
                "protocol=https\nhost=a.example:8443\n\nhost=b.example",
                Some("https://a.example:8443"),
            ),
            ("protocol=http\nhost=github.com", None),
            ("protocol=HTTPS\nhost=github.com", None),
            ("protocol=ssh\nhost=github.com", None),
            ("protocol=https", None),
            ("protocol=https\nhost=", None),
            ("protocol=https\nhost=github.com@evil.example", None),
            ("protocol=https\nhost=github.com/evil.example", None),
            ("protocol=https\nhost=evil.example\\github.com", None),
            ("protocol=https\nhost=github.com%2eevil.example", None),
            ("", None),
        ] {
            assert_eq!(origin(text).as_deref(), expected, "{text:?}");
        }
    }

    #[test]
    fn a_response_has_whole_lines_or_is_none() {
        let secret = |text: &str| SecretText::from(text.to_owned());
        let shown = |username: Option<&str>, password| {
            let username = username.map(secret);
            response(username.as_ref(), &secret(password)).map(|text| text.expose_secret().to_owned())
        };
        assert_eq!(
            shown(Some("ada"), "a=b c").as_deref(),
            Some("username=ada\npassword=a=b c\n")
        );
        assert_eq!(shown(None, "x").as_deref(), Some("password=x\n"));
        for (username, password) in [("a\nb", "x"), ("a", "x\nquit=1"), ("a", "x\r"), ("a\0", "x")] {
            assert_eq!(shown(Some(username), password), None);
        }
    }
}
