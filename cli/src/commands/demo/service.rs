//! The simulated service of the demo, on a thread of its own.

use std::sync::mpsc;

use zkvault_core::VaultKey;
use zkvault_simulator::{LogMeOnce, Server, Settings, seed};

use crate::error::{CliError, Exit, Result};

/// A running service. It ends with the process.
#[derive(Debug)]
pub(super) struct Service {
    pub(super) logmeonce: LogMeOnce,
    pub(super) url: String,
}

impl Service {
    /// Starts a service for the made-up organisation, whose values are sealed under `key`.
    pub(super) fn start(key: &VaultKey, port: u16) -> Result<Self> {
        let organisation = seed::demo(key).map_err(|error| failed().cause(error))?;
        let logmeonce = LogMeOnce::new(Settings::default(), organisation);
        let router = logmeonce.router();
        let (started, url) = mpsc::channel();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            // Nobody listens any more when the demo is over.
            let _ = match runtime {
                Ok(runtime) => runtime.block_on(async {
                    let server = Server::start(port, router).await;
                    let _ = started.send(server.as_ref().map(Server::url).map_err(ToString::to_string));
                    if server.is_ok() {
                        std::future::pending::<()>().await;
                    }
                    Ok(())
                }),
                Err(error) => started.send(Err(error.to_string())),
            };
        });
        let url = url.recv().map_err(|error| failed().cause(error))?;
        let url = url.map_err(|cause| failed().cause(cause).hint("choose another --port"))?;
        Ok(Self { logmeonce, url })
    }
}

fn failed() -> CliError {
    CliError::new(Exit::Other, "demo", "the simulated service did not start")
}
