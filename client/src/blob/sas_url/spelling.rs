//! Addresses as people and programs hand them on: each spelling has one meaning.

use percent_encoding::percent_decode_str;
use zeroize::Zeroizing;
use zkvault_core::{SecretText, text};

use super::SasUrlError;

/// What stands around an address in a text, and is no part of it.
const AROUND: [char; 21] = [
    '"', '\'', '`', '<', '>', '(', ')', '[', ']', '{', '}', ',', ';', '.', '#', '\u{201c}', '\u{201d}', '\u{2018}',
    '\u{2019}', '\u{201e}', '\u{feff}',
];
/// Parameters of a request, as in the address of a listing. Ours would be there twice.
const OF_REQUESTS: [&str; 14] = [
    "blockid",
    "blocklisttype",
    "comp",
    "delimiter",
    "include",
    "marker",
    "maxresults",
    "prefix",
    "restype",
    "showonly",
    "snapshot",
    "startFrom",
    "timeout",
    "versionid",
];
/// Ampersands of HTML.
const AMPERSANDS: [&str; 4] = ["&amp;", "&#38;", "&#x26;", "&#X26;"];

/// The address, and the token as it is to be sent.
pub(super) fn read(text: &str) -> Result<(Zeroizing<String>, SecretText), SasUrlError> {
    let text = decoded(unescaped(one_line(text)));
    if is_connection_string(&text) {
        return Err(SasUrlError::ConnectionString);
    }
    let text = without_end_tags(from_scheme(text));
    let (address, token) = match text.split_once('?') {
        Some((address, token)) if address.contains("://") || !token.contains("sig=") => (address, token),
        None if text.contains("://") || !text.contains("sig=") => return Err(SasUrlError::NoToken),
        _ => return Err(SasUrlError::NoAddress),
    };
    let token = encoded_once(token);
    let mut sent = Zeroizing::new(String::with_capacity(token.len() + 64));
    for pair in parameters(&token)? {
        if !sent.is_empty() {
            sent.push('&');
        }
        sent.push_str(&as_sent(pair));
    }
    let address = Zeroizing::new(address.trim().to_owned());
    Ok((address, SecretText::from(std::mem::take(&mut *sent))))
}

/// Without what stands before and after it; without the line ends of a mail program, and what it puts before lines that
/// it quotes; and without characters that nobody sees, of which an address has none.
fn one_line(text: &str) -> Zeroizing<String> {
    // Quoted-printable: a version never begins with 3D.
    let is_printable = text.contains("sv=3D");
    let mut line = Zeroizing::new(String::with_capacity(text.len()));
    for piece in text.trim_matches(is_around).lines() {
        let piece = piece.trim_start_matches(|letter: char| letter == '>' || letter.is_whitespace());
        let piece = piece.trim_end();
        let piece = if is_printable {
            piece.trim_end_matches('=')
        } else {
            piece
        };
        line.extend(piece.chars().filter(|letter| !is_invisible(*letter)));
    }
    match is_printable {
        true => Zeroizing::new(line.replace("=3D", "=")),
        false => line,
    }
}

/// From the scheme on: in front of it may be what a page or a script calls it.
fn from_scheme(text: Zeroizing<String>) -> Zeroizing<String> {
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    let starts = ["https://", "http://"].iter().filter_map(|scheme| lower.find(scheme));
    match starts.min() {
        Some(start @ 1..) => Zeroizing::new(text.get(start..).unwrap_or_default().to_owned()),
        _ => text,
    }
}

/// `NAME=value;NAME=value`, in any order, among them a key or a token. An address has no such names.
fn is_connection_string(text: &str) -> bool {
    let secrets = ["SharedAccessSignature=", "AccountKey="];
    text.contains(';') && secrets.iter().any(|name| text.contains(name))
}

/// Without the end of an XML element that an address is in, unless a further address follows.
fn without_end_tags(text: Zeroizing<String>) -> Zeroizing<String> {
    match text.split_once("</") {
        Some((inside, after)) if !after.contains("://") => Zeroizing::new(inside.to_owned()),
        _ => text,
    }
}

fn is_around(letter: char) -> bool {
    letter.is_whitespace() || AROUND.contains(&letter) || is_invisible(letter)
}

fn is_invisible(letter: char) -> bool {
    text::trimmed(letter.encode_utf8(&mut [0; 4])).is_empty() && !letter.is_whitespace()
}

