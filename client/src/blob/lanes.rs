//! How many requests are on their way at once: as many as are asked for, until the service says that it is too many.
//!
//! Then half as many, and one more after each round of them that went well (additive increase, multiplicative decrease).

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::transport::Transport;

/// From here on there is no limit any more.
const ENOUGH: usize = 64;
/// How often a waiting request looks whether it is its turn.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The requests on their way, and how many there may be.
#[derive(Debug, Default)]
pub(super) struct Lanes(Mutex<State>);

#[derive(Debug)]
struct State {
    limit: usize,
    busy: usize,
    /// Requests that went well since the limit changed.
    passed: usize,
}

impl Default for State {
    fn default() -> Self {
        Self {
            limit: usize::MAX,
            busy: 0,
            passed: 0,
        }
    }
}

/// A request's place, which it holds until dropped.
#[derive(Debug)]
pub(super) struct Lane<'a>(&'a Lanes);

impl Lanes {
    /// Waits for a place.
    pub(super) async fn enter<T: Transport>(&self, transport: &T) -> Lane<'_> {
        loop {
            match self.take() {
                Some(lane) => return lane,
                None => transport.sleep(LOOK_AGAIN).await,
            }
        }
    }

    fn take(&self) -> Option<Lane<'_>> {
        let mut state = self.lock();
        if state.busy >= state.limit {
            return None;
        }
        state.busy += 1;
        Some(Lane(self))
    }

    /// The service asks for less. Requests that were sent before the limit fell say nothing new.
    pub(super) fn throttled(&self) {
        let mut state = self.lock();
        let busy = state.busy + 1;
        if busy <= state.limit {
            state.limit = (busy / 2).max(1);
        }
        state.passed = 0;
    }

    /// A request went well.
    pub(super) fn passed(&self) {
        let mut state = self.lock();
        let limit = state.limit;
        if limit == usize::MAX {
            return;
        }
        state.passed += 1;
        if state.passed >= limit {
            state.passed = 0;
            state.limit = if limit >= ENOUGH { usize::MAX } else { limit + 1 };
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.0.lock().busy -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(busy: usize, limit: usize) -> Lanes {
        Lanes(Mutex::new(State { limit, busy, passed: 0 }))
    }

    #[test]
    fn a_whole_wave_of_refusals_leaves_one() {
        let lanes = with(8, usize::MAX);
        for left in (0..8).rev() {
            lanes.lock().busy = left;
            lanes.throttled();
        }
        assert_eq!(lanes.lock().limit, 1);
        let lanes = with(7, usize::MAX);
        lanes.throttled();
        assert_eq!(lanes.lock().limit, 4);
        lanes.lock().busy = 6;
        lanes.throttled();
        assert_eq!(lanes.lock().limit, 4, "it was sent before");
    }

    #[test]
    fn what_goes_well_brings_back_one_more_each_round_until_there_is_no_limit() {
        let lanes = with(0, 1);
        let mut passed = 0;
        while lanes.lock().limit != usize::MAX {
            lanes.passed();
            passed += 1;
        }
        assert_eq!(passed, (1..=ENOUGH).sum::<usize>());
    }
}
