//! What an activation hands over: the keys, sealed, and what the administrator gives to the user.

use std::path::Path;

use serde::Serialize;
use zkvault::handover::{Receiver, keys_of, new_key, seal_new};
use zkvault::recipients::{Person, Recipients};
use zkvault::{fs, time};
use zkvault_core::activation::{Activation, ActivationCode, ActivationKey, ActivationTarget};
use zkvault_core::identity::PublicIdentity;
use zkvault_core::key::KeyId;
use zkvault_core::keyring::Keyring;

use super::recipient::Way;
use crate::args::UserActivate;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::output::escaped;
use crate::{clock, keychain};

/// A sealed activation, with what is to be said about it.
pub(super) struct Handover {
    activation: Activation,
    target: ActivationTarget,
    code: Option<ActivationCode>,
    sender: Option<PublicIdentity>,
    keys: Vec<HandedKey>,
    expires: u64,
}

/// What is known of the request after it was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// The service says that the user is activated.
    Activated,
    /// No answer came, or none that can be read.
    Uncertain,
}

impl Sent {
    fn name(self) -> &'static str {
        match self {
            Self::Activated => "activated",
            Self::Uncertain => "uncertain",
        }
    }
}

#[derive(Debug, Serialize)]
struct HandedKey {
    #[serde(skip)]
    key: KeyId,
    id: String,
    label: String,
    /// Made for this user, and kept by nobody else.
    new: bool,
}

#[derive(Serialize)]
struct Report<'a> {
    user: u64,
    result: &'static str,
    host: &'a str,
    activation: String,
    file: Option<String>,
    code_file: Option<String>,
    keys: &'a [HandedKey],
    expires: String,
    sender: Option<String>,
    sender_fingerprint: Option<String>,
    /// What the user runs.
    receive: String,
}

impl Handover {
    /// Seals the keys that were asked for, or a new one, for the user and host of `target`.
    pub(super) fn seal(
        way: &Way,
        target: &ActivationTarget,
        args: &UserActivate,
        keyring: Option<&Keyring>,
    ) -> Result<Self> {
        let keys = keys(args, target, keyring)?;
        let handed = keys.iter().map(|key| HandedKey {
            key: key.key.id(),
            id: key.key.id().to_string(),
            label: key.label.clone(),
            new: args.keys.is_empty(),
        });
        let (handed, now) = (handed.collect(), time::now()?);
        let expires = now.saturating_add(args.expires);
        let (receiver, sender) = match (way, keyring) {
            (Way::Code, _) => (Receiver::Code, None),
            (Way::Identity(identity), Some(keyring)) => {
                let (sender, identity) = (keyring.identity(), *identity);
                (Receiver::Identity { sender, identity }, Some(sender.public()))
            }
            (Way::Identity(_), None) => return Err(not_sealed("the sender's identity is in the keyring")),
        };
        let (activation, code) = seal_new(keys, receiver, target, now, expires)?;
        Ok(Self {
            activation,
            target: target.clone(),
            code,
            sender,
            keys: handed,
            expires,
        })
    }

    /// What is sent: base64.
    pub(super) fn text(&self) -> String {
        self.activation.to_string()
    }

    /// Refuses what [`Self::save`] would refuse: files that are there already.
    pub(super) fn must_have_room(&self, args: &UserActivate) -> Result<()> {
        let activation = args.destination.path().filter(|_| !args.destination.force);
        let places = activation.into_iter().chain(args.code_file.as_deref());
        match places.into_iter().find(|path| path.exists()) {
            Some(path) => Err(fs::FileError::Exists { path: path.to_owned() }.into()),
            None => Ok(()),
        }
    }

    /// Writes the files that were asked for, and shows the code where it goes to no file.
    pub(super) fn save(&self, args: &UserActivate, context: &Context<'_>) -> Result<()> {
        if let Some(path) = args.destination.path() {
            let line = format!("{}\n", self.text());
            fs::write(path, line.as_bytes(), fs::Existing::replace_if(args.destination.force))?;
        }
        let Some(code) = &self.code else { return Ok(()) };
        let code = code.expose_text();
        let shown = match &args.code_file {
            Some(path) => {
                let mut line = zeroize::Zeroizing::new(Vec::with_capacity(code.expose_secret().len() + 1));
                line.extend_from_slice(code.expose_secret().as_bytes());
                line.push(b'\n');
                fs::write(path, &line, fs::Existing::Keep).map_err(CliError::from)
            }
            None => context.prompt.show("One-time code, shown this once: ", &code),
        };
        shown.inspect_err(|_| remove(args.destination.path()))
    }

