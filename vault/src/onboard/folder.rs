//! The folder of letters. The codes are in a folder of their own: taking the letters along takes no code along.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;
use zkvault_core::SecretText;

use crate::fs::{self, Existing, FileAction, FileError};
use crate::report::Report;

/// More than an activation has, in bytes.
const MAX_ACTIVATION_LEN: u64 = 1 << 20;
/// Letters of a name that a file name has.
const MAX_NAME_LEN: usize = 40;

/// Where everything is.
#[derive(Debug, Clone)]
pub(super) struct Folder(PathBuf);

/// The files of one person.
#[derive(Debug)]
pub(super) struct Files {
    activation: PathBuf,
    code: PathBuf,
    letter: PathBuf,
}

/// An activation that was written down before it was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Prepared {
    pub(super) text: String,
    /// When, in seconds since 1970.
    pub(super) made: u64,
}

impl Prepared {
    /// Whether it may still be used for half of its time.
    pub(super) const fn is_fresh(&self, now: u64, lifetime: u64) -> bool {
        now.saturating_sub(self.made) < lifetime / 2
    }
}

impl Folder {
    pub(super) const fn at(path: PathBuf) -> Self {
        Self(path)
    }

    /// The files of a user, by the id and as much of the name as is safe in the name of a file.
    pub(super) fn files(&self, user: u64, name: &str) -> Files {
        let local = name.split('@').next().unwrap_or_default();
        let letters = local.chars().map(|letter| match letter.is_ascii_alphanumeric() {
            true => letter.to_ascii_lowercase(),
            false => '-',
        });
        let slug: String = letters.take(MAX_NAME_LEN).collect();
        let base = format!("{user}-{}", slug.trim_matches('-'));
        Files {
            activation: self.0.join("activations").join(format!("{base}.txt")),
            code: self.0.join("codes").join(format!("{base}.txt")),
            letter: self.0.join("letters").join(format!("{base}.html")),
        }
    }
}

impl Files {
    /// What was written down: the activation, and by the time of its file when.
    pub(super) fn activation(&self) -> Result<Option<Prepared>, FileError> {
        let mut text = String::new();
        match File::open(&self.activation).and_then(|file| file.take(MAX_ACTIVATION_LEN).read_to_string(&mut text)) {
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FileError::system(FileAction::Read, &self.activation, error)),
        }
        let made = std::fs::metadata(&self.activation).and_then(|metadata| metadata.modified());
        let made = made.map_err(|error| FileError::system(FileAction::Read, &self.activation, error))?;
        let made = crate::time::of_file(made)
            .and_then(|made| u64::try_from(made).ok())
            .unwrap_or_default();
        Ok(Some(Prepared {
            text: text.trim().to_owned(),
            made,
        }))
    }

    /// Writes the code, and then the activation.
    pub(super) fn prepare(&self, activation: &str, code: Option<&SecretText>, now: u64) -> Result<Prepared, FileError> {
        if let Some(code) = code {
            let mut line = Zeroizing::new(Vec::with_capacity(code.expose_secret().len() + 1));
            line.extend_from_slice(code.expose_secret().as_bytes());
            line.push(b'\n');
            write(&self.code, &line)?;
        }
        write(&self.activation, format!("{activation}\n").as_bytes())?;
        Ok(Prepared {
            text: activation.to_owned(),
            made: now,
        })
    }

    /// Writes the letter as HTML to print and as text beside it. Gives the place of the first.
    pub(super) fn write_letter(&self, letter: &Report) -> Result<PathBuf, FileError> {
        write(&self.letter.with_extension("md"), letter.markdown().as_bytes())?;
        write(&self.letter, letter.html().as_bytes())?;
        Ok(self.letter.clone())
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    if let Some(folder) = path.parent() {
        fs::create_private_folder(folder)?;
    }
    fs::write(path, bytes, Existing::Replace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_safe_and_codes_are_apart_and_what_was_written_is_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let of = Folder::at(folder.path().to_owned());
        let files = of.files(7, "../../Ægir O'Neil@x.example");
        assert_eq!(files.activation().unwrap(), None);
        let code = SecretText::from("CODE".to_owned());
        files.prepare("sealed", Some(&code), 5).unwrap();
        assert_eq!(files.activation().unwrap().unwrap().text, "sealed");
        let report = Report::letter("Welcome", "acme.example", 0);
        let letter = files.write_letter(&report).unwrap();
        assert!(letter.starts_with(folder.path()) && letter.with_extension("md").exists());
        assert_eq!(files.code.parent(), Some(folder.path().join("codes").as_path()));
        assert_ne!(of.files(7, "a").activation, of.files(8, "a").activation);
    }

    #[test]
    fn only_its_owner_reads_a_code() {
        let folder = tempfile::tempdir().unwrap();
        let files = Folder::at(folder.path().to_owned()).files(7, "a");
        let code = SecretText::from("CODE".to_owned());
        files.prepare("sealed", Some(&code), 5).unwrap();
        assert!(fs::is_private(&files.code).unwrap());
    }
}
