//! The account of a service: its address, its API key and secret, and how it was logged in to; as a keyring keeps it.
//!
//! ```
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use zkvault::account::{Account, Service};
//! use zkvault::core::SecretText;
//! # use zkvault::core::kdf::KdfParams;
//! # use zkvault::core::keyring::Keyring;
//!
//! # let passphrase = SecretText::from(String::from("clamp juror onyx"));
//! # let mut keyring = Keyring::create(&passphrase, KdfParams::new(19_456, 2, 1)?, 0)?;
//! let secret = SecretText::from(String::from("api-secret"));
//! Account::new(Service::Logmeonce, "acme.logmeonce.com", "api-key", secret)?.store(&mut keyring)?;
//!
//! let account = Account::of_keyring(Service::Logmeonce, &keyring)?;
//! assert_eq!(account.url.to_string(), "https://acme.logmeonce.com");
//! let client = account.logmeonce();
//! # Ok(())
//! # }
//! ```
//!
//! The credentials are sealed in the keyring, under names such as `logmeonce.url`, `logmeonce.key` and `loome.token`:
//! at most seven for each service, each a text of at most 8 KiB.

use std::fmt;

use zkvault_client::logmeonce::LogMeOnce;
use zkvault_client::oauth::{Credentials, Session, Token};
use zkvault_client::{NativeTransport, ServiceUrl, ServiceUrlError};
use zkvault_core::SecretText;
use zkvault_core::keyring::{CredentialError, Keyring};

/// What is kept of an account: after the service's name, as in `logmeonce.url`.
const URL: &str = "url";
const IDENTITY: &str = "identity";
const KEY: &str = "key";
const SECRET: &str = "secret";
const GRANT: &str = "grant";
const USERNAME: &str = "username";
const TOKEN: &str = "token";
const ALL: [&str; 7] = [URL, IDENTITY, KEY, SECRET, GRANT, USERNAME, TOKEN];

/// The account of a service cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The keyring has none.
    #[error("no {} account is known", .0.title())]
    Unknown(Service),
    /// It needs a user's token, and that is not there. The API key's own token in its place would have another
    /// person's permissions.
    #[error("the login is not there any more")]
    LoginLost(Service),
    /// Its address is no address of a service.
    #[error("the account's address cannot be used")]
    Address(#[source] ServiceUrlError),
    /// The keyring does not take it.
    #[error("a credential was not stored")]
    NotStored(#[source] CredentialError),
}

codes!(AccountError {
    Self::Unknown(_) | Self::LoginLost(_) => "not-authenticated",
    Self::Address(_) => "usage",
    Self::NotStored(_) => "keyring",
});

/// A service that has accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Service {
    /// The LogMeOnce REST API.
    Logmeonce,
    /// The Loome Assist API.
    Loome,
}

impl Service {
    /// As people call it.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Logmeonce => "LogMeOnce",
            Self::Loome => "Loome Assist",
        }
    }

    /// As options, documents and keyrings call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Logmeonce => "logmeonce",
            Self::Loome => "loome",
        }
    }

    /// The name of a credential in the keyring, such as `loome.url`.
    fn credential(self, what: &str) -> String {
        format!("{}.{what}", self.name())
    }
}

/// How an account was logged in to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LoginGrant {
    /// With the API key alone.
    ClientCredentials,
    /// By a user in a browser.
    AuthorizationCode,
    /// With a user's name and password.
    Password,
}

impl LoginGrant {
    /// Its name in OAuth 2.0.
    #[must_use]
    pub const fn name(self) -> &'static str {
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
pub struct Account {
    /// Whose account it is.
    pub service: Service,
    /// Its address.
    pub url: ServiceUrl,
    /// The address that gives tokens, where that is not the account's: Loome Assist may have an identity host.
    pub identity: Option<ServiceUrl>,
    /// The API key.
    pub key: String,
    /// The API key's secret.
    pub secret: SecretText,
    /// How it was logged in to.
    pub grant: LoginGrant,
    /// Who logged in, where that was a user with a password.
    pub username: Option<String>,
    /// The last token.
    pub token: Option<Token>,
}

impl Account {
    /// An account that is logged in to with its API key alone. The address is a URL or its domain.
    ///
    /// # Errors
    ///
    /// [`AccountError::Address`].
    pub fn new(
        service: Service,
        address: &str,
        key: impl Into<String>,
        secret: SecretText,
    ) -> Result<Self, AccountError> {
        Ok(Self {
            service,
            url: parse_address(address)?,
            identity: None,
            key: key.into(),
            secret,
            grant: LoginGrant::ClientCredentials,
            username: None,
            token: None,
        })
    }

