//! The command line: what can be asked for. No option takes a secret, because every program on the machine can
//! read the arguments of every other.

mod access;
mod agent;
mod api;
mod audit;
mod auth;
mod backup;
mod config;
mod credential;
mod daily;
#[cfg(feature = "demo")]
mod demo;
mod files;
mod group;
mod help;
mod ids;
mod journal;
mod keys;
mod loome;
mod offboard;
mod onboard;
mod org;
mod repo;
mod setup;
mod site;
mod store;
mod user;
mod values;
mod vendor;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::output::Format;

pub(crate) use self::access::{AccessCommand, AccessReport};
pub(crate) use self::agent::{AgentArgs, AgentCommand, Lock, Unlock};
pub(crate) use self::api::{AcceptChoice, ApiCommand, ApiLoome, ApiMethod, ApiRequest};
pub(crate) use self::audit::Audit;
pub(crate) use self::auth::{AuthCommand, AuthLogin, GrantChoice};
pub(crate) use self::backup::{
    BackupCommand, BackupDiff, BackupList, BackupPlace, BackupPrune, BackupPush, BackupRestore, BackupSheet,
    BackupVerify,
};
pub(crate) use self::config::{ConfigCommand, ConfigSet, ConfigUnset};
use self::credential::command_line;
pub(crate) use self::credential::{CredentialCommand, CredentialDocker, CredentialGit, DockerOperation};
pub(crate) use self::daily::{Clipboard, Copy, Copying, Inject, Run, Totp};
#[cfg(feature = "demo")]
pub(crate) use self::demo::Demo;
pub(crate) use self::files::{FileCommand, FileDecrypt, FileEncrypt, FileInspect};
pub(crate) use self::group::{GroupCommand, GroupCreate, GroupMembers, GroupPrivileges, GroupUpdate};
pub(crate) use self::ids::{Consent, IdArg, Right, RightsChange, Sending, Which};
pub(crate) use self::journal::{JournalCommand, JournalList, JournalShow, JournalVerify};
pub(crate) use self::keys::{
    Activate, IdentityCommand, Init, KdfCost, KeyCommand, KeyDerive, KeyEncoding, KeyExport, KeyHandOver, KeyImport,
    KeyRotate, KeyringCommand, KeyringPull, NewEntry, PassphraseChange, PassphraseCommand,
};
pub(crate) use self::loome::{
    InProject, ProjectCommand, RepoCheckName, RepoCreate, RepoNetwork, RepoSas, RepositoryId, WorkstationCommand,
};
pub(crate) use self::offboard::{Offboard, OffboardCommand, OffboardStatus, ReportFile};
pub(crate) use self::onboard::Onboard;
pub(crate) use self::org::{OrgApply, OrgCommand, OrgExport, OrgPlan, OrgTable};
pub(crate) use self::repo::{RepoCommand, RepoDelete, RepoDownload, RepoLs, RepoRekey, RepoUpload, Repository};
pub(crate) use self::setup::Setup;
pub(crate) use self::site::{SiteCommand, SiteList, SitePrivileges, SiteTies};
pub(crate) use self::store::{List, Listing, Read, Search, Show, Status, Sync, Trust};
pub(crate) use self::user::{
    LIFETIME, UserActivate, UserCommand, UserDeactivate, UserDelete, UserFields, UserGroups, UserUpdate,
};
pub(crate) use self::values::{Decrypt, Destination, Encrypt, Inspect, LayoutChoice, RequireKey, Sealing, ValuePlace};
pub(crate) use self::vendor::{
    VendorAllow, VendorCommand, VendorConfirm, VendorDiscover, VendorExport, VendorForget, VendorImport, VendorShow,
};

/// Opens and seals LogMeOnce site credentials on this machine.
#[derive(Debug, Parser)]
#[command(name = "zkv", bin_name = "zkv", version, max_term_width = help::WIDTH, propagate_version = false, after_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// What this process was started with.
    pub(crate) fn of_process() -> Result<Self, clap::Error> {
        let mut command = help::grouped(Self::command());
        let matches = command.try_get_matches_from_mut(command_line(std::env::args_os()))?;
        Self::from_arg_matches(&matches).map_err(|error| error.format(&mut command))
    }
}

const AFTER_HELP: &str = "\
Examples:
  zkv decrypt sites.json --key-file vault.key
  zkv init && zkv key import vault.key --label company --default
  zkv encrypt sites.json -o sealed.json

