//! The table of login addresses.

use super::*;

/// Address, origin, registrable domain.
const GOOD: &[(&str, &str, &str)] = &[
    ("https://example.com", "https://example.com", "example.com"),
    ("https://example.com/", "https://example.com", "example.com"),
    ("HTTPS://EXAMPLE.com/Path", "https://example.com", "example.com"),
    ("http://example.com/", "http://example.com", "example.com"),
    ("https://example.com:443/", "https://example.com", "example.com"),
    ("https://example.com:/", "https://example.com", "example.com"),
    ("http://example.com:80/", "http://example.com", "example.com"),
    ("https://example.com:80/", "https://example.com:80", "example.com"),
    ("http://example.com:443/", "http://example.com:443", "example.com"),
    (
        "https://example.com:8443/a?b#c",
        "https://example.com:8443",
        "example.com",
    ),
    ("https://example.com:65535", "https://example.com:65535", "example.com"),
    ("https://example.com:00443/", "https://example.com", "example.com"),
    (
        "https://example.com?next=https://evil.test",
        "https://example.com",
        "example.com",
    ),
    ("https://example.com#@evil.test", "https://example.com", "example.com"),
    ("https://example.com/@evil.test", "https://example.com", "example.com"),
    ("https://example.com/%2e%2e/ a", "https://example.com", "example.com"),
    ("https://example.com/\\evil.test", "https://example.com", "example.com"),
    (
        "https://accounts.google.com/ServiceLogin?continue=http://www.google.com/",
        "https://accounts.google.com",
        "google.com",
    ),
    ("https://www.google.co.uk/", "https://www.google.co.uk", "google.co.uk"),
    (
        "https://a.b.example.co.uk/",
        "https://a.b.example.co.uk",
        "example.co.uk",
    ),
    ("https://co.uk/", "https://co.uk", ""),
    ("https://com/", "https://com", ""),
    ("https://alice.github.io/", "https://alice.github.io", "alice.github.io"),
    ("https://github.io/", "https://github.io", ""),
    (
        "https://a.city.kawasaki.jp/",
        "https://a.city.kawasaki.jp",
        "city.kawasaki.jp",
    ),
    ("https://www.ck/", "https://www.ck", "www.ck"),
    ("https://a.other.ck/", "https://a.other.ck", "a.other.ck"),
    ("https://intranet/", "https://intranet", ""),
    ("https://localhost:3000/", "https://localhost:3000", ""),
    ("https://host.internal/", "https://host.internal", "host.internal"),
    (
        "https://my_host.example.com/",
        "https://my_host.example.com",
        "example.com",
    ),
    (
        "https://r3---sn-a.example.com/",
        "https://r3---sn-a.example.com",
        "example.com",
    ),
    ("https://127.0.0.1/", "https://127.0.0.1", ""),
    ("https://127.0.0.1:8080/", "https://127.0.0.1:8080", ""),
    ("https://[::1]/", "https://[::1]", ""),
    ("https://[0:0:0:0:0:0:0:1]:444/", "https://[::1]:444", ""),
    ("https://[2001:DB8::A]/", "https://[2001:db8::a]", ""),
    (
        "https://bücher.example/",
        "https://xn--bcher-kva.example",
        "xn--bcher-kva.example",
    ),
    (
        "https://BÜCHER.example/",
        "https://xn--bcher-kva.example",
        "xn--bcher-kva.example",
    ),
    (
        "https://bu\u{308}cher.example/",
        "https://xn--bcher-kva.example",
        "xn--bcher-kva.example",
    ),
    (
        "https://xn--bcher-kva.example/",
        "https://xn--bcher-kva.example",
        "xn--bcher-kva.example",
    ),
    ("https://faß.de/", "https://xn--fa-hia.de", "xn--fa-hia.de"),
    ("https://例え.jp/", "https://xn--r8jz45g.jp", "xn--r8jz45g.jp"),
    (
        "https://www.食狮.公司.cn/",
        "https://www.xn--85x722f.xn--55qx5d.cn",
        "xn--85x722f.xn--55qx5d.cn",
    ),
    ("https://example。com/", "https://example.com", "example.com"),
    ("https://ｅｘａｍｐｌｅ.com/", "https://example.com", "example.com"),
    // Look-alikes are other origins, whose ASCII form shows it.
    ("https://аpple.com/", "https://xn--pple-43d.com", "xn--pple-43d.com"),
    (
        "https://exаmple.com/",
        "https://xn--exmple-4nf.com",
        "xn--exmple-4nf.com",
    ),
    ("https://examp1e.com/", "https://examp1e.com", "examp1e.com"),
    (
        "https://example.com.evil.test/",
        "https://example.com.evil.test",
        "evil.test",
    ),
    (
        "https://example-com.test/",
        "https://example-com.test",
        "example-com.test",
    ),
    (
        "https://login-example.com/",
        "https://login-example.com",
        "login-example.com",
    ),
    ("https://example.co/", "https://example.co", "example.co"),
];