    /// The account that a keyring keeps.
    ///
    /// A login of a person without its token is an error and not a login with the API key alone: that would act with
    /// other permissions than the person has.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unknown`], [`AccountError::LoginLost`], [`AccountError::Address`].
    pub fn of_keyring(service: Service, keyring: &Keyring) -> Result<Self, AccountError> {
        let credential = |what| keyring.credentials().get(&service.credential(what));
        let get = |what| credential(what).map(SecretText::expose_secret);
        let (Some(url), Some(key), Some(secret)) = (get(URL), get(KEY), get(SECRET)) else {
            return Err(AccountError::Unknown(service));
        };
        let account = Self {
            identity: get(IDENTITY).map(parse_address).transpose()?,
            grant: get(GRANT)
                .and_then(LoginGrant::from_name)
                .unwrap_or(LoginGrant::ClientCredentials),
            username: get(USERNAME).map(str::to_owned),
            // One that cannot be read is as good as none.
            token: credential(TOKEN).and_then(|token| Token::from_json(token).ok()),
            ..Self::new(service, url, key, SecretText::from(secret.to_owned()))?
        };
        if account.grant != LoginGrant::ClientCredentials && account.token.is_none() {
            return Err(AccountError::LoginLost(service));
        }
        Ok(account)
    }

    /// Puts the account into a keyring, in place of the one of the same service.
    ///
    /// What the account had before and has no longer is removed, such as the token of an earlier login. On an error
    /// some of it may be stored: do not save the keyring then.
    /// [`OpenKeyring::update`](crate::keyring_file::OpenKeyring::update) does not.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotStored`].
    pub fn store(&self, keyring: &mut Keyring) -> Result<(), AccountError> {
        forget(self.service, keyring);
        let text = |text: &str| SecretText::from(text.to_owned());
        let mut put = |what, secret| put(keyring, &self.service.credential(what), secret);
        put(URL, text(&self.url.to_string()))?;
        if let Some(identity) = &self.identity {
            put(IDENTITY, text(&identity.to_string()))?;
        }
        put(KEY, text(&self.key))?;
        put(SECRET, text(self.secret.expose_secret()))?;
        put(GRANT, text(self.grant.name()))?;
        if let Some(username) = &self.username {
            put(USERNAME, text(username))?;
        }
        match &self.token {
            Some(token) => put(TOKEN, token.to_json()),
            None => Ok(()),
        }
    }

    /// The API credentials for requests, with the token if there is one.
    ///
    /// The secret is copied, and wiped with the session. Tokens that the session fetches are its own: [`keep_token`]
    /// puts the last one back into a keyring.
    #[must_use]
    pub fn session(&self) -> Session {
        let secret = SecretText::from(self.secret.expose_secret().to_owned());
        let credentials = Credentials::new(self.key.clone(), secret);
        let token = self.token.as_ref();
        let token = token.and_then(|token| Token::from_json(&token.to_json()).ok());
        Session::new(credentials, token)
    }

    /// A client of the LogMeOnce API for this account, on this machine's network.
    #[must_use]
    pub fn logmeonce(&self) -> LogMeOnce<NativeTransport> {
        self.logmeonce_over(NativeTransport::new())
    }

    /// As [`logmeonce`](Self::logmeonce), over a transport of the caller's, such as one that says what it waits for.
    #[must_use]
    pub fn logmeonce_over(&self, transport: NativeTransport) -> LogMeOnce<NativeTransport> {
        LogMeOnce::new(transport, self.url.clone(), self.session())
    }

    /// The API key, unless it is its own secret, as Loome Assist may have it.
    #[must_use]
    pub fn shown_key(&self) -> Option<&str> {
        (self.key != self.secret.expose_secret()).then_some(&self.key)
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            service,
            url,
            identity,
            key: _,
            secret: _,
            grant,
            username,
            token: _,
        } = self;
        f.debug_struct("Account")
            .field("service", service)
            .field("url", url)
            .field("identity", identity)
            .field("key", &self.shown_key())
            .field("grant", grant)
            .field("username", username)
            .finish_non_exhaustive()
    }
}

/// Takes an account out of a keyring. Says whether there was one.
///
/// Nothing is revoked at the service.
pub fn forget(service: Service, keyring: &mut Keyring) -> bool {
    let credentials = keyring.credentials_mut();
    let removed = ALL.map(|what| credentials.remove(&service.credential(what)));
    removed.iter().any(Option::is_some)
}