Exit codes:
  0 done, 1 other failure, 2 wrong usage, 3 not found, 4 not logged in,
  5 input needed, 6 ambiguous, 7 forbidden, 8 network, 9 rate-limited,
  10 decryption or integrity failure, 11 partly failed, 12 changes planned,
  130 interrupted

Environment:
  ZKV_PASSPHRASE, ZKV_PASSPHRASE_FILE  the keyring's passphrase
  ZKV_NEW_PASSPHRASE(_FILE)            a new one, for zkv passphrase change
  ZKV_KEY_FILE                         a key file, if --key-file is not given
  ZKV_VENDOR_LAYOUTS                   a file of layouts for the vendor's values
  ZKV_SAS, ZKV_SAS_FILE                a repository's address with its token
  ZKV_LOGMEONCE_URL, ZKV_LOGMEONCE_KEY,
  ZKV_LOGMEONCE_SECRET(_FILE)          a LogMeOnce account, instead of a login
  ZKV_LOOME_URL, ZKV_LOOME_KEY,
  ZKV_LOOME_SECRET(_FILE)              the same for Loome Assist
  ZKV_LOOME_IDENTITY_URL               its host that gives tokens, if it has one
  ZKV_CONFIG_DIR, ZKV_PROFILE          where the keyring is
  ZKV_DATA_DIR                         where the local store is
  ZKV_AGENT                            off: do without the agent of zkv unlock
  ZKV_NO_INPUT                         never prompt
  ZKV_COLOUR, NO_COLOR, CLICOLOR_FORCE when to print in colours
  zkv config list shows the settings, and docs/environment.md all variables";

/// What every command takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Print one JSON document; errors become one JSON object on stderr
    #[arg(long, global = true, display_order = 100)]
    json: bool,
    /// Print lists as table, json, ndjson, csv, tsv or env; reports also as html or markdown
    #[arg(
        long,
        global = true,
        display_order = 100,
        value_enum,
        conflicts_with = "json",
        hide_possible_values = true
    )]
    format: Option<Format>,
    /// Print times as dates (ISO 8601) on a terminal too
    #[arg(long, global = true, display_order = 100)]
    pub(crate) iso: bool,
    /// Print results, warnings and errors only: no notes and no progress
    #[arg(short, long, global = true, display_order = 100)]
    pub(crate) quiet: bool,
    /// Never prompt: a missing secret ends the command with exit code 5
    #[arg(long, global = true, display_order = 100)]
    pub(crate) no_input: bool,
    /// Use the keyring of this profile, instead of ZKV_PROFILE or "default"
    #[arg(long, global = true, display_order = 100, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

