//! `zkv key hand-over`, and what `zkv key rotate` offers to the people who were given the old key.

use std::path::{Path, PathBuf};

use serde::Serialize;
use zkvault::fs::{self, Existing};
use zkvault::handover;
use zkvault::recipients::{Holder, Person, Recipients};
use zkvault::time;
use zkvault_core::activation::Activation;
use zkvault_core::keyring::{KeyEntry, Keyring};

use crate::args::{KeyHandOver, LIFETIME};
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::output::{Table, escaped};
use crate::{clock, keychain, keyring_file};

const AGAIN: &str = "zkv key hand-over makes the activations at any time";

pub(crate) fn run(args: &KeyHandOver, context: &Context<'_>) -> Result<Exit> {
    let keyring = keyring_file::unlock(context)?;
    let key = keychain::find(&keyring, args.key.as_deref())?;
    let recipients = Recipients::at(context.profile()?.recipients_path());
    let holders = handover::holders(&recipients, &keyring, key)?;
    let sealed = Sealed::new(&keyring, key, holders, args.expires)?;
    let rows = match args.dry_run {
        true => sealed
            .people
            .iter()
            .map(|(holder, _)| Row::new(holder, None, None))
            .collect(),
        false => sealed.save(&args.output, Existing::replace_if(args.force), context)?,
    };
    print(context, &rows)?;
    Ok(Exit::Success)
}

/// A user who needs the new key, as other programs get it.
#[derive(Serialize)]
struct Row {
    account: String,
    user: u64,
    /// Of the pinned identity; `null` where none is known.
    fingerprint: Option<String>,
    file: Option<String>,
    /// What the user runs.
    receive: Option<String>,
}

impl Row {
    fn new(holder: &Holder, file: Option<&Path>, sender: Option<&str>) -> Self {
        let file = file.map(|file| file.display().to_string());
        let receive = file.as_ref().zip(sender).map(|(file, sender)| {
            let Holder { account, user_id, .. } = holder;
            format!("zkv activate {file} --host {account} --user-id {user_id} --from {sender}")
        });
        Self {
            account: holder.account.clone(),
            user: holder.user_id,
            fingerprint: holder.identity.map(|identity| identity.fingerprint().to_string()),
            file,
            receive,
        }
    }
}

fn print(context: &Context<'_>, rows: &[Row]) -> Result<()> {
    let mut table = Table::new(&["ACCOUNT", "USER", "FILE"]).cut(&["ACCOUNT"]);
    for row in rows {
        table.row([
            row.account.clone(),
            row.user.to_string(),
            row.file.clone().unwrap_or_default(),
        ]);
    }
    context.output.rows(&table, &rows)?;
    if rows.is_empty() {
        context.output.note("nobody was given a key that this one replaces");
    }
    Ok(())
}

/// The activations of a key for those who were given one that it replaces.
pub(super) struct Sealed {
    people: Vec<(Holder, Option<Activation>)>,
    key: zkvault_core::key::KeyId,
    sender: String,
    fingerprint: String,
    expires: u64,
}

impl Sealed {
    fn new(keyring: &Keyring, key: &KeyEntry, holders: Vec<Holder>, lifetime: u64) -> Result<Self> {
        let now = time::now()?;
        let expires = now.saturating_add(lifetime);
        let seal = |holder: Holder| Ok((handover::seal(keyring, key, &holder, now, expires)?, holder));
        let people = holders
            .into_iter()
            .map(|holder| seal(holder).map(|(sealed, holder)| (holder, sealed)));
        let sender = keyring.identity().public();
        Ok(Self {
            people: people.collect::<Result<_>>()?,
            key: key.id(),
            sender: sender.to_string(),
            fingerprint: sender.fingerprint().to_string(),
            expires,
        })
    }

    /// Writes each to a file of its own, remembers who was given the key, and says what to do with the files.
    fn save(&self, folder: &Path, existing: Existing, context: &Context<'_>) -> Result<Vec<Row>> {
        let recipients = Recipients::at(context.profile()?.recipients_path());
        fs::create_private_folder(folder)?;
        let mut rows = Vec::new();
        for (holder, activation) in &self.people {
            let Some(activation) = activation else {
                rows.push(Row::new(holder, None, None));
                continue;
            };
            let path = folder.join(free_name(holder, &rows, folder));
            fs::write(&path, format!("{activation}\n").as_bytes(), existing)?;
            let person = Person {
                account: &holder.account,
                user_id: holder.user_id,
            };
            recipients.give(person, &[self.key], time::now()?)?;
            rows.push(Row::new(holder, Some(&path), Some(&self.sender)));
        }
        self.instruct(&rows, context);
        Ok(rows)
    }

