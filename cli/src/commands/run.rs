//! `zkv run`.

use std::ffi::{OsStr, OsString};
use std::io::{self, IsTerminal as _};
use std::path::Path;
use std::process::Command;

use zkvault::core::reference::Reference;
use zkvault::core::text;
use zkvault::core::trust::Use;
use zkvault::delivery::{Given, Masker, env_file};
use zkvault_core::SecretBuffer;

use super::used::Values;
use crate::args::Run;
use crate::child::{self, Streams};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::input::Input;
use crate::vault;

/// The longest file of variables, in bytes: 1 MiB. Systems give a program no more.
const MAX_ENV_FILE: usize = 1 << 20;

/// What our own environment may hold that is no secret: all else that begins with `ZKV_` is left out.
const HARMLESS: [&str; 7] = [
    "ZKV_PROFILE",
    "ZKV_CONFIG_DIR",
    "ZKV_DATA_DIR",
    "ZKV_NO_INPUT",
    "ZKV_LOGMEONCE_URL",
    "ZKV_LOOME_URL",
    "ZKV_VENDOR_LAYOUTS",
];

pub(crate) fn run(args: &Run, context: &Context<'_>) -> Result<Exit> {
    let (mut command, values) = prepare(args, context).map_err(|error| CliError {
        exit: Exit::NotRun,
        ..error
    })?;
    let masked = |terminal: bool| !args.no_masking && !terminal && values.texts().next().is_some();
    let streams = Streams {
        stdout: masked(io::stdout().is_terminal()).then(|| Masker::new(values.texts())),
        stderr: masked(io::stderr().is_terminal()).then(|| Masker::new(values.texts())),
    };
    drop(values);
    child::run(&mut command, streams)
}

/// The program with its environment, and the values in that.
fn prepare(args: &Run, context: &Context<'_>) -> Result<(Command, Values)> {
    let (program, arguments) = args
        .command
        .split_first()
        .ok_or_else(|| CliError::usage("no command was given"))?;
    let variables = variables(args)?;
    let mut references = variables.iter().filter_map(|(_, given)| as_reference(given)).peekable();
    let values = match references.peek() {
        None => Values::default(),
        Some(_) => {
            let vault = vault::open(&args.keys.paths, context)?;
            Values::open(&vault, references, Use::Run, context)?
        }
    };
    let mut command = Command::new(program);
    command.args(arguments);
    std::env::vars_os()
        .map(|(name, _)| name)
        .filter(|name| is_secret(name))
        .for_each(|name| {
            command.env_remove(name);
        });
    for (name, given) in &variables {
        let text = match given {
            Given::Text(text) => text,
            Given::Reference(reference) => values.get(reference)?,
        };
        if text.expose_secret().contains('\0') {
            return Err(CliError::usage(format!(
                "the value of {} has a NUL character",
                name.display()
            )));
        }
        command.env(name, text.expose_secret());
    }
    Ok((command, values))
}

fn as_reference(given: &Given) -> Option<&Reference> {
    match given {
        Given::Reference(reference) => Some(reference),
        Given::Text(_) => None,
    }
}

fn is_secret(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with("ZKV_") && !HARMLESS.contains(&name.as_ref())
}

/// What is set, from the least to the most particular: references of the environment, files, options.
fn variables(args: &Run) -> Result<Vec<(OsString, Given)>> {
    let mut variables = Vec::new();
    for (name, value) in std::env::vars_os() {
        let value = value.to_str().filter(|value| value.starts_with("zkv://"));
        if let Some(value) = value.filter(|_| !is_secret(&name)) {
            let given = Given::new(value).map_err(|error| not_read(&name.to_string_lossy(), error))?;
            variables.push((name, given));
        }
    }
    for path in &args.env_file {
        variables.extend(read_file(path)?);
    }
    for assignment in &args.env {
        let (name, value) = assignment
            .split_once('=')
            .filter(|(name, _)| !name.is_empty())
            .ok_or_else(|| CliError::usage("--env takes NAME=zkv://SITE/FIELD"))?;
        let given = Given::new(value).map_err(|error| not_read(name, error))?;
        variables.push((name.into(), given));
    }
    Ok(variables)
}

fn read_file(path: &Path) -> Result<Vec<(OsString, Given)>> {
    let mut input = Input::open(Some(path))?;
    let bytes = input.read_all(MAX_ENV_FILE)?;
    let mut buffer = SecretBuffer::new();
    let text = text::decode(bytes.expose_secret(), &mut buffer).map_err(|error| input.refused(error))?;
    let variables = env_file(text).map_err(|error| input.refused(error))?;
    Ok(variables
        .into_iter()
        .map(|(name, given)| (name.into(), given))
        .collect())
}

fn not_read(name: &str, error: zkvault::core::reference::ReferenceError) -> CliError {
    let error = CliError::from(error);
    CliError {
        message: format!("{name}: {}", error.message),
        ..error
    }
}