impl Global {
    /// The form of what is printed, where one was asked for: `--json` is short for `--format json`.
    pub(crate) fn format(&self) -> Option<Format> {
        self.format.or(self.json.then_some(Format::Json))
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[cfg(feature = "demo")]
    Demo(Demo),
    Setup(Setup),
    Init(Init),
    Unlock(Unlock),
    Lock(Lock),
    Agent(AgentArgs),
    /// Manage the vault keys in the keyring
    #[command(subcommand)]
    Key(KeyCommand),
    /// Take in another copy of the keyring
    #[command(subcommand)]
    Keyring(KeyringCommand),
    /// Change the passphrase of the keyring
    #[command(subcommand)]
    Passphrase(PassphraseCommand),
    /// Show the key pair to which others encrypt keys for you
    #[command(subcommand)]
    Identity(IdentityCommand),
    Decrypt(Decrypt),
    Encrypt(Encrypt),
    Inspect(Inspect),
    /// The layouts of the vendor's own values
    #[command(subcommand)]
    Vendor(VendorCommand),
    Activate(Activate),
    Sync(Sync),
    Status(Status),
    List(List),
    Search(Search),
    Show(Show),
    Read(Read),
    Copy(Copy),
    Totp(Totp),
    Run(Run),
    Inject(Inject),
    /// Give logins to git and docker
    #[command(subcommand)]
    Credential(CredentialCommand),
    Trust(Trust),
    /// Log in to a service, and manage its tokens
    #[command(subcommand)]
    Auth(AuthCommand),
    /// Manage sites and their assignments
    #[command(subcommand)]
    Site(SiteCommand),
    /// Manage the users of the account
    #[command(subcommand)]
    User(UserCommand),
    /// Manage groups, their members and sites
    #[command(subcommand)]
    Group(GroupCommand),
    /// Manage the whole organisation as a file
    #[command(subcommand)]
    Org(OrgCommand),
    Onboard(Onboard),
    Offboard(Offboard),
    /// Show and check the record of changes made at LogMeOnce
    #[command(subcommand)]
    Journal(JournalCommand),
    /// See who can reach which site
    #[command(subcommand)]
    Access(AccessCommand),
    Audit(Audit),
    /// Send raw requests to a service's API
    #[command(subcommand)]
    Api(ApiCommand),
    Doctor(Doctor),
    /// Encrypt and decrypt files of any kind and size
    #[command(subcommand)]
    File(FileCommand),
    /// List the projects of Loome Assist
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Show the workstations of Loome Assist
    #[command(subcommand)]
    Workstation(WorkstationCommand),
    /// Manage data repositories of Loome Assist, and encrypted files in them
    #[command(subcommand)]
    Repo(RepoCommand),
    /// Back up and restore the local store and the keyring
    #[command(subcommand)]
    Backup(BackupCommand),
    Generate(Generate),
    /// Show and change the settings
    #[command(subcommand)]
    Config(ConfigCommand),
    Completions(Completions),
    Man(Man),
}

/// Print a shell's completion script
#[derive(Debug, Args)]
#[command(after_help = "\
In bash, zsh and fish, the Tab key completes commands, options and files. After
zkv unlock it also completes the names of sites, their fields, users and groups,
from the local store; while the keyring is locked it completes no names. It
never prompts and uses no network.

Examples:
  zkv completions bash > ~/.local/share/bash-completion/completions/zkv
  zkv completions zsh > ~/.zfunc/_zkv     # a folder of $fpath, before compinit
  zkv completions fish > ~/.config/fish/completions/zkv.fish")]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
    /// What the scripts ask: the words of a command line that is being typed
    #[arg(last = true, hide = true)]
    pub(crate) words: Vec<OsString>,
}

/// Print the manual page, or write the pages of all commands
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  zkv man | man -l -\n  zkv man --dir ~/.local/share/man/man1")]
pub(crate) struct Man {
    /// Write zkv.1 and a page for every command into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
}

/// Check the installation, the account and the connection to the service
#[derive(Debug, Args)]
#[command(after_help = "\
Changes nothing. Opens the keyring only for the accounts in it. With ZKV_SAS
or ZKV_SAS_FILE, also checks the storage and its token.

Examples:
  zkv doctor
  ZKV_SAS_FILE=link.sas zkv doctor --origin https://app.example")]
pub(crate) struct Doctor {
    /// Also check whether pages of this origin may use the storage (CORS)
    #[arg(long, value_name = "URL")]
    pub(crate) origin: Option<String>,
}

/// Generate a uniformly random password or passphrase
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  zkv generate
  zkv generate --length 32 --no-symbols --copy
  zkv generate --words 6")]
pub(crate) struct Generate {
    /// Characters in the password, 4 to 1024
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) length: usize,
    /// Leave out a to z
    #[arg(long)]
    pub(crate) no_lower: bool,
    /// Leave out A to Z
    #[arg(long)]
    pub(crate) no_upper: bool,
    /// Leave out 0 to 9
    #[arg(long)]
    pub(crate) no_digits: bool,
    /// Leave out punctuation
    #[arg(long)]
    pub(crate) no_symbols: bool,
    /// Leave out characters that are easily confused: I l 1 | O 0
    #[arg(long)]
    pub(crate) no_ambiguous: bool,
    #[command(flatten)]
    pub(crate) words: Words,
    #[command(flatten)]
    pub(crate) copying: Copying,
}

/// A passphrase instead of a password.
#[derive(Debug, Args)]
pub(crate) struct Words {
    /// Generate a passphrase of N words instead, 3 to 64
    #[arg(long, value_name = "N", conflicts_with_all = CHARACTER_RULES)]
    pub(crate) words: Option<usize>,
    /// The separator between the words
    #[arg(long, value_name = "CHAR", default_value_t = '-', requires = "words")]
    pub(crate) separator: char,
    /// Begin every word with a capital letter
    #[arg(long, requires = "words")]
    pub(crate) capitalise: bool,
    /// Add a digit to one of the words
    #[arg(long, requires = "words")]
    pub(crate) digit: bool,
}

const CHARACTER_RULES: [&str; 6] = [
    "length",
    "no_lower",
    "no_upper",
    "no_digits",
    "no_symbols",
    "no_ambiguous",
];
