//! `zkv totp`.

use serde::Serialize;
use zkvault::time;

use super::used;
use crate::args::Totp;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::vault;

/// A code as other programs get it.
#[derive(Serialize)]
struct Shown<'a> {
    code: &'a str,
    seconds_left: u64,
    period: u64,
}

pub(crate) fn run(args: &Totp, context: &Context<'_>) -> Result<Exit> {
    let vault = vault::open(&args.keys.paths, context)?;
    let index = vault.contents.index()?;
    let (totp, value) = vault.contents.totp(&index, &args.site, args.field.as_deref())?;
    used::warn(&value, context);
    let now = time::now()?;
    let code = match args.next {
        true => totp.at(now + totp.at(now).seconds_left),
        false => totp.at(now),
    };
    let seconds_left = match args.next {
        true => totp.at(now).seconds_left + code.period,
        false => code.seconds_left,
    };
    let text = code.text.expose_secret();
    if context.output.is_json() {
        let period = code.period;
        context.output.json(&Shown {
            code: text,
            seconds_left,
            period,
        })?;
        return Ok(Exit::Success);
    }
    context.output.line(text)?;
    if context.output.is_terminal() {
        context.output.note(&match args.next {
            true => format!("valid in {} seconds", totp.at(now).seconds_left),
            false => format!("valid for {seconds_left} more seconds"),
        });
    }
    Ok(Exit::Success)
}
