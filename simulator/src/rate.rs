//! A limit on requests per time.

use std::time::{Duration, Instant};

/// So many requests in each window of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests are served in a window.
    pub requests: u32,
    /// How long a window is.
    pub window: Duration,
}

#[derive(Debug)]
pub(crate) struct RateLimiter {
    limit: RateLimit,
    began: Instant,
    served: u32,
}

impl RateLimiter {
    pub(crate) fn new(limit: RateLimit) -> Self {
        Self {
            limit,
            began: Instant::now(),
            served: 0,
        }
    }

    /// Counts a request, or says in how many whole seconds to come again.
    pub(crate) fn count(&mut self) -> Result<(), u64> {
        if self.began.elapsed() >= self.limit.window {
            *self = Self::new(self.limit);
        }
        if self.served < self.limit.requests {
            self.served += 1;
            return Ok(());
        }
        let left = self.limit.window.saturating_sub(self.began.elapsed());
        Err(left.as_secs() + 1)
    }
}
