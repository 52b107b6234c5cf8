use super::*;

const TOKEN: &str = "sv=2025-11-05&st=2026-01-01&se=2030-01-01T00%3A00Z&sr=c&sp=racwdl&sig=CANARY%2Bxx%3D";

fn parse(text: &str) -> Result<SasUrl, SasUrlError> {
    SasUrl::parse(&SecretText::from(text.to_owned()))
}

#[test]
fn an_address_is_read_as_people_copy_it() {
    let plain = format!("https://a.blob.core.windows.net/c?{TOKEN}");
    let forms = [
        plain.clone(),
        format!("\u{feff}{plain}\r\n"),
        format!("\"{plain}\""),
        plain.replace('&', "&amp;"),
        plain.replace('&', "&amp;amp;"),
        plain.replace(".blob.", ".dfs."),
        plain.replace("/c?", "/c/?"),
    ];
    for form in forms {
        let url = parse(&form).unwrap();
        assert_eq!(url.to_string(), "https://a.blob.core.windows.net/c", "{form}");
        let joined = url.join("zkv/ä b+#.zkv", "comp=block");
        let expected = format!("https://a.blob.core.windows.net/c/zkv/%C3%A4%20b%2B%23.zkv?comp=block&{TOKEN}");
        assert_eq!(joined.expose_secret(), expected);
    }
    let url = parse(&plain).unwrap();
    assert_eq!(
        (url.starts_at(), url.expires_at()),
        (Some(1_767_225_600), Some(1_893_456_000))
    );
    assert_eq!(
        (url.permissions(), url.host()),
        (Some("racwdl"), "a.blob.core.windows.net")
    );
    assert!(url.lacks("x") && !url.lacks("cw"));
    let delegated = parse(&format!("{plain}&ske=2029-01-01T00%3A00%3A00Z")).unwrap();
    assert_eq!(delegated.expires_at(), Some(1_861_920_000), "with the key that signed");
    assert!(delegated.is_same_place(&url) && !parse(&plain.replace("/c?", "/d?")).unwrap().is_same_place(&url));
}

#[test]
fn the_token_is_never_shown() {
    let url = parse(&format!("http://127.0.0.1:10000/account/c?{TOKEN}")).unwrap();
    let shown = format!("{url} {url:?}");
    assert!(shown.contains("http://127.0.0.1:10000/account/c"), "{shown}");
    assert!(!shown.contains("sig") && !shown.contains("CANARY"), "{shown}");
}

#[test]
fn what_is_no_container_with_a_token_is_refused() {
    let cases = [
        ("https://a.blob.core.windows.net/c", SasUrlError::NoToken),
        ("https://a.blob.core.windows.net/c?sv=1&se=2", SasUrlError::NoToken),
        ("https://a.blob.core.windows.net/c?sig=", SasUrlError::NoToken),
        ("https://a.blob.core.windows.net/?sig=x", SasUrlError::NoContainer),
        (
            "https://a.blob.core.windows.net/c/blob?sig=x",
            SasUrlError::NotAContainer,
        ),
        ("https://a.file.core.windows.net/share?sig=x", SasUrlError::OtherService),
        ("http://a.blob.core.windows.net/c?sig=x", SasUrlError::NotSecure),
        ("http://127.0.0.1.evil.example/c?sig=x", SasUrlError::NotSecure),
        ("ftp://127.0.0.1/c?sig=x", SasUrlError::Malformed),
        ("https://u:p@a.blob.core.windows.net/c?sig=x", SasUrlError::Malformed),
        ("https://a.blob.core.windows.net/c?sig=x#y", SasUrlError::Malformed),
        (
            "https://a.blob.core.windows.net/c?sig=x&sp=\"r\"",
            SasUrlError::Malformed,
        ),
        ("https://a.blob.core.windows.net/c?sig=ä", SasUrlError::Malformed),
        (
            "https://a.blob.core.windows.net/c?sig=x?amp;sp=r",
            SasUrlError::Malformed,
        ),
        ("?sig=x", SasUrlError::NoAddress),
        ("", SasUrlError::NoToken),
    ];
    for (text, error) in cases {
        assert_eq!(parse(text).err(), Some(error), "{text}");
    }
    let long = format!("https://a.blob.core.windows.net/c?sig={}", "x".repeat(MAX_LEN));
    assert_eq!(parse(&long).err(), Some(SasUrlError::Malformed));
}

#[test]
fn a_token_of_a_stored_policy_says_no_expiry() {
    let url = parse("https://a.blob.core.windows.net/c?sv=1&sr=c&si=policy&sig=x").unwrap();
    assert_eq!((url.expires_at(), url.permissions()), (None, None));
    assert!(!url.lacks("w"));
}
