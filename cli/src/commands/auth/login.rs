//! `zkv auth login`.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use zkvault::time;
use zkvault_client::oauth::{LoopbackError, LoopbackRedirect, Token};
use zkvault_core::SecretText;

use super::Status;
use crate::args::{AuthLogin, GrantChoice};
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::keyring_file;
use crate::service::ServiceWords as _;
use crate::session::{self, Client, account};
use crate::{environment, passphrase, settings};
use zkvault::account::{Account, LoginGrant, Service, parse_address};

/// How long a person may take in the browser.
const PATIENCE: Duration = Duration::from_secs(300);
const USERNAME_HINT: &str = "give --username";
const PASSWORD_HINT: &str = "give --password-file, or set ZKV_LOGMEONCE_PASSWORD_FILE or ZKV_LOGMEONCE_PASSWORD";

pub(super) fn run(args: &AuthLogin, context: &Context<'_>) -> Result<Exit> {
    check(args)?;
    // Before anybody types a secret that could then not be stored.
    let mut keyring = keyring_file::open(context)?;
    let mut account = ask(args, context)?;
    let password = match args.grant {
        GrantChoice::Password => Some(password(args, context)?),
        _ => None,
    };
    let token = log_in(&account, password.as_ref(), args, context)?;
    let stored = Token::from_json(&token.to_json());
    account.token = Some(stored.map_err(|error| CliError::new(Exit::Other, "token", "no token").cause(error))?);
    keyring.update(|keyring| -> Result<()> { Ok(account.store(keyring)?) })?;
    context.output.note(&format!("Logged in to {}.", account.url.host()));
    Status::new(&account, "keyring", time::now()?).print(context)?;
    Ok(Exit::Success)
}

fn check(args: &AuthLogin) -> Result<()> {
    if args.service.service == Service::Loome && args.grant != GrantChoice::ClientCredentials {
        return Err(CliError::usage(
            "Loome Assist gives tokens to API keys only: leave out --grant",
        ));
    }
    if args.service.service == Service::Logmeonce && args.identity_url.is_some() {
        return Err(CliError::usage("--identity-url is for --service loome"));
    }
    let takes_password = args.grant == GrantChoice::Password;
    if takes_password && !args.allow_password_grant {
        return Err(
            CliError::usage("the password grant hands a user's password to this program and to the service")
                .hint("--grant authorization-code lets the user log in in a browser; --allow-password-grant insists"),
        );
    }
    if !takes_password && (args.username.is_some() || args.password_file.is_some()) {
        return Err(CliError::usage(
            "--username and --password-file are for --grant password",
        ));
    }
    let is_stdin = |path: &Option<std::path::PathBuf>| path.as_deref() == Some(Path::new("-"));
    if is_stdin(&args.secret_file) && is_stdin(&args.password_file) {
        return Err(CliError::usage(
            "standard input holds one secret: the API secret or the password",
        ));
    }
    Ok(())
}

/// Flags, then the environment, then questions.
fn ask(args: &AuthLogin, context: &Context<'_>) -> Result<Account> {
    let service = args.service.service;
    let prompt = context.prompt;
    let text = |flag: Option<String>, question, option, name| {
        let variable = service.variable(name);
        let given = flag.map_or_else(|| environment::text(&variable), |text| Ok(Some(text)))?;
        let hint = format!("give {option}, or set {variable}");
        given.map_or_else(|| prompt.line(question, &hint), Ok)
    };
    let url = match &args.url {
        Some(url) => Some(url.clone()),
        None => settings::text(service.address())?,
    };
    let url = parse_address(&text(url, "Address of the account", "--url", "URL")?)?;
    let identity = match &args.identity_url {
        Some(url) => Some(parse_address(url)?),
        None => account::identity(service)?,
    };
    let key = account::api_key(&text(args.api_key.clone(), "API key", "--api-key", "KEY")?)?;
    let secret = ask_secret(args, context)?;
    let (grant, username) = ask_grant(args, context)?;
    Ok(Account {
        service,
        url,
        identity,
        key,
        secret,
        grant,
        username,
        token: None,
    })
}

/// The API secret: from a file, the environment, or the person.
fn ask_secret(args: &AuthLogin, context: &Context<'_>) -> Result<SecretText> {
    let name = args.service.service.variable("SECRET");
    let secret = match &args.secret_file {
        Some(path) => Some(passphrase::read_secret(path)?),
        None => passphrase::from_environment(&name)?,
    };
    let hint = format!("give --secret-file, or set {name}_FILE or {name}");
    account::api_secret(secret.map_or_else(|| context.prompt.secret("API secret", &hint), Ok)?)
}

/// The grant, and the user name that the one with a password needs.
fn ask_grant(args: &AuthLogin, context: &Context<'_>) -> Result<(LoginGrant, Option<String>)> {
    let grant = match args.grant {
        GrantChoice::ClientCredentials => LoginGrant::ClientCredentials,
        GrantChoice::AuthorizationCode => LoginGrant::AuthorizationCode,
        GrantChoice::Password => LoginGrant::Password,
    };
    let username = match (grant, &args.username) {
        (LoginGrant::Password, Some(name)) => Some(name.clone()),
        (LoginGrant::Password, None) => Some(context.prompt.line("User name", USERNAME_HINT)?),
        _ => None,
    };
    Ok((grant, username))
}

fn password(args: &AuthLogin, context: &Context<'_>) -> Result<SecretText> {
    let given = match &args.password_file {
        Some(path) => Some(passphrase::read_secret(path)?),
        None => passphrase::from_environment("ZKV_LOGMEONCE_PASSWORD")?,
    };
    given.map_or_else(|| context.prompt.secret("Password", PASSWORD_HINT), Ok)
}

fn log_in(
    account: &Account,
    password: Option<&SecretText>,
    args: &AuthLogin,
    context: &Context<'_>,
) -> Result<Arc<Token>> {
    if account.service == Service::Loome {
        return session::loome_log_in(account);
    }
    let client = account.logmeonce_over(session::transport());
    session::runtime()?.block_on(async {
        match (account.grant, &account.username, password) {
            (LoginGrant::ClientCredentials, ..) => Ok(client.log_in().await?),
            (LoginGrant::Password, Some(username), Some(password)) => {
                Ok(client.log_in_with_password(username, password).await?)
            }
            _ => in_browser(&client, args.redirect_port.unwrap_or(0), context).await,
        }
    })
}

/// Opens nothing itself: anyone who is at the terminal decides which browser, and on which machine.
async fn in_browser(client: &Client, port: u16, context: &Context<'_>) -> Result<Arc<Token>> {
    let redirect = LoopbackRedirect::bind(port).await.map_err(not_back)?;
    let authorization = client.authorization(redirect.redirect_uri().map_err(not_back)?)?;
    context.output.request(&format!(
        "Open this address in a browser on this machine:\n{}",
        authorization.url()
    ))?;
    let code = redirect.wait(&authorization, PATIENCE).await.map_err(not_back)?;
    Ok(client.log_in_with_code(authorization, &code).await?)
}

fn not_back(error: LoopbackError) -> CliError {
    match error {
        LoopbackError::Timeout => CliError::new(Exit::InputNeeded, "input-needed", "nobody logged in").cause(error),
        LoopbackError::Refused(_) => CliError::new(
            Exit::NotAuthenticated,
            "no-token",
            "the login was refused in the browser",
        )
        .hint("zkv auth login --grant client-credentials needs no browser"),
        error => CliError::new(Exit::Other, "loopback", "the browser's answer cannot be received")
            .cause(error)
            .hint("--redirect-port names another port"),
    }
}
