//! `zkv key import`.

use std::path::Path;

use zkvault_core::keyring::KeyOrigin;

use super::add_and_print;
use crate::args::KeyImport;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::{input, key_source};

pub(crate) fn run(args: &KeyImport, context: &Context<'_>) -> Result<Exit> {
    let key = match args.file.as_os_str() == "-" {
        true => key_source::read_from(input::stdin()?, Path::new("standard input"))?,
        false => key_source::read(&args.file)?,
    };
    add_and_print(context, key, &args.entry, KeyOrigin::Imported)
}
