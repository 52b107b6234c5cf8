//! The parser of native programs.

/// The canonical form of an absolute address of any scheme.
pub(crate) fn canonical(text: &str) -> Option<String> {
    url::Url::parse(text).ok().map(String::from)
}
