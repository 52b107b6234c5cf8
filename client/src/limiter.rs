//! A limit on what is asked of a service at a time, so that a program in a loop is no burden to it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::transport::Transport;

/// How often a waiting request looks whether it is its turn.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Lets a number of requests through at a time, and a number of them in one second.
#[derive(Debug)]
pub(crate) struct Limiter {
    in_flight: usize,
    per_second: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    in_flight: usize,
    second: u64,
    begun: usize,
}

/// A request's place, which it holds until dropped.
#[derive(Debug)]
pub(crate) struct Place<'a>(&'a Limiter);

impl Limiter {
    pub(crate) fn new(in_flight: usize, per_second: usize) -> Self {
        Self {
            in_flight,
            per_second,
            state: Mutex::default(),
        }
    }

    /// Waits for a place.
    pub(crate) async fn enter<T: Transport>(&self, transport: &T) -> Place<'_> {
        loop {
            match self.take(transport.now()) {
                Some(place) => return place,
                None => transport.sleep(LOOK_AGAIN).await,
            }
        }
    }

    fn take(&self, now: u64) -> Option<Place<'_>> {
        let mut state = self.lock();
        // Also when the clock was set back.
        if state.second != now {
            state.second = now;
            state.begun = 0;
        }
        if state.in_flight >= self.in_flight || state.begun >= self.per_second {
            return None;
        }
        state.in_flight += 1;
        state.begun += 1;
        drop(state);
        Some(Place(self))
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        self.0.lock().in_flight -= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_at_a_time_than_the_limit() {
        let limiter = Limiter::new(2, 100);
        let first = limiter.take(0);
        let second = limiter.take(0);
        assert!(first.is_some() && second.is_some() && limiter.take(0).is_none());
        drop(first);
        assert!(limiter.take(0).is_some());
    }

    #[test]
    fn no_more_in_a_second_than_the_limit() {
        let limiter = Limiter::new(100, 3);
        let begun = |now| std::iter::from_fn(|| limiter.take(now).map(drop)).count();
        assert_eq!([begun(10), begun(10), begun(11), begun(9)], [3, 0, 3, 3]);
    }
}
