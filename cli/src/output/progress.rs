//! A progress bar on stderr, for a person and for work that takes longer than half a second.
//!
//! It shows how much is done, how fast, and how long the rest will take, also while nothing comes.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(200);

/// The bar that is on the screen: lines go above it.
static SHOWN: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Writes to stderr while no bar is in the way.
pub(super) fn above(write: impl FnOnce()) {
    let shown = SHOWN.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match shown {
        Some(bar) => bar.suspend(write),
        None => write(),
    }
}

/// Whether there is a bar, or will be soon.
pub(super) fn is_shown() -> bool {
    SHOWN.lock().unwrap_or_else(PoisonError::into_inner).is_some()
}

fn set_shown(bar: Option<ProgressBar>) {
    *SHOWN.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// What is counted.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Bytes,
    Sites,
    Tries,
    Requests,
    People,
}

/// Counts bytes or sites; shows nothing before half a second has passed, and nothing off a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    unit: Unit,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Of `total` bytes, where that is known.
    pub(crate) fn new(total: Option<u64>, quiet: bool) -> Self {
        Self::counting(Unit::Bytes, total, quiet)
    }

    /// Of sites, as many as come; of about how many, the library says where it knows that.
    pub(crate) fn of_sites(quiet: bool) -> Self {
        Self::counting(Unit::Sites, None, quiet)
    }

    /// Of requests, of as many as the library says.
    pub(crate) fn of_requests(quiet: bool) -> Self {
        Self::counting(Unit::Requests, None, quiet)
    }

    /// Of so many people.
    pub(crate) fn of_people(total: usize, quiet: bool) -> Self {
        Self::counting(Unit::People, Some(total as u64), quiet)
    }

    /// Of tries, as many as it takes.
    pub(crate) fn counting_tries(quiet: bool) -> Self {
        Self::counting(Unit::Tries, None, quiet)
    }

    fn counting(unit: Unit, total: Option<u64>, quiet: bool) -> Self {
        let wanted = !quiet && super::tells();
        let bar = wanted.then(|| bar(unit, total));
        if let Some(bar) = bar.clone() {
            set_shown(Some(bar.clone()));
            std::thread::spawn(move || show(&bar));
        }
        Self { unit, bar }
    }

    /// So many more are done.
    pub(crate) fn add(&self, more: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(more);
            // There are more than the last time.
            if bar.length().is_some_and(|length| length < bar.position()) {
                bar.set_length(bar.position());
            }
        }
    }
}

/// What the library counts.
impl zkvault::progress::Progress for Progress {
    fn expect(&self, more: u64) {
        if let Some(bar) = self.bar.as_ref().filter(|_| more > 0) {
            let total = bar.length().unwrap_or_default().saturating_add(more);
            bar.set_length(total);
            style(bar, self.unit, Some(total));
        }
    }

    fn advance(&self, done: u64) {
        self.add(done);
    }
}

/// Shows the bar if it is still wanted after a while, and keeps it moving.
fn show(bar: &ProgressBar) {
    std::thread::sleep(DELAY);
    if !bar.is_finished() {
        bar.set_draw_target(ProgressDrawTarget::stderr());
        bar.enable_steady_tick(TICK);
    }
}

/// Takes the bar off the screen.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            set_shown(None);
            bar.finish_and_clear();
        }
    }
}

fn bar(unit: Unit, total: Option<u64>) -> ProgressBar {
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::hidden());
    style(&bar, unit, total);
    bar
}

/// With a total the rest of the time can be told.
fn style(bar: &ProgressBar, unit: Unit, total: Option<u64>) {
    let template = match (unit, total) {
        (Unit::Bytes, Some(_)) => "{bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}",
        (Unit::Bytes, None) => "{spinner} {binary_bytes} {binary_bytes_per_sec}",
        (Unit::Sites, Some(_)) => "{bar:30} {human_pos}/{human_len} sites {eta}",
        (Unit::Sites, None) => "{spinner} {human_pos} sites",
        (Unit::Requests, Some(_)) => "{bar:30} {human_pos}/{human_len} requests {eta}",
        (Unit::Requests, None) => "{spinner} {human_pos} requests",
        (Unit::People, _) => "{bar:30} {human_pos}/{human_len} people {eta}",
        (Unit::Tries, _) => "{spinner} {human_pos} tries",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
}
