//! A progress bar on stderr, for a person and for work that takes longer than half a second.

use std::io::{self, IsTerminal as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

const DELAY: Duration = Duration::from_millis(500);

/// What is counted.
#[derive(Debug, Clone, Copy)]
enum Unit {
    Bytes,
    Sites,
}

/// Counts bytes or sites; shows nothing before half a second has passed, and nothing off a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    started: Instant,
    total: Option<u64>,
    unit: Unit,
    done: u64,
    wanted: bool,
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

    fn counting(unit: Unit, total: Option<u64>, quiet: bool) -> Self {
        Self {
            started: Instant::now(),
            total,
            unit,
            done: 0,
            wanted: !quiet && io::stderr().is_terminal(),
            bar: None,
        }
    }

    /// So many more are done.
    pub(crate) fn add(&mut self, more: u64) {
        self.done += more;
        if self.bar.is_none() && self.wanted && self.started.elapsed() >= DELAY {
            self.bar = Some(bar(self.unit, self.total));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(self.done);
        }
    }
}

/// Takes the bar off the screen.
impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(unit: Unit, total: Option<u64>) -> ProgressBar {
    let (bar, template) = match (unit, total) {
        (Unit::Bytes, Some(total)) => (
            ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr()),
            "{bar:30} {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}",
        ),
        (Unit::Bytes, None) => (
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
            "{spinner} {binary_bytes} {binary_bytes_per_sec}",
        ),
        (Unit::Sites, _) => (
            ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()),
            "{spinner} {human_pos} sites",
        ),
    };
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
