//! Which paths every system can hold: the same rule everywhere, so that the person who uploads hears of it.
//!
//! Source: "Naming Files, Paths, and Namespaces" of the Windows documentation; docs/spec/repository.md.

use zkvault_host::to_nfc;

use super::RepositoryPath;

/// Why a path is none on Windows. Other systems hold it.
///
/// ```
/// use zkvault_core::repository::{RepositoryPath, Unportable};
///
/// let check = |path: &str| RepositoryPath::parse(path).map(|path| path.check_portable());
/// assert_eq!(check("reports/q3.pdf")?, Ok(()));
/// assert_eq!(check("a/b:c")?, Err(Unportable::Character));
/// assert_eq!(check("draft./x")?, Err(Unportable::End));
/// assert_eq!(check("con.txt")?, Err(Unportable::Device));
/// // Two names that one file system takes for one.
/// let folded = |path: &str| RepositoryPath::parse(path).map(|path| path.folded());
/// assert_eq!(folded("Stra\u{df}e/\u{e9}")?, folded("STRASSE/E\u{301}")?);
/// # Ok::<(), zkvault_core::repository::RepositoryPathError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unportable {
    /// A name has one of `<>:"|?*`, of which `:` would even mean a different place: a stream of a file.
    #[error("Windows has no names with any of < > : \" | ? *")]
    Character,
    /// A name ends in a dot or a space, which Windows drops.
    #[error("Windows drops the dot or the space at the end of a name")]
    End,
    /// A name is that of a device, whatever comes after a dot.
    #[error("the name is that of a device of Windows")]
    Device,
}

impl RepositoryPath {
    /// Whether Windows can hold this path.
    ///
    /// # Errors
    /// [`Unportable`], the first reason against it. An upload warns and continues; a download on Windows refuses the
    /// file.
    pub fn check_portable(&self) -> Result<(), Unportable> {
        self.names().try_for_each(check)
    }

    /// The path as systems compare it that do not distinguish upper and lower case, nor how a letter with an accent is
    /// composed: Windows and macOS.
    ///
    /// Of two paths with one folded form, a download on these systems refuses the second. The form is to compare with
    /// and not to show.
    #[must_use]
    pub fn folded(&self) -> String {
        let composed = to_nfc(self.as_str()).map(|composed| composed.to_string());
        let text = composed.as_deref().unwrap_or(self.as_str());
        // Through upper case, since several letters may have one.
        text.to_uppercase().to_lowercase()
    }
}

fn check(name: &str) -> Result<(), Unportable> {
    if name.contains(['<', '>', ':', '"', '|', '?', '*']) {
        return Err(Unportable::Character);
    }
    if name.ends_with(['.', ' ']) {
        return Err(Unportable::End);
    }
    match is_device(name) {
        true => Err(Unportable::Device),
        false => Ok(()),
    }
}

/// `con.txt` and `CON .a` are devices too: Windows looks at what is before the first dot, without spaces at its end.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end();
    let stem = stem.to_ascii_uppercase();
    let numbered = |kind: &str| {
        let number = stem.strip_prefix(kind).map(|number| {
            let mut digits = number.chars();
            (digits.next(), digits.next())
        });
        matches!(number, Some((Some('1'..='9' | '¹' | '²' | '³'), None)))
    };
    let reserved = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$");
    reserved || numbered("COM") || numbered("LPT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str) -> Result<(), Unportable> {
        RepositoryPath::parse(path).unwrap().check_portable()
    }

    #[test]
    fn names_that_windows_does_not_hold() {
        for path in [
            "a:b",
            "docs/12:30.txt",
            "a?b/c",
            "a<b",
            "what*",
            "a|b",
            "say \"a\"",
            "a>b",
        ] {
            assert_eq!(of(path), Err(Unportable::Character), "{path}");
        }
        for path in ["a.", "docs./a", "b ", "..."] {
            assert_eq!(of(path), Err(Unportable::End), "{path}");
        }
        for path in [
            "CON",
            "con.txt",
            "a/nul",
            "COM1/x",
            "lpt9.log",
            "com¹",
            "CON .txt",
            "Aux.tar.gz",
            "conin$",
        ] {
            assert_eq!(of(path), Err(Unportable::Device), "{path}");
        }
        for path in [
            "console",
            "COM",
            "COM10",
            "com0",
            "a.con",
            "Größe.txt",
            ".hidden",
            "a b/c.d",
            "lpt",
        ] {
            assert_eq!(of(path), Ok(()), "{path}");
        }
    }

    #[test]
    fn what_differs_in_case_or_composition_only_is_the_same() {
        let folded = |path: &str| RepositoryPath::parse(path).unwrap().folded();
        assert_eq!(folded("Docs/Größe.TXT"), folded("docs/grÖSSE.txt"));
        assert_eq!(folded("Caf\u{e9}"), folded("cafe\u{301}"));
        assert_ne!(folded("a"), folded("b"));
    }
}
