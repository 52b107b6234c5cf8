//! Files of environment variables: `NAME=VALUE` lines, as Docker and shells read them.
//!
//! There are many dialects of such files; [`env_file`] says which one this is. It has no variables, no commands and no
//! values over several lines. A file in a different dialect is an error with its line, and never half understood.
//! Errors name the line and not its text, which may be a secret.

use zkvault_core::reference::{Reference, ReferenceError};
use zkvault_core::{SecretText, text};

const SCHEME: &str = "zkv://";

/// What a variable is given.
#[derive(Debug)]
pub enum Given {
    /// A text, which may be a secret.
    Text(SecretText),
    /// The value that this refers to.
    Reference(Reference),
}

impl Given {
    /// A value that begins with `zkv://` is a reference, anything else a text.
    ///
    /// # Errors
    /// [`ReferenceError`] for a reference that cannot be read.
    pub fn new(value: &str) -> Result<Self, ReferenceError> {
        match value.starts_with(SCHEME) {
            true => Ok(Self::Reference(value.parse()?)),
            false => Ok(Self::Text(value.to_owned().into())),
        }
    }
}

/// A line of such a file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EnvFileError {
    /// It is no assignment, or assigns to what is no name of a variable.
    #[error("line {line} is not NAME=VALUE")]
    Assignment {
        /// The line, from 1.
        line: usize,
    },
    /// A quotation mark is not closed, or text follows it.
    #[error("line {line}: the quotation marks do not match")]
    Quotes {
        /// The line, from 1.
        line: usize,
    },
    /// A reference cannot be read.
    #[error("line {line}: {source}")]
    Reference {
        /// The line, from 1.
        line: usize,
        /// Why.
        source: ReferenceError,
    },
}

/// Reads a file. Empty lines and those that begin with `#` say nothing, `export` before a name is allowed, and a value may be
/// in quotation marks: between `'` everything is itself; between `"` a backslash gives the next `"` or backslash, and `\n` a
/// line end. Without them, ` #` begins a comment. Nothing is expanded.
///
/// ```
/// let file = "# the database\nexport USER=app\nPASSWORD='zkv://db/password'\n";
/// let names: Vec<_> = zkvault::delivery::env_file(file)?.into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["USER", "PASSWORD"]);
/// # Ok::<(), zkvault::delivery::EnvFileError>(())
/// ```
///
/// # Errors
/// [`EnvFileError`], with the line.
pub fn env_file(text: &str) -> Result<Vec<(String, Given)>, EnvFileError> {
    let mut variables = Vec::new();
    for (line, content) in (1..).zip(text.lines()) {
        let content = text::trimmed(content);
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let (name, value) = content.split_once('=').ok_or(EnvFileError::Assignment { line })?;
        let name = name.strip_prefix("export ").unwrap_or(name).trim();
        if !is_name(name) {
            return Err(EnvFileError::Assignment { line });
        }
        let value = unquoted(value.trim_start(), line)?;
        let given = Given::new(value.expose_secret()).map_err(|source| EnvFileError::Reference { line, source })?;
        variables.push((name.to_owned(), given));
    }
    Ok(variables)
}

/// What every shell takes.
fn is_name(name: &str) -> bool {
    !name.starts_with(|first: char| first.is_ascii_digit())
        && !name.is_empty()
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The value behind the `=`: in either quotation marks, or bare up to a comment.
fn unquoted(value: &str, line: usize) -> Result<SecretText, EnvFileError> {
    let wrong = EnvFileError::Quotes { line };
    let (text, rest) = match value.chars().next() {
        Some('\'') => {
            let (text, rest) = value.get(1..).and_then(|rest| rest.split_once('\'')).ok_or(wrong)?;
            (text.to_owned(), rest)
        }
        Some('"') => double_quoted(value.get(1..).unwrap_or_default()).ok_or(wrong)?,
        _ => {
            let end = value.find(" #").unwrap_or(value.len());
            (value.get(..end).unwrap_or_default().trim_end().to_owned(), "")
        }
    };
    let text = SecretText::from(text);
    let rest = rest.trim_start();
    match rest.is_empty() || rest.starts_with('#') {
        true => Ok(text),
        false => Err(wrong),
    }
}

/// The text up to the closing mark, and what follows it.
fn double_quoted(value: &str) -> Option<(String, &str)> {
    let mut text = String::with_capacity(value.len());
    let mut characters = value.chars();
    loop {
        match characters.next()? {
            '"' => return Some((text, characters.as_str())),
            '\\' => match characters.next()? {
                'n' => text.push('\n'),
                mark @ ('"' | '\\') => text.push(mark),
                other => text.extend(['\\', other]),
            },
            other => text.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, EnvFileError> {
        let shown = |given| match given {
            Given::Text(text) => text.expose_secret().to_owned(),
            Given::Reference(reference) => format!("→ {} {}", reference.site, reference.field),
        };
        Ok(env_file(text)?
            .into_iter()
            .map(|(name, given)| (name, shown(given)))
            .collect())
    }

    #[test]
    fn lines_are_read_as_shells_and_docker_do() {
        let cases = [
            ("A=b", "b"),
            ("  export A = b  ", "b"),
            ("A=", ""),
            ("A=\"\"", ""),
            ("A=b c # comment", "b c"),
            ("A=b#c", "b#c"),
            ("A='b \" # $c \\n'", "b \" # $c \\n"),
            ("A=\"b \\\"c\\\" \\\\ \\n \\t\" # comment", "b \"c\" \\ \n \\t"),
            ("A=b=c==", "b=c=="),
            ("A=zkv://Bank%20A/user", "→ Bank A user"),
            ("A=\"zkv://a/b\"", "→ a b"),
            ("A=see zkv://a/b", "see zkv://a/b"),
        ];
        for (line, value) in cases {
            let text = format!("# first\r\n\r\n{line}\r\n");
            assert_eq!(read(&text).unwrap(), [("A".to_owned(), value.to_owned())], "{line}");
        }
    }

    #[test]
    fn what_is_no_assignment_is_named_by_its_line() {
        for text in ["A", "=b", "1A=b", "A B=c", "export =b", "Ä=b", "A-B=c"] {
            assert_eq!(
                read(&format!("X=1\n{text}")),
                Err(EnvFileError::Assignment { line: 2 }),
                "{text}"
            );
        }
        for text in ["A='b", "A=\"b", "A=\"b\\\"", "A='b'c", "A=\"b\" c"] {
            assert_eq!(
                read(&format!("\n\n{text}")),
                Err(EnvFileError::Quotes { line: 3 }),
                "{text}"
            );
        }
        assert!(matches!(
            read("A=zkv://a"),
            Err(EnvFileError::Reference { line: 1, .. })
        ));
    }
}
