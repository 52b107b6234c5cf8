//! One module for every command.

mod access;
mod activate;
pub(crate) mod agent;
mod api;
mod audit;
mod auth;
mod backup;
mod bulk;
mod completions;
mod config;
mod consent;
mod copies;
mod copy;
mod credential;
mod decrypt;
#[cfg(feature = "demo")]
mod demo;
mod doctor;
mod encrypt;
mod file;
mod generate;
mod group;
mod identity;
mod ids;
mod init;
mod inject;
mod inspect;
mod journal;
mod key;
mod keyring;
mod list;
mod lists;
mod loome;
mod man;
mod names;
mod offboard;
mod onboard;
mod org;
mod outcomes;
mod passphrase;
mod project;
mod read;
mod repo;
mod report;
mod request;
mod rights;
mod run;
mod set_aside;
mod setup;
mod show;
mod site;
mod status;
mod sync;
mod ties;
mod totp;
mod trust;
mod used;
mod user;
mod vendor;
mod workstation;

use zkvault::config::Setting;

use crate::args::{Arguments, Command};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::Output;
use crate::profile::Profile;
use crate::settings;

/// Does what was asked for.
pub(crate) fn run(arguments: &Arguments, output: Output) -> Result<Exit> {
    settings_of(&arguments.command, arguments.global.profile.as_deref())?;
    let output = output.with_iso(settings::switch(Setting::Iso));
    let context = Context::new(&arguments.global, output);
    if output.document().is_some() && !is_report(&arguments.command) {
        return Err(CliError::usage("only a report is printed as html or markdown")
            .hint("zkv access report and zkv audit make reports"));
    }
    dispatch(&arguments.command, &context)
}

/// Runs one command, which may be a step of another.
fn dispatch(command: &Command, context: &Context<'_>) -> Result<Exit> {
    match command {
        #[cfg(feature = "demo")]
        Command::Demo(args) => demo::run(args, context),
        Command::Setup(args) => setup::run(args, context),
        Command::Unlock(args) => agent::unlock(args, context),
        Command::Lock(_) => agent::lock(context),
        Command::Agent(args) => agent::run(args, context),
        Command::Init(args) => init::run(args, context),
        Command::Key(command) => key::run(command, context),
        Command::Keyring(command) => keyring::run(command, context),
        Command::Passphrase(command) => passphrase::run(command, context),
        Command::Identity(command) => identity::run(command, context),
        Command::Decrypt(args) => decrypt::run(args, context),
        Command::Encrypt(args) => encrypt::run(args, context),
        Command::Inspect(args) => inspect::run(args, context),
        Command::Vendor(command) => vendor::run(command, context),
        Command::Activate(args) => activate::run(args, context),
        Command::Sync(args) => sync::run(args, context),
        Command::Status(args) => status::run(args, context),
        Command::List(args) => list::run(args, context),
        Command::Search(args) => list::search(args, context),
        Command::Show(args) => show::run(args, context),
        Command::Read(args) => read::run(args, context),
        Command::Copy(args) => copy::run(args, context),
        Command::Totp(args) => totp::run(args, context),
        Command::Run(args) => run::run(args, context),
        Command::Inject(args) => inject::run(args, context),
        Command::Credential(command) => credential::run(command, context),
        Command::Trust(args) => trust::run(args, context),
        Command::Auth(command) => auth::run(command, context),
        Command::Site(command) => site::run(command, context),
        Command::User(command) => user::run(command, context),
        Command::Group(command) => group::run(command, context),
        Command::Org(command) => org::run(command, context),
        Command::Onboard(args) => onboard::run(args, context),
        Command::Offboard(args) => offboard::run(args, context),
        Command::Journal(command) => journal::run(command, context),
        Command::Access(command) => access::run(command, context),
        Command::Audit(args) => audit::run(args, context),
        Command::Api(command) => api::run(command, context),
        Command::Doctor(args) => doctor::run(args, context),
        Command::File(command) => file::run(command, context),
        Command::Project(command) => project::run(command, context),
        Command::Workstation(command) => workstation::run(command, context),
        Command::Repo(command) => repo::run(command, context),
        Command::Backup(command) => backup::run(command, context),
        Command::Generate(args) => generate::run(args, context),
        Command::Config(command) => config::run(command, context),
        Command::Completions(args) => completions::run(args, context.output),
        Command::Man(args) => man::run(args, context.output),
    }
}

/// Whether a command makes a report.
fn is_report(command: &Command) -> bool {
    matches!(command, Command::Access(_) | Command::Audit(_))
}

/// Reads the settings. What repairs them, what locks, and what a shell or a session runs at its start, continues without
/// them.
fn settings_of(command: &Command, profile: Option<&str>) -> Result<()> {
    match Profile::load_settings(profile) {
        Err(_) if does_without_settings(command) => Ok(()),
        loaded => loaded,
    }
}

fn does_without_settings(command: &Command) -> bool {
    use Command::{Agent, Completions, Config, Lock, Man};
    matches!(command, Config(_) | Completions(_) | Man(_) | Lock(_) | Agent(_))
}
