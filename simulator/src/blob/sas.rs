//! Shared access signatures: minted for tests, and checked on every request.

use std::fmt;
use std::io;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;

use super::reply::{Problem, Result};
use super::request::BlobRequest;

/// The version of the signature; the two strings to sign are those of this version.
const VERSION: &str = "2025-11-05";

/// A storage account: a name, and the key that signs.
#[derive(Clone)]
pub struct Account {
    name: String,
    key: Vec<u8>,
}

/// What a SAS is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SasResource {
    /// A container and its blobs: a service SAS.
    Container(String),
    /// One blob: a service SAS.
    Blob(String, String),
    /// Everything: an account SAS, with its resource types (`s`, `c`, `o`).
    Account(String),
}

/// What a SAS allows, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sas {
    /// What it is for.
    pub resource: SasResource,
    /// Letters such as `racwdl`.
    pub permissions: String,
    /// From when on, if that is limited.
    pub start: Option<SystemTime>,
    /// Until when.
    pub expiry: SystemTime,
    /// `https` or `https,http`.
    pub protocol: String,
    /// The address that may use it, if that is limited.
    pub ip: Option<String>,
}

impl Sas {
    /// For a container, from always on.
    #[must_use]
    pub fn container(container: &str, permissions: &str, expiry: SystemTime) -> Self {
        Self::of(SasResource::Container(container.to_owned()), permissions, expiry)
    }

    /// For an account, from always on.
    #[must_use]
    pub fn account(resource_types: &str, permissions: &str, expiry: SystemTime) -> Self {
        Self::of(SasResource::Account(resource_types.to_owned()), permissions, expiry)
    }

    /// For anything, from always on.
    #[must_use]
    pub fn of(resource: SasResource, permissions: &str, expiry: SystemTime) -> Self {
        Self {
            resource,
            permissions: permissions.to_owned(),
            start: None,
            expiry,
            protocol: "https,http".to_owned(),
            ip: None,
        }
    }

    /// The parameters besides the signature.
    fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("sv", VERSION.to_owned()), ("spr", self.protocol.clone())];
        parameters.extend(self.start.map(|start| ("st", written(start))));
        parameters.push(("se", written(self.expiry)));
        parameters.extend(self.ip.clone().map(|ip| ("sip", ip)));
        match &self.resource {
            SasResource::Container(_) => parameters.push(("sr", "c".to_owned())),
            SasResource::Blob(..) => parameters.push(("sr", "b".to_owned())),
            SasResource::Account(types) => parameters.extend([("ss", "b".to_owned()), ("srt", types.clone())]),
        }
        parameters.push(("sp", self.permissions.clone()));
        parameters
    }
}

impl Account {
    /// An account from its name and its key.
    #[must_use]
    pub fn new(name: &str, key: Vec<u8>) -> Self {
        let name = name.to_owned();
        Self { name, key }
    }

    /// The account that Azurite has, whose key is published.
    #[must_use]
    pub fn azurite() -> Self {
        const KEY: &str = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
        Self::new("devstoreaccount1", STANDARD.decode(KEY).unwrap_or_default())
    }