/// An address that was encoded as a whole, to be a parameter of a different address; or whose token was.
fn decoded(text: Zeroizing<String>) -> Zeroizing<String> {
    let decode = |text: &str| {
        percent_decode_str(text)
            .decode_utf8()
            .map(|text| Zeroizing::new(text.into_owned()))
    };
    let lower = Zeroizing::new(text.to_ascii_lowercase());
    if !lower.contains("://") && lower.contains("%3a%2f%2f") {
        return decode(&text).unwrap_or(text);
    }
    match text.split_once('?') {
        Some((address, token)) if !token.contains("sig=") && lower.contains("sig%3d") => match decode(token) {
            Ok(token) => Zeroizing::new(format!("{address}?{}", *token)),
            Err(_) => text,
        },
        _ => text,
    }
}

/// Without the escapes of JSON, HTML and shells, however often a text was escaped on its way: what is read again is
/// the same.
fn unescaped(mut text: Zeroizing<String>) -> Zeroizing<String> {
    loop {
        let mut next = without_backslashes(&text);
        for ampersand in AMPERSANDS.iter().chain(&["^&"]) {
            if next.contains(ampersand) {
                next = Zeroizing::new(next.replace(ampersand, "&"));
            }
        }
        // Of batch files; two digits follow every percent sign of an address.
        if next.contains("%%") {
            next = Zeroizing::new(next.replace("%%", "%"));
        }
        if next == text {
            return next;
        }
        text = next;
    }
}

/// `\u0026` is the letter of this number, and `\&` is `&`.
fn without_backslashes(text: &str) -> Zeroizing<String> {
    let mut plain = Zeroizing::new(String::with_capacity(text.len()));
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        plain.push_str(before);
        rest = match (letter_of_number(after), after.chars().next()) {
            (Some((letter, after)), _) => {
                plain.push(letter);
                after
            }
            (None, Some(letter)) if letter.is_ascii_punctuation() && letter != '\\' => after,
            _ => {
                plain.push('\\');
                after
            }
        };
    }
    plain.push_str(rest);
    plain
}

fn letter_of_number(after: &str) -> Option<(char, &str)> {
    let (digits, rest) = after.strip_prefix('u')?.split_at_checked(4)?;
    let letter = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    letter.is_ascii_graphic().then_some((letter, rest))
}

/// A signature is base64, which has no percent sign: where one is encoded in it, all of the token was encoded twice.
fn encoded_once(token: &str) -> Zeroizing<String> {
    let mut token = Zeroizing::new(token.to_owned());
    let is_encoded_twice = |token: &str| {
        token
            .split('&')
            .any(|pair| pair.starts_with("sig=") && pair.contains("%25"))
    };
    while is_encoded_twice(&token) {
        token = Zeroizing::new(token.replace("%25", "%"));
    }
    token
}

/// The parameters of the token, each once, without those of a request.
fn parameters(token: &str) -> Result<Vec<&str>, SasUrlError> {
    let mut pairs: Vec<&str> = Vec::new();
    let name = |pair: &str| pair.split_once('=').map_or(pair.len(), |(name, _)| name.len());
    // What ends one address may stand before the next: without it, what is given out would lose it when it is read again.
    for pair in token.split(['&', '?']) {
        let pair = pair.trim_start().trim_end_matches(is_around);
        let named = pair.get(..name(pair)).unwrap_or_default();
        if pair.is_empty() || OF_REQUESTS.contains(&named) || pairs.contains(&pair) {
            continue;
        }
        if pairs.iter().any(|known| known.get(..name(known)) == Some(named)) {
            return Err(SasUrlError::Ambiguous);
        }
        pairs.push(pair);
    }
    Ok(pairs)
}

