//! Arguments of `zkv user`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, Subcommand};

use super::ids::{Consent, IdArg, Sending, Which};
use super::values::Destination;

#[derive(Debug, Subcommand)]
pub(crate) enum UserCommand {
    /// List the users of the account
    #[command(after_help = "Examples:\n  zkv user list\n  zkv user list --json | jq '.[] | select(.active | not)'")]
    List,
    /// Show a user
    #[command(after_help = "Example:\n  zkv user get 1917")]
    Get {
        /// The user: an id, an e-mail address, a user name or a full name
        #[arg(value_name = "USER")]
        user: Which,
    },
    Update(Box<UserUpdate>),
    Delete(UserDelete),
    Activate(Box<UserActivate>),
    Deactivate(UserDeactivate),
    /// List the sites that are assigned to a user
    #[command(after_help = "Example:\n  zkv user sites 1917")]
    Sites {
        /// The user: an id, an e-mail address, a user name or a full name
        #[arg(value_name = "USER")]
        user: Which,
    },
    /// List the groups that a user is in
    #[command(after_help = "Example:\n  zkv user groups 1917")]
    Groups {
        /// The user: an id, an e-mail address, a user name or a full name
        #[arg(value_name = "USER")]
        user: Which,
    },
    /// Let a user join groups
    #[command(after_help = "Example:\n  zkv user join 1921 5717 5719")]
    Join(UserGroups),
    /// Let a user leave groups
    #[command(after_help = "Example:\n  zkv user leave 1921 5719")]
    Leave(UserGroups),
}

/// Users that the command applies to.
#[derive(Debug, Args)]
pub(crate) struct Users {
    /// The users: ids, e-mail addresses, user names or full names; `-` reads ids from stdin
    #[arg(value_name = "USER", required = true)]
    pub(crate) users: Vec<IdArg>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// Deactivate users
#[derive(Debug, Args)]
#[command(after_help = "\
On a terminal, zkv shows whom it would deactivate, and asks.

Examples:
  zkv user deactivate priya@halden.example
  zkv group users 8763 | zkv user deactivate - --yes")]
pub(crate) struct UserDeactivate {
    #[command(flatten)]
    pub(crate) users: Users,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// Delete users
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  zkv user delete 1924 --dry-run\n  zkv user delete 1924 --yes")]
pub(crate) struct UserDelete {
    #[command(flatten)]
    pub(crate) users: Users,
    #[command(flatten)]
    pub(crate) consent: Consent,
}

/// A user and groups.
#[derive(Debug, Args)]
pub(crate) struct UserGroups {
    /// The user: an id, an e-mail address, a user name or a full name
    #[arg(value_name = "USER")]
    pub(crate) user: Which,
    /// The groups: ids or names; `-` reads ids from stdin
    #[arg(value_name = "GROUP", required = true)]
    pub(crate) groups: Vec<IdArg>,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// Change the details of users
#[derive(Debug, Args)]
#[command(after_help = "\
Sends only the fields that are given. An empty text clears a field.

Examples:
  zkv user update 1917 --job-title 'Head of sails' --city Bergen
  zkv user update 1917 1918 --company 'Halden & Frey'")]
pub(crate) struct UserUpdate {
    #[command(flatten)]
    pub(crate) users: Users,
    #[command(flatten)]
    pub(crate) fields: UserFields,
}

/// The fields of a user that the API can change.
#[derive(Debug, Clone, Args)]
#[group(id = "fields")]
pub(crate) struct UserFields {
    /// First name
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) first_name: Option<String>,
    /// Last name
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) last_name: Option<String>,
    /// Day of birth
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = date)]
    pub(crate) birthdate: Option<String>,
    /// Gender, as the service abbreviates it, such as m
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) gender: Option<String>,
    /// Street and number
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) address: Option<String>,
    /// City
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) city: Option<String>,
    /// State or province
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) state: Option<String>,
    /// Postal code
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) zip: Option<String>,
    /// Country, such as US
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) country: Option<String>,
    /// Telephone number
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) phone: Option<String>,
    /// Company
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) company: Option<String>,
    /// Job title
    #[arg(long, value_name = "TEXT", value_parser = plain)]
    pub(crate) job_title: Option<String>,
    /// Address of a web site
    #[arg(long, value_name = "URL", value_parser = plain)]
    pub(crate) website: Option<String>,
}

/// Activate users; the first time with keys that only the user can decrypt
#[derive(Debug, Args)]
#[command(after_help = "\
A user who was never activated needs an encryption key. zkv encrypts the keys to
the user's public identity (--to) or under a one-time code (--code), so that the
service learns none of them, and prints what was sent: give that to the user,
who imports the keys with zkv activate. Send the code through a different
channel. Users who were activated before need neither.

Examples:
  zkv user activate 1924
  zkv user activate 1921 --to zkv1… --key company -o priya.txt
  zkv user activate 1921 --code --code-file code.txt -o priya.txt")]
