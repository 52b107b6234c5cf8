//! Questions to the person at the terminal: on `/dev/tty`, never on stdin or stdout, and never when nobody
//! can answer.

use std::io::{self, IsTerminal as _};

use zkvault_core::SecretText;

use crate::error::{CliError, Exit, Result};
use crate::{environment, platform};

/// Whether, and how, secrets may be asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Prompt {
    allowed: bool,
}

impl Prompt {
    /// Asking is off with `--no-input`, with `ZKV_NO_INPUT`, and when stdin is no terminal.
    pub(crate) fn new(no_input: bool) -> Self {
        let allowed = !no_input && !environment::switch("ZKV_NO_INPUT") && io::stdin().is_terminal();
        Self { allowed }
    }

    /// Asks for a secret without showing it. `hint` says how to give it when nobody may be asked.
    pub(crate) fn secret(self, question: &str, hint: &str) -> Result<SecretText> {
        if !self.allowed {
            return Err(needed(question, hint));
        }
        platform::remember_terminal();
        let answer = rpassword::prompt_password(format!("{question}: "));
        platform::forget_terminal();
        match answer {
            Ok(answer) => Ok(SecretText::from(answer)),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {
                Err(CliError::new(Exit::Interrupted, "interrupted", "interrupted"))
            }
            // Ctrl-D: they were asked, and will not say.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                let message = format!("{} is needed, and none was given", question.to_lowercase());
                Err(CliError::new(Exit::InputNeeded, "input-needed", message))
            }
            Err(error) => Err(needed(question, hint).cause(error)),
        }
    }
}

fn needed(question: &str, hint: &str) -> CliError {
    let message = format!("{} is needed, and nobody may be asked", question.to_lowercase());
    CliError::new(Exit::InputNeeded, "input-needed", message)
        .cause("prompts are off: standard input is no terminal, or --no-input or ZKV_NO_INPUT is set")
        .hint(hint)
}
