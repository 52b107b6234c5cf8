//! The formats of answers, and which one an `Accept` header asks for.

use serde_json::Value;

use crate::xml;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Xml,
}

impl Format {
    pub(crate) fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Xml => "application/xml",
        }
    }

    pub(crate) fn write(self, document: &Value) -> Vec<u8> {
        match self {
            _ if document.is_null() => Vec::new(),
            Self::Json => document.to_string().into_bytes(),
            Self::Xml => xml::write(document).into_bytes(),
        }
    }

    /// The format that a list of media ranges likes best (RFC 9110 §12.5.1); JSON when it likes both alike, and
    /// when there is no header. `None` when neither is acceptable.
    pub(crate) fn negotiate(accept: Option<&str>) -> Option<Self> {
        let Some(accept) = accept else { return Some(Self::Json) };
        let ranges: Vec<_> = accept.split(',').filter_map(Range::parse).collect();
        let json = quality(&ranges, Self::Json);
        let xml = quality(&ranges, Self::Xml);
        match json.max(xml) {
            0 => None,
            best if best == json => Some(Self::Json),
            _ => Some(Self::Xml),
        }
    }
}

/// A media range and its quality in thousandths.
struct Range<'a> {
    media: &'a str,
    quality: u32,
}

impl<'a> Range<'a> {
    fn parse(text: &'a str) -> Option<Self> {
        let mut parts = text.split(';').map(str::trim);
        let media = parts.next().filter(|media| !media.is_empty())?;
        let quality = parts.find_map(|part| part.strip_prefix("q="));
        let quality = quality.map_or(Some(1.0), |quality| quality.parse::<f64>().ok())?;
        let quality = (quality.clamp(0.0, 1.0) * 1000.0) as u32;
        Some(Self { media, quality })
    }

    /// How closely the range names a type: not at all, any, any application, this one.
    fn closeness(&self, format: Format) -> Option<u8> {
        match self.media.to_ascii_lowercase().as_str() {
            "*/*" => Some(0),
            "application/*" => Some(1),
            media if media == format.content_type() => Some(2),
            _ => None,
        }
    }
}

/// The closest range decides.
fn quality(ranges: &[Range<'_>], format: Format) -> u32 {
    let close = ranges
        .iter()
        .filter_map(|range| Some((range.closeness(format)?, range.quality)));
    close.max().map_or(0, |(_, quality)| quality)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accept_headers_are_weighed() {
        let cases = [
            ("application/json", Some(Format::Json)),
            ("application/xml", Some(Format::Xml)),
            ("Application/XML; charset=utf-8", Some(Format::Xml)),
            ("*/*", Some(Format::Json)),
            ("application/*", Some(Format::Json)),
            ("application/json;q=0.5, application/xml", Some(Format::Xml)),
            ("application/json;q=0, */*", Some(Format::Xml)),
            ("text/html, application/xml;q=0.1", Some(Format::Xml)),
            ("text/html", None),
            ("application/json;q=0", None),
            ("", None),
        ];
        for (accept, expected) in cases {
            assert_eq!(Format::negotiate(Some(accept)), expected, "{accept:?}");
        }
        assert_eq!(Format::negotiate(None), Some(Format::Json));
    }
}
