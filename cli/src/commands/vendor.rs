//! `zkv vendor`: the layouts of the vendor's values.

mod discover;
mod keys;
mod show;

use crate::args::VendorCommand;
use crate::context::Context;
use crate::error::{Exit, Result};

pub(crate) fn run(command: &VendorCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        VendorCommand::Discover(args) if args.report => discover::report(args, context),
        VendorCommand::Discover(args) => discover::run(args, context),
        VendorCommand::Show(args) => show::run(args, context),
    }
}
