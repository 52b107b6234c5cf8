//! `zkv man`.

use std::path::Path;

use clap::{Command, CommandFactory as _};
use clap_mangen::Man as Page;

use crate::args::{Arguments, Man};
use crate::error::{CliError, Exit, Result};
use crate::output::Output;

pub(crate) fn run(args: &Man, output: Output) -> Result<Exit> {
    let command = Arguments::command();
    match &args.dir {
        Some(folder) => {
            std::fs::create_dir_all(folder).map_err(|error| CliError::file("create", folder, &error))?;
            let mut command = command.disable_help_subcommand(true);
            command.build();
            write_all(&command, folder)?;
        }
        None => output.bytes(render(&Page::new(command))?.as_bytes())?,
    }
    Ok(Exit::Success)
}

/// Writes the page of a command and those of the commands below it.
fn write_all(command: &Command, folder: &Path) -> Result<()> {
    for below in command.get_subcommands().filter(|below| !below.is_hide_set()) {
        write_all(below, folder)?;
    }
    let page = Page::new(command.clone());
    let file = folder.join(page.get_filename());
    std::fs::write(&file, render(&page)?).map_err(|error| CliError::file("write", &file, &error))
}

fn render(page: &Page) -> Result<String> {
    let mut rendered = Vec::new();
    page.render(&mut rendered)
        .map_err(|error| CliError::io("cannot make the manual page", &error))?;
    Ok(ascii(&String::from_utf8_lossy(&rendered)))
}

/// In the one encoding that every roff takes as it is: without an option, groff reads a page as Latin-1.
fn ascii(page: &str) -> String {
    let mut text = String::with_capacity(page.len());
    for character in page.chars() {
        match character.is_ascii() {
            true => text.push(character),
            false => text.push_str(&format!("\\[u{:04X}]", u32::from(character))),
        }
    }
    text
}
