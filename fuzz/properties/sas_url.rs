//! Whatever is given as the address of a container with its token: shown, it has no token; sent, it has the token
//! once; and what it gives out is read as the same, byte for byte.
//!
//! The input is an address, and behind a line end the name of a blob.

use url::Url;
use zkvault_client::blob::{BlobContainer, SasUrl};
use zkvault_core::SecretText;

use crate::heap;
use crate::service::{self, Service};

const CANARY: &str = "Canary8Canary8";

pub(crate) fn check(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    let (address, blob) = text.split_once('\n').unwrap_or((text, ""));
    as_address(address, blob);
    as_address(&format!("https://a.blob.core.windows.net/c?sig=x&{address}"), blob);
    as_address(&format!("https://{address}?sig=x"), blob);
}

fn parse(text: &str) -> Option<SasUrl> {
    let secret = SecretText::from(text.to_owned());
    // The address, its parts and the token, each copied a few times, once more to be read as it is given out; and a host
    // in Punycode, decoded to four bytes a letter in lists that grow by doubling.
    heap::within(96 * text.len() + 4096, || SasUrl::parse(&secret)).ok()
}

fn as_address(text: &str, blob: &str) {
    let Some(url) = parse(text) else { return };
    let shown = url.to_string();
    let secret = url.to_secret();
    let token = secret
        .expose_secret()
        .strip_prefix(&shown)
        .and_then(|rest| rest.strip_prefix('?'));
    let token = token.expect("the address, and then the token");
    assert!(token.split('&').any(|pair| pair.starts_with("sig=")));
    address_is_safe(&url, &shown);

    let again = parse(secret.expose_secret()).expect("what is given out is read");
    assert_eq!(again.to_secret(), secret);
    assert_eq!(format!("{again:?} {}", again.host()), format!("{url:?} {}", url.host()));

    token_is_not_shown(secret.expose_secret());
    token_is_sent_once(url, &shown, token, blob);
}

fn address_is_safe(url: &SasUrl, shown: &str) {
    let address = Url::parse(shown).expect("it is an address");
    assert_eq!(address.host_str(), Some(url.host()));
    assert!(address.query().is_none() && address.fragment().is_none() && address.username().is_empty());
    let loopback = matches!(address.host_str(), Some("localhost" | "[::1]")) || url.host().starts_with("127.");
    assert!(
        address.scheme() == "https" || (address.scheme() == "http" && loopback),
        "{shown}"
    );
}

fn token_is_not_shown(secret: &str) {
    for with_canary in [
        format!("{secret}{CANARY}"),
        secret.replacen("sig=", &format!("sig={CANARY}"), 1),
    ] {
        if let Some(url) = parse(&with_canary).filter(|url| !url.to_string().contains(CANARY)) {
            let claims = [url.permissions(), url.addresses(), Some(url.host())].map(Option::unwrap_or_default);
            let is_claim = |pair: &str| pair.contains(CANARY) && (pair.starts_with("sr=") || pair.starts_with("srt="));
            if with_canary.split(['&', '?']).any(is_claim) {
                continue;
            }
            let shown = format!("{url:?} {url}");
            assert!(
                !shown.contains(CANARY) || claims.iter().any(|claim| claim.contains(CANARY)),
                "{shown}"
            );
        }
    }
}

fn token_is_sent_once(url: SasUrl, shown: &str, token: &str, blob: &str) {
    let service = Service::new("application/xml", b"", 1);
    let container = BlobContainer::new(&service, url);
    let _ = service::run(container.properties(blob));
    let _ = service::run(container.committed_blocks(blob));
    let asked = service.asked();
    for (asked, parameters) in asked.iter().zip(["", "comp=blocklist&blocklisttype=committed&"]) {
        let (path, query) = asked.split_once('?').expect("it has a query");
        assert_eq!(
            query.strip_suffix(token),
            Some(parameters),
            "the token, once and at the end"
        );
        let name = path.strip_prefix(shown).expect("it is the container's");
        assert_eq!(name.is_empty(), blob.is_empty());
        let name = name.strip_prefix('/').unwrap_or(name);
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.~/%".contains(&byte))
        );
    }
}
