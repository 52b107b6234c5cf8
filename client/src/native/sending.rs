//! Whether a request is still moving: a body that notes when a piece of it was taken, and who looks at that.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Bytes that are handed on at once.
const PIECE_LEN: usize = 128 << 10;
/// Bytes that the system may hold back of a body that was handed to it, and how many of them a slow line takes in a
/// second: the answer cannot come before they are through.
const HELD_BACK: usize = 4 << 20;
const SLOW: usize = 32 << 10;
/// How often it is looked in the time after which a request counts as stuck.
const LOOKS: u32 = 4;

/// How far the body of a request got.
#[derive(Debug, Default)]
pub(super) struct Progress {
    taken: AtomicUsize,
    whole: AtomicBool,
}

/// A body that is taken piece by piece.
#[derive(Debug)]
pub(super) struct Watched {
    rest: Bytes,
    progress: Arc<Progress>,
}

impl Watched {
    pub(super) fn new(body: Bytes) -> (Self, Arc<Progress>) {
        let progress = Arc::new(Progress::default());
        progress.whole.store(body.is_empty(), Ordering::Relaxed);
        let watched = Self {
            rest: body,
            progress: Arc::clone(&progress),
        };
        (watched, progress)
    }
}

impl Body for Watched {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let len = self.rest.len().min(PIECE_LEN);
        let piece = self.rest.split_to(len);
        self.progress.taken.fetch_add(len, Ordering::Relaxed);
        self.progress.whole.store(self.rest.is_empty(), Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

/// Ends when nothing of the body was taken for `idle`; once all of it was, when no answer came for as long, and for
/// what the system may still have to send.
pub(super) async fn stuck(progress: &Progress, idle: Duration) {
    let tick = idle / LOOKS;
    let (mut quiet, mut before) = (Duration::ZERO, 0);
    loop {
        tokio::time::sleep(tick).await;
        let taken = progress.taken.load(Ordering::Relaxed);
        let held_back = match progress.whole.load(Ordering::Relaxed) {
            true => Duration::from_secs((taken.min(HELD_BACK) / SLOW) as u64),
            false => Duration::ZERO,
        };
        quiet = if taken == before { quiet + tick } else { Duration::ZERO };
        before = taken;
        if quiet >= idle + held_back {
            return;
        }
    }
}
