//! `zkv man`.

use clap::CommandFactory as _;

use crate::args::{Arguments, Man};
use crate::error::{CliError, Exit, Result};
use crate::output::Output;

pub(crate) fn run(args: &Man, output: Output) -> Result<Exit> {
    let command = Arguments::command();
    if let Some(folder) = &args.dir {
        std::fs::create_dir_all(folder).map_err(|error| CliError::file("create", folder, &error))?;
        clap_mangen::generate_to(command, folder)
            .map_err(|error| CliError::file("write the pages to", folder, &error))?;
        return Ok(Exit::Success);
    }
    let mut page = Vec::new();
    clap_mangen::Man::new(command)
        .render(&mut page)
        .map_err(|error| CliError::io("cannot make the manual page", &error))?;
    output.bytes(&page)?;
    Ok(Exit::Success)
}
