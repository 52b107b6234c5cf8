//! Paths of files in a repository.
//!
//! A name in a listing is a stranger's word until its entry opened, and even then its author may be hostile. So a
//! path is checked before it becomes part of a file system's path (threat model, Z29), in one way for uploads and
//! downloads.

use std::fmt;
use std::str::FromStr;

/// Bytes of a path.
const MAX_PATH_LEN: usize = 1024;
/// Bytes of a name in it, as in every common file system.
const MAX_NAME_LEN: usize = 255;

/// A relative path that stays inside the folder it is joined to: names between slashes, none of them `.`, `..`,
/// empty or longer than 255 bytes, without backslashes and control characters; at most 1,024 bytes.
///
/// Byte for byte: nothing is normalised, so that what was uploaded is what is downloaded. Characters that change the
/// direction of text are allowed here and refused where a file gets its name, in `vault`.
///
/// ```
/// use zkvault_core::repository::{RepositoryPath, RepositoryPathError};
///
/// let path: RepositoryPath = "reports/2026/q3.pdf".parse()?;
/// assert_eq!(path.names().collect::<Vec<_>>(), ["reports", "2026", "q3.pdf"]);
/// for leads_elsewhere in ["/etc/passwd", "../up", "a//b", "a/./b", "a/"] {
///     assert_eq!(RepositoryPath::parse(leads_elsewhere), Err(RepositoryPathError::Elsewhere));
/// }
/// assert_eq!(RepositoryPath::parse("a\\b"), Err(RepositoryPathError::Character));
/// assert_eq!(RepositoryPath::parse(&"x".repeat(256)), Err(RepositoryPathError::Length));
/// # Ok::<(), RepositoryPathError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryPath(String);

impl RepositoryPath {
    /// Checks a path.
    ///
    /// # Errors
    /// * [`RepositoryPathError::Length`] when it is empty or has more than 1,024 bytes, or a name in it more than
    ///   255.
    /// * [`RepositoryPathError::Character`] for a backslash, which is a slash on Windows, and for control characters.
    /// * [`RepositoryPathError::Elsewhere`] for an absolute path and for names that are empty, `.` or `..`.
    pub fn parse(text: &str) -> Result<Self, RepositoryPathError> {
        if text.is_empty() || text.len() > MAX_PATH_LEN {
            return Err(RepositoryPathError::Length);
        }
        if text
            .chars()
            .any(|character| character.is_control() || character == '\\')
        {
            return Err(RepositoryPathError::Character);
        }
        let leads_elsewhere = |name: &str| matches!(name, "" | "." | "..");
        if text.split('/').any(leads_elsewhere) {
            return Err(RepositoryPathError::Elsewhere);
        }
        match text.split('/').any(|name| name.len() > MAX_NAME_LEN) {
            true => Err(RepositoryPathError::Length),
            false => Ok(Self(text.to_owned())),
        }
    }

    /// The path with slashes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its names, one after the other.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// Its last name.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or_default()
    }
}

impl FromStr for RepositoryPath {
    type Err = RepositoryPathError;

    fn from_str(text: &str) -> Result<Self, RepositoryPathError> {
        Self::parse(text)
    }
}

impl fmt::Display for RepositoryPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A text is no path in a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RepositoryPathError {
    /// It is empty or too long, or a name in it is too long.
    #[error("a path has 1 to {MAX_PATH_LEN} bytes, and each name in it at most {MAX_NAME_LEN}")]
    Length,
    /// It has a backslash or a control character.
    #[error("a path has no backslashes and no control characters")]
    Character,
    /// It is absolute, or leads out of its folder, or has an empty name.
    #[error("a path is relative, and no name in it is empty, `.` or `..`")]
    Elsewhere,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_paths() {
        for text in [
            "a",
            "docs/a b.txt",
            "Größe/大きさ",
            "...",
            ".hidden",
            "a..b",
            "C:",
            "x".repeat(255).as_str(),
        ] {
            assert_eq!(RepositoryPath::parse(text).unwrap().as_str(), text);
        }
        let path = RepositoryPath::parse("a/b/c.txt").unwrap();
        assert_eq!((path.names().count(), path.file_name()), (3, "c.txt"));
    }

    #[test]
    fn paths_that_lead_elsewhere_or_confuse_a_terminal() {
        use RepositoryPathError::{Character, Elsewhere, Length};
        let cases = [
            ("", Length),
            ("/etc/passwd", Elsewhere),
            ("..", Elsewhere),
            ("a/../../b", Elsewhere),
            ("./a", Elsewhere),
            ("a//b", Elsewhere),
            ("a/", Elsewhere),
            ("..\\a", Character),
            ("a\0", Character),
            ("a\u{1b}[2J", Character),
            ("a\nb", Character),
            ("a\u{85}", Character),
        ];
        for (text, error) in cases {
            assert_eq!(RepositoryPath::parse(text), Err(error), "{text:?}");
        }
        assert_eq!(RepositoryPath::parse(&"x".repeat(256)), Err(Length));
        assert_eq!(RepositoryPath::parse(&"xx/".repeat(400)), Err(Length));
    }
}
