//! Arguments of `zkv api`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::ids::Consent;
use super::values::Destination;

#[derive(Debug, Subcommand)]
pub(crate) enum ApiCommand {
    Logmeonce(ApiRequest),
    Loome(ApiLoome),
}

/// Send a request to the Loome Assist API and print the response
#[derive(Debug, Args)]
#[command(after_help = "\
The body comes from a file, so that no secret is an argument. A response with a
link to a storage can only be written to a file: zkv repo sas requests one.

Examples:
  zkv api loome GET /api/v1/Projects --query email=mara@company.example
  zkv api loome POST /api/v1/Projects/12/DataRepositories --data new.json")]
pub(crate) struct ApiLoome {
    /// GET, POST, PUT or DELETE
    #[arg(value_name = "METHOD", ignore_case = true, value_enum)]
    pub(crate) method: ApiMethod,
    /// The whole path, such as /api/v1/Projects/12/Workstations
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// A parameter of the address; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) query: Vec<(String, String)>,
    /// A file with the JSON body; `-` is stdin
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,
    /// Print the request and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

/// Send a request to the LogMeOnce REST API and print the response
#[derive(Debug, Args)]
#[command(after_help = "\
The response is printed as it is, even if it is an error; the exit code says
which. A body comes from a file, so that no secret is an argument.

Examples:
  zkv api logmeonce GET /sites --query search=google
  zkv api logmeonce GET /users/1917 --accept xml
  echo '{\"add\": [1918]}' | zkv api logmeonce POST /groups/5717/users --data -
  zkv api logmeonce POST /groups/5717/users --field 'add[]=1918'")]
pub(crate) struct ApiRequest {
    /// GET, POST, PUT or DELETE
    #[arg(value_name = "METHOD", ignore_case = true, value_enum)]
    pub(crate) method: ApiMethod,
    /// The path below /rest, such as /users/1917
    #[arg(value_name = "PATH")]
    pub(crate) path: String,
    /// A parameter of the address; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) query: Vec<(String, String)>,
    /// A parameter of a form-encoded body; repeatable
    #[arg(long = "field", value_name = "NAME=VALUE", value_parser = pair, conflicts_with = "data")]
    pub(crate) fields: Vec<(String, String)>,
    /// A file with the JSON body; `-` is stdin
    #[arg(long, value_name = "PATH")]
    pub(crate) data: Option<PathBuf>,
    /// The format of the response
    #[arg(long, value_enum, default_value_t = AcceptChoice::Json)]
    pub(crate) accept: AcceptChoice,
    /// Print the request and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) consent: Consent,
    #[command(flatten)]
    pub(crate) destination: Destination,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ApiMethod {
    Get,
    Post,
    Put,
    Delete,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AcceptChoice {
    Json,
    Xml,
}

fn pair(text: &str) -> Result<(String, String), &'static str> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err("a parameter is written NAME=VALUE"),
    }
}
