//! The keyring's passphrase: from `ZKV_PASSPHRASE`, from the file `ZKV_PASSPHRASE_FILE`, or asked for.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use zeroize::Zeroizing;
use zkvault_core::{SecretText, text};
use zxcvbn::{Score, zxcvbn};

use crate::environment;
use crate::error::{CliError, Exit, Result};
use crate::output::{Output, shown_path};
use crate::prompt::Prompt;

const HINT: &str = "set ZKV_PASSPHRASE_FILE to a file that holds the passphrase, or ZKV_PASSPHRASE";
/// More than anybody types, and less than would be worth a second buffer.
const MAX_SECRET_FILE_LEN: usize = 4096;
/// zxcvbn reads no further, and its time grows with the square of the length.
const MAX_JUDGED_CHARS: usize = 100;

/// Asks for the passphrase of a keyring that exists.
pub(crate) fn ask(prompt: Prompt) -> Result<SecretText> {
    prompt.secret("Passphrase", HINT)
}

/// Whether it is in the environment, so that nobody has to be asked.
pub(crate) fn is_given() -> Result<bool> {
    Ok(given()?.is_some())
}

/// The passphrase of a new keyring. A person types it twice, and is refused one that could be guessed; a script
/// that brings its own is only warned.
pub(crate) fn new(prompt: Prompt, output: Output, allow_weak: bool) -> Result<SecretText> {
    let given = given()?;
    let refuse_weak = given.is_none() && !allow_weak;
    let passphrase = given.map_or_else(|| asked_twice(prompt), Ok)?;
    if passphrase.expose_secret().is_empty() {
        return Err(CliError::new(Exit::Other, "weak-passphrase", "the passphrase is empty"));
    }
    match weakness(passphrase.expose_secret()) {
        Some(weakness) if refuse_weak => return Err(weakness),
        Some(weakness) => output.warning(&weakness.message),
        None => {}
    }
    Ok(passphrase)
}

fn asked_twice(prompt: Prompt) -> Result<SecretText> {
    let first = prompt.secret("New passphrase", HINT)?;
    if prompt.secret("The same again", HINT)? != first {
        return Err(CliError::new(Exit::Other, "mismatch", "the two passphrases differ"));
    }
    Ok(first)
}

/// A secret from `name`, or from the file that `name` with `_FILE` names.
pub(crate) fn from_environment(name: &str) -> Result<Option<SecretText>> {
    if let Some(secret) = environment::secret(name)? {
        return Ok(Some(secret));
    }
    let file = environment::path(&format!("{name}_FILE"));
    file.map(|path| read_secret_file(&path)).transpose()
}

/// The secret in a small file, or with `-` on stdin, without the line ends after it.
pub(crate) fn read_secret(path: &Path) -> Result<SecretText> {
    match path == Path::new("-") {
        true => read_from(io::stdin(), Path::new("standard input")),
        false => read_secret_file(path),
    }
}

/// The secret in a small file, without the line ends after it.
pub(crate) fn read_secret_file(path: &Path) -> Result<SecretText> {
    let file = File::open(path).map_err(|error| CliError::file("read", path, &error))?;
    read_from(file, path)
}

/// As [`read_secret_file`], from anything that can be read; `path` is only its name.
fn read_from(reader: impl Read, path: &Path) -> Result<SecretText> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(MAX_SECRET_FILE_LEN + 1));
    let read = reader.take(MAX_SECRET_FILE_LEN as u64 + 1).read_to_end(&mut bytes);
    read.map_err(|error| CliError::file("read", path, &error))?;
    let problem = |cause: String| {
        CliError::new(
            Exit::Other,
            "secret-file",
            format!("{} holds no secret", shown_path(path)),
        )
        .cause(cause)
    };
    if bytes.len() > MAX_SECRET_FILE_LEN {
        return Err(problem(format!("it is longer than {MAX_SECRET_FILE_LEN} bytes")));
    }
    text::secret(&bytes).map_err(|error| problem(error.to_string()))
}

/// The passphrase that the environment gives, or the file that it names.
pub(crate) fn given() -> Result<Option<SecretText>> {
    from_environment("ZKV_PASSPHRASE")
}

/// Why a passphrase could be guessed: what stands between a copied keyring and its keys is this and Argon2id.
fn weakness(passphrase: &str) -> Option<CliError> {
    let judged = match passphrase.char_indices().nth(MAX_JUDGED_CHARS) {
        Some((end, _)) => passphrase.get(..end).unwrap_or(passphrase),
        None => passphrase,
    };
    let verdict = zxcvbn(judged, &["zkv", "zkvault", "logmeonce", "loome"]);
    if verdict.score() >= Score::Three {
        return None;
    }
    let feedback = verdict.feedback();
    let warning = feedback
        .and_then(|feedback| feedback.warning())
        .map(|warning| warning.to_string().trim_end_matches('.').to_owned());
    let suggestion = feedback
        .and_then(|feedback| feedback.suggestions().first())
        .map(ToString::to_string);
    let guesses = format!("about 10^{:.0} guesses find it", verdict.guesses_log10());
    let cause = [Some(guesses), warning, suggestion]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(". ");
    Some(
        CliError::new(Exit::Other, "weak-passphrase", "the passphrase is too easy to guess")
            .cause(cause)
            .hint("zkv generate --words 6 makes a good one; --allow-weak takes this one as it is"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessable_passphrases_are_refused_and_the_message_does_not_hold_them() {
        for weak in ["letmein", "hunter2", "zkvault123", "qwertyuiop"] {
            let error = weakness(weak).unwrap();
            assert!(!format!("{error:?}").contains(weak), "{weak}");
            assert!(!error.cause.unwrap().contains(".."), "{weak}: sentences that end twice");
        }
    }

    #[test]
    fn long_random_words_pass_at_any_length() {
        let words = "clamp juror onyx radiator mulch vixen";
        assert!(weakness(words).is_none());
        assert!(weakness(&words.repeat(1000)).is_none());
    }
}
