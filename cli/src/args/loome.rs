//! Arguments of the commands of Loome Assist: projects, workstations, and what `zkv repo` asks its API.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};
use zkvault::containers::DataRepository;
use zkvault_client::loome::{LoomeId, SasExpiry};

use super::values::Destination;

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    List(ProjectList),
}

/// List the projects that a user is a member of
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkv project list --email mara@company.example
  zkv project list --email mara@company.example --json | jq -r '.[].id'")]
pub(crate) struct ProjectList {
    /// The user's email address
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) email: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkstationCommand {
    /// List the workstations of a project
    #[command(after_help = "Example:\n  zkv workstation list --project 12")]
    List(InProject),
    Network(WorkstationNetwork),
}

/// The project.
#[derive(Debug, Args)]
pub(crate) struct InProject {
    /// The project's id
    #[arg(long, value_name = "ID")]
    pub(crate) project: LoomeId,
}

/// A data repository, as `--repo` and `ZKV_REPO` name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RepositoryId {
    pub(crate) project: LoomeId,
    pub(crate) repository: LoomeId,
}

impl RepositoryId {
    /// The repository, of an account.
    pub(crate) fn of<'a>(&'a self, account: &'a str) -> DataRepository<'a> {
        DataRepository {
            account,
            project: &self.project,
            repository: &self.repository,
        }
    }
}

impl FromStr for RepositoryId {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ids = text.split_once('/');
        let ids = ids.and_then(|(project, repository)| Some((project.parse().ok()?, repository.parse().ok()?)));
        let (project, repository) = ids.ok_or("it is PROJECT/REPOSITORY, two ids as zkv repo list shows them")?;
        Ok(Self { project, repository })
    }
}

/// Show the network address of a workstation
#[derive(Debug, Args)]
#[command(after_help = "\
Example:
  zkv workstation network 6f1c2a7e-0d7b-4a52-9d0e-3d6c1b1f8a11 --project 12")]
pub(crate) struct WorkstationNetwork {
    /// The workstation's id
    #[arg(value_name = "WORKSTATION")]
    pub(crate) workstation: LoomeId,
    #[command(flatten)]
    pub(crate) place: InProject,
}

/// Show the network address of a data repository
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  zkv repo network 340 --project 12")]
pub(crate) struct RepoNetwork {
    /// The data repository's id
    #[arg(value_name = "REPOSITORY")]
    pub(crate) repository: LoomeId,
    #[command(flatten)]
    pub(crate) place: InProject,
}

/// Create a data repository in a project
#[derive(Debug, Args)]
#[command(after_help = "\
The name becomes the name of a storage account: 3 to 24 lower-case letters and
digits, unique in all of Azure.

Examples:
  zkv repo create hullruns2027 --project 12 --description 'Results of 2027'
  zkv repo create hullruns2027 --project 12 --dry-run")]
pub(crate) struct RepoCreate {
    /// The name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) place: InProject,
    /// The description
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// A file with a JSON object of more details, if your instance needs them; `-` is stdin
    #[arg(long, value_name = "PATH")]
    pub(crate) details: Option<PathBuf>,
    /// Print the request and send nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// Check whether a name is available for a data repository
#[derive(Debug, Args)]
#[command(after_help = "\
The exit code is 0 if the name is available, and 1 if it is not.

Example:
  zkv repo check-name hullruns2027 && zkv repo create hullruns2027 --project 12")]
pub(crate) struct RepoCheckName {
    /// The name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// Request a link to a data repository that works for a limited time
#[derive(Debug, Args)]
#[command(after_help = "\
The link opens the storage without a login: anyone who has it has the data.
zkv prints it only with --reveal. Prefer a file, which ZKV_SAS_FILE then names
for zkv repo upload, ls, download and delete.

Examples:
  zkv repo sas 340 --project 12 --expires 2030/01/02 -o read.sas
  zkv repo sas 340 --project 12 --full-access -o write.sas")]
pub(crate) struct RepoSas {
    /// The data repository's id
    #[arg(value_name = "REPOSITORY")]
    pub(crate) repository: LoomeId,
    #[command(flatten)]
    pub(crate) place: InProject,
    /// Accept the container that the service names now, where it named a different one before
    #[arg(long)]
    pub(crate) accept_container: bool,
    /// The day at whose beginning (UTC) the link expires, as 2030/01/02, or a time such as
    /// 2030-01-02T15:00:00Z if the instance accepts one; the first day that leaves 24 hours if missing
    #[arg(long, value_name = "WHEN")]
    pub(crate) expires: Option<SasExpiry>,
    /// Permit writing and deleting too, not only reading
    #[arg(long)]
    pub(crate) full_access: bool,
    /// Print the link
    #[arg(long, conflicts_with = "output")]
    pub(crate) reveal: bool,
    #[command(flatten)]
    pub(crate) destination: Destination,
}
