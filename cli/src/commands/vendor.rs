//! `zkv vendor`: the layouts of the vendor's values.

mod discover;
mod keep;
mod show;
mod source;

use crate::args::VendorCommand;
use crate::context::Context;
use crate::error::{Exit, Result};

pub(crate) fn run(command: &VendorCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        VendorCommand::Discover(args) if args.report => discover::report(args, context),
        VendorCommand::Discover(args) => discover::run(args, context),
        VendorCommand::Show(args) => show::run(args, context),
        VendorCommand::Export(args) => keep::export(args, context),
        VendorCommand::Import(args) => keep::import(args, context),
        VendorCommand::Forget(args) => keep::forget(args, context),
        VendorCommand::Confirm(args) => keep::confirm(args, context),
        VendorCommand::Allow(args) => keep::allow(args, context),
    }
}
