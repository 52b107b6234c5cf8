//! Names and patterns by which files of a repository are chosen.

use glob::{MatchOptions, Pattern};
use zkvault_core::repository::{RepositoryPath, RepositoryPathError};

use super::ListedFile;

/// `*` and `?` do not go beyond a folder, `**` does; names are compared letter by letter.
const OPTIONS: MatchOptions = MatchOptions {
    case_sensitive: true,
    require_literal_separator: true,
    require_literal_leading_dot: false,
};

/// A name as it was given: of a file, of a folder, or a pattern; in this order.
///
/// In patterns `*` and `?` do not go beyond a folder, `**` does, and `[…]` is one of some letters.
///
/// ```
/// use zkvault::repository::{ListedFile, Selection};
///
/// let file = |name: &str| ListedFile {
///     name: name.to_owned(),
///     size: None,
///     modified: None,
///     archived: false,
///     blob: String::new(),
///     key: None,
///     earlier: Vec::new(),
/// };
/// let files = ["reports/2026.pdf", "reports/2026.txt", "reports/old/2025.pdf"].map(file);
/// let chosen = |text: &str| Selection::parse(text).map(|selection| selection.of(&files).len());
/// assert_eq!((chosen("reports/")?, chosen("reports/*.pdf")?, chosen("reports/**/*.pdf")?), (3, 1, 2));
/// // A file is asked for by its name: only the storage says whether it is there.
/// assert_eq!(chosen("reports/2026.pdf")?, 0);
/// # Ok::<(), zkvault::core::repository::RepositoryPathError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Selection {
    name: RepositoryPath,
    pattern: Option<Pattern>,
}

impl Selection {
    /// Reads a name, with or without a slash at its end.
    ///
    /// # Errors
    ///
    /// [`RepositoryPathError`] when nothing in a repository can have that name.
    pub fn parse(text: &str) -> Result<Self, RepositoryPathError> {
        let name = RepositoryPath::parse(text.trim_end_matches('/'))?;
        let is_pattern = name.as_str().contains(['*', '?', '[']);
        let pattern = is_pattern.then(|| Pattern::new(name.as_str())).transpose();
        // A file may be called like a pattern that is wrong: only a list tells.
        Ok(Self {
            name,
            pattern: pattern.ok().flatten(),
        })
    }

    /// The name of the file that it may be.
    #[must_use]
    pub const fn name(&self) -> &RepositoryPath {
        &self.name
    }

    /// Whether a name lies in the folder of this name.
    #[must_use]
    pub fn has_inside(&self, name: &str) -> bool {
        let rest = name.strip_prefix(self.name.as_str());
        rest.is_some_and(|rest| rest.starts_with('/'))
    }

    /// Of all files those that are meant: what is in the folder of this name, else what the pattern matches.
    #[must_use]
    pub fn of<'a>(&self, files: &'a [ListedFile]) -> Vec<&'a ListedFile> {
        let inside: Vec<_> = files.iter().filter(|file| self.has_inside(&file.name)).collect();
        match &self.pattern {
            Some(pattern) if inside.is_empty() => {
                let matches = |file: &&ListedFile| pattern.matches_with(&file.name, OPTIONS);
                files.iter().filter(matches).collect()
            }
            _ => inside,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(text: &str) -> Vec<String> {
        let names = [
            "a/b/c.txt",
            "a/d.txt",
            "a/.hidden.txt",
            "b.txt",
            "x[1]",
            "ä.txt",
            "lit*/e",
        ];
        let files = names.map(|name| ListedFile {
            name: name.to_owned(),
            size: None,
            modified: None,
            archived: false,
            blob: String::new(),
            key: None,
            earlier: Vec::new(),
        });
        let selection = Selection::parse(text).unwrap();
        let chosen = selection.of(&files);
        chosen.iter().map(|file| file.name.clone()).collect()
    }

    #[test]
    fn patterns_choose_as_a_shell_does() {
        let cases: [(&str, &[&str]); 10] = [
            ("*.txt", &["b.txt", "ä.txt"]),
            ("a/*.txt", &["a/d.txt", "a/.hidden.txt"]),
            ("**/*.txt", &["a/b/c.txt", "a/d.txt", "a/.hidden.txt", "b.txt", "ä.txt"]),
            ("a/**/c.txt", &["a/b/c.txt"]),
            ("?.txt", &["b.txt", "ä.txt"]),
            ("[a-c].txt", &["b.txt"]),
            ("[!a-c].txt", &["ä.txt"]),
            ("a/", &["a/b/c.txt", "a/d.txt", "a/.hidden.txt"]),
            ("lit*", &["lit*/e"]),
            ("nothing*", &[]),
        ];
        for (text, expected) in cases {
            assert_eq!(chosen(text), expected, "{text}");
        }
        assert_eq!(chosen("x[1"), [""; 0], "no pattern, and no folder");
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused_with_and_without_patterns() {
        for text in ["../*", "/*", "a//*", "*/..", ""] {
            assert!(Selection::parse(text).is_err(), "{text}");
        }
    }
}
