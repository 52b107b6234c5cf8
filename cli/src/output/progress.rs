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
}

/// Counts bytes or sites; shows nothing before half a second has passed, and nothing off a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Of `total` bytes, where that is known.
    pub(crate) fn new(total: Option<u64>, quiet: bool) -> Self {
        Self::counting(Unit::Bytes, total, quiet)
    }

    /// Of sites, as many as come.
    pub(crate) fn of_sites(quiet: bool) -> Self {
        Self::counting(Unit::Sites, None, quiet)
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
        Self { bar }
    }

    /// So many more are done.
    pub(crate) fn add(&self, more: u64) {
        if let Some(bar) = &self.bar {
            bar.inc(more);
        }
    }
}

/// What the library counts.
impl zkvault::progress::Progress for Progress {
    fn expect(&self, more: u64) {
        if let Some(bar) = &self.bar {
            bar.set_length(bar.length().unwrap_or_default().saturating_add(more));
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
    let (bar, template) = match (unit, total) {
        (Unit::Bytes, Some(total)) => (
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::hidden()),
            "{bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}",
        ),
        (Unit::Bytes, None) => (
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            "{spinner} {binary_bytes} {binary_bytes_per_sec}",
        ),
        (Unit::Sites, _) => (
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            "{spinner} {human_pos} sites",
        ),
        (Unit::Tries, _) => (
            ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden()),
            "{spinner} {human_pos} tries",
        ),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
