//! `zkv vendor export`, `import`, `forget`, `confirm` and `allow`: the layouts that the keyring has for the account.

use zkvault::fs;
use zkvault_core::Coded as _;
use zkvault_core::account::AccountName;
use zkvault_core::keyring::{ChangeLayoutError, Keyring, StoredLayout, VendorLayouts};

use super::show;
use crate::args::{Consent, VendorAllow, VendorConfirm, VendorExport, VendorForget, VendorImport};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{keyring_file, layouts};

pub(crate) fn export(args: &VendorExport, context: &Context<'_>) -> Result<Exit> {
    let keyring = keyring_file::unlock(context)?;
    let kept = keyring.vendor_layouts().of(keyring.account().as_ref());
    let mut exported: Vec<_> = kept.iter().map(|stored| stored.layout().clone()).collect();
    if let Some(name) = &args.name {
        exported.retain(|layout| layout.name() == name);
    }
    if exported.is_empty() {
        return Err(match &args.name {
            Some(name) => no_such_layout(name),
            None => CliError::new(Exit::NotFound, "no-such-layout", "the account has no layouts")
                .hint("zkv vendor discover finds them"),
        });
    }
    let document = show::document(exported)?;
    match args.destination.path() {
        Some(path) => {
            let json = document.to_json() + "\n";
            fs::write(path, json.as_bytes(), fs::Existing::replace_if(args.destination.force))?;
        }
        None => context.output.json(&document)?,
    }
    Ok(Exit::Success)
}

pub(crate) fn import(args: &VendorImport, context: &Context<'_>) -> Result<Exit> {
    let imported = layouts::read(&args.file)?;
    keyring_file::change(context, |keyring| {
        let account = keyring.account();
        let layouts = keyring.vendor_layouts_mut();
        imported.into_iter().try_for_each(|layout| {
            let name = layout.name().to_owned();
            let stored = layouts.store(account.clone(), StoredLayout::imported(layout));
            stored.map(drop).map_err(|error| {
                CliError::new(
                    Exit::Other,
                    error.code(),
                    format!("nothing was imported, because of {name}"),
                )
                .cause(error)
                .hint("zkv vendor forget removes a layout that you no longer want")
            })
        })
    })?;
    print_kept(context)
}

pub(crate) fn forget(args: &VendorForget, context: &Context<'_>) -> Result<Exit> {
    keyring_file::change(context, |keyring| {
        let account = kept_for(keyring);
        match keyring.vendor_layouts_mut().forget(account.as_ref(), &args.name) {
            true => Ok(()),
            false => Err(no_such_layout(&args.name)),
        }
    })?;
    Ok(Exit::Success)
}

pub(crate) fn confirm(args: &VendorConfirm, context: &Context<'_>) -> Result<Exit> {
    let fact = format!("zkv encrypt --layout vendor will write {}", args.name);
    let question = "Did the vendor's client show the value that you sealed in it?";
    agree(&args.consent, fact, question, context)?;
    change(&args.name, VendorLayouts::confirm, context)
}

pub(crate) fn allow(args: &VendorAllow, context: &Context<'_>) -> Result<Exit> {
    let fact = format!("anyone who stores values of {} can change them unnoticed", args.name);
    agree(&args.consent, fact, "Hand these values to other programs?", context)?;
    change(&args.name, VendorLayouts::allow, context)
}

fn agree(consent: &Consent, fact: String, question: &str, context: &Context<'_>) -> Result<()> {
    match consent.yes {
        true => Ok(()),
        false => context.prompt.confirm(&[fact], question, "pass --yes to confirm it"),
    }
}

fn change(
    name: &str,
    change: impl FnOnce(&mut VendorLayouts, Option<&AccountName>, &str) -> std::result::Result<(), ChangeLayoutError>,
    context: &Context<'_>,
) -> Result<Exit> {
    keyring_file::change(context, |keyring| {
        let account = kept_for(keyring);
        let changed = change(keyring.vendor_layouts_mut(), account.as_ref(), name);
        changed.map_err(|error| match error {
            ChangeLayoutError::Unknown => no_such_layout(name),
            error => CliError::new(Exit::Other, error.code(), "the layout stays as it was").cause(error),
        })
    })?;
    print_kept(context)
}

/// Under which name the layouts are that count for the account.
fn kept_for(keyring: &Keyring) -> Option<AccountName> {
    let account = keyring.account();
    let mut kept = keyring.vendor_layouts().iter();
    account.filter(|account| kept.any(|of| of.account() == Some(account)))
}

fn print_kept(context: &Context<'_>) -> Result<Exit> {
    show::print_stored(&keyring_file::unlock(context)?, context)
}

fn no_such_layout(name: &str) -> CliError {
    layouts::no_such_layout(name).hint("zkv vendor show --stored lists the account's layouts")
}
