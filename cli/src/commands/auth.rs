//! `zkv auth`.

mod login;

use serde::Serialize;
use zkvault::time;
use zkvault_client::oauth::Token;

use crate::args::AuthCommand;
use crate::clock;
use crate::context::Context;
use crate::error::{Exit, Result};
use crate::keyring_file;
use crate::output::Table;
use crate::session::account::from_environment;
use zkvault::account::{Account, Service, forget};

pub(crate) fn run(command: &AuthCommand, context: &Context<'_>) -> Result<Exit> {
    match command {
        AuthCommand::Login(args) => login::run(args, context),
        AuthCommand::Logout(args) => logout(args.service, context),
        AuthCommand::Status(args) => status(args.service, context),
    }
}

fn logout(service: Service, context: &Context<'_>) -> Result<Exit> {
    let forgotten = keyring_file::change(context, |keyring| Ok(forget(service, keyring)))?;
    let title = service.title();
    context.output.note(&match forgotten {
        false => format!("No {title} account was stored."),
        true => {
            format!(
                "The {title} account is forgotten. Its token may be good for a while: only the vendor can revoke it."
            )
        }
    });
    Ok(Exit::Success)
}

/// What is told about an account: no secrets.
#[derive(Debug, Serialize)]
struct Status {
    service: &'static str,
    url: String,
    /// Where tokens come from, if that is another host.
    #[serde(skip_serializing_if = "Option::is_none")]
    identity_url: Option<String>,
    /// Absent when it is its own secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    api_key: Option<String>,
    /// `environment` or `keyring`.
    source: &'static str,
    grant: &'static str,
    username: Option<String>,
    /// `none`, `valid` or `expired`.
    token: &'static str,
    expires: Option<String>,
    /// Whether a new token can be obtained without prompting.
    renewable: bool,
}

impl Status {
    fn new(account: &Account, source: &'static str, now: u64) -> Self {
        let token = account.token.as_ref();
        let expires = token.and_then(Token::expires_at);
        Self {
            service: account.service.name(),
            url: account.url.to_string(),
            identity_url: account.identity.as_ref().map(ToString::to_string),
            api_key: account.shown_key().map(str::to_owned),
            source,
            grant: account.grant.name(),
            username: account.username.clone(),
            token: match (token, expires) {
                (None, _) => "none",
                (Some(_), Some(expires)) if expires <= now => "expired",
                _ => "valid",
            },
            expires: expires.map(clock::shown),
            renewable: token.is_none_or(Token::is_renewable),
        }
    }

    fn print(&self, context: &Context<'_>) -> Result<()> {
        let mut table = Table::pairs();
        let mut row = |what: &str, value: &str| table.row([what.to_owned(), value.to_owned()]);
        row("service", self.service);
        row("url", &self.url);
        if let Some(identity) = &self.identity_url {
            row("identity-url", identity);
        }
        row("api-key", self.api_key.as_deref().unwrap_or("(the same as the secret)"));
        row("source", self.source);
        row("grant", self.grant);
        if let Some(username) = &self.username {
            row("username", username);
        }
        row("token", self.token);
        if let Some(expires) = &self.expires {
            row("expires", expires);
        }
        row("renewable", if self.renewable { "yes" } else { "no" });
        context.output.rows(&table, self)
    }
}

fn status(service: Service, context: &Context<'_>) -> Result<Exit> {
    let (account, source) = match from_environment(service, context)? {
        Some(account) => (account, "environment"),
        None => {
            let keyring = keyring_file::open(context)?;
            (Account::of_keyring(service, keyring.keyring())?, "keyring")
        }
    };
    Status::new(&account, source, time::now()?).print(context)?;
    Ok(Exit::Success)
}
