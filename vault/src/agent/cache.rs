//! The keys that an agent keeps, and until when.
//!
//! There is no timer for a key. Every access first looks at the clock and forgets what is over, so a key that is over
//! is never given out, whatever the timers of the process did while the machine slept. The server looks at least every
//! ten seconds, so that keys do not stay in memory longer than that (`LOOK` in server.rs).
//!
//! ```
//! use std::time::Duration;
//!
//! use zkvault::agent::Limits;
//!
//! let limits = Limits::new(Duration::from_millis(90_500), Duration::from_secs(3600))?;
//! assert_eq!(limits.idle(), Duration::from_secs(90));
//! assert!(Limits::new(Duration::ZERO, Duration::from_secs(3600)).is_err());
//! # Ok::<(), zkvault::agent::LimitsError>(())
//! ```

use std::time::Duration;

use zkvault_core::keyring::{UnlockKey, UnlockKeyId};

use super::clock::Clock;
use super::{AgentError, EntryStatus, Result};

/// The most keys that an agent keeps: one for each keyring of a person.
pub const MAX_ENTRIES: usize = 32;
/// The longest time that a key is kept: a week.
pub const MAX_LIMIT: Duration = Duration::from_secs(7 * 24 * 3600);
/// Two clocks that are read one after the other differ, also on a machine that never slept.
///
/// A sleep that is shorter locks nothing.
const SLEEP: Duration = Duration::from_secs(1);

/// How long a key is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    idle: Duration,
    age: Duration,
}

/// 15 minutes without use, 8 hours in all.
impl Default for Limits {
    fn default() -> Self {
        Self {
            idle: Duration::from_secs(15 * 60),
            age: Duration::from_secs(8 * 3600),
        }
    }
}

/// A time is too short or too long to keep a key for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is kept for 1 second to {} days", MAX_LIMIT.as_secs() / (24 * 3600))]
pub struct LimitsError;

impl Limits {
    /// A key is kept until nobody has asked for it for `idle`, and for no longer than `age`: each of 1 second to
    /// [a week](MAX_LIMIT), of which fractions of a second do not count.
    ///
    /// # Errors
    ///
    /// [`LimitsError`].
    pub fn new(idle: Duration, age: Duration) -> std::result::Result<Self, LimitsError> {
        let whole = |time: Duration| Duration::from_secs(time.as_secs());
        let (idle, age) = (whole(idle), whole(age));
        let is_fine = |time: &Duration| (Duration::from_secs(1)..=MAX_LIMIT).contains(time);
        match is_fine(&idle) && is_fine(&age) {
            true => Ok(Self { idle, age }),
            false => Err(LimitsError),
        }
    }

    /// How long a key is kept that nobody asks for.
    #[must_use]
    pub fn idle(self) -> Duration {
        self.idle
    }

    /// How long a key is kept at most.
    #[must_use]
    pub fn age(self) -> Duration {
        self.age
    }
}

#[derive(Debug)]
struct Entry {
    id: UnlockKeyId,
    /// On the heap, and wiped when the entry is dropped.
    key: UnlockKey,
    idle: Duration,
    /// When it is forgotten if nobody asks for it.
    idle_end: Duration,
    /// When it is forgotten.
    end: Duration,
}

impl Entry {
    /// When it is forgotten, whichever limit comes first.
    fn ends(&self) -> Duration {
        self.idle_end.min(self.end)
    }
}

/// The keys that an agent keeps. Each is wiped when it is forgotten.
#[derive(Debug)]
pub struct Cache<C> {
    clock: C,
    entries: Vec<Entry>,
    /// How long the machine had been asleep when the cache was last looked at.
    asleep: Duration,
}

impl<C: Clock> Cache<C> {
    /// Without keys.
    pub fn new(clock: C) -> Self {
        Self {
            asleep: clock.asleep(),
            entries: Vec::new(),
            clock,
        }
    }

    /// The time, after what is over was forgotten: everything if the machine was asleep.
    fn settle(&mut self) -> Duration {
        let (now, asleep) = (self.clock.now(), self.clock.asleep());
        if asleep.saturating_sub(self.asleep) >= SLEEP {
            self.entries.clear();
        }
        self.asleep = asleep;
        self.entries.retain(|entry| entry.ends() > now);
        now
    }

