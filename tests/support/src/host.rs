//! A server on a thread of its own, so that tests with and without a runtime can use it.

use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use tokio::sync::oneshot;
use zkvault_simulator::{Router, Server};

/// A server on the loopback interface. It ends with this value.
#[derive(Debug)]
pub struct Host {
    address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: JoinHandle<()>,
}

impl Host {
    /// Serves at any free port.
    pub fn start(router: Router) -> Self {
        let (tell, told) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let server = Server::start(0, router).await.unwrap();
                tell.send(server.address()).unwrap();
                // A dropped handle is an end too.
                let _ = stopped.await;
                server.stop().await;
            });
        });
        let address = told.recv().unwrap();
        Self { address, stop, thread }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its root, `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Stops it, and waits until nobody listens at its port.
    pub fn stop(self) {
        drop(self.stop);
        self.thread.join().unwrap();
    }
}
