//! Sessions with Loome Assist.

use std::sync::Arc;

use zkvault::account::{Account, Service};
use zkvault_client::loome::{Loome, LoomePathError, LoomePaths};
use zkvault_client::oauth::Token;
use zkvault_client::{ClientError, NativeTransport};

use super::{HasToken, Session, error, runtime, transport};
use crate::environment;
use crate::error::{CliError, Result};

/// The client of the Loome Assist API on this machine's network.
pub(crate) type LoomeClient = Loome<NativeTransport>;

impl HasToken for LoomeClient {
    fn token(&self) -> Option<Arc<Token>> {
        Self::token(self)
    }
}

impl Session<'_, LoomeClient> {
    /// The account's host.
    pub(crate) fn host(&self) -> &str {
        self.account.url.host()
    }

    /// What names the account wherever something is kept for it.
    pub(crate) fn account_name(&self) -> String {
        self.account.url.account()
    }

    /// Runs requests to their end, as [`block_on`](Session::block_on) does for the other service.
    pub(crate) fn ask<T>(
        &mut self,
        work: impl AsyncFnOnce(&LoomeClient) -> std::result::Result<T, ClientError>,
    ) -> Result<T> {
        self.run(work)
            .map_err(|failed| error::from_client(&failed, Service::Loome))
    }

    /// A client for what happens in another place, with the token of this one. What it gets is not kept.
    pub(crate) fn into_client(self) -> Result<LoomeClient> {
        let token = self.client.token();
        let token = token.and_then(|token| Token::from_json(&token.to_json()).ok());
        client(&Account { token, ..self.account })
    }
}

/// A client that asks for an account, with the token if there is one.
pub(super) fn client(account: &Account) -> Result<LoomeClient> {
    let (url, session) = (account.url.clone(), account.session());
    let client = Loome::new(transport(), url, session, paths()?);
    Ok(match &account.identity {
        Some(identity) => client.with_identity(identity.clone()),
        None => client,
    })
}

/// Gets a token with the API key and its secret.
pub(crate) fn log_in(account: &Account) -> Result<Arc<Token>> {
    let token = runtime()?.block_on(client(account)?.log_in());
    token.map_err(|failed| error::from_client(&failed, Service::Loome))
}

type Set = fn(LoomePaths, &str) -> std::result::Result<LoomePaths, LoomePathError>;

const TOKEN_PATH: &str = "ZKV_LOOME_TOKEN_PATH";
const IDENTITY_HINT: &str =
    "a host that only gives tokens goes into ZKV_LOOME_IDENTITY_URL, or zkv auth login --service loome --identity-url";

/// What the vendor does not publish, and where an instance may differ from our guess.
const SETTINGS: [(&str, Set); 5] = [
    (TOKEN_PATH, LoomePaths::with_token),
    ("ZKV_LOOME_PROJECTS_PATH", LoomePaths::with_projects),
    ("ZKV_LOOME_NAME_CHECK_PATH", LoomePaths::with_name_check),
    ("ZKV_LOOME_CREATE_PATH", LoomePaths::with_create),
    ("ZKV_LOOME_KEY_PARAMETER", LoomePaths::with_key_parameter),
];

/// The paths, from the environment.
pub(crate) fn paths() -> Result<LoomePaths> {
    let mut paths = LoomePaths::default();
    for (variable, set) in SETTINGS {
        if let Some(text) = environment::text(variable)? {
            let refused = |error| {
                let refused = CliError::usage(format!("{variable} cannot be used")).cause(error);
                match error {
                    LoomePathError::Address if variable == TOKEN_PATH => refused.hint(IDENTITY_HINT),
                    _ => refused,
                }
            };
            paths = set(paths, &text).map_err(refused)?;
        }
    }
    Ok(paths)
}