    /// The key of this name; its time without use begins anew.
    pub(super) fn get(&mut self, id: UnlockKeyId) -> Option<&UnlockKey> {
        let now = self.settle();
        let entry = self.entries.iter_mut().find(|entry| entry.id == id)?;
        entry.idle_end = now + entry.idle;
        Some(&entry.key)
    }

    /// Keeps a key, in place of one of the same name.
    ///
    /// [`AgentError::Full`] rather than the loss of the oldest one: a person would be asked for a passphrase without
    /// knowing why.
    pub(super) fn put(&mut self, id: UnlockKeyId, key: UnlockKey, limits: Limits) -> Result<()> {
        let now = self.settle();
        self.entries.retain(|entry| entry.id != id);
        if self.entries.len() >= MAX_ENTRIES {
            return Err(AgentError::Full);
        }
        self.entries.push(Entry {
            id,
            key,
            idle: limits.idle,
            idle_end: now + limits.idle,
            end: now + limits.age,
        });
        Ok(())
    }

    /// Keeps a key in place of one of a different name, for as long as that one had left; whether that one was there.
    ///
    /// For a keyring whose passphrase was changed: a different key must not be kept longer than a person allowed for
    /// the first.
    pub(super) fn replace(&mut self, old: UnlockKeyId, id: UnlockKeyId, key: UnlockKey) -> bool {
        let now = self.settle();
        let Some(at) = self.entries.iter().position(|entry| entry.id == old) else {
            return false;
        };
        let before = self.entries.swap_remove(at);
        self.entries.retain(|entry| entry.id != id);
        let idle_end = now + before.idle;
        self.entries.push(Entry {
            id,
            key,
            idle_end,
            ..before
        });
        true
    }

    /// Forgets the key of this name; whether it was there.
    pub(super) fn forget(&mut self, id: UnlockKeyId) -> bool {
        self.settle();
        let before = self.entries.len();
        self.entries.retain(|entry| entry.id != id);
        self.entries.len() < before
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }

    /// How long until the next key is forgotten.
    pub(super) fn next_end(&mut self) -> Option<Duration> {
        let now = self.settle();
        let next = self.entries.iter().map(Entry::ends).min()?;
        Some(next.saturating_sub(now))
    }

