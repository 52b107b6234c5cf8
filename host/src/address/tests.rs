use proptest::prelude::*;
use url::Url;

use super::*;

/// What the crate `url` says of the same address.
fn of_url(url: &Url) -> (bool, String, Option<u16>, &str, Option<&str>, Option<&str>, bool) {
    (
        url.scheme() == "https",
        url.host_str().unwrap_or_default().to_owned(),
        url.port(),
        url.path(),
        url.query(),
        url.fragment(),
        !url.username().is_empty() || url.password().is_some(),
    )
}

fn of(address: &Address) -> (bool, String, Option<u16>, &str, Option<&str>, Option<&str>, bool) {
    (
        address.is_secure(),
        address.host_str().to_owned(),
        address.port(),
        address.path(),
        address.query(),
        address.fragment(),
        address.names_user(),
    )
}

fn check(text: &str) {
    let url = Url::parse(text);
    match (Address::parse(text), &url) {
        (Ok(address), Ok(url)) => assert_eq!(of(&address), of_url(url), "{text:?}"),
        (Err(AddressError::Scheme), Ok(url)) => assert!(!["http", "https"].contains(&url.scheme()), "{text:?}"),
        (Err(AddressError::Malformed), Err(_)) => {}
        (address, url) => panic!("{text:?}: {address:?}, {url:?}"),
    }
}

/// What hosts are held to as well (wasm/tests/addresses.test.js): addresses, and their canonical form if there is one.
#[test]
fn addresses_are_read_as_everywhere_else() {
    let vectors: Vec<(String, Option<String>)> = serde_json::from_str(include_str!("../../addresses.json")).unwrap();
    assert!(vectors.len() > 50);
    for (text, canonical) in vectors {
        assert_eq!(native::canonical(&text), canonical, "{text:?}");
        check(&text);
    }
}

#[test]
fn this_machine_is_known_by_its_canonical_name() {
    for (text, is_loopback) in [
        ("http://localhost", true),
        ("http://LOCALHOST:1/", true),
        ("http://127.9.9.9", true),
        ("http://0x7f000001", true),
        ("http://[::1]", true),
        ("http://128.0.0.1", false),
        ("http://localhost.example", false),
        ("http://[::2]", false),
    ] {
        assert_eq!(
            Address::parse(text).unwrap().host().is_loopback(),
            is_loopback,
            "{text}"
        );
    }
}

#[test]
fn what_is_shown_of_an_address_ends_before_its_path() {
    let address = Address::parse("https://u:hidden@[::1]:444/hidden?hidden#hidden").unwrap();
    assert_eq!(format!("{address:?}"), "Address(https://[::1]:444)");
}

proptest! {
    #[test]
    fn every_address_is_taken_apart_as_its_parser_does(text in "(https?|ftp)?:?/{0,3}([a-zA-Z0-9äß.:@%\\[\\]-]{0,20})?[:/?#\\\\a-z0-9@ ]{0,12}") {
        check(&text);
    }
}
