//! Which account is asked: the one that the environment names, or the one that `zkv auth login` stored.

use zkvault::account::{Account, LoginGrant, Service, parse_address};
use zkvault::config::Setting;
use zkvault_client::ServiceUrl;
use zkvault_core::SecretText;
use zkvault_core::text::{self, CredentialError};

use crate::context::Context;
use crate::error::{CliError, Exit, Result};
use crate::service::ServiceWords as _;
use crate::{environment, passphrase, settings};

/// The account that the environment names, whole but for an address that the settings may have. The environment and the
/// keyring are never mixed: a secret would go to an address that it was not stored for.
pub(crate) fn from_environment(service: Service, context: &Context<'_>) -> Result<Option<Account>> {
    let variable = |what| service.variable(what);
    let (url, key) = (
        environment::text(&variable("URL"))?,
        environment::text(&variable("KEY"))?,
    );
    let names_identity = service == Service::Loome && environment::text(&service.variable("IDENTITY_URL"))?.is_some();
    let secret = passphrase::from_environment(&variable("SECRET"))?;
    if !names_identity && url.is_none() && key.is_none() && secret.is_none() {
        return Ok(None);
    }
    let url = url.map_or_else(|| settings::text(service.address()), |url| Ok(Some(url)))?;
    let (Some(url), Some(key)) = (url, key) else {
        return Err(incomplete(service));
    };
    let url = parse_address(&url)?;
    let name = variable("SECRET");
    let hint = format!("set {name}_FILE to a file that holds the API secret, or {name}");
    let secret = secret.map_or_else(|| context.prompt.secret("API secret", &hint), Ok)?;
    Ok(Some(Account {
        service,
        url,
        identity: identity(service)?,
        key: api_key(&key)?,
        secret: api_secret(secret)?,
        grant: LoginGrant::ClientCredentials,
        username: None,
        token: None,
    }))
}

/// An API key as it is sent.
pub(crate) fn api_key(text: &str) -> Result<String> {
    let key = text::credential(text).map(str::to_owned);
    key.map_err(|error| unusable("API key", error))
}

/// An API secret as it is sent.
pub(crate) fn api_secret(text: SecretText) -> Result<SecretText> {
    text.into_credential().map_err(|error| unusable("API secret", error))
}

/// A service would only say that one of the two is wrong.
fn unusable(what: &str, error: CredentialError) -> CliError {
    CliError::new(Exit::Other, "malformed", format!("the {what} cannot be used")).cause(error)
}

/// The host that gives tokens, where that is a different one from the API's.
pub(crate) fn identity(service: Service) -> Result<Option<ServiceUrl>> {
    let text = match service {
        Service::Loome => settings::text(Setting::LoomeIdentityUrl)?,
        Service::Logmeonce => None,
    };
    Ok(text.as_deref().map(parse_address).transpose()?)
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