/// In a query a plus sign is a space, and a signature has none: its plus signs are encoded, also those that became
/// spaces on the way.
fn as_sent(pair: &str) -> Zeroizing<String> {
    Zeroizing::new(match pair.starts_with("sig=") {
        true => pair.replace("%20", "%2B").replace(['+', ' '], "%2B"),
        false => pair.replace(' ', "%20"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: &str = "https://a.example/c?sv=1&se=2030-01-01T00%3A00Z&sig=a%2Bb%2Fc%3D";

    #[track_caller]
    fn is_plain(text: &str) {
        let (address, token) = read(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(format!("{}?{}", *address, token.expose_secret()), PLAIN, "{text}");
    }

    #[test]
    fn every_spelling_has_one_meaning() {
        for text in [
            PLAIN.to_owned(),
            format!("\u{feff} {PLAIN}\r\n\r\n"),
            format!("\"{PLAIN}\","),
            format!("<{PLAIN}>"),
            format!("\u{201c}{PLAIN}\u{201d}"),
            format!("'\"{PLAIN}\"';"),
            PLAIN.replace('?', "??"),
            PLAIN.replace('?', "?&"),
            PLAIN.replace('&', "&&"),
            PLAIN.replace('&', "\\u0026"),
            PLAIN
                .replace('&', "\\U0026")
                .replace("\\U", "\\u")
                .replace('=', "\\u003d"),
            PLAIN.replace('/', "\\/"),
            PLAIN.replace('&', "&amp;"),
            PLAIN.replace('&', "&amp;amp;"),
            PLAIN.replace('&', "\\u0026amp;"),
            PLAIN.replace('&', "&#38;"),
            PLAIN.replace('&', "^&"),
            PLAIN.replace('%', "%%"),
            format!("set ZKV_SAS={}", PLAIN.replace('%', "%%").replace('&', "^&")),
            format!("<sas>{}</sas>\n", PLAIN.replace('&', "&amp;")),
            PLAIN.replace('&', "\\&").replace('?', "\\?"),
            PLAIN.replace("%2B", "+"),
            PLAIN.replace("%2B", " "),
            PLAIN.replace("%2B", "%20"),
            PLAIN.replace('%', "%25"),
            PLAIN.replace('%', "%2525"),
            PLAIN.replace("&se", "&\r\n    se"),
            PLAIN.replace("&se", "&\r\n> se").replace("&sig", "\n>> &sig"),
            format!("\u{200b}{PLAIN}\u{200b}\u{a0}"),
            format!("[the link]({PLAIN})."),
            format!("Blob SAS URL: {PLAIN}"),
            format!("# of the project\nexport ZKV_SAS=\"{PLAIN}\"\n"),
            format!("{{\"sasUrl\": \"{PLAIN}\"}}"),
            format!("{PLAIN}#"),
            PLAIN.replace('=', "=3D").replace("&sig", "=\r\n&sig"),
            PLAIN.replace("&sig", "\u{ad}&sig").replace("sv=", "\u{200b}sv="),
            percent_encoding::utf8_percent_encode(PLAIN, percent_encoding::NON_ALPHANUMERIC).to_string(),
            format!(
                "https://a.example/c?{}",
                PLAIN
                    .split_once('?')
                    .unwrap()
                    .1
                    .replace('%', "%25")
                    .replace('=', "%3D")
                    .replace('&', "%26")
            ),
            PLAIN.replace("%2Fc", "%2F\n  c"),
            PLAIN.replace('?', "?restype=container&comp=list&"),
            format!("{PLAIN}&prefix=docs%2F&include=metadata&maxresults=5"),
            format!("{PLAIN}?{}", PLAIN.split_once('?').unwrap().1),
            // Twice, as the end of a sentence and of its quotation.
            format!("{PLAIN}.\"?{}", PLAIN.split_once('?').unwrap().1),
        ] {
            is_plain(&text);
        }
    }

    #[test]
    fn a_signature_that_is_encoded_as_little_as_may_be_is_sent_so() {
        let (_, token) = read("https://a.example/c?sig=a+b/c=").unwrap();
        assert_eq!(token.expose_secret(), "sig=a%2Bb/c=");
    }

    #[test]
    fn what_has_two_meanings_has_none() {
        for (text, error) in [
            ("https://a.example/c?sp=r&sp=w&sig=x", SasUrlError::Ambiguous),
            (
                "https://a.example/c?sig=x\nhttps://a.example/d?sig=y",
                SasUrlError::Ambiguous,
            ),
            ("?sv=1&sig=x", SasUrlError::NoAddress),
            ("sv=1&sig=x", SasUrlError::NoAddress),
            ("https://a.example/c", SasUrlError::NoToken),
            ("", SasUrlError::NoToken),
            (
                "BlobEndpoint=https://a.example/;SharedAccessSignature=sv=1&sig=x",
                SasUrlError::ConnectionString,
            ),
            (
                "SharedAccessSignature=sv=1&sig=x;BlobEndpoint=https://a.example/;",
                SasUrlError::ConnectionString,
            ),
            (
                "AccountKey=x==;AccountName=a;BlobEndpoint=https://a.example/",
                SasUrlError::ConnectionString,
            ),
        ] {
            assert_eq!(read(text).err(), Some(error), "{text}");
        }
    }
}
