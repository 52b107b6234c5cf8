//! `zkv generate`.

use serde::Serialize;
use zkvault_core::generate::{PassphraseRules, PasswordRules};

use crate::args::Generate;
use crate::clipboard;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};

#[derive(Serialize)]
struct Shown<'a> {
    text: &'a str,
    entropy_bits: f64,
}

pub(crate) fn run(args: &Generate, context: &Context<'_>) -> Result<Exit> {
    let copying = args.copying.wanted()?;
    let generated = match args.words.words {
        Some(words) => passphrase_rules(args, words).generate(),
        None => password_rules(args).generate(),
    };
    let generated = generated.map_err(|error| CliError::usage("nothing was generated").cause(error))?;
    if let Some(wanted) = copying {
        return clipboard::copy(&generated.text, "the generated text", wanted, context);
    }
    let text = generated.text.expose_secret();
    if context.output.is_json() {
        let entropy_bits = (generated.entropy_bits * 10.0).floor() / 10.0;
        context.output.json(&Shown { text, entropy_bits })?;
    } else {
        context.output.line(text)?;
    }
    Ok(Exit::Success)
}

fn password_rules(args: &Generate) -> PasswordRules {
    PasswordRules {
        length: args.length,
        lower: !args.no_lower,
        upper: !args.no_upper,
        digits: !args.no_digits,
        symbols: !args.no_symbols,
        exclude_ambiguous: args.no_ambiguous,
    }
}

fn passphrase_rules(args: &Generate, words: usize) -> PassphraseRules {
    PassphraseRules {
        words,
        separator: Some(args.words.separator),
        capitalise: args.words.capitalise,
        digit: args.words.digit,
    }
}
