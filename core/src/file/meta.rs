//! The description of a file, sealed in its prelude: the storage sees none of it.
//!
//! ```json
//! {"name":"q3.pdf","size":1048576,"modified":1700000000,"content_type":"application/pdf"}
//! ```
//!
//! In this order and without white space, each member optional, at most 3,316 bytes. There is no digest of the
//! content (docs/adr/0004-no-digest-in-file-metadata.md): a stream could not be sealed then, and the blocks prove
//! more.

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::json;

/// Bytes of a name, as in every common file system.
const MAX_NAME_LEN: usize = 255;
/// Bytes of a content type.
const MAX_CONTENT_TYPE_LEN: usize = 255;
/// Bytes of the JSON: every byte of both texts escaped to six, and room for the numbers and names.
pub(super) const MAX_META_LEN: usize = 6 * (MAX_NAME_LEN + MAX_CONTENT_TYPE_LEN) + 256;

/// What is known of a file besides its content. Everything is optional; nothing here is a digest, since the
/// blocks themselves are authenticated.
///
/// A value may break the rules below until a file is created with it: [`FileSealer::new`](super::FileSealer::new)
/// checks it, and so does every reader of the file, since its author may be hostile.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileMeta {
    /// The name, without any path: 1 to 255 bytes without separators (`/`, `\`) and control characters, and
    /// not `.` or `..`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Bytes of content. When stated, sealing and opening fail unless it is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// The last change, in seconds since 1970 (UTC).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modified: Option<i64>,
    /// The media type: 1 to 255 printable ASCII characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
}

impl FileMeta {
    /// The JSON that is sealed.
    pub(super) fn to_json(&self) -> Result<Zeroizing<Vec<u8>>, FileMetaError> {
        self.check()?;
        let mut json = Zeroizing::new(Vec::with_capacity(MAX_META_LEN));
        serde_json::to_writer(&mut *json, self).map_err(|_| FileMetaError::Json)?;
        Ok(json)
    }

    /// Reads the JSON in the one form in which it is written.
    pub(super) fn from_json(json: &[u8]) -> Result<Self, FileMetaError> {
        let meta: Self = json::read(json).ok_or(FileMetaError::Json)?;
        if *meta.to_json()? == json {
            Ok(meta)
        } else {
            Err(FileMetaError::Json)
        }
    }

    fn check(&self) -> Result<(), FileMetaError> {
        if self.name.as_deref().is_some_and(|name| !is_name(name)) {
            return Err(FileMetaError::Name);
        }
        if self.content_type.as_deref().is_some_and(|text| !is_content_type(text)) {
            return Err(FileMetaError::ContentType);
        }
        Ok(())
    }
}

/// A reader may create a file of this name in a directory of its choice: it must not lead anywhere else.
fn is_name(name: &str) -> bool {
    let allowed = |character: char| !character.is_control() && !matches!(character, '/' | '\\');
    (1..=MAX_NAME_LEN).contains(&name.len()) && !matches!(name, "." | "..") && name.chars().all(allowed)
}

fn is_content_type(text: &str) -> bool {
    let allowed = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
    (1..=MAX_CONTENT_TYPE_LEN).contains(&text.len()) && text.bytes().all(allowed)
}

/// A description of a file is not acceptable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileMetaError {
    /// The name is empty, too long, a path, or has control characters.
    #[error("a file's name has 1 to {MAX_NAME_LEN} bytes, no path and no control characters")]
    Name,
    /// The content type is empty, too long or not printable ASCII.
    #[error("a content type has 1 to {MAX_CONTENT_TYPE_LEN} printable ASCII characters")]
    ContentType,
    /// The description is authentic, but not in the form that is specified.
    #[error("the file's description is not in the specified form")]
    Json,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named(name: &str) -> FileMeta {
        FileMeta {
            name: Some(name.to_owned()),
            ..FileMeta::default()
        }
    }

    #[test]
    fn the_json_is_the_specified_one() {
        let meta = FileMeta {
            name: Some("a \"b\".txt".to_owned()),
            size: Some(5),
            modified: Some(-1),
            content_type: Some("text/plain".to_owned()),
        };
        let json = meta.to_json().unwrap();
        let expected = br#"{"name":"a \"b\".txt","size":5,"modified":-1,"content_type":"text/plain"}"#;
        assert_eq!(*json, expected);
        assert_eq!(*FileMeta::default().to_json().unwrap(), b"{}");
    }

    #[test]
    fn names_that_could_lead_elsewhere_or_confuse_a_terminal() {
        let long = "x".repeat(256);
        for name in [
            "",
            ".",
            "..",
            "a/b",
            "/etc/passwd",
            "..\\a",
            "a\0b",
            "a\u{1b}[2J",
            "a\n",
            &long,
        ] {
            assert_eq!(named(name).to_json().unwrap_err(), FileMetaError::Name, "{name:?}");
            let json = serde_json::to_vec(&named(name)).unwrap();
            assert_eq!(FileMeta::from_json(&json), Err(FileMetaError::Name), "{name:?}");
        }
        assert!(named(&"x".repeat(255)).to_json().is_ok());
        assert!(named("...").to_json().is_ok());
    }

    #[test]
    fn bad_content_types() {
        for text in ["", "text/plain\n", "ü", &"x".repeat(256)] {
            let meta = FileMeta {
                content_type: Some(text.to_owned()),
                ..FileMeta::default()
            };
            assert_eq!(meta.to_json().unwrap_err(), FileMetaError::ContentType, "{text:?}");
        }
    }

    #[test]
    fn json_that_is_not_ours() {
        for json in [
            "",
            "[]",
            "null",
            "{} ",
            " {}",
            r#"{"size":1,"name":"a"}"#,
            r#"{"name":"a","name":"a"}"#,
            r#"{"name":null}"#,
            r#"{"name":"\u0061"}"#,
            r#"{"size":1.0}"#,
            r#"{"size":-1}"#,
            r#"{"size":18446744073709551616}"#,
            r#"{"other":1}"#,
            r#"["a",1,2,"b"]"#,
        ] {
            assert_eq!(FileMeta::from_json(json.as_bytes()), Err(FileMetaError::Json), "{json}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(name in "[^\\p{Cc}/\\\\]{1,60}", size in any::<Option<u64>>(), modified in any::<Option<i64>>()) {
            let meta = FileMeta { size, modified, ..named(&name) };
            if let Ok(json) = meta.to_json() {
                prop_assert!(json.len() <= MAX_META_LEN);
                prop_assert_eq!(FileMeta::from_json(&json), Ok(meta));
            }
        }
    }
}
