//! The keyring's passphrase: from `ZKV_PASSPHRASE`, from the file `ZKV_PASSPHRASE_FILE`, or asked for.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zeroize::Zeroizing;
use zkvault_core::passphrase::{WeakPassphraseError, check};
use zkvault_core::{SecretText, text};

use crate::error::{CliError, Exit, Result};
use crate::output::{Output, shown_path};
use crate::prompt::Prompt;
use crate::{environment, input};

const HINT: &str = "set ZKV_PASSPHRASE_FILE to a file that holds the passphrase, or ZKV_PASSPHRASE";
const NEW_HINT: &str = "set ZKV_NEW_PASSPHRASE_FILE to a file that holds the new passphrase, or ZKV_NEW_PASSPHRASE";
/// More than anybody types, and less than would be worth a second buffer.
const MAX_SECRET_FILE_LEN: usize = 4096;
/// How often a person may type it. What guards the keyring is the cost of a try, not their number.
pub(crate) const TRIES: usize = 3;

/// Asks for the passphrase of a keyring that exists.
pub(crate) fn ask(prompt: Prompt) -> Result<SecretText> {
    prompt.secret("Passphrase", HINT)
}

/// Asks again, after a passphrase that opened nothing.
pub(crate) fn ask_again(prompt: Prompt) -> Result<SecretText> {
    prompt.secret_again("Passphrase", "Wrong passphrase, try again", HINT)
}

/// Whether it is in the environment, so that nobody has to be asked.
pub(crate) fn is_given() -> Result<bool> {
    Ok(given()?.is_some())
}

/// The passphrase of a new keyring. A person types it twice, and is refused one that could be guessed; a script
/// that brings its own is only warned.
pub(crate) fn new(prompt: Prompt, output: Output, allow_weak: bool) -> Result<SecretText> {
    chosen(given()?, HINT, prompt, output, allow_weak)
}

/// As [`new`], in place of the passphrase that the keyring has.
pub(crate) fn replacement(prompt: Prompt, output: Output, allow_weak: bool) -> Result<SecretText> {
    let given = from_environment("ZKV_NEW_PASSPHRASE")?;
    chosen(given, NEW_HINT, prompt, output, allow_weak)
}

fn chosen(
    given: Option<SecretText>,
    hint: &str,
    prompt: Prompt,
    output: Output,
    allow_weak: bool,
) -> Result<SecretText> {
    let refuse_weak = given.is_none() && !allow_weak;
    if let Some(passphrase) = given {
        return strong_enough(passphrase, output, refuse_weak);
    }
    let mut question = NEW.to_owned();
    for _ in 1..TRIES {
        match asked_twice(&question, prompt, hint).and_then(|typed| strong_enough(typed, output, refuse_weak)) {
            Err(refused) if refused.exit == Exit::Other => question = format!("{}\n{NEW}", refused.message),
            done => return done,
        }
    }
    strong_enough(asked_twice(&question, prompt, hint)?, output, refuse_weak)
}

/// A weak passphrase is warned of, or refused; one that nobody could type again is always refused.
fn strong_enough(passphrase: SecretText, output: Output, refuse_weak: bool) -> Result<SecretText> {
    match check(passphrase.expose_secret()) {
        Err(weak @ WeakPassphraseError::Guessable { .. }) if !refuse_weak => {
            output.warning(&weak.to_string());
            Ok(passphrase)
        }
        Err(weak) => Err(refused(weak)),
        Ok(()) => Ok(passphrase),
    }
}

const NEW: &str = "New passphrase";

fn asked_twice(question: &str, prompt: Prompt, hint: &str) -> Result<SecretText> {
    let first = prompt.secret_again(NEW, question, hint)?;
    if prompt.secret("The same again", hint)? != first {
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
        true => read_from(input::stdin()?, Path::new("standard input")),
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
    match text::secret(&bytes) {
        Ok(secret) if secret.expose_secret().is_empty() => Err(problem("it is empty".to_owned())),
        secret => secret.map_err(|error| problem(error.to_string())),
    }
}

/// The passphrase that the environment gives, or the file that it names.
pub(crate) fn given() -> Result<Option<SecretText>> {
    from_environment("ZKV_PASSPHRASE")
}

/// How a passphrase is refused that could be guessed: what stands between a copied keyring and its keys is this and Argon2id.
fn refused(weak: WeakPassphraseError) -> CliError {
    let hint = match weak {
        WeakPassphraseError::Unseen { .. } => "remove it, so that the passphrase can be typed as it is seen",
        _ => "zkv generate --words 6 makes a good one; --allow-weak takes this one as it is",
    };
    CliError::of(&weak, weak.to_string()).hint(hint)
}