#[command(group(ArgGroup::new("way").args(["to", "code"])))]
pub(crate) struct UserActivate {
    /// The users: ids, e-mail addresses, user names or full names; `-` reads ids from stdin
    #[arg(value_name = "USER", required = true)]
    pub(crate) users: Vec<IdArg>,
    /// Encrypt the keys to this public identity
    #[arg(long, value_name = "zkv1…")]
    pub(crate) to: Option<String>,
    /// The identity's fingerprint, as its owner gave it to you through another channel
    #[arg(long, value_name = "DIGITS", requires = "to")]
    pub(crate) fingerprint: Option<String>,
    /// Replace the identity that is pinned for the user; needs --fingerprint
    #[arg(long, requires = "fingerprint")]
    pub(crate) replace_recipient: bool,
    /// Encrypt the keys under a new one-time code
    #[arg(long)]
    pub(crate) code: bool,
    /// Write the code to this file, readable only by you, instead of printing it
    #[arg(long, value_name = "PATH", requires = "code")]
    pub(crate) code_file: Option<PathBuf>,
    /// A key of the keyring to hand over, by id or label; repeatable; a new key if none is given
    #[arg(long = "key", value_name = "KEY", requires = "way")]
    pub(crate) keys: Vec<String>,
    /// How long the keys can be imported, such as 12h or 7d
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = duration)]
    pub(crate) expires: u64,
    /// The request's parameter for the key, which the vendor's API reference does not name
    #[arg(long, value_name = "NAME", default_value = "key", value_parser = parameter)]
    pub(crate) key_parameter: String,
    #[command(flatten)]
    pub(crate) destination: Destination,
    #[command(flatten)]
    pub(crate) sending: Sending,
}

/// The longest text that a field takes.
const MAX_TEXT_LEN: usize = 1024;
const DAY: u64 = 24 * 3600;
/// Nobody should find keys in an old message.
const MAX_LIFETIME: u64 = 90 * DAY;

fn plain(text: &str) -> Result<String, String> {
    match text {
        _ if text.len() > MAX_TEXT_LEN => Err(format!("more than {MAX_TEXT_LEN} bytes")),
        _ if text.chars().any(char::is_control) => Err("a control character is in it".to_owned()),
        _ => Ok(text.to_owned()),
    }
}

fn date(text: &str) -> Result<String, &'static str> {
    let date = jiff::civil::Date::strptime("%Y-%m-%d", text).ok();
    match date.filter(|date| text.is_empty() || date.to_string() == text) {
        Some(_) => Ok(text.to_owned()),
        None if text.is_empty() => Ok(String::new()),
        None => Err("a date is written YYYY-MM-DD"),
    }
}

/// How long an activation is good unless the command line says otherwise: a week, in seconds.
pub(crate) const LIFETIME: u64 = 7 * DAY;

/// Seconds from a number and m, h or d.
pub(super) fn duration(text: &str) -> Result<u64, &'static str> {
    const FORM: &str = "a time is a number and m, h or d, from 1m to 90d";
    let (number, unit) = text
        .char_indices()
        .last()
        .map(|(end, _)| text.split_at(end))
        .ok_or(FORM)?;
    let seconds = match unit {
        "m" => 60,
        "h" => 3600,
        "d" => DAY,
        _ => return Err(FORM),
    };
    let number: u64 = number.parse().map_err(|_| FORM)?;
    let total = number.checked_mul(seconds).ok_or(FORM)?;
    match (1..=MAX_LIFETIME).contains(&total) {
        true => Ok(total),
        false => Err(FORM),
    }
}

pub(super) fn parameter(text: &str) -> Result<String, &'static str> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    match (1..=64).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err("a parameter's name is 1 to 64 letters, digits, '_', '-' or '.'"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_days_that_exist() {
        for right in ["1950-01-01", "2024-02-29", ""] {
            assert_eq!(date(right).as_deref(), Ok(right));
        }
        for wrong in ["1950-1-1", "2023-02-29", "01.01.1950", "1950-01-01 ", "x", "19500101"] {
            assert!(date(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_have_a_unit_and_a_limit() {
        assert_eq!(duration("1m"), Ok(60));
        assert_eq!(duration("12h"), Ok(12 * 3600));
        assert_eq!(duration("90d"), Ok(90 * DAY));
        for wrong in [
            "",
            "d",
            "0d",
            "91d",
            "7",
            "7w",
            "-1d",
            "1.5h",
            "99999999999999999999d",
            "7ä",
        ] {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_and_parameters_are_plain() {
        assert_eq!(plain("Ålesund & more").as_deref(), Ok("Ålesund & more"));
        assert!(plain("a\u{1b}[2J").is_err() && plain(&"x".repeat(1025)).is_err());
        assert!(parameter("encryption_key").is_ok());
        for wrong in ["", "a b", "key[]", "schlüssel", &"k".repeat(65)] {
            assert!(parameter(wrong).is_err(), "{wrong}");
        }
    }
}
