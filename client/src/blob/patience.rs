//! When a request is sent again: full jitter, what the service asks for, and an end to it.

use std::time::Duration;

use super::error::Pause;

/// The longest first pause; each later one may be twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const MAX_PAUSE: Duration = Duration::from_secs(30);
/// The longest wait that is accepted when the service asks for one. Beyond, people should decide.
const MAX_AFTER: Duration = Duration::from_secs(120);
/// How often a service is tried that has never answered: the address is probably wrong.
const FIRST_TRIES: u32 = 4;
/// And how long in these tries, without their pauses: nobody is there.
const FIRST_TIME: Duration = Duration::from_secs(45);
/// How long one request is tried while the service has answered others, unless told.
pub(super) const GIVE_UP_AFTER: Duration = Duration::from_secs(120);
/// As much of a try's time counts at most: a machine that slept meanwhile did not try.
const MAX_TRY: Duration = Duration::from_secs(60);

/// The tries of one request.
#[derive(Debug)]
pub(super) struct Patience {
    give_up_after: Duration,
    tries: u32,
    spent: Duration,
    /// In tries, without pauses.
    tried: Duration,
}

impl Patience {
    pub(super) fn new(give_up_after: Duration) -> Self {
        Self {
            give_up_after,
            tries: 0,
            spent: Duration::ZERO,
            tried: Duration::ZERO,
        }
    }

    /// The pause after a try that took so long, or none when it is enough. `random` is any number.
    pub(super) fn next(&mut self, pause: Pause, took: Duration, reached: bool, random: u64) -> Option<Duration> {
        let longest = FIRST_PAUSE.saturating_mul(1 << self.tries.min(16)).min(MAX_PAUSE);
        let millis = u64::try_from(longest.as_millis()).unwrap_or(u64::MAX);
        let jitter = Duration::from_millis(random % millis.max(1));
        let next = pause.after.map_or(jitter, |after| after.max(jitter));
        self.tries += 1;
        let took = took.min(MAX_TRY);
        self.tried = self.tried.saturating_add(took);
        self.spent = self.spent.saturating_add(next).saturating_add(took);
        let in_vain = !reached && (self.tries >= FIRST_TRIES || self.tried > FIRST_TIME);
        let enough = next > MAX_AFTER || self.spent > self.give_up_after || in_vain;
        (!enough).then_some(next)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAIN: Pause = Pause {
        after: None,
        maybe_done: false,
    };

    fn pauses(reached: bool, random: u64, took: Duration) -> Vec<Duration> {
        let mut patience = Patience::new(GIVE_UP_AFTER);
        std::iter::from_fn(|| patience.next(PLAIN, took, reached, random))
            .take(1000)
            .collect()
    }

    #[test]
    fn pauses_grow_to_their_limits() {
        let longest = pauses(true, u64::MAX - u64::MAX % 250 - 1, Duration::ZERO);
        assert!(longest[0] < FIRST_PAUSE);
        assert!(longest.iter().all(|pause| *pause <= MAX_PAUSE));
        assert!(longest.iter().sum::<Duration>() <= GIVE_UP_AFTER);
    }

    #[test]
    fn the_time_of_tries_counts_and_that_of_a_sleeping_machine_does_not() {
        let tries = |seconds| pauses(true, 0, Duration::from_secs(seconds)).len();
        assert_eq!((tries(30), tries(60), tries(100_000)), (4, 2, 2));
    }

    #[test]
    fn a_service_that_never_answered_is_given_up_early() {
        assert_eq!(pauses(false, 0, Duration::ZERO).len(), FIRST_TRIES as usize - 1);
        let tries = |seconds| pauses(false, 0, Duration::from_secs(seconds)).len() + 1;
        assert_eq!((tries(10), tries(38), tries(60)), (4, 2, 1), "one that is silent");
    }

    #[test]
    fn what_the_service_asks_for_is_waited_for_within_reason() {
        let next = |seconds| {
            let after = Some(Duration::from_secs(seconds));
            Patience::new(GIVE_UP_AFTER).next(Pause { after, ..PLAIN }, Duration::ZERO, true, 0)
        };
        assert_eq!(next(3), Some(Duration::from_secs(3)));
        assert_eq!((next(121), next(u64::MAX)), (None, None));
    }
}
