//! `zkv totp`.

use serde::Serialize;
use zkvault::core::trust::Use;
use zkvault::time;
use zkvault_core::vendor::Trust;

use super::used;
use crate::args::Totp;
use crate::clipboard;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::vault;

/// A code as other programs get it.
#[derive(Serialize)]
struct Shown<'a> {
    code: &'a str,
    seconds_left: u64,
    period: u64,
    /// The layout that the seed is sealed in.
    layout: &'a str,
    /// Whether that authenticates it.
    trust: Trust,
}

pub(crate) fn run(args: &Totp, context: &Context<'_>) -> Result<Exit> {
    let copying = args.copying.wanted()?;
    copying.map_or(Ok(()), clipboard::must_be_possible)?;
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index()?;
    let usage = if copying.is_some() { Use::Copy } else { Use::Read };
    let (totp, value) = vault.contents.totp(&index, &args.site, args.field.as_deref(), usage)?;
    used::warn(&value, context);
    let now = time::now()?;
    let code = totp.at(now);
    // The next one is valid after this one, and for a whole period.
    let (code, begins_in) = match args.next {
        true => (totp.at(now + code.seconds_left), code.seconds_left),
        false => (code, 0),
    };
    if let Some(wanted) = copying {
        return clipboard::copy(&code.text, &format!("a code of {}", value.site), wanted, context);
    }
    let text = code.text.expose_secret();
    if context.output.is_json() {
        context.output.json(&Shown {
            code: text,
            seconds_left: begins_in + code.seconds_left,
            period: code.period,
            layout: value.layout.name(),
            trust: value.layout.trust(),
        })?;
        return Ok(Exit::Success);
    }
    context.output.line(text)?;
    if context.output.is_terminal() {
        context.output.note(&match begins_in {
            0 => format!("valid for {} more seconds", code.seconds_left),
            seconds => format!("valid in {seconds} seconds"),
        });
    }
    Ok(Exit::Success)
}
