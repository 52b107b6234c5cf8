//! Arguments of `zkv credential`.

use std::ffi::OsString;
use std::path::Path;

use clap::{Args, Subcommand, ValueEnum};

use super::values::KeyFiles;

#[derive(Debug, Subcommand)]
pub(crate) enum CredentialCommand {
    Git(CredentialGit),
    Docker(CredentialDocker),
}

/// Answer git as a credential helper
#[derive(Debug, Args)]
#[command(after_help = "\
git gets the login of the site whose login page has the origin of the
repository: the same host and port, over https. Other protocols, other
operations than get, and hosts without a site get no response, and git asks you.
A site that changed and was not accepted is refused, and standard error says so.

Where several logins have this origin, name the user in the repository's
address. A site whose token for git is in a field of its own needs --field.

Examples:
  git config --global credential.helper '!zkv credential git'
  git config --global credential.https://git.example.com.helper \\
    '!zkv credential git --field token'
A link to zkv that is called git-credential-zkv is the helper `zkv`.")]
pub(crate) struct CredentialGit {
    /// The field that git gets as the password
    #[arg(long, value_name = "FIELD", default_value = "password")]
    pub(crate) field: String,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// What git asks for: get, store or erase
    #[arg(value_name = "OPERATION")]
    pub(crate) operation: String,
}

/// Answer docker as a credential helper
#[derive(Debug, Args)]
#[command(after_help = "\
Docker calls a program docker-credential-NAME. Make a link to zkv of that name
in a folder of PATH, and name it for a registry in docker's config.json:

  ln -s \"$(command -v zkv)\" ~/.local/bin/docker-credential-zkv
  {\"credHelpers\": {\"ghcr.io\": \"zkv\"}}

Docker gets the login of the site whose login page has the registry's origin,
over https. list names only registries that docker's config.json names, because
docker then asks for the password of each. store succeeds if the vault has this
very login, and erase erases nothing: zkv changes no sites.")]
pub(crate) struct CredentialDocker {
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// What docker asks for
    #[arg(value_name = "OPERATION", value_enum)]
    pub(crate) operation: DockerOperation,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum DockerOperation {
    /// Print the login of the registry on stdin
    Get,
    /// Print the user names of registries
    List,
    /// Check that the vault has the login on stdin
    Store,
    /// Do nothing
    Erase,
}

/// The command line of this program, also where a link to it is called as git and docker call their helpers.
pub(super) fn command_line(mut given: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let Some(program) = given.next() else {
        return Vec::new();
    };
    let helper = match Path::new(&program).file_stem().and_then(|name| name.to_str()) {
        Some("git-credential-zkv") => "git",
        Some("docker-credential-zkv") => "docker",
        _ => return std::iter::once(program).chain(given).collect(),
    };
    ["zkv", "credential", helper]
        .into_iter()
        .map(OsString::from)
        .chain(given)
        .collect()
}
