//! Which account is asked: its address, its API key and secret, and how it was logged in to.

use std::fmt;

use zkvault_client::{Credentials, LogMeOnce, NativeTransport, ServiceUrl, Session, Token};
use zkvault_core::{Keyring, SecretText};

use super::Client;
use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::{environment, passphrase};

/// Names of credentials in the keyring.
pub(crate) const URL: &str = "logmeonce.url";
pub(crate) const KEY: &str = "logmeonce.key";
pub(crate) const SECRET: &str = "logmeonce.secret";
pub(crate) const GRANT: &str = "logmeonce.grant";
pub(crate) const USERNAME: &str = "logmeonce.username";
pub(crate) const TOKEN: &str = "logmeonce.token";
/// All of them, for logging out.
pub(crate) const ALL: [&str; 6] = [URL, KEY, SECRET, GRANT, USERNAME, TOKEN];

const ENV_URL: &str = "ZKV_LOGMEONCE_URL";
const ENV_KEY: &str = "ZKV_LOGMEONCE_KEY";
const ENV_SECRET: &str = "ZKV_LOGMEONCE_SECRET";
const SECRET_HINT: &str = "set ZKV_LOGMEONCE_SECRET_FILE to a file that holds the API secret, or ZKV_LOGMEONCE_SECRET";

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
    pub(crate) url: ServiceUrl,
    pub(crate) key: String,
    pub(crate) secret: SecretText,
    pub(crate) grant: LoginGrant,
    /// Who logged in, where that was a user with a password.
    pub(crate) username: Option<String>,
    pub(crate) token: Option<Token>,
}

impl Account {
    /// A client that asks for this account, with the token if there is one.
    pub(crate) fn client(&self) -> Client {
        let secret = SecretText::from(self.secret.expose_secret().to_owned());
        let credentials = Credentials::new(self.key.clone(), secret);
        let token = self
            .token
            .as_ref()
            .and_then(|token| Token::from_json(&token.to_json()).ok());
        LogMeOnce::new(
            NativeTransport::new(),
            self.url.clone(),
            Session::new(credentials, token),
        )
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            url,
            key,
            secret: _,
            grant,
            username,
            token: _,
        } = self;
        f.debug_struct("Account")
            .field("url", url)
            .field("key", key)
            .field("grant", grant)
            .field("username", username)
            .finish_non_exhaustive()
    }
}

/// The account that the environment names, whole. The environment and the keyring are never mixed: a secret would
/// go to an address that it was not stored for.
pub(crate) fn from_environment(context: &Context<'_>) -> Result<Option<Account>> {
    let (url, key) = (environment::text(ENV_URL)?, environment::text(ENV_KEY)?);
    let secret = passphrase::from_environment(ENV_SECRET)?;
    if url.is_none() && key.is_none() && secret.is_none() {
        return Ok(None);
    }
    let (Some(url), Some(key)) = (url, key) else {
        return Err(incomplete());
    };
    let url = parse_url(&url)?;
    let secret = secret.map_or_else(|| context.prompt.secret("API secret", SECRET_HINT), Ok)?;
    Ok(Some(Account {
        url,
        key,
        secret,
        grant: LoginGrant::ClientCredentials,
        username: None,
        token: None,
    }))
}

fn incomplete() -> CliError {
    CliError::new(
        Exit::InputNeeded,
        "input-needed",
        "the environment names an account only in part",
    )
    .cause(format!(
        "{ENV_URL}, {ENV_KEY} and {ENV_SECRET} belong together, and are not mixed with the keyring"
    ))
    .hint("set all three, or none to use what zkv auth login stored")
}

/// The account that `zkv auth login` stored.
pub(crate) fn from_keyring(keyring: &Keyring) -> Result<Account> {
    let get = |name| keyring.credentials().get(name).map(SecretText::expose_secret);
    let (Some(url), Some(key), Some(secret)) = (get(URL), get(KEY), get(SECRET)) else {
        return Err(not_logged_in("no LogMeOnce account is known"));
    };
    let grant = get(GRANT).and_then(LoginGrant::from_name);
    let token = keyring.credentials().get(TOKEN);
    let account = Account {
        url: parse_url(url)?,
        key: key.to_owned(),
        secret: SecretText::from(secret.to_owned()),
        grant: grant.unwrap_or(LoginGrant::ClientCredentials),
        username: get(USERNAME).map(str::to_owned),
        // One that cannot be read is as good as none.
        token: token.and_then(|token| Token::from_json(token).ok()),
    };
    // The API key's own token in place of a user's would be another person's rights.
    if account.grant != LoginGrant::ClientCredentials && account.token.is_none() {
        return Err(not_logged_in("the login is not there any more"));
    }
    Ok(account)
}

fn not_logged_in(message: &str) -> CliError {
    CliError::new(Exit::NotAuthenticated, "not-authenticated", message)
        .hint("zkv auth login, or set ZKV_LOGMEONCE_URL, ZKV_LOGMEONCE_KEY and ZKV_LOGMEONCE_SECRET")
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
pub(crate) fn put(keyring: &mut Keyring, name: &str, secret: SecretText) -> Result<()> {
    keyring
        .credentials_mut()
        .set(name, secret)
        .map_err(|error| CliError::new(Exit::Other, "keyring", "a credential was not stored").cause(error))
}
