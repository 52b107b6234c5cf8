//! Bodies that do not come as they should.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;
use tokio::time::sleep;

/// The time in which half a body goes out before the connection breaks.
const MOMENT: Duration = Duration::from_millis(20);

/// The first half, then the connection breaks.
pub(crate) fn truncated(bytes: Bytes) -> Body {
    let half = bytes.slice(..bytes.len() / 2);
    let pieces = stream::unfold(Some(half), |half| async {
        match half {
            Some(half) => Some((Ok(half), None)),
            None => {
                sleep(MOMENT).await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionReset)), None))
            }
        }
    });
    Body::from_stream(pieces)
}

/// One byte after each pause.
pub(crate) fn slow(bytes: Bytes, pause: Duration) -> Body {
    let pieces = stream::unfold(bytes, move |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        sleep(pause).await;
        let byte = rest.split_to(1);
        Some((Ok::<_, io::Error>(byte), rest))
    });
    Body::from_stream(pieces)
}
