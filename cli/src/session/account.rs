//! Which account is asked: its address, its API key and secret, and how it was logged in to.

use std::fmt;

use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::oauth::{Credentials, Session, Token};
use zkvault_client::{NativeTransport, ServiceUrl};
use zkvault_core::SecretText;
use zkvault_core::keyring::Keyring;

use super::Client;
use crate::args::Service;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{environment, passphrase};

/// What is kept of an account: after the service's name, as in `logmeonce.url`.
const URL: &str = "url";
const KEY: &str = "key";
const SECRET: &str = "secret";
const GRANT: &str = "grant";
const USERNAME: &str = "username";
const TOKEN: &str = "token";
const ALL: [&str; 6] = [URL, KEY, SECRET, GRANT, USERNAME, TOKEN];

/// How an account was logged in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginGrant {
    /// With the API key alone.
    ClientCredentials,
    /// By a user in a browser.
    AuthorizationCode,
    /// With a user's name and password.
    Password,
}

impl LoginGrant {
    /// Its name in OAuth 2.0.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::ClientCredentials => "client_credentials",
            Self::AuthorizationCode => "authorization_code",
            Self::Password => "password",
        }
    }

    fn from_name(name: &str) -> Option<Self> {
        let all = [Self::ClientCredentials, Self::AuthorizationCode, Self::Password];
        all.into_iter().find(|grant| grant.name() == name)
    }
}

/// An account, with what is needed to ask for tokens.
pub(crate) struct Account {
    pub(crate) service: Service,
    pub(crate) url: ServiceUrl,
    pub(crate) key: String,
    pub(crate) secret: SecretText,
    pub(crate) grant: LoginGrant,
    /// Who logged in, where that was a user with a password.
    pub(crate) username: Option<String>,
    pub(crate) token: Option<Token>,
}

impl Account {
    /// Who asks, with the token if there is one.
    pub(crate) fn session(&self) -> Session {
        let secret = SecretText::from(self.secret.expose_secret().to_owned());
        let credentials = Credentials::new(self.key.clone(), secret);
        let token = self.token.as_ref();
        let token = token.and_then(|token| Token::from_json(&token.to_json()).ok());
        Session::new(credentials, token)
    }

    /// A client of the LogMeOnce API that asks for this account.
    pub(crate) fn client(&self) -> Client {
        LogMeOnce::new(NativeTransport::new(), self.url.clone(), self.session())
    }

    /// The API key, unless it is its own secret, as Loome Assist may have it.
    pub(crate) fn shown_key(&self) -> Option<&str> {
        (self.key != self.secret.expose_secret()).then_some(&self.key)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            url,
            key: _,
            secret: _,
            grant,
            username,
            token: _,
        } = self;
        f.debug_struct("Account")
            .field("service", service)
            .field("url", url)
            .field("key", &self.shown_key())
            .field("grant", grant)
            .field("username", username)
            .finish_non_exhaustive()
    }
}

/// The account that the environment names, whole. The environment and the keyring are never mixed: a secret would
/// go to an address that it was not stored for.
pub(crate) fn from_environment(service: Service, context: &Context<'_>) -> Result<Option<Account>> {
    let variable = |what| service.variable(what);
    let (url, key) = (
        environment::text(&variable("URL"))?,
        environment::text(&variable("KEY"))?,
    );
    let secret = passphrase::from_environment(&variable("SECRET"))?;
    if url.is_none() && key.is_none() && secret.is_none() {
        return Ok(None);
    }
    let (Some(url), Some(key)) = (url, key) else {
        return Err(incomplete(service));
    };
    let url = parse_url(&url)?;
    let name = variable("SECRET");
    let hint = format!("set {name}_FILE to a file that holds the API secret, or {name}");
    let secret = secret
        .map_or_else(|| context.prompt.secret("API secret", &hint), Ok)?
        .trimmed();
    Ok(Some(Account {
        service,
        url,
        key,
        secret,
        grant: LoginGrant::ClientCredentials,
        username: None,
        token: None,
    }))
}

