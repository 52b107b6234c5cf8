//! `zkv demo`.

mod services;
mod stage;
mod tour;

use zkvault_simulator::Tenant;

use self::stage::Stage;
use crate::args::Demo;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};

pub(crate) fn run(args: &Demo, context: &Context<'_>) -> Result<Exit> {
    if context.output.is_json() {
        return Err(CliError::usage("the demo has no JSON form")
            .cause("it is a tour for people; the commands that it shows take --json"));
    }
    let stage = Stage::set(args.port)?;
    match args.serve {
        true => {
            stage.service().conditions().set_quirks(&args.quirks);
            serve(&stage, context)
        }
        false => tour::give(&stage, context, pauses(args, context)),
    }
}

/// A person reads a chapter at a time. What goes into a pipe or a file comes at once.
fn pauses(args: &Demo, context: &Context<'_>) -> bool {
    !args.no_pause && context.output.is_terminal() && context.prompt.is_allowed()
}

/// Prints the settings as a shell reads them, and waits for Ctrl-C, which removes the stage.
fn serve(stage: &Stage, context: &Context<'_>) -> Result<Exit> {
    let mut lines: Vec<String> = stage.settings()?;
    let (shell, and, file) = match cfg!(windows) {
        true => ("PowerShell", ";", "$env:ZKV_SAS_FILE"),
        false => ("a shell", " &&", "\"$ZKV_SAS_FILE\""),
    };
    lines.push(format!("# paste this into {shell}, then try: zkv sync{and} zkv list"));
    lines.push(format!(
        "# or storage: zkv repo sas {} --project {} --full-access -o {file}{and} zkv backup push",
        Tenant::DEMO_BACKUPS,
        Tenant::DEMO_PROJECT
    ));
    lines.push(format!(
        "# a login page to fill, for the browser extension: {}",
        stage.login_page()?
    ));
    lines.push(format!(
        "# the extension takes the keyring with the passphrase above: {}",
        stage.keyring().display()
    ));
    lines.push("# Ctrl-C stops the services and removes the folder".to_owned());
    // In one write: anyone who reads the settings may go away once it has them.
    context.output.bytes(format!("{}\n", lines.join("\n")).as_bytes())?;
    loop {
        std::thread::park();
    }
}
