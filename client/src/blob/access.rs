//! The token that is in use, and the next one: fetched once for all requests that wait for it.
//!
//! A token is renewed ahead of its end, and when the service says that it has ended. Both are judged by the service's
//! clock, as told by the `Date` of its answers.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use futures_util::lock::Mutex;

use super::sas_url::SasUrl;

/// Seconds before its end in which a token is renewed, at most: a block takes its time.
const MAX_MARGIN: u64 = 120;
/// A token is renewed in the last part of its life; this is which.
const MARGIN_PART: u64 = 4;
/// Seconds before which a renewal that failed is not tried again, while the token still holds.
const PAUSE: u64 = 30;

/// Asks for a new token: the address of the same container, with another token.
pub type Renew = Box<dyn Fn() -> Renewing>;

/// A new token on its way. Futures need not be `Send`: in a browser they cannot be.
pub type Renewing = Pin<Box<dyn Future<Output = Result<SasUrl, RenewalError>>>>;

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
    pub(super) url: Rc<SasUrl>,
    generation: u64,
}

/// The token of a container.
pub(super) struct Access {
    token: RefCell<Token>,
    renew: Option<Renew>,
    /// Only one asks.
    turn: Mutex<()>,
    /// Seconds that the service's clock is ahead of the host's, once it has answered.
    ahead: Cell<Option<i64>>,
    /// When the token was first used, by the service's clock.
    since: Cell<Option<u64>>,
    /// When a renewal ahead of time may be tried, by the service's clock.
    not_before: Cell<u64>,
}

impl Access {
    pub(super) fn new(url: SasUrl, renew: Option<Renew>) -> Self {
        let url = Rc::new(url);
        Self {
            token: RefCell::new(Token { url, generation: 0 }),
            renew,
            turn: Mutex::new(()),
            ahead: Cell::new(None),
            since: Cell::new(None),
            not_before: Cell::new(0),
        }
    }

    pub(super) fn url(&self) -> Rc<SasUrl> {
        Rc::clone(&self.token.borrow().url)
    }

    /// Learns the service's time, which was told with an answer.
    pub(super) fn note_time(&self, service: u64, host: u64) {
        self.ahead.set(Some(service.wrapping_sub(host).cast_signed()));
        if self.since.get().is_none() {
            self.since.set(Some(service));
        }
    }

    /// The service's time, once it has answered.
    pub(super) fn time(&self, host: u64) -> Option<u64> {
        self.ahead.get().map(|ahead| host.wrapping_add_signed(ahead))
    }

    /// The token to use, renewed if it is about to end. A renewal that fails then is no failure yet.
    pub(super) async fn at_hand(&self, host: u64) -> Token {
        let token = self.token.borrow().clone();
        let Some(now) = self.due(&token, host) else {
            return token;
        };
        if self.renew(&token, host).await.is_err() {
            self.not_before.set(now.saturating_add(PAUSE));
        }
        self.token.borrow().clone()
    }

    /// The service's time, if the token should be renewed ahead of its end.
    fn due(&self, token: &Token, host: u64) -> Option<u64> {
        self.renew.as_ref()?;
        let now = self.time(host)?;
        let (end, since) = (token.url.expires_at()?, self.since.get()?);
        let margin = (end.saturating_sub(since) / MARGIN_PART).min(MAX_MARGIN);
        (end.saturating_sub(now) <= margin && now >= self.not_before.get()).then_some(now)
    }

    /// Whether there can be a new token at all.
    pub(super) fn can_renew(&self) -> bool {
        self.renew.is_some()
    }

    /// Gets a token in place of the one that was used. Nothing is asked if that was replaced meanwhile.
    pub(super) async fn renew(&self, used: &Token, host: u64) -> Result<(), RenewalError> {
        let _turn = self.turn.lock().await;
        if self.token.borrow().generation != used.generation {
            return Ok(());
        }
        let renew = self.renew.as_ref();
        let renew = renew.ok_or_else(|| RenewalError::new("nothing can renew it"))?;
        let url = renew().await?;
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
        let generation = used.generation.wrapping_add(1);
        let url = Rc::new(url);
        self.since.set(now);
        self.token.replace(Token { url, generation });
        Ok(())
    }
}
