//! Files of layouts: JSON, which anybody can write and read (docs/spec/vendor-layouts.md).
//!
//! ```json
//! {"format":"zkvault.vendor-layouts","version":1,
//!  "layouts":[{"name":"mine","iv":16,"cipher":"aes-256-gcm","tag":16,"padding":"pkcs7","key":"raw"}]}
//! ```
//!
//! It may come from a stranger (threat model, Z61): it can name nothing but members of the closed lists, it has
//! limits, and importing it gives no layout more trust than its description has.

use serde::{Deserialize, Serialize, Serializer};

use super::layout::{Description, Layout, LayoutError};
use crate::json::Object;

/// The longest file of layouts: 64 KiB.
pub const MAX_LAYOUT_FILE_LEN: usize = 64 * 1024;
/// The most layouts of a file.
pub const MAX_LAYOUTS: usize = 64;
/// Names the format.
const FORMAT: &str = "zkvault.vendor-layouts";
const VERSION: u32 = 1;

/// The layouts of a file, each with a name of its own.
///
/// ```
/// use zkvault_core::vendor::{LayoutDocument, LayoutDocumentError, LayoutError};
///
/// let file = |tag: u8| {
///     let layout = format!(
///         r#"{{"name":"mine","iv":16,"cipher":"aes-256-gcm","tag":{tag},"padding":"pkcs7","key":"raw"}}"#
///     );
///     format!(r#"{{"format":"zkvault.vendor-layouts","version":1,"layouts":[{layout}]}}"#)
/// };
/// let document = LayoutDocument::parse(&file(16))?;
/// assert_eq!(document.layouts()[0].name(), "mine");
/// assert_eq!(LayoutDocument::parse(&document.to_json())?, document);
/// let refused = LayoutDocument::parse(&file(15));
/// assert!(matches!(refused, Err(LayoutDocumentError::Layout { error: LayoutError::Tag(15), .. })));
/// # Ok::<(), LayoutDocumentError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LayoutDocument(Vec<Layout>);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<D> {
    format: String,
    version: u32,
    layouts: Vec<D>,
}

impl LayoutDocument {
    /// Collects layouts.
    ///
    /// Order is kept: it is the order in which they are tried.
    ///
    /// # Errors
    /// [`LayoutDocumentError`] when there are more than [`MAX_LAYOUTS`], or two of one name.
    pub fn new(layouts: Vec<Layout>) -> Result<Self, LayoutDocumentError> {
        if layouts.len() > MAX_LAYOUTS {
            return Err(LayoutDocumentError::TooMany(layouts.len()));
        }
        for (index, layout) in layouts.iter().enumerate() {
            let twin = |other: &Layout| other.name() == layout.name();
            if layouts.iter().take(index).any(twin) {
                return Err(LayoutDocumentError::Twice(layout.name().to_owned()));
            }
        }
        Ok(Self(layouts))
    }

    /// Reads a file.
    ///
    /// # Errors
    /// * [`LayoutDocumentError::TooLong`] above 64 KiB, and [`LayoutDocumentError::TooMany`] above 64 layouts.
    /// * [`LayoutDocumentError::Json`] with the reader's words, since nothing in a file of layouts is secret.
    /// * [`LayoutDocumentError::Format`], [`LayoutDocumentError::Twice`], and [`LayoutDocumentError::Layout`] with
    ///   the name of the one that makes no sense.
    pub fn parse(json: &str) -> Result<Self, LayoutDocumentError> {
        if json.len() > MAX_LAYOUT_FILE_LEN {
            return Err(LayoutDocumentError::TooLong);
        }
        let Object(written): Object<Written<Object<Description>>> =
            serde_json::from_str(json).map_err(|error| LayoutDocumentError::Json(error.to_string()))?;
        if written.format != FORMAT || written.version != VERSION {
            return Err(LayoutDocumentError::Format);
        }
        let checked = |Object(description): Object<Description>| {
            let name = description.name.clone();
            Layout::new(description).map_err(|error| LayoutDocumentError::Layout { name, error })
        };
        Self::new(written.layouts.into_iter().map(checked).collect::<Result<_, _>>()?)
    }

    /// Writes the file, one that [`Self::parse`] reads.
    #[must_use]
    pub fn to_json(&self) -> String {
        // Nothing in it can fail to be written.
        serde_json::to_string_pretty(&self.written()).unwrap_or_default()
    }

    fn written(&self) -> Written<&Description> {
        Written {
            format: FORMAT.to_owned(),
            version: VERSION,
            layouts: self.0.iter().map(Layout::description).collect(),
        }
    }

    /// The layouts.
    #[must_use]
    pub fn layouts(&self) -> &[Layout] {
        &self.0
    }
}

/// As the file.
impl Serialize for LayoutDocument {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.written().serialize(serializer)
    }
}

/// A file of layouts was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LayoutDocumentError {
    /// Longer than [`MAX_LAYOUT_FILE_LEN`].
    #[error("a file of layouts has at most {MAX_LAYOUT_FILE_LEN} bytes")]
    TooLong,
    /// Not JSON of this form.
    #[error("it is no file of layouts: {0}")]
    Json(String),
    /// Of another format or version.
    #[error("it is no file of layouts of version {VERSION}")]
    Format,
    /// More than [`MAX_LAYOUTS`].
    #[error("it holds {0} layouts: at most {MAX_LAYOUTS} are read")]
    TooMany(usize),
    /// Two layouts have one name.
    #[error("two layouts are named {0}")]
    Twice(String),
    /// A layout makes no sense.
    #[error("the layout {name:?} makes no sense: {error}")]
    Layout {
        /// Its name.
        name: String,
        /// What does not fit.
        error: LayoutError,
    },
}