    pub(super) fn random(name: &str) -> io::Result<Self> {
        let mut key = vec![0; 64];
        getrandom::fill(&mut key).map_err(io::Error::other)?;
        Ok(Self::new(name, key))
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Mints a token, without the question mark.
    #[must_use]
    pub fn sign(&self, sas: &Sas) -> String {
        let parameters = sas.parameters();
        let get = |name: &str| {
            let found = parameters.iter().find(|(known, _)| *known == name);
            found.map_or("", |(_, value)| value.as_str())
        };
        let text = match &sas.resource {
            SasResource::Account(_) => self.account_text(get),
            SasResource::Container(container) => self.service_text(container, "", get),
            SasResource::Blob(container, blob) => self.service_text(container, blob, get),
        };
        let mut token = form_urlencoded::Serializer::new(String::new());
        token.extend_pairs(&parameters);
        token.append_pair("sig", &STANDARD.encode(self.mac(&text)));
        token.finish()
    }

    /// Checks the token of a request: signature, time, address, and that it is for this container or blob.
    pub(super) fn check(&self, request: &BlobRequest, now: SystemTime) -> Result<Grant> {
        let get = |name: &str| request.parameter(name);
        if get("sig").is_empty() || request.account != self.name {
            return Err(Problem::unauthenticated("There is no signature for this account."));
        }
        let is_account = !get("ss").is_empty();
        let text = match (is_account, get("sr")) {
            (true, _) => self.account_text(get),
            (false, "c") => self.service_text(&request.container, "", get),
            (false, "b") => self.service_text(&request.container, &request.blob, get),
            _ => return Err(Problem::unauthenticated("sr is mandatory.")),
        };
        if STANDARD.encode(self.mac(&text)) != get("sig") {
            return Err(Problem::unauthenticated("Signature did not match."));
        }
        check_time(get("st"), get("se"), now)?;
        if get("spr") == "https" {
            return Err(Problem::forbidden("AuthorizationProtocolMismatch"));
        }
        if !matches!(get("sip"), "" | "127.0.0.1") {
            return Err(Problem::forbidden("AuthorizationSourceIPMismatch"));
        }
        Ok(Grant {
            permissions: get("sp").to_owned(),
            resource_types: is_account.then(|| get("srt").to_owned()),
            is_blob: get("sr") == "b",
        })
    }

    fn account_text<'a>(&self, get: impl Fn(&str) -> &'a str) -> String {
        let fields = ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv", "ses"].map(get);
        format!("{}\n{}\n", self.name, fields.join("\n"))
    }

    fn service_text<'a>(&self, container: &str, blob: &str, get: impl Fn(&str) -> &'a str) -> String {
        let resource = match blob {
            "" => format!("/blob/{}/{container}", self.name),
            blob => format!("/blob/{}/{container}/{blob}", self.name),
        };
        let before = ["sp", "st", "se"].map(&get);
        let after = ["si", "sip", "spr", "sv", "sr", "snapshot", "ses"].map(&get);
        let overrides = ["rscc", "rscd", "rsce", "rscl", "rsct"].map(&get);
        let (before, after, overrides) = (before.join("\n"), after.join("\n"), overrides.join("\n"));
        format!("{before}\n{resource}\n{after}\n{overrides}")
    }

    fn mac(&self, text: &str) -> Vec<u8> {
        // HMAC takes keys of any length.
        let Ok(mac) = Hmac::<Sha256>::new_from_slice(&self.key) else {
            return Vec::new();
        };
        mac.chain_update(text).finalize().into_bytes().to_vec()
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, key: _ } = self;
        f.debug_struct("Account").field("name", name).finish_non_exhaustive()
    }
}

/// What a valid token allows.
#[derive(Debug)]
pub(super) struct Grant {
    permissions: String,
    /// Of an account SAS.
    resource_types: Option<String>,
    is_blob: bool,
}

impl Grant {
    /// Whether one of `letters` is granted, for a resource of this type: `c` a container, `o` a blob.
    pub(super) fn check(&self, letters: &str, resource_type: char) -> Result<()> {
        match &self.resource_types {
            Some(types) if !types.contains(resource_type) => {
                return Err(Problem::forbidden("AuthorizationResourceTypeMismatch"));
            }
            None if self.is_blob && resource_type == 'c' => {
                return Err(Problem::forbidden("AuthorizationResourceTypeMismatch"));
            }
            _ => {}
        }
        match self.permissions.contains(|granted| letters.contains(granted)) {
            true => Ok(()),
            false => Err(Problem::forbidden("AuthorizationPermissionMismatch")),
        }
    }

    /// Only an account SAS reaches beyond a container.
    pub(super) fn is_account(&self) -> bool {
        self.resource_types.is_some()
    }
}

