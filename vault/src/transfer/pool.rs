//! Buffers that go round, and a limit on how much they hold together.
//!
//! Without a limit, files of 128-MiB blocks would take 128 MiB for each of the 8 blocks of each of the 16 files. The
//! limit is on the bytes that are asked for, in a semaphore of KiB; a task that asks for more than is free waits. A
//! download holds its first mebibyte while it waits for a block, so no request may need all of the budget: a very large
//! buffer counts as half of it (`no_more_is_held_than_the_limit`). Two blocks of 128 MiB are therefore held at once,
//! which is more than the limit says.
//!
//! Up to 16 buffers of at most 9 MiB are kept when they are free, because memory that is fresh from the system is
//! cleared by it first.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{MAX_IN_FLIGHT, Result};
use crate::workers::WorkersEnded;

/// What a permit stands for.
const UNIT: u64 = 1024;
/// Buffers that are kept for the next ones.
const MAX_FREE: usize = 16;

/// A piece of memory that glibc takes from the system for itself, and learns from.
const LARGE_LEN: usize = 16 << 20;

/// Buffers for blocks on their way. They hold what a storage sees, so they are not wiped.
pub(super) struct Pool {
    budget: Arc<Semaphore>,
    free: Mutex<Vec<Vec<u8>>>,
}

impl Pool {
    pub(super) fn new() -> Arc<Self> {
        keep_freed_memory();
        Arc::new(Self {
            budget: Arc::new(Semaphore::new((MAX_IN_FLIGHT / UNIT) as usize)),
            free: Mutex::default(),
        })
    }

    /// An empty buffer for `len` bytes, as soon as so many are free. A very large one counts as half of all: the task
    /// that waits for it may hold a small one already.
    pub(super) async fn take(self: &Arc<Self>, len: u64) -> Result<Buffer> {
        let room = self.room(len).await?;
        let mut bytes = self.lock().pop().unwrap_or_default();
        bytes.reserve_exact(usize::try_from(len).unwrap_or_default());
        Ok(Buffer {
            bytes,
            pool: Arc::clone(self),
            _room: room,
        })
    }

    /// Room for `len` bytes that are in buffers of somebody else, until it is dropped.
    pub(super) async fn room(self: &Arc<Self>, len: u64) -> Result<Room> {
        let units = len.min(MAX_IN_FLIGHT / 2).div_ceil(UNIT) as u32;
        let permit = Arc::clone(&self.budget).acquire_many_owned(units).await;
        // The budget is closed by nobody.
        let _permit = permit.map_err(|_| WorkersEnded)?;
        Ok(Room { _permit })
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<Vec<u8>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Has the allocator keep what is freed, for the next buffers of the network.
///
/// glibc gives memory back to the system when more is free than twice the largest piece that it had from the system for
/// itself, and each page that it gets again is cleared and faulted in: a twelfth of the time of a large download. It
/// learns of that size when such a piece is freed. None of it is touched; other allocators do not care.
fn keep_freed_memory() {
    drop(std::hint::black_box(Vec::<u8>::with_capacity(LARGE_LEN)));
}

/// A part of what may be held at once.
#[must_use = "the room is free for others when this is dropped"]
pub(super) struct Room {
    _permit: OwnedSemaphorePermit,
}

/// A buffer of the pool, to which it returns.
pub(super) struct Buffer {
    pub(super) bytes: Vec<u8>,
    pool: Arc<Pool>,
    _room: Room,
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.clear();
        let mut free = self.pool.lock();
        if free.len() < MAX_FREE && bytes.capacity() as u64 <= MAX_IN_FLIGHT / 8 {
            free.push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;
    use std::task::{Context, Waker};

    use super::*;

    #[test]
    fn no_more_is_held_than_the_limit() {
        let pool = Pool::new();
        let mut context = Context::from_waker(Waker::noop());
        let half = MAX_IN_FLIGHT / 2;
        let mut ready = |len| match pin!(pool.take(len)).poll(&mut context) {
            std::task::Poll::Ready(buffer) => Some(buffer.ok().unwrap()),
            std::task::Poll::Pending => None,
        };
        let (one, two) = (ready(half).unwrap(), ready(half).unwrap());
        assert!(ready(1).is_none());
        drop(one);
        let three = ready(half).unwrap();
        assert!(ready(1).is_none());
        drop((two, three));
        let small = ready(1).unwrap();
        assert!(
            ready(MAX_IN_FLIGHT * 2).is_some(),
            "a small one does not stand in its way"
        );
        drop(small);
    }
}
