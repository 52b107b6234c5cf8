//! A transport whose pauses take no time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use zkvault_client::{NativeBody, NativeTransport, Timeouts, Transport, TransportError};

/// The native transport with a clock of its own, which its pauses move on instead of waiting.
#[derive(Debug, Clone)]
pub struct Hasty {
    inner: Arc<NativeTransport>,
    millis: Arc<AtomicU64>,
    pauses: Arc<Mutex<Vec<Duration>>>,
    notices: Arc<Mutex<Vec<String>>>,
}

impl Hasty {
    /// With these limits of the native transport.
    pub fn new(timeouts: Timeouts) -> Self {
        let inner = NativeTransport::with_timeouts(timeouts);
        Self {
            millis: Arc::new(AtomicU64::new(inner.now() * 1000)),
            inner: Arc::new(inner),
            pauses: Arc::default(),
            notices: Arc::default(),
        }
    }

    /// Moves the clock on.
    pub fn pass(&self, seconds: u64) {
        self.millis.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    /// Everything that was waited for so far, in words.
    pub fn notices(&self) -> Vec<String> {
        self.notices.lock().unwrap().clone()
    }

    /// All pauses so far.
    pub fn pauses(&self) -> Vec<Duration> {
        self.pauses.lock().unwrap().clone()
    }
}

impl Transport for Hasty {
    type Body = NativeBody;

    async fn send(&self, request: Request<Bytes>) -> Result<Response<NativeBody>, TransportError> {
        self.inner.send(request).await
    }

    async fn sleep(&self, duration: Duration) {
        self.pauses.lock().unwrap().push(duration);
        let millis = u64::try_from(duration.as_millis()).unwrap();
        self.millis.fetch_add(millis.max(1), Ordering::Relaxed);
        tokio::task::yield_now().await;
    }

    fn waiting(&self, reason: &str, pause: Duration) {
        self.notices
            .lock()
            .unwrap()
            .push(format!("{reason}: {} s", pause.as_secs()));
    }

    fn now(&self) -> u64 {
        self.millis.load(Ordering::Relaxed) / 1000
    }
}
