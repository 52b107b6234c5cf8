//! How the account's key gets into the keyring: from a file, from the master password, or from an administrator.

use zkvault::account::{Account, Service};
use zkvault::config::Setting;

use crate::context::Context;
use crate::error::Result;
use crate::{keyring_file, settings};

const WAYS: &str = "\
f  a key file that you have
p  your LogMeOnce master password, from which the vendor's web client derives it
a  an activation that your administrator made for you
s  leaves it out";

/// The command that adds the key, as the person wants it; nothing to leave it out.
pub(super) fn arguments(context: &Context<'_>) -> Result<Option<Vec<String>>> {
    context.output.request(WAYS)?;
    loop {
        return match context.prompt.reply("Which one? [f/p/a/s]")?.as_str() {
            "f" => Ok(Some(import(context)?)),
            "p" => Ok(Some(derive(context)?)),
            "a" => activate(context).map(Some),
            "s" => Ok(None),
            _ => continue,
        };
    }
}

fn import(context: &Context<'_>) -> Result<Vec<String>> {
    let file = path(&needed("Path of the key file", context)?);
    Ok(words(&["key", "import", &file, "--default"]))
}

fn derive(context: &Context<'_>) -> Result<Vec<String>> {
    let name = format!("--username={}", needed("User name of the account", context)?);
    let mut arguments = words(&["key", "derive", &name, "--default"]);
    let salt = context.prompt.reply("Salt of the account, if you were given one")?;
    if !salt.is_empty() {
        arguments.push(format!("--server-salt={salt}"));
    }
    Ok(arguments)
}

fn activate(context: &Context<'_>) -> Result<Vec<String>> {
    let keyring = keyring_file::unlock(context)?;
    let identity = keyring.identity().public();
    context.output.request(&format!(
        "Your administrator encrypts the key to your identity, or gives you a one-time code.\n{identity}"
    ))?;
    let host = match Account::of_keyring(Service::Logmeonce, &keyring) {
        Ok(account) => account.url.account(),
        Err(_) => match settings::text(Setting::AccountUrl)? {
            Some(address) => address,
            None => needed("Address of the account", context)?,
        },
    };
    let file = path(&needed("Path of the activation", context)?);
    let user = format!("--user-id={}", needed("Your user id", context)?);
    let mut arguments = words(&["activate", &file, &format!("--host={host}"), &user]);
    let sender = context
        .prompt
        .reply("Fingerprint of the sender; nothing if you have a one-time code")?;
    if !sender.is_empty() {
        arguments.push(format!("--from={sender}"));
    }
    Ok(arguments)
}

/// Asks until something is typed.
fn needed(question: &str, context: &Context<'_>) -> Result<String> {
    loop {
        let reply = context.prompt.reply(question)?;
        if !reply.is_empty() {
            return Ok(reply);
        }
    }
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// A path as a shell would give it: `~` is the home folder, quotation marks around it are none of it, and it is no option.
fn path(typed: &str) -> String {
    let quotes = ['\'', '"'];
    let bare = quotes
        .iter()
        .find_map(|quote| typed.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(typed);
    let home = bare.strip_prefix("~/").zip(etcetera::home_dir().ok());
    match home {
        Some((below, home)) => home.join(below).display().to_string(),
        None if bare.starts_with('-') => format!("./{bare}"),
        None => bare.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_read_as_a_shell_reads_it() {
        assert_eq!(path("vault.key"), "vault.key");
        assert_eq!(path("'my key'"), "my key");
        assert_eq!(path("-key"), "./-key");
        let home = etcetera::home_dir().unwrap();
        assert_eq!(path("~/a b"), home.join("a b").to_str().unwrap());
    }
}