    /// What is kept and for how long. Asking for it is no use of a key: `idle` does not begin anew.
    pub(super) fn status(&mut self) -> Vec<EntryStatus> {
        let now = self.settle();
        let left = |end: Duration| Duration::from_secs(end.saturating_sub(now).as_secs());
        let entries = self.entries.iter().map(|entry| EntryStatus {
            id: entry.id,
            idle_left: left(entry.ends()),
            age_left: left(entry.end),
        });
        entries.collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    /// A clock that a test moves: milliseconds awake, and asleep.
    #[derive(Debug, Clone, Default)]
    struct TestClock(Arc<(AtomicU64, AtomicU64)>);

    impl TestClock {
        fn pass(&self, seconds: u64) {
            self.0.0.fetch_add(seconds * 1000, Ordering::Relaxed);
        }

        fn sleep(&self, seconds: u64) {
            self.0.1.fetch_add(seconds * 1000, Ordering::Relaxed);
        }
    }

    impl Clock for TestClock {
        fn now(&self) -> Duration {
            self.asleep() + Duration::from_millis(self.0.0.load(Ordering::Relaxed))
        }

        fn asleep(&self) -> Duration {
            Duration::from_millis(self.0.1.load(Ordering::Relaxed))
        }
    }

    fn id(byte: u8) -> UnlockKeyId {
        UnlockKeyId::from_bytes([byte; 32])
    }

    fn key(byte: u8) -> UnlockKey {
        UnlockKey::from_slice(&[byte; 32]).unwrap()
    }

    fn cache() -> (TestClock, Cache<TestClock>) {
        let clock = TestClock::default();
        clock.pass(1000);
        (clock.clone(), Cache::new(clock))
    }

    fn minutes(count: u64) -> Duration {
        Duration::from_secs(60 * count)
    }

    #[test]
    fn a_key_is_kept_until_nobody_asks_for_it() {
        let (clock, mut cache) = cache();
        cache.put(id(1), key(1), Limits::default()).unwrap();
        for _ in 0..3 {
            clock.pass(14 * 60);
            assert_eq!(cache.get(id(1)).unwrap().expose_secret(), &[1; 32]);
        }
        assert_eq!(cache.next_end(), Some(minutes(15)));
        clock.pass(15 * 60);
        assert!(cache.get(id(1)).is_none() && cache.status().is_empty());
        assert_eq!(cache.next_end(), None);
    }

    #[test]
    fn a_key_in_use_is_forgotten_at_its_age() {
        let (clock, mut cache) = cache();
        cache.put(id(1), key(1), Limits::default()).unwrap();
        for _ in 0..47 {
            clock.pass(10 * 60);
            assert!(cache.get(id(1)).is_some());
        }
        assert_eq!(
            cache.next_end(),
            Some(minutes(10)),
            "the age comes before the idle time"
        );
        clock.pass(10 * 60);
        assert!(cache.get(id(1)).is_none());
    }

    /// What is looked at is not used.
    #[test]
    fn a_look_at_the_status_keeps_nothing_longer() {
        let (clock, mut cache) = cache();
        cache.put(id(1), key(1), Limits::default()).unwrap();
        clock.pass(14 * 60);
        let status = cache.status();
        assert_eq!(status[0].idle_left, minutes(1));
        assert_eq!(status[0].age_left, minutes(8 * 60 - 14));
        clock.pass(60);
        assert!(cache.status().is_empty());
    }

    #[test]
    fn everything_is_forgotten_when_the_machine_was_asleep() {
        let (clock, mut cache) = cache();
        cache.put(id(1), key(1), Limits::default()).unwrap();
        clock.sleep(2);
        assert!(cache.get(id(1)).is_none());
        cache.put(id(1), key(1), Limits::default()).unwrap();
        clock.pass(2);
        assert!(cache.get(id(1)).is_some(), "two seconds awake are none asleep");
    }

    /// Where the system counts sleep, but does not say how long it was.
    #[test]
    fn time_asleep_counts() {
        #[derive(Clone)]
        struct Silent(TestClock);
        impl Clock for Silent {
            fn now(&self) -> Duration {
                self.0.now()
            }
            fn asleep(&self) -> Duration {
                Duration::ZERO
            }
        }
        let clock = TestClock::default();
        let mut cache = Cache::new(Silent(clock.clone()));
        cache.put(id(1), key(1), Limits::default()).unwrap();
        clock.sleep(14 * 60);
        assert!(cache.get(id(1)).is_some());
        clock.sleep(15 * 60);
        assert!(cache.get(id(1)).is_none());
    }

    #[test]
    fn a_replaced_key_keeps_the_age_of_the_one_before() {
        let (clock, mut cache) = cache();
        assert!(!cache.replace(id(1), id(2), key(2)), "what is locked stays locked");
        assert!(cache.status().is_empty());
        let limits = Limits::new(minutes(60), minutes(90)).unwrap();
        cache.put(id(1), key(1), limits).unwrap();
        clock.pass(50 * 60);
        assert!(cache.replace(id(1), id(2), key(2)));
        assert!(cache.get(id(1)).is_none());
        assert_eq!(cache.get(id(2)).unwrap().expose_secret(), &[2; 32]);
        assert_eq!(cache.next_end(), Some(minutes(40)));
    }

    #[test]
    fn there_is_room_for_so_many_and_one_is_replaced_by_its_name() {
        let (_, mut cache) = cache();
        for byte in 0..32 {
            cache.put(id(byte), key(byte), Limits::default()).unwrap();
        }
        assert!(matches!(
            cache.put(id(99), key(99), Limits::default()),
            Err(AgentError::Full)
        ));
        cache.put(id(7), key(70), Limits::default()).unwrap();
        assert_eq!(cache.get(id(7)).unwrap().expose_secret(), &[70; 32]);
        assert!(cache.forget(id(7)) && !cache.forget(id(7)));
        assert_eq!(cache.status().len(), 31);
        cache.clear();
        assert!(cache.status().is_empty());
    }

    #[test]
    fn limits_are_a_second_to_a_week() {
        let seconds = Duration::from_secs;
        assert!(Limits::new(seconds(1), MAX_LIMIT).is_ok());
        for (idle, age) in [(0, 1), (1, 0), (1, 7 * 24 * 3600 + 1), (7 * 24 * 3600 + 1, 1)] {
            assert_eq!(Limits::new(seconds(idle), seconds(age)), Err(LimitsError));
        }
        assert_eq!(Limits::new(Duration::from_millis(999), MAX_LIMIT), Err(LimitsError));
    }
}
