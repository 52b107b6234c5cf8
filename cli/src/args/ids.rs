//! What the commands share that change something at a service.

use std::str::FromStr;

use clap::{Args, ValueEnum};

/// A site, user or group on the command line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Which {
    /// By its id.
    Id(u64),
    /// By a name, an e-mail address, a host or an address.
    Name(String),
}

impl FromStr for Which {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match (text.parse(), text.trim()) {
            (Ok(id), _) => Ok(Self::Id(id)),
            (_, "") => Err("an id or a name is needed"),
            (_, name) => Ok(Self::Name(name.to_owned())),
        }
    }
}

/// One on the command line, or `-` for those on stdin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum IdArg {
    /// One that is named.
    One(Which),
    /// An id at the beginning of each line of stdin.
    Stdin,
}

impl FromStr for IdArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, &'static str> {
        match text {
            "-" => Ok(Self::Stdin),
            _ => text.parse().map(Self::One),
        }
    }
}

/// How a request is sent.
#[derive(Debug, Args)]
pub(crate) struct Sending {
    /// Print the requests and send none
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Send form-encoded requests instead of JSON
    #[arg(long)]
    pub(crate) form: bool,
}

/// For what cannot be undone, or changes what others may do.
#[derive(Debug, Args)]
pub(crate) struct Consent {
    /// Do not ask for confirmation
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// What may be permitted: the first three for a site, the others in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Right {
    /// See a site's credentials, notes and files
    Read,
    /// Modify the site
    Update,
    /// Delete the site
    Delete,
    /// Create sites in the group
    Create,
    /// Assign sites and users to the group
    Assign,
}

/// Permissions to grant and to revoke. With neither, the permissions are shown.
#[derive(Debug, Args)]
pub(crate) struct RightsChange {
    /// Grant these permissions; comma-separated or repeated
    #[arg(
        long,
        value_name = "RIGHT",
        value_enum,
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) allow: Vec<Right>,
    /// Revoke these permissions
    #[arg(
        long,
        value_name = "RIGHT",
        value_enum,
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) deny: Vec<Right>,
}
