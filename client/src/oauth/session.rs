//! The token that is in use, and its renewal.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use zkvault_core::SecretText;

use super::token::{Grant, Token};
use super::{Credentials, TokenEndpoint};
use crate::error::{ClientError, ErrorKind};
use crate::limiter::Limiter;
use crate::transport::Transport;

/// The shortest text that counts as a repeated secret: shorter ones are in every sentence.
const MIN_SECRET_LEN: usize = 6;

/// API credentials and the current access token, fetched on first use and renewed when stale.
pub struct Session {
    credentials: Credentials,
    token: Mutex<Option<Arc<Token>>>,
    /// One renewal at a time: a refresh token may be good once only.
    renewal: Limiter,
}

impl Session {
    /// With the credentials, and a token from an earlier session if there is one.
    #[must_use]
    pub fn new(credentials: Credentials, token: Option<Token>) -> Self {
        Self {
            credentials,
            token: Mutex::new(token.map(Arc::new)),
            renewal: Limiter::new(1, usize::MAX),
        }
    }

    pub(crate) fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// The token that is in use.
    pub(crate) fn token(&self) -> Option<Arc<Token>> {
        self.lock().clone()
    }

    pub(crate) fn set(&self, token: Token) -> Arc<Token> {
        let token = Arc::new(token);
        *self.lock() = Some(Arc::clone(&token));
        token
    }

    pub(crate) fn endpoint<'a, T>(
        &'a self,
        transport: &'a T,
        url: &'a str,
        scope: Option<&'a str>,
    ) -> TokenEndpoint<'a, T> {
        TokenEndpoint {
            transport,
            url,
            credentials: &self.credentials,
            scope,
        }
    }

    /// A token that is not known to be stale.
    pub(crate) async fn fresh<T: Transport>(&self, endpoint: &TokenEndpoint<'_, T>) -> Result<Arc<Token>, ClientError> {
        let now = endpoint.transport.now();
        let usable = |token: &Arc<Token>| !(token.is_stale(now) && token.is_renewable());
        match self.token().filter(usable) {
            Some(token) => Ok(token),
            None => self.renew(endpoint, usable).await,
        }
    }

    /// Another token than one that the service did not accept.
    pub(crate) async fn replace<T: Transport>(
        &self,
        endpoint: &TokenEndpoint<'_, T>,
        refused: &Token,
    ) -> Result<Arc<Token>, ClientError> {
        self.renew(endpoint, |token| token.access() != refused.access()).await
    }

    /// A new token, unless somebody else got a usable one meanwhile.
    async fn renew<T: Transport>(
        &self,
        endpoint: &TokenEndpoint<'_, T>,
        usable: impl Fn(&Arc<Token>) -> bool,
    ) -> Result<Arc<Token>, ClientError> {
        let _alone = self.renewal.enter(endpoint.transport).await;
        let old = self.token();
        if let Some(token) = old.as_ref().filter(|token| usable(token)) {
            return Ok(Arc::clone(token));
        }
        let token = match old.as_deref() {
            #[cfg(feature = "logins")]
            Some(token) if token.grant() == Grant::User => match token.refresh() {
                Some(refresh) => endpoint.by_refresh(refresh).await?,
                None => return Err(ended()),
            },
            #[cfg(not(feature = "logins"))]
            Some(token) if token.grant() == Grant::User => return Err(ended()),
            _ => endpoint.by_credentials().await?,
        };
        Ok(self.set(token))
    }

    /// Whether a text holds the API secret or a token.
    pub(crate) fn is_repeated_in(&self, text: &str) -> bool {
        let token = self.token();
        let tokens = token.iter().flat_map(|token| [Some(token.access()), token.refresh()]);
        let mut secrets = tokens.flatten().chain([self.credentials.secret()]);
        secrets.any(|secret| repeats(text, secret))
    }

    fn lock(&self) -> MutexGuard<'_, Option<Arc<Token>>> {
        self.token.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(crate) fn repeats(text: &str, secret: &SecretText) -> bool {
    repeats_text(text, secret.expose_secret())
}

pub(crate) fn repeats_text(text: &str, secret: &str) -> bool {
    secret.len() >= MIN_SECRET_LEN && text.contains(secret)
}

fn ended() -> ClientError {
    ClientError::new(ErrorKind::Unauthorized).with_detail("the login has ended, and there is no refresh token")
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            credentials,
            token: _,
            renewal: _,
        } = self;
        f.debug_struct("Session")
            .field("credentials", credentials)
            .field("token", &self.token())
            .finish()
    }
}