const BAD: &[(&str, OriginError)] = &[
    ("", OriginError::Form),
    ("example.com", OriginError::Form),
    ("//example.com/", OriginError::Form),
    (" https://example.com/", OriginError::Scheme),
    ("https:example.com", OriginError::Form),
    ("https:/example.com", OriginError::Form),
    ("https:\\\\example.com", OriginError::Form),
    ("https:///example.com", OriginError::Host),
    ("https://", OriginError::Host),
    ("https://?", OriginError::Host),
    ("ht\ttps://example.com/", OriginError::Form),
    ("https://exam\nple.com/", OriginError::Form),
    ("https://example.com/\0", OriginError::Form),
    ("https://example.com\u{85}/", OriginError::Form),
    ("javascript:alert(1)", OriginError::Scheme),
    ("javascript://example.com/%0aalert(1)", OriginError::Scheme),
    ("JaVaScRiPt:alert(1)", OriginError::Scheme),
    ("data:text/html,<script>", OriginError::Scheme),
    ("blob:https://example.com/1", OriginError::Scheme),
    ("about:blank", OriginError::Scheme),
    ("file:///etc/passwd", OriginError::Scheme),
    ("ftp://example.com/", OriginError::Scheme),
    ("wss://example.com/", OriginError::Scheme),
    ("view-source:https://example.com/", OriginError::Scheme),
    ("chrome-extension://abcdef/", OriginError::Scheme),
    ("https://user@example.com/", OriginError::UserInfo),
    ("https://user:pass@example.com/", OriginError::UserInfo),
    ("https://example.com@evil.test/", OriginError::UserInfo),
    ("https://@example.com/", OriginError::UserInfo),
    ("https://evil.test\\@example.com/", OriginError::UserInfo),
    ("https://evil.test\\.example.com/", OriginError::Host),
    ("https://example%2ecom/", OriginError::Host),
    ("https://example.com%2eevil.test/", OriginError::Host),
    ("https://example.com%2fevil.test/", OriginError::Host),
    ("https://%65xample.com/", OriginError::Host),
    ("https://example.com%00.evil.test/", OriginError::Host),
    ("https://example.com./", OriginError::TrailingDot),
    ("https://example.com.:443/", OriginError::TrailingDot),
    ("https://example.com。/", OriginError::TrailingDot),
    ("https://localhost./", OriginError::TrailingDot),
    ("https://./", OriginError::TrailingDot),
    ("https://example..com/", OriginError::Host),
    ("https://.example.com/", OriginError::Host),
    ("https://exa mple.com/", OriginError::Host),
    ("https://exa\u{a0}mple.com/", OriginError::Host),
    ("https://exa<mple.com/", OriginError::Host),
    ("https://*.example.com/", OriginError::Host),
    ("https://a,b.example.com/", OriginError::Host),
    ("https://a'b.example.com/", OriginError::Host),
    ("https://example.com:99999/", OriginError::Host),
    ("https://example.com:-1/", OriginError::Host),
    ("https://example.com:4a/", OriginError::Host),
    ("https://example.com:443:444/", OriginError::Host),
    ("https://127.1/", OriginError::Host),
    ("https://2130706433/", OriginError::Host),
    ("https://0x7f.0.0.1/", OriginError::Host),
    ("https://0177.0.0.1/", OriginError::Host),
    ("https://127.0.0.01/", OriginError::Host),
    ("https://127.0.0.1./", OriginError::Host),
    ("https://１２７.0.0.1/", OriginError::Host),
    ("https://256.0.0.1/", OriginError::Host),
    ("https://[::1/", OriginError::Host),
    ("https://[::1]a/", OriginError::Host),
    ("https://[fe80::1%25eth0]/", OriginError::Host),
    ("https://xn--a/", OriginError::Host),
    ("https://a\u{200d}b.example/", OriginError::Host),
];

