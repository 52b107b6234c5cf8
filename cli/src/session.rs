//! A session with a service: the account, a client for it, and a place to run it.
//!
//! The account comes from `ZKV_LOGMEONCE_URL`, `_KEY` and `_SECRET`, or `ZKV_LOOME_URL` and so on, and then no keyring is opened and no token is
//! kept; or from what `zkv auth login` put into the keyring, which then also keeps the token.

pub(crate) mod account;
mod error;
mod loome;

use std::sync::Arc;

use tokio::runtime::{Builder, Runtime};
use zkvault::account::{Account, Service, keep_token};
use zkvault::journal::{Author, Journal, JournalError};
use zkvault_client::logmeonce::{CallError, Encoding, LogMeOnce};
use zkvault_client::oauth::{Grant, Token};
use zkvault_client::{ClientError, NativeTransport, ServiceUrl};
use zkvault_core::keyring::Keyring;

pub(crate) use self::error::wait;
pub(crate) use self::loome::{LoomeClient, log_in as loome_log_in, paths as loome_paths};
use crate::context::Context;
use crate::error::{CliError, Result};
use crate::keyring_file;
use crate::output::{self, Patience, escaped};
use zkvault::keyring_file::OpenKeyring;

/// The client of the LogMeOnce API on this machine's network.
pub(crate) type Client = LogMeOnce<NativeTransport>;

/// A client whose token can be kept.
pub(crate) trait HasToken {
    /// The token that is in use.
    fn token(&self) -> Option<Arc<Token>>;
}

impl HasToken for Client {
    fn token(&self) -> Option<Arc<Token>> {
        Self::token(self)
    }
}

/// An account of a service, ready to be asked.
pub(crate) struct Session<'a, C = Client> {
    context: &'a Context<'a>,
    runtime: Runtime,
    client: C,
    account: Account,
    keyring: Option<OpenKeyring>,
    /// Whether the account, and so its token, is in the keyring.
    keeps_token: bool,
    /// Where changes are recorded, if the keyring is open.
    journal: Option<Arc<Journal>>,
}

/// Opens a session, and the keyring only if the environment does not name an account.
pub(crate) fn logmeonce<'a>(context: &'a Context<'a>) -> Result<Session<'a>> {
    let open = |account: &Account| Ok(account.logmeonce_over(transport()));
    Session::open(context, Service::Logmeonce, None, open)?.recorded()
}

/// As [`logmeonce`], for commands that have the keyring open anyway.
pub(crate) fn logmeonce_with<'a>(context: &'a Context<'a>, keyring: OpenKeyring) -> Result<Session<'a>> {
    let open = |account: &Account| Ok(account.logmeonce_over(transport()));
    Session::open(context, Service::Logmeonce, Some(keyring), open)?.recorded()
}

/// As [`logmeonce`], for Loome Assist.
pub(crate) fn loome<'a>(context: &'a Context<'a>) -> Result<Session<'a, LoomeClient>> {
    Session::open(context, Service::Loome, None, loome::client)
}

impl<'a, C: HasToken> Session<'a, C> {
    fn open(
        context: &'a Context<'a>,
        service: Service,
        keyring: Option<OpenKeyring>,
        client: impl FnOnce(&Account) -> Result<C>,
    ) -> Result<Self> {
        let (account, keyring, keeps_token) = match account::from_environment(service, context)? {
            Some(account) => (account, keyring, false),
            None => {
                let keyring = keyring.map_or_else(|| keyring_file::open(context), Ok)?;
                let account = Account::of_keyring(service, keyring.keyring())?;
                (account, Some(keyring), true)
            }
        };
        Ok(Self {
            context,
            runtime: runtime()?,
            client: client(&account)?,
            account,
            keyring,
            keeps_token,
            journal: None,
        })
    }

    /// Runs requests to their end. A token that is new then is kept, also when the requests failed: the one before
    /// may be good no more.
    fn run<T>(&mut self, work: impl AsyncFnOnce(&C) -> T) -> T {
        let before = self.client.token();
        let patience = Patience::with(format!("a response of {}", self.account.url.host()));
        let result = self.runtime.block_on(work(&self.client));
        drop(patience);
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

    /// Puts the token into the keyring. Without it a client asks for a new one; only a login that cannot be
    /// renewed is lost, so only that is worth a word.
    fn keep(&mut self, token: &Token) {
        let (context, service) = (self.context, self.account.service);
        let Some(keyring) = &mut self.keyring else { return };
        let kept: Result<()> = keyring.update(|keyring| Ok(keep_token(service, keyring, token)?));
        if let (Err(error), Grant::User) = (kept, token.grant()) {
            let reason = error.cause.unwrap_or(error.message);
            let warning = format!("the renewed login was not kept ({reason}): zkv auth login may be needed again");
            context.output.warning(&escaped(&warning));
        }
    }
}

/// What only the LogMeOnce API needs.
impl Session<'_> {
    /// Records changes in the profile's journal. Without a keyring there is no key for it, and nothing is recorded.
    fn recorded(self) -> Result<Self> {
        let Some(keyring) = &self.keyring else {
            return Ok(self);
        };
        let (profile, author) = (self.context.profile()?.files()?, Author::of(&self.account));
        let journal = Arc::new(Journal::new(&profile, keyring.keyring(), author));
        Ok(Self {
            client: self.client.with_witness(Arc::clone(&journal) as _),
            journal: Some(journal),
            ..self
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
            Some(keyring) => keyring.update(change),
            None => Ok(()),
        }
    }

    /// Runs requests to their end. A token that is new then is kept. When a change could not be recorded, that is the
    /// error: it was not sent.
    pub(crate) fn block_on<T>(&mut self, work: impl AsyncFnOnce(&Client) -> Result<T>) -> Result<T> {
        let Some(journal) = self.journal.clone() else {
            return self.run(work);
        };
        for (kind, id, name) in self.context.names().iter() {
            journal.learn(*kind, *id, name);
        }
        let result = self.run(work);
        for notice in journal.take_notices() {
            self.context.output.warning(&escaped(&notice.to_string()));
        }
        match journal.take_failure() {
            Some(error) => Err(not_recorded(error)),
            None => result,
        }
    }
}

fn not_recorded(error: JournalError) -> CliError {
    CliError::from(error).about("a change was not sent, because it could not be recorded")
}

/// The network, which says what it waits for.
pub(crate) fn transport() -> NativeTransport {
    NativeTransport::new().with_notice(output::waiting)
}

/// One thread is enough: requests wait for the network.
pub(crate) fn runtime() -> Result<Runtime> {
    let runtime = Builder::new_current_thread().enable_io().enable_time().build();
    runtime.map_err(|error| CliError::io("cannot start to wait for the network", &error))
}

/// For `?` after a method of the LogMeOnce client.
impl From<ClientError> for CliError {
    fn from(failed: ClientError) -> Self {
        error::from_client(&failed, Service::Logmeonce)
    }
}

/// For requests that contradict themselves.
impl From<CallError> for CliError {
    fn from(error: CallError) -> Self {
        Self::usage("the request cannot be made").cause(error)
    }
}
