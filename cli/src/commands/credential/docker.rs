//! `zkv credential docker`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use etcetera::BaseStrategy as _;
use zkvault::delivery::docker::{Credentials, NOT_FOUND, origin, registries};
use zkvault::vault::{Login, WantedLogin};
use zkvault_core::text::trimmed;

use crate::args::{CredentialDocker, DockerOperation};
use crate::context::Context;
use crate::environment;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::vault::{self, Vault};

/// As docker's configuration calls this program, without `docker-credential-`.
const HELPER: &str = "zkv";
/// What is given as the secret.
const PASSWORD: &str = "password";

/// Does what docker asks. Docker shows standard output where that fails.
pub(super) fn run(args: &CredentialDocker, context: &Context<'_>) -> Result<Exit> {
    operate(args, context).inspect_err(|error| {
        // Where that cannot be written, standard error still says it.
        let _ = context.output.line(&escaped(&error.message));
    })
}

fn operate(args: &CredentialDocker, context: &Context<'_>) -> Result<Exit> {
    match args.operation {
        DockerOperation::Get => get(args, context),
        DockerOperation::List => list(args, context),
        DockerOperation::Store => store(args, context),
        DockerOperation::Erase => {
            let server = super::request()?;
            let line = format!(
                "nothing was erased: the login of {} stays in the vault",
                trimmed(&server)
            );
            context.output.note(&escaped(&line));
            Ok(Exit::Success)
        }
    }
}

fn get(args: &CredentialDocker, context: &Context<'_>) -> Result<Exit> {
    let server = super::request()?;
    let server = trimmed(&server);
    let vault = vault::open(&args.keys.paths, context)?;
    let login = login_of(server, None, &vault, context)?.ok_or_else(not_found)?;
    let username = login.username.unwrap_or_else(|| String::new().into());
    let credentials = Credentials::new(server.to_owned(), username, login.password.text);
    context.output.json(&credentials)?;
    Ok(Exit::Success)
}

fn login_of(server: &str, username: Option<&str>, vault: &Vault, context: &Context<'_>) -> Result<Option<Login>> {
    let Some(origin) = origin(server) else {
        return Ok(None);
    };
    let wanted = WantedLogin {
        origin: &origin,
        username,
        field: PASSWORD,
    };
    super::login(vault, wanted, context)
}

/// In docker's own words, by which it knows that it has to go without.
fn not_found() -> CliError {
    CliError::new(Exit::Other, "not-found", NOT_FOUND)
}

/// The user names for the registries of docker's own configuration. A registry whose login cannot be used is left out.
fn list(args: &CredentialDocker, context: &Context<'_>) -> Result<Exit> {
    let mut users = BTreeMap::new();
    let path = docker_config()?;
    let config = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        read => read.map_err(|error| CliError::file("read", &path, &error))?,
    };
    let named = registries(&config, HELPER).unwrap_or_default();
    if !named.is_empty() {
        let vault = vault::open(&args.keys.paths, context)?;
        for server in named {
            match login_of(&server, None, &vault, context) {
                Ok(Some(login)) => {
                    let user = login.username.map(|user| user.expose_secret().to_owned());
                    users.insert(server, user.unwrap_or_default());
                }
                Ok(None) => {}
                Err(error) => context
                    .output
                    .warning(&escaped(&format!("{server}: {}", error.message))),
            }
        }
    }
    context.output.json(&users)?;
    Ok(Exit::Success)
}

fn docker_config() -> Result<PathBuf> {
    let folder = environment::path("DOCKER_CONFIG").map_or_else(
        || etcetera::choose_base_strategy().map(|base| base.home_dir().join(".docker")),
        Ok,
    );
    let folder =
        folder.map_err(|error| CliError::new(Exit::NotFound, "not-found", "there is no home folder").cause(error))?;
    Ok(folder.join("config.json"))
}

/// Succeeds where there is nothing to store: what `docker login` got from the vault, it stores there again.
fn store(args: &CredentialDocker, context: &Context<'_>) -> Result<Exit> {
    let request = super::request()?;
    let given: Credentials =
        serde_json::from_str(&request).map_err(|_| CliError::usage("docker's request is not a login"))?;
    let vault = vault::open(&args.keys.paths, context)?;
    let login = login_of(&given.server, Some(given.username.expose_secret()), &vault, context)?;
    match login {
        Some(login) if login.password.text == given.secret => Ok(Exit::Success),
        _ => Err(CliError::new(
            Exit::Other,
            "not-stored",
            format!(
                "zkv changes no site: add or change the login of {} at LogMeOnce, then run zkv sync",
                given.server
            ),
        )),
    }
}
