//! The public identities to which keys were sealed, one for each user of an API host: a file of the profile that
//! notices when somebody names another identity for the same user (Z21).
//!
//! Nothing in it is secret. It is written under the profile's lock, and never shrinks by itself.

use std::io::Read as _;
use std::path::Path;

use serde::{Deserialize, Serialize};
use zkvault::{fs, time};
use zkvault_core::activation::ActivationTarget;
use zkvault_core::identity::PublicIdentity;

use crate::context::Context;
use crate::error::{CliError, Exit, Result};

const FORMAT: &str = "zkvault.recipients";
const VERSION: u32 = 1;
/// More than the users of any account.
const MAX_FILE_LEN: u64 = 16 * 1024 * 1024;

/// What is known of a user's identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    /// Nothing was sealed to the user before.
    Unknown,
    /// It is the one that was pinned.
    Same,
    /// Another one was pinned.
    Other(PublicIdentity),
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    version: u32,
    recipients: Vec<Recipient>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Recipient {
    host: String,
    user_id: u64,
    identity: String,
    /// When it was pinned, in seconds since 1970 (UTC).
    pinned: u64,
}

/// Compares an identity with the one that is pinned for a user.
pub(crate) fn look_up(context: &Context<'_>, target: &ActivationTarget, identity: &PublicIdentity) -> Result<Known> {
    let path = context.profile()?.recipients_path();
    let document = read(&path)?;
    let Some(pinned) = document.recipients.iter().find(|known| is_for(known, target)) else {
        return Ok(Known::Unknown);
    };
    let pinned: PublicIdentity = pinned
        .identity
        .parse()
        .map_err(|error: zkvault_core::identity::PublicIdentityError| unreadable(&path, &error.to_string()))?;
    match pinned == *identity {
        true => Ok(Known::Same),
        false => Ok(Known::Other(pinned)),
    }
}

/// Pins an identity for a user, in place of the one that was.
pub(crate) fn pin(context: &Context<'_>, target: &ActivationTarget, identity: &PublicIdentity) -> Result<()> {
    let profile = context.profile()?;
    let path = profile.recipients_path();
    let _held = profile.hold()?;
    let mut document = read(&path)?;
    document.recipients.retain(|known| !is_for(known, target));
    document.recipients.push(Recipient {
        host: target.host().to_owned(),
        user_id: target.user_id(),
        identity: identity.to_string(),
        pinned: time::now()?,
    });
    let bytes = serde_json::to_vec(&document)
        .map_err(|error| CliError::new(Exit::Other, "json", "the recipient was not pinned").cause(error))?;
    Ok(fs::write(&path, &bytes, true)?)
}

fn is_for(recipient: &Recipient, target: &ActivationTarget) -> bool {
    recipient.host == target.host() && recipient.user_id == target.user_id()
}

/// A file that is missing is an empty one; a file that cannot be read is not: it may hold the pin that matters.
fn read(path: &Path) -> Result<Document> {
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MAX_FILE_LEN + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Document::empty()),
        Err(error) => return Err(CliError::file("read", path, &error)),
        Ok(length) if length as u64 > MAX_FILE_LEN => return Err(unreadable(path, "it is too long")),
        Ok(_) => {}
    }
    let document: Document = serde_json::from_slice(&bytes).map_err(|error| unreadable(path, &error.to_string()))?;
    match (document.format.as_str(), document.version) {
        (FORMAT, VERSION) => Ok(document),
        _ => Err(unreadable(path, "it has another format or version")),
    }
}

impl Document {
    fn empty() -> Self {
        Self {
            format: FORMAT.to_owned(),
            version: VERSION,
            recipients: Vec::new(),
        }
    }
}

fn unreadable(path: &Path, cause: &str) -> CliError {
    CliError::new(
        Exit::Integrity,
        "recipients",
        format!("{} cannot be read", path.display()),
    )
    .cause(cause)
    .hint("nothing is sealed while it is not known to whom keys were sealed before; restore the file")
}