    fn instruct(&self, rows: &[Row], context: &Context<'_>) {
        let note = |line: &str| context.output.note(&escaped(line));
        for row in rows {
            match &row.receive {
                Some(receive) => note(&format!("User {} of {} runs: {receive}", row.user, row.account)),
                None => note(&format!(
                    "User {} of {} was given a key under a one-time code: ask for the output of zkv identity show, and \
                     send zkv key export through zkv file encrypt --recipient",
                    row.user, row.account
                )),
            }
        }
        if rows.iter().any(|row| row.file.is_some()) {
            note(&format!(
                "The activations are good until {}.",
                clock::shown(self.expires)
            ));
            note(&format!("Your fingerprint is {}.", self.fingerprint));
        }
    }
}

/// What a rotation finds of the people who were given the old key, before anything changes.
pub(super) struct Offer {
    holders: Vec<Holder>,
}

impl Offer {
    pub(super) fn new(keyring: &Keyring, old: &KeyEntry, context: &Context<'_>) -> Result<Self> {
        let recipients = Recipients::at(context.profile()?.recipients_path());
        let holders = handover::holders_of_line(&recipients, keyring, old)?;
        Ok(Self { holders })
    }

    /// Who needs the new key.
    pub(super) fn facts(&self) -> Vec<String> {
        let needs = |holder: &Holder| {
            let Holder { account, user_id, .. } = holder;
            format!("User {user_id} of {account} was given the old key, and needs the new one.")
        };
        self.holders.iter().map(needs).collect()
    }

    /// Seals the new key for them, if the person at the terminal wants that; nothing is written before the keyring is.
    pub(super) fn accept(
        self,
        keyring: &Keyring,
        new: &KeyEntry,
        asks: bool,
        context: &Context<'_>,
    ) -> Result<Option<Sealed>> {
        if self.holders.is_empty() || !asks {
            self.facts().iter().for_each(|fact| context.output.note(&escaped(fact)));
            if !self.holders.is_empty() {
                context.output.note(AGAIN);
            }
            return Ok(None);
        }
        let question = format!("Make activations with the new key for {}?", people(self.holders.len()));
        match context.prompt.confirm(&[], &question, AGAIN) {
            Ok(()) => Sealed::new(keyring, new, self.holders, LIFETIME).map(Some),
            Err(error) if error.code == "declined" => {
                context.output.note(AGAIN);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }
}

impl Sealed {
    /// As `zkv key hand-over` does it, into a folder that is named after the key.
    pub(super) fn save_beside(&self, label: &str, context: &Context<'_>) -> Result<()> {
        let folder = PathBuf::from(format!("handover-{}", plain(label)));
        self.save(&folder, Existing::Keep, context)
            .map(drop)
            .map_err(|error| match error.code {
                "exists" => error.hint("zkv key hand-over --output writes them elsewhere"),
                _ => error.hint(AGAIN),
            })
    }
}

fn people(count: usize) -> String {
    match count {
        1 => "this user".to_owned(),
        count => format!("these {count} users"),
    }
}

fn file_name(holder: &Holder) -> String {
    format!("{}-user-{}.txt", plain(&holder.account), holder.user_id)
}

/// The name of a file that none of the rows has yet: two accounts may look alike in it.
fn free_name(holder: &Holder, rows: &[Row], folder: &Path) -> String {
    let name = file_name(holder);
    let is_taken = |name: &String| {
        let file = folder.join(name).display().to_string();
        rows.iter().any(|row| row.file.as_ref() == Some(&file))
    };
    let numbered = (2_u32..).map(|number| format!("{number}-{name}"));
    let mut names = std::iter::once(name.clone()).chain(numbered);
    names.find(|name| !is_taken(name)).unwrap_or_default()
}

/// A text as a part of a file's name, on every system.
fn plain(text: &str) -> String {
    let kept = |c: char| match c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') {
        true => c,
        false => '-',
    };
    text.chars().map(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_after_the_account_and_the_user() {
        let holder = |account: &str| Holder {
            account: account.to_owned(),
            user_id: 42,
            identity: None,
        };
        assert_eq!(
            file_name(&holder("acme.example:8443/a/b")),
            "acme.example-8443-a-b-user-42.txt"
        );
        let row = |name: &str| Row::new(&holder("a"), Some(&Path::new("x").join(name)), Some("zkv1"));
        let rows = [row("acme.example-1-user-42.txt"), row("2-acme.example-1-user-42.txt")];
        assert_eq!(
            free_name(&holder("acme.example:1"), &rows, Path::new("x")),
            "3-acme.example-1-user-42.txt"
        );
        assert_eq!(plain("../\u{e9}\\x"), "..---x");
    }
}
