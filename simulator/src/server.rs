//! A server on the loopback interface, and the handle that stops it.

use std::future::IntoFuture;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::wire::{Cut, Wire};

/// How long a stopping server waits for answers that are being sent.
const GRACE: Duration = Duration::from_secs(1);

/// A running server. Dropped, it stops listening; [`stop`](Self::stop) waits for that.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    shutdown: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

impl Server {
    /// Serves `router` on 127.0.0.1 at `port`, 0 for any free one, in the Tokio runtime of the caller.
    ///
    /// # Errors
    /// The system's, when the port is not available.
    pub async fn start(port: u16, router: Router) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        let (shutdown, stopped) = oneshot::channel();
        let router = router.into_make_service_with_connect_info::<Cut>();
        let serve = axum::serve(Wire(listener), router).with_graceful_shutdown(async move {
            // A dropped handle is an end too.
            let _ = stopped.await;
        });
        Ok(Self {
            address,
            shutdown,
            task: tokio::spawn(serve.into_future()),
        })
    }

    /// Where the server listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The server's root, `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops listening and waits up to a second for answers that are on their way.
    pub async fn stop(self) {
        let Self {
            address: _,
            shutdown,
            mut task,
        } = self;
        drop(shutdown);
        if timeout(GRACE, &mut task).await.is_err() {
            task.abort();
        }
    }
}