/// Puts a token into a keyring in place of the one before.
///
/// # Errors
///
/// [`AccountError::NotStored`].
pub fn keep_token(service: Service, keyring: &mut Keyring, token: &Token) -> Result<(), AccountError> {
    put(keyring, &service.credential(TOKEN), token.to_json())
}

/// Reads an account's address: a URL, or its domain alone.
///
/// ```
/// use zkvault::account::parse_address;
///
/// assert_eq!(parse_address("acme.logmeonce.com")?.to_string(), "https://acme.logmeonce.com");
/// assert!(parse_address("http://acme.logmeonce.com").is_err(), "in plaintext, and not to this machine");
/// // A slash that is forgotten does not make a host of `https`.
/// assert_eq!(parse_address("https:/acme.logmeonce.com")?.to_string(), "https://acme.logmeonce.com");
/// # Ok::<(), zkvault::account::AccountError>(())
/// ```
///
/// # Errors
///
/// [`AccountError::Address`].
pub fn parse_address(text: &str) -> Result<ServiceUrl, AccountError> {
    // One slash that is forgotten must not make a host of the scheme.
    let has_scheme = text.contains(":/") || text.contains(":\\");
    let with_scheme = match has_scheme {
        true => text.to_owned(),
        false => format!("https://{text}"),
    };
    ServiceUrl::parse(&with_scheme).map_err(AccountError::Address)
}

fn put(keyring: &mut Keyring, name: &str, secret: SecretText) -> Result<(), AccountError> {
    keyring
        .credentials_mut()
        .set(name, secret)
        .map_err(AccountError::NotStored)
}

#[cfg(test)]
mod tests {
    use zkvault_core::kdf::KdfParams;

    use super::*;

    fn secret(text: &str) -> SecretText {
        SecretText::from(text.to_owned())
    }

    fn keyring() -> Keyring {
        Keyring::create(&secret("passphrase"), KdfParams::new(19_456, 2, 1).unwrap(), 0).unwrap()
    }

    fn token() -> Token {
        let json = r#"{"access":"t","refresh":"r","grant":"user","expires_at":null,"renew_at":null}"#;
        Token::from_json(&secret(json)).unwrap()
    }

    #[test]
    fn an_account_comes_back_and_goes_whole() {
        let mut keyring = keyring();
        let account = Account {
            grant: LoginGrant::Password,
            username: Some("ada".to_owned()),
            identity: Some(parse_address("https://identity.example/").unwrap()),
            token: Some(token()),
            ..Account::new(Service::Loome, "https://acme.example", "key", secret("hush-hush")).unwrap()
        };
        account.store(&mut keyring).unwrap();
        let back = Account::of_keyring(Service::Loome, &keyring).unwrap();
        assert_eq!(
            (back.grant, back.username.as_deref()),
            (LoginGrant::Password, Some("ada"))
        );
        assert_eq!(back.secret, account.secret);
        assert_eq!(back.identity, account.identity);
        assert!(back.token.is_some());
        assert!(!format!("{back:?}").contains("hush-hush"));
        let other = Account::of_keyring(Service::Logmeonce, &keyring).unwrap_err();
        assert!(matches!(other, AccountError::Unknown(Service::Logmeonce)));
        assert!(forget(Service::Loome, &mut keyring));
        assert_eq!(keyring.credentials().iter().count(), 0);
        assert!(!forget(Service::Loome, &mut keyring));
    }

    #[test]
    fn a_users_login_without_its_token_is_not_replaced_by_the_keys_own() {
        let mut keyring = keyring();
        let mut account = Account::new(Service::Logmeonce, "acme.example", "key", secret("s")).unwrap();
        account.grant = LoginGrant::AuthorizationCode;
        account.store(&mut keyring).unwrap();
        let lost = Account::of_keyring(Service::Logmeonce, &keyring).unwrap_err();
        assert_eq!(
            (lost.code(), matches!(lost, AccountError::LoginLost(_))),
            ("not-authenticated", true)
        );
        keep_token(Service::Logmeonce, &mut keyring, &token()).unwrap();
        assert!(Account::of_keyring(Service::Logmeonce, &keyring).is_ok());
    }

    #[test]
    fn an_address_is_a_url_or_its_domain_and_a_forgotten_slash_makes_no_host_of_the_scheme() {
        assert_eq!(
            parse_address("acme.example").unwrap().to_string(),
            "https://acme.example"
        );
        assert_eq!(parse_address("https://acme.example").unwrap().host(), "acme.example");
        assert_eq!(parse_address("https:/acme.example").unwrap().host(), "acme.example");
        for bad in ["http://acme.example", ""] {
            assert_eq!(parse_address(bad).unwrap_err().code(), "usage", "{bad}");
        }
    }
}