#[test]
fn the_table_of_addresses() {
    for &(url, shown, registrable) in GOOD {
        let origin = Origin::parse(url).unwrap_or_else(|error| panic!("{url:?}: {error}"));
        assert_eq!(origin.to_string(), shown, "{url:?}");
        assert_eq!(origin.registrable_domain().unwrap_or_default(), registrable, "{url:?}");
        assert_eq!(shown.parse(), Ok(origin), "{url:?}");
    }
    for &(url, error) in BAD {
        assert_eq!(Origin::parse(url), Err(error), "{url:?}");
    }
}

#[test]
fn one_origin_has_one_text() {
    for text in ["HTTPS://example.com", "https://example.com/", "https://example.com:443"] {
        assert_eq!(text.parse::<Origin>(), Err(OriginError::Form), "{text}");
    }
}

#[test]
fn lengths_are_limited() {
    let long = |bytes: usize| format!("https://example.com/{}", "a".repeat(bytes - 20));
    assert!(Origin::parse(&long(MAX_URL_LEN)).is_ok());
    assert_eq!(MAX_URL_LEN, 8192);
    let bytes = MAX_URL_LEN + 1;
    assert_eq!(Origin::parse(&long(bytes)), Err(OriginError::TooLong { bytes }));
    assert!(Origin::parse(&format!("https://{}.example/", "a".repeat(63))).is_ok());
    let label = format!("https://{}.example/", "a".repeat(64));
    assert_eq!(Origin::parse(&label), Err(OriginError::Host));
    let name = |end: &str| format!("https://{}{end}/", "abcdefg.".repeat(31));
    assert!(Origin::parse(&name("abcde")).is_ok(), "253 characters");
    assert_eq!(Origin::parse(&name("abcdef")), Err(OriginError::Host));
}

#[test]
fn an_address_without_a_port_has_the_one_of_its_scheme() {
    let port = |address: &str| Origin::parse(address).unwrap().port();
    assert_eq!((port("https://a.example"), port("http://a.example")), (443, 80));
}

#[test]
fn parts_and_debug() {
    let origin = Origin::parse("http://www.example.co.uk:81/").unwrap();
    assert_eq!(
        (origin.scheme(), origin.host(), origin.port()),
        (Scheme::Http, "www.example.co.uk", 81)
    );
    insta::assert_snapshot!(format!("{origin:?}"), @"Origin(http://www.example.co.uk:81)");
}

#[test]
fn a_pin_belongs_to_its_own_page_only() {
    let mut pins = pinned(&[vendor_site(1)]);
    let page = |url: &str| Origin::parse(url).unwrap();
    for (url, belongs) in [
        ("https://accounts.example.com/elsewhere", true),
        ("https://accounts.example.com:443/", true),
        ("http://accounts.example.com/", false),
        ("https://accounts.example.com:8443/", false),
        ("https://example.com/", false),
        ("https://a.accounts.example.com/", false),
        ("https://accounts.example.com.evil.test/", false),
    ] {
        assert_eq!(pins.get(1).unwrap().belongs_to(&page(url)), belongs, "{url}");
    }
    pins.accept_missing(1).unwrap();
    assert!(!pins.get(1).unwrap().belongs_to(&page("https://accounts.example.com/")));
}

proptest::proptest! {
    #[test]
    fn an_origin_reads_as_itself_and_nothing_panics(url in "(https?://)?[a-zA-Z0-9.:@%/\\\\\\[\\]。ü-]{0,40}") {
        if let Ok(origin) = Origin::parse(&url) {
            proptest::prop_assert_eq!(origin.to_string().parse(), Ok(origin.clone()));
            let host = url::Url::parse(&url).unwrap();
            proptest::prop_assert_eq!(host.host_str(), Some(origin.host()));
        }
    }
}
