//! Arguments of the commands that use secrets without printing them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::Args;
use zkvault::config::CLEAR_AFTER;

use super::values::{Destination, KeyFiles};
use crate::error::{CliError, Result};

/// Copy one value of a site to the clipboard
#[derive(Debug, Args)]
#[command(after_help = "\
The clipboard is cleared after 45 seconds, unless something else was copied in
the meantime. Clipboard histories are asked to leave the value out; on Linux it
is up to the history whether it complies. Values of sites that changed and were
not accepted are refused.

Where there is no display, such as over SSH, --osc52 sends the value to the
terminal, which may put it on the clipboard of the machine in front of you. zkv
cannot clear that clipboard.

Examples:
  zkv copy github
  zkv copy github username
  zkv copy zkv://GitHub/otp --clear-after 10")]
pub(crate) struct Copy {
    /// The site: a name or a part of one, an id, a host, or an address; or zkv://SITE/FIELD
    #[arg(value_name = "SITE")]
    pub(crate) site: String,
    /// The field, as zkv show names it; the password if missing
    #[arg(value_name = "FIELD")]
    pub(crate) field: Option<String>,
    #[command(flatten)]
    pub(crate) clipboard: Clipboard,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Which clipboard, and for how long.
#[derive(Debug, Args)]
pub(crate) struct Clipboard {
    /// Seconds after which the clipboard is cleared, 1 to 3600; 45 if neither this nor the setting clear-after is given
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(CLEAR_AFTER))]
    pub(crate) clear_after: Option<u64>,
    /// Use the clipboard of the terminal (OSC 52), as over SSH; zkv cannot clear it
    #[arg(long, conflicts_with = "clear_after")]
    pub(crate) osc52: bool,
}

/// For what is printed unless it is copied.
#[derive(Debug, Args)]
pub(crate) struct Copying {
    /// Copy it to the clipboard instead of printing it
    #[arg(long, short)]
    copy: bool,
    #[command(flatten)]
    clipboard: Clipboard,
}

impl Copying {
    /// The clipboard to copy to, if that was asked for.
    pub(crate) fn wanted(&self) -> Result<Option<&Clipboard>> {
        match self.copy || self.clipboard.osc52 {
            true => Ok(Some(&self.clipboard)),
            false if self.clipboard.clear_after.is_some() => {
                Err(CliError::usage("--clear-after is for --copy, which was not given"))
            }
            false => Ok(None),
        }
    }
}

/// Print the one-time code of a site
#[derive(Debug, Args)]
#[command(after_help = "\
The seed is the value of an input that is called totp, otp or 2fa, or of any
other that holds an otpauth:// address. FIELD names a different one, and
--remember keeps it for the site: in the local store of this device, sealed.
Seeds are base32, otpauth://totp/… (SHA-1, SHA-256 or SHA-512, 6 to 8 digits) or
steam://….

Examples:
  zkv totp github
  zkv totp github --copy
  zkv totp github --next
  zkv totp 1749398 'input 3' --remember")]
pub(crate) struct Totp {
    /// The site: a name or a part of one, an id, a host, or an address
    #[arg(value_name = "SITE")]
    pub(crate) site: String,
    /// The field with the seed, as zkv show names it
    #[arg(value_name = "FIELD")]
    pub(crate) field: Option<String>,
    /// Use FIELD for this site from now on, on this device
    #[arg(long, requires = "field")]
    pub(crate) remember: bool,
    /// Forget the field of this site, which --remember kept; prints no code
    #[arg(long, conflicts_with_all = ["field", "remember", "next", "copy", "osc52", "clear_after"])]
    pub(crate) forget: bool,
    /// The code after the present one
    #[arg(long)]
    pub(crate) next: bool,
    #[command(flatten)]
    pub(crate) copying: Copying,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}

/// Run a program with values in its environment
#[derive(Debug, Args)]
#[command(after_help = "\
A variable of the environment whose value is a reference, zkv://SITE/FIELD, is
given the value that it refers to. ZKV_ variables that may hold a secret are
left out. Values of sites that changed and were not accepted are refused.

A program at a terminal has it to itself: editors, pagers and prompts work as
without zkv. Where its output is not a terminal, the values in it are replaced
by ********, also when they are only printed back. Values under four characters,
and other spellings of a value, such as base64, are not found.

The exit code is the program's: 126 if it cannot be run, 127 if there is none,
125 if zkv failed before.

Examples:
  zkv run --env PGPASSWORD=zkv://db/password -- psql -h db.example -U app
  zkv run --env-file app.env -- ./deploy
  DB_URL=zkv://db/url zkv run -- printenv DB_URL")]
pub(crate) struct Run {
    /// Give this variable a value or text; repeatable
    #[arg(long, value_name = "NAME=REFERENCE")]
    pub(crate) env: Vec<String>,
    /// A file of NAME=VALUE lines, of which some are references; repeatable, - is stdin
    #[arg(long, value_name = "FILE")]
    pub(crate) env_file: Vec<PathBuf>,
    /// Leave the program's output as it is
    #[arg(long)]
    pub(crate) no_masking: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
    /// The program and its arguments
    #[arg(value_name = "COMMAND", required = true, last = true)]
    pub(crate) command: Vec<OsString>,
}

/// Replace the references in a file by their values
#[derive(Debug, Args)]
#[command(after_help = "\
In the template, {{ zkv://SITE/FIELD }} stands for a value. Other text in double
braces stays as it is. Values are put in as they are: what needs quotation marks
or escapes in the file's language needs them in the template.

Nothing is written unless every reference has a value. Values of sites that
changed and were not accepted are refused. zkv names the values that a template
asks for: read the template of a stranger before you fill it in.

Examples:
  zkv inject -i app.tmpl -o app.conf
  zkv inject -i app.tmpl --check
  echo 'token={{ zkv://ci/password }}' | zkv inject")]
pub(crate) struct Inject {
    /// The template; stdin if missing or `-`
    #[arg(short, long, value_name = "FILE")]
    pub(crate) input: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) destination: Destination,
    /// Only look whether every reference has a value
    #[arg(long, conflicts_with_all = ["output", "force"])]
    pub(crate) check: bool,
    #[command(flatten)]
    pub(crate) keys: KeyFiles,
}