    /// Remembers which of the keyring's keys the user has now: after a rotation the user needs the new one.
    pub(super) fn remember(&self, context: &Context<'_>) -> Result<()> {
        let given: Vec<KeyId> = self.keys.iter().filter(|key| !key.new).map(|key| key.key).collect();
        if given.is_empty() {
            return Ok(());
        }
        let person = Person {
            account: self.target.account(),
            user_id: self.target.user_id(),
        };
        let recipients = Recipients::at(context.profile()?.recipients_path());
        Ok(recipients.give(person, &given, time::now()?)?)
    }

    /// Takes the files back: what is in them was refused, and opens nothing.
    pub(super) fn withdraw(&self, args: &UserActivate) {
        remove(args.destination.path());
        remove(args.code_file.as_deref());
    }

    /// Prints what was sent, and says what to do with it.
    pub(super) fn report(&self, sent: Sent, args: &UserActivate, context: &Context<'_>) -> Result<()> {
        let path = args.destination.path();
        let file = path.map_or("FILE".to_owned(), |path| path.display().to_string());
        if context.output.is_json() {
            return context.output.json(&Report {
                user: self.target.user_id(),
                result: sent.name(),
                host: self.target.account(),
                activation: self.text(),
                file: path.map(|path| path.display().to_string()),
                code_file: args.code_file.as_deref().map(|path| path.display().to_string()),
                keys: &self.keys,
                expires: clock::shown(self.expires),
                sender: self.sender.map(|sender| sender.to_string()),
                sender_fingerprint: self.sender.map(|sender| sender.fingerprint().to_string()),
                receive: self.receive(&file),
            });
        }
        match sent {
            Sent::Activated => self.instructions(path, &file).iter().for_each(|line| {
                context.output.note(&escaped(line));
            }),
            Sent::Uncertain => {
                let user = self.target.user_id();
                context.output.warning(&format!(
                    "user {user} may be activated with these keys: keep the activation, and look with zkv user get {user}"
                ));
            }
        }
        match path {
            None => context.output.line(&self.text()),
            Some(_) => Ok(()),
        }
    }

    fn instructions(&self, path: Option<&Path>, file: &str) -> Vec<String> {
        let user = self.target.user_id();
        let label = |key: &HandedKey| match key.new {
            true => format!("{} (new, nobody else has it)", key.label),
            false => key.label.clone(),
        };
        let labels: Vec<_> = self.keys.iter().map(label).collect();
        let mut lines = vec![
            format!("User {user} is activated. Keys handed over: {}.", labels.join(", ")),
            match path {
                Some(_) => format!("Give the user the activation, which is in {file}."),
                None => "Give the user the activation, which is the line on standard output.".to_owned(),
            },
            "The service has it as well; its page does not say how it reaches the user.".to_owned(),
        ];
        match self.sender {
            Some(sender) => lines.push(format!(
                "Give the user your fingerprint through another channel: {}",
                sender.fingerprint()
            )),
            None => lines
                .push("Give the user the one-time code through a different channel than the activation.".to_owned()),
        }
        lines.push(format!("Until {} the user runs:", clock::shown(self.expires)));
        lines.push(format!("  {}", self.receive(file)));
        lines
    }

    fn receive(&self, file: &str) -> String {
        let (account, user) = (self.target.account(), self.target.user_id());
        let from = self
            .sender
            .map(|sender| format!(" --from {sender}"))
            .unwrap_or_default();
        format!("zkv activate {file} --host {account} --user-id {user}{from}")
    }
}

/// The keyring's keys of these names, or a new one.
fn keys(args: &UserActivate, target: &ActivationTarget, keyring: Option<&Keyring>) -> Result<Vec<ActivationKey>> {
    let Some(keyring) = keyring.filter(|_| !args.keys.is_empty()) else {
        let key = new_key()?;
        return Ok(vec![ActivationKey::new(key, format!("user-{}", target.user_id()))]);
    };
    let named = args.keys.iter().map(|name| keychain::find(keyring, Some(name)));
    Ok(keys_of(keyring, &named.collect::<Result<Vec<_>>>()?))
}

/// Removes what was written, but no device, pipe or link that was there before.
fn remove(path: Option<&Path>) {
    let is_file = |path: &&Path| std::fs::symlink_metadata(path).is_ok_and(|data| data.is_file());
    if let Some(path) = path.filter(is_file) {
        // What is in it opens nothing, so it does no harm when it stays.
        let _ = std::fs::remove_file(path);
    }
}

fn not_sealed(cause: impl ToString) -> CliError {
    CliError::new(Exit::Other, "seal", "the keys were not sealed").cause(cause)
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn only_files_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "x").unwrap();
        std::os::unix::fs::symlink(path("file"), path("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(path("socket")).unwrap();
        for name in ["link", "socket", "file"] {
            remove(Some(&path(name)));
        }
        assert!(path("link").is_symlink() && path("socket").exists() && !path("file").exists());
        remove(Some(&path("file")));
        remove(None);
    }
}
