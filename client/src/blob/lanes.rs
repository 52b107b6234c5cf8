//! How many requests are on their way at once: as many as are asked for, until the service says that it is too many.
//!
//! Then half as many, and one more after each round of them that went well (additive increase, multiplicative decrease).

use std::cell::Cell;
use std::time::Duration;

use crate::transport::Transport;

/// From here on there is no limit any more.
const ENOUGH: usize = 64;
/// How often a waiting request looks whether it is its turn.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The requests on their way, and how many there may be.
#[derive(Debug)]
pub(super) struct Lanes {
    limit: Cell<usize>,
    busy: Cell<usize>,
    /// Requests that went well since the limit changed.
    passed: Cell<usize>,
}

impl Default for Lanes {
    fn default() -> Self {
        Self {
            limit: Cell::new(usize::MAX),
            busy: Cell::new(0),
            passed: Cell::new(0),
        }
    }
}

/// A request's place, which it holds until dropped.
#[derive(Debug)]
pub(super) struct Lane<'a>(&'a Lanes);

impl Lanes {
    /// Waits for a place.
    pub(super) async fn enter<T: Transport>(&self, transport: &T) -> Lane<'_> {
        while self.busy.get() >= self.limit.get() {
            transport.sleep(LOOK_AGAIN).await;
        }
        self.busy.set(self.busy.get() + 1);
        Lane(self)
    }

    /// The service asks for less. Requests that were sent before the limit fell say nothing new.
    pub(super) fn throttled(&self) {
        let busy = self.busy.get() + 1;
        if busy <= self.limit.get() {
            self.limit.set((busy / 2).max(1));
        }
        self.passed.set(0);
    }

    /// A request went well.
    pub(super) fn passed(&self) {
        let limit = self.limit.get();
        if limit == usize::MAX {
            return;
        }
        self.passed.set(self.passed.get() + 1);
        if self.passed.get() >= limit {
            self.passed.set(0);
            self.limit.set(if limit >= ENOUGH { usize::MAX } else { limit + 1 });
        }
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        self.0.busy.set(self.0.busy.get() - 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(busy: usize, limit: usize) -> Lanes {
        let lanes = Lanes::default();
        lanes.busy.set(busy);
        lanes.limit.set(limit);
        lanes
    }

    #[test]
    fn a_whole_wave_of_refusals_leaves_one() {
        let lanes = with(8, usize::MAX);
        for left in (0..8).rev() {
            lanes.busy.set(left);
            lanes.throttled();
        }
        assert_eq!(lanes.limit.get(), 1);
        let lanes = with(7, usize::MAX);
        lanes.throttled();
        assert_eq!(lanes.limit.get(), 4);
        lanes.busy.set(6);
        lanes.throttled();
        assert_eq!(lanes.limit.get(), 4, "it was sent before");
    }

    #[test]
    fn what_goes_well_brings_back_one_more_each_round_until_there_is_no_limit() {
        let lanes = with(0, 1);
        let mut passed = 0;
        while lanes.limit.get() != usize::MAX {
            lanes.passed();
            passed += 1;
        }
        assert_eq!(passed, (1..=ENOUGH).sum::<usize>());
    }
}
