use super::*;

fn totp(text: &str) -> Result<Totp, TotpError> {
    Totp::parse(&SecretText::from(text.to_owned()))
}

fn code(text: &str, seconds: u64) -> String {
    totp(text).unwrap().at(seconds).text.expose_secret().to_owned()
}

/// The seeds of RFC 6238, appendix B: the digits 1 to 0, as long as the hash.
fn seed(bytes: usize) -> String {
    let digits: Vec<u8> = b"1234567890".iter().copied().cycle().take(bytes).collect();
    encoded(&digits)
}

fn encoded(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: Vec<u8> = bytes
        .iter()
        .flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1))
        .collect();
    let five = |bits: &[u8]| (0..5).fold(0, |number, place| number << 1 | bits.get(place).unwrap_or(&0));
    bits.chunks(5)
        .map(|bits| char::from(ALPHABET[usize::from(five(bits))]))
        .collect()
}

#[test]
fn codes_are_those_of_rfc_6238() {
    let times = [
        59,
        1_111_111_109,
        1_111_111_111,
        1_234_567_890,
        2_000_000_000,
        20_000_000_000,
    ];
    let expected = [
        (
            "SHA1",
            20,
            ["94287082", "07081804", "14050471", "89005924", "69279037", "65353130"],
        ),
        (
            "SHA256",
            32,
            ["46119246", "68084774", "67062674", "91819424", "90698825", "77737706"],
        ),
        (
            "SHA512",
            64,
            ["90693936", "25091201", "99943326", "93441116", "38618901", "47863826"],
        ),
    ];
    for (algorithm, bytes, codes) in expected {
        let address = format!("otpauth://totp/a?secret={}&algorithm={algorithm}&digits=8", seed(bytes));
        for (time, expected) in times.into_iter().zip(codes) {
            assert_eq!(code(&address, time), expected, "{algorithm} at {time}");
        }
    }
}

#[test]
fn codes_are_those_of_rfc_4226() {
    let expected = [
        "755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489",
    ];
    for (step, expected) in (0..).zip(expected) {
        assert_eq!(code(&seed(20), step * 30), expected);
    }
}

#[test]
fn seeds_are_read_as_services_write_them() {
    let plain = code(&seed(20), 59);
    let spellings = [
        "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
        " GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ \n",
        "gezd-gnbv-gy3t-qojq-gezd-gnbv-gy3t-qojq",
        "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====",
        "otpauth://totp/Example:priya@halden.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Example",
        "otpauth://totp?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
        "OTPAUTH://TOTP/x?SECRET=gezdgnbvgy3tqojqgezdgnbvgy3tqojq&Algorithm=sha-1&period=30&digits=6#there",
        "otpauth://totp/?secret=GEZD%20GNBV%20GY3TQOJQGEZDGNBVGY3TQOJQ%3D%3D&algorithm=HmacSHA1&digits=&image=https://a.example/b.png",
    ];
    for spelling in spellings {
        assert_eq!(code(spelling, 59), plain, "{spelling}");
    }
    // Shorter than RFC 4226 wants, and in use.
    assert_eq!(code("JBSWY3DP", 0).len(), 6);
}

#[test]
fn the_period_is_the_seeds_own() {
    let totp = totp("otpauth://totp/a?secret=JBSWY3DPEHPK3PXP&period=60").unwrap();
    let code = totp.at(119);
    assert_eq!((code.seconds_left, code.period), (1, 60));
    assert_eq!(totp.at(60).text, code.text);
    assert_ne!(totp.at(120).text, code.text);
    assert_eq!(totp.at(120).seconds_left, 60);
}

#[test]
fn steam_writes_five_letters() {
    // By the same number as the digits: 755224 of RFC 4226 is 0x4c93cf18.
    let number: u32 = 0x4c93_cf18;
    assert_eq!(number % 1_000_000, 755_224);
    let letters = |n: u32| STEAM_ALPHABET[(n % 26) as usize];
    let expected: Vec<u8> = (0..5).map(|place| letters(number / 26u32.pow(place))).collect();
    for text in [
        format!("steam://{}", seed(20)),
        format!("otpauth://totp/S?secret={}&encoder=steam", seed(20)),
    ] {
        assert_eq!(code(&text, 0).as_bytes(), expected);
    }
}

#[test]
fn what_is_no_seed_is_refused() {
    for text in [
        "",
        "  ",
        "====",
        "A",
        "secret!",
        "GEZD0NBV",
        "otpauth://totp/a",
        "otpauth://totp/a?issuer=b",
    ] {
        assert_eq!(totp(text).unwrap_err(), TotpError::Seed, "{text}");
    }
    assert_eq!(
        totp("otpauth://hotp/a?secret=JBSWY3DP&counter=1").unwrap_err(),
        TotpError::Counted
    );
    let parameters = [
        ("secret=JBSWY3DP", "secret"),
        ("algorithm=MD5", "algorithm"),
        ("digits=5", "digits"),
        ("digits=9", "digits"),
        ("digits=six", "digits"),
        ("period=0", "period"),
        ("period=86401", "period"),
        ("encoder=other", "encoder"),
    ];
    for (parameter, name) in parameters {
        let address = format!("otpauth://totp/a?secret=JBSWY3DP&{parameter}");
        assert_eq!(totp(&address).unwrap_err(), TotpError::Parameter(name), "{parameter}");
    }
    assert_eq!(totp(&"A".repeat(MAX_LEN + 1)).unwrap_err(), TotpError::Seed);
}

#[test]
fn an_address_is_known_by_its_scheme() {
    let is = |text: &str| Totp::is_address(&SecretText::from(text.to_owned()));
    assert!(is("otpauth://totp/a?secret=JBSWY3DP") && is(" Steam://JBSWY3DP"));
    assert!(!is("JBSWY3DP") && !is("otpauth:") && !is("https://example.com"));
}

#[test]
fn nothing_shows_a_seed() {
    let shown = format!("{:?}", totp("JBSWY3DPEHPK3PXP").unwrap());
    assert!(
        !shown.contains("72") && !shown.to_uppercase().contains("JBSW"),
        "{shown}"
    );
}
