//! Questions to the person at the terminal: on `/dev/tty` or the console, never on stdin or stdout, and never when
//! nobody can answer. A pipe on stdin does not matter: it is data, and the terminal is still there.

use std::io::{self, Write as _};

use zkvault_core::SecretText;

use crate::environment;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::platform::{self, Terminal};

/// Whether, and how, secrets may be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prompt {
    no_input: Option<&'static str>,
}

impl Prompt {
    /// Asking is off with `--no-input`, with `ZKV_NO_INPUT`, and where there is no terminal.
    pub(crate) fn new(no_input: bool) -> Self {
        let no_input = match (no_input, environment::switch("ZKV_NO_INPUT")) {
            (true, _) => Some("--no-input is given"),
            (false, true) => Some("ZKV_NO_INPUT is set"),
            (false, false) => None,
        };
        Self { no_input }
    }

    /// Why prompts are disabled, if they are. Looked up anew each time: a shell may hand the terminal over only after
    /// the program has started.
    fn disabled(self) -> Option<&'static str> {
        self.no_input.or_else(|| match platform::own_terminal() {
            Terminal::Ours => None,
            Terminal::None => Some("there is no terminal to ask at"),
            Terminal::Background => Some("zkv runs in the background, where the terminal takes no input for it"),
        })
    }

    /// Asks for a secret without showing it. `hint` says how to provide it when prompts are disabled.
    pub(crate) fn secret(self, question: &str, hint: &str) -> Result<SecretText> {
        self.secret_again(question, question, hint)
    }

    /// As [`Self::secret`], where the question also says why it is put again. `what` is what is asked for.
    pub(crate) fn secret_again(self, what: &str, question: &str, hint: &str) -> Result<SecretText> {
        self.must_be_allowed(what, hint)?;
        platform::remember_terminal();
        let answer = platform::typed_unseen(&format!("{question}: "));
        platform::forget_terminal();
        match answer {
            Ok(answer) => Ok(SecretText::from(answer)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                Err(CliError::new(Exit::Interrupted, "interrupted", "interrupted"))
            }
            // Ctrl-D: they were asked, and will not say.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let message = format!("{} is needed, and none was given", what.to_lowercase());
                Err(CliError::new(Exit::InputNeeded, "input-needed", message))
            }
            Err(error) => Err(needed(what, hint).cause(error)),
        }
    }

    /// Whether prompts are enabled.
    pub(crate) fn is_allowed(self) -> bool {
        self.disabled().is_none()
    }

    /// Refuses what will need a prompt when prompts are disabled.
    pub(crate) fn must_be_allowed(self, question: &str, hint: &str) -> Result<()> {
        match self.disabled() {
            None => Ok(()),
            Some(reason) => Err(needed(question, hint).cause(reason)),
        }
    }

    /// Asks for a line that is no secret. `hint` says how to provide it when prompts are disabled.
    pub(crate) fn line(self, question: &str, hint: &str) -> Result<String> {
        self.must_be_allowed(question, hint)?;
        let answer = ask(&format!("{}: ", escaped(question))).map_err(|error| needed(question, hint).cause(error))?;
        match answer.as_str() {
            "" => {
                let message = format!("{} is needed, and none was given", question.to_lowercase());
                Err(CliError::new(Exit::InputNeeded, "input-needed", message))
            }
            answer => Ok(answer.to_owned()),
        }
    }

    /// Shows a secret on the terminal, and nowhere else.
    pub(crate) fn show(self, what: &str, secret: &SecretText) -> Result<()> {
        self.must_be_allowed("A terminal", "write it to a file instead")?;
        let shown = platform::terminal().and_then(|mut writer| {
            writer.write_all(what.as_bytes())?;
            writer.write_all(secret.expose_secret().as_bytes())?;
            writer.write_all(b"\n")
        });
        shown.map_err(|error| CliError::io("cannot write to the terminal", &error))
    }

    /// Shows what is about to be done, line by line, and continues only after a yes. `hint` says how to agree when
    /// prompts are disabled.
    pub(crate) fn confirm(self, facts: &[String], question: &str, hint: &str) -> Result<()> {
        self.must_be_allowed("A confirmation", hint)?;
        let answer = ask(&format!("{}{} [y/N]: ", shown(facts), escaped(question)));
        let answer = answer.map_err(|error| needed("A confirmation", hint).cause(error))?;
        match answer.to_ascii_lowercase().as_str() {
            "y" | "yes" => Ok(()),
            _ => Err(declined()),
        }
    }
}

impl Prompt {
    /// Shows facts, and returns what is typed after the question, in lower case.
    pub(crate) fn choice(self, facts: &[String], question: &str) -> Result<String> {
        let answer = ask(&format!("{}{}: ", shown(facts), escaped(question)));
        let answer = answer.map_err(|error| needed("A choice", "").cause(error))?;
        match answer.is_empty() {
            true => Err(declined()),
            false => Ok(answer.to_ascii_lowercase()),
        }
    }

    /// Returns what is typed after a question, which may be nothing. Ctrl-D ends the command.
    pub(crate) fn reply(self, question: &str) -> Result<String> {
        let answer = typed(&format!("{}: ", escaped(question))).map_err(|error| needed("A reply", "").cause(error))?;
        answer.ok_or_else(|| CliError::new(Exit::Interrupted, "interrupted", "interrupted"))
    }

    /// As [`Self::confirm`], where a yes is given too easily: `expected` has to be typed.
    pub(crate) fn confirm_typed(self, facts: &[String], question: &str, expected: &str, hint: &str) -> Result<()> {
        self.must_be_allowed("A confirmation", hint)?;
        let answer = ask(&format!("{}{}: ", shown(facts), escaped(question)));
        match answer.map_err(|error| needed("A confirmation", hint).cause(error))? == expected {
            true => Ok(()),
            false => Err(declined()),
        }
    }
}

fn shown(facts: &[String]) -> String {
    facts
        .iter()
        .map(|fact| format!("{}\n", shortened(&escaped(fact))))
        .collect()
}

fn declined() -> CliError {
    CliError::new(Exit::Other, "declined", "nothing was done: it was not confirmed")
}

/// A name from a server must not push the question off the screen.
const MAX_FACT_CHARS: usize = 200;

fn shortened(fact: &str) -> String {
    match fact.char_indices().nth(MAX_FACT_CHARS) {
        Some((end, _)) => format!("{}…", fact.get(..end).unwrap_or_default()),
        None => fact.to_owned(),
    }
}

/// The line that is typed after a question, without white space around it; an empty one for Ctrl-D.
fn ask(question: &str) -> io::Result<String> {
    Ok(typed(question)?.unwrap_or_default())
}

/// The line that is typed after a question, without white space around it; nothing for Ctrl-D.
fn typed(question: &str) -> io::Result<Option<String>> {
    Ok(platform::typed(question)?.map(|line| line.trim().to_owned()))
}

fn needed(question: &str, hint: &str) -> CliError {
    let message = format!("{} is needed, and prompts are disabled", question.to_lowercase());
    CliError::new(Exit::InputNeeded, "input-needed", message).hint(hint)
}
