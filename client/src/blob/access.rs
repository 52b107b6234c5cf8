//! The token that is in use, and the next one: fetched once for all requests that wait for it.
//!
//! A token is renewed ahead of its end, and when the service says that it has ended. Both are judged by the service's
//! clock, as told by the `Date` of its answers.

use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::lock::Mutex as Turn;

use super::sas_url::SasUrl;
use crate::marker::{BoxFuture, MaybeSend, MaybeSync};

/// Seconds before its end in which a token is renewed, at most: a block takes its time.
const MAX_MARGIN: u64 = 120;
/// A token is renewed in the last part of its life; this is which.
const MARGIN_PART: u64 = 4;
/// Seconds before which a renewal that failed is not tried again, while the token still holds.
const PAUSE: u64 = 30;

/// Gets new tokens of a container. A function that gives a future is one.
pub trait Renew: MaybeSend + MaybeSync {
    /// Asks for a new token: the address of the same container, with another token.
    fn renew(&self) -> BoxFuture<'_, Result<SasUrl, RenewalError>>;
}

impl<F, R> Renew for F
where
    F: Fn() -> R + MaybeSend + MaybeSync,
    R: Future<Output = Result<SasUrl, RenewalError>> + MaybeSend + 'static,
{
    fn renew(&self) -> BoxFuture<'_, Result<SasUrl, RenewalError>> {
        Box::pin(self())
    }
}

/// There is no new token. The reason is shown to people: it must not hold one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct RenewalError(String);

impl RenewalError {
    /// With a reason.
    #[must_use]
    pub fn new(reason: impl ToString) -> Self {
        Self(reason.to_string())
    }
}

/// A token, and the number that tells it from the ones before and after.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub(super) url: Arc<SasUrl>,
    generation: u64,
}

/// The token of a container.
pub(super) struct Access {
    state: Mutex<State>,
    renew: Option<Box<dyn Renew>>,
    /// Only one asks.
    turn: Turn<()>,
}

struct State {
    token: Token,
    /// Seconds that the service's clock is ahead of the host's, once it has answered.
    ahead: Option<i64>,
    /// When the token was first used, by the service's clock.
    since: Option<u64>,
    /// When a renewal ahead of time may be tried, by the service's clock.
    not_before: u64,
}

impl State {
    /// The service's time, once it has answered.
    fn time(&self, host: u64) -> Option<u64> {
        self.ahead.map(|ahead| host.wrapping_add_signed(ahead))
    }

    /// The service's time, if the token should be renewed ahead of its end.
    fn due(&self, host: u64) -> Option<u64> {
        let now = self.time(host)?;
        let (end, since) = (self.token.url.expires_at()?, self.since?);
        let margin = (end.saturating_sub(since) / MARGIN_PART).min(MAX_MARGIN);
        (end.saturating_sub(now) <= margin && now >= self.not_before).then_some(now)
    }

    /// Takes a new token in place of one that was used.
    fn replace(&mut self, used: &Token, url: SasUrl, host: u64) -> Result<(), RenewalError> {
        if !url.is_same_place(&used.url) {
            return Err(RenewalError::new(
                "the new token is for another container, and was not used",
            ));
        }
        let now = self.time(host);
        if let (Some(now), Some(end)) = (now, url.expires_at())
            && end <= now
        {
            return Err(RenewalError::new("the new token has ended already"));
        }
        self.since = now;
        self.token = Token {
            url: Arc::new(url),
            generation: used.generation.wrapping_add(1),
        };
        Ok(())
    }
}

impl Access {
    pub(super) fn new(url: SasUrl, renew: Option<Box<dyn Renew>>) -> Self {
        let token = Token {
            url: Arc::new(url),
            generation: 0,
        };
        Self {
            state: Mutex::new(State {
                token,
                ahead: None,
                since: None,
                not_before: 0,
            }),
            renew,
            turn: Turn::new(()),
        }
    }

    pub(super) fn url(&self) -> Arc<SasUrl> {
        self.token().url
    }

    fn token(&self) -> Token {
        self.lock().token.clone()
    }

    /// Learns the service's time, which was told with an answer.
    pub(super) fn note_time(&self, service: u64, host: u64) {
        let mut state = self.lock();
        state.ahead = Some(service.wrapping_sub(host).cast_signed());
        state.since.get_or_insert(service);
    }

    /// The service's time, once it has answered.
    pub(super) fn time(&self, host: u64) -> Option<u64> {
        self.lock().time(host)
    }

    /// The token to use, renewed if it is about to end. A renewal that fails then is no failure yet.
    pub(super) async fn at_hand(&self, host: u64) -> Token {
        let (token, due) = {
            let state = self.lock();
            (state.token.clone(), state.due(host).filter(|_| self.can_renew()))
        };
        let Some(now) = due else { return token };
        if self.renew(&token, host).await.is_err() {
            self.lock().not_before = now.saturating_add(PAUSE);
        }
        self.token()
    }

    /// Whether there can be a new token at all.
    pub(super) fn can_renew(&self) -> bool {
        self.renew.is_some()
    }

    /// Gets a token in place of the one that was used. Nothing is asked if that was replaced meanwhile.
    pub(super) async fn renew(&self, used: &Token, host: u64) -> Result<(), RenewalError> {
        let _turn = self.turn.lock().await;
        if self.token().generation != used.generation {
            return Ok(());
        }
        let renew = self.renew.as_ref();
        let renew = renew.ok_or_else(|| RenewalError::new("nothing can renew it"))?;
        let url = renew.renew().await?;
        self.lock().replace(used, url, host)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
