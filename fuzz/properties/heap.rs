//! How much memory something takes. One thing at a time: other threads count as well.

use peak_alloc::PeakAlloc;

#[global_allocator]
static HEAP: PeakAlloc = PeakAlloc;

/// Runs `work` and asserts that it never had more than `limit` bytes of the heap beyond what was there before.
#[track_caller]
pub(crate) fn within<R>(limit: usize, work: impl FnOnce() -> R) -> R {
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let result = work();
    let peak = HEAP.peak_usage().saturating_sub(before);
    assert!(peak <= limit, "{peak} bytes of memory, and not at most {limit}");
    result
}