fn check_time(start: &str, expiry: &str, now: SystemTime) -> Result<()> {
    let bad = || Problem::unauthenticated("Signature fields not well formed.");
    let start = match start {
        "" => None,
        start => Some(parse_time(start).ok_or_else(bad)?),
    };
    let expiry = parse_time(expiry).ok_or_else(bad)?;
    if start.is_some_and(|start| now < start) || now > expiry {
        let shown = |time: SystemTime| httpdate::fmt_http_date(time);
        return Err(Problem::unauthenticated(format!(
            "Signature not valid in the specified time frame: Start [{}] - Expiry [{}] - Current [{}]",
            start.map(shown).unwrap_or_default(),
            shown(expiry),
            shown(now)
        )));
    }
    Ok(())
}

/// Whole seconds: Azure takes no fractions in all versions.
fn written(time: SystemTime) -> String {
    let since = time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let time = i64::try_from(since.as_secs())
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok());
    time.unwrap_or_default().to_string()
}

/// The three forms that Azure takes: a date, to minutes, to seconds.
fn parse_time(text: &str) -> Option<SystemTime> {
    let whole = match text.len() {
        10 => format!("{text}T00:00:00Z"),
        17 => format!("{}:00Z", text.strip_suffix('Z')?),
        _ => text.to_owned(),
    };
    let seconds = whole.parse::<Timestamp>().ok()?.as_second();
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn times_in_every_form() {
        assert_eq!(written(at(1_700_000_000)), "2023-11-14T22:13:20Z");
        assert_eq!(parse_time("2023-11-14T22:13:20Z"), Some(at(1_700_000_000)));
        assert_eq!(parse_time("2023-11-14T22:13Z"), Some(at(1_700_000_000 - 20)));
        assert_eq!(parse_time("2023-11-14"), Some(at(1_699_920_000)));
        assert_eq!(parse_time("tomorrow"), None);
    }

    /// Minted by the Python SDK (azure-storage-blob 12.31.1), so that the signer is not its own judge.
    #[test]
    fn tokens_of_microsofts_own_sdk_are_valid() {
        let check = |path: &str, token: &str| {
            let uri = format!("/devstoreaccount1/{path}?{token}");
            let (parts, ()) = axum::http::Request::get(uri).body(()).unwrap().into_parts();
            let request = BlobRequest::parse(&parts, axum::body::Bytes::new()).unwrap();
            Account::azurite().check(&request, at(1_790_000_000)).map(drop)
        };
        let container = "st=2026-01-01T00%3A00%3A00Z&se=2099-01-01T00%3A00%3A00Z&sp=racwdl&spr=https%2Chttp&\
            sv=2026-10-06&sr=c&sig=ZDXmpgPLPA2lFZnYOHok8RjUvKAkVkivVLMVRb%2BeptQ%3D";
        let blob =
            "se=2099-01-01T00%3A00%3A00Z&sp=r&sv=2026-10-06&sr=b&sig=YvBaRlC9VaG2OJMY4eHnt4fCzbbI8oHPXKQKMiN2OL0%3D";
        let account = "se=2099-01-01T00%3A00%3A00Z&sp=rwdl&sv=2026-10-06&ss=b&srt=co&\
            sig=KnUG8z7201L0s6L2TNhDz8X1cE3oClqxBxdN/U6%2BJnE%3D";
        for (path, token) in [
            ("things/x", container),
            ("things/a%20b/c.txt", blob),
            ("any/x", account),
        ] {
            assert_eq!(check(path, token), Ok(()), "{path}");
        }
        assert!(check("others/x", container).is_err() && check("things/c.txt", blob).is_err());
    }

    #[test]
    fn debug_shows_no_key() {
        assert_eq!(
            format!("{:?}", Account::azurite()),
            r#"Account { name: "devstoreaccount1", .. }"#
        );
    }
}
