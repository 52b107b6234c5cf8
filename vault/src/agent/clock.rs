//! Time as an agent counts it: with the time that the machine was asleep.
//!
//! A person who unlocks for an hour and closes the lid means an hour of the wall. So the clocks here count sleep, and
//! say how much of the time it was: a machine that slept may have been carried away, and everything is forgotten then.
//! The wall clock itself is not used, because anybody with the permission to set it back could keep a key alive.

use std::time::Duration;

/// A clock that nobody sets back.
pub trait Clock: Send {
    /// The time since some moment in the past, with the time that the machine was asleep where the system counts that.
    fn now(&self) -> Duration;

    /// How much of that time the machine was asleep; zero where the system does not say.
    fn asleep(&self) -> Duration;
}

/// The clock of this machine: `CLOCK_BOOTTIME` on Linux, `GetTickCount64` on Windows, and elsewhere `CLOCK_MONOTONIC`, which
/// counts sleep on macOS.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

#[cfg(target_os = "linux")]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        time(rustix::time::ClockId::Boottime)
    }

    fn asleep(&self) -> Duration {
        self.now().saturating_sub(time(rustix::time::ClockId::Monotonic))
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        time(rustix::time::ClockId::Monotonic)
    }

    fn asleep(&self) -> Duration {
        Duration::ZERO
    }
}

#[cfg(unix)]
fn time(clock: rustix::time::ClockId) -> Duration {
    let time = rustix::time::clock_gettime(clock);
    let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
}

/// Milliseconds with the time asleep, and units of 100 nanoseconds without it.
#[cfg(windows)]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        Duration::from_millis(winsafe::GetTickCount64())
    }

    fn asleep(&self) -> Duration {
        let now = self.now();
        let awake = winsafe::QueryUnbiasedInterruptTime().map(|units| Duration::from_nanos(units.saturating_mul(100)));
        awake.map_or(Duration::ZERO, |awake| now.saturating_sub(awake))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_system_clock_moves_forward() {
        let before = SystemClock.now();
        std::thread::sleep(Duration::from_millis(5));
        assert!(SystemClock.now() - before >= Duration::from_millis(5));
        assert!(SystemClock.asleep() <= SystemClock.now());
    }
}
