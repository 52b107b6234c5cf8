//! Time as an agent counts it: with the time that the machine was asleep.

use std::time::Duration;

/// A clock that nobody sets back.
pub trait Clock: Send {
    /// The time since some moment in the past, with the time that the machine was asleep where the system counts that.
    fn now(&self) -> Duration;

    /// How much of that time the machine was asleep; zero where the system does not say.
    fn asleep(&self) -> Duration;
}

/// The clock of this machine: `CLOCK_BOOTTIME` on Linux, and `CLOCK_MONOTONIC`, which counts sleep on macOS, elsewhere.
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

#[cfg(not(unix))]
impl Clock for SystemClock {
    fn now(&self) -> Duration {
        static START: std::sync::LazyLock<std::time::Instant> = std::sync::LazyLock::new(std::time::Instant::now);
        START.elapsed()
    }

    fn asleep(&self) -> Duration {
        Duration::ZERO
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
