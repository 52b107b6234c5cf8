//! `zkv totp`.

use serde::Serialize;
use zkvault::core::trust::Use;
use zkvault::store::StoreLock;
use zkvault::time;
use zkvault::vault::ReadValue;
use zkvault_core::totp::Totp as Seed;
use zkvault_core::value::Layout;
use zkvault_core::vendor::Trust;

use super::used;
use crate::args::Totp;
use crate::clipboard;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::escaped;
use crate::vault;

/// A code as other programs get it.
#[derive(Serialize)]
struct Shown<'a> {
    code: &'a str,
    seconds_left: u64,
    period: u64,
    /// The layout that the seed is sealed in.
    layout: Option<&'a str>,
    /// Whether that authenticates it.
    trust: Option<Trust>,
}

pub(crate) fn run(args: &Totp, context: &Context<'_>) -> Result<Exit> {
    if args.forget {
        return forget(args, context);
    }
    let copying = args.copying.wanted()?;
    copying.map_or(Ok(()), clipboard::must_be_possible)?;
    let usage = if copying.is_some() { Use::Copy } else { Use::Read };
    let (totp, value) = match &args.field {
        Some(field) if args.remember => remember(field, args, usage, context)?,
        _ => {
            let vault = vault::open(&args.keys.paths, context)?;
            let index = vault.contents.index();
            vault.contents.totp(&index, &args.site, args.field.as_deref(), usage)?
        }
    };
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
            layout: value.layout.as_ref().map(Layout::name),
            trust: value.layout.as_ref().map(Layout::trust),
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

/// Opens the seed in a field, and uses that field for the site from now on.
fn remember(field: &str, args: &Totp, usage: Use, context: &Context<'_>) -> Result<(Seed, ReadValue)> {
    let lock = StoreLock::take(&context.profile()?.store_path()?)?;
    let mut vault = vault::open_to_write(&args.keys.paths, context, &lock)?;
    let index = vault.contents.index();
    let opened = vault.contents.totp(&index, &args.site, Some(field), usage)?;
    let site = vault.contents.find(&index, &args.site)?.id;
    vault.contents.choose_totp(&index, site, Some(field))?;
    vault.remember(&lock)?;
    let note = format!("zkv totp takes the field {field} of {} from now on", opened.1.site);
    context.output.note(&escaped(&note));
    Ok(opened)
}

/// Looks for the seed of a site by itself again.
fn forget(args: &Totp, context: &Context<'_>) -> Result<Exit> {
    let lock = StoreLock::take(&context.profile()?.store_path()?)?;
    let mut vault = vault::open_to_write(&args.keys.paths, context, &lock)?;
    let index = vault.contents.index();
    let (site, label) = {
        let entry = vault.contents.find(&index, &args.site)?;
        (entry.id, entry.label())
    };
    match vault.contents.chosen_totp(site)? {
        None => context
            .output
            .note(&escaped(&format!("no field of {label} was remembered"))),
        Some(field) => {
            vault.contents.choose_totp(&index, site, None)?;
            vault.remember(&lock)?;
            context
                .output
                .note(&escaped(&format!("the field {field} of {label} is forgotten")));
        }
    }
    Ok(Exit::Success)
}
