//! `zkv key import`.

use std::path::Path;

use zkvault_core::{KeyOrigin, NewKey};

use super::{add, print_keys};
use crate::args::KeyImport;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::{clock, key_source, keyring_file};

pub(crate) fn run(args: &KeyImport, context: &Context<'_>) -> Result<Exit> {
    let key = match args.file.as_os_str() == "-" {
        true => key_source::read_from(std::io::stdin(), Path::new("standard input"))?,
        false => key_source::read(&args.file)?,
    };
    let details = NewKey {
        label: "",
        origin: KeyOrigin::Imported,
        created: clock::now()?,
        vendor_id: args.entry.key_id,
    };
    let row = keyring_file::change(context, |keyring| {
        add(keyring, key, args.entry.label.as_deref(), details, args.entry.default)
    })?;
    print_keys(context, std::slice::from_ref(&row), &row)?;
    Ok(Exit::Success)
}