fn incomplete(service: Service) -> CliError {
    let [url, key, secret] = ["URL", "KEY", "SECRET"].map(|what| service.variable(what));
    CliError::new(
        Exit::InputNeeded,
        "input-needed",
        "the environment names an account only in part",
    )
    .cause(format!(
        "{url}, {key} and {secret} belong together, and are not mixed with the keyring"
    ))
    .hint(format!("set all three, or none to use what {} stored", service.login()))
}

/// The account that `zkv auth login` stored.
pub(crate) fn from_keyring(service: Service, keyring: &Keyring) -> Result<Account> {
    let credential = |what| keyring.credentials().get(&service.credential(what));
    let get = |what| credential(what).map(SecretText::expose_secret);
    let (Some(url), Some(key), Some(secret)) = (get(URL), get(KEY), get(SECRET)) else {
        let message = format!("no {} account is known", service.title());
        return Err(not_logged_in(service, &message));
    };
    let grant = get(GRANT).and_then(LoginGrant::from_name);
    let account = Account {
        service,
        url: parse_url(url)?,
        key: key.to_owned(),
        secret: SecretText::from(secret.to_owned()),
        grant: grant.unwrap_or(LoginGrant::ClientCredentials),
        username: get(USERNAME).map(str::to_owned),
        // One that cannot be read is as good as none.
        token: credential(TOKEN).and_then(|token| Token::from_json(token).ok()),
    };
    // The API key's own token in place of a user's would be another person's rights.
    if account.grant != LoginGrant::ClientCredentials && account.token.is_none() {
        return Err(not_logged_in(service, "the login is not there any more"));
    }
    Ok(account)
}

fn not_logged_in(service: Service, message: &str) -> CliError {
    CliError::new(Exit::NotAuthenticated, "not-authenticated", message).hint(login_hint(service))
}

/// How to become known to a service.
pub(crate) fn login_hint(service: Service) -> String {
    let [url, key, secret] = ["URL", "KEY", "SECRET"].map(|what| service.variable(what));
    format!("{}, or set {url}, {key} and {secret}", service.login())
}

/// Puts an account into the keyring, in place of whatever was stored.
pub(crate) fn store(keyring: &mut Keyring, account: &Account) -> Result<()> {
    forget(account.service, keyring);
    let text = |text: &str| SecretText::from(text.to_owned());
    let mut put = |what, secret| put(keyring, &account.service.credential(what), secret);
    put(URL, text(&account.url.to_string()))?;
    put(KEY, text(&account.key))?;
    put(SECRET, text(account.secret.expose_secret()))?;
    put(GRANT, text(account.grant.name()))?;
    if let Some(username) = &account.username {
        put(USERNAME, text(username))?;
    }
    match &account.token {
        Some(token) => put(TOKEN, token.to_json()),
        None => Ok(()),
    }
}

/// Takes an account out of the keyring. Says whether there was one.
pub(crate) fn forget(service: Service, keyring: &mut Keyring) -> bool {
    let credentials = keyring.credentials_mut();
    let removed = ALL.map(|what| credentials.remove(&service.credential(what)));
    removed.iter().any(Option::is_some)
}

/// Puts a token into the keyring in place of the one before.
pub(crate) fn keep_token(service: Service, keyring: &mut Keyring, token: &Token) -> Result<()> {
    put(keyring, &service.credential(TOKEN), token.to_json())
}

/// Reads an account's address: a URL, or its domain alone.
pub(crate) fn parse_url(text: &str) -> Result<ServiceUrl> {
    // One slash that is forgotten must not make a host of the scheme.
    let has_scheme = text.contains(":/") || text.contains(":\\");
    let with_scheme = match has_scheme {
        true => text.to_owned(),
        false => format!("https://{text}"),
    };
    ServiceUrl::parse(&with_scheme)
        .map_err(|error| CliError::usage("the account's address cannot be used").cause(error))
}

/// Puts a credential into the keyring.
fn put(keyring: &mut Keyring, name: &str, secret: SecretText) -> Result<()> {
    keyring
        .credentials_mut()
        .set(name, secret)
        .map_err(|error| CliError::new(Exit::Other, "keyring", "a credential was not stored").cause(error))
}
