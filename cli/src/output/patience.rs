//! A word about what is waited for, where nothing else shows that the program is alive.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::{aside, progress};
use crate::escape::escaped;

/// A person wonders after so long.
const SILENCE: Duration = Duration::from_secs(2);

/// Says once on a terminal what is waited for, unless it comes within two seconds or a progress bar is shown. Dropped when
/// it came.
#[derive(Debug)]
pub(crate) struct Patience(Option<Arc<(Mutex<bool>, Condvar)>>);

impl Patience {
    /// From now on; `what` completes "still waiting for …". Nothing is said to a program.
    pub(crate) fn with(what: impl Into<String>) -> Self {
        if !super::tells() {
            return Self(None);
        }
        let (what, came) = (what.into(), Arc::new((Mutex::new(false), Condvar::new())));
        let watched = Arc::clone(&came);
        std::thread::spawn(move || {
            let (came, changed) = &*watched;
            let came = came.lock().unwrap_or_else(PoisonError::into_inner);
            let waited = changed.wait_timeout_while(came, SILENCE, |came| !*came);
            let (came, _) = waited.unwrap_or_else(PoisonError::into_inner);
            // Held while it is written: what was waited for is written after it.
            if !*came && !progress::is_shown() {
                aside(&format!("still waiting for {}", escaped(&what)));
            }
        });
        Self(Some(came))
    }
}

impl Drop for Patience {
    fn drop(&mut self) {
        if let Some(watched) = &self.0 {
            let (came, changed) = &**watched;
            *came.lock().unwrap_or_else(PoisonError::into_inner) = true;
            changed.notify_all();
        }
    }
}
