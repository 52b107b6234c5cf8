//! A session with the LogMeOnce API: the account, a client for it, and a place to run it.
//!
//! The account comes from `ZKV_LOGMEONCE_URL`, `_KEY` and `_SECRET`, and then no keyring is opened and no token is
//! kept; or from what `zkv auth login` put into the keyring, which then also keeps the token.

pub(crate) mod account;
mod error;

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use zkvault_client::{CallError, ClientError, Encoding, Grant, LogMeOnce, NativeTransport, ServiceUrl, Token};
use zkvault_core::Keyring;

use self::account::Account;
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::keyring_file::OpenKeyring;
use crate::output::escaped;

/// The client of the LogMeOnce API on this machine's network.
pub(crate) type Client = LogMeOnce<NativeTransport>;

/// An account of the LogMeOnce API, ready to be asked.
pub(crate) struct Session<'a> {
    context: &'a Context<'a>,
    runtime: Runtime,
    client: Client,
    account: Account,
    keyring: Option<OpenKeyring>,
    /// Whether the account, and so its token, is in the keyring.
    keeps_token: bool,
}

/// Opens a session, and the keyring only if the environment does not name an account.
pub(crate) fn logmeonce<'a>(context: &'a Context<'a>) -> Result<Session<'a>> {
    match account::from_environment(context)? {
        Some(account) => Session::new(context, account, None, false),
        None => with_account_of(context, OpenKeyring::unlock(context)?),
    }
}

/// As [`logmeonce`], for commands that have the keyring open anyway.
pub(crate) fn logmeonce_with<'a>(context: &'a Context<'a>, keyring: OpenKeyring) -> Result<Session<'a>> {
    match account::from_environment(context)? {
        Some(account) => Session::new(context, account, Some(keyring), false),
        None => with_account_of(context, keyring),
    }
}

fn with_account_of<'a>(context: &'a Context<'a>, keyring: OpenKeyring) -> Result<Session<'a>> {
    let account = account::from_keyring(keyring.keyring())?;
    Session::new(context, account, Some(keyring), true)
}

impl<'a> Session<'a> {
    fn new(
        context: &'a Context<'a>,
        account: Account,
        keyring: Option<OpenKeyring>,
        keeps_token: bool,
    ) -> Result<Self> {
        Ok(Self {
            context,
            runtime: runtime()?,
            client: account.client(),
            account,
            keyring,
            keeps_token,
        })
    }

    /// Sends parameters as a form instead of JSON.
    pub(crate) fn with_form(self, form: bool) -> Self {
        let encoding = if form { Encoding::Form } else { Encoding::Json };
        let client = self.client.with_encoding(encoding);
        Self { client, ..self }
    }

    /// The account that is asked.
    pub(crate) fn account(&self) -> &Account {
        &self.account
    }

    /// The account's address.
    pub(crate) fn url(&self) -> &ServiceUrl {
        &self.account.url
    }

    /// The keyring, if it had to be opened or was open already.
    pub(crate) fn keyring(&self) -> Option<&Keyring> {
        self.keyring.as_ref().map(OpenKeyring::keyring)
    }

    /// Changes the keyring and saves it, if it is open.
    pub(crate) fn update_keyring(&mut self, change: impl FnOnce(&mut Keyring) -> Result<()>) -> Result<()> {
        match &mut self.keyring {
            Some(keyring) => keyring.update(self.context, change),
            None => Ok(()),
        }
    }

    /// Runs requests to their end. A token that is new then is kept, also when the requests failed: the one before
    /// may be good no more.
    pub(crate) fn block_on<T>(&mut self, work: impl AsyncFnOnce(&Client) -> Result<T>) -> Result<T> {
        let before = self.client.token();
        let result = self.runtime.block_on(work(&self.client));
        let after = self.client.token();
        let is_new = match (&before, &after) {
            (_, None) => false,
            (None, Some(_)) => true,
            (Some(before), Some(after)) => !Arc::ptr_eq(before, after),
        };
        if let (true, Some(token)) = (is_new && self.keeps_token, after) {
            self.keep(&token);
        }
        result
    }

    /// Puts the token into the keyring. Without it a client asks for another one; only a login that cannot be
    /// renewed is lost, so only that is worth a word.
    fn keep(&mut self, token: &Token) {
        let (context, json) = (self.context, token.to_json());
        let Some(keyring) = &mut self.keyring else { return };
        let kept = keyring.update(context, |keyring| account::put(keyring, account::TOKEN, json));
        if let (Err(error), Grant::User) = (kept, token.grant()) {
            let reason = error.cause.unwrap_or(error.message);
            let warning = format!("the renewed login was not kept ({reason}): zkv auth login may be needed again");
            context.output.warning(&escaped(&warning));
        }
    }
}

/// One thread is enough: requests wait for the network.
pub(crate) fn runtime() -> Result<Runtime> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build();
    runtime.map_err(|error| CliError::io("cannot start to wait for the network", &error))
}

/// For `?` after a method of the client.
impl From<ClientError> for CliError {
    fn from(failed: ClientError) -> Self {
        error::from_client(&failed)
    }
}

/// For requests that contradict themselves.
impl From<CallError> for CliError {
    fn from(error: CallError) -> Self {
        Self::usage("the request cannot be made").cause(error)
    }
}
