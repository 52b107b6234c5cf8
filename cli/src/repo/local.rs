//! Files on this machine and their names in a repository, in both directions.

use std::fs;
use std::path::{Path, PathBuf};

use zkvault_core::repository::RepositoryPath;

use crate::error::{CliError, Exit, Result};
use crate::output::Output;

/// A file to upload, and its name in the repository.
#[derive(Debug)]
pub(crate) struct Item {
    pub(crate) path: PathBuf,
    pub(crate) name: RepositoryPath,
}

/// Collects the files that paths stand for. A folder keeps its own name, as with `cp -r`; `name` is another one for
/// the only path.
pub(crate) fn collect(paths: &[PathBuf], name: Option<&str>, output: Output) -> Result<Vec<Item>> {
    if name.is_some() && paths.len() > 1 {
        return Err(CliError::usage("--name is for a single file or folder"));
    }
    let mut items = Vec::new();
    for path in paths {
        let metadata = fs::metadata(path).map_err(|error| CliError::file("read", path, &error))?;
        let own = match name {
            Some(name) => name.to_owned(),
            None => own_name(path)?,
        };
        match metadata.is_dir() {
            true => walk(path, &own, output, &mut items)?,
            false => items.push(item(path, &own)?),
        }
    }
    items.sort_by(|one, other| one.name.cmp(&other.name));
    let twice = items
        .iter()
        .zip(items.iter().skip(1))
        .find(|(one, next)| one.name == next.name);
    match twice {
        Some((one, next)) => Err(
            CliError::usage(format!("two files would be called {}", one.name)).cause(format!(
                "{} and {}",
                one.path.display(),
                next.path.display()
            )),
        ),
        None => Ok(items),
    }
}

/// The last name of a path; nothing for `.`, whose files stand for themselves.
fn own_name(path: &Path) -> Result<String> {
    match path.file_name() {
        Some(name) => text(Path::new(name)),
        None => Ok(String::new()),
    }
}

/// Everything in a folder. A link to a file is a file; a link to a folder could lead round in circles.
fn walk(folder: &Path, name: &str, output: Output, items: &mut Vec<Item>) -> Result<()> {
    let read_error = |error: std::io::Error| CliError::file("read", folder, &error);
    for entry in fs::read_dir(folder).map_err(read_error)? {
        let entry = entry.map_err(read_error)?;
        let path = entry.path();
        let inner = text(Path::new(&entry.file_name()))?;
        let inner = if name.is_empty() {
            inner
        } else {
            format!("{name}/{inner}")
        };
        let is_link = entry.file_type().map_err(read_error)?.is_symlink();
        match fs::metadata(&path) {
            Ok(metadata) if metadata.is_dir() && !is_link => walk(&path, &inner, output, items)?,
            Ok(metadata) if metadata.is_file() => items.push(item(&path, &inner)?),
            Ok(_) => skipped(&path, "it is neither a file nor a folder", output),
            Err(_) if is_link => skipped(&path, "it is a link to nothing", output),
            Err(error) => return Err(CliError::file("read", &path, &error)),
        }
    }
    Ok(())
}

fn skipped(path: &Path, reason: &str, output: Output) {
    output.warning(&crate::output::escaped(&format!(
        "{} is left out: {reason}",
        path.display()
    )));
}

fn item(path: &Path, name: &str) -> Result<Item> {
    let name = RepositoryPath::parse(name).map_err(|error| {
        CliError::usage(format!("{} cannot have this name in a repository", path.display()))
            .cause(error)
            .hint("give it another one with --name")
    })?;
    Ok(Item {
        path: path.to_owned(),
        name,
    })
}

fn text(name: &Path) -> Result<String> {
    let text = name.to_str().map(str::to_owned);
    text.ok_or_else(|| CliError::usage(format!("the name {} is not UTF-8 text", name.display())))
}

/// Where a file of that name goes in `folder`.
pub(crate) fn target(folder: &Path, name: &RepositoryPath) -> Result<PathBuf> {
    if let Some(reason) = name.names().find_map(|name| unusable(name, cfg!(windows))) {
        return Err(CliError::new(Exit::Other, "hostile-name", format!("{name} cannot be written here")).cause(reason));
    }
    Ok(name.names().fold(folder.to_owned(), |folder, name| folder.join(name)))
}

/// Why a name cannot be a file's on this system. That it leads nowhere else, its type says.
fn unusable(name: &str, windows: bool) -> Option<&'static str> {
    // Marks that turn the direction of text, or are not seen: a name should be what it looks like.
    let deceiving =
        |character| matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if name.contains(deceiving) {
        return Some("its name has characters that change the direction of text");
    }
    if !windows {
        return None;
    }
    if name.contains(['<', '>', ':', '"', '|', '?', '*']) || name.ends_with(['.', ' ']) {
        return Some("its name has characters that Windows does not take");
    }
    let stem = name
        .split('.')
        .next()
        .unwrap_or_default()
        .trim_end()
        .to_ascii_uppercase();
    let numbered = |kind: &str| {
        stem.strip_prefix(kind).is_some_and(|number| {
            let mut digits = number.chars();
            matches!(
                (digits.next(), digits.next()),
                (Some('1'..='9' | '¹' | '²' | '³'), None)
            )
        })
    };
    let reserved = matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL" | "CONIN$" | "CONOUT$");
    (reserved || numbered("COM") || numbered("LPT")).then_some("its name is that of a device of Windows")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_deceive_or_are_devices() {
        for name in ["a.txt", "CON", "a:b", "x.", "com1"] {
            assert_eq!(unusable(name, false), None, "{name}");
        }
        assert!(unusable("gpj.\u{202e}exe", false).is_some());
        for name in [
            "CON", "con.txt", "nul", "COM1", "lpt9.log", "com¹", "a:b", "a.", "b ", "a?b", "CON .txt",
        ] {
            assert!(unusable(name, true).is_some(), "{name}");
        }
        for name in ["console", "COM", "COM10", "com0", "a.con", "Größe.txt"] {
            assert_eq!(unusable(name, true), None, "{name}");
        }
    }

    #[test]
    fn a_folder_keeps_its_name_and_links_lead_to_files_only() {
        let folder = tempfile::tempdir().unwrap();
        let docs = folder.path().join("docs");
        fs::create_dir_all(docs.join("inner")).unwrap();
        fs::write(docs.join("a b.txt"), "a").unwrap();
        fs::write(docs.join("inner/ä.txt"), "b").unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(&docs, docs.join("round")).unwrap();
            std::os::unix::fs::symlink("nothing", docs.join("dangling")).unwrap();
        }
        let names = |name| {
            let items = collect(std::slice::from_ref(&docs), name, Output::new(true)).unwrap();
            items.into_iter().map(|item| item.name.to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names(None), ["docs/a b.txt", "docs/inner/ä.txt"]);
        assert_eq!(names(Some("x/y")), ["x/y/a b.txt", "x/y/inner/ä.txt"]);
        let file = docs.join("a b.txt");
        let twice = collect(&[file.clone(), file], None, Output::new(true));
        assert_eq!(twice.unwrap_err().code, "usage");
    }
}
