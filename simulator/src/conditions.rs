//! The circumstances under which a service answers: what tests turn while it runs.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::answer::Answer;
use crate::clock::Clock;
use crate::faults::{Fault, FaultQueue};
use crate::quirk::Quirk;
use crate::rate::{RateLimit, RateLimiter};
use crate::traffic::{Received, Traffic};

/// Changes an answer before it is written. It sees the request, and can put a lie in place of anything.
pub type Rewriter = Arc<dyn Fn(&Received, &mut Answer) + Send + Sync>;

/// What tests turn while a service runs. At the start nothing is wrong.
#[derive(Default)]
pub struct Conditions {
    clock: Clock,
    latency: Mutex<Duration>,
    rate: Mutex<Option<RateLimiter>>,
    faults: Mutex<FaultQueue>,
    rewriter: Mutex<Option<Rewriter>>,
    traffic: Mutex<Traffic>,
    quirks: Mutex<Vec<Quirk>>,
}

impl Conditions {
    /// Waits this long before each answer.
    pub fn set_latency(&self, latency: Duration) {
        *lock(&self.latency) = latency;
    }

    /// Sets the service's clock this many seconds ahead, or behind when negative. Tokens expire by that clock.
    pub fn set_clock_skew(&self, seconds: i64) {
        self.clock.set_skew(seconds);
    }

    /// Answers 429 to the requests above a limit, or lifts the limit.
    pub fn set_rate_limit(&self, limit: Option<RateLimit>) {
        *lock(&self.rate) = limit.map(RateLimiter::new);
    }

    /// Lets the next `times` requests fail whose path starts with `path`, after the faults that wait already.
    pub fn inject(&self, fault: Fault, times: usize, path: &str) {
        self.inject_after(0, fault, times, path);
    }

    /// As [`inject`](Self::inject), but the next `after` requests to such paths pass first.
    pub fn inject_after(&self, after: usize, fault: Fault, times: usize, path: &str) {
        lock(&self.faults).push(fault, after, times, path);
    }

    /// Forgets the faults that wait.
    pub fn clear_faults(&self) {
        lock(&self.faults).clear();
    }

    /// Lets a closure change every answer, or stops that.
    pub fn set_rewriter(&self, rewriter: Option<Rewriter>) {
        *lock(&self.rewriter) = rewriter;
    }

    /// Gives the service quirks, in place of those that it has.
    pub fn set_quirks(&self, quirks: &[Quirk]) {
        *lock(&self.quirks) = quirks.to_vec();
    }

    /// The latest requests, as they came, oldest first; at most [`MAX_RECEIVED`](crate::MAX_RECEIVED).
    #[must_use]
    pub fn requests(&self) -> Vec<Received> {
        lock(&self.traffic).list()
    }

    pub(crate) fn clock(&self) -> &Clock {
        &self.clock
    }

    pub(crate) fn latency(&self) -> Duration {
        *lock(&self.latency)
    }

    /// The seconds to wait for when the limit is reached.
    pub(crate) fn count_request(&self) -> Result<(), u64> {
        lock(&self.rate).as_mut().map_or(Ok(()), RateLimiter::count)
    }

    pub(crate) fn take_fault(&self, path: &str) -> Option<Fault> {
        lock(&self.faults).take(path)
    }

    pub(crate) fn rewriter(&self) -> Option<Rewriter> {
        lock(&self.rewriter).clone()
    }

    pub(crate) fn quirks(&self) -> Vec<Quirk> {
        lock(&self.quirks).clone()
    }

    pub(crate) fn record(&self, received: Received) {
        lock(&self.traffic).push(received);
    }
}

impl fmt::Debug for Conditions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conditions").finish_non_exhaustive()
    }
}

/// Locks, also after a panic elsewhere: one failed test should not fail the others.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
